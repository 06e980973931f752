"""SONiC's own transceiver code on the files of managed modules.

Drives `CmisApi`, `ElsfpApi` and the classes of co-packaged optics of a checkout of
`sonic-platform-common`, unmodified, over files as the driver `optoe` offers them, and prints what
passed and what failed. The checkout is given by path; nothing of it is kept here.

    python3 platform_common.py --common CHECKOUT --engine EEPROM --laser EEPROM --firmware IMAGE
"""

import argparse
import inspect
import json
import sys
import time
import types

PASSED, FAILED = [], []

# Getters that have nothing to answer with: an engine has no cooler; SONiC has None for every module; it
# looks for a register of coherent modules in a map that does not have it.
ABSENT = {"get_laser_TEC_current", "get_power_override", "get_supported_power_config"}


def stub_logging():
    """The only class that SONiC's code takes from a package which is not published."""

    class SysLogger:
        def __init__(self, *_args, **_kwargs):
            self.logger = types.SimpleNamespace(propagate=False)

        def __getattr__(self, _name):
            return lambda *_args, **_kwargs: None

    package = types.ModuleType("sonic_py_common")
    for name in ("syslogger", "logger", "device_info"):
        module = types.ModuleType(f"sonic_py_common.{name}")
        module.SysLogger = SysLogger
        module.Logger = SysLogger
        setattr(package, name, module)
        sys.modules[module.__name__] = module
    sys.modules["sonic_py_common"] = package


def check(name, is_so, detail=""):
    (PASSED if is_so else FAILED).append(name)
    if not is_so:
        print(f"FAILED  {name}  {detail}")


def wait_for(condition, seconds, step=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(step)
    return condition()


def getters(api):
    """Methods that only read and need no argument."""
    for name, method in inspect.getmembers(api, callable):
        if not name.startswith(("get_", "is_")):
            continue
        parameters = inspect.signature(method).parameters.values()
        if all(parameter.default is not parameter.empty for parameter in parameters):
            yield name, method


def call_getters(label, api, may_be_none):
    """Every getter answers with a value, but for those that ask for what there is not."""
    n = 0
    for name, method in getters(api):
        if name in may_be_none:
            continue
        n += 1
        try:
            value = method()
        except NotImplementedError:
            n -= 1  # It exists for other kinds of modules only.
            continue
        except Exception as error:  # noqa: BLE001 - whatever it raises is a failure
            check(f"{label}.{name}", False, f"{type(error).__name__}: {error}")
            continue
        # A set of values of which none could be read is no answer either.
        if isinstance(value, dict) and value and all(v is None for v in value.values()):
            value = None
        check(f"{label}.{name}", value is not None, "None")
    return n


def states(api):
    """States of data paths; none while the module does not answer."""
    return set((api.get_datapath_state() or {}).values())


def bring_up(label, api):
    """From nothing to data paths that carry data, as the daemon of SONiC does it."""
    activated = {"DataPathActivated"}
    check(f"{label}: activated after power-on", wait_for(lambda: states(api) == activated, 5), states(api))
    check(f"{label}: low power is entered", api.set_lpmode(True) is True)
    check(f"{label}: low power", api.get_module_state() == "ModuleLowPwr" and api.get_lpmode() is True)
    check(f"{label}: low power is left", api.set_lpmode(False) is True)
    check(f"{label}: ready", wait_for(lambda: api.get_module_state() == "ModuleReady", 5))
    all_lanes = 0xFF
    api.tx_disable_channel(all_lanes, True)
    api.set_datapath_deinit(all_lanes)
    check(f"{label}: deactivated", wait_for(lambda: states(api) == {"DataPathDeactivated"}, 2), states(api))
    api.decommission_all_datapaths()
    check(
        f"{label}: decommissioned",
        wait_for(lambda: set(api.get_config_datapath_hostlane_status().values()) == {"ConfigSuccess"}, 2),
        api.get_config_datapath_hostlane_status(),
    )
    check(f"{label}: no application", {api.get_application(lane) for lane in range(8)} == {0})
    api.set_application(all_lanes, 1)
    api.scs_apply_datapath_init(all_lanes)
    check(
        f"{label}: provisioned",
        wait_for(lambda: set(api.get_config_datapath_hostlane_status().values()) == {"ConfigSuccess"}, 2),
    )
    check(f"{label}: initialization pending", set(api.get_dpinit_pending().values()) == {True})
    api.set_datapath_init(all_lanes)
    check(f"{label}: initialized", wait_for(lambda: states(api) == {"DataPathInitialized"}, 2), states(api))
    check(f"{label}: no longer pending", set(api.get_dpinit_pending().values()) == {False})
    api.tx_disable_channel(all_lanes, False)
    check(f"{label}: activated", wait_for(lambda: states(api) == activated, 2), states(api))


def diagnostics(label, api):
    check(f"{label}: freeze", api.freeze_vdm_stats() is True and wait_for(api.get_vdm_freeze_status, 0.1))
    check(f"{label}: statistics", bool(api.get_transceiver_vdm_real_value()))
    check(f"{label}: unfreeze", api.unfreeze_vdm_stats() is True and wait_for(api.get_vdm_unfreeze_status, 0.1))
    capability = api.get_loopback_capability()
    for side, mode in (
        ("media_side_input", "media-side-input"),
        ("media_side_output", "media-side-output"),
        ("host_side_input", "host-side-input"),
        ("host_side_output", "host-side-output"),
    ):
        supported = capability[f"{side}_loopback_supported"]
        accepted = api.set_loopback_mode(mode, 0x0F, True)
        check(f"{label}: loopback {mode} is {'set' if supported else 'refused'}", accepted is bool(supported))
        if supported:
            check(f"{label}: loopback {mode} is taken back", api.set_loopback_mode(mode, 0x0F, False) is True)


def firmware(label, api, image):
    """Download, run and commit."""
    before = api.get_module_fw_info()["result"]
    check(f"{label}: firmware can be downloaded", api.get_module_fw_mgmt_feature()["status"] is True)
    features = api.get_module_fw_mgmt_feature()["feature"]
    is_done, text = api.module_fw_download(*features, image)
    check(f"{label}: downloaded", is_done is True, text)
    check(f"{label}: runs", api.module_fw_run(mode=0)[0] is True)
    has_changed = lambda: (api.get_module_active_firmware() or before[8]).split(".")[:2] != before[8].split(".")[:2]
    check(f"{label}: the other image runs", wait_for(has_changed, 10, 0.1), api.get_module_active_firmware())
    check(f"{label}: ready", wait_for(lambda: api.get_module_state() == "ModuleReady", 10, 0.1))
    check(f"{label}: committed", api.module_fw_commit()[0] is True)
    info = api.get_module_fw_info()["result"]
    running, committed = (info[1], info[5]), (info[2], info[6])
    check(f"{label}: what runs is committed", running == committed, info)


def laser(label, api):
    lanes = range(8)
    on = "Lane Output on"
    state = lambda: [api.get_per_lane_state()[f"LaneState{lane + 1}"] for lane in lanes]
    check(f"{label}: lanes on", wait_for(lambda: set(state()) == {on}, 2), api.get_per_lane_state())
    check(f"{label}: lane 3 off", api.set_per_lane_enable(0b100, False) is True)
    check(f"{label}: only lane 3 is off", [of == on for of in state()] == [lane != 2 for lane in lanes], state())
    check(f"{label}: lane 3 on", api.set_per_lane_enable(0b100, True) is True)
    check(f"{label}: lane 3 is on", wait_for(lambda: set(state()) == {on}, 2), state())
    check(f"{label}: setpoint", api.set_lane_opt_power_setpoint(1, 50.0) is True)
    setpoints = api.get_per_lane_opt_power_setpoint()
    check(f"{label}: setpoint reads back", 50.0 in setpoints.values(), setpoints)


class Recording:
    """Accesses of files, one JSON list a line, for tests that go through them without SONiC.

    ["r", device, page, bank, byte, length, answer]    what is read; null where there is no answer
    ["p", ...]                                         the same, read again and again until it is this
    ["w", device, page, bank, byte, data]              what is written
    ["f", device, page, bank, byte, data]              what is written without an answer
    ["s", milliseconds]                                a pause

    Bytes are hexadecimal digits. `mask.py` puts `??` in place of what two recordings do not share.
    """

    # Pauses below this are the time that the host takes.
    SHORTEST_MS = 15

    def __init__(self):
        self.accesses = []
        self.last = time.monotonic()

    def add(self, kind, device, offset, *what):
        now = time.monotonic()
        pause_ms = int(1000 * (now - self.last))
        block = offset // 128 - 1
        page, bank = (block % 256, block // 256) if offset >= 128 else (0, 0)
        byte = 128 + offset % 128 if offset >= 128 else offset
        access = [kind, device, page, bank, byte, *what]
        before = self.accesses[-1] if self.accesses else [None]
        if kind == "r" and before[0] in ("r", "p") and before[1:-1] == access[1:-1]:
            # Polled: what it said before is not what was waited for.
            self.accesses[-1] = ["p", *access[1:]]
        else:
            if pause_ms >= self.SHORTEST_MS:
                self.accesses.append(["s", pause_ms])
            self.accesses.append(access)
        self.last = time.monotonic()

    def write(self, path):
        with open(path, "w", encoding="ascii") as file:
            for access in self.accesses:
                file.write(json.dumps(access, separators=(",", ":")) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--common", required=True, help="checkout of sonic-platform-common")
    arguments.add_argument("--engine", required=True, help="file `eeprom` of an engine")
    arguments.add_argument("--laser", required=True, help="file `eeprom` of a laser module")
    arguments.add_argument("--banks", type=int, default=4)
    arguments.add_argument("--absent", help="getters that may answer with nothing, with commas between")
    arguments.add_argument("--firmware", help="image to download")
    arguments.add_argument("--record", help="file for the accesses that were made")
    given = arguments.parse_args()
    stub_logging()
    sys.path.insert(0, given.common)

    from sonic_platform_base.sonic_xcvr.api.public.cmis import CmisApi
    from sonic_platform_base.sonic_xcvr.api.public.elsfp import ElsfpApi
    from sonic_platform_base.sonic_xcvr.codes.public.cmis import CmisCodes
    from sonic_platform_base.sonic_xcvr.codes.public.elsfp import ElsfpCodes
    from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis import CmisMemMap
    from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis.elsfp.elsfp import ElsfpMemMap
    from sonic_platform_base.sonic_xcvr.optoe_eeprom_rw import OptoeEepromReadWriteMixin
    from sonic_platform_base.sonic_xcvr.xcvr_eeprom import XcvrEeprom

    recording = Recording()

    class Files(OptoeEepromReadWriteMixin):
        def __init__(self, path):
            self.path = path
            self.device = "engine" if path == given.engine else "laser"

        def get_eeprom_path(self):
            return self.path

        def read_eeprom(self, offset, num_bytes):
            data = super().read_eeprom(offset, num_bytes)
            if given.record:
                recording.add("r", self.device, offset, num_bytes, data and data.hex())
            return data

        def write_eeprom(self, offset, num_bytes, write_buffer):
            is_done = super().write_eeprom(offset, num_bytes, write_buffer)
            if given.record:
                data = bytes(write_buffer[:num_bytes]).hex()
                recording.add("w" if is_done else "f", self.device, offset, data)
            return is_done

    def api_of(path, codes, memory, api, bank=0, **options):
        files = Files(path)
        return api(XcvrEeprom(files.read_eeprom, files.write_eeprom, memory(codes, bank)), **options)

    engine_files = Files(given.engine)
    # SONiC looks once at what a module can do; one that still starts would be taken to have nothing.
    for path in (given.engine, given.laser):
        check(f"{path} answers", wait_for(lambda: Files(path).read_eeprom(0, 1), 5))
    engine_files.set_optoe_max_bank_size(given.banks)
    absent = ABSENT | set(given.absent.split(",") if given.absent else ())
    n = 0
    for bank in range(given.banks):
        CmisApi.set_cache_enabled(False) if hasattr(CmisApi, "set_cache_enabled") else None
        api = api_of(given.engine, CmisCodes, CmisMemMap, CmisApi, bank, init_cdb_fw_handler=True)
        label = f"engine bank {bank}"
        bring_up(label, api)
        n += call_getters(label, api, absent)
        diagnostics(label, api)
    if given.firmware:
        api = api_of(given.engine, CmisCodes, CmisMemMap, CmisApi, 0, init_cdb_fw_handler=True)
        firmware("engine", api, given.firmware)
    api = api_of(given.laser, ElsfpCodes, ElsfpMemMap, ElsfpApi)
    n += call_getters("laser", api, absent)
    laser("laser", api)
    if given.record:
        recording.write(given.record)
    print(f"{n} calls of getters; {len(PASSED)} passed, {len(FAILED)} failed")
    sys.exit(bool(FAILED))


main()

"""SONiC's transceiver daemon on a platform that `shoreline serve --optoe --sonic` wrote.

Runs `xcvrd` of a checkout of `sonic-platform-daemons`, unmodified and with all of its tasks, over the
generated `sonic_platform` and the files that are served, and prints what passed and what failed.
Databases, logs and the place of the platform are stood in for; see `standins.py`.

    python3 daemons.py --common CHECKOUT --daemons CHECKOUT --platform DIR --sockets DIR
"""

import argparse
import json
import socket
import sys
import threading
import time
from pathlib import Path

import standins

PASSED, FAILED = [], []

CONFIG, APPL, STATE = "CONFIG_DB", "APPL_DB", "STATE_DB"
# For how long a laser module is pulled, in the time of the switch.
PULLED_SECONDS = 15
UP = {"DataPathActivated"}
WALK = ["DP_DEINIT", "AP_CONFIGURED", "DP_INIT", "DP_TXON", "DP_ACTIVATION", "READY"]
VDM_KINDS = ("HALARM", "LALARM", "HWARN", "LWARN")
# Tables that each port has to have, with a field that says something.
FILLED = {
    "TRANSCEIVER_INFO": "serial",
    "TRANSCEIVER_FIRMWARE_INFO": "active_firmware",
    "TRANSCEIVER_DOM_SENSOR": "rx8power",
    "TRANSCEIVER_DOM_THRESHOLD": "temphighalarm",
    "TRANSCEIVER_DOM_FLAG": "tempHAlarm",
    "TRANSCEIVER_STATUS": "DP8State",
    "TRANSCEIVER_STATUS_FLAG": "datapath_firmware_fault",
    "TRANSCEIVER_VDM_REAL_VALUE": None,
    **{f"TRANSCEIVER_VDM_{kind}_THRESHOLD": None for kind in VDM_KINDS},
    **{f"TRANSCEIVER_VDM_{kind}_FLAG": None for kind in VDM_KINDS},
}


def check(name, is_so, detail=""):
    (PASSED if is_so else FAILED).append(name)
    if not is_so:
        print(f"FAILED  {name}  {detail}")


def wait_for(condition, seconds, step=0.05):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return condition()
        time.sleep(step)
    return True


def row(database, table, port):
    with standins.CHANGED:
        return dict(standins.table(database, table).get(port, {}))


def cmis_state(port):
    return row(STATE, "TRANSCEIVER_STATUS_SW", port).get("cmis_state")


def states_since(port, mark):
    """The states that the daemon has gone through."""
    found = []
    for database, table, key, fields in standins.WRITES[mark:]:
        state = fields.get("cmis_state")
        if (database, table, key) == (STATE, "TRANSCEIVER_STATUS_SW", port) and state:
            found.append(state)
    return found


class Registers:
    """The socket of a device."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile()

    def ask(self, **request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(self.lines.readline())


class Port:
    """A port as SONiC counts them: some lanes of an interface."""

    def __init__(self, interface, index, lanes, is_first):
        self.interface, self.index, self.lanes, self.is_first = interface, index, lanes, is_first

    def of(self, chassis):
        return chassis.get_cpo(self.index)

    def states(self, chassis):
        """States of its data paths."""
        states = self.of(chassis).get_xcvr_api().get_datapath_state() or {}
        return {states.get(f"DP{lane + 1}State") for lane in self.lanes}

    def is_dark(self, chassis):
        disabled = self.of(chassis).get_xcvr_api().get_tx_disable()
        return [disabled[lane] for lane in self.lanes]


def configure(platform, n_interfaces):
    """Ports of the first interfaces as an operator configures them, up, broken out as by default."""
    interfaces = json.loads((platform / "platform.json").read_text())["interfaces"]
    modes = json.loads((platform / "hwsku.json").read_text())["interfaces"]
    ports = {}
    for interface, of in list(interfaces.items())[:n_interfaces]:
        count, gbps = (int(part) for part in modes[interface]["default_brkout_mode"].rstrip("G").split("x"))
        index = int(of["index"].split(",")[0])
        lanes = of["lanes"].split(",")
        width = len(lanes) // count
        for number in range(count):
            first = number * width
            name = f"Ethernet{int(interface.removeprefix('Ethernet')) + first}"
            ports[name] = Port(interface, index, range(first, first + width), number == 0)
            fields = {
                "index": index,
                "lanes": ",".join(lanes[first : first + width]),
                "speed": gbps * 1000,
                "admin_status": "up",
                "subport": 0 if count == 1 else number + 1,
            }
            standins.put(CONFIG, "PORT", name, fields.items())
            standins.put(STATE, "PORT_TABLE", name, [("host_tx_ready", "true")])
    standins.put(APPL, "PORT_TABLE", "PortConfigDone", [("count", len(ports))])
    standins.put(APPL, "PORT_TABLE", "PortInitDone", [("lanes", "0")])
    return ports


def chassis_and_ports(chassis, platform, ports):
    from sonic_platform_base.sonic_xcvr.api.public.cmis import CmisApi
    from sonic_platform_base.sonic_xcvr.api.public.elsfp import ElsfpApi
    from sonic_platform_base.sonic_xcvr.cpo.cpo_base import CpoBase
    from sonic_platform_base.sonic_xcvr.fields import consts

    interfaces = json.loads((platform / "cpo.json").read_text())["interfaces"]
    check("the chassis has a port for each interface", chassis.get_num_cpos() == len(interfaces))
    check("all of them", len(chassis.get_all_cpos()) == len(interfaces))
    check("none is pluggable", chassis.get_num_sfps() == 0)
    for name, of in ports.items():
        port = of.of(chassis)
        check(f"{name}: is of co-packaged optics", isinstance(port, CpoBase))
        check(f"{name}: is present", port.get_presence() is True)
        check(f"{name}: the engine has the public API", type(port.get_xcvr_api()) is CmisApi)
        check(f"{name}: the laser module too", type(port.elsfp.get_api()) is ElsfpApi)
        serials = [side.get_api().xcvr_eeprom.read(consts.VENDOR_SERIAL_NO_FIELD) for side in (port.oe, port.elsfp)]
        check(f"{name}: engine and laser module are two", None not in serials and serials[0] != serials[1], serials)


def bring_up(chassis, ports):
    for name, of in ports.items():
        check(f"{name}: READY", wait_for(lambda: cmis_state(name) == "READY", 60), cmis_state(name))
        check(f"{name}: activated", of.states(chassis) == UP, of.states(chassis))
        for module in of.of(chassis).elsfps:
            lasers = lambda: set(module.get_api().get_per_lane_state().values())
            is_on = wait_for(lambda: lasers() == {"Lane Output on"}, 10)
            check(f"{name}: lasers of {module.get_name()} are on", is_on, lasers())


def down_and_up(chassis, ports):
    """An operator takes each port down and up again: the whole walk of the daemon."""
    for name, of in ports.items():
        standins.put(CONFIG, "PORT", name, [("admin_status", "down")])
        is_down = lambda: of.states(chassis) == {"DataPathDeactivated"}
        check(f"{name}: down", wait_for(is_down, 20), of.states(chassis))
        check(f"{name}: its light is off", all(of.is_dark(chassis)), of.is_dark(chassis))
        others = [other for port, other in ports.items() if port != name]
        check(f"{name}: the others stay up", all(other.states(chassis) == UP for other in others))
        wait_for(lambda: cmis_state(name) == "READY", 20)
        mark = len(standins.WRITES)
        standins.put(CONFIG, "PORT", name, [("admin_status", "up")])
        wait_for(lambda: states_since(name, mark)[-1:] == ["READY"], 60)
        walk = [state for state in states_since(name, mark) if state in WALK]
        # What it then says of the port makes the daemon look once more, and find nothing to do.
        rest = set(walk[len(WALK) :])
        check(f"{name}: goes through all states", walk[: len(WALK)] == WALK and rest <= {"READY"}, walk)
        check(f"{name}: up", of.states(chassis) == UP, of.states(chassis))
        check(f"{name}: its light is on", not any(of.is_dark(chassis)), of.is_dark(chassis))


def tables(chassis, ports):
    for name, of in ports.items():
        info = row(STATE, "TRANSCEIVER_INFO", name)
        lane = of.lanes[-1] + 1
        check(f"{name}: an application is active", info.get(f"active_apsel_hostlane{lane}") not in (None, "0", "N/A"), info)
        check(f"{name}: its module can be replaced", info.get("is_replaceable") == "True")
        if not of.is_first:
            continue  # SONiC watches an interface by its first port.
        for table, field in FILLED.items():
            full = lambda: len(row(STATE, table, name)) > 1
            check(f"{name}: {table}", wait_for(full, 30), row(STATE, table, name))
            if field:
                value = row(STATE, table, name).get(field)
                check(f"{name}: {table}.{field}", value not in (None, "", "N/A", "None"), row(STATE, table, name))
        sensor = row(STATE, "TRANSCEIVER_DOM_SENSOR", name)
        # Light that registers cannot hold is not advertised, and is then none on any lane.
        sides = {"rx": True, "tx": of.of(chassis).get_xcvr_api().get_tx_power_support()}
        for side, is_measured in sides.items():
            powers = [sensor.get(f"{side}{lane}power", "nan") for lane in range(1, 9)]
            if is_measured:
                as_it_should = all(power != "N/A" and -15 < float(power) < 15 for power in powers)
            else:
                as_it_should = powers == ["N/A"] * 8
            check(f"{name}: {side} light, dBm", as_it_should, (is_measured, powers))


def pulled(chassis, platform, ports, sockets):
    """A laser module is pulled: all ports that it lights go, no other does."""
    interfaces = json.loads((platform / "cpo.json").read_text())["interfaces"]
    modules_of = {
        name: {of["device_id"] for of in interfaces[port.interface]["associated_devices"][1:]}
        for name, port in ports.items()
    }
    module = sorted(modules_of[next(iter(ports))])[0]
    gone = [name for name in ports if module in modules_of[name]]
    stay = [name for name in ports if module not in modules_of[name]]
    registers = Registers(sockets / f"{module.lower()}.sock")
    # Descriptions name laser modules as files do.
    asked = {"text": f"module_absent {module.lower()} for {PULLED_SECONDS} s"}
    answer = registers.ask(op="inject", what="fault", args=asked)
    check(f"{module}: can be pulled", answer.get("ok") is True, answer)
    for name in gone:
        port = ports[name].of(chassis)
        check(f"{name}: gone", wait_for(lambda: cmis_state(name) == "REMOVED", 10), cmis_state(name))
        empty = lambda: not row(STATE, "TRANSCEIVER_INFO", name)
        check(f"{name}: nothing is said of it", wait_for(empty, 10))
        check(f"{name}: status", row(STATE, "TRANSCEIVER_STATUS_SW", name).get("status") == "0")
        check(f"{name}: is not present", port.get_presence() is False)
        check(f"{name}: its engine answers", port.oe.read_eeprom(0, 1) is not None)
        check(f"{name}: and is ready", port.oe.get_api().get_module_state() == "ModuleReady")
        if port.elsfp.get_eeprom_path() != port.oe.get_eeprom_path():
            check(f"{name}: {module} does not answer", port.elsfp.read_eeprom(0, 1) is None)
    for name in stay:
        check(f"{name}: stays", cmis_state(name) == "READY" and bool(row(STATE, "TRANSCEIVER_INFO", name)))
        check(f"{name}: is present", ports[name].of(chassis).get_presence() is True)
    for name in gone:
        port = ports[name].of(chassis)
        check(f"{name}: is present again", wait_for(port.get_presence, 2 * PULLED_SECONDS))
        check(f"{name}: READY again", wait_for(lambda: cmis_state(name) == "READY", 30), cmis_state(name))
        known = lambda: row(STATE, "TRANSCEIVER_INFO", name).get("serial")
        check(f"{name}: is known again", wait_for(known, 20))
    return len(gone), len(stay)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--common", required=True, help="checkout of sonic-platform-common")
    arguments.add_argument("--daemons", required=True, help="checkout of sonic-platform-daemons")
    arguments.add_argument("--platform", required=True, type=Path, help="directory of `serve --sonic`")
    arguments.add_argument("--sockets", type=Path, help="directory of `serve --cmis-sockets`, to pull a module")
    arguments.add_argument("--interfaces", type=int, default=5, help="interfaces that are configured, the first ones")
    arguments.add_argument("--verbose", action="store_true", help="print errors that the daemon logs")
    given = arguments.parse_args()
    standins.install(given.platform)
    sys.path[:0] = [str(given.platform), given.common, str(Path(given.daemons) / "sonic-xcvrd")]
    ports = configure(given.platform, given.interfaces)

    from xcvrd import xcvrd
    from xcvrd.xcvrd_utilities import common

    start = time.monotonic()
    daemon = xcvrd.DaemonXcvrd("xcvrd", dom_update_interval=2)
    running = threading.Thread(target=daemon.run, daemon=True)
    running.start()
    check("the chassis is loaded", wait_for(lambda: common.platform_chassis is not None, 60))
    chassis = common.platform_chassis
    chassis_and_ports(chassis, given.platform, ports)
    check("tasks of the daemon", wait_for(lambda: len(daemon.threads) == 5, 10), daemon.threads)
    bring_up(chassis, ports)
    print(f"{len(ports)} ports are up after {time.monotonic() - start:.1f} s")
    down_and_up(chassis, ports)
    tables(chassis, ports)
    if given.sockets:
        gone, stay = pulled(chassis, given.platform, ports, given.sockets)
        print(f"a laser module was pulled: {gone} ports went, {stay} stayed")
    else:
        print("no module was pulled: --sockets was not given")
    for thread in daemon.threads:
        check(f"{thread.name} runs", thread.is_alive() and thread.exc is None, thread.exc)
    errors = [text for level, text in standins.LOGGED if level == "error"]
    if given.verbose:
        for text in dict.fromkeys(errors):
            print(f"logged  {text}")
    daemon.stop_event.set()
    running.join(20)
    check("the daemon ends", not running.is_alive())
    print(f"{len(errors)} errors logged; {len(PASSED)} passed, {len(FAILED)} failed")
    # Threads that wait for events are not worth waiting for.
    sys.exit(bool(FAILED))


main()

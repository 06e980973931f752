"""The chassis: ports by their index, and what is plugged in."""

import threading
import time

from sonic_platform_base.chassis_base import ChassisBase
from sonic_py_common import device_info

from sonic_platform.cpo import Engine, LaserModule, Port

POLL_SECONDS = 0.1


class Chassis(ChassisBase):
    """A chassis whose ports cpo.json describes."""

    def __init__(self):
        super().__init__()
        self._at_start = self._presences()
        # Several tasks of xcvrd wait for events, each in its own thread; each has to see all of them.
        self._seen = threading.local()

    def construct_cpo_devices(self, cpo_data):
        platform = device_info.get_platform_json_data()
        self._chassis_name = platform.get("chassis", {}).get("name", "")
        ports = {}
        for name, interface in cpo_data["interfaces"].items():
            index = int(platform["interfaces"][name]["index"].split(",")[0])
            ports[index] = self._port(name, interface, cpo_data["devices"])
        # Ports are numbered from 1.
        self._cpo_list = [ports.get(index) for index in range(max(ports, default=-1) + 1)]

    @staticmethod
    def _port(name, interface, devices):
        engines, lasers = [], []
        for associated in interface["associated_devices"]:
            name_of_device, bank = associated["device_id"], associated["bank"]
            device = devices[name_of_device]
            is_engine = device["device_type"] == "optical_engine"
            (engines if is_engine else lasers).append((name_of_device, device, bank))
        [(name_of_engine, engine, bank)] = engines
        path, banks = engine["i2c_path"], engine["max_banks"]
        modules = []
        for name_of_laser, laser, laser_bank in lasers:
            # In joint mode it is read behind the engine.
            is_joint = "i2c_path" not in laser
            of = engine if is_joint else laser
            modules.append(
                LaserModule(
                    name_of_laser,
                    of["i2c_path"],
                    of["max_banks"],
                    laser_bank,
                    laser["presence_path"],
                    is_joint,
                    laser.get("memory_map"),
                )
            )
        return Port(name, Engine(name_of_engine, path, banks, bank), modules)

    def _presences(self):
        modules = {}
        presences = {}
        for index, port in enumerate(self._cpo_list):
            if port is None:
                continue
            for module in port.elsfps:
                if module.get_name() not in modules:
                    modules[module.get_name()] = module.get_presence()
            presences[index] = all(modules[module.get_name()] for module in port.elsfps)
        return presences

    def get_name(self):
        return self._chassis_name

    def get_presence(self):
        return True

    def get_status(self):
        return True

    def get_sfp(self, index):
        """xcvrd asks for ports of either kind here, though those with engines stand in their own list."""
        if 0 <= index < len(self._cpo_list) and self._cpo_list[index] is not None:
            return self._cpo_list[index]
        return super().get_sfp(index)

    def get_change_event(self, timeout=0):
        """Waits for ports that come or go, `timeout` milliseconds at the most, forever without."""
        end = time.monotonic() + timeout / 1000 if timeout else None
        before = getattr(self._seen, "presences", self._at_start)
        while True:
            now = self._presences()
            if now != before or (end is not None and time.monotonic() >= end):
                break
            time.sleep(POLL_SECONDS)
        self._seen.presences = now
        changed = {str(port): "1" if now[port] else "0" for port in now if now[port] != before[port]}
        return True, {"sfp": changed}

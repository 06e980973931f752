"""Engines and laser modules behind files of the driver optoe, and the ports that they make."""

import os

from sonic_platform_base.sonic_xcvr.api.public.cmis import CmisApi
from sonic_platform_base.sonic_xcvr.api.public.elsfp import ElsfpApi
from sonic_platform_base.sonic_xcvr.codes.public.cmis import CmisCodes
from sonic_platform_base.sonic_xcvr.codes.public.elsfp import ElsfpCodes
from sonic_platform_base.sonic_xcvr.cpo.cpo_base import CpoApiFactory, CpoBase, CpoHardwareInfo, OeId
from sonic_platform_base.sonic_xcvr.cpo.cpo_optoe_base import OptoeElsfpBase, OptoeOeBase
from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis import CmisFlatMemMap, CmisMemMap
from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis.elsfp.elsfp import ElsfpMemMap
from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis.elsfp.pages import (
    ElsfpAdvertisementsFlagsCtrlPage,
    ElsfpSetpointsMonitorsPage,
)
from sonic_platform_base.sonic_xcvr.mem_maps.public.cmis.pages import (
    CmisAdministrativeLowerPage,
    CmisAdministrativeUpperPage,
    CmisAdvertisingPage,
    CmisThresholdsPage,
)
from sonic_platform_base.sonic_xcvr.xcvr_eeprom import XcvrEeprom

# The factories of SONiC know one engine. Ours build the public classes and do not ask for it.
HARDWARE = CpoHardwareInfo(oe_id=OeId.BROADCOM_DAVISSON, elsfp_id=None)


class JointElsfpMemMap(CmisFlatMemMap):
    """A laser module whose pages an engine shows as B0h to B5h."""

    def __init__(self, codes, bank=0):
        self._bank = bank
        super(CmisFlatMemMap, self).__init__(codes)
        self.pages = []
        self.add_pages(
            # Bytes 0 to 127 of page B1h are, in the flat file, bytes 128 to 255 of page B0h.
            CmisAdministrativeLowerPage(codes, page=0xB1),
            CmisAdministrativeUpperPage(codes, page=0xB1),
            CmisAdvertisingPage(codes, page=0xB2),
            CmisThresholdsPage(codes, page=0xB3),
            ElsfpAdvertisementsFlagsCtrlPage(codes, bank=bank, page=0xB4),
            ElsfpSetpointsMonitorsPage(codes, bank=bank, page=0xB5),
        )


class ApiFactory(CpoApiFactory):
    """Builds an API of given classes on the file of a device."""

    def __init__(self, device, api, codes, memory, **options):
        super().__init__(device)
        self._classes = (api, codes, memory)
        self._options = options

    def create_api(self):
        api, codes, memory = self._classes
        memory = memory(codes, self._device.bank)
        eeprom = XcvrEeprom(self._device.read_eeprom, self._device.write_eeprom, memory)
        return api(eeprom, **self._options)


class FileOfDevice:
    """Where the driver shows a device."""

    def __init__(self, path, max_banks, **options):
        self._path = path
        self._max_banks = max_banks
        super().__init__(**options)
        # Banks but the first can be reached only from then on.
        self.set_optoe_max_bank_size(max_banks)

    def get_eeprom_path(self):
        return os.path.join(self._path, "eeprom")


class Engine(FileOfDevice, OptoeOeBase):
    """A bank of an optical engine."""

    def __init__(self, name, path, max_banks, bank):
        self._name = name
        super().__init__(path=path, max_banks=max_banks, hardware_id=HARDWARE, bank=bank)

    def _make_api_factory(self):
        return ApiFactory(self, CmisApi, CmisCodes, CmisMemMap, init_cdb_fw_handler=True)

    def get_name(self):
        return self._name

    def get_presence(self):
        return True

    def is_replaceable(self):
        return False


class LaserModule(FileOfDevice, OptoeElsfpBase):
    """A bank of a laser module."""

    def __init__(self, name, path, max_banks, bank, presence, is_joint, memory_map=None):
        self._name = name
        self._presence = presence
        if memory_map == "davisson":
            # SONiC's own map, for engines that show laser modules where it reads them.
            from sonic_platform_base.sonic_xcvr.mem_maps.broadcom.davisson_elsfp import DavissonTh6ElsfpMemMap

            self._memory = DavissonTh6ElsfpMemMap
        else:
            self._memory = JointElsfpMemMap if is_joint else ElsfpMemMap
        super().__init__(path=path, max_banks=max_banks, hardware_id=HARDWARE, bank=bank)

    def _make_api_factory(self):
        return ApiFactory(self, ElsfpApi, ElsfpCodes, self._memory)

    def get_name(self):
        return self._name

    def get_presence(self):
        try:
            with open(self._presence, encoding="ascii") as file:
                return file.read().strip() == "1"
        except OSError:
            return False

    def is_replaceable(self):
        return True


class Port(CpoBase):
    """An interface: a bank of an engine and the laser modules that light it.

    SONiC knows one of them, the first; presence is that of all.
    """

    def __init__(self, name, oe, elsfps):
        super().__init__(HARDWARE, oe, elsfps[0])
        self._name = name
        self.elsfps = elsfps

    def get_name(self):
        return self._name

    def get_presence(self):
        return all(elsfp.get_presence() for elsfp in self.elsfps)

    def is_replaceable(self):
        return self.elsfp.is_replaceable()

    def get_status(self):
        return self.get_presence()

    def get_position_in_parent(self):
        return -1

    def get_temperature(self):
        return self.get_xcvr_api().get_module_temperature()

    def remove_xcvr_api(self):
        super().remove_xcvr_api()
        for elsfp in self.elsfps:
            elsfp.remove_api()

    def get_error_description(self):
        return "OK" if self.get_presence() else "Unplugged"

    def __getattr__(self, name):
        # Daemons ask ports for what is on the API of their engine.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.get_xcvr_api(), name)

"""Where SONiC begins to look."""

from sonic_platform_base.platform_base import PlatformBase

from sonic_platform.chassis import Chassis


class Platform(PlatformBase):
    """The platform has one chassis."""

    def __init__(self):
        super().__init__()
        self._chassis = Chassis()

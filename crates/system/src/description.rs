//! The file of a system: what its author writes.

use units::BitRate;
use units::{
    Celsius, Decibels, Dollars, DollarsPerJoule, Hertz, KelvinDifference, Meters, Ratio, Seconds,
    Sourced, VolumeFlow, Watts,
};

use crate::parts::{
    Asic, Assembly, Chassis, Code, Connector, Cooler, CurrentMonitor, Engine, Fibre, LaserModule,
    LevelMonitor, ManagedModule, PackageStack, PowerMonitor, SnrMonitor, TemperatureMonitor,
    VoltageMonitor,
};
use crate::schema::{Named, choices, records};

/// The version of the file format that this crate writes and reads.
pub const FORMAT: i64 = 1;

choices! {
    /// The family that a system belongs to.
    Architecture {
        /// Modules at the faceplate with a DSP.
        Pluggable = "pluggable",
        /// Modules at the faceplate without a DSP.
        Lpo = "lpo",
        /// Optics on the board, near the package.
        Npo = "npo",
        /// Optics in the switch package.
        Cpo = "cpo",
        /// Optics in the package of a processor, die to die.
        OpticalIo = "oio",
    }
    /// What a port is made of.
    Medium {
        /// Light.
        Optical = "optical",
        /// Copper.
        Electrical = "electrical",
    }
    /// Whether laser and data fibres may share a ferrule.
    Ferrules {
        /// They may.
        Shared = "shared",
        /// They may not.
        Separate = "separate",
    }
    /// Who owns the registers of engine and laser module.
    Management {
        /// Engine and laser module are two devices.
        Separate = "separate",
        /// The engine's device shows the laser module's pages.
        Joint = "joint",
    }
    /// What has to be taken out of service to replace a part.
    RepairUnit {
        /// The part alone; nothing else stops.
        Part = "part",
        /// The detachable sub-assembly of engines on one ASIC.
        Subassembly = "sub-assembly",
        /// The whole switch.
        Switch = "switch",
    }
}

records! {
    /// A system of co-packaged, near-package or pluggable optics.
    Description = "system" {
        /// Name.
        name: String,
        /// Family.
        architecture: Architecture,
        /// Height of the chassis in rack units; a package that goes into another box has none.
        rack_units: Option<Sourced<Ratio>> = 0.1 ..= 100.0,
        /// Switch dies.
        asic: Vec<Named<Asic>>,
        /// Optical engines or modules.
        engine: Vec<Named<Engine>>,
        /// External laser modules.
        laser_module: Vec<Named<LaserModule>>,
        /// Ports.
        port: Vec<Named<PortGroup>>,
        /// Fibres, connectors and ferrules.
        fibre_plant: Box<FibrePlant>,
        /// Code of the links, or none.
        fec: Code,
        /// Thermal zones with their temperatures.
        zone: Vec<Named<Zone>>,
        /// Coolers with their fluids.
        cooling: Vec<Named<Cooling>>,
        /// Monitors.
        monitor: Box<Monitors>,
        /// Control loops.
        control: Box<Controls>,
        /// Management buses.
        bus: Vec<Named<Bus>>,
        /// Connections to other switches.
        link: Vec<Named<LinkGroup>>,
        /// The package and its edges.
        package: Box<Package>,
        /// What the box holds beside dies, packages and optics.
        chassis: Option<Box<Chassis>>,
        /// Power delivery inside the chassis.
        power: Box<PowerDelivery>,
        /// The building.
        facility: Box<Facility>,
        /// What a failure costs in time.
        repair: Box<Repair>,
    }

    /// A group of equal ports.
    PortGroup = "port_group" {
        /// What the ports are made of.
        medium: Medium,
        /// Number of ports.
        count: u32 = 1.0 ..= 100_000.0,
        /// Data rate of a port.
        rate: Sourced<BitRate> = 1e9 ..= 1e14,
        /// Lanes of a port.
        lanes: u32 = 1.0 ..= 1024.0,
        /// ASICs over which each port is striped.
        striped_over: Option<u32> = 1.0 ..= 1024.0,
        /// Group of engines of optical ports.
        engine: Option<String>,
        /// Group of ASICs of electrical ports.
        asic: Option<String>,
        /// SerDes class of electrical ports.
        serdes: Option<String>,
        /// Greatest number of ports that one port can be broken out into.
        breakout: Option<u32> = 1.0 ..= 1024.0,
    }

    /// Fibres, connectors and ferrules between lasers, engines and faceplate.
    FibrePlant = "fibre_plant" {
        /// Data fibre.
        data_fibre: Box<Fibre>,
        /// Length of a link.
        reach: Sourced<Meters> = 0.0 ..= 100_000.0,
        /// Connector of the data fibres.
        data_connector: Box<Connector>,
        /// Mated data connectors along a link.
        data_connectors: u32 = 0.0 ..= 32.0,
        /// Loss of a fibre shuffle.
        shuffle_loss: Option<Sourced<Decibels>> = 0.0 ..= 10.0,
        /// Polarisation-maintaining fibre of the lasers.
        laser_fibre: Option<Box<Fibre>>,
        /// Length of that fibre.
        laser_fibre_length: Option<Sourced<Meters>> = 0.0 ..= 1000.0,
        /// Optical mate of a laser module.
        laser_mate: Option<Box<Connector>>,
        /// Connector of the laser fibres.
        laser_connector: Option<Box<Connector>>,
        /// Mated laser connectors between mate and engine.
        laser_connectors: Option<u32> = 0.0 ..= 32.0,
        /// Fibres of one fibre array unit.
        fibres_per_fau: u32 = 1.0 ..= 4096.0,
        /// Fibres of one ferrule.
        fibres_per_ferrule: u32 = 1.0 ..= 144.0,
        /// Whether laser and data fibres may share a ferrule.
        ferrules: Ferrules,
    }

    /// A thermal zone.
    Zone = "zone" {
        /// Temperature at which its parts are held; without it their heat is solved.
        temperature: Option<Sourced<Celsius>> = -60.0 ..= 200.0,
        /// Highest temperature that the rings are made for: there they meet their laser with the least heat.
        design_temperature: Option<Sourced<Celsius>> = -60.0 ..= 200.0,
        /// Cooling that takes its heat.
        cooling: Option<String>,
        /// Temperature of its hottest part above which its dies, and those that its engines serve, work less and less.
        throttle: Option<Sourced<Celsius>> = -60.0 ..= 250.0,
        /// How far below that its hottest part has to fall before they may work more again.
        hysteresis: Option<Sourced<KelvinDifference>> = 0.1 ..= 100.0,
        /// Time in which a zone that is too warm by the hysteresis takes all work from its dies.
        throttle_time: Option<Sourced<Seconds>> = 1e-3 ..= 1e4,
        /// Temperature of its hottest part above which all its parts are shut down.
        emergency: Option<Sourced<Celsius>> = -60.0 ..= 250.0,
    }

    /// A cooler with its fluid.
    Cooling = "cooling" {
        /// The cooler.
        cooler: Box<Cooler>,
        /// Temperature of the fluid that comes in.
        inlet: Sourced<Celsius> = -60.0 ..= 200.0,
        /// Flow through one cooler: that of one package, or of one module.
        flow: Sourced<VolumeFlow> = 0.0 ..= 10.0,
        /// Share of the power of fans and pumps of the box that those of this cooling take at that flow; it goes with the cube of their speed. Without it their power stays as it is.
        drive_share: Option<Sourced<Ratio>> = 0.0 ..= 1.0,
        /// Extent of the cooler along the width of the package or module; that of the package without it.
        area_width: Option<Sourced<Meters>> = 1e-4 ..= 1.0,
        /// Extent of the cooler along the height of the package or module; that of the package without it.
        area_height: Option<Sourced<Meters>> = 1e-4 ..= 1.0,
    }

    /// One monitor of each kind that the switch has.
    Monitors = "monitors" {
        /// Laser bias current.
        laser_bias: Option<Box<CurrentMonitor>>,
        /// Laser output power.
        laser_power: Option<Box<LevelMonitor>>,
        /// Laser light after the input coupler.
        engine_input: Option<Box<LevelMonitor>>,
        /// Modulated light before the output coupler.
        transmit: Option<Box<LevelMonitor>>,
        /// Received light.
        receive: Option<Box<LevelMonitor>>,
        /// Temperatures.
        temperature: Option<Box<TemperatureMonitor>>,
        /// Heater power.
        heater: Option<Box<PowerMonitor>>,
        /// Signal-to-noise ratio at the slicers.
        snr: Option<Box<SnrMonitor>>,
        /// Supply voltages of engines and laser modules.
        supply: Option<Box<VoltageMonitor>>,
    }

    /// Control loops with their set-points and rails.
    Controls = "controls" {
        /// Least heater power that a lock keeps in reserve for warming.
        heater_reserve: Option<Sourced<Watts>> = 0.0 ..= 1.0,
        /// Whether the rings of a fibre of several wavelengths move on to the next wavelength, all together, where a heater would meet its rail. Without it each ring keeps its own.
        barrel_shift: Option<bool>,
    }

    /// A management bus.
    Bus = "bus" {
        /// Who owns the registers.
        management: Management,
        /// Group of engines on the bus.
        engine: Option<String>,
        /// Group of laser modules on the bus.
        laser_module: Option<String>,
        /// Register banks of a device; each holds eight lanes.
        banks: u32 = 1.0 ..= 8.0,
        /// Clock.
        clock: Sourced<Hertz> = 1e3 ..= 1e8,
        /// What its devices are behind their registers: its engines, or its laser modules where it has no engines. Without it nothing on it is managed.
        module: Option<Box<ManagedModule>>,
        /// What its laser modules are behind their registers where it has engines too.
        els: Option<Box<ManagedModule>>,
    }

    /// Connections of a group of ports.
    LinkGroup = "link" {
        /// Group of ports at this end.
        port: String,
        /// The system at the other end; this one without it.
        peer: Option<String>,
        /// Length; that of the fibre plant without it.
        length: Option<Sourced<Meters>> = 0.0 ..= 100_000.0,
    }

    /// The package.
    Package = "package" {
        /// Width of the outline.
        width: Sourced<Meters> = 1e-3 ..= 1.0,
        /// Height of the outline.
        height: Sourced<Meters> = 1e-3 ..= 1.0,
        /// Packages in the switch.
        count: u32 = 1.0 ..= 64.0,
        /// Edge of one package that engines may use.
        shoreline: Sourced<Meters> = 0.0 ..= 4.0,
        /// How dies, engines and fibres are put together.
        assembly: Option<Box<Assembly>>,
        /// Layers that heat flows through.
        stack: Option<Box<PackageStack>>,
    }

    /// Power delivery inside the chassis.
    PowerDelivery = "power_delivery" {
        /// Efficiency of the supply of the ASIC.
        asic_regulator: Sourced<Ratio> = 0.1 ..= 1.0,
        /// Efficiency of the supply of engines or modules.
        engine_regulator: Sourced<Ratio> = 0.1 ..= 1.0,
        /// Efficiency of the supply of the laser modules.
        laser_regulator: Sourced<Ratio> = 0.1 ..= 1.0,
        /// Efficiency of the chassis supply.
        supply: Sourced<Ratio> = 0.1 ..= 1.0,
        /// Fans or pumps.
        cooling: Sourced<Watts> = 0.0 ..= 1e5,
        /// Control processor and board.
        board: Sourced<Watts> = 0.0 ..= 1e5,
    }

    /// The building.
    Facility = "facility" {
        /// Power usage effectiveness: what the building takes over what the switch takes.
        pue: Sourced<Ratio> = 1.0 ..= 10.0,
        /// Price of energy.
        energy_price: Option<Sourced<DollarsPerJoule>> = 0.0 ..= 1.0,
        /// Interest on capital in a year; without it capital bears none.
        interest: Option<Sourced<Ratio>> = 0.0 ..= 1.0,
    }

    /// What has to be replaced when a part fails, and how long it takes.
    Repair = "repair" {
        /// Engine.
        engine: RepairUnit,
        /// Engines of one sub-assembly.
        engines_per_subassembly: Option<u32> = 1.0 ..= 1024.0,
        /// Laser module.
        laser_module: RepairUnit,
        /// Time to replace a part in the field.
        part_time: Sourced<Seconds> = 0.0 ..= 1e8,
        /// Time to replace a sub-assembly of engines inside the box; without it that of a part.
        subassembly_time: Option<Sourced<Seconds>> = 0.0 ..= 1e8,
        /// Time to replace the switch.
        switch_time: Sourced<Seconds> = 0.0 ..= 1e8,
        /// Time for which the switch is used; wear-out counts up to it.
        service_life: Sourced<Seconds> = 1e6 ..= 1e10,
        /// Price of one visit.
        visit_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }
}

impl Package {
    /// Engines along each side of the package, of `n` in it: below its dies, above them, at their
    /// left, at their right.
    ///
    /// As many sides are used as the shoreline needs: one, two that face each other, or all four;
    /// a side is as long as the shorter one of the package. Engines are shared out evenly, the
    /// first sides first.
    pub fn engines_by_side(&self, n: usize) -> Vec<usize> {
        let side = self.width.value.min(self.height.value).value();
        let shoreline = self.shoreline.value.value();
        let few = [(1, 1.0), (2, 2.0)].into_iter();
        let mut few = few.filter(|(_, of)| shoreline <= of * side);
        let sides = few.next().map_or(4, |(sides, _)| sides);
        (0..sides)
            .map(|side| n / sides + usize::from(side < n % sides))
            .collect()
    }
}

//! The kinds of parts that heat flows through: solids, interfaces, coolers and the stack of a
//! package.

use units::{
    ArealHeatCapacity, ArealThermalResistance, Celsius, HeatTransferCoefficient, Joules,
    KelvinDifference, Meters, Pascals, Ratio, Seconds, Sourced, ThermalConductivity, VolumeFlow,
    VolumetricHeatCapacity,
};

use crate::schema::{CoolerTable, records};

records! {
    /// A solid that conducts heat; a layer of several materials stands here with its mean values.
    Solid = "solid" {
        /// Thermal conductivity through the thickness at 300 K, and in the plane too where `in_plane` is not given.
        conductivity: Sourced<ThermalConductivity> = 1e-3 ..= 1e4,
        /// Thermal conductivity in the plane at 300 K.
        in_plane: Option<Sourced<ThermalConductivity>> = 1e-3 ..= 1e4,
        /// Heat that a volume takes up.
        heat_capacity: Sourced<VolumetricHeatCapacity> = 100.0 ..= 1e8,
        /// Exponent n of the fall of the conductivity with temperature, k = k(300 K) (T / 300 K)^-n; none without it.
        exponent: Option<Sourced<Ratio>> = -3.0 ..= 3.0,
    }

    /// A thermal interface between two faces.
    Interface = "thermal_interface" {
        /// Thickness of the bond where the faces are flat.
        bond_line: Sourced<Meters> = 1e-8 ..= 0.01,
        /// Thermal conductivity of what fills it.
        conductivity: Sourced<ThermalConductivity> = 1e-3 ..= 1e4,
        /// Heat that a volume of it takes up.
        heat_capacity: Sourced<VolumetricHeatCapacity> = 100.0 ..= 1e8,
        /// Resistance of its two contacts together, beyond that of the bond line.
        contact_resistance: Option<Sourced<ArealThermalResistance>> = 0.0 ..= 0.01,
        /// Resistance that ageing adds to an area in the long run, as it dries and is pumped out; without it none. A new system has none of it.
        aged_resistance: Option<Sourced<ArealThermalResistance>> = 0.0 ..= 0.01,
        /// Time at the ageing temperature in which it adds 63 % of that.
        ageing_time: Option<Sourced<Seconds>> = 1e3 ..= 1e12,
        /// Temperature of the part under it for which that time is stated.
        ageing_temperature: Option<Sourced<Celsius>> = -60.0 ..= 200.0,
        /// Activation energy of that ageing.
        ageing_energy: Option<Sourced<Joules>> = 0.0 ..= 5e-19,
        /// Swings of the temperature that age it as much as the ageing time; without it swings do nothing.
        ageing_cycles: Option<Sourced<Ratio>> = 1.0 ..= 1e9,
        /// Height of those swings.
        ageing_swing: Option<Sourced<KelvinDifference>> = 1.0 ..= 300.0,
        /// Exponent with which the damage of a swing grows with its height.
        ageing_exponent: Option<Sourced<Ratio>> = 0.5 ..= 10.0,
    }

    /// What passes heat from a base to a fluid: a cold plate, an air heat sink, or the sink that rides on a module.
    Cooler = "cooler" {
        /// Solid of the base; without it the resistance starts at the face that the cooler sits on.
        base: Option<Box<Solid>>,
        /// Thickness of the base.
        base_thickness: Option<Sourced<Meters>> = 1e-5 ..= 0.1,
        /// Resistance of an area at the rated flow, from the upper face of the base to the mean of incoming and outgoing fluid.
        resistance: Sourced<ArealThermalResistance> = 1e-8 ..= 1.0,
        /// Flow of the fluid at which the resistance is stated.
        rated_flow: Sourced<VolumeFlow> = 1e-9 ..= 10.0,
        /// Exponent n of the fall of the resistance with the flow, R = R(rated) (V / V(rated))^-n.
        flow_exponent: Sourced<Ratio> = 0.0 ..= 2.0,
        /// Time constant with which the pump or the fans of its fluid come to the speed that is asked, and coast; the flow goes with the speed. Without it the flow follows at once.
        flow_time: Option<Sourced<Seconds>> = 1e-3 ..= 1e4,
        /// Pressure that the fluid loses at the rated flow.
        pressure_drop: Option<Sourced<Pascals>> = 0.0 ..= 1e7,
        /// Exponent of the rise of that loss with the flow.
        pressure_exponent: Option<Sourced<Ratio>> = 0.5 ..= 3.0,
        /// Heat that a volume of the fluid takes up.
        fluid_heat_capacity: Sourced<VolumetricHeatCapacity> = 100.0 ..= 1e8,
        /// Heat that an area of its fins and of the fluid between them takes up beyond its base; without it they take up none.
        heat_capacity: Option<Sourced<ArealHeatCapacity>> = 0.0 ..= 1e7,
        /// Measured resistance, from the lower face of the base to the incoming fluid over the whole footprint, and loss of pressure over the flow; replaces what is computed.
        measured: Option<CoolerTable>,
    }

    /// The layers of a package, from its board to its lid: the die faces down, engines stand beside it.
    PackageStack = "package_stack" {
        /// Solid of the package substrate.
        substrate: Box<Solid>,
        /// Thickness of the substrate.
        substrate_thickness: Sourced<Meters> = 1e-5 ..= 0.05,
        /// Layer of bumps and underfill under dies and engines.
        joint: Box<Solid>,
        /// Thickness of that layer.
        joint_thickness: Sourced<Meters> = 1e-6 ..= 0.005,
        /// Solid of an interposer over the substrate that carries die and engines.
        interposer: Option<Box<Solid>>,
        /// Thickness of the interposer.
        interposer_thickness: Option<Sourced<Meters>> = 1e-6 ..= 0.01,
        /// What lies between dies and engines: mold, or air.
        fill: Box<Solid>,
        /// Solid of the dies.
        die: Box<Solid>,
        /// Thickness of the switch die.
        die_thickness: Sourced<Meters> = 1e-5 ..= 0.005,
        /// Thickness of the sheet of a die in which its heat arises, at its lower face.
        active_thickness: Sourced<Meters> = 1e-7 ..= 0.001,
        /// Interface from the die to the lid, or to the cooler of a package without lid.
        tim1: Box<Interface>,
        /// Solid of the lid.
        lid: Option<Box<Solid>>,
        /// Thickness of the lid.
        lid_thickness: Option<Sourced<Meters>> = 1e-5 ..= 0.05,
        /// Interface from the lid to the cooler.
        tim2: Box<Interface>,
        /// Solid of the board under the package.
        board: Option<Box<Solid>>,
        /// Thickness of the board.
        board_thickness: Option<Sourced<Meters>> = 1e-5 ..= 0.05,
        /// Heat transfer coefficient of the lower face, for the heat that leaves through the board; none leaves without it.
        board_coefficient: Option<Sourced<HeatTransferCoefficient>> = 0.0 ..= 1e5,
        /// Temperature of the air at that face.
        board_ambient: Option<Sourced<Celsius>> = -60.0 ..= 200.0,
        /// Distance from the edge of the die to the inner edge of an engine.
        engine_gap: Sourced<Meters> = 0.0 ..= 0.2,
        /// Interface from the top of an engine to the lid, or to the engine's own cooler.
        engine_tim: Box<Interface>,
        /// Solid of the engine's own substrate.
        engine_base: Box<Solid>,
        /// Thickness of the engine's own substrate.
        engine_base_thickness: Sourced<Meters> = 1e-6 ..= 0.01,
        /// Thickness of the photonic die.
        photonic_die_thickness: Sourced<Meters> = 1e-6 ..= 0.005,
        /// Thickness of the electronic die.
        electronic_die_thickness: Sourced<Meters> = 1e-6 ..= 0.005,
        /// Share of the area of the engine that its electronic die covers; all of it without a value.
        electronic_die_area: Option<Sourced<Ratio>> = 0.01 ..= 1.0,
        /// Depth of the strip along the edges of the die in which the heat of its SerDes arises.
        serdes_depth: Sourced<Meters> = 1e-5 ..= 0.1,
        /// Bow of the package from its centre to a corner at its working temperature.
        warpage: Option<Sourced<Meters>> = 0.0 ..= 0.005,
        /// Lever between the attached fibres and the neutral plane of the package: the slope of the bow under an engine times this length shifts its fibres across the light.
        fibre_lever: Option<Sourced<Meters>> = 0.0 ..= 0.05,
        /// Part of the warpage, up or down, that came after the fibres were attached; those attached to a flat package feel all of it.
        bow_since_attach: Option<Sourced<Ratio>> = 0.0 ..= 10.0,
    }
}

//! Page 1Bh: setpoints and monitors of a laser module.
//!
//! # Source
//! OIF-ELSFP-CMIS-01.0, as the pages of SONiC's `sonic-platform-common` cite it.

use crate::register::{Feature, at};

super::registers! { 0x1B;
    /// Bias that a lane shall have under current control.
    BIAS_CURRENT_SETPOINT = "BiasCurrentSetpoint", at(128).unsigned(2).scaled(0.1, "ma").each(8).rw()
        .of(Feature::LaserModule);
    /// Power that a lane shall have under power control.
    OPT_POWER_SETPOINT = "OptPowerSetpoint", at(144).unsigned(2).scaled(0.01, "mw").each(8).rw()
        .of(Feature::LaserModule);
    /// Bias of a lane.
    BIAS_CURRENT_MONITOR = "BiasCurrentMonitor", at(184).unsigned(2).scaled(0.1, "ma").each(8)
        .of(Feature::LaserModule);
    /// Power of a lane.
    OPT_POWER_MONITOR = "OptPowerMonitor", at(200).unsigned(2).scaled(0.01, "mw").each(8)
        .of(Feature::LaserModule);
    /// Voltage across the laser of a lane.
    VOLTAGE_MONITOR = "VoltageMonitor", at(232).scaled(0.015, "v").each(8).of(Feature::LaserModule);
    /// Current that the module draws.
    ICC_MONITOR = "ICCMonitor", at(240).unsigned(2).scaled(0.2, "ma").of(Feature::LaserModule);
}

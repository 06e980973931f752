//! Parts and values that contradict each other.

use crate::{CPO, check};

#[test]
fn a_linear_engine_has_no_dsp_and_a_retimed_one_has() {
    check(
        CPO,
        &[],
        &[
            "engine.oe.dsp=pam4-800g",
            "engine.oe.host_interface=xsr-112g",
        ],
        r#"
        system::conflict --set:1:15 oe is linear and has a dsp | use an engine without `dsp`, or write `electrical = "retimed"`
        system::conflict --set:1:26 oe is linear and has a host_interface | use an engine without `host_interface`, or write `electrical = "retimed"`
        "#,
    );
    check(
        "dsp-51t",
        &[],
        &["engine.module.electrical=linear"],
        r#"
        system::conflict x:14:1 module is linear and has a dsp | use an engine without `dsp`, or write `electrical = "retimed"`
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.electrical=retimed"],
        r#"
        system::missing --set:1:22 oe is retimed and has no dsp | add `dsp`, or write `electrical = "linear"`
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.electrical=retimed", "engine.oe.dsp=pam4-800g"],
        "accepted",
    );
}

#[test]
fn a_linear_engine_sends_what_its_host_sends() {
    check(CPO, &[], &["engine.oe.modulation=nrz"], "
        system::conflict --set:1:22 oe is linear and sends nrz, its host lanes of class optical carry pam4 | write the same `modulation`, or use an engine with a DSP
        ");
    check(
        CPO,
        &[],
        &[
            "engine.oe.count=4",
            "engine.oe.host_lanes=128",
            "engine.oe.media_rate=212.5 Gb/s",
        ],
        "
        system::conflict --set:1:22 oe is linear and sends 212.50 Gb/s, its host lanes of class optical run at 106.25 Gb/s | a linear engine passes the host's rate on; change `media_rate`, the SerDes class in `host`, or use an engine with a DSP
        ",
    );
    check(CPO, &[], &["engine.oe.media_rate=107 Gb/s"], "accepted");
    check(CPO, &[], &["engine.oe.media_rate=108 Gb/s"], "
        system::conflict --set:1:22 oe is linear and sends 108.00 Gb/s, its host lanes of class optical run at 106.25 Gb/s | a linear engine passes the host's rate on; change `media_rate`, the SerDes class in `host`, or use an engine with a DSP
        ");
}

#[test]
fn a_mean_power_is_below_the_greatest_one() {
    check(CPO, &[], &["engine.oe.modulator.bias_power=70 mW"], "
        system::conflict --set:1:32 the mean bias power, 70 mW, is above the greatest one, 60 mW | lower `bias_power`, or raise `max_bias_power`
        ");
    check(CPO, &[], &["engine.oe.modulator.max_bias_power=10 mW"], "
        system::conflict --set:1:36 the mean bias power, 15 mW, is above the greatest one, 10 mW | lower `bias_power`, or raise `max_bias_power`
        ");
    check(
        CPO,
        &[(
            "use = \"mzm-dr-6t4\"",
            "use = \"mzm-dr-6t4\"\nmodulator = { use = \"si-mzm-56gbd\", bias_power = \"61 mW\" }",
        )],
        &[],
        "
        system::conflict x:18:50 the mean bias power, 61 mW, is above the greatest one, 60 mW | lower `bias_power`, or raise `max_bias_power`
        ",
    );
    check(
        CPO,
        &[],
        &["engine.oe.modulator.bias_power=60 mW"],
        "accepted",
    );
}

/// In the place of a ring, a part that takes nothing from the library, with a drift whose time nobody
/// says.
#[test]
fn a_drift_has_its_time() {
    let part = "vpi_l = \"1.8 V cm\", length = \"2.5 mm\", phase_shifter_loss = \"8 dB/cm\", \
        passive_loss = \"0.8 dB\", drive_voltage = \"1.25 V\", bias = \"90 deg\", split_ratio = 0.5, \
        rc_bandwidth = \"60 GHz\", electrode_loss = \"0.2 dB/mm\", microwave_index = 3.9, \
        group_index = 3.98, bias_power = \"15 mW\", max_bias_power = \"60 mW\", predistorted = true";
    let place = "use = \"ring-1t6\"";
    let with = |more: &str, expected: &str| {
        let text = format!("{place}\nmodulator = {{ kind = \"mach_zehnder\", {part}{more} }}");
        check("quantum-x-115t", &[(place, &text)], &[], expected);
    };
    with("", "accepted");
    with(
        ", bias_drift = \"0.1 rad\", bias_drift_time = \"1 h\"",
        "accepted",
    );
    with(
        ", bias_drift = \"0.1 rad\"",
        "system::missing x:20:376 engine.oe has modulator.bias_drift and lacks modulator.bias_drift_time | add modulator.bias_drift_time, or leave all of them out",
    );
    with(
        ", bias_drift_time = \"1 h\"",
        "system::missing x:20:381 engine.oe has modulator.bias_drift_time and lacks modulator.bias_drift | add modulator.bias_drift, or leave all of them out",
    );
}

#[test]
fn several_wavelengths_need_their_filters() {
    check(CPO, &[], &["engine.oe.wavelengths_per_fibre=4"], "
        system::missing --set:1:33 oe has 4 wavelengths on a fibre and lacks channel_spacing, multiplexer, demultiplexer | add channel_spacing, multiplexer, demultiplexer, or write `wavelengths_per_fibre = 1`
        ");
    check(
        CPO,
        &[],
        &[
            "engine.oe.wavelengths_per_fibre=4",
            "engine.oe.multiplexer=cwdm4",
            "engine.oe.channel_spacing=3.5 THz",
        ],
        "
        system::missing --set:1:33 oe has 4 wavelengths on a fibre and lacks demultiplexer | add demultiplexer, or write `wavelengths_per_fibre = 1`
        ",
    );
    check(
        CPO,
        &[],
        &[
            "engine.oe.wavelengths_per_fibre=4",
            "engine.oe.multiplexer=cwdm4",
            "engine.oe.demultiplexer=cwdm4",
            "engine.oe.channel_spacing=3.5 THz",
        ],
        "accepted",
    );
}

#[test]
fn sub_assemblies_are_of_engines_and_have_a_size() {
    check(CPO, &[], &["repair.engine=sub-assembly"], "
        system::missing --set:1:15 engines are replaced by the sub-assembly, and repair lacks engines_per_subassembly | add `engines_per_subassembly`, for example 3
        ");
    check(
        CPO,
        &[("laser_module = \"part\"", "laser_module = \"sub-assembly\"")],
        &[],
        r#"
        system::conflict x:109:16 a laser module belongs to no sub-assembly of engines | write `laser_module = "part"` or "switch"
        "#,
    );
    check(
        CPO,
        &[],
        &[
            "repair.engine=sub-assembly",
            "repair.engines_per_subassembly=2",
        ],
        "accepted",
    );
}

#[test]
fn a_rail_is_described_as_a_whole_and_brings_what_its_part_takes() {
    check(
        CPO,
        &[],
        &["laser_module.els.supply_resistance=0.01 ohm"],
        "accepted",
    );
    check(
        CPO,
        &[],
        &["laser_module.els.supply_resistance=0.1 ohm"],
        "system::conflict --set:1:36 the supply of els collapses at 27.225 W: 3.3 V over 0.1 ohm bring no more, and els takes up to 29.7 W | lower `supply_resistance`, or raise `supply_voltage`",
    );
}

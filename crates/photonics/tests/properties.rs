//! Conservation, reciprocity and monotonicity of the device models.

use photonics::connector::{Reflector, interference_pairs};
use photonics::coupling::{GaussianMode, Medium, Misalignment, contact_coupling, coupling};
use photonics::fibre::AxisErrors;
use photonics::heater::{RowHeater, from_neighbours_w, holds, settle_row};
use photonics::laser::Laser;
use photonics::level::{
    Levels, average_from_oma, average_power, extinction_ratio, oma_from_average, oma_outer,
};
use photonics::modulation::LevelSpacing;
use photonics::mux::RingBank;
use photonics::mzm::{ArmDrive, MachZehnder, QUADRATURE};
use photonics::ring::Ring;
use photonics::self_heating::HeatedRing;
use photonics::splitter::SplitterTree;
use photonics::waveguide::NonlinearAbsorption;
use proptest::prelude::*;
use units::{
    Amperes, CarrierCrossSection, Celsius, Decibels, DecibelsPerHertz, DecibelsPerMeter, Hertz,
    KelvinDifference, KelvinPerWatt, Meters, MetersPerKelvin, MetersPerWatt, Ohms, Radians, Ratio,
    Seconds, SquareMeters, TpaCoefficient, VoltMeters, Volts, Watts, WattsPerAmpere,
};

/// Rounding of a few operations on numbers of order one.
const ROUNDING: f64 = 1e-12;

fn um(x: f64) -> Meters {
    Meters::new(x * 1e-6)
}

fn ring(t1: f64, t2: f64, loss: f64) -> Ring {
    Ring {
        resonance: Meters::new(1310e-9),
        radius: um(7.0),
        group_index: Ratio::new(4.2),
        loss: DecibelsPerMeter::new(loss),
        self_coupling: Ratio::new(t1),
        drop_self_coupling: Ratio::new(t2),
    }
}

fn mode() -> impl Strategy<Value = GaussianMode> {
    (2.0..12.0, 2.0..12.0).prop_map(|(x, y)| GaussianMode {
        mfd_x: um(x),
        mfd_y: um(y),
    })
}

fn misalignment() -> impl Strategy<Value = Misalignment> {
    (-3.0..3.0, -3.0..3.0, -0.1..0.1, -0.1..0.1, 0.0..60.0).prop_map(|(x, y, a, b, gap)| {
        Misalignment {
            offset_x: um(x),
            offset_y: um(y),
            tilt_x: Radians::new(a),
            tilt_y: Radians::new(b),
            gap: um(gap),
        }
    })
}

const MEDIUM: Medium = Medium {
    wavelength: Meters::new(1310e-9),
    index: Ratio::new(1.45),
};

proptest! {
    /// One solution from any guess; every ring has what it needs, or its heater stands at the rail
    /// that is nearer to it.
    #[test]
    fn a_row_of_heaters_settles(
        share in 0.0..0.25,
        needs in prop::collection::vec((-20e-3..60e-3, any::<bool>(), 0.0..40e-3), 1..17),
        guess in 0.0..40e-3,
    ) {
        let row: Vec<RowHeater> = needs
            .iter()
            .map(|(alone_w, is_held, held_w)| {
                if *is_held && *held_w < 5e-3 {
                    return RowHeater::held(*held_w);
                }
                RowHeater { alone_w: *alone_w, low_w: 0.0, high_w: 40e-3 }
            })
            .collect();
        let (mut one, mut other) = (vec![0.0; row.len()], vec![guess; row.len()]);
        settle_row(share, &row, &mut one);
        settle_row(share, &row, &mut other);
        for (ring, heater) in row.iter().enumerate() {
            prop_assert!((one[ring] - other[ring]).abs() < 1e-11);
            let missing_w = heater.alone_w - one[ring] - from_neighbours_w(share, &one, ring);
            let is_right = if heater.is_held() {
                one[ring].to_bits() == heater.low_w.to_bits()
            } else if holds(share, &row, &one, ring) {
                missing_w.abs() < 1e-11
            } else if missing_w < 0.0 {
                one[ring] <= heater.low_w
            } else {
                one[ring] >= heater.high_w
            };
            prop_assert!(is_right, "{ring}: {} W, {missing_w} W missing", one[ring]);
        }
    }

    #[test]
    fn ring_conserves_power(
        t1 in 0.8..0.9999f64, t2 in 0.8..1.0f64, loss in 0.0..5000.0f64, d in -5e-9..5e-9f64,
    ) {
        let r = ring(t1, t2, loss);
        let d = Meters::new(d);
        let (through, drop, lost) = (r.through(d), r.drop(d), r.dissipated(d));
        prop_assert!(through >= 0.0 && drop >= 0.0 && lost >= -ROUNDING);
        prop_assert!((through + drop + lost - 1.0).abs() < 1e-9);
        let lossless = ring(t1, t2, 0.0);
        prop_assert!((lossless.through(d) + lossless.drop(d) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn coupling_is_passive_and_reciprocal(a in mode(), b in mode(), m in misalignment()) {
        let forward = coupling(&a, &b, &m, MEDIUM).unwrap();
        prop_assert!((0.0..=1.0 + ROUNDING).contains(&forward));
        // Reversed, the receiver's waist lies a gap away, seen from the turned axis; for parallel
        // axes that is the same arrangement.
        let parallel = Misalignment {
            tilt_x: Radians::new(0.0),
            tilt_y: Radians::new(0.0),
            ..m
        };
        let there = coupling(&a, &b, &parallel, MEDIUM).unwrap();
        let back = coupling(&b, &a, &parallel, MEDIUM).unwrap();
        prop_assert!((there - back).abs() < 1e-10 * (1.0 + there), "{there} {back}");
        let touching = Misalignment { gap: um(0.0), ..m };
        let exact = coupling(&a, &b, &touching, MEDIUM).unwrap();
        let closed = contact_coupling(&a, &b, &touching, MEDIUM).unwrap();
        prop_assert!((exact - closed).abs() < ROUNDING);
        let swapped = contact_coupling(&b, &a, &touching, MEDIUM).unwrap();
        prop_assert!((swapped - closed).abs() < ROUNDING);
    }

    #[test]
    fn offset_only_costs(a in mode(), b in mode(), gap in 0.0..60.0f64, x in 0.0..3.0f64) {
        let at = |offset: f64| {
            let m = Misalignment { offset_x: um(offset), gap: um(gap), ..Misalignment::default() };
            coupling(&a, &b, &m, MEDIUM).unwrap()
        };
        prop_assert!(at(x + 0.1) < at(x));
    }

    #[test]
    fn amplitude_and_mean_power_agree(
        mw in 0.01..100.0f64, loss in 0.0..10.0f64, er in 0.5..20.0f64, n in 2usize..9,
    ) {
        let (cw, loss, er) = (Watts::new(mw * 1e-3), Decibels::new(loss), Decibels::new(er));
        let (oma, average) = (oma_outer(cw, loss, er), average_power(cw, loss, er));
        prop_assert!((oma_from_average(average, er) / oma - 1.0).abs() < ROUNDING);
        prop_assert!((average_from_oma(oma, er).unwrap() / average - 1.0).abs() < ROUNDING);
        prop_assert!((extinction_ratio(oma, average).unwrap() - er).value().abs() < 1e-9);
        let levels =
            Levels::equally_spaced(n, cw.value() * loss.to_transmission(), er).unwrap();
        prop_assert!((levels.oma_outer() / oma.value() - 1.0).abs() < ROUNDING);
        prop_assert!((levels.mean() / average.value() - 1.0).abs() < ROUNDING);
        prop_assert!((levels.worst_eye() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn splitter_gives_out_what_it_takes(
        stages in 0u32..7, excess in 0.0..0.5f64, imbalance in 0.0..1.0f64,
    ) {
        let tree = SplitterTree {
            outputs: 1 << stages,
            excess_loss: Decibels::new(excess),
            imbalance: Decibels::new(imbalance),
        };
        let total: f64 = tree.transmissions().unwrap().iter().sum();
        let expected = (Decibels::new(excess) * f64::from(stages)).to_transmission();
        prop_assert!((total - expected).abs() < ROUNDING && total <= 1.0 + ROUNDING);
        prop_assert!(tree.worst_loss().unwrap() >= tree.mean_loss().unwrap() - Decibels::new(1e-9));
    }

    #[test]
    fn axis_errors_stay_between_their_extremes(
        a in -0.7..0.7f64, b in -0.7..0.7f64, d in -10.0..10.0f64,
    ) {
        let errors = AxisErrors { launch: Radians::new(a), exit: Radians::new(b) };
        let (least, greatest) = errors.extremes();
        let t = errors.transmission(Radians::new(d));
        prop_assert!(t >= least - ROUNDING && t <= greatest + ROUNDING && greatest <= 1.0);
    }

    #[test]
    fn laser_gives_the_power_it_is_asked_for(
        case in 0.0..80.0f64, mw in 0.0..120.0f64, resistance in 0.0..80.0f64,
    ) {
        let laser = Laser {
            wavelength: Meters::new(1310e-9),
            reference_temperature: Celsius::new(25.0),
            threshold_current: Amperes::new(15e-3),
            threshold_t0: KelvinDifference::new(70.0),
            slope_efficiency: WattsPerAmpere::new(0.35),
            slope_t1: KelvinDifference::new(200.0),
            turn_on_voltage: Volts::new(0.95),
            series_resistance: Ohms::new(2.0),
            thermal_resistance: KelvinPerWatt::new(resistance),
            max_current: Amperes::new(0.4),
            wavelength_drift: MetersPerKelvin::new(0.09e-9),
            rin: DecibelsPerHertz::new(-150.0),
            feedback_threshold: Decibels::new(-30.0),
            isolation: Decibels::new(30.0),
        };
        let case = Celsius::new(case);
        let asked = Watts::new(mw * 1e-3);
        let (_, reachable, _) = laser.greatest_power(case).unwrap();
        match laser.operating_point(case, asked) {
            Ok(point) => {
                prop_assert!((point.power - asked).value().abs() < 1e-9);
                prop_assert!(point.electrical_power >= point.power);
                let hotter = case + KelvinDifference::new(1.0);
                if let Ok(hot) = laser.operating_point(hotter, asked) {
                    prop_assert!(hot.current > point.current);
                }
            }
            Err(_) => prop_assert!(asked > reachable),
        }
    }

    #[test]
    fn nonlinear_absorption_saturates(mw in 0.1..200.0f64, mm in 0.1..20.0f64) {
        let absorber = NonlinearAbsorption {
            two_photon: TpaCoefficient::new(0.7e-11),
            effective_area: SquareMeters::new(0.1e-12),
            carrier_lifetime: Seconds::new(1e-9),
            carrier_cross_section: CarrierCrossSection::new(1.45e-21),
        };
        let out = |mw: f64| {
            absorber
                .output(
                    Watts::new(mw * 1e-3),
                    Meters::new(mm * 1e-3),
                    DecibelsPerMeter::new(200.0),
                    Meters::new(1310e-9),
                )
                .unwrap()
                .value()
        };
        let (less, more) = (out(mw), out(1.1 * mw));
        // More light in is more light out, but less than in proportion.
        prop_assert!(more > less && more < 1.1 * less);
    }

    #[test]
    fn drive_trades_modulation_loss_for_extinction(v in 0.5..3.5f64, mm in 1.0..3.0f64) {
        let at = |v: f64, mm: f64| {
            MachZehnder {
                vpi_l: VoltMeters::new(2.2e-2),
                length: Meters::new(mm * 1e-3),
                phase_shifter_loss: DecibelsPerMeter::new(1000.0),
                passive_loss: Decibels::new(1.0),
                split_ratio: Ratio::new(0.49),
                drive_voltage: Volts::new(v),
                arm_drive: ArmDrive::PushPull,
                bias: QUADRATURE,
                spacing: LevelSpacing::EvenDrive,
                rc_bandwidth: Hertz::new(60e9),
                electrode_loss: DecibelsPerMeter::new(100.0),
                electrode_reference: Hertz::new(1e9),
                microwave_index: Ratio::new(3.7),
                group_index: Ratio::new(3.9),
            }
            .operating_point(4)
            .unwrap()
        };
        let (base, driven, long) = (at(v, mm), at(v + 0.1, mm), at(v, mm + 0.1));
        prop_assert!(base.levels.levels.top() <= 1.0);
        prop_assert!(driven.levels.extinction_ratio > base.levels.extinction_ratio);
        prop_assert!(driven.modulation_loss < base.modulation_loss);
        prop_assert!(driven.levels.rlm < base.levels.rlm);
        prop_assert!(long.bandwidth < base.bandwidth);
        let fixed = |p: &photonics::mzm::MachZehnderOperatingPoint| {
            p.levels.insertion_loss - p.modulation_loss
        };
        prop_assert!(fixed(&long) > fixed(&base));
    }

    #[test]
    fn ring_bank_is_passive(spacing in 0.5e-9..3e-9f64, error in -0.1e-9..0.1e-9f64) {
        let bank = RingBank {
            ring: ring(0.98, 0.98, 1500.0),
            channels: (0..4).map(|i| Meters::new(1310e-9 + spacing * f64::from(i))).collect(),
            resonance_errors: vec![Meters::new(error); 4],
        };
        let matrix = bank.transmissions().unwrap();
        for channel in 0..4 {
            let total: f64 = (0..4).map(|drop| matrix[drop * 4 + channel]).sum();
            prop_assert!(total <= 1.0 + ROUNDING);
        }
    }

    #[test]
    fn interference_grows_with_reflectance_and_falls_with_loss(
        r in -60.0..-20.0f64, loss in 0.0..2.0f64, n in 2usize..10,
    ) {
        let total = |r: f64, loss: f64| -> f64 {
            let reflector = Reflector {
                reflectance: Decibels::new(r),
                loss_to_next: Decibels::new(loss),
            };
            interference_pairs(&vec![reflector; n]).unwrap().iter().sum()
        };
        prop_assert!(total(r + 1.0, loss) > total(r, loss));
        prop_assert!(total(r, loss + 0.1) < total(r, loss));
        let bound = (n * (n - 1) / 2) as f64 * 10f64.powf(r / 5.0);
        prop_assert!(total(r, loss) <= bound * (1.0 + ROUNDING));
    }

    #[test]
    fn heated_ring_has_an_odd_number_of_alternating_states(
        widths in -4.0..8.0f64, relative in 0.01..5.0f64,
    ) {
        let heated = HeatedRing {
            ring: ring(0.985, 1.0, 1500.0),
            shift_per_heat: MetersPerWatt::new(0.12e-6),
            absorbed_fraction: Ratio::new(0.5),
            nonlinear: None,
        };
        let input = heated.linear_bistability_threshold().unwrap() * relative;
        let detuning = heated.ring.linewidth() * widths;
        let states = heated.steady_states(input, detuning).unwrap();
        prop_assert!(states.len() == 1 || states.len() == 3);
        for (i, state) in states.iter().enumerate() {
            prop_assert_eq!(state.is_stable, i % 2 == 0);
            prop_assert!(state.through + state.drop <= 1.0 + ROUNDING);
        }
        if relative < 0.98 {
            prop_assert_eq!(states.len(), 1);
        }
    }
}

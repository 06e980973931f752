//! Spreader, sink and the path to the board, as the configuration states them.

use super::config::{Range, Settings};
use super::lines::Report;
use super::materials::Materials;

/// A square plate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plate {
    /// Its side, metres.
    pub(super) side_m: f64,
    /// Its thickness, metres.
    pub(super) thickness_m: f64,
    /// Thermal conductivity, W/(m K).
    pub(super) k: f64,
    /// Volumetric heat capacity, J/(m3 K).
    pub(super) cv: f64,
}

/// How heat leaves a plate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Convection {
    /// Resistance of the whole plate to the air, K/W.
    pub(super) r_k_per_w: f64,
    /// Heat capacity of what stands on the plate, J/K.
    pub(super) c_j_per_k: f64,
}

/// Layers below the chip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secondary {
    /// Metal of the chip, from its lower face; its side is that of the chip.
    pub(super) metal: Plate,
    /// Bumps and underfill, of the chip's size.
    pub(super) c4: Plate,
    /// Substrate of the package.
    pub(super) substrate: Plate,
    /// Solder balls.
    pub(super) solder: Plate,
    /// Board.
    pub(super) board: Plate,
    /// From the board to the air.
    pub(super) convection: Convection,
}

/// All that is not the chip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Package {
    /// Heat spreader.
    pub(super) spreader: Plate,
    /// Heat sink.
    pub(super) sink: Plate,
    /// From the sink to the air.
    pub(super) convection: Convection,
    /// Path to the board, where it is modelled.
    pub(super) secondary: Option<Secondary>,
    /// Temperature of the air, kelvin.
    pub(super) ambient_k: f64,
}

/// Conductivity in W/(m K) and heat capacity in J/(m3 K) of the five layers of the path to the
/// board, which the format does not state: they are part of its meaning.
///
/// # Source
/// `HotSpot` 7, `temperature.h`: resistivities and specific heats of metal, C4, substrate, solder
/// and board.
const METAL: [f64; 2] = [1.0 / 0.0025, 3.55e6];
const C4: [f64; 2] = [1.0 / 0.8, 1.65e6];
const SUBSTRATE: [f64; 2] = [1.0 / 0.5, 1.6e6];
const SOLDER: [f64; 2] = [1.0 / 0.06, 2.1e6];
const BOARD: [f64; 2] = [1.0 / 0.333, 1.32e6];

/// Conductivity and heat capacity of a part: those of `material_PART`, or of `k_PART` and
/// `p_PART`, or the tool's defaults.
pub(super) fn properties(
    part: &str,
    default: [f64; 2],
    settings: &Settings,
    materials: &Materials,
    report: &mut Report,
) -> [f64; 2] {
    let key = format!("material_{part}");
    if let Some(entry) = settings.text(&key) {
        let material = materials.get(&entry.value, &entry.at, report);
        return material.map_or(default, |material| [material.k, material.cv]);
    }
    [("k", default[0]), ("p", default[1])].map(|(letter, default)| {
        settings.number(
            &format!("{letter}_{part}"),
            default,
            Range::Positive,
            report,
        )
    })
}

impl Package {
    /// As the configuration states it; an absent key has the tool's default.
    ///
    /// # Source
    /// Defaults: `HotSpot` 7, `default_thermal_config`.
    pub(super) fn read(settings: &Settings, materials: &Materials, report: &mut Report) -> Self {
        let copper = [400.0, 3.55e6];
        let plate = |part: &str, side: f64, thickness: f64, report: &mut Report| {
            let [k, cv] = properties(part, copper, settings, materials, report);
            Plate {
                side_m: settings.number(&format!("s_{part}"), side, Range::Positive, report),
                thickness_m: settings.number(
                    &format!("t_{part}"),
                    thickness,
                    Range::Positive,
                    report,
                ),
                k,
                cv,
            }
        };
        let spreader = plate("spreader", 30e-3, 1e-3, report);
        let sink = plate("sink", 60e-3, 6.9e-3, report);
        if sink.side_m < spreader.side_m {
            let message = format!(
                "s_sink is {} m and s_spreader {} m; the sink has to be at least as large as the spreader",
                sink.side_m, spreader.side_m
            );
            report.error(&settings.place("s_sink"), message);
        }
        let convection = convection("", 0.1, settings, report);
        let is_modelled = settings.is_on("model_secondary", report);
        let secondary = is_modelled.then(|| Secondary::read(settings, report));
        Self {
            spreader,
            sink,
            convection,
            secondary,
            ambient_k: settings.number("ambient", 318.15, Range::NotNegative, report),
        }
    }
}

impl Secondary {
    fn read(settings: &Settings, report: &mut Report) -> Self {
        let mut length =
            |key: &str, default: f64| settings.number(key, default, Range::Positive, report);
        let mut plate = |[k, cv]: [f64; 2], side_m: f64, key: &str, default: f64| Plate {
            side_m,
            thickness_m: length(key, default),
            k,
            cv,
        };
        let metal = plate(METAL, 0.0, "t_metal", 10e-6);
        let c4 = plate(C4, 0.0, "t_c4", 0.1e-3);
        let mut substrate = plate(SUBSTRATE, 0.0, "t_sub", 1e-3);
        let mut solder = plate(SOLDER, 0.0, "t_solder", 0.94e-3);
        let mut board = plate(BOARD, 0.0, "t_pcb", 2e-3);
        substrate.side_m = length("s_sub", 21e-3);
        solder.side_m = length("s_solder", 21e-3);
        board.side_m = length("s_pcb", 0.1);
        Self {
            metal,
            c4,
            substrate,
            solder,
            board,
            convection: convection("_sec", 1.0, settings, report),
        }
    }
}

fn convection(suffix: &str, r: f64, settings: &Settings, report: &mut Report) -> Convection {
    Convection {
        r_k_per_w: settings.number(&format!("r_convec{suffix}"), r, Range::Positive, report),
        c_j_per_k: settings.number(
            &format!("c_convec{suffix}"),
            140.4,
            Range::NotNegative,
            report,
        ),
    }
}

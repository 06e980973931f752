//! Coolant of layers that a map of cells describes.

use units::{
    HeatTransferCoefficient, Kelvin, PascalSeconds, Pascals, ThermalConductivity,
    VolumetricHeatCapacity,
};

use super::config::{Range, Settings};
use super::lines::Report;
use super::materials::Materials;
use crate::coolant::{Cavity, CellMap, Coolant, Direction, Drive, MapCell, Passage, Transfer};

/// What all such layers share.
#[derive(Debug, Clone)]
pub(super) struct Channels {
    coolant: Coolant,
    inlet_k: f64,
    pressure_pa: f64,
    internal_pa_s_per_m3: f64,
    htc: f64,
    /// Conductivity in W/(m K) and heat capacity in J/(m3 K) of the walls.
    pub(super) wall: [f64; 2],
}

impl Channels {
    /// As the configuration states it; an absent key has the tool's default.
    ///
    /// # Source
    /// Defaults: `HotSpot` 7, `default_microchannel_config`.
    pub(super) fn read(settings: &Settings, materials: &Materials, report: &mut Report) -> Self {
        let number = |key: &str, default: f64, report: &mut Report| {
            settings.number(key, default, Range::Positive, report)
        };
        let mut wall = [
            1.0 / number("wall_res", 0.007_692_307_7, report),
            number("wall_capac", 1_635_660.0, report),
        ];
        if let Some(entry) = settings.text("wall_material")
            && let Some(material) = materials.get(&entry.value, &entry.at, report)
        {
            wall = [material.k, material.cv];
        }
        let mut name = "coolant";
        let mut liquid = [
            1.0 / number("coolant_res", 1.647_717_911, report),
            number("coolant_capac", 4_172_638.0, report),
            number("coolant_visc", 0.000_889, report),
        ];
        if let Some(entry) = settings.text("coolant_material")
            && let Some(material) = materials.get(&entry.value, &entry.at, report)
        {
            name = &material.name;
            if let Some(viscosity) = material.viscosity {
                liquid = [material.k, material.cv, viscosity];
            } else {
                report.error_help(
                    &entry.at,
                    format!("{name:?} is a solid"),
                    "coolant is a material of kind fluid, with its viscosity",
                );
            }
        }
        let [k, cv, viscosity] = liquid;
        Self {
            coolant: Coolant {
                conductivity: Some(ThermalConductivity::new(k)),
                viscosity: Some(PascalSeconds::new(viscosity)),
                ..Coolant::new(name, VolumetricHeatCapacity::new(cv))
            },
            inlet_k: number("inlet_temperature", 300.0, report),
            pressure_pa: number("pumping_pressure", 5000.0, report),
            internal_pa_s_per_m3: settings.number(
                "pump_internal_res",
                0.0,
                Range::NotNegative,
                report,
            ),
            htc: number("htc", 27132.0, report),
            wall,
        }
    }

    /// The coolant of a layer whose map covers the chip; `margin` cells of wall are added on each
    /// side across and up.
    pub(super) fn cavity(&self, map: &CellMap, margin: [usize; 2]) -> Cavity {
        Cavity {
            coolant: self.coolant.clone(),
            inlet: Kelvin::new(self.inlet_k).into(),
            drive: Drive::Pressure {
                difference: Pascals::new(self.pressure_pa),
                internal_pa_s_per_m3: self.internal_pa_s_per_m3,
            },
            direction: Direction::Right,
            passage: Passage::Map(widened(map, margin)),
            transfer: Transfer::uniform(HeatTransferCoefficient::new(self.htc)),
            split: Vec::new(),
        }
    }
}

/// The map with cells of wall round it.
fn widened(map: &CellMap, margin: [usize; 2]) -> CellMap {
    let [columns, rows] = [map.columns + 2 * margin[0], map.rows + 2 * margin[1]];
    let cell = |idx: usize| {
        let column = (idx % columns).checked_sub(margin[0])?;
        let row = (idx / columns).checked_sub(margin[1])?;
        let is_inside = column < map.columns && row < map.rows;
        is_inside.then(|| map.cells[row * map.columns + column])
    };
    CellMap {
        columns,
        rows,
        cells: (0..columns * rows)
            .map(|idx| cell(idx).unwrap_or(MapCell::Solid))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_stand_round_the_chip() {
        let map = CellMap::parse("m", "2,3").unwrap();
        let wide = widened(&map, [1, 1]);
        assert_eq!((wide.columns, wide.rows), (4, 3));
        let fluid: Vec<_> = (0..12).filter(|idx| wide.cells[*idx].is_fluid()).collect();
        assert_eq!(fluid, [5, 6]);
    }
}

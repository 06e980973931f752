//! Coolers as makers state them: resistance and pressure over flow.

use units::{
    ArealThermalResistance, Dimension, HeatTransferCoefficient, KelvinPerWatt, Pascals,
    SquareMeters, VolumeFlow,
};

use super::CoolantError;
use crate::read::{ReadError, ReadErrors};

/// Resistance of a cooler, from what it cools to the coolant at its inlet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resistance {
    /// Of the whole cooler.
    Whole(KelvinPerWatt),
    /// Of each area of what it cools.
    OfArea(ArealThermalResistance),
}

impl Resistance {
    /// The coefficient that it makes over an area: `1 / (R A)` or `1 / R''`.
    pub fn coefficient(self, area: SquareMeters) -> HeatTransferCoefficient {
        HeatTransferCoefficient::new(1.0 / (self.over(area).value() * area.value()))
    }

    /// The resistance over an area.
    pub fn over(self, area: SquareMeters) -> KelvinPerWatt {
        match self {
            Self::Whole(whole) => whole,
            Self::OfArea(of_area) => KelvinPerWatt::new(of_area.value() / area.value()),
        }
    }
}

/// A cooler whose resistance and pressure drop are known at some flows.
///
/// Between two flows both follow the power law through them, which is what laminar, developing and
/// turbulent flow do; outside the stated flows there is no value.
#[derive(Debug, Clone, PartialEq)]
pub struct CoolerCurve {
    /// Flows, m^3/s, rising.
    flows: Vec<f64>,
    /// Resistances, K/W or K m^2/W.
    resistances: Vec<f64>,
    /// Whether they are of an area.
    is_of_area: bool,
    /// Pressure drops, Pa; may be empty.
    pressures: Vec<f64>,
}

/// What a column of a curve holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Flow,
    Resistance,
    Pressure,
}

impl CoolerCurve {
    /// Reads a curve: a line of headings `flow [L/min], resistance [K/W], pressure [kPa]`, then one
    /// line for each flow, rising.
    ///
    /// Columns come in any order. The resistance is in a unit of K/W or of K m2/W; the column of
    /// the pressure drop may be absent. Empty lines and what follows `#` are ignored.
    ///
    /// # Errors
    /// Unknown headings and units, numbers that are not positive, flows that do not rise: every
    /// problem with its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ReadErrors> {
        let mut problems = Vec::new();
        let mut lines = text.lines().enumerate().map(|(idx, line)| {
            let content = line.split('#').next().unwrap_or("").trim();
            (idx + 1, content)
        });
        let Some((number, heading)) = lines.find(|(_, content)| !content.is_empty()) else {
            let error = ReadError::new(file, 0, "has no line of headings");
            return Err(error.help(HEADING_HELP).into());
        };
        let headings = heading.split(',').map(|text| heading_of(text.trim()));
        let mut columns = Vec::new();
        for heading in headings {
            match heading {
                Ok(column) => columns.push(column),
                Err(message) => {
                    problems.push(ReadError::new(file, number, message).help(HEADING_HELP));
                }
            }
        }
        for (needed, name) in [
            (Column::Flow, "flow"),
            (Column::Resistance, "resistance"),
            (Column::Pressure, "pressure"),
        ] {
            let n = columns
                .iter()
                .filter(|(column, ..)| *column == needed)
                .count();
            if n > 1 || n == 0 && needed != Column::Pressure && problems.is_empty() {
                let message = format!("{n} columns of {name}; one is needed");
                problems.push(ReadError::new(file, number, message).help(HEADING_HELP));
            }
        }
        if !problems.is_empty() {
            return Err(ReadErrors(problems));
        }
        let mut curve = Self {
            flows: Vec::new(),
            resistances: Vec::new(),
            is_of_area: columns
                .iter()
                .any(|(_, dimension, _)| *dimension == Dimension::ArealThermalResistance),
            pressures: Vec::new(),
        };
        for (number, content) in lines.filter(|(_, content)| !content.is_empty()) {
            if let Err(problem) = curve.push(&columns, content) {
                problems.push(ReadError::new(file, number, problem));
            }
        }
        if curve.flows.is_empty() && problems.is_empty() {
            problems.push(ReadError::new(file, 0, "has no line of numbers"));
        }
        if problems.is_empty() {
            Ok(curve)
        } else {
            Err(ReadErrors(problems))
        }
    }

    fn push(&mut self, columns: &[(Column, Dimension, f64)], content: &str) -> Result<(), String> {
        let fields: Vec<&str> = content.split(',').map(str::trim).collect();
        if fields.len() != columns.len() {
            return Err(format!(
                "{} fields; the headings are {}",
                fields.len(),
                columns.len()
            ));
        }
        let mut values = Vec::with_capacity(fields.len());
        for (field, (_, _, scale)) in fields.iter().zip(columns) {
            let value = field
                .parse::<f64>()
                .map_err(|_| format!("{field:?} is no number"))?
                * scale;
            if !(value > 0.0 && value.is_finite()) {
                return Err(format!("{field} is not positive and finite"));
            }
            values.push(value);
        }
        let of = |wanted: Column| {
            let place = columns.iter().position(|(column, ..)| *column == wanted);
            place.map(|place| values[place])
        };
        let flow = of(Column::Flow).unwrap_or(0.0);
        if self.flows.last().is_some_and(|last| *last >= flow) {
            return Err(
                "the flow is not above that of the line before; sort the lines by flow".to_owned(),
            );
        }
        self.flows.push(flow);
        self.resistances.push(of(Column::Resistance).unwrap_or(0.0));
        self.pressures.extend(of(Column::Pressure));
        Ok(())
    }

    /// The least and the greatest flow.
    pub fn range(&self) -> [VolumeFlow; 2] {
        let at = |flow: Option<&f64>| VolumeFlow::new(flow.copied().unwrap_or(0.0));
        [at(self.flows.first()), at(self.flows.last())]
    }

    /// Whether a pressure drop is stated.
    pub fn has_pressure(&self) -> bool {
        !self.pressures.is_empty()
    }

    /// Resistance at a flow.
    ///
    /// # Errors
    /// A flow outside the curve.
    pub fn resistance(&self, flow: VolumeFlow) -> Result<Resistance, CoolantError> {
        let value = self.interpolate(&self.resistances, flow)?;
        Ok(if self.is_of_area {
            Resistance::OfArea(ArealThermalResistance::new(value))
        } else {
            Resistance::Whole(KelvinPerWatt::new(value))
        })
    }

    /// Pressure drop at a flow; nothing where the curve states none.
    ///
    /// # Errors
    /// A flow outside the curve.
    pub fn pressure_drop(&self, flow: VolumeFlow) -> Result<Option<Pascals>, CoolantError> {
        if self.has_pressure() {
            self.interpolate(&self.pressures, flow)
                .map(|p| Some(Pascals::new(p)))
        } else {
            Ok(None)
        }
    }

    fn interpolate(&self, values: &[f64], flow: VolumeFlow) -> Result<f64, CoolantError> {
        let [low, high] = self.range().map(VolumeFlow::value);
        let at = flow.value();
        // A flow that rounding has moved past an end is that end.
        let slack = 1e-12 * high;
        if !(at >= low - slack && at <= high + slack) {
            return Err(CoolantError::OutsideCurve {
                flow,
                low: VolumeFlow::new(low),
                high: VolumeFlow::new(high),
            });
        }
        let at = at.clamp(low, high);
        let above = self.flows.partition_point(|flow| *flow < at);
        if above == 0 {
            return Ok(values[0]);
        }
        let share =
            (at / self.flows[above - 1]).ln() / (self.flows[above] / self.flows[above - 1]).ln();
        Ok(values[above - 1] * (values[above] / values[above - 1]).powf(share))
    }
}

const HEADING_HELP: &str =
    "headings are such as \"flow [L/min], resistance [K/W], pressure [kPa]\"";

/// What a heading says: the column, its dimension and the scale of its unit.
fn heading_of(text: &str) -> Result<(Column, Dimension, f64), String> {
    let parts = text.strip_suffix(']').and_then(|text| text.split_once('['));
    let (name, symbol) =
        parts.ok_or_else(|| format!("heading {text:?} has no unit in brackets"))?;
    let (column, dimensions): (_, &[Dimension]) = match name.trim().to_ascii_lowercase().as_str() {
        "flow" => (Column::Flow, &[Dimension::VolumeFlow]),
        "resistance" => (
            Column::Resistance,
            &[
                Dimension::ThermalResistance,
                Dimension::ArealThermalResistance,
            ],
        ),
        "pressure" | "pressure drop" => (Column::Pressure, &[Dimension::Pressure]),
        other => {
            return Err(format!(
                "{other:?} is neither flow, resistance nor pressure"
            ));
        }
    };
    let symbol = symbol.trim();
    let found = dimensions
        .iter()
        .find_map(|dimension| dimension.unit(symbol).map(|unit| (*dimension, unit)));
    let (dimension, unit) = found.ok_or_else(|| {
        let units: Vec<_> = dimensions
            .iter()
            .flat_map(|dimension| dimension.units())
            .map(|unit| unit.symbol)
            .collect();
        format!(
            "{symbol:?} is no unit of {}; expected one of {}",
            name.trim(),
            units.join(", ")
        )
    })?;
    // These dimensions have no offset, so that one of the unit is its scale.
    Ok((column, dimension, unit.to_si(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: &str = "# a cold plate\nflow [L/min], resistance [K mm2/W], pressure drop [kPa]\n0.5, 40, 2\n1, 30, 6\n2, 24, 20\n";

    fn litres(per_min: f64) -> VolumeFlow {
        VolumeFlow::new(per_min * 1e-3 / 60.0)
    }

    #[test]
    fn a_curve_is_a_power_law_between_its_points() {
        let curve = CoolerCurve::parse("plate.csv", CURVE).expect("a curve");
        let of_area = |flow| match curve.resistance(litres(flow)).expect("inside") {
            Resistance::OfArea(of_area) => of_area.value() * 1e6,
            Resistance::Whole(_) => f64::NAN,
        };
        for (flow, expected) in [(0.5, 40.0), (1.0, 30.0), (2.0, 24.0)] {
            assert!((of_area(flow) - expected).abs() < 1e-9);
        }
        // The geometric mean of flows has the geometric mean of resistances.
        assert!((of_area(2f64.sqrt()) - (30.0f64 * 24.0).sqrt()).abs() < 1e-9);
        let pressure = curve
            .pressure_drop(litres(2f64.sqrt()))
            .expect("inside")
            .expect("stated");
        assert!((pressure.value() - 120e6f64.sqrt()).abs() < 1e-6);
        for outside in [0.0, 0.49, 2.01, f64::NAN] {
            assert!(matches!(
                curve.resistance(litres(outside)),
                Err(CoolantError::OutsideCurve { .. })
            ));
        }
        let h = curve
            .resistance(litres(1.0))
            .expect("inside")
            .coefficient(SquareMeters::new(1e-3));
        assert!((h.value() - 1.0 / 30e-6).abs() < 1e-6);
    }

    #[test]
    fn mistakes_are_named_with_their_lines() {
        let check = |text: &str, expected: &str| {
            let found = CoolerCurve::parse("plate.csv", text)
                .expect_err("mistakes")
                .to_string();
            assert!(found.contains(expected), "{found}");
        };
        check("", "plate.csv: has no line of headings");
        check(
            "flow [L/min], resistance [kPa]\n1, 2",
            "plate.csv:1: \"kPa\" is no unit of resistance; expected one of K/W",
        );
        check(
            "flow, resistance [K/W]\n",
            "plate.csv:1: heading \"flow\" has no unit in brackets",
        );
        check(
            "flow [L/min], speed [m/s]",
            "\"speed\" is neither flow, resistance nor pressure",
        );
        check(
            "flow [L/min], flow [L/min]",
            "2 columns of flow; one is needed",
        );
        check(
            "flow [L/min], pressure [kPa]",
            "0 columns of resistance; one is needed",
        );
        let head = "flow [L/min], resistance [K/W]\n";
        check(
            &format!("{head}1, 0.1\n1, 0.09\n"),
            "plate.csv:3: the flow is not above",
        );
        check(
            &format!("{head}1\n2, x\n3, -1\n4, inf"),
            "plate.csv:2: 1 fields; the headings are 2",
        );
        check(
            &format!("{head}1\n2, x\n3, -1\n4, inf"),
            "plate.csv:5: inf is not positive",
        );
        check(head, "plate.csv: has no line of numbers");
    }
}

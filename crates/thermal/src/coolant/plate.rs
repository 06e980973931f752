//! Cold plates and heat sinks, and loops of them.

use units::{
    Celsius, HeatTransferCoefficient, KelvinPerWatt, Pascals, SquareMeters, VolumeFlow, Watts,
};

use super::curve::{CoolerCurve, Resistance};
use super::{Coolant, CoolantError, Direction};
use crate::stack::{Condition, Patch, Rect};

/// How the resistance of a cooler depends on its flow.
#[derive(Debug, Clone, PartialEq)]
pub enum Cooler {
    /// As stated at some flows.
    Curve(CoolerCurve),
    /// From one flow by a power law.
    Scaled(ScaledCooler),
    /// A plate of one temperature with a given conductance to the coolant.
    Plate(NtuPlate),
}

/// A cooler known at one flow: `R(V) = R_c (V / V0)^-n + 1 / (2 cv V)`, where the second term is the
/// mean rise of the coolant and `R_c` what it leaves of the resistance at `V0`.
///
/// # Source
/// Energy balance; exponents of convection from Incropera et al., chapter 8: zero for developed
/// laminar flow, 1/3 for a thermal entrance, 0.8 for turbulent flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaledCooler {
    /// Resistance to the coolant at the inlet at the flow.
    pub resistance: KelvinPerWatt,
    /// The flow.
    pub flow: VolumeFlow,
    /// The exponent `n`.
    pub exponent: f64,
}

/// A plate of one temperature: `1/R = cv V (1 - exp(-NTU))`, `NTU = U A / (cv V)`.
///
/// # Source
/// Incropera et al., equation 11.35a for a capacity ratio of zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NtuPlate {
    /// Conductance from the plate to the coolant, W/K, at any flow: `U A`.
    pub conductance_w_per_k: f64,
}

impl NtuPlate {
    /// Number of transfer units at a capacity rate in W/K.
    pub fn ntu(&self, capacity_rate_w_per_k: f64) -> f64 {
        self.conductance_w_per_k / capacity_rate_w_per_k
    }

    /// Heat taken up, relative to that which would bring the coolant to the plate's temperature.
    pub fn effectiveness(&self, capacity_rate_w_per_k: f64) -> f64 {
        -(-self.ntu(capacity_rate_w_per_k)).exp_m1()
    }
}

impl Cooler {
    /// Resistance to the coolant at the inlet at a flow above zero.
    ///
    /// # Errors
    /// A flow outside a curve or not positive; a scaled resistance smaller than the rise of its
    /// coolant alone makes.
    pub fn resistance(
        &self,
        flow: VolumeFlow,
        coolant: &Coolant,
    ) -> Result<Resistance, CoolantError> {
        let rate = flow.value() * coolant.heat_capacity.value();
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(CoolantError::OutOfRange {
                what: "flow through a cooler, m3/s",
                value: flow.value(),
                low: 0.0,
                high: f64::INFINITY,
            });
        }
        match self {
            Self::Curve(curve) => curve.resistance(flow),
            Self::Scaled(of) => {
                let caloric =
                    |flow: VolumeFlow| 0.5 / (flow.value() * coolant.heat_capacity.value());
                let convective = of.resistance.value() - caloric(of.flow);
                if !(convective > 0.0 && convective.is_finite()) {
                    return Err(CoolantError::TooSmall {
                        resistance: of.resistance,
                        least: KelvinPerWatt::new(caloric(of.flow)),
                    });
                }
                let scale = (flow / of.flow).powf(-of.exponent);
                Ok(Resistance::Whole(KelvinPerWatt::new(
                    convective * scale + caloric(flow),
                )))
            }
            Self::Plate(plate) => {
                let conductance = rate * plate.effectiveness(rate);
                Ok(Resistance::Whole(KelvinPerWatt::new(1.0 / conductance)))
            }
        }
    }

    /// Flows at which its pressure drop is known.
    fn curve_with_pressure(&self) -> Option<&CoolerCurve> {
        match self {
            Self::Curve(curve) if curve.has_pressure() => Some(curve),
            _ => None,
        }
    }
}

/// A cooler on something that heats it.
#[derive(Debug, Clone, PartialEq)]
pub struct ColdPlate {
    /// Name.
    pub name: String,
    /// What it is.
    pub cooler: Cooler,
    /// Area that it covers.
    pub area: SquareMeters,
}

/// How plates, counted from zero, follow one another.
#[derive(Debug, Clone, PartialEq)]
pub enum Plumbing {
    /// One plate.
    Plate(usize),
    /// One after the other: the same flow, warmer each time.
    Series(Vec<Plumbing>),
    /// Side by side with given shares of the flow, which add up to one.
    Shares(Vec<(f64, Plumbing)>),
    /// Side by side under one pressure: needs curves with pressure drops.
    Parallel(Vec<Plumbing>),
}

/// Plates that share one coolant.
#[derive(Debug, Clone, PartialEq)]
pub struct CoolantLoop {
    /// What flows.
    pub coolant: Coolant,
    /// Its temperature at the inlet of the loop.
    pub inlet: Celsius,
    /// Plates.
    pub plates: Vec<ColdPlate>,
    /// How they are joined.
    pub plumbing: Plumbing,
}

/// A plate in a loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateState {
    /// Its flow; without any it takes up no heat.
    pub flow: VolumeFlow,
    /// Coolant that enters.
    pub inlet: Celsius,
    /// Coolant that leaves.
    pub outlet: Celsius,
    /// What it cools, on average; nothing where nothing flows.
    pub base: Option<Celsius>,
    /// Resistance from there to the inlet.
    pub resistance: Option<KelvinPerWatt>,
    /// Pressure drop, where a curve states it.
    pub pressure_drop: Option<Pascals>,
    /// Area that it covers.
    pub area: SquareMeters,
}

impl PlateState {
    /// Whether it lost its coolant: then it takes up no heat.
    pub const fn is_dry(&self) -> bool {
        self.resistance.is_none()
    }

    /// What it is to a package: convection to the coolant at its inlet, or nothing where nothing
    /// flows.
    pub fn condition(&self) -> Condition {
        self.resistance
            .map_or(Condition::Adiabatic, |resistance| Condition::Convection {
                coefficient: Resistance::Whole(resistance).coefficient(self.area),
                ambient: self.inlet,
            })
    }

    /// The same as `n` strips along the flow over a rectangle, each against the coolant that passes
    /// it: the coolant warms evenly from inlet to outlet, and the coefficient is without the rise.
    ///
    /// # Errors
    /// A resistance smaller than half of the rise of the coolant.
    pub fn strips(
        &self,
        over: &Rect,
        direction: Direction,
        n: usize,
        heat: Watts,
    ) -> Result<Vec<Patch>, CoolantError> {
        let strip = |idx: usize| {
            let (start, share) = (idx as f64 / n as f64, 1.0 / n as f64);
            if direction.is_along_x() {
                Rect::new(
                    over.x + over.width * start,
                    over.y,
                    over.width * share,
                    over.height,
                )
            } else {
                Rect::new(
                    over.x,
                    over.y + over.height * start,
                    over.width,
                    over.height * share,
                )
            }
        };
        let rise = self.outlet - self.inlet;
        let coefficient = match self.resistance {
            None => None,
            Some(resistance) => {
                let half = if heat.value() == 0.0 {
                    0.0
                } else {
                    0.5 * rise.value() / heat.value()
                };
                let left = resistance.value() - half;
                if !(left > 0.0 && left.is_finite()) {
                    let least = KelvinPerWatt::new(half);
                    return Err(CoolantError::TooSmall { resistance, least });
                }
                Some(HeatTransferCoefficient::new(1.0 / (left * over.area_m2())))
            }
        };
        let patches = (0..n).map(|idx| {
            let passed = (idx as f64 + 0.5) / n as f64;
            let passed = if direction.is_forward() {
                passed
            } else {
                1.0 - passed
            };
            let ambient = self.inlet + rise * passed;
            Patch {
                area: strip(idx),
                condition: coefficient.map_or(Condition::Adiabatic, |coefficient| {
                    Condition::Convection {
                        coefficient,
                        ambient,
                    }
                }),
            }
        });
        Ok(patches.collect())
    }
}

impl CoolantLoop {
    /// Flow, coolant and base temperature of every plate, given the heat of each and the flow of
    /// the loop; zero is a loss of coolant, in which no plate takes up heat.
    ///
    /// # Errors
    /// Heats for another number of plates, a plate that is absent or joined twice, shares that do
    /// not add up, flows outside curves, parallel plates without pressure drops.
    pub fn solve(
        &self,
        flow: VolumeFlow,
        heats: &[Watts],
    ) -> Result<Vec<PlateState>, CoolantError> {
        let n = self.plates.len();
        let refuse = |what: String| Err(CoolantError::Circuit { what });
        if heats.len() != n {
            return refuse(format!("{} heats for {n} plates", heats.len()));
        }
        if !(flow.value() >= 0.0 && flow.value().is_finite()) {
            return refuse(format!(
                "its flow is {} m3/s; it has to be zero or more",
                flow.value()
            ));
        }
        let mut seen = vec![0; n];
        self.plumbing.count(&mut seen)?;
        if let Some(idx) = seen.iter().position(|n| *n != 1) {
            return refuse(format!(
                "plate {:?} is joined {} times; once is needed",
                self.plates[idx].name, seen[idx]
            ));
        }
        let mut states = vec![None; n];
        self.follow(&self.plumbing, flow, self.inlet, heats, &mut states)?;
        Ok(states.into_iter().flatten().collect())
    }

    /// Puts the plates of a part in order and returns the coolant that leaves it.
    fn follow(
        &self,
        part: &Plumbing,
        flow: VolumeFlow,
        inlet: Celsius,
        heats: &[Watts],
        states: &mut [Option<PlateState>],
    ) -> Result<Celsius, CoolantError> {
        match part {
            Plumbing::Plate(idx) => {
                let state = self.plate(*idx, flow, inlet, heats[*idx])?;
                states[*idx] = Some(state);
                Ok(state.outlet)
            }
            Plumbing::Series(parts) => parts.iter().try_fold(inlet, |inlet, part| {
                self.follow(part, flow, inlet, heats, states)
            }),
            Plumbing::Shares(parts) => {
                let flows: Vec<_> = parts.iter().map(|(share, _)| flow * *share).collect();
                let parts = parts.iter().map(|(_, part)| part);
                self.side_by_side(parts, &flows, flow, inlet, heats, states)
            }
            Plumbing::Parallel(parts) => {
                let flows = self.even_pressure(parts, flow)?;
                self.side_by_side(parts.iter(), &flows, flow, inlet, heats, states)
            }
        }
    }

    fn side_by_side<'a>(
        &self,
        parts: impl Iterator<Item = &'a Plumbing>,
        flows: &[VolumeFlow],
        flow: VolumeFlow,
        inlet: Celsius,
        heats: &[Watts],
        states: &mut [Option<PlateState>],
    ) -> Result<Celsius, CoolantError> {
        let mut mixed = inlet;
        for (part, own) in parts.zip(flows) {
            let outlet = self.follow(part, *own, inlet, heats, states)?;
            if flow.value() > 0.0 {
                mixed = mixed + (outlet - inlet) * (*own / flow);
            }
        }
        Ok(mixed)
    }

    fn plate(
        &self,
        idx: usize,
        flow: VolumeFlow,
        inlet: Celsius,
        heat: Watts,
    ) -> Result<PlateState, CoolantError> {
        let plate = &self.plates[idx];
        let mut state = PlateState {
            flow,
            inlet,
            outlet: inlet,
            base: None,
            resistance: None,
            pressure_drop: None,
            area: plate.area,
        };
        if flow.value() > 0.0 {
            let resistance = plate
                .cooler
                .resistance(flow, &self.coolant)?
                .over(plate.area);
            let rate = flow.value() * self.coolant.heat_capacity.value();
            state.outlet = inlet + units::KelvinDifference::new(heat.value() / rate);
            state.base = Some(inlet + resistance * heat);
            state.resistance = Some(resistance);
            if let Some(curve) = plate.cooler.curve_with_pressure() {
                state.pressure_drop = curve.pressure_drop(flow)?;
            }
        }
        Ok(state)
    }

    /// Flows under which all parts have one pressure drop.
    fn even_pressure(
        &self,
        parts: &[Plumbing],
        flow: VolumeFlow,
    ) -> Result<Vec<VolumeFlow>, CoolantError> {
        if flow.value() == 0.0 || parts.len() < 2 {
            return Ok(vec![flow; parts.len()]);
        }
        let ranges = parts
            .iter()
            .map(|part| self.range(part))
            .collect::<Result<Vec<_>, _>>()?;
        let drop = |part: usize, at: f64| self.pressure(&parts[part], at);
        let (mut low, mut high) = (0.0f64, f64::INFINITY);
        for (part, [least, most]) in ranges.iter().enumerate() {
            low = low.max(drop(part, *least)?);
            high = high.min(drop(part, *most)?);
        }
        let flows_at = |pressure: f64| -> Result<Vec<f64>, CoolantError> {
            let parts = ranges.iter().enumerate();
            parts
                .map(|(part, range)| bisect(*range, |at| Ok(drop(part, at)? - pressure)))
                .collect()
        };
        let sum = |pressure: f64| -> Result<f64, CoolantError> {
            Ok(flows_at(pressure)?.iter().sum::<f64>() - flow.value())
        };
        let outside = if low > high {
            true
        } else {
            let slack = 1e-9 * flow.value();
            sum(low)? > slack || sum(high)? < -slack
        };
        if outside {
            return Err(CoolantError::Circuit {
                what: format!(
                    "no pressure divides {} m3/s among parallel plates within their curves",
                    flow.value()
                ),
            });
        }
        let pressure = bisect([low, high], sum)?;
        let flows = flows_at(pressure)?;
        // The last bits of the bisection go to all parts alike, so that the flows add up.
        let scale = flow.value() / flows.iter().sum::<f64>();
        let clamp = |(flow, [least, most]): (&f64, &[f64; 2])| {
            VolumeFlow::new((flow * scale).clamp(*least, *most))
        };
        Ok(flows.iter().zip(&ranges).map(clamp).collect())
    }

    /// Flows within the curves of a part.
    fn range(&self, part: &Plumbing) -> Result<[f64; 2], CoolantError> {
        let meet = |ranges: Vec<[f64; 2]>| {
            ranges
                .into_iter()
                .fold([0.0f64, f64::INFINITY], |[low, high], [a, b]| {
                    [low.max(a), high.min(b)]
                })
        };
        match part {
            Plumbing::Plate(idx) => {
                let plate = &self.plates[*idx];
                let curve = plate.cooler.curve_with_pressure().ok_or_else(|| CoolantError::Circuit {
                    what: format!("plate {:?} states no pressure drop; give the shares of parallel plates", plate.name),
                })?;
                Ok(curve.range().map(VolumeFlow::value))
            }
            Plumbing::Series(parts) => Ok(meet(parts.iter().map(|part| self.range(part)).collect::<Result<_, _>>()?)),
            Plumbing::Shares(_) | Plumbing::Parallel(_) => Err(CoolantError::Circuit {
                what: "parallel parts within parallel parts are not divided by pressure; give their shares".to_owned(),
            }),
        }
    }

    /// Pressure drop of a part in pascals.
    fn pressure(&self, part: &Plumbing, flow_m3_per_s: f64) -> Result<f64, CoolantError> {
        match part {
            Plumbing::Plate(idx) => {
                let flow = VolumeFlow::new(flow_m3_per_s);
                let curve = self.plates[*idx].cooler.curve_with_pressure();
                let pressure = curve.map(|curve| curve.pressure_drop(flow)).transpose()?;
                Ok(pressure.flatten().map_or(0.0, Pascals::value))
            }
            Plumbing::Series(parts) | Plumbing::Parallel(parts) => {
                parts.iter().try_fold(0.0, |sum, part| {
                    Ok(sum + self.pressure(part, flow_m3_per_s)?)
                })
            }
            Plumbing::Shares(_) => Ok(0.0),
        }
    }
}

impl Plumbing {
    /// Counts how often each plate is joined.
    fn count(&self, seen: &mut [usize]) -> Result<(), CoolantError> {
        let refuse = |what: String| Err(CoolantError::Circuit { what });
        match self {
            Self::Plate(idx) => match seen.get_mut(*idx) {
                Some(seen) => *seen += 1,
                None => return refuse(format!("plate number {idx} is not one of {}", seen.len())),
            },
            Self::Series(parts) | Self::Parallel(parts) => {
                for part in parts {
                    part.count(seen)?;
                }
            }
            Self::Shares(parts) => {
                let sum: f64 = parts.iter().map(|(share, _)| share).sum();
                let are_shares = parts.iter().all(|(share, _)| *share >= 0.0);
                if !are_shares || (sum - 1.0).abs() > 1e-9 || sum.is_nan() {
                    return refuse(format!(
                        "shares of the flow add up to {sum}; they have to be zero or more and add up to one"
                    ));
                }
                for (_, part) in parts {
                    part.count(seen)?;
                }
            }
        }
        Ok(())
    }
}

/// Where a rising function is zero within an interval, to rounding.
fn bisect(
    range: [f64; 2],
    of: impl Fn(f64) -> Result<f64, CoolantError>,
) -> Result<f64, CoolantError> {
    let [mut low, mut high] = range;
    // Each step halves the interval; 200 leave nothing of any.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if of(middle)? > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(low)
}

//! How one figure came about: the expression behind its number, down to stated values.
//!
//! The expression is the computation itself: figures are computed from [`units::Derived`] values,
//! which remember what was done to them. [`Explanation::recomputed`] does it again, and
//! [`Explanation::with`] does it with other values.

use std::sync::Arc;

use link::{DerivedPlane, Element, LaneDerivation, LaneDesign, PowerTerms, latency};
use system::{MediaLaneId, Medium, PortId, System};
use units::derivation::{Node, Replaced, count, read};
use units::quantity::Quantity;
use units::{BitRate, Derived, Place, Watts};

use crate::cost::{CostBoundary, derivation as cost};
use crate::density;
use crate::figures::{Figures, PowerFigures, derived_power, first_optical_port};
use crate::metric::{Metric, designs};
use crate::reliability::Rates;
use crate::steady::SteadyState;

/// Why a figure cannot be explained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExplainError {
    /// The system has no such figure.
    #[error("{system} has no {name}: {what}")]
    Absent {
        /// The system.
        system: String,
        /// The figure.
        name: &'static str,
        /// What it would be.
        what: &'static str,
    },
    /// The figure does not come from an equation of stated values.
    #[error("{name} is counted or taken from a model that keeps no derivation")]
    NotDerived {
        /// The figure.
        name: &'static str,
    },
    /// The expression gives another number than the figure.
    #[error("the derivation of {name} gives {derived} where the figure is {figure}")]
    Disagrees {
        /// The figure.
        name: &'static str,
        /// What the expression gives, in the unit that the quantity's newtype holds.
        derived: f64,
        /// The figure.
        figure: f64,
    },
    /// The expression has no value, for example with other values of its leaves.
    #[error("{0}")]
    NoValue(String),
}

/// The expression behind a figure.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Which figure.
    pub metric: &'static Metric,
    /// The lane that it speaks of, where it is a lane's.
    pub lane: Option<String>,
    /// The expression; its value is the figure.
    pub root: Arc<Node>,
}

impl Explanation {
    /// Explains a figure of a solved system.
    ///
    /// # Errors
    /// The system lacks the figure, or it is not computed by equations, or, which is a fault of
    /// this program, the expression does not give the figure to the last bit.
    pub fn new(
        system: &System,
        state: &SteadyState,
        figures: &Figures,
        metric: &'static Metric,
    ) -> Result<Self, ExplainError> {
        let figure =
            (metric.value)(system, state, figures).ok_or_else(|| ExplainError::Absent {
                system: figures.name.clone(),
                name: metric.name,
                what: metric.doc,
            })?;
        let of = Sources {
            system,
            state,
            figures,
        };
        let (lane, root) = of
            .expression(metric)
            .ok_or(ExplainError::NotDerived { name: metric.name })?;
        if root.si.to_bits() != figure.to_bits() {
            return Err(ExplainError::Disagrees {
                name: metric.name,
                derived: root.si,
                figure,
            });
        }
        let lane = lane.map(|lane| system.media_lanes[lane.index()].name.clone());
        Ok(Self { metric, lane, root })
    }

    /// The number computed anew from the leaves.
    ///
    /// # Errors
    /// A model in the expression has no result.
    pub fn recomputed(&self) -> Result<f64, ExplainError> {
        self.with(&Replaced::new())
    }

    /// The number with other values of some leaves.
    ///
    /// # Errors
    /// A model in the expression has no result at these values.
    pub fn with(&self, replaced: &Replaced) -> Result<f64, ExplainError> {
        self.root.evaluate(replaced).map_err(ExplainError::NoValue)
    }

    /// The places of the stated values that the number rests on.
    pub fn places(&self) -> Vec<Place> {
        let leaves = self.root.leaves();
        let places = leaves.iter().filter_map(|leaf| match &leaf.step {
            units::derivation::Step::Stated(leaf) => leaf.place.clone(),
            _ => None,
        });
        places.collect()
    }
}

/// Where expressions are taken from.
struct Sources<'a> {
    system: &'a System,
    state: &'a SteadyState,
    figures: &'a Figures,
}

type Found = (Option<MediaLaneId>, Arc<Node>);

fn plain<Q: Quantity>(derived: &Derived<Q>) -> Found {
    (None, Arc::clone(derived.node()))
}

impl Sources<'_> {
    fn expression(&self, metric: &Metric) -> Option<Found> {
        let (group, rest) = metric.name.split_once('.').unwrap_or((metric.name, ""));
        match group {
            "power" => self.power(rest),
            "latency_ns" => self.latency(rest),
            "density" => self.density(rest),
            "link"
            | "rx_power_dbm"
            | "tx_power_dbm"
            | "tx_oma_dbm"
            | "laser_power_dbm"
            | "extinction_ratio_db" => self.lane(metric.name),
            "reliability" => self.reliability(rest),
            "cost" => self.cost(rest),
            "package" => Some(plain(&cost::package_yield(self.system)?)),
            "bandwidth_tbps" => Some(plain(&density::bandwidth(self.system, None)?)),
            _ => self.counted(metric),
        }
    }

    /// A number of entities, which follows from the maps.
    fn counted(&self, metric: &Metric) -> Option<Found> {
        let counts = [
            "ports",
            "lanes",
            "rings",
            "optical_engines",
            "laser_modules",
            "lasers",
            "fibres.data",
            "fibres.laser",
            "fibres.total",
            "fibres.mpo",
        ];
        if !counts.contains(&metric.name) {
            return None;
        }
        let value = (metric.value)(self.system, self.state, self.figures)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of entities"
        )]
        Some(plain(&count(metric.doc, value as usize)))
    }

    fn power(&self, rest: &str) -> Option<Found> {
        let power = derived_power(self.system, self.state)?;
        let port = &power.port;
        if let Some(term) = rest.strip_prefix("terms_pj_per_bit.") {
            let watts = port_term(port, term)?;
            let per_bit = watts / self.port_rate()?;
            return Some(plain(&per_bit.named(format!("{term}, per bit"))));
        }
        let watts = match rest {
            "module_w" => port.module().named("module"),
            "port_w" => port.port().named("port with SerDes"),
            "pj_per_bit" => {
                let module = port.module().named("module");
                let per_bit = module / self.port_rate()?;
                return Some(plain(&per_bit.named("energy per bit, module")));
            }
            "port_pj_per_bit" => {
                let port = port.port().named("port with SerDes");
                let per_bit = port / self.port_rate()?;
                return Some(plain(&per_bit.named("energy per bit, port")));
            }
            _ => box_term(power, rest)?,
        };
        Some(plain(&watts))
    }

    /// Data rate of a port of the first optical group.
    fn port_rate(&self) -> Option<Derived<BitRate>> {
        let port = &self.system.ports[first_optical_port(self.system)?];
        Some(read(&self.system.description.port[port.group].value.rate))
    }

    fn latency(&self, rest: &str) -> Option<Found> {
        let port = PortId::from_index(first_optical_port(self.system)?);
        let terms = latency(self.system, port)?;
        let term = match rest {
            "serdes" => terms.serdes,
            "dsp" => terms.dsp,
            "fibre" => terms.fibre,
            "fec_fill" => terms.fec_fill,
            "fec_decode" => terms.fec_decode,
            "total" => terms.total().named("latency"),
            _ => return None,
        };
        Some(plain(&term))
    }

    fn density(&self, rest: &str) -> Option<Found> {
        Some(match rest {
            "shoreline_tbps_per_mm" => plain(&density::shoreline(self.system)?),
            "areal_tbps_per_mm2" => plain(&density::areal(self.system)?),
            "faceplate_tbps_per_ru" => plain(&density::per_rack_unit(self.system)?),
            _ => return None,
        })
    }

    fn reliability(&self, rest: &str) -> Option<Found> {
        let rates = Rates::new(self.system, self.state);
        match rest {
            "fit_total" => Some(plain(&rates.all().named("failures of the switch"))),
            "link_failures_per_year" => Some(plain(&rates.of_links_per_year())),
            _ => None,
        }
    }

    fn cost(&self, rest: &str) -> Option<Found> {
        let optics = [CostBoundary::Optics];
        let whole = [CostBoundary::Optics, CostBoundary::Box];
        let sum = |within: &[CostBoundary]| cost::sum(self.system, self.figures, within);
        let dollars = match rest {
            "capex_usd.value" => sum(&whole)?.named("price of the box"),
            "optics_usd.value" => sum(&optics)?.named("price of the optics"),
            "per_gbps_usd.value" => {
                let bandwidth = density::bandwidth(self.system, None)?;
                cost::per_gbps(sum(&whole)?.named("price of the box"), &bandwidth)
            }
            "optics_per_gbps_usd.value" => {
                let bandwidth = density::bandwidth(self.system, Some(Medium::Optical))?;
                cost::per_gbps(sum(&optics)?.named("price of the optics"), &bandwidth)
            }
            _ => return None,
        };
        Some(plain(&dollars))
    }

    fn lane(&self, name: &str) -> Option<Found> {
        let worst = || {
            let lane = self.figures.link.as_ref()?.worst.as_ref()?.lane;
            Some((lane, self.state.lanes.design(lane)))
        };
        let at = |lane: MediaLaneId, node: &Arc<Node>| Some((Some(lane), Arc::clone(node)));
        match name {
            "link.worst.margin_db" => {
                let (lane, design) = worst()?;
                at(lane, design.worse().derivation.margin.as_ref()?.node())
            }
            "link.worst.pre_fec_ber" => {
                let (lane, design) = worst()?;
                at(lane, design.worse().derivation.pre_fec_ber.as_ref()?.node())
            }
            "link.worst.post_fec_cer_log10" => {
                let (lane, design) = worst()?;
                let ln = design.worse().derivation.ln_codeword_error_ratio.clone()?;
                let log10 = ln / units::derivation::number(std::f64::consts::LN_10);
                at(lane, log10.named("codeword error ratio, log10").node())
            }
            "link.worst.rx_oma_dbm" => {
                let (lane, design) = worst()?;
                at(
                    lane,
                    design
                        .incoming()
                        .derivation
                        .planes
                        .last()?
                        .oma
                        .as_ref()?
                        .node(),
                )
            }
            "rx_power_dbm" => self.least(|d| average(d, Element::Photodiode)),
            "tx_power_dbm" => self.least(|d| average(d, Element::OutputCoupler)),
            "laser_power_dbm" => self.least(|d| average(d, Element::Laser)),
            "tx_oma_dbm" => self.least(|d| {
                let plane = plane(d, Element::OutputCoupler)?;
                Some(Arc::clone(plane.oma.as_ref()?.node()))
            }),
            "extinction_ratio_db" => {
                self.least(|d| Some(Arc::clone(d.extinction_ratio.as_ref()?.node())))
            }
            _ => None,
        }
    }

    /// The least of a figure over all lanes, with a lane that has it.
    fn least(&self, of: impl Fn(&LaneDerivation) -> Option<Arc<Node>>) -> Option<Found> {
        let designs: Vec<&LaneDesign> = designs(self.system, self.state).collect();
        let nodes: Option<Vec<Arc<Node>>> = designs
            .iter()
            .map(|design| of(&design.derivation))
            .collect();
        let nodes = nodes?;
        let place = (0..nodes.len()).min_by(|a, b| nodes[*a].si.total_cmp(&nodes[*b].si))?;
        let lanes = &self.state.lanes;
        let lane = (0..lanes.design_of.len()).find(|lane| {
            let of = &lanes.designs[lanes.design_of[*lane]];
            let is_it = |design: &LaneDesign| std::ptr::eq(design, designs[place]);
            is_it(of) || of.back.as_deref().is_some_and(is_it)
        });
        let root = match nodes.as_slice() {
            [only] => Arc::clone(only),
            _ => Node::least(nodes)?,
        };
        Some((lane.map(MediaLaneId::from_index), root))
    }
}

fn plane(derivation: &LaneDerivation, element: Element) -> Option<&DerivedPlane> {
    let mut planes = derivation.planes.iter();
    planes.find(|plane| plane.element == element)
}

fn average(derivation: &LaneDerivation, element: Element) -> Option<Arc<Node>> {
    Some(Arc::clone(plane(derivation, element)?.average.node()))
}

fn port_term(port: &PowerTerms<Derived<Watts>>, term: &str) -> Option<Derived<Watts>> {
    Some(match term {
        "engine" => port.engine.clone(),
        "engine_interface" => port.engine_interface.clone(),
        "dsp" => port.dsp.clone(),
        "tuning" => port.tuning.clone(),
        "laser" => port.laser.clone(),
        "serdes" => port.serdes.clone(),
        "conversion" => port.optics_conversion.clone() + port.serdes_conversion.clone(),
        _ => return None,
    })
}

fn box_term(power: PowerFigures<Derived<Watts>>, term: &str) -> Option<Derived<Watts>> {
    Some(match term {
        "optics_w" => power.optics,
        "switch_w" => power.switch,
        "facility_w" => power.facility,
        "switch_terms_w.serdes" => power.serdes,
        "switch_terms_w.asic" => power.asic,
        "switch_terms_w.overhead" => power.overhead,
        "switch_terms_w.supply_loss" => power.supply_loss.named("supply loss"),
        _ => return None,
    })
}

//! The figures that have a name: what constraints, explanations and plots ask for.

use link::{Element, LaneDesign, LatencyTerms, Plane};
use system::{System, nearest};
use units::{Decibels, Dimension, Seconds, Unit, Watts};

use crate::cost::CostRange;
use crate::figures::{Boundary, Figures, LinkPoint, PowerFigures};
use crate::heat::HeatedKind;
use crate::steady::SteadyState;

/// A figure with a name.
#[derive(Debug)]
pub struct Metric {
    /// Its dotted path in the JSON of `run`, or a plain word for what that has no single key for.
    pub name: &'static str,
    /// Shorter names that mean the same.
    pub aliases: &'static [&'static str],
    /// What it is.
    pub doc: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// The unit of a bare number: that of the JSON key.
    pub unit: &'static str,
    /// Where a power is counted.
    pub boundary: Option<Boundary>,
    /// The figure as its quantity holds it; none where the system has no such figure.
    pub value: fn(&System, &SteadyState, &Figures) -> Option<f64>,
}

impl Metric {
    /// The figure with this name or alias.
    ///
    /// # Errors
    /// No figure has the name.
    pub fn find(name: &str) -> Result<&'static Self, UnknownMetric> {
        METRICS
            .iter()
            .find(|metric| metric.name == name || metric.aliases.contains(&name))
            .ok_or_else(|| UnknownMetric {
                name: name.to_owned(),
                nearest: nearest(name, Self::names()),
            })
    }

    /// Every name and alias, in the order of the table.
    pub fn names() -> impl Iterator<Item = &'static str> {
        METRICS.iter().flat_map(|metric| {
            let name = std::iter::once(metric.name);
            name.chain(metric.aliases.iter().copied())
        })
    }

    /// The unit of a bare number.
    ///
    /// # Panics
    /// Never: a test asks every entry of the table.
    pub fn unit(&self) -> &'static Unit {
        self.dimension
            .unit(self.unit)
            .expect("the table of metrics has units of their dimensions")
    }

    /// The number of the metric's unit that makes up a held value.
    pub fn in_unit(&self, si: f64) -> f64 {
        self.unit().from_si(si)
    }
}

/// No figure has the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no figure {name:?}")]
pub struct UnknownMetric {
    /// The name.
    pub name: String,
    /// The figure that may have been meant.
    pub nearest: Option<&'static str>,
}

fn port(figures: &Figures, of: fn(&PowerFigures) -> Watts) -> Option<f64> {
    figures.power.as_ref().map(|power| of(power).value())
}

fn per_bit(figures: &Figures, of: fn(&PowerFigures) -> Watts) -> Option<f64> {
    let power = figures.power.as_ref()?;
    Some(power.per_bit(of(power)).value())
}

fn worst(figures: &Figures) -> Option<&LinkPoint> {
    figures.link.as_ref()?.worst.as_ref()
}

fn worst_margin(figures: &Figures) -> Option<f64> {
    let link = figures.link.as_ref()?;
    // A dark lane has no margin, and no lane is worse off.
    if link.n_dark > 0 {
        return None;
    }
    let margin = link.worst.as_ref()?.margin.signed();
    margin.map(Decibels::value)
}

fn latency(figures: &Figures, of: fn(&LatencyTerms) -> Seconds) -> Option<f64> {
    figures.latency.as_ref().map(|terms| of(terms).value())
}

/// The highest temperature of a kind of parts; none where there is no agreement.
fn warmest(figures: &Figures, kind: HeatedKind) -> Option<f64> {
    let heat = &figures.heat;
    let groups = heat.groups.iter().filter(|group| group.kind == kind);
    groups
        .map(|group| group.temperature.high.value())
        .reduce(f64::max)
        .filter(|_| heat.fault.is_none())
}

/// A sum that lacks a price is no figure.
fn dollars(range: Option<&CostRange>) -> Option<f64> {
    let complete = range.filter(|range| range.is_complete());
    complete.map(|range| range.nominal.value())
}

/// Designs of lanes that belong to a port, both directions.
pub(crate) fn designs<'a>(
    system: &'a System,
    state: &'a SteadyState,
) -> impl Iterator<Item = &'a LaneDesign> {
    let in_use = |idx: usize| {
        let mut lanes = system.media_lanes.iter().zip(&state.lanes.design_of);
        lanes.any(|(lane, design)| *design == idx && lane.port.is_some())
    };
    let all = state.lanes.designs.iter().enumerate();
    all.filter(move |(idx, _)| in_use(*idx))
        .flat_map(|(_, design)| [Some(design), design.back.as_deref()])
        .flatten()
}

/// The least of a figure over all lanes; none when one lane lacks it.
fn least(
    system: &System,
    state: &SteadyState,
    of: impl Fn(&LaneDesign) -> Option<f64>,
) -> Option<f64> {
    let mut least = None;
    for design in designs(system, state) {
        let value = of(design)?;
        least = Some(least.map_or(value, |so_far: f64| so_far.min(value)));
    }
    least
}

fn oma(plane: &Plane) -> Option<f64> {
    plane.oma.map(units::DbMilliwatts::value)
}

macro_rules! metrics {
    ($($name:literal $aliases:tt $doc:literal $dimension:ident $unit:literal $boundary:expr, $value:expr;)+) => {
        /// Every figure that has a name.
        pub static METRICS: &[Metric] = &[$(Metric {
            name: $name,
            aliases: &$aliases,
            doc: $doc,
            dimension: Dimension::$dimension,
            unit: $unit,
            boundary: $boundary,
            value: $value,
        }),+];
    };
}

metrics! {
    "bandwidth_tbps" ["bandwidth"] "data rate of all ports, one direction" BitRate "Tb/s" None,
        |_, _, f| Some(f.bandwidth.value());
    "ports" [] "ports" Ratio "" None, |_, _, f| Some(f.ports as f64);
    "lanes" [] "optical lanes of all ports" Ratio "" None, |_, _, f| Some(f.lanes as f64);
    "lane_rate_gbps" ["lane_rate"] "data rate of a lane" BitRate "Gb/s" None,
        |_, _, f| f.lane_rate.map(units::BitRate::value);
    "rings" [] "rings that modulate or drop light" Ratio "" None, |_, _, f| Some(f.rings as f64);
    "optical_engines" ["engines"] "optical engines or modules" Ratio "" None,
        |_, _, f| Some(f.optical_engines as f64);
    "laser_modules" [] "laser modules" Ratio "" None, |_, _, f| Some(f.laser_modules as f64);
    "lasers" [] "lasers" Ratio "" None, |_, _, f| Some(f.lasers as f64);
    "fibres.data" [] "fibres that carry signals" Ratio "" None, |_, _, f| Some(f.fibres.data as f64);
    "fibres.laser" [] "fibres that carry laser light" Ratio "" None, |_, _, f| Some(f.fibres.laser as f64);
    "fibres.total" ["fibres"] "all fibres" Ratio "" None,
        |_, _, f| Some((f.fibres.data + f.fibres.laser) as f64);
    "fibres.mpo" ["ferrules"] "ferrules" Ratio "" None, |_, _, f| Some(f.fibres.ferrules as f64);
    "power.module_w" ["power.module"] "power of the module of one port of the first optical group" Power "W" Some(Boundary::Module),
        |_, _, f| port(f, |p| p.port.module());
    "power.port_w" ["power.port"] "power of one port of the first optical group, with its SerDes" Power "W" Some(Boundary::Port),
        |_, _, f| port(f, |p| p.port.port());
    "power.optics_w" ["power.optics"] "power of all optical ports" Power "W" Some(Boundary::Module),
        |_, _, f| port(f, |p| p.optics);
    "power.switch_w" ["power.switch"] "power of the box" Power "W" Some(Boundary::Switch),
        |_, _, f| port(f, |p| p.switch).filter(|_| f.has_chassis);
    "power.facility_w" ["power.facility"] "power of the building for the box" Power "W" Some(Boundary::Facility),
        |_, _, f| port(f, |p| p.facility).filter(|_| f.has_chassis);
    "power.pj_per_bit" ["energy", "energy.module_pj_per_bit"] "energy per bit of data of that port" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.module());
    "power.terms_pj_per_bit.engine" [] "drivers, amplifiers, controller and monitors, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.engine);
    "power.terms_pj_per_bit.engine_interface" [] "the engine's end of the host lanes, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.engine_interface);
    "power.terms_pj_per_bit.dsp" [] "retimer or DSP, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.dsp);
    "power.terms_pj_per_bit.tuning" [] "heaters, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.tuning);
    "power.terms_pj_per_bit.laser" [] "lasers with their coolers and controllers, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Module),
        |_, _, f| per_bit(f, |p| p.port.laser);
    "power.terms_pj_per_bit.serdes" [] "the ASIC's end of the host lanes, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Port),
        |_, _, f| per_bit(f, |p| p.port.serdes);
    "power.terms_pj_per_bit.conversion" [] "lost in regulators, per bit" EnergyPerBit "pJ/bit" Some(Boundary::Port),
        |_, _, f| per_bit(f, |p| p.port.optics_conversion + p.port.serdes_conversion);
    "power.switch_terms_w.serdes" [] "all SerDes with their regulators" Power "W" Some(Boundary::Switch),
        |_, _, f| port(f, |p| p.serdes);
    "power.switch_terms_w.asic" [] "ASIC without SerDes, with its regulator" Power "W" Some(Boundary::Switch),
        |_, _, f| port(f, |p| p.asic);
    "power.switch_terms_w.overhead" [] "cooling and board" Power "W" Some(Boundary::Switch),
        |_, _, f| port(f, |p| p.overhead);
    "power.switch_terms_w.supply_loss" [] "lost in the chassis supply" Power "W" Some(Boundary::Switch),
        |_, _, f| port(f, |p| p.supply_loss);
    "latency_ns.serdes" [] "SerDes of both ends" Time "ns" None, |_, _, f| latency(f, |l| l.serdes);
    "latency_ns.dsp" [] "retimers or DSPs of both ends" Time "ns" None, |_, _, f| latency(f, |l| l.dsp);
    "latency_ns.fibre" [] "light in the fibre" Time "ns" None, |_, _, f| latency(f, |l| l.fibre);
    "latency_ns.fec_fill" [] "waiting for the codewords to arrive" Time "ns" None,
        |_, _, f| latency(f, |l| l.fec_fill);
    "latency_ns.fec_decode" [] "decoding" Time "ns" None, |_, _, f| latency(f, |l| l.fec_decode);
    "latency_ns.total" ["latency", "latency.total_ns"] "latency of a link, one way" Time "ns" None,
        |_, _, f| latency(f, LatencyTerms::total);
    "density.shoreline_tbps_per_mm" ["density.shoreline"] "optical bandwidth per length of package edge" ShorelineDensity "Tb/s/mm" None,
        |_, _, f| f.density.shoreline.map(units::BitRatePerMeter::value);
    "density.faceplate_tbps_per_ru" ["density.faceplate"] "bandwidth of all ports per rack unit" BitRate "Tb/s" None,
        |_, _, f| f.density.per_rack_unit.map(units::BitRate::value);
    "density.areal_tbps_per_mm2" ["density.areal"] "optical bandwidth per area of engine in a package" ArealDensity "Tb/s/mm2" None,
        |_, _, f| f.density.areal.map(units::BitRatePerSquareMeter::value);
    "link.worst.margin_db" ["margin_db", "margin"] "optical power to spare on the worst lane; none where a lane is dark or no power would do" PowerRatio "dB" None,
        |_, _, f| worst_margin(f);
    "link.worst.pre_fec_ber" ["pre_fec_ber", "ber"] "bit error ratio of the worst lane at the decoder's input" Ratio "" None,
        |_, _, f| worst(f).map(|point| point.pre_fec_ber);
    "link.worst.post_fec_cer_log10" ["post_fec_cer_log10"] "logarithm to base ten of the codeword error ratio of the worst lane" Ratio "" None,
        |_, _, f| worst(f).map(|point| point.log10_codeword_error_ratio);
    "link.worst.rx_oma_dbm" ["rx_oma_dbm", "rx_oma"] "outer modulation amplitude at the photodiode of the worst lane" PowerLevel "dBm" None,
        |_, _, f| worst(f).map(|point| point.rx_oma.value());
    "rx_power_dbm" ["rx_power"] "least mean power at a photodiode" PowerLevel "dBm" None,
        |s, state, _| least(s, state, |d| d.planes.after(Element::Photodiode).map(|plane| plane.average.value()));
    "tx_power_dbm" ["tx_power"] "least mean power behind the output coupler, TP2" PowerLevel "dBm" None,
        |s, state, _| least(s, state, |d| d.planes.after(Element::OutputCoupler).map(|plane| plane.average.value()));
    "tx_oma_dbm" ["tx_oma"] "least outer modulation amplitude behind the output coupler, TP2" PowerLevel "dBm" None,
        |s, state, _| least(s, state, |d| d.planes.after(Element::OutputCoupler).and_then(oma));
    "laser_power_dbm" ["laser_power"] "least power of a laser at its connector" PowerLevel "dBm" None,
        |s, state, _| least(s, state, |d| d.planes.after(Element::Laser).map(|plane| plane.average.value()));
    "extinction_ratio_db" ["extinction_ratio"] "least outer extinction ratio of a modulator" PowerRatio "dB" None,
        |s, state, _| least(s, state, |d| Some(d.modulator.as_ref()?.extinction_ratio.value()));
    "link.lanes_open" ["lanes_open"] "lanes that are lit but do not reach the code's target" Ratio "" None,
        |_, _, f| f.link.as_ref().map(|link| link.n_open as f64);
    "link.lanes_dark" ["lanes_dark"] "lanes without signal" Ratio "" None,
        |_, _, f| f.link.as_ref().map(|link| link.n_dark as f64);
    "heat.junction_c" ["junction", "asic_temperature"] "highest junction temperature of a die" Temperature "C" None,
        |_, _, f| warmest(f, HeatedKind::Die);
    "heat.engine_c" ["engine_temperature"] "highest temperature of an engine's photonic die, or of a module" Temperature "C" None,
        |_, _, f| warmest(f, HeatedKind::Engine);
    "heat.engine_spread_k" ["engine_spread"] "difference of the warmest and the coldest engine of the first group" TemperatureDifference "K" None,
        |_, _, f| f.heat.first(HeatedKind::Engine).map(|group| group.spread().value());
    "heat.laser_module_c" ["laser_module_temperature"] "highest temperature of the case of a laser module" Temperature "C" None,
        |_, _, f| warmest(f, HeatedKind::LaserModule);
    "heat.crosstalk_k_per_w" ["crosstalk"] "greatest rise of an engine for each watt of the dies of its package" ThermalResistance "K/W" None,
        |_, _, f| f.heat.first(HeatedKind::Engine)?.crosstalk.map(|range| range.high.value());
    "heat.heaters_w" ["heaters"] "greatest power of the ring heaters of one engine of the first group" Power "W" None,
        |_, _, f| f.heat.first(HeatedKind::Engine)?.rings.map(|rings| rings.heaters.high.value());
    "heat.runaway_margin" ["runaway_margin"] "one less the gain of the loop from heat to temperature to heat" Ratio "" None,
        |_, _, f| f.heat.runaway_margin;
    "reliability.fit_total" ["fit"] "all failures of the switch" FailureRate "FIT" None,
        |_, _, f| Some(f.reliability.total.value());
    "reliability.link_failures_per_year" ["link_failures_per_year"] "failures per year that take optical lanes down" Ratio "" None,
        |_, _, f| Some(f.reliability.link_failures_per_year);
    "reliability.blast_radius.ports_down" ["blast_radius.ports_down"] "ports that the loss of the worst engine takes down" Ratio "" None,
        |_, _, f| f.reliability.engine().map(|part| part.radius.ports_down.len() as f64);
    "cost.capex_usd.value" ["cost.capex_usd", "capex"] "nominal price of the box, optics included; none where a price is missing" Money "USD" None,
        |_, _, f| dollars(Some(&f.cost.capex));
    "cost.optics_usd.value" ["cost.optics_usd"] "nominal price of the optics; none where a price is missing" Money "USD" None,
        |_, _, f| dollars(Some(&f.cost.optics));
    "cost.per_gbps_usd.value" ["cost.per_gbps_usd"] "nominal price of the box for each Gb/s of all ports; none where a price is missing" Money "USD" None,
        |_, _, f| dollars(Some(&f.cost.per_gbps));
    "cost.optics_per_gbps_usd.value" ["cost.optics_per_gbps_usd"] "nominal price of the optics for each Gb/s of the optical ports; none where a price is missing" Money "USD" None,
        |_, _, f| dollars(f.cost.optics_per_gbps.as_ref());
    "package.yield.value" ["package.yield"] "share of the packages that turn out good, with nominal yields" Ratio "" None,
        |_, _, f| f.package.as_ref().map(|package| package.good.nominal);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use system::{Input, Library};

    #[test]
    fn names_are_unique_and_units_fit() {
        let names: Vec<_> = Metric::names().collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for metric in METRICS {
            assert_eq!(metric.unit().symbol, metric.unit, "{}", metric.name);
            assert!(std::ptr::eq(Metric::find(metric.name).unwrap(), metric));
        }
    }

    #[test]
    fn a_misspelt_name_is_told_its_neighbour() {
        let error = Metric::find("power.modul_w").unwrap_err();
        assert_eq!(error.nearest, Some("power.module_w"));
        assert_eq!(error.to_string(), "there is no figure \"power.modul_w\"");
    }

    #[test]
    fn a_dark_lane_leaves_no_margin() {
        let library = Library::embedded();
        // 23 dBm for one lane overloads the receiver.
        let sets =
            ["use=elsfp-uhp-8", "lanes_per_laser=1"].map(|set| format!("laser_module.els.{set}"));
        let system = System::resolve(&Input {
            name: "cpo-51t",
            bytes: library.platform("cpo-51t").unwrap().as_bytes(),
            sets: &sets,
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
        .unwrap();
        let state = SteadyState::solve(&system);
        let figures = Figures::new(&system, &state);
        let of = |name| (Metric::find(name).unwrap().value)(&system, &state, &figures);
        assert_eq!(of("margin"), None);
        assert_eq!(of("lanes_dark"), Some(512.0));
        assert!(of("tx_oma").is_some());
    }
}

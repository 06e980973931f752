//! How a flow splits: circuits of laminar resistances.
//!
//! In laminar flow the pressure along a pipe grows in proportion to its flow, so that a circuit of
//! pipes is a linear network. Its pressures follow from the balance of flows at every node.

use units::{Pascals, VolumeFlow};

use super::CoolantError;

/// Residual of the balance of flows, relative to the flow of the circuit.
const TOLERANCE: f64 = 1e-14;

/// A pipe between two nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pipe {
    /// Its ends.
    pub nodes: [usize; 2],
    /// Pressure for each volume flow, Pa s/m^3; see
    /// [`Duct::laminar_resistance`](super::duct::Duct::laminar_resistance).
    pub resistance_pa_s_per_m3: f64,
}

/// Pipes between nodes that are numbered from zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Circuit {
    /// Nodes.
    pub n_nodes: usize,
    /// Pipes.
    pub pipes: Vec<Pipe>,
}

/// Flow in a circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitFlow {
    /// Flow of every pipe from its first to its second node.
    pub flows: Vec<VolumeFlow>,
    /// Pressure of every node above that of the outlets; zero where nothing leads to.
    pub pressures: Vec<Pascals>,
    /// Flow from the inlets to the outlets.
    pub total: VolumeFlow,
}

impl CircuitFlow {
    /// The same circuit with another flow.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for flow in &mut self.flows {
            *flow = *flow * factor;
        }
        for pressure in &mut self.pressures {
            *pressure = *pressure * factor;
        }
        self.total = self.total * factor;
        self
    }
}

/// Where the stubs of two headers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manifold {
    /// At opposite ends: every path is equally long (reverse return, Z).
    OppositeEnds,
    /// At the same end: the first channel has the shortest path (direct return, U).
    SameEnd,
}

impl Circuit {
    /// Parallel channels between two headers. Each header is a line of equal segments, one between
    /// neighbouring channels. Pipe `i` of the circuit is channel `i`; node 0 is the inlet.
    ///
    /// Returns the circuit and its outlet.
    pub fn parallel(
        channels_pa_s_per_m3: &[f64],
        segment_pa_s_per_m3: f64,
        manifold: Manifold,
    ) -> (Self, usize) {
        let n = channels_pa_s_per_m3.len();
        let channels = channels_pa_s_per_m3.iter().enumerate();
        let mut pipes: Vec<Pipe> = channels
            .map(|(i, resistance)| Pipe {
                nodes: [i, n + i],
                resistance_pa_s_per_m3: *resistance,
            })
            .collect();
        for header in [0, n] {
            pipes.extend((1..n).map(|i| Pipe {
                nodes: [header + i - 1, header + i],
                resistance_pa_s_per_m3: segment_pa_s_per_m3,
            }));
        }
        let outlet = match manifold {
            Manifold::OppositeEnds => (2 * n).saturating_sub(1),
            Manifold::SameEnd => n,
        };
        (
            Self {
                n_nodes: 2 * n,
                pipes,
            },
            outlet,
        )
    }

    /// Flow from inlets held at a pressure to outlets.
    ///
    /// # Errors
    /// A node that is not there, a resistance that is not positive, a node that is both inlet and
    /// outlet, inlets that no pipe joins to an outlet.
    pub fn solve(
        &self,
        inlets: &[usize],
        outlets: &[usize],
        pressure: Pascals,
    ) -> Result<CircuitFlow, CoolantError> {
        let held = self.check(inlets, outlets)?;
        let reached = self.reached_from(outlets);
        if !inlets.iter().any(|inlet| reached[*inlet]) {
            return Err(CoolantError::Blocked);
        }
        let unit = self.unit_pressures(&held, &reached)?;
        let flows: Vec<f64> = self
            .pipes
            .iter()
            .map(|pipe| {
                let [a, b] = pipe.nodes;
                (unit[a] - unit[b]) / pipe.resistance_pa_s_per_m3
            })
            .collect();
        // What leaves the inlets, summed over both ends of every pipe.
        let mut total = 0.0;
        for (pipe, flow) in self.pipes.iter().zip(&flows) {
            let [a, b] = pipe.nodes;
            total += if held[a] == Some(1.0) { *flow } else { 0.0 };
            total -= if held[b] == Some(1.0) { *flow } else { 0.0 };
        }
        let of_unit = CircuitFlow {
            flows: flows.into_iter().map(VolumeFlow::new).collect(),
            pressures: unit.into_iter().map(Pascals::new).collect(),
            total: VolumeFlow::new(total),
        };
        Ok(of_unit.scaled(pressure.value()))
    }

    /// Pressures that are held: one at inlets, zero at outlets.
    fn check(&self, inlets: &[usize], outlets: &[usize]) -> Result<Vec<Option<f64>>, CoolantError> {
        let refuse = |what: String| Err(CoolantError::Circuit { what });
        for (idx, pipe) in self.pipes.iter().enumerate() {
            let resistance = pipe.resistance_pa_s_per_m3;
            if !(resistance > 0.0 && resistance.is_finite()) {
                return refuse(format!(
                    "the resistance of pipe {idx} is {resistance} Pa s/m3; it has to be positive"
                ));
            }
        }
        let of_pipes = self.pipes.iter().flat_map(|pipe| &pipe.nodes);
        let n = self.n_nodes;
        if let Some(node) = of_pipes
            .chain(inlets)
            .chain(outlets)
            .find(|node| **node >= n)
        {
            return refuse(format!("node {node} is not one of the {n} nodes"));
        }
        let mut held = vec![None; n];
        for inlet in inlets {
            held[*inlet] = Some(1.0);
        }
        for outlet in outlets {
            if held[*outlet] == Some(1.0) {
                return refuse(format!("node {outlet} is inlet and outlet"));
            }
            held[*outlet] = Some(0.0);
        }
        Ok(held)
    }

    /// Nodes that pipes join to one of the given ones.
    fn reached_from(&self, nodes: &[usize]) -> Vec<bool> {
        let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); self.n_nodes];
        for pipe in &self.pipes {
            let [a, b] = pipe.nodes;
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
        let mut reached = vec![false; self.n_nodes];
        let mut stack = nodes.to_vec();
        while let Some(node) = stack.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                stack.extend(&neighbours[node]);
            }
        }
        reached
    }

    /// Pressures of all nodes for a pressure of one, by conjugate gradients with the diagonal as
    /// preconditioner.
    fn unit_pressures(
        &self,
        held: &[Option<f64>],
        reached: &[bool],
    ) -> Result<Vec<f64>, CoolantError> {
        let n = self.n_nodes;
        let is_free = |node: usize| held[node].is_none() && reached[node];
        let mut x: Vec<f64> = held.iter().map(|held| held.unwrap_or(0.0)).collect();
        let mut diagonal = vec![0.0; n];
        for pipe in &self.pipes {
            for node in pipe.nodes {
                diagonal[node] += 1.0 / pipe.resistance_pa_s_per_m3;
            }
        }
        // The residual of the free nodes; conductances are scaled by nothing, so that it is a flow.
        let residual = |x: &[f64], r: &mut [f64]| {
            r.fill(0.0);
            for pipe in &self.pipes {
                let [a, b] = pipe.nodes;
                let flow = (x[a] - x[b]) / pipe.resistance_pa_s_per_m3;
                r[a] -= flow;
                r[b] += flow;
            }
            for (node, r) in r.iter_mut().enumerate() {
                if !is_free(node) {
                    *r = 0.0;
                }
            }
        };
        let (mut r, mut q) = (vec![0.0; n], vec![0.0; n]);
        residual(&x, &mut r);
        let precondition = |r: &[f64]| -> Vec<f64> {
            let parts = r.iter().zip(&diagonal);
            parts
                .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                .collect()
        };
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut z = precondition(&r);
        let mut p = z.clone();
        let mut rho = dot(&r, &z);
        let start = rho;
        // Exact arithmetic ends after as many steps as there are nodes.
        let limit = 10 * n + 100;
        for _ in 0..limit {
            // `rho` is an energy: the square of what is asked for.
            if rho <= TOLERANCE * TOLERANCE * start {
                return Ok(x);
            }
            residual(&p, &mut q);
            let alpha = -rho / dot(&p, &q);
            if !alpha.is_finite() {
                break;
            }
            for node in 0..n {
                x[node] += alpha * p[node];
                r[node] += alpha * q[node];
            }
            z = precondition(&r);
            let next = dot(&r, &z);
            let beta = next / rho;
            rho = next;
            for (p, z) in p.iter_mut().zip(&z) {
                *p = z + beta * *p;
            }
        }
        Err(CoolantError::Circuit {
            what: format!("its pressures do not converge in {limit} iterations"),
        })
    }
}

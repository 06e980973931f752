//! Values that remember how they were computed.
//!
//! A [`Derived`] is a quantity together with the expression that gave it. Arithmetic between
//! derived quantities is the arithmetic of the quantities, and records itself; a device model
//! enters as a [`Function`] of named inputs. The expression can be printed, and
//! [`Node::evaluate`] computes it anew, with any of its leaves replaced: the same operations in
//! the same order, so that nothing replaced gives the same bits.
//!
//! ```
//! use units::derivation::{Replaced, read};
//! use units::{BitRate, EnergyPerBit, Sourced};
//!
//! let energy = Sourced::stated(EnergyPerBit::new(1.25e-12));
//! let rate = Sourced::stated(BitRate::new(106.25e9));
//! let power = (read(&energy) * read(&rate)).named("driver");
//! assert_eq!(power.node().evaluate(&Replaced::new()), Ok(power.value().value()));
//! ```

use std::collections::BTreeMap;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::Arc;

use crate::quantity::Quantity;
use crate::{Dimension, Origin, Place, Sourced, Spread};

/// A value that was stated, not computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// Where it is stated; none for a value that a program made.
    pub place: Option<Place>,
    /// How it varies from part to part.
    pub spread: Spread,
    /// Where it comes from.
    pub origin: Origin,
}

/// A model of which an expression takes a result.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// What it computes, in the words of the field.
    pub name: &'static str,
    /// Its equation.
    pub equation: &'static str,
    /// Author, title and equation, or clause, or the module that documents it.
    pub source: &'static str,
}

type Evaluate = dyn Fn(&[f64]) -> Result<Vec<f64>, String> + Send + Sync;

/// A function with its inputs, whose results are outputs by position.
pub struct Call {
    /// The model.
    pub function: &'static Function,
    /// What it was given.
    pub inputs: Vec<Arc<Node>>,
    outputs: Vec<f64>,
    evaluate: Box<Evaluate>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("function", &self.function.name)
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .finish_non_exhaustive()
    }
}

/// How a node came about.
#[derive(Debug)]
pub enum Step {
    /// It was stated.
    Stated(Leaf),
    /// A number that belongs to the equation, or follows from the maps between entities.
    Number {
        /// What it counts; none for a number of the equation.
        what: Option<String>,
    },
    /// `a + b`.
    Add(Arc<Node>, Arc<Node>),
    /// `a - b`.
    Subtract(Arc<Node>, Arc<Node>),
    /// `a b`.
    Multiply(Arc<Node>, Arc<Node>),
    /// `a / b`.
    Divide(Arc<Node>, Arc<Node>),
    /// The same value under a name: an equation of its own in print.
    Named(String, Arc<Node>),
    /// The least of some values of one kind.
    Least(Vec<Arc<Node>>),
    /// One result of a function.
    Result(Arc<Call>, usize),
}

/// One value of an expression.
#[derive(Debug)]
pub struct Node {
    /// What it measures.
    pub dimension: Dimension,
    /// The value in the unit that the quantity's newtype holds.
    pub si: f64,
    /// How it came about.
    pub step: Step,
}

/// Values to take in place of stated ones, by place, in the unit that the newtype holds.
pub type Replaced = BTreeMap<Place, f64>;

impl Node {
    /// The nodes that this one was computed from.
    pub fn inputs(&self) -> Vec<&Arc<Self>> {
        match &self.step {
            Step::Stated(_) | Step::Number { .. } => Vec::new(),
            Step::Add(a, b) | Step::Subtract(a, b) | Step::Multiply(a, b) | Step::Divide(a, b) => {
                vec![a, b]
            }
            Step::Named(_, node) => vec![node],
            Step::Least(nodes) => nodes.iter().collect(),
            Step::Result(call, _) => call.inputs.iter().collect(),
        }
    }

    /// Computes the expression anew from its leaves.
    ///
    /// # Errors
    /// A function has no result at the replaced values; the text says which and why.
    pub fn evaluate(self: &Arc<Self>, replaced: &Replaced) -> Result<f64, String> {
        self.evaluate_in(replaced, &mut Done::default())
    }

    fn evaluate_in(self: &Arc<Self>, replaced: &Replaced, done: &mut Done) -> Result<f64, String> {
        // A node is known by where it lies; the expression keeps it alive meanwhile.
        let address = Arc::as_ptr(self).addr();
        if let Some(si) = done.nodes.get(&address) {
            return Ok(*si);
        }
        let si = match &self.step {
            Step::Stated(leaf) => leaf
                .place
                .as_ref()
                .and_then(|place| replaced.get(place))
                .copied()
                .unwrap_or(self.si),
            Step::Number { .. } => self.si,
            Step::Add(a, b) => a.evaluate_in(replaced, done)? + b.evaluate_in(replaced, done)?,
            Step::Subtract(a, b) => {
                a.evaluate_in(replaced, done)? - b.evaluate_in(replaced, done)?
            }
            Step::Multiply(a, b) => {
                a.evaluate_in(replaced, done)? * b.evaluate_in(replaced, done)?
            }
            Step::Divide(a, b) => a.evaluate_in(replaced, done)? / b.evaluate_in(replaced, done)?,
            Step::Named(_, node) => node.evaluate_in(replaced, done)?,
            Step::Least(nodes) => {
                let mut least = f64::INFINITY;
                for node in nodes {
                    least = least.min(node.evaluate_in(replaced, done)?);
                }
                least
            }
            Step::Result(call, index) => call.evaluate_in(replaced, done)?[*index],
        };
        done.nodes.insert(address, si);
        Ok(si)
    }

    /// The stated values that the expression rests on, each once, in the order of first use.
    pub fn leaves(self: &Arc<Self>) -> Vec<Arc<Self>> {
        let (mut found, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
        let mut stack = vec![self];
        while let Some(node) = stack.pop() {
            if !seen.insert(Arc::as_ptr(node).addr()) {
                continue;
            }
            if let Step::Stated(leaf) = &node.step {
                let is_known = |other: &Arc<Self>| matches!(&other.step, Step::Stated(known) if known.place.is_some() && known.place == leaf.place);
                if !found.iter().any(is_known) {
                    found.push(Arc::clone(node));
                }
            }
            stack.extend(node.inputs().into_iter().rev());
        }
        found
    }
}

/// Results of one evaluation by address.
#[derive(Default)]
struct Done {
    nodes: BTreeMap<usize, f64>,
    calls: BTreeMap<usize, Vec<f64>>,
}

impl Call {
    fn evaluate_in(
        self: &Arc<Self>,
        replaced: &Replaced,
        done: &mut Done,
    ) -> Result<Vec<f64>, String> {
        let address = Arc::as_ptr(self).addr();
        if let Some(results) = done.calls.get(&address) {
            return Ok(results.clone());
        }
        let inputs = self
            .inputs
            .iter()
            .map(|node| node.evaluate_in(replaced, done))
            .collect::<Result<Vec<f64>, String>>()?;
        let results =
            (self.evaluate)(&inputs).map_err(|error| format!("{}: {error}", self.function.name))?;
        done.calls.insert(address, results.clone());
        Ok(results)
    }

    /// Calls a function and keeps it with its inputs.
    ///
    /// # Errors
    /// What the function says.
    pub fn new(
        function: &'static Function,
        inputs: Vec<Arc<Node>>,
        evaluate: impl Fn(&[f64]) -> Result<Vec<f64>, String> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, String> {
        let values: Vec<f64> = inputs.iter().map(|node| node.si).collect();
        let outputs = evaluate(&values).map_err(|error| format!("{}: {error}", function.name))?;
        Ok(Self::recorded(function, inputs, outputs, evaluate))
    }

    /// Keeps a function whose results are known already: `evaluate` of the inputs gives them.
    pub fn recorded(
        function: &'static Function,
        inputs: Vec<Arc<Node>>,
        results: Vec<f64>,
        evaluate: impl Fn(&[f64]) -> Result<Vec<f64>, String> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            function,
            inputs,
            outputs: results,
            evaluate: Box::new(evaluate),
        })
    }

    /// The result at a position.
    ///
    /// # Panics
    /// When the function has no such result.
    pub fn result<Q: Quantity>(self: &Arc<Self>, index: usize) -> Derived<Q> {
        Derived::of(self.outputs[index], Step::Result(Arc::clone(self), index))
    }

    /// How many results there are.
    pub fn n_results(&self) -> usize {
        self.outputs.len()
    }
}

/// A quantity with the expression that gave it.
#[derive(Debug)]
pub struct Derived<Q> {
    value: Q,
    node: Arc<Node>,
}

impl<Q: Copy> Clone for Derived<Q> {
    fn clone(&self) -> Self {
        Self {
            value: self.value,
            node: Arc::clone(&self.node),
        }
    }
}

/// A stated value as the leaf of an expression.
pub fn read<Q: Quantity>(stated: &Sourced<Q>) -> Derived<Q> {
    read_as(stated, stated.value)
}

/// A stated ratio as a pure number.
pub fn read_ratio(stated: &Sourced<crate::Ratio>) -> Derived<f64> {
    read_as(stated, stated.value.value())
}

fn read_as<Q: Quantity, R: Quantity>(stated: &Sourced<Q>, value: R) -> Derived<R> {
    Derived::of(
        value.si(),
        Step::Stated(Leaf {
            place: stated.place.clone(),
            spread: stated.spread.clone(),
            origin: stated.origin.clone(),
        }),
    )
}

/// A number that follows from the maps between entities.
pub fn count(what: impl Into<String>, n: usize) -> Derived<f64> {
    amount(what, n as f64)
}

/// An amount that follows from the maps between entities, such as half of each link.
pub fn amount(what: impl Into<String>, n: f64) -> Derived<f64> {
    Derived::of(
        n,
        Step::Number {
            what: Some(what.into()),
        },
    )
}

/// A stated value that is known by its leaf.
pub fn stated<Q: Quantity>(value: Q, leaf: Leaf) -> Derived<Q> {
    Derived::of(value.si(), Step::Stated(leaf))
}

/// A number of an equation.
pub fn number<Q: Quantity>(value: Q) -> Derived<Q> {
    Derived::of(value.si(), Step::Number { what: None })
}

impl Node {
    /// The least of some values of one kind; none of no values.
    pub fn least(nodes: Vec<Arc<Self>>) -> Option<Arc<Self>> {
        let dimension = nodes.first()?.dimension;
        let si = nodes
            .iter()
            .map(|node| node.si)
            .fold(f64::INFINITY, f64::min);
        let step = Step::Least(nodes);
        Some(Arc::new(Self {
            dimension,
            si,
            step,
        }))
    }
}

impl<Q: Quantity> Derived<Q> {
    fn of(si: f64, step: Step) -> Self {
        Self {
            value: Q::from_si(si),
            node: Arc::new(Node {
                dimension: Q::DIMENSION,
                si,
                step,
            }),
        }
    }

    /// The value.
    pub fn value(&self) -> Q {
        self.value
    }

    /// The expression.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// The same value under a name: in print it stands as an equation of its own.
    #[must_use]
    pub fn named(&self, name: impl Into<String>) -> Self {
        Self::of(
            self.node.si,
            Step::Named(name.into(), Arc::clone(&self.node)),
        )
    }

    /// A function of this value alone.
    #[must_use]
    pub fn map<R: Quantity>(
        &self,
        function: &'static Function,
        f: impl Fn(Q) -> R + Send + Sync + 'static,
    ) -> Derived<R> {
        let value = f(self.value).si();
        let call = Arc::new(Call {
            function,
            inputs: vec![Arc::clone(&self.node)],
            outputs: vec![value],
            evaluate: Box::new(move |inputs| Ok(vec![f(Q::from_si(inputs[0])).si()])),
        });
        call.result(0)
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident $step:ident;)+) => {$(
        impl<A, B> $trait<Derived<B>> for Derived<A>
        where
            A: Quantity + $trait<B>,
            B: Quantity,
            A::Output: Quantity,
        {
            type Output = Derived<A::Output>;
            fn $method(self, rhs: Derived<B>) -> Self::Output {
                let value = self.value.$method(rhs.value);
                Derived::of(value.si(), Step::$step(self.node, rhs.node))
            }
        }
    )+};
}

operator! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
}

impl<A> Mul<f64> for Derived<A>
where
    A: Quantity + Mul<f64, Output = A>,
{
    type Output = Self;
    fn mul(self, rhs: f64) -> Self {
        self * number(rhs)
    }
}

/// A stated value that can be read and replaced without knowing its quantity.
pub trait Stated {
    /// The value as the leaf of an expression.
    fn leaf(&self) -> Arc<Node>;
    /// Replaces the value.
    fn set_si(&mut self, si: f64);
}

impl<Q: Quantity> Stated for Sourced<Q> {
    fn leaf(&self) -> Arc<Node> {
        read(self).node
    }
    fn set_si(&mut self, si: f64) {
        self.value = Q::from_si(si);
    }
}

/// A field of a part that a model reads.
pub type Field<P> = fn(&mut P) -> &mut dyn Stated;

/// What a model is given: a part with the fields that it reads, and values computed before.
#[derive(Debug)]
pub struct Given<'a, P> {
    /// The part.
    pub part: &'a P,
    /// Its fields that the model reads.
    pub fields: &'a [Field<P>],
    /// The other inputs, in the order in which the model takes them.
    pub others: Vec<&'a Arc<Node>>,
}

/// Records that a model gave these results. `model` computes them from the part, in which the
/// fields may hold other values, and from the other inputs.
pub fn record<P: Clone + Send + Sync + 'static, E: std::fmt::Display>(
    function: &'static Function,
    given: &Given<'_, P>,
    results: Vec<f64>,
    model: impl Fn(&P, &[f64]) -> Result<Vec<f64>, E> + Send + Sync + 'static,
) -> Arc<Call> {
    let mut part = given.part.clone();
    let fields = given.fields.to_vec();
    let leaves: Vec<Arc<Node>> = fields.iter().map(|field| field(&mut part).leaf()).collect();
    let others = given.others.iter().map(|node| Arc::clone(node));
    let inputs = leaves.into_iter().chain(others).collect();
    Call::recorded(function, inputs, results, move |inputs| {
        let mut part = part.clone();
        let (values, others) = inputs.split_at(fields.len());
        for (field, si) in fields.iter().zip(values) {
            field(&mut part).set_si(*si);
        }
        model(&part, others).map_err(|error| error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BitRate, EnergyPerBit, Watts};

    fn stated<Q: Quantity>(field: &'static str, value: f64) -> Sourced<Q> {
        Sourced {
            place: Some(Place {
                key: Arc::from("part"),
                field,
            }),
            ..Sourced::stated(Q::from_si(value))
        }
    }

    const SQUARE: Function = Function {
        name: "square",
        equation: "y = x^2",
        source: "this test",
    };

    #[test]
    fn evaluating_again_gives_the_same_bits_and_replacing_moves() {
        let energy: Sourced<EnergyPerBit> = stated("energy", 1.3e-12);
        let rate: Sourced<BitRate> = stated("rate", 106.25e9);
        let efficiency: Sourced<f64> = stated("efficiency", 0.87);
        let power = (read(&energy) * read(&rate) * 7.0).named("power") / read(&efficiency);
        let plain = energy.value * rate.value * 7.0 / efficiency.value;
        assert_eq!(power.value().value().to_bits(), plain.value().to_bits());
        let again = power.node().evaluate(&Replaced::new());
        assert_eq!(again.map(f64::to_bits), Ok(plain.value().to_bits()));
        let place = energy.place.clone().into_iter();
        let doubled: Replaced = place.map(|place| (place, 2.6e-12)).collect();
        assert_eq!(power.node().evaluate(&doubled), Ok(2.0 * plain.value()));
        assert_eq!(power.node().leaves().len(), 3);
    }

    #[test]
    fn a_call_is_evaluated_with_its_inputs() -> Result<(), String> {
        let x: Sourced<Watts> = stated("x", 3.0);
        let call = Call::new(&SQUARE, vec![x.leaf()], |x| {
            if x[0] < 0.0 {
                return Err("negative".to_owned());
            }
            Ok(vec![x[0] * x[0], x[0]])
        })?;
        let sum = call.result::<Watts>(0) + call.result::<Watts>(1);
        assert_eq!(sum.value(), Watts::new(12.0));
        let place = x.place.clone().into_iter();
        let replaced: Replaced = place.map(|place| (place, -1.0)).collect();
        assert_eq!(
            sum.node().evaluate(&replaced),
            Err("square: negative".to_owned())
        );
        Ok(())
    }
}

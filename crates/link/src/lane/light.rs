//! The light of a lane as it passes one element after the other.

use units::{DbMilliwatts, Decibels, Derived, Watts};

use super::derivation::{DerivedPlane, FROM_RATIO, FROM_TRANSMISSION, TO_WATTS};
use crate::element::{Element, Plane, Planes};

/// The planes passed so far, with the expressions of their levels.
pub(super) struct Light {
    passed: Vec<DerivedPlane>,
    losses: Vec<Decibels>,
}

impl Light {
    /// Starts at the laser.
    pub(super) fn start(power: &Derived<DbMilliwatts>) -> Self {
        Self {
            passed: vec![DerivedPlane {
                element: Element::Laser,
                average: power.named("light of the laser"),
                oma: None,
            }],
            losses: vec![Decibels::new(0.0)],
        }
    }

    fn last(&self) -> &DerivedPlane {
        self.passed.last().expect("the light starts at the laser")
    }

    /// Passes an element that takes the same share of mean power and of amplitude.
    pub(super) fn pass(&mut self, element: Element, loss: &Derived<Decibels>) {
        self.pass_amplitude(element, loss, loss);
    }

    /// Passes an element that takes different shares of mean power and of amplitude, such as one
    /// that slows the signal.
    pub(super) fn pass_amplitude(
        &mut self,
        element: Element,
        loss: &Derived<Decibels>,
        oma_loss: &Derived<Decibels>,
    ) {
        let last = self.last();
        let average = last.average.clone() - loss.named(format!("loss of {element}"));
        let oma = last.oma.as_ref().map(|oma| {
            let loss = oma_loss.named(format!("amplitude lost in {element}"));
            (oma.clone() - loss).named(format!("OMA after {element}"))
        });
        self.passed.push(DerivedPlane {
            element,
            average: average.named(format!("light after {element}")),
            oma,
        });
        self.losses.push(loss.value());
    }

    /// Turns continuous light at the modulator's top level into data.
    pub(super) fn modulate(&mut self, mean_over_top: &Derived<f64>, oma_over_top: &Derived<f64>) {
        let last = self.last();
        let loss = mean_over_top
            .map(&FROM_TRANSMISSION, Decibels::from_transmission)
            .named("loss of modulation");
        let swing = oma_over_top.map(&FROM_RATIO, Decibels::from_ratio);
        let oma = last.average.clone() + swing.named("swing over the top level");
        let average = last.average.clone() - loss.clone();
        self.passed.push(DerivedPlane {
            element: Element::Modulation,
            average: average.named("light after modulation"),
            oma: Some(oma.named("OMA after modulation")),
        });
        self.losses.push(loss.value());
    }

    /// The mean power after the last element, linear.
    pub(super) fn power(&self) -> Derived<Watts> {
        let last = self.last();
        let power = last.average.map(&TO_WATTS, DbMilliwatts::to_watts);
        power.named(format!("power after {}", last.element))
    }

    /// The amplitude after the last element, linear; zero before the modulator.
    pub(super) fn amplitude(&self) -> Derived<Watts> {
        let last = self.last();
        match &last.oma {
            Some(oma) => oma
                .map(&TO_WATTS, DbMilliwatts::to_watts)
                .named(format!("amplitude after {}", last.element)),
            None => units::derivation::number(Watts::new(0.0)),
        }
    }

    /// The planes as they are reported.
    pub(super) fn planes(&self) -> Planes {
        let planes = self.passed.iter().zip(&self.losses);
        Planes(
            planes
                .map(|(plane, loss)| Plane {
                    element: plane.element,
                    loss: *loss,
                    average: plane.average.value(),
                    oma: plane.oma.as_ref().map(Derived::value),
                })
                .collect(),
        )
    }

    /// The planes with their expressions.
    pub(super) fn derivation(&self) -> Vec<DerivedPlane> {
        self.passed.clone()
    }
}

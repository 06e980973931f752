//! Loads of a scenario.

use system::{AsicId, EntityKind, System};
use units::Dimension;

use super::fields::Fields;
use super::{Action, LoadProfile, Training};
use crate::fault::target::entities;
use crate::fault::text;

/// What a share of something may be.
pub(super) const SHARE: (f64, f64) = (0.0, 1.0);

/// The same load for each die that is named.
pub(super) fn loads(
    load: Option<LoadProfile>,
    system: &System,
    fields: &mut Fields<'_, '_>,
) -> Vec<Action> {
    let asics: Vec<Option<AsicId>> = match fields.optional_list("asic") {
        None => vec![None],
        Some(words) => {
            let mut asics = Vec::new();
            for word in words {
                let found = entities(&[EntityKind::Asic], &word, system);
                let found = fields.keep(found).unwrap_or_default();
                asics.extend(found.into_iter().map(|asic| Some(AsicId(asic.index))));
            }
            asics
        }
    };
    let Some(load) = load else {
        return Vec::new();
    };
    let load_of = |asic| Action::Load {
        asic,
        load: load.clone(),
    };
    asics.into_iter().map(load_of).collect()
}

/// The profile that `load.profile` names.
pub(super) fn profile(fields: &mut Fields<'_, '_>) -> Option<LoadProfile> {
    let is_training = fields.choice("profile", &["idle", "training"], |name| match name {
        "idle" => Some(false),
        "training" => Some(true),
        _ => None,
    })?;
    if is_training {
        training(fields).map(LoadProfile::Training)
    } else {
        Some(LoadProfile::IDLE)
    }
}

fn training(fields: &mut Fields<'_, '_>) -> Option<Training> {
    const CODE: &str = "scenario::value";
    let period = fields.required("period", "\"2 s\"");
    let period_ns = period
        .as_ref()
        .and_then(|p| fields.keep(p.nanoseconds(CODE)));
    let duty = fields.required_quantity("duty", Dimension::Ratio, SHARE, "0.3");
    let before = fields.n_problems();
    let burst = fields.quantity("burst", Dimension::Ratio, SHARE);
    let base = fields.quantity("base", Dimension::Ratio, SHARE);
    let ramp = fields.optional("ramp");
    let ramp_ns = ramp.as_ref().and_then(|p| fields.keep(p.nanoseconds(CODE)));
    let is_sound = fields.n_problems() == before;
    let (period_ns, duty) = (period_ns?, duty?);
    if let (0, Some(period)) = (period_ns, &period) {
        let problem = period.problem(CODE, "a step cannot take no time");
        fields.push(problem.with_help("for example \"2 s\""));
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a time, which a cast holds within its bounds"
    )]
    let burst_ns = ((period_ns as f64 * duty).round() as u64).min(period_ns);
    let ramp_ns = ramp_ns.unwrap_or(0);
    if let Some(ramp) = &ramp
        && ramp_ns > burst_ns.min(period_ns - burst_ns)
    {
        let message = format!("a ramp of {} does not fit into the step", ramp.text());
        let help = format!(
            "it takes at most {}, the shorter of the burst and of the rest of the step",
            text::time(burst_ns.min(period_ns - burst_ns))
        );
        fields.push(ramp.problem(CODE, message).with_help(help));
        return None;
    }
    is_sound.then_some(Training {
        period_ns,
        burst_ns,
        ramp_ns,
        burst: burst.unwrap_or(1.0),
        base: base.unwrap_or(0.0),
    })
}

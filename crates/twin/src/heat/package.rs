//! The package of a solved system, for maps, transients and files.

use system::System;
use thermal::{Grid, Stack};
use units::Celsius;

use super::HeatFault;
use super::loads::Loads;
use super::response::{Cut, grid};
use super::stack::{Outside, SourceOf};
use crate::steady::SteadyState;

/// A package with the powers and the fluids of its system at rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Its layers.
    pub stack: Stack,
    /// Its cells.
    pub grid: Grid,
    /// The coldest of what cools it.
    pub coldest: Celsius,
    /// What it stands for and leaves out, one sentence each.
    pub notes: Vec<String>,
}

/// The first package of a system, with the heat of its dies and engines where heat, light and
/// electrons agree, and with the mean temperatures of its fluids there.
///
/// # Errors
/// Heat without an agreement, or zones that state the temperatures of the package.
pub fn package(system: &System, state: &SteadyState) -> Result<Package, HeatFault> {
    if let Some(Err(fault)) = &state.heat {
        return Err(fault.clone());
    }
    let missing = || HeatFault::Missing {
        what: "a package whose heat is solved: its zones state their temperatures",
        of: format!("system {:?}", system.description.name),
    };
    let model = state.model.as_ref().ok_or_else(missing)?;
    let loads = Loads::new(system, &state.conditions, &state.lanes);
    let first = model.heated(system, &loads).next();
    let (of_package, members, heated) = first.ok_or_else(missing)?;
    let (dies, engines) = members;
    let outside = Outside::of(&heated.outside);
    let mut cut = Cut::new(system, dies, engines, &outside)?;
    let powers = of_package.powers(members, &loads);
    let blocks = cut
        .stack
        .layers
        .iter_mut()
        .flat_map(|layer| &mut layer.blocks);
    for (block, of) in blocks.zip(&cut.of_block) {
        let Some(of) = of else { continue };
        let place = of_package.sources.iter().position(|source| source == of);
        if let Some(place) = place {
            block.power = powers[place];
        }
        let engine = |seat: usize| {
            let place = cut.layout.seats[seat].place;
            &system.engines[engines[place]].name
        };
        block.name = match *of {
            SourceOf::Core(die) => format!("{}.core", system.asics[dies[die]].name),
            SourceOf::Serdes(die) => format!("{}.serdes", system.asics[dies[die]].name),
            SourceOf::Photonic(seat) => format!("{}.photonic", engine(seat)),
            SourceOf::Electronic(seat) => format!("{}.electronic", engine(seat)),
        };
    }
    let grid = grid(&cut)?;
    let mut notes = vec![
        "fluids stand at the mean of their inlet and outlet; the heat of each part is that of the system at rest".to_owned(),
    ];
    if model.packages.len() > 1 {
        notes.push(format!(
            "the first of {} equal packages",
            model.packages.len()
        ));
    }
    let coldest = heated.outside.iter().copied().reduce(f64::min);
    Ok(Package {
        stack: cut.stack,
        grid,
        coldest: Celsius::new(coldest.unwrap_or_default()),
        notes,
    })
}

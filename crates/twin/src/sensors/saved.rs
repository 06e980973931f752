//! Sensors as they are saved: what they remember beside what their plan and seed say.

use std::sync::Arc;

use plant::{DecodeError, binary};
use serde::{Deserialize, Serialize};

use super::column::{ColumnState, Last, Work};
use super::fault::SensorFault;
use super::plan::SensorPlan;
use super::read::Sensors;
use super::tally::Bits;

/// What sensors remember.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedSensors {
    seed: u64,
    columns: Vec<SavedColumn>,
    part_codewords: Vec<f64>,
    media_bits: Vec<Bits>,
    serdes_bits: Vec<Bits>,
    host_bits: Vec<Bits>,
    last_statistics: Option<u64>,
    /// As between plants and those who manage them.
    observation: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedColumn {
    counts: Vec<u64>,
    last: Option<Last>,
    faults: Vec<(u32, SensorFault)>,
}

/// Why sensors cannot be what was saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotThese {
    #[error(transparent)]
    Observation(#[from] DecodeError),
    #[error("sensors of another number of parts")]
    Length,
}

impl Sensors {
    pub(crate) fn saved(&self) -> SavedSensors {
        let Self {
            plan: _,
            seed,
            columns,
            part_codewords,
            media_bits,
            serdes_bits,
            host_bits,
            last_statistics,
            observation,
            work: _,
        } = self;
        let column = |of: &ColumnState| SavedColumn {
            counts: of.counts.clone(),
            last: of.last,
            faults: of.faults.clone(),
        };
        let mut bytes = Vec::new();
        binary::encode(observation, &mut bytes);
        SavedSensors {
            seed: *seed,
            columns: columns.iter().map(column).collect(),
            part_codewords: part_codewords.clone(),
            media_bits: media_bits.clone(),
            serdes_bits: serdes_bits.clone(),
            host_bits: host_bits.clone(),
            last_statistics: *last_statistics,
            observation: bytes,
        }
    }

    /// The sensors that were saved.
    ///
    /// # Errors
    /// Sensors of another plan.
    pub(crate) fn resumed(plan: Arc<SensorPlan>, saved: SavedSensors) -> Result<Self, NotThese> {
        let SavedSensors {
            seed,
            columns,
            part_codewords,
            media_bits,
            serdes_bits,
            host_bits,
            last_statistics,
            observation,
        } = saved;
        let observation = binary::decode(&observation, &plan.fingerprint)?;
        let mut fresh: Vec<ColumnState> = plan
            .columns
            .iter()
            .map(|column| ColumnState::new(column, seed))
            .collect();
        let fits = [
            (columns.len(), plan.columns.len()),
            (part_codewords.len(), plan.ports.len()),
            (media_bits.len(), plan.media_lanes.len()),
            (serdes_bits.len(), plan.serdes_lanes.len()),
            (host_bits.len(), plan.host_lanes.len()),
            (observation.columns().len(), plan.columns.len()),
        ];
        if fits.iter().any(|(found, needed)| found != needed) {
            return Err(NotThese::Length);
        }
        for ((state, saved), of) in fresh.iter_mut().zip(columns).zip(&plan.columns) {
            let shown = observation.column(of.signal);
            let is_whole = shown.is_some_and(|column| column.len() == of.len)
                && saved.counts.len() == state.counts.len()
                && saved
                    .faults
                    .iter()
                    .all(|(entity, _)| (*entity as usize) < of.len)
                && saved.faults.is_sorted_by_key(|(entity, _)| *entity);
            if !is_whole {
                return Err(NotThese::Length);
            }
            state.counts = saved.counts;
            state.last = saved.last;
            state.faults = saved.faults;
        }
        Ok(Self {
            columns: fresh,
            part_codewords,
            media_bits,
            serdes_bits,
            host_bits,
            last_statistics,
            observation,
            work: Work::default(),
            seed,
            plan,
        })
    }
}

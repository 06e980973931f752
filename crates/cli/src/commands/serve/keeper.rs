//! What devices keep without supply, as files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use device::Record;

use crate::files;

/// A directory with a file for each device that has kept something: `oe0.kept`.
pub(super) struct Keeper {
    directory: PathBuf,
}

impl Keeper {
    /// Opens a directory, or makes it, readable by its owner only.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    fn file(&self, device: &str) -> PathBuf {
        self.directory.join(format!("{device}.kept"))
    }

    /// What devices with these names have kept.
    #[expect(
        clippy::disallowed_methods,
        reason = "the command line keeps what devices keep"
    )]
    pub(super) fn records<'a>(
        &self,
        devices: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for device in devices {
            let file = self.file(device);
            match std::fs::read(&file) {
                Ok(bytes) => records.push(Record {
                    device: device.to_owned(),
                    bytes,
                }),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot read {}", file.display()));
                }
            }
        }
        Ok(records)
    }

    /// Puts a record in place of the one before: whole, or not at all.
    pub(super) fn keep(&self, record: &Record) -> Result<()> {
        let file = self.file(&record.device);
        files::replace(&file, &record.bytes)
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

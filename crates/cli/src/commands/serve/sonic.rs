//! A platform of SONiC for what is served.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use device::Fleet;
use device::sonic::{File, ServedAt, VENDORS_FORM, files};
use server::DeviceInfo;
use system::System;

use crate::files::replace;
use crate::output::UsageError;

/// What marks a directory whose files may be replaced.
const MARK: &str = "written-by-shoreline.txt";
const MARK_TEXT: &str = "`shoreline serve --sonic` writes the files of this directory anew each time; keep changed ones elsewhere.\n";

/// A directory that is going to be a platform.
pub(super) struct Platform {
    directory: PathBuf,
    files: Vec<File>,
}

impl Platform {
    /// Makes what is to be written, and looks whether it may be. Nothing is written yet.
    ///
    /// # Errors
    /// The system breaks a rule of these files, or the directory holds something else.
    pub(super) fn new(
        directory: &Path,
        optoe: &Path,
        system: &System,
        (infos, is_davisson): (&[DeviceInfo], bool),
    ) -> Result<Self> {
        let shown = directory.display();
        if !directory.join(MARK).exists() {
            match std::fs::read_dir(directory) {
                Ok(mut entries) => {
                    if entries.next().is_some() {
                        let what = format!(
                            "{shown} holds files that are not of `serve --sonic`; name a directory that is empty or is to be made"
                        );
                        return Err(UsageError(what).into());
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot look into {shown}"));
                }
            }
        }
        // Daemons run elsewhere than the server.
        let at = std::path::absolute(optoe)
            .with_context(|| format!("cannot tell where {} is", optoe.display()))?;
        let directory_of_files = at
            .to_str()
            .with_context(|| format!("the name of {} is not UTF-8", at.display()))?;
        let at = ServedAt {
            directory: directory_of_files.trim_end_matches('/').to_owned(),
            buses: infos.iter().map(|of| of.bus).collect(),
            is_davisson,
        };
        let files = files(system, &Fleet::new(system)?, &at).context("no platform of SONiC")?;
        Ok(Self {
            directory: directory.to_owned(),
            files,
        })
    }

    /// Writes the files, each whole or not at all.
    pub(super) fn write(&self) -> Result<String> {
        self.put(MARK, MARK_TEXT)?;
        for file in &self.files {
            self.put(file.path, &file.text)?;
        }
        let has_vendors_form = self.files.iter().any(|file| file.path == VENDORS_FORM);
        if !has_vendors_form {
            // That of another system would be wrong, and there may be none.
            let _ = std::fs::remove_file(self.directory.join(VENDORS_FORM));
        }
        let names = self.files.iter().filter_map(|file| {
            let (package, name) = file.path.split_once('/').unwrap_or((file.path, ""));
            (package != "sonic_platform" || name == "platform.py").then_some(
                if name == "platform.py" {
                    package
                } else {
                    file.path
                },
            )
        });
        let names: Vec<&str> = names.collect();
        let left_out = if has_vendors_form {
            String::new()
        } else {
            format!(
                "; {VENDORS_FORM} is left out, it has no place for interfaces that several laser modules light"
            )
        };
        Ok(format!(
            "a platform of SONiC in {}: {}{left_out}",
            self.directory.display(),
            names.join(", ")
        ))
    }

    fn put(&self, path: &str, text: &str) -> Result<()> {
        let file = self.directory.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        replace(&file, text.as_bytes()).with_context(|| format!("cannot write {}", file.display()))
    }
}

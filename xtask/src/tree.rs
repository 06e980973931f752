//! The files of the repository.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that tools make and nobody keeps.
const SKIPPED: &[&str] = &[
    ".git",
    ".venv",
    "target",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
];

/// All files below `root`, relative to it and sorted; symbolic links are not followed.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let entries = std::fs::read_dir(&path)
            .with_context(|| format!("cannot read folder {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
                folders.push(folder.join(name));
            } else if kind.is_file() {
                found.push(folder.join(name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files below `root` whose name ends in `.extension`.
///
/// # Errors
/// As [`files`].
pub(crate) fn files_ending(root: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = files(root)?;
    found.retain(|path| path.extension().is_some_and(|end| end == extension));
    Ok(found)
}

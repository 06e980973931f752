//! The workspace as cargo sees it.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::check::Problems;

/// Where the repository is and which cargo to call.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    cargo: OsString,
    metadata: OnceCell<Value>,
}

impl Workspace {
    /// The repository this tool was started in.
    ///
    /// # Errors
    /// It was not started by cargo.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("start this tool as 'cargo xtask', which tells it where the repository is")?;
        let root = Path::new(&manifest)
            .parent()
            .context("xtask lies in a folder of the repository")?;
        Ok(Self::at(root))
    }

    /// The repository at a known place.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            metadata: OnceCell::new(),
        }
    }

    /// The folder that holds the root manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder cargo builds into.
    ///
    /// # Errors
    /// As [`Self::metadata`].
    pub(crate) fn target_dir(&self) -> Result<PathBuf> {
        Ok(PathBuf::from(text(self.metadata()?, "target_directory")?))
    }

    /// Reads a list that lies beside this tool.
    ///
    /// # Errors
    /// The file is absent or not of the form of `T`.
    pub(crate) fn list<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        let path = self.root.join("xtask").join(name);
        let content =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read xtask/{name}"))?;
        toml::from_str(&content).with_context(|| format!("xtask/{name}"))
    }

    /// Runs cargo in the root with its output on the terminal; a failure is one problem.
    ///
    /// # Errors
    /// Cargo could not be started.
    pub(crate) fn cargo(&self, arguments: &[&str], vars: &[(&str, &str)]) -> Result<Problems> {
        let status = Command::new(&self.cargo)
            .args(arguments)
            .envs(vars.iter().copied())
            .current_dir(&self.root)
            .status()
            .context("cannot start cargo")?;
        Ok(if status.success() {
            vec![]
        } else {
            vec![format!("cargo {}: {status}", arguments.join(" "))]
        })
    }

    /// A command that will find the same cargo.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("CARGO", &self.cargo);
        command
    }

    /// The program behind `cargo`.
    pub(crate) fn cargo_program(&self) -> &std::ffi::OsStr {
        &self.cargo
    }

    /// What `cargo metadata` says with all features on, so that optional dependencies count.
    ///
    /// # Errors
    /// Cargo fails, or its answer is not JSON.
    pub(crate) fn metadata(&self) -> Result<&Value> {
        if let Some(known) = self.metadata.get() {
            return Ok(known);
        }
        let output = Command::new(&self.cargo)
            .args(["metadata", "--format-version", "1", "--all-features"])
            .current_dir(&self.root)
            .output()
            .context("cannot start cargo")?;
        if !output.status.success() {
            bail!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
        Ok(self.metadata.get_or_init(|| value))
    }
}

/// The text field of a JSON object.
///
/// # Errors
/// There is none.
pub(crate) fn text<'a>(object: &'a Value, key: &str) -> Result<&'a str> {
    object[key]
        .as_str()
        .with_context(|| format!("cargo metadata has no text '{key}'"))
}

/// The array field of a JSON object.
///
/// # Errors
/// There is none.
pub(crate) fn array<'a>(object: &'a Value, key: &str) -> Result<&'a [Value]> {
    object[key]
        .as_array()
        .map(Vec::as_slice)
        .with_context(|| format!("cargo metadata has no array '{key}'"))
}

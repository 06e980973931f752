//! Finding and reading what the user names: files, platforms, libraries.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the files that users name"
)]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use system::{Input, Library, Problems, System, nearest};
use twin::world_file::{Unresolved, WorldFile};

use crate::args::Resolve;
use crate::output::{BadInput, UsageError};

/// The greatest size of a file that is read at all, bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// The built-in library, or the one in a folder.
pub(crate) fn library(folder: Option<&Path>) -> Result<Library> {
    let Some(folder) = folder else {
        return Ok(Library::embedded());
    };
    let read = |folder: &Path| -> Result<Vec<(String, Vec<u8>)>> {
        let entries = std::fs::read_dir(folder)
            .map_err(|error| UsageError(format!("cannot read {}: {error}", folder.display())))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push((path.display().to_string(), read_named(&path)?));
            }
        }
        files.sort();
        Ok(files)
    };
    let files = read(folder)?;
    let platforms_folder = folder.join("platforms");
    let mut platforms = Vec::new();
    if platforms_folder.is_dir() {
        for (path, bytes) in read(&platforms_folder)? {
            let name = Path::new(&path)
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text =
                String::from_utf8(bytes).map_err(|_| UsageError(format!("{path} is not UTF-8")))?;
            platforms.push((name, text));
        }
    }
    let files = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    Ok(Library::new(files, platforms).map_err(BadInput)?)
}

/// A description as it was read, with where its tables lie.
pub(crate) struct Read {
    name: String,
    bytes: Vec<u8>,
    folder: PathBuf,
}

/// Reads a description: a platform's name, or a file.
pub(crate) fn read(name: &str, library: &Library) -> Result<Read> {
    let (bytes, folder) = if let Some(text) = library.platform(name) {
        (text.as_bytes().to_vec(), PathBuf::from("."))
    } else {
        let path = Path::new(name);
        if !path.exists() {
            return Err(UsageError(unknown(&[name], library)).into());
        }
        (
            read_named(path)?,
            path.parent().unwrap_or(Path::new(".")).to_owned(),
        )
    };
    Ok(Read {
        name: name.to_owned(),
        bytes,
        folder,
    })
}

impl Read {
    /// The name that was typed.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a world of switches and not a description of one.
    pub(crate) fn is_world(&self) -> bool {
        WorldFile::is_one(&self.name, &self.bytes)
    }

    /// Reads a world with the descriptions that it names: platforms, and files beside it, all with
    /// these assignments.
    pub(crate) fn world(&self, library: &Library, sets: &[String]) -> Result<WorldFile, Problems> {
        let resolve = |text: &str| {
            let found = self.beside(text, library).map_err(Unresolved::Absent)?;
            found.resolve(library, sets).map_err(Unresolved::Wrong)
        };
        WorldFile::parse(&self.name, &self.bytes, &resolve)
    }

    /// Reads a description that this file names.
    fn beside(&self, text: &str, library: &Library) -> Result<Self, String> {
        if library.platform(text).is_some() {
            return read(text, library).map_err(|error| error.to_string());
        }
        let path = self.folder.join(text);
        if !path.exists() {
            let near = nearest(text, library.platforms())
                .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            return Err(format!("{text:?} is neither a file nor a platform{near}"));
        }
        Ok(Self {
            name: path.display().to_string(),
            bytes: read_file(&path)?,
            folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
        })
    }

    /// Resolves the description with some assignments.
    pub(crate) fn resolve(&self, library: &Library, sets: &[String]) -> Result<System, Problems> {
        let load = |file: &str| read_file(&self.folder.join(file));
        System::resolve(&Input {
            name: &self.name,
            bytes: &self.bytes,
            sets,
            library,
            load: &load,
        })
    }
}

/// Resolves a system: a platform's name, or a file.
pub(crate) fn resolve(name: &str, library: &Library, resolve: &Resolve) -> Result<System> {
    let read = read(name, library)?;
    if read.is_world() {
        let text = format!("{name} is a world, and one switch is wanted; name one of its systems");
        return Err(UsageError(text).into());
    }
    Ok(read.resolve(library, &resolve.sets).map_err(BadInput)?)
}

/// Resolves several systems, and says at once which of the names are none.
pub(crate) fn resolve_all(
    names: &[String],
    library: &Library,
    resolve_with: &Resolve,
) -> Result<Vec<System>> {
    let is_none = |name: &&str| library.platform(name).is_none() && !Path::new(name).exists();
    let wrong: Vec<&str> = names.iter().map(String::as_str).filter(is_none).collect();
    if !wrong.is_empty() {
        return Err(UsageError(unknown(&wrong, library)).into());
    }
    let systems = names
        .iter()
        .map(|name| resolve(name, library, resolve_with));
    systems.collect()
}

/// Reads a file of a sensible size. A device or a pipe does not tell its size, so no more than the
/// limit is read whatever the size is said to be.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let fail = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(fail)?;
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!(
            "{} is larger than {} MiB",
            path.display(),
            MAX_FILE_BYTES >> 20
        ));
    }
    Ok(bytes)
}

/// Reads a file that an argument names.
pub(crate) fn read_named(path: &Path) -> Result<Vec<u8>, UsageError> {
    read_file(path).map_err(UsageError)
}

/// Says that names are neither platforms nor files, and what may have been meant.
fn unknown(names: &[&str], library: &Library) -> String {
    let platforms: Vec<_> = library.platforms().collect();
    let lines = names.iter().map(|name| {
        let suggestion = nearest(name, platforms.iter().copied())
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        format!("{name:?} is neither a file nor a platform{suggestion}")
    });
    let lines: Vec<String> = lines.collect();
    format!("{}\nplatforms: {}", lines.join("\n"), platforms.join(", "))
}

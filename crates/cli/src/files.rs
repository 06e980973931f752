//! Writing whole files: a full disk or a kill at any instant leaves what was there or all that is
//! new, never a part.

use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that must not exist yet.
pub(crate) fn create(file: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link to what is whole already, which never replaces a file.
    write_whole(file, bytes, |part, file| std::fs::hard_link(part, file))
}

/// Writes a file, in place of the one that may be there.
///
/// A link stays a link, and a file that was there keeps its permissions. A pipe or a device is
/// written to: it is not a file that could be replaced.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let rename = |part: &Path, file: &Path| std::fs::rename(part, file);
    let Ok(there) = std::fs::metadata(file) else {
        return write_whole(file, bytes, rename);
    };
    if !there.is_file() && !there.is_dir() {
        return std::fs::OpenOptions::new()
            .write(true)
            .open(file)?
            .write_all(bytes);
    }
    write_whole(&file.canonicalize()?, bytes, |part, file| {
        std::fs::set_permissions(part, there.permissions())?;
        rename(part, file)
    })
}

/// Writes beside the file and then puts it in place.
fn write_whole(
    file: &Path,
    bytes: &[u8],
    put: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let part = folder.join(format!(".{name}.{}.part", std::process::id()));
    let write = || {
        let mut open = std::fs::OpenOptions::new();
        let mut written = open.write(true).create_new(true).open(&part)?;
        written.write_all(bytes)?;
        written.sync_all()?;
        put(&part, file)
    };
    let result = write();
    // After a rename it is gone; after a failure there may be none.
    let _ = std::fs::remove_file(&part);
    result
}

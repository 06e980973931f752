//! `cmis firmware`: images that devices accept.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use cmis::module::{Image, Version};
use serde_json::json;

use crate::files;
use crate::input;
use crate::output::{Output, UsageError};

/// Bytes of an image whose content nobody chose.
const DEFAULT_BYTES: usize = 64 << 10;

pub(super) fn run(
    version: &str,
    file: &Path,
    payload: Option<&Path>,
    is_json: bool,
    out: &mut Output,
) -> Result<()> {
    let of = parse(version)?;
    let payload = match payload {
        Some(payload) => input::read_named(payload)?,
        None => version.bytes().cycle().take(DEFAULT_BYTES).collect(),
    };
    let image = Image::new(of, payload).map_err(|error| UsageError(error.to_string()))?;
    let bytes = image.encode();
    files::replace(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    if is_json {
        let said = json!({ "file": file, "bytes": bytes.len(), "version": version });
        writeln!(out, "{said}")?;
    } else {
        writeln!(
            out,
            "wrote {}, {} bytes, version {version}",
            file.display(),
            bytes.len()
        )?;
    }
    Ok(())
}

fn parse(version: &str) -> Result<Version, UsageError> {
    let wrong = || {
        UsageError(format!(
            "{version:?} is no version; expected major, minor and build such as 2.1.0, the first two up to 255, the last up to 65535"
        ))
    };
    let mut numbers = version.split('.');
    let mut next = || numbers.next().ok_or_else(wrong);
    let (major, minor, build) = (next()?, next()?, next()?);
    if numbers.next().is_some() {
        return Err(wrong());
    }
    Ok(Version {
        major: major.parse().map_err(|_| wrong())?,
        minor: minor.parse().map_err(|_| wrong())?,
        build: build.parse().map_err(|_| wrong())?,
    })
}

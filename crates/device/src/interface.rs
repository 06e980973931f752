//! What data paths carry, by the codes of SFF-8024.
//!
//! Hosts look for the code of their port's rate and width. Interfaces of `InfiniBand` and die-to-die links
//! have no codes at hand: the former have the codes of Ethernet at the same rates here, the latter none.

use cmis::map::codes::{HOST_INTERFACES, SMF_INTERFACES};
use cmis::module::Application;
use system::parts::{Electrical, Engine};

/// How a lane's rate with all coding stands to the rate that its interface is named for.
const CODING: f64 = 1.0625;

/// How far a rate may be off its name: codes of other overheads.
const TOLERANCE: f64 = 0.1;

/// A row of the table: Gb/s of a lane, lanes, and the names of the interfaces.
struct Row {
    lane_gbps: f64,
    lanes: usize,
    host: &'static str,
    host_linear: &'static str,
    media: Option<&'static str>,
    media_linear: Option<&'static str>,
    /// Four wavelengths on a fibre.
    media_cwdm: Option<&'static str>,
}

const fn row(
    lane_gbps: f64,
    lanes: usize,
    host: [&'static str; 2],
    media: [Option<&'static str>; 3],
) -> Row {
    Row {
        lane_gbps,
        lanes,
        host: host[0],
        host_linear: host[1],
        media: media[0],
        media_linear: media[1],
        media_cwdm: media[2],
    }
}

/// Linear interfaces of 200 Gb/s a lane have no code of their own.
#[rustfmt::skip]
const ROWS: [Row; 8] = [
    row(100.0, 1, ["100GAUI-1-S C2M", "LEI-100G-PAM4-1"], [Some("100GBASE-DR"), Some("100G-DR1-LPO"), None]),
    row(100.0, 2, ["200GAUI-2-S C2M", "LEI-200G-PAM4-2"], [None, Some("200G-DR2-LPO"), None]),
    row(100.0, 4, ["400GAUI-4-S C2M", "LEI-400G-PAM4-4"], [Some("400GBASE-DR4"), Some("400G-DR4-LPO"), Some("400GBASE-FR4")]),
    row(100.0, 8, ["800GAUI-8-S C2M", "LEI-800G-PAM4-8"], [Some("800GBASE-DR8"), Some("800G-DR8-LPO"), None]),
    row(200.0, 1, ["200GAUI-1"; 2], [Some("200GBASE-DR1"), None, None]),
    row(200.0, 2, ["400GAUI-2"; 2], [Some("400GBASE-DR2"), None, None]),
    row(200.0, 4, ["800GAUI-4"; 2], [Some("800GBASE-DR4"), None, Some("800GBASE-FR4")]),
    row(200.0, 8, ["1.6TAUI-8"; 2], [Some("1.6TBASE-DR8"), None, None]),
];

/// The codes of host and media interface of a data path of so many lanes of an engine; none where
/// there are none.
pub(crate) fn codes(engine: &Engine, lanes: usize) -> Option<(u8, u8)> {
    let named_gbps = engine.media_rate.value.value() / 1e9 / CODING;
    let row = ROWS
        .iter()
        .find(|row| row.lanes == lanes && (named_gbps / row.lane_gbps - 1.0).abs() <= TOLERANCE)?;
    let is_linear = engine.electrical == Electrical::Linear;
    let host = if is_linear { row.host_linear } else { row.host };
    let media = match engine.wavelengths_per_fibre {
        1 if is_linear => row.media_linear.or(row.media),
        1 => row.media,
        4 => row.media_cwdm,
        _ => None,
    }?;
    Some((code(HOST_INTERFACES, host)?, code(SMF_INTERFACES, media)?))
}

/// How far the optical interface of a data path reaches over single-mode fibre, m, where its name says it.
///
/// # Source
/// IEEE 802.3: interfaces DR reach 500 m and interfaces FR 2 km; the linear ones of the LPO MSA as those of
/// the same name.
pub(crate) fn reach_m(application: Application) -> Option<f64> {
    let mut table = SMF_INTERFACES.iter();
    let (_, name) = table.find(|(code, _)| *code == application.media_id)?;
    let of_class = |class: &str| {
        name.split('-').any(|part| {
            let rest = part.strip_prefix(class);
            rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
        })
    };
    if of_class("DR") {
        Some(500.0)
    } else if of_class("FR") {
        Some(2000.0)
    } else {
        None
    }
}

fn code(table: cmis::Codes, name: &str) -> Option<u8> {
    let row = table.iter().find(|(_, of)| *of == name);
    row.map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_has_a_code() {
        for row in ROWS {
            for host in [row.host, row.host_linear] {
                assert!(code(HOST_INTERFACES, host).is_some(), "{host}");
            }
            for media in [row.media, row.media_linear, row.media_cwdm]
                .into_iter()
                .flatten()
            {
                assert!(code(SMF_INTERFACES, media).is_some(), "{media}");
            }
        }
        // SFF-8024, as SONiC has it.
        assert_eq!(code(HOST_INTERFACES, "800GAUI-4"), Some(130));
        assert_eq!(code(SMF_INTERFACES, "800GBASE-DR4"), Some(119));
    }
}

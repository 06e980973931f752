//! `.config`: keys and values.

use super::lines::{Place, Report, lines, nearest, number};

/// Keys that only say where the command line is, or where it takes and puts files.
const COMMAND_LINE: [&str; 8] = [
    "c",
    "d",
    "f",
    "o",
    "p",
    "detailed_3D",
    "materials_file",
    "use_microchannels",
];

/// Keys with a meaning here.
const KEYS: [&str; 63] = [
    "ambient",
    "c_convec",
    "c_convec_sec",
    "coolant_capac",
    "coolant_material",
    "coolant_res",
    "coolant_visc",
    "grid_cols",
    "grid_layer_file",
    "grid_map_mode",
    "grid_rows",
    "htc",
    "init_file",
    "init_temp",
    "inlet_temperature",
    "k_chip",
    "k_interface",
    "k_sink",
    "k_spreader",
    "leakage_mode",
    "leakage_used",
    "material_chip",
    "material_interface",
    "material_sink",
    "material_spreader",
    "model_secondary",
    "model_type",
    "n_c4",
    "n_metal",
    "p_chip",
    "p_interface",
    "p_sink",
    "p_spreader",
    "package_config_file",
    "package_model_used",
    "pump_internal_res",
    "pumping_pressure",
    "r_convec",
    "r_convec_sec",
    "s_c4",
    "s_pcb",
    "s_sink",
    "s_solder",
    "s_spreader",
    "s_sub",
    "sampling_intvl",
    "t_c4",
    "t_chip",
    "t_interface",
    "t_metal",
    "t_pcb",
    "t_sink",
    "t_solder",
    "t_spreader",
    "t_sub",
    "wall_capac",
    "wall_material",
    "wall_res",
    "block_omit_lateral",
    "steady_file",
    "grid_steady_file",
    "grid_transient_file",
    "use_microfluidic_cooling",
];

/// Keys of the floorplanner, of throttling and of reports, which change no temperature.
const WITHOUT_EFFECT: [&str; 20] = [
    "base_proc_freq",
    "compact_ratio",
    "davg",
    "detailed_3D_used",
    "dtm_used",
    "kmoves",
    "l2_label",
    "lambdaa",
    "lambdat",
    "lambdaw",
    "model_rim",
    "n_orients",
    "nmax",
    "p0",
    "rcool",
    "rim_thickness",
    "rreject",
    "thermal_threshold",
    "wrap_l2",
    "network_file",
];

/// One pair.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    key: String,
    /// What was given.
    pub(super) value: String,
    /// Where.
    pub(super) at: Place,
    from_command_line: bool,
}

/// All pairs; an earlier one overrides a later one.
#[derive(Debug)]
pub(super) struct Settings {
    entries: Vec<Entry>,
    file: String,
}

/// What a number has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// Above zero.
    Positive,
    /// Zero or above.
    NotNegative,
}

impl Settings {
    /// From the pairs of the command line, without their dashes, and the text of a file.
    pub(super) fn read(
        file: &str,
        text: &str,
        command_line: &[(String, String)],
        report: &mut Report,
    ) -> Self {
        let mut settings = Self {
            entries: Vec::new(),
            file: file.to_owned(),
        };
        for (key, value) in command_line {
            let at = Place::new("command line", 0);
            let key = key.trim_start_matches('-');
            settings.add(key, value, at, true, report);
        }
        for line in lines(text) {
            let at = Place::new(file, line.number);
            let key = line.words[0]
                .strip_prefix('-')
                .filter(|key| !key.is_empty());
            match (key, line.words.get(1)) {
                (Some(key), Some(value)) => settings.add(key, value, at, false, report),
                (Some(key), None) => report.error_help(
                    &at,
                    format!("key -{key} has no value"),
                    "write `-key value`, or take the line out",
                ),
                (None, _) => report.error_help(
                    &at,
                    format!("{:?} is not a key", line.words[0]),
                    "a line is `-key value`; a comment starts with #",
                ),
            }
        }
        settings
    }

    fn add(
        &mut self,
        key: &str,
        value: &str,
        at: Place,
        from_command_line: bool,
        report: &mut Report,
    ) {
        let is = |known: &&str| known.eq_ignore_ascii_case(key);
        let of_command_line = COMMAND_LINE.iter().any(&is);
        if !of_command_line && !KEYS.iter().any(&is) {
            if !WITHOUT_EFFECT.iter().any(&is) {
                let near = nearest(key, KEYS.into_iter().chain(COMMAND_LINE));
                let near = near.map_or(String::new(), |near| {
                    format!("; the nearest known one is -{near}")
                });
                report.note(format!(
                    "{}: key -{key} is unknown and has no effect, here as in HotSpot{near}",
                    shown(&at)
                ));
            }
            return;
        }
        if let Some(earlier) = self.find(key) {
            if earlier.from_command_line == from_command_line && earlier.value != value {
                report.note(format!(
                    "{}: key -{key} was given before at {}; the first value, {}, holds, here as in HotSpot",
                    shown(&at),
                    shown(&earlier.at),
                    earlier.value
                ));
            }
            return;
        }
        if of_command_line && !from_command_line {
            report.note(format!(
                "{}: -{key} {value} is heeded; HotSpot takes it from its command line only",
                shown(&at)
            ));
        }
        self.entries.push(Entry {
            key: key.to_owned(),
            value: value.to_owned(),
            at,
            from_command_line,
        });
    }

    /// The pair of a key, `(null)` or not.
    fn find(&self, key: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.key.eq_ignore_ascii_case(key))
    }

    /// The text of a key, unless it is absent or `(null)`.
    pub(super) fn text(&self, key: &str) -> Option<&Entry> {
        self.find(key).filter(|entry| entry.value != "(null)")
    }

    /// Where a key is given, or the whole file.
    pub(super) fn place(&self, key: &str) -> Place {
        let given = self.find(key).map(|entry| entry.at.clone());
        given.unwrap_or_else(|| Place::new(&self.file, 0))
    }

    /// A number; the tool's default where the key is absent.
    pub(super) fn number(&self, key: &str, default: f64, range: Range, report: &mut Report) -> f64 {
        let Some(entry) = self.find(key) else {
            return default;
        };
        let is_in_range = |value: &f64| match range {
            Range::Positive => *value > 0.0,
            Range::NotNegative => *value >= 0.0,
        };
        if let Some(value) = number(&entry.value).filter(is_in_range) {
            return value;
        }

        let needed = match range {
            Range::Positive => "a number above zero",
            Range::NotNegative => "a number, zero or above",
        };
        let message = format!("-{key} is {:?}; it has to be {needed}", entry.value);
        report.error(&entry.at, message);
        default
    }

    /// A count of at least one.
    pub(super) fn count(&self, key: &str, default: usize, report: &mut Report) -> usize {
        let Some(entry) = self.find(key) else {
            return default;
        };
        if let Some(n) = entry.value.parse::<usize>().ok().filter(|n| *n > 0) {
            return n;
        }

        let message = format!(
            "-{key} is {:?}; it has to be a whole number from 1",
            entry.value
        );
        report.error(&entry.at, message);
        default
    }

    /// A switch: 0 or 1, off without the key.
    pub(super) fn is_on(&self, key: &str, report: &mut Report) -> bool {
        match self.find(key).map(|entry| (entry, entry.value.as_str())) {
            None | Some((_, "0")) => false,
            Some((_, "1")) => true,
            Some((entry, value)) => {
                report.error(
                    &entry.at,
                    format!("-{key} is {value:?}; it has to be 0 or 1"),
                );
                false
            }
        }
    }
}

/// A place as a note shows it.
pub(super) fn shown(at: &Place) -> String {
    if at.line == 0 {
        at.file.clone()
    } else {
        format!("{}:{}", at.file, at.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, command_line: &[(&str, &str)]) -> (Settings, Report) {
        let mut report = Report::default();
        let pairs: Vec<_> = command_line
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let settings = Settings::read("a.config", text, &pairs, &mut report);
        (settings, report)
    }

    #[test]
    fn the_command_line_overrides_the_file() {
        let (settings, mut report) = read(
            "# comment\n -r_convec 0.2 # K/W\n-init_file (null)\n",
            &[("-r_convec", "0.5")],
        );
        let r = settings.number("R_CONVEC", 0.1, Range::NotNegative, &mut report);
        assert!((r - 0.5).abs() < 1e-12);
        assert!(settings.text("init_file").is_none());
        assert!(report.errors.is_empty() && report.notes.is_empty());
    }

    #[test]
    fn misspelt_keys_are_notes_and_bad_values_errors() {
        let (settings, mut report) = read("-r_convek 1\n-t_chip zero\nt_chip 1\n-ambient\n", &[]);
        settings.number("t_chip", 1e-4, Range::Positive, &mut report);
        let errors: Vec<_> = report.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "a.config:3: \"t_chip\" is not a key (help: a line is `-key value`; a comment starts with #)",
                "a.config:4: key -ambient has no value (help: write `-key value`, or take the line out)",
                "a.config:2: -t_chip is \"zero\"; it has to be a number above zero",
            ]
        );
        assert_eq!(
            report.notes,
            [
                "a.config:1: key -r_convek is unknown and has no effect, here as in HotSpot; the nearest known one is -r_convec"
            ]
        );
    }
}

//! `.materials`: names with their properties.

use super::lines::{Line, Place, Report, lines, nearest, number};

/// A material.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Its name.
    pub(super) name: String,
    /// Thermal conductivity, W/(m K).
    pub(super) k: f64,
    /// Volumetric heat capacity, J/(m3 K).
    pub(super) cv: f64,
    /// Dynamic viscosity of a fluid, Pa s.
    pub(super) viscosity: Option<f64>,
}

/// All materials of a file.
#[derive(Debug, Default)]
pub(super) struct Materials {
    file: Option<String>,
    records: Vec<Record>,
}

impl Materials {
    /// Name, `solid` or `fluid`, conductivity, heat capacity and the viscosity of a fluid, one on
    /// each line.
    pub(super) fn read(file: &str, text: &str, report: &mut Report) -> Self {
        let mut materials = Self {
            file: Some(file.to_owned()),
            records: Vec::new(),
        };
        let mut lines = lines(text);
        while let Some(name) = lines.next() {
            match record(file, &name, &mut lines, report) {
                Ok(Some(record)) => {
                    let is_known = materials.find(&record.name).is_some();
                    if is_known {
                        let at = Place::new(file, name.number);
                        report.error(&at, format!("material {:?} is given twice", record.name));
                    }
                    materials.records.push(record);
                }
                Ok(None) => {}
                // What follows cannot be told apart any more.
                Err(()) => break,
            }
        }
        materials
    }

    fn find(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.name == name)
    }

    /// A material by its name; an error at the place that names it where there is none.
    pub(super) fn get(&self, name: &str, at: &Place, report: &mut Report) -> Option<&Record> {
        let found = self.find(name);
        if found.is_none() {
            let names = self.records.iter().map(|record| record.name.as_str());
            let help = match (&self.file, nearest(name, names)) {
                (None, _) => "give the file of materials with -materials_file".to_owned(),
                (Some(_), Some(near)) => format!("did you mean {near:?}?"),
                (Some(file), None) => format!("add it to {file}"),
            };
            report.error_help(at, format!("no material is named {name:?}"), help);
        }
        found
    }
}

/// The rest of a record; `None` after an error in one value, `Err` where the order of lines is
/// lost.
fn record<'a>(
    file: &str,
    name: &Line<'_>,
    lines: &mut impl Iterator<Item = Line<'a>>,
    report: &mut Report,
) -> Result<Option<Record>, ()> {
    let mut last = name.number;
    let mut is_sound = true;
    let mut next = |what: &str, report: &mut Report| {
        let line = lines.next();
        if line.is_none() {
            report.error_help(
                &Place::new(file, last),
                format!("material {:?} ends before its {what}", name.words[0]),
                "a solid has four lines: name, solid, conductivity, heat capacity; a fluid has a fifth, its viscosity",
            );
        }
        line.inspect(|line| last = line.number).ok_or(())
    };
    let kind = next("kind", report)?;
    let is_fluid = match kind.words[0] {
        "solid" => false,
        "fluid" => true,
        other => {
            report.error_help(
                &Place::new(file, kind.number),
                format!("{other:?} is neither solid nor fluid"),
                format!("this line is the kind of material {:?}", name.words[0]),
            );
            return Err(());
        }
    };
    let mut value = |what: &str, report: &mut Report| -> Result<f64, ()> {
        let line = next(what, report)?;
        let value = number(line.words[0]).filter(|value| *value > 0.0);
        if value.is_none() {
            report.error(
                &Place::new(file, line.number),
                format!(
                    "{what} of material {:?} is {:?}; it has to be a number above zero",
                    name.words[0], line.words[0]
                ),
            );
            is_sound = false;
        }
        Ok(value.unwrap_or(1.0))
    };
    let k = value("conductivity", report)?;
    let cv = value("heat capacity", report)?;
    let viscosity = if is_fluid {
        Some(value("viscosity", report)?)
    } else {
        None
    };
    Ok(is_sound.then(|| Record {
        name: name.words[0].to_owned(),
        k,
        cv,
        viscosity,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solids_have_four_lines_and_fluids_five() {
        let mut report = Report::default();
        let text =
            "# k in W/(m K)\nsilicon\nsolid\n130\n1.63e6\n\nwater\nfluid\n0.6\n4.17e6\n9e-4\n";
        let materials = Materials::read("m", text, &mut report);
        assert!(report.errors.is_empty());
        let water = materials.find("water").and_then(|water| water.viscosity);
        assert_eq!(water, Some(9e-4));
    }

    #[test]
    fn a_truncated_record_is_an_error_with_its_line() {
        let mut report = Report::default();
        Materials::read("m", "silicon\nsolid\n-3\n", &mut report);
        let errors: Vec<_> = report.errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            errors,
            [
                "m:3: conductivity of material \"silicon\" is \"-3\"; it has to be a number above zero",
                "m:3: material \"silicon\" ends before its heat capacity (help: a solid has four lines: name, solid, conductivity, heat capacity; a fluid has a fifth, its viscosity)",
            ]
        );
    }
}

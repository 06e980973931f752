//! `.ptrace`: powers over time.

use super::layers::Layer;
use super::lines::{Line, Place, Report, lines, nearest, number};

/// Powers of every block with power, in the order of layers and their floorplans.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trace {
    /// One row for each interval, W.
    pub(super) rows: Vec<Vec<f64>>,
}

impl Trace {
    /// Mean power of every block.
    pub(super) fn mean(&self) -> Vec<f64> {
        let n = self.rows.first().map_or(0, Vec::len);
        let share = 1.0 / self.rows.len().max(1) as f64;
        let mean = |idx: usize| self.rows.iter().map(|row| row[idx]).sum::<f64>() * share;
        (0..n).map(mean).collect()
    }

    /// The powers of a file; `None` after an error.
    ///
    /// The names are those of the layers with power, layer after layer; within a layer they may
    /// come in any order.
    pub(super) fn read(
        file: &str,
        text: &str,
        layers: &[Layer],
        report: &mut Report,
    ) -> Option<Self> {
        let n_before = report.errors.len();
        let mut lines = lines(text);
        let Some(header) = lines.next() else {
            report.error_help(
                &Place::new(file, 0),
                "the file is empty",
                "the first line names the blocks, every other one holds their powers in W",
            );
            return None;
        };
        let places = header_places(file, &header, layers, report);
        let mut rows = Vec::new();
        for line in lines {
            let row = row(file, &header, &line, &places, report);
            rows.extend(row);
        }
        if rows.is_empty() && report.errors.len() == n_before {
            report.error(
                &Place::new(file, header.number),
                "no line of powers follows the names",
            );
        }
        (report.errors.len() == n_before).then_some(Self { rows })
    }
}

/// Where the value of each column goes.
fn header_places(
    file: &str,
    header: &Line<'_>,
    layers: &[Layer],
    report: &mut Report,
) -> Vec<usize> {
    let at = Place::new(file, header.number);
    let with_power = || layers.iter().filter(|layer| layer.has_power);
    let n: usize = with_power().map(|layer| layer.plan.units.len()).sum();
    let names: Vec<&str> = with_power()
        .flat_map(|layer| layer.plan.units.iter().map(|unit| unit.name.as_str()))
        .collect();
    let mut places = Vec::new();
    let mut taken = vec![false; n];
    let mut base = 0;
    let mut columns = header.words.iter();
    for layer in with_power() {
        let units = &layer.plan.units;
        for name in columns.by_ref().take(units.len()) {
            let is_named = |unit: &super::floorplan::Unit| unit.name.eq_ignore_ascii_case(name);
            match units.iter().position(is_named) {
                Some(idx) if taken[base + idx] => {
                    report.error(&at, format!("block {name:?} has two columns"));
                }
                Some(idx) => {
                    taken[base + idx] = true;
                    places.push(base + idx);
                }
                None => {
                    let elsewhere = names.iter().any(|other| other.eq_ignore_ascii_case(name));
                    let help = if elsewhere {
                        "columns come layer after layer, from the one farthest from the sink"
                            .to_owned()
                    } else if let Some(near) = nearest(name, names.iter().copied()) {
                        format!("did you mean {near:?}?")
                    } else {
                        format!("its blocks are those of {}", layer.plan.file)
                    };
                    let message = format!("block {name:?} is not one of layer {}", layer.number);
                    report.error_help(&at, message, help);
                }
            }
        }
        base += units.len();
    }
    let extra: Vec<_> = columns.copied().collect();
    if !extra.is_empty() {
        report.error(
            &at,
            format!(
                "{} columns for {n} blocks; left over: {}",
                header.words.len(),
                list(&extra)
            ),
        );
    }
    let absent: Vec<_> = (0..n)
        .filter(|idx| !taken[*idx])
        .map(|idx| names[idx])
        .collect();
    if !absent.is_empty() && extra.is_empty() {
        report.error(&at, format!("no column for {}", list(&absent)));
    }
    places
}

/// A few names of many.
fn list(names: &[&str]) -> String {
    let shown = names.iter().take(8).map(|name| format!("{name:?}"));
    let shown: Vec<_> = shown.collect();
    let more = names.len() - shown.len();
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

fn row(
    file: &str,
    header: &Line<'_>,
    line: &Line<'_>,
    places: &[usize],
    report: &mut Report,
) -> Option<Vec<f64>> {
    let at = Place::new(file, line.number);
    if line.words.len() != header.words.len() {
        let message = format!(
            "{} powers for {} names",
            line.words.len(),
            header.words.len()
        );
        report.error(&at, message);
        return None;
    }
    let mut row = vec![0.0; places.len()];
    let mut is_sound = places.len() == header.words.len();
    for (column, (word, name)) in line.words.iter().zip(&header.words).enumerate() {
        match (number(word), places.get(column)) {
            (Some(power), Some(place)) => {
                // After an error in the names the places may lead beyond the row.
                if let Some(of) = row.get_mut(*place) {
                    *of = power;
                }
            }
            (None, _) => {
                report.error(
                    &at,
                    format!("power of block {name:?} is {word:?}; it has to be a number"),
                );
                is_sound = false;
            }
            (Some(_), None) => {}
        }
    }
    is_sound.then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::hotspot::floorplan::Floorplan;

    fn layer(number: usize, has_power: bool) -> Layer {
        let text = "a 1e-3 1e-3 0 0\nb 1e-3 1e-3 1e-3 0\n";
        let plan = Floorplan::read("a.flp", text, &mut Report::default());
        Layer {
            number,
            at: Place::new("s.lcf", 1),
            has_lateral: true,
            has_power,
            k: 100.0,
            cv: 1e6,
            thickness_m: 1e-4,
            map: None,
            plan: plan.expect("a sound floorplan"),
        }
    }

    fn read(text: &str) -> (Option<Trace>, Vec<String>) {
        let layers = [layer(0, true), layer(1, false), layer(2, true)];
        let mut report = Report::default();
        let trace = Trace::read("p", text, &layers, &mut report);
        (
            trace,
            report.errors.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn columns_go_to_the_blocks_they_name() {
        let (trace, errors) = read("B a a b\n1 2 3 4\n\n3 2 1 0\n");
        assert!(errors.is_empty(), "{errors:?}");
        let trace = trace.expect("a sound trace");
        assert_eq!(trace.rows, [[2.0, 1.0, 3.0, 4.0], [2.0, 3.0, 1.0, 0.0]]);
        assert_eq!(trace.mean(), [2.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn unknown_absent_and_double_names_are_errors() {
        let (trace, errors) = read("a c a a\n1 2 3 4\n");
        assert!(trace.is_none());
        assert_eq!(
            errors[0],
            "p:1: block \"c\" is not one of layer 0 (help: its blocks are those of a.flp)"
        );
        assert_eq!(errors[1], "p:1: block \"a\" has two columns");
        assert_eq!(errors[2], "p:1: no column for \"b\", \"b\"");
        let (_, errors) = read("a b a b c\n1 2 3 4 5\n");
        assert_eq!(errors, ["p:1: 5 columns for 4 blocks; left over: \"c\""]);
        let (_, errors) = read("a b a b\n1 2 3\n1 2 x 4\n");
        assert_eq!(
            errors,
            [
                "p:2: 3 powers for 4 names",
                "p:3: power of block \"a\" is \"x\"; it has to be a number"
            ]
        );
        let (_, errors) = read("a b a b\n");
        assert_eq!(errors, ["p:1: no line of powers follows the names"]);
    }
}

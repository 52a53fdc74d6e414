//! Labels of pairs: what else a list says of them, by which they are sorted into cohorts.

use std::path::Path;

use super::files::quoted;
use super::people::People;
use super::table::{Row, Table, finite};
use crate::Error;

/// A table or a chart of more rows is not read. All cameras of seven with each other are 28.
const MOST_VALUES: usize = 30;

/// The longest name or value, in characters.
const LONGEST: usize = 60;

/// Into so many parts numbers are cut, of about equally many pairs.
const PARTS: usize = 4;

/// A label of pairs, such as the camera: each of its values is a cohort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairLabels {
    /// What the label is of, such as `camera`.
    pub name: String,
    /// The different values, from the lowest to the highest number or in alphabetical order. At most 256.
    pub values: Vec<String>,
    /// The value of each pair, a number of `values`; `None` where it is not known.
    pub of_pairs: Vec<Option<u8>>,
}

impl PairLabels {
    /// Cuts a number of every pair into four parts of about equally many pairs, named by the lowest and highest number
    /// in them: `0.61 to 0.74`. Equal numbers stay together, so there may be fewer parts. Numbers that are not finite are
    /// taken for unknown.
    pub fn by_quarters(name: impl Into<String>, numbers: &[Option<f32>]) -> Self {
        let known = |number: &Option<f32>| number.filter(|number| number.is_finite());
        let mut sorted: Vec<f32> = numbers.iter().filter_map(known).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let mut ends: Vec<usize> = (1..PARTS).map(|part| cut(&sorted, sorted.len() * part / PARTS)).collect();
        ends.push(sorted.len());
        ends.dedup();
        ends.retain(|&end| end > 0);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let parts: Vec<[f32; 2]> =
            starts.zip(&ends).map(|(start, &end)| [sorted[start], sorted[end - 1]]).collect();
        let mut values: Vec<String> = parts.iter().map(|part| range(*part, short)).collect();
        if values.windows(2).any(|two| two[0] == two[1]) {
            values = parts.iter().map(|part| range(*part, |number| number.to_string())).collect();
        }
        let place = |number: f32| parts.partition_point(|&[_, high]| high < number) as u8;
        Self { name: name.into(), values, of_pairs: numbers.iter().map(|of| known(of).map(place)).collect() }
    }

    /// With the pairs in another order: pair `i` is the one that had the number `order[i]`.
    pub(super) fn reordered(self, order: &[usize]) -> Self {
        Self { of_pairs: order.iter().map(|&pair| self.of_pairs[pair]).collect(), ..self }
    }

    /// Checks that there is an entry for each pair and that the values that they name are there.
    pub(crate) fn check(&self, pairs: usize) -> Result<(), Error> {
        if self.of_pairs.len() != pairs {
            return Err(Error::Length { what: "labels", expected: pairs, got: self.of_pairs.len() });
        }
        let values = self.values.len();
        match self.of_pairs.iter().position(|value| value.is_some_and(|value| usize::from(value) >= values)) {
            Some(number) => {
                let problem = format!("its label {:?} is none of the {values} values", self.name);
                Err(Error::Item { what: "pair", number, problem })
            }
            None => Ok(()),
        }
    }
}

/// The place nearest to `wanted` at which the sorted numbers can be cut without parting equal ones.
fn cut(sorted: &[f32], wanted: usize) -> usize {
    let Some(&at) = sorted.get(wanted) else { return sorted.len() };
    let before = sorted.partition_point(|&number| number < at);
    let after = sorted.partition_point(|&number| number <= at);
    if wanted - before <= after - wanted { before } else { after }
}

fn range([low, high]: [f32; 2], write: impl Fn(f32) -> String) -> String {
    if low == high { write(low) } else { format!("{} to {}", write(low), write(high)) }
}

/// A whole number as it is, others with four digits that count.
fn short(number: f32) -> String {
    if number.fract() == 0.0 {
        return number.to_string();
    }
    format!("{number:.3e}").parse().map_or_else(|_| number.to_string(), |number: f32| number.to_string())
}

/// The columns of a list that are labels, while it is read.
pub(super) struct Labels {
    columns: Vec<Column>,
}

struct Column {
    name: String,
    source: Source,
    values: Values,
}

/// Where a label stands in a row.
enum Source {
    /// In the column of this number.
    Pair(usize),
    /// In a column for each photo. The value of the pair is both, whichever comes first.
    Photos {
        columns: [usize; 2],
        values: People,
        /// The value of each photo, and the line that says so.
        shown: Vec<Option<(u8, usize)>>,
    },
}

/// The values of the pairs so far.
enum Values {
    Words(People, Vec<Option<u8>>),
    /// Too many different ones for words, but all of them numbers.
    Numbers(Vec<Option<f32>>),
}

impl Labels {
    /// The labels that a header names. `NAME_a` and `NAME_b` belong together, as labels of the pair's photos.
    pub(super) fn of(table: &Table) -> Result<Self, Error> {
        let mut labels = Self { columns: Vec::new() };
        let number = |wanted: &str| table.labels().iter().find(|(_, name)| name == wanted).map(|(of, _)| *of);
        for (place, (column, name)) in table.labels().iter().enumerate() {
            if name.is_empty() {
                return Err(table.bad(format!("column {} has no name", column + 1)));
            }
            check_text(name).map_err(|problem| table.bad(format!("the column {problem}")))?;
            if table.labels()[..place].iter().any(|(_, before)| before == name) {
                return Err(table.bad(format!("the column {} is named twice", quoted(name))));
            }
            let (name, source) = match photo_label(name) {
                Some((_, other)) if number(&other).is_none() => {
                    let problem = format!(
                        "the column {name} is a label of one photo, and that of the other, {other}, is missing"
                    );
                    return Err(table.bad(problem));
                }
                Some(_) if name.ends_with("_b") => continue,
                Some((stem, other)) => {
                    let columns = [*column, number(&other).unwrap_or(*column)];
                    (stem, Source::Photos { columns, values: People::default(), shown: Vec::new() })
                }
                None => (name.as_str(), Source::Pair(*column)),
            };
            if labels.columns.iter().any(|label| label.name == name) {
                let name = quoted(name);
                return Err(
                    table.bad(format!("the label {name} is one of pairs and one of photos: rename one"))
                );
            }
            let values = Values::Words(People::default(), Vec::new());
            labels.columns.push(Column { name: name.to_owned(), source, values });
        }
        Ok(labels)
    }

    /// Adds a row. With the numbers of its photos, from 0, a photo must have the same label wherever it is named.
    pub(super) fn add(&mut self, row: &Row<'_>, photos: Option<[usize; 2]>) -> Result<(), Error> {
        self.columns.iter_mut().try_for_each(|column| column.add(row, photos))
    }

    /// All labels, with an entry for each row.
    pub(super) fn finish(self, path: &Path) -> Result<Vec<PairLabels>, Error> {
        let finished = |column: Column| {
            let name = quoted(&column.name);
            let labels = column.finish();
            if labels.values.is_empty() {
                let problem = format!("the label {name} is blank in all rows: fill it in, or leave it out");
                return Err(Error::Layout { path: path.to_owned(), problem });
            }
            Ok(labels)
        };
        self.columns.into_iter().map(finished).collect()
    }
}

impl Column {
    fn add(&mut self, row: &Row<'_>, photos: Option<[usize; 2]>) -> Result<(), Error> {
        let value = match &mut self.source {
            Source::Pair(column) => row.cell(*column).map(str::to_owned),
            Source::Photos { columns, values, shown } => {
                let cells = columns.map(|column| row.cell(column));
                for (cell, photo) in cells.iter().zip(photos.into_iter().flatten()) {
                    check_photo(row, &self.name, *cell, photo, values, shown)?;
                }
                match cells {
                    [Some(a), Some(b)] => Some(format!("{} + {}", a.min(b), a.max(b))),
                    _ => None,
                }
            }
        };
        let numeric = matches!(self.source, Source::Pair(_));
        match value {
            Some(value) => self.values.push(&value, numeric).map_err(|problem| {
                let name = quoted(&self.name);
                row.bad(format!("the label {name} {problem}"))
            }),
            None => {
                self.values.push_unknown();
                Ok(())
            }
        }
    }

    fn finish(self) -> PairLabels {
        let (values, of_pairs) = match self.values {
            Values::Numbers(numbers) => return PairLabels::by_quarters(self.name, &numbers),
            Values::Words(values, of_pairs) => (values.into_names(), of_pairs),
        };
        let numbers: Option<Vec<f64>> = values.iter().map(|value| finite(value)).collect();
        let mut order: Vec<usize> = (0..values.len()).collect();
        match numbers {
            Some(numbers) => order.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b])),
            None => order.sort_by_key(|&value| &values[value]),
        }
        let mut place = vec![0; values.len()];
        // There are at most `MOST_VALUES`.
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new as u8);
        PairLabels {
            name: self.name,
            of_pairs: of_pairs
                .into_iter()
                .map(|value| value.map(|value| place[usize::from(value)]))
                .collect(),
            values: order.into_iter().map(|value| values[value].clone()).collect(),
        }
    }
}

impl Values {
    /// Adds a pair's value. `numeric` says whether many numbers may be cut into parts.
    fn push(&mut self, value: &str, numeric: bool) -> Result<(), String> {
        check_text(value).map_err(|problem| format!("has the value {problem}"))?;
        if let Self::Words(values, of_pairs) = self {
            let number = values.number(value);
            if (number as usize) < MOST_VALUES {
                of_pairs.push(Some(number as u8));
                return Ok(());
            }
            let numbers: Option<Vec<f32>> = values.names().iter().map(|name| finite(name)).collect();
            let Some(numbers) = numbers.filter(|_| numeric) else {
                return Err(format!(
                    "has more than {MOST_VALUES} different values, each of which would be a cohort: name fewer classes, \
                     such as 18-30, or one number for the pair, such as a difference in years, which is cut into \
                     {PARTS} parts"
                ));
            };
            let number = |value: &Option<u8>| value.map(|value| numbers[usize::from(value)]);
            *self = Self::Numbers(of_pairs.iter().map(number).collect());
        }
        if let Self::Numbers(numbers) = self {
            let number = finite(value).ok_or_else(|| {
                format!("has more than {MOST_VALUES} different values and {} is no number", quoted(value))
            })?;
            numbers.push(Some(number));
        }
        Ok(())
    }

    fn push_unknown(&mut self) {
        match self {
            Self::Words(_, of_pairs) => of_pairs.push(None),
            Self::Numbers(numbers) => numbers.push(None),
        }
    }
}

/// Refuses a photo with two values of a label. A blank cell is not another value.
fn check_photo(
    row: &Row<'_>,
    label: &str,
    cell: Option<&str>,
    photo: usize,
    values: &mut People,
    shown: &mut Vec<Option<(u8, usize)>>,
) -> Result<(), Error> {
    let Some(cell) = cell else { return Ok(()) };
    let number = values.number(cell);
    if number as usize >= MOST_VALUES {
        let label = quoted(label);
        return Err(row.bad(format!(
            "the label {label} has more than {MOST_VALUES} different values of photos: name fewer classes, such as \
             18-30"
        )));
    }
    if photo >= shown.len() {
        shown.resize(photo + 1, None);
    }
    let (before, line) = *shown[photo].get_or_insert((number as u8, row.line()));
    if u32::from(before) != number {
        let [now, before] = [number, before.into()].map(|value| quoted(values.name(value)));
        return Err(row.bad(format!(
            "the label {} of a photo is {now} here, but {before} on line {line}",
            quoted(label)
        )));
    }
    Ok(())
}

/// The name of the label, and of the other photo's column, if a column is of one photo.
fn photo_label(column: &str) -> Option<(&str, String)> {
    let (stem, other) = match column.strip_suffix("_a") {
        Some(stem) => (stem, "_b"),
        None => (column.strip_suffix("_b")?, "_a"),
    };
    (!stem.is_empty()).then(|| (stem, format!("{stem}{other}")))
}

/// Refuses what does not fit a row of a table. The problem follows the name of what it is.
fn check_text(text: &str) -> Result<(), String> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(format!("{}, which is longer than {LONGEST} characters", quoted(text)));
    }
    if text.contains(char::is_control) {
        return Err(format!("{}, which has a line break or another control character", quoted(text)));
    }
    Ok(())
}

//! True and estimated ages as CSV.

use std::path::Path;

use super::files::quoted;
use super::people::People;
use super::table::{Format, Row, Table, finite};
use crate::Error;

static FORMAT: Format = Format {
    known: &["age", "estimate", "person"],
    others: false,
    headless: &[&["age", "estimate"], &["age", "estimate", "person"]],
    limit: 1 << 28,
    help: "a CSV file of true and estimated ages",
};

/// Nobody is older. A year of birth in place of an age is noticed.
const OLDEST: f64 = 130.0;

/// Ages of faces and what was estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeList {
    /// The file's name without its extension.
    pub name: String,
    /// The true age of each face in years, 0..=130.
    pub ages: Vec<f64>,
    /// The estimate in years; `None` where there is none.
    pub estimates: Vec<Option<f64>>,
    /// Whose face it is, numbered from 0; `None` if the file does not tell.
    pub people: Option<Vec<u32>>,
}

/// Reads a CSV file of ages in years: `age,estimate` or `age,estimate,person`, up to 256 MiB.
///
/// A header is optional; one allows the columns in any order. A blank estimate stands for a face that got none.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file, such as an age that is no number of years;
/// [`Error::Layout`] if there are no faces or none has an estimate.
pub fn read_ages_csv(path: &Path) -> Result<AgeList, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["age", "estimate"])?;
    let named = table.has("person");
    let mut people = People::default();
    let (mut ages, mut estimates, mut shows) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        ages.push(age(&row)?);
        estimates.push(match row.get("estimate") {
            None => None,
            Some(cell) => Some(finite(cell).ok_or_else(|| {
                row.bad(format!(
                    "the estimate {} is no finite number; leave it blank if there is none",
                    quoted(cell)
                ))
            })?),
        });
        if named {
            shows.push(people.number(row.need("person")?));
        }
    }
    if estimates.iter().all(Option::is_none) {
        return Err(Error::Layout {
            path: path.to_owned(),
            problem: "no face has an estimate: there is nothing to measure".to_owned(),
        });
    }
    Ok(AgeList {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        ages,
        estimates,
        people: named.then_some(shows),
    })
}

fn age(row: &Row<'_>) -> Result<f64, Error> {
    let cell = row.need("age")?;
    finite(cell).filter(|age| (0.0..=OLDEST).contains(age)).ok_or_else(|| {
        row.bad(format!(
            "the age {} is not in years, from 0 to {OLDEST}: is it a year of birth?",
            quoted(cell)
        ))
    })
}

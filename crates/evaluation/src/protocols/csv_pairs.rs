//! A list of pairs of photos as CSV, for a set that is no benchmark of the field.

use std::collections::HashMap;
use std::path::Path;

use super::files::{check_present, quoted};
use super::labels::Labels;
use super::pair_protocol::{Pair, PairProtocol, both_kinds, ten_folds};
use super::people::People;
use super::table::{Format, Row, Table};
use crate::Error;

static FORMAT: Format = Format {
    known: &["a", "b", "same", "id_a", "id_b", "fold"],
    others: false,
    headless: &[&["a", "b", "same"], &["a", "id_a", "b", "id_b"]],
    limit: 256 << 20,
    help: "a CSV file of pairs of photos",
};

/// Reads a CSV file of pairs of photos: `a,b,same`, or `a,id_a,b,id_b` with the names of the people instead of the
/// label.
///
/// A header is optional; one that has any of the columns `a`, `b`, `same`, `id_a`, `id_b` and `fold` in any order
/// allows labels and identities together, which must agree, and folds. Paths are relative to the CSV file. `same` is
/// 1 or 0 (or true, false, yes, no). Pairs with one `fold` are evaluated together, in the order in which the folds
/// are first named; without that column there are ten consecutive folds (as many as pairs, if there are fewer). All
/// other columns are labels of the pair, or, as `camera_a` and `camera_b`, of its photos: [`PairLabels`](crate::PairLabels). The file has
/// at most 256 MiB.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file: a row that is not as above, a photo paired
/// with itself, a pair listed twice, a photo with two identities or two values of a label, a label with too many
/// values. [`Error::Layout`] if all pairs are of one kind or in one fold, or if a label is blank everywhere.
/// [`Error::MissingPhotos`] if photos are absent.
pub fn read_pairs_csv(path: &Path) -> Result<PairProtocol, Error> {
    let mut table = Table::open_labelled(path, &FORMAT)?;
    table.require(&["a", "b"])?;
    let identified = table.has("id_a") || table.has("id_b");
    table.require(if identified { &["id_a", "id_b"] } else { &["same"] })?;

    let mut labels = Labels::of(&table)?;
    let mut photos = Photos::default();
    let mut first_line = HashMap::new();
    let mut folds = People::default();
    let mut pairs = Vec::new();
    while let Some(row) = table.next_row()? {
        let a = photos.number(&row, "a", "id_a")?;
        let b = photos.number(&row, "b", "id_b")?;
        if a == b {
            return Err(row.bad(format!("{} is paired with itself", quoted(&photos.names[a]))));
        }
        if let Some(line) = first_line.insert((a.min(b), a.max(b)), row.line()) {
            return Err(row.bad(format!("these two photos are a pair on line {line} already")));
        }
        let fold = if row.has("fold") { folds.number(row.need("fold")?) } else { 0 };
        labels.add(&row, Some([a, b]))?;
        // The row's number is its place in the labels.
        pairs.push((fold, pairs.len(), Pair { a, b, same: row.same()? }));
    }

    let layout = |problem| Error::Layout { path: path.to_owned(), problem };
    both_kinds(pairs.iter().map(|(.., pair)| pair.same)).map_err(layout)?;
    // Stable, so the order within a fold is the file's.
    pairs.sort_by_key(|(fold, ..)| *fold);
    let order: Vec<usize> = pairs.iter().map(|(_, row, _)| *row).collect();
    let fold_ranges = if table.has("fold") {
        let ranges: Vec<_> = pairs
            .chunk_by(|(a, ..), (b, ..)| a == b)
            .scan(0, |start, fold| {
                *start += fold.len();
                Some(*start - fold.len()..*start)
            })
            .collect();
        if ranges.len() < 2 {
            let problem = "all pairs are in one fold; a threshold is chosen on the other folds".to_owned();
            return Err(layout(problem));
        }
        ranges
    } else {
        ten_folds(pairs.len())
    };

    let root = path.parent().unwrap_or(Path::new(""));
    let images: Vec<_> = photos.names.iter().map(|name| root.join(name)).collect();
    check_present(root, &images)?;
    Ok(PairProtocol {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        images,
        pairs: pairs.into_iter().map(|(.., pair)| pair).collect(),
        folds: fold_ranges,
        identities: identified.then(|| photos.shows.iter().map(|(person, _)| *person).collect()),
        people: photos.people.into_names(),
        labels: labels.finish(path)?.into_iter().map(|labels| labels.reordered(&order)).collect(),
    })
}

/// Each photo once.
#[derive(Default)]
struct Photos {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    people: People,
    /// Who each photo shows, and the line that says so. Empty without identities.
    shows: Vec<(u32, usize)>,
}

impl Photos {
    /// The number of the photo in `column`, checked against the identity in `id_column` if there is one.
    fn number(&mut self, row: &Row<'_>, column: &str, id_column: &str) -> Result<usize, Error> {
        let name = row.need(column)?;
        let next = self.names.len();
        let number = *self.numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            self.names.push(name.to_owned());
        }
        if row.has(id_column) {
            let person = self.people.number(row.need(id_column)?);
            if number == self.shows.len() {
                self.shows.push((person, row.line()));
            }
            let (before, line) = self.shows[number];
            if before != person {
                let [now, before] = [person, before].map(|person| quoted(self.people.name(person)));
                return Err(
                    row.bad(format!("{} shows {now} here, but {before} on line {line}", quoted(name)))
                );
            }
        }
        Ok(number)
    }
}

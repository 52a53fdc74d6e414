//! Scores of pairs as CSV, for comparisons that were made elsewhere.

use std::path::Path;

use super::files::quoted;
use super::labels::{Labels, PairLabels};
use super::pair_protocol::both_kinds;
use super::people::People;
use super::table::{Format, Row, Table, finite};
use crate::Error;
use crate::uncertainty::ScoredPair;

static FORMAT: Format = Format {
    known: &["same", "score", "id_a", "id_b", "quality_a", "quality_b"],
    others: false,
    headless: &[&["same", "score"], &["same", "score", "id_a", "id_b"]],
    limit: 1 << 30,
    help: "a CSV file of scores of pairs",
};

/// Scores of pairs with their truth, and no photos.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreList {
    /// The file's name without its extension.
    pub name: String,
    /// The similarity of each pair, more is more alike; `None` where none could be taken, as for a photo without a
    /// face.
    pub scores: Vec<Option<f32>>,
    /// Whether each pair shows one person.
    pub same: Vec<bool>,
    /// Who each pair's two photos show, numbered from 0; `None` if the file does not tell.
    pub identities: Option<Vec<[u32; 2]>>,
    /// The quality of both faces of each pair, more is better, `None` for a face that has none; `None` if the file has
    /// no such columns.
    pub qualities: Option<Vec<[Option<f32>; 2]>>,
    /// What else is known of the pairs.
    pub labels: Vec<PairLabels>,
}

impl ScoreList {
    /// The pairs as a bootstrap over people takes them; `None` without identities.
    pub fn scored_pairs(&self) -> Option<Vec<ScoredPair>> {
        let pairs = self.identities.as_ref()?.iter().zip(&self.scores);
        Some(pairs.map(|(&[a, b], &score)| ScoredPair { a, b, score }).collect())
    }
}

/// Reads a CSV file of scores: `same,score` or `same,score,id_a,id_b`, up to 1 GiB.
///
/// A header is optional; one allows the columns in any order, identities without `same`, and the columns `quality_a`
/// and `quality_b`. `same` is 1 or 0 (or true, false, yes, no). A blank score stands for a pair that could not be
/// compared, a blank quality for a face without one. All other columns are labels of the pair, or, as `camera_a` and
/// `camera_b`, of its photos: [`PairLabels`].
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file, such as a score that is no finite number, a
/// `same` that contradicts the identities or a label with too many values; [`Error::Layout`] if all pairs are of one
/// kind, none has a score, or a label is blank everywhere.
pub fn read_scores_csv(path: &Path) -> Result<ScoreList, Error> {
    let mut table = Table::open_labelled(path, &FORMAT)?;
    table.require(&["score"])?;
    let identified = table.has("id_a") || table.has("id_b");
    table.require(if identified { &["id_a", "id_b"] } else { &["same"] })?;
    let rated = table.has("quality_a") || table.has("quality_b");
    table.require(if rated { &["quality_a", "quality_b"] } else { &[] })?;

    let mut labels = Labels::of(&table)?;
    let mut people = People::default();
    let (mut scores, mut same) = (Vec::new(), Vec::new());
    let (mut identities, mut qualities) = (Vec::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        scores.push(number(&row, "score")?);
        same.push(row.same()?);
        labels.add(&row, None)?;
        if identified {
            identities.push([people.number(row.need("id_a")?), people.number(row.need("id_b")?)]);
        }
        if rated {
            qualities.push([number(&row, "quality_a")?, number(&row, "quality_b")?]);
        }
    }

    let layout = |problem| Error::Layout { path: path.to_owned(), problem };
    both_kinds(same.iter().copied()).map_err(layout)?;
    if scores.iter().all(Option::is_none) {
        return Err(layout("no pair has a score".to_owned()));
    }
    Ok(ScoreList {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        scores,
        same,
        identities: identified.then_some(identities),
        qualities: rated.then_some(qualities),
        labels: labels.finish(path)?,
    })
}

/// The number in a column, `None` if it is blank.
fn number(row: &Row<'_>, column: &str) -> Result<Option<f32>, Error> {
    let number = |cell| {
        finite(cell).ok_or_else(|| {
            let cell = quoted(cell);
            row.bad(format!("the {column} {cell} is no finite number; leave it blank if there is none"))
        })
    };
    row.get(column).map(number).transpose()
}

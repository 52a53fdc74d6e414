//! Scores of live faces and of attacks as CSV.

use std::collections::HashSet;
use std::path::Path;

use super::files::quoted;
use super::people::People;
use super::table::{Format, Table, finite};
use crate::{Error, PresentationAttack};

static FORMAT: Format = Format {
    known: &["species", "score", "person"],
    others: false,
    headless: &[&["species", "score"], &["species", "score", "person"]],
    limit: 1 << 28,
    help: "a CSV file of scores of live faces and attacks",
};

/// What the column `species` says of a live face.
const BONA_FIDE: [&str; 4] = ["bona-fide", "bona fide", "bonafide", "live"];

/// There are a handful of kinds of attack. More are names of something else.
const MOST_SPECIES: usize = 1000;

/// Presentations with their scores and their truth.
#[derive(Clone, Debug, PartialEq)]
pub struct PresentationList {
    /// The file's name without its extension.
    pub name: String,
    /// The names of the kinds of attack, in the order of their first use. At least one.
    pub species: Vec<String>,
    /// Of each presentation its kind of attack, a number of `species`; `None` for a live face.
    pub kinds: Vec<Option<u32>>,
    /// How alive each one looks, more is more alive; `None` where no face was found.
    pub scores: Vec<Option<f32>>,
    /// Who presents (who is in front of the camera, or whose picture or mask it is), numbered from 0; `None` if the
    /// file does not tell.
    pub people: Option<Vec<u32>>,
    /// The names of these people; empty if the file does not tell.
    pub names: Vec<String>,
}

impl PresentationList {
    /// The people who are in both lists: a threshold that was chosen on people who are then measured flatters.
    pub fn shared_people<'a>(&'a self, other: &Self) -> Vec<&'a str> {
        let others: HashSet<&str> = other.names.iter().map(String::as_str).collect();
        self.names.iter().map(String::as_str).filter(|name| others.contains(name)).collect()
    }

    /// All presentations, for their error rates.
    ///
    /// # Errors
    /// Those of [`PresentationAttack::new`].
    pub fn attack(&self) -> Result<PresentationAttack, Error> {
        self.drawn(&vec![1; self.kinds.len()])
    }

    /// Each presentation as often as it was drawn: `weights[i]` times presentation `i`.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one weight for each presentation, and those of [`PresentationAttack::new`], as
    /// where no live face was drawn.
    pub fn drawn(&self, weights: &[u32]) -> Result<PresentationAttack, Error> {
        if weights.len() != self.kinds.len() {
            return Err(Error::Length { what: "weights", expected: self.kinds.len(), got: weights.len() });
        }
        let (mut bona_fide, mut attacks) = (Vec::new(), Vec::new());
        for ((&kind, &score), &weight) in self.kinds.iter().zip(&self.scores).zip(weights) {
            let times = 0..weight;
            match kind {
                None => bona_fide.extend(times.map(|_| score)),
                Some(kind) => attacks.extend(times.map(|_| (self.species[kind as usize].as_str(), score))),
            }
        }
        PresentationAttack::new(&bona_fide, &attacks)
    }
}

/// Reads a CSV file of presentations: `species,score` or `species,score,person`, up to 256 MiB.
///
/// A header is optional; one allows the columns in any order. `species` is `bona-fide` (or `live`) for a live face, and
/// the name of the kind of attack for any other. More score is more alive; a blank one stands for a presentation in
/// which no face was found.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file, such as a score that is no finite number;
/// [`Error::Layout`] if there is no live face, no attack, or none has a score.
pub fn read_presentations_csv(path: &Path) -> Result<PresentationList, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["species", "score"])?;
    let named = table.has("person");
    let (mut species, mut people) = (People::default(), People::default());
    let (mut kinds, mut scores, mut shows) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        let kind = row.need("species")?;
        let is_live = BONA_FIDE.iter().any(|name| name.eq_ignore_ascii_case(kind));
        let kind = (!is_live).then(|| species.number(kind));
        if kind.is_some_and(|kind| kind as usize >= MOST_SPECIES) {
            return Err(row.bad(format!(
                "more than {MOST_SPECIES} kinds of attack: the column species says how an attack is made, such as print"
            )));
        }
        kinds.push(kind);
        scores.push(match row.get("score") {
            None => None,
            Some(cell) => Some(finite(cell).ok_or_else(|| {
                row.bad(format!(
                    "the score {} is no finite number; leave it blank if no face was found",
                    quoted(cell)
                ))
            })?),
        });
        if named {
            shows.push(people.number(row.need("person")?));
        }
    }

    let layout = |problem: &str| Error::Layout { path: path.to_owned(), problem: problem.to_owned() };
    if kinds.iter().all(Option::is_some) {
        return Err(layout("no row is of a live face: its species is bona-fide"));
    }
    if kinds.iter().all(Option::is_none) {
        return Err(layout("no row is of an attack: its species is the kind of attack, such as print"));
    }
    if scores.iter().all(Option::is_none) {
        return Err(layout("no presentation has a score"));
    }
    Ok(PresentationList {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        species: species.into_names(),
        kinds,
        scores,
        people: named.then_some(shows),
        names: people.into_names(),
    })
}

//! `--scorer`: scorers from files, and whether people of the test taught them.

use std::path::Path;

use evaluation::PairProtocol;
use gallery::ModelIdentity;
use matching::{Scorer, ScorerFile};
use serde_json::{Value, json};

use super::systems::System;
use console::path_value;

/// What is known of a scorer from a file.
pub struct Origin {
    /// For JSON.
    file: Value,
    name: String,
    /// People whom it was learned from.
    people: usize,
    /// Named people of the test.
    tested: usize,
    /// How many of them have the name of one whom it was learned from; `None` if the test names nobody.
    known: Option<usize>,
}

/// Reads a scorer for the vectors of a model, and looks for the test's people in it.
pub fn read(file: &Path, model: &ModelIdentity, protocol: &PairProtocol) -> anyhow::Result<(System, Origin)> {
    let opened = ScorerFile::load(file, model.fingerprint, model.flip)?;
    let tested = protocol.people.len();
    let known = (tested > 0).then(|| opened.overlap(&protocol.people));
    let name = format!("{} ({})", file.display(), opened.scorer().name());
    let origin =
        Origin { file: path_value(file), name: name.clone(), people: opened.people(), tested, known };
    Ok((System { name, scorer: opened.into_scorer(), embedder: 0 }, origin))
}

impl Origin {
    /// What must be said before anything is measured.
    pub fn warning(&self) -> Option<String> {
        self.known.filter(|known| *known > 0).map(|_| self.describe())
    }

    /// In words.
    pub fn describe(&self) -> String {
        let Self { name, tested, .. } = self;
        match self.known {
            _ if self.people == 0 => format!("{name} is learned from nobody"),
            None => format!(
                "the people of the test have no names: whether {name} was learned from any of them cannot be checked"
            ),
            Some(0) => {
                format!(
                    "none of the {tested} people of the test has the name of one whom {name} was learned from"
                )
            }
            Some(known) => format!(
                "{known} of the {tested} people of the test have the name of one whom {name} was learned from: if \
                 they are the same people, its rates are too good"
            ),
        }
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        json!({"file": self.file, "people": self.people, "people_also_in_test": self.known})
    }
}

/// What was too scarce to learn scorers well, each shortage once with the scorers that it concerns.
pub fn scarce(names: &[&str], dimension: usize, people: &[u32]) -> anyhow::Result<Vec<String>> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for &name in names {
        for shortage in Scorer::shortages(name, dimension, people)? {
            let text = shortage.to_string();
            match found.iter_mut().find(|(other, _)| *other == text) {
                Some((_, names)) => names.push(name),
                None => found.push((text, vec![name])),
            }
        }
    }
    Ok(found.into_iter().map(|(text, names)| format!("{}: {text}", names.join(", "))).collect())
}

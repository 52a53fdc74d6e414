//! `CARD.md`: what people must know of a model before they use it.

use std::fmt::{self, Write as _};

use model::Licence;

/// What a card says. Text is put into the page as it is; it should be plain sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// What the model is, in a line; the heading.
    pub title: String,
    /// What it does, for whom, in a paragraph.
    pub summary: String,
    /// Everything that it was trained on.
    pub data: Vec<TrainingData>,
    /// Terms of the weights.
    pub licence: Licence,
    /// The recipe, resolved, as TOML.
    pub recipe: String,
    /// The commits of the programs that trained it, as far as they are known.
    pub commits: Vec<String>,
    /// The seed of the run.
    pub seed: u64,
    /// Hours that training took.
    pub hours: f64,
    /// On which machines, in words: processor, cores, cards.
    pub machines: Vec<String>,
    /// What was measured.
    pub results: Vec<Measured>,
    /// What is known to go wrong, a sentence each.
    pub limits: Vec<String>,
    /// What it must not be used for, a sentence each. See [`Card::MISUSE`].
    pub misuse: Vec<String>,
}

/// A part of the training data.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingData {
    /// Its name, with a version or a seed.
    pub name: String,
    /// How many images.
    pub images: u64,
    /// How many people.
    pub people: u64,
    /// Under which terms it may be used.
    pub terms: String,
}

/// One line of the table of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The data and the protocol, such as `synthetic pairs, 10 folds`.
    pub on: String,
    /// The measure, such as `accuracy`.
    pub measure: String,
    /// Its value.
    pub value: f64,
    /// Between which values it lies, and how sure that is, such as `(0.91, 0.94, 0.95)`.
    pub interval: Option<Interval>,
    /// How many pairs, images or people it was measured on.
    pub count: u64,
}

/// The values that a measure may have, given how few it was measured on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// How sure it is, such as 0.95.
    pub confidence: f64,
}

impl Card {
    /// What no recogniser of this project is for. A card may add to it.
    pub const MISUSE: [&str; 4] = [
        "To watch people in public, or to find a person among people who do not know of the search.",
        "To decide alone what happens to a person: whom to arrest, employ, insure, admit or refuse.",
        "To tell descent, belief, orientation, health or character from a face.",
        "On data whose people have not agreed to it, or against the law of the place.",
    ];

    /// Asks for every part of a card that a reader must not miss.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let parts = [
            ("a title", self.title.trim().is_empty() || self.title.contains('\n')),
            ("what it was trained on", self.data.is_empty()),
            ("the terms of its training data", self.data.iter().any(|data| data.terms.trim().is_empty())),
            ("what it must not be used for", self.misuse.is_empty()),
        ];
        parts.into_iter().find(|(_, missing)| *missing).map(|(part, _)| part)
    }

    fn write(&self, page: &mut String) -> fmt::Result {
        writeln!(page, "# {}\n\n{}\n", self.title, self.summary.trim())?;
        writeln!(page, "## Must not be used\n")?;
        list(page, &self.misuse)?;
        writeln!(page, "## Licence\n")?;
        writeln!(page, "{}. Commercial use: {}.\n", self.licence.name, self.licence.commercial_use)?;
        writeln!(page, "## Trained on\n\n| data | images | people | terms |\n|---|---:|---:|---|")?;
        for TrainingData { name, images, people, terms } in &self.data {
            writeln!(page, "| {} | {images} | {people} | {} |", cell(name), cell(terms))?;
        }
        writeln!(page, "\n## Measured\n")?;
        if self.results.is_empty() {
            writeln!(page, "Nothing was measured.\n")?;
        } else {
            writeln!(page, "| on | measure | value | interval | count |\n|---|---|---:|---|---:|")?;
            for Measured { on, measure, value, interval, count } in &self.results {
                let interval = interval.map(|interval| interval.to_string()).unwrap_or_default();
                writeln!(page, "| {} | {} | {value:.4} | {interval} | {count} |", cell(on), cell(measure))?;
            }
            writeln!(page)?;
        }
        writeln!(page, "## Limits\n")?;
        list(page, &self.limits)?;
        writeln!(page, "## How it was made\n")?;
        let commits = match &self.commits[..] {
            [] => "not known".to_owned(),
            commits => commits.join(", then "),
        };
        writeln!(page, "- Commit: {commits}\n- Seed: {}", self.seed)?;
        writeln!(page, "- Training: {:.1} hours on {}\n", self.hours, self.machines.join(", then "))?;
        writeln!(page, "```toml\n{}\n```", self.recipe.trim())
    }
}

impl fmt::Display for Card {
    /// The page, as Markdown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = String::new();
        self.write(&mut page)?;
        formatter.write_str(&page)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.4} to {:.4} ({} %)", self.low, self.high, self.confidence * 100.0)
    }
}

fn list(page: &mut String, sentences: &[String]) -> fmt::Result {
    if sentences.is_empty() {
        return writeln!(page, "None are known.\n");
    }
    for sentence in sentences {
        writeln!(page, "- {sentence}")?;
    }
    writeln!(page)
}

/// Text that does not end the cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

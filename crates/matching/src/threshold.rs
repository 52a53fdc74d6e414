//! Measured operating points: at which cosine a model says "the same person", and how often it is wrong there.

use std::collections::HashSet;
use std::sync::LazyLock;

use model::Fingerprint;
use serde::Deserialize;

use crate::Error;

/// The list as delivered, one `[[threshold]]` per model and flip.
const BUILT_IN: &str = include_str!("thresholds.toml");

/// Version of the list's format.
const FORMAT: u32 = 1;

/// A false match rate is not known better than the errors it was counted from: at least this many are asked for.
const LEAST_ERRORS: f64 = 10.0;

/// A cosine from which two faces count as the same person, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Name of the model, for people.
    pub model: String,
    /// The model it holds for.
    pub fingerprint: Fingerprint,
    /// Whether it holds for embeddings averaged with those of the mirrored face.
    pub flip: bool,
    /// Faces match if their cosine is at least this; between -1 and 1.
    pub cosine: f32,
    /// False match rate at that cosine: the share of pairs of different people that match; between 0 and 1.
    pub fmr: f64,
    /// How many pairs of different people it was measured on.
    pub impostors: u64,
    /// The photos it was measured on.
    pub data: String,
    /// The command that measured it.
    pub command: String,
    /// The day it was measured, as `YYYY-MM-DD`.
    pub date: String,
}

/// A cosine from which two faces are linked when faces are grouped into people, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkThreshold {
    /// Name of the model, for people.
    pub model: String,
    /// The model it holds for.
    pub fingerprint: Fingerprint,
    /// Whether it holds for embeddings averaged with those of the mirrored face.
    pub flip: bool,
    /// Faces are linked if their cosine is at least this; between -1 and 1.
    pub cosine: f32,
    /// Pairwise F of the groups that it was chosen by; between 0 and 1.
    pub pairwise_f: f64,
    /// The photos it was chosen on.
    pub data: String,
    /// The command that measured it.
    pub command: String,
    /// The day it was measured, as `YYYY-MM-DD`.
    pub date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    format: u32,
    #[serde(default, rename = "threshold")]
    thresholds: Vec<Threshold>,
    #[serde(default, rename = "link")]
    links: Vec<LinkThreshold>,
}

static BUILT_IN_LIST: LazyLock<List> =
    LazyLock::new(|| List::parse(BUILT_IN).expect("a test parses the built-in list"));

impl List {
    fn parse(text: &str) -> Result<List, Error> {
        let list: List = toml::from_str(text).map_err(|error| Error::Thresholds(error.to_string()))?;
        list.check().map_err(Error::Thresholds)?;
        Ok(list)
    }

    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is {}, known is {FORMAT}", self.format));
        }
        let thresholds = self.thresholds.iter().map(|entry| {
            (&entry.model, (entry.fingerprint, entry.flip, Some(entry.fmr.to_bits())), entry.check())
        });
        check_entries("threshold", thresholds)?;
        let links = self
            .links
            .iter()
            .map(|entry| (&entry.model, (entry.fingerprint, entry.flip, None), entry.check()));
        check_entries("link", links)
    }
}

/// What an entry is found by: model, flip, and the bits of the error rate where there is one.
type Key = (Fingerprint, bool, Option<u64>);

/// Each entry must be sound, and the only one of its key.
fn check_entries<'a>(
    what: &str,
    entries: impl Iterator<Item = (&'a String, Key, Result<(), String>)>,
) -> Result<(), String> {
    let mut seen = HashSet::new();
    for (at, (model, key, checked)) in entries.enumerate() {
        checked.map_err(|reason| format!("{what} {at} ({model}): {reason}"))?;
        if !seen.insert(key) {
            return Err(format!(
                "{what} {at} ({model}): model {} with flip {} is listed twice",
                key.0.short(),
                key.1
            ));
        }
    }
    Ok(())
}

impl LinkThreshold {
    /// The threshold that was chosen for a model, if there is one.
    pub fn default_for(fingerprint: &Fingerprint, flip: bool) -> Option<&'static Self> {
        BUILT_IN_LIST.links.iter().find(|link| link.fingerprint == *fingerprint && link.flip == flip)
    }

    fn check(&self) -> Result<(), String> {
        check_evidence(&self.model, &self.data, &self.command, &self.date)?;
        check_cosine(self.cosine)?;
        if !(self.pairwise_f > 0.0 && self.pairwise_f <= 1.0) {
            return Err(format!("pairwise_f {} is not between 0 and 1", self.pairwise_f));
        }
        Ok(())
    }
}

impl Threshold {
    /// The threshold that was measured for a model at a false match rate (within a tenth of it), if there is one.
    pub fn default_for(fingerprint: &Fingerprint, flip: bool, fmr: f64) -> Option<&'static Self> {
        let close = |threshold: &&Self| (threshold.fmr / fmr - 1.0).abs() < 0.1;
        let of_model = |threshold: &&Self| threshold.fingerprint == *fingerprint && threshold.flip == flip;
        BUILT_IN_LIST.thresholds.iter().filter(of_model).find(close)
    }

    /// Reads a list in the format of the built-in one:
    ///
    /// ```
    /// let list = omote_matching::Threshold::parse_list(r#"
    ///     format = 1
    ///     [[threshold]]
    ///     model = "example"
    ///     fingerprint = "0707070707070707070707070707070707070707070707070707070707070707"
    ///     flip = true
    ///     cosine = 0.31
    ///     fmr = 1e-4
    ///     impostors = 2000000
    ///     data = "example photos, all pairs of different people"
    ///     command = "omote eval example --flip"
    ///     date = "2026-11-21"
    /// "#)?;
    /// assert_eq!(list[0].cosine, 0.31);
    /// # Ok::<(), omote_matching::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Thresholds`] for another format, an unknown, missing or empty field, a number out of its range, a
    /// rate that fewer than 10 false matches stand behind, or a second entry for one model and flip.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Error> {
        List::parse(text).map(|list| list.thresholds)
    }

    fn check(&self) -> Result<(), String> {
        check_evidence(&self.model, &self.data, &self.command, &self.date)?;
        check_cosine(self.cosine)?;
        if !(self.fmr > 0.0 && self.fmr < 1.0) {
            return Err(format!("fmr {} is not between 0 and 1", self.fmr));
        }
        if self.fmr * (self.impostors as f64) < LEAST_ERRORS {
            return Err(format!(
                "{} impostor pairs are too few to know a false match rate of {}: it takes {:.0}",
                self.impostors,
                self.fmr,
                LEAST_ERRORS / self.fmr
            ));
        }
        Ok(())
    }
}

fn check_evidence(model: &str, data: &str, command: &str, date: &str) -> Result<(), String> {
    for (field, text) in [("model", model), ("data", data), ("command", command)] {
        if text.trim().is_empty() {
            return Err(format!("{field} is empty"));
        }
    }
    if is_date(date) { Ok(()) } else { Err(format!("date \"{date}\" is not YYYY-MM-DD")) }
}

fn check_cosine(cosine: f32) -> Result<(), String> {
    if cosine > -1.0 && cosine < 1.0 {
        Ok(())
    } else {
        Err(format!("cosine {cosine} is not between -1 and 1"))
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    match parts[..] {
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"format = 1
[[threshold]]
model = "example"
fingerprint = "0707070707070707070707070707070707070707070707070707070707070707"
flip = true
cosine = 0.31
fmr = 1e-4
impostors = 100000
data = "example photos"
command = "omote eval example"
date = "2026-11-21"
"#;

    #[test]
    fn the_built_in_list_is_valid() {
        let list = Threshold::parse_list(BUILT_IN).unwrap();
        for threshold in &list {
            assert_eq!(
                Threshold::default_for(&threshold.fingerprint, threshold.flip, threshold.fmr),
                Some(threshold)
            );
        }
        assert_eq!(Threshold::default_for(&Fingerprint([0; 32]), false, 1e-3), None);
    }

    #[test]
    fn thresholds_for_grouping_are_checked_too() {
        let link = GOOD
            .replace("[[threshold]]", "[[link]]")
            .replace("fmr = 1e-4\nimpostors = 100000", "pairwise_f = 0.9");
        assert_eq!(List::parse(&link).unwrap().links[0].cosine, 0.31);
        for (old, new, message) in
            [("0.9", "1.9", "pairwise_f 1.9"), ("0.31", "-1.0", "cosine -1"), ("pairwise_f", "fmr", "fmr")]
        {
            let error =
                List::parse(&link.replacen(old, new, 1)).err().map(|error| error.to_string()).unwrap();
            assert!(error.contains(message), "{new}: {error}");
        }
    }

    #[test]
    fn reads_every_field() {
        let list = Threshold::parse_list(GOOD).unwrap();
        assert_eq!(list.len(), 1);
        let found = &list[0];
        assert_eq!((found.fingerprint, found.flip, found.cosine), (Fingerprint([7; 32]), true, 0.31));
        assert_eq!((found.fmr, found.impostors, found.date.as_str()), (1e-4, 100_000, "2026-11-21"));
        assert_eq!(Threshold::parse_list("format = 1"), Ok(vec![]));
    }

    #[test]
    fn refuses_what_is_not_evidence() {
        let cases = [
            ("format = 1", "format = 2", "format is 2"),
            ("flip = true", "", "flip"),
            ("flip = true", "flip = true\nnote = \"x\"", "note"),
            ("cosine = 0.31", "cosine = 1.5", "cosine 1.5"),
            ("cosine = 0.31", "cosine = nan", "cosine NaN"),
            ("fmr = 1e-4", "fmr = 0.0", "fmr 0"),
            ("impostors = 100000", "impostors = 99000", "too few"),
            ("impostors = 100000", "impostors = -1", "impostors"),
            ("data = \"example photos\"", "data = \" \"", "data is empty"),
            ("2026-11-21", "21.11.2026", "YYYY-MM-DD"),
            ("2026-11-21", "2026-13-01", "YYYY-MM-DD"),
            ("0707\"", "07\"", "fingerprint"),
        ];
        for (old, new, message) in cases {
            let text = GOOD.replacen(old, new, 1);
            assert_ne!(text, GOOD);
            let error = Threshold::parse_list(&text).unwrap_err().to_string();
            assert!(error.contains(message), "{new}: {error}");
        }
        let twice = format!("{GOOD}{}", GOOD.replacen("format = 1", "", 1));
        assert!(Threshold::parse_list(&twice).unwrap_err().to_string().contains("twice"));
    }
}

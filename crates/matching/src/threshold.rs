//! Measured operating points: at which cosine a model says "the same person", and how often it is wrong there.

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    format: u32,
    #[serde(default, rename = "threshold")]
    thresholds: Vec<Threshold>,
}

impl Threshold {
    /// The threshold that was measured for a model, if there is one.
    pub fn default_for(fingerprint: &Fingerprint, flip: bool) -> Option<&'static Self> {
        static LIST: LazyLock<Vec<Threshold>> =
            LazyLock::new(|| Threshold::parse_list(BUILT_IN).expect("a test parses the built-in list"));
        LIST.iter().find(|threshold| threshold.fingerprint == *fingerprint && threshold.flip == flip)
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
        let refuse = |reason: String| Err(Error::Thresholds(reason));
        let list: List = toml::from_str(text).map_err(|error| Error::Thresholds(error.to_string()))?;
        if list.format != FORMAT {
            return refuse(format!("its format is {}, known is {FORMAT}", list.format));
        }
        for (at, threshold) in list.thresholds.iter().enumerate() {
            let Self { model, fingerprint, flip, .. } = threshold;
            if let Err(reason) = threshold.check() {
                return refuse(format!("entry {at} ({model}): {reason}"));
            }
            let twice = list.thresholds[..at].iter().any(|other| other.fingerprint == *fingerprint && other.flip == *flip);
            if twice {
                return refuse(format!("entry {at} ({model}): model {} with flip {flip} is listed twice", fingerprint.short()));
            }
        }
        Ok(list.thresholds)
    }

    fn check(&self) -> Result<(), String> {
        for (field, text) in [("model", &self.model), ("data", &self.data), ("command", &self.command)] {
            if text.trim().is_empty() {
                return Err(format!("{field} is empty"));
            }
        }
        if !(self.cosine > -1.0 && self.cosine < 1.0) {
            return Err(format!("cosine {} is not between -1 and 1", self.cosine));
        }
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
        if !is_date(&self.date) {
            return Err(format!("date \"{}\" is not YYYY-MM-DD", self.date));
        }
        Ok(())
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
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
            assert_eq!(Threshold::default_for(&threshold.fingerprint, threshold.flip), Some(threshold));
        }
        assert_eq!(Threshold::default_for(&Fingerprint([0; 32]), false), None);
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

//! The measured operating points of grouping: from which cosine on faces belong together, method by method.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use model::Fingerprint;
use serde::Deserialize;

use crate::Error;
use crate::evidence::check_evidence;

/// The list as delivered, one `[[link]]` per model and flip.
const BUILT_IN: &str = include_str!("links.toml");

/// Version of the list's format.
const FORMAT: u32 = 2;

/// The cosines from which faces belong together when they are grouped into people, with the evidence for them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkThresholds {
    /// Name of the model, for people.
    pub model: String,
    /// The model they hold for.
    pub fingerprint: Fingerprint,
    /// Whether they hold for embeddings averaged with those of the mirrored face.
    pub flip: bool,
    /// The photos they were chosen on.
    pub data: String,
    /// The command that measured them.
    pub command: String,
    /// The day they were measured, as `YYYY-MM-DD`.
    pub date: String,
    /// By the name of the method that groups.
    pub methods: BTreeMap<String, LinkThreshold>,
}

/// The cosine of one method.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkThreshold {
    /// Faces, or groups of faces, belong together if their cosine is at least this; between -1 and 1.
    pub cosine: f32,
    /// What it was chosen by: the mean of pairwise F and BCubed F over several mixes of many and few photos a person;
    /// between 0 and 1.
    pub score: f64,
    /// Pairwise F on the photos as they are; between 0 and 1.
    pub pairwise_f: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    format: u32,
    #[serde(default, rename = "link")]
    links: Vec<LinkThresholds>,
}

static BUILT_IN_LIST: LazyLock<List> =
    LazyLock::new(|| List::parse(BUILT_IN).expect("a test parses the built-in list"));

impl List {
    fn parse(text: &str) -> Result<List, Error> {
        let list: List = toml::from_str(text).map_err(|error| Error::Links(error.to_string()))?;
        list.check().map_err(Error::Links)?;
        Ok(list)
    }

    /// Each entry must be sound, and the only one of its model and flip.
    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is {}, known is {FORMAT}", self.format));
        }
        let mut seen = HashSet::new();
        for (at, link) in self.links.iter().enumerate() {
            link.check().map_err(|reason| format!("link {at} ({}): {reason}", link.model))?;
            if !seen.insert((link.fingerprint, link.flip)) {
                let model = link.fingerprint.short();
                return Err(format!(
                    "link {at} ({}): model {model} with flip {} is listed twice",
                    link.model, link.flip
                ));
            }
        }
        Ok(())
    }
}

impl LinkThresholds {
    /// The thresholds that were chosen for a model, if there are any.
    pub fn default_for(fingerprint: &Fingerprint, flip: bool) -> Option<&'static Self> {
        BUILT_IN_LIST.links.iter().find(|link| link.fingerprint == *fingerprint && link.flip == flip)
    }

    /// The cosine for a method, by its name.
    pub fn cosine(&self, method: &str) -> Option<f32> {
        self.methods.get(method).map(|threshold| threshold.cosine)
    }

    fn check(&self) -> Result<(), String> {
        check_evidence(&self.model, &self.data, &self.command, &self.date)?;
        if self.methods.is_empty() {
            return Err("it names no method".to_owned());
        }
        for (method, threshold) in &self.methods {
            threshold.check().map_err(|reason| format!("{method}: {reason}"))?;
        }
        Ok(())
    }
}

impl LinkThreshold {
    fn check(&self) -> Result<(), String> {
        if !(self.cosine > -1.0 && self.cosine < 1.0) {
            return Err(format!("cosine {} is not between -1 and 1", self.cosine));
        }
        for (name, value) in [("score", self.score), ("pairwise_f", self.pairwise_f)] {
            if !(value > 0.0 && value <= 1.0) {
                return Err(format!("{name} {value} is not between 0 and 1"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"format = 2
[[link]]
model = "example"
fingerprint = "0707070707070707070707070707070707070707070707070707070707070707"
flip = true
data = "example photos"
command = "omote eval clusters example"
date = "2026-11-21"
[link.methods]
a-method = { cosine = 0.31, score = 0.8, pairwise_f = 0.9 }
another = { cosine = 0.5, score = 0.7, pairwise_f = 0.6 }
"#;

    #[test]
    fn the_built_in_list_is_valid() {
        let list = List::parse(BUILT_IN).unwrap();
        for link in &list.links {
            assert_eq!(LinkThresholds::default_for(&link.fingerprint, link.flip), Some(link));
        }
        assert_eq!(LinkThresholds::default_for(&Fingerprint([0; 32]), false), None);
    }

    #[test]
    fn reads_every_field() {
        let list = List::parse(GOOD).unwrap();
        let [found] = &list.links[..] else { panic!("one link") };
        assert_eq!((found.fingerprint, found.flip), (Fingerprint([7; 32]), true));
        assert_eq!((found.cosine("a-method"), found.cosine("another")), (Some(0.31), Some(0.5)));
        assert_eq!(found.cosine("a third"), None);
        let threshold = LinkThreshold { cosine: 0.31, score: 0.8, pairwise_f: 0.9 };
        assert_eq!((found.methods["a-method"], found.date.as_str()), (threshold, "2026-11-21"));
    }

    #[test]
    fn refuses_what_is_not_evidence() {
        let cases = [
            ("format = 2", "format = 1", "format is 1"),
            ("flip = true", "", "flip"),
            ("flip = true", "flip = true\nnote = \"x\"", "note"),
            ("cosine = 0.31", "cosine = 1.5", "a-method: cosine 1.5"),
            ("cosine = 0.31", "cosine = nan", "cosine NaN"),
            ("pairwise_f = 0.9", "pairwise_f = 1.9", "pairwise_f 1.9"),
            ("score = 0.8", "score = 0.0", "score 0"),
            ("score = 0.8, ", "", "score"),
            ("another = ", "a-method = ", "duplicate"),
            ("data = \"example photos\"", "data = \" \"", "data is empty"),
            ("0707\"", "07\"", "fingerprint"),
        ];
        for (old, new, message) in cases {
            let text = GOOD.replacen(old, new, 1);
            assert_ne!(text, GOOD);
            let error = List::parse(&text).err().map(|error| error.to_string()).unwrap();
            assert!(error.contains(message), "{new}: {error}");
        }
        let twice = format!("{GOOD}{}", GOOD.replacen("format = 2", "", 1));
        assert!(List::parse(&twice).err().unwrap().to_string().contains("twice"));
        let (none, _) = GOOD.split_once("a-method").unwrap();
        assert!(List::parse(none).err().unwrap().to_string().contains("no method"));
    }
}

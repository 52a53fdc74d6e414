//! The measured operating point of grouping: from which cosine on two faces are linked.

use std::collections::HashSet;
use std::sync::LazyLock;

use model::Fingerprint;
use serde::Deserialize;

use crate::Error;
use crate::evidence::check_evidence;

/// The list as delivered, one `[[link]]` per model and flip.
const BUILT_IN: &str = include_str!("links.toml");

/// Version of the list's format.
const FORMAT: u32 = 1;

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
    #[serde(default, rename = "link")]
    links: Vec<LinkThreshold>,
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

impl LinkThreshold {
    /// The threshold that was chosen for a model, if there is one.
    pub fn default_for(fingerprint: &Fingerprint, flip: bool) -> Option<&'static Self> {
        BUILT_IN_LIST.links.iter().find(|link| link.fingerprint == *fingerprint && link.flip == flip)
    }

    fn check(&self) -> Result<(), String> {
        check_evidence(&self.model, &self.data, &self.command, &self.date)?;
        if !(self.cosine > -1.0 && self.cosine < 1.0) {
            return Err(format!("cosine {} is not between -1 and 1", self.cosine));
        }
        if !(self.pairwise_f > 0.0 && self.pairwise_f <= 1.0) {
            return Err(format!("pairwise_f {} is not between 0 and 1", self.pairwise_f));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"format = 1
[[link]]
model = "example"
fingerprint = "0707070707070707070707070707070707070707070707070707070707070707"
flip = true
cosine = 0.31
pairwise_f = 0.9
data = "example photos"
command = "omote group example"
date = "2026-11-21"
"#;

    #[test]
    fn the_built_in_list_is_valid() {
        let list = List::parse(BUILT_IN).unwrap();
        for link in &list.links {
            assert_eq!(LinkThreshold::default_for(&link.fingerprint, link.flip), Some(link));
        }
        assert_eq!(LinkThreshold::default_for(&Fingerprint([0; 32]), false), None);
    }

    #[test]
    fn reads_every_field() {
        let list = List::parse(GOOD).unwrap();
        let [found] = &list.links[..] else { panic!("one link") };
        assert_eq!((found.fingerprint, found.flip, found.cosine), (Fingerprint([7; 32]), true, 0.31));
        assert_eq!((found.pairwise_f, found.date.as_str()), (0.9, "2026-11-21"));
    }

    #[test]
    fn refuses_what_is_not_evidence() {
        let cases = [
            ("format = 1", "format = 2", "format is 2"),
            ("flip = true", "", "flip"),
            ("flip = true", "flip = true\nnote = \"x\"", "note"),
            ("cosine = 0.31", "cosine = 1.5", "cosine 1.5"),
            ("cosine = 0.31", "cosine = nan", "cosine NaN"),
            ("pairwise_f = 0.9", "pairwise_f = 1.9", "pairwise_f 1.9"),
            ("data = \"example photos\"", "data = \" \"", "data is empty"),
            ("0707\"", "07\"", "fingerprint"),
        ];
        for (old, new, message) in cases {
            let text = GOOD.replacen(old, new, 1);
            assert_ne!(text, GOOD);
            let error = List::parse(&text).err().map(|error| error.to_string()).unwrap();
            assert!(error.contains(message), "{new}: {error}");
        }
        let twice = format!("{GOOD}{}", GOOD.replacen("format = 1", "", 1));
        assert!(List::parse(&twice).err().unwrap().to_string().contains("twice"));
    }
}

//! What is said of a model that nobody can measure.

use model::{CommercialUse, Licence};
use serde::{Deserialize, Serialize};

/// The section `[model]` of a recipe: what its manifest and its card say besides what was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// Short and plain: ASCII letters, digits, `.`, `_`, `-`. The name of the run's folder where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One line for people; the kinds of network and loss where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Terms of the weights; `not stated`, and commercial use unclear, where they are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
    /// Under which terms the training data may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_terms: Option<String>,
    /// What is known to go wrong, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

impl About {
    /// What is said of a network that has learned drawn faces alone.
    #[must_use]
    pub fn of_drawn_faces() -> Self {
        Self {
            data_terms: Some("drawn by omote: shows nobody".to_owned()),
            limits: vec![
                "It has seen drawn faces alone. What it makes of photos was not measured here.".to_owned(),
            ],
            ..Self::default()
        }
    }

    /// Whether texts are lines, and the name a name.
    ///
    /// # Errors
    /// Which field is not, in words.
    pub fn check(&self) -> Result<(), String> {
        if self.name.as_ref().is_some_and(|name| plain(name) != *name || name.is_empty()) {
            return Err(
                "name must be 1 to 64 ASCII letters, digits, `.`, `_` or `-`, a letter or digit first"
                    .to_owned(),
            );
        }
        let licence = self.licence.as_ref().map(|licence| &licence.name);
        let lines = [
            ("title", self.title.as_ref()),
            ("licence.name", licence),
            ("data_terms", self.data_terms.as_ref()),
        ];
        let lines = lines.into_iter().filter_map(|(field, line)| Some((field, line?)));
        for (field, line) in lines.chain(self.limits.iter().map(|limit| ("limits", limit))) {
            if line.trim().is_empty() || line.len() > 500 || line.contains(char::is_control) {
                return Err(format!("{field} must be a line of 1 to 500 bytes"));
            }
        }
        Ok(())
    }

    /// Terms of the weights.
    pub(crate) fn licence(&self) -> Licence {
        self.licence.clone().unwrap_or_else(|| Licence {
            name: "not stated".to_owned(),
            commercial_use: CommercialUse::Unclear,
        })
    }
}

/// What is left of a name when all is taken away that a model's name cannot have.
pub(crate) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let kept: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    kept.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(64).collect()
}

/// A name with something after it, of no more than 64 letters.
pub(crate) fn suffixed(name: &str, suffix: &str) -> String {
    let kept: String = plain(name).chars().take(64 - suffix.len()).collect();
    kept + suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_said_is_named() {
        assert_eq!(About::default().check(), Ok(()));
        for (text, said) in [
            ("name = 'a b'", "name"),
            ("name = ''", "name"),
            ("title = ''", "title"),
            ("title = \"two\\nlines\"", "title"),
            ("licence = { name = ' ', commercial_use = 'yes' }", "licence.name"),
            ("data_terms = ''", "data_terms"),
            ("limits = ['good', '']", "limits"),
        ] {
            let about: About = toml::from_str(text).unwrap();
            let error = about.check().unwrap_err();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }

    #[test]
    fn folders_have_names_of_models() {
        assert_eq!(plain("my run (2)"), "my-run--2-");
        assert_eq!(plain("..hidden"), "hidden");
        assert_eq!(plain("面"), "");
        assert_eq!(plain(&"a".repeat(70)).len(), 64);
        assert_eq!(suffixed(&"a".repeat(62), "-int8"), "a".repeat(59) + "-int8");
        assert_eq!(suffixed("mine", "-int8"), "mine-int8");
    }
}

//! Recipes of synthetic data sets: a TOML file for each.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::file;
use crate::{Error, Recognition, Source};

/// A recipe is a few lines; nothing of this size is one.
const LARGEST: u64 = 1 << 20;

/// What to make, as `kind` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Recipe {
    /// People, each with several pictures.
    Recognition(Recognition),
}

impl Recipe {
    /// Reads a recipe; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`Error::Folder`] for a kind or field that there is not, or a value out of its range.
    pub fn parse(text: &str, name: &Path) -> Result<Self, Error> {
        let refused = |reason: String| Error::Folder { path: name.to_owned(), reason };
        let recipe: Self =
            toml::from_str(text).map_err(|error| refused(format!("is no recipe: {}", error.message())))?;
        let Self::Recognition(recognition) = &recipe;
        recognition.check().map_err(|reason| refused(format!("cannot be made: {reason}")))?;
        Ok(recipe)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, and as [`parse`](Self::parse).
    pub fn load(path: &Path) -> Result<Self, Error> {
        if fs::metadata(path).map_err(file(path))?.len() > LARGEST {
            let reason = format!("is larger than {LARGEST} bytes and so is no recipe");
            return Err(Error::Folder { path: path.to_owned(), reason });
        }
        Self::parse(&fs::read_to_string(path).map_err(file(path))?, path)
    }

    /// What makes the samples.
    pub fn source(&self) -> &dyn Source {
        match self {
            Self::Recognition(recognition) => recognition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_is_checked_field_by_field() {
        let parse = |text: &str| Recipe::parse(text, Path::new("r.toml")).map_err(|error| error.to_string());
        let good = "kind = \"recognition\"\nseed = 3\npeople = 10\npictures = 4\nsize = 112\n";
        let Recipe::Recognition(recognition) = parse(good).unwrap();
        assert_eq!((recognition.seed, recognition.people, recognition.size), (3, 10, 112));
        for (change, to, said) in [
            ("recognition", "recipe", "unknown variant `recipe`"),
            ("people = 10", "people = 0", "people"),
            ("pictures = 4", "pictures = 0", "pictures"),
            ("size = 112", "size = 7", "size"),
            ("size = 112", "size = 100000", "size"),
            ("size = 112", "size = 100\naligned = true", "multiple of 112 or 128"),
            ("seed = 3", "sede = 3", "unknown field `sede`"),
            ("size = 112", "size = 112\naligned = true\njitter = -1.0", "jitter"),
            ("people = 10", "people = \"many\"", "invalid type"),
            ("pictures = 4", "pictures = 9000000", "3,276,800"),
        ] {
            let error = parse(&good.replace(change, to)).unwrap_err();
            assert!(error.starts_with("r.toml") && error.contains(said), "{said}: {error}");
        }
    }
}

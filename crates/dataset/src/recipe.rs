//! Recipes of synthetic data sets: a TOML file for each.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use synth::{Person, Seed, VERSION};
use toml::Table;

use crate::error::file;
use crate::{Attributes, Detection, Error, Poses, Quality, Recognition, Source, Spoof};

/// A recipe is a few lines; nothing of this size is one.
const LARGEST: u64 = 1 << 20;
/// Most pictures of a recipe.
pub(crate) const MOST: u64 = 3_276_800;

/// What to make, as `kind` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Recipe {
    /// People, each with several pictures.
    Recognition(Recognition),
    /// People from the front and from the side.
    #[serde(rename = "pose")]
    Poses(Poses),
    /// The same picture, worse and worse.
    Quality(Quality),
    /// The attributes of CelebA, as rare and as common as there.
    Attributes(Attributes),
    /// Crowds with faces of all sizes.
    Detection(Detection),
    /// Faces that are shown to a camera, and attacks on it.
    Spoof(Spoof),
}

impl Recipe {
    /// Reads a recipe; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`Error::Folder`] for a kind or field that there is not, or a value out of its range.
    pub fn parse(text: &str, name: &Path) -> Result<Self, Error> {
        let refused = |reason: String| Error::Folder { path: name.to_owned(), reason };
        let unread = |error: toml::de::Error| refused(format!("is no recipe: {}", error.message()));
        let given: Table = text.parse().map_err(unread)?;
        let recipe: Self = given.clone().try_into().map_err(unread)?;
        // Fields that several recipes share are flattened, so serde lets unknown ones pass.
        let known = Table::try_from(&recipe).map_err(|error| refused(format!("is no recipe: {error}")))?;
        if let Some(unknown) = given.keys().find(|key| !known.contains_key(*key)) {
            return Err(refused(format!("is no recipe: unknown field `{unknown}`")));
        }
        recipe.source().check().map_err(|reason| refused(format!("cannot be made: {reason}")))?;
        Ok(recipe)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, and as [`parse`](Self::parse).
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::parse(&read(path)?, path)
    }

    /// What makes the samples.
    pub fn source(&self) -> Box<dyn Source> {
        match self.clone() {
            Self::Recognition(recognition) => Box::new(recognition),
            Self::Poses(poses) => Box::new(poses),
            Self::Quality(quality) => Box::new(quality),
            Self::Attributes(attributes) => Box::new(attributes),
            Self::Detection(detection) => Box::new(detection),
            Self::Spoof(spoof) => Box::new(spoof),
        }
    }
}

/// The text of a recipe.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    // Not all files know their length.
    let opened = File::open(path).map_err(file(path))?;
    opened.take(LARGEST + 1).read_to_string(&mut text).map_err(file(path))?;
    if text.len() as u64 > LARGEST {
        let reason = format!("is larger than {LARGEST} bytes and so is no recipe");
        return Err(Error::Folder { path: path.to_owned(), reason });
    }
    Ok(text)
}

/// The person of a number in a recipe with a seed; of different numbers they are strangers.
pub(crate) fn person(seed: u64, number: u64) -> Person {
    Person::new(Seed::new(seed).of("people").number(number))
}

/// Whether a set can have so many people with so many pictures each.
pub(crate) fn check_number(people: u64, pictures: u64) -> Result<(), String> {
    if people == 0 || pictures == 0 {
        return Err("people and pictures must be at least 1".to_owned());
    }
    if people.checked_mul(pictures).is_none_or(|all| all > MOST) {
        return Err("people times pictures must be at most 3,276,800".to_owned());
    }
    Ok(())
}

/// What the manifest says of a recipe: all its fields, and by which version of the faces it is made.
pub(crate) fn text(kind: &str, fields: &impl Serialize) -> String {
    // What is written was read: it cannot fail, and an empty text fits no other set.
    let fields = toml::to_string(fields).unwrap_or_default();
    format!("kind = \"{kind}\"\ngenerator = {VERSION}\n{fields}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn a_recipe_is_checked_field_by_field() {
        let parse = |text: &str| Recipe::parse(text, Path::new("r.toml")).map_err(|error| error.to_string());
        let good = "kind = \"recognition\"\nseed = 3\npeople = 10\npictures = 4\nsize = 112\n";
        let Recipe::Recognition(recognition) = parse(good).unwrap() else { panic!("another kind") };
        assert_eq!((recognition.seed, recognition.people, recognition.framing.size), (3, 10, 112));
        for (change, to, said) in [
            ("recognition", "recipe", "unknown variant `recipe`"),
            ("people = 10", "people = 0", "people"),
            ("pictures = 4", "pictures = 0", "pictures"),
            ("size = 112", "size = 7", "size"),
            ("size = 112", "size = 100000", "size"),
            ("size = 112", "size = 100\naligned = true", "multiple of 112 or 128"),
            ("seed = 3", "seed = 3\nalign = true", "unknown field `align`"),
            ("size = 112", "size = 112\naligned = true\njitter = -1.0", "jitter"),
            ("size = 112", "size = 112\njitter = 0.1", "aligned = true"),
            ("size = 112", "size = 112\nformat = \"gif\"", "unknown variant `gif`"),
            ("size = 112", "size = 112\nquality = 90", "png"),
            ("size = 112", "", "missing field `size`"),
            ("people = 10", "people = \"many\"", "invalid type"),
            ("people = 10", "people = -1", "invalid value"),
            ("seed = 3", "seed = ", "is no recipe"),
            ("pictures = 4", "pictures = 9000000", "3,276,800"),
        ] {
            let error = parse(&good.replace(change, to)).unwrap_err();
            assert!(error.starts_with("r.toml") && error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn classes_are_who_or_what_the_samples_show() {
        let common = "seed = 3\npeople = 3\npictures = 2\nsize = 32\n";
        for (text, column) in [
            (format!("kind = \"recognition\"\n{common}"), "person"),
            (
                "kind = \"pose\"\nseed = 3\npeople = 3\nfrontal = 1\nyaws = [20.0]\nsize = 32\n".to_owned(),
                "person",
            ),
            (format!("kind = \"quality\"\ngrades = 1\nharms = [\"blur\", \"noise\"]\n{common}"), "person"),
            (format!("kind = \"attributes\"\n{common}"), "person"),
            (format!("kind = \"spoof\"\nprint = 0.4\nreplay = 0.3\nmask = 0.1\n{common}"), "attack"),
        ] {
            let source = Recipe::parse(&text, Path::new("r.toml")).unwrap().source();
            let classes = source.classes().unwrap();
            assert_eq!(classes.of.len() as u64, source.len());
            let at = source.columns().iter().position(|known| known.name == column).unwrap();
            for index in [0, 1, source.len() - 1] {
                let told = match &source.sample(index).unwrap().rows[0][at] {
                    Value::Integer(number) => number.to_string(),
                    Value::Text(text) => text.clone(),
                    other => panic!("{other:?}"),
                };
                assert_eq!(classes.names[classes.of[index as usize] as usize], told, "{text}");
            }
        }
        let crowd = "kind = \"detection\"\nseed = 1\npictures = 2\nwidth = 160\nheight = 160\nfaces = 3\nsmallest = 8.0\nlargest = 90.0\n";
        assert_eq!(Recipe::parse(crowd, Path::new("r.toml")).unwrap().source().classes(), None);
    }
}

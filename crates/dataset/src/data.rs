//! The section `[data]` of a training recipe: which source is learned from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::based::read_based;
use crate::{
    Celeba, Error, Folders, Joined, Listed, People, Recipe, RecordIo, Source, Split, Together, UtkFace,
    Written,
};

/// Which source is learned from, as `kind` says. Paths are relative to the folder of the recipe.
///
/// ```
/// let text = "kind = \"folders\"\npath = \"photos\"\npeople = { least = 3, hold_out = 0.1, seed = 1 }";
/// let data: omote_dataset::Data = toml::from_str(text)?;
/// assert_eq!(data.check(), Ok(()));
/// assert!(toml::from_str::<omote_dataset::Data>(&text.replace("path", "folder")).is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Data {
    /// A folder of photos for each person: [`Folders`].
    Folders {
        /// The folder of these.
        path: PathBuf,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// A list of photos with who is in them: [`Listed`].
    List {
        /// The list.
        path: PathBuf,
        /// What the paths in it are relative to, where it is not the list's own folder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<PathBuf>,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// InsightFace's RecordIO: [`RecordIo`].
    RecordIo {
        /// The folder of `train.rec`, or that file.
        path: PathBuf,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// CelebA as it is published: [`Celeba`].
    Celeba {
        /// Its folder.
        path: PathBuf,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// UTKFace, of whose people nothing is known: [`UtkFace`].
    UtkFace {
        /// Its folder.
        path: PathBuf,
    },
    /// A data set that omote wrote: [`Written`].
    Written {
        /// Its folder.
        path: PathBuf,
        /// The columns that are read besides who it is; all where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        columns: Option<Vec<String>>,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// A recipe of synthetic faces, which are made while they are learned from, and never written: [`Recipe`].
    Recipe {
        /// The recipe.
        path: PathBuf,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
    /// Several sources one after the other: [`Joined`].
    Joined {
        /// The sources.
        of: Vec<Data>,
        /// Whether people of one name are one.
        #[serde(default)]
        classes: Together,
        /// Who is taken.
        #[serde(default, skip_serializing_if = "is_all")]
        people: People,
    },
}

fn is_all(people: &People) -> bool {
    *people == People::default()
}

impl Data {
    /// Who is taken.
    fn people(&self) -> People {
        match self {
            Self::UtkFace { .. } => People::default(),
            Self::Folders { people, .. }
            | Self::List { people, .. }
            | Self::RecordIo { people, .. }
            | Self::Celeba { people, .. }
            | Self::Written { people, .. }
            | Self::Recipe { people, .. }
            | Self::Joined { people, .. } => *people,
        }
    }

    /// Reads the section `[data]` of a recipe, whatever else the file holds, and of those that it is based on
    /// ([`read_based`]).
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Folder`] if there is no such section, or a field or value that there is
    /// not.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let refused = |reason: String| Error::Folder { path: path.to_owned(), reason };
        let mut table = read_based(path)?;
        let section = table.remove("data").ok_or_else(|| refused("has no section [data]".to_owned()))?;
        let data: Self = section
            .try_into()
            .map_err(|error: toml::de::Error| refused(format!("[data]: {}", error.message())))?;
        data.check().map_err(|reason| refused(format!("[data]: {reason}")))?;
        Ok(data)
    }

    /// Whether the values are within their ranges. No file is looked at.
    ///
    /// # Errors
    /// Which field is not, in words.
    pub fn check(&self) -> Result<(), String> {
        self.people().check().map_err(|reason| format!("people: {reason}"))?;
        let Self::Joined { of, .. } = self else { return Ok(()) };
        if of.is_empty() {
            return Err("of must name one source or more".to_owned());
        }
        for (part, number) in of.iter().zip(1..) {
            part.check().map_err(|reason| format!("source {number}: {reason}"))?;
            if part.people().hold_out > 0.0 {
                return Err(format!(
                    "source {number}: people: hold_out must be given for all sources together, beside kind = \"joined\""
                ));
            }
        }
        Ok(())
    }

    /// Opens what is learned from; `base` is the folder of the recipe.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn open(&self, base: &Path) -> Result<Arc<dyn Source>, Error> {
        Ok(self.split(base)?.training)
    }

    /// Opens what is learned from and what is held out; `base` is the folder of the recipe.
    ///
    /// # Errors
    /// [`Error::Source`] if a value is out of its range, or nobody is left; otherwise those of the sources, with the file.
    pub fn split(&self, base: &Path) -> Result<Split, Error> {
        let refused = |reason: String| Error::Source { reason };
        self.check().map_err(refused)?;
        let whole = self.whole(base)?;
        whole.check().map_err(refused)?;
        self.people().split(whole).map_err(|reason| refused(format!("people: {reason}")))
    }

    /// Opens all who are taken, those who are held out among them; `base` is the folder of the recipe.
    ///
    /// # Errors
    /// As [`split`](Self::split).
    pub fn open_all(&self, base: &Path) -> Result<Arc<dyn Source>, Error> {
        let refused = |reason: String| Error::Source { reason };
        self.check().map_err(refused)?;
        let whole = self.whole(base)?;
        whole.check().map_err(refused)?;
        let people = People { hold_out: 0.0, ..self.people() };
        Ok(people.split(whole).map_err(|reason| refused(format!("people: {reason}")))?.training)
    }

    /// The source with everybody.
    fn whole(&self, base: &Path) -> Result<Arc<dyn Source>, Error> {
        Ok(match self {
            Self::Folders { path, .. } => Arc::new(Folders::open(&there(base, path)?)?),
            Self::List { path, root, .. } => {
                let root = root.as_ref().map(|root| there(base, root)).transpose()?;
                Arc::new(Listed::open(&there(base, path)?, root.as_deref())?)
            }
            Self::RecordIo { path, .. } => Arc::new(RecordIo::open(&there(base, path)?)?),
            Self::Celeba { path, .. } => Arc::new(Celeba::open(&there(base, path)?)?),
            Self::UtkFace { path } => Arc::new(UtkFace::open(&there(base, path)?)?),
            Self::Written { path, columns, .. } => {
                Arc::new(Written::open(&there(base, path)?, columns.as_deref())?)
            }
            Self::Recipe { path, .. } => Recipe::load(&there(base, path)?)?.source().into(),
            Self::Joined { of, classes, .. } => {
                let parts = of.iter().map(|part| part.open(base)).collect::<Result<_, _>>()?;
                Arc::new(Joined::new(parts, *classes).map_err(|reason| Error::Source { reason })?)
            }
        })
    }
}

/// Where a path of a recipe leads to.
fn there(base: &Path, path: &Path) -> Result<PathBuf, Error> {
    let path = base.join(path);
    if path.exists() {
        return Ok(path);
    }
    let reason = "is not there: name it by its path from the folder of the recipe".to_owned();
    Err(Error::Folder { path, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::testing::{Greys, photo};
    use crate::{Options, write};

    fn data(text: &str) -> Result<Data, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    /// A folder with a source of each kind.
    fn shelf() -> tempfile::TempDir {
        let shelf = tempfile::tempdir().unwrap();
        for (person, at) in ["anna", "ben", "cleo", "dan"].into_iter().zip(0..) {
            (0..2).for_each(|n| photo(&shelf.path().join(format!("photos/{person}/{n}.png")), 2 * at + n));
        }
        std::fs::write(shelf.path().join("list.txt"), "photos/anna/0.png anna\nphotos/ben/0.png ben\n")
            .unwrap();
        std::fs::write(shelf.path().join("names.txt"), "anna/0.png anna\n").unwrap();
        (1..3).for_each(|n| photo(&shelf.path().join(format!("celeba/images/{n}.png")), n));
        std::fs::write(shelf.path().join("celeba/identity.txt"), "1.png 7\n2.png 9\n").unwrap();
        photo(&shelf.path().join("aged/25_0_1_2017.png"), 1);
        let greys = Greys { first: 'a', counts: vec![2, 3] };
        write(&greys, &shelf.path().join("set"), Options { threads: 1 }, &|_| ()).unwrap();
        let recipe = "kind = \"recognition\"\nseed = 1\npeople = 3\npictures = 2\nsize = 32\n";
        std::fs::write(shelf.path().join("faces.toml"), recipe).unwrap();
        shelf
    }

    #[test]
    fn every_kind_is_opened() {
        let shelf = shelf();
        for (text, len, people) in [
            ("kind = \"folders\"\npath = \"photos\"", 8, 4),
            ("kind = \"list\"\npath = \"list.txt\"", 2, 2),
            ("kind = \"list\"\npath = \"names.txt\"\nroot = \"photos\"", 1, 1),
            ("kind = \"written\"\npath = \"set\"", 5, 2),
            ("kind = \"written\"\npath = \"set\"\ncolumns = [\"of_a\"]", 5, 2),
            ("kind = \"recipe\"\npath = \"faces.toml\"", 6, 3),
            ("kind = \"celeba\"\npath = \"celeba\"", 2, 2),
            ("kind = \"utkface\"\npath = \"aged\"", 1, 0),
            (
                "kind = \"joined\"\nclasses = \"merged\"\n[[of]]\nkind = \"folders\"\npath = \"photos\"\n[[of]]\n\
                 kind = \"list\"\npath = \"list.txt\"",
                10,
                4,
            ),
        ] {
            let data = data(text).unwrap();
            let source = data.open(shelf.path()).unwrap();
            assert_eq!(
                (source.len(), source.classes().unwrap_or_default().names.len()),
                (len, people),
                "{text}"
            );
            let sample = source.sample(len - 1).unwrap();
            assert!(sample.rows.iter().all(|row| row.len() == source.columns().len()));
            // What is resolved is written beside the weights, and read again.
            assert_eq!(toml::from_str::<Data>(&toml::to_string(&data).unwrap()).unwrap(), data);
        }
    }

    #[test]
    fn people_are_held_out() {
        let shelf = shelf();
        let text = "kind = \"folders\"\npath = \"photos\"\n[people]\nhold_out = 0.25\nmost = 1\nseed = 4";
        let Split { training, held_out } = data(text).unwrap().split(shelf.path()).unwrap();
        assert_eq!((training.len(), held_out.unwrap().len()), (3, 1));
        assert_eq!(data(text).unwrap().open_all(shelf.path()).unwrap().len(), 4);
        assert_eq!(data(text).unwrap().open(shelf.path()).unwrap().recipe(), training.recipe());
    }

    #[test]
    fn the_section_of_a_recipe_is_read() {
        let shelf = shelf();
        let path = shelf.path().join("train.toml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Data::load(&path).map_err(|error| error.to_string())
        };
        let data =
            load("seed = 1\n[data]\nkind = \"folders\"\npath = \"photos\"\n[sampler]\nkind = \"shuffle\"\n");
        assert_eq!(data.unwrap().open(shelf.path()).unwrap().len(), 8);
        for (text, said) in [
            ("seed = 1\n", "train.toml has no section [data]"),
            ("[data\n", "train.toml is no TOML"),
            ("[data]\nkind = \"folders\"\n", "train.toml [data]: missing field `path`"),
            (
                "[data]\nkind = \"folders\"\npath = \"photos\"\npeople = { most = 0 }",
                "train.toml [data]: people: most must be at least 1",
            ),
        ] {
            let error = load(text).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_opened_is_told() {
        let shelf = shelf();
        for (text, said) in [
            ("kind = \"folder\"\npath = \"photos\"", "unknown variant `folder`"),
            ("kind = \"folders\"", "missing field `path`"),
            ("kind = \"folders\"\npath = \"photos\"\nroot = \"a\"", "unknown field `root`"),
            ("kind = \"folders\"\npath = \"photos\"\npeople = { share = 1 }", "unknown field `share`"),
            ("kind = \"folders\"\npath = \"photos\"\npeople = { most = -1 }", "invalid value"),
        ] {
            let error = data(text).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
        for (text, said) in [
            ("kind = \"folders\"\npath = \"none\"", "none is not there: name it by its path from the folder"),
            ("kind = \"list\"\npath = \"list.txt\"\nroot = \"none\"", "none is not there"),
            ("kind = \"written\"\npath = \"photos\"", "photos holds no data set"),
            ("kind = \"recordio\"\npath = \"photos\"", "train.rec is not there"),
            ("kind = \"recipe\"\npath = \"list.txt\"", "list.txt is no recipe"),
            ("kind = \"joined\"\nof = []", "of must name one source or more"),
            ("kind = \"folders\"\npath = \"photos\"\npeople = { least = 9 }", "people: nobody is left"),
            (
                "kind = \"folders\"\npath = \"photos\"\npeople = { hold_out = 1.0 }",
                "people: hold_out must be",
            ),
            (
                "kind = \"joined\"\n[[of]]\nkind = \"folders\"\npath = \"photos\"\npeople = { hold_out = 0.5 }",
                "source 1: people: hold_out must be given for all",
            ),
        ] {
            let error = data(text).unwrap().open(shelf.path()).err().unwrap().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}

//! Where samples come from, as a command is told.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use dataset::{Data, People, Source};

/// How a source lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Origin {
    /// A folder of photos for each person
    Folders,
    /// A list of photos with who is in them
    List,
    /// InsightFace's train.rec and train.idx, or the folder that holds them
    Recordio,
    /// CelebA as it is published
    Celeba,
    /// UTKFace, whose photos say age, gender and ethnicity in their names
    Utkface,
    /// A data set that omote wrote
    Written,
    /// A recipe of synthetic faces
    Recipe,
    /// What is learned from by the section `[data]` of a recipe, also of several sources
    Data,
}

impl Origin {
    /// Opens such a source; of a recipe what is learned from, without who is held out.
    pub fn open(self, path: &Path) -> anyhow::Result<Arc<dyn Source>> {
        let (data, base) = self.data(path)?;
        Ok(data.open(base)?)
    }

    /// Opens such a source, of a recipe with who is held out too.
    pub fn open_all(self, path: &Path) -> anyhow::Result<Arc<dyn Source>> {
        let (data, base) = self.data(path)?;
        Ok(data.open_all(base)?)
    }

    /// The source, and what its paths are relative to.
    fn data(self, path: &Path) -> anyhow::Result<(Data, &Path)> {
        let base = match self {
            Self::Data => path.parent().unwrap_or(Path::new("")),
            _ => Path::new(""),
        };
        if !path.exists() {
            bail!("{} is not there", path.display());
        }
        let (path, people) = (path.to_owned(), People::default());
        let data = match self {
            Self::Folders => Data::Folders { path, people },
            Self::List => Data::List { path, root: None, people },
            Self::Recordio => Data::RecordIo { path, people },
            Self::Celeba => Data::Celeba { path, people },
            Self::Utkface => Data::UtkFace { path },
            Self::Written => Data::Written { path, columns: None, people },
            Self::Recipe => Data::Recipe { path, people },
            Self::Data => Data::load(&path)?,
        };
        Ok((data, base))
    }
}

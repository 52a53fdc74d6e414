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
    /// Opens such a source.
    pub fn open(self, path: &Path) -> anyhow::Result<Arc<dyn Source>> {
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
            Self::Data => return Ok(Data::load(&path)?.open(path.parent().unwrap_or(Path::new("")))?),
        };
        Ok(data.open(Path::new(""))?)
    }
}

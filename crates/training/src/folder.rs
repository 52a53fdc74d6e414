//! The folder of a run.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::file;
use crate::log::whole;
use crate::{Error, Recipe};

/// The resolved recipe.
const RECIPE: &str = "recipe.toml";
/// What is known of the run besides its recipe.
const BEGUN: &str = "run.toml";
/// Held by whoever trains here.
const LOCK: &str = "run.lock";

/// Where a run takes place.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The folder that the paths of the recipe are relative to.
    pub base: &'a Path,
    /// The folder that all is written into.
    pub folder: &'a Path,
    /// Which program trains.
    pub maker: &'a Maker,
}

/// The program that trains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// Its name and version.
    pub program: String,
    /// The commit that it was built from, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What it computes on, in words: see [`machine`](crate::machine).
    pub machine: String,
}

/// What is known of a run besides its recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Which program began it.
    #[serde(flatten)]
    pub maker: Maker,
    /// The folder that the paths of the recipe are relative to.
    pub base: PathBuf,
    /// Other programs, or the same on other machines, that went on with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Maker>,
}

impl Begun {
    /// All that trained, in their order.
    pub(crate) fn makers(&self) -> impl Iterator<Item = &Maker> {
        std::iter::once(&self.maker).chain(&self.resumed)
    }
}

/// The recipe of a run, with what it is based on and all that was left to defaults, and how the run was begun.
///
/// # Errors
/// [`Error::File`] if there is no run in the folder; [`Error::Recipe`] if a file of it is damaged.
pub fn begun(folder: &Path) -> Result<(Recipe, Begun), Error> {
    let begun = how(folder)?;
    Ok((Recipe::load(&folder.join(RECIPE))?, begun))
}

/// How the run was begun.
fn how(folder: &Path) -> Result<Begun, Error> {
    let path = folder.join(BEGUN);
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => file(folder)(io::Error::new(
            error.kind(),
            format!("holds no run, since there is no {BEGUN}: name the folder that was given to `train`"),
        )),
        _ => file(&path)(error),
    })?;
    toml::from_str(&text)
        .map_err(|error| Error::Recipe { path, reason: format!("is damaged: {}", error.message()) })
}

/// Keeps what the run is in its folder, or sees that the folder is of this run. Nobody else trains there while what is
/// returned lives.
pub(crate) fn begin(recipe: &Recipe, place: Place<'_>) -> Result<File, Error> {
    let Place { base, folder, maker } = place;
    fs::create_dir_all(folder).map_err(file(folder))?;
    let lock = alone(folder)?;
    let path = folder.join(RECIPE);
    let refused = |reason: String| Error::Recipe { path: path.clone(), reason };
    let text = toml::to_string(&recipe.resolved()).map_err(|error| refused(error.to_string()))?;
    let base = fs::canonicalize(if base.as_os_str().is_empty() { Path::new(".") } else { base })
        .map_err(file(base))?;
    let write = |begun: &Begun| {
        let begun = toml::to_string(begun).map_err(|error| refused(error.to_string()))?;
        whole(&folder.join(BEGUN), &begun)
    };
    match fs::read_to_string(&path) {
        Ok(old) if old == text => {
            let begun = how(folder)?;
            let other = begun.makers().last() != Some(maker);
            // The data may have moved since.
            if other || begun.base != base {
                let resumed = begun.resumed.iter().chain(other.then_some(maker)).cloned().collect();
                write(&Begun { base, resumed, ..begun })?;
            }
            Ok(lock)
        }
        Ok(_) => Err(refused("is of another run: take another folder, or the same recipe".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write(&Begun { maker: maker.clone(), base, resumed: Vec::new() })?;
            whole(&path, &text)?;
            Ok(lock)
        }
        Err(error) => Err(file(&path)(error)),
    }
}

/// The lock of a folder, which the system takes away from whoever ends, however that comes about.
fn alone(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(file(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let reason = "somebody trains here already: wait, or take another folder";
            Err(file(folder)(io::Error::new(io::ErrorKind::ResourceBusy, reason)))
        }
        Err(TryLockError::Error(error)) => Err(file(&path)(error)),
    }
}

/// Makes sure that names in a folder outlast a loss of power.
pub(crate) fn sync(folder: &Path) -> Result<(), Error> {
    // Elsewhere a folder cannot be opened as a file, and need not be.
    if cfg!(unix) {
        File::open(folder).and_then(|opened| opened.sync_all()).map_err(file(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let lock = alone(folder.path()).unwrap();
        let busy = alone(folder.path()).unwrap_err().to_string();
        assert!(busy.contains("somebody trains here already"), "{busy}");
        drop(lock);
        assert!(alone(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_without_a_run_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let none = begun(folder.path()).unwrap_err().to_string();
        assert!(none.contains("holds no run") && none.contains("train"), "{none}");
        fs::write(folder.path().join(BEGUN), "program = 3").unwrap();
        let damaged = begun(folder.path()).unwrap_err().to_string();
        assert!(damaged.contains(BEGUN) && damaged.contains("damaged"), "{damaged}");
    }
}

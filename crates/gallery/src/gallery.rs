//! An open gallery.

use std::path::{Path, PathBuf};

use model::{Embedding, Fingerprint};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::cache::Cache;
use crate::schema::{self, Meta};
use crate::{Error, ModelIdentity, PersonId, Result, identify};

/// Entries of the change log that are kept; a cache that is longer behind is made anew.
const LOG_KEPT: i64 = 100_000;

/// An open gallery. Any number of processes may have it open; changes of one are seen by the others.
///
/// Methods that find or change faces take `&mut self` because they keep the cache of vectors up to date. The handle can
/// be sent to another thread.
pub struct Gallery {
    pub(crate) folder: PathBuf,
    pub(crate) connection: Connection,
    pub(crate) meta: Meta,
    /// Other models whose templates this gallery takes.
    pub(crate) compatible: Vec<Fingerprint>,
    pub(crate) writable: bool,
    pub(crate) cache: Cache,
    pub(crate) people: Option<identify::PeopleTemplates>,
}

impl Gallery {
    /// Creates a gallery for a model in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is one, [`Error::NotAGallery`] if `gallery.db` is something else, [`Error::Io`] if the
    /// folder cannot be made or written.
    pub fn create(folder: &Path, model: &ModelIdentity) -> Result<Self> {
        let connection = schema::create(folder, model)?;
        Self::build(folder, connection, true, model.compatible_with.clone())
    }

    /// Opens the gallery in a folder for work with a model.
    ///
    /// # Errors
    /// [`Error::NoGallery`]; [`Error::DifferentModel`] if it holds templates of a model that is neither this one nor
    /// declared compatible with it; [`Error::NotAGallery`], [`Error::Newer`] and [`Error::Corrupt`] for files that are
    /// not what they should be.
    pub fn open(folder: &Path, model: &ModelIdentity) -> Result<Self> {
        let (connection, writable) = schema::open(folder)?;
        let mut gallery = Self::build(folder, connection, writable, model.compatible_with.clone())?;
        if !gallery.meta.model.accepts(model) {
            let (gallery, given) = (Box::new(gallery.meta.model.clone()), Box::new(model.clone()));
            return Err(Error::DifferentModel { gallery, given });
        }
        if !gallery.compatible.contains(&model.fingerprint) {
            gallery.compatible.push(model.fingerprint);
        }
        Ok(gallery)
    }

    /// Opens the gallery in a folder, or creates it where there is none; see [`Gallery::open`] and [`Gallery::create`].
    ///
    /// # Errors
    /// As these two.
    pub fn open_or_create(folder: &Path, model: &ModelIdentity) -> Result<Self> {
        match Self::open(folder, model) {
            Err(Error::NoGallery { .. }) => match Self::create(folder, model) {
                Err(Error::Exists { .. }) => Self::open(folder, model),
                other => other,
            },
            other => other,
        }
    }

    /// Opens the gallery in a folder for work that needs no model: listing, renaming, forgetting, exporting.
    ///
    /// # Errors
    /// As [`Gallery::open`], except that any model will do.
    pub fn open_as_is(folder: &Path) -> Result<Self> {
        let (connection, writable) = schema::open(folder)?;
        Self::build(folder, connection, writable, Vec::new())
    }

    fn build(
        folder: &Path,
        connection: Connection,
        writable: bool,
        compatible: Vec<Fingerprint>,
    ) -> Result<Self> {
        let meta = Meta::read(&connection)?;
        let cache = Cache::new(folder, &meta, &connection, writable)?;
        let mut gallery =
            Self { folder: folder.to_owned(), connection, meta, compatible, writable, cache, people: None };
        if gallery.meta.unwiped && writable {
            // A crash or a busy reader came in between; whoever asked was told so.
            match gallery.wipe() {
                Ok(()) | Err(Error::NotWiped { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(gallery)
    }

    /// The model whose templates the gallery holds.
    pub fn model(&self) -> &ModelIdentity {
        &self.meta.model
    }

    /// The gallery's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the gallery can be changed; in a read-only folder it cannot.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// Checks that an embedding may stand beside those of the gallery.
    pub(crate) fn check_model(&self, embedding: &Embedding) -> Result<()> {
        let ours = self.meta.model.fingerprint;
        if embedding.fingerprint == ours || self.compatible.contains(&embedding.fingerprint) {
            Ok(())
        } else {
            Err(Error::DifferentFace { face: embedding.fingerprint.short(), gallery: ours.short() })
        }
    }

    /// Takes in what other processes have changed.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        check_generation(&self.connection, &self.meta)?;
        self.cache.refresh(&self.connection, true)
    }

    /// Runs `change` in one transaction. What it returns is durable when this returns, or nothing has happened.
    pub(crate) fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>, &mut Cache, &Meta) -> Result<T>,
    ) -> Result<T> {
        if !self.writable {
            return Err(Error::ReadOnly);
        }
        let result = (|| {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            check_generation(&transaction, &self.meta)?;
            let value = change(&transaction, &mut self.cache, &self.meta)?;
            let old = "DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - ?1";
            transaction.prepare_cached(old)?.execute([LOG_KEPT])?;
            transaction.commit()?;
            Ok(value)
        })();
        if result.is_err() {
            // The cache may have followed changes that are rolled back by now. If it cannot be read either, it is empty.
            let _ = self.cache.reopen(&self.connection);
        }
        result
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        // The next process would otherwise catch up; that it cannot be written loses nothing.
        if self.refresh().is_ok() {
            let _ = self.cache.flush(&self.connection);
        }
    }
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("folder", &self.folder)
            .field("model", &self.meta.model)
            .finish_non_exhaustive()
    }
}

fn check_generation(connection: &Connection, meta: &Meta) -> Result<()> {
    let sql = "SELECT generation FROM meta WHERE id = 1";
    let generation: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    if generation == meta.generation { Ok(()) } else { Err(Error::Replaced) }
}

/// The number of the person with this name.
pub(crate) fn person_id(connection: &Connection, name: &str) -> Result<Option<PersonId>> {
    let sql = "SELECT id FROM people WHERE name = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([name.trim()], |row| row.get(0).map(PersonId)).optional()?)
}

/// The number of the person with this name, who must exist.
pub(crate) fn known_person(connection: &Connection, name: &str) -> Result<PersonId> {
    person_id(connection, name)?.ok_or_else(|| Error::NoPerson { name: name.trim().to_owned() })
}

/// The name of a person, unless forgotten meanwhile.
pub(crate) fn person_name(connection: &Connection, id: PersonId) -> Result<Option<String>> {
    let sql = "SELECT name FROM people WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gallery_can_be_sent_to_another_thread() {
        fn sendable<T: Send>() {}
        sendable::<Gallery>();
    }
}

//! Forgetting people and faces, so that no file of the gallery holds a trace of them.

use rusqlite::Connection;

use crate::gallery::known_person;
use crate::{EnrolmentId, Error, Gallery, PersonId, Result, listing, marks};

impl Gallery {
    /// Forgets people: their names, faces, vectors, crops, paths, and the marks about them and their faces. Says how
    /// many faces were forgotten.
    ///
    /// When this returns, no file in the folder holds any of it. That costs a copy of the whole database, because
    /// SQLite may keep fragments of rows that it has moved, so forget many at once. What the file system, its snapshots
    /// and backups keep of blocks that were overwritten or given up is beyond the reach of this program.
    ///
    /// # Errors
    /// [`Error::NoPerson`], with nothing changed; [`Error::NotWiped`] if they are forgotten but another process that
    /// reads the gallery, or a full disk, stands in the way of wiping their traces.
    pub fn forget_people(&mut self, names: &[&str]) -> Result<usize> {
        let faces = self.change(|connection, _, _| {
            let mut faces = 0;
            for name in names {
                let person = known_person(connection, name)?;
                let mut of_person = connection.prepare_cached("SELECT id FROM enrolments WHERE person = ?1")?;
                let ids: Vec<i64> = of_person.query_map([person.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
                for &id in &ids {
                    remove(connection, EnrolmentId(id))?;
                }
                faces += ids.len();
                remove_person(connection, person)?;
            }
            mark_unwiped(connection)?;
            Ok(faces)
        })?;
        self.wipe()?;
        Ok(faces)
    }

    /// Forgets single faces; their people stay, even without a face. As [`Gallery::forget_people`].
    ///
    /// # Errors
    /// [`Error::NoEnrolment`], with nothing changed; [`Error::NotWiped`].
    pub fn forget_enrolments(&mut self, ids: &[EnrolmentId]) -> Result<()> {
        self.change(|connection, _, _| {
            for &id in ids {
                remove(connection, id)?;
            }
            mark_unwiped(connection)
        })?;
        self.wipe()
    }

    /// Removes the traces of what was forgotten: blanks its rows in the cache, rewrites the database and empties its
    /// log. Until that has been done, the database remembers that it must be.
    pub(crate) fn wipe(&mut self) -> Result<()> {
        let pending = |error: Error| match error {
            Error::Busy => Error::NotWiped { reason: "another process is using them".to_owned() },
            Error::NoRoom { reason } | Error::Corrupt { reason } => Error::NotWiped { reason },
            Error::Io { .. } => Error::NotWiped { reason: error.to_string() },
            other => other,
        };
        self.people = None;
        self.cache.wipe(&self.connection).map_err(pending)?;
        self.connection.execute_batch("VACUUM").map_err(|error| pending(error.into()))?;
        empty_log(&self.connection).map_err(pending)?;
        self.connection.execute("UPDATE meta SET unwiped = 0 WHERE id = 1", []).map_err(|error| pending(error.into()))?;
        self.meta.unwiped = false;
        Ok(())
    }
}

/// Removes an enrolment and every mark about its face.
pub(crate) fn remove(connection: &Connection, id: EnrolmentId) -> Result<()> {
    let enrolment = listing::enrolment(connection, id)?.ok_or(Error::NoEnrolment { id: id.0 })?;
    marks::remove_all(connection, &enrolment.source)?;
    connection.prepare_cached("DELETE FROM enrolments WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

fn remove_person(connection: &Connection, person: PersonId) -> Result<()> {
    connection.prepare_cached("DELETE FROM people WHERE id = ?1")?.execute([person.0])?;
    Ok(())
}

/// Remembers, with the removal itself, that traces are to be wiped.
pub(crate) fn mark_unwiped(connection: &Connection) -> Result<()> {
    connection.execute("UPDATE meta SET unwiped = 1 WHERE id = 1", [])?;
    Ok(())
}

/// Brings everything from the write-ahead log into the database and cuts the log to nothing.
fn empty_log(connection: &Connection) -> Result<()> {
    let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy { Err(Error::Busy) } else { Ok(()) }
}

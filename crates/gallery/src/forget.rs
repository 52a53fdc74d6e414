//! Forgetting people and faces, so that no file of the gallery holds a trace of them.

use rusqlite::Connection;

use crate::gallery::known_person;
use crate::{EnrolmentId, Error, Gallery, PersonId, Result, corrections, listing, marks};

impl Gallery {
    /// Forgets people: their names and those that they had before a merge, faces (those that are set aside too),
    /// vectors, crops, paths, the marks about them and their faces, and the means to take back what was corrected
    /// about them. Says how many faces were forgotten.
    ///
    /// When this returns, no file in the folder holds any of it. That costs a copy of the whole database, and as much
    /// free disk again: SQLite overwrites what it deletes, but not every copy that it has made of a row when it moved
    /// it. So forget many at once. What the file system, its snapshots
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
                let sql = "SELECT id FROM enrolments WHERE person = ?1 \
                           UNION ALL SELECT id FROM set_aside WHERE person = ?1";
                let mut of_person = connection.prepare_cached(sql)?;
                let ids: Vec<i64> =
                    of_person.query_map([person.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
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

    /// Forgets single faces, set aside or not; their people stay, even without a face. As [`Gallery::forget_people`].
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
        // `secure_delete` has overwritten rows where they were, but a page that was rebuilt (`rebuildPage` in SQLite)
        // keeps older copies of its rows in its gap. In the new pages there is nothing old.
        self.connection.execute_batch("VACUUM").map_err(|error| pending(error.into()))?;
        empty_log(&self.connection).map_err(pending)?;
        self.connection
            .execute("UPDATE meta SET unwiped = 0 WHERE id = 1", [])
            .map_err(|error| pending(error.into()))?;
        self.meta.unwiped = false;
        Ok(())
    }
}

/// Removes an enrolment, every mark about its face, and what the log of corrections says of it.
pub(crate) fn remove(connection: &Connection, id: EnrolmentId) -> Result<()> {
    let enrolment = match listing::enrolment(connection, id)? {
        Some(enrolment) => enrolment,
        None => listing::one_set_aside(connection, id)?.ok_or(Error::NoEnrolment { id: id.0 })?,
    };
    marks::remove_all(connection, &enrolment.source)?;
    connection.prepare_cached("DELETE FROM enrolments WHERE id = ?1")?.execute([id.0])?;
    connection.prepare_cached("DELETE FROM set_aside WHERE id = ?1")?.execute([id.0])?;
    corrections::forget_face(connection, id)
}

fn remove_person(connection: &Connection, person: PersonId) -> Result<()> {
    corrections::forget_person(connection, person)?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{Embedding, FileHash, Fingerprint};

    use super::*;
    use crate::{EnrollOptions, Face, ModelIdentity, Source};

    fn model() -> ModelIdentity {
        let fingerprint = Fingerprint([1; 32]);
        ModelIdentity {
            fingerprint,
            name: "test".to_owned(),
            dimension: 4,
            flip: false,
            compatible_with: vec![],
        }
    }

    fn enroll(gallery: &mut Gallery, name: &str) {
        let face = Face {
            embedding: Embedding::from_raw(vec![1.0, 2.0, 3.0, 4.0], Fingerprint([1; 32])).unwrap(),
            quality: 50.0,
            source: Source {
                path: name.as_bytes().to_vec(),
                sha256: FileHash::of(name.as_bytes()),
                bounds: geometry::Rect::new(0.0, 0.0, 9.0, 9.0),
                landmarks: None,
            },
            crop: None,
            engine: String::new(),
            detector: String::new(),
        };
        gallery.enroll(name, &face, &EnrollOptions::default()).unwrap();
    }

    fn holds(folder: &std::path::Path, text: &str) -> bool {
        std::fs::read_dir(folder).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }

    #[test]
    fn a_reader_in_the_way_is_reported_and_the_next_opening_finishes_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let mut gallery = Gallery::create(folder.path(), &model()).unwrap();
        gallery.connection.busy_timeout(Duration::from_millis(20)).unwrap();
        enroll(&mut gallery, "somebody to forget");
        enroll(&mut gallery, "somebody to keep");

        let reader = Gallery::open_as_is(folder.path()).unwrap();
        let snapshot = reader.connection.unchecked_transaction().unwrap();
        let seen: i64 = snapshot.query_row("SELECT count(*) FROM people", [], |row| row.get(0)).unwrap();
        let error = gallery.forget_people(&["somebody to forget"]).unwrap_err();
        assert!(matches!(error, Error::NotWiped { .. }) && seen == 2, "{error}");
        assert!(gallery.person("somebody to forget").unwrap().is_none());
        assert!(holds(folder.path(), "somebody to forget"));
        drop(snapshot);
        drop(reader);
        drop(gallery);

        let gallery = Gallery::open(folder.path(), &model()).unwrap();
        assert!(!holds(folder.path(), "somebody to forget") && holds(folder.path(), "somebody to keep"));
        assert!(!gallery.meta.unwiped);
    }

    #[test]
    fn a_full_disk_is_a_clear_error_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut gallery = Gallery::create(folder.path(), &model()).unwrap();
        enroll(&mut gallery, "first");
        let pages: i64 = gallery.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        gallery.connection.pragma_update(None, "max_page_count", pages + 1).unwrap();
        let face = |at: u8| {
            let mut face = vec![0.0; 4];
            face[usize::from(at) % 4] = 1.0;
            Face {
                embedding: Embedding::from_raw(face, Fingerprint([1; 32])).unwrap(),
                quality: 50.0,
                source: Source {
                    path: vec![at; 900],
                    sha256: FileHash([at; 32]),
                    bounds: geometry::Rect::new(0.0, 0.0, 9.0, 9.0),
                    landmarks: None,
                },
                crop: Some(vec![at; 3000]),
                engine: String::new(),
                detector: String::new(),
            }
        };
        let options = EnrollOptions { conflict: Some(2.0), ..EnrollOptions::default() };
        let mut enrolled = 1;
        let error = (0..100).find_map(|at| match gallery.enroll("more", &face(at), &options) {
            Ok(_) => {
                enrolled += 1;
                None
            }
            Err(error) => Some(error),
        });
        assert!(matches!(error, Some(Error::NoRoom { .. })), "{error:?}");
        assert!(error.unwrap().to_string().contains("free some space"));
        assert_eq!(gallery.stats().unwrap().enrolments, enrolled);
        assert_eq!(gallery.check().unwrap(), Vec::<String>::new());
        drop(gallery);
        let mut gallery = Gallery::open(folder.path(), &model()).unwrap();
        assert_eq!(gallery.stats().unwrap().enrolments, enrolled);
        enroll(&mut gallery, "afterwards");
        assert_eq!(gallery.check().unwrap(), Vec::<String>::new());
    }
}

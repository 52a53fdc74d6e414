//! "This face is not that person": corrections that stick.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension};

use crate::gallery::known_person;
use crate::record::same_bounds;
use crate::{EnrolmentId, Error, Gallery, PersonId, Result, Source, listing, vector};

impl Gallery {
    /// Marks a face of a photo as not being a person. From then on [`Gallery::identify`] does not name that person for
    /// the face, and it is not enrolled for the person without force. Says whether the mark is new.
    ///
    /// # Errors
    /// [`Error::NoPerson`]; [`Error::Face`] for a source that cannot be stored.
    pub fn not_this_person(&mut self, source: &Source, person: &str) -> Result<bool> {
        source.check()?;
        self.change(|connection, _, _| {
            let person = known_person(connection, person)?;
            add(connection, person, source)
        })
    }

    /// As [`Gallery::not_this_person`], for the face that is enrolled under this number.
    ///
    /// # Errors
    /// Also [`Error::NoEnrolment`], and [`Error::Face`] if the face is enrolled for this very person: forget it, or
    /// enrol it for whom it shows.
    pub fn enrolment_is_not(&mut self, enrolment: EnrolmentId, person: &str) -> Result<bool> {
        self.change(|connection, _, _| {
            let person = known_person(connection, person)?;
            let found =
                listing::enrolment(connection, enrolment)?.ok_or(Error::NoEnrolment { id: enrolment.0 })?;
            if found.person == person {
                let reason = "it is enrolled for the person that it is to be marked as not being".to_owned();
                return Err(Error::Face { reason });
            }
            add(connection, person, &found.source)
        })
    }

    /// Takes a mark back; says whether there was one.
    ///
    /// # Errors
    /// [`Error::NoPerson`].
    pub fn remove_mark(&mut self, source: &Source, person: &str) -> Result<bool> {
        self.change(|connection, _, _| {
            let person = known_person(connection, person)?;
            Ok(remove(connection, person, source)? > 0)
        })
    }
}

/// Marks a face; false if it is marked already.
pub(crate) fn add(connection: &Connection, person: PersonId, source: &Source) -> Result<bool> {
    if excluded(connection, source)?.contains(&person.0) {
        return Ok(false);
    }
    let sql = "INSERT INTO marks (person, sha256, bounds, created) VALUES (?1, ?2, ?3, unixepoch())";
    let bounds = vector::write_bounds(&source.bounds);
    connection.prepare_cached(sql)?.execute((person.0, source.sha256.0, bounds))?;
    Ok(true)
}

/// The people that a face is marked as not being.
pub(crate) fn excluded(connection: &Connection, source: &Source) -> Result<HashSet<i64>> {
    Ok(about(connection, source)?.into_iter().map(|(_, person)| person).collect())
}

pub(crate) fn remove(connection: &Connection, person: PersonId, source: &Source) -> Result<usize> {
    let mut removed = 0;
    for (mark, _) in about(connection, source)?.into_iter().filter(|(_, marked)| *marked == person.0) {
        removed += connection.prepare_cached("DELETE FROM marks WHERE id = ?1")?.execute([mark])?;
    }
    Ok(removed)
}

/// Removes every mark about a face, whoever it is said not to be.
pub(crate) fn remove_all(connection: &Connection, source: &Source) -> Result<()> {
    for (mark, _) in about(connection, source)? {
        connection.prepare_cached("DELETE FROM marks WHERE id = ?1")?.execute([mark])?;
    }
    Ok(())
}

/// Marks about a face: number and person.
fn about(connection: &Connection, source: &Source) -> Result<Vec<(i64, i64)>> {
    let mut statement =
        connection.prepare_cached("SELECT id, person, bounds FROM marks WHERE sha256 = ?1")?;
    let mut rows = statement.query([source.sha256.0])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let bounds: Vec<u8> = row.get(2)?;
        if same_bounds(&vector::read_bounds(&bounds)?, &source.bounds) {
            marks.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(marks)
}

/// Whether a face of one person is marked as not being another.
pub(crate) fn contradicts(connection: &Connection, from: PersonId, into: PersonId) -> Result<bool> {
    let sql = "SELECT enrolments.bounds, marks.bounds FROM enrolments JOIN marks USING (sha256) \
               WHERE enrolments.person = ?1 AND marks.person = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([from.0, into.0])?;
    while let Some(row) = rows.next()? {
        let (face, mark): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if same_bounds(&vector::read_bounds(&face)?, &vector::read_bounds(&mark)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A mark as it is exported.
pub(crate) fn each(
    connection: &Connection,
    mut visit: impl FnMut(String, [u8; 32], Vec<u8>) -> Result<()>,
) -> Result<()> {
    let sql = "SELECT people.name, marks.sha256, marks.bounds FROM marks JOIN people ON people.id = marks.person \
               ORDER BY marks.id";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(row.get(0)?, row.get(1)?, row.get(2)?)?;
    }
    Ok(())
}

/// How many marks there are.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    let count: Option<i64> =
        connection.query_row("SELECT count(*) FROM marks", [], |row| row.get(0)).optional()?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

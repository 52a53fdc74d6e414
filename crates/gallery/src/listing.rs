//! What is in the gallery, page by page, and renaming people.

use model::{FileHash, Fingerprint};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::gallery::{known_person, person_id};
use crate::record::name;
use crate::{Enrolment, EnrolmentId, Error, Gallery, Person, PersonId, Result, Source, marks, vector};

/// Columns of an enrolment without its vector and crop; see [`read_enrolment`].
const ENROLMENT: &str = "id, person, magnitude, quality, path, sha256, bounds, landmarks, crop IS NOT NULL, \
                         fingerprint, flip, engine, detector, created";

/// How large a gallery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// People, with or without faces.
    pub people: u64,
    /// Enrolled faces.
    pub enrolments: u64,
    /// Enrolled faces whose crop is stored.
    pub crops: u64,
    /// Marks of the kind "not this person".
    pub marks: u64,
    /// Bytes of all files in the folder.
    pub bytes: u64,
    /// Enrolments that are not in the file of the cache yet.
    pub pending: usize,
}

impl Gallery {
    /// Counts what is in the gallery.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn stats(&mut self) -> Result<Stats> {
        self.refresh()?;
        let count =
            |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let files = std::fs::read_dir(&self.folder).map_err(crate::error::io("read", &self.folder))?;
        Ok(Stats {
            people: count("SELECT count(*) FROM people")?,
            enrolments: count("SELECT count(*) FROM enrolments")?,
            crops: count("SELECT count(crop) FROM enrolments")?,
            marks: marks::count(&self.connection)?,
            bytes: files.flatten().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum(),
            pending: self.cache.pending(),
        })
    }

    /// Of every person who has faces, how many; in no order.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn faces_by_person(&self) -> Result<Vec<usize>> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM enrolments GROUP BY person")?;
        let rows = statement.query_map((), |row| row.get::<_, i64>(0))?;
        let counts = rows.map(|count| count.map(|count| usize::try_from(count).unwrap_or(0)));
        Ok(counts.collect::<Result<_, _>>()?)
    }

    /// At most `limit` people by name (in the order of its code points), those after the name `after`.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn people(&self, after: Option<&str>, limit: usize) -> Result<Vec<Person>> {
        let sql = "SELECT people.id, name, people.created, count(enrolments.id), avg(quality), max(quality) \
                   FROM people LEFT JOIN enrolments ON person = people.id WHERE ?1 IS NULL OR name > ?1 \
                   GROUP BY name ORDER BY name LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map((after, row_limit(limit)), read_person)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The person with this name, if there is one.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn person(&self, name: &str) -> Result<Option<Person>> {
        let sql = "SELECT people.id, name, people.created, count(enrolments.id), avg(quality), max(quality) \
                   FROM people LEFT JOIN enrolments ON person = people.id WHERE name = ?1 GROUP BY name";
        Ok(self.connection.prepare_cached(sql)?.query_row([name.trim()], read_person).optional()?)
    }

    /// At most `limit` enrolments of a person, or of everybody, in the order in which they were made, those after the
    /// enrolment `after`.
    ///
    /// # Errors
    /// [`Error::NoPerson`], or if the gallery cannot be read.
    pub fn enrolments(
        &self,
        person: Option<&str>,
        after: Option<EnrolmentId>,
        limit: usize,
    ) -> Result<Vec<Enrolment>> {
        let after = after.map_or(i64::MIN, |id| id.0);
        let (filter, person) = match person {
            Some(name) => ("id > ?1 AND person = ?2", known_person(&self.connection, name)?.0),
            None => ("id > ?1 AND ?2 = 0", 0),
        };
        let sql = format!("SELECT {ENROLMENT} FROM enrolments WHERE {filter} ORDER BY id LIMIT ?3");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query((after, person, row_limit(limit)))?;
        let mut enrolments = Vec::new();
        while let Some(row) = rows.next()? {
            enrolments.push(read_enrolment(row)?);
        }
        Ok(enrolments)
    }

    /// An enrolment.
    ///
    /// # Errors
    /// [`Error::NoEnrolment`], or if the gallery cannot be read.
    pub fn enrolment(&self, id: EnrolmentId) -> Result<Enrolment> {
        enrolment(&self.connection, id)?.ok_or(Error::NoEnrolment { id: id.0 })
    }

    /// The vector of an enrolment: unit length, the model's dimension.
    ///
    /// # Errors
    /// [`Error::NoEnrolment`], or if the gallery cannot be read.
    pub fn vector(&self, id: EnrolmentId) -> Result<Vec<f32>> {
        let sql = "SELECT vector FROM enrolments WHERE id = ?1";
        let bytes: Option<Vec<u8>> =
            self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
        vector::read(&bytes.ok_or(Error::NoEnrolment { id: id.0 })?, self.meta.model.dimension)
    }

    /// The stored crop of an enrolment, a JPEG or PNG file; `None` if it was enrolled without.
    ///
    /// # Errors
    /// [`Error::NoEnrolment`], or if the gallery cannot be read.
    pub fn crop(&self, id: EnrolmentId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT crop FROM enrolments WHERE id = ?1";
        let crop = self.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
        crop.ok_or(Error::NoEnrolment { id: id.0 })
    }

    /// Gives a person another name.
    ///
    /// # Errors
    /// [`Error::NoPerson`], [`Error::NameTaken`], [`Error::Name`].
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let to = name(to)?;
        self.change(|connection, _, _| {
            let person = known_person(connection, from)?;
            if person_id(connection, to)?.is_some_and(|other| other != person) {
                return Err(Error::NameTaken { name: to.to_owned() });
            }
            connection.execute("UPDATE people SET name = ?1 WHERE id = ?2", (to, person.0))?;
            Ok(())
        })
    }
}

fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn read_person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: PersonId(row.get(0)?),
        name: row.get(1)?,
        created: row.get(2)?,
        enrolments: row.get::<_, u32>(3)? as usize,
        mean_quality: row.get(4)?,
        best_quality: row.get(5)?,
    })
}

pub(crate) fn enrolment(connection: &Connection, id: EnrolmentId) -> Result<Option<Enrolment>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {ENROLMENT} FROM enrolments WHERE id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read_enrolment).transpose()
}

/// A face that is set aside.
pub(crate) fn one_set_aside(connection: &Connection, id: EnrolmentId) -> Result<Option<Enrolment>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {ENROLMENT} FROM set_aside WHERE id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(read_enrolment).transpose()
}

/// The faces of a person, or of everybody, that are set aside.
pub(crate) fn all_set_aside(connection: &Connection, person: Option<PersonId>) -> Result<Vec<Enrolment>> {
    let sql = format!("SELECT {ENROLMENT} FROM set_aside WHERE ?1 IS NULL OR person = ?1 ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([person.map(|person| person.0)])?;
    let mut faces = Vec::new();
    while let Some(row) = rows.next()? {
        faces.push(read_enrolment(row)?);
    }
    Ok(faces)
}

fn read_enrolment(row: &Row<'_>) -> Result<Enrolment> {
    let landmarks: Option<Vec<u8>> = row.get(7)?;
    Ok(Enrolment {
        id: EnrolmentId(row.get(0)?),
        person: PersonId(row.get(1)?),
        magnitude: row.get(2)?,
        quality: row.get(3)?,
        source: Source {
            path: row.get(4)?,
            sha256: FileHash(row.get(5)?),
            bounds: vector::read_bounds(&row.get::<_, Vec<u8>>(6)?)?,
            landmarks: landmarks.map(|bytes| vector::read_landmarks(&bytes)).transpose()?,
        },
        has_crop: row.get(8)?,
        fingerprint: Fingerprint(row.get(9)?),
        flip: row.get(10)?,
        engine: row.get(11)?,
        detector: row.get(12)?,
        created: row.get(13)?,
    })
}

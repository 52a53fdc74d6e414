//! Enrolling faces, and refusing those that would spoil the gallery.

use rusqlite::{Connection, OptionalExtension};

use crate::cache::Cache;
use crate::gallery::{person_id, person_name};
use crate::record::{self, same_bounds};
use crate::schema::Meta;
use crate::{EnrolmentId, Face, Gallery, PersonId, Result, Source, identify, marks, vector};

/// When a face is refused.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct EnrollOptions {
    /// Refuse a face of lower quality, 0..=100.
    pub min_quality: f32,
    /// Refuse a face that resembles another person at least this much (cosine), and more than the person it is to be
    /// enrolled for. `None`: do not ask.
    pub conflict: Option<f32>,
    /// Enrol the face all the same, and drop a mark that says it is not this person.
    pub force: bool,
    /// Threads for the comparison with the gallery; 0 counts as 1.
    pub threads: usize,
}

/// What became of a face.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is enrolled.
    Enrolled {
        /// Its number.
        enrolment: EnrolmentId,
        /// Whether the person is new in the gallery.
        new_person: bool,
    },
    /// This face of this photo is already enrolled for this person; nothing was changed.
    Already {
        /// Its number.
        enrolment: EnrolmentId,
    },
    /// This face of this photo was enrolled for this person and is set aside (see [`Gallery::correct`]); nothing was
    /// changed, with force neither. [`Gallery::undo`] brings it back; forgetting it makes room for a new enrolment.
    SetAside {
        /// Its number.
        enrolment: EnrolmentId,
    },
    /// Refused: its quality is too low.
    LowQuality {
        /// Its quality, 0..=100.
        quality: f32,
        /// The least that was asked for.
        minimum: f32,
    },
    /// Refused: it looks like somebody else.
    LooksLike {
        /// Name of the person that it resembles most.
        person: String,
        /// Cosine with that person's most similar face.
        score: f32,
    },
    /// Refused: it is marked as not this person.
    MarkedNot,
}

impl Gallery {
    /// Enrols one face for a person, who is added if need be. When this returns [`Outcome::Enrolled`], the face is on
    /// the disk and survives a crash of program or machine.
    ///
    /// # Errors
    /// [`Error::Name`](crate::Error::Name), [`Error::Face`](crate::Error::Face) and
    /// [`Error::DifferentFace`](crate::Error::DifferentFace) for input that cannot be stored; else what keeps the
    /// gallery from being written. Nothing is changed then.
    pub fn enroll(&mut self, person: &str, face: &Face, options: &EnrollOptions) -> Result<Outcome> {
        let mut outcomes = self.enroll_many(&[(person, face)], options)?;
        Ok(outcomes.remove(0))
    }

    /// Enrols many faces in one transaction, which is much faster than one by one: all outcomes are durable when this
    /// returns, and after an error or a crash none of them is. A face is also compared with those before it.
    ///
    /// # Errors
    /// As [`Gallery::enroll`].
    pub fn enroll_many(&mut self, faces: &[(&str, &Face)], options: &EnrollOptions) -> Result<Vec<Outcome>> {
        for (person, face) in faces {
            record::name(person)?;
            face.check(self.meta.model.dimension)?;
            self.check_model(&face.embedding)?;
        }
        if options.conflict.is_some() {
            // Outside of the transaction the cache's file may be written.
            self.refresh()?;
        }
        self.change(|transaction, cache, meta| {
            faces
                .iter()
                .map(|(person, face)| enroll(transaction, cache, meta, person, face, options))
                .collect()
        })
    }
}

fn enroll(
    connection: &Connection,
    cache: &mut Cache,
    meta: &Meta,
    name: &str,
    face: &Face,
    options: &EnrollOptions,
) -> Result<Outcome> {
    let name = record::name(name)?;
    let person = person_id(connection, name)?;
    if let Some(person) = person {
        if let Some(enrolment) = already(connection, person, &face.source)? {
            return Ok(Outcome::Already { enrolment });
        }
        if let Some(enrolment) = set_aside(connection, person, &face.source)? {
            return Ok(Outcome::SetAside { enrolment });
        }
        if options.force {
            marks::remove(connection, person, &face.source)?;
        } else if marks::excluded(connection, &face.source)?.contains(&person.0) {
            return Ok(Outcome::MarkedNot);
        }
    }
    if !options.force {
        if face.quality < options.min_quality {
            return Ok(Outcome::LowQuality { quality: face.quality, minimum: options.min_quality });
        }
        if let Some(threshold) = options.conflict {
            cache.refresh(connection, false)?;
            if let Some((other, score)) =
                conflict(connection, cache, meta, person, face, threshold, options.threads)?
            {
                return Ok(Outcome::LooksLike { person: other, score });
            }
        }
    }
    let id = match person {
        Some(id) => id,
        None => add_person(connection, name)?,
    };
    let enrolment = insert(connection, id, face, meta.model.flip, None)?;
    Ok(Outcome::Enrolled { enrolment, new_person: person.is_none() })
}

/// Whoever the face resembles more than `person`, if by the threshold that is somebody.
fn conflict(
    connection: &Connection,
    cache: &Cache,
    meta: &Meta,
    person: Option<PersonId>,
    face: &Face,
    threshold: f32,
    threads: usize,
) -> Result<Option<(String, f32)>> {
    let excluded = marks::excluded(connection, &face.source)?;
    let best = identify::best_people(connection, cache, meta, &face.embedding.vector, &excluded, 1, threads)?;
    match best.first() {
        Some(best) if best.score >= threshold && person.is_none_or(|person| person.0 != best.person) => {
            Ok(person_name(connection, PersonId(best.person))?.map(|name| (name, best.score)))
        }
        _ => Ok(None),
    }
}

/// The enrolment of the same face of the same photo for the same person.
pub(crate) fn already(
    connection: &Connection,
    person: PersonId,
    source: &Source,
) -> Result<Option<EnrolmentId>> {
    same_face(connection, "enrolments", person, source)
}

/// The same of a face that is set aside.
pub(crate) fn set_aside(
    connection: &Connection,
    person: PersonId,
    source: &Source,
) -> Result<Option<EnrolmentId>> {
    same_face(connection, "set_aside", person, source)
}

fn same_face(
    connection: &Connection,
    table: &'static str,
    person: PersonId,
    source: &Source,
) -> Result<Option<EnrolmentId>> {
    let sql = format!("SELECT id, bounds FROM {table} WHERE sha256 = ?1 AND person = ?2 ORDER BY id");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((source.sha256.0, person.0))?;
    while let Some(row) = rows.next()? {
        let bounds: Vec<u8> = row.get(1)?;
        if same_bounds(&vector::read_bounds(&bounds)?, &source.bounds) {
            return Ok(Some(EnrolmentId(row.get(0)?)));
        }
    }
    Ok(None)
}

pub(crate) fn add_person(connection: &Connection, name: &str) -> Result<PersonId> {
    let sql = "INSERT INTO people (name, created) VALUES (?1, unixepoch()) RETURNING id";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0).map(PersonId))?)
}

/// Stores a face; `created` in seconds since 1970 UTC, `None`: this moment.
pub(crate) fn insert(
    connection: &Connection,
    person: PersonId,
    face: &Face,
    flip: bool,
    created: Option<i64>,
) -> Result<EnrolmentId> {
    let sql = "INSERT INTO enrolments (person, vector, magnitude, quality, path, sha256, bounds, landmarks, \
               fingerprint, flip, engine, detector, created, crop) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, coalesce(?13, unixepoch()), ?14) \
               RETURNING id";
    let source = &face.source;
    let values = rusqlite::params![
        person.0,
        vector::write(&face.embedding.vector),
        face.embedding.magnitude,
        face.quality,
        source.path,
        source.sha256.0,
        vector::write_bounds(&source.bounds),
        source.landmarks.as_ref().map(vector::write_landmarks),
        face.embedding.fingerprint.0,
        flip,
        face.engine,
        face.detector,
        created,
        face.crop,
    ];
    let id =
        connection.prepare_cached(sql)?.query_row(values, |row| row.get(0).map(EnrolmentId)).optional()?;
    id.ok_or_else(|| crate::Error::Corrupt { reason: "a new enrolment has no number".to_owned() })
}

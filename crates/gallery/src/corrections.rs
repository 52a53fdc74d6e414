//! Putting right whose faces are whose, and taking that back.
//!
//! Every application of corrections is one transaction and one entry of a log in the database, step by step. Undoing
//! goes through the steps from the last to the first and checks of each that things still are as it left them. So
//! what is taken back is taken back exactly, with the numbers of people and faces as they were, or not at all.
//!
//! A face that is set aside leaves the table of enrolments, and with it every search and list, but keeps its vector,
//! crop and number in a table of its own until it is brought back or forgotten. Forgetting erases steps as well: all
//! that concern a forgotten face or person, or somebody who was merged into such a person.

mod step;

use rusqlite::{Connection, OptionalExtension};

use self::step::Step;
use crate::gallery::{known_person, person_id, person_name};
use crate::{Enrolment, EnrolmentId, Error, Gallery, PersonId, Result, enroll, listing, marks, record};

pub(crate) use self::step::{forget_face, forget_person};

/// A change of whose faces are whose, which can be taken back; see [`Gallery::correct`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Gives a face to another person. Where that person has this face of this photo already, it is set aside instead.
    Move {
        /// Which face.
        enrolment: EnrolmentId,
        /// Whose it is.
        from: PersonId,
        /// Whose it becomes.
        to: PersonId,
    },
    /// Takes a face out of the gallery's people: no search and no list shows it any more.
    SetAside {
        /// Which face.
        enrolment: EnrolmentId,
        /// Whose it is.
        from: PersonId,
    },
    /// Gives some faces of a person to a new one.
    Split {
        /// Whose they are.
        person: PersonId,
        /// Which faces.
        enrolments: Vec<EnrolmentId>,
        /// The new person's name, which nobody may have.
        name: String,
    },
    /// Gives all faces of one person, and the marks about it, to another, and removes the first.
    Merge {
        /// Who goes.
        from: PersonId,
        /// Who stays.
        into: PersonId,
    },
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Number of the application, from 1; never used again.
    pub number: i64,
    /// When the corrections had been applied, in seconds since 1970 UTC.
    pub created: i64,
    /// How often a face changed hands, and back.
    pub faces: usize,
}

impl Gallery {
    /// Applies corrections in their order, all of them or none, and remembers them for [`Gallery::undo`]. Says how
    /// often a face changed hands. An empty list changes nothing and is not remembered.
    ///
    /// # Errors
    /// [`Error::NoEnrolment`], and [`Error::Stale`] for a face that is no longer where the correction expects it;
    /// [`Error::Gone`] for a person who is no more; [`Error::Marked`] if a face is marked as not the person that it
    /// would be given to; [`Error::SamePerson`]; [`Error::Name`] and [`Error::NameTaken`] for a new person's name.
    pub fn correct(&mut self, corrections: &[Correction]) -> Result<usize> {
        if corrections.is_empty() {
            return Ok(0);
        }
        self.change(|connection, _, meta| {
            let sql = "INSERT INTO corrections (created) VALUES (unixepoch()) RETURNING id";
            let number = connection.query_row(sql, [], |row| row.get(0))?;
            let log = Log { connection, number, generation: meta.generation };
            corrections.iter().map(|correction| log.apply(correction)).sum()
        })
    }

    /// Gives all faces of one person, and the marks about it, to another, and removes the first. Says how many faces
    /// moved. Can be taken back with [`Gallery::undo`], for which the name that goes is kept until the person is
    /// forgotten.
    ///
    /// # Errors
    /// [`Error::NoPerson`], [`Error::SamePerson`], and [`Error::Marked`] if a face of one is marked as not the other.
    pub fn merge(&mut self, from: &str, into: &str) -> Result<usize> {
        let (from, into) = (known_person(&self.connection, from)?, known_person(&self.connection, into)?);
        self.correct(&[Correction::Merge { from, into }])
    }

    /// Takes the last application of corrections back, exactly: who has which faces and marks, which people there are
    /// and what they are called, with their numbers. The one before it is then the last.
    ///
    /// # Errors
    /// [`Error::NothingToUndo`]; [`Error::CannotUndo`], with nothing changed, if what was corrected has changed since.
    pub fn undo(&mut self) -> Result<Undone> {
        self.change(|connection, _, meta| {
            let sql = "SELECT id, created FROM corrections ORDER BY id DESC LIMIT 1";
            let last = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let (number, created) = last.ok_or(Error::NothingToUndo)?;
            let steps = step::of_correction(connection, number)?;
            let mut faces = 0;
            for step in steps.iter().rev() {
                step.take_back(connection, meta.generation)?;
                faces += usize::from(step.is_of_a_face());
            }
            connection.execute("DELETE FROM corrections WHERE id = ?1", [number])?;
            Ok(Undone { number, created, faces })
        })
    }

    /// How many applications of corrections can be taken back, one after another.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn undo_levels(&self) -> Result<usize> {
        let levels: u32 =
            self.connection.query_row("SELECT count(*) FROM corrections", [], |row| row.get(0))?;
        Ok(levels as usize)
    }

    /// The faces of a person, or of everybody, that are set aside, in the order of their numbers.
    ///
    /// # Errors
    /// [`Error::NoPerson`], or if the gallery cannot be read.
    pub fn set_aside(&self, person: Option<&str>) -> Result<Vec<Enrolment>> {
        let person = person.map(|name| known_person(&self.connection, name)).transpose()?;
        listing::all_set_aside(&self.connection, person)
    }

    /// Whether a face is marked as not being a person; see [`Gallery::not_this_person`].
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn is_marked_not(&self, enrolment: &Enrolment, person: PersonId) -> Result<bool> {
        Ok(marks::excluded(&self.connection, &enrolment.source)?.contains(&person.0))
    }

    /// Whether a face of one of two people is marked as not being the other, so that they cannot be merged.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn are_marked_apart(&self, a: PersonId, b: PersonId) -> Result<bool> {
        Ok(marks::contradicts(&self.connection, a, b)? || marks::contradicts(&self.connection, b, a)?)
    }
}

/// An application of corrections in the making.
struct Log<'a> {
    connection: &'a Connection,
    number: i64,
    generation: i64,
}

impl Log<'_> {
    fn apply(&self, correction: &Correction) -> Result<usize> {
        match correction {
            Correction::Move { enrolment, from, to } => {
                let (found, name) = (self.face(*enrolment, *from)?, self.name(*to)?);
                if from == to {
                    return Err(Error::SamePerson { name });
                }
                if marks::excluded(self.connection, &found.source)?.contains(&to.0) {
                    return Err(Error::Marked { from: self.name(*from)?, into: name });
                }
                match enroll::already(self.connection, *to, &found.source)? {
                    Some(_) => self.set_aside(*enrolment, *from)?,
                    None => self.give(*enrolment, *from, *to)?,
                }
                Ok(1)
            }
            Correction::SetAside { enrolment, from } => {
                self.face(*enrolment, *from)?;
                self.set_aside(*enrolment, *from)?;
                Ok(1)
            }
            Correction::Split { person, enrolments, name } => {
                let name = record::name(name)?;
                if person_id(self.connection, name)?.is_some() {
                    return Err(Error::NameTaken { name: name.to_owned() });
                }
                let new = enroll::add_person(self.connection, name)?;
                self.note(&Step::AddPerson { person: new, name: name.to_owned() })?;
                for &enrolment in enrolments {
                    self.face(enrolment, *person)?;
                    self.give(enrolment, *person, new)?;
                }
                Ok(enrolments.len())
            }
            Correction::Merge { from, into } => self.merge(*from, *into),
        }
    }

    fn merge(&self, from: PersonId, into: PersonId) -> Result<usize> {
        let (name, other) = (self.name(from)?, self.name(into)?);
        if from == into {
            return Err(Error::SamePerson { name });
        }
        if marks::contradicts(self.connection, from, into)? {
            return Err(Error::Marked { from: name, into: other });
        }
        if marks::contradicts(self.connection, into, from)? {
            return Err(Error::Marked { from: other, into: name });
        }
        let faces = self.numbers("SELECT id FROM enrolments WHERE person = ?1 ORDER BY id", from)?;
        for &face in &faces {
            self.give(EnrolmentId(face), from, into)?;
        }
        for face in self.numbers("SELECT id FROM set_aside WHERE person = ?1 ORDER BY id", from)? {
            self.set("UPDATE set_aside SET person = ?2 WHERE id = ?1", face, into)?;
            self.note(&Step::MoveAside { face: EnrolmentId(face), from, to: into })?;
        }
        for mark in self.numbers("SELECT id FROM marks WHERE person = ?1 ORDER BY id", from)? {
            let created =
                self.connection
                    .query_row("SELECT created FROM marks WHERE id = ?1", [mark], |row| row.get(0))?;
            self.set("UPDATE marks SET person = ?2 WHERE id = ?1", mark, into)?;
            self.note(&Step::Mark { mark, from, to: into, created })?;
        }
        let sql = "DELETE FROM people WHERE id = ?1 RETURNING created";
        let created = self.connection.query_row(sql, [from.0], |row| row.get(0))?;
        self.note(&Step::RemovePerson { person: from, into, name, created })?;
        Ok(faces.len())
    }

    fn give(&self, face: EnrolmentId, from: PersonId, to: PersonId) -> Result<()> {
        self.set("UPDATE enrolments SET person = ?2 WHERE id = ?1", face.0, to)?;
        self.note(&Step::Move { face, from, to })
    }

    fn set_aside(&self, face: EnrolmentId, from: PersonId) -> Result<()> {
        step::set_aside(self.connection, face, self.generation)?;
        self.note(&Step::SetAside { face, from })
    }

    fn note(&self, step: &Step) -> Result<()> {
        step.write(self.connection, self.number)
    }

    fn set(&self, sql: &str, item: i64, person: PersonId) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([item, person.0])?;
        Ok(())
    }

    fn numbers(&self, sql: &str, person: PersonId) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map([person.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(numbers)
    }

    /// A face that must be `from`'s.
    fn face(&self, id: EnrolmentId, from: PersonId) -> Result<Enrolment> {
        let found = listing::enrolment(self.connection, id)?.ok_or(Error::NoEnrolment { id: id.0 })?;
        if found.person != from {
            return Err(Error::Stale { id: id.0, person: self.name(from)? });
        }
        Ok(found)
    }

    /// The name of a person, who must be there.
    fn name(&self, person: PersonId) -> Result<String> {
        person_name(self.connection, person)?.ok_or(Error::Gone { person: person.0 })
    }
}

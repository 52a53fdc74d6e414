//! What a correction did, step by step, and how each step is taken back.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::gallery::{person_id, person_name};
use crate::{EnrolmentId, Error, PersonId, Result};

/// All columns of an enrolment, which a face that is set aside keeps.
const FACE: &str = "id, person, vector, magnitude, quality, path, sha256, bounds, landmarks, fingerprint, flip, \
                    engine, detector, created, crop";

/// One change of one thing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A face was given to another person.
    Move { face: EnrolmentId, from: PersonId, to: PersonId },
    /// The same of a face that is set aside.
    MoveAside { face: EnrolmentId, from: PersonId, to: PersonId },
    /// A face was set aside.
    SetAside { face: EnrolmentId, from: PersonId },
    /// A mark "not this person" is about another person now. Its time tells it from a later mark of the same number.
    Mark { mark: i64, from: PersonId, to: PersonId, created: i64 },
    /// A person was added.
    AddPerson { person: PersonId, name: String },
    /// A person was removed after another one had got everything.
    RemovePerson { person: PersonId, into: PersonId, name: String, created: i64 },
}

impl Step {
    pub(super) fn is_of_a_face(&self) -> bool {
        matches!(self, Self::Move { .. } | Self::MoveAside { .. } | Self::SetAside { .. })
    }

    pub(super) fn write(&self, connection: &Connection, correction: i64) -> Result<()> {
        let (kind, item, from, to, name, created) = match self {
            Self::Move { face, from, to } => ("move", face.0, Some(from), Some(to), None, None),
            Self::MoveAside { face, from, to } => ("move aside", face.0, Some(from), Some(to), None, None),
            Self::SetAside { face, from } => ("set aside", face.0, Some(from), None, None, None),
            Self::Mark { mark, from, to, created } => {
                ("mark", *mark, Some(from), Some(to), None, Some(created))
            }
            Self::AddPerson { person, name } => ("add person", person.0, None, None, Some(name), None),
            Self::RemovePerson { person, into, name, created } => {
                ("remove person", person.0, None, Some(into), Some(name), Some(created))
            }
        };
        let sql = "INSERT INTO correction_steps (correction, kind, item, from_person, to_person, name, created) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (from, to) = (from.map(|person| person.0), to.map(|person| person.0));
        connection.prepare_cached(sql)?.execute((correction, kind, item, from, to, name, created))?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let (kind, item): (String, i64) = (row.get(0)?, row.get(1)?);
        let (from, to) = (|| row.get(2).map(PersonId), || row.get(3).map(PersonId));
        let (face, person) = (EnrolmentId(item), PersonId(item));
        Ok(Some(match kind.as_str() {
            "move" => Self::Move { face, from: from()?, to: to()? },
            "move aside" => Self::MoveAside { face, from: from()?, to: to()? },
            "set aside" => Self::SetAside { face, from: from()? },
            "mark" => Self::Mark { mark: item, from: from()?, to: to()?, created: row.get(5)? },
            "add person" => Self::AddPerson { person, name: row.get(4)? },
            "remove person" => {
                Self::RemovePerson { person, into: to()?, name: row.get(4)?, created: row.get(5)? }
            }
            _ => return Ok(None),
        }))
    }

    /// Undoes the step if things are as it left them.
    pub(super) fn take_back(&self, connection: &Connection, generation: i64) -> Result<()> {
        let give_back = |table: &str, item: i64, from: PersonId, to: PersonId| -> Result<bool> {
            let sql = format!("UPDATE {table} SET person = ?3 WHERE id = ?1 AND person = ?2");
            Ok(connection.prepare_cached(&sql)?.execute([item, to.0, from.0])? == 1)
        };
        match self {
            Self::Move { face, from, to } => {
                let done = give_back("enrolments", face.0, *from, *to)?;
                done.then_some(()).ok_or_else(|| changed(format!("enrolment {face} has changed hands since")))
            }
            Self::MoveAside { face, from, to } => {
                let done = give_back("set_aside", face.0, *from, *to)?;
                done.then_some(()).ok_or_else(|| changed(format!("enrolment {face} has changed hands since")))
            }
            Self::SetAside { face, from } => bring_back(connection, *face, *from, generation),
            Self::Mark { mark, from, to, created } => {
                // A mark that has been removed since, perhaps with its face, is to stay so.
                let sql = "UPDATE marks SET person = ?1 WHERE id = ?2 AND person = ?3 AND created = ?4";
                connection.prepare_cached(sql)?.execute([from.0, *mark, to.0, *created])?;
                Ok(())
            }
            Self::AddPerson { person, name } => remove_added(connection, *person, name),
            Self::RemovePerson { person, name, created, .. } => {
                if person_id(connection, name)?.is_some() {
                    return Err(changed(format!("there is another person \"{name}\" now")));
                }
                let sql = "INSERT INTO people (id, name, created) VALUES (?1, ?2, ?3)";
                connection.execute(sql, (person.0, name, created))?;
                Ok(())
            }
        }
    }
}

fn changed(reason: String) -> Error {
    Error::CannotUndo { reason }
}

/// Moves a face out of the enrolments.
pub(super) fn set_aside(connection: &Connection, face: EnrolmentId, generation: i64) -> Result<()> {
    let sql =
        format!("INSERT INTO set_aside ({FACE}, generation) SELECT {FACE}, ?2 FROM enrolments WHERE id = ?1");
    connection.prepare_cached(&sql)?.execute([face.0, generation])?;
    connection.prepare_cached("DELETE FROM enrolments WHERE id = ?1")?.execute([face.0])?;
    Ok(())
}

/// Moves a face back among the enrolments, under its old number.
fn bring_back(connection: &Connection, face: EnrolmentId, from: PersonId, generation: i64) -> Result<()> {
    let sql = "SELECT person, generation FROM set_aside WHERE id = ?1";
    let found: Option<(i64, i64)> = connection
        .prepare_cached(sql)?
        .query_row([face.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((person, made)) if person == from.0 => {
            if made != generation {
                let reason = format!("enrolment {face} was set aside when the gallery was of another model");
                return Err(changed(reason));
            }
        }
        _ => return Err(changed(format!("enrolment {face} is no longer set aside"))),
    }
    let sql = format!("INSERT INTO enrolments ({FACE}) SELECT {FACE} FROM set_aside WHERE id = ?1");
    connection.prepare_cached(&sql)?.execute([face.0])?;
    connection.prepare_cached("DELETE FROM set_aside WHERE id = ?1")?.execute([face.0])?;
    Ok(())
}

/// Removes a person whom a correction added, and to whom nothing else has come.
fn remove_added(connection: &Connection, person: PersonId, name: &str) -> Result<()> {
    match person_name(connection, person)? {
        Some(now) if now == name => {}
        Some(now) => return Err(changed(format!("\"{name}\" has been renamed to \"{now}\" since"))),
        None => return Err(changed(format!("\"{name}\" is no longer there"))),
    }
    for table in ["enrolments", "set_aside", "marks"] {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE person = ?1)");
        if connection.query_row(&sql, [person.0], |row| row.get(0))? {
            return Err(changed(format!("\"{name}\" has got other faces or marks since")));
        }
    }
    connection.execute("DELETE FROM people WHERE id = ?1", [person.0])?;
    Ok(())
}

/// The steps of an application, in their order.
pub(super) fn of_correction(connection: &Connection, correction: i64) -> Result<Vec<Step>> {
    let sql = "SELECT kind, item, from_person, to_person, name, created FROM correction_steps \
               WHERE correction = ?1 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let steps = statement.query_map([correction], Step::read)?.collect::<Result<Option<Vec<_>>, _>>()?;
    steps.ok_or_else(|| Error::Corrupt { reason: "a correction has a step of no known kind".to_owned() })
}

/// Erases the steps about a face that is forgotten.
pub(crate) fn forget_face(connection: &Connection, face: EnrolmentId) -> Result<()> {
    let sql = "DELETE FROM correction_steps WHERE item = ?1 AND kind IN ('move', 'move aside', 'set aside')";
    connection.prepare_cached(sql)?.execute([face.0])?;
    forget_empty(connection)
}

/// Erases the steps about a person who is forgotten, and about everybody who was merged into that person, whose names
/// are in the log alone.
pub(crate) fn forget_person(connection: &Connection, person: PersonId) -> Result<()> {
    let mut merged = connection.prepare_cached(
        "SELECT item FROM correction_steps WHERE kind = 'remove person' AND to_person = ?1",
    )?;
    let (mut gone, mut open) = (HashSet::from([person.0]), vec![person.0]);
    while let Some(into) = open.pop() {
        for before in merged.query_map([into], |row| row.get::<_, i64>(0))? {
            let before = before?;
            if gone.insert(before) {
                open.push(before);
            }
        }
    }
    for person in gone {
        for sql in FORGET_PERSON {
            connection.prepare_cached(sql)?.execute([person])?;
        }
    }
    forget_empty(connection)
}

/// Erases the steps about a person, and what cannot be undone without them: earlier steps of the same faces, and the
/// adding of people who got the person's faces.
const FORGET_PERSON: [&str; 3] = [
    "DELETE FROM correction_steps WHERE kind = 'add person' AND EXISTS \
     (SELECT 1 FROM correction_steps AS moved WHERE moved.correction = correction_steps.correction \
      AND moved.kind = 'move' AND moved.from_person = ?1 AND moved.to_person = correction_steps.item)",
    "DELETE FROM correction_steps WHERE kind IN ('move', 'move aside', 'set aside') AND EXISTS \
     (SELECT 1 FROM correction_steps AS later WHERE later.id >= correction_steps.id \
      AND later.item = correction_steps.item AND later.kind IN ('move', 'move aside', 'set aside') \
      AND (later.from_person = ?1 OR later.to_person = ?1))",
    "DELETE FROM correction_steps WHERE from_person = ?1 OR to_person = ?1 \
     OR (item = ?1 AND kind IN ('add person', 'remove person'))",
];

/// Removes applications of which nothing is left to take back.
fn forget_empty(connection: &Connection) -> Result<()> {
    // Run for each face that is forgotten, so it must not read all steps.
    let sql = "DELETE FROM corrections WHERE NOT EXISTS \
               (SELECT 1 FROM correction_steps WHERE correction = corrections.id)";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

//! Is the gallery whole?

use half::f16;

use crate::record::check_vector;
use crate::{Gallery, Result, vector};

/// Problems that are listed; more say nothing new.
const MOST_PROBLEMS: usize = 100;

impl Gallery {
    /// Reads everything and lists what is wrong with it, one sentence each; nothing if all is well. Checked are the
    /// structure of the database, its references, every vector (of faces that are set aside too), and that the cache agrees with the database.
    ///
    /// # Errors
    /// If the gallery cannot be read at all.
    pub fn check(&mut self) -> Result<Vec<String>> {
        let mut problems: Vec<String> = self
            .connection
            .prepare(&format!("PRAGMA integrity_check({MOST_PROBLEMS})"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        problems.retain(|line| line != "ok");
        if !problems.is_empty() {
            return Ok(problems);
        }
        let mut references = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = references.query([])?;
        while let Some(row) = rows.next()? {
            let (table, id): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
            problems.push(format!("row {id:?} of table {table} refers to nothing"));
        }
        drop(rows);
        drop(references);

        self.refresh()?;
        let dimension = self.meta.model.dimension;
        let mut cached: Vec<(i64, i64)> = Vec::new();
        let mut vectors: Vec<f16> = Vec::new();
        self.cache.each(|enrolment, person, vector| {
            cached.push((enrolment, person));
            vectors.extend(vector.iter().map(|&value| f16::from_f32(value)));
        })?;
        let mut next = 0;
        let mut all = self.connection.prepare("SELECT id, person, vector FROM enrolments ORDER BY id")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (id, person, bytes): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let truth = match vector::read(&bytes, dimension) {
                Ok(truth) => truth,
                Err(error) => {
                    problems.push(format!("enrolment {id}: {error}"));
                    continue;
                }
            };
            if let Err(error) = check_vector(&truth, dimension) {
                problems.push(format!("enrolment {id}: {error}"));
            }
            while cached.get(next).is_some_and(|(cached, _)| *cached < id) {
                problems.push(format!("the cache has enrolment {}, which does not exist", cached[next].0));
                next += 1;
            }
            if cached.get(next).is_none_or(|(cached, _)| *cached != id) {
                problems.push(format!("the cache lacks enrolment {id}"));
                continue;
            }
            let halves = &vectors[next * dimension..(next + 1) * dimension];
            if cached[next].1 != person {
                problems.push(format!("the cache gives enrolment {id} to another person"));
            }
            if truth.iter().zip(halves).any(|(&value, &half)| f16::from_f32(value) != half) {
                problems.push(format!("the cache has another vector for enrolment {id}"));
            }
            next += 1;
        }
        for (enrolment, _) in &cached[next..] {
            problems.push(format!("the cache has enrolment {enrolment}, which does not exist"));
        }
        // Those of an earlier model never come back.
        let mut aside =
            self.connection.prepare("SELECT id, vector FROM set_aside WHERE generation = ?1 ORDER BY id")?;
        let mut rows = aside.query([self.meta.generation])?;
        while let Some(row) = rows.next()? {
            let (id, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let vector = vector::read(&bytes, dimension);
            if let Err(error) = vector.and_then(|vector| check_vector(&vector, dimension)) {
                problems.push(format!("enrolment {id}, which is set aside: {error}"));
            }
        }
        problems.truncate(MOST_PROBLEMS);
        Ok(problems)
    }

    /// Throws the cache away and makes it anew from the database, as happens by itself where its file is found to be
    /// stale or damaged.
    ///
    /// # Errors
    /// [`Error::ReadOnly`](crate::Error::ReadOnly), [`Error::Busy`](crate::Error::Busy), or what keeps it from being
    /// written.
    pub fn rebuild_cache(&mut self) -> Result<()> {
        if !self.writable {
            return Err(crate::Error::ReadOnly);
        }
        self.cache.renew(&self.connection)
    }
}

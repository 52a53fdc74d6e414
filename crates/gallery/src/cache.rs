//! `index.f16`: every enrolment's vector in half precision, in memory-mapped rows, so that a search reads no database.
//!
//! The database is the truth and this file only a copy. It says which gallery, model and generation it belongs to, and
//! up to which entry of the change log it is complete. What happened since is read from the log into memory
//! ([`Cache::refresh`]) and now and then written into the file ([`Cache::flush`]), rows appended before the header that
//! counts them. So wherever a writer is killed, the file is complete up to the entry that its header names, and the rest
//! is done again. If that is impossible (no file, another gallery or generation, a header that does not add up, a log
//! that no longer reaches back so far) the file is made anew from the database.
//!
//! **Several processes.** One at a time writes, the holder of `index.lock`; who does not get the lock keeps the rows in
//! memory. A mapped file never gets shorter: appended rows go into room that the file has from the start, and a file
//! without room is replaced by a longer one under the same name, which leaves the old one to those who have mapped it.
//! A row is never used for another enrolment; of an enrolment that is removed, the vector is overwritten. So a reader
//! with an old map can miss a face, but not take one for another, and it asks the database before it answers.

mod file;
mod map;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use index::{Matrix, Precision, SearchOptions};
use rusqlite::{CachedStatement, Connection, OptionalExtension};

use self::file::{ASIDE, Entry, GONE, Key};
use self::map::Map;
use crate::schema::Meta;
use crate::vector;
use crate::{Error, Result};

pub(crate) use self::file::INDEX;

/// Rows in memory from which on they are written to the file.
const FLUSH_ROWS: usize = 1024;

/// This many changes, beside half of the rows, are caught up one by one; more cost more than a new file.
const CATCH_UP: i64 = 4096;

/// Every enrolment's vector, ready to be searched.
pub(crate) struct Cache {
    folder: PathBuf,
    key: Key,
    writable: bool,
    base: Option<Map>,
    /// Enrolments that are not in the file yet, ascending.
    tail: Vec<Entry>,
    tail_rows: Matrix,
    /// Rows of the file whose person has changed, or is [`GONE`] or [`ASIDE`].
    moved: HashMap<usize, i64>,
    /// The last entry of the change log that is in all this.
    seq: i64,
}

/// An enrolment near a query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) enrolment: i64,
    pub(crate) person: i64,
    /// Cosine with the vector in half precision.
    pub(crate) score: f32,
}

/// The enrolments nearest to one query.
#[derive(Debug)]
pub(crate) struct Nearest {
    /// Best first.
    pub(crate) hits: Vec<Near>,
    /// No enrolment outside `hits` has a larger score.
    pub(crate) floor: f32,
}

impl Cache {
    /// The cache of a folder, as far as its file is good. It is refreshed before it is used.
    pub(crate) fn new(folder: &Path, meta: &Meta, connection: &Connection, writable: bool) -> Result<Self> {
        let key = Key::of(meta);
        let tail_rows = Matrix::new(key.dimension, Precision::F16)?;
        let mut cache = Self {
            folder: folder.to_owned(),
            key,
            writable,
            base: None,
            tail: Vec::new(),
            tail_rows,
            moved: HashMap::new(),
            seq: 0,
        };
        cache.reopen(connection)?;
        Ok(cache)
    }

    /// Drops everything in memory and takes what the file has.
    pub(crate) fn reopen(&mut self, connection: &Connection) -> Result<()> {
        self.forget_memory()?;
        self.base = Map::open(&self.folder.join(INDEX), &self.key);
        if let Some(base) = &self.base {
            let (seq, token) = (base.header().seq, base.header().token);
            if seq == 0 || token_of(connection, seq)? == Some(token) {
                self.seq = seq;
            } else {
                self.base = None;
            }
        }
        Ok(())
    }

    fn forget_memory(&mut self) -> Result<()> {
        self.base = None;
        self.tail.clear();
        self.tail_rows = Matrix::new(self.key.dimension, Precision::F16)?;
        self.moved.clear();
        self.seq = 0;
        Ok(())
    }

    /// The last entry of the change log that has been taken in.
    pub(crate) fn seq(&self) -> i64 {
        self.seq
    }

    /// How many rows are not in the file.
    pub(crate) fn pending(&self) -> usize {
        self.tail.len() + self.moved.len()
    }

    /// Takes in what has changed since the last time. Within a transaction, whose changes may still be rolled back,
    /// `settled` must be false: then nothing is written to the file.
    pub(crate) fn refresh(&mut self, connection: &Connection, settled: bool) -> Result<()> {
        if !self.catch_up(connection)? {
            // A cache that cannot be written is no reason to give no answer.
            if !(settled && self.writable && self.rebuild(connection).unwrap_or(false)) {
                self.load_all(connection)?;
            }
        } else if settled && self.pending() >= FLUSH_ROWS {
            let _ = self.flush(connection);
        }
        Ok(())
    }

    /// Follows the change log; false if that is impossible or a new start is cheaper.
    fn catch_up(&mut self, connection: &Connection) -> Result<bool> {
        let sql = "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM changes";
        let (oldest, newest): (i64, i64) =
            connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if newest == self.seq {
            return Ok(true);
        }
        let rows = self.base.as_ref().map_or(0, Map::rows) + self.tail.len();
        if newest < self.seq || oldest > self.seq + 1 || newest - self.seq > CATCH_UP + rows as i64 / 2 {
            return Ok(false);
        }
        let mut changes =
            connection.prepare_cached("SELECT enrolment FROM changes WHERE seq > ?1 ORDER BY seq")?;
        let sql =
            "SELECT person FROM enrolments WHERE id = ?1 UNION ALL SELECT ?2 FROM set_aside WHERE id = ?1";
        let mut person_of = connection.prepare_cached(sql)?;
        let mut vector_of = connection.prepare_cached("SELECT vector FROM enrolments WHERE id = ?1")?;
        let mut rows = changes.query([self.seq])?;
        while let Some(row) = rows.next()? {
            // What the entry says happened matters less than what is true now, which makes doing it twice harmless.
            let enrolment: i64 = row.get(0)?;
            let person: Option<i64> = person_of.query_row([enrolment, ASIDE], |row| row.get(0)).optional()?;
            if !self.set(enrolment, person.unwrap_or(GONE), &mut vector_of)? {
                return Ok(false);
            }
        }
        self.seq = newest;
        Ok(true)
    }

    /// Brings one enrolment up to date; false if its number contradicts the order of the rows.
    fn set(&mut self, enrolment: i64, person: i64, vector_of: &mut CachedStatement<'_>) -> Result<bool> {
        if let Some(row) = self.base.as_ref().and_then(|base| base.find(enrolment)) {
            let in_file = self.base.as_ref().map(|base| base.entry(row).person);
            if in_file == Some(person) {
                self.moved.remove(&row);
            } else {
                self.moved.insert(row, person);
            }
            return Ok(true);
        }
        match self.tail.binary_search_by_key(&enrolment, |entry| entry.enrolment) {
            Ok(at) => {
                self.tail[at].person = person;
                if person == GONE {
                    self.tail_rows.clear(at)?;
                }
                Ok(true)
            }
            Err(_) if matches!(person, GONE | ASIDE) => Ok(true),
            Err(at) => {
                let in_order = at == self.tail.len()
                    && self.base.as_ref().and_then(Map::last).is_none_or(|last| last.enrolment < enrolment);
                if in_order {
                    let bytes: Vec<u8> = vector_of.query_row([enrolment], |row| row.get(0))?;
                    self.push(Entry { enrolment, person }, &vector::read(&bytes, self.key.dimension)?)?;
                }
                Ok(in_order)
            }
        }
    }

    fn push(&mut self, entry: Entry, vector: &[f32]) -> Result<()> {
        self.tail_rows.push(vector)?;
        self.tail.push(entry);
        Ok(())
    }

    /// Reads everything into memory, where the file can be neither used nor written.
    fn load_all(&mut self, connection: &Connection) -> Result<()> {
        self.forget_memory()?;
        let seq = newest(connection)?;
        let mut all = connection.prepare("SELECT id, person, vector FROM enrolments ORDER BY id")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let entry = Entry { enrolment: row.get(0)?, person: row.get(1)? };
            self.push(
                entry,
                &vector::read(row.get_ref(2)?.as_blob().map_err(wrong_type)?, self.key.dimension)?,
            )?;
        }
        self.seq = seq;
        Ok(())
    }

    /// Who stands in a row of the file, as far as is known now.
    fn entry(&self, base: &Map, row: usize) -> Entry {
        let entry = base.entry(row);
        Entry { person: self.moved.get(&row).copied().unwrap_or(entry.person), ..entry }
    }

    /// The `k` rows with the largest cosine for each query (vectors one after another). Rows of enrolments that are
    /// forgotten or set aside count among the `k` but are not in the answer.
    pub(crate) fn search(&self, queries: &[f32], k: usize, threads: usize) -> Result<Vec<Nearest>> {
        let options = SearchOptions { threads, ..SearchOptions::default() };
        let none = f32::NEG_INFINITY;
        let mut found: Vec<Nearest> = (0..queries.len() / self.key.dimension)
            .map(|_| Nearest { hits: Vec::new(), floor: none })
            .collect();
        if let Some(base) = &self.base {
            for (nearest, hits) in found.iter_mut().zip(base.view()?.search(queries, k, &options)?) {
                let complete = hits.len() < k;
                nearest.floor = if complete { none } else { hits.last().map_or(none, |hit| hit.score) };
                nearest.hits.extend(hits.iter().map(|hit| {
                    let Entry { enrolment, person } = self.entry(base, hit.row);
                    Near { enrolment, person, score: hit.score }
                }));
            }
        }
        if !self.tail.is_empty() {
            for (nearest, hits) in found.iter_mut().zip(self.tail_rows.search(queries, k, &options)?) {
                if hits.len() == k {
                    nearest.floor = nearest.floor.max(hits.last().map_or(none, |hit| hit.score));
                }
                nearest.hits.extend(hits.iter().map(|hit| {
                    let Entry { enrolment, person } = self.tail[hit.row];
                    Near { enrolment, person, score: hit.score }
                }));
            }
        }
        for nearest in &mut found {
            nearest.hits.retain(|near| !matches!(near.person, GONE | ASIDE));
            nearest.hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.enrolment.cmp(&b.enrolment)));
        }
        Ok(found)
    }

    /// How many rows a search looks at.
    pub(crate) fn rows(&self) -> usize {
        self.base.as_ref().map_or(0, Map::rows) + self.tail.len()
    }

    /// Calls `visit` with every enrolment, its person and its vector rounded to half precision.
    pub(crate) fn each(&self, mut visit: impl FnMut(i64, i64, &[f32])) -> Result<()> {
        let mut show = |entry: Entry, row: Option<Vec<f32>>| {
            if let Some(vector) = row.filter(|_| !matches!(entry.person, GONE | ASIDE)) {
                visit(entry.enrolment, entry.person, &vector);
            }
        };
        if let Some(base) = &self.base {
            let view = base.view()?;
            (0..base.rows()).for_each(|row| show(self.entry(base, row), view.row(row)));
        }
        let view = self.tail_rows.view();
        self.tail.iter().enumerate().for_each(|(row, &entry)| show(entry, view.row(row)));
        Ok(())
    }
}

/// The last entry of the change log.
fn newest(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM changes", [], |row| row.get(0))?)
}

fn token_of(connection: &Connection, seq: i64) -> Result<Option<i64>> {
    let sql = "SELECT token FROM changes WHERE seq = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([seq], |row| row.get(0)).optional()?)
}

pub(crate) fn wrong_type(error: rusqlite::types::FromSqlError) -> Error {
    Error::Corrupt { reason: format!("a value has the wrong type: {error}") }
}

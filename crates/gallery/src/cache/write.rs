//! Writing the cache file: in place where a row is added, moved or blanked, else a new file under the old name.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use half::f16;
use half::slice::HalfFloatSliceExt;
use rusqlite::Connection;

use super::file::{ENTRY, Entry, GONE, HEADER_SPACE, Header, INDEX, blank};
use super::map::Map;
use super::{Cache, newest, token_of, wrong_type};
use crate::error::io as io_error;
use crate::schema::PATIENCE;
use crate::{Error, Result, vector};

const LOCK: &str = "index.lock";
/// A file in the making. There is at most one, and only the holder of the lock touches it.
const NEW: &str = "index.f16.new";

/// Room for rows to come, beside half of those that there are.
const SPARE_ROWS: usize = 1024;

/// Blank rows, beside a quarter of all, from which on a file is written without them.
const BLANK_ROWS: usize = 256;

/// The right to write the file, given up when dropped.
struct Lock(#[allow(dead_code, reason = "the lock lives as long as the file is open")] File);

impl Cache {
    /// Writes what is only in memory into the file, unless another process is at it. An error leaves the file
    /// incomplete but good.
    pub(crate) fn flush(&mut self, connection: &Connection) -> Result<()> {
        if !self.writable || self.pending() == 0 {
            return Ok(());
        }
        let Some(lock) = self.lock(Duration::ZERO)? else { return Ok(()) };
        self.write(connection, &lock, false)
    }

    /// As [`Cache::flush`], but waits for other processes, and leaves no trace of a vector that the database no longer
    /// has: neither in rows, nor in what a crash left beyond them, nor in other files. Everything is synced.
    pub(crate) fn wipe(&mut self, connection: &Connection) -> Result<()> {
        let lock = self.lock(PATIENCE)?.ok_or(Error::Busy)?;
        overwrite(&self.folder.join(NEW))?;
        self.write(connection, &lock, true)
    }

    /// Makes the file anew from the database; false if another process is writing it.
    pub(super) fn rebuild(&mut self, connection: &Connection) -> Result<bool> {
        let Some(lock) = self.lock(Duration::ZERO)? else { return Ok(false) };
        self.reopen(connection)?;
        if !self.catch_up(connection)? {
            self.write_from_database(connection, &lock)?;
        }
        Ok(true)
    }

    /// Makes the file anew from the database, however good it seems.
    pub(crate) fn renew(&mut self, connection: &Connection) -> Result<()> {
        let lock = self.lock(PATIENCE)?.ok_or(Error::Busy)?;
        self.write_from_database(connection, &lock)
    }

    fn lock(&self, patience: Duration) -> Result<Option<Lock>> {
        let path = self.folder.join(LOCK);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io_error("open", &path))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Lock(file))),
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(io_error("lock", path)(error)),
            }
        }
    }

    fn write(&mut self, connection: &Connection, lock: &Lock, wipe: bool) -> Result<()> {
        // Another process may have written the file since this one mapped it.
        self.reopen(connection)?;
        if self.base.is_none() && wipe {
            overwrite(&self.folder.join(INDEX))?;
        }
        if !self.catch_up(connection)? {
            if wipe {
                overwrite(&self.folder.join(INDEX))?;
            }
            return self.write_from_database(connection, lock);
        }
        let Some(base) = &self.base else {
            return if self.tail.is_empty() { Ok(()) } else { self.write_from_memory(connection, lock) };
        };
        let path = self.folder.join(INDEX);
        let failed = || io_error("write", path.clone());
        let mut file = File::options().write(true).open(&path).map_err(failed())?;
        self.write_in_place(&mut file, base, wipe).map_err(failed())?;

        let rows = base.rows();
        let gone = (0..rows).filter(|&row| self.entry(base, row).person == GONE).count();
        if rows + self.tail.len() > base.header().capacity || gone > BLANK_ROWS + rows / 4 {
            return self.write_from_memory(connection, lock);
        }
        let header = Header {
            rows: rows + self.tail.len(),
            seq: self.seq,
            token: token_of(connection, self.seq)?.unwrap_or(0),
            ..base.header().clone()
        };
        self.append(&mut file, &header, rows).map_err(failed())?;
        drop(file);
        self.reopen(connection)
    }

    /// Writes moved and blank rows, and zeros over what lies beyond the last row where that matters.
    fn write_in_place(&self, file: &mut File, base: &Map, wipe: bool) -> io::Result<()> {
        let header = base.header();
        for (&row, &person) in &self.moved {
            let entry = Entry { person, ..base.entry(row) };
            write_at(file, header.entry_at(row), &entry.to_bytes())?;
            if person == GONE {
                write_at(file, header.vector_at(row), &blank(header.key.dimension))?;
            }
        }
        if wipe {
            for row in base.rows()..header.capacity {
                let left_by_a_crash = base.vectors(row..row + 1);
                if left_by_a_crash.iter().any(|&byte| byte != 0) {
                    write_at(file, header.vector_at(row), &vec![0; left_by_a_crash.len()])?;
                }
            }
        }
        file.sync_data()
    }

    /// Writes the rows in memory behind the others, and when they are safe the header that counts them.
    fn append(&self, file: &mut File, header: &Header, from: usize) -> io::Result<()> {
        let entries: Vec<u8> = self.tail.iter().flat_map(|entry| entry.to_bytes()).collect();
        write_at(file, header.entry_at(from), &entries)?;
        file.seek(SeekFrom::Start(header.vector_at(from) as u64))?;
        let view = self.tail_rows.view();
        let mut out = BufWriter::new(&*file);
        for (row, entry) in self.tail.iter().enumerate() {
            out.write_all(&match view.row(row) {
                Some(vector) if entry.person != GONE => halves(&vector),
                _ => blank(header.key.dimension),
            })?;
        }
        out.flush()?;
        drop(out);
        file.sync_data()?;
        write_at(file, 0, &header.to_bytes())?;
        file.sync_data()
    }

    /// A new file of the rows that there are, without blank ones.
    fn write_from_memory(&mut self, connection: &Connection, _lock: &Lock) -> Result<()> {
        let rows = self.rows();
        let mut new = NewFile::create(&self.folder, self.header(rows, self.seq, connection)?)?;
        if let Some(base) = &self.base {
            for row in 0..base.rows() {
                new.push(self.entry(base, row), base.vectors(row..row + 1))?;
            }
        }
        let view = self.tail_rows.view();
        for (row, &entry) in self.tail.iter().enumerate() {
            if let Some(vector) = view.row(row) {
                new.push(entry, &halves(&vector))?;
            }
        }
        new.finish()?;
        self.reopen(connection)
    }

    /// A new file of what the database has.
    fn write_from_database(&mut self, connection: &Connection, _lock: &Lock) -> Result<()> {
        // Rows may be newer than this number; they are then taken in once more, which changes nothing.
        let seq = newest(connection)?;
        let rows: i64 = connection.query_row("SELECT count(*) FROM enrolments", [], |row| row.get(0))?;
        let mut new =
            NewFile::create(&self.folder, self.header(usize::try_from(rows).unwrap_or(0), seq, connection)?)?;
        let mut all = connection.prepare("SELECT id, person, vector FROM enrolments ORDER BY id")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            if new.is_full() {
                break; // enrolled since the rows were counted, so the change log has it
            }
            let bytes = row.get_ref(2)?.as_blob().map_err(wrong_type)?;
            let entry = Entry { enrolment: row.get(0)?, person: row.get(1)? };
            new.push(entry, &halves(&vector::read(bytes, self.key.dimension)?))?;
        }
        drop(rows);
        drop(all);
        new.finish()?;
        self.reopen(connection)?;
        self.catch_up(connection)?;
        Ok(())
    }

    fn header(&self, rows: usize, seq: i64, connection: &Connection) -> Result<Header> {
        let token = token_of(connection, seq)?.unwrap_or(0);
        let capacity = rows.saturating_add(rows / 2).saturating_add(SPARE_ROWS);
        Ok(Header { key: self.key.clone(), capacity, rows: 0, seq, token })
    }
}

/// A cache file in the making, which takes the place of the old one when it is finished and disappears when it is not.
struct NewFile {
    folder: PathBuf,
    header: Header,
    vectors: BufWriter<File>,
    entries: Vec<u8>,
}

impl NewFile {
    fn create(folder: &Path, header: Header) -> Result<Self> {
        let path = folder.join(NEW);
        let failed = || io_error("write", path.clone());
        let too_long = || failed()(io::ErrorKind::FileTooLarge.into());
        let file = File::create(&path).map_err(failed())?;
        let length = header.length().ok_or_else(too_long)?;
        let mut vectors = BufWriter::with_capacity(1 << 20, file);
        let prepared = vectors
            .get_ref()
            .set_len(length)
            .and_then(|()| vectors.seek(SeekFrom::Start(header.vector_at(0) as u64)));
        let new = Self { folder: folder.to_owned(), header, vectors, entries: Vec::new() };
        prepared.map_err(failed())?;
        Ok(new)
    }

    fn is_full(&self) -> bool {
        self.header.rows == self.header.capacity
    }

    fn push(&mut self, entry: Entry, vector: &[u8]) -> Result<()> {
        if entry.person != GONE {
            self.vectors.write_all(vector).map_err(io_error("write", self.folder.join(NEW)))?;
            self.entries.extend(entry.to_bytes());
            self.header.rows += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        debug_assert_eq!(self.entries.len(), self.header.rows * ENTRY);
        self.write_rest().map_err(io_error("write", self.folder.join(INDEX)))
    }

    fn write_rest(&mut self) -> io::Result<()> {
        self.vectors.flush()?;
        let file = self.vectors.get_mut();
        write_at(file, HEADER_SPACE, &self.entries)?;
        file.sync_all()?;
        write_at(file, 0, &self.header.to_bytes())?;
        file.sync_all()?;
        fs::rename(self.folder.join(NEW), self.folder.join(INDEX))?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Once finished it has another name.
        let _ = fs::remove_file(self.folder.join(NEW));
    }
}

fn halves(vector: &[f32]) -> Vec<u8> {
    let mut halves = vec![f16::ZERO; vector.len()];
    halves.convert_from_f32_slice(vector);
    halves.iter().flat_map(|half| half.to_le_bytes()).collect()
}

fn write_at(file: &mut File, at: usize, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at as u64))?;
    file.write_all(bytes)
}

/// Writes zeros over a file, syncs and removes it.
fn overwrite(path: &Path) -> Result<()> {
    let zero = || -> io::Result<()> {
        let mut file = match File::options().write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let length = file.metadata()?.len();
        io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
        file.sync_all()?;
        fs::remove_file(path)
    };
    zero().map_err(io_error("overwrite", path))
}

//! The file as it is mapped into memory.
#![allow(unsafe_code)] // a memory map is unsafe by nature; this is the only place

use std::fs::File;
use std::path::Path;

use index::View;
use memmap2::Mmap;

use super::file::{ENTRY, Entry, HEADER, Header, Key};

/// A good cache file, mapped.
pub(crate) struct Map {
    map: Mmap,
    header: Header,
}

impl Map {
    /// Maps the file if it is there, undamaged, and a copy of what `key` names.
    pub(crate) fn open(path: &Path, key: &Key) -> Option<Self> {
        let file = File::open(path).ok()?;
        // SAFETY: the bytes are only read, as plain numbers of which every bit pattern is valid. Writers never make the
        // file shorter (see the module `cache`), and what they change under this map are numbers: a row of which half is
        // old is a wrong candidate, which the database then corrects. Another program that truncates the file can kill
        // this process with a signal, as with every mapped file.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let header = Header::from_bytes(map.first_chunk::<HEADER>()?, map.len() as u64)?;
        (header.key == *key).then_some(Self { map, header })
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// Rows in use when the file was opened.
    pub(crate) fn rows(&self) -> usize {
        self.header.rows
    }

    /// The entry of a row below [`Map::rows`].
    pub(crate) fn entry(&self, row: usize) -> Entry {
        let mut bytes = [0; ENTRY];
        let at = self.header.entry_at(row);
        bytes.copy_from_slice(&self.map[at..at + ENTRY]);
        Entry::from_bytes(bytes)
    }

    /// The last row's entry.
    pub(crate) fn last(&self) -> Option<Entry> {
        self.rows().checked_sub(1).map(|row| self.entry(row))
    }

    /// The row of an enrolment, gone or not. Entries are ascending.
    pub(crate) fn find(&self, enrolment: i64) -> Option<usize> {
        let (mut low, mut high) = (0, self.rows());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).enrolment < enrolment { low = middle + 1 } else { high = middle }
        }
        (low < self.rows() && self.entry(low).enrolment == enrolment).then_some(low)
    }

    /// The vectors of all rows.
    pub(crate) fn view(&self) -> Result<View<'_>, index::Error> {
        let bytes = &self.map[self.header.vector_at(0)..self.header.vector_at(self.rows())];
        View::f16_bytes(self.header.key.dimension, bytes)
    }

    /// The bytes of the vectors of some rows below the capacity.
    pub(crate) fn vectors(&self, rows: std::ops::Range<usize>) -> &[u8] {
        &self.map[self.header.vector_at(rows.start)..self.header.vector_at(rows.end)]
    }
}

//! The layout of `index.f16`:
//!
//! | from byte | what |
//! |---|---|
//! | 0 | header, 120 bytes, padded to 4096 |
//! | 4096 | one entry per row: enrolment and person, each `i64`; for `capacity` rows |
//! | next multiple of 4096 | one vector per row: `dimension` half-precision numbers; for `capacity` rows |
//!
//! All numbers are little-endian. The first `rows` rows are in use, ascending by enrolment. The entry of a forgotten
//! enrolment keeps its number, has person 0 and a blank vector; that of one that is set aside has person -1.

use crate::schema::Meta;

/// Name of the cache within the gallery's folder.
pub(crate) const INDEX: &str = "index.f16";

/// The person of an enrolment that is no more.
pub(crate) const GONE: i64 = 0;

/// The person of an enrolment that is set aside: it is not searched, but may come back.
pub(crate) const ASIDE: i64 = -1;

pub(crate) const HEADER_SPACE: usize = 4096;
pub(crate) const HEADER: usize = 120;
pub(crate) const ENTRY: usize = 16;

const MAGIC: [u8; 8] = *b"omotef16";
const VERSION: u32 = 1;

/// A half-precision NaN: the first value of a blank row, since a row with a NaN is never found. The others are 0.
const NAN: [u8; 2] = 0x7e00u16.to_le_bytes();

/// What the file must be a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) gallery: [u8; 16],
    pub(crate) fingerprint: [u8; 32],
    pub(crate) generation: i64,
    pub(crate) dimension: usize,
    pub(crate) flip: bool,
}

impl Key {
    pub(crate) fn of(meta: &Meta) -> Self {
        Self {
            gallery: meta.gallery,
            fingerprint: meta.model.fingerprint.0,
            generation: meta.generation,
            dimension: meta.model.dimension,
            flip: meta.model.flip,
        }
    }
}

/// Who a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) enrolment: i64,
    pub(crate) person: i64,
}

impl Entry {
    pub(crate) fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&self.enrolment.to_le_bytes());
        bytes[8..].copy_from_slice(&self.person.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; ENTRY]) -> Self {
        let mut reader = Reader(&bytes);
        Self { enrolment: i64::from_le_bytes(reader.take()), person: i64::from_le_bytes(reader.take()) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) key: Key,
    /// Rows that the file has room for.
    pub(crate) capacity: usize,
    /// Rows in use.
    pub(crate) rows: usize,
    /// The last entry of the change log that is in the file, and its token.
    pub(crate) seq: i64,
    pub(crate) token: i64,
}

impl Header {
    pub(crate) fn to_bytes(&self) -> [u8; HEADER] {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((self.key.dimension as u32).to_le_bytes());
        bytes.extend(self.key.gallery);
        bytes.extend(self.key.fingerprint);
        bytes.extend(self.key.generation.to_le_bytes());
        bytes.extend(u64::from(self.key.flip).to_le_bytes());
        bytes.extend((self.capacity as u64).to_le_bytes());
        bytes.extend((self.rows as u64).to_le_bytes());
        bytes.extend(self.seq.to_le_bytes());
        bytes.extend(self.token.to_le_bytes());
        bytes.extend(checksum(&bytes).to_le_bytes());
        let mut header = [0; HEADER];
        header.copy_from_slice(&bytes);
        header
    }

    /// The header, if it is one, is undamaged, and claims nothing that would not fit into a file of `length` bytes.
    pub(crate) fn from_bytes(bytes: &[u8; HEADER], length: u64) -> Option<Self> {
        let mut reader = Reader(bytes);
        let right = reader.take() == MAGIC && u32::from_le_bytes(reader.take()) == VERSION;
        let dimension = u32::from_le_bytes(reader.take()) as usize;
        let (gallery, fingerprint) = (reader.take(), reader.take());
        let generation = i64::from_le_bytes(reader.take());
        let flip = u64::from_le_bytes(reader.take()) == 1;
        let capacity = usize::try_from(u64::from_le_bytes(reader.take())).ok()?;
        let rows = usize::try_from(u64::from_le_bytes(reader.take())).ok()?;
        let (seq, token) = (i64::from_le_bytes(reader.take()), i64::from_le_bytes(reader.take()));
        let whole = u64::from_le_bytes(reader.take()) == checksum(&bytes[..HEADER - 8]);
        let key = Key { gallery, fingerprint, generation, dimension, flip };
        let header = Self { key, capacity, rows, seq, token };
        (right && whole && rows <= capacity && header.length()? <= length).then_some(header)
    }

    /// First byte of the vectors; `None` if the file would be too long for this machine.
    fn vectors(&self) -> Option<usize> {
        self.capacity.checked_mul(ENTRY)?.checked_add(HEADER_SPACE)?.checked_next_multiple_of(HEADER_SPACE)
    }

    fn row_bytes(&self) -> usize {
        self.key.dimension * 2
    }

    /// Length of the file in bytes.
    pub(crate) fn length(&self) -> Option<u64> {
        let length = self.capacity.checked_mul(self.row_bytes())?.checked_add(self.vectors()?)?;
        u64::try_from(length).ok()
    }

    /// First byte of a row's entry. The row must be below the capacity of a header whose length is known to be good.
    pub(crate) fn entry_at(&self, row: usize) -> usize {
        HEADER_SPACE + row * ENTRY
    }

    /// First byte of a row's vector; as [`Header::entry_at`].
    pub(crate) fn vector_at(&self, row: usize) -> usize {
        self.entry_at(self.capacity).next_multiple_of(HEADER_SPACE) + row * self.row_bytes()
    }
}

/// The vector of a forgotten enrolment.
pub(crate) fn blank(dimension: usize) -> Vec<u8> {
    let mut bytes = vec![0; dimension * 2];
    bytes[..2].copy_from_slice(&NAN);
    bytes
}

/// FNV-1a: against accidents, not against forgers, who could write the rows as well.
fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// The next `N` bytes; the callers take no more than there are.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (head, rest) = self.0.split_at(N);
        bytes.copy_from_slice(head);
        self.0 = rest;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let key = Key { gallery: [1; 16], fingerprint: [2; 32], generation: 3, dimension: 5, flip: true };
        Header { key, capacity: 300, rows: 7, seq: 11, token: -13 }
    }

    #[test]
    fn header_and_entry_come_back() {
        let header = header();
        let length = header.length().unwrap();
        assert_eq!(Header::from_bytes(&header.to_bytes(), length), Some(header.clone()));
        assert_eq!(length as usize, header.vector_at(header.capacity));
        assert!(
            header.entry_at(header.capacity) <= header.vector_at(0)
                && header.vector_at(0).is_multiple_of(HEADER_SPACE)
        );
        let entry = Entry { enrolment: i64::MAX, person: -2 };
        assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
    }

    #[test]
    fn any_changed_byte_and_a_short_file_are_noticed() {
        let header = header();
        let length = header.length().unwrap();
        let bytes = header.to_bytes();
        for at in 0..HEADER {
            let mut damaged = bytes;
            damaged[at] ^= 0x10;
            assert_eq!(Header::from_bytes(&damaged, length), None, "byte {at}");
        }
        assert_eq!(Header::from_bytes(&bytes, length - 1), None);
    }

    #[test]
    fn a_forged_header_does_not_overflow() {
        for capacity in [usize::MAX, usize::MAX / 16, usize::MAX / 2] {
            let forged = Header { capacity, rows: capacity, ..header() };
            assert_eq!(Header::from_bytes(&forged.to_bytes(), u64::MAX), None);
        }
        let more_rows_than_room = Header { rows: 301, ..header() };
        assert_eq!(Header::from_bytes(&more_rows_than_room.to_bytes(), u64::MAX), None);
    }
}

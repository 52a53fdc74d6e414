//! Records of a file, read where they lie.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What every record begins with.
const MAGIC: [u8; 4] = 0xced7_230a_u32.to_le_bytes();
/// Bits of the length in the second word; those above say which part of a record it is.
const LENGTH_BITS: u32 = 29;
/// Bytes before those of a record.
const FRAME: u64 = 8;
/// Bytes of the head: flag, label, and two numbers of 64 bits.
const HEAD: usize = 24;
/// What is said of a record whose labels do not end within it.
const SHORT: &str = "is too short for its head: copy the file again";
/// Largest record.
const LARGEST: u64 = 64 << 20;

/// A file of records, from which several threads read at a time.
#[derive(Debug)]
pub(super) struct Records {
    path: PathBuf,
    bytes: u64,
    /// Handles that nobody reads from now: as many as were needed at a time.
    free: Mutex<Vec<File>>,
}

/// A record: what is said of the picture, and the picture.
#[derive(Debug, PartialEq)]
pub(super) struct Packed<'a> {
    /// As many labels as the flag says, or the one of the head.
    pub(super) labels: Vec<f32>,
    /// The picture's file; empty in records that say something of others.
    pub(super) picture: &'a [u8],
}

impl Records {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), bytes, free: Mutex::new(vec![file]) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes of the record at a place.
    pub(super) fn read(&self, place: u64) -> Result<Vec<u8>, String> {
        self.with_file(|file| whole(file, place, self.bytes))
    }

    /// The first label of the record at a place, and whether it has a picture, as far as that can be told without reading it.
    pub(super) fn label(&self, place: u64) -> Result<(f32, bool), String> {
        self.with_file(|file| {
            let part = Part::at(file, place, self.bytes)?;
            let mut start = [0; HEAD + 4];
            let is_short = part.length < start.len() as u64;
            if part.is_whole() && !is_short {
                file.read_exact(&mut start).map_err(|error| error.to_string())?;
                let (flag, label) = (word(&start, 0), f32::from_bits(word(&start, 4)));
                let first = if flag == 0 { label } else { f32::from_bits(word(&start, HEAD)) };
                let labels_end = HEAD as u64 + 4 * u64::from(flag);
                if part.length < labels_end {
                    return Err(SHORT.to_owned());
                }
                return Ok((first, part.length > labels_end));
            }
            let bytes = whole(file, place, self.bytes)?;
            let packed = Packed::of(&bytes)?;
            Ok((packed.labels.first().copied().unwrap_or(f32::NAN), !packed.picture.is_empty()))
        })
    }

    fn with_file<T>(&self, work: impl FnOnce(&mut File) -> Result<T, String>) -> Result<T, String> {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = free().pop();
        let mut file = match kept {
            Some(file) => file,
            None => File::open(&self.path).map_err(|error| error.to_string())?,
        };
        let done = work(&mut file);
        free().push(file);
        done
    }
}

/// A part of a record, as its frame says.
struct Part {
    kind: u32,
    length: u64,
}

impl Part {
    /// Reads a frame and stands behind it.
    fn at(file: &mut File, place: u64, end: u64) -> Result<Self, String> {
        let mut frame = [0; FRAME as usize];
        let cut_off = || "is cut off: copy the file again".to_owned();
        file.seek(SeekFrom::Start(place)).map_err(|error| error.to_string())?;
        file.read_exact(&mut frame).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => cut_off(),
            _ => error.to_string(),
        })?;
        if frame[..4] != MAGIC {
            return Err(
                "does not begin where the list says: train.idx belongs to another train.rec".to_owned()
            );
        }
        let (kind, length) = (word(&frame, 4) >> LENGTH_BITS, word(&frame, 4) & ((1 << LENGTH_BITS) - 1));
        let length = u64::from(length);
        if place.saturating_add(FRAME + length) > end {
            return Err(cut_off());
        }
        Ok(Self { kind, length })
    }

    fn is_whole(&self) -> bool {
        self.kind == 0
    }
}

/// All bytes of a record, its parts put together.
fn whole(file: &mut File, mut place: u64, end: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for number in 0.. {
        let part = Part::at(file, place, end)?;
        let is_expected = if number == 0 { part.kind <= 1 } else { part.kind == 2 || part.kind == 3 };
        if !is_expected {
            return Err("is in parts that do not follow each other: copy the file again".to_owned());
        }
        if number > 0 {
            // The writer cut it out, so that the magic number stands nowhere but before records.
            bytes.extend(MAGIC);
        }
        if bytes.len() as u64 + part.length > LARGEST {
            return Err(format!("is larger than {LARGEST} bytes and so holds no picture of a face"));
        }
        let start = bytes.len();
        bytes.resize(start + part.length as usize, 0);
        file.read_exact(bytes.get_mut(start..).unwrap_or_default()).map_err(|error| error.to_string())?;
        if part.kind == 0 || part.kind == 3 {
            break;
        }
        place += FRAME + part.length.next_multiple_of(4);
    }
    Ok(bytes)
}

impl<'a> Packed<'a> {
    /// Takes the bytes of a record apart.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, String> {
        let short = || SHORT.to_owned();
        let (head, rest) = bytes.split_at_checked(HEAD).ok_or_else(short)?;
        let flag = word(head, 0) as usize;
        if flag == 0 {
            return Ok(Self { labels: vec![f32::from_bits(word(head, 4))], picture: rest });
        }
        let (labels, picture) =
            flag.checked_mul(4).and_then(|end| rest.split_at_checked(end)).ok_or_else(short)?;
        let (labels, _) = labels.as_chunks::<4>();
        Ok(Self { labels: labels.iter().map(|label| f32::from_le_bytes(*label)).collect(), picture })
    }
}

/// The word at a place of bytes that are long enough.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
}

/// A writer, for tests.
#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// The bytes of a record as MXNet packs them: one label without a flag, or several with it.
    pub(crate) fn packed(labels: &[f32], picture: &[u8]) -> Vec<u8> {
        let (flag, label) = if let [label] = labels { (0, *label) } else { (labels.len() as u32, 0.0) };
        let mut bytes = [flag.to_le_bytes(), label.to_le_bytes()].concat();
        bytes.extend([0; 16]);
        if flag > 0 {
            bytes.extend(labels.iter().flat_map(|label| label.to_le_bytes()));
        }
        bytes.extend(picture);
        bytes
    }

    /// Writes a record as dmlc's writer does: in parts where the magic number stands at a multiple of 4.
    pub(crate) fn put(file: &mut Vec<u8>, bytes: &[u8]) {
        let mut parts = vec![];
        let mut start = 0;
        for at in (0..bytes.len() & !3).step_by(4) {
            if bytes[at..at + 4] == MAGIC {
                parts.push(&bytes[start..at]);
                start = at + 4;
            }
        }
        parts.push(&bytes[start..]);
        let last = parts.len() - 1;
        for (number, part) in parts.into_iter().enumerate() {
            let kind = match (number, last) {
                (0, 0) => 0,
                (0, _) => 1,
                (number, last) if number == last => 3,
                _ => 2_u32,
            };
            file.extend(MAGIC);
            file.extend((kind << LENGTH_BITS | part.len() as u32).to_le_bytes());
            file.extend(part);
            file.resize(file.len().next_multiple_of(4), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{packed, put};
    use super::*;

    fn records(bytes: &[u8]) -> (tempfile::TempDir, Records) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rec");
        std::fs::write(&path, bytes).unwrap();
        let records = Records::open(&path).unwrap();
        (folder, records)
    }

    #[test]
    fn a_record_is_as_mxnet_packs_it() {
        // By hand: `mx.recordio.pack(IRHeader(0, 7.0, 1, 0), b"abcde")` in the frame of MXRecordIO.
        let golden =
            b"\x0a\x23\xd7\xce\x1d\0\0\0\0\0\0\0\0\0\xe0\x40\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abcde\0\0\0";
        let (_folder, records) = records(golden);
        let bytes = records.read(0).unwrap();
        assert_eq!(Packed::of(&bytes).unwrap(), Packed { labels: vec![7.0], picture: b"abcde" });
        assert_eq!(records.label(0).unwrap(), (7.0, true));
    }

    #[test]
    fn parts_are_put_together() {
        let magic = MAGIC.to_vec();
        let pictures = [
            b"plain".to_vec(),
            magic.clone(),
            [&b"abcd"[..], &magic, &magic, b"ef"].concat(),
            // Not at a multiple of 4, so it is left where it is.
            [&b"a"[..], &magic, b"b"].concat(),
            vec![],
        ];
        let (mut file, mut places) = (vec![], vec![]);
        for picture in &pictures {
            for labels in [&[3.0][..], &[5.0, 6.0]] {
                places.push((file.len() as u64, labels, picture));
                put(&mut file, &packed(labels, picture));
            }
        }
        let (_folder, records) = records(&file);
        for (place, labels, picture) in places {
            let bytes = records.read(place).unwrap();
            assert_eq!(Packed::of(&bytes).unwrap(), Packed { labels: labels.to_vec(), picture });
            assert_eq!(records.label(place).unwrap(), (labels[0], !picture.is_empty()));
        }
    }

    #[test]
    fn a_head_may_hold_the_magic_number() {
        let mut file = vec![];
        put(&mut file, &packed(&[f32::from_le_bytes(MAGIC)], b"a picture"));
        let (_folder, records) = records(&file);
        assert_eq!(records.label(0).unwrap(), (f32::from_le_bytes(MAGIC), true));
    }

    #[test]
    fn a_flag_beyond_the_record_is_damage() {
        let mut file = vec![];
        put(&mut file, &packed(&[1.0, 2.0], b"a picture"));
        file[FRAME as usize + 3] = 0x80;
        let (_folder, records) = records(&file);
        assert!(records.label(0).unwrap_err().contains("too short"));
        assert!(Packed::of(&records.read(0).unwrap()).unwrap_err().contains("too short"));
    }

    #[test]
    fn damage_is_told_and_never_a_panic() {
        let mut file = vec![];
        put(&mut file, &packed(&[1.0, 2.0], &[&b"abcd"[..], &MAGIC, b"ef"].concat()));
        for cut in 0..file.len() {
            let (_folder, records) = records(&file[..cut]);
            // The last bytes only fill the record.
            assert!(records.read(0).is_err() || cut >= file.len() - 2, "{cut}");
        }
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut file = file.clone();
                file[at] ^= 1 << bit;
                let (_folder, records) = records(&file);
                let read = records.read(0);
                let _ = (records.label(0), read.as_deref().map(Packed::of));
                assert!(at >= 4 || read.unwrap_err().contains("train.idx"));
            }
        }
        let (_folder, records) = records(&file);
        assert!(records.read(4).unwrap_err().contains("does not begin"));
        assert!(records.read(u64::MAX - 3).is_err());
        assert!(Packed::of(&[255; 30]).unwrap_err().contains("too short"));
    }
}

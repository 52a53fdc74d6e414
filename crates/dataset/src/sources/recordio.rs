//! InsightFace's training sets: MXNet RecordIO.

mod labels;
mod records;

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use imaging::{DecodeOptions, decode};

use self::labels::{Picture, pictures};
use self::records::{Packed, Records};
use super::lines::each_line;
use super::photos::{MOST, Unread, recipe};
use crate::classes::Naming;
use crate::error::file;
use crate::{Classes, Column, Error, Kept, Kind, Sample, Source, Value};

/// What stands in the list of places: the number of a record, and where it begins.
type Index = Vec<(u64, u64)>;

/// A set as InsightFace publishes them (MS1M, Glint360K, WebFace ...): three files, `train.rec` with the pictures,
/// `train.idx` with the places of its records, and `property` with the number of people.
///
/// # Format
/// `train.idx` is text: the number of a record, a TAB, and the byte at which it begins. A record is the magic number
/// `0xced7230a`, a word with its length (lower 29 bits) and whether it is whole (upper 3 bits: 0 whole, 1 the first part, 2
/// a middle one, 3 the last), and the bytes, filled to a multiple of 4; between two parts the magic number was cut out. All
/// numbers are little-endian. The bytes are a head (flag `u32`, label `f32`, two numbers of 64 bits), then as many labels
/// `f32` as the flag says, which take the place of the first, and a picture in any format that `imaging` knows.
///
/// Record 0 says in two labels where the records of people begin and end. Each of these says in two labels which records are
/// this person's pictures. Where there are none, or they do not hold for all pictures, every picture's own label is read, which
/// takes as long as it takes to go through the file once. Labels are `f32`, and so not exact from 2^24 on: sets of more
/// records are always read label by label.
///
/// Nothing but places and labels is held in memory, about 24 bytes for each picture.
#[derive(Debug)]
pub struct RecordIo {
    records: Records,
    pictures: Vec<Picture>,
    names: Vec<String>,
    remarks: Vec<String>,
}

impl RecordIo {
    /// Opens a folder with `train.rec`, or a file of another name that ends in `.rec`. Its `.idx` must lie beside it.
    ///
    /// # Errors
    /// [`Error::File`] if a file cannot be read, [`Error::Folder`] if one is not what it should be.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let packed = if path.is_dir() { path.join("train.rec") } else { path.to_owned() };
        let listed = packed.with_extension("idx");
        let refused = |path: &Path, reason: String| Error::Folder { path: path.to_owned(), reason };
        for path in [&packed, &listed] {
            if !path.is_file() {
                let reason = "is not there: train.rec and train.idx lie side by side".to_owned();
                return Err(refused(path, reason));
            }
        }
        let records = Records::open(&packed).map_err(file(&packed))?;
        let index = index(&listed, records.bytes())?;
        let mut naming = Naming::default();
        let pictures = pictures(&records, &index, &mut naming).map_err(|reason| refused(&packed, reason))?;
        if pictures.is_empty() {
            return Err(refused(&packed, "holds no picture: copy it again".to_owned()));
        }
        let remarks = people_differ(&packed.with_file_name("property"), naming.names().len());
        Ok(Self { records, pictures, names: naming.names().to_vec(), remarks: remarks.into_iter().collect() })
    }
}

/// Reads the places of records, by their numbers.
fn index(path: &Path, bytes: u64) -> Result<Index, Error> {
    let mut index = Index::new();
    each_line(path, |_, line| {
        let number = |word: Option<&str>| word.and_then(|word| word.trim().parse::<u64>().ok());
        let mut words = line.split('\t');
        let (Some(key), Some(place), None) = (number(words.next()), number(words.next()), words.next())
        else {
            return Err("is not the number of a record, a TAB and its place: copy the list again".to_owned());
        };
        if place >= bytes {
            return Err("lies behind the end of the records: copy them again, they are cut off".to_owned());
        }
        if index.len() == MOST {
            return Err(format!("is one of more than {MOST} records: take a part of them"));
        }
        index.push((key, place));
        Ok(())
    })?;
    index.sort_unstable();
    if let Some(pair) = index.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let reason = format!("names record {} twice: copy it again", pair[0].0);
        return Err(Error::Folder { path: path.to_owned(), reason });
    }
    Ok(index)
}

/// What is to be said if there are other people than the file `property` says, which begins with their number.
fn people_differ(property: &Path, people: usize) -> Option<String> {
    let mut text = String::new();
    // It is not needed, so it may be missing or anything.
    File::open(property).and_then(|file| file.take(1 << 10).read_to_string(&mut text)).ok()?;
    let said: usize = text.split(',').next()?.trim().parse().ok()?;
    (said != people).then(|| format!("property says {said} people, and the records show {people}"))
}

impl RecordIo {
    /// A sample, or why there is none.
    fn look(&self, index: u64) -> Result<Sample, Unread> {
        let picture = usize::try_from(index).ok().and_then(|index| self.pictures.get(index));
        let &Picture { key, place, class } =
            picture.ok_or_else(|| Unread::Ever(format!("there are {} pictures", self.pictures.len())))?;
        let told = |reason: String| format!("{} record {key}: {reason}", self.records.path().display());
        // All pictures are in one file: where its frame does not hold, it is to be copied again, and no picture is to blame.
        let bytes = self.records.read(place).map_err(|reason| Unread::Now(told(reason)))?;
        let ever = |reason: String| Unread::Ever(format!("record {key}: {reason}"));
        let packed = Packed::of(&bytes).map_err(ever)?;
        let image =
            decode(packed.picture, &DecodeOptions::default()).map_err(|error| ever(error.to_string()))?;
        let name = self.names.get(class as usize).cloned().unwrap_or_default();
        let row = vec![Value::Integer(class.into()), Value::Text(name), Value::Integer(key as i64)];
        Ok(Sample { image, rows: vec![row] })
    }
}

impl Source for RecordIo {
    fn recipe(&self) -> String {
        let pictures = self
            .pictures
            .iter()
            .map(|picture| format!("{} {} {}", picture.key, picture.place, picture.class));
        recipe("recordio", self.len(), pictures.map(Cow::Owned).chain(self.names.iter().map(Cow::from)))
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            Column::new("person", Kind::Integer, "number of the person, from 0"),
            Column::new("name", Kind::Text, "what the person is called in the source"),
            Column::new("record", Kind::Integer, "number of the record in the source"),
        ]
    }

    fn classes(&self) -> Option<Classes> {
        let of = self.pictures.iter().map(|picture| picture.class).collect();
        Some(Classes { of, names: self.names.clone(), ..Classes::default() })
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }

    fn len(&self) -> u64 {
        self.pictures.len() as u64
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.look(index).map_err(Unread::reason)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        Unread::kept(self.look(index))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use imaging::{Image, encode_jpeg, encode_png};

    use super::records::testing::{packed, put};
    use super::*;

    /// How the records of a set say who is in the pictures.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Said {
        /// Records of people.
        People,
        /// These, but wrongly.
        Wrongly,
        /// Labels alone.
        Labels,
    }

    /// A set of three people, 10, 11 and 40, with two, one and three pictures.
    fn set(said: Said) -> tempfile::TempDir {
        let people: [(f32, u8); 3] = [(10.0, 2), (11.0, 1), (40.0, 3)];
        let (mut file, mut index) = (vec![], String::new());
        let mut add = |key: u64, labels: &[f32], picture: &[u8]| {
            index += &format!("{key}\t{}\n", file.len());
            put(&mut file, &packed(labels, picture));
        };
        if said != Said::Labels {
            add(0, &[7.0, 10.0], b"");
        }
        let (mut key, mut ranges) = (1, vec![]);
        for (label, pictures) in people {
            ranges.push([key as f32, (key + u64::from(pictures)) as f32]);
            for _ in 0..pictures {
                let image = Image::filled(8, 8, [20 * key as u8; 3]);
                let picture = if key == 2 { encode_jpeg(&image, 95) } else { encode_png(&image) };
                // InsightFace writes two labels to some of its sets.
                let labels: &[f32] = if key % 2 == 0 { &[label] } else { &[label, 0.0] };
                add(key, labels, &picture.unwrap());
                key += 1;
            }
        }
        if said != Said::Labels {
            for (mut range, key) in ranges.into_iter().zip(key..) {
                if said == Said::Wrongly && key == 8 {
                    range[0] += 1.0;
                }
                add(key, &range, b"");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("train.rec"), file).unwrap();
        fs::write(folder.path().join("train.idx"), index).unwrap();
        fs::write(folder.path().join("property"), "3,112,112").unwrap();
        folder
    }

    #[test]
    fn pictures_come_with_their_people() {
        for said in [Said::People, Said::Wrongly, Said::Labels] {
            let folder = set(said);
            let source = RecordIo::open(folder.path()).unwrap();
            assert_eq!((source.len(), source.remarks().len()), (6, 0), "{said:?}");
            let classes = source.classes().unwrap();
            assert_eq!(
                (classes.of, classes.names),
                (vec![0, 0, 1, 2, 2, 2], ["10", "11", "40"].map(String::from).to_vec())
            );
            for index in 0..6 {
                let sample = source.sample(index).unwrap();
                assert!(sample.image.pixel(4, 4)[1].abs_diff(20 * (index as u8 + 1)) < 3);
                assert_eq!(
                    (sample.rows[0].len(), &sample.rows[0][2]),
                    (3, &Value::Integer(index as i64 + 1))
                );
            }
            assert!(source.sample(6).is_err());
            let again = RecordIo::open(&folder.path().join("train.rec")).unwrap();
            assert_eq!(again.recipe(), source.recipe());
        }
    }

    #[test]
    fn what_is_said_of_people_is_not_read_from_their_pictures() {
        let folder = set(Said::People);
        let path = folder.path().join("train.rec");
        // The label of the middle one of three pictures is not looked at.
        let mut bytes = fs::read(&path).unwrap();
        let index = fs::read_to_string(folder.path().join("train.idx")).unwrap();
        let place: usize = index.lines().nth(5).unwrap().split('\t').nth(1).unwrap().parse().unwrap();
        bytes[place + 8 + 24..][..4].copy_from_slice(&99_f32.to_le_bytes());
        fs::write(&path, bytes).unwrap();
        assert_eq!(RecordIo::open(folder.path()).unwrap().classes().unwrap().names.len(), 3);
    }

    #[test]
    fn threads_read_at_the_same_time() {
        let folder = set(Said::People);
        let source = RecordIo::open(folder.path()).unwrap();
        let wanted: Vec<Sample> = (0..6).map(|index| source.sample(index).unwrap()).collect();
        std::thread::scope(|scope| {
            for start in 0..4 {
                let (source, wanted) = (&source, &wanted);
                scope.spawn(move || {
                    for index in (start..start + 60).map(|index| index % 6) {
                        assert_eq!(source.sample(index as u64).unwrap(), wanted[index]);
                    }
                });
            }
        });
    }

    #[test]
    fn what_is_wrong_is_told() {
        let folder = set(Said::Labels);
        let path = |name: &str| folder.path().join(name);
        let refused = || RecordIo::open(folder.path()).unwrap_err().to_string();
        fs::write(path("property"), "4,112,112").unwrap();
        let remarks = RecordIo::open(folder.path()).unwrap().remarks();
        assert!(remarks[0].contains("says 4 people, and the records show 3"), "{remarks:?}");
        let index = fs::read_to_string(path("train.idx")).unwrap();
        for (text, said) in [
            ("", "holds no picture"),
            ("1 0\n", "line 1 is not the number"),
            ("1\t0\n1\t0\n", "record 1 twice"),
            ("1\t4\n", "record 1 does not begin where the list says"),
            ("1\t9999999\n", "line 1 lies behind the end"),
        ] {
            fs::write(path("train.idx"), text).unwrap();
            assert!(refused().contains(said), "{said}: {}", refused());
        }
        fs::write(path("train.idx"), index).unwrap();
        let bytes = fs::read(path("train.rec")).unwrap();
        // A cut file is refused, wherever it ends; a spoiled one at the latest where it is read.
        for cut in (1..bytes.len() - 4).step_by(7) {
            fs::write(path("train.rec"), &bytes[..cut]).unwrap();
            assert!(refused().contains("again"), "{}", refused());
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            fs::write(path("train.rec"), &bytes).unwrap();
            if let Ok(source) = RecordIo::open(folder.path()) {
                (0..source.len()).for_each(|index| drop(source.sample(index)));
            }
        }
        fs::remove_file(path("train.idx")).unwrap();
        assert!(refused().contains("train.idx is not there"));
        fs::remove_file(path("train.rec")).unwrap();
        assert!(refused().contains("train.rec is not there"));
    }
}

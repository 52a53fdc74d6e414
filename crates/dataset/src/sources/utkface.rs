//! UTKFace, whose photos say in their names what is known of them.

use std::path::{Path, PathBuf};

use super::photos::{MOST, Unread, below, read, recipe, relative};
use crate::{Column, Error, Kept, Kind, Sample, Source, Value};

/// The oldest age that a name may say, in years.
const OLDEST: u8 = 130;
/// As many names that say nothing are told of.
const EXAMPLES: usize = 3;

/// Photos called `AGE_GENDER_ETHNICITY_TIME`, with any extension, at any depth below a folder (Zhang, Song, Qi: Age
/// Progression/Regression by Conditional Adversarial Autoencoder, CVPR 2017). Photos with other names, of which the
/// published set has a few, are left out and counted. Who the people are is unknown, so there are no classes.
#[derive(Debug)]
pub struct UtkFace {
    root: PathBuf,
    photos: Vec<(Box<str>, Label)>,
    /// Photos whose names say nothing, and some of these.
    unread: u64,
    examples: Vec<String>,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Label {
    age: u8,
    gender: u8,
    ethnicity: u8,
}

impl Label {
    fn of(file: &str) -> Option<Self> {
        let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
        let mut parts = name.split('_').map_while(|part| part.parse::<u8>().ok());
        let (age, gender, ethnicity) = (parts.next()?, parts.next()?, parts.next()?);
        (age <= OLDEST && gender <= 1 && ethnicity <= 4).then_some(Self { age, gender, ethnicity })
    }
}

impl UtkFace {
    /// Looks for the photos below a folder. None is opened yet.
    ///
    /// # Errors
    /// [`Error::Folder`] if it holds no photo of such a name, [`Error::File`] if something cannot be looked at.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut found = Self { root: folder.to_owned(), photos: Vec::new(), unread: 0, examples: Vec::new() };
        let refused = |reason: String| Error::Folder { path: folder.to_owned(), reason };
        for entry in below(folder, usize::MAX) {
            let entry = entry?;
            if !entry.file_type().is_file() || !imaging::is_photo(entry.path()) {
                continue;
            }
            let file = relative(folder, entry.path())?;
            match Label::of(&file) {
                Some(_) if found.photos.len() == MOST => {
                    return Err(refused(format!("holds more than {MOST} photos: take a part of them")));
                }
                Some(label) => found.photos.push((file.into(), label)),
                None => {
                    found.unread += 1;
                    if found.examples.len() < EXAMPLES {
                        found.examples.push(file);
                    }
                }
            }
        }
        if found.photos.is_empty() {
            return Err(refused(
                "holds no photo with a name like 25_0_2_20170116174525125.jpg (age, gender, ethnicity, time)"
                    .to_owned(),
            ));
        }
        Ok(found)
    }
}

impl UtkFace {
    /// A sample, or why there is none.
    fn look(&self, index: u64) -> Result<Sample, Unread> {
        let photo = usize::try_from(index).ok().and_then(|index| self.photos.get(index));
        let (file, label) =
            photo.ok_or_else(|| Unread::Ever(format!("there are {} photos", self.photos.len())))?;
        let image = read(&self.root, file)?;
        let row = vec![
            Value::Text(file.to_string()),
            Value::Float(label.age.into()),
            Value::Integer(label.gender.into()),
            Value::Integer(label.ethnicity.into()),
        ];
        Ok(Sample { image, rows: vec![row] })
    }
}

impl Source for UtkFace {
    fn recipe(&self) -> String {
        recipe("utkface", self.len(), self.photos.iter().map(|(file, _)| &**file))
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            Column::new("file", Kind::Text, "file of the photo in the source"),
            Column::new("age", Kind::Float, "years"),
            Column::new("gender", Kind::Integer, "0 male, 1 female"),
            Column::new(
                "ethnicity",
                Kind::Integer,
                "0 White, 1 Black, 2 Asian, 3 Indian, 4 others, as UTKFace has it",
            ),
        ]
    }

    fn remarks(&self) -> Vec<String> {
        let said = format!(
            "photos whose names do not say age, gender and ethnicity, left out: {} ({})",
            self.unread,
            self.examples.join(", ")
        );
        (self.unread > 0).then_some(said).into_iter().collect()
    }

    fn len(&self) -> u64 {
        self.photos.len() as u64
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
    use super::super::testing::{photo, shade};
    use super::*;

    #[test]
    fn names_say_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        for (file, level) in [
            ("100_0_4_20170112213500903.png", 1),
            ("part2/1_1_0_20161219203650636.jpg.chip.png", 2),
            ("61_1_20170109142408075.png", 3),
            ("7_2_0_20170109150557335.png", 4),
            ("200_0_0_1.png", 5),
            ("photo.png", 6),
        ] {
            photo(&folder.path().join(file), level);
        }
        std::fs::write(folder.path().join("README.txt"), "about").unwrap();
        let utkface = UtkFace::open(folder.path()).unwrap();
        assert_eq!((utkface.len(), utkface.classes()), (2, None));
        let (first, second) = (utkface.sample(0).unwrap(), utkface.sample(1).unwrap());
        assert_eq!((shade(&first), shade(&second)), (1, 2));
        assert_eq!(first.rows[0][1..], [Value::Float(100.0), Value::Integer(0), Value::Integer(4)]);
        assert_eq!(second.rows[0][1..], [Value::Float(1.0), Value::Integer(1), Value::Integer(0)]);
        assert_eq!(first.rows[0].len(), utkface.columns().len());
        let remarks = utkface.remarks();
        assert!(remarks[0].contains("left out: 4 (200_0_0_1.png, 61_1_"), "{remarks:?}");
        assert!(utkface.sample(2).is_err());
    }

    #[test]
    fn a_folder_of_other_photos_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        photo(&folder.path().join("a.png"), 1);
        let error = UtkFace::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("25_0_2_"), "{error}");
        assert!(matches!(UtkFace::open(&folder.path().join("none")), Err(Error::File { .. })));
    }
}

//! A data set that was written, as a source again.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::photos::{MOST, Unread, read};
use crate::classes::Naming;
use crate::source::PERSON;
use crate::write::{IMAGES, TRUTH};
use crate::{Classes, Column, Error, Kept, Manifest, Sample, Source, Table, Value};

/// Columns of every set, which are not told of as columns of this one: file and hash of the picture.
const OWN: [&str; 2] = ["image", "sha256"];
/// Name of the column of what they are called.
const NAME: &str = "name";

/// A folder that [`write()`](crate::write()) made. The rows are held in memory, 24 bytes for each number, more for text, and some for each row, so of
/// large sets only those columns should be taken that are used.
///
/// Classes are what the column `person` says, a number or text, and are called what `name` says if there is such a column;
/// of sets whose source knew something else, such as attacks, they are that. They are numbered as they first come.
/// There are none where a picture shows several people or nobody.
#[derive(Debug)]
pub struct Written {
    folder: PathBuf,
    /// SHA-256 of the table, which holds those of the pictures.
    sha256: String,
    columns: Vec<Column>,
    pictures: Vec<Box<str>>,
    rows: Vec<Box<[Value]>>,
    /// Where the rows of a picture end.
    ends: Vec<usize>,
    /// The column of the class.
    class: String,
    classes: Option<Classes>,
}

impl Written {
    /// Reads the table of a data set: all columns, or those that are named. Pictures are not looked at.
    ///
    /// # Errors
    /// [`Error::Folder`] if the folder holds no data set or one that is not whole; [`Error::File`] and [`Error::Table`] for a
    /// table that cannot be read, or has no such column.
    pub fn open(folder: &Path, columns: Option<&[String]>) -> Result<Self, Error> {
        let (manifest, sha256) = Manifest::whole(folder)?;
        let path = folder.join(TRUTH);
        let wrong = |reason: String| Error::Table { name: path.display().to_string(), reason };
        // Who it is and what the file is called is needed in any case.
        let is_asked = |name: &str| columns.is_none_or(|columns| columns.iter().any(|column| column == name));
        let class = manifest.class.clone().unwrap_or_else(|| PERSON.to_owned());
        let is_wanted =
            |name: &str| !OWN.contains(&name) && (name == class || name == NAME || is_asked(name));
        let (mut pictures, mut ends) = (Vec::<Box<str>>::new(), Vec::new());
        let mut rows = Vec::<Box<[Value]>>::new();
        let mut unnamed = false;
        let found = Table::each(
            &path,
            |name| name == OWN[0] || is_wanted(name),
            |row| {
                let mut cells = row.into_iter();
                let Some(Value::Text(picture)) = cells.next() else {
                    unnamed = true;
                    return;
                };
                if pictures.last().is_none_or(|last| **last != *picture) {
                    pictures.push(picture.into());
                    ends.push(rows.len());
                }
                rows.push(cells.collect());
                if let Some(end) = ends.last_mut() {
                    *end = rows.len();
                }
            },
        )?;
        if let Some(own) = columns.unwrap_or_default().iter().find(|name| OWN.contains(&name.as_str())) {
            return Err(wrong(format!("gives `{own}` as the picture and not as a column: leave it out")));
        }
        let missing =
            columns.unwrap_or_default().iter().find(|name| !found.iter().any(|one| one.name == **name));
        if let Some(missing) = missing {
            return Err(wrong(format!(
                "has no column `{missing}`: take another, or a data set of another recipe"
            )));
        }
        if unnamed {
            return Err(wrong("does not name its pictures: make the set anew".to_owned()));
        }
        if pictures.is_empty() {
            return Err(wrong("holds no picture, since all were left out: take another set".to_owned()));
        }
        if pictures.len() > MOST {
            return Err(wrong(format!("holds more than {MOST} pictures: make several sets")));
        }
        let columns: Vec<Column> = found
            .into_iter()
            .filter(|column| is_wanted(&column.name))
            .map(|column| {
                let meaning = manifest.columns.iter().find(|meaning| meaning.name == column.name);
                let Some(meaning) = meaning else { return column };
                Column { about: meaning.about.clone(), frame: meaning.frame, ..column }
            })
            .collect();
        let folder = folder.to_owned();
        let mut written = Self { folder, sha256, columns, pictures, rows, ends, class, classes: None };
        written.classes = written.named().map_err(wrong)?;
        Ok(written)
    }

    /// All rows, those of a picture one after the other, in the order of the columns.
    pub fn rows(&self) -> impl Iterator<Item = &[Value]> {
        self.rows.iter().map(|row| &**row)
    }

    /// Rows of a picture.
    fn range(&self, index: usize) -> Option<Range<usize>> {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        Some(start..*self.ends.get(index)?)
    }

    /// Who is in each picture; `None` if that cannot be said of all.
    fn named(&self) -> Result<Option<Classes>, String> {
        let place = |name: &str| self.columns.iter().position(|column| column.name == name);
        let Some(class) = place(&self.class) else { return Ok(None) };
        if self.rows.len() != self.pictures.len() {
            return Ok(None);
        }
        let (mut naming, mut of) = (Naming::default(), Vec::with_capacity(self.rows.len()));
        for row in &self.rows {
            let key = match row.get(class) {
                Some(Value::Integer(number)) => number.to_string(),
                Some(Value::Text(text)) => text.clone(),
                _ => return Ok(None),
            };
            of.push(naming.number(&key)?);
        }
        let mut names = naming.names().to_vec();
        if let Some(name) = place(NAME).filter(|_| self.class == PERSON) {
            for (row, &class) in self.rows.iter().zip(&of) {
                if let (Some(Value::Text(text)), Some(name)) = (row.get(name), names.get_mut(class as usize))
                {
                    name.clone_from(text);
                }
            }
        }
        Ok(Some(Classes { of, names, ..Classes::default() }))
    }
}

impl Written {
    /// A sample, or why there is none.
    fn look(&self, index: u64) -> Result<Sample, Unread> {
        let none = || Unread::Ever(format!("there are {} pictures", self.pictures.len()));
        let at = usize::try_from(index).map_err(|_| none())?;
        let (picture, range) = self.pictures.get(at).zip(self.range(at)).ok_or_else(none)?;
        let image = read(&self.folder.join(IMAGES), picture)?;
        let rows = self.rows.get(range).unwrap_or_default().iter().map(|row| row.to_vec()).collect();
        Ok(Sample { image, rows })
    }
}

impl Source for Written {
    fn recipe(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|column| &*column.name).collect();
        format!("kind = \"written\"\nsha256 = \"{}\"\ncolumns = {columns:?}\n", self.sha256)
    }

    fn columns(&self) -> Vec<Column> {
        self.columns.clone()
    }

    fn classes(&self) -> Option<Classes> {
        self.classes.clone()
    }

    fn class_column(&self) -> String {
        self.class.clone()
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
    use super::super::testing::Greys;
    use super::*;
    use crate::{Kind, Options, write};

    const GREYS: [u64; 3] = [2, 1, 3];

    fn greys() -> Greys {
        Greys { first: 'a', counts: GREYS.to_vec() }
    }

    #[test]
    fn what_was_written_comes_again() {
        let folder = tempfile::tempdir().unwrap();
        write(&greys(), folder.path(), Options { threads: 2 }, &|_| ()).unwrap();
        let written = Written::open(folder.path(), None).unwrap();
        assert_eq!(written.len(), 6);
        let names: Vec<String> = written.columns().iter().map(|column| column.name.clone()).collect();
        assert_eq!(names, ["person", "of_a"]);
        assert_eq!(written.columns()[1], Column::new("of_a", Kind::Float, "a tenth of the grey"));
        for index in 0..6 {
            assert_eq!(written.sample(index).unwrap(), greys().sample(index).unwrap());
        }
        let classes = written.classes().unwrap();
        assert_eq!((classes.of, classes.names.len()), (vec![0, 0, 1, 2, 2, 2], 3));
        assert!(written.sample(6).is_err());

        let few = Written::open(folder.path(), Some(&["person".to_owned()])).unwrap();
        assert_eq!(few.columns().iter().map(|column| &*column.name).collect::<Vec<_>>(), ["person"]);
        assert_eq!(few.sample(3).unwrap().rows, [[Value::Integer(2)]]);
        assert_ne!(few.recipe(), written.recipe());
        let error = Written::open(folder.path(), Some(&["yaw".to_owned()])).unwrap_err().to_string();
        assert!(error.contains("no column `yaw`"), "{error}");
        let error = Written::open(folder.path(), Some(&["image".to_owned()])).unwrap_err().to_string();
        assert!(error.contains("`image` as the picture"), "{error}");
        assert_eq!(size_of::<Value>(), 24, "what the documentation says of memory");
    }

    /// A picture of two, or of nobody.
    struct Crowd(bool);

    impl Source for Crowd {
        fn recipe(&self) -> String {
            "kind = \"crowd\"".to_owned()
        }

        fn columns(&self) -> Vec<Column> {
            [PERSON, NAME].map(|name| Column::new(name, Kind::Text, "")).to_vec()
        }

        fn len(&self) -> u64 {
            2
        }

        fn sample(&self, index: u64) -> Result<Sample, String> {
            let row = |text: &str| [text, "Anna"].map(|text| Value::Text(text.to_owned())).to_vec();
            let rows = match index {
                1 if self.0 => vec![row("b"), row("c")],
                _ => vec![row("a")],
            };
            Ok(Sample { image: imaging::Image::new(4, 4), rows })
        }
    }

    #[test]
    fn classes_are_people_where_each_picture_shows_one() {
        let classes = |crowd: bool| {
            let folder = tempfile::tempdir().unwrap();
            write(&Crowd(crowd), folder.path(), Options { threads: 1 }, &|_| ()).unwrap();
            let written = Written::open(folder.path(), None).unwrap();
            assert_eq!(written.sample(1).unwrap().rows.len(), 1 + usize::from(crowd));
            written.classes()
        };
        assert_eq!(
            classes(false),
            Some(Classes { of: vec![0, 0], names: vec!["Anna".to_owned()], ..Classes::default() })
        );
        assert_eq!(classes(true), None);
    }

    #[test]
    fn classes_are_what_they_were_when_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let text = "kind = \"spoof\"\nseed = 3\npeople = 2\npictures = 3\nsize = 32\n";
        let drawn = crate::Recipe::parse(text, Path::new("r.toml")).unwrap().source();
        write(&*drawn, folder.path(), Options { threads: 1 }, &|_| ()).unwrap();
        let written = Written::open(folder.path(), None).unwrap();
        let [drawn, again] = [drawn.classes().unwrap(), written.classes().unwrap()]
            .map(|classes| classes.of.iter().map(|&of| classes.called(of).to_owned()).collect::<Vec<_>>());
        assert_eq!((again, &*written.class_column()), (drawn, "attack"));
        // The frame of columns is kept too: what is in pixels does not hold for a part of the picture.
        let frame =
            |name: &str| written.columns().into_iter().find(|column| column.name == name).unwrap().frame;
        assert_eq!(
            [frame("face_x1"), frame("instrument_pitch")],
            [crate::Frame::Picture, crate::Frame::None]
        );
    }

    #[test]
    fn what_is_no_data_set_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = || Written::open(folder.path(), None).unwrap_err().to_string();
        assert!(refused().contains("holds no data set"));
        write(&greys(), folder.path(), Options { threads: 1 }, &|_| ()).unwrap();
        std::fs::remove_file(folder.path().join("images/000000/000001.png")).unwrap();
        let error = Written::open(folder.path(), None).unwrap().sample(1).unwrap_err();
        assert!(error.contains("000001.png"), "{error}");
        std::fs::write(folder.path().join(TRUTH), "spoilt").unwrap();
        assert!(refused().contains(TRUTH));
    }
}

//! Reading a data set: its pictures, each with what is true of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use geometry::{Landmarks, Point, Rect};

use crate::write::{IMAGES, TRUTH};
use crate::{Error, Manifest, Table, Value};

/// A data set that was written, and all that is true of its pictures.
///
/// Its rows are held in memory: about 10 kilobytes for a face.
#[derive(Clone, Debug)]
pub struct Truth {
    folder: PathBuf,
    manifest: Manifest,
    places: HashMap<String, usize>,
    rows: Vec<Vec<Value>>,
}

/// A picture of a data set.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// Its file.
    pub path: PathBuf,
    /// Its rows: a face each, or one that says that there is none.
    pub rows: Vec<Row<'a>>,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    truth: &'a Truth,
    cells: &'a [Value],
}

impl Truth {
    /// Reads what is true of the first pictures of a data set, at most so many. They are not looked at, and hashes are not
    /// checked: [`verify`](crate::verify()) does that.
    ///
    /// # Errors
    /// [`Error::Folder`] if the folder holds no data set or one that is not whole, [`Error::File`] and [`Error::Table`] for a
    /// table that cannot be read.
    pub fn open(folder: &Path, most: usize) -> Result<Self, Error> {
        let (manifest, _) = Manifest::whole(folder)?;
        let (mut rows, mut pictures) = (Vec::<Vec<Value>>::new(), 0);
        let columns = Table::each(
            &folder.join(TRUTH),
            |_| true,
            |row| {
                // The first column names the picture.
                pictures += usize::from(rows.last().is_none_or(|last| last.first() != row.first()));
                if pictures <= most {
                    rows.push(row);
                }
            },
        )?;
        let places = columns.into_iter().enumerate().map(|(at, column)| (column.name, at)).collect();
        let truth = Self { folder: folder.to_owned(), manifest, places, rows };
        truth.require(&["image"])?;
        Ok(truth)
    }

    /// What the data set is, and how it was made.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether there is a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }

    /// Checks that there are such columns.
    ///
    /// # Errors
    /// [`Error::Table`] names the first that is missing.
    pub fn require(&self, columns: &[&str]) -> Result<(), Error> {
        let Some(missing) = columns.iter().find(|column| !self.has(column)) else { return Ok(()) };
        let name = self.folder.join(TRUTH).display().to_string();
        let reason = format!("has no column `{missing}`: take a data set of another recipe");
        Err(Error::Table { name, reason })
    }

    /// Whether the pictures are faces that were cut out and aligned, as the recipe says.
    pub fn is_aligned(&self) -> bool {
        let recipe = self.manifest.recipe.parse::<toml::Table>().unwrap_or_default();
        recipe.get("aligned").and_then(toml::Value::as_bool).unwrap_or(false)
    }

    /// The pictures, in the order in which they were made.
    pub fn pictures(&self) -> impl Iterator<Item = Shown<'_>> {
        self.rows.chunk_by(|a, b| self.image(a) == self.image(b)).map(|rows| Shown {
            path: self.folder.join(IMAGES).join(self.image(&rows[0])),
            rows: rows.iter().map(|cells| Row { truth: self, cells }).collect(),
        })
    }

    /// The picture that a row is about.
    fn image<'a>(&'a self, cells: &'a [Value]) -> &'a str {
        Row { truth: self, cells }.text("image").unwrap_or_default()
    }
}

impl<'a> Row<'a> {
    fn cell(&self, column: &str) -> Option<&'a Value> {
        self.truth.places.get(column).and_then(|&at| self.cells.get(at))
    }

    /// A number; `None` if there is no such column, it holds something else, or nothing is known.
    pub fn float(&self, column: &str) -> Option<f32> {
        match self.cell(column) {
            Some(Value::Float(value)) => Some(*value),
            _ => None,
        }
    }

    /// A whole number; `None` as in [`float`](Self::float).
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Some(Value::Integer(value)) => Some(*value),
            _ => None,
        }
    }

    /// Text; `None` as in [`float`](Self::float).
    pub fn text(&self, column: &str) -> Option<&'a str> {
        match self.cell(column) {
            Some(Value::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// The box of the face, in pixels from the middle of the first one; `None` where there is no face.
    pub fn face(&self) -> Option<Rect> {
        let edge = |name: &str| self.float(name);
        Some(Rect::new(edge("face_x1")?, edge("face_y1")?, edge("face_x2")?, edge("face_y2")?))
    }

    /// The five points of the face, in pixels from the middle of the first one; `None` where there is no face.
    pub fn five(&self) -> Option<Landmarks> {
        let point = |name: &str| {
            Some(Point::new(self.float(&format!("{name}_x"))?, self.float(&format!("{name}_y"))?))
        };
        let [a, b, c, d, e] = ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"].map(point);
        Some(Landmarks([a?, b?, c?, d?, e?]))
    }
}

#[cfg(test)]
mod tests {
    use imaging::Image;

    use super::*;
    use crate::{Column, Kind, Options, Sample, Source, write};

    /// Pictures of one face, of two, and of none.
    struct Faces;

    impl Source for Faces {
        fn recipe(&self) -> String {
            "kind = \"faces\"\naligned = true\n".to_owned()
        }

        fn columns(&self) -> Vec<Column> {
            let edges = ["face_x1", "face_y1", "face_x2", "face_y2"];
            let mut columns = vec![Column::new("person", Kind::Integer, "")];
            columns.extend(edges.map(|name| Column::new(name, Kind::Float, "")));
            columns
        }

        fn len(&self) -> u64 {
            3
        }

        fn sample(&self, index: u64) -> Result<Sample, String> {
            let mut face = vec![Value::Integer(index as i64)];
            face.extend([1.0, 2.0, 3.0, 5.0].map(Value::Float));
            let rows = match index {
                0 => vec![face],
                1 => vec![face.clone(), face],
                _ => vec![vec![Value::Nothing; 5]],
            };
            Ok(Sample { image: Image::new(8, 8), rows })
        }
    }

    #[test]
    fn pictures_come_with_their_faces() {
        let folder = tempfile::tempdir().unwrap();
        write(&Faces, folder.path(), Options { threads: 1 }, &|_| ()).unwrap();
        let truth = Truth::open(folder.path(), 3).unwrap();
        assert!(truth.is_aligned() && truth.manifest().is_whole());
        let pictures: Vec<Shown<'_>> = truth.pictures().collect();
        assert_eq!(pictures.iter().map(|shown| shown.rows.len()).collect::<Vec<_>>(), [1, 2, 1]);
        assert!(pictures.iter().all(|shown| shown.path.is_file()));
        assert_eq!(pictures[1].rows[0].integer("person"), Some(1));
        assert_eq!(pictures[1].rows[1].face(), Some(Rect::new(1.0, 2.0, 3.0, 5.0)));
        let none = &pictures[2].rows[0];
        assert_eq!((none.integer("person"), none.face(), none.five()), (None, None, None));
        assert_eq!((none.float("person"), none.text("nobody")), (None, None));
        assert!(truth.has("face_x1") && !truth.has("yaw"));
        let first = Truth::open(folder.path(), 2).unwrap();
        assert_eq!(first.pictures().map(|shown| shown.rows.len()).collect::<Vec<_>>(), [1, 2]);
        let error = truth.require(&["person", "yaw"]).unwrap_err().to_string();
        assert!(error.contains("truth.parquet") && error.contains("no column `yaw`"), "{error}");
    }

    #[test]
    fn what_is_no_whole_set_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = || Truth::open(folder.path(), 9).unwrap_err().to_string();
        assert!(refused().contains("holds no data set"));
        let greys = crate::sources::testing::Greys { first: 'a', counts: vec![3] };
        Manifest::new(&greys, &[]).save(folder.path()).unwrap();
        assert!(refused().contains("is not whole"));
        let set = folder.path().join("set");
        write(&Faces, &set, Options { threads: 1 }, &|_| ()).unwrap();
        std::fs::remove_file(set.join(TRUTH)).unwrap();
        assert!(matches!(Truth::open(&set, 9), Err(Error::File { path, .. }) if path.ends_with(TRUTH)));
    }
}

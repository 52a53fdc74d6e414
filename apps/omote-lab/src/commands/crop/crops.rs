//! The faces of a source's photos, cut out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use analysis::Detection;
use dataset::{Classes, Column, Files, Kind, Sample, Source, Value, five_columns, five_values};
use geometry::{Point, Rect, Rotation, Similarity, Template};
use imaging::{Image, warp_antialiased};
use toml::Table;

use crate::commands::networks::{Finder, Networks};

/// Name of the column with the number of the photo in the source.
pub const PHOTO: &str = "photo";
/// Columns of a crop besides those of its source, the box and the five points.
const OWN: [&str; 4] = [PHOTO, "score", "faces", "aligned_by"];
/// The edges of the face's box.
const BOX: [&str; 4] = ["face_x1", "face_y1", "face_x2", "face_y2"];

/// If as many photos in a row cannot be read, it is not the photos: a disk that is gone would leave all others out.
const MOST_FAILED: u64 = 50;

/// Why there is no crop of a photo.
pub enum Missing {
    /// The photo of this name shows nobody.
    NoFace(String),
    /// It cannot be read, or looked at, for this reason.
    Failed(String),
}

/// A source whose samples are the faces in the photos of another.
pub struct Crops {
    source: Arc<dyn Source>,
    finder: Finder,
    template: Template,
    files: Files,
    /// Name and version of what runs the detector.
    engine: String,
    /// Columns of the source that hold for the crops too, and where they stand.
    kept: Vec<(usize, Column)>,
    /// Photos in a row that could not be read.
    failed: AtomicU64,
}

impl Crops {
    pub fn new(
        source: Arc<dyn Source>,
        finder: Finder,
        template: Template,
        files: Files,
        networks: &Networks,
    ) -> Self {
        let own = columns();
        // Where something is in the photo, it is not in the crop.
        let holds = |column: &Column| {
            own.iter().all(|own| own.name != column.name) && !column.about.contains("pixels")
        };
        let kept = source.columns().into_iter().enumerate().filter(|(_, column)| holds(column)).collect();
        Self { source, finder, template, files, engine: networks.describe(), kept, failed: AtomicU64::new(0) }
    }

    /// Why there is no crop of a photo.
    pub fn missing(&self, number: u64) -> Missing {
        let photo = match self.source.sample(number) {
            Ok(photo) => photo,
            Err(reason) => return Missing::Failed(reason),
        };
        let file = self.source.columns().iter().position(|column| column.name == "file");
        let name = match file.and_then(|file| photo.rows.first()?.get(file)) {
            Some(Value::Text(file)) => file.clone(),
            _ => format!("photo {number}"),
        };
        match self.crop(number, photo) {
            Ok(_) => Missing::NoFace(name),
            Err(reason) => Missing::Failed(format!("{name}: {reason}")),
        }
    }

    /// Cuts the face out, if there is one.
    fn crop(&self, number: u64, photo: Sample) -> Result<Option<Sample>, String> {
        let faces = self.finder.detect(&photo.image).map_err(|error| error.to_string())?;
        let Some(face) = subject(&faces, &photo.image) else { return Ok(None) };
        let (map, alignment) = analysis::fit(&self.template, face, Rotation::None);
        let Template { width, height, .. } = self.template;
        let image = warp_antialiased(&photo.image, &map, width, height, [0; 3]);
        // Of photos with several faces a source says who is in it, and one row is that.
        let told = photo.rows.into_iter().next().unwrap_or_default();
        let mut row: Vec<Value> =
            self.kept.iter().map(|(at, _)| told.get(*at).cloned().unwrap_or(Value::Nothing)).collect();
        row.extend([
            Value::Integer(number as i64),
            Value::Float(face.score),
            Value::Integer(faces.len() as i64),
            Value::Text(alignment.to_string()),
        ]);
        row.extend(moved(&face.bounds, &map).map(Value::Float));
        match face.landmarks {
            Some(five) => row.extend(five_values(&map.apply_all(&five))),
            None => row.extend([const { Value::Nothing }; 10]),
        }
        Ok(Some(Sample { image, rows: vec![row] }))
    }
}

/// The face that a photo is of: that which is large and near the middle, by its area less twice the square of its distance
/// from the middle, as FaceNet's `align_dataset_mtcnn.py` has it.
fn subject<'a>(faces: &'a [Detection], photo: &Image) -> Option<&'a Detection> {
    let middle = Point::new((photo.width() as f32 - 1.0) / 2.0, (photo.height() as f32 - 1.0) / 2.0);
    let rank = |face: &Detection| face.bounds.area() - 2.0 * face.bounds.center().distance(middle).powi(2);
    faces.iter().max_by(|a, b| rank(a).total_cmp(&rank(b)))
}

/// The edges of the box around a box that was moved.
fn moved(bounds: &Rect, map: &Similarity) -> [f32; 4] {
    let Rect { x1, y1, x2, y2 } = *bounds;
    let corners = [(x1, y1), (x2, y1), (x1, y2), (x2, y2)].map(|(x, y)| map.apply(Point::new(x, y)));
    let Rect { x1, y1, x2, y2 } = Rect::around(&corners).unwrap_or(*bounds);
    [x1, y1, x2, y2]
}

/// What is known of a crop besides what its source says.
fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::new(OWN[0], Kind::Integer, "number of the photo in the source, from 0"),
        Column::new(OWN[1], Kind::Float, "how sure the detector is of the face, 0 to 1"),
        Column::new(OWN[2], Kind::Integer, "faces that the detector found in the photo"),
        Column::new(
            OWN[3],
            Kind::Text,
            "what the face was cut out by: landmarks, or its box where these are unsound",
        ),
    ];
    let about = "around the detector's box, turned as the face was, pixels from the middle of the first";
    columns.extend(BOX.map(|edge| Column::new(edge, Kind::Float, about)));
    columns.extend(five_columns());
    columns
}

impl Source for Crops {
    fn recipe(&self) -> String {
        let (name, fingerprint) = &self.finder.model;
        let of = self.source.recipe();
        let entries: [(&str, toml::Value); 9] = [
            ("kind", "crops".into()),
            ("aligned", true.into()),
            ("width", i64::from(self.template.width).into()),
            ("height", i64::from(self.template.height).into()),
            ("detector", name.as_str().into()),
            ("fingerprint", fingerprint.to_string().into()),
            ("detect_size", self.finder.size().to_string().into()),
            ("engine", self.engine.as_str().into()),
            ("of", of.parse::<Table>().map_or(toml::Value::String(of), toml::Value::Table)),
        ];
        Table::from_iter(entries.map(|(key, value)| (key.to_owned(), value))).to_string()
    }

    fn check(&self) -> Result<(), String> {
        self.source.check()
    }

    fn files(&self) -> Files {
        self.files
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = self.kept.iter().map(|(_, column)| column.clone()).collect();
        columns.extend(self::columns());
        columns
    }

    fn classes(&self) -> Option<Classes> {
        self.source.classes()
    }

    fn len(&self) -> u64 {
        self.source.len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.crop(index, self.source.sample(index)?)?.ok_or_else(|| "no face is found in it".to_owned())
    }

    /// The crop; nothing of a photo that cannot be read or has no face.
    ///
    /// # Errors
    /// If many in a row cannot be read: then it is not the photos.
    fn kept(&self, index: u64) -> Result<Option<Sample>, String> {
        match self.source.sample(index).and_then(|photo| self.crop(index, photo)) {
            Ok(crop) => {
                self.failed.store(0, Ordering::Relaxed);
                Ok(crop)
            }
            Err(reason) if self.failed.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_FAILED => Err(format!(
                "{reason}; so it was with {MOST_FAILED} photos in a row: put the source right and start again, which goes on"
            )),
            Err(_) => Ok(None),
        }
    }
}

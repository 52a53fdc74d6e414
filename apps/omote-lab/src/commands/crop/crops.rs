//! The faces of a source's photos, cut out.

use std::sync::Arc;

use analysis::Detection;
use dataset::{Classes, Column, Files, Frame, Kept, Kind, Sample, Source, Value, five_columns, five_values};
use geometry::{Point, Rect, Rotation, Similarity, Template};
use imaging::{Image, warp_antialiased};
use toml::Table;

use crate::commands::networks::{Finder, Networks};

/// Name of the column with the number of the photo in the source.
const PHOTO: &str = "photo";
/// Columns of a crop besides those of its source, the box and the five points.
const OWN: [&str; 4] = [PHOTO, "score", "faces", "aligned_by"];
/// The edges of the face's box.
const BOX: [&str; 4] = ["face_x1", "face_y1", "face_x2", "face_y2"];

/// Of several faces that a source knows, the one is meant whose box shares so much with that of the detector: the area of
/// what is in both by that of what is in one, as WIDER FACE counts what is found.
const SAME: f32 = 0.5;

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
    /// Where the edges of the face's box stand in the rows of the source, if it knows them.
    boxes: Option<[usize; 4]>,
    /// Where the name of the photo's file stands.
    file: Option<usize>,
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
        let holds =
            |column: &Column| own.iter().all(|own| own.name != column.name) && column.frame != Frame::Picture;
        let told = source.columns();
        let place = |name: &str| told.iter().position(|column| column.name == name);
        let boxes = match BOX.map(place) {
            [Some(x1), Some(y1), Some(x2), Some(y2)] => Some([x1, y1, x2, y2]),
            _ => None,
        };
        let file = place("file");
        let kept = told.into_iter().enumerate().filter(|(_, column)| holds(column)).collect();
        Self { source, finder, template, files, engine: networks.describe(), kept, boxes, file }
    }

    /// What a photo is called.
    fn name(&self, number: u64, photo: &Sample) -> String {
        match self.file.and_then(|file| photo.rows.first()?.get(file)) {
            Some(Value::Text(file)) => file.clone(),
            _ => format!("photo {number}"),
        }
    }

    /// Cuts the face out, if there is one.
    fn crop(&self, number: u64, photo: &Sample) -> Result<Option<Sample>, String> {
        let faces = self.finder.detect(&photo.image).map_err(|error| error.to_string())?;
        let Some(face) = subject(&faces, &photo.image) else { return Ok(None) };
        let (map, alignment) = analysis::fit(&self.template, face, Rotation::None);
        let Template { width, height, .. } = self.template;
        let image = warp_antialiased(&photo.image, &map, width, height, [0; 3]);
        let told = told(&photo.rows, self.boxes, &face.bounds).unwrap_or_default();
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

/// The row of what a source says of a face; `None` if it knows several and none of them is there. `boxes` is where the edges
/// of faces stand in the rows.
fn told<'a>(rows: &'a [Vec<Value>], boxes: Option<[usize; 4]>, face: &Rect) -> Option<&'a [Value]> {
    if let [row] = rows {
        return Some(row);
    }
    let shares = rows.iter().filter_map(|row| {
        let mut edges = [0.0; 4];
        for (edge, place) in edges.iter_mut().zip(boxes?) {
            let Some(Value::Float(value)) = row.get(place) else { return None };
            *edge = *value;
        }
        let [x1, y1, x2, y2] = edges;
        Some((shared(&Rect { x1, y1, x2, y2 }, face), row))
    });
    let nearest = shares.max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.filter(|(share, _)| *share >= SAME).map(|(_, row)| row.as_slice())
}

/// What two boxes have in common: the area of what is in both by that of what is in one of them.
fn shared(a: &Rect, b: &Rect) -> f32 {
    let both = (a.x2.min(b.x2) - a.x1.max(b.x1)).max(0.0) * (a.y2.min(b.y2) - a.y1.max(b.y1)).max(0.0);
    both / (a.area() + b.area() - both).max(f32::MIN_POSITIVE)
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
    columns.extend(BOX.map(|edge| Column::new(edge, Kind::Float, about).in_picture()));
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

    fn class_column(&self) -> String {
        self.source.class_column()
    }

    fn len(&self) -> u64 {
        self.source.len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.crop(index, &self.source.sample(index)?)?.ok_or_else(|| "no face is found in it".to_owned())
    }

    /// The crop; a photo without a face or that is broken is left out.
    ///
    /// # Errors
    /// If the photo cannot be read now, or the detector fails: then it is not the photo.
    fn kept(&self, index: u64) -> Result<Kept, String> {
        let again = |reason: String| format!("{reason}; put it right and start again, which goes on");
        let photo = match self.source.kept(index).map_err(again)? {
            Kept::Sample(photo) => photo,
            left_out => return Ok(left_out),
        };
        let name = self.name(index, &photo);
        match self.crop(index, &photo).map_err(|reason| again(format!("{name}: {reason}")))? {
            Some(crop) => Ok(Kept::Sample(crop)),
            None => Ok(Kept::Nothing(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_faces_the_row_of_the_one_is_taken_that_is_cut_out() {
        let row = |person: i64, x1: Option<f32>| {
            let edges =
                x1.map_or([const { Value::Nothing }; 4], |x1| [x1, 20.0, x1 + 50.0, 90.0].map(Value::Float));
            [&[Value::Integer(person)], &edges[..]].concat()
        };
        let face = |x1: f32| Rect { x1, y1: 22.0, x2: x1 + 48.0, y2: 88.0 };
        let rows = [row(1, None), row(2, Some(10.0)), row(3, Some(80.0))];
        let person = |rows, x1| told(rows, Some([1, 2, 3, 4]), &face(x1)).map(|row| row[0].clone());
        assert_eq!(person(&rows, 82.0), Some(Value::Integer(3)));
        assert_eq!(person(&rows, 12.0), Some(Value::Integer(2)));
        assert_eq!(person(&rows, 45.0), None, "neither of them");
        assert_eq!(person(&rows[2..], 12.0), Some(Value::Integer(3)), "the source knows one");
        assert_eq!(told(&rows, None, &face(82.0)), None, "nobody knows where they are");
    }
}

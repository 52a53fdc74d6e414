//! The pictures of a data set, and one pass over them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use analysis::pipeline;
use console::Reporter;
use dataset::{Row, Truth};
use geometry::{Landmarks, Rect};
use imaging::Image;

/// A picture, and the faces that it truly shows.
pub struct Picture {
    path: PathBuf,
    /// The faces.
    pub faces: Vec<Face>,
}

impl AsRef<Path> for Picture {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// What is true of a face, as far as it matters to networks. Lengths are pixels of the picture.
pub struct Face {
    /// The box from the hairline to the chin.
    pub bounds: Rect,
    /// The five points.
    pub five: Landmarks,
    /// The distance of the outer corners of the eyes, by which 300-W divides distances.
    pub corners: Option<f32>,
    /// Degrees by which the head is turned to either side.
    pub yaw: Option<f32>,
    /// Who it is; `None` in sets where nobody is met twice.
    pub person: Option<u32>,
    /// Siblings have the same number.
    pub family: Option<i64>,
    /// Which picture of this person it was before it was made worse.
    pub taken: Option<i64>,
    /// What made it worse, and how far: 0 as it was taken.
    pub harm: Option<(String, i64)>,
}

impl Face {
    /// The face of a row; `None` if the row says that there is none.
    fn of(row: &Row<'_>) -> Option<Self> {
        Some(Self {
            bounds: row.face()?,
            five: row.five()?,
            corners: corners(row),
            yaw: row.float("yaw").map(f32::abs),
            person: row.integer("person").and_then(|number| u32::try_from(number).ok()),
            family: row.integer("family"),
            taken: row.integer("picture"),
            harm: row.integer("grade").map(|grade| (row.text("harm").unwrap_or_default().to_owned(), grade)),
        })
    }
}

/// The distance of the points 36 and 45 of 300-W.
fn corners(row: &Row<'_>) -> Option<f32> {
    let point = |name: &str| Some([row.float(&format!("{name}_x"))?, row.float(&format!("{name}_y"))?]);
    let [[ax, ay], [bx, by]] = [point("point36")?, point("point45")?];
    Some((ax - bx).hypot(ay - by))
}

/// The columns that every face has.
const NEEDED: [&str; 5] = ["face_x1", "left_eye_x", "right_eye_x", "nose_x", "left_mouth_x"];

/// The pictures of a data set.
pub fn of(truth: &Truth) -> anyhow::Result<Vec<Picture>> {
    truth.require(&NEEDED)?;
    let picture = |shown: dataset::Shown<'_>| Picture {
        path: shown.path,
        faces: shown.rows.iter().filter_map(Face::of).collect(),
    };
    Ok(truth.pictures().map(picture).collect())
}

/// Shows every picture to a network, in parallel, and hands what it says to `each` in their order. What cannot be read is
/// reported; the number of these.
pub fn look<T: Send>(
    pictures: &[Picture],
    options: &pipeline::Options,
    reporter: &mut Reporter,
    work: impl Fn(&Picture, Image) -> analysis::Result<T> + Sync,
    mut each: impl FnMut(&Picture, T),
) -> anyhow::Result<usize> {
    let mut failed = 0;
    let mut said = Ok(());
    reporter.start(pictures.len(), "pictures");
    pipeline::run(
        pictures,
        options,
        |picture, image| work(picture, image),
        |picture, outcome| {
            reporter.step();
            match outcome {
                Ok(answer) => each(picture, answer),
                Err(error) => {
                    failed += 1;
                    said = reporter.fail(&picture.path, &error.to_string());
                }
            }
            if said.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    reporter.finish();
    said?;
    Ok(failed)
}

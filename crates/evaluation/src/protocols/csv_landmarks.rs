//! True and found landmarks as CSV.

use std::collections::HashMap;
use std::path::Path;

use geometry::{Point, Rect};

use super::files::{bad_line, quoted};
use super::people::People;
use super::table::{Format, Row, Table, finite};
use crate::{Error, Normaliser, nme};

static FORMAT: Format = Format {
    known: &["face", "point", "x", "y", "found_x", "found_y", "box_width", "box_height", "person"],
    others: false,
    headless: &[&["face", "point", "x", "y", "found_x", "found_y"]],
    limit: 1 << 28,
    help: "a CSV file of true and found landmarks",
};

/// The densest meshes have some 500 points.
const MOST_POINTS: usize = 10_000;

/// Faces with their true landmarks and what was found. All have the same points.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkList {
    /// The file's name without its extension.
    pub name: String,
    /// In the order of their first rows.
    pub faces: Vec<LandmarkFace>,
    /// Whose face it is, numbered from 0; `None` if the file does not tell.
    pub people: Option<Vec<u32>>,
}

/// The landmarks of one face, in pixels of its photo.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkFace {
    /// The face's name in the file.
    pub name: String,
    /// The true points by their numbers.
    pub truth: Vec<Point>,
    /// The points as they were found; `None` where the face was not.
    pub found: Option<Vec<Point>>,
    /// Width and height of the true box, if the file has them.
    pub size: Option<(f32, f32)>,
}

/// By which length of the face a list's errors are divided: a [`Normaliser`] for all faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LandmarkNormaliser {
    /// The distance of two true points, by their numbers.
    Eyes(usize, usize),
    /// The square root of the true box's area.
    BoxSize,
    /// The diagonal of the true box.
    BoxDiagonal,
}

impl LandmarkList {
    /// How many points each face has.
    pub fn points(&self) -> usize {
        self.faces.first().map_or(0, |face| face.truth.len())
    }

    /// The [`nme`] of each face; `None` where it was not found.
    ///
    /// # Errors
    /// [`Error::Image`] for a face that has no box, whose length is 0, or that has not the points of the eyes.
    pub fn errors(&self, normaliser: LandmarkNormaliser) -> Result<Vec<Option<f64>>, Error> {
        self.faces.iter().map(|face| face.error(normaliser)).collect()
    }
}

impl LandmarkFace {
    fn error(&self, normaliser: LandmarkNormaliser) -> Result<Option<f64>, Error> {
        let bad = |problem: String| Error::Image { image: self.name.clone(), problem };
        let rect = || -> Result<Rect, Error> {
            let (width, height) = self.size.ok_or_else(|| {
                bad("it has no box: give the columns box_width and box_height, or divide by the eyes' distance".into())
            })?;
            Ok(Rect::from_xywh(0.0, 0.0, width, height))
        };
        let normaliser = match normaliser {
            LandmarkNormaliser::Eyes(left, right) => Normaliser::InterOcular { left, right },
            LandmarkNormaliser::BoxSize => Normaliser::BoxSize(rect()?),
            LandmarkNormaliser::BoxDiagonal => Normaliser::BoxDiagonal(rect()?),
        };
        // A face that was not found must have a length as well, or the next program's numbers are of other faces.
        let found = self.found.as_ref().unwrap_or(&self.truth);
        let error = nme(found, &self.truth, normaliser).map_err(|error| bad(error.to_string()))?;
        Ok(self.found.as_ref().map(|_| error))
    }
}

/// Reads a CSV file of landmarks with a row for each point, up to 256 MiB: `face,point,x,y,found_x,found_y`, and with a
/// header in any order `box_width`, `box_height` and `person` too.
///
/// `point` counts from 0. Coordinates are pixels of the photo. `found_x` and `found_y` are blank in all rows of a face
/// that was not found. The rows of a face need not stand together.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file, such as a point that is named twice or missing,
/// a face of which only some points were found, or two boxes of one face; [`Error::Layout`] if no face was found.
pub fn read_landmarks_csv(path: &Path) -> Result<LandmarkList, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["face", "point", "x", "y", "found_x", "found_y"])?;
    let boxed = table.has("box_width") || table.has("box_height");
    table.require(if boxed { &["box_width", "box_height"] } else { &[] })?;
    let named = table.has("person");
    let mut people = People::default();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut faces: Vec<Entered> = Vec::new();
    while let Some(row) = table.next_row()? {
        let name = row.need("face")?;
        let size = if boxed { Some((length(&row, "box_width")?, length(&row, "box_height")?)) } else { None };
        let person = if named { Some(people.number(row.need("person")?)) } else { None };
        let next = faces.len();
        let number = *numbers.entry(name.to_owned()).or_insert(next);
        if number == next {
            faces.push(Entered { name: name.to_owned(), line: row.line(), size, person, rows: Vec::new() });
        }
        faces[number].add(&row, size, person)?;
    }

    let Some(points) = faces.first().map(|face| face.rows.len()) else {
        let problem = "there is no row: there is nothing to measure".to_owned();
        return Err(Error::Layout { path: path.to_owned(), problem });
    };
    let shows = faces.iter().filter_map(|face| face.person).collect();
    let first = quoted(&faces[0].name);
    let complete = |face: Entered| {
        let line = face.line;
        face.complete(points, &first).map_err(|problem| bad_line(path, line, problem))
    };
    let faces = faces.into_iter().map(complete).collect::<Result<Vec<_>, Error>>()?;
    if faces.iter().all(|face| face.found.is_none()) {
        let problem = "no face was found: there is nothing to measure".to_owned();
        return Err(Error::Layout { path: path.to_owned(), problem });
    }
    Ok(LandmarkList {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        faces,
        people: named.then_some(shows),
    })
}

/// A face whose rows are being read.
struct Entered {
    name: String,
    /// Of its first row.
    line: usize,
    size: Option<(f32, f32)>,
    person: Option<u32>,
    /// The number of each point, where it is, and where it was found.
    rows: Vec<(usize, Point, Option<Point>)>,
}

impl Entered {
    fn add(&mut self, row: &Row<'_>, size: Option<(f32, f32)>, person: Option<u32>) -> Result<(), Error> {
        for (differs, what) in [(size != self.size, "box"), (person != self.person, "person")] {
            if differs {
                let (name, line) = (quoted(&self.name), self.line);
                return Err(row.bad(format!("{name} has another {what} here than on line {line}")));
            }
        }
        let cell = row.need("point")?;
        let point = cell.parse().ok().filter(|point| *point < MOST_POINTS).ok_or_else(|| {
            row.bad(format!("the point {} is no number from 0 to {}", quoted(cell), MOST_POINTS - 1))
        })?;
        let truth = Point { x: coordinate(row, "x")?, y: coordinate(row, "y")? };
        let found = match (row.get("found_x"), row.get("found_y")) {
            (None, None) => None,
            _ => Some(Point { x: coordinate(row, "found_x")?, y: coordinate(row, "found_y")? }),
        };
        if self.rows.last().is_some_and(|(.., before)| before.is_some() != found.is_some()) {
            let name = quoted(&self.name);
            return Err(row.bad(format!(
                "{name} has points that were found and points that were not: a face is found with all of them, or \
                 found_x and found_y are blank in all its rows"
            )));
        }
        if self.rows.len() == MOST_POINTS {
            return Err(row.bad(format!("{} has more than {MOST_POINTS} points", quoted(&self.name))));
        }
        self.rows.push((point, truth, found));
        Ok(())
    }

    /// The face with its points in order, or what is wrong with them.
    fn complete(mut self, points: usize, first: &str) -> Result<LandmarkFace, String> {
        self.rows.sort_by_key(|row| row.0);
        let name = quoted(&self.name);
        if let Some(twice) = self.rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("{name} has the point {} twice", twice[0].0));
        }
        if let Some(missing) = (0..self.rows.len()).find(|&point| self.rows[point].0 != point) {
            return Err(format!("{name} has no point {missing}: points are counted from 0"));
        }
        if self.rows.len() != points {
            let got = self.rows.len();
            return Err(format!(
                "{name} has {got} points, where {first} has {points}: give all faces the same"
            ));
        }
        Ok(LandmarkFace {
            truth: self.rows.iter().map(|row| row.1).collect(),
            found: self.rows.iter().map(|row| row.2).collect(),
            name: self.name,
            size: self.size,
        })
    }
}

fn coordinate(row: &Row<'_>, column: &str) -> Result<f32, Error> {
    let cell = row.need(column)?;
    finite(cell).ok_or_else(|| row.bad(format!("{column} is {}, which is no finite number", quoted(cell))))
}

fn length(row: &Row<'_>, column: &str) -> Result<f32, Error> {
    let cell = row.need(column)?;
    finite(cell)
        .filter(|length| *length > 0.0)
        .ok_or_else(|| row.bad(format!("{column} is {}, where a number above 0 was expected", quoted(cell))))
}

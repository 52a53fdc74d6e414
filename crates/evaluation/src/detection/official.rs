//! WIDER FACE's own ground truth: four MATLAB files with boxes, labels and the three lists.
//!
//! `wider_face_val.mat` has the events, the files of each event, and for each file a matrix of boxes (x, y, width,
//! height) and a column for each other label. `wider_easy_val.mat`, `wider_medium_val.mat` and `wider_hard_val.mat`
//! have `gt_list`: for each file the numbers of the faces that count, from 1. Spec detection/03b, section 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use geometry::Rect;

use super::attributes::WiderAttributes;
use super::mat::{Numbers, Value, read_variables};
use super::truth::{WiderFace, WiderImage, WiderLists, WiderSubsets, WiderTruth, check_place, image_name};
use crate::Error;

/// The list that one of the files stands for.
type Flag = fn(&mut WiderSubsets) -> &mut bool;

impl WiderTruth {
    /// Reads `wider_face_val.mat`, `wider_easy_val.mat`, `wider_medium_val.mat` and `wider_hard_val.mat` from the
    /// folder `ground_truth` of the official `eval_tools`.
    ///
    /// The four are looked for in `dir`, `dir/ground_truth` and `dir/eval_tools/ground_truth`, in this order.
    ///
    /// # Errors [`Error::Read`] and [`Error::TooLarge`] for the files; [`Error::Layout`] if they are not there, are
    /// not what they should be, or do not fit together.
    pub fn read_official(dir: &Path) -> Result<Self, Error> {
        let folder = ground_truth(dir)?;
        let faces = Lists::read(folder.join("wider_face_val.mat"))?;
        let names = faces.names()?;
        let mut images = faces.images(&names)?;
        let flags: [(&str, Flag); 3] = [
            ("wider_easy_val.mat", |of| &mut of.easy),
            ("wider_medium_val.mat", |of| &mut of.medium),
            ("wider_hard_val.mat", |of| &mut of.hard),
        ];
        for (file, flag) in flags {
            let lists = Lists::read(folder.join(file))?;
            if lists.names()? != names {
                return Err(lists.bad(format!("lists other images than {}", faces.path.display())));
            }
            lists.mark(&names, &mut images, flag)?;
        }
        Self::with_lists(images, WiderLists::Given).map_err(|error| faces.bad(error.to_string()))
    }
}

fn ground_truth(dir: &Path) -> Result<PathBuf, Error> {
    let folders = [dir.to_owned(), dir.join("ground_truth"), dir.join("eval_tools").join("ground_truth")];
    folders.into_iter().find(|folder| folder.join("wider_face_val.mat").is_file()).ok_or_else(|| Error::Layout {
        path: dir.to_owned(),
        problem: "wider_face_val.mat is neither there nor in ground_truth or eval_tools/ground_truth: unpack WIDER \
                  FACE's eval_tools there (docs/evaluation-wider.md)"
            .to_owned(),
    })
}

/// One of the four files.
struct Lists {
    path: PathBuf,
    variables: BTreeMap<String, Value>,
}

impl Lists {
    fn read(path: PathBuf) -> Result<Self, Error> {
        let labels = WiderAttributes::COLUMNS.map(|(name, _)| label_list(name));
        let mut wanted = vec!["event_list", "file_list", "face_bbx_list", "gt_list"];
        wanted.extend(labels.iter().map(String::as_str));
        let variables = read_variables(&path, &wanted)?;
        Ok(Self { path, variables })
    }

    fn bad(&self, problem: impl Into<String>) -> Error {
        Error::Layout { path: self.path.clone(), problem: problem.into() }
    }

    fn cells(&self, variable: &str) -> Result<&[Value], Error> {
        match self.variables.get(variable) {
            Some(Value::Cells(cells)) => Ok(cells),
            Some(other) => {
                Err(self.bad(format!("{variable} has {}, where cells were expected", other.kind())))
            }
            None => Err(self.bad(format!("has no {variable}: is it one of WIDER FACE's files?"))),
        }
    }

    /// What `variable` has for every image of every event: cells in cells.
    fn nested(&self, variable: &str) -> Result<Vec<&[Value]>, Error> {
        let mut events = Vec::new();
        for event in self.cells(variable)? {
            match event {
                Value::Cells(images) => events.push(images.as_slice()),
                other => {
                    let problem =
                        format!("{variable} has {} for an event, not a cell for each image", other.kind());
                    return Err(self.bad(problem));
                }
            }
        }
        Ok(events)
    }

    /// `EVENT/NAME` of every image.
    fn names(&self) -> Result<Vec<Vec<String>>, Error> {
        let events = self.cells("event_list")?;
        let files = self.nested("file_list")?;
        if events.len() != files.len() {
            return Err(self.bad(format!("has {} events, but files of {}", events.len(), files.len())));
        }
        let name = |event: &Value, file: &Value| match (event, file) {
            (Value::Text(event), Value::Text(file)) => {
                image_name(&format!("{event}/{file}")).map_err(|problem| self.bad(problem))
            }
            _ => Err(self.bad("the name of an event or a file is not text")),
        };
        let of_event =
            |(event, files): (&Value, &[Value])| files.iter().map(|file| name(event, file)).collect();
        events.iter().zip(files).map(of_event).collect()
    }

    /// The numbers that `variable` has for every image, in the order of `names`.
    fn numbers(&self, variable: &str, names: &[Vec<String>]) -> Result<Vec<&Numbers>, Error> {
        let nested = self.nested(variable)?;
        let fits = nested.len() == names.len() && nested.iter().zip(names).all(|(a, b)| a.len() == b.len());
        if !fits {
            return Err(self.bad(format!("{variable} has not one cell for each file of file_list")));
        }
        let mut found = Vec::new();
        for (value, name) in nested.into_iter().flatten().zip(names.iter().flatten()) {
            match value {
                Value::Numbers(numbers) => found.push(numbers),
                other => {
                    let problem = format!("{variable} has {} for {name}, not numbers", other.kind());
                    return Err(self.bad(problem));
                }
            }
        }
        Ok(found)
    }

    /// All images with their faces, which are on no list yet.
    fn images(&self, names: &[Vec<String>]) -> Result<Vec<WiderImage>, Error> {
        let boxes = self.numbers("face_bbx_list", names)?;
        let mut labels = Vec::new();
        for (name, _) in WiderAttributes::COLUMNS {
            labels.push(self.numbers(&label_list(name), names)?);
        }
        let image = |(number, (name, boxes)): (usize, (&String, &Numbers))| {
            let labels: Vec<&[f64]> = labels.iter().map(|of| of[number].values.as_slice()).collect();
            faces(boxes, &labels)
                .map(|faces| WiderImage { name: name.clone(), faces })
                .map_err(|problem| self.bad(format!("{name}: {problem}")))
        };
        names.iter().flatten().zip(boxes).enumerate().map(image).collect()
    }

    /// Puts the faces that `gt_list` names on the list that `flag` stands for.
    fn mark(&self, names: &[Vec<String>], images: &mut [WiderImage], flag: Flag) -> Result<(), Error> {
        let lists = self.numbers("gt_list", names)?;
        for (image, list) in images.iter_mut().zip(lists) {
            let count = image.faces.len();
            for number in &list.values {
                let bad = |problem| self.bad(format!("{}: gt_list names face {number}{problem}", image.name));
                let face = index(*number).and_then(|index| image.faces.get_mut(index));
                let on_list = flag(&mut face.ok_or_else(|| bad(format!(", but there are {count}")))?.subsets);
                if std::mem::replace(on_list, true) {
                    return Err(bad(" twice".to_owned()));
                }
            }
        }
        Ok(())
    }
}

fn label_list(name: &str) -> String {
    format!("{name}_label_list")
}

/// The faces of one image: a row of x, y, width, height each, and one number of each kind of label.
fn faces(boxes: &Numbers, labels: &[&[f64]]) -> Result<Vec<WiderFace>, String> {
    let count = if boxes.values.is_empty() { 0 } else { boxes.rows };
    if count > 0 && boxes.columns != 4 {
        return Err(format!("a box has {} numbers, not 4", boxes.columns));
    }
    for (label, (name, _)) in labels.iter().zip(WiderAttributes::COLUMNS) {
        if label.len() != count {
            return Err(format!("{} faces have {} labels of {name}", count, label.len()));
        }
    }
    (0..count)
        .map(|face| {
            let bad = |problem| format!("face {}: {problem}", face + 1);
            let xywh = [0, 1, 2, 3].map(|column| boxes.values[column * count + face]);
            check_place(xywh).map_err(bad)?;
            let mut columns = [0.0; WiderAttributes::COLUMNS.len()];
            for (column, label) in columns.iter_mut().zip(labels) {
                *column = label[face];
            }
            let attributes = WiderAttributes::from_columns(columns).map_err(bad)?;
            let [x, y, width, height] = xywh.map(|value| value as f32);
            let rect = Rect::from_xywh(x, y, width, height);
            Ok(WiderFace { rect, attributes: Some(attributes), subsets: WiderSubsets::default() })
        })
        .collect()
}

/// The index, from 0, of what has this number, from 1.
fn index(number: f64) -> Option<usize> {
    // Numbers beyond `usize` saturate, and are out of any range.
    (number >= 1.0 && number.fract() == 0.0).then(|| number as usize - 1)
}

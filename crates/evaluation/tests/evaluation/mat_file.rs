//! A minimal writer of MATLAB files, version 5, and of WIDER FACE's ground truth with it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use omote_evaluation::{WiderFace, WiderImage, WiderSubsets};

/// What a variable or a cell holds.
pub(crate) enum Mat {
    /// One column of cells.
    Cells(Vec<Mat>),
    Text(String),
    /// `rows` x `columns`, down the columns.
    Numbers(usize, usize, Vec<i32>),
}

/// A file with these variables, each compressed if asked for, as MATLAB does.
pub(crate) fn mat_file(variables: &[(String, Mat)], compressed: bool) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file, made up".to_vec();
    file.resize(124, b' ');
    file.extend([0, 1, b'I', b'M']);
    for (name, value) in variables {
        let variable = array(name, value);
        if compressed {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&variable).unwrap();
            let data = encoder.finish().unwrap();
            file.extend([15_u32.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat());
            file.extend(data);
        } else {
            file.extend(variable);
        }
    }
    file
}

fn array(name: &str, value: &Mat) -> Vec<u8> {
    let (class, rows, columns, content) = match value {
        Mat::Cells(cells) => (1, cells.len(), 1, cells.iter().flat_map(|cell| array("", cell)).collect()),
        Mat::Text(text) => (4, 1, text.len(), element(16, text.as_bytes())),
        Mat::Numbers(rows, columns, values) => {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (12, *rows, *columns, element(5, &bytes))
        }
    };
    let sizes = [rows as i32, columns as i32].map(i32::to_le_bytes).concat();
    let flags = element(6, &[class, 0, 0, 0, 0, 0, 0, 0]);
    element(14, &[flags, element(5, &sizes), element(1, name.as_bytes()), content].concat())
}

fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

type OnList = fn(WiderSubsets) -> bool;

/// The four files of the official ground truth, by name. The images must be in the order of their events.
pub(crate) fn ground_truth(images: &[WiderImage]) -> BTreeMap<&'static str, Vec<(String, Mat)>> {
    let lists: [(&str, Option<OnList>); 4] = [
        ("wider_face_val.mat", None),
        ("wider_easy_val.mat", Some(|of| of.easy)),
        ("wider_medium_val.mat", Some(|of| of.medium)),
        ("wider_hard_val.mat", Some(|of| of.hard)),
    ];
    lists.into_iter().map(|(file, on_list)| (file, variables(images, on_list))).collect()
}

fn variables(images: &[WiderImage], on_list: Option<OnList>) -> Vec<(String, Mat)> {
    let events: Vec<&[WiderImage]> = images.chunk_by(|a, b| split(a).0 == split(b).0).collect();
    let nested = |of_image: &dyn Fn(&WiderImage) -> Mat| {
        Mat::Cells(events.iter().map(|images| Mat::Cells(images.iter().map(of_image).collect())).collect())
    };
    let event = |images: &&[WiderImage]| Mat::Text(split(&images[0]).0.to_owned());
    let mut variables = vec![
        ("event_list".to_owned(), Mat::Cells(events.iter().map(event).collect())),
        ("file_list".to_owned(), nested(&|image| Mat::Text(split(image).1.to_owned()))),
        ("face_bbx_list".to_owned(), nested(&boxes)),
    ];
    for (column, name) in
        ["blur", "expression", "illumination", "invalid", "occlusion", "pose"].into_iter().enumerate()
    {
        let labels = |image: &WiderImage| column_of(image.faces.iter().map(|face| labels(face)[column]));
        variables.push((format!("{name}_label_list"), nested(&labels)));
    }
    if let Some(on_list) = on_list {
        let list = |image: &WiderImage| {
            column_of((1..).zip(&image.faces).filter(|(_, face)| on_list(face.subsets)).map(|(n, _)| n))
        };
        variables.push(("gt_list".to_owned(), nested(&list)));
    }
    variables
}

fn split(image: &WiderImage) -> (&str, &str) {
    image.name.split_once('/').unwrap()
}

fn boxes(image: &WiderImage) -> Mat {
    let columns = [0, 1, 2, 3].map(|column| {
        image.faces.iter().map(move |face| {
            [face.rect.x1, face.rect.y1, face.rect.width(), face.rect.height()][column] as i32
        })
    });
    Mat::Numbers(image.faces.len(), 4, columns.into_iter().flatten().collect())
}

fn labels(face: &WiderFace) -> [i32; 6] {
    let of = face.attributes.unwrap();
    [of.blur, of.expression, of.illumination, of.invalid.into(), of.occlusion, of.pose].map(i32::from)
}

fn column_of(values: impl Iterator<Item = i32>) -> Mat {
    let values: Vec<i32> = values.collect();
    Mat::Numbers(values.len(), 1, values)
}

/// Writes the ground truth of the images into a folder.
pub(crate) fn write_ground_truth(folder: &Path, images: &[WiderImage], compressed: bool) {
    fs::create_dir_all(folder).unwrap();
    for (file, variables) in ground_truth(images) {
        fs::write(folder.join(file), mat_file(&variables, compressed)).unwrap();
    }
}

//! MTCNN's cascade on white squares, which three tiny networks of one filter each look for.

use fixtures::onnx::{Attribute, Graph, Size as Axis};
use geometry::Rect;
use imaging::Image;
use model::{Batch, Color, Decoder, Input, Installed, InstalledFile, Layout, Output, Size};
use omote_analysis::{DetectOptions, DetectSize, Detection, Detector, Error, open_detector};

use crate::support::{TWO, detector_model, engine};

/// The part of a window that a white square fills when the networks like it best.
const FILL: f32 = 0.6;

/// A network with the outputs of one stage of MTCNN: a filter of `side` x `side` pixels, bright in the middle and dark
/// around it, makes the probability, everything else is constant.
fn network(
    side: usize,
    stride: usize,
    name: &str,
    map: bool,
    offsets: [f32; 4],
    points: Option<[f32; 10]>,
) -> Vec<u8> {
    let mut graph = Graph::new();
    let free = |name| Axis::Free(name);
    let picture = if map { [free("h"), free("w")] } else { [Axis::Fixed(side), Axis::Fixed(side)] };
    graph.input("input", &[free("n"), Axis::Fixed(3), picture[0], picture[1]]);
    let output = |graph: &mut Graph, value: &str, channels: usize, output: &str| {
        if map {
            graph.node_to("Identity", &[value], &[], &[output]);
            graph.output(output, &[free("n"), Axis::Fixed(channels), free("oh"), free("ow")]);
        } else {
            graph.node_to("Flatten", &[value], &[("axis", Attribute::Int(1))], &[output]);
            graph.output(output, &[free("n"), Axis::Fixed(channels)]);
        }
    };

    let middle = |i: usize| ((i as f32 + 0.5) / side as f32 - 0.5).abs() < 0.5 * FILL;
    let inside = (0..side).filter(|&i| middle(i)).count();
    let (bright, dark) = (1.0 / (inside * inside) as f32, -1.0 / (side * side - inside * inside) as f32);
    let mut weights = vec![0.0; 2 * 3 * side * side];
    for channel in 3..6 {
        for row in 0..side {
            for column in 0..side {
                let weight = if middle(row) && middle(column) { bright } else { dark };
                weights[(channel * side + row) * side + column] = 4.0 * weight;
            }
        }
    }
    // A perfect match answers 3 * 4 * 2.
    let logits = graph.convolution("input", [2, 3, side, side], weights, vec![0.0, -13.0], stride, 0);
    let probabilities = graph.node("Softmax", &[&logits], &[("axis", Attribute::Int(1))]);
    output(&mut graph, &probabilities, 2, &format!("{name}_prob"));
    let mut constant = |values: &[f32], output_name: &str| {
        let zeros = vec![0.0; values.len() * 3 * side * side];
        let value =
            graph.convolution("input", [values.len(), 3, side, side], zeros, values.to_vec(), stride, 0);
        output(&mut graph, &value, values.len(), output_name);
    };
    constant(&offsets, &format!("{name}_reg"));
    if let Some(points) = points {
        constant(&points, &format!("{name}_points"));
    }
    graph.finish()
}

const POINTS: [f32; 10] = [0.4, 0.6, 0.5, 0.42, 0.58, 0.4, 0.4, 0.5, 0.6, 0.6];

fn model() -> Installed {
    let mut model = detector_model();
    let shrink = 0.5 * (1.0 - FILL);
    let networks = [
        // 11 pixels every second pixel: as many cells as P-Net's map has.
        ("pnet", network(11, 2, "p", true, [0.0; 4], None)),
        ("rnet", network(24, 1, "r", false, [0.0; 4], None)),
        ("onet", network(48, 1, "o", false, [shrink, shrink, -shrink, -shrink], Some(POINTS))),
    ];
    let file =
        |(role, bytes): (&str, Vec<u8>)| InstalledFile { role: role.to_owned(), path: role.into(), bytes };
    model.files = networks.map(file).into();
    model.manifest.output = Output::Faces { decoder: Decoder::Mtcnn, names: Vec::new() };
    model.manifest.input = Input {
        size: Size::Dynamic { multiple_of: 1 },
        color: Color::Rgb,
        mean: [127.5; 3],
        std: [128.0; 3],
        layout: Layout::Nchw,
        batch: Batch::Dynamic,
    };
    model
}

fn cascade() -> Box<dyn Detector> {
    open_detector(&model(), engine(), TWO).unwrap()
}

/// Squares that fill the middle of a window of the pyramid that starts from faces of 20 pixels: P-Net's windows lie on a
/// coarse grid, and these networks do not correct them.
const SQUARES: [(u32, u32, u32); 2] = [(48, 48, 24), (190, 78, 67)];

/// A black photo with white squares (x, y, side).
fn photo(width: u32, height: u32, squares: &[(u32, u32, u32)]) -> Image {
    let mut photo = Image::new(width, height);
    for &(left, top, side) in squares {
        for y in top..(top + side).min(height) {
            for x in left..(left + side).min(width) {
                photo.set_pixel(x, y, [255; 3]);
            }
        }
    }
    photo
}

fn check(found: &Detection, (x, y, side): (u32, u32, u32)) {
    let square = Rect::from_xywh(x as f32, y as f32, side as f32, side as f32);
    assert!(found.bounds.iou(&square) > 0.6, "{found:?} {square:?}");
    let (nose, center) = (found.landmarks.unwrap().nose(), square.center());
    assert!(nose.distance(center) < 0.15 * side as f32, "{nose:?} {center:?}");
    let [left, right, ..] = found.landmarks.unwrap().0;
    assert!(left.x < nose.x && right.x > nose.x && left.y < nose.y, "all x come before all y");
}

#[test]
fn squares_are_found_where_they_are() {
    for size in [DetectSize::Auto, DetectSize::Native, DetectSize::Fixed(800)] {
        let options = DetectOptions { size, ..Default::default() };
        let mut found = cascade().detect(&photo(400, 300, &SQUARES), &options).unwrap();
        found.sort_by(|a, b| a.bounds.x1.total_cmp(&b.bounds.x1));
        assert_eq!(found.len(), 2, "{size}: {found:?}");
        found.iter().zip(SQUARES).for_each(|(found, square)| check(found, square));
    }
}

#[test]
fn the_smallest_face_bounds_the_search() {
    let options = DetectOptions { min_face: 56.12, ..Default::default() };
    let found = cascade().detect(&photo(400, 300, &SQUARES), &options).unwrap();
    assert_eq!(found.len(), 1);
    check(&found[0], SQUARES[1]);
}

#[test]
fn faces_between_strips_are_found() {
    // At its own size this photo is run in two strips that meet at row 514.
    let squares = [(200, 510, 14), (700, 300, 14)];
    let options = DetectOptions { min_face: 12.0, ..Default::default() };
    let mut found = cascade().detect(&photo(1000, 1000, &squares), &options).unwrap();
    found.sort_by(|a, b| a.bounds.x1.total_cmp(&b.bounds.x1));
    assert_eq!(found.len(), 2, "{found:?}");
    found.iter().zip(squares).for_each(|(found, square)| check(found, square));
}

#[test]
fn photos_without_faces_and_without_size_have_none() {
    for (width, height) in [(1, 1), (11, 300), (30, 30), (640, 12), (200, 150)] {
        let found = cascade().detect(&photo(width, height, &[]), &DetectOptions::default()).unwrap();
        assert!(found.is_empty(), "{width}x{height}");
    }
    // White all over: nothing dark around anything.
    let found = cascade().detect(&photo(120, 90, &[(0, 0, 120)]), &DetectOptions::default()).unwrap();
    assert!(found.iter().all(|face| face.bounds.is_finite()));
}

#[test]
fn networks_in_the_wrong_place_are_refused() {
    let mut swapped = model();
    swapped.files[1].bytes = network(24, 1, "r", false, [0.0; 4], None);
    swapped.files[0].bytes = network(11, 1, "p", true, [0.0; 4], None);
    let detector = open_detector(&swapped, engine(), TWO).unwrap();
    let error = detector.detect(&photo(100, 100, &[]), &DetectOptions::default()).unwrap_err();
    assert!(matches!(&error, Error::Output { reason, .. } if reason.contains("P-Net")), "{error}");

    let mut missing = model();
    missing.files.pop();
    assert!(matches!(open_detector(&missing, engine(), TWO).err(), Some(Error::File { role: "onet", .. })));
    let size = DetectSize::Fixed(5);
    let error =
        cascade().detect(&photo(9, 9, &[]), &DetectOptions { size, ..Default::default() }).unwrap_err();
    assert!(matches!(error, Error::NetworkSize { .. }));
}

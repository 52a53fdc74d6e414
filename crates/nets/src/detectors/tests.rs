use burn::tensor::{Device, Tensor};
use geometry::{Landmarks, Point, Rect};

use super::losses::extended_overlap_loss;
use super::predictions::numbers as values;
use super::*;
use crate::gradients;
use crate::testing::{spread, tensor};
use crate::weights::painted::{numbers, painted};

fn square(x: f32, y: f32, side: f32) -> Rect {
    Rect::from_xywh(x, y, side, side)
}

#[test]
fn yunets_are_as_large_as_published_and_compute_what_pytorch_computes() {
    let device = Device::flex();
    for (size, parameters, cost, expected) in [
        (YuNetSize::N, 75_856, 135_598_400, [-0.645_887_4, -0.645_887_4, -23.779_858, -30.201_078]),
        (YuNetSize::S, 54_608, 86_056_000, [38.654_533, 38.654_533, 40.889_557, 29.526_394]),
    ] {
        let config = YuNetConfig { size, input: [320, 320] };
        assert_eq!(config.check(), Ok(()));
        assert_eq!(config.parameters(), parameters);
        assert_eq!(config.multiply_accumulates(), cost);
        let net = painted(config.init(&device));
        let found = net.forward(tensor(&numbers(3 * 64 * 96, 12345), [1, 3, 64, 96], &device));
        assert_eq!(found.cells.len(), 126);
        assert_eq!(found.cells[100], Cell { x: 64.0, y: 0.0, stride: 16.0 });
        let last = |of: Tensor<3>| values(of.narrow(1, 100, 1)).pop().expect("numbers");
        let classes = [found.classes, found.objects].map(|of| values(of)[100]);
        let found = [classes[0], classes[1], last(found.boxes), last(found.points)];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 3e-3, "{found} {expected}");
        }
    }
    for (input, bad) in [([320, 300], 300), ([0, 320], 0), ([32, 4096], 4096)] {
        let complaint = YuNetConfig { size: YuNetSize::S, input }.check().expect_err("a complaint");
        assert!(complaint.ends_with(&format!("a multiple of 32 within 32..2048, not {bad}")), "{complaint}");
    }
}

/// Cells of 8 pixels in an image of 64 x 64.
fn grid() -> Vec<Cell> {
    Cell::grid(8, 8, 8).collect()
}

fn given(assigned: &[Option<Assigned>]) -> Vec<(usize, usize)> {
    assigned.iter().enumerate().filter_map(|(at, assigned)| Some((at, (*assigned)?.face))).collect()
}

#[test]
fn a_face_that_no_box_covers_goes_to_the_most_confident_cell_near_it() {
    let face = square(20.0, 20.0, 24.0);
    let mut confidences = vec![0.1; 64];
    // Row 3, column 4 has its center at (36, 28): within the face. Row 0, column 0 is more confident, and far
    // away.
    (confidences[28], confidences[0]) = (0.5, 0.9);
    let assigned = assign(&grid(), &confidences, &[square(0.0, 0.0, 1.0); 64], &[face]);
    assert_eq!(given(&assigned), [(28, 0)]);
    assert_eq!(assigned[28].expect("a face").overlap, 0.0);
}

#[test]
fn a_face_goes_to_as_many_cells_as_boxes_cover_it() {
    let face = square(16.0, 16.0, 32.0);
    let mut boxes = [square(0.0, 0.0, 1.0); 64];
    for at in [18, 19, 27] {
        boxes[at] = face;
    }
    // Three whole ones and a half: still three.
    boxes[28] = Rect { x1: 16.0, y1: 16.0, x2: 32.0, y2: 48.0 };
    let assigned = assign(&grid(), &[0.5; 64], &boxes, &[face]);
    assert_eq!(given(&assigned), [(18, 0), (19, 0), (27, 0)]);
    // A cell with a perfect box that is neither within the face nor near its center is none of its cells.
    boxes[63] = face;
    assert_eq!(given(&assign(&grid(), &[0.5; 64], &boxes, &[face])).len(), 3);
    // One near the center of a small face, but outside of it, comes after those inside.
    let small = square(25.0, 25.0, 7.0);
    assert_eq!(given(&assign(&grid(), &[0.5; 64], &[square(0.0, 0.0, 1.0); 64], &[small])), [(27, 0)]);
}

#[test]
fn a_cell_that_two_faces_want_goes_to_the_one_that_it_costs_less() {
    let faces = [square(16.0, 16.0, 16.0), square(18.0, 16.0, 16.0)];
    let mut boxes = [square(0.0, 0.0, 1.0); 64];
    boxes[18] = square(18.0, 16.0, 15.0);
    let mut confidences = vec![0.01; 64];
    confidences[18] = 0.9;
    let assigned = assign(&grid(), &confidences, &boxes, &faces);
    assert_eq!(given(&assigned), [(18, 1)]);
    let overlap = assigned[18].expect("a face").overlap;
    assert!((overlap - 225.0 / 256.0).abs() < 1e-6, "{overlap}");
}

#[test]
fn nothing_is_given_where_nothing_is() {
    assert!(given(&assign(&grid(), &[0.5; 64], &[square(0.0, 0.0, 8.0); 64], &[])).is_empty());
    let away = square(900.0, 900.0, 10.0);
    assert!(given(&assign(&grid(), &[0.5; 64], &[away; 64], &[away])).is_empty());
    let nan = Rect { x1: f32::NAN, ..away };
    assert!(given(&assign(&grid(), &[f32::NAN; 64], &[nan; 64], &[nan])).is_empty());
    // A network that says nothing any more does not stop the program.
    assert_eq!(given(&assign(&grid(), &[f32::NAN; 64], &[nan; 64], &[square(8.0, 8.0, 16.0)])).len(), 1);
}

/// Values of the published loss: the same box, a small shift, half, a part, and boxes that do not meet.
#[test]
fn boxes_that_do_not_meet_cost_the_more_the_further_they_are_apart() {
    let device = Device::flex();
    let boxes: Vec<f32> = [[0., 0., 10., 10.]; 3].into_iter().chain([[2., 2., 4., 6.]]).flatten().collect();
    let boxes = [boxes, vec![0., 0., 10., 10., 0., 0., 10., 10.]].concat();
    let faces = [
        [0.0, 0.0, 10.0, 10.0],
        [0.2, 0.0, 10.0, 10.0],
        [5.0, 0.0, 15.0, 10.0],
        [0.0, 0.0, 8.0, 8.0],
        [20.0, 30.0, 30.0, 40.0],
        [12.0, 0.0, 22.0, 10.0],
    ];
    let found =
        extended_overlap_loss(tensor(&boxes, [6, 4], &device), tensor(&faces.concat(), [6, 4], &device));
    let expected = [0.0, 0.002, 0.616_666_6, 0.825, 1.783_333_3, 1.040_909_2];
    for (found, expected) in values(found).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    // Near, apart and one within the other.
    let device = Device::flex().autodiff();
    let (boxes, faces) = ([1.0, 1.0, 4.0, 5.0, 0.0, 0.0, 2.0, 3.0, 1.0, 1.0, 2.0, 2.0], [1.5, 0.5, 4.5, 4.0]);
    let faces = [faces, [3.0, 4.0, 5.0, 6.0], [0.5, 0.0, 3.0, 3.0]].concat();
    gradients::check([3, 4], &boxes, 0.01, |x| {
        extended_overlap_loss(x, tensor(&faces, [3, 4], &device)).sum()
    });
}

/// What a network would say of an image of 32 x 32: cells of 8, 16 and 32 pixels.
fn predictions(outputs: Tensor<2>) -> Predictions {
    let column = |from: usize, count: usize| outputs.clone().narrow(1, from, count);
    let cells =
        [(8, 4), (16, 2), (32, 1)].into_iter().flat_map(|(stride, side)| Cell::grid(stride, side, side));
    Predictions {
        classes: column(0, 1).swap_dims(0, 1),
        objects: column(1, 1).swap_dims(0, 1),
        boxes: column(2, 4).unsqueeze(),
        points: column(6, 10).unsqueeze(),
        cells: cells.collect(),
    }
}

fn face(bounds: Rect) -> Face {
    let center = bounds.center();
    let landmarks = std::array::from_fn(|at| Point::new(center.x + at as f32 - 2.0, center.y + at as f32));
    Face { bounds, landmarks: Some(Landmarks(landmarks)) }
}

#[test]
fn the_loss_is_the_sum_of_the_equations() {
    let device = Device::flex();
    let outputs = || Tensor::zeros([21, 16], &device);
    let log2 = std::f32::consts::LN_2;
    let part = |loss: &DetectionLoss, at: usize| values(loss.parts[at].1.clone())[0];
    // No faces: objectness alone, of 21 cells.
    let empty = predictions(outputs()).loss(&[Vec::new()]);
    assert_eq!(empty.cells, 0);
    assert!((values(empty.loss.clone())[0] - 21.0 * log2).abs() < 1e-4);
    // The cell of 8 pixels at (8, 16) has its center within the face, and says (4, 12)..(12, 20): a quarter
    // of it.
    let bounds = Rect { x1: 0.0, y1: 8.0, x2: 16.0, y2: 24.0 };
    let known = Landmarks([Point::new(8.8, 16.0); 5]);
    let seen = |landmarks| predictions(outputs()).loss(&[vec![Face { bounds, landmarks }]]);
    let loss = seen(Some(known));
    assert_eq!(loss.cells, 1);
    assert_eq!(
        loss.parts.iter().map(|part| part.0).collect::<Vec<_>>(),
        ["objects", "classes", "boxes", "points"]
    );
    // Whatever the overlap, log 2 is the cross-entropy of the logit 0.
    assert!((part(&loss, 0) - 21.0 * log2).abs() < 1e-4 && (part(&loss, 1) - log2).abs() < 1e-5);
    // Overlap 1/4: 5 (3/4 - 0.05).
    assert!((part(&loss, 2) - 3.5).abs() < 1e-4, "{}", part(&loss, 2));
    // Five points 0.1 strides to the right: 0.1 * 5 * 0.5 * 0.01 * 9.
    assert!((part(&loss, 3) - 0.022_5).abs() < 1e-6, "{}", part(&loss, 3));
    assert_eq!(part(&seen(None), 3), 0.0);
    let total: f32 = (0..4).map(|at| part(&loss, at)).sum();
    assert!((values(loss.loss)[0] - total).abs() < 1e-4);
}

#[test]
fn gradients_of_the_loss_are_those_of_differences() {
    let faces = vec![vec![face(square(6.0, 4.0, 14.0)), face(square(14.0, 18.0, 9.0))]];
    // Small steps do not change which cell sees which face.
    let mut outputs: Vec<f32> = numbers(21 * 16, 100_000_000).iter().map(|value| 0.5 * value).collect();
    // The overlap that classes are to be has no gradient, but differences would show one if the logits were
    // not 0.
    outputs.iter_mut().step_by(16).for_each(|class| *class = 0.0);
    gradients::check([21, 16], &outputs, 0.02, |x| predictions(x).loss(&faces).loss);
}

#[test]
fn faces_are_read_from_the_cells_that_see_them() {
    let device = Device::flex();
    let mut outputs = vec![0.0f32; 21 * 16];
    for row in outputs.chunks_exact_mut(16) {
        (row[0], row[1]) = (-9.0, -9.0);
    }
    // Row 1, column 1 of the cells of 16 pixels, and a worse copy in the cell of 32.
    let row = &mut outputs[19 * 16..][..16];
    (row[0], row[1]) = (2.0, 3.0);
    row[2..6].copy_from_slice(&[0.25, 0.5, 0.0, 2f32.ln()]);
    row[6..8].copy_from_slice(&[0.125, 1.0]);
    let row = &mut outputs[20 * 16..][..16];
    (row[0], row[1]) = (1.0, 1.0);
    row[2..6].copy_from_slice(&[0.625, 0.75, 0.5f32.ln(), 0.0]);
    let found = predictions(tensor(&outputs, [21, 16], &device)).faces(0.5, 0.45);
    assert_eq!(found.len(), 1);
    let [found] = found[0][..] else { panic!("{found:?}") };
    let score = ((1.0 + (-2f32).exp()) * (1.0 + (-3f32).exp())).powf(-0.5);
    assert!((found.score - score).abs() < 1e-6);
    for (found, expected) in [
        (found.bounds.x1, 12.0),
        (found.bounds.y1, 8.0),
        (found.bounds.x2, 28.0),
        (found.bounds.y2, 40.0),
        (found.landmarks.left_eye().x, 18.0),
        (found.landmarks.left_eye().y, 32.0),
        (found.landmarks.nose().x, 16.0),
    ] {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }
}

#[test]
fn detectors_start_as_published() {
    let net = YuNetConfig::default().init(&Device::flex());
    // Of 1 x 1, and of a filter for each channel, with the fans 9 and 64 * 9.
    for (end, shape, fans) in
        [("conv1.weight", [64, 64, 1, 1], 128.0f64), ("conv2.weight", [64, 1, 3, 3], 65.0 * 9.0)]
    {
        let found = spread(&net, |name, sides| name.ends_with(end) && sides == shape);
        assert!((found * (fans / 2.0).sqrt() - 1.0).abs() < 0.05, "{end}: {found}");
    }
}

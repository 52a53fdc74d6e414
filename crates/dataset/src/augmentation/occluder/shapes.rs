//! The things, in the coordinates of an aligned face of 112 x 112 pixels.

use std::f32::consts::TAU;

use geometry::Point;
use imaging::draw::{Fill, polygon};
use imaging::{Image, Interpolation, degrade, resize_by};
use synth::{Seed, Stream};

use super::{ALIGNED, Stage};

/// Corners of a round shape.
const ROUND: usize = 48;
/// Where a mask ends, from the left cheek over the nose to the right cheek and along the jaw back.
const MASK: [(f32, f32); 13] = [
    (15.0, 68.0),
    (30.0, 66.0),
    (45.0, 61.0),
    (56.0, 58.0),
    (67.0, 61.0),
    (82.0, 66.0),
    (97.0, 68.0),
    (95.0, 86.0),
    (86.0, 101.0),
    (71.0, 112.0),
    (41.0, 112.0),
    (26.0, 101.0),
    (17.0, 86.0),
];
/// Colours of masks: white, blue, green, black and pink.
const CLOTHS: [[u8; 3]; 5] =
    [[232, 234, 236], [140, 180, 214], [150, 196, 176], [34, 34, 38], [226, 176, 188]];

/// An ellipse anywhere.
pub(super) fn ellipse(stage: &mut Stage, width: f32, stream: &mut Stream) {
    let (center, turn) = (anywhere(stream), stream.between(0.0, TAU));
    let axes = [0.5 * width, 0.5 * width * stream.between(0.5, 1.5)];
    let color = color(stream);
    let outline = round(center, axes, turn, 2.0);
    fill(stage, &outline, Fill::Color(color), 1.0);
}

/// A bar across the picture.
pub(super) fn bar(stage: &mut Stage, thickness: f32, stream: &mut Stream) {
    let (center, turn) = (anywhere(stream), stream.between(0.0, TAU));
    let color = color(stream);
    let reach = ALIGNED.width as f32 * 2.0;
    let outline = rectangle(center, [reach, 0.5 * thickness], turn);
    fill(stage, &outline, Fill::Color(color), 1.0);
}

/// A rectangle with a pattern anywhere.
pub(super) fn patch(stage: &mut Stage, width: f32, stream: &mut Stream, seed: Seed) {
    let (center, turn) = (anywhere(stream), stream.between(-0.3, 0.3));
    let axes = [0.5 * width, 0.5 * width * stream.between(0.5, 1.5)];
    // Spots of another size each time, smooth or with hard edges.
    let spots = 4 + stream.below(20) as u32;
    let kind = [Interpolation::Nearest, Interpolation::Bicubic][stream.below(2)];
    let plain = Image::filled(spots, spots, color(stream));
    let spots = degrade::noise(&plain, stream.between(15.0, 70.0), 0.0, seed.of("pattern").value());
    let pattern = resize_by(&spots, stage.image.width(), stage.image.height(), kind);
    fill(stage, &rectangle(center, axes, turn), Fill::Pattern(&pattern), 1.0);
}

/// Dark glasses over the eyes, or a band.
pub(super) fn sunglasses(stage: &mut Stage, stream: &mut Stream) {
    let eyes = [ALIGNED.points.left_eye(), ALIGNED.points.right_eye()];
    let tint: [u8; 3] = std::array::from_fn(|_| stream.between(5.0, 45.0) as u8);
    if stream.chance(0.25) {
        let height = stream.between(14.0, 24.0);
        let band = rectangle(eyes[0].midpoint(eyes[1]), [46.0, 0.5 * height], 0.0);
        return fill(stage, &band, Fill::Color(tint), 1.0);
    }
    let axes = [stream.between(13.5, 17.0), stream.between(9.5, 13.5)];
    // From round to nearly rectangular.
    let (power, opacity) = (stream.between(2.0, 4.0), stream.between(0.75, 1.0));
    let frame: [u8; 3] = if stream.chance(0.6) { tint } else { color(stream) };
    for (eye, outwards) in eyes.into_iter().zip([-1.0, 1.0]) {
        // Lenses lie a little below the brows, and wider apart than the eyes.
        let center = eye + Point::new(1.5 * outwards, 2.0);
        let rim = round(center, axes.map(|axis| axis + 1.2), 0.0, power);
        let lens = round(center, axes, 0.0, power);
        // The rim is what it is wider than the lens.
        let ring: Vec<Point> =
            rim.iter().chain(&rim[..1]).chain(&lens[..1]).chain(lens.iter().rev()).copied().collect();
        fill(stage, &ring, Fill::Color(frame), 1.0);
        fill(stage, &lens, Fill::Color(tint), opacity);
        let hinge = center + Point::new(outwards * axes[0], -3.0);
        line(stage, [hinge, hinge + Point::new(40.0 * outwards, -3.0)], 2.6, frame);
    }
    let [left, right] = eyes;
    let inner = axes[0] - 1.5;
    line(stage, [left + Point::new(inner, -0.5), right + Point::new(-inner, -0.5)], 2.4, frame);
}

/// A mask over nose, mouth and chin.
pub(super) fn mask(stage: &mut Stage, stream: &mut Stream) {
    let cloth = CLOTHS[stream.below(CLOTHS.len())];
    let lift = stream.between(-3.0, 5.0);
    // It is worn higher or lower on the nose; where it ends below is hidden under the chin.
    let moved = |&(x, y): &(f32, f32)| Point::new(x, if y < 75.0 { y + lift } else { y });
    let shade = |share: f32| cloth.map(|value| (f32::from(value) * share) as u8);
    for (from, to) in [((16.0, 70.0), (-6.0, 56.0)), ((18.0, 86.0), (-6.0, 78.0))] {
        for mirrored in [false, true] {
            let across = |x: f32| if mirrored { ALIGNED.width as f32 - x } else { x };
            let ends = [from, to].map(|(x, y)| Point::new(across(x), y));
            line(stage, ends, 1.4, shade(0.9));
        }
    }
    let outline: Vec<Point> = MASK.iter().map(moved).collect();
    fill(stage, &outline, Fill::Color(cloth), 1.0);
    for fold in 0..3 {
        let (y, half) = (77.0 + 9.0 * fold as f32, 36.0 - 5.0 * fold as f32);
        let [left, middle, right] =
            [(-half, -1.5), (0.0, 1.5), (half, -1.5)].map(|(x, dy)| Point::new(56.0 + x, y + dy));
        line(stage, [left, middle], 1.2, shade(0.82));
        line(stage, [middle, right], 1.2, shade(0.82));
    }
}

/// A point of the face.
fn anywhere(stream: &mut Stream) -> Point {
    Point::new(stream.between(16.0, 96.0), stream.between(20.0, 108.0))
}

fn color(stream: &mut Stream) -> [u8; 3] {
    // Most things are of one tone with a tinge.
    let tone = stream.between(10.0, 235.0);
    std::array::from_fn(|_| (tone + stream.between(-40.0, 40.0)).clamp(0.0, 255.0) as u8)
}

/// A shape between an ellipse (`power` 2) and a rectangle (more), by its half axes: |x/a|^power + |y/b|^power
/// = 1.
fn round(center: Point, axes: [f32; 2], turn: f32, power: f32) -> Vec<Point> {
    let on = |value: f32| value.abs().powf(2.0 / power).copysign(value);
    (0..ROUND)
        .map(|step| {
            let (sin, cos) = (step as f32 / ROUND as f32 * TAU).sin_cos();
            turned(center, [axes[0] * on(cos), axes[1] * on(sin)], turn)
        })
        .collect()
}

/// A rectangle by half its sides.
fn rectangle(center: Point, half: [f32; 2], turn: f32) -> Vec<Point> {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    corners.map(|(x, y)| turned(center, [x * half[0], y * half[1]], turn)).into()
}

fn turned(center: Point, [x, y]: [f32; 2], turn: f32) -> Point {
    let (sin, cos) = turn.sin_cos();
    center + Point::new(cos * x - sin * y, sin * x + cos * y)
}

/// A straight line between two points.
fn line(stage: &mut Stage, [from, to]: [Point; 2], thickness: f32, color: [u8; 3]) {
    let along = to - from;
    let half = [0.5 * from.distance(to), 0.5 * thickness];
    let outline = rectangle(from.midpoint(to), half, along.y.atan2(along.x));
    fill(stage, &outline, Fill::Color(color), 1.0);
}

fn fill(stage: &mut Stage, outline: &[Point], with: Fill<'_>, opacity: f32) {
    let outline: Vec<Point> = outline.iter().map(|&point| stage.at(point)).collect();
    polygon(&mut stage.image, &outline, with, opacity);
}

//! Two people on a plane, and where one ends and the other begins.

use std::f64::consts::{PI, TAU};

use console::Reporter;
use evaluation::report::{Block, Curve, Section, plane};

use super::toy::classes;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::{CLASSES, Lab};
use crate::reproduce::vectors::Vectors;

/// Arms with their margin; softmax, of which also the lengths of the class vectors and their biases decide, has none.
const ARMS: [(&str, Option<f64>); 4] =
    [("softmax", None), ("m = 1", Some(1.0)), ("m = 2", Some(2.0)), ("m = 4", Some(4.0))];
/// Points of a line, of which those are drawn that lie in the figure.
const STEPS: i32 = 1000;

/// The features of two people with each arm, and the boundaries of the paper's table 1.
pub fn add(lab: &Lab<'_>, findings: &mut Findings, reporter: &mut Reporter) -> anyhow::Result<()> {
    let Some(outcomes) = lab.grid("pair", reporter)? else { return Ok(()) };
    findings.begin(&outcomes);
    let mut charts = Vec::new();
    for (arm, margin) in ARMS {
        let first = |test| outcomes.of(arm, test).first().map(|(_, vectors)| *vectors);
        let (Some(features), Some(learned)) = (first("learned"), first(CLASSES)) else { continue };
        let furthest = features.magnitudes.iter().copied().fold(0.0, f32::max);
        let lines = match margin {
            None => vec![straight(learned, furthest.into())],
            Some(margin) => rays(learned, margin, furthest.into()),
        };
        charts.push(plane(&classes(features), &lines)?.titled(arm, ""));
    }
    let said = "Two people, features of two values, as learned. Softmax decides by a line, which need not go through the origin; \
                with m = 1 it goes through the origin and halves the angle between the class vectors; with a larger margin each \
                person is asked to keep to an angle of their own (drawn for the margin alone, without what annealing blends in), \
                and what lies between belongs to nobody. Angles are taken the shorter way round, so that there is such a boundary \
                on either side of a class vector.";
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(charts)];
    findings.sections.push(Section { heading: "Boundaries of two people".to_owned(), blocks });
    Ok(())
}

/// `(w1 - w2) x + b1 - b2 = 0`, up to a distance from the origin.
fn straight(classes: &Vectors, furthest: f64) -> Curve {
    let [a, b] = [0, 1].map(|class| classes.vector(class));
    let difference = |at: usize| f64::from(a[at]) - f64::from(b[at]);
    let (x, y, bias) = (difference(0), difference(1), difference(2));
    let square = (x * x + y * y).max(f64::MIN_POSITIVE);
    let nearest = (-bias * x / square, -bias * y / square);
    let along = (-y / square.sqrt(), x / square.sqrt());
    let point = |step: i32| {
        let place = 2.0 * furthest * f64::from(step) / f64::from(STEPS);
        (nearest.0 + place * along.0, nearest.1 + place * along.1)
    };
    Curve::new("boundary", (-STEPS..=STEPS).map(point).collect())
}

/// Where `m theta1 = theta2`, and where `theta1 = m theta2`: each a ray between the two class vectors, and one on the other way
/// round.
fn rays(classes: &Vectors, margin: f64, furthest: f64) -> Vec<Curve> {
    let [a, b] = [0, 1].map(|class| {
        let vector = classes.vector(class);
        f64::from(vector[1]).atan2(f64::from(vector[0]))
    });
    // The way from the first to the second, the shorter way round.
    let apart = (b - a + PI).rem_euclid(TAU) - PI;
    let between = apart.abs() / (margin + 1.0);
    // Behind the first the angle to the second grows up to a half turn, and then falls.
    let turned = (TAU - apart.abs()) / (margin + 1.0);
    let behind = if apart.abs() + turned >= PI { turned } else { apart.abs() / (margin - 1.0) };
    let bent = |name: &str, angles: [f64; 2]| {
        let point = |step: i32| {
            let length = 2.0 * furthest * f64::from(step.abs()) / f64::from(STEPS);
            let angle = angles[usize::from(step < 0)];
            (length * angle.cos(), length * angle.sin())
        };
        Curve::new(name, (-STEPS..=STEPS).map(point).collect())
    };
    let (between, behind) = (between.copysign(apart), behind.copysign(apart));
    match margin == 1.0 {
        true => vec![bent("boundary", [a + between, a - behind])],
        false => vec![
            bent("boundary of 1", [a + between, a - behind]),
            bent("boundary of 2", [b - between, b + behind]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use training::Maker;

    use super::*;

    /// Class vectors at these angles, with their biases.
    fn learned(angles: [f32; 2], biases: [f32; 2]) -> Vectors {
        let row = |at: usize| {
            let (y, x) = angles[at].to_radians().sin_cos();
            vec![x, y, biases[at]]
        };
        let maker = Maker { program: String::new(), commit: None, machine: String::new() };
        Vectors::of_classes(&[row(0), row(1)], &maker)
    }

    /// Angles of the two ends, in degrees from 0 to 360: between the classes, and behind.
    fn ends(curve: &Curve) -> [f64; 2] {
        [curve.points.len() - 1, 0].map(|end| {
            let (x, y) = curve.points[end];
            y.atan2(x).to_degrees().rem_euclid(360.0)
        })
    }

    #[test]
    fn rays_lie_on_both_ways_round() {
        let close = |curve: &Curve, expected: [f64; 2]| {
            let found = ends(curve);
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.1), "{found:?} {expected:?}");
        };
        let half = rays(&learned([170.0, -150.0], [0.0; 2]), 1.0, 3.0);
        assert_eq!(half.len(), 1);
        close(&half[0], [190.0, 10.0]);
        // Behind the first, at 10 - t, it is 4 t = 50 + t; behind the second the same.
        let apart = rays(&learned([10.0, 60.0], [0.0; 2]), 4.0, 3.0);
        close(&apart[0], [20.0, 360.0 + 10.0 - 50.0 / 3.0]);
        close(&apart[1], [50.0, 60.0 + 50.0 / 3.0]);
        // Nearly opposite: 2 t = 360 - 170 - t.
        let opposite = rays(&learned([0.0, 170.0], [0.0; 2]), 2.0, 3.0);
        close(&opposite[0], [170.0 / 3.0, 360.0 - 190.0 / 3.0]);
    }

    #[test]
    fn the_line_of_softmax_need_not_meet_the_origin() {
        // x - y + 1 = 0.
        let line = straight(&learned([0.0, 90.0], [1.0, 0.0]), 2.0);
        assert!(line.points.iter().all(|(x, y)| (x - y + 1.0).abs() < 1e-2), "{line:?}");
        assert!(line.points.len() == 2 * STEPS as usize + 1);
    }
}

//! Two people on a plane, and where one ends and the other begins.

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
                and what lies between belongs to nobody.";
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

/// Where `m theta1 = theta2`, and where `theta1 = m theta2`, between the two class vectors.
fn rays(classes: &Vectors, margin: f64, furthest: f64) -> Vec<Curve> {
    let [a, b] = [0, 1].map(|class| {
        let vector = classes.vector(class);
        f64::from(vector[1]).atan2(f64::from(vector[0]))
    });
    // The way from the first to the second, the shorter way round.
    let apart = (b - a + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU) - std::f64::consts::PI;
    let own = apart / (margin + 1.0);
    let ray = |name: &str, angle: f64| {
        let point = |step| {
            let length = 2.0 * furthest * f64::from(step) / f64::from(STEPS);
            (length * angle.cos(), length * angle.sin())
        };
        Curve::new(name, (0..=STEPS).map(point).collect())
    };
    match own == apart / 2.0 {
        true => vec![ray("boundary", a + own)],
        false => vec![ray("boundary of 1", a + own), ray("boundary of 2", b - own)],
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

    fn angle_of(curve: &Curve) -> f64 {
        let (x, y) = curve.points[curve.points.len() - 1];
        y.atan2(x).to_degrees()
    }

    #[test]
    fn rays_lie_between_the_classes() {
        let close = |a: f64, b: f64| (a - b).abs() < 0.1;
        let half = rays(&learned([170.0, -150.0], [0.0; 2]), 1.0, 3.0);
        assert!(half.len() == 1 && close(angle_of(&half[0]).rem_euclid(360.0), 190.0));
        let apart = rays(&learned([10.0, 60.0], [0.0; 2]), 4.0, 3.0);
        assert!(close(angle_of(&apart[0]), 20.0) && close(angle_of(&apart[1]), 50.0), "{apart:?}");
    }

    #[test]
    fn the_line_of_softmax_need_not_meet_the_origin() {
        // x - y + 1 = 0.
        let line = straight(&learned([0.0, 90.0], [1.0, 0.0]), 2.0);
        assert!(line.points.iter().all(|(x, y)| (x - y + 1.0).abs() < 1e-2), "{line:?}");
        assert!(line.points.len() == 2 * STEPS as usize + 1);
    }
}

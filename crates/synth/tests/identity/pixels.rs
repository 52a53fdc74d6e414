//! Pixels alone must not tell people apart: else there would be little to learn.

use geometry::{Point, Template};
use imaging::{Image, resize, warp_antialiased};
use omote_synth::{Moment, Person};
use rayon::prelude::*;

use crate::matrix::{Rows, dot, principal};
use crate::person;

const PEOPLE: u64 = 20;
/// Side of the portraits, of the faces cut out of them as ArcFace does, and of these made small, in pixels.
const SIZES: [u32; 3] = [64, 112, 28];
const DIRECTIONS: usize = 20;

/// The grey values of a small aligned face, of mean 0 and length 1.
fn face(person: &Person, moment: &Moment) -> Vec<f64> {
    let portrait = moment.portrait(person, SIZES[0], SIZES[0], 1);
    let mut stream = moment.seed.of("alignment").stream();
    let reach = 0.015 * portrait.sight.five.eye_distance();
    let seen = portrait.sight.five.map(|point| Point {
        x: point.x + reach * stream.normal(3.0),
        y: point.y + reach * stream.normal(3.0),
    });
    let map = Template::arcface(SIZES[1]).and_then(|template| template.fit(&seen)).expect("five points");
    let aligned = warp_antialiased(&portrait.image, &map, SIZES[1], SIZES[1], [0; 3]);
    let small: Image = resize(&aligned, SIZES[2], SIZES[2]);
    let grey = small.pixels().chunks_exact(3).map(|pixel| pixel.iter().map(|value| f64::from(*value)).sum());
    let mut values: Vec<f64> = grey.collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= mean);
    let length = dot(&values, &values).sqrt().max(1e-9);
    values.iter_mut().for_each(|value| *value /= length);
    values
}

/// The equal error rate of verification by the principal components of pixels. They are learned from the first half
/// of the people and tested on the other.
fn error_rate(pictures: u64, moment: impl Fn(&Person, u64) -> Moment + Sync) -> f64 {
    let people: Vec<Person> = (0..PEOPLE).map(person).collect();
    let mut faces: Rows = (0..PEOPLE * pictures)
        .into_par_iter()
        .map(|at| {
            let who = &people[(at / pictures) as usize];
            face(who, &moment(who, at % pictures))
        })
        .collect();
    let tested = faces.split_off(faces.len() / 2);
    let mean: Vec<f64> = (0..faces[0].len())
        .map(|at| faces.iter().map(|face| face[at]).sum::<f64>() / faces.len() as f64)
        .collect();
    let centred = |face: &Vec<f64>| face.iter().zip(&mean).map(|(value, mean)| value - mean).collect();
    let directions = principal(&faces.iter().map(centred).collect(), DIRECTIONS);
    let codes: Rows = tested
        .iter()
        .map(|face| {
            let centred: Vec<f64> = centred(face);
            let code: Vec<f64> = directions.iter().map(|direction| dot(direction, &centred)).collect();
            let length = dot(&code, &code).sqrt();
            code.iter().map(|value| value / length).collect()
        })
        .collect();
    let (mut same, mut other) = (Vec::new(), Vec::new());
    for (at, one) in codes.iter().enumerate() {
        for (before, two) in codes[..at].iter().enumerate() {
            let is_same = at / pictures as usize == before / pictures as usize;
            if is_same { &mut same } else { &mut other }.push(dot(one, two));
        }
    }
    equal_error_rate(&mut same, &other)
}

/// Where as large a share of `same` lies below a threshold as of `other` above.
fn equal_error_rate(same: &mut [f64], other: &[f64]) -> f64 {
    same.sort_by(f64::total_cmp);
    let rates = same.iter().enumerate().map(|(at, threshold)| {
        let missed = at as f64 / same.len() as f64;
        let let_in = other.iter().filter(|score| *score >= threshold).count() as f64 / other.len() as f64;
        (missed.max(let_in), (missed + let_in) * 0.5)
    });
    rates.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0.5, |(_, rate)| rate)
}

#[test]
fn pixels_do_not_tell_people_apart() {
    let rate =
        error_rate(5, |person, number| Moment::sample(person.seed.of("pictures").number(number), person));
    assert!(rate >= 0.25, "{rate}");
    // Were nothing to change from picture to picture, they would.
    let rate = error_rate(2, |_, number| {
        let plain = Moment::plain();
        Moment { seed: plain.seed.number(number), ..plain }
    });
    assert!(rate < 0.1, "{rate}");
}

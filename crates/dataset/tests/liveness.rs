//! What tells attacks in the recipe `spoof` is what instruments do, not how bright, colourful or grainy their pictures are.
//!
//! A linear probe looks at a few statistics of whole pictures that say nothing of paper, screens or masks. What it could
//! tell from them a method would learn in place of what is meant.

use evaluation::Scores;
use imaging::{Image, encode_png};
use omote_dataset::{Files, Source, Spoof, Stream, Streaming, Value};

/// What the probe may reach at most, as the area under the ROC: 0.5 is chance.
const MOST: f64 = 0.8;
/// Parts of which each is judged by a probe that learned from the others.
const FOLDS: usize = 6;
/// Statistics of a picture, and 1.
const COUNT: usize = 7;

type Statistics = [f64; COUNT];

/// Brightness, two ratios of colours, contrast, mean step from pixel to pixel, and how many bytes a PNG takes.
fn statistics(image: &Image) -> Statistics {
    let pixels = f64::from(image.width() * image.height());
    let mut means = [0.0; 3];
    for pixel in image.pixels().chunks_exact(3) {
        means.iter_mut().zip(pixel).for_each(|(mean, value)| *mean += f64::from(*value) / pixels);
    }
    let grey = |x, y| image.pixel(x, y).into_iter().map(f64::from).sum::<f64>() / 3.0;
    let bright = means.iter().sum::<f64>() / 3.0;
    let (mut spread, mut steps) = (0.0, 0.0);
    for y in 1..image.height() {
        for x in 1..image.width() {
            let here = grey(x, y);
            spread += (here - bright).powi(2) / pixels;
            steps += ((here - grey(x - 1, y)).abs() + (here - grey(x, y - 1)).abs()) / pixels;
        }
    }
    let bytes = encode_png(image).unwrap().len() as f64;
    [
        bright,
        (means[0] / means[1]).ln(),
        (means[2] / means[1]).ln(),
        spread.sqrt(),
        steps.ln(),
        bytes.ln(),
        1.0,
    ]
}

/// How well a linear probe tells pictures (true) from others that it has not seen: area under the curve.
fn probe(pictures: &[(Statistics, bool)]) -> f64 {
    let count = pictures.len() as f64;
    let mut rows: Vec<Statistics> = pictures.iter().map(|(row, _)| *row).collect();
    for at in 0..COUNT - 1 {
        let mean = rows.iter().map(|row| row[at]).sum::<f64>() / count;
        let spread = (rows.iter().map(|row| (row[at] - mean).powi(2)).sum::<f64>() / count).sqrt();
        rows.iter_mut().for_each(|row| row[at] = (row[at] - mean) / spread);
    }
    let mut scores = vec![0.0; rows.len()];
    for fold in 0..FOLDS {
        let learned = (0..rows.len()).filter(|at| at % FOLDS != fold);
        // Least squares, held back a little.
        let mut matrix = [[0.0; COUNT]; COUNT];
        let mut wanted = [0.0; COUNT];
        (0..COUNT).for_each(|at| matrix[at][at] = 3.0);
        for at in learned {
            let row = rows[at];
            let sign = if pictures[at].1 { 1.0 } else { -1.0 };
            for i in 0..COUNT {
                wanted[i] += sign * row[i];
                (0..COUNT).for_each(|j| matrix[i][j] += row[i] * row[j]);
            }
        }
        let weights = solve(matrix, wanted);
        for at in (fold..rows.len()).step_by(FOLDS) {
            scores[at] = rows[at].iter().zip(weights).map(|(value, weight)| value * weight).sum();
        }
    }
    let of = |kind: bool| -> Vec<f32> {
        scores
            .iter()
            .zip(pictures)
            .filter(|(_, (_, is))| *is == kind)
            .map(|(score, _)| *score as f32)
            .collect()
    };
    Scores::new(of(true), of(false)).unwrap().auc()
}

/// Solves `matrix x = wanted` for a symmetric, positive definite matrix.
fn solve(mut matrix: [[f64; COUNT]; COUNT], mut wanted: Statistics) -> Statistics {
    for pivot in 0..COUNT {
        let upper = matrix[pivot];
        for row in (0..COUNT).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot] / upper[pivot];
            matrix[row].iter_mut().zip(upper).for_each(|(value, above)| *value -= factor * above);
            wanted[row] -= factor * wanted[pivot];
        }
    }
    std::array::from_fn(|at| wanted[at] / matrix[at][at])
}

#[test]
fn attacks_are_not_told_by_colour_contrast_and_grain() {
    let recipe = Spoof {
        seed: 6,
        people: 60,
        pictures: 4,
        size: 64,
        print: 0.25,
        replay: 0.25,
        mask: 0.25,
        train: 0.6,
        dev: 0.2,
        files: Files::default(),
    };
    let column = recipe.columns().iter().position(|column| column.name == "attack").unwrap();
    let mut shown = Vec::new();
    for sample in Stream::new(Box::new(recipe), Streaming::default()).unwrap() {
        let sample = sample.unwrap().sample;
        let Value::Text(kind) = &sample.rows[0][column] else { panic!("an attack has a name") };
        shown.push((kind.clone(), sample.image));
    }
    let of = |kind: &str| -> Vec<&Image> {
        shown.iter().filter(|(found, _)| found == kind).map(|(_, image)| image).collect()
    };
    let people = of("none");
    for kind in ["print", "replay", "mask"] {
        let pictures: Vec<(Statistics, bool)> = of(kind)
            .into_iter()
            .map(|image| (statistics(image), true))
            .chain(people.iter().map(|image| (statistics(image), false)))
            .collect();
        assert!(pictures.len() > 100, "{kind} {}", pictures.len());
        let told = probe(&pictures);
        println!("{kind}: {told:.3}");
        assert!(told < MOST, "{kind}: {told}");
    }

    // The probe is no fool: blue screens in a room, as cameras set for the room would have them, it finds at once.
    let half = people.len() / 2;
    let blue = people.iter().enumerate().map(|(at, image)| {
        let mut image = (*image).clone();
        if at < half {
            let blues = image.pixels_mut().iter_mut().skip(2).step_by(3);
            blues.for_each(|blue| *blue = (f32::from(*blue) * 1.4).min(255.0) as u8);
        }
        (statistics(&image), at < half)
    });
    let told = probe(&blue.collect::<Vec<_>>());
    assert!(told > 0.9, "{told}");
}

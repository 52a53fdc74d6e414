//! Freckles, moles, spots of age and scars, each at a person's own place.

use glam::{Vec2, Vec3};

use crate::curve::ramp;
use crate::random::Seed;
use crate::skin::atlas::Atlas;
use crate::skin::cells::{Cells, unrolled};
use crate::skin::complexion::Complexion;

/// A round spot.
#[derive(Clone, Debug)]
struct Spot {
    center: Vec3,
    /// Half of its breadth in millimeters.
    radius: f32,
    /// Where its rim begins to fade, as a share of the radius, 0..1.
    sharp: f32,
    /// Melanin that it adds (share of the volume of the epidermis) and the factor for blood less 1.
    pigment: Vec2,
    /// How far it stands out, in millimeters.
    height: f32,
}

/// The spots of a face.
#[derive(Clone, Debug)]
pub(super) struct Spots {
    spots: Vec<Spot>,
    cells: Cells,
}

/// What spots do to a point.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spotted {
    /// Melanin that they add and the factor for blood less 1.
    pub pigment: Vec2,
    /// Offset of the normal in the frame of `rest`.
    pub relief: Vec3,
}

impl Spots {
    pub(super) fn new(complexion: &Complexion, atlas: &Atlas) -> Self {
        let seed = complexion.seed;
        let mut spots = Vec::new();
        freckles(complexion, atlas, seed.of("freckle places"), &mut spots);
        moles(complexion, atlas, seed.of("mole places"), &mut spots);
        blemishes(complexion, atlas, seed.of("blemish places"), &mut spots);
        let boxes: Vec<(Vec2, Vec2)> = spots
            .iter()
            .map(|spot| {
                let (center, reach) = (unrolled(spot.center), Vec2::splat(1.3 * spot.radius + 1.0));
                (center - reach, center + reach)
            })
            .collect();
        Self { cells: Cells::new(&boxes), spots }
    }

    /// What they do to a place of the mean head; `chart` is the same place unrolled and `footprint` the size of a sample
    /// in millimeters.
    pub(super) fn at(&self, rest: Vec3, chart: Vec2, footprint: f32) -> Spotted {
        let mut sum = Spotted::default();
        for &spot in self.cells.around(chart) {
            let spot = &self.spots[spot as usize];
            let away = rest - spot.center;
            // A sample blurs the spot: wider and fainter.
            let radius = (spot.radius * spot.radius + 0.25 * footprint * footprint).sqrt();
            let share = away.length() / radius;
            if share >= 1.0 {
                continue;
            }
            let faint = (spot.radius / radius).powi(2);
            let cover = faint * ramp(1.0, spot.sharp, share);
            sum.pigment += spot.pigment * cover;
            if spot.height > 0.0 && footprint < 1.5 * spot.radius {
                // The slope of a cap.
                sum.relief +=
                    away * (2.0 * spot.height / (radius * radius) * (1.0 - footprint / (1.5 * spot.radius)));
            }
        }
        sum
    }
}

fn freckles(complexion: &Complexion, atlas: &Atlas, seed: Seed, spots: &mut Vec<Spot>) {
    let mut stream = seed.stream();
    let count = (2400.0 * complexion.freckles) as usize;
    let spread = stream.between(0.7, 1.3);
    for _ in 0..count {
        let numbers = [0; 3].map(|_| stream.between(0.0, 1.0));
        let center = atlas.place(numbers);
        // Where the sun shines: nose, cheeks and forehead first.
        let middle = Vec3::new(0.0, 6.0, 95.0);
        let away = (center - middle) / Vec3::new(44.0, 27.0, 60.0) / spread;
        let kept = stream.chance((-away.length_squared()).exp().max(0.10 * complexion.freckles));
        let (radius, strength) = (stream.log_between(0.5, 1.7), stream.log_between(0.12, 1.0));
        if kept && clear(center, atlas) {
            let pigment = Vec2::new(
                (0.022 + 0.6 * complexion.melanin) * strength * (0.5 + 0.5 * complexion.freckles),
                0.0,
            );
            spots.push(Spot { center, radius, sharp: 0.0, pigment, height: 0.0 });
        }
    }
    // Larger, paler spots of age.
    let old = ramp(45.0, 80.0, complexion.age) * ramp(0.2, 0.02, complexion.melanin);
    for _ in 0..(16.0 * old * stream.between(0.2, 1.0)) as usize {
        let numbers = [0; 3].map(|_| stream.between(0.0, 1.0));
        let center = atlas.place(numbers);
        let (radius, strength) = (stream.between(2.0, 5.0), stream.between(0.3, 1.0));
        let aside = center.x.abs() > 28.0 || center.y > 55.0;
        if aside && clear(center, atlas) {
            spots.push(Spot {
                center,
                radius,
                sharp: 0.5,
                pigment: Vec2::new(0.018 * strength, 0.05),
                height: 0.0,
            });
        }
    }
}

fn moles(complexion: &Complexion, atlas: &Atlas, seed: Seed, spots: &mut Vec<Spot>) {
    for number in 0..complexion.moles {
        // A stream for each: more moles with age leave the others where they are.
        let mut stream = seed.number(u64::from(number)).stream();
        for _ in 0..8 {
            let center = atlas.place([0; 3].map(|_| stream.between(0.0, 1.0)));
            if !clear(center, atlas) {
                continue;
            }
            let radius = stream.log_between(0.6, 2.0);
            let dark = stream.between(0.02, 0.10) + 0.5 * complexion.melanin;
            let height = if stream.chance(0.3) { 0.3 * radius } else { 0.0 };
            spots.push(Spot { center, radius, sharp: 0.35, pigment: Vec2::new(dark, 0.3), height });
            break;
        }
    }
}

/// Pimples and their marks in the young, and scars.
fn blemishes(complexion: &Complexion, atlas: &Atlas, seed: Seed, spots: &mut Vec<Spot>) {
    let mut stream = seed.stream();
    let young = ramp(10.0, 15.0, complexion.age) * ramp(40.0, 18.0, complexion.age);
    let count = (14.0 * young * stream.between(0.0, 1.0).powi(3) + 2.0 * stream.between(0.0, 1.0)) as usize;
    for _ in 0..count {
        let center = atlas.place([0; 3].map(|_| stream.between(0.0, 1.0)));
        let (radius, red) = (stream.between(1.0, 2.4), stream.between(0.4, 1.6));
        if clear(center, atlas) {
            let dark = 0.12 * complexion.melanin * stream.between(0.0, 1.0);
            spots.push(Spot {
                center,
                radius,
                sharp: 0.1,
                pigment: Vec2::new(dark, red),
                height: 0.1 * radius,
            });
        }
    }
    for _ in 0..complexion.scars {
        // A row of pale spots in a line.
        let start = atlas.place([0; 3].map(|_| stream.between(0.0, 1.0)));
        let angle = stream.between(0.0, std::f32::consts::TAU);
        let (length, width) = (stream.between(8.0, 24.0), stream.between(0.7, 1.3));
        let steps = (length / (0.7 * width)) as usize;
        for step in 0..steps {
            let along = step as f32 * 0.7 * width;
            let place = start.truncate() + Vec2::from_angle(angle + 0.01 * along) * along;
            let center = place.extend(atlas.depth(place.x, place.y));
            let pigment = Vec2::new(-0.35 * complexion.melanin, 0.12);
            spots.push(Spot { center, radius: width, sharp: 0.3, pigment, height: 0.0 });
        }
    }
}

/// Whether a place is plain skin: no spots on lips, in eyes or nostrils.
fn clear(center: Vec3, atlas: &Atlas) -> bool {
    let points = &atlas.points;
    let mouth = (points[51] + points[57]) / 2.0;
    let within = |middle: Vec3, wide: f32, tall: f32| {
        let away = (center - middle).truncate() / Vec2::new(wide, tall);
        away.length() < 1.0
    };
    let eyes = [(points[36] + points[39]) / 2.0, (points[42] + points[45]) / 2.0];
    !within(mouth, 27.0, 12.0)
        && !within(points[33], 12.0, 6.0)
        && eyes.iter().all(|&eye| !within(eye, 19.0, 9.0))
        && (atlas.depth(center.x, center.y) - center.z).abs() < 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freckles_lie_on_the_face_and_fade_with_distance() {
        let atlas = Atlas::get();
        let mut complexion = Complexion::sample(Seed::new(9), 0.1, 25.0, 0.0);
        complexion.freckles = 0.0;
        let few = Spots::new(&complexion, atlas).spots.len();
        complexion.freckles = 0.8;
        let spots = Spots::new(&complexion, atlas);
        assert!(spots.spots.len() > few + 60, "{few} {}", spots.spots.len());
        for spot in &spots.spots {
            let chart = unrolled(spot.center);
            let [near, far] = [0.2, 30.0].map(|footprint| spots.at(spot.center, chart, footprint).pigment.x);
            assert!(near >= 0.9 * spot.pigment.x && far < 0.3 * near, "{spot:?} {near} {far}");
        }
    }

    #[test]
    fn moles_stay_where_they_are() {
        let atlas = Atlas::get();
        let places = |age: f32| {
            let mut complexion = Complexion::sample(Seed::new(9), 0.1, age, 0.0);
            complexion.freckles = 0.0;
            let mut spots = Vec::new();
            moles(&complexion, atlas, Seed::new(1), &mut spots);
            spots.iter().map(|spot| spot.center).collect::<Vec<Vec3>>()
        };
        let (young, old) = (places(18.0), places(60.0));
        assert!(old.len() >= young.len() && old[..young.len()] == young[..]);
    }
}

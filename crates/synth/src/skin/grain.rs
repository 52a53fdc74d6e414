//! The fine pattern of skin: pores, the mesh of fine furrows, and small unevenness of color. One tile is made once and
//! laid on every face in another place and direction, so that no two faces have it alike.

use std::sync::OnceLock;

use glam::{Vec2, Vec4};

use crate::random::Seed;

/// Texels of a side of the tile; a power of two.
const SIDE: usize = 256;
/// Size of a texel in millimeters.
const TEXEL: f32 = 0.25;
/// Levels of detail, each half as fine as the one before.
const LEVELS: usize = 8;

/// A tile that repeats after 64 mm. Each value has the slope of the relief along both directions (1 means 45 degrees),
/// then how much melanin and how much blood there is, about -1..=1.
pub(super) struct Grain {
    levels: Vec<Vec<Vec4>>,
}

impl Grain {
    pub(super) fn get() -> &'static Self {
        static GRAIN: OnceLock<Grain> = OnceLock::new();
        GRAIN.get_or_init(Self::new)
    }

    fn new() -> Self {
        let seed = Seed::new(0).of("grain");
        let mut height = vec![0.0f32; SIDE * SIDE];
        furrows(&mut height, seed.of("furrows"));
        pores(&mut height, seed.of("pores"));
        let melanin = clouds(seed.of("melanin"), &[(64, 0.5), (32, 0.8), (16, 1.0), (8, 0.5)]);
        let blood = clouds(seed.of("blood"), &[(64, 0.5), (32, 0.9), (16, 1.0), (8, 0.6)]);
        let at = |x: usize, y: usize| (y % SIDE) * SIDE + x % SIDE;
        let first = (0..SIDE * SIDE)
            .map(|place| {
                let (x, y) = (place % SIDE, place / SIDE);
                let across = height[at(x + 1, y)] - height[at(x + SIDE - 1, y)];
                let down = height[at(x, y + 1)] - height[at(x, y + SIDE - 1)];
                Vec4::new(across, down, 0.0, 0.0) / (2.0 * TEXEL)
                    + Vec4::new(0.0, 0.0, melanin[place], blood[place])
            })
            .collect();
        let mut levels: Vec<Vec<Vec4>> = vec![first];
        while levels.len() < LEVELS {
            let fine = &levels[levels.len() - 1];
            let side = SIDE >> (levels.len() - 1);
            let half = side / 2;
            let coarse = (0..half * half).map(|place| {
                let at = place / half * 2 * side + place % half * 2;
                (fine[at] + fine[at + 1] + fine[at + side] + fine[at + side + 1]) / 4.0
            });
            levels.push(coarse.collect());
        }
        Self { levels }
    }

    /// The mean around a place (millimeters) over a footprint (millimeters).
    pub(super) fn sample(&self, place: Vec2, footprint: f32) -> Vec4 {
        let level = ((footprint / TEXEL).max(1.0).log2().round() as usize).min(LEVELS - 1);
        let side = SIDE >> level;
        let texels = &self.levels[level];
        let at = place / (TEXEL * (1 << level) as f32) - 0.5;
        let floor = at.floor();
        let part = at - floor;
        let wrap = |value: i32| value as usize & (side - 1);
        let (x, y) = (floor.x as i32, floor.y as i32);
        let rows = [wrap(y) * side, wrap(y + 1) * side];
        let columns = [wrap(x), wrap(x + 1)];
        let mix = |row: usize| texels[row + columns[0]].lerp(texels[row + columns[1]], part.x);
        mix(rows[0]).lerp(mix(rows[1]), part.y)
    }
}

/// Noise that repeats at the edges: random values on lattices, smooth in between. `octaves` are spacings in texels and
/// strengths.
fn clouds(seed: Seed, octaves: &[(usize, f32)]) -> Vec<f32> {
    let mut sum = vec![0.0; SIDE * SIDE];
    for &(spacing, strength) in octaves {
        let count = SIDE / spacing;
        let mut stream = seed.number(spacing as u64).stream();
        let lattice: Vec<f32> = (0..count * count).map(|_| stream.between(-1.0, 1.0)).collect();
        let ease = |part: f32| part * part * (3.0 - 2.0 * part);
        for (place, value) in sum.iter_mut().enumerate() {
            let (x, y) = (place % SIDE, place / SIDE);
            let part = |at: usize| ease((at % spacing) as f32 / spacing as f32);
            let corner =
                |right, down| lattice[(y / spacing + down) % count * count + (x / spacing + right) % count];
            let row = |down| corner(0, down) + (corner(1, down) - corner(0, down)) * part(x);
            *value += strength * (row(0) + (row(1) - row(0)) * part(y));
        }
    }
    let spread = (sum.iter().map(|value| value * value).sum::<f32>() / sum.len() as f32).sqrt();
    sum.iter_mut().for_each(|value| *value /= 2.0 * spread);
    sum
}

/// The mesh of fine furrows that all skin has: the edges between cells of about 1.5 mm.
fn furrows(height: &mut [f32], seed: Seed) {
    let bends = clouds(seed.of("bends"), &[(16, 1.0), (8, 0.7)]);
    let wide = clouds(seed.of("wide"), &[(32, 1.0), (8, 1.0)]);
    let furrow = |value: f32| (-(value / 0.16).powi(2)).exp();
    for (at, value) in height.iter_mut().enumerate() {
        *value -= 0.016 * (furrow(bends[at]) + furrow(wide[at]));
    }
}

/// Pores: pits of 0.3 to 0.7 mm, about one for each 1.4 mm.
fn pores(height: &mut [f32], seed: Seed) {
    let mut stream = seed.stream();
    for _ in 0..2100 {
        let (x, y) = (stream.between(0.0, SIDE as f32), stream.between(0.0, SIDE as f32));
        let (radius, depth) = (stream.between(0.5, 1.2), stream.between(0.02, 0.07));
        for dy in -4i32..=4 {
            for dx in -4i32..=4 {
                let (column, row) = (x.floor() as i32 + dx, y.floor() as i32 + dy);
                let away = Vec2::new(column as f32 - x, row as f32 - y).length() / radius;
                let wrap = |value: i32| value as usize & (SIDE - 1);
                height[wrap(row) * SIDE + wrap(column)] -= depth * (-away * away).exp();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tile_repeats_and_fades() {
        let grain = Grain::get();
        let period = SIDE as f32 * TEXEL;
        let (mut steepest, mut far) = (0.0f32, 0.0f32);
        for step in 0..500 {
            let place = Vec2::new(step as f32 * 0.37, step as f32 * 0.21);
            let here = grain.sample(place, 0.2);
            assert!((here - grain.sample(place + Vec2::splat(period), 0.2)).abs().max_element() < 1e-3);
            assert!(here.abs().max_element() < 3.0);
            steepest = steepest.max(here.truncate().truncate().length());
            far = far.max(grain.sample(place, 20.0).truncate().truncate().length());
        }
        assert!(steepest > 0.1 && far < 0.01, "{steepest} {far}");
    }
}

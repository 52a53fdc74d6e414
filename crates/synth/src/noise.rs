//! Smooth random patterns in space.

use glam::{IVec3, Vec3};

/// Gradient noise of one value in space (Perlin 2002, "Improving noise"), about -1..=1 and 0 on average. Features are
/// about one unit large.
pub fn gradient(at: Vec3, seed: u64) -> f32 {
    let floor = at.floor();
    let cell = floor.as_ivec3();
    let part = at - floor;
    let smooth = part * part * part * (part * (part * 6.0 - 15.0) + 10.0);
    let corner = |x: i32, y: i32, z: i32| {
        let offset = Vec3::new(x as f32, y as f32, z as f32);
        slope(cell + IVec3::new(x, y, z), seed).dot(part - offset)
    };
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    let edge = |y, z| mix(corner(0, y, z), corner(1, y, z), smooth.x);
    let face = |z| mix(edge(0, z), edge(1, z), smooth.y);
    mix(face(0), face(1), smooth.z)
}

/// Sums octaves of [`gradient`] noise, each half as large and half as strong as the one before. Octaves finer than
/// `footprint` (in units of the first octave's features) are left out.
pub fn fractal(at: Vec3, octaves: u32, footprint: f32, seed: u64) -> f32 {
    let (mut sum, mut scale, mut weight) = (0.0, 1.0, 1.0);
    for octave in 0..octaves {
        if octave > 0 && footprint * scale > 0.5 {
            break;
        }
        sum += gradient(at * scale, seed.wrapping_add(u64::from(octave))) * weight;
        scale *= 2.0;
        weight *= 0.5;
    }
    sum
}

/// The nearest of points that are strewn one in each unit cell: how far it is, and a number of its own.
pub fn cells(at: Vec3, seed: u64) -> (f32, u64) {
    let cell = at.floor().as_ivec3();
    let mut nearest = (f32::INFINITY, 0);
    for z in -1..=1 {
        for y in -1..=1 {
            for x in -1..=1 {
                let other = cell + IVec3::new(x, y, z);
                let hash = hash(other, seed);
                let part = |shift: u32| ((hash >> shift) & 0xffff) as f32 / 65536.0;
                let point = other.as_vec3() + Vec3::new(part(0), part(16), part(32));
                let distance = point.distance_squared(at);
                if distance < nearest.0 {
                    nearest = (distance, hash);
                }
            }
        }
    }
    (nearest.0.sqrt(), nearest.1)
}

fn hash(cell: IVec3, seed: u64) -> u64 {
    let mut hash = seed ^ 0x9e37_79b9_7f4a_7c15;
    for value in cell.to_array() {
        hash = (hash ^ value as u32 as u64).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 33;
    }
    hash
}

/// One of the twelve directions to the edges of a cube.
fn slope(cell: IVec3, seed: u64) -> Vec3 {
    const EDGES: [[f32; 3]; 12] = [
        [1.0, 1.0, 0.0],
        [-1.0, 1.0, 0.0],
        [1.0, -1.0, 0.0],
        [-1.0, -1.0, 0.0],
        [1.0, 0.0, 1.0],
        [-1.0, 0.0, 1.0],
        [1.0, 0.0, -1.0],
        [-1.0, 0.0, -1.0],
        [0.0, 1.0, 1.0],
        [0.0, -1.0, 1.0],
        [0.0, 1.0, -1.0],
        [0.0, -1.0, -1.0],
    ];
    Vec3::from_array(EDGES[(hash(cell, seed) >> 40) as usize % EDGES.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_and_centred() {
        let (mut sum, mut steepest) = (0.0, 0.0f32);
        for step in 0..4000 {
            let at = Vec3::new(step as f32 * 0.013, step as f32 * 0.007, step as f32 * 0.003);
            let here = gradient(at, 5);
            assert!(here.abs() <= 1.1);
            sum += here;
            steepest = steepest.max((gradient(at + Vec3::X * 1e-3, 5) - here).abs() / 1e-3);
        }
        assert!((sum / 4000.0f32).abs() < 0.1 && steepest < 6.0, "{sum} {steepest}");
        assert_eq!(gradient(Vec3::splat(3.0), 5), 0.0);
        assert_ne!(gradient(Vec3::splat(0.5), 5), gradient(Vec3::splat(0.5), 6));
        // Too fine to be seen, the finer octaves are left out.
        let at = Vec3::new(0.3, 0.7, 1.1);
        assert_eq!(fractal(at, 6, 10.0, 5), gradient(at, 5));
    }

    #[test]
    fn the_nearest_point_is_found() {
        let (distance, number) = cells(Vec3::new(0.5, 0.5, 0.5), 1);
        assert!(distance < 1.8);
        let (next, same) = cells(Vec3::new(0.501, 0.5, 0.5), 1);
        assert!((next - distance).abs() < 0.0011 && (same == number || next < distance + 0.001));
    }
}

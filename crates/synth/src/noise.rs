//! Smooth random patterns in space.

use glam::{IVec3, Vec3};

/// Gradient noise of one value in space (Perlin 2002, "Improving noise"), about -1..=1 and 0 on average. Features are
/// about one unit large.
pub fn gradient(at: Vec3, seed: u64) -> f32 {
    let (cell, part) = split(at);
    let smooth = part * part * part * (part * (part * 6.0 - 15.0) + 10.0);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    // Corners that share coordinates share the first rounds of their hashes.
    let both = |hash: u64, value: i32| [round(hash, value), round(hash, value.wrapping_add(1))];
    let along_z = |hash: u64, part: Vec3| {
        let [near, far] = both(hash, cell.z);
        mix(slope(near).dot(part), slope(far).dot(part - Vec3::Z), smooth.z)
    };
    let along_y = |hash: u64, part: Vec3| {
        let [near, far] = both(hash, cell.y);
        mix(along_z(near, part), along_z(far, part - Vec3::Y), smooth.y)
    };
    let [near, far] = both(seed ^ START, cell.x);
    mix(along_y(near, part), along_y(far, part - Vec3::X), smooth.x)
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
    let (cell, _) = split(at);
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

/// Where hashes begin.
const START: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash(cell: IVec3, seed: u64) -> u64 {
    cell.to_array().into_iter().fold(seed ^ START, round)
}

/// Adds a coordinate to a hash.
fn round(hash: u64, value: i32) -> u64 {
    let hash = (hash ^ u64::from(value as u32)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ hash >> 33
}

/// The unit cell of a place, and where in it the place is. It rounds by cutting off, which takes no call.
pub(crate) fn split(at: Vec3) -> (IVec3, Vec3) {
    let floor = |value: f32| {
        let cut = value as i32;
        cut.saturating_sub(i32::from(value < cut as f32))
    };
    let cell = IVec3::new(floor(at.x), floor(at.y), floor(at.z));
    (cell, at - cell.as_vec3())
}

/// One of the twelve directions to the edges of a cube.
fn slope(hash: u64) -> Vec3 {
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
    Vec3::from_array(EDGES[(hash >> 40) as usize % EDGES.len()])
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

//! Pictures seen from elsewhere.

use geometry::Homography;

use super::{GUARD, WEIGHT_BITS, blend_at, edge_pixel};
use crate::Image;

/// The picture seen through a homography: `map` takes source positions to positions in the new `width` x
/// `height` picture.
///
/// Sampled and bordered as by [`warp`](crate::warp()), and like it not antialiased. Everything is `border` if
/// `map` has no inverse, and so is what lies behind the eye.
pub fn warp_projective(image: &Image, map: &Homography, width: u32, height: u32, border: [u8; 3]) -> Image {
    let Some(Homography(inverse)) = map.inverse() else {
        return Image::filled(width, height, border);
    };
    // What comes from before the eye has the sign that the middle of the source has.
    let middle = [f64::from(image.width()) / 2.0, f64::from(image.height()) / 2.0];
    let forward = map.0[2][0] * middle[0] + map.0[2][1] * middle[1] + map.0[2][2];
    let stride = image.width() as usize * 3;
    // Where all four neighbours lie inside.
    let [right, bottom] = [image.width(), image.height()].map(|side| f64::from(side) - 1.0 - GUARD);
    let mut out = Image::new(width, height);
    for v in 0..height {
        let row = inverse.map(|[_, y, one]| y * f64::from(v) + one);
        let (pixels, _) = out.row_mut(v).as_chunks_mut::<3>();
        for (u, pixel) in (0..width).zip(pixels) {
            let [x, y, w] = [0, 1, 2].map(|n| inverse[n][0] * f64::from(u) + row[n]);
            // The inverse's w is one over that of the map, at the same point.
            if w * forward <= 0.0 {
                *pixel = border;
                continue;
            }
            let near = 1.0 / w;
            let (x, y) = (x * near, y * near);
            let inner = (x > GUARD && x < right && y > GUARD && y < bottom).then(|| {
                const ONE: f64 = (1u32 << WEIGHT_BITS) as f64;
                // In fixed point, to the nearest weight.
                let [x, y] = [x, y].map(|at| (at * ONE + 0.5) as i64);
                let at = (y >> WEIGHT_BITS) as usize * stride + (x >> WEIGHT_BITS) as usize * 3;
                let weight = |at: i64| (at & ((1 << WEIGHT_BITS) - 1)) as u32;
                blend_at(image.pixels(), at, stride, (weight(x), weight(y)))
            });
            *pixel = inner.flatten().unwrap_or_else(|| edge_pixel(image, (x, y), border));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use geometry::{Point, Similarity};

    use super::*;
    use crate::warp;

    /// A ramp to the right in red, downwards in green.
    fn ramp() -> Image {
        let mut image = Image::new(60, 40);
        for (x, y) in (0..60).flat_map(|x| (0..40).map(move |y| (x, y))) {
            image.set_pixel(x, y, [4 * x as u8, 6 * y as u8, 100]);
        }
        image
    }

    #[test]
    fn a_similarity_is_one_of_them() {
        let image = ramp();
        let map = Similarity::new(1.2, 17.0, -5.0, 3.0);
        let [a, b, tx, ty] = [map.a, map.b, map.tx, map.ty].map(f64::from);
        let same = Homography([[a, -b, tx], [b, a, ty], [0.0, 0.0, 1.0]]);
        let (one, other) =
            (warp(&image, &map, 50, 45, [9; 3]), warp_projective(&image, &same, 50, 45, [9; 3]));
        let most = one.pixels().iter().zip(other.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most.unwrap() <= 1, "{most:?}");
        assert_eq!(warp_projective(&image, &Homography::IDENTITY, 60, 40, [9; 3]), image);
    }

    #[test]
    fn corners_are_where_they_were_sent() {
        let corners = [(0.0, 0.0), (59.0, 0.0), (59.0, 39.0), (0.0, 39.0)].map(|(x, y)| Point::new(x, y));
        let moved = [(4.0, 6.0), (55.0, 2.0), (50.0, 36.0), (9.0, 30.0)].map(|(x, y)| Point::new(x, y));
        let map = Homography::fit(&corners, &moved).unwrap();
        let warped = warp_projective(&ramp(), &map, 60, 40, [255; 3]);
        for (from, to) in [((0.0, 0.0), (4, 6)), ((59.0, 39.0), (50, 36)), ((0.0, 39.0), (9, 30))] {
            let wanted = [(4.0 * from.0) as u8, (6.0 * from.1) as u8];
            let [red, green, _] = warped.pixel(to.0, to.1);
            assert!(red.abs_diff(wanted[0]) <= 1 && green.abs_diff(wanted[1]) <= 1, "{to:?} {red} {green}");
        }
        // A position in between, by the map itself.
        let at = map.inverse().unwrap().apply(Point::new(30.0, 20.0));
        let [red, green, _] = warped.pixel(30, 20);
        assert!((f32::from(red) - 4.0 * at.x).abs() < 2.0 && (f32::from(green) - 6.0 * at.y).abs() < 2.0);
        assert_eq!(warped.pixel(0, 0), [255; 3]);
    }

    #[test]
    fn what_cannot_be_seen_is_border() {
        let none = Homography([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(warp_projective(&ramp(), &none, 5, 4, [7; 3]), Image::filled(5, 4, [7; 3]));
        // The line x = -10 is mapped to infinity; what comes from beyond it is behind the eye.
        let map = Homography([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.1, 0.0, 1.0]]);
        let warped = warp_projective(&ramp(), &map, 60, 40, [7; 3]);
        assert_eq!((warped.pixel(0, 0), warped.pixel(59, 20)), ([0, 0, 100], [7; 3]));
        assert!(warp_projective(&Image::new(0, 3), &map, 2, 2, [7; 3]) == Image::filled(2, 2, [7; 3]));
    }
}

//! Shapes filled with a colour or a pattern.

use geometry::Point;

use super::{clipped, mix, whole};
use crate::Image;

/// Lines per row along which a shape is measured.
const LINES: u32 = 4;

/// What a shape is filled with.
#[derive(Clone, Copy, Debug)]
pub enum Fill<'a> {
    /// One colour.
    Color([u8; 3]),
    /// A picture, repeated from the top left pixel on. One without pixels fills nothing.
    Pattern(&'a Image),
}

/// Fills the shape with these corners, which may bend inwards or cross itself (what is inside twice is
/// outside), with smooth edges. `opacity` is from 0, which leaves what is there, to 1. A shape with fewer
/// than three corners, or with one that is not finite, is not drawn; what lies outside the picture is left
/// out.
pub fn polygon(image: &mut Image, corners: &[Point], fill: Fill<'_>, opacity: f32) {
    let (top, bottom) = corners.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(top, bottom), corner| {
        (top.min(corner.y), bottom.max(corner.y))
    });
    let empty = matches!(fill, Fill::Pattern(pattern) if pattern.is_empty());
    if corners.len() < 3 || corners.iter().any(|corner| !corner.is_finite()) || !opacity.is_finite() || empty
    {
        return;
    }
    let mut coverage = vec![0.0f32; image.width() as usize];
    let mut crossings = Vec::new();
    for y in clipped(whole(top), whole(bottom) + 1, image.height()) {
        coverage.fill(0.0);
        for line in 0..LINES {
            let at = y as f32 - 0.5 + (line as f32 + 0.5) / LINES as f32;
            cross(corners, at, &mut crossings);
            for pair in crossings.chunks_exact(2) {
                cover(&mut coverage, pair[0], pair[1]);
            }
        }
        for (x, &covered) in (0..image.width()).zip(&coverage) {
            if covered > 0.0 {
                let color = match fill {
                    Fill::Color(color) => color,
                    Fill::Pattern(pattern) => pattern.pixel(x % pattern.width(), y % pattern.height()),
                };
                mix(image, x, y, color, opacity * covered / LINES as f32);
            }
        }
    }
}

/// Where the outline crosses a row, from left to right.
fn cross(corners: &[Point], y: f32, crossings: &mut Vec<f32>) {
    crossings.clear();
    let next = corners.iter().cycle().skip(1);
    for (a, b) in corners.iter().zip(next) {
        if (a.y <= y) != (b.y <= y) {
            crossings.push(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
        }
    }
    crossings.sort_unstable_by(f32::total_cmp);
}

/// Adds to each pixel the share of its width that lies between two positions.
fn cover(coverage: &mut [f32], from: f32, to: f32) {
    // From the left edge of the first pixel.
    let width = coverage.len() as f32;
    let (from, to) = ((from + 0.5).clamp(0.0, width), (to + 0.5).clamp(0.0, width));
    let (first, last) = (from as usize, (to.ceil() as usize).min(coverage.len()));
    for (x, covered) in coverage.iter_mut().enumerate().take(last).skip(first) {
        let (left, right) = (x as f32, x as f32 + 1.0);
        *covered += (to.min(right) - from.max(left)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(corners: &[(f32, f32)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    fn drawn(corners: &[(f32, f32)]) -> Image {
        let mut image = Image::new(40, 30);
        polygon(&mut image, &points(corners), Fill::Color([200; 3]), 1.0);
        image
    }

    /// Pixels covered, with the shares of those at the edge.
    fn area(image: &Image) -> f32 {
        image.pixels().iter().map(|v| f32::from(*v)).sum::<f32>() / 600.0
    }

    #[test]
    fn covers_its_area() {
        let square = [(4.5, 4.5), (14.5, 4.5), (14.5, 12.5), (4.5, 12.5)];
        assert_eq!(area(&drawn(&square)), 80.0);
        // Its edge pixels are half covered.
        let shifted = square.map(|(x, y)| (x + 0.5, y + 0.5));
        assert!((area(&drawn(&shifted)) - 80.0).abs() < 0.5);
        assert_eq!(drawn(&shifted).pixel(10, 8), [200; 3]);
        assert_eq!(drawn(&shifted).pixel(5, 8), [100; 3]);
        let triangle = [(3.0, 2.0), (35.0, 9.0), (12.0, 28.0)];
        // (32 * 26 - 9 * 7) / 2
        assert!((area(&drawn(&triangle)) - 384.5).abs() < 2.0, "{}", area(&drawn(&triangle)));
        let hollow = [(0.0, 0.0), (20.0, 20.0), (20.0, 0.0), (0.0, 20.0)];
        assert!((area(&drawn(&hollow)) - 200.0).abs() < 5.0, "two triangles");
    }

    #[test]
    fn is_mixed_in_and_patterned() {
        let square = points(&[(-0.5, -0.5), (39.5, -0.5), (39.5, 29.5), (-0.5, 29.5)]);
        let mut image = Image::filled(40, 30, [100; 3]);
        polygon(&mut image, &square, Fill::Color([200, 100, 0]), 0.5);
        assert_eq!(image, Image::filled(40, 30, [150, 100, 50]));
        let pattern = Image::from_rgb(2, 1, vec![9, 9, 9, 1, 1, 1]).unwrap();
        polygon(&mut image, &square, Fill::Pattern(&pattern), 1.0);
        assert_eq!((image.pixel(6, 7), image.pixel(7, 29)), ([9; 3], [1; 3]));
    }

    #[test]
    fn nothing_breaks_outside_the_picture() {
        let black = Image::new(40, 30);
        for corners in [
            &[][..],
            &[(1.0, 1.0), (9.0, 9.0)],
            &[(f32::NAN, 1.0), (9.0, 9.0), (3.0, 9.0)],
            &[(100.0, 100.0), (110.0, 100.0), (100.0, 110.0)],
            &[(-30.0, 5.0), (-20.0, 5.0), (-20.0, 9.0)],
            &[(5.0, 5.0), (20.0, 5.0), (9.0, 5.0)],
        ] {
            assert_eq!(drawn(corners), black, "{corners:?}");
        }
        assert_eq!(area(&drawn(&[(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9)])), 1200.0);
        let mut none = Image::new(0, 0);
        polygon(
            &mut none,
            &points(&[(0.0, 0.0), (9.0, 0.0), (0.0, 9.0)]),
            Fill::Pattern(&Image::new(0, 9)),
            1.0,
        );
    }
}

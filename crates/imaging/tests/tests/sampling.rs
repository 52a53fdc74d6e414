//! Resizing and warping: golden rows made with OpenCV 5.0, and properties of every picture.

use geometry::{Landmarks, Point, Rect, Rotation, Similarity, Template};
use omote_imaging::{Image, resize, resize_into, resize_region, warp, warp_antialiased, warp_into};
use proptest::prelude::*;

use crate::files;

/// A picture without any structure: channel c of pixel (x, y) is 37 x + 71 y + 113 c + 5 x y, modulo 256.
fn pattern(width: u32, height: u32) -> Image {
    let value = |x: u32, y: u32, c: u32| (x * 37 + y * 71 + c * 113 + x * y * 5) as u8;
    let pixels =
        (0..height).flat_map(|y| (0..width).flat_map(move |x| (0..3).map(move |c| value(x, y, c)))).collect();
    Image::from_rgb(width, height, pixels).unwrap()
}

fn greatest_difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

fn mean(image: &Image) -> f64 {
    image.pixels().iter().map(|v| f64::from(*v)).sum::<f64>() / image.pixels().len() as f64
}

// cv2.resize(pattern(12, 9), (20, 17), interpolation=cv2.INTER_LINEAR), rows 0, 5, 11 and 16.
const ENLARGED: [(u32, &[u8]); 4] = [
    (
        0,
        &[
            0, 113, 226, 15, 128, 138, 37, 150, 7, 59, 172, 29, 81, 194, 51, 103, 216, 74, 126, 136, 96, 148,
            5, 118, 170, 27, 140, 192, 49, 162, 215, 71, 184, 134, 94, 207, 3, 116, 229, 25, 138, 97, 47,
            160, 17, 69, 182, 40, 92, 205, 62, 114, 227, 84, 136, 95, 106, 151, 8, 121,
        ],
    ),
    (
        5,
        &[
            171, 179, 141, 149, 138, 161, 115, 77, 190, 144, 107, 156, 143, 136, 144, 83, 165, 173, 82, 153,
            142, 111, 119, 81, 141, 148, 111, 149, 148, 140, 115, 87, 170, 124, 86, 157, 153, 116, 123, 92,
            145, 153, 61, 153, 152, 91, 120, 91, 120, 128, 90, 150, 157, 120, 116, 96, 149, 93, 56, 169,
        ],
    ),
    (
        11,
        &[
            141, 103, 111, 167, 87, 137, 206, 63, 176, 154, 101, 124, 112, 141, 103, 88, 180, 142, 105, 158,
            139, 144, 107, 114, 183, 83, 153, 192, 79, 162, 141, 118, 111, 108, 157, 120, 83, 196, 159, 122,
            145, 134, 131, 102, 131, 80, 78, 170, 88, 96, 149, 127, 135, 97, 103, 174, 136, 87, 200, 162,
        ],
    ),
    (
        16,
        &[
            56, 169, 26, 87, 200, 57, 133, 246, 103, 179, 138, 149, 174, 82, 144, 67, 129, 37, 62, 175, 32,
            108, 221, 78, 154, 113, 124, 149, 57, 170, 42, 103, 216, 37, 150, 160, 83, 196, 53, 129, 88, 99,
            175, 32, 145, 221, 78, 191, 165, 125, 135, 58, 171, 28, 104, 217, 74, 135, 248, 105,
        ],
    ),
];

// cv2.warpAffine(pattern(12, 9), [[1.25, -0.5, 3.5], [0.5, 1.25, -2.25]], (16, 14), flags=cv2.INTER_LINEAR,
// borderValue=(10, 20, 30)), rows 0, 4, 7 and 13.
const WARPED: [(u32, &[u8]); 4] = [
    (
        0,
        &[
            10, 20, 30, 10, 20, 30, 86, 156, 77, 133, 197, 103, 143, 154, 113, 151, 85, 121, 158, 50, 128,
            163, 122, 133, 166, 71, 136, 163, 24, 137, 146, 40, 128, 109, 45, 105, 32, 36, 67, 10, 20, 30,
            10, 20, 30, 10, 20, 30,
        ],
    ),
    (
        4,
        &[
            44, 64, 48, 99, 212, 69, 121, 106, 113, 142, 140, 112, 157, 214, 130, 176, 115, 146, 120, 102,
            161, 116, 61, 162, 197, 72, 170, 118, 106, 193, 98, 88, 173, 174, 93, 150, 94, 99, 209, 64, 97,
            161, 134, 96, 107, 202, 94, 172,
        ],
    ),
    (
        7,
        &[
            164, 133, 134, 91, 163, 61, 104, 191, 74, 104, 190, 74, 129, 186, 99, 151, 119, 125, 172, 86,
            142, 191, 53, 161, 184, 64, 154, 146, 102, 192, 85, 92, 200, 167, 103, 159, 144, 109, 217, 69,
            120, 213, 145, 125, 140, 121, 103, 189,
        ],
    ),
    (
        13,
        &[
            10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30,
            10, 20, 30, 10, 20, 30, 66, 34, 72, 98, 77, 90, 54, 149, 33, 110, 217, 100, 53, 119, 99, 10, 20,
            30,
        ],
    ),
];

#[test]
fn enlarging_is_that_of_opencv() {
    let large = resize(&pattern(12, 9), 20, 17);
    for (y, row) in ENLARGED {
        let difference = greatest_difference(large.row(y), row);
        assert!(difference <= 1, "row {y}: {difference}");
    }
}

#[test]
fn warping_is_that_of_opencv() {
    let map = Similarity { a: 1.25, b: 0.5, tx: 3.5, ty: -2.25 };
    let out = warp(&pattern(12, 9), &map, 16, 14, [10, 20, 30]);
    for (y, row) in WARPED {
        let difference = greatest_difference(out.row(y), row);
        assert!(difference <= 2, "row {y}: {difference}");
    }
}

#[test]
fn shrinking_averages() {
    // A fine chessboard becomes grey instead of black or white.
    let board: Vec<u8> = (0..64 * 64).flat_map(|i: u32| [((i + i / 64) % 2 * 255) as u8; 3]).collect();
    let board = Image::from_rgb(64, 64, board).unwrap();
    let small = resize(&board, 10, 10);
    assert!(small.pixels().iter().all(|v| v.abs_diff(128) <= 6), "{:?}", small.row(4));
    let map = Similarity { a: 0.2, b: 0.0, tx: 0.0, ty: 0.0 };
    let aliased = warp(&board, &map, 12, 12, [128; 3]);
    let smooth = warp_antialiased(&board, &map, 12, 12, [128; 3]);
    let inner = |image: &Image| image.crop(1, 1, 10, 10, [0; 3]);
    assert!(inner(&smooth).pixels().iter().all(|v| v.abs_diff(128) <= 6), "{:?}", smooth.row(4));
    assert!(inner(&aliased).pixels().iter().any(|v| v.abs_diff(128) > 100));
}

#[test]
fn a_shrinking_warp_sees_what_resizing_sees() {
    // A map that is a plain resize to a quarter: pixel x goes to (x + 0.5) / 4 - 0.5.
    let photo = pattern(400, 320);
    let map = Similarity { a: 0.25, b: 0.0, tx: -0.375, ty: -0.375 };
    let inner = |image: &Image| image.crop(2, 2, 96, 76, [0; 3]);
    let resized = inner(&resize(&photo, 100, 80));
    let distance = |image: &Image| {
        let pairs = resized.pixels().iter().zip(image.pixels());
        pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / resized.pixels().len() as f64
    };
    let plain = distance(&inner(&warp(&photo, &map, 100, 80, [0; 3])));
    let antialiased = distance(&inner(&warp_antialiased(&photo, &map, 100, 80, [0; 3])));
    assert!(antialiased < 0.4 * plain, "{antialiased} {plain}");
}

#[test]
fn the_antialiased_warp_of_a_part_is_in_place() {
    // A bright square far from the corner lands where the map says, though only the part around it is resized.
    let mut photo = Image::new(900, 700);
    for y in 500..540 {
        for x in 600..640 {
            photo.set_pixel(x, y, [255; 3]);
        }
    }
    let map = Similarity::new(0.2, 25.0, -15.0, -90.0);
    let center = map.apply(Point::new(619.5, 519.5));
    let out = warp_antialiased(&photo, &map, 112, 112, [0; 3]);
    let (mut x, mut y, mut total) = (0.0, 0.0, 0.0);
    for v in 0..112 {
        for u in 0..112 {
            let light = f32::from(out.pixel(u, v)[0]);
            (x, y, total) = (x + light * u as f32, y + light * v as f32, total + light);
        }
    }
    let found = Point::new(x / total, y / total);
    assert!(found.distance(center) < 0.1, "{found:?} {center:?}");
}

#[test]
fn borders() {
    let photo = Image::filled(20, 20, [200; 3]);
    let border = [1, 2, 3];
    let away = Similarity { tx: 100.0, ..Similarity::IDENTITY };
    assert_eq!(warp(&photo, &away, 30, 30, border), Image::filled(30, 30, border));
    let shrinking_away = Similarity { a: 0.1, b: 0.0, tx: 500.0, ty: 500.0 };
    assert_eq!(warp_antialiased(&photo, &shrinking_away, 30, 30, border), Image::filled(30, 30, border));
    let half = Similarity { tx: 10.0, ..Similarity::IDENTITY };
    let out = warp(&photo, &half, 20, 20, border);
    assert_eq!((out.pixel(9, 5), out.pixel(10, 5), out.pixel(19, 19)), (border, [200; 3], [200; 3]));
    // Half a pixel to the right: the first column is half border.
    let between = Similarity { tx: 0.5, ..Similarity::IDENTITY };
    assert_eq!(warp(&photo, &between, 4, 4, [0; 3]).pixel(0, 2), [100; 3]);
}

#[test]
fn maps_without_an_inverse_give_the_border() {
    let photo = Image::filled(5, 5, [200; 3]);
    for a in [0.0, 1e-38, f32::NAN, f32::INFINITY] {
        for tx in [0.0, 1e30, f32::NAN] {
            let map = Similarity { a, b: 0.0, tx, ty: 0.0 };
            let out = warp(&photo, &map, 4, 4, [7; 3]);
            assert!(out.pixels().iter().all(|v| *v == 7 || *v == 200), "{map:?}");
            let _ = warp_antialiased(&photo, &map, 4, 4, [7; 3]);
        }
    }
}

#[test]
fn empty_pictures_and_sizes() {
    let photo = files::photo(9, 7);
    assert!(resize(&photo, 0, 5).is_empty());
    assert_eq!(resize(&Image::new(0, 4), 3, 3), Image::new(3, 3));
    assert_eq!(warp(&Image::new(0, 0), &Similarity::IDENTITY, 3, 3, [5; 3]), Image::filled(3, 3, [5; 3]));
    assert!(warp(&photo, &Similarity::IDENTITY, 0, 3, [5; 3]).is_empty());
    assert!(warp_antialiased(&photo, &Similarity::new(0.1, 0.0, 0.0, 0.0), 0, 0, [5; 3]).is_empty());
    for rect in
        [Rect::new(f32::NAN, 0.0, 5.0, 5.0), Rect::new(3.0, 3.0, 3.0, 5.0), Rect::new(50.0, 50.0, 60.0, 60.0)]
    {
        assert_eq!(resize_region(&photo, &rect, 2, 2), Image::new(2, 2));
    }
}

#[test]
fn regions_and_letterboxes() {
    let photo = files::photo(80, 60);
    let part = resize_region(&photo, &Rect::new(20.0, 10.0, 60.0, 40.0), 40, 30);
    assert_eq!(part, photo.crop(20, 10, 40, 30, [0; 3]), "the same size: no resampling");

    let mut canvas = Image::filled(64, 64, [9, 8, 7]);
    resize_into(&photo, &mut canvas, 64, 48);
    assert_eq!(canvas.crop(0, 0, 64, 48, [0; 3]), resize(&photo, 64, 48));
    assert_eq!(canvas.crop(0, 48, 64, 16, [0; 3]), Image::filled(64, 16, [9, 8, 7]));
    resize_into(&photo, &mut canvas, 1000, 1000);
    assert_eq!(canvas, resize(&photo, 64, 64));
}

#[test]
fn a_buffer_can_be_used_again() {
    let photo = files::photo(50, 50);
    let map = Similarity::new(1.3, 20.0, 4.0, -9.0);
    let mut out = Image::filled(40, 40, [255; 3]);
    warp_into(&photo, &map, &mut out, [3; 3]);
    assert_eq!(out, warp(&photo, &map, 40, 40, [3; 3]));
}

#[test]
fn an_aligned_face_does_not_depend_on_the_photo() {
    // Turning, scaling and moving the photo leaves the crop as it is, up to interpolation.
    let face = Landmarks(
        [(243.5, 161.8), (271.7, 163.5), (254.2, 177.7), (242.2, 186.2), (265.7, 189.9)]
            .map(|(x, y)| Point::new(x, y)),
    );
    let photo = files::photo(500, 400);
    let aligned = |photo: &Image, face: &Landmarks| {
        warp(photo, &Template::ARCFACE_112.fit(face).unwrap(), 112, 112, [0; 3])
    };
    let direct = aligned(&photo, &face);
    let map = Similarity::new(1.6, 30.0, 120.0, -100.0);
    let moved = aligned(&warp(&photo, &map, 900, 800, [0; 3]), &map.apply_all(&face));
    let squares: f64 =
        direct.pixels().iter().zip(moved.pixels()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let psnr = 10.0 * (255.0f64.powi(2) / (squares / direct.pixels().len() as f64)).log10();
    assert!(psnr > 35.0, "{psnr}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn resizing_keeps_the_mean(width in 1u32..90, height in 1u32..90) {
        let photo = files::photo(45, 60);
        let resized = resize(&photo, width, height);
        prop_assert_eq!((resized.width(), resized.height()), (width, height));
        prop_assert!((mean(&resized) - mean(&photo)).abs() < 6.0);
        let flat = Image::filled(45, 60, [31, 32, 33]);
        prop_assert_eq!(resize(&flat, width, height), Image::filled(width, height, [31, 32, 33]));
    }

    #[test]
    fn warping_by_the_identity_is_nothing(width in 1u32..40, height in 1u32..40) {
        let photo = pattern(width, height);
        prop_assert_eq!(&warp(&photo, &Similarity::IDENTITY, width, height, [0; 3]), &photo);
        // A quarter turn is exact too.
        let turned = Similarity { a: 0.0, b: 1.0, tx: height as f32 - 1.0, ty: 0.0 };
        prop_assert_eq!(warp(&photo, &turned, height, width, [0; 3]), photo.rotated(Rotation::Quarter));
    }

    #[test]
    fn warping_equals_the_plain_formula(
        scale in 0.05f32..8.0, degrees in -180.0f32..180.0, tx in -60.0f32..60.0, ty in -60.0f32..60.0,
        width in 1u32..30, height in 1u32..30,
    ) {
        let photo = pattern(width, height);
        let map = Similarity::new(scale, degrees, tx, ty);
        let border = [10.0, 20.0, 30.0];
        let out = warp(&photo, &map, 25, 19, border.map(|v| v as u8));
        let inverse = map.inverse().unwrap();
        for (u, v) in (0..25).flat_map(|u| (0..19).map(move |v| (u, v))) {
            let p = inverse.apply(Point::new(u as f32, v as f32));
            let at = |x: f32, y: f32, c: usize| {
                let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
                if inside { f32::from(photo.pixel(x as u32, y as u32)[c]) } else { border[c] }
            };
            let (x, y) = (p.x.floor(), p.y.floor());
            let (wx, wy) = (p.x - x, p.y - y);
            for c in 0..3 {
                let top = at(x, y, c) * (1.0 - wx) + at(x + 1.0, y, c) * wx;
                let bottom = at(x, y + 1.0, c) * (1.0 - wx) + at(x + 1.0, y + 1.0, c) * wx;
                let want = top * (1.0 - wy) + bottom * wy;
                let got = f32::from(out.pixel(u, v)[c]);
                // The weights have 11 bits, and this test works in 32-bit floats.
                prop_assert!((got - want).abs() < 1.5, "({}, {}) {} {}", u, v, got, want);
            }
        }
    }

    #[test]
    fn no_map_breaks_anything(values in prop::array::uniform4(prop_oneof![
        4 => -1e3f32..1e3,
        2 => -1e-3f32..1e-3,
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 0.0, 1e20, 1e-20]),
    ])) {
        let [a, b, tx, ty] = values;
        let map = Similarity { a, b, tx, ty };
        let photo = pattern(17, 13);
        let sizes = [warp(&photo, &map, 9, 8, [0; 3]), warp_antialiased(&photo, &map, 9, 8, [0; 3])];
        prop_assert!(sizes.iter().all(|i| (i.width(), i.height()) == (9, 8)));
    }
}

//! Every format and pixel type gives the picture that was put in, upright.

use image::DynamicImage;
use omote_imaging::{DecodeOptions, Error, Format, Image, decode, encode_jpeg, encode_png, probe};

use crate::files;

fn open(bytes: &[u8]) -> Result<Image, Error> {
    decode(bytes, &DecodeOptions::default())
}

fn greatest_difference(a: &Image, b: &Image) -> u8 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.pixels().iter().zip(b.pixels()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

#[test]
fn every_format_comes_back() {
    // 1 x 1 and sizes that fill no whole blocks among them.
    for (width, height) in [(61, 43), (1, 1), (16, 8), (1, 37)] {
        let image = files::photo(width, height);
        for (name, bytes, tolerance) in files::all(&image) {
            let header = probe(&bytes, &DecodeOptions::default()).unwrap();
            assert_eq!((header.width, header.height), (width, height), "{name}");
            let decoded = open(&bytes).unwrap_or_else(|e| panic!("{name} {width} x {height}: {e}"));
            let difference = greatest_difference(&decoded, &image);
            assert!(difference <= tolerance, "{name} {width} x {height}: {difference}");
        }
    }
}

#[test]
fn own_files_come_back() {
    let image = files::photo(40, 30);
    assert_eq!(open(&encode_png(&image).unwrap()).unwrap(), image);
    let quality = |q| greatest_difference(&open(&encode_jpeg(&image, q).unwrap()).unwrap(), &image);
    let (high, low) = (quality(100), quality(20));
    assert!(high <= 6 && low > high, "{high} {low}");
    let empty = Image::new(0, 3);
    assert!(matches!(encode_png(&empty), Err(Error::NotEncodable { format: Format::Png, .. })));
    assert!(matches!(encode_jpeg(&empty, 90), Err(Error::NotEncodable { .. })));
    assert!(encode_jpeg(&Image::new(70_000, 1), 90).is_err());
}

#[test]
fn pixel_types() {
    let image = files::photo(20, 14);
    let rgb = files::dynamic(&image);
    let grey = |i: &DynamicImage| {
        let pixels = i.to_luma8().into_raw().into_iter().flat_map(|v| [v; 3]).collect();
        Image::from_rgb(20, 14, pixels).unwrap()
    };
    let cases = [
        ("16-bit colour", DynamicImage::ImageRgb16(rgb.to_rgb16()), image.clone()),
        ("16-bit colour with alpha", DynamicImage::ImageRgba16(rgb.to_rgba16()), image.clone()),
        ("grey", DynamicImage::ImageLuma8(rgb.to_luma8()), grey(&rgb)),
        ("16-bit grey", DynamicImage::ImageLuma16(rgb.to_luma16()), grey(&rgb)),
    ];
    for (name, source, expected) in cases {
        for bytes in [files::png_of(&source), files::library_tiff(&source)] {
            let difference = greatest_difference(&open(&bytes).unwrap(), &expected);
            // The grey of 16-bit colour and of 8-bit colour may round apart.
            assert!(difference <= 1, "{name}: {difference}");
        }
    }
}

#[test]
fn grey_maps_of_any_depth() {
    // Five levels as text, as bytes and as 16 bits with another maximum, and black and white, where 1 is black.
    let levels = [0, 64, 128, 191, 255].map(|v| [v; 3]).concat();
    let cases: [(&[u8], &[u8]); 4] = [
        (b"P2\n5 1\n255\n0 64 128 191 255\n", &levels),
        (b"P5 5 1 255\n\x00\x40\x80\xbf\xff", &levels),
        (b"P5\n2 1\n4000\n\x00\x00\x0f\xa0", &[0, 0, 0, 255, 255, 255]),
        (b"P1\n2 1\n0 1\n", &[255, 255, 255, 0, 0, 0]),
    ];
    for (bytes, pixels) in cases {
        assert_eq!(open(bytes).unwrap().pixels(), pixels, "{}", bytes.escape_ascii());
    }
}

#[test]
fn alpha_is_laid_on_white() {
    // A black pixel that cannot be seen, half of a red one, and all of a blue one.
    let pixels = vec![0, 0, 0, 0, 200, 0, 0, 128, 0, 0, 255, 255];
    let rgba = DynamicImage::ImageRgba8(image::RgbaImage::from_raw(3, 1, pixels).unwrap());
    let wide = DynamicImage::ImageRgba16(rgba.to_rgba16());
    let grey =
        DynamicImage::ImageLumaA8(image::GrayAlphaImage::from_raw(2, 1, vec![0, 0, 100, 128]).unwrap());
    for bytes in
        [files::png_of(&rgba), files::webp_of(&rgba, &[]), files::library_tiff(&rgba), files::png_of(&wide)]
    {
        assert_eq!(open(&bytes).unwrap().pixels(), [255, 255, 255, 227, 127, 127, 0, 0, 255]);
    }
    assert_eq!(open(&files::png_of(&grey)).unwrap().pixels(), [255, 255, 255, 177, 177, 177]);
}

#[test]
fn palettes_are_looked_up() {
    let palette = [9, 9, 9, 10, 20, 30, 40, 50, 60];
    let bytes = files::palette_png(3, 1, &palette, &[1, 2, 0]);
    assert_eq!(open(&bytes).unwrap().pixels(), [10, 20, 30, 40, 50, 60, 255, 255, 255]);
}

#[test]
fn jpeg_colour_spaces() {
    let product = |ink: u8, black: u8| (f32::from(ink) * f32::from(black) / 255.0).round() as u8;
    type Case = (&'static str, &'static [u8], Option<u8>, [u8; 3]);
    let cases: [Case; 6] = [
        ("grey", &[77], None, [77; 3]),
        ("YCbCr", &[150, 128, 128], None, [150; 3]),
        // R = Y + 1.402 (Cr - 128), G = Y - 0.714 (Cr - 128)
        ("YCbCr, red", &[100, 128, 178], None, [170, 64, 100]),
        ("RGB by Adobe", &[200, 100, 50], Some(0), [200, 100, 50]),
        // Stored inverted: 255 is no ink.
        ("CMYK by Adobe", &[200, 100, 50, 220], Some(0), [200, 100, 50].map(|v| product(v, 220))),
        ("YCCK by Adobe", &[90, 128, 128, 200], Some(2), [product(165, 200); 3]),
    ];
    for (name, components, adobe, expected) in cases {
        let decoded = open(&files::flat_jpeg(components, adobe)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let difference = greatest_difference(&decoded, &Image::filled(8, 8, expected));
        assert!(difference <= 1, "{name}: {:?} for {expected:?}", decoded.pixel(3, 3));
    }
}

/// A file that another program wrote, and what that program reads in it; `data/README.md` says how it was made.
#[test]
fn inks_are_those_that_pillow_sees() {
    let cmyk = include_bytes!("../data/cmyk.jpg").to_vec();
    // Adobe's segment is the first; its last byte says whether the inks went through YCbCr.
    assert_eq!((&cmyk[6..11], cmyk[17]), (&b"Adobe"[..], 0));
    let ycck = [&cmyk[..17], &[2], &cmyk[18..]].concat();
    let unmarked = [&cmyk[..2], &cmyk[18..]].concat();
    let plain = [[55, 235, 235], [235, 55, 235], [235, 235, 55], [55; 3]];
    let turned = [[50, 255, 10], [0, 71, 149], [122, 5, 0], [0, 29, 0]];
    for (name, bytes, colours) in
        [("CMYK", cmyk, plain), ("YCCK", ycck, turned), ("without Adobe's segment", unmarked, plain)]
    {
        let photo = open(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        for ((x, y), expected) in [(4, 4), (12, 4), (4, 12), (12, 12)].into_iter().zip(colours) {
            let found = photo.pixel(x, y);
            let near = found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 2);
            assert!(near, "{name} at ({x}, {y}): {found:?} for {expected:?}");
        }
    }
}

#[test]
fn all_eight_orientations() {
    let image = files::photo(24, 15);
    // Where the pixel (x, y) as seen is stored, by the EXIF standard: 2 is mirrored, 3 upside down, 6 wants a clockwise
    // turn, 8 an anticlockwise one.
    let stored_at = |orientation: u8, x: u32, y: u32| match orientation {
        1 => (x, y),
        2 => (23 - x, y),
        3 => (23 - x, 14 - y),
        4 => (x, 14 - y),
        5 => (y, x),
        6 => (y, 14 - x),
        7 => (23 - y, 14 - x),
        _ => (23 - y, x),
    };
    for orientation in 1..=8u8 {
        let exif = files::exif(orientation);
        let jpeg = files::with_exif(&files::jpeg_file(&image), &exif);
        let tag = u16::from(orientation);
        let plain_jpeg = open(&files::jpeg_file(&image)).unwrap();
        let mut late_png = files::png_file(&image, &[]);
        let end = late_png.len() - 12;
        late_png.splice(end..end, files::png_chunk(b"eXIf", &exif));
        let prefixed = [b"Exif\0\0".to_vec(), exif.clone()].concat();
        let cases = [
            ("jpeg", jpeg, &plain_jpeg),
            ("png", files::png_file(&image, &exif), &image),
            ("png, tag after the pixels", late_png, &image),
            ("webp", files::webp_file(&image, &exif), &image),
            ("webp, tag with a prefix", files::webp_file(&image, &prefixed), &image),
            ("tiff", files::tiff_file(&image, tag), &image),
        ];
        let size = if orientation < 5 { (24, 15) } else { (15, 24) };
        for (name, bytes, stored) in cases {
            let upright = open(&bytes).unwrap();
            assert_eq!((upright.width(), upright.height()), size, "{name} {orientation}");
            for y in 0..size.1 {
                for x in 0..size.0 {
                    let (sx, sy) = stored_at(orientation, x, y);
                    assert_eq!(upright.pixel(x, y), stored.pixel(sx, sy), "{name} {orientation} ({x}, {y})");
                }
            }
            // The header tells the size as stored.
            assert_eq!(probe(&bytes, &DecodeOptions::default()).unwrap().width, 24);
        }
    }
}

#[test]
fn senseless_exif_is_ignored() {
    let image = files::photo(24, 15);
    let jpeg = files::jpeg_file(&image);
    for exif in [files::exif(0), files::exif(9), files::exif(255), vec![], b"II*\0\xff\xff\xff\xff".to_vec()]
    {
        assert_eq!(open(&files::with_exif(&jpeg, &exif)).unwrap(), open(&jpeg).unwrap());
    }
}

#[test]
fn stray_bytes_between_segments_are_forgiven() {
    let jpeg = files::jpeg_file(&files::photo(24, 15));
    // The first segment ends where the next marker starts.
    let second = 4 + usize::from(jpeg[5]);
    let stray = [&jpeg[..second], &[0; 50], &jpeg[second..]].concat();
    assert_eq!(open(&stray).unwrap(), open(&jpeg).unwrap());
    let trailing = [jpeg.clone(), b"appended by a phone".to_vec()].concat();
    assert_eq!(open(&trailing).unwrap(), open(&jpeg).unwrap());
}

#[test]
fn the_first_frame_of_an_animation_is_taken() {
    let image = Image::filled(9, 9, [250, 10, 10]);
    assert_eq!(open(&files::gif_file(&image)).unwrap(), image);
}

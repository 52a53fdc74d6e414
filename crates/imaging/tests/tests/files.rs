//! Files of every format, made here byte by byte or with the encoders of other crates.

use image::codecs::{bmp, gif, jpeg, png as image_png, tiff, webp};
use image::{DynamicImage, ExtendedColorType, ImageEncoder};
use omote_imaging::Image;

/// A smooth coloured picture with a dark square at its top left, so that turning it shows.
pub(crate) fn photo(width: u32, height: u32) -> Image {
    let pixels = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            if 3 * x < width && 3 * y < height {
                return [20, 30, 10];
            }
            let wave = |k: u32| (((x * k + y * (7 - k)) as f32 * 0.05).sin() * 60.0 + 150.0) as u8;
            [wave(1), wave(3), wave(5)]
        })
        .collect();
    Image::from_rgb(width, height, pixels).unwrap()
}

pub(crate) fn dynamic(image: &Image) -> DynamicImage {
    let buffer = image::RgbImage::from_raw(image.width(), image.height(), image.pixels().to_vec());
    DynamicImage::ImageRgb8(buffer.unwrap())
}

/// Every format with the picture in it and the greatest difference that its compression may make.
pub(crate) fn all(image: &Image) -> Vec<(&'static str, Vec<u8>, u8)> {
    vec![
        ("jpeg", jpeg_file(image), 20),
        ("png", png_file(image, &[]), 0),
        ("webp", webp_file(image, &[]), 0),
        ("bmp", bmp_file(image), 0),
        // 256 colours.
        ("gif", gif_file(image), 60),
        ("tiff", tiff_file(image, 1), 0),
        ("tiff by a library", library_tiff(&dynamic(image)), 0),
        ("ppm", ppm_file(image), 0),
    ]
}

pub(crate) fn jpeg_file(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(jpeg::JpegEncoder::new_with_quality(&mut bytes, 95), &dynamic(image));
    bytes
}

pub(crate) fn png_file(image: &Image, exif: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image_png::PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    write(encoder, &dynamic(image));
    bytes
}

pub(crate) fn png_of(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(image_png::PngEncoder::new(&mut bytes), image);
    bytes
}

pub(crate) fn webp_file(image: &Image, exif: &[u8]) -> Vec<u8> {
    webp_of(&dynamic(image), exif)
}

pub(crate) fn webp_of(image: &DynamicImage, exif: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = webp::WebPEncoder::new_lossless(&mut bytes);
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    write(encoder, image);
    bytes
}

pub(crate) fn bmp_file(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(bmp::BmpEncoder::new(&mut bytes), &dynamic(image));
    bytes
}

pub(crate) fn gif_file(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut encoder = gif::GifEncoder::new(&mut bytes);
        encoder.encode(image.pixels(), image.width(), image.height(), ExtendedColorType::Rgb8).unwrap();
        let last = Image::filled(image.width(), image.height(), [1, 2, 3]);
        encoder.encode(last.pixels(), image.width(), image.height(), ExtendedColorType::Rgb8).unwrap();
    }
    bytes
}

pub(crate) fn ppm_file(image: &Image) -> Vec<u8> {
    let header = format!("P6\n# a comment\n{} {}\n255\n", image.width(), image.height());
    [header.as_bytes(), image.pixels()].concat()
}

pub(crate) fn library_tiff(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    write(tiff::TiffEncoder::new(&mut bytes), image);
    bytes.into_inner()
}

fn write(encoder: impl ImageEncoder, image: &DynamicImage) {
    image.write_with_encoder(encoder).unwrap();
}

/// The TIFF structure of EXIF data that holds an orientation, 1..=8, and nothing else.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    bytes.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    bytes.extend([0; 4]);
    bytes
}

/// The JPEG file with EXIF data after its first marker.
pub(crate) fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(((exif.len() + 8) as u16).to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// An uncompressed little-endian TIFF file, with its directory in front, as some cameras write it.
pub(crate) fn tiff_file(image: &Image, orientation: u16) -> Vec<u8> {
    tiff_header(image.width(), image.height(), orientation, image.pixels())
}

pub(crate) fn tiff_header(width: u32, height: u32, orientation: u16, pixels: &[u8]) -> Vec<u8> {
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    let entries: [(u16, u16, u32, u32); 10] = [
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 3, 134), // bits per sample: three shorts after the directory
        (259, SHORT, 1, 1),   // not compressed
        (262, SHORT, 1, 2),   // RGB
        (273, LONG, 1, 140),  // where the pixels start
        (274, SHORT, 1, u32::from(orientation)),
        (277, SHORT, 1, 3), // samples per pixel
        (278, LONG, 1, height),
        (279, LONG, 1, width.saturating_mul(height).saturating_mul(3)),
    ];
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend([8, 0, 8, 0, 8, 0]);
    assert_eq!(bytes.len(), 140);
    bytes.extend(pixels);
    bytes
}

/// A PNG file with a palette; colour 0 is see-through.
pub(crate) fn palette_png(width: u32, height: u32, palette: &[u8], indices: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.to_vec());
    encoder.set_trns(vec![0]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(indices).unwrap();
    writer.finish().unwrap();
    bytes
}

pub(crate) fn png_chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend(body);
    let mut crc = !0u32;
    for byte in &bytes[4..] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    bytes.extend((!crc).to_be_bytes());
    bytes
}

/// The start of a PNG file of this size.
pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(png_chunk(b"IHDR", &header));
    bytes.extend(png_chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]));
    bytes.extend(png_chunk(b"IEND", &[]));
    bytes
}

/// An 8 x 8 JPEG file of one colour: one value per component as stored, and Adobe's marker with its transform if wanted.
pub(crate) fn flat_jpeg(components: &[u8], adobe: Option<u8>) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    let mut segment = |marker: u8, body: &[u8]| {
        bytes.extend([0xff, marker]);
        bytes.extend(((body.len() + 2) as u16).to_be_bytes());
        bytes.extend(body);
    };
    if let Some(transform) = adobe {
        segment(0xee, &[b'A', b'd', b'o', b'b', b'e', 0, 100, 0, 0, 0, 0, transform]);
    }
    // Quantisation by 1 everywhere.
    let mut table = vec![0];
    table.extend([1; 64]);
    segment(0xdb, &table);
    let count = components.len() as u8;
    let mut frame = vec![8, 0, 8, 0, 8, count];
    let mut scan = vec![count];
    for id in 1..=count {
        frame.extend([id, 0x11, 0]);
        scan.extend([id, 0]);
    }
    scan.extend([0, 63, 0]);
    segment(0xc0, &frame);
    // DC: the categories 0..=11 have the codes 0000..=1011. AC: "end of block" has the code 0.
    let mut dc = vec![0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    dc.extend(0..12);
    segment(0xc4, &dc);
    segment(0xc4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    segment(0xda, &scan);
    let mut bits = String::new();
    for value in components {
        // The DC coefficient of a flat block is 8 times its level.
        let dc = (i32::from(*value) - 128) * 8;
        let size = 32 - dc.unsigned_abs().leading_zeros() as usize;
        let coded = if dc < 0 { dc + (1 << size) - 1 } else { dc };
        bits += &format!("{size:04b}");
        if size > 0 {
            bits += &format!("{coded:0size$b}");
        }
        bits += "0";
    }
    while !bits.len().is_multiple_of(8) {
        bits += "1";
    }
    for start in (0..bits.len()).step_by(8) {
        let byte = u8::from_str_radix(&bits[start..start + 8], 2).unwrap();
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0);
        }
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::{Error, Format, Image};

/// The picture as a PNG file: 8-bit RGB, lossless.
///
/// # Errors
/// [`Error::NotEncodable`] for a picture without pixels.
pub fn encode_png(image: &Image) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(PngEncoder::new(&mut bytes), image, Format::Png)?;
    Ok(bytes)
}

/// The picture as a baseline JPEG file with this quality, 1..=100 (cut to that range), colour at full resolution (4:4:4).
///
/// # Errors
/// [`Error::NotEncodable`] for a picture without pixels or with a side above 65,535 pixels.
pub fn encode_jpeg(image: &Image, quality: u8) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100)), image, Format::Jpeg)?;
    Ok(bytes)
}

fn write(encoder: impl ImageEncoder, image: &Image, format: Format) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    let failed = || Error::NotEncodable { width, height, format };
    if image.is_empty() {
        return Err(failed());
    }
    encoder.write_image(image.pixels(), width, height, ExtendedColorType::Rgb8).map_err(|_| failed())
}

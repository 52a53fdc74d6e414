use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, png::PngDecoder, pnm::PnmDecoder, tiff::TiffDecoder, webp::WebPDecoder,
};
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, ImageError, ImageResult, Limits};

use crate::{Error, Format, Image, embedded, jpeg};

/// What [`decode`] may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    /// Greatest width times height, checked on the header before anything is decoded. 64,000,000 by default.
    pub max_pixels: u64,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self { max_pixels: 64_000_000 }
    }
}

/// What the start of a file says about the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Width as stored, before the EXIF orientation is applied, pixels.
    pub width: u32,
    /// Height as stored, pixels.
    pub height: u32,
    /// Format by content.
    pub format: Format,
    /// Upper estimate of the bytes in use while [`decode`] runs, its result included, the file itself and up to 1 MiB of
    /// tables not.
    pub decode_bytes: u64,
}

impl Header {
    /// Width times height.
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Bytes of the decoded picture: 3 per pixel.
    pub fn image_bytes(&self) -> u64 {
        self.pixels() * 3
    }
}

/// Reads the header alone: format by content, size and memory that [`decode`] will need. Checks the size limit.
///
/// The start of the file is enough, if it reaches to the pixels: with a JPEG to the first scan, with a PNG to the first
/// IDAT. A TIFF may have its directory at the end.
pub fn probe(bytes: &[u8], options: &DecodeOptions) -> Result<Header, Error> {
    guarded(bytes, |format| open(format, bytes, options).map(|source| source.header))
}

/// Decodes a picture: EXIF orientation applied, alpha laid on white, 16-bit, grey, palette and CMYK turned into RGB.
///
/// The format is told by content. Of animations and multi-page files the first picture is taken. The limit of `options` is
/// checked on the header, and the memory of the decoders is bounded by what the header's size can need.
///
/// # Errors
/// Every file that is not whole is an error: a truncated one gives no half-grey picture.
pub fn decode(bytes: &[u8], options: &DecodeOptions) -> Result<Image, Error> {
    guarded(bytes, |format| {
        let source = open(format, bytes, options)?;
        let image = match source.reader {
            Reader::Jpeg(structure) => jpeg::decode(bytes, &structure)?,
            Reader::Library(decoder) => read(decoder, &source.header)?,
        };
        Ok(upright(image, source.orientation))
    })
}

/// Runs a decoder on bytes from anywhere. The decoders are other people's, and one that panics on a broken file must cost
/// that file and not the thousands after it.
fn guarded<T>(bytes: &[u8], work: impl FnOnce(Format) -> Result<T, Error>) -> Result<T, Error> {
    let format = Format::recognise(bytes)?;
    catch_unwind(AssertUnwindSafe(|| work(format)))
        .unwrap_or_else(|_| Err(Error::Corrupt { format, reason: "the decoder gave up".to_owned() }))
}

/// A file whose header was read and whose size is within the limit.
struct Source<'a> {
    header: Header,
    orientation: Orientation,
    reader: Reader<'a>,
}

enum Reader<'a> {
    Jpeg(jpeg::Structure<'a>),
    Library(Box<dyn ImageDecoder + 'a>),
}

fn open<'a>(format: Format, bytes: &'a [u8], options: &DecodeOptions) -> Result<Source<'a>, Error> {
    let check = |width: u32, height: u32| match u64::from(width) * u64::from(height) {
        0 => Err(Error::Corrupt { format, reason: "its width or height is 0".to_owned() }),
        pixels if pixels > options.max_pixels => {
            Err(Error::TooLarge { width, height, limit: options.max_pixels })
        }
        pixels => Ok(pixels),
    };
    if format == Format::Jpeg {
        let structure = jpeg::structure(bytes)?;
        let (width, height) = (structure.width, structure.height);
        let pixels = check(width, height)?;
        let orientation = exif_orientation(structure.exif);
        let decode_bytes = structure.decode_bytes.max(turned_bytes(orientation, pixels));
        let header = Header { width, height, format, decode_bytes };
        return Ok(Source { header, orientation, reader: Reader::Jpeg(structure) });
    }

    let failed = |e| library_error(format, e);
    let mut decoder = library_decoder(format, bytes).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let pixels = check(width, height)?;
    let inner = match format {
        Format::WebP => embedded::largest(embedded::webp_frames(bytes)),
        Format::Tiff => embedded::largest(embedded::jpeg_frames(bytes)),
        _ => None,
    };
    let inner_pixels = match inner {
        Some((width, height)) if width > 0 && height > 0 => check(width, height)?,
        _ => 0,
    };
    let orientation = match format {
        Format::Png => exif_orientation(png_exif(bytes)),
        Format::WebP => exif_orientation(decoder.exif_metadata().map_err(failed)?.as_deref()),
        _ => decoder.orientation().unwrap_or(Orientation::NoTransforms),
    };
    // Besides what the decoder hands over and the RGB made from it: another frame (WebP, GIF), strip or stream (TIFF).
    let scratch = match format {
        Format::WebP | Format::Gif => pixels.max(inner_pixels) * 4,
        Format::Tiff => decoder.total_bytes().max(inner_pixels * 4),
        _ => u64::from(width) * 64,
    };
    let converted = match decoder.color_type() {
        ColorType::Rgb8 => 0,
        ColorType::L8 | ColorType::La8 | ColorType::Rgba8 => pixels * 3,
        // First narrowed to 8 bits, with up to four channels.
        _ => pixels * 7,
    };
    let decode_bytes = (decoder.total_bytes() + scratch + converted).max(turned_bytes(orientation, pixels));
    let mut limits = Limits::no_limits();
    // Tables, profiles and rows come on top of the pixels.
    limits.max_alloc = Some(decode_bytes + (16 << 20));
    decoder.set_limits(limits).map_err(failed)?;
    let header = Header { width, height, format, decode_bytes };
    Ok(Source { header, orientation, reader: Reader::Library(decoder) })
}

fn library_decoder<'a>(format: Format, bytes: &'a [u8]) -> ImageResult<Box<dyn ImageDecoder + 'a>> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Png => Box::new(PngDecoder::with_limits(reader, Limits::default())?),
        Format::WebP => Box::new(WebPDecoder::new(reader)?),
        Format::Bmp => Box::new(BmpDecoder::new(reader)?),
        Format::Gif => Box::new(GifDecoder::new(reader)?),
        Format::Tiff => Box::new(TiffDecoder::new(reader)?),
        Format::Pnm => Box::new(PnmDecoder::new(reader)?),
        Format::Jpeg => unreachable!("JPEG has a reader of its own"),
    })
}

fn read(decoder: Box<dyn ImageDecoder + '_>, header: &Header) -> Result<Image, Error> {
    let color = decoder.color_type();
    let corrupt = |reason: &str| Error::Corrupt { format: header.format, reason: reason.to_owned() };
    let length = usize::try_from(decoder.total_bytes()).map_err(|_| corrupt("its size overflows"))?;
    let mut buffer = vec![0; length];
    decoder.read_image_boxed(&mut buffer).map_err(|e| library_error(header.format, e))?;
    let pixels = to_rgb(buffer, color).ok_or_else(|| Error::Unsupported {
        format: format!("{} with pixels of the kind {color:?}", header.format),
        remedy: "re-save it with 8 or 16 bits per channel",
    })?;
    Image::from_rgb(header.width, header.height, pixels)
        .ok_or_else(|| corrupt("the number of pixels does not fit its size"))
}

/// Any pixel type of the library as 8-bit RGB, alpha laid on white.
fn to_rgb(buffer: Vec<u8>, color: ColorType) -> Option<Vec<u8>> {
    fn bytes<const N: usize>(buffer: &[u8], rgb: impl Fn([u8; N]) -> [u8; 3]) -> Vec<u8> {
        let (pixels, _) = buffer.as_chunks::<N>();
        pixels.iter().flat_map(|p| rgb(*p)).collect()
    }
    // 16-bit samples and floats in 0..=1 to 8 bits, in the byte order of this machine.
    fn narrow<const N: usize>(buffer: &[u8], sample: impl Fn([u8; N]) -> u8) -> Vec<u8> {
        let (samples, _) = buffer.as_chunks::<N>();
        samples.iter().map(|s| sample(*s)).collect()
    }
    let from_u16 = |b: [u8; 2]| ((u32::from(u16::from_ne_bytes(b)) * 255 + 32_767) / 65_535) as u8;
    let from_f32 = |b: [u8; 4]| (f32::from_ne_bytes(b).clamp(0.0, 1.0) * 255.0).round() as u8;
    let on_white = |v: u8, a: u8| {
        let (v, a) = (u32::from(v), u32::from(a));
        ((v * a + 255 * (255 - a) + 127) / 255) as u8
    };
    Some(match color {
        ColorType::Rgb8 => buffer,
        ColorType::L8 => bytes(&buffer, |[v]: [u8; 1]| [v; 3]),
        ColorType::La8 => bytes(&buffer, |[v, a]: [u8; 2]| [on_white(v, a); 3]),
        ColorType::Rgba8 => {
            bytes(&buffer, |[r, g, b, a]: [u8; 4]| [on_white(r, a), on_white(g, a), on_white(b, a)])
        }
        ColorType::L16 => return to_rgb(narrow(&buffer, from_u16), ColorType::L8),
        ColorType::La16 => return to_rgb(narrow(&buffer, from_u16), ColorType::La8),
        ColorType::Rgb16 => return to_rgb(narrow(&buffer, from_u16), ColorType::Rgb8),
        ColorType::Rgba16 => return to_rgb(narrow(&buffer, from_u16), ColorType::Rgba8),
        ColorType::Rgb32F => return to_rgb(narrow(&buffer, from_f32), ColorType::Rgb8),
        ColorType::Rgba32F => return to_rgb(narrow(&buffer, from_f32), ColorType::Rgba8),
        _ => return None,
    })
}

fn exif_orientation(exif: Option<&[u8]>) -> Orientation {
    exif.map(|bytes| bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes))
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// The eXIf chunk of a PNG file, wherever it stands: some programs write it after the pixels, where the decoder has not
/// looked yet.
fn png_exif(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let (kind, body) = (rest.get(4..8)?, rest.get(8..)?);
        match kind {
            b"eXIf" => return body.get(..length),
            b"IEND" => return None,
            // The chunk's body and its checksum.
            _ => rest = body.get(length.checked_add(4)?..)?,
        }
    }
}

fn turned_bytes(orientation: Orientation, pixels: u64) -> u64 {
    match orientation {
        Orientation::NoTransforms | Orientation::FlipHorizontal => 0,
        _ => pixels * 6,
    }
}

fn upright(mut image: Image, orientation: Orientation) -> Image {
    use geometry::Rotation;
    match orientation {
        Orientation::NoTransforms => image,
        Orientation::FlipHorizontal => {
            image.flip();
            image
        }
        Orientation::Rotate180 => image.rotated(Rotation::Half),
        Orientation::FlipVertical => {
            image.flip();
            image.rotated(Rotation::Half)
        }
        Orientation::Rotate90 => image.rotated(Rotation::Quarter),
        Orientation::Rotate270 => image.rotated(Rotation::ThreeQuarter),
        // A transposition about the main diagonal, and one about the other.
        Orientation::Rotate90FlipH => image.transposed(),
        Orientation::Rotate270FlipH => image.transposed().rotated(Rotation::Half),
    }
}

fn library_error(format: Format, error: ImageError) -> Error {
    let mut reason = error.to_string();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut ends_early = false;
    while let Some(e) = cause {
        ends_early |= e
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::UnexpectedEof);
        reason = e.to_string();
        cause = e.source();
    }
    match error {
        _ if ends_early => Error::Truncated { format },
        ImageError::Unsupported(_) => Error::Unsupported {
            format: format!("{format} of this kind ({reason})"),
            remedy: "re-save it as an ordinary JPEG or PNG",
        },
        _ => Error::Corrupt { format, reason },
    }
}

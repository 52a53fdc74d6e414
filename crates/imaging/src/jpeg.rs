//! JPEG: the file's structure read here, the picture decoded by zune-jpeg.
//!
//! zune-jpeg is used directly rather than through the crate `image`: one pass over the header in place of three, no copy
//! of the file, RGB out in one step. It fills what is missing with grey unless it is strict, and strict also refuses
//! stray bytes between segments, which cameras write and every viewer accepts. So the segments are walked here first:
//! a file without its end marker is truncated, one with stray bytes is decoded leniently, every other strictly.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::{Error, Format, Image};

/// What the segments before the first scan say.
pub(crate) struct Structure<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// TIFF structure with the EXIF tags.
    pub(crate) exif: Option<&'a [u8]>,
    /// Peak bytes while decoding, the picture included.
    pub(crate) decode_bytes: u64,
    stray_bytes: bool,
    /// Where the first scan's header starts.
    scan: usize,
}

/// A frame header.
struct Frame {
    width: u16,
    height: u16,
    components: u8,
    progressive: bool,
    /// Of all coefficients, 2 each.
    coefficient_bytes: u64,
}

pub(crate) fn structure(bytes: &[u8]) -> Result<Structure<'_>, Error> {
    let mut walk = Walk { bytes, at: 2, stray: false };
    let (mut frame, mut exif): (Option<Frame>, _) = (None, None);
    let scan = loop {
        let marker = walk.marker()?;
        let scan = walk.at;
        match marker {
            0xd0..=0xd8 => continue,
            0xd9 => return Err(corrupt("there is no picture before the end marker")),
            _ => {}
        }
        let body = walk.segment()?;
        match marker {
            0xda => break (scan, body.first().copied()),
            0xc0..=0xc2 if frame.is_some() => return Err(corrupt("it has two frame headers")),
            0xc0..=0xc2 => frame = Some(frame_header(body, marker == 0xc2)?),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(Error::Unsupported {
                    format: "lossless, hierarchical or arithmetic-coded JPEG".to_owned(),
                    remedy: "re-save it as an ordinary JPEG",
                });
            }
            0xe1 if exif.is_none() => exif = body.strip_prefix(b"Exif\0\0"),
            _ => {}
        }
    };
    let frame = frame.ok_or_else(|| corrupt("a scan comes before the frame header"))?;
    if frame.width == 0 || frame.height == 0 {
        return Err(corrupt("its width or height is 0"));
    }
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    // Besides the picture: a strip of blocks of each component or, where several scans make the picture, all of them.
    let several_scans = frame.progressive || scan.1.is_some_and(|count| count < frame.components);
    let blocks = if several_scans { frame.coefficient_bytes } else { 0 };
    let strips = u64::from(width) * 32 * 2 * 4;
    Ok(Structure {
        width,
        height,
        exif,
        decode_bytes: u64::from(width) * u64::from(height) * 3 + strips + blocks,
        stray_bytes: walk.stray,
        scan: scan.0,
    })
}

/// The picture, not yet turned upright.
pub(crate) fn decode(bytes: &[u8], structure: &Structure<'_>) -> Result<Image, Error> {
    if !is_complete(bytes, structure.scan) {
        return Err(truncated());
    }
    // CMYK and YCCK are taken for inverted, as Adobe writes them and as OpenCV, Pillow and browsers read them.
    let options = DecoderOptions::default()
        // The size that was checked, should the two readers of the header ever disagree.
        .set_max_width(structure.width as usize)
        .set_max_height(structure.height as usize)
        .set_strict_mode(!structure.stray_bytes)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let pixels = JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().map_err(error)?;
    Image::from_rgb(structure.width, structure.height, pixels)
        .ok_or_else(|| corrupt("its headers contradict each other about the size"))
}

fn frame_header(body: &[u8], progressive: bool) -> Result<Frame, Error> {
    let [precision, h1, h0, w1, w0, components, tables @ ..] = body else {
        return Err(corrupt("the frame header is too short"));
    };
    if *precision != 8 {
        return Err(Error::Unsupported {
            format: format!("JPEG with {precision} bits per sample"),
            remedy: "re-save it with 8 bits per sample",
        });
    }
    if !matches!(components, 1 | 3 | 4) || tables.len() < usize::from(*components) * 3 {
        return Err(corrupt("the number of colour components is not 1, 3 or 4"));
    }
    let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
    let sampling = tables.chunks_exact(3).map(|c| (u64::from(c[1] >> 4), u64::from(c[1] & 15)));
    let (h_max, v_max) = sampling.clone().fold((1, 1), |(h, v), (ch, cv)| (h.max(ch), v.max(cv)));
    // Whole blocks of 8 x 8 coefficients, 2 bytes each, in units of h_max x v_max blocks.
    let units = u64::from(width).div_ceil(8 * h_max) * u64::from(height).div_ceil(8 * v_max);
    let blocks: u64 = sampling.map(|(h, v)| units * h * v).sum();
    Ok(Frame { width, height, components: *components, progressive, coefficient_bytes: blocks * 128 })
}

/// Whether an end marker follows the scans that start at `scan`.
fn is_complete(bytes: &[u8], scan: usize) -> bool {
    let mut walk = Walk { bytes, at: scan, stray: false };
    if walk.segment().is_err() {
        return false;
    }
    while let Ok(marker) = walk.marker() {
        match marker {
            0xd9 => return true,
            0xd0..=0xd7 => {}
            _ => {
                if walk.segment().is_err() {
                    return false;
                }
            }
        }
    }
    false
}

/// A position in the file, going from marker to marker.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    stray: bool,
}

impl<'a> Walk<'a> {
    /// The next marker's code; other bytes, among them entropy-coded data, are stepped over.
    fn marker(&mut self) -> Result<u8, Error> {
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let skipped = rest.iter().position(|b| *b == 0xff).ok_or_else(truncated)?;
            let code = *rest.get(skipped + 1).ok_or_else(truncated)?;
            match code {
                // A stuffed zero is data, a second 0xff is padding before the marker, 0x01 is a marker without a body.
                0x00 | 0x01 => self.at += skipped + 2,
                0xff => self.at += skipped + 1,
                _ => {
                    let marker_at = self.at + skipped;
                    self.stray |= self.bytes[start..marker_at].iter().any(|b| *b != 0xff);
                    self.at = marker_at + 2;
                    return Ok(code);
                }
            }
        }
    }

    /// The body of the segment at this position, which starts with its length.
    fn segment(&mut self) -> Result<&'a [u8], Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.first_chunk().map(|b| usize::from(u16::from_be_bytes(*b))).ok_or_else(truncated)?;
        if length < 2 {
            return Err(corrupt("a segment is shorter than its own length field"));
        }
        let body = rest.get(2..length).ok_or_else(truncated)?;
        self.at += length;
        Ok(body)
    }
}

fn truncated() -> Error {
    Error::Truncated { format: Format::Jpeg }
}

fn corrupt(reason: &str) -> Error {
    Error::Corrupt { format: Format::Jpeg, reason: reason.to_owned() }
}

fn error(error: DecodeErrors) -> Error {
    match error {
        DecodeErrors::ExhaustedData => truncated(),
        DecodeErrors::Unsupported(scheme) => Error::Unsupported {
            format: format!("JPEG of the kind {scheme:?}"),
            remedy: "re-save it as a baseline or progressive JPEG",
        },
        other => corrupt(&other.to_string()),
    }
}

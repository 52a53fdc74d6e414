use crate::Error;

/// A picture format that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Baseline and progressive JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, lossy and lossless; the first frame of an animation.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// GIF, the first frame.
    Gif,
    /// TIFF, the first page.
    Tiff,
    /// PBM, PGM, PPM and PAM, as text or bytes, in which many research sets are kept.
    Pnm,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
            Self::Pnm => "PNM",
        })
    }
}

impl Format {
    /// The format by content, that is by the first bytes; the file's name plays no part.
    ///
    /// Formats known but not read (HEIC, AVIF, camera raw and others) are named in the error with the way out.
    pub fn recognise(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::Empty);
        }
        // The raw files of most cameras are TIFF files in disguise and must be told apart first.
        if let Some((format, remedy)) = foreign(bytes) {
            return Err(Error::Unsupported { format: format.to_owned(), remedy });
        }
        let riff = |kind: &[u8]| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(kind);
        if bytes.starts_with(b"\xff\xd8\xff") {
            Ok(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Ok(Self::Png)
        } else if riff(b"WEBP") {
            Ok(Self::WebP)
        } else if bytes.starts_with(b"BM") && bytes.len() > 26 {
            Ok(Self::Bmp)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Ok(Self::Gif)
        } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") || big_tiff(bytes) {
            Ok(Self::Tiff)
        } else if let [b'P', b'1'..=b'7', space, ..] = bytes
            && space.is_ascii_whitespace()
        {
            Ok(Self::Pnm)
        } else {
            Err(Error::NotAnImage { found: describe(bytes) })
        }
    }
}

const TO_JPEG: &str = "convert it to JPEG first, for example with `magick photo.in photo.jpg`";
const HEIF: &str = "convert it to JPEG first, for example with `heif-convert photo.heic photo.jpg` or \
                    `magick photo.heic photo.jpg`";
const RAW: &str = "develop it to JPEG first, for example with `darktable-cli photo.raw photo.jpg`, or use the JPEG \
                   that the camera stored beside it";
const VIDEO: &str = "extract frames first, for example with `ffmpeg -i video -r 1 frame%05d.jpg`";
const PAGES: &str = "turn its pages into pictures first, for example with `pdftoppm -jpeg file.pdf page`";

/// Name and remedy of a format that is recognised but not read.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const STARTS: &[(&[u8], &str, &str)] = &[
        (b"\xff\x0a", "JPEG XL", TO_JPEG),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", TO_JPEG),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", TO_JPEG),
        (b"\xff\x4f\xff\x51", "JPEG 2000", TO_JPEG),
        (b"II\xbc", "JPEG XR", TO_JPEG),
        (b"8BPS", "Photoshop (PSD)", TO_JPEG),
        (b"gimp xcf", "GIMP (XCF)", TO_JPEG),
        (b"\x76\x2f\x31\x01", "OpenEXR", TO_JPEG),
        (b"#?RADIANCE", "Radiance HDR", TO_JPEG),
        (b"qoif", "QOI", TO_JPEG),
        (b"farbfeld", "farbfeld", TO_JPEG),
        (b"DDS ", "DDS", TO_JPEG),
        (b"\0\0\x01\0", "Windows icon (ICO)", TO_JPEG),
        (b"FUJIFILMCCD-RAW", "Fujifilm raw (RAF)", RAW),
        (b"IIRO", "Olympus raw (ORF)", RAW),
        (b"IIRS", "Olympus raw (ORF)", RAW),
        (b"MMOR", "Olympus raw (ORF)", RAW),
        (b"IIU\0", "Panasonic raw (RW2)", RAW),
        (b"\0MRM", "Minolta raw (MRW)", RAW),
        (b"FOVb", "Sigma raw (X3F)", RAW),
        (b"%PDF", "PDF", PAGES),
        (b"\x1a\x45\xdf\xa3", "Matroska or WebM video", VIDEO),
        (b"FLV\x01", "Flash video", VIDEO),
        (b"\0\0\x01\xba", "MPEG video", VIDEO),
        (b"\0\0\x01\xb3", "MPEG video", VIDEO),
    ];
    if let Some((_, name, remedy)) = STARTS.iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Some((name, remedy));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..12).unwrap_or_default() {
            b"avif" | b"avis" => ("AVIF", HEIF),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => ("HEIC", HEIF),
            b"mif1" | b"msf1" | b"mif2" => ("HEIF", HEIF),
            b"crx " => ("Canon raw (CR3)", RAW),
            _ => ("MP4 or QuickTime video", VIDEO),
        });
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ") {
        return Some(("AVI video", VIDEO));
    }
    if bytes.starts_with(b"II*\0") && bytes.get(8..10) == Some(b"CR") {
        return Some(("Canon raw (CR2)", RAW));
    }
    if raw_tiff(bytes) == Some(true) {
        return Some(("camera raw (DNG, NEF, ARW or similar)", RAW));
    }
    let head = text_start(bytes);
    (head.starts_with(b"<svg") || (head.starts_with(b"<?xml") && contains(head, b"<svg"))).then_some((
        "SVG",
        "turn it into pixels first, for example with `rsvg-convert photo.svg -o photo.png`",
    ))
}

/// What bytes of no picture format look like, for the error message.
fn describe(bytes: &[u8]) -> &'static str {
    let head = text_start(bytes);
    let starts = |word: &[u8]| head.len() >= word.len() && head[..word.len()].eq_ignore_ascii_case(word);
    if starts(b"<!doctype html") || starts(b"<html") {
        "it looks like a web page, perhaps an error page that was saved in place of the picture"
    } else if starts(b"<?xml") {
        "it looks like XML"
    } else if bytes.starts_with(b"PK\x03\x04") {
        "it looks like a ZIP archive or an office document"
    } else if bytes.starts_with(b"\x1f\x8b") {
        "it looks like a gzip archive"
    } else if bytes.starts_with(b"version https://git-lfs") {
        "it is a Git LFS pointer: fetch the real file with `git lfs pull`"
    } else if bytes.iter().take(512).all(|b| *b == 0) {
        "it starts with zeros only"
    } else if bytes.iter().take(512).all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~')) {
        "it looks like text"
    } else {
        "its first bytes are of no known format"
    }
}

/// The first kilobyte without a byte order mark and leading white space.
fn text_start(bytes: &[u8]) -> &[u8] {
    let head = &bytes[..bytes.len().min(1024)];
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start()
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

fn big_tiff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"II+\0\x08\0\0\0") || bytes.starts_with(b"MM\0+\0\x08\0\0")
}

/// Whether a TIFF file is a camera's raw file: its first directory says so (DNGVersion) or is a mere thumbnail
/// (NewSubfileType 1), which must not be taken for the photo. `None` if it is no TIFF file with a readable directory.
fn raw_tiff(bytes: &[u8]) -> Option<bool> {
    const NEW_SUBFILE_TYPE: u16 = 254;
    const DNG_VERSION: u16 = 0xc612;
    let big_endian = match bytes.get(..4)? {
        b"II*\0" => false,
        b"MM\0*" => true,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let word = bytes.get(at..)?.first_chunk().copied()?;
        Some(if big_endian { u16::from_be_bytes(word) } else { u16::from_le_bytes(word) })
    };
    let u32_at = |at: usize| {
        let word = bytes.get(at..)?.first_chunk().copied()?;
        Some(if big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    };
    let directory = u32_at(4)? as usize;
    for entry in 0..usize::from(u16_at(directory)?) {
        let at = directory + 2 + 12 * entry;
        let raw = match u16_at(at)? {
            NEW_SUBFILE_TYPE => u32_at(at + 8)? & 1 == 1,
            DNG_VERSION => true,
            _ => false,
        };
        if raw {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_content() {
        let cases: [(&[u8], Format); 9] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Format::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", Format::Png),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Format::WebP),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x02\0\0\0\x01\0", Format::Bmp),
            (b"GIF89a\x01\0\x01\0", Format::Gif),
            (b"II*\0\x08\0\0\0", Format::Tiff),
            (b"MM\0*\0\0\0\x08", Format::Tiff),
            (b"II+\0\x08\0\0\0\x10\0\0\0", Format::Tiff),
            (b"P5\n2 2\n255\n", Format::Pnm),
        ];
        for (bytes, format) in cases {
            assert_eq!(Format::recognise(bytes), Ok(format), "{format}");
        }
    }

    #[test]
    fn foreign_formats_are_named_with_the_remedy() {
        let dng = b"II*\0\x08\0\0\0\x01\0\x12\xc6\x01\0\x04\0\0\0\x01\x04\0\0\0\0\0\0";
        let nef = b"MM\0*\0\0\0\x08\0\x01\0\xfe\0\x04\0\0\0\x01\0\0\0\x01\0\0\0\0";
        let cases: [(&[u8], &str, &str); 16] = [
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", "heif-convert"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF", "heif-convert"),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "AVIF", "magick"),
            (b"\xff\x0a\xfa\x1f", "JPEG XL", "magick"),
            (b"\0\0\0\x0cJXL \r\n\x87\n\0\0", "JPEG XL", "magick"),
            (b"\0\0\0\x0cjP  \r\n\x87\n\0\0", "JPEG 2000", "magick"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", "SVG", "rsvg-convert"),
            (b"\xef\xbb\xbf <?xml version=\"1.0\"?>\n<!-- a --><svg>", "SVG", "rsvg-convert"),
            (b"%PDF-1.7\n", "PDF", "pdftoppm"),
            (b"8BPS\0\x01", "PSD", "magick"),
            (b"II*\0\x10\0\0\0CR\x02\0", "CR2", "darktable-cli"),
            (b"\0\0\0\x18ftypcrx \0\0\0\x01", "CR3", "darktable-cli"),
            (dng, "camera raw", "darktable-cli"),
            (nef, "camera raw", "darktable-cli"),
            (b"RIFF\0\0\0\0AVI LIST", "AVI video", "ffmpeg"),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", "MP4", "ffmpeg"),
        ];
        for (bytes, name, remedy) in cases {
            let message = Format::recognise(bytes).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(remedy), "{name}: {message}");
        }
    }

    #[test]
    fn other_bytes_are_described() {
        let cases: [(&[u8], &str); 7] = [
            (b"<!DOCTYPE html><html>", "web page"),
            (b"\n <HTML>", "web page"),
            (b"PK\x03\x04\x14", "ZIP"),
            (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
            (&[0; 40], "zeros"),
            (b"hello\n", "text"),
            (b"\x93\x07\xfe", "no known format"),
        ];
        for (bytes, words) in cases {
            let message = Format::recognise(bytes).unwrap_err().to_string();
            assert!(message.contains(words), "{words}: {message}");
        }
        assert_eq!(Format::recognise(&[]), Err(Error::Empty));
    }
}

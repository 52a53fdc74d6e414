//! Broken files: an error or a picture within the limits, never a panic and never half a picture.

use omote_imaging::{DecodeOptions, Error, Image, decode, probe};
use proptest::prelude::*;

use crate::files;

fn open(bytes: &[u8]) -> Result<Image, Error> {
    decode(bytes, &DecodeOptions::default())
}

#[test]
fn no_bytes_and_no_picture() {
    assert_eq!(open(&[]), Err(Error::Empty));
    assert!(matches!(open(b"hello, this is a text"), Err(Error::NotAnImage { .. })));
    assert!(matches!(open(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Err(Error::Unsupported { .. })));
}

#[test]
fn a_truncated_file_is_an_error_or_the_whole_picture() {
    let image = files::photo(61, 43);
    for (name, bytes, _) in files::all(&image) {
        let whole = open(&bytes).unwrap();
        let step = (bytes.len() / 400).max(1);
        let (mut errors, mut cuts) = (0, 0);
        for length in (0..bytes.len()).step_by(step).chain(bytes.len().saturating_sub(40)..bytes.len()) {
            cuts += 1;
            match open(&bytes[..length]) {
                Err(_) => errors += 1,
                // What was cut off was a trailer, a checksum or, in a GIF, the second frame.
                Ok(decoded) => assert_eq!(decoded, whole, "{name} cut at {length} of {}", bytes.len()),
            }
        }
        assert!(errors * 2 > cuts, "{name}: {errors} errors in {cuts} cuts");
    }
}

#[test]
fn a_truncated_jpeg_is_called_truncated() {
    let plain = files::jpeg_file(&files::photo(61, 43));
    for bytes in [files::with_exif(&plain, &files::exif(6)), plain] {
        for length in 3..bytes.len() {
            let result = open(&bytes[..length]);
            assert!(matches!(result, Err(Error::Truncated { .. })), "cut at {length}: {result:?}");
        }
    }
}

#[test]
fn sizes_above_the_limit_are_refused_by_the_header() {
    let bmp = {
        let mut bytes = files::bmp_file(&files::photo(4, 4));
        bytes[18..22].copy_from_slice(&60_000i32.to_le_bytes());
        bytes[22..26].copy_from_slice(&60_000i32.to_le_bytes());
        bytes
    };
    let gif = {
        let mut bytes = files::gif_file(&files::photo(4, 4));
        bytes[6..10].fill(0xff);
        bytes
    };
    let jpeg = {
        let mut bytes = files::jpeg_file(&files::photo(4, 4));
        let frame = bytes.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
        bytes[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
        bytes
    };
    let cases = [
        ("png", files::png_header(60_000, 60_000)),
        ("tiff", files::tiff_header(60_000, 60_000, 1, &[])),
        ("bmp", bmp),
        ("gif", gif),
        ("jpeg", jpeg),
    ];
    for (name, bytes) in cases {
        for result in [open(&bytes).map(|_| ()), probe(&bytes, &DecodeOptions::default()).map(|_| ())] {
            let Err(Error::TooLarge { width, height, limit }) = result else { panic!("{name}: {result:?}") };
            assert!(width >= 60_000 && height >= 60_000 && limit == 64_000_000);
        }
    }
}

#[test]
fn a_small_header_cannot_hide_a_large_picture() {
    // A canvas of 10 x 10, and in it a frame of 16,384 x 16,384.
    let mut webp = b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x09\0\0\x09\0\0".to_vec();
    webp.extend(b"VP8L\x08\0\0\0\x2f\xff\xff\xff\x0f\0\0\0");
    // A strip in JPEG that is larger than the TIFF.
    let strip = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0";
    let tiff = files::tiff_header(4, 4, 1, strip);
    for bytes in [webp, tiff] {
        let result = open(&bytes);
        assert!(matches!(result, Err(Error::TooLarge { .. })), "{result:?}");
    }
}

#[test]
fn the_limit_is_an_option() {
    let bytes = files::png_file(&files::photo(10, 10), &[]);
    let limit = |max_pixels| decode(&bytes, &DecodeOptions { max_pixels });
    assert!(limit(100).is_ok());
    assert_eq!(limit(99), Err(Error::TooLarge { width: 10, height: 10, limit: 99 }));
}

#[test]
fn no_pixels_is_an_error() {
    for bytes in [files::png_header(0, 5), files::png_header(5, 0), files::tiff_header(0, 9, 1, &[])] {
        assert!(open(&bytes).is_err());
    }
}

#[test]
fn a_header_without_pixels_is_an_error() {
    assert!(open(&files::png_header(5, 5)).is_err());
    assert!(open(&files::tiff_header(5, 5, 1, &[])).is_err());
    assert!(open(&files::jpeg_file(&files::photo(9, 9))[..300]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_bytes_do_no_harm(
        which in 0usize..7,
        changes in prop::collection::vec((0.0f64..1.0, any::<u8>()), 1..12),
        head in any::<bool>(),
        cut in 0.3f64..1.3,
    ) {
        let (_, mut bytes, _) = files::all(&files::photo(33, 21)).swap_remove(which);
        // Half the time all in the first bytes, where the headers are.
        let reach = if head { bytes.len().min(120) } else { bytes.len() };
        for (place, value) in changes {
            bytes[(place * reach as f64) as usize] = value;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        let options = DecodeOptions { max_pixels: 1_000_000 };
        if let Ok(image) = decode(&bytes, &options) {
            let pixels = u64::from(image.width()) * u64::from(image.height());
            prop_assert!((1..=1_000_000).contains(&pixels));
        }
    }

    #[test]
    fn random_bytes_after_a_magic_number_do_no_harm(
        magic in prop::sample::select(vec![
            &b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\xff\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8L",
            b"RIFF\xff\0\0\0WEBPVP8X", b"BM", b"GIF89a", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0",
        ]),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [magic, &body].concat();
        let options = DecodeOptions { max_pixels: 1_000_000 };
        let _ = probe(&bytes, &options);
        let _ = decode(&bytes, &options);
    }
}

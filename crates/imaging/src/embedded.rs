//! Pictures inside a file whose own headers may claim more pixels than the file's header does: the frames of a WebP and
//! the JPEG streams of a TIFF. The decoders believe them, so they are looked up before anything is decoded.

/// The size of the embedded picture with the most pixels.
pub(crate) fn largest(sizes: impl Iterator<Item = (u32, u32)>) -> Option<(u32, u32)> {
    sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

/// Sizes in the bitstream headers of a WebP file, those of animation frames included.
pub(crate) fn webp_frames(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let mut rest = bytes.get(12..).unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            let (kind, body) = (rest.get(..4)?, rest.get(8..)?);
            let length = rest.get(4..)?.first_chunk().map(|b| u32::from_le_bytes(*b) as usize)?;
            rest = match kind {
                // Position, size and duration of the frame, then chunks as outside.
                b"ANMF" => body.get(16..)?,
                _ => body.get(length.saturating_add(length & 1)..).unwrap_or_default(),
            };
            let u16_at = |at: usize| body.get(at..)?.first_chunk().map(|b| u32::from(u16::from_le_bytes(*b)));
            match kind {
                // Frame tag, start code, then 14 bits of width and height each and 2 of scale.
                b"VP8 " => return Some((u16_at(6)? & 0x3fff, u16_at(8)? & 0x3fff)),
                // Signature, then 14 bits of width - 1 and 14 of height - 1.
                b"VP8L" => {
                    let bits = u16_at(1)? | u16_at(3)? << 16;
                    return Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1));
                }
                _ => {}
            }
        }
    })
}

/// Sizes in whatever looks like the frame header of a JPEG: length, 8 bits per sample, height, width, components.
///
/// The file is not parsed, so nothing can be hidden; in other data the pattern is all but impossible.
pub(crate) fn jpeg_frames(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    bytes.windows(9).filter_map(|window| match *window {
        [0xc0..=0xc2, 0, length, 8, h1, h0, w1, w0, components]
            if (1..=4).contains(&components) && length == 8 + 3 * components =>
        {
            Some((u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0]))))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jpeg_frames_are_found_anywhere() {
        let bytes = b"II*\0......\xff\xc0\x00\x11\x08\x40\x00\x30\x00\x03......\xff\xc2\0\x0b\x08\0\x01\0\x02\x01\x01\x11\0";
        assert_eq!(jpeg_frames(bytes).collect::<Vec<_>>(), [(0x3000, 0x4000), (2, 1)]);
        assert_eq!(largest(jpeg_frames(bytes)), Some((0x3000, 0x4000)));
        assert_eq!(jpeg_frames(&[0; 100]).count() + jpeg_frames(&[]).count(), 0);
    }

    #[test]
    fn webp_frames_are_found_in_animations() {
        let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
        bytes.extend(b"VP8X\x0a\0\0\0\x02\0\0\0\x09\0\0\x09\0\0");
        bytes.extend(b"EXIF\x03\0\0\0abc\0");
        bytes.extend(b"ANMF\x30\0\0\0");
        bytes.extend([0; 16]);
        bytes.extend(b"VP8L\x05\0\0\0\x2f\xff\xff\xff\x0f\0");
        bytes.extend(b"VP8 \x0a\0\0\0...\x9d\x01\x2a\x10\0\x20\0");
        assert_eq!(webp_frames(&bytes).collect::<Vec<_>>(), [(16384, 16384), (16, 32)]);
        for length in 0..bytes.len() {
            assert!(webp_frames(&bytes[..length]).count() <= 2);
        }
    }
}

use std::path::Path;

/// Extensions that make a file which is found in a folder count as a photo. Formats that omote cannot read are listed
/// too: they are tried and reported, never passed over in silence.
pub const PHOTO_EXTENSIONS: [&str; 20] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "gif", "tif", "tiff", "heic", "heif", "avif", "jxl",
    "jp2", "ppm", "pgm", "pbm", "pnm", "pam",
];

/// Whether a file found in a folder is taken for a photo, by its extension. [`decode`](crate::decode()) goes by content.
pub fn is_photo(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension
        .is_some_and(|extension| PHOTO_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_told_by_their_extension() {
        for photo in ["a.jpg", "b/C.JPEG", "d.e.WebP", "f.heic", "g.pgm", "h.PBM", "i.pnm", "j.pam"] {
            assert!(is_photo(Path::new(photo)), "{photo}");
        }
        for other in ["jpg", "a.txt", "a.jpg.part", ".png", ""] {
            assert!(!is_photo(Path::new(other)), "{other}");
        }
    }
}

//! Pictures as files.

use imaging::{Image, encode_jpeg, encode_png};
use serde::{Deserialize, Serialize};

/// Quality of JPEG files where a recipe does not say.
const QUALITY: u8 = 92;

/// A format of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// Lossless.
    #[default]
    Png,
    /// A tenth as large, and a little worse.
    Jpeg,
}

/// What files the pictures of a set become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    /// Their format.
    #[serde(default)]
    pub format: FileFormat,
    /// Quality of JPEG, 1..=100; 92 where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
}

impl Files {
    /// Whether such files can be written.
    pub(crate) fn check(&self) -> Result<(), String> {
        match (self.format, self.quality) {
            (FileFormat::Png, Some(_)) => {
                Err("quality is for format = \"jpeg\"; png loses nothing".to_owned())
            }
            (_, Some(quality)) if !(1..=100).contains(&quality) => {
                Err("quality must be from 1 to 100".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Ending of the files' names.
    pub(crate) fn extension(&self) -> &'static str {
        match self.format {
            FileFormat::Png => "png",
            FileFormat::Jpeg => "jpg",
        }
    }

    /// A picture as such a file.
    pub(crate) fn encode(&self, image: &Image) -> Result<Vec<u8>, String> {
        let encoded = match self.format {
            FileFormat::Png => encode_png(image),
            FileFormat::Jpeg => encode_jpeg(image, self.quality.unwrap_or(QUALITY)),
        };
        encoded.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use imaging::{DecodeOptions, decode};

    use super::*;

    #[test]
    fn a_file_is_what_its_name_says() {
        let image = Image::filled(24, 16, [200, 120, 40]);
        let options = DecodeOptions::default();
        let png = Files::default();
        assert_eq!(decode(&png.encode(&image).unwrap(), &options).unwrap(), image);
        let jpeg = Files { format: FileFormat::Jpeg, quality: Some(80) };
        let bytes = jpeg.encode(&image).unwrap();
        assert_eq!((&bytes[..2], jpeg.extension()), (&[0xff, 0xd8][..], "jpg"));
        assert!(decode(&bytes, &options).unwrap().pixel(5, 5)[0].abs_diff(200) < 6);
        assert!(png.encode(&Image::new(0, 0)).is_err());
    }

    #[test]
    fn quality_is_for_what_loses_something() {
        let check = |format, quality| Files { format, quality }.check();
        assert_eq!(check(FileFormat::Jpeg, Some(100)), Ok(()));
        assert_eq!(check(FileFormat::Jpeg, None), Ok(()));
        assert!(check(FileFormat::Jpeg, Some(0)).unwrap_err().contains("1 to 100"));
        assert!(check(FileFormat::Png, Some(90)).unwrap_err().contains("png"));
    }
}

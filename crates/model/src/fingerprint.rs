//! The identity of an embedding space.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::{parse_hex, write_hex};
use crate::{Align, Error, Manifest, Size};

/// Identifies what a model computes: SHA-256 over the hashes of its files and its `[input]` and `[align]` sections.
///
/// Nothing else of the manifest enters it. A better card, another licence or a new name leave stored templates valid;
/// another mean, colour order or alignment, which silently changes every vector, does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The fingerprint of a manifest.
    pub fn of(manifest: &Manifest) -> Self {
        Self(Sha256::digest(canonical_text(manifest)).into())
    }

    /// The first 12 hexadecimal digits, for tables and messages.
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(12);
        text
    }
}

/// One line per fact, in a fixed order, files by role. Numbers with a fraction are written as the bits of the `f32`
/// that the network sees, so that `127.5`, `127.50` and `1275e-1` are one thing in every language.
fn canonical_text(manifest: &Manifest) -> String {
    let bits = |value: f32| format!("{:08x}", (value + 0.0).to_bits()); // + 0.0 makes -0 and 0 one
    let triple = |values: [f32; 3]| values.map(bits).join(" ");
    let input = &manifest.input;
    let mut lines = vec!["omote model 1".to_owned()];
    for role in manifest.roles() {
        for file in manifest.files.iter().filter(|file| file.role == *role) {
            lines.push(format!("file {role} {}", file.sha256));
        }
    }
    lines.push(match input.size {
        Size::Fixed { width, height } => format!("size {width} {height}"),
        Size::Dynamic { multiple_of } => format!("size multiple of {multiple_of}"),
    });
    lines.push(format!("color {}", input.color));
    lines.push(format!("mean {}", triple(input.mean)));
    lines.push(format!("std {}", triple(input.std)));
    lines.push(format!("layout {}", input.layout));
    lines.push(format!("batch {}", input.batch));
    lines.push(match manifest.align {
        None => "align none".to_owned(),
        Some(Align::Template(frame)) => format!("align template {frame}"),
        Some(Align::Crop { scale }) => format!("align crop {}", bits(scale)),
    });
    lines.push(String::new());
    lines.join("\n")
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.short())
    }
}

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_hex(text).map(Self)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batch, Color, CommercialUse, FileHash, Frame, Layout, MagnitudeScale, Output, catalogue};

    fn published(name: &str) -> Manifest {
        catalogue::find(name).and_then(|entry| entry.manifest()).expect("a catalogued model").clone()
    }

    /// Stored templates carry these values: if this test fails, the code is wrong, not the test.
    #[test]
    fn never_drifts() {
        let cases = [
            ("mobilefacenet", "4c032df4f3623850d62696c58c87ca7208419a8d71ba7aa5b911d9f9ac6735bd"),
            ("yunet-n", "4b2cfd58688232ec7cf022c081bbaeed25c8447a229b9cf40bf5759d1b56b5f8"),
            ("mtcnn", "0aa98591b7bf1e8209b28da508765a265df66cde1a9f0c484f19fbd78b5f8a71"),
            ("fsanet", "000ff7f59db83689b00ca09dd8c86e6adf9b03e1be33fd4c0b13de88b700c625"),
        ];
        for (name, golden) in cases {
            assert_eq!(published(name).fingerprint().to_string(), golden, "{name}");
        }
    }

    #[test]
    fn the_canonical_text_is_plain() {
        let text = canonical_text(&published("fsanet"));
        let expected = "omote model 1\n\
            file 1x1 d85e90cb4b9d3a87e81bbfdcfcd130cbe0e175407042e439a570aa396c44eda6\n\
            file var 2877b1db98e3dc66468e90df8db4a21059facd1c3f107af91c6d4fe6476a03e1\n\
            size 64 64\n\
            color bgr\n\
            mean 42ff0000 42ff0000 42ff0000\n\
            std 43000000 43000000 43000000\n\
            layout nchw\n\
            batch one\n\
            align crop 3f800000\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_card_does_not_enter() {
        let model = published("mobilefacenet");
        let changes: [fn(&mut Manifest); 8] = [
            |m| m.name = "other".into(),
            |m| m.title = "another card".into(),
            |m| m.source = "elsewhere".into(),
            |m| m.licence.name = "MIT".into(),
            |m| m.licence.commercial_use = CommercialUse::No,
            |m| m.compatible_with.push(Fingerprint([1; 32])),
            |m| {
                let magnitude = Some(MagnitudeScale::default());
                m.output = Output::Embedding { dimension: 64, magnitude, names: vec!["e".into()] }
            },
            |m| (m.files[0].file, m.files[0].bytes) = ("renamed.onnx".into(), None),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut changed = model.clone();
            change(&mut changed);
            assert_ne!(changed, model, "change {at} changes something");
            assert_eq!(changed.fingerprint(), model.fingerprint(), "change {at}");
        }
    }

    #[test]
    fn files_input_and_alignment_do() {
        let model = published("mobilefacenet");
        let changes: [fn(&mut Manifest); 11] = [
            |m| m.files[0].sha256 = FileHash([0; 32]),
            |m| m.input.size = Size::Fixed { width: 113, height: 112 },
            |m| m.input.size = Size::Fixed { width: 112, height: 113 },
            |m| m.input.size = Size::Dynamic { multiple_of: 112 },
            |m| m.input.color = Color::Bgr,
            |m| m.input.mean[2] += 0.001,
            |m| m.input.std[0] += 0.001,
            |m| m.input.layout = Layout::Nhwc,
            |m| m.input.batch = Batch::Dynamic,
            |m| m.align = Some(Align::Template(Frame::Sphereface)),
            |m| m.align = Some(Align::Crop { scale: 1.1 }),
        ];
        let mut all = vec![model.fingerprint()];
        for (at, change) in changes.iter().enumerate() {
            let mut changed = model.clone();
            change(&mut changed);
            assert!(!all.contains(&changed.fingerprint()), "change {at}");
            all.push(changed.fingerprint());
        }
    }

    #[test]
    fn the_order_of_files_in_the_manifest_does_not_matter_and_zero_has_one_form() {
        let model = published("mtcnn");
        let mut reversed = model.clone();
        reversed.files.reverse();
        assert_eq!(reversed.fingerprint(), model.fingerprint());

        let model = published("yunet-n");
        let mut negative = model.clone();
        negative.input.mean = [-0.0; 3];
        assert_eq!(negative.fingerprint(), model.fingerprint());
    }

    #[test]
    fn is_written_and_read_as_hexadecimal() {
        let fingerprint = Fingerprint([0xab; 32]);
        assert_eq!(fingerprint.to_string().parse::<Fingerprint>().unwrap(), fingerprint);
        assert_eq!(fingerprint.short(), "abababababab");
        assert!("ab".parse::<Fingerprint>().is_err());
    }
}

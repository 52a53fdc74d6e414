//! The rules of a manifest that its types do not enforce.

use super::{Kind, Manifest, ModelFile};
use crate::{Align, Decoder, Error, Input, MagnitudeScale, Output, Result, Size};

/// Largest side of an input, pixels.
const MAX_SIDE: u32 = 4096;
/// ONNX files are one protobuf message, which cannot be larger.
pub(crate) const MAX_FILE_BYTES: u64 = 2 << 30;

pub(super) fn check(manifest: &Manifest) -> Result<()> {
    if !is_plain_name(&manifest.name) {
        return field(
            "name",
            "must be 1 to 64 ASCII letters, digits, `.`, `_` or `-`, a letter or digit first",
        );
    }
    check_line("title", &manifest.title)?;
    check_line("source", &manifest.source)?;
    check_line("licence.name", &manifest.licence.name)?;
    check_files(manifest)?;
    check_input(&manifest.input)?;
    check_align(manifest)?;
    check_output(manifest)
}

/// A name that is safe as a folder and as an argument.
pub(crate) fn is_plain_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// A file name that stays inside its folder on every system and does not hide or replace `model.toml`.
fn is_plain_file_name(name: &str) -> bool {
    (1..=200).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\' | ':'))
        && !name.eq_ignore_ascii_case(crate::store::MANIFEST_FILE)
}

fn check_files(manifest: &Manifest) -> Result<()> {
    let roles = manifest.roles();
    let complete =
        manifest.files.len() == roles.len() && roles.iter().all(|role| manifest.file(role).is_some());
    if !complete {
        return field("file", &format!("must appear once for each role: {}", roles.join(", ")));
    }
    for (at, ModelFile { role, file, bytes, .. }) in manifest.files.iter().enumerate() {
        if !is_plain_file_name(file) {
            return field(
                "file.file",
                &format!("of role `{role}` must be a plain file name in the folder of model.toml"),
            );
        }
        if manifest.files[..at].iter().any(|other| other.file.eq_ignore_ascii_case(file)) {
            return field("file.file", &format!("of role `{role}` is another role's file already"));
        }
        if bytes.is_some_and(|bytes| !(1..=MAX_FILE_BYTES).contains(&bytes)) {
            return field("file.bytes", &format!("of role `{role}` must be 1 to {MAX_FILE_BYTES}"));
        }
    }
    Ok(())
}

fn check_input(input: &Input) -> Result<()> {
    match input.size {
        Size::Fixed { width, height } => {
            for (name, side) in [("input.width", width), ("input.height", height)] {
                if !(1..=MAX_SIDE).contains(&side) {
                    return field(name, &format!("is {side}; it must be 1 to {MAX_SIDE} pixels"));
                }
            }
        }
        Size::Dynamic { multiple_of } => {
            if !(1..=1024).contains(&multiple_of) {
                return field("input.multiple_of", &format!("is {multiple_of}; it must be 1 to 1024"));
            }
        }
    }
    if input.mean.iter().any(|mean| !mean.is_finite()) {
        return field("input.mean", "must be three finite numbers, in the units of pixels (0..255)");
    }
    if input.std.iter().any(|&std| !std.is_normal() || std < 0.0) {
        return field("input.std", "must be three positive finite numbers, in the units of pixels (0..255)");
    }
    Ok(())
}

fn check_align(manifest: &Manifest) -> Result<()> {
    let kind = manifest.kind();
    if kind == Kind::Detector {
        return match manifest.align {
            None => Ok(()),
            Some(_) => field("align", "must be absent: a detector sees the whole photo"),
        };
    }
    let Some((width, height)) = manifest.input.fixed_size() else {
        return field("input", &format!("of a model of kind `{kind}` needs `width` and `height`"));
    };
    match manifest.align {
        None => field("align", &format!("is missing: a model of kind `{kind}` needs `template` or `crop`")),
        Some(Align::Template(frame)) if !frame.fits(width, height) => {
            field("align.template", &format!("`{frame}` does not exist for an input of {width}x{height}"))
        }
        Some(Align::Crop { scale }) if !(0.1..=10.0).contains(&scale) => {
            field("align.crop", &format!("is {scale}; it must be 0.1 to 10 times the face's box"))
        }
        Some(_) => Ok(()),
    }
}

fn check_output(manifest: &Manifest) -> Result<()> {
    let (names, expected): (_, &[usize]) = match &manifest.output {
        Output::Faces { decoder, names } => {
            check_stride(*decoder, manifest.input.size)?;
            let count: &[usize] = match decoder {
                Decoder::Yunet => &[0, 12],
                Decoder::Ultraface => &[0, 2],
                // SCRFD's published files name their outputs by chance; MTCNN has three files.
                Decoder::Scrfd | Decoder::Mtcnn => &[0],
            };
            (names, count)
        }
        Output::Embedding { dimension, magnitude, names } => {
            if !(1..=8192).contains(dimension) {
                return field("output.dimension", &format!("is {dimension}; it must be 1 to 8192"));
            }
            if let Some(MagnitudeScale { half, step }) = magnitude
                && ![half, step].iter().all(|value| value.is_normal() && value.is_sign_positive())
            {
                let reason = format!("is {half} and {step}; both must be numbers above 0");
                return field("output.magnitude_scale", &reason);
            }
            (names, &[0, 1])
        }
        Output::HeadPose { names } => (names, &[0, 1]),
    };
    if !expected.contains(&names.len()) {
        let expected = expected.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        return field("output.names", &format!("has {} names; this output takes {expected}", names.len()));
    }
    for (at, name) in names.iter().enumerate() {
        check_line("output.names", name)?;
        if names[..at].contains(name) {
            return field("output.names", &format!("has `{name}` twice"));
        }
    }
    Ok(())
}

/// YuNet and SCRFD have cells of up to 32 pixels, and the inputs of MTCNN's cascade are of its own choice.
fn check_stride(decoder: Decoder, size: Size) -> Result<()> {
    match (decoder, size) {
        (Decoder::Yunet | Decoder::Scrfd, Size::Fixed { width, height })
            if width % 32 != 0 || height % 32 != 0 =>
        {
            field("input", &format!("is {width}x{height}; sides of {decoder} are multiples of 32"))
        }
        (Decoder::Yunet | Decoder::Scrfd, Size::Dynamic { multiple_of }) if multiple_of % 32 != 0 => {
            field("input.multiple_of", &format!("is {multiple_of}; sides of {decoder} are multiples of 32"))
        }
        (Decoder::Mtcnn, size) if size != (Size::Dynamic { multiple_of: 1 }) => {
            field("input", "of mtcnn must have `multiple_of = 1`: its three networks see sizes of their own")
        }
        _ => Ok(()),
    }
}

fn check_line(name: &str, line: &str) -> Result<()> {
    if line.is_empty() || line.len() > 500 || line.contains(char::is_control) {
        return field(name, "must be one line of 1 to 500 bytes");
    }
    Ok(())
}

fn field<T>(field: &str, reason: &str) -> Result<T> {
    Err(Error::Field { field: field.into(), reason: reason.into() })
}

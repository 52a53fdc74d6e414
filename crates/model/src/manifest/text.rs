//! The TOML form of a manifest: raw tables as they are written, and the two ways between them and [`Manifest`].

use serde::{Deserialize, Serialize};

use super::{FORMAT, Kind, Manifest, ModelFile};
use crate::{
    Align, Batch, Color, Decoder, Error, Fingerprint, Frame, Input, Layout, Licence, MagnitudeScale, Output,
    Result, Size,
};

/// What is read first: a newer format may have fields that this version would call unknown, and must be told apart
/// from a mistake.
#[derive(Deserialize)]
struct Head {
    format: u32,
    kind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    format: u32,
    name: String,
    title: String,
    kind: String,
    source: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    compatible_with: Vec<Fingerprint>,
    licence: Licence,
    file: Vec<RawFile>,
    input: RawInput,
    #[serde(skip_serializing_if = "Option::is_none")]
    align: Option<RawAlign>,
    output: RawOutput,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    role: String,
    file: String,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multiple_of: Option<u32>,
    color: Color,
    mean: [f32; 3],
    std: [f32; 3],
    layout: Layout,
    batch: Batch,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlign {
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Frame>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crop: Option<f32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    #[serde(skip_serializing_if = "Option::is_none")]
    decoder: Option<Decoder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    magnitude_is_quality: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    magnitude_scale: Option<MagnitudeScale>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

/// Text to a manifest whose numbers and names are not checked yet.
pub(super) fn parse(text: &str) -> Result<Manifest> {
    let head: Head = toml::from_str(text).map_err(syntax)?;
    if head.format != FORMAT {
        return field("format", format!("is {}; this version reads {FORMAT}", head.format));
    }
    let kind: Kind = head.kind.parse()?;
    let raw: RawManifest = toml::from_str(text).map_err(syntax)?;
    let files = raw.file.into_iter().map(file).collect::<Result<_>>()?;
    Ok(Manifest {
        name: raw.name,
        title: raw.title,
        files,
        input: input(raw.input)?,
        align: raw.align.map(align).transpose()?,
        output: output(kind, raw.output)?,
        licence: raw.licence,
        source: raw.source,
        compatible_with: raw.compatible_with,
    })
}

fn file(raw: RawFile) -> Result<ModelFile> {
    let sha256 = raw.sha256.parse().map_err(|error: Error| Error::Field {
        field: "file.sha256".into(),
        reason: format!("of role `{}` is wrong: {error}", raw.role.escape_debug()),
    })?;
    Ok(ModelFile { role: raw.role, file: raw.file, sha256, bytes: raw.bytes })
}

fn input(raw: RawInput) -> Result<Input> {
    let size = match (raw.width, raw.height, raw.multiple_of) {
        (Some(width), Some(height), None) => Size::Fixed { width, height },
        (None, None, Some(multiple_of)) => Size::Dynamic { multiple_of },
        _ => {
            return field(
                "input",
                "needs either `width` and `height`, or, if the size is free, `multiple_of` alone".into(),
            );
        }
    };
    let RawInput { color, mean, std, layout, batch, .. } = raw;
    Ok(Input { size, color, mean, std, layout, batch })
}

fn align(raw: RawAlign) -> Result<Align> {
    match (raw.template, raw.crop) {
        (Some(frame), None) => Ok(Align::Template(frame)),
        (None, Some(scale)) => Ok(Align::Crop { scale }),
        _ => field("align", "needs one of `template` and `crop`".into()),
    }
}

fn output(kind: Kind, raw: RawOutput) -> Result<Output> {
    let RawOutput { decoder, dimension, magnitude_is_quality, magnitude_scale, names } = raw;
    match (kind, decoder, dimension, magnitude_is_quality, magnitude_scale) {
        (Kind::Detector, Some(decoder), None, None, None) => Ok(Output::Faces { decoder, names }),
        (Kind::Embedder, None, Some(dimension), Some(true), scale) => {
            Ok(Output::Embedding { dimension, magnitude: Some(scale.unwrap_or_default()), names })
        }
        (Kind::Embedder, None, Some(dimension), _, None) => {
            Ok(Output::Embedding { dimension, magnitude: None, names })
        }
        (Kind::HeadPose, None, None, None, None) => Ok(Output::HeadPose { names }),
        (Kind::Detector, ..) => field("output", "of a detector needs `decoder` and may have `names`".into()),
        (Kind::Embedder, ..) => field(
            "output",
            "of an embedder needs `dimension` and may have `names`, `magnitude_is_quality` and, where that is true, \
             `magnitude_scale`"
                .into(),
        ),
        (Kind::HeadPose, ..) => field("output", "of a head-pose model may only have `names`".into()),
    }
}

/// A manifest to text, tables in the order in which a person reads them.
pub(super) fn print(manifest: &Manifest) -> Result<String> {
    let input = &manifest.input;
    let (width, height, multiple_of) = match input.size {
        Size::Fixed { width, height } => (Some(width), Some(height), None),
        Size::Dynamic { multiple_of } => (None, None, Some(multiple_of)),
    };
    let mut output = RawOutput {
        decoder: None,
        dimension: None,
        magnitude_is_quality: None,
        magnitude_scale: None,
        names: Vec::new(),
    };
    match &manifest.output {
        Output::Faces { decoder, names } => (output.decoder, output.names) = (Some(*decoder), names.clone()),
        Output::Embedding { dimension, magnitude, names } => {
            (output.dimension, output.names) = (Some(*dimension), names.clone());
            output.magnitude_is_quality = Some(magnitude.is_some());
            output.magnitude_scale = *magnitude;
        }
        Output::HeadPose { names } => output.names.clone_from(names),
    }
    let file = |file: &ModelFile| RawFile {
        role: file.role.clone(),
        file: file.file.clone(),
        sha256: file.sha256.to_string(),
        bytes: file.bytes,
    };
    let raw = RawManifest {
        format: FORMAT,
        name: manifest.name.clone(),
        title: manifest.title.clone(),
        kind: manifest.kind().to_string(),
        source: manifest.source.clone(),
        compatible_with: manifest.compatible_with.clone(),
        licence: manifest.licence.clone(),
        file: manifest.files.iter().map(file).collect(),
        input: RawInput {
            width,
            height,
            multiple_of,
            color: input.color,
            mean: input.mean,
            std: input.std,
            layout: input.layout,
            batch: input.batch,
        },
        align: manifest.align.map(|align| match align {
            Align::Template(frame) => RawAlign { template: Some(frame), crop: None },
            Align::Crop { scale } => RawAlign { template: None, crop: Some(scale) },
        }),
        output,
    };
    toml::to_string(&raw).map_err(|error| Error::Syntax { reason: error.to_string() })
}

fn syntax(error: toml::de::Error) -> Error {
    Error::Syntax { reason: error.to_string().trim_end().to_owned() }
}

fn field<T>(field: &str, reason: String) -> Result<T> {
    Err(Error::Field { field: field.into(), reason })
}

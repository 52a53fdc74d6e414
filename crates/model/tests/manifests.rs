//! `model.toml` as text: what is refused and how, and that nothing makes the parser panic.

use omote_model::{
    Align, Batch, Color, CommercialUse, Decoder, Error, FileHash, Fingerprint, Frame, Input, Layout, Licence,
    MagnitudeScale, Manifest, ModelFile, Output, Size, catalogue,
};
use proptest::prelude::*;

const EMBEDDER: &str = include_str!("../catalogue/mobilefacenet.toml");
const DETECTOR: &str = include_str!("../catalogue/yunet-n.toml");
const CASCADE: &str = include_str!("../catalogue/mtcnn.toml");

/// A manifest, one change to its text, and a part of the error's message.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (EMBEDDER, "format = 1", "format = 2", "`format` is 2; this version reads 1"),
    (EMBEDDER, "format = 1", "", "missing field `format`"),
    (EMBEDDER, "\"embedder\"", "\"generator\"", "`detector`, `embedder`, `head-pose`"),
    (EMBEDDER, "title =", "subtitle =", "unknown field `subtitle`"),
    (EMBEDDER, "name = \"mobilefacenet\"", "name = \"../mobilefacenet\"", "`name` must be"),
    (EMBEDDER, "name = \"mobilefacenet\"", "name = \"-rf\"", "`name` must be"),
    (EMBEDDER, "file = \"mobilefacenet.onnx\"", "file = \"../../secret\"", "plain file name"),
    (EMBEDDER, "file = \"mobilefacenet.onnx\"", "file = \"..\"", "plain file name"),
    (EMBEDDER, "file = \"mobilefacenet.onnx\"", "file = \"/etc/passwd\"", "plain file name"),
    (EMBEDDER, "file = \"mobilefacenet.onnx\"", "file = 'C:\\x'", "plain file name"),
    (EMBEDDER, "file = \"mobilefacenet.onnx\"", "file = \"Model.TOML\"", "plain file name"),
    (EMBEDDER, "sha256 = \"b7", "sha256 = \"xx", "64 hexadecimal digits"),
    (EMBEDDER, "bytes = 3998070", "bytes = 0", "`file.bytes` of role `model`"),
    (EMBEDDER, "bytes = 3998070", "bytes = -1", "invalid value"),
    (EMBEDDER, "role = \"model\"", "role = \"net\"", "once for each role: model"),
    (EMBEDDER, "width = 112", "width = 0", "`input.width` is 0"),
    (EMBEDDER, "height = 112", "height = 5000", "`input.height` is 5000"),
    (EMBEDDER, "height = 112", "", "either `width` and `height`"),
    (EMBEDDER, "height = 112", "height = 96", "does not exist for an input of 112x96"),
    (EMBEDDER, "width = 112\nheight = 112", "multiple_of = 112", "needs `width` and `height`"),
    (EMBEDDER, "color = \"rgb\"", "color = \"grey\"", "unknown variant `grey`"),
    (EMBEDDER, "layout = \"nchw\"", "layout = \"chw\"", "unknown variant `chw`"),
    (EMBEDDER, "mean = [123.675, ", "mean = [nan, ", "`input.mean` must be three finite"),
    (EMBEDDER, "mean = [123.675, ", "mean = [", "invalid length 2"),
    (EMBEDDER, "std = [58.395, ", "std = [0.0, ", "`input.std` must be three positive finite"),
    (EMBEDDER, "std = [58.395, ", "std = [inf, ", "`input.std`"),
    (EMBEDDER, "std = [58.395, ", "std = [1e-42, ", "`input.std`"),
    (EMBEDDER, "template = \"arcface\"", "template = \"vggface\"", "unknown variant `vggface`"),
    (EMBEDDER, "template = \"arcface\"", "", "needs one of `template` and `crop`"),
    (EMBEDDER, "template = \"arcface\"", "crop = 0.0", "`align.crop` is 0"),
    (EMBEDDER, "[align]\ntemplate = \"arcface\"", "", "`align` is missing"),
    (EMBEDDER, "dimension = 128", "dimension = 0", "`output.dimension` is 0"),
    (EMBEDDER, "dimension = 128", "decoder = \"yunet\"", "of an embedder needs `dimension`"),
    (EMBEDDER, "[output]", "[output]\nnames = [\"a\", \"b\"]", "has 2 names; this output takes 0 or 1"),
    (EMBEDDER, "commercial_use = \"unclear\"", "commercial_use = \"maybe\"", "unknown variant `maybe`"),
    (DETECTOR, "decoder = \"yunet\"", "decoder = \"yolo\"", "unknown variant `yolo`"),
    (DETECTOR, "decoder = \"yunet\"", "decoder = \"scrfd\"", "has 12 names; this output takes 0"),
    (DETECTOR, "\"cls_8\"", "\"cls_16\"", "`cls_16` twice"),
    (DETECTOR, "multiple_of = 32", "multiple_of = 0", "`input.multiple_of` is 0"),
    (DETECTOR, "multiple_of = 32", "multiple_of = 16", "multiples of 32"),
    (DETECTOR, "multiple_of = 32", "width = 320\nheight = 240", "multiples of 32"),
    (DETECTOR, "[output]", "[align]\ntemplate = \"arcface\"\n[output]", "a detector sees the whole photo"),
    (CASCADE, "role = \"onet\"", "role = \"pnet\"", "once for each role: pnet, rnet, onet"),
    (CASCADE, "file = \"rnet.onnx\"", "file = \"PNET.onnx\"", "another role's file"),
    (CASCADE, "multiple_of = 1", "multiple_of = 2", "`multiple_of = 1`"),
];

#[test]
fn mistakes_are_named() {
    for (text, from, to, expected) in REFUSED {
        assert_eq!(text.matches(from).count(), 1, "`{from}` is in the text once");
        let error = Manifest::parse(&text.replace(from, to)).expect_err(to).to_string();
        assert!(error.contains(expected), "`{from}` -> `{to}`: {error}");
    }
}

#[test]
fn files_that_are_no_manifests_are_refused_with_their_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.toml");
    let cases: [(&[u8], &str); 3] =
        [(b"\xff\xfe", "not UTF-8"), (&vec![b'#'; 100_000], "larger than 64 KiB"), (b"", "missing field")];
    for (bytes, expected) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = Manifest::load(&path).unwrap_err();
        assert!(matches!(error, Error::In { .. }));
        let message = error.to_string();
        assert!(message.contains("model.toml") && message.contains(expected), "{message}");
    }
    let missing = Manifest::load(&folder.path().join("none.toml")).unwrap_err().to_string();
    assert!(missing.contains("cannot read") && missing.contains("none.toml"), "{missing}");
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    for open in ["[", "{a=", "a."] {
        assert!(Manifest::parse(&format!("{EMBEDDER}\nx = {}", open.repeat(20_000))).is_err());
    }
    assert!(Manifest::parse(&format!("{}format = 1", "a.".repeat(20_000))).is_err());
}

#[test]
fn the_catalogue_round_trips() {
    for manifest in catalogue::entries().iter().filter_map(|entry| entry.manifest()) {
        assert_eq!(&Manifest::parse(&manifest.to_toml().unwrap()).unwrap(), manifest);
    }
}

#[test]
fn an_invalid_manifest_is_not_written() {
    let mut manifest = Manifest::parse(EMBEDDER).unwrap();
    manifest.input.std = [0.0; 3];
    assert!(matches!(manifest.to_toml(), Err(Error::Field { .. })));
}

/// What somebody may do to a manifest with an editor, or a disk with a bad sector.
fn mutated() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![EMBEDDER, DETECTOR, CASCADE]);
    let values = prop::sample::select(vec![
        "",
        "0",
        "-1",
        "4097",
        "1e309",
        "nan",
        "-0.0",
        "true",
        "[]",
        "[[1]]",
        "{}",
        "\"\"",
        "\"..\"",
        "1979-05-27",
        "9223372036854775807",
        "[1.0, 2.0, 3.0]",
        "\"\\u0000\"",
        "'''",
        "[[file]]",
        "\u{1F600}",
    ]);
    (text, prop::collection::vec((any::<prop::sample::Index>(), values, 0..4), 1..4)).prop_map(
        |(text, changes)| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            for (at, value, how) in changes {
                let at = at.index(lines.len());
                match how {
                    0 => {
                        let key = lines[at].split('=').next().unwrap_or_default().to_owned();
                        lines[at] = format!("{key}= {value}");
                    }
                    1 => lines.insert(at, value.to_owned()),
                    2 => {
                        let line = lines.remove(at);
                        lines.push(line);
                    }
                    _ => lines[at] = lines[at].chars().rev().collect(),
                }
            }
            lines.join("\n")
        },
    )
}

fn line() -> impl Strategy<Value = String> {
    r#"[a-zA-Z0-9"'\\#\[\]=é面 ]{1,20}"#
}

fn number() -> impl Strategy<Value = f32> {
    prop_oneof![prop::num::f32::NORMAL, Just(0.0f32), Just(-0.0f32), Just(127.5), Just(123.675)]
}

fn hash() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>()
}

fn valid() -> impl Strategy<Value = Manifest> {
    let shape = prop_oneof![
        (1u32..129).prop_map(|m| {
            let output = Output::Faces { decoder: Decoder::Yunet, names: Vec::new() };
            (Size::Dynamic { multiple_of: (m * 32).min(1024) }, None, output)
        }),
        Just((
            Size::Dynamic { multiple_of: 1 },
            None,
            Output::Faces { decoder: Decoder::Mtcnn, names: Vec::new() }
        )),
        (1u32..9, 1u32..8193, prop::option::of((0.1f32..99.0, 0.1f32..9.0))).prop_map(
            |(side, dimension, scale)| {
                let size = Size::Fixed { width: side * 112, height: side * 112 };
                let magnitude = scale.map(|(half, step)| MagnitudeScale { half, step });
                let output = Output::Embedding { dimension, magnitude, names: vec!["out".into()] };
                (size, Some(Align::Template(Frame::Arcface)), output)
            }
        ),
        (1u32..4097, 1u32..4097, 0.1f32..10.0).prop_map(|(width, height, scale)| {
            (
                Size::Fixed { width, height },
                Some(Align::Crop { scale }),
                Output::HeadPose { names: Vec::new() },
            )
        }),
    ];
    let colors = prop::sample::select(vec![Color::Rgb, Color::Bgr]);
    let layouts = prop::sample::select(vec![Layout::Nchw, Layout::Nhwc]);
    let batches = prop::sample::select(vec![Batch::One, Batch::Dynamic]);
    let uses = prop::sample::select(vec![CommercialUse::Yes, CommercialUse::Unclear, CommercialUse::No]);
    let numbers = ([number(), number(), number()], prop::array::uniform3(prop::num::f32::NORMAL));
    let texts = ("[a-z][a-z0-9._-]{0,20}", line(), line(), line());
    let hashes = (prop::array::uniform3(hash()), prop::collection::vec(hash(), 0..3), any::<Option<u16>>());
    (shape, (colors, layouts, batches, uses), numbers, texts, hashes).prop_map(
        |((size, align, output), (color, layout, batch, commercial_use), (mean, std), texts, hashes)| {
            let (sha256, twins, bytes) = hashes;
            let mut manifest = Manifest {
                name: texts.0,
                title: texts.1,
                files: Vec::new(),
                input: Input { size, color, mean, std: std.map(f32::abs), layout, batch },
                align,
                output,
                licence: Licence { name: texts.2, commercial_use },
                source: texts.3,
                compatible_with: twins.into_iter().map(Fingerprint).collect(),
            };
            manifest.files = std::iter::zip(manifest.roles(), sha256)
                .map(|(role, sha256)| ModelFile {
                    role: (*role).into(),
                    file: format!("{role} 1.onnx"),
                    sha256: FileHash(sha256),
                    bytes: bytes.map(|bytes| u64::from(bytes) + 1),
                })
                .collect();
            manifest
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_an_error_or_a_manifest(text in any::<String>()) {
        let _ = Manifest::parse(&text);
    }

    #[test]
    fn a_mutated_manifest_is_an_error_or_a_valid_manifest(text in mutated()) {
        if let Ok(manifest) = Manifest::parse(&text) {
            manifest.check().unwrap();
            prop_assert_eq!(Manifest::parse(&manifest.to_toml().unwrap()).unwrap(), manifest);
        }
    }

    #[test]
    fn a_manifest_round_trips_with_its_fingerprint(manifest in valid()) {
        let text = manifest.to_toml().unwrap();
        let read = Manifest::parse(&text).unwrap();
        prop_assert_eq!(read.fingerprint(), manifest.fingerprint());
        prop_assert_eq!(read, manifest, "{}", text);
    }
}

//! Models and engines that are missing, broken, or something else.

use std::fs;
use std::path::Path;

use fixtures::models::{
    broken_onnx, detector_manifest, detector_onnx, embedder_manifest, embedder_onnx, foreign_onnx,
};

use crate::support::{Run, Studio};

/// A studio with a photo, whose detector is this file with this manifest.
fn with_detector(onnx: &[u8], manifest: &str) -> Studio {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.write("models/detector/model.onnx", onnx);
    studio.write("models/detector/model.toml", manifest.as_bytes());
    studio
}

#[test]
fn corrupt() {
    for onnx in [broken_onnx(), b"not a network".to_vec(), vec![0; 100]] {
        let studio = with_detector(&onnx, &detector_manifest("painted-detector", &onnx));
        studio.omote(&["detect", "ada.jpg"]).failed_with(&[
            "painted-detector",
            "not an ONNX model that rten can run",
            "Check the file",
        ]);
        // Doctor measures the others all the same.
        let run = studio.json(&["doctor", "--threads", "1"]).ended(2);
        let models = run.all("model");
        assert!(models[1]["per_second"]["rten"].as_f64().unwrap() > 0.0, "{run:?}");
    }
}

#[test]
fn foreign() {
    let onnx = foreign_onnx();
    let studio = with_detector(&onnx, &detector_manifest("painted-detector", &onnx));
    studio.omote(&["detect", "ada.jpg"]).failed_with(&["painted-detector"]);
    // An embedder in the detector's place, and the other way round.
    let onnx = embedder_onnx(0);
    let studio = with_detector(&onnx, &detector_manifest("painted-detector", &onnx));
    studio.omote(&["detect", "ada.jpg"]).failed_with(&["painted-detector"]);
    let onnx = detector_onnx();
    studio.write("models/embedder/model.onnx", &onnx);
    studio.write("models/embedder/model.toml", embedder_manifest("painted-embedder", &onnx).as_bytes());
    studio.omote(&["embed", "--aligned", "ada.jpg"]).failed_with(&["painted-embedder"]);
}

#[test]
fn of_another_hash_than_the_manifest_says() {
    let onnx = detector_onnx();
    let studio = with_detector(&onnx, &detector_manifest("painted-detector", &embedder_onnx(0)));
    studio.omote(&["detect", "ada.jpg"]).failed_with(&[
        "models/detector/model.onnx",
        "SHA-256 is ",
        "expected ",
        "fetch the file again",
    ]);
}

#[test]
fn of_an_unknown_kind() {
    let onnx = detector_onnx();
    let manifest = detector_manifest("painted-detector", &onnx).replace("\"detector\"", "\"soothsayer\"");
    let studio = with_detector(&onnx, &manifest);
    let run = studio.omote(&["detect", "ada.jpg"]).ended(2);
    for word in ["models/detector/model.toml", "soothsayer", "detector", "embedder"] {
        assert!(run.stderr.contains(word), "`{word}` is not in: {}", run.stderr);
    }
    let run = studio.json(&["models", "list"]).ended(2);
    assert!(run.one("problem")["problem"].as_str().unwrap().contains("soothsayer"), "{run:?}");
}

#[test]
fn with_a_manifest_that_cannot_be_read() {
    let onnx = detector_onnx();
    let good = detector_manifest("painted-detector", &onnx);
    for (manifest, word) in [
        ("this is not TOML".to_owned(), "model.toml"),
        (good.replace("format = 1", "format = 2"), "format"),
        (good.replace("color = \"bgr\"", "color = \"grue\""), "grue"),
        (good.replace("[input]", "[input]\ncolour = \"bgr\""), "colour"),
        (good.replace("model.onnx", "../../../etc/passwd"), "file"),
    ] {
        let studio = with_detector(&onnx, &manifest);
        let run = studio.omote(&["detect", "ada.jpg"]).ended(2);
        assert!(run.stderr.contains(word) && run.stderr.contains("model.toml"), "{}", run.stderr);
    }
}

#[test]
fn without_its_file() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    fs::remove_file(studio.path("models/detector/model.onnx")).unwrap();
    studio.omote(&["detect", "ada.jpg"]).failed_with(&[
        "models/detector/model.onnx is missing",
        "painted-detector",
        "import the model again",
    ]);
}

#[test]
fn not_installed() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    // Nobody said where: the message must get a newcomer going.
    let run = Run::of(studio.bare(&["detect", "ada.jpg"])).ended(2);
    for word in ["no model of kind `detector`", "--models", "OMOTE_MODELS", "https://"] {
        assert!(run.stderr.contains(word), "`{word}` is not in: {}", run.stderr);
    }
    studio.omote(&["detect", "ada.jpg", "--models", "nowhere"]).failed_with(&["nowhere", "--models"]);
    studio.omote(&["detect", "ada.jpg", "--models", "ada.jpg"]).failed_with(&["ada.jpg", "not a folder"]);
    // By name: known and absent, unknown, of another kind.
    studio
        .omote(&["detect", "ada.jpg", "--detector", "yunet-n"])
        .failed_with(&["`yunet-n` is not installed", "https://"]);
    studio.omote(&["detect", "ada.jpg", "--detector", "detector"]).failed_with(&[
        "no model is named `detector`",
        "is it painted-detector?",
        "models list",
    ]);
    studio
        .omote(&["detect", "ada.jpg", "--detector", "painted-embedder"])
        .failed_with(&["painted-embedder is of kind `embedder`", "`detector` is needed"]);
}

#[test]
fn engines_that_are_unknown_missing_or_no_engines() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio
        .omote(&["detect", "ada.jpg", "--engine", "abacus"])
        .failed_with(&["unknown engine `abacus`", "auto, rten or onnxruntime"]);
    let with_library = |library: &str| {
        studio.omote(&["detect", "ada.jpg", "--engine", "onnxruntime", "--engine-lib", library])
    };
    with_library("nowhere.so").failed_with(&["nowhere.so", "--engine rten"]);
    studio.write("letter.so", b"Dear Ada, this is not a library");
    with_library("letter.so").failed_with(&["letter.so", "cannot be used as ONNX Runtime", "--engine rten"]);
    // A library, but another one: every Linux with glibc has it.
    let libc = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib64/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"];
    if let Some(library) = libc.into_iter().find(|path| Path::new(path).exists()) {
        with_library(library).failed_with(&[library, "cannot be used as ONNX Runtime"]);
    }
}

#[test]
fn a_damaged_model_is_not_quietly_replaced_by_another() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.other_embedder();
    // The first by name would be taken; it is damaged.
    studio.write("models/embedder/model.onnx", b"damaged");
    let run = studio.omote(&["embed", "ada.jpg"]);
    assert!(run.stderr.contains("models/embedder/model.onnx"), "not a word about the damage: {run:?}");
}

//! `omote models`, `doctor`, `bench` and `completions`.

use std::fs;

use fixtures::models::embedder_onnx;
use serde_json::{Value, json};

use crate::support::{Run, Studio, THRESHOLD};

#[test]
fn installed_models_are_listed() {
    let studio = Studio::new();
    studio.write("models/mystery.onnx", b"who knows");
    let run = studio.json(&["models", "list"]).ended(0);
    let kinds: Vec<(Value, Value)> =
        run.all("model").iter().map(|model| (model["name"].clone(), model["kind"].clone())).collect();
    let expected = [("painted-detector", "detector"), ("painted-embedder", "embedder")];
    assert_eq!(kinds, expected.map(|(name, kind)| (json!(name), json!(kind))));
    assert!(run.all("model").iter().all(|model| model["commercial_use"] == "yes"));
    let other = run.one("other");
    assert_eq!(other["path"], json!({"text": "models/mystery.onnx"}));
    assert!(other["note"].as_str().unwrap().contains("--like NAME"));

    let words = studio.omote(&["models", "list"]).ended(0);
    let heading = words.stdout.lines().next().unwrap();
    for column in ["NAME", "KIND", "LICENCE", "COMMERCIAL", "FINGERPRINT"] {
        assert!(heading.contains(column), "{heading}");
    }
}

#[test]
fn the_published_models_are_listed_with_licence_and_address() {
    let studio = Studio::new();
    let mut command = studio.bare(&["--json", "models", "list", "--all"]);
    command.env_remove("OMOTE_MODELS");
    let run = Run::of(command).ended(0);
    let published = run.all("published");
    let yunet = published.iter().find(|entry| entry["name"] == "yunet-n").unwrap();
    assert!(yunet["source"].as_str().unwrap().starts_with("https://"));
    assert!(yunet["licence"].is_string() && yunet["runs"] == true);
    assert_eq!(yunet["files"][0]["sha256"].as_str().unwrap().len(), 64);
    // Without --all, and with nothing installed, nothing was found.
    let run = Run::of(studio.bare(&["models", "list"])).ended(1);
    assert!(
        run.stderr.contains("no model is installed") && run.stderr.contains("models list --all"),
        "{run:?}"
    );
}

#[test]
fn a_file_is_imported_like_another_model() {
    let studio = Studio::new();
    studio.write("mine.onnx", &embedder_onnx(7));
    // Nothing about it is guessed.
    studio.omote(&["models", "import", "mine.onnx"]).failed_with(&["mine.onnx", "in no catalogue", "--like"]);
    let import = ["models", "import", "mine.onnx", "--like", "painted-embedder"];
    let run = studio.json(&import).ended(0);
    let imported = run.one("imported");
    assert_eq!((&imported["name"], &imported["kind"]), (&json!("mine"), &json!("embedder")));
    assert_eq!((&imported["created"], &imported["licence"]), (&json!(true), &json!("unknown")));
    assert!(studio.path("models/mine/model.toml").is_file());
    // Again is no harm; another file of the same name is.
    assert_eq!(studio.json(&import).ended(0).one("imported")["created"], false);
    studio.write("other.onnx", &embedder_onnx(8));
    studio
        .omote(&["models", "import", "other.onnx", "--like", "painted-embedder", "--name", "mine"])
        .failed_with(&["a different model named `mine`", "--name"]);
    studio
        .omote(&["models", "import", "other.onnx", "--like", "nothing"])
        .failed_with(&["no model is named `nothing`"]);
    studio
        .omote(&["models", "import", "nowhere.onnx", "--like", "painted-embedder"])
        .failed_with(&["cannot read nowhere.onnx"]);

    studio.portrait("ada.jpg", 1);
    let run = studio.json(&["embed", "ada.jpg", "--embedder", "mine"]).ended(0);
    assert_eq!(run.summary()["ran"]["embedder"]["name"], "mine");
}

#[test]
fn an_import_without_a_folder_goes_to_the_users_data() {
    let studio = Studio::new();
    studio.write("mine.onnx", &embedder_onnx(7));
    let import = |arguments: &[&str]| Run::of(studio.bare(arguments));
    // The first folder takes it, the others say what it is like.
    import(&[
        "models",
        "import",
        "mine.onnx",
        "--like",
        "painted-embedder",
        "--models",
        "new",
        "--models",
        "models",
    ])
    .ended(0);
    assert!(studio.path("new/mine/model.toml").is_file());
    if cfg!(target_os = "linux") {
        import(&["models", "import", "mine.onnx", "--like", "mobilefacenet"]).ended(0);
        assert!(studio.path("home/data/omote/models/mine/model.toml").is_file());
        import(&["models", "show", "mine"]).ended(0);
    }
}

#[test]
fn a_model_is_shown_with_all_that_matters() {
    let studio = Studio::new();
    let words = studio.omote(&["models", "show", "painted-embedder"]).ended(0);
    for part in
        ["# fingerprint ", "models/embedder/model.onnx", "[licence]", "MIT OR Apache-2.0", "mean = [127.5"]
    {
        assert!(words.stdout.contains(part), "no {part} in {}", words.stdout);
    }
    let model = studio.json(&["models", "show", "painted-embedder"]).ended(0).one("model");
    assert_eq!((&model["kind"], &model["dimension"]), (&json!("embedder"), &json!(64)));
    assert_eq!(model["fingerprint"].as_str().unwrap().len(), 64);
    studio
        .omote(&["models", "show", "painted"])
        .failed_with(&["`painted`", "is it painted-detector or painted-embedder?"]);
}

#[test]
fn models_are_read_again_and_checked() {
    let studio = Studio::new();
    let run = studio.json(&["models", "verify"]).ended(0);
    assert!(run.all("model").iter().all(|model| model["ok"] == true));
    assert_eq!(run.summary()["models"], 2);

    let path = studio.path("models/embedder/model.onnx");
    let mut bytes = fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let run = studio.json(&["models", "verify"]).ended(2);
    let models = run.all("model");
    assert_eq!((&models[0]["ok"], &models[1]["ok"]), (&json!(true), &json!(false)));
    assert!(models[1]["error"].as_str().unwrap().contains("fetch the file again"), "{run:?}");
    studio.omote(&["models", "verify", "painted-detector"]).ended(0);
    studio.omote(&["models", "verify", "nothing"]).ended(2);
}

#[test]
fn doctor_shows_engines_models_and_advice() {
    let studio = Studio::new();
    let run = studio.json(&["doctor", "--threads", "1"]).ended(0);
    let rten = &run.all("engine")[0];
    assert_eq!((&rten["name"], &rten["library"]), (&json!("rten"), &Value::Null));
    let models = run.all("model");
    assert_eq!(models.len(), 2);
    for model in &models {
        assert!(model["per_second"]["rten"].as_f64().unwrap() > 0.0, "{model}");
        assert_eq!(model["errors"], json!([]));
    }
    assert!(run.summary()["advice"].is_array());
    // Where nothing is installed, it says how to begin.
    let run = Run::of(studio.bare(&["doctor"])).ended(1);
    assert!(run.stdout.contains("No model is installed") && run.stdout.contains("models import"), "{run:?}");
}

#[test]
fn bench_measures_what_was_asked_for() {
    let studio = Studio::new();
    for n in 0..4 {
        studio.portrait(format!("in/{n}.jpg"), n);
    }
    let run = studio.json(&["bench", "in", "--limit", "3", "--rounds", "1", "--max-faces", "1"]).ended(0);
    let speed = run.one("speed");
    assert_eq!((&speed["photos"], &speed["faces"], &speed["rounds"]), (&json!(3), &json!(3), &json!(1)));
    for figure in
        ["detections_per_second", "embeddings_per_second", "bound", "photos_per_second", "share_of_bound"]
    {
        assert!(speed[figure].as_f64().unwrap() > 0.0, "{figure} in {speed}");
    }
    assert!(speed["ran"]["engine"].as_str().unwrap().starts_with("rten "));
}

#[test]
fn a_library_that_was_named_must_be_there_whatever_runs() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    let named = ["--engine", "auto", "--engine-lib", "nowhere.so"];
    for command in [&["detect", "ada.jpg"][..], &["bench", "ada.jpg", "--rounds", "1"]] {
        studio.omote(&[command, &named].concat()).failed_with(&["nowhere.so"]);
    }
    let run = studio.json(&[&["doctor", "--threads", "1"][..], &named].concat()).ended(2);
    let engines = run.all("engine");
    assert!(engines[1]["error"].as_str().unwrap().contains("nowhere.so"), "{run:?}");
    // The built-in engine needs none.
    studio.omote(&["detect", "ada.jpg", "--engine", "rten", "--engine-lib", "nowhere.so"]).ended(0);
}

#[test]
fn every_shell_gets_its_completions() {
    let studio = Studio::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = studio.omote(&["completions", shell]).ended(0);
        assert!(run.stdout.contains("omote") && run.stdout.contains("identify"), "{shell}");
    }
    studio.omote(&["completions", "cmd"]).failed_with(&["cmd", "bash"]);
}

#[test]
fn flags_can_be_set_in_the_environment() {
    let studio = Studio::with_gallery();
    studio.other_embedder();
    studio.portrait("bob.jpg", 2);
    let mut command = studio.command(&["--json", "embed", "bob.jpg"]);
    command.env("OMOTE_EMBEDDER", "painted-other").env("OMOTE_THREADS", "1");
    let summary = Run::of(command).ended(0).summary();
    assert_eq!(summary["ran"]["embedder"]["name"], "painted-other");
    assert_eq!(summary["ran"]["threads"], 1);
    let mut command = studio.command(&["identify", "bob.jpg", "--threshold", THRESHOLD]);
    command.env("OMOTE_GALLERY", "nowhere");
    Run::of(command).failed_with(&["no gallery in nowhere"]);
    // Several folders, as in PATH.
    fs::rename(studio.path("models/other"), studio.path("more")).unwrap();
    let mut command = studio.command(&["models", "show", "painted-other"]);
    command.env("OMOTE_MODELS", std::env::join_paths(["models", "more"]).unwrap());
    Run::of(command).ended(0);
}

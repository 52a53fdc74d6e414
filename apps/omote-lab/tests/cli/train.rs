//! Networks are trained, killed, gone on with, made models of and compared.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use analysis::Embedder;
use engine::{Choice, Engine, Options, Threads};
use model::Store;

use super::support::{command, failed_with, lab, records, summary};

const FACES: &str = "kind = 'recognition'\nseed = 1\npeople = 40\npictures = 4\nsize = 56\naligned = true\n";
const RECIPE: &str = "seed = 3\n\
    [data]\nkind = 'recipe'\npath = 'faces.toml'\npeople = { hold_out = 0.5 }\n\
    [run]\nsteps = 40\nbatch = 16\ncache = 8\ncheckpoint = 8\n\
    [backbone]\nkind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16\n\
    [loss]\nkind = 'cosface'\nscale = 16\nmargin = 0.1\n\
    [optimizer]\nkind = 'sgd'\nrate = 0.05\n";

fn shelf() -> tempfile::TempDir {
    let shelf = tempfile::tempdir().unwrap();
    fs::write(shelf.path().join("faces.toml"), FACES).unwrap();
    fs::write(shelf.path().join("small.toml"), RECIPE).unwrap();
    shelf
}

/// What is in a file of a run.
fn kept(shelf: &Path, file: &str) -> Vec<u8> {
    fs::read(shelf.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The model in a folder, and what it makes of a grey face.
fn embeds(folder: &Path) -> (String, Vec<f32>) {
    let store = Store::open(&[]).unwrap();
    let model = store.resolve(&format!("{}/", folder.display())).unwrap();
    let engine = Engine::open(&Options { choice: Choice::Rten, library: None }).unwrap();
    let embedder = Embedder::open(&model, &engine, Threads::SINGLE).unwrap();
    let face = imaging::Image::filled(28, 28, [90, 80, 70]);
    let embedded = embedder.embed(&face, false).unwrap();
    (model.manifest.name, embedded.vector.clone())
}

#[test]
fn a_recipe_becomes_a_model() {
    let shelf = shelf();
    let shelf = shelf.path();
    let trained = lab(shelf, &["--json", "train", "small.toml", "runs/small"]);
    assert_eq!(trained.status.code(), Some(0), "{trained:?}");
    let looks = records(&trained);
    assert_eq!(looks.len(), 6, "five looks and a summary");
    let last = summary(&trained);
    assert_eq!((&last["steps"], &last["early"]), (&40.into(), &false.into()));
    assert_eq!(last["held_out"], looks[4]);
    // The file computes what the network does, and so tells people apart as well.
    assert!(last["model"]["difference"].as_f64().unwrap() < 1e-4, "{last}");
    let measured = &last["model"]["results"][0];
    assert_eq!((&measured["measure"], &measured["pairs"]), (&"EER".into(), &(80 * 79 / 2).into()));
    let eer = |value: &serde_json::Value| value.as_f64().unwrap();
    assert!((eer(&measured["value"]) - eer(&last["held_out"]["eer"])).abs() < 0.01, "{last}");
    let interval = measured["interval"].as_array().unwrap();
    assert!(eer(&interval[0]) <= eer(&measured["value"]) && eer(&measured["value"]) <= eer(&interval[1]));

    let card = String::from_utf8(kept(shelf, "runs/small/model/CARD.md")).unwrap();
    for said in
        ["drawn faces, faces.toml | 80 | 20 | drawn by omote", "| EER | 0.", "Seed: 3", "margin = 0.1\n"]
    {
        assert!(card.contains(said), "{said}: {card}");
    }
    assert!(!card.contains(&*shelf.to_string_lossy()), "{card}");
    let (name, values) = embeds(&shelf.join("runs/small/model"));
    assert_eq!((name.as_str(), values.len()), ("small", 16));
    for file in ["recipe.toml", "steps.csv", "held_out.csv", "loss.svg", "accuracy.svg", "held_out.svg"] {
        assert!(!kept(shelf, &format!("runs/small/{file}")).is_empty());
    }

    // Nothing is left to do, and the same comes of it.
    let onnx = kept(shelf, "runs/small/model/model.onnx");
    let again = lab(shelf, &["resume", "runs/small", "--json"]);
    assert_eq!((summary(&again)["steps"].as_u64(), records(&again).len()), (Some(40), 1));
    assert_eq!(kept(shelf, "runs/small/model/model.onnx"), onnx);

    let named = lab(shelf, &["export", "runs/small", "mine", "--name", "mine-1", "--licence", "MIT"]);
    assert!(String::from_utf8_lossy(&named.stdout).contains("mine is mine-1"), "{named:?}");
    assert_eq!(kept(shelf, "mine/model.onnx"), onnx);
    let rounded = summary(&lab(shelf, &["export", "runs/small", "--int8", "--json"]));
    assert_eq!(rounded["name"], "small-int8", "{rounded}");
    assert!(rounded["cosine"]["mean"].as_f64().unwrap() > 0.8, "{rounded}");
    assert_eq!(embeds(&shelf.join("runs/small/model-int8")).1.len(), 16);
    failed_with(&lab(shelf, &["export", "runs/small", "runs"]), &["runs", "another folder"]);
    failed_with(&lab(shelf, &["export", "runs/small", "--name", "a b"]), &["name must be"]);
    // Of other people nobody knows whether they were learned.
    fs::write(shelf.join("faces.toml"), FACES.replace("people = 40", "people = 41")).unwrap();
    failed_with(&lab(shelf, &["export", "runs/small"]), &["runs/small", "other people"]);
}

/// Waits until there is a checkpoint after this step, and a little longer.
fn wait_for(run: &Path, step: u64, pause: u64, child: &mut Child) {
    let is_there = || {
        fs::read_dir(run.join("checkpoints")).is_ok_and(|entries| {
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            names.filter_map(|name| name.parse::<u64>().ok()).any(|made| made >= step)
        })
    };
    while !is_there() {
        assert_eq!(child.try_wait().unwrap(), None, "it ends before it is killed");
        sleep(Duration::from_millis(2));
    }
    sleep(Duration::from_millis(pause));
}

#[test]
fn a_run_that_is_killed_goes_on_to_the_same_bits() {
    let shelf = shelf();
    let shelf = shelf.path();
    // A checkpoint at every step: it is killed while one is written, more often than not.
    fs::write(shelf.join("small.toml"), RECIPE.replace("checkpoint = 8", "checkpoint = 1")).unwrap();
    let arguments = |folder| ["train", "small.toml", folder, "--json"];
    let straight = lab(shelf, &arguments("straight"));
    assert_eq!(straight.status.code(), Some(0), "{straight:?}");
    for kill in 0..8 {
        let mut run = command(shelf, &arguments("killed"));
        let mut child = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for(&shelf.join("killed"), 3 * kill + 1, 7 * kill, &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let ended = lab(shelf, &["resume", "killed", "--json"]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    for file in ["steps.csv", "held_out.csv", "model/model.onnx"] {
        let [straight, killed] = ["straight", "killed"].map(|run| kept(shelf, &format!("{run}/{file}")));
        assert!(straight == killed, "{file} differs");
    }
}

#[test]
fn arms_are_compared_over_seeds() {
    let shelf = shelf();
    let shelf = shelf.path();
    fs::write(shelf.join("small.toml"), RECIPE.replace("steps = 40", "steps = 16")).unwrap();
    let grid = "base = 'small.toml'\nseeds = [1, 2]\n[[arm]]\nname = 'first'\n[[arm]]\nname = 'same'\n\
                [[arm]]\nname = 'still'\nrecipe = { optimizer = { rate = 1e-9 } }\n";
    fs::write(shelf.join("grid.toml"), grid).unwrap();
    let compared = lab(shelf, &["ablate", "grid.toml", "runs", "--json"]);
    assert_eq!(compared.status.code(), Some(0), "{compared:?}");
    let arms = &summary(&compared)["results"]["arms"];
    let [first, same, still] = [0, 1, 2].map(|arm| &arms[arm]["rates"][0]);
    assert_eq!((&first["measure"], &first["difference"]), (&"EER".into(), &serde_json::Value::Null));
    // What differs in nothing does so for whomever is looked at.
    let nothing = serde_json::json!({"value": 0.0, "interval": [0.0, 0.0], "p": 1.0});
    assert_eq!((&same["of_seeds"], &same["difference"]), (&first["of_seeds"], &nothing));
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let of_seeds: Vec<f64> = still["of_seeds"].as_array().unwrap().iter().map(number).collect();
    assert!(of_seeds.len() == 2 && of_seeds[0] != of_seeds[1], "{still}");
    assert!((number(&still["mean"]) - (of_seeds[0] + of_seeds[1]) / 2.0).abs() < 1e-12, "{still}");
    let difference = &still["difference"];
    let expected = number(&still["mean"]) - number(&first["mean"]);
    assert!(expected != 0.0 && (number(&difference["value"]) - expected).abs() < 1e-12, "{still}");
    let [low, high] = [0, 1].map(|end| number(&difference["interval"][end]));
    assert!(low < expected && expected < high, "{still}");
    let page = String::from_utf8(kept(shelf, "runs/results.md")).unwrap();
    assert!(page.contains("| still | EER |") && page.contains("20 people"), "{page}");
    // What is done is not done again.
    let again = lab(shelf, &["ablate", "grid.toml", "runs", "--json"]);
    assert_eq!(records(&again).len(), 1, "{again:?}");
}

#[test]
fn what_cannot_be_trained_is_said_before_the_first_step() {
    let shelf = shelf();
    let shelf = shelf.path();
    let train = |text: &str| {
        fs::write(shelf.join("bad.toml"), text).unwrap();
        lab(shelf, &["train", "bad.toml", "bad"])
    };
    failed_with(&train(&RECIPE.replace("'cosface'", "'cosine'")), &["bad.toml", "cosine"]);
    failed_with(&train(&RECIPE.replace("batch = 16", "batch = 0")), &["bad.toml", "[run] batch"]);
    failed_with(&train(&RECIPE.replace("faces.toml", "none.toml")), &["none.toml is not there"]);
    failed_with(&train(&RECIPE.replace("[28, 28]", "[30, 30]")), &["30 x 30", "112 x 112"]);
    assert!(!shelf.join("bad").exists(), "nothing is left behind");
    failed_with(&lab(shelf, &["train", "none.toml", "bad"]), &["none.toml"]);
    failed_with(&lab(shelf, &["resume", "."]), &["holds no run", "train"]);
    failed_with(&lab(shelf, &["export", "."]), &["holds no run"]);
    let grid = |text: &str| {
        fs::write(shelf.join("grid.toml"), text).unwrap();
        lab(shelf, &["ablate", "grid.toml", "runs"])
    };
    failed_with(&grid("base = 'small.toml'\nseeds = [1]\n[[arm]]\nname = 'one'\n"), &["two [[arm]]"]);
    let twice = "base = 'small.toml'\nseeds = [1]\n[[arm]]\nname = 'a'\n[[arm]]\nname = 'A'\n";
    failed_with(&grid(twice), &["grid.toml", "a name of its own"]);
    let wrong = "base = 'small.toml'\nseeds = [1]\n[[arm]]\nname = 'a'\n[[arm]]\nname = 'b'\nrecipe = { loss = { margin = 9 } }\n";
    failed_with(&grid(wrong), &["arm b", "margin"]);
    let others = "base = 'small.toml'\nseeds = [1]\n[[arm]]\nname = 'a'\n[[arm]]\nname = 'b'\n\
                  recipe = { data = { people = { seed = 9 } } }\n";
    failed_with(&grid(others), &["arm b", "are held out"]);
    let few = grid(
        &others
            .replace("{ seed = 9 }", "{ hold_out = 0.1 }")
            .replace("name = 'a'", "name = 'a'\nrecipe = { data = { people = { hold_out = 0.1 } } }"),
    );
    failed_with(&few, &["4 people are held out", "larger hold_out"]);
    assert!(!shelf.join("runs").exists(), "nothing is trained");
}

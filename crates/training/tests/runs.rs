//! Runs from the first step to the last: they learn, stop, go on, and end as they should.

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use burn::tensor::Device;
use omote_training::{Error, Grid, Look, Maker, Place, Recipe, Step, Student, Trained, Watch, begun, train};

/// People whose faces are drawn while they are learned from: 20 x 4 pictures, of which 5 people are held out.
const FACES: &str = "kind = 'recognition'\nseed = 1\npeople = 20\npictures = 4\nsize = 56\naligned = true\n";
const RECIPE: &str = "seed = 3\n\
    data = { kind = 'recipe', path = 'faces.toml', people = { hold_out = 0.25 } }\n\
    [run]\nsteps = 24\nbatch = 16\ncache = 8\ncheckpoint = 8\n\
    [backbone]\nkind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16\n\
    [loss]\nkind = 'cosface'\nscale = 16\nmargin = 0.1\n\
    [optimizer]\nkind = 'sgd'\nrate = 0.05\n";

/// What a run said.
#[derive(Default)]
struct Heard {
    steps: Vec<Step>,
    looks: Vec<Look>,
    begun: Vec<(u64, u64)>,
    /// The run is killed after this step.
    killed_after: Option<u64>,
}

impl Watch for Heard {
    fn begins(&mut self, done: u64, steps: u64, pictures: usize) {
        assert_eq!(pictures % 16, 0);
        self.begun.push((done, steps));
    }
    fn remark(&mut self, remark: &str) {
        panic!("nothing is left out: {remark}");
    }
    fn stepped(&mut self, step: &Step, seconds: f64) {
        assert!(seconds > 0.0);
        self.steps.push(step.clone());
        assert!(self.killed_after != Some(step.number), "killed");
    }
    fn looked(&mut self, look: &Look) {
        self.looks.push(*look);
    }
}

/// Follows a recipe into a folder of its base.
fn follow(
    recipe: &Recipe,
    base: &Path,
    folder: &str,
    heard: &mut Heard,
) -> Result<(Student, Trained), Error> {
    let maker = Maker {
        program: "tests 1.0".to_owned(),
        commit: Some("c0ffee".to_owned()),
        machine: "here".to_owned(),
    };
    let place = Place { base, folder: &base.join(folder), maker: &maker };
    train(recipe, place, &Device::flex(), heard)
}

fn run(text: &str, base: &Path, folder: &str) -> (Result<Trained, Error>, Heard) {
    fs::write(base.join("faces.toml"), FACES).unwrap();
    let recipe = Recipe::parse(text, &base.join("r.toml")).unwrap();
    let mut heard = Heard::default();
    let trained = follow(&recipe, base, folder, &mut heard);
    (trained.map(|(_, trained)| trained), heard)
}

#[test]
fn a_run_learns_and_says_so() {
    let base = tempfile::tempdir().unwrap();
    let (trained, heard) = run(&RECIPE.replace("steps = 24", "steps = 60"), base.path(), "run");
    let trained = trained.unwrap();
    assert_eq!((trained.steps, trained.early, heard.begun), (60, false, vec![(0, 60)]));
    let loss = |steps: &[Step]| steps.iter().map(|step| step.loss).sum::<f32>() / steps.len() as f32;
    let (first, last) = (loss(&heard.steps[..10]), loss(&heard.steps[50..]));
    assert!(last < 0.7 * first, "{first} {last}");
    let accuracy = |steps: &[Step]| steps.iter().filter_map(|step| step.accuracy).sum::<f32>();
    assert!(accuracy(&heard.steps[50..]) > 2.0 * accuracy(&heard.steps[..10]));
    assert!(heard.steps.iter().all(|step| step.parts[0].0 == "cross entropy" && step.gradient > 0.0));
    // The rate falls along half a wave of the cosine.
    assert!(heard.steps.is_sorted_by(|a, b| a.rate >= b.rate) && heard.steps[0].rate == 0.05);
    assert_eq!(heard.looks.len(), 8);
    assert_eq!(heard.looks[7].pairs, [5 * 6, 190 - 30]);
    assert_eq!(trained.look, heard.looks.last().copied());
    let folder = base.path().join("run");
    let steps = fs::read_to_string(folder.join("steps.csv")).unwrap();
    assert_eq!((steps.lines().count(), steps.lines().last().unwrap().split(',').next()), (61, Some("59")));
    assert_eq!(fs::read_to_string(folder.join("held_out.csv")).unwrap().lines().count(), 9);
    assert_eq!(fs::read_dir(folder.join("checkpoints")).unwrap().count(), 2);
    // Of 160 pairs, no rate below a sixteenth can be told.
    assert_eq!((heard.looks[7].tar_at_2, heard.looks[7].tar_at_3), (None, None));
    // All that it needs to be gone on with is there, and who began it.
    let (recipe, begun) = begun(&folder).unwrap();
    assert_eq!((recipe.run.steps, begun.maker.commit.as_deref()), (Some(60), Some("c0ffee")));
    assert_eq!(begun.base, base.path().canonicalize().unwrap());
}

/// Follows the recipe, and gives what there is in the end: the weights by their names, and the tables.
fn left(recipe: &Recipe, base: &Path, folder: &str, heard: &mut Heard) -> [Vec<u8>; 3] {
    let (student, _) = follow(recipe, base, folder, heard).unwrap();
    let folder = base.join(folder);
    let weights = folder.join("weights.safetensors");
    nets::weights::save(&student, &weights, &BTreeMap::new()).unwrap();
    [weights, folder.join("steps.csv"), folder.join("held_out.csv")].map(|path| fs::read(path).unwrap())
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bits() {
    let mobile = "kind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16";
    // Dropout is drawn at each step from the generator of the device.
    let dropped =
        "kind = 'iresnet'\ndepth = 18\ninput = [28, 28]\nwidth = 0.125\ndimension = 16\ndropout = 0.4";
    // What decays, and what is drawn of a class matrix, is known by the names of parameters.
    let grouped = ("rate = 0.05", "rate = 0.05\ndecay = 0.1\ndecays = 'matrices'");
    let partial = (
        "kind = 'elasticface'\nscale = 16\n",
        "kind = 'partial-fc'\nrate = 0.5\n[loss.head]\nkind = 'cosface'\nscale = 16\n",
    );
    let none = ("seed", "seed");
    for (network, more, (from, to)) in [
        (mobile, "average = 0.9", grouped),
        (mobile, "accumulate = 2\nclip = 0.5", none),
        (dropped, "cache = 8", none),
        (mobile, "clip = 5.0", partial),
    ] {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("faces.toml"), FACES).unwrap();
        let text =
            RECIPE.replace("cache = 8\n", "").replace("checkpoint = 8", &format!("checkpoint = 8\n{more}"));
        assert!(text.contains(mobile));
        let text = text.replace(mobile, network);
        // The margins of ElasticFace are random.
        let text =
            text.replace("'cosface'", "'elasticface'").replace("scale = 16\nmargin = 0.1\n", "scale = 16\n");
        assert!(text.contains(from));
        let recipe = Recipe::parse(&text.replace(from, to), &base.path().join("r.toml")).unwrap();
        let straight = left(&recipe, base.path(), "straight", &mut Heard::default());
        let kill = || {
            let mut heard = Heard { killed_after: Some(18), ..Heard::default() };
            follow(&recipe, base.path(), "killed", &mut heard).map(drop)
        };
        assert!(catch_unwind(kill).is_err());
        // Half of a checkpoint is none.
        fs::create_dir(base.path().join("killed/checkpoints/partial")).unwrap();
        let mut heard = Heard::default();
        let resumed = left(&recipe, base.path(), "killed", &mut heard);
        assert_eq!((heard.begun, heard.steps[0].number), (vec![(16, 24)], 16));
        let same = straight.iter().zip(&resumed).map(|(straight, resumed)| straight == resumed);
        assert_eq!(same.collect::<Vec<_>>(), [true; 3], "{more}");
    }
}

#[test]
fn what_goes_wrong_is_named_and_kept() {
    let base = tempfile::tempdir().unwrap();
    let wild = RECIPE.replace("rate = 0.05", "rate = 10.0\nmomentum = 0.99");
    let wild = wild.replace("'cosface'\nscale = 16\nmargin = 0.1", "'softmax'");
    let (failed, heard) = run(&wild, base.path(), "wild");
    let error = failed.unwrap_err();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert!(error.to_string().contains("cross entropy") && error.to_string().contains("rate"), "{error}");
    assert!(heard.steps.len() < 24);
    let kept = base.path().join("wild/diverged");
    let list = fs::read_to_string(kept.join("batch.tsv")).unwrap();
    assert_eq!((list.lines().count(), fs::read_dir(&kept).unwrap().count()), (17, 17));

    run(RECIPE, base.path(), "run").0.unwrap();
    let other = run(&RECIPE.replace("seed = 3", "seed = 4"), base.path(), "run").0.unwrap_err().to_string();
    assert!(other.contains("recipe.toml") && other.contains("another run"), "{other}");
    // Other people than when it began.
    fs::write(base.path().join("faces.toml"), FACES.replace("seed = 1", "seed = 2")).unwrap();
    let recipe = Recipe::parse(RECIPE, &base.path().join("r.toml")).unwrap();
    let changed = follow(&recipe, base.path(), "run", &mut Heard::default());
    assert!(changed.unwrap_err().to_string().contains("other people"));
    fs::write(base.path().join("run/checkpoints/000000024/student.bpk"), "nothing").unwrap();
    let damaged = run(RECIPE, base.path(), "run").0.unwrap_err().to_string();
    assert!(damaged.contains("000000024") && damaged.contains("student.bpk"), "{damaged}");
    let nobody = RECIPE
        .replace("checkpoint = 8", "checkpoint = 8\npatience = 1")
        .replace("hold_out = 0.25", "hold_out = 0.0");
    assert!(run(&nobody, base.path(), "other").0.unwrap_err().to_string().contains("hold_out"));
    assert!(!base.path().join("other").exists(), "nothing is left of a recipe that cannot be followed");
    let alone = RECIPE.replace("hold_out = 0.25", "people = 1");
    assert!(run(&alone, base.path(), "other").0.unwrap_err().to_string().contains("one person"));
}

#[test]
fn a_run_ends_early_when_nothing_gets_better() {
    let base = tempfile::tempdir().unwrap();
    let text = RECIPE
        .replace("checkpoint = 8", "checkpoint = 2\npatience = 2")
        .replace("rate = 0.05", "rate = 1e-9");
    let (trained, heard) = run(&text, base.path(), "run");
    let trained = trained.unwrap();
    assert!(trained.early && trained.steps < 24, "{trained:?}");
    assert_eq!(heard.steps.len() as u64, trained.steps);
    // And stays so.
    let (again, heard) = run(&text, base.path(), "run");
    let again = again.unwrap();
    assert_eq!((again.steps, heard.steps.len()), (trained.steps, 0));
    // What was seen last is still known.
    assert!(trained.look.is_some() && again.look == trained.look);
}

#[test]
fn the_recipes_that_come_along_can_be_followed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/training");
    let recipes: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!recipes.is_empty());
    for path in recipes {
        let recipe = Recipe::load(&path).unwrap();
        assert!(recipe.data.split(&folder).is_ok(), "{}", path.display());
    }
    let grids = folder.join("../ablations");
    for path in fs::read_dir(&grids).unwrap().map(|entry| entry.unwrap().path()) {
        assert!(Grid::load(&path).unwrap().runs() >= 6, "{}", path.display());
    }
}

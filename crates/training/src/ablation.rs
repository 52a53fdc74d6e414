//! Ablations: what one change of a recipe does, and how sure that is.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use evaluation::{Bootstrap, Difference, Estimate, MIN_PEOPLE, ScoredPairs, Statistic};
use serde::Deserialize;
use toml::Table;

use crate::about::plain;
use crate::checkpoint;
use crate::error::file;
use crate::held_out::{embed, identity};
use crate::material::Material;
use crate::run::train;
use crate::{Error, Maker, Place, Recipe, Trained, Watch};

/// A grid is a few lines; nothing of this size is one.
const LARGEST: u64 = 1 << 20;
/// False-match rates at which arms are compared, where there are pairs enough.
const RATES: [f64; 2] = [1e-2, 1e-3];

/// Runs that differ in one thing: each arm from each seed.
///
/// ```toml
/// base = "first.toml"            # a recipe
/// seeds = [1, 2, 3]
///
/// [[arm]]                        # the first is what the others are compared with
/// name = "cosface"
///
/// [[arm]]
/// name = "softmax"
/// recipe = { loss = { kind = "softmax" } }    # what is changed, as in a recipe with `base`
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The recipe's file.
    base: PathBuf,
    seeds: Vec<u64>,
    /// A name, and the recipe from each seed.
    arms: Vec<(String, Vec<Recipe>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    base: PathBuf,
    seeds: Vec<u64>,
    arm: Vec<RawArm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArm {
    name: String,
    #[serde(default)]
    recipe: Table,
}

impl Grid {
    /// Reads a grid and all its recipes.
    ///
    /// # Errors
    /// [`Error::File`] if a file cannot be read; [`Error::Recipe`] for a field or value that there is not, fewer than two arms,
    /// or the same arm or seed twice.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let refused = |reason: String| Error::Recipe { path: path.to_owned(), reason };
        let mut text = String::new();
        File::open(path)
            .and_then(|opened| opened.take(LARGEST).read_to_string(&mut text))
            .map_err(file(path))?;
        let raw: Raw =
            toml::from_str(&text).map_err(|error| refused(format!("is no grid: {}", error.message())))?;
        if raw.arm.len() < 2 {
            return Err(refused("two [[arm]] or more are needed".to_owned()));
        }
        if raw.seeds.is_empty() || raw.seeds.iter().collect::<BTreeSet<_>>().len() < raw.seeds.len() {
            return Err(refused("seeds must be one or more, each once".to_owned()));
        }
        let base = path.parent().unwrap_or(Path::new("")).join(&raw.base);
        let mut names = BTreeSet::new();
        let mut arms = Vec::new();
        for RawArm { name, recipe } in raw.arm {
            if name.is_empty() || plain(&name) != name || !names.insert(name.to_lowercase()) {
                let reason = "arm: each needs a name of its own, of ASCII letters, digits, `.`, `_` or `-`";
                return Err(refused(reason.to_owned()));
            }
            if recipe.contains_key("seed") {
                return Err(refused(format!("arm {name}: seeds are those of the grid")));
            }
            let from = |&seed: &u64| {
                let mut changes = recipe.clone();
                let seed = i64::try_from(seed)
                    .map_err(|_| refused(format!("seeds must be at most {}", i64::MAX)))?;
                changes.insert("seed".to_owned(), seed.into());
                Recipe::changed(&base, &changes).map_err(|error| refused(format!("arm {name}: {error}")))
            };
            let recipes = raw.seeds.iter().map(from).collect::<Result<_, Error>>()?;
            arms.push((name, recipes));
        }
        Ok(Self { base, seeds: raw.seeds, arms })
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.arms.len() * self.seeds.len()
    }

    /// The folder that the paths of the recipes are relative to.
    fn folder(&self) -> &Path {
        self.base.parent().unwrap_or(Path::new(""))
    }
}

/// Who watches the runs of a grid.
pub trait WatchRuns: Watch {
    /// A run begins: its arm, its seed, its number from 1.
    fn run(&mut self, arm: &str, seed: u64, number: usize);
}

/// What a grid showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ablation {
    /// What was looked at, in words.
    pub on: String,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// The arms, in their order.
    pub arms: Vec<Arm>,
}

/// What an arm showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// What came of each seed.
    pub runs: Vec<Trained>,
    /// Error rates, each with what it is.
    pub rates: Vec<Rate>,
}

/// An error rate of an arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// What it is, such as `FNMR at FMR 0.01`.
    pub measure: String,
    /// Of each seed.
    pub of_seeds: Vec<f64>,
    /// The mean over the seeds, with its interval over people.
    pub mean: Estimate,
    /// How much more it is than that of the first arm, over the same people; `None` for the first arm.
    pub difference: Option<Difference>,
}

impl Rate {
    /// The standard deviation over the seeds; `None` of one.
    pub fn deviation(&self) -> Option<f64> {
        deviation(&self.of_seeds)
    }

    /// The standard deviation, over the seeds, of the difference from a rate of another arm; `None` of one.
    pub fn deviation_from(&self, other: &Self) -> Option<f64> {
        let differences: Vec<f64> = self.of_seeds.iter().zip(&other.of_seeds).map(|(a, b)| a - b).collect();
        deviation(&differences)
    }
}

fn deviation(values: &[f64]) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// Follows the recipes of a grid, each into `FOLDER/ARM/seed-N`, and compares the arms on the people who are held out. Runs that
/// are done are not done again.
///
/// # Errors
/// Those of [`train`]; [`Error::Refused`] if nobody is held out, if they are too few for an interval, or if arms hold out
/// different people.
pub fn ablate(
    grid: &Grid,
    folder: &Path,
    maker: &Maker,
    device: &Device,
    watch: &mut dyn WatchRuns,
) -> Result<Ablation, Error> {
    // What cannot be compared is found before the first step of all.
    let [(_, first), others @ ..] = &grid.arms[..] else { return Err(nobody()) };
    let looked = Material::of(&first[0], grid.folder())?.held_out.ok_or_else(nobody)?;
    if looked.people() < MIN_PEOPLE {
        let reason = format!(
            "[data] {} people are held out, and intervals need {MIN_PEOPLE}: give a larger hold_out",
            looked.people()
        );
        return Err(Error::Refused { reason });
    }
    let same = looked_at(&first[0], grid.folder())?;
    for (name, recipes) in others {
        if looked_at(&recipes[0], grid.folder())? != same {
            let reason = format!(
                "arm {name}: other pictures, or other people, are held out than in the first arm: hold out the same"
            );
            return Err(Error::Refused { reason });
        }
    }
    let on = looked.words();
    let impostors = looked.pairs()[1] as f64;
    drop(looked);
    let mut runs = vec![Vec::new(); grid.arms.len()];
    let mut number = 0;
    for (at, &seed) in grid.seeds.iter().enumerate() {
        for ((name, recipes), runs) in grid.arms.iter().zip(&mut runs) {
            number += 1;
            watch.run(name, seed, number);
            let place = Place { base: grid.folder(), folder: &run_of(folder, name, seed), maker };
            runs.push(train(&recipes[at], place, device, watch)?.1);
        }
    }
    let mut statistics = vec![("EER".to_owned(), Statistic::Eer)];
    let supported = RATES.iter().filter(|&fmr| fmr * impostors >= 10.0);
    statistics.extend(supported.map(|&fmr| (format!("FNMR at FMR {fmr}"), Statistic::FnmrAtFmr(fmr))));
    let mut first: Option<Vec<ScoredPairs>> = None;
    let mut arms = Vec::new();
    for ((name, recipes), runs) in grid.arms.iter().zip(runs) {
        let scored = recipes.iter().zip(&grid.seeds);
        let scored: Vec<ScoredPairs> = scored
            .map(|(recipe, &seed)| scored_by(recipe, grid.folder(), &run_of(folder, name, seed), device))
            .collect::<Result<_, _>>()?;
        let bootstrap = Bootstrap::default();
        let rate = |(measure, statistic): &(String, Statistic)| {
            let compared = |first| bootstrap.difference_of_means(&scored, first, *statistic);
            Ok(Rate {
                measure: measure.clone(),
                of_seeds: scored.iter().map(|one| statistic.of(one)).collect::<Result<_, _>>()?,
                mean: bootstrap.mean(&scored, *statistic)?,
                difference: first.as_deref().map(compared).transpose()?,
            })
        };
        let rates: Result<_, evaluation::Error> = statistics.iter().map(rate).collect();
        let rates = rates.map_err(|error| Error::Refused { reason: format!("arm {name}: {error}") })?;
        arms.push(Arm { name: name.clone(), runs, rates });
        first.get_or_insert(scored);
    }
    Ok(Ablation { on, seeds: grid.seeds.clone(), arms })
}

/// Who is looked at by a recipe's runs.
fn looked_at(recipe: &Recipe, base: &Path) -> Result<Option<String>, Error> {
    Ok(recipe.data.split(base)?.held_out.as_deref().map(identity))
}

fn nobody() -> Error {
    Error::Refused { reason: "[data] holds nobody out to compare arms by: give hold_out".to_owned() }
}

fn run_of(folder: &Path, arm: &str, seed: u64) -> PathBuf {
    folder.join(arm).join(format!("seed-{seed}"))
}

/// The pairs of people who are held out, by what came of a run.
fn scored_by(recipe: &Recipe, base: &Path, run: &Path, device: &Device) -> Result<ScoredPairs, Error> {
    let held_out = Material::of(recipe, base)?.held_out.ok_or_else(nobody)?;
    let (student, _) = checkpoint::student(run, recipe, device)?;
    let vectors = embed(&student.backbone, &recipe.pixels, held_out.images(), device);
    held_out
        .scored(&vectors)
        .map_err(|error| Error::Refused { reason: format!("people who are held out: {error}") })
}

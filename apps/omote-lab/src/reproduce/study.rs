//! What is made, trained and looked at to reproduce a paper: a TOML file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use dataset::Data;
use serde::Deserialize;
use toml::Table;
use training::Recipe;

use super::runs::{CLASSES, plain};
use super::sets::named;
use crate::commands::crop::template;

/// A study.
///
/// ```toml
/// [sets.faces]                       # made once, when the first run needs it
/// kind = "drawn"
/// recipe = { kind = "recognition", seed = 1, people = 100, pictures = 10, size = 112, aligned = true }
///
/// [grids.margins]                    # networks are trained, each arm from each seed
/// seeds = [1, 2, 3]
/// recipe = { ... }                   # of a run, without `seed`; paths in [data] are names of sets; what grids have in
///                                    # common may stand in [recipe] of the study
/// arms = [{ name = "m1", recipe = { ... } }, ...]
/// tests = [{ name = "strangers", data = { ... } }]
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Data sets, by their names.
    pub sets: BTreeMap<String, Set>,
    /// What the recipes of all grids have in common.
    #[serde(default)]
    pub recipe: Table,
    /// What is trained, by name.
    pub grids: BTreeMap<String, Grid>,
}

/// How a data set is made.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Set {
    /// Drawn by a recipe of synthetic faces.
    Drawn {
        /// The recipe.
        recipe: Table,
    },
    /// Faces that a detector finds in the pictures of another set, cut out.
    Cropped {
        /// The other set's name.
        of: String,
        /// Name of the detector.
        detector: String,
        /// Their size, as `omote-lab crop` takes it.
        size: String,
    },
    /// As that, of photos that whoever reproduces the paper has.
    Photos {
        /// Where they lie: a section `[data]` whose paths are relative to the folder of photos.
        data: Data,
        /// Name of the detector.
        detector: String,
        /// Their size, as `omote-lab crop` takes it.
        size: String,
    },
}

/// Networks that are trained alike but for one thing.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// The recipe of a run, without its seed: what is changed in that of the study.
    #[serde(default)]
    pub recipe: Table,
    /// Where chance begins.
    pub seeds: Vec<u64>,
    /// What differs. The first is what the others are compared with.
    pub arms: Vec<Arm>,
    /// What the networks are looked at by.
    pub tests: Vec<Test>,
    /// Whether the vectors of the classes that they learn are kept too.
    #[serde(default)]
    pub classes: bool,
}

/// What is changed in a recipe.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// What it is called.
    pub name: String,
    /// The changes, as in a recipe with `base`.
    #[serde(default)]
    pub recipe: Table,
    /// Its own seeds, where they are not those of the grid.
    #[serde(default)]
    pub seeds: Option<Vec<u64>>,
}

/// Faces that a network is looked at by.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// What it is called.
    pub name: String,
    /// Where they are; the path is the name of a set.
    pub data: Data,
    /// Whether those are taken who are held out, not those who are learned.
    #[serde(default)]
    pub held_out: bool,
    /// The seeds whose networks are looked at by it, where they are not all.
    #[serde(default)]
    pub seeds: Option<Vec<u64>>,
}

/// A run of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Run<'a> {
    /// Name of the grid.
    pub grid: &'a str,
    /// Name of the arm.
    pub arm: &'a str,
    /// Its seed.
    pub seed: u64,
    /// The whole recipe.
    pub recipe: Recipe,
    /// What it is looked at by.
    pub tests: Vec<&'a Test>,
    /// Whether the vectors of its classes are kept.
    pub classes: bool,
}

impl Study {
    /// Reads a study and what it is based on.
    ///
    /// # Errors
    /// If a file cannot be read, or does not say what can be made, with its name.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let table = dataset::read_based(path)?;
        let study: Self = table.try_into().with_context(|| format!("{} is no study", path.display()))?;
        study.check().with_context(|| path.display().to_string())?;
        Ok(study)
    }

    fn check(&self) -> anyhow::Result<()> {
        for (name, set) in &self.sets {
            match set {
                Set::Drawn { recipe } => drop(drawn(name, recipe)?),
                Set::Cropped { of, .. } if !matches!(self.sets.get(of), Some(Set::Drawn { .. })) => {
                    bail!("sets.{name}: of = {of:?} is no set that is drawn")
                }
                Set::Cropped { size, .. } | Set::Photos { size, .. } => {
                    template(size).map_err(|error| anyhow!("sets.{name}: size: {error}"))?;
                }
            }
        }
        for (name, grid) in &self.grids {
            let mut names = BTreeSet::from([String::new()]);
            if let Some(arm) = grid.arms.iter().find(|arm| !names.insert(plain(&arm.name))) {
                bail!("grids.{name}: arms need names of their own, but one is {:?}", arm.name);
            }
            let mut names = BTreeSet::from([String::new(), CLASSES.to_owned()]);
            if let Some(test) = grid.tests.iter().find(|test| !names.insert(plain(&test.name))) {
                bail!("grids.{name}: tests need names of their own, but one is {:?}", test.name);
            }
            let mut seeds = grid.arms.iter().map(|arm| arm.seeds.as_ref().unwrap_or(&grid.seeds));
            if seeds
                .any(|seeds| seeds.is_empty() || seeds.iter().collect::<BTreeSet<_>>().len() < seeds.len())
            {
                bail!("grids.{name}: each arm needs seeds, each of them once");
            }
            let own = grid.arms.iter().map(|arm| &arm.recipe).chain([&grid.recipe, &self.recipe]);
            if own.into_iter().any(|recipe| recipe.contains_key("seed")) {
                bail!("grids.{name}: a recipe has a seed, but they stand in seeds");
            }
            let runs = self.runs_of(name)?;
            let of_tests = grid.tests.iter().flat_map(|test| named(&test.data));
            let mut wanted = runs.iter().flat_map(|run| named(&run.recipe.data)).chain(of_tests);
            if let Some(set) = wanted.find(|set| !self.sets.contains_key(*set)) {
                bail!("grids.{name}: {set:?} is no set of this study");
            }
        }
        Ok(())
    }

    /// Asks for an arm without which nothing can be said.
    ///
    /// # Errors
    /// If the grid is there, and the arm is not.
    pub fn wants(&self, grid: &str, arm: &str) -> anyhow::Result<()> {
        if self.grids.get(grid).is_some_and(|grid| grid.arms.iter().all(|one| one.name != arm)) {
            bail!("grids.{grid} must have an arm named {arm:?}, of which the paper speaks");
        }
        Ok(())
    }

    /// The runs of a grid, seed by seed, so that all arms are there once before any is there twice.
    ///
    /// # Errors
    /// If there is no such grid, or a recipe of it cannot be followed.
    pub fn runs_of<'a>(&'a self, grid: &'a str) -> anyhow::Result<Vec<Run<'a>>> {
        let Some((grid, Grid { recipe: changes, seeds, arms, tests, classes })) =
            self.grids.get_key_value(grid)
        else {
            bail!("there is no grid {grid:?}");
        };
        let mut runs = Vec::new();
        for arm in arms {
            for (turn, &seed) in arm.seeds.as_ref().unwrap_or(seeds).iter().enumerate() {
                let mut table = self.recipe.clone();
                let said = || format!("grids.{grid}, arm {}", arm.name);
                for changes in [changes, &arm.recipe] {
                    dataset::merge(&mut table, changes.clone())
                        .map_err(anyhow::Error::msg)
                        .with_context(said)?;
                }
                table.insert("seed".to_owned(), i64::try_from(seed).with_context(said)?.into());
                let recipe = Recipe::parse(&table.to_string(), Path::new("recipe")).with_context(said)?;
                let asked = |test: &&Test| test.seeds.as_ref().is_none_or(|seeds| seeds.contains(&seed));
                let tests = tests.iter().filter(asked).collect();
                runs.push((turn, Run { grid, arm: &arm.name, seed, recipe, tests, classes: *classes }));
            }
        }
        runs.sort_by_key(|(turn, _)| *turn);
        Ok(runs.into_iter().map(|(_, run)| run).collect())
    }
}

/// The recipe of a set that is drawn.
///
/// # Errors
/// If it is none.
pub fn drawn(name: &str, recipe: &Table) -> anyhow::Result<dataset::Recipe> {
    Ok(dataset::Recipe::parse(&recipe.to_string(), Path::new(&format!("sets.{name}")))?)
}

#[cfg(test)]
impl Study {
    /// The study of a paper that the repository has.
    pub fn of_the_repository(paper: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/reproduce");
        Self::load(&folder.join(paper).with_extension("toml")).unwrap()
    }

    /// Asks for what is spoken of in the code.
    pub fn has(&self, grid: &str, arm: &str, test: &str) {
        let found = &self.grids[grid];
        assert!(found.arms.iter().any(|one| one.name == arm), "{grid}: {arm}");
        assert!(found.tests.iter().any(|one| one.name == test), "{grid}: {test}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(text: &str) -> Result<Study, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.toml");
        std::fs::write(&path, text).unwrap();
        Study::load(&path).map_err(|error| format!("{error:#}"))
    }

    const GOOD: &str = "[sets.faces]\nkind = 'drawn'\n\
        recipe = { kind = 'recognition', seed = 1, people = 4, pictures = 2, size = 32 }\n\
        [sets.crops]\nkind = 'cropped'\nof = 'faces'\ndetector = 'mtcnn'\nsize = '96x112'\n\
        [grids.g]\nseeds = [5, 6]\narms = [{ name = 'a' }, { name = 'm = 2', recipe = { loss = { margin = 2 } }, seeds = [5] }]\n\
        tests = [{ name = 't', data = { kind = 'written', path = 'faces' } }, \
        { name = 'u', data = { kind = 'written', path = 'crops' }, seeds = [6] }]\n\
        [grids.g.recipe]\nrun = { epochs = 1, batch = 2 }\ndata = { kind = 'written', path = 'faces' }\n\
        backbone = { kind = 'sphereface', depth = 4 }\nloss = { kind = 'a-softmax', margin = 1 }\n";

    #[test]
    fn arms_are_trained_seed_by_seed() {
        let study = study(GOOD).unwrap();
        let runs = study.runs_of("g").unwrap();
        let order: Vec<_> = runs.iter().map(|run| (run.arm, run.seed, run.recipe.seed)).collect();
        assert_eq!(order, [("a", 5, 5), ("m = 2", 5, 5), ("a", 6, 6)]);
        assert_ne!(runs[0].recipe.loss, runs[1].recipe.loss);
        assert_eq!(runs.iter().map(|run| run.tests.len()).collect::<Vec<_>>(), [1, 1, 2]);
        assert!(study.runs_of("other").is_err());
        assert!(study.wants("g", "a").is_ok() && study.wants("other", "b").is_ok());
        assert!(study.wants("g", "b").unwrap_err().to_string().contains("an arm named \"b\""));
    }

    #[test]
    fn studies_are_checked_before_anything_is_made() {
        for (change, to, said) in [
            ("margin = 2", "margin = 7", "grids.g, arm m = 2"),
            ("seeds = [5]", "seeds = [-1]", "study"),
            ("'m = 2'", "'A'", "names of their own"),
            ("'m = 2'", "'='", "names of their own"),
            ("of = 'faces'", "of = 'heads'", "sets.crops: of"),
            ("size = 32", "size = 3", "sets.faces"),
            ("kind = 'drawn'", "kind = 'painted'", "is no study"),
            ("seeds = [5, 6]", "seeds = [5, 6]\nruns = 2", "is no study"),
            ("seeds = [5, 6]", "seeds = [5, 5]", "each of them once"),
            ("seeds = [5, 6]", "seeds = []", "needs seeds"),
            ("epochs = 1, batch = 2 }", "epochs = 1, batch = 2 }\nseed = 3", "stand in seeds"),
            ("name = 'u'", "name = 'T'", "tests need names of their own"),
            ("name = 'u'", "name = 'Classes'", "tests need names of their own"),
            ("path = 'crops'", "path = 'heads'", "\"heads\" is no set"),
            ("'96x112'", "'96'", "sets.crops: size"),
        ] {
            assert!(GOOD.contains(change));
            let error = study(&GOOD.replace(change, to)).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn the_studies_of_the_repository_can_be_followed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/reproduce");
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let study = Study::load(&path).unwrap_or_else(|error| panic!("{error:#}"));
            assert!(!study.grids.is_empty());
        }
    }
}

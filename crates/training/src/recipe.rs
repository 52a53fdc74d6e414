//! Recipes of training runs: a TOML file for each.

use std::path::Path;

use dataset::{Augmentation, Data, LabelNoise, Sampler, merge, parse_based, read_based};
use model::Frame;
use nets::backbones::{BackboneConfig, Shape};
use nets::losses::LossConfig;
use serde::{Deserialize, Serialize};
use toml::Table;

use crate::{About, Error, OptimizerConfig, Pixels, Schedule};

/// All that a run depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Decides over all that is left to chance.
    pub seed: u64,
    /// How long, how often.
    pub run: Run,
    /// What is learned from.
    pub data: Data,
    /// In which order.
    #[serde(default)]
    pub sampler: Sampler,
    /// What is done to each picture.
    #[serde(default)]
    pub augmentation: Augmentation,
    /// Wrong labels on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<LabelNoise>,
    /// What the network is given.
    #[serde(default)]
    pub pixels: Pixels,
    /// Which network.
    pub backbone: BackboneConfig,
    /// What is made smaller.
    pub loss: LossConfig,
    /// How.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// How its rate changes.
    #[serde(default)]
    pub schedule: Schedule,
    /// What is said of the model that comes of it.
    #[serde(default)]
    pub model: About,
}

/// The section `[run]`: how long, how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// How often all is gone through; or `steps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<f64>,
    /// Steps of the optimiser; or `epochs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Pictures of a batch.
    pub batch: usize,
    /// Batches of a step, whose gradients are added up.
    #[serde(default = "one")]
    pub accumulate: usize,
    /// Megabytes of decoded pictures that are kept from epoch to epoch.
    #[serde(default)]
    pub cache: usize,
    /// Steps from one checkpoint to the next, and from one look at people who are held out to the next.
    #[serde(default = "often")]
    pub checkpoint: u64,
    /// Longest gradient of all parameters together; longer ones are shortened to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
    /// Part of the mean of the weights over the steps that stays at each step; that mean is what is kept in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// The run ends when so many looks at people who are held out in a row saw nothing better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
}

fn one() -> usize {
    1
}

fn often() -> u64 {
    500
}

impl Run {
    fn check(&self) -> Result<(), String> {
        match (self.epochs, self.steps) {
            (Some(epochs), None) if !(epochs > 0.0 && epochs <= 1e6) => {
                return Err("epochs must be above 0 and at most 1,000,000".to_owned());
            }
            (None, Some(0)) => return Err("steps must be at least 1".to_owned()),
            (Some(_), None) | (None, Some(_)) => (),
            _ => return Err("either epochs or steps must be given".to_owned()),
        }
        if !(2..=65_536).contains(&self.batch) {
            return Err("batch must be from 2 to 65,536".to_owned());
        }
        if self.patience == Some(0) {
            return Err("patience must be at least 1".to_owned());
        }
        if !(1..=1024).contains(&self.accumulate) {
            return Err("accumulate must be from 1 to 1024".to_owned());
        }
        if self.cache > 1 << 20 {
            return Err("cache must be at most 1,048,576 megabytes".to_owned());
        }
        if self.checkpoint == 0 {
            return Err("checkpoint must be at least 1".to_owned());
        }
        if self.clip.is_some_and(|clip| clip.is_nan() || clip <= 0.0) {
            return Err("clip must be above 0".to_owned());
        }
        if self.average.is_some_and(|keep| !(0.0..1.0).contains(&keep)) {
            return Err("average must be from 0 to below 1".to_owned());
        }
        Ok(())
    }

    /// Steps of a run over so many pictures an epoch.
    pub(crate) fn steps_of(&self, pictures: u64) -> u64 {
        let of_step = (self.batch * self.accumulate) as f64;
        match (self.steps, self.epochs) {
            (Some(steps), _) => steps,
            (None, epochs) => ((epochs.unwrap_or(1.0) * pictures as f64 / of_step).round() as u64).max(1),
        }
    }
}

impl Recipe {
    /// Reads a recipe, and those that it is based on: `base = "other.toml"` takes another recipe, relative to this one, whose
    /// fields those of this one replace, table by table. A table whose `kind` is another replaces the whole, and
    /// `without = ["noise", "run.clip"]` takes back what the base says.
    ///
    /// # Errors
    /// [`Error::File`] if one cannot be read; [`Error::Recipe`] for a field or value that there is not.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_table(read_based(path)?, path)
    }

    /// Reads a recipe from text; `path` is what errors call it, and what others are relative to.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        Self::from_table(parse_based(text, path)?, path)
    }

    /// Reads a recipe from a file and changes some of it, as another recipe that is based on it would.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn changed(path: &Path, changes: &Table) -> Result<Self, Error> {
        let mut table = read_based(path)?;
        merge(&mut table, changes.clone())
            .map_err(|reason| Error::Recipe { path: path.to_owned(), reason })?;
        Self::from_table(table, path)
    }

    fn from_table(table: Table, path: &Path) -> Result<Self, Error> {
        let refused = |reason: String| Error::Recipe { path: path.to_owned(), reason };
        let recipe: Self =
            table.try_into().map_err(|error| refused(format!("is no recipe of a run: {error}")))?;
        recipe.check().map_err(refused)?;
        Ok(recipe)
    }

    /// Whether the recipe can be followed.
    ///
    /// # Errors
    /// Which field of which section is out of its range, in words.
    pub fn check(&self) -> Result<(), String> {
        let section =
            |name: &str, found: Result<(), String>| found.map_err(|reason| format!("[{name}] {reason}"));
        section("run", self.run.check())?;
        section("data", self.data.check())?;
        section("sampler", self.sampler.check())?;
        section("augmentation", self.augmentation.check())?;
        section("noise", self.noise.as_ref().map_or(Ok(()), LabelNoise::check))?;
        section("pixels", self.pixels.check())?;
        section("backbone", self.backbone.check())?;
        section("loss", self.loss.check())?;
        section("optimizer", self.optimizer.check())?;
        section("schedule", self.schedule.check())?;
        section("model", self.model.check())?;
        self.check_input()?;
        self.check_loss()?;
        match self.sampler.batch() {
            Some(batch) if batch != self.run.batch => {
                Err(format!("[run] batch must be {batch}, as many pictures as [sampler] puts into one"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the run side can cut out faces for the network.
    fn check_input(&self) -> Result<(), String> {
        let Shape { channels, width, height } = self.backbone.input();
        if channels != 3 {
            return Err(
                "[backbone] networks of grey pictures cannot be trained by a recipe: take channels = 3"
                    .to_owned(),
            );
        }
        match self.frame() {
            Some(_) => Ok(()),
            None => Err(format!(
                "[backbone] input is {height} x {width} pixels, at which no face is aligned: take 112 x 112, 56 x 56, 28 x 28, \
                 112 x 96, 56 x 48 or 28 x 24, or a square of another multiple of 112 or 128"
            )),
        }
    }

    /// How faces are cut out for the network.
    pub(crate) fn frame(&self) -> Option<Frame> {
        let Shape { width, height, .. } = self.backbone.input();
        Frame::ALL.into_iter().find(|frame| frame.fits(width as u32, height as u32))
    }

    /// Whether the loss finds what it compares, and is changed as it wants to be.
    fn check_loss(&self) -> Result<(), String> {
        use LossConfig::{CirclePairs, Contrastive, PartialFc, Range, Triplet};
        let compares = matches!(self.loss, CirclePairs(_) | Contrastive(_) | Triplet(_) | Range(_));
        if compares && !matches!(self.sampler, Sampler::PByK(_)) {
            return Err("[loss] compares pictures of a batch with each other, of which few would be of one person: give \
                        [sampler] kind = \"p_by_k\""
                .to_owned());
        }
        if matches!(self.loss, PartialFc(_)) && matches!(self.optimizer, OptimizerConfig::AdamW { .. }) {
            return Err("[optimizer] adamw moves the classes that partial-fc leaves out of a step: take sgd"
                .to_owned());
        }
        Ok(())
    }

    /// Whether the lengths of embeddings are trained to be the quality of the pictures.
    pub(crate) fn measures_quality(&self) -> bool {
        match &self.loss {
            LossConfig::PartialFc(partial) => matches!(*partial.head, LossConfig::MagFace(_)),
            loss => matches!(loss, LossConfig::MagFace(_)),
        }
    }

    /// What network and loss are called in a recipe.
    pub(crate) fn kinds(&self) -> [String; 2] {
        let kind = |section: Result<toml::Value, _>| {
            let section: toml::Value = section.ok()?;
            Some(section.get("kind")?.as_str()?.to_owned())
        };
        let kinds = [kind(toml::Value::try_from(&self.backbone)), kind(toml::Value::try_from(&self.loss))];
        kinds.map(Option::unwrap_or_default)
    }

    /// The recipe with all that was left to defaults: what is kept beside what comes of it.
    pub fn resolved(&self) -> Self {
        Self { augmentation: self.augmentation.resolved(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const GOOD: &str = "seed = 1\n\
        [run]\nepochs = 2\nbatch = 8\n\
        [data]\nkind = 'folders'\npath = 'photos'\n\
        [backbone]\nkind = 'sphereface'\ndepth = 4\n\
        [loss]\nkind = 'cosface'\n";

    fn parse(text: &str) -> Result<Recipe, String> {
        Recipe::parse(text, Path::new("r.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_recipe_is_checked_section_by_section() {
        let recipe = parse(GOOD).unwrap();
        let text = toml::to_string(&recipe.resolved()).unwrap();
        assert_eq!(parse(&text).unwrap(), recipe.resolved(), "{text}");
        for (change, to, said) in [
            ("epochs = 2", "epochs = 0", "[run] epochs"),
            ("epochs = 2", "", "[run] either epochs or steps"),
            ("epochs = 2", "epochs = 2\nsteps = 3", "[run] either"),
            ("epochs = 2", "steps = 0", "[run] steps"),
            ("batch = 8", "batch = 1", "[run] batch"),
            ("batch = 8", "batch = 100000", "[run] batch"),
            ("batch = 8", "batch = 8\npatience = 0", "[run] patience"),
            ("batch = 8", "batch = 8\naverage = 1.0", "[run] average"),
            ("batch = 8", "batch = 8\nclip = nan", "[run] clip"),
            ("batch = 8", "batch = 8\ncheckpoint = 0", "[run] checkpoint"),
            ("batch = 8", "batch = 8\nspeed = 9", "unknown field `speed`"),
            ("'folders'", "'folder'", "unknown variant `folder`"),
            ("depth = 4", "depth = 5", "[backbone]"),
            ("'cosface'", "'cosface'\nscale = -1", "[loss]"),
            (
                "seed = 1",
                "seed = 1\nsampler = { kind = 'p_by_k', classes = 3, pictures = 2 }",
                "[run] batch must be 6",
            ),
            ("seed = 1", "seed = 1\nschedule = { kind = 'cosine', lowest = 3 }", "[schedule] lowest"),
            ("seed = 1", "seed = ", "is no TOML"),
            ("kind = 'sphereface'\ndepth = 4", "kind = 'lightcnn'", "grey"),
            ("seed = 1", "seed = 1\nbase = 3", "base must be"),
            ("depth = 4", "depth = 4\ninput = [60, 60]", "[backbone] input is 60 x 60 pixels"),
            ("'cosface'", "'triplet'", "[sampler] kind = \"p_by_k\""),
            ("'cosface'", "'range'", "[sampler] kind = \"p_by_k\""),
            (
                "kind = 'cosface'",
                "kind = 'partial-fc'\nhead = { kind = 'cosface' }\n[optimizer]\nkind = 'adamw'\nrate = 0.001",
                "take sgd",
            ),
            ("seed = 1", "seed = 1\nmodel = { name = 'a b' }", "[model] name"),
        ] {
            assert!(GOOD.contains(change));
            let error = parse(&GOOD.replace(change, to)).unwrap_err();
            assert!(error.starts_with("r.toml") && error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn recipes_are_based_on_others() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        write("all.toml", GOOD);
        write("long.toml", "base = 'all.toml'\n[run]\nepochs = 9");
        let last = write("arm.toml", "base = 'long.toml'\nseed = 2\n[loss]\nkind = 'arcface'\nmargin = 0.3");
        let recipe = Recipe::load(&last).unwrap();
        assert_eq!((recipe.seed, recipe.run.epochs, recipe.run.batch), (2, Some(9.0), 8));
        assert!(matches!(recipe.loss, LossConfig::ArcFace(_)));
        let short = write("short.toml", "base = 'long.toml'\n[run]\nsteps = 7");
        let run = Recipe::load(&short).unwrap().run;
        assert_eq!((run.epochs, run.steps), (None, Some(7)));
        let circle = write("circle.toml", "base = 'circle.toml'");
        assert!(Recipe::load(&circle).unwrap_err().to_string().contains("in a circle"));
        let lost = write("lost.toml", "base = 'nowhere.toml'");
        assert!(Recipe::load(&lost).unwrap_err().to_string().contains("nowhere.toml"));
    }

    #[test]
    fn steps_are_counted() {
        let run = parse(GOOD).unwrap().run;
        assert_eq!((run.steps_of(100), run.steps_of(1)), (25, 1));
        assert_eq!(Run { accumulate: 5, ..run.clone() }.steps_of(100), 5);
        assert_eq!(Run { epochs: None, steps: Some(7), ..run }.steps_of(100), 7);
    }
}

//! By which method faces are grouped, and what it is told.

use anyhow::bail;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clustering::{Method, Parameter, Parameters};
use serde_json::{Map, Value, json};

use crate::cli::args::cosine;
use crate::cli::record::shortest;
use crate::cli::setup::Setup;

/// Flags that say how faces are grouped.
#[derive(clap::Args, Debug)]
#[group(id = "grouping")]
#[command(next_help_heading = "Method")]
pub struct Args {
    /// How faces are grouped (docs/grouping.md says when to use which)
    #[arg(long, value_name = "NAME", default_value = "chinese-whispers", value_parser = method())]
    method: Method,
    /// Cosine from which faces (average-linkage: groups of faces) belong together [default: measured for the method
    /// and the embedder]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    threshold: Option<f32>,
    /// Nearest neighbours that a face may be linked to [default: 200; fewer for connected-components, dbscan and
    /// rank-order]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..=1000))]
    neighbours: Option<u16>,
    /// density-peaks: cosine from which a neighbour makes the place of a face denser [default: the threshold]
    #[arg(long, value_name = "COSINE", value_parser = cosine, allow_negative_numbers = true)]
    near: Option<f32>,
    /// dbscan and hdbscan: faces around a face, itself among them, that make its place dense
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    min_samples: Option<u16>,
    /// hdbscan: size of the smallest group; other faces stay alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1000))]
    min_group: Option<u16>,
    /// rank-order: largest distance of two lists of neighbours
    #[arg(long, value_name = "DISTANCE", value_parser = distance, allow_negative_numbers = true)]
    rank_distance: Option<f64>,
    /// k-means: the number of people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    people: Option<u32>,
    /// chinese-whispers and k-means: seed of what is drawn at random [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Faces of one photo are different people: chinese-whispers and average-linkage
    #[arg(long)]
    pub same_photo_apart: bool,
}

fn method() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name)).try_map(|name| name.parse::<Method>())
}

fn distance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(distance) if (0.0..=f64::MAX).contains(&distance) => Ok(distance),
        _ => Err("expected a number of at least 0".to_owned()),
    }
}

/// A method and what it is told.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// What it is told.
    pub parameters: Parameters,
}

impl Args {
    /// The method, after a look at whether it can do with the flags: before any photo is read.
    pub fn checked(&self) -> anyhow::Result<Method> {
        let Args { method, .. } = *self;
        let takes = method.takes();
        if let Some(flag) = self.given().into_iter().find(|flag| !takes.contains(flag)) {
            let flags: Vec<String> = takes.iter().map(|flag| format!("--{flag}")).collect();
            bail!("--{flag} says nothing to {method}, which takes {}", flags.join(", "));
        }
        if method == Method::KMeans && self.people.is_none() {
            bail!(
                "k-means cannot find out how many people there are: say how many with --people, or use another --method"
            );
        }
        if self.same_photo_apart && !method.keeps_apart() {
            return Err(clustering::Error::NotApart { method: method.name() }.into());
        }
        Ok(method)
    }

    /// The parameters that were typed.
    fn given(&self) -> Vec<Parameter> {
        let typed = [
            (Parameter::Threshold, self.threshold.is_some()),
            (Parameter::Neighbours, self.neighbours.is_some()),
            (Parameter::Near, self.near.is_some()),
            (Parameter::MinSamples, self.min_samples.is_some()),
            (Parameter::MinGroup, self.min_group.is_some()),
            (Parameter::RankDistance, self.rank_distance.is_some()),
            (Parameter::People, self.people.is_some()),
            (Parameter::Seed, self.seed.is_some()),
        ];
        typed.into_iter().filter(|(_, given)| *given).map(|(parameter, _)| parameter).collect()
    }

    /// The method with what was typed, what was measured for the embedder, and its defaults, in this order.
    pub fn choice(&self, setup: &Setup) -> anyhow::Result<Choice> {
        let method = self.checked()?;
        let defaults = method.defaults();
        let threshold = match method.takes().contains(&Parameter::Threshold) {
            true => setup.link_threshold(method, self.threshold)?,
            false => defaults.threshold,
        };
        let size = |given: Option<u16>, default| given.map_or(default, usize::from);
        let parameters = Parameters {
            threshold,
            neighbours: size(self.neighbours, defaults.neighbours),
            near: self.near,
            min_samples: size(self.min_samples, defaults.min_samples),
            min_group: size(self.min_group, defaults.min_group),
            rank_distance: self.rank_distance.unwrap_or(defaults.rank_distance),
            people: self.people.map(|people| people as usize),
            seed: self.seed.unwrap_or(defaults.seed),
        };
        if method == Method::Dbscan && parameters.min_samples > parameters.neighbours + 1 {
            bail!(
                "--min-samples {} can never be reached with --neighbours {}: give at least {} neighbours",
                parameters.min_samples,
                parameters.neighbours,
                parameters.min_samples - 1
            );
        }
        Ok(Choice { method, parameters })
    }
}

impl Choice {
    /// For JSON: what the method was told.
    pub fn record(&self) -> Value {
        let Parameters { threshold, neighbours, near, min_samples, min_group, rank_distance, people, seed } =
            self.parameters;
        let value = |parameter: &Parameter| match parameter {
            Parameter::Threshold => json!(shortest(threshold)),
            Parameter::Neighbours => json!(neighbours),
            Parameter::Near => json!(shortest(near.unwrap_or(threshold))),
            Parameter::MinSamples => json!(min_samples),
            Parameter::MinGroup => json!(min_group),
            Parameter::RankDistance => json!(rank_distance),
            Parameter::People => json!(people),
            Parameter::Seed => json!(seed),
            _ => Value::Null,
        };
        let key = |parameter: &Parameter| parameter.name().replace('-', "_");
        let entries = self.method.takes().iter().map(|parameter| (key(parameter), value(parameter)));
        Value::Object(entries.collect::<Map<_, _>>())
    }

    /// For people: "threshold 0.42, neighbours 200". The seed is left out, since it says nothing.
    pub fn describe(&self) -> String {
        let shown = self.method.takes().iter().filter(|&&parameter| parameter != Parameter::Seed);
        let parts =
            shown.filter_map(|&parameter| Some(format!("{parameter} {}", self.parameters.text(parameter)?)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use matching::LinkThresholds;

    use super::*;

    #[test]
    fn measured_thresholds_are_of_methods_that_take_one() {
        let mobilefacenet =
            "4c032df4f3623850d62696c58c87ca7208419a8d71ba7aa5b911d9f9ac6735bd".parse().unwrap();
        for flip in [false, true] {
            let measured = LinkThresholds::default_for(&mobilefacenet, flip).unwrap();
            for method in Method::ALL {
                let takes = method.takes().contains(&Parameter::Threshold);
                assert_eq!(measured.cosine(method.name()).is_some(), takes, "{method}");
                // The defaults of the library are those of this model.
                if let (Some(cosine), false) = (measured.cosine(method.name()), flip) {
                    assert_eq!(cosine, method.defaults().threshold, "{method}");
                }
            }
            assert!(measured.methods.keys().all(|name| name.parse::<Method>().is_ok()));
        }
    }
}

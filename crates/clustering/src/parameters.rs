//! What the methods can be told, and which of it each of them listens to.

use std::fmt;

use crate::Method;

/// What the methods can be told; each looks at what [`Method::takes`] lists. [`Method::defaults`] are good values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Cosine from which faces, or groups of faces, belong together. Depends on the model.
    pub threshold: f32,
    /// Nearest neighbours that a face is linked to.
    pub neighbours: usize,
    /// Cosine from which a neighbour counts for the density of a face; the threshold where it is `None`.
    pub near: Option<f32>,
    /// Faces around a face, itself among them, that make its place a dense one.
    pub min_samples: usize,
    /// The size of the smallest group that is not noise.
    pub min_group: usize,
    /// The largest rank-order distance of a link.
    pub rank_distance: f64,
    /// The number of people: k-means cannot do without.
    pub people: Option<usize>,
    /// The seed of what is drawn.
    pub seed: u64,
}

/// One of the [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parameter {
    /// [`Parameters::threshold`].
    Threshold,
    /// [`Parameters::neighbours`].
    Neighbours,
    /// [`Parameters::near`].
    Near,
    /// [`Parameters::min_samples`].
    MinSamples,
    /// [`Parameters::min_group`].
    MinGroup,
    /// [`Parameters::rank_distance`].
    RankDistance,
    /// [`Parameters::people`].
    People,
    /// [`Parameters::seed`].
    Seed,
}

impl Parameter {
    /// The name, in words joined by dashes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Neighbours => "neighbours",
            Self::Near => "near",
            Self::MinSamples => "min-samples",
            Self::MinGroup => "min-group",
            Self::RankDistance => "rank-distance",
            Self::People => "people",
            Self::Seed => "seed",
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Parameters {
    /// A parameter as it is written; `None` where it is left open.
    pub fn text(&self, parameter: Parameter) -> Option<String> {
        match parameter {
            Parameter::Threshold => Some(self.threshold.to_string()),
            Parameter::Neighbours => Some(self.neighbours.to_string()),
            Parameter::Near => self.near.map(|near| near.to_string()),
            Parameter::MinSamples => Some(self.min_samples.to_string()),
            Parameter::MinGroup => Some(self.min_group.to_string()),
            Parameter::RankDistance => Some(self.rank_distance.to_string()),
            Parameter::People => self.people.map(|people| people.to_string()),
            Parameter::Seed => Some(self.seed.to_string()),
        }
    }
}

impl Method {
    /// What the method listens to.
    pub fn takes(self) -> &'static [Parameter] {
        use Parameter::{MinGroup, MinSamples, Near, Neighbours, People, RankDistance, Seed, Threshold};
        match self {
            Self::ChineseWhispers => &[Threshold, Neighbours, Seed],
            Self::ConnectedComponents => &[Threshold, Neighbours],
            Self::DensityPeaks => &[Threshold, Neighbours, Near],
            Self::Dbscan => &[Threshold, Neighbours, MinSamples],
            Self::Hdbscan => &[MinSamples, MinGroup],
            Self::AverageLinkage => &[Threshold],
            Self::RankOrder => &[Neighbours, RankDistance],
            Self::KMeans => &[People, Seed],
        }
    }

    /// Settings to choose from, by trying them on photos of known people: the same for every model. A method that
    /// has nothing to choose gives its defaults.
    ///
    /// Cosines go from 0.2 to 0.7 in steps of 0.02. Where long lists of neighbours do no harm they stay long: how long
    /// they must be for people with hundreds of photos does not show on people with few.
    pub fn grid(self) -> Vec<Parameters> {
        let defaults = self.defaults();
        let cosines = || (10..=35).map(|step| step as f32 / 50.0);
        let with_cosines = |settings: Vec<Parameters>| -> Vec<Parameters> {
            let at =
                |&setting: &Parameters| cosines().map(move |threshold| Parameters { threshold, ..setting });
            settings.iter().flat_map(at).collect()
        };
        match self {
            Self::ChineseWhispers | Self::DensityPeaks | Self::AverageLinkage => with_cosines(vec![defaults]),
            Self::ConnectedComponents => {
                with_cosines([2, 5, 200].map(|neighbours| Parameters { neighbours, ..defaults }).to_vec())
            }
            Self::Dbscan => {
                let samples = [(5, 3), (5, 6), (200, 4), (200, 6), (200, 10)];
                let setting = |(neighbours, min_samples)| Parameters { neighbours, min_samples, ..defaults };
                with_cosines(samples.map(setting).to_vec())
            }
            Self::Hdbscan => {
                let sizes = [(2, 2), (3, 2), (5, 2), (3, 4), (5, 4)];
                sizes
                    .map(|(min_group, min_samples)| Parameters { min_group, min_samples, ..defaults })
                    .to_vec()
            }
            Self::RankOrder => {
                let distances = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];
                let lists = [10, 20, 30, 50, 100, 200];
                let all = lists.iter().flat_map(|&list| distances.map(|distance| (list, distance)));
                all.map(|(neighbours, rank_distance)| Parameters { neighbours, rank_distance, ..defaults })
                    .collect()
            }
            Self::KMeans => vec![defaults],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_differ_only_in_what_the_method_takes() {
        for method in Method::ALL {
            let grid = method.grid();
            assert!(!grid.is_empty() && grid.len() <= 200, "{method}");
            let shown = |parameters: &Parameters| -> Vec<_> {
                method.takes().iter().map(|&parameter| parameters.text(parameter)).collect()
            };
            let settings: std::collections::HashSet<_> = grid.iter().map(shown).collect();
            assert_eq!(settings.len(), grid.len(), "{method} tries a setting twice");
        }
    }

    #[test]
    fn cosines_are_written_as_they_are_said() {
        let grid = Method::ChineseWhispers.grid();
        let written: Vec<_> = grid.iter().filter_map(|setting| setting.text(Parameter::Threshold)).collect();
        assert_eq!((written[0].as_str(), written[7].as_str(), written[25].as_str()), ("0.2", "0.34", "0.7"));
        assert_eq!(grid[0].text(Parameter::Near), None);
    }
}

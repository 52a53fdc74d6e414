//! Every method under one name and one call, for command lines and comparisons.

use std::fmt;
use std::str::FromStr;

use index::View;

use crate::{
    Clusters, Error, ITERATIONS, average_linkage, chinese_whispers, connected_components, dbscan,
    density_peaks, hdbscan, k_means, rank_order,
};

/// A way to group faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// [`chinese_whispers`].
    ChineseWhispers,
    /// [`connected_components`].
    ConnectedComponents,
    /// [`density_peaks`].
    DensityPeaks,
    /// [`dbscan`].
    Dbscan,
    /// [`hdbscan()`].
    Hdbscan,
    /// [`average_linkage`].
    AverageLinkage,
    /// [`rank_order`].
    RankOrder,
    /// [`k_means`].
    KMeans,
}

/// What the methods can be told; each looks at some of it. [`Method::defaults`] are good values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Cosine from which faces, or groups of faces, belong together: Chinese whispers, components, density peaks,
    /// DBSCAN and average linkage. Depends on the model.
    pub threshold: f32,
    /// Nearest neighbours that a face is linked to: all methods on the graph.
    pub neighbours: usize,
    /// Cosine from which a neighbour counts for the density of a face: density peaks.
    pub near: f32,
    /// Faces around a face, itself among them, that make its place a dense one: DBSCAN and HDBSCAN.
    pub min_samples: usize,
    /// The size of the smallest group that is not noise: HDBSCAN.
    pub min_group: usize,
    /// The largest rank-order distance of a link: rank order.
    pub rank_distance: f64,
    /// The number of people: k-means, which cannot do without.
    pub people: Option<usize>,
    /// The seed of what is drawn: Chinese whispers and k-means.
    pub seed: u64,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 8] = [
        Self::ChineseWhispers,
        Self::ConnectedComponents,
        Self::DensityPeaks,
        Self::Dbscan,
        Self::Hdbscan,
        Self::AverageLinkage,
        Self::RankOrder,
        Self::KMeans,
    ];

    /// The name by which the method is chosen.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChineseWhispers => "chinese-whispers",
            Self::ConnectedComponents => "components",
            Self::DensityPeaks => "density-peaks",
            Self::Dbscan => "dbscan",
            Self::Hdbscan => "hdbscan",
            Self::AverageLinkage => "hac",
            Self::RankOrder => "rank-order",
            Self::KMeans => "k-means",
        }
    }

    /// The parameters with the best pairwise F on 5,999 photos of 285 people of CelebA (2 to 30 each), embedded by
    /// MobileFaceNet. The short lists of components, DBSCAN and rank order are good for that many photos a person; only
    /// Chinese whispers and density peaks, with long lists, are as good where people have hundreds.
    pub fn defaults(self) -> Parameters {
        let common = Parameters {
            threshold: 0.46,
            neighbours: 200,
            near: 0.5,
            min_samples: 2,
            min_group: 3,
            rank_distance: 0.4,
            people: None,
            seed: 0,
        };
        match self {
            Self::ChineseWhispers | Self::Hdbscan | Self::KMeans => common,
            Self::ConnectedComponents => Parameters { threshold: 0.50, neighbours: 2, ..common },
            Self::DensityPeaks => Parameters { threshold: 0.48, ..common },
            Self::Dbscan => Parameters { threshold: 0.49, neighbours: 5, min_samples: 6, ..common },
            Self::AverageLinkage => Parameters { threshold: 0.30, ..common },
            Self::RankOrder => Parameters { neighbours: 30, ..common },
        }
    }

    /// Groups faces, which are unit vectors, on at most `threads` threads.
    ///
    /// A face that is not finite stays alone in methods that work on nearest neighbours, and is an error in those that
    /// look at all vectors (average linkage, HDBSCAN, k-means).
    ///
    /// # Errors
    /// Those of the method; [`Error::NoNumberOfPeople`] for k-means without it.
    pub fn cluster(
        self,
        faces: &View<'_>,
        parameters: &Parameters,
        threads: usize,
    ) -> Result<Clusters, Error> {
        let Parameters { threshold, near, min_samples, seed, .. } = *parameters;
        let graph = || faces.knn_graph(parameters.neighbours, threads);
        match self {
            Self::ChineseWhispers => Ok(chinese_whispers(&graph(), threshold, ITERATIONS, seed)),
            Self::ConnectedComponents => Ok(connected_components(&graph(), threshold)),
            Self::DensityPeaks => Ok(density_peaks(&graph(), threshold, near)),
            Self::Dbscan => Ok(dbscan(&graph(), threshold, min_samples)),
            Self::Hdbscan => hdbscan(faces, parameters.min_group, min_samples),
            Self::AverageLinkage => average_linkage(faces, threshold),
            Self::RankOrder => Ok(rank_order(&graph(), parameters.rank_distance)),
            Self::KMeans => k_means(faces, parameters.people.ok_or(Error::NoNumberOfPeople)?, seed, threads),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| Error::UnknownMethod {
            name: name.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        let unknown = "spectral".parse::<Method>().unwrap_err().to_string();
        assert!(unknown.contains("\"spectral\"") && unknown.contains("chinese-whispers, components"));
    }

    #[test]
    fn every_method_takes_no_faces_one_face_and_copies() {
        for method in Method::ALL {
            let parameters = Parameters { people: Some(1), ..method.defaults() };
            let group = |values: &[f32]| {
                let faces = View::f32(2, values).unwrap();
                method.cluster(&faces, &parameters, 1).unwrap().sizes().collect::<Vec<_>>()
            };
            assert_eq!(group(&[]), [0; 0], "{method}");
            assert_eq!(group(&[0.6, 0.8]), [1], "{method}");
            // HDBSCAN never makes one group of everything.
            let copies = if method == Method::Hdbscan { 30 } else { 1 };
            assert_eq!(group(&[0.6, 0.8].repeat(30)).len(), copies, "{method}");
        }
    }

    #[test]
    fn a_face_that_is_not_a_number_is_alone_or_an_error() {
        let values = [1.0, 0.0, f32::NAN, 0.0, 1.0, 0.0];
        for method in Method::ALL {
            let parameters = Parameters { people: Some(1), min_samples: 2, ..method.defaults() };
            match method.cluster(&View::f32(2, &values).unwrap(), &parameters, 1) {
                Ok(found) => assert_eq!(found.labels(), [0, 1, 0], "{method}"),
                Err(error) => assert!(matches!(error, Error::Vector { face: 1, .. }), "{method}: {error}"),
            }
        }
    }

    #[test]
    fn k_means_asks_for_the_number_of_people() {
        let faces = View::f32(2, &[1.0, 0.0]).unwrap();
        let found = Method::KMeans.cluster(&faces, &Method::KMeans.defaults(), 1);
        assert_eq!(found, Err(Error::NoNumberOfPeople));
    }
}

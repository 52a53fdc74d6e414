//! Every method under one name and one call, for command lines and comparisons.

use std::fmt;
use std::str::FromStr;

use index::View;

use crate::{AVERAGE_LINKAGE_LIMIT, Clusters, Error, Grouping, HDBSCAN_LIMIT, Parameters};

/// A way to group faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// [`chinese_whispers`](crate::chinese_whispers).
    ChineseWhispers,
    /// [`connected_components`](crate::connected_components).
    ConnectedComponents,
    /// [`density_peaks`](crate::density_peaks).
    DensityPeaks,
    /// [`dbscan`](crate::dbscan).
    Dbscan,
    /// [`hdbscan`](crate::hdbscan()).
    Hdbscan,
    /// [`average_linkage`](crate::average_linkage).
    AverageLinkage,
    /// [`rank_order`](crate::rank_order).
    RankOrder,
    /// [`k_means`](crate::k_means).
    KMeans,
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
            Self::ConnectedComponents => "connected-components",
            Self::DensityPeaks => "density-peaks",
            Self::Dbscan => "dbscan",
            Self::Hdbscan => "hdbscan",
            Self::AverageLinkage => "average-linkage",
            Self::RankOrder => "rank-order",
            Self::KMeans => "k-means",
        }
    }

    /// The settings of [`Method::grid`] with the best mean of pairwise F and BCubed F over five mixes of many and few
    /// photos a person and one among strangers, on 5,997 photos of 285 people of CelebA (2 to 30 each), embedded by
    /// MobileFaceNet.
    ///
    /// The short lists of components, DBSCAN and rank order are good for that many photos a person; only Chinese whispers
    /// and density peaks, with long lists, are as good where people have hundreds.
    pub fn defaults(self) -> Parameters {
        let common = Parameters {
            threshold: 0.46,
            neighbours: 200,
            near: None,
            min_samples: 2,
            min_group: 3,
            rank_distance: 0.1,
            people: None,
            seed: 0,
        };
        match self {
            Self::ChineseWhispers | Self::Hdbscan | Self::KMeans => common,
            Self::ConnectedComponents => Parameters { threshold: 0.50, neighbours: 5, ..common },
            Self::DensityPeaks => Parameters { threshold: 0.48, ..common },
            Self::Dbscan => Parameters { threshold: 0.50, neighbours: 5, min_samples: 3, ..common },
            Self::AverageLinkage => Parameters { threshold: 0.32, ..common },
            Self::RankOrder => Parameters { neighbours: 30, ..common },
        }
    }

    /// The most faces that the method groups, where it compares every face with every other.
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::AverageLinkage => Some(AVERAGE_LINKAGE_LIMIT),
            Self::Hdbscan => Some(HDBSCAN_LIMIT),
            _ => None,
        }
    }

    /// Whether faces of one photo can be kept apart: see [`Grouping::same_photo_apart`].
    pub fn keeps_apart(self) -> bool {
        matches!(self, Self::ChineseWhispers | Self::AverageLinkage)
    }

    /// Groups faces, which are unit vectors, on at most `threads` threads: [`Grouping::cluster`] for one time only.
    ///
    /// # Errors
    /// Those of [`Grouping::cluster`].
    pub fn cluster(
        self,
        faces: &View<'_>,
        parameters: &Parameters,
        threads: usize,
    ) -> Result<Clusters, Error> {
        Grouping::new(*faces, threads).cluster(self, parameters)
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
        assert!(
            unknown.contains("\"spectral\"") && unknown.contains("chinese-whispers, connected-components")
        );
    }

    #[test]
    fn every_method_takes_no_faces_one_face_and_copies() {
        for method in Method::ALL {
            let parameters = Parameters { people: Some(1), ..method.defaults() };
            let group = |values: &[f32]| {
                let faces = View::f32(2, values).unwrap();
                method.cluster(&faces, &parameters, 1).unwrap().iter().map(<[usize]>::len).collect::<Vec<_>>()
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

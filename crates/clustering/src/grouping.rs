//! Faces that are grouped more than once: what several methods and settings need is made once.

use std::collections::BTreeMap;

use index::{KnnGraph, View};

use crate::apart::Apart;
use crate::average_linkage::Dendrogram;
use crate::chinese_whispers::whispers_apart;
use crate::{
    Clusters, Error, ITERATIONS, Method, Parameters, connected_components, dbscan, density_peaks, hdbscan,
    k_means, rank_order,
};

/// Faces to be grouped by one method after another.
///
/// The graph of nearest neighbours of each length and the tree of average linkage are kept once they are made, so
/// that trying many thresholds costs little more than one.
///
/// ```
/// use omote_clustering::{Grouping, Method, Parameters};
///
/// let faces = [1.0, 0.0, 0.0, 1.0, 0.96, 0.28, 0.28, 0.96, 0.8, 0.6];
/// let mut grouping = Grouping::new(index::View::f32(2, &faces)?, 1);
/// for threshold in [0.9, 0.95] {
///     let parameters = Parameters { threshold, neighbours: 2, ..Method::ChineseWhispers.defaults() };
///     let people = grouping.cluster(Method::ChineseWhispers, &parameters)?;
///     println!("{} people at {threshold}", people.len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Grouping<'a> {
    faces: View<'a>,
    threads: usize,
    apart: Apart,
    /// By the number of neighbours.
    graphs: BTreeMap<usize, KnnGraph>,
    tree: Option<Dendrogram>,
}

impl<'a> Grouping<'a> {
    /// Faces, which are unit vectors, to be grouped on at most `threads` threads.
    pub fn new(faces: View<'a>, threads: usize) -> Self {
        Self { faces, threads, apart: Apart::default(), graphs: BTreeMap::new(), tree: None }
    }

    /// From now on faces of one photo are different people. `photos[face]` is the number of the photo that shows a
    /// face; only equality matters.
    ///
    /// Chinese whispers and average linkage heed it strictly: no group holds two faces of one photo. Where a photo
    /// shows somebody twice (a collage, a mirror) one of the two ends up elsewhere or alone.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one number for each face.
    pub fn same_photo_apart(mut self, photos: &[usize]) -> Result<Self, Error> {
        let faces = self.faces.rows();
        if photos.len() != faces {
            return Err(Error::Length { what: "numbers of photos", got: photos.len(), faces });
        }
        self.apart = Apart::of_photos(photos);
        self.tree = None;
        Ok(self)
    }

    /// Groups the faces.
    ///
    /// A face that is not finite stays alone in methods that work on nearest neighbours, and is an error in those that
    /// look at all vectors (average linkage, HDBSCAN, k-means).
    ///
    /// # Errors
    /// Those of the method; [`Error::NoNumberOfPeople`] for k-means without it; [`Error::Parameter`] where DBSCAN asks
    /// for more samples than neighbours are listed; [`Error::NotApart`] if faces of one photo are to be kept apart and
    /// the method cannot.
    pub fn cluster(&mut self, method: Method, parameters: &Parameters) -> Result<Clusters, Error> {
        let Parameters { threshold, min_samples, seed, .. } = *parameters;
        if !self.apart.is_empty() && !method.keeps_apart() {
            return Err(Error::NotApart { method: method.name() });
        }
        match method {
            Method::ChineseWhispers => {
                let apart = std::mem::take(&mut self.apart);
                let found =
                    whispers_apart(self.graph(parameters.neighbours), threshold, ITERATIONS, seed, &apart);
                self.apart = apart;
                Ok(found)
            }
            Method::ConnectedComponents => {
                Ok(connected_components(self.graph(parameters.neighbours), threshold))
            }
            Method::DensityPeaks => {
                let near = parameters.near.unwrap_or(threshold);
                Ok(density_peaks(self.graph(parameters.neighbours), threshold, near))
            }
            Method::Dbscan => {
                if min_samples > parameters.neighbours + 1 {
                    return Err(Error::Parameter {
                        name: "the number of samples",
                        value: min_samples.to_string(),
                        range: format!("at most {}, one more than neighbours", parameters.neighbours + 1),
                    });
                }
                Ok(dbscan(self.graph(parameters.neighbours), threshold, min_samples))
            }
            Method::Hdbscan => hdbscan(&self.faces, parameters.min_group, min_samples),
            Method::AverageLinkage => {
                if self.tree.is_none() {
                    self.tree = Some(Dendrogram::new(&self.faces, &self.apart)?);
                }
                Ok(self.tree.as_ref().map_or_else(|| Clusters::from_labels(&[]), |tree| tree.cut(threshold)))
            }
            Method::RankOrder => Ok(rank_order(self.graph(parameters.neighbours), parameters.rank_distance)),
            Method::KMeans => {
                let people = parameters.people.ok_or(Error::NoNumberOfPeople)?;
                k_means(&self.faces, people, seed, self.threads)
            }
        }
    }

    fn graph(&mut self, neighbours: usize) -> &KnnGraph {
        let (faces, threads) = (&self.faces, self.threads);
        self.graphs.entry(neighbours).or_insert_with(|| faces.knn_graph(neighbours, threads))
    }
}

//! Groups faces into people, without being told how many people there are.
//!
//! All methods return [`Clusters`], with the biggest cluster first; [`Method`] has them all under one call, and
//! [`Grouping`] under many calls on the same faces, of which those of one photo can be kept apart. Most start from the
//! graph of nearest neighbours that [`index::KnnGraph`] holds: faces are its nodes, and two faces are linked if either
//! is among the nearest of the other and their cosine reaches a threshold. Their work is linear in the number of links.
//!
//! - [`chinese_whispers`]: each face takes the label that its neighbours hold most strongly, again and again. The
//!   number of clusters is found, not given, and two people joined by a few chance links stay apart.
//! - [`density_peaks`]: each face follows its nearest neighbour in a denser place.
//! - [`dbscan`]: groups grow from faces with enough neighbours.
//! - [`rank_order`]: two faces are linked if they have the same neighbours, whatever their cosine.
//! - [`connected_components`]: everything that is linked at all. One wrong link joins two people: a baseline, and the
//!   coarsest answer that the graph allows.
//!
//! Others look at all pairs of faces, and refuse more than memory is good for:
//!
//! - [`average_linkage`]: the two groups with the largest mean cosine are joined, again and again.
//! - [`hdbscan()`]: the groups that last longest as a threshold rises.
//!
//! [`k_means`] must be told how many people there are.
//!
//! The same faces and seed give the same clusters on every machine. None of the methods knows names; where faces have
//! names, [`lint()`] finds what is probably wrong with them: wrong names, two names for one person, two people under
//! one name, and faces that do harm. Each [`Finding`] has a [`Fix`] with an inverse, where anything helps.
//!
//! ```
//! use omote_clustering::{ITERATIONS, chinese_whispers};
//!
//! // Five faces of two people, as unit vectors of dimension 2.
//! let faces = [1.0, 0.0, 0.0, 1.0, 0.96, 0.28, 0.28, 0.96, 0.8, 0.6];
//! let graph = index::View::f32(2, &faces)?.knn_graph(2, 1);
//! let people = chinese_whispers(&graph, 0.9, ITERATIONS, 0);
//!
//! assert_eq!(people.labels(), [0, 1, 0, 1, 0]);
//! assert_eq!(people.members(0), [0, 2, 4]);
//! # Ok::<(), index::Error>(())
//! ```

mod adjacency;
mod apart;
mod average_linkage;
mod chinese_whispers;
mod clusters;
mod components;
mod dbscan;
mod density_peaks;
mod error;
mod grouping;
mod hdbscan;
mod k_means;
mod lint;
mod method;
mod parameters;
mod rank_order;
mod rows;
mod shuffle;

pub use average_linkage::{AVERAGE_LINKAGE_LIMIT, average_linkage};
pub use chinese_whispers::{ITERATIONS, chinese_whispers};
pub use clusters::Clusters;
pub use components::connected_components;
pub use dbscan::dbscan;
pub use density_peaks::density_peaks;
pub use error::Error;
pub use grouping::Grouping;
pub use hdbscan::{HDBSCAN_LIMIT, hdbscan};
pub use k_means::k_means;
pub use lint::{Evidence, Finding, Fix, Gallery, Kind, LintOptions, Severity, lint};
pub use method::Method;
pub use parameters::{Parameter, Parameters};
pub use rank_order::rank_order;

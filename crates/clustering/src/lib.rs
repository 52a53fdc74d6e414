//! Groups faces into people, without being told how many people there are.
//!
//! Every method starts from the graph of nearest neighbours that [`index::KnnGraph`] holds: faces are its nodes, and
//! two faces are joined if either is among the nearest of the other and their cosine reaches a threshold. All
//! methods return [`Clusters`], with the biggest cluster first.
//!
//! - [`chinese_whispers`]: each face takes the label that its neighbours hold most strongly, again and again. The
//!   number of clusters is found, not given, and two people joined by a few chance links stay apart.
//! - [`connected_components`]: everything that is linked at all. One wrong link joins two people: a baseline, and the
//!   coarsest answer that the graph allows, which every other method can only split.
//!
//! Work is linear in the number of links. The same graph and seed give the same clusters on every machine.
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
mod chinese_whispers;
mod clusters;
mod components;
mod shuffle;

pub use chinese_whispers::{ITERATIONS, chinese_whispers};
pub use clusters::Clusters;
pub use components::connected_components;

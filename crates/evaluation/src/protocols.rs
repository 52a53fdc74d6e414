//! Which photos are compared with which: the readers of benchmarks in their own layouts.

mod bin_set;
mod cfp;
mod csv_pairs;
mod csv_scores;
mod csv_search;
pub(crate) mod files;
mod identification;
mod ijb;
mod lfw;
mod orl;
mod pair_protocol;
mod people;
mod pickle;
mod table;
mod text_lines;
mod yale_b;

pub use bin_set::{BinSet, read_bin};
pub use cfp::{CfpSet, read_cfp};
pub use csv_pairs::read_pairs_csv;
pub use csv_scores::{ScoreList, read_scores_csv};
pub use csv_search::read_search_csv;
pub use identification::{GalleryTemplate, IdentificationProtocol, Probe, TemplateImage};
pub use ijb::{ImageTemplate, TemplatePair, TemplatePairs, TemplateProtocol, read_ijb};
pub use lfw::read_lfw;
pub use orl::read_orl;
pub use pair_protocol::{Pair, PairProtocol};
pub use yale_b::read_yale_b;

//! Which photos are compared with which: the readers of benchmarks in their own layouts.

mod cfp;
mod files;
mod lfw;
mod pair_protocol;

pub use cfp::{CfpSet, read_cfp};
pub use lfw::read_lfw;
pub use pair_protocol::{Pair, PairProtocol};

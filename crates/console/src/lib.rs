//! How omote's programs speak: JSON lines for programs and text for people, progress bars on terminals, exit codes like
//! grep's, and files that are there whole or not at all.

mod outcome;
pub mod output;
mod program;
mod reporter;

pub use outcome::Outcome;
pub use program::{commit, end, parse};
pub use reporter::{Reporter, count, path_value, table};

//! Heads: what is told from an embedding or features besides who it is.
//!
//! Each is a module with its own loss, so that one backbone can learn several at once.

mod attributes;
mod ordinal_age;
#[cfg(test)]
mod tests;

pub use attributes::{AttributesConfig, AttributesHead};
pub use ordinal_age::{AgeConfig, AgeHead};

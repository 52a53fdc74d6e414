//! Papers reproduced: what they claim is measured anew, by a study that says what is made, trained and looked at.

mod arms;
pub mod claims;
pub mod findings;
pub mod magface;
pub mod runs;
pub mod sets;
pub mod sphereface;
pub mod study;
pub mod survey;
mod vectors;

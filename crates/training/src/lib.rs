//! Training of face recognition networks, and what comes of it: models that the run side reads.

pub mod export;

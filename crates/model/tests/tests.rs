//! The crate from the outside: manifests as text, models as folders.

mod importing;
mod manifests;
mod published;
mod stores;

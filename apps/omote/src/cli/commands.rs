//! One file per command: its flags, what it does, how its answer looks.

pub mod align;
pub mod bench;
pub mod calibrate;
pub mod detect;
pub mod doctor;
pub mod embed;
pub mod enroll;
pub mod eval;
pub mod forget;
pub mod gallery;
pub mod group;
pub mod identify;
pub mod models;
pub mod scorer;
pub mod verify;

//! One file per command: its flags, what it does, how its answer looks.

pub mod align;
pub mod detect;
pub mod embed;
pub mod models;
pub mod verify;

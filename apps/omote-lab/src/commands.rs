//! A module for each command.

pub mod synthesise;
pub mod verify;

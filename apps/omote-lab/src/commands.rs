//! A module for each command.

pub mod examine;
pub mod sheet;
pub mod synthesise;
pub mod verify;

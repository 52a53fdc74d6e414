//! A module for each command.

pub mod crop;
pub mod examine;
pub mod networks;
pub mod origin;
pub mod overlap;
pub mod sheet;
pub mod synthesise;
pub mod train;
pub mod verify;
pub mod writing;

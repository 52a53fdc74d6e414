//! A module for each command.

pub mod ablate;
pub mod bench;
pub mod crop;
pub mod examine;
pub mod export;
pub mod networks;
pub mod origin;
pub mod overlap;
pub mod reproduce;
pub mod resume;
pub mod sheet;
pub mod synthesise;
pub mod train;
pub mod verify;
pub mod view;
pub mod writing;

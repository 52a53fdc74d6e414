//! Whole files in, pictures or errors out.

mod broken;
mod files;
mod formats;
mod memory;
mod sampling;

//! Hair of the head, brows, lashes and beards, grown on any skin.
//!
//! Hair is three things. A cover is the scalp's own triangles moved out a little, frayed at the hairline. Sheets are
//! locks side by side as one surface without gaps: they leave the parting, the crown or the hairline as they are
//! combed, lie on the head as thick as hair is there and hang where the head no longer holds them; what is closed of
//! them hides what lies behind, and their borders are soft. Ribbons are single locks: plaits, and what is loose. All
//! follow the skin that they are given, so that every head shape and expression has hair that fits.

mod beard;
mod brow;
mod bush;
mod color;
mod crown;
mod fall;
mod flow;
mod ground;
mod hull;
mod knot;
mod lash;
mod locks;
mod material;
mod near;
mod rows;
mod scalp;
mod sheet;
mod style;

pub use beard::{Beard, BeardKind};
pub use brow::Brows;
pub use color::HairColor;
pub use crown::{grow, grow_under};
pub use ground::Hairline;
pub use lash::Lashes;
pub use material::HairMaterial;
pub use style::{Family, Hairstyle};

use crate::Mesh;

/// A piece of hair.
#[derive(Clone, Debug)]
pub struct HairPart {
    /// In the frame of the head, in millimetres. Seen from both sides.
    pub mesh: Mesh,
    /// What it looks like.
    pub material: HairMaterial,
    /// Whether it is thick enough to cast a shadow.
    pub casts_shadow: bool,
}

#[cfg(test)]
mod tests;

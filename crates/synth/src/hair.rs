//! Hair of the head, brows, lashes and beards, grown on any skin.
//!
//! Hair is two things: a cover, which is the scalp's own triangles moved out a little, dark and frayed at the
//! hairline, so that no skin shines through; and ribbons of strands that leave their roots as they are combed, lie
//! on the head (or on the layers of hair below them) and fall where nothing holds them. Ribbons follow the skin
//! that they are given, so that every head shape and expression has hair that fits.

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
pub use crown::grow;
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

//! What people wear and hold before their faces. Everything is made to the measure of the skin that it is given.

mod clothing;
mod fabric;
mod fit;
mod glasses;
mod hat;
mod headphones;
mod headscarf;
mod hull;
mod jewelry;
mod mask;
mod necklace;
mod occluder;
mod scarf;
pub(crate) mod solid;
#[cfg(test)]
mod tests;

use glam::Vec3;

pub use clothing::{Clothing, Collar};
pub use fabric::{Fabric, Weave};
pub use glasses::{Glasses, Lenses, Rim};
pub use hat::{Hat, HatKind};
pub use headphones::Headphones;
pub use headscarf::Headscarf;
pub use jewelry::Earrings;
pub use mask::{Mask, MaskKind};
pub use necklace::{Necklace, NecklaceKind};
pub use occluder::{Occluder, OccluderKind};
pub use scarf::Scarf;

use crate::{Mesh, Seed, Template};
use fit::Fit;

/// Something that is worn or held before the face.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Glasses, clear or dark.
    Glasses(Glasses),
    /// A hat.
    Hat(Hat),
    /// A scarf over head and neck.
    Headscarf(Headscarf),
    /// A medical mask.
    Mask(Mask),
    /// A scarf around the neck.
    Scarf(Scarf),
    /// Headphones.
    Headphones(Headphones),
    /// Earrings.
    Earrings(Earrings),
    /// A necklace.
    Necklace(Necklace),
    /// Something between the face and the camera.
    Occluder(Occluder),
    /// Clothes.
    Clothing(Clothing),
}

/// A part of a face that may be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaceArea {
    /// The hair of the head.
    Hair,
    /// From the brows to the hair.
    Forehead,
    /// The eyes with their brows.
    Eyes,
    /// The nose.
    Nose,
    /// The cheeks.
    Cheeks,
    /// Lips and what is around them.
    Mouth,
    /// The chin.
    Chin,
    /// The ears.
    Ears,
    /// The neck.
    Neck,
}

/// Hair that an item leaves no room for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HairLimit {
    /// Hair stays as it is.
    None,
    /// Hair above a plane is hidden: on the side to which the normal points.
    Above {
        /// A point of the plane, in millimetres in the frame of the head.
        point: Vec3,
        /// Unit vector.
        normal: Vec3,
    },
    /// All hair of the head is hidden.
    All,
}

impl HairLimit {
    /// Whether hair at a place is hidden.
    pub fn hides(&self, place: Vec3) -> bool {
        match *self {
            Self::None => false,
            Self::Above { point, normal } => (place - point).dot(normal) > 0.0,
            Self::All => true,
        }
    }
}

/// A part of an item: a surface in the frame of the head and what it is made of.
#[derive(Clone, Debug)]
pub struct WornPart {
    /// Its form; `rest` is where a point is on the item, in millimetres.
    pub mesh: Mesh,
    /// What it is made of.
    pub material: Fabric,
    /// Whether it keeps light from what lies behind: all but clear glass.
    pub casts_shadow: bool,
    /// Whether it is seen from both sides: cloth and glass.
    pub two_sided: bool,
}

impl WornPart {
    fn solid(mesh: Mesh, material: Fabric) -> Self {
        Self { mesh, material, casts_shadow: true, two_sided: false }
    }

    fn cloth(mesh: Mesh, material: Fabric) -> Self {
        Self { mesh, material, casts_shadow: true, two_sided: true }
    }
}

impl Item {
    /// What it hides of a face that is seen from the front, more than half of each. Clear glasses hide nothing.
    pub fn covers(&self) -> &'static [FaceArea] {
        match self {
            Self::Glasses(glasses) if glasses.lenses == Lenses::Dark => &[FaceArea::Eyes],
            Self::Hat(hat) => hat.covers(),
            Self::Headscarf(_) => &[FaceArea::Hair, FaceArea::Ears, FaceArea::Neck],
            Self::Mask(_) => &[FaceArea::Nose, FaceArea::Mouth, FaceArea::Chin],
            Self::Scarf(scarf) => scarf.covers(),
            Self::Headphones(_) => &[FaceArea::Ears],
            Self::Occluder(occluder) => occluder.covers(),
            Self::Glasses(_) | Self::Earrings(_) | Self::Necklace(_) | Self::Clothing(_) => &[],
        }
    }

    /// Which hair it leaves no room for on a head.
    pub fn hair_limit(&self, template: &Template, skin: &Mesh) -> HairLimit {
        match self {
            Self::Hat(hat) => hat.hair_limit(&Fit::new(template, skin)),
            Self::Headscarf(_) => HairLimit::All,
            _ => HairLimit::None,
        }
    }
}

/// Makes an item for a head. `skin` is the skin of the template or a head formed from it; `seed` moves what is never
/// twice the same though the item is: folds, how a hat is put on.
pub fn make(item: &Item, template: &Template, skin: &Mesh, seed: Seed) -> Vec<WornPart> {
    let fit = Fit::new(template, skin);
    match item {
        Item::Glasses(glasses) => glasses.make(&fit),
        Item::Hat(hat) => hat.make(&fit, seed),
        Item::Headscarf(headscarf) => headscarf.make(&fit, seed),
        Item::Mask(mask) => mask.make(&fit),
        Item::Scarf(scarf) => scarf.make(&fit, seed),
        Item::Headphones(headphones) => headphones.make(&fit),
        Item::Earrings(earrings) => earrings.make(&fit),
        Item::Necklace(necklace) => necklace.make(&fit),
        Item::Occluder(occluder) => occluder.make(&fit, seed),
        Item::Clothing(clothing) => clothing.make(&fit, seed),
    }
}

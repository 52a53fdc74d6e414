//! The mean head: its surfaces, and what is where on them.
//!
//! Made by code from measures of people (Farkas 1994): a form that goes smoothly through points of anatomy, and on it
//! the orbits, nose, lips, ears and the inside of the mouth. The left half is built and mirrored.

mod anchors;
mod build;
mod chart;
mod ear;
mod face;
mod form;
mod parts;
mod regions;
mod smooth;

use std::sync::OnceLock;

use glam::Vec3;

pub use anchors::{Anchor, Landmark};
pub use regions::Region;

use crate::Mesh;

/// Side of the person, not of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The person's left: x above 0.
    Left,
    /// The person's right: x below 0.
    Right,
}

impl Side {
    /// Both, the left first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// 1 for the left, -1 for the right.
    pub fn sign(self) -> f32 {
        match self {
            Self::Left => 1.0,
            Self::Right => -1.0,
        }
    }
}

/// An eyeball of the mean head, lengths in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eyeball {
    /// Where it turns, in the frame of the head.
    pub centre: Vec3,
    /// Radius of the ball.
    pub radius: f32,
    /// Radius of the iris, seen from ahead.
    pub iris_radius: f32,
}

/// The mean head, neutral and of no certain age or sex.
pub struct Template {
    skin: build::Skin,
    regions: Vec<Vec<f32>>,
    landmarks: Vec<Anchor>,
    parts: parts::Parts,
}

impl Template {
    /// The template; built at the first call, always the same.
    pub fn get() -> &'static Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(Self::build)
    }

    fn build() -> Self {
        let skin = build::skin();
        let regions = regions::weights(&skin);
        let landmarks = anchors::landmarks(&skin);
        Self { skin, regions, landmarks, parts: parts::Parts::new() }
    }

    /// The skin: face, lids with their thickness, closed lips with the inside of the mouth behind them, nostrils,
    /// ears, skull, neck and the beginning of the shoulders. It is open at the lids behind their edges and at the
    /// bottom.
    pub fn mesh(&self) -> &Mesh {
        &self.skin.mesh
    }

    /// Pairs of vertices of the skin at one place, for [`Mesh::smooth_normals`]. The chart of the skin has no cut, so
    /// there are none.
    pub fn seams(&self) -> &[[u32; 2]] {
        &[]
    }

    /// The vertex on the other side of the face for each vertex of the skin; itself in the middle.
    pub fn twins(&self) -> &[u32] {
        &self.skin.twins
    }

    /// How much each vertex of the skin belongs to a region, 0..=1.
    pub fn weights(&self, region: Region) -> &[f32] {
        &self.regions[region as usize]
    }

    /// Where a landmark is.
    pub fn anchor(&self, landmark: Landmark) -> Anchor {
        self.landmarks[landmark.number()]
    }

    /// Place and normal of an anchor on a form of the skin.
    pub fn locate(&self, mesh: &Mesh, anchor: Anchor) -> (Vec3, Vec3) {
        let mut place = (Vec3::ZERO, Vec3::ZERO);
        for (at, weight) in anchor.vertices.into_iter().zip(anchor.weights) {
            place.0 += mesh.positions[at as usize] * weight;
            place.1 += mesh.normals[at as usize] * weight;
        }
        (place.0, place.1.normalize_or(Vec3::Z))
    }

    /// The anchor of the skin's outside that is nearest to a point of the mean head, in millimetres.
    pub fn nearest(&self, point: Vec3) -> Anchor {
        anchors::nearest(&self.skin, point, |_| true)
    }

    /// Vertices of the edge of the upper (0) and lower lid (1), from the corner at the nose to the corner at the
    /// temple.
    pub fn lid_edges(&self, side: Side) -> [Vec<u32>; 2] {
        self.skin.lids.each_ref().map(|edge| self.sided(edge, side))
    }

    /// Vertices where the upper (0) and the lower lip (1) meet, from the middle to the corner of the mouth.
    pub fn lip_edges(&self, side: Side) -> [Vec<u32>; 2] {
        self.skin.lips.each_ref().map(|edge| self.sided(edge, side))
    }

    fn sided(&self, vertices: &[u32], side: Side) -> Vec<u32> {
        let other = |&at: &u32| if side == Side::Left { at } else { self.skin.twins[at as usize] };
        vertices.iter().map(other).collect()
    }

    /// An eyeball.
    pub fn eye(&self, side: Side) -> Eyeball {
        let centre = Vec3::new(face::EYE.x * side.sign(), face::EYE.y, face::EYE.z);
        Eyeball { centre, radius: face::EYE_RADIUS, iris_radius: 5.9 }
    }

    /// The surface of an eyeball that looks along z. Its chart has the middle of the pupil at (0.5, 0.5) and the back
    /// of the ball at distance 0.5 from it; the distance grows evenly with the angle, so the edge of the iris is at
    /// 0.163.
    pub fn eyeball(&self, side: Side) -> &Mesh {
        &self.parts.eyeballs[side as usize]
    }

    /// The upper (true) or lower row of teeth, in the frame of the head. `uvs` are the share of the way along the row
    /// from the person's right, and 0 at the gum to 1 at the edge.
    pub fn teeth(&self, upper: bool) -> &Mesh {
        &self.parts.teeth[usize::from(!upper)]
    }

    /// The upper (true) or lower gum.
    pub fn gum(&self, upper: bool) -> &Mesh {
        &self.parts.gums[usize::from(!upper)]
    }

    /// The tongue.
    pub fn tongue(&self) -> &Mesh {
        &self.parts.tongue
    }
}

#[cfg(test)]
mod tests;

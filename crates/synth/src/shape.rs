//! Forms of heads: modes of shape, sex, age, asymmetry and expression, and the head that they make of the template.

mod asymmetry;
mod axes;
mod basis;
mod expression;
mod field;
mod form;
mod identity;
mod lids;
mod lips;
mod mode;
mod place;

use glam::{Affine3A, Quat, Vec3};

pub use asymmetry::ASYMMETRY_MODES;
pub use expression::EXPRESSION_MODES;
pub use form::Form;
pub use identity::SHAPE_MODES;
pub use mode::{ExpressionMode, ShapeMode};

use crate::head::{Landmark, Side, Template};
use crate::mesh::Mesh;
use basis::Basis;
use lids::LidState;

/// Farthest that eyes turn, in degrees.
const FARTHEST_GAZE: f32 = 40.0;

/// A head of some form, in its own frame: millimetres, x to the person's left, y up, z out of the face.
#[derive(Clone, Debug)]
pub struct Head {
    /// The skin with lids, lips and ears, and the inside of the mouth.
    pub skin: Mesh,
    /// The left and the right eyeball, turned to where they look.
    pub eyes: [Mesh; 2],
    /// Centres of the left and the right eyeball.
    pub eye_centers: [Vec3; 2],
    /// The upper and the lower teeth.
    pub teeth: [Mesh; 2],
    /// The gums of the upper and the lower teeth.
    pub gums: [Mesh; 2],
    /// The tongue.
    pub tongue: Mesh,
}

impl Head {
    /// The template in a form.
    pub fn new(template: &Template, form: &Form) -> Self {
        let basis = Basis::get(template);
        let mut moved = basis.moved(template, form);
        let [left, up] = form.gaze.map(|angle| angle.clamp(-FARTHEST_GAZE, FARTHEST_GAZE).to_radians());
        for (eye, lids) in basis.lids.iter().enumerate() {
            let state = LidState { cover: covers(form, eye), up };
            lids.settle(&mut moved.skin, moved.eyes[eye], state);
        }
        let rest = template.mesh();
        let mut skin = Mesh {
            positions: moved.skin,
            normals: Vec::with_capacity(rest.positions.len()),
            uvs: rest.uvs.clone(),
            rest: rest.rest.clone(),
            triangles: rest.triangles.clone(),
        };
        skin.smooth_normals(template.seams());

        let gaze = Quat::from_rotation_y(left) * Quat::from_rotation_x(-up);
        let eyes = [(Side::Left, 0), (Side::Right, 1)].map(|(side, at)| {
            turned(template.eyeball(side), gaze, template.eye(side).centre, moved.eyes[at])
        });
        let upper = |mesh: &Mesh| mesh.transformed(&Affine3A::from_translation(moved.jaws[0]));
        let [degrees, aside] = jaw(form);
        let opening = Quat::from_rotation_x(degrees.to_radians());
        let joint = basis.joint + moved.jaws[1] + Vec3::new(aside, 0.0, 0.0);
        let lower = |mesh: &Mesh| turned(mesh, opening, basis.joint, joint);
        Self {
            skin,
            eyes,
            eye_centers: moved.eyes,
            teeth: [upper(template.teeth(true)), lower(template.teeth(false))],
            gums: [upper(template.gum(true)), lower(template.gum(false))],
            tongue: lower(template.tongue()),
        }
    }

    /// Where a landmark is.
    pub fn landmark(&self, template: &Template, landmark: Landmark) -> Vec3 {
        template.locate(&self.skin, template.anchor(landmark)).0
    }

    /// The five points that faces are aligned by, in the order of ArcFace as seen in a picture: the eye on the
    /// image's left (the person's right), the other eye, the tip of the nose, and the corners of the mouth on the
    /// image's left and right.
    pub fn five(&self, template: &Template) -> [Vec3; 5] {
        [
            Landmark::EyeCenter(Side::Right),
            Landmark::EyeCenter(Side::Left),
            Landmark::NoseTip,
            Landmark::MouthCorner(Side::Right),
            Landmark::MouthCorner(Side::Left),
        ]
        .map(|landmark| self.landmark(template, landmark))
    }
}

/// Turns a surface about a point and moves that point to another.
fn turned(mesh: &Mesh, by: Quat, about: Vec3, to: Vec3) -> Mesh {
    mesh.transformed(
        &(Affine3A::from_translation(to) * Affine3A::from_quat(by) * Affine3A::from_translation(-about)),
    )
}

/// Shares of the opening that the upper and the lower lid of an eye (0 left, 1 right) cover.
fn covers(form: &Form, eye: usize) -> [f32; 2] {
    let modes = EXPRESSION_MODES.iter().zip(&form.expression);
    modes.fold([0.0; 2], |[upper, lower], (mode, value)| {
        [upper + mode.lids.upper[eye] * value, lower + mode.lids.lower[eye] * value]
    })
}

/// How far the lower jaw turns, in degrees, and goes to the left, in mm.
fn jaw(form: &Form) -> [f32; 2] {
    let modes = EXPRESSION_MODES.iter().zip(&form.expression);
    modes.fold([0.0; 2], |sum, (mode, value)| [sum[0] + mode.jaw[0] * value, sum[1] + mode.jaw[1] * value])
}

#[cfg(test)]
mod tests;

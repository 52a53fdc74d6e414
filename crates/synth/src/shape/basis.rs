//! Displacements of all vertices for all modes, worked out once.

use std::sync::OnceLock;

use glam::Vec3;

use super::axes::{AGED, CHILD, MALE};
use super::field::Bump;
use super::form::Form;
use super::lids::Lids;
use super::lips;
use super::place::{Place, Places};
use super::{ASYMMETRY_MODES, EXPRESSION_MODES, SHAPE_MODES};
use crate::head::{Side, Template};

/// Displacements shorter than this many millimetres at a coefficient of 1 are left out.
const NOTHING: f32 = 0.003;

/// What a coefficient of 1 does to the head.
struct Mode {
    /// Vertices of the skin that move, and how.
    deltas: Vec<(u32, Vec3)>,
    /// How the left and the right eyeball move.
    eyes: [Vec3; 2],
    /// How the upper and the lower jaw with their teeth move.
    jaws: [Vec3; 2],
}

/// The modes on one template.
pub(super) struct Basis {
    shape: Vec<Mode>,
    asymmetry: Vec<Mode>,
    expression: Vec<Mode>,
    male: Mode,
    aged: Mode,
    child: Mode,
    pub(super) lids: [Lids; 2],
    pub(super) joint: Vec3,
}

/// Where the parts of a head are.
pub(super) struct Moved {
    pub(super) skin: Vec<Vec3>,
    pub(super) eyes: [Vec3; 2],
    /// Offsets of the upper and the lower jaw, closed.
    pub(super) jaws: [Vec3; 2],
}

impl Basis {
    /// Of the only template there is.
    pub(super) fn get(template: &Template) -> &'static Self {
        static BASIS: OnceLock<Basis> = OnceLock::new();
        BASIS.get_or_init(|| Self::new(template))
    }

    fn new(template: &Template) -> Self {
        let places = Places::new(template);
        let lower = lips::lower_shares(template);
        let mode = |bumps: &[Bump], scale: f32| Mode::new(template, &places, &lower, bumps, scale);
        // One after the other: threads of a pool that make pictures wait for the basis, so none would be left to help, and
        // the one that makes it could be given a picture that waits for it.
        let each = |modes: &[(&'static [Bump], f32)]| {
            modes.iter().map(|&(bumps, scale)| mode(bumps, scale)).collect::<Vec<_>>()
        };
        let spread = |modes: &[super::ShapeMode]| {
            each(&modes.iter().map(|mode| (mode.bumps, mode.spread)).collect::<Vec<_>>())
        };
        Self {
            shape: spread(SHAPE_MODES),
            asymmetry: spread(ASYMMETRY_MODES),
            expression: each(&EXPRESSION_MODES.iter().map(|mode| (mode.bumps, 1.0)).collect::<Vec<_>>()),
            male: mode(MALE, 1.0),
            aged: mode(AGED, 1.0),
            child: mode(CHILD, 1.0),
            lids: [Side::Left, Side::Right].map(|side| Lids::new(template, side)),
            joint: places.of(Place::JawJoint),
        }
    }

    /// Where everything goes before the lids move. Eyes and jaws keep to the bone: expressions leave them.
    pub(super) fn moved(&self, template: &Template, form: &Form) -> Moved {
        let mut moved = Moved {
            skin: template.mesh().positions.clone(),
            eyes: [Side::Left, Side::Right].map(|side| template.eye(side).centre),
            jaws: [Vec3::ZERO; 2],
        };
        let age = form.age.clamp(4.0, 100.0);
        let axes = [
            (&self.male, 2.0 * form.sex - 1.0),
            (&self.aged, ((age - 30.0) / 42.0).clamp(0.0, 1.4)),
            (&self.child, ((18.0 - age) / 12.0).clamp(0.0, 1.1)),
        ];
        let own = self.shape.iter().zip(form.shape.iter().copied());
        let sides = self.asymmetry.iter().zip(form.asymmetry.iter().copied());
        for (mode, coefficient) in axes.into_iter().chain(own).chain(sides) {
            mode.add(coefficient, &mut moved);
        }
        let (eyes, jaws) = (moved.eyes, moved.jaws);
        for (mode, &coefficient) in self.expression.iter().zip(&form.expression) {
            mode.add(coefficient, &mut moved);
        }
        Moved { eyes, jaws, ..moved }
    }
}

impl Mode {
    fn new(template: &Template, places: &Places, lower: &[f32], bumps: &[Bump], scale: f32) -> Self {
        let whole = |point: Vec3, lower: f32| {
            bumps.iter().map(|bump| bump.displacement(places, point, lower)).sum::<Vec3>() * scale
        };
        let rest = &template.mesh().rest;
        let deltas = rest.iter().zip(lower).zip(0..).filter_map(|((&point, &lower), at)| {
            let delta = whole(point, lower);
            (delta.length_squared() > NOTHING * NOTHING).then_some((at, delta))
        });
        let eye = |side| {
            let centre = template.eye(side).centre;
            let carrying = bumps.iter().filter(|bump| bump.carries_eyes());
            carrying.map(|bump| bump.displacement(places, centre, 0.0)).sum::<Vec3>() * scale
        };
        // The lower teeth meet the upper ones, but stay behind the skin above the chin.
        let upper = whole(places.of(Place::Subnasale), 0.0);
        let lower = whole(places.of(Place::LowerLip) - Vec3::Y * 8.0, 1.0);
        Self {
            deltas: deltas.collect(),
            eyes: [Side::Left, Side::Right].map(eye),
            jaws: [upper, upper.with_z(lower.z)],
        }
    }

    fn add(&self, coefficient: f32, moved: &mut Moved) {
        if coefficient == 0.0 {
            return;
        }
        for &(at, delta) in &self.deltas {
            moved.skin[at as usize] += delta * coefficient;
        }
        for (eye, delta) in moved.eyes.iter_mut().zip(self.eyes) {
            *eye += delta * coefficient;
        }
        for (jaw, delta) in moved.jaws.iter_mut().zip(self.jaws) {
            *jaw += delta * coefficient;
        }
    }
}

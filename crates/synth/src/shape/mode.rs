//! Directions in which a head can change.

use super::field::Bump;

/// A direction in which heads of people differ.
#[derive(Clone, Copy, Debug)]
pub struct ShapeMode {
    /// What grows with the coefficient, in plain words.
    pub name: &'static str,
    /// The part of the head, in one word.
    pub region: &'static str,
    /// How far one standard deviation moves what the name tells: millimetres; degrees for "tilt", "rotation" and "ear
    /// protrusion", percent for "size".
    pub spread: f32,
    pub(super) bumps: &'static [Bump],
}

/// A movement of the face.
#[derive(Clone, Copy, Debug)]
pub struct ExpressionMode {
    /// What happens when the coefficient is 1, in plain words.
    pub name: &'static str,
    /// The action unit of the Facial Action Coding System (Ekman and Friesen 1978), 0 for none.
    pub action_unit: u8,
    pub(super) bumps: &'static [Bump],
    pub(super) lids: LidMotion,
    /// How far the lower teeth and the tongue turn about the joints of the jaw, in degrees, and move to the left, in
    /// mm.
    pub(super) jaw: [f32; 2],
}

/// What an expression does to the lids of the left and the right eye. Positive closes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LidMotion {
    /// Share of the opening that the upper lid covers when it comes down; negative lifts it.
    pub(super) upper: [f32; 2],
    /// Share of the opening that the lower lid covers when it goes up; negative lowers it.
    pub(super) lower: [f32; 2],
}

impl LidMotion {
    pub(super) const NONE: Self = Self { upper: [0.0; 2], lower: [0.0; 2] };
}

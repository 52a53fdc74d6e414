//! What hair grows on and must not go through: a skin, where its scalp is, and where its parts lie.

use glam::Vec3;

use super::hull::Hull;
use super::near::Near;
use crate::curve::ramp;
use crate::head::{Landmark, Region, Side, Template};
use crate::{HairLimit, Mesh, noise};

/// How far below the edge of a hat hair is pressed to the head, and how high it lies under it, in millimetres.
const PRESSED: f32 = 38.0;
const FLAT: f32 = 1.2;

/// Where hair grows: how far it has gone back, and from where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hairline {
    /// How much higher than usual the hair begins above the forehead, in millimetres; negative is lower.
    pub height: f32,
    /// How far hair has gone at the temples and then above the forehead, 0..=1.
    pub recession: f32,
    /// How thin hair is at the crown, 0..=1.
    pub thinning: f32,
}

impl Hairline {
    /// Nothing gone.
    pub const FULL: Self = Self { height: 0.0, recession: 0.0, thinning: 0.0 };

    /// How much hair is missing at a place of the mean head, 0..=1. The places are those of the common pattern
    /// (Norwood 1975, "Male pattern baldness").
    fn missing(&self, rest: Vec3) -> f32 {
        let side = Vec3::new(rest.x.abs(), rest.y, rest.z);
        let bump = |center: Vec3, radius: f32| (-(side - center).length_squared() / (radius * radius)).exp();
        let temple = bump(Vec3::new(46.0, 98.0, 66.0), 16.0 + 26.0 * self.recession);
        let front = bump(Vec3::new(0.0, 118.0, 58.0), 24.0 + 46.0 * self.recession);
        let crown = bump(Vec3::new(0.0, 118.0, -46.0), 20.0 + 34.0 * self.thinning);
        let late = ((self.recession - 0.45) / 0.4).clamp(0.0, 1.0);
        (1.7 * self.recession.sqrt() * temple)
            .max(1.8 * late * front)
            .max(1.5 * self.thinning * crown)
            .min(1.0)
    }
}

/// A skin as hair sees it.
pub(super) struct Ground<'a> {
    pub(super) skin: &'a Mesh,
    /// Share of hair of the head for each vertex of the skin, 0..=1.
    pub(super) cover: Vec<f32>,
    /// The skull and the face, without the ears.
    pub(super) skull: Hull,
    /// The same with the ears, rounded off.
    pub(super) eared: Option<Hull>,
    /// Places and normals of the ears' vertices, where hair does not fall over them.
    ears: Near,
    /// Neck and shoulders, seen from below, where hair hangs down to them.
    pub(super) torso: Option<Hull>,
    pub(super) marks: Marks,
    /// What hair has no room for.
    pub(super) limit: HairLimit,
}

/// Heights and places of parts of the head, in millimetres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) top: f32,
    pub(super) brow: f32,
    pub(super) chin: f32,
    pub(super) ear_top: f32,
    /// Of the tops of the ears, forwards.
    pub(super) ear_z: f32,
    /// Half the breadth of the skull.
    pub(super) half: f32,
    pub(super) back: f32,
}

impl<'a> Ground<'a> {
    /// `sideburns` is how much hair grows in front of the ears, 0..=1; `over_ears` is whether hair falls over the
    /// ears, `hangs` whether it may reach neck and shoulders.
    pub(super) fn new(
        template: &Template,
        skin: &'a Mesh,
        line: &Hairline,
        sideburns: f32,
        over_ears: bool,
        hangs: bool,
        seed: u64,
    ) -> Self {
        let at = |landmark| template.locate(skin, template.anchor(landmark)).0;
        let both = |of: fn(Side) -> Landmark| (at(of(Side::Left)) + at(of(Side::Right))) * 0.5;
        let ears = both(Landmark::EarTop);
        let marks = Marks {
            top: at(Landmark::Vertex).y,
            brow: (at(Landmark::Ibug(19)).y + at(Landmark::Ibug(24)).y) * 0.5,
            chin: at(Landmark::Menton).y,
            ear_top: ears.y,
            ear_z: ears.z,
            half: (at(Landmark::EarTop(Side::Left)).x - at(Landmark::EarTop(Side::Right)).x) * 0.5,
            back: at(Landmark::Occiput).z,
        };
        let [scalp, burns] = [Region::Scalp, Region::Sideburn].map(|region| template.weights(region));
        let [ear, neck, shoulder] =
            [Region::Ear, Region::Neck, Region::Shoulder].map(|region| template.weights(region));
        let cover: Vec<f32> = (0..skin.positions.len())
            .map(|at| {
                let rest = skin.rest[at];
                let full = scalp[at].max(burns[at] * sideburns);
                if full <= 0.0 || line == &Hairline::FULL {
                    return full;
                }
                let ragged = 0.25 * noise::gradient(rest * 0.09, seed);
                // Ahead of the ears and above the brows, the edge of the scalp may lie higher or lower.
                let front =
                    ((rest.z - 20.0) / 30.0).clamp(0.0, 1.0) * ((rest.y - 45.0) / 25.0).clamp(0.0, 1.0);
                let edge = (full - 0.04 * line.height * front * (1.6 - full)).clamp(0.0, 1.0);
                let missing = line.missing(rest);
                edge * (1.0 - (missing * (1.0 + ragged)).clamp(0.0, 1.0))
            })
            .collect();
        let center =
            Vec3::new(0.0, (marks.top + marks.ear_top) * 0.5 - 18.0, (marks.back + marks.ear_z) * 0.5 + 36.0);
        // Both hulls have what lies between them.
        let low = |at: usize| neck[at] > 0.75 || shoulder[at] > 0.1;
        // Hair keeps away from the middle of the face, where there are many small triangles.
        let fine = [Region::Nose, Region::Lips, Region::UpperLid, Region::LowerLid, Region::MouthInside]
            .map(|region| template.weights(region));
        let bare = |at: usize| fine.iter().all(|weights| weights[at] < 0.5);
        let head = |at: usize| (!low(at) || skin.positions[at].y > marks.ear_top - 120.0) && bare(at);
        let with_ears: Option<&dyn Fn(usize) -> bool> = if over_ears { Some(&head) } else { None };
        let (skull, eared) = Hull::pair(skin, center, &cover, |at| head(at) && ear[at] < 0.6, with_ears);
        let eared = eared.map(|hull| hull.smoothed(1));
        let floor = skin.positions.iter().map(|at| at.y).fold(f32::INFINITY, f32::min);
        let chest = Vec3::new(0.0, floor, marks.ear_z - 5.0);
        let body = |at: usize| {
            (neck[at] > 0.2 || shoulder[at] > 0.0)
                && ear[at] < 0.6
                && skin.positions[at].y < marks.chin + 55.0
        };
        let torso = hangs.then(|| Hull::new(skin, chest, &cover, body));
        let of_ears = (0..ear.len()).filter(|&at| !over_ears && ear[at] > 0.3);
        let ears = Near::new(of_ears.map(|at| (skin.positions[at], skin.normals[at])));
        Self { ears, skin, cover, skull, eared, torso, marks, limit: HairLimit::None }
    }

    /// The hull that hair of the head lies on.
    pub(super) fn hull(&self) -> &Hull {
        self.eared.as_ref().unwrap_or(&self.skull)
    }

    /// How far outside of head, neck and shoulders a place is, in millimetres, and the normal where it is nearest.
    pub(super) fn height(&self, place: Vec3) -> (f32, Vec3) {
        let head = self.hull().height(place);
        match &self.torso {
            Some(torso) if place.y < self.marks.chin + 50.0 => {
                let torso = torso.height(place);
                if torso.0 < head.0 { torso } else { head }
            }
            _ => head,
        }
    }

    /// A place moved out until it is `least` millimetres above the skin.
    pub(super) fn outside(&self, place: Vec3, least: f32) -> Vec3 {
        let mut place = place;
        // Ears stand out farther than a hull of them says.
        let least = if self.eared.is_some() && self.at_ear(place) { least + 3.5 } else { least };
        for _ in 0..2 {
            let (height, normal) = self.height(place);
            if height >= least {
                break;
            }
            place += normal * (least - height);
        }
        self.out_of_ears(self.pressed(place))
    }

    /// A place that goes below the edge of a hat: hair that is near it lies closer to the head, and above it flat.
    fn pressed(&self, place: Vec3) -> Vec3 {
        let HairLimit::Above { point, normal } = self.limit else { return place };
        let below = (point - place).dot(normal);
        let loose = ramp(-2.0, PRESSED, below);
        if loose == 1.0 {
            return place;
        }
        let (height, out) = self.hull().height(place);
        let flat = if self.eared.is_some() && self.at_ear(place) { 4.0 * FLAT } else { FLAT };
        place - out * ((height - flat).max(0.0) * (1.0 - loose))
    }

    /// Whether a place lies close to an ear.
    pub(super) fn at_ear(&self, place: Vec3) -> bool {
        let marks = &self.marks;
        let off =
            Vec3::new(place.x.abs() - marks.half, place.y - marks.ear_top + 30.0, place.z - marks.ear_z);
        off.x.abs() < 24.0 && off.y.abs() < 45.0 && off.z.abs() < 34.0
    }

    /// A place that is not inside of an ear. Ears fold back, so no hull has them.
    fn out_of_ears(&self, place: Vec3) -> Vec3 {
        if !self.at_ear(place) {
            return place;
        }
        let Some((at, normal)) = self.ears.look(place) else { return place };
        let height = (place - at).dot(normal);
        if height > 0.3 { place } else { place + normal * (0.5 - height) }
    }

    /// The direction away from the middle of head and neck, for the shading of hair that hangs.
    pub(super) fn outward(&self, place: Vec3) -> Vec3 {
        let center = self.skull.center();
        let spine = Vec3::new(0.0, place.y.min(center.y), center.z);
        let toward = place - spine;
        (toward / Vec3::new(1.0, 1.3, 1.5)).normalize_or(Vec3::Y)
    }
}

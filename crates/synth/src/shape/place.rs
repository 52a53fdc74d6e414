//! Places of the face that displacements are laid around.

use glam::Vec3;

use crate::head::{Landmark, Side, Template};

/// A place of the mean face: in the middle, or one on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Place {
    /// Midway between the ear canals.
    Origin,
    Vertex,
    Occiput,
    Forehead,
    Glabella,
    Nasion,
    Bridge,
    NoseTip,
    Subnasale,
    UpperLip,
    Mouth,
    LowerLip,
    Pogonion,
    Menton,
    Throat,
    /// Midway between the joints of the jaw.
    JawJoint,
    // On both sides from here.
    Eyeball,
    Eye,
    InnerCanthus,
    OuterCanthus,
    UpperLid,
    LowerLid,
    BrowInner,
    BrowMiddle,
    BrowOuter,
    Ala,
    Cheekbone,
    Zygion,
    Cheek,
    MouthCorner,
    BowPeak,
    Jaw,
    Gonion,
    Temple,
    Ear,
    EarTop,
    Lobe,
}

impl Place {
    /// Whether there is one on each side.
    pub(super) fn is_paired(self) -> bool {
        self as u8 >= Self::Eyeball as u8
    }
}

const COUNT: usize = Place::Lobe as usize + 1;

/// Where all places are on one template.
pub(super) struct Places([Vec3; COUNT]);

impl Places {
    /// By the landmarks of the template, so that fields stay where they belong when its form is changed.
    pub(super) fn new(template: &Template) -> Self {
        let at = |landmark| template.locate(template.mesh(), template.anchor(landmark)).0;
        // Of the person's left side, or of the middle.
        let ibug = |number| at(Landmark::Ibug(number));
        let middle = |point: Vec3| Vec3::new(0.0, point.y, point.z);
        let mut places = [Vec3::ZERO; COUNT];
        let mut set = |place: Place, at: Vec3| {
            places[place as usize] = if place.is_paired() { at } else { middle(at) };
        };
        let (nasion, tip, subnasale) = (at(Landmark::Nasion), at(Landmark::NoseTip), ibug(33));
        let (glabella, menton) = (at(Landmark::Glabella), at(Landmark::Menton));
        let (inner, outer) = (ibug(42), ibug(45));
        set(Place::Vertex, at(Landmark::Vertex));
        set(Place::Occiput, at(Landmark::Occiput));
        set(Place::Glabella, glabella);
        set(Place::Forehead, glabella + Vec3::new(0.0, 38.0, -5.0));
        set(Place::Nasion, nasion);
        set(Place::Bridge, at(Landmark::NoseBridge));
        set(Place::NoseTip, tip);
        set(Place::Subnasale, subnasale);
        set(Place::UpperLip, ibug(51));
        set(Place::Mouth, (ibug(62) + ibug(66)) * 0.5);
        set(Place::LowerLip, ibug(57));
        set(Place::Menton, menton);
        set(Place::Pogonion, menton + Vec3::new(0.0, 12.0, 8.0));
        set(Place::Throat, menton + Vec3::new(0.0, -38.0, -42.0));
        set(Place::Eyeball, template.eye(Side::Left).centre);
        set(Place::Eye, at(Landmark::EyeCenter(Side::Left)));
        set(Place::InnerCanthus, inner);
        set(Place::OuterCanthus, outer);
        set(Place::UpperLid, (ibug(43) + ibug(44)) * 0.5);
        set(Place::LowerLid, (ibug(46) + ibug(47)) * 0.5);
        set(Place::BrowInner, ibug(22));
        set(Place::BrowMiddle, ibug(24));
        set(Place::BrowOuter, ibug(26));
        set(Place::Ala, ibug(35));
        let eye = template.eye(Side::Left).centre;
        set(Place::Cheekbone, eye + Vec3::new(17.0, -24.0, 10.0));
        set(Place::Zygion, Vec3::new(68.0, eye.y - 20.0, 40.0));
        let corner = at(Landmark::MouthCorner(Side::Left));
        set(Place::Cheek, corner + Vec3::new(20.0, 12.0, -12.0));
        set(Place::MouthCorner, corner);
        set(Place::BowPeak, ibug(52));
        let gonion = at(Landmark::Gonion(Side::Left));
        set(Place::Gonion, gonion);
        set(Place::Jaw, (gonion + menton) * 0.5 + Vec3::new(4.0, 0.0, 4.0));
        set(Place::Temple, Vec3::new(66.0, eye.y + 20.0, 40.0));
        let (top, canal) = (at(Landmark::EarTop(Side::Left)), at(Landmark::EarCanal(Side::Left)));
        set(Place::Ear, canal);
        set(Place::EarTop, top);
        set(Place::Lobe, canal + Vec3::new(2.0, -22.0, 2.0));
        set(Place::JawJoint, Vec3::new(0.0, canal.y - 2.0, canal.z + 12.0));
        Self(places)
    }

    /// Of the person's left side, for what is on both.
    pub(super) fn of(&self, place: Place) -> Vec3 {
        self.0[place as usize]
    }
}

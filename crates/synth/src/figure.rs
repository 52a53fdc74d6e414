//! All surfaces of a person at a moment.

use std::ops::Range;

use crate::body::below;
use crate::neck::Neck;
use crate::{
    BeardKind, EyeMaterial, HairLimit, HairPart, Head, Item, Material, Mesh, Moment, Mucosa, Part, Person,
    Pose, Skin, Stubble, Teeth, Template, WornPart, grow_under, make,
};

/// How much of the shadow of a shaved beard is seen, and of one of a few days.
const SHAVED: f32 = 0.3;
const UNSHAVED: f32 = 0.7;

/// All surfaces of a person at a moment, in the frame of the head, and what they are made of.
pub(crate) struct Figure {
    pub(crate) head: Head,
    skin: Skin,
    eye: EyeMaterial,
    teeth: Teeth,
    mucosa: [Mucosa; 2],
    /// Hair of the head and beard, then brows and lashes.
    hair: Vec<HairPart>,
    /// Brows and lashes among them.
    fine: Range<usize>,
    worn: Vec<WornPart>,
}

impl Figure {
    /// A person whose shoulders are turned to the camera as `body` says; the head is turned as the moment has it. With a
    /// `stature`, from the origin of the head down to the soles in millimetres, the body goes on below the chest.
    pub(crate) fn new(person: &Person, moment: &Moment, body: Pose, stature: Option<f32>) -> Self {
        let template = Template::get();
        let mut head = Head::new(template, &moment.form(person));
        let mut limits = moment.worn.iter().map(|item| item.hair_limit(template, &head.skin));
        let limit = limits.find(|limit| *limit != HairLimit::None).unwrap_or(HairLimit::None);
        let mut hair = grow_under(&person.hair, template, &head.skin, limit);
        hair.extend(person.beard.grow(template, &head.skin));
        let coarse = hair.len();
        hair.extend(person.brows.grow(template, &head.skin));
        hair.extend(person.lashes.grow(template, &head.skin));
        let fine = coarse..hair.len();

        let neck = Neck::new(moment.pose, body);
        let put_on = |(item, number): (&Item, u64)| {
            let mut parts = make(item, template, &head.skin, moment.seed.of("worn").number(number));
            if let (Item::Clothing(_), Some(stature)) = (item, stature) {
                parts.extend(below(&parts, stature, person.complexion.color(), moment.seed));
            }
            if !matches!(item, Item::Occluder(_)) {
                parts.iter_mut().for_each(|part| neck.bend(&mut part.mesh));
            }
            parts
        };
        let worn = moment.worn.iter().zip(0..).flat_map(put_on).collect();
        // Only when all is made to measure is the neck bent.
        neck.bend(&mut head.skin);
        hair[..coarse].iter_mut().for_each(|part| neck.bend(&mut part.mesh));

        let age = person.form.age;
        Self {
            head,
            skin: Skin::new(&person.complexion, &moment.makeup, &stubble(person)),
            eye: EyeMaterial::new(&person.iris, moment.pupil, moment.redness, age, person.seed.of("eye")),
            teeth: person.teeth.clone(),
            mucosa: [Mucosa::gums(&person.complexion), Mucosa::tongue(&person.complexion)],
            hair,
            fine,
            worn,
        }
    }

    /// All surfaces, those of the head itself first.
    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        let head = &self.head;
        let mut parts: Vec<Part<'_>> = closed(std::slice::from_ref(&head.skin), &self.skin).collect();
        let inside = parts.len();
        parts.extend(closed(&head.eyes, &self.eye));
        parts.extend(closed(&head.teeth, &self.teeth));
        parts.extend(closed(&head.gums, &self.mucosa[0]));
        parts.extend(closed(std::slice::from_ref(&head.tongue), &self.mucosa[1]));
        // What lies within the skin is in its shadow already.
        parts[inside..].iter_mut().for_each(|part| part.casts_shadow = false);
        parts.extend(self.hair.iter().map(|part| Part {
            mesh: &part.mesh,
            material: &part.material,
            casts_shadow: part.casts_shadow,
            two_sided: true,
        }));
        parts.extend(self.worn.iter().map(|part| Part {
            mesh: &part.mesh,
            material: &part.material,
            casts_shadow: part.casts_shadow,
            two_sided: part.two_sided,
        }));
        parts
    }

    /// Whether a part, by its number, is of the head itself and not hair or worn: brows and lashes count as skin.
    pub(crate) fn is_bare(&self, part: usize) -> bool {
        let head = 1 + self.head.eyes.len() + self.head.teeth.len() + self.head.gums.len() + 1;
        part < head || self.fine.contains(&(part - head))
    }
}

/// Closed bodies of one material.
fn closed<'a>(meshes: &'a [Mesh], material: &'a dyn Material) -> impl Iterator<Item = Part<'a>> {
    meshes.iter().map(move |mesh| Part { mesh, material, casts_shadow: true, two_sided: false })
}

/// The shadow of hair that is shaved or a few days old, on face and scalp.
fn stubble(person: &Person) -> Stubble {
    let beard = match person.beard.kind {
        _ if person.form.sex < 0.5 => 0.0,
        BeardKind::Stubble => UNSHAVED * person.beard.density,
        _ => SHAVED * person.beard.density,
    };
    // Where the hair of the head is cut to nothing its roots are seen.
    let scalp = (1.0 - person.hair.top / 12.0).clamp(0.0, 1.0) * (1.0 - person.hair.hairline.thinning);
    Stubble { density: [beard, beard, 0.6 * scalp], color: person.beard.color.albedo() }
}

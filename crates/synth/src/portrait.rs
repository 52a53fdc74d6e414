//! A picture of a person, and what is true of it.

use geometry::{Landmarks, Point, Rect};
use glam::{Vec2, Vec3};
use imaging::Image;

use crate::{
    BeardKind, Camera, EyeMaterial, HairLimit, HairPart, Head, Item, Landmark, Material, Mesh, Moment,
    Mucosa, Part, Person, Scene, Skin, Stubble, Template, WornPart, grow, make, paint, render,
};

/// How much of the shadow of a shaved beard is seen, and of one of a few days.
const SHAVED: f32 = 0.3;
const UNSHAVED: f32 = 0.7;
/// Millimetres above the origin of the head that are in the middle of the picture.
const MIDDLE: f32 = 10.0;

/// A picture, and what it shows. Points are in pixels with the origin at the middle of the first one, as everywhere in omote.
#[derive(Clone, Debug)]
pub struct Portrait {
    /// The picture.
    pub image: Image,
    /// The five points of the field, in pixels, as seen in the picture.
    pub five: Landmarks,
    /// The 68 points of 300-W, in pixels.
    pub points: Vec<Point>,
    /// The face from the hairline to the chin, in pixels: the box of WIDER FACE.
    pub face: Rect,
}

/// All surfaces of a person at a moment, in the frame of the head.
struct Figure {
    head: Head,
    hair: Vec<HairPart>,
    worn: Vec<WornPart>,
}

impl Figure {
    fn new(person: &Person, moment: &Moment) -> Self {
        let template = Template::get();
        let form = person.form.clone();
        let form = match moment.mood {
            Some(mood) => form.with_mood(mood, 1.0),
            None => form,
        };
        let head = Head::new(template, &form);
        let mut hair = grow(&person.hair, template, &head.skin);
        for item in &moment.worn {
            let limit = item.hair_limit(template, &head.skin);
            hair.iter_mut().for_each(|part| shorten(&mut part.mesh, limit));
        }
        hair.extend(person.brows.grow(template, &head.skin));
        hair.extend(person.lashes.grow(template, &head.skin));
        hair.extend(person.beard.grow(template, &head.skin));
        let put_on = |(item, number): (&Item, u64)| {
            make(item, template, &head.skin, moment.seed.of("worn").number(number))
        };
        let worn = moment.worn.iter().zip(0..).flat_map(put_on).collect();
        Self { head, hair, worn }
    }
}

impl Moment {
    /// Takes a picture of a person. `samples` is how many samples a pixel has along each axis, 1 to 4.
    pub fn portrait(&self, person: &Person, width: u32, height: u32, samples: u32) -> Portrait {
        let figure = Figure::new(person, self);
        let camera = Camera::portrait(width, height, self.span, self.distance, self.pose, MIDDLE);
        let color = self.exposed(person, &figure, &camera, samples);
        let image = self.sensor.develop(&color, width, height, self.seed.of("noise"));

        let template = Template::get();
        let pixel = |place: Vec3| {
            // The camera counts from the corner of the picture, omote's points from the middle of the first pixel.
            let at = camera.project(place).map_or(Vec2::ZERO, |(at, _)| at) - 0.5;
            Point { x: at.x, y: at.y }
        };
        let points: Vec<Point> =
            (0..68).map(|number| pixel(figure.head.landmark(template, Landmark::Ibug(number)))).collect();
        let hairline = pixel(hairline(&figure.head, template));
        let face = bounds(points.iter().chain([&hairline]));
        Portrait { image, five: Landmarks(figure.head.five(template).map(pixel)), face, points }
    }

    /// The light that falls on each pixel.
    fn exposed(&self, person: &Person, figure: &Figure, camera: &Camera, samples: u32) -> Vec<Vec3> {
        let Figure { head, hair, worn } = figure;
        let skin = Skin::new(&person.complexion, &self.makeup, &stubble(person));
        let eye =
            EyeMaterial::new(&person.iris, self.pupil, self.redness, person.form.age, person.seed.of("eye"));
        let [gums, tongue] = [Mucosa::gums(&person.complexion), Mucosa::tongue(&person.complexion)];

        let mut parts: Vec<Part<'_>> = closed(std::slice::from_ref(&head.skin), &skin).collect();
        parts.extend(closed(&head.eyes, &eye));
        parts.extend(closed(&head.teeth, &person.teeth));
        parts.extend(closed(&head.gums, &gums));
        parts.extend(closed(std::slice::from_ref(&head.tongue), &tongue));
        parts.extend(hair.iter().map(|part| Part {
            mesh: &part.mesh,
            material: &part.material,
            casts_shadow: part.casts_shadow,
            two_sided: true,
        }));
        parts.extend(worn.iter().map(|part| Part {
            mesh: &part.mesh,
            material: &part.material,
            casts_shadow: part.casts_shadow,
            two_sided: part.two_sided,
        }));
        let background = paint(&self.background, camera.width() as usize, camera.height() as usize);
        let light = self.lighting.light.clone();
        render(&Scene { parts, camera: camera.clone(), light, background: Some(background) }, samples).color
    }
}

/// Closed bodies of one material.
fn closed<'a>(meshes: &'a [Mesh], material: &'a dyn Material) -> impl Iterator<Item = Part<'a>> {
    meshes.iter().map(move |mesh| Part { mesh, material, casts_shadow: true, two_sided: false })
}

/// Leaves out hair that has no room below a hat.
fn shorten(hair: &mut Mesh, limit: HairLimit) {
    if limit == HairLimit::None {
        return;
    }
    let hidden: Vec<bool> = hair.positions.iter().map(|place| limit.hides(*place)).collect();
    hair.triangles.retain(|corners| !corners.iter().any(|&at| hidden[at as usize]));
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

/// Where the forehead ends: as far above the brows as the tip of the nose is below them.
fn hairline(head: &Head, template: &Template) -> Vec3 {
    let glabella = head.landmark(template, Landmark::Glabella);
    let tip = head.landmark(template, Landmark::NoseTip);
    Vec3::new(glabella.x, glabella.y + (glabella.y - tip.y), glabella.z - 15.0)
}

fn bounds<'a>(points: impl Iterator<Item = &'a Point>) -> Rect {
    let empty = Rect::new(f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
    points.fold(empty, |rect, point| {
        Rect::new(rect.x1.min(point.x), rect.y1.min(point.y), rect.x2.max(point.x), rect.y2.max(point.y))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pose, Seed};

    fn portrait(person: u64, picture: u64, size: u32) -> (Person, Moment, Portrait) {
        let person = Person::new(Seed::new(person));
        let moment = Moment::sample(Seed::new(900).number(picture), &person);
        let portrait = moment.portrait(&person, size, size, 1);
        (person, moment, portrait)
    }

    #[test]
    fn the_same_moment_is_the_same_picture() {
        let (first, again) = (portrait(1, 1, 48).2, portrait(1, 1, 48).2);
        assert_eq!((first.image, first.points), (again.image, again.points));
        assert_ne!(portrait(1, 2, 48).2.image, portrait(1, 1, 48).2.image);
        assert_ne!(portrait(2, 1, 48).2.image, portrait(1, 1, 48).2.image);
    }

    #[test]
    fn truth_lies_in_the_picture_and_goes_with_the_pose() {
        for number in 0..12 {
            let person = Person::new(Seed::new(number));
            let mut moment = Moment::sample(Seed::new(number), &person);
            moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
            let straight = moment.portrait(&person, 64, 64, 1);
            let Landmarks([left, right, nose, ..]) = straight.five;
            assert!(left.x < nose.x && nose.x < right.x && left.y < nose.y, "{:?}", straight.five);
            let face = straight.face;
            assert!(0.0 < face.x1 && face.x2 < 64.0 && 0.0 < face.y1 && face.y2 < 64.0, "{face:?}");
            assert!((0.9..1.9).contains(&((face.y2 - face.y1) / (face.x2 - face.x1))), "{face:?}");
            assert!(straight.points.iter().all(|point| face.contains(*point)), "{face:?}");
            // The nose goes where it points.
            moment.pose.yaw = 40.0;
            let turned = moment.portrait(&person, 64, 64, 1).five;
            let middle = 0.5 * (turned.left_eye().x + turned.right_eye().x);
            assert!(turned.nose().x > middle + 3.0, "{turned:?}");
        }
    }

    #[test]
    fn nothing_but_the_person_comes_back() {
        // Two pictures of one person share neither light nor background nor clothes, more often than two of strangers.
        let same =
            |a: &Moment, b: &Moment| a.background == b.background || a.lighting.light == b.lighting.light;
        for number in 0..20 {
            let person = Person::new(Seed::new(number));
            let moments: Vec<Moment> = (0..4)
                .map(|picture| Moment::sample(person.seed.of("pictures").number(picture), &person))
                .collect();
            for (at, moment) in moments.iter().enumerate() {
                assert!(moments[..at].iter().all(|other| !same(moment, other) && moment.worn != other.worn));
            }
        }
    }
}

//! Masks of another face.

use geometry::{Point, Similarity};
use glam::{Vec2, Vec3};

use super::print::{Cut, Halftone, Print};
use super::sheet::Source;
use super::stand::Bend;
use crate::color::luminance;
use crate::{
    Head, Landmark, Material, Mesh, Moment, Person, Reflectance, Region, Seed, Sensor, Side, SurfacePoint,
    Template, noise,
};

/// Middle and half sizes of the left eye's hole on the mean face, from the front, in millimetres.
const EYE: [Vec2; 2] = [Vec2::new(31.5, 28.0), Vec2::new(17.5, 10.0)];
/// Middle and half sizes of a paper mask, in the same.
const OUTLINE: [Vec2; 2] = [Vec2::new(0.0, -6.0), Vec2::new(62.0, 94.0)];
/// How much narrower a paper mask is at its lower end, as a share.
const CHIN: f32 = 0.2;
/// Luminance of fair skin, whose photo is printed brightest.
const FAIR: f32 = 0.35;
/// How far paper stays before the skin, in millimetres.
const GAP: f32 = 2.5;
/// Width of the shadow beside an edge, in millimetres.
const SHADED: f32 = 5.0;
/// Rounds in which paper goes straight between the places where it touches the face.
const ROUNDS: usize = 60;

/// What a mask is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskStuff {
    /// A printed face, cut out and bent over one's own.
    Paper,
    /// Hard and glossy.
    Plastic,
    /// Soft, nearly like skin, but of one colour and without pores.
    Silicone,
    /// Thin rubber, dull, with uneven dye.
    Latex,
}

/// A mask that is worn over the face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disguise {
    /// What it is made of.
    pub stuff: MaskStuff,
    /// Its colour, linear sRGB; paper has the colours of its print.
    pub color: Vec3,
    /// Roughness of the gloss, 0..=1.
    pub roughness: f32,
    /// How strongly lips and brows are painted on, 0..=1.
    pub paint: f32,
    /// Where all else comes from.
    pub seed: Seed,
}

impl Disguise {
    pub(super) fn sample(seed: Seed, victim: &Person) -> Self {
        let mut stream = seed.of("disguise").stream();
        let stuff = [MaskStuff::Paper, MaskStuff::Plastic, MaskStuff::Silicone, MaskStuff::Latex]
            [stream.weighted(&[4.0, 2.0, 2.0, 2.0])];
        let skin = victim.complexion.color();
        let (color, roughness) = match stuff {
            MaskStuff::Plastic if stream.chance(0.4) => (Vec3::splat(0.75), stream.between(0.15, 0.35)),
            MaskStuff::Plastic => (skin * stream.between(0.9, 1.2), stream.between(0.18, 0.4)),
            MaskStuff::Silicone => (skin * stream.between(0.9, 1.1), stream.between(0.38, 0.5)),
            MaskStuff::Latex | MaskStuff::Paper => {
                (skin * Vec3::new(1.05, 0.96, 0.9), stream.between(0.5, 0.7))
            }
        };
        Self { stuff, color: color.min(Vec3::splat(0.85)), roughness, paint: stream.between(0.2, 0.9), seed }
    }

    /// Who is seen: paper leaves the head as it is, other masks have the form of the other head and do not move. A mask
    /// leaves no room for a beard.
    pub(super) fn wearer(&self, attacker: &Person, victim: &Person) -> Person {
        let mut wearer = attacker.clone();
        if self.stuff != MaskStuff::Paper {
            wearer.form = victim.form.clone();
        }
        wearer.beard.density = 0.0;
        wearer
    }

    /// A sheet with the face of a person, to be cut out.
    pub(super) fn paper(&self, victim: &Person) -> Paper {
        // Cameras expose all skin nearly alike; who makes a mask goes half the way back to how bright it is.
        let bright = luminance(victim.complexion.color()).max(0.02);
        let exposure = (0.6 * (bright / FAIR).log2() + 1.3).clamp(0.0, 1.3);
        let sensor = Sensor { exposure, ..Sensor::NEUTRAL };
        let plain = Moment { seed: self.seed.of("photo"), sensor, ..Moment::plain() };
        let photo = plain.portrait(victim, 288, 288, 1);
        let template = Template::get();
        let mean = |landmark| {
            let (place, _) = template.locate(template.mesh(), template.anchor(landmark));
            Point { x: place.x, y: -place.y }
        };
        let places = [
            mean(Landmark::EyeCenter(Side::Right)),
            mean(Landmark::EyeCenter(Side::Left)),
            mean(Landmark::NoseTip),
            mean(Landmark::MouthCorner(Side::Right)),
            mean(Landmark::MouthCorner(Side::Left)),
        ];
        let map = Similarity::fit(&places, &photo.sight.five.0);
        let print = Print {
            cut: Cut::Borderless,
            halftone: Halftone::Photo,
            bend: Bend::FLAT,
            contrast: 1.0,
            saturation: 1.2,
            ..Print::sample(self.seed, 1.0)
        };
        Paper { source: Source::new(&photo.image), map, print }
    }
}

/// Whether a place of the mean face, seen from the front, is in a hole for an eye: below 1 it is.
fn hole(rest: Vec3) -> f32 {
    ((Vec2::new(rest.x.abs(), rest.y) - EYE[0]) / EYE[1]).length()
}

/// How far a place of the mean face, seen from the front, is from the middle of a paper mask: 1 at its edge. `wider` is how
/// many millimetres wider than the mask the line is on which it is 1.
fn cut(rest: Vec3, wider: f32) -> f32 {
    let off = (Vec2::new(rest.x, rest.y) - OUTLINE[0]) / (OUTLINE[1] + wider);
    // It follows the jaw.
    Vec2::new(off.x / (1.0 - CHIN * (-off.y).clamp(0.0, 1.0)), off.y).length()
}

/// A printed face.
pub(super) struct Paper {
    source: Source,
    /// From the mean face, millimetres to the right and down, to pixels of the print.
    map: Option<Similarity>,
    print: Print,
}

impl Paper {
    /// The sheet over a face: it goes straight where the face is hollow.
    pub(super) fn mesh(head: &Head) -> Mesh {
        let template = Template::get();
        let skin = &head.skin;
        let inner =
            [Region::MouthInside, Region::Nostril, Region::Ear].map(|region| template.weights(region));
        let inside = |at: usize| {
            let rest = skin.rest[at];
            rest.z > 20.0 && cut(rest, 4.0) < 1.0 && inner.iter().all(|weights| weights[at] < 0.5)
        };
        let mut mesh = skin.clone();
        mesh.triangles.retain(|corners| corners.iter().all(|&at| inside(at as usize)));
        let least: Vec<f32> = skin.positions.iter().map(|place| place.z + GAP).collect();
        let mut depth = least.clone();
        for _ in 0..ROUNDS {
            let mut sums = vec![(0.0, 0.0); depth.len()];
            for triangle in &mesh.triangles {
                let sum: f32 = triangle.iter().map(|&at| depth[at as usize]).sum();
                for &at in triangle {
                    let entry = &mut sums[at as usize];
                    *entry = (entry.0 + sum, entry.1 + 3.0);
                }
            }
            for (at, (sum, count)) in sums.into_iter().enumerate() {
                if count > 0.0 {
                    depth[at] = least[at].max(sum / count);
                }
            }
        }
        mesh.positions.iter_mut().zip(depth).for_each(|(place, depth)| place.z = depth);
        mesh.smooth_normals(&[]);
        mesh
    }
}

impl Material for Paper {
    fn sheer(&self) -> bool {
        true
    }

    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let (rest, fine) = (point.rest, point.footprint.max(0.2));
        // Ways to the edges, in millimetres.
        let edge = ((1.0 - cut(rest, 0.0)) * OUTLINE[1].x).min((hole(rest) - 1.0) * EYE[1].y);
        let at = Vec2::new(rest.x, -rest.y);
        let color = self.map.map_or(Vec3::splat(0.5), |map| {
            let pixel = map.apply(Point { x: at.x, y: at.y });
            self.source.at(Vec2::new(pixel.x, pixel.y) + 0.5)
        });
        // Where it was cut the paper's white is seen.
        let color = color.lerp(Vec3::ONE, (1.0 - edge / 0.8).clamp(0.0, 1.0) * 0.7);
        Reflectance {
            roughness: self.print.roughness,
            gloss: 0.04,
            opacity: (edge / fine + 0.5).clamp(0.0, 1.0),
            ..Reflectance::matte(self.print.albedo(color, at, fine))
        }
    }
}

/// A mask of one colour in the place of skin.
pub(super) struct Shell<'a> {
    pub(super) disguise: &'a Disguise,
    /// What is seen through the holes and below the edge at the neck.
    pub(super) skin: &'a dyn Material,
}

impl Material for Shell<'_> {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let rest = point.rest;
        let uneven = noise::gradient(rest * 0.04, self.disguise.seed.value());
        let front = rest.z > 45.0;
        let eye = if front { (hole(rest) - 1.0) * EYE[1].y } else { 50.0 };
        let neck = rest.y + 128.0 + 5.0 * uneven;
        let edge = eye.min(neck);
        // How much of what a sample of the camera sees is mask: an edge without steps.
        let fine = point.footprint.max(0.2);
        let share = (edge / fine + 0.5).clamp(0.0, 1.0);
        if share == 1.0 {
            return self.stuff(rest, edge, uneven, front);
        }
        let skin = self.skin.reflectance(point);
        // The mask throws a shadow on what is behind its edge.
        let shade = 1.0 - 0.55 * (1.0 + edge / SHADED).clamp(0.0, 1.0);
        let skin = Reflectance { albedo: skin.albedo * shade, ..skin };
        if share == 0.0 {
            return skin;
        }
        let mask = self.stuff(rest, edge, uneven, front);
        let mix = |skin: f32, mask: f32| skin + (mask - skin) * share;
        Reflectance {
            albedo: skin.albedo.lerp(mask.albedo, share),
            relief: skin.relief * (1.0 - share),
            roughness: mix(skin.roughness, mask.roughness),
            gloss: mix(skin.gloss, mask.gloss),
            scatter: mix(skin.scatter, mask.scatter),
            opacity: 1.0,
        }
    }
}

impl Shell<'_> {
    /// The mask at a place of the mean face that is `edge` millimetres inside its edges.
    fn stuff(&self, rest: Vec3, edge: f32, uneven: f32, front: bool) -> Reflectance {
        let Disguise { stuff, color, roughness, paint, .. } = *self.disguise;
        let (blotches, gloss, scatter) = match stuff {
            MaskStuff::Latex => (0.12, 0.025, 0.6),
            MaskStuff::Silicone => (0.02, 0.035, 1.5),
            MaskStuff::Plastic | MaskStuff::Paper => (0.0, 0.05, 0.0),
        };
        let mut albedo = color * (1.0 + blotches * uneven);
        if front {
            let spot = |middle: Vec2, half: Vec2| {
                let off = (Vec2::new(rest.x.abs(), rest.y) - middle) / half;
                ((1.0 - off.length()) * 3.0).clamp(0.0, 1.0) * paint
            };
            let lips = spot(Vec2::new(0.0, -46.0), Vec2::new(26.0, 9.0));
            let brow = spot(Vec2::new(33.0, 48.0), Vec2::new(22.0, 4.5));
            albedo = albedo.lerp(Vec3::new(0.4, 0.06, 0.06), lips).lerp(Vec3::splat(0.03), brow);
        }
        // Its edge is thick and catches light.
        let rim = (1.0 - edge / 1.5).clamp(0.0, 1.0);
        albedo = albedo.lerp((albedo * 1.4).min(Vec3::splat(0.9)), rim);
        Reflectance { roughness, gloss, scatter, ..Reflectance::matte(albedo) }
    }
}

//! Things in front of the face.

mod shapes;

use geometry::{Point, Similarity, Template};
use imaging::Image;
use serde::{Deserialize, Serialize};
use synth::{Seed, Stream};

use super::section::{Operation, Section, range};

/// The picture that shapes are given in: an aligned face, as ArcFace has it.
const ALIGNED: Template = Template::ARCFACE_112;

/// A thing in front of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thing {
    /// An ellipse anywhere, such as a finger or a balloon.
    Ellipse,
    /// A bar across the picture, such as a pole or an arm.
    Bar,
    /// A rectangle with a pattern anywhere, such as a book or somebody's clothes.
    Patch,
    /// Dark glasses over the eyes, or a band.
    Sunglasses,
    /// A mask over nose, mouth and chin.
    Mask,
}

/// A drawn thing in front of the face. Glasses and masks lie where an aligned face has its eyes and its mouth
/// (see [`Template::ARCFACE_112`]), enlarged to the picture, or, where it is as narrow as SphereFace's 96x112,
/// those of [`Template::SPHEREFACE_96X112`]; they are for aligned faces only. Things are
/// drawn before the picture is mirrored, turned or cut out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Occluder {
    /// Before how many pictures one stands, as a share.
    pub probability: f32,
    /// Which things there are, all as likely; one that stands there twice is twice as likely.
    pub things: Vec<Thing>,
    /// From how small to how large ellipses and patches are, and from how thin to how thick bars are at twice
    /// that: a width as a share of the picture's.
    pub size: [f32; 2],
}

impl Default for Occluder {
    fn default() -> Self {
        let things = vec![Thing::Ellipse, Thing::Bar, Thing::Patch, Thing::Sunglasses, Thing::Mask];
        Self { probability: 0.5, things, size: [0.15, 0.45] }
    }
}

impl Section for Occluder {
    fn name(&self) -> &'static str {
        "occluder"
    }

    fn probability(&self) -> f32 {
        self.probability
    }

    fn check(&self) -> Result<(), String> {
        if self.things.is_empty() || self.things.len() > 100 {
            return Err("things must name one thing or more, at most 100".to_owned());
        }
        range("size", self.size, [0.01, 1.0])
    }
}

impl Operation for Occluder {
    fn change(&self, image: &Image, seed: Seed) -> Image {
        let mut stream = seed.stream();
        let Some(thing) = self.things.get(stream.below(self.things.len())) else { return image.clone() };
        let size = stream.between(self.size[0], self.size[1]) * ALIGNED.width as f32;
        let mut stage = Stage::new(image, &mut stream);
        match thing {
            Thing::Ellipse => shapes::ellipse(&mut stage, size, &mut stream),
            Thing::Bar => shapes::bar(&mut stage, size / 2.0, &mut stream),
            Thing::Patch => shapes::patch(&mut stage, size, &mut stream, seed),
            Thing::Sunglasses => shapes::sunglasses(&mut stage, &mut stream),
            Thing::Mask => shapes::mask(&mut stage, &mut stream),
        }
        stage.image
    }
}

/// A picture that is drawn on in the coordinates of [`ALIGNED`].
struct Stage {
    image: Image,
    /// A thing does not sit alike on all faces.
    fit: Similarity,
}

impl Stage {
    fn new(image: &Image, stream: &mut Stream) -> Self {
        let (degrees, scale) = (stream.between(-4.0, 4.0), stream.between(0.95, 1.1));
        let shift = Point::new(stream.between(-2.0, 2.0), stream.between(-2.0, 2.0));
        // About the middle of the face.
        let middle = ALIGNED.points.nose();
        let fit = Similarity::new(scale, degrees, 0.0, 0.0);
        let moved = middle + shift - fit.apply(middle);
        Self { image: image.clone(), fit: Similarity { tx: moved.x, ty: moved.y, ..fit } }
    }

    /// A point of the picture.
    fn at(&self, point: Point) -> Point {
        let point = self.fit.apply(point);
        let scaled = |at: f32, from: u32, to: u32| (at + 0.5) * to as f32 / from as f32 - 0.5;
        let (width, height) = (self.image.width(), self.image.height());
        let Template { width: narrow, height: high, .. } = Template::SPHEREFACE_96X112;
        // SphereFace's template is that of ArcFace without a strip at either side.
        let taken = if width * high == height * narrow { narrow } else { ALIGNED.width };
        let strip = (ALIGNED.width - taken) as f32 / 2.0;
        Point::new(scaled(point.x - strip, taken, width), scaled(point.y, ALIGNED.height, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augmentation::tests::face;

    /// The part of the picture that a thing covers, and whether it covers this point.
    fn covered(thing: Thing, seed: u64, at: Point) -> (f32, bool) {
        let occluder = Occluder { things: vec![thing], ..Occluder::default() };
        let (image, occluded) = (face(), occluder.change(&face(), Seed::new(seed)));
        let changed = image.pixels().chunks_exact(3).zip(occluded.pixels().chunks_exact(3));
        let share = changed.filter(|(a, b)| a != b).count() as f32 / 12_544.0;
        let (x, y) = (at.x.round() as u32, at.y.round() as u32);
        (share, image.pixel(x, y) != occluded.pixel(x, y))
    }

    #[test]
    fn things_are_where_they_belong() {
        let [left, right, nose, mouth, _] = ALIGNED.points.0;
        for seed in 0..40 {
            for eye in [left, right] {
                let (share, over) = covered(Thing::Sunglasses, seed, eye);
                assert!(over && (0.04..0.35).contains(&share), "{seed} {share}");
            }
            let (share, over) = covered(Thing::Mask, seed, mouth);
            assert!(over && (0.15..0.45).contains(&share), "{seed} {share}");
            assert!(covered(Thing::Mask, seed, nose).1);
            assert!(!covered(Thing::Mask, seed, left).1, "eyes are free");
            for thing in [Thing::Ellipse, Thing::Bar, Thing::Patch] {
                let (share, _) = covered(thing, seed, nose);
                assert!((0.005..0.5).contains(&share), "{thing:?} {share}");
            }
        }
    }

    #[test]
    fn narrow_faces_have_their_eyes_where_sphereface_has_them() {
        let mut stream = Seed::new(1).stream();
        let mut stage = Stage::new(&Image::new(96, 112), &mut stream);
        stage.fit = Similarity::new(1.0, 0.0, 0.0, 0.0);
        for (given, wanted) in ALIGNED.points.0.iter().zip(&Template::SPHEREFACE_96X112.points.0) {
            assert!(stage.at(*given).distance(*wanted) < 0.01, "{given:?}");
        }
    }

    #[test]
    fn other_sizes_show_the_same() {
        let occluder = Occluder { things: vec![Thing::Mask], ..Occluder::default() };
        let large = imaging::resize(&face(), 224, 224);
        let [small, large] = [face(), large].map(|image| occluder.change(&image, Seed::new(3)));
        let small_again = imaging::resize(&large, 112, 112);
        let apart = small.pixels().iter().zip(small_again.pixels()).filter(|(a, b)| a.abs_diff(**b) > 40);
        assert!(apart.count() < 900);
    }
}

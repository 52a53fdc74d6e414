//! How a face is cut out of what a camera saw.

use geometry::{Landmarks, Point, Rect, Template};
use imaging::warp_antialiased;
use serde::{Deserialize, Serialize};
use synth::{Moment, Person, Portrait};

/// Sides of pictures, in pixels.
pub(crate) const SIZES: [u32; 2] = [32, 2048];
/// An aligned face is cut out of a picture so many times as large, so that no detail is lost.
const LARGER: f32 = 1.5;
/// How many millimetres of a face an aligned picture is wide: 112 pixels where eyes 63 mm apart are 35.2 apart.
const ALIGNED: f32 = 200.0;
/// Samples of a pixel along each axis.
const SAMPLES: u32 = 2;
/// What is drawn around an aligned face, in its pixels, so that the filters at its edge have something to see.
const EDGE: f32 = 3.0;

/// A picture of one face: the whole head, or cut out as a recognition model wants it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Framing {
    /// Width and height in pixels.
    pub size: u32,
    /// The width where it is another: that of SphereFace's pictures, 6/7 of the height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Whether faces are cut out by their five points, as ArcFace does, or as SphereFace does where `width` is given.
    #[serde(default)]
    pub aligned: bool,
    /// How far these points are from the truth, as those of a detector are: a standard deviation, as a share of the distance
    /// between the eyes.
    #[serde(default)]
    pub jitter: f32,
}

impl Framing {
    /// Whether there are such pictures.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(SIZES[0]..=SIZES[1]).contains(&self.size) {
            return Err(format!("size must be from {} to {} pixels", SIZES[0], SIZES[1]));
        }
        if self.width.is_some() && !self.aligned {
            return Err("width is for aligned = true; pictures of the whole head are square".to_owned());
        }
        if self.aligned && self.template().is_none() {
            return Err("the size of aligned faces must be 56, or a multiple of 112 or 128 pixels; with a width 112 with \
                        96, or 56 with 48"
                .to_owned());
        }
        if !(0.0..=0.2).contains(&self.jitter) {
            return Err("jitter must be from 0 to 0.2 of the distance between the eyes".to_owned());
        }
        if self.jitter > 0.0 && !self.aligned {
            return Err("jitter is for aligned = true; the whole head is not cut out by points".to_owned());
        }
        Ok(())
    }

    /// Takes a picture of somebody.
    ///
    /// # Errors
    /// Why it cannot be aligned, in words.
    pub fn take(&self, person: &Person, moment: &Moment) -> Result<Portrait, String> {
        if self.aligned {
            self.aligned(person, moment)
        } else {
            Ok(moment.portrait(person, self.size, self.size, SAMPLES))
        }
    }

    /// Where aligned faces lie.
    fn template(&self) -> Option<Template> {
        match self.width {
            None => Template::arcface(self.size),
            Some(width) => Template::sphereface(width, self.size),
        }
    }

    /// How many times as large a face is as in an aligned picture of 112 pixels.
    pub(crate) fn scale(&self, moment: &Moment) -> f32 {
        let span = if self.aligned { ALIGNED } else { moment.span };
        self.size as f32 / 112.0 * ALIGNED / span
    }

    /// Cuts the face out as a detector whose points are a little off would have it.
    fn aligned(&self, person: &Person, moment: &Moment) -> Result<Portrait, String> {
        let template = self.template().ok_or("no alignment of this size")?;
        let mut stream = moment.seed.of("alignment").stream();
        let errors: [[f32; 2]; 5] = std::array::from_fn(|_| [stream.normal(3.0), stream.normal(3.0)]);
        let fit = |five: &Landmarks| {
            let reach = self.jitter * five.eye_distance();
            let mut errors = errors.iter();
            template.fit(&five.map(|point| {
                let [x, y] = errors.next().copied().unwrap_or_default();
                Point { x: point.x + reach * x, y: point.y + reach * y }
            }))
        };
        // Only what will be seen is drawn.
        let large = (self.size as f32 * LARGER).round() as u32;
        let portrait = moment.portrait_within(person, large, large, SAMPLES, |five| {
            let [right, bottom] = [template.width, template.height].map(|side| side as f32 - 1.0 + EDGE);
            let corners = [(-EDGE, -EDGE), (right, -EDGE), (-EDGE, bottom), (right, bottom)]
                .map(|(x, y)| Point { x, y });
            let back = fit(five).and_then(|map| map.inverse());
            back.and_then(|back| Rect::around(&corners.map(|corner| back.apply(corner)))).unwrap_or_default()
        });
        let map = fit(&portrait.sight.five).ok_or("the five points of the face lie in one place")?;
        let image = warp_antialiased(&portrait.image, &map, template.width, template.height, [0; 3]);
        Ok(Portrait { image, sight: portrait.sight.mapped(|point| map.apply(point)) })
    }
}

#[cfg(test)]
mod tests {
    use synth::Seed;

    use super::*;

    #[test]
    fn aligned_faces_lie_where_the_template_has_them() {
        let wanted = Template::arcface(112).unwrap();
        let framing = |jitter| Framing { size: 112, aligned: true, jitter, ..Framing::default() };
        let (exact, near) = [0.0, 0.02].map(framing).into();
        for number in 0..4 {
            let person = Person::new(Seed::new(number));
            let moment = Moment::sample(Seed::new(50 + number), &person);
            // Nothing is left to be turned, scaled or moved.
            let map = wanted.fit(&exact.take(&person, &moment).unwrap().sight.five).unwrap();
            assert!((map.scale() - 1.0).abs() < 1e-4 && map.rotation().abs() < 0.01, "{map:?}");
            let center = Point { x: 56.0, y: 56.0 };
            assert!(map.apply(center).distance(center) < 0.01, "{map:?}");
            // A detector that errs a little leaves a little.
            let left = wanted.fit(&near.take(&person, &moment).unwrap().sight.five).unwrap();
            assert!(left != map && (left.scale() - 1.0).abs() < 0.1, "{left:?}");
        }
    }
    #[test]
    fn the_narrow_picture_is_the_middle_of_the_square_one() {
        let person = Person::new(Seed::new(7));
        let moment = Moment::sample(Seed::new(8), &person);
        let taken = |width| {
            let framing = Framing { size: 112, width, aligned: true, jitter: 0.01 };
            framing.take(&person, &moment).unwrap()
        };
        let (square, narrow) = (taken(None), taken(Some(96)));
        assert_eq!((narrow.image.width(), narrow.image.height()), (96, 112));
        // A camera's noise is another in each, but the face lies 8 pixels further left, and nowhere else.
        let apart = |shift: u32| {
            let differences = (0..112).flat_map(|y| (0..80).map(move |x| (x, y))).map(|(x, y)| {
                let [a, b] = [square.image.pixel(x + shift, y), narrow.image.pixel(x, y)];
                a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(b))).sum::<u64>()
            });
            differences.sum::<u64>()
        };
        let least = (0..=16).min_by_key(|&shift| apart(shift));
        assert_eq!(least, Some(8));
        assert!(apart(8) < 112 * 80 * 3 * 4, "{}", apart(8));
        for (size, width, aligned, said) in [
            (112, 90, true, "112 with 96"),
            (112, 112, true, "112 with 96"),
            (112, 96, false, "width is for"),
        ] {
            let framing = Framing { size, width: Some(width), aligned, jitter: 0.0 };
            assert!(framing.check().unwrap_err().contains(said));
        }
    }
}

//! How a face is cut out of what a camera saw.

use geometry::{Point, Rect, Template};
use imaging::warp_antialiased;
use serde::{Deserialize, Serialize};
use synth::{Moment, Person, Portrait, Seed};

/// Sides of pictures, in pixels.
pub(crate) const SIZES: [u32; 2] = [32, 2048];
/// An aligned face is cut out of a picture so many times as large, so that no detail is lost.
const LARGER: f32 = 1.5;
/// Samples of a pixel along each axis.
const SAMPLES: u32 = 2;

/// A square picture of one face: the whole head, or cut out as a recognition model wants it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Framing {
    /// Width and height in pixels.
    pub size: u32,
    /// Whether faces are cut out as ArcFace does, by their five points.
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
        if self.aligned && Template::arcface(self.size).is_none() {
            return Err("the size of aligned faces must be a multiple of 112 or 128 pixels".to_owned());
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
    pub(crate) fn take(&self, person: &Person, moment: &Moment) -> Result<Portrait, String> {
        if self.aligned {
            let size = (self.size as f32 * LARGER).round() as u32;
            self.align(moment.portrait(person, size, size, SAMPLES), moment.seed)
        } else {
            Ok(moment.portrait(person, self.size, self.size, SAMPLES))
        }
    }

    /// Cuts the face out as a detector whose points are a little off would have it.
    fn align(&self, portrait: Portrait, seed: Seed) -> Result<Portrait, String> {
        let template = Template::arcface(self.size).ok_or("no alignment of this size")?;
        let mut stream = seed.of("alignment").stream();
        let reach = self.jitter * portrait.five.eye_distance();
        let seen = portrait.five.map(|point| Point {
            x: point.x + reach * stream.normal(3.0),
            y: point.y + reach * stream.normal(3.0),
        });
        let map = template.fit(&seen).ok_or("the five points of the face lie in one place")?;
        let image = warp_antialiased(&portrait.image, &map, self.size, self.size, [0; 3]);
        let corners = [(portrait.face.x1, portrait.face.y1), (portrait.face.x2, portrait.face.y2)]
            .map(|(x, y)| map.apply(Point { x, y }));
        Ok(Portrait {
            image,
            five: portrait.five.map(|point| map.apply(point)),
            points: portrait.points.iter().map(|point| map.apply(*point)).collect(),
            face: Rect::new(corners[0].x, corners[0].y, corners[1].x, corners[1].y),
            sight: portrait.sight.mapped(|point| map.apply(point)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligned_faces_lie_where_the_template_has_them() {
        let wanted = Template::arcface(112).unwrap();
        let (exact, near) = [0.0, 0.02].map(|jitter| Framing { size: 112, aligned: true, jitter }).into();
        for number in 0..4 {
            let person = Person::new(Seed::new(number));
            let moment = Moment::sample(Seed::new(50 + number), &person);
            // Nothing is left to be turned, scaled or moved.
            let map = wanted.fit(&exact.take(&person, &moment).unwrap().five).unwrap();
            assert!((map.scale() - 1.0).abs() < 1e-4 && map.rotation().abs() < 0.01, "{map:?}");
            let center = Point { x: 56.0, y: 56.0 };
            assert!(map.apply(center).distance(center) < 0.01, "{map:?}");
            // A detector that errs a little leaves a little.
            let left = wanted.fit(&near.take(&person, &moment).unwrap().five).unwrap();
            assert!(left != map && (left.scale() - 1.0).abs() < 0.1, "{left:?}");
        }
    }
}

//! A picture of a person, and what is true of it.

use geometry::{Landmarks, Rect};
use imaging::Image;

use crate::figure::Figure;
use crate::neck::Neck;
use crate::sensor::Area;
use crate::{Camera, Moment, Person, Scene, Sight, paint, render};

/// Millimetres above the origin of the head that are in the middle of the picture.
const MIDDLE: f32 = 10.0;

/// A picture of somebody, and what it shows.
#[derive(Clone, Debug)]
pub struct Portrait {
    /// The picture.
    pub image: Image,
    /// Where the face is in it, and what is hidden of it.
    pub sight: Sight,
}

impl Moment {
    /// Takes a picture of a person. `samples` is how many samples a pixel has along each axis, 1 to 4.
    pub fn portrait(&self, person: &Person, width: u32, height: u32, samples: u32) -> Portrait {
        self.portrait_within(person, width, height, samples, |_| whole(width, height))
    }

    /// Only a part of the [`portrait`](Self::portrait) of `width` x `height` pixels, which takes as much less time:
    /// `window` is told the five points and says which part, in pixels. Pixels that it cuts are whole in the part, and it
    /// may reach beyond the portrait, up to three times its sides. Points count from the first pixel of the part.
    ///
    /// The part is exposed by what is in it and has a background painted for it, so it is not the portrait bit for bit.
    pub fn portrait_within(
        &self,
        person: &Person,
        width: u32,
        height: u32,
        samples: u32,
        window: impl FnOnce(&Landmarks) -> Rect,
    ) -> Portrait {
        let figure = Figure::new(person, self, Neck::body(self.pose), None);
        let camera = Camera::portrait(width, height, self.span, self.distance, self.pose, MIDDLE);
        let area = area([width, height], &window(&Sight::five(&figure, &camera)));
        let camera = camera.window(area.left, area.top, area.width, area.height);
        let background = paint(&self.background, area.width as usize, area.height as usize);
        let scene = Scene {
            parts: figure.parts(),
            camera: camera.clone(),
            light: self.lighting.light.clone(),
            background: Some(background),
        };
        let picture = render(&scene, samples);
        let noise = self.seed.of("noise");
        let image = self.sensor.develop_area(&picture.color, &area, [width, height], noise);
        let sight = Sight::new(&figure, &camera, &picture, |_, _| false);
        Portrait { image, sight }
    }
}

/// All of a picture: from the edge of its first pixel to that of its last.
fn whole(width: u32, height: u32) -> Rect {
    Rect::new(-0.5, -0.5, width as f32 - 0.5, height as f32 - 0.5)
}

/// All pixels of a picture that a window cuts; see [`Moment::portrait_within`].
fn area(whole: [u32; 2], window: &Rect) -> Area {
    let edges = |low: f32, high: f32, side: u32| {
        let side = side as f32;
        // What is not a number is the farthest place.
        let first = (low + 0.5).floor().max(-side).min(2.0 * side - 1.0);
        let last = (high + 0.5).ceil().max(first + 1.0).min(2.0 * side);
        (first as i32, (last - first) as u32)
    };
    let (left, width) = edges(window.x1, window.x2, whole[0]);
    let (top, height) = edges(window.y1, window.y2, whole[1]);
    Area { left, top, width, height }
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
        assert_eq!((first.image, first.sight), (again.image, again.sight));
        assert_ne!(portrait(1, 2, 48).2.image, portrait(1, 1, 48).2.image);
        assert_ne!(portrait(2, 1, 48).2.image, portrait(1, 1, 48).2.image);
    }

    #[test]
    fn a_part_of_a_portrait_shows_the_same_place() {
        let (person, moment, all) = portrait(3, 1, 96);
        let nose = all.sight.five.nose();
        let around = Rect::new(nose.x - 20.0, nose.y - 15.0, nose.x + 20.0, nose.y + 15.0);
        let part = moment.portrait_within(&person, 96, 96, 1, |five| {
            assert_eq!(*five, all.sight.five);
            around
        });
        assert_eq!((part.image.width(), part.image.height()), (41, 31));
        let (left, top) = ((around.x1 + 0.5).floor(), (around.y1 + 0.5).floor());
        for (whole, part) in all.sight.points.iter().zip(&part.sight.points) {
            assert!((whole.x - left - part.x).abs() < 1e-3 && (whole.y - top - part.y).abs() < 1e-3);
        }
        // Nothing can be asked for that is not to be had.
        for odd in [f32::NAN, f32::INFINITY, -1e30] {
            let rect = Rect::new(odd, odd, -odd, odd);
            let part = moment.portrait_within(&person, 8, 8, 1, |_| rect);
            assert!((1..=24).contains(&part.image.width()) && (1..=24).contains(&part.image.height()));
        }
    }

    #[test]
    fn truth_lies_in_the_picture_and_goes_with_the_pose() {
        for number in 0..12 {
            let person = Person::new(Seed::new(number));
            let mut moment = Moment::sample(Seed::new(number), &person);
            moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
            let straight = moment.portrait(&person, 64, 64, 1);
            let Landmarks([left, right, nose, ..]) = straight.sight.five;
            assert!(left.x < nose.x && nose.x < right.x && left.y < nose.y, "{:?}", straight.sight.five);
            let face = straight.sight.face;
            assert!(0.0 < face.x1 && face.x2 < 64.0 && 0.0 < face.y1 && face.y2 < 64.0, "{face:?}");
            assert!((0.9..1.9).contains(&((face.y2 - face.y1) / (face.x2 - face.x1))), "{face:?}");
            assert!(straight.sight.points.iter().all(|point| face.contains(*point)), "{face:?}");
            // The nose goes where it points.
            moment.pose.yaw = 40.0;
            let turned = moment.portrait(&person, 64, 64, 1).sight.five;
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

//! The picture that a detector's network sees: the photo scaled into the top-left corner, black elsewhere.

use std::borrow::Cow;

use geometry::{Point, Rect};
use imaging::Image;

use crate::Detection;

/// How a photo is fitted into a canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Aspect ratio kept, sides rounded to the nearest pixel.
    Round,
    /// Aspect ratio kept, the shorter side cut to whole pixels (InsightFace).
    Truncate,
    /// Stretched to the whole canvas, as UltraFace was trained.
    Stretch,
}

/// Where a photo lies on a canvas, all in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placement {
    /// Size of the canvas.
    pub(crate) canvas: (u32, u32),
    /// Size of the photo on it; the photo's top-left corner is the canvas's.
    pub(crate) inner: (u32, u32),
    /// Canvas pixels per photo pixel, for points of the canvas to be divided by.
    pub(crate) scale: (f32, f32),
}

impl Placement {
    /// The photo as it is, on a canvas that is at least as large.
    pub(crate) fn unscaled(photo: (u32, u32), canvas: (u32, u32)) -> Self {
        Self { canvas, inner: photo, scale: (1.0, 1.0) }
    }

    /// The photo scaled, up or down, to fill a corner of `area` pixels of a canvas at least as large.
    pub(crate) fn fitted(photo: (u32, u32), area: (u32, u32), canvas: (u32, u32), fit: Fit) -> Self {
        let (width, height) = (f64::from(photo.0), f64::from(photo.1));
        let (area_width, area_height) = (f64::from(area.0), f64::from(area.1));
        let side = |length: f64, limit: u32| (length as u32).clamp(1, limit);
        let (inner, scale) = match fit {
            Fit::Round => {
                let scale = (area_width / width).min(area_height / height);
                let inner = (side((width * scale).round(), area.0), side((height * scale).round(), area.1));
                (inner, (scale, scale))
            }
            Fit::Truncate => {
                let inner = if height / width > area_height / area_width {
                    (side(area_height * width / height, area.0), area.1)
                } else {
                    (area.0, side(area_width * height / width, area.1))
                };
                let scale = f64::from(inner.1) / height;
                (inner, (scale, scale))
            }
            Fit::Stretch => (area, (area_width / width, area_height / height)),
        };
        Self { canvas, inner, scale: (scale.0 as f32, scale.1 as f32) }
    }

    /// The canvas with the photo on it; the photo itself where it fills the canvas unscaled.
    pub(crate) fn draw<'a>(&self, photo: &'a Image) -> Cow<'a, Image> {
        let size = (photo.width(), photo.height());
        if size == self.canvas && size == self.inner {
            return Cow::Borrowed(photo);
        }
        let mut canvas = Image::new(self.canvas.0, self.canvas.1);
        if size == self.inner {
            let (row, stride) = (self.inner.0 as usize * 3, self.canvas.0 as usize * 3);
            for (to, from) in
                canvas.pixels_mut().chunks_exact_mut(stride).zip(photo.pixels().chunks_exact(row))
            {
                to[..row].copy_from_slice(from);
            }
        } else {
            imaging::resize_into(photo, &mut canvas, self.inner.0, self.inner.1);
        }
        Cow::Owned(canvas)
    }

    /// A face of the canvas in pixels of the photo.
    pub(crate) fn back_on_photo(&self, face: &Detection) -> Detection {
        let (sx, sy) = self.scale;
        let Rect { x1, y1, x2, y2 } = face.bounds;
        Detection {
            bounds: Rect::new(x1 / sx, y1 / sy, x2 / sx, y2 / sy),
            score: face.score,
            landmarks: face.landmarks.map(|points| points.map(|p| Point::new(p.x / sx, p.y / sy))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_ways_to_fit() {
        // (photo, area, fit, size on the canvas)
        let cases = [
            ((250, 250), (320, 320), Fit::Round, (320, 320)),
            ((1280, 886), (640, 640), Fit::Round, (640, 443)),
            ((1280, 887), (640, 640), Fit::Round, (640, 444)),
            ((1280, 887), (640, 640), Fit::Truncate, (640, 443)),
            ((887, 1280), (640, 640), Fit::Truncate, (443, 640)),
            ((178, 218), (320, 240), Fit::Stretch, (320, 240)),
            ((60_000, 1), (640, 640), Fit::Round, (640, 1)),
            ((1, 60_000), (640, 640), Fit::Truncate, (1, 640)),
            ((1, 1), (320, 320), Fit::Round, (320, 320)),
        ];
        for (photo, area, fit, inner) in cases {
            let placement = Placement::fitted(photo, area, area, fit);
            assert_eq!(placement.inner, inner, "{photo:?} {fit:?}");
            assert!(placement.scale.0 > 0.0 && placement.scale.1 > 0.0);
        }
    }

    #[test]
    fn faces_come_back_to_the_photo() {
        let placement = Placement::fitted((1000, 500), (500, 500), (500, 500), Fit::Round);
        let face = Detection {
            bounds: Rect::new(10.0, 20.0, 30.0, 60.0),
            score: 0.5,
            landmarks: Some(Default::default()),
        };
        assert_eq!(placement.back_on_photo(&face).bounds, Rect::new(20.0, 40.0, 60.0, 120.0));
    }

    #[test]
    fn the_rest_of_the_canvas_is_black() {
        let mut photo = Image::new(2, 1);
        photo.pixels_mut().fill(200);
        let canvas = Placement::unscaled((2, 1), (4, 2)).draw(&photo).into_owned();
        assert_eq!((canvas.width(), canvas.height()), (4, 2));
        let red: Vec<u8> = canvas.pixels().chunks_exact(3).map(|p| p[0]).collect();
        assert_eq!(red, [200, 200, 0, 0, 0, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn any_photo_fits(width in 1u32..70_000, height in 1u32..70_000, columns in 1u32..700, rows in 1u32..700) {
            for fit in [Fit::Round, Fit::Truncate, Fit::Stretch] {
                let placement = Placement::fitted((width, height), (columns, rows), (columns, rows), fit);
                prop_assert!((1..=columns).contains(&placement.inner.0) && (1..=rows).contains(&placement.inner.1));
                let (sx, sy) = placement.scale;
                prop_assert!(sx > 0.0 && sy > 0.0 && sx.is_finite() && sy.is_finite());
            }
        }
    }
}

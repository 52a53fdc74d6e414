//! From a face in a photo to the picture that an embedder sees.

use std::fmt;

use geometry::{Point, Rect, Rotation, Similarity, Template};
use imaging::Image;
use model::{Align, Installed};

use crate::{Detection, Error, Result};

/// What a face was aligned by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Its five landmarks were moved onto the template.
    Landmarks,
    /// Its box was: the detector gave no landmarks, or they were degenerate. Less exact by far; recognition suffers.
    Box,
    /// It came aligned.
    Given,
}

impl fmt::Display for Alignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Landmarks => "landmarks",
            Self::Box => "box",
            Self::Given => "given",
        })
    }
}

/// A face cut out of its photo, upright.
#[derive(Clone, Debug, PartialEq)]
pub struct AlignedCrop {
    /// The picture, of the size that the embedder takes; black where it lies outside the photo.
    pub image: Image,
    /// What it was aligned by.
    pub alignment: Alignment,
    /// Pixels of the crop per pixel of the photo: above 1 the face was enlarged.
    pub scale: f32,
}

/// Cuts faces out of photos in one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aligner {
    /// Onto a template.
    Template(Template),
    /// The box, enlarged about its centre, to a size in pixels.
    Crop { scale: f32, width: u32, height: u32 },
}

/// Eyes nearer to each other than this part of the box's width, as in a profile, make the scale of a fit unstable.
const LEAST_EYE_DISTANCE: f32 = 0.2;

/// Where the box of a face lies on ArcFace's 112 x 112 template: its centre, and the root of its area. Medians over
/// 249 faces of CelebA and LFW, mapped by YuNet's landmarks; YuNet's and UltraFace's boxes agree within 1.5 pixels.
const BOX_CENTER: Point = Point::new(55.8, 63.9);
const BOX_SIDE: f32 = 93.7;

impl Aligner {
    /// The way that an embedder's manifest says.
    pub(crate) fn of(model: &Installed) -> Result<Self> {
        let manifest = &model.manifest;
        let refuse = |reason| Error::Align { model: manifest.name.clone(), reason };
        let (width, height) =
            manifest.input.fixed_size().ok_or_else(|| refuse("its input size is not fixed"))?;
        match manifest.align.ok_or_else(|| refuse("there is none"))? {
            Align::Template(frame) => frame
                .template(width, height)
                .map(Self::Template)
                .ok_or_else(|| refuse("the template does not exist at this input size")),
            Align::Crop { scale } => Ok(Self::Crop { scale, width, height }),
        }
    }

    /// Width and height of the crops, in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        match self {
            Self::Template(template) => (template.width, template.height),
            Self::Crop { width, height, .. } => (*width, *height),
        }
    }

    /// Cuts a face out. `rotation` is how the photo must be turned for the face to be upright; the face is given in
    /// pixels of the photo as it is.
    pub(crate) fn crop(&self, photo: &Image, face: &Detection, rotation: Rotation) -> AlignedCrop {
        match self {
            Self::Template(template) => {
                let (map, alignment) = fit(template, face, rotation);
                let image = imaging::warp_antialiased(photo, &map, template.width, template.height, [0; 3]);
                AlignedCrop { image, alignment, scale: map.scale() }
            }
            Self::Crop { scale, width, height } => {
                let region = face.bounds.expanded(*scale);
                let (width, height) = (*width, *height);
                let (lying_width, lying_height) = rotation.turned_size(width, height);
                let image = stretched(photo, &region, lying_width, lying_height).rotated(rotation);
                let scale =
                    ((lying_width as f32 / region.width()) * (lying_height as f32 / region.height())).sqrt();
                AlignedCrop {
                    image,
                    alignment: Alignment::Box,
                    scale: if scale.is_finite() { scale } else { 1.0 },
                }
            }
        }
    }
}

/// How a photo is to be moved for a face in it to lie on a template, and by what: its landmarks where they determine it
/// well, otherwise its box. `rotation` is how the photo must be turned for the face to be upright; the face is given in
/// pixels of the photo as it is.
pub fn fit(template: &Template, face: &Detection, rotation: Rotation) -> (Similarity, Alignment) {
    let by_landmarks = sound_landmarks(face).and_then(|points| template.fit(points));
    match by_landmarks {
        Some(map) => (map, Alignment::Landmarks),
        None => (box_map(template, &face.bounds, rotation), Alignment::Box),
    }
}

/// The landmarks, where they determine a similarity well.
pub(crate) fn sound_landmarks(face: &Detection) -> Option<&geometry::Landmarks> {
    // The shorter side, since the box of a face that lies on its side is wide.
    let width = face.bounds.width().min(face.bounds.height());
    face.landmarks
        .as_ref()
        .filter(|points| points.is_finite() && points.eye_distance() >= LEAST_EYE_DISTANCE * width)
}

/// The map from photo to template by the box alone: the root of its area and its centre go where those of an average
/// face go.
fn box_map(template: &Template, bounds: &Rect, rotation: Rotation) -> Similarity {
    // Every template is ArcFace's, scaled and moved.
    let arcface = Template::ARCFACE_112.points;
    let frame = Similarity::fit(&arcface.0, &template.points.0).unwrap_or_default();
    let target = frame.apply(BOX_CENTER);
    let scale = frame.scale() * BOX_SIDE / bounds.area().sqrt();
    let turn = Similarity::new(scale, rotation.degrees() as f32, 0.0, 0.0);
    let center = turn.apply(bounds.center());
    Similarity { tx: target.x - center.x, ty: target.y - center.y, ..turn }
}

/// A region of the photo, which may reach beyond it, resized without keeping its aspect ratio.
fn stretched(photo: &Image, region: &Rect, width: u32, height: u32) -> Image {
    let inside = region.clip(photo.width() as f32, photo.height() as f32);
    let mut crop = Image::new(width, height);
    if !region.is_finite() || inside.area() <= 0.0 {
        return crop;
    }
    let (sx, sy) = (width as f32 / region.width(), height as f32 / region.height());
    let left = ((inside.x1 - region.x1) * sx).round() as u32;
    let top = ((inside.y1 - region.y1) * sy).round() as u32;
    let right = (((inside.x2 - region.x1) * sx).round() as u32).clamp(left, width);
    let bottom = (((inside.y2 - region.y1) * sy).round() as u32).clamp(top, height);
    let part = imaging::resize_region(photo, &inside, right - left, bottom - top);
    for y in 0..part.height() {
        let row = &mut crop.row_mut(top + y)[left as usize * 3..right as usize * 3];
        row.copy_from_slice(part.row(y));
    }
    crop
}

#[cfg(test)]
mod tests {
    use super::*;
    use geometry::Landmarks;

    const TEMPLATE: Template = Template::ARCFACE_112;

    /// A photo whose colour says the place: red = x, green = y.
    fn ramp(width: u32, height: u32) -> Image {
        let mut photo = Image::new(width, height);
        for y in 0..height {
            for x in 0..width {
                photo.set_pixel(x, y, [x as u8, y as u8, 0]);
            }
        }
        photo
    }

    fn face(landmarks: Option<Landmarks>) -> Detection {
        Detection { bounds: Rect::from_xywh(40.0, 30.0, 80.0, 110.0), score: 0.9, landmarks }
    }

    #[test]
    fn landmarks_go_onto_the_template() {
        let points = TEMPLATE.points.map(|p| Point::new(p.x + 30.0, p.y + 20.0));
        let crop = Aligner::Template(TEMPLATE).crop(&ramp(200, 200), &face(Some(points)), Rotation::None);
        assert_eq!(crop.alignment, Alignment::Landmarks);
        assert!((crop.scale - 1.0).abs() < 1e-4);
        let [red, green, _] = crop.image.pixel(50, 60);
        assert!(red.abs_diff(80) <= 1 && green.abs_diff(80) <= 1, "{red} {green}");
    }

    #[test]
    fn degenerate_landmarks_fall_back_to_the_box() {
        let together = Landmarks([Point::new(80.0, 80.0); 5]);
        let profile = TEMPLATE.points.map(|p| Point::new(80.0 + 0.3 * (p.x - 56.0), p.y + 20.0));
        let broken = TEMPLATE.points.map(|p| Point::new(f32::NAN, p.y));
        for points in [None, Some(together), Some(profile), Some(broken)] {
            let crop = Aligner::Template(TEMPLATE).crop(&ramp(200, 200), &face(points), Rotation::None);
            assert_eq!(crop.alignment, Alignment::Box, "{points:?}");
            assert!((crop.scale - BOX_SIDE / (80.0f32 * 110.0).sqrt()).abs() < 1e-4);
            // The box's centre, (80, 85), comes to the place of boxes' centres.
            let [red, green, _] = crop.image.pixel(56, 64);
            assert!(red.abs_diff(80) <= 1 && green.abs_diff(85) <= 1, "{red} {green}");
        }
    }

    #[test]
    fn the_box_rule_agrees_with_the_landmarks_of_an_average_face() {
        // The box that an average face has when its landmarks are the template's.
        let bounds = Rect::from_xywh(BOX_CENTER.x - 40.0, BOX_CENTER.y - 54.9, 80.0, 109.8);
        for template in [TEMPLATE, Template::SPHEREFACE_96X112, Template::arcface(224).unwrap()] {
            let map = box_map(&template, &bounds, Rotation::None);
            for (p, q) in TEMPLATE.points.0.iter().zip(&template.points.0) {
                assert!(map.apply(*p).distance(*q) < 0.1 * map.scale(), "{template:?}");
            }
        }
    }

    #[test]
    fn faces_that_lie_on_their_side_come_out_upright() {
        let upright = ramp(200, 200);
        let bounds = face(None).bounds;
        for aligner in [Aligner::Template(TEMPLATE), Aligner::Crop { scale: 1.2, width: 60, height: 80 }] {
            let expected = aligner.crop(&upright, &face(None), Rotation::None);
            for rotation in Rotation::ALL {
                // The photo as stored is the upright one turned the other way.
                let stored = upright.rotated(rotation.inverse());
                let lying = rotation.turn_back_rect(&bounds, stored.width(), stored.height());
                let crop = aligner.crop(&stored, &Detection { bounds: lying, ..face(None) }, rotation);
                let worst = crop
                    .image
                    .pixels()
                    .iter()
                    .zip(expected.image.pixels())
                    .map(|(a, b)| a.abs_diff(*b))
                    .max();
                assert!(worst.unwrap() <= 4, "{rotation:?} {aligner:?}: {worst:?}");
            }
        }
    }

    #[test]
    fn crops_reach_beyond_the_photo() {
        let aligner = Aligner::Crop { scale: 2.0, width: 40, height: 40 };
        let corner =
            Detection { bounds: Rect::from_xywh(-10.0, -10.0, 20.0, 20.0), score: 0.9, landmarks: None };
        let mut photo = Image::new(50, 50);
        photo.fill([255; 3]);
        let crop = aligner.crop(&photo, &corner, Rotation::None).image;
        assert_eq!((crop.pixel(10, 10), crop.pixel(30, 30)), ([0; 3], [255; 3]));
        let far = Detection { bounds: Rect::from_xywh(500.0, 500.0, 20.0, 20.0), ..corner };
        assert!(aligner.crop(&photo, &far, Rotation::None).image.pixels().iter().all(|&v| v == 0));
        let empty = Detection { bounds: Rect::default(), ..corner };
        for aligner in [aligner, Aligner::Template(TEMPLATE)] {
            let crop = aligner.crop(&photo, &empty, Rotation::None);
            assert_eq!((crop.image.width(), crop.image.height()), aligner.size());
        }
    }
}

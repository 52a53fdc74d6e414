//! What a camera sees of a face: boxes, points, and what hides them.

use std::sync::OnceLock;

use geometry::{Landmarks, Point, Rect};
use glam::{Vec2, Vec3};

use crate::figure::Figure;
use crate::{Camera, Landmark, Mesh, Picture, Region, Template};

/// What lies so much before a point hides it, in millimetres: parts of the head itself, since the middle of an eye is
/// taken between its corners and lies behind the ball; and what is worn, which lies close.
const BEFORE: [f32; 2] = [14.0, 1.5];
/// Where the face ends towards the ears, in millimetres from the plane through the ear canals.
const SIDES: f32 = 22.0;
/// Height of the chin of the mean face, in millimetres.
const CHIN: f32 = -90.0;

/// A face in a picture, with what is seen of it. Pixels have their origin in the middle of the first one, as everywhere in
/// omote.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// The five points of the field as seen in the picture: the eye on the left of the picture first.
    pub five: Landmarks,
    /// Which of them are seen: not hidden by the head itself, hair, what is worn, and within the picture.
    pub five_seen: [bool; 5],
    /// The 68 points of 300-W.
    pub points: Vec<Point>,
    /// Which of them are seen.
    pub points_seen: Vec<bool>,
    /// The face from the hairline to the chin and between the ears, hidden or not: the box of WIDER FACE. It may reach
    /// beyond the picture.
    pub face: Rect,
    /// The head from the crown to the chin with its ears, without hair and hats.
    pub head: Rect,
    /// Share of the face turned to the camera that is seen, 0..=1. The rest is hidden or outside the picture.
    pub seen: f32,
}

impl Sight {
    /// What is seen by a camera that took a picture of a figure. `hidden` says for a pixel of that picture, x and y, whether
    /// something else is before it.
    pub(crate) fn new(
        figure: &Figure,
        camera: &Camera,
        picture: &Picture,
        hidden: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let template = Template::get();
        let look = Look { figure, camera, picture, hidden };
        let head = &figure.head;
        let places: Vec<Vec3> =
            (0..68).map(|number| head.landmark(template, Landmark::Ibug(number))).collect();
        let five = head.five(template);
        let areas = Areas::get(template);
        Self {
            five: Self::five(figure, camera),
            five_seen: five.map(|place| look.sees(place)),
            points: places.iter().map(|place| point(camera, *place)).collect(),
            points_seen: places.iter().map(|place| look.sees(*place)).collect(),
            face: look.bounds(areas.face.iter().map(|(at, _)| *at)),
            head: look.bounds(areas.head.iter().copied()),
            seen: look.share(&areas.face),
        }
    }

    /// The five points that a camera sees of a figure, which are known before it takes the picture.
    pub(crate) fn five(figure: &Figure, camera: &Camera) -> Landmarks {
        Landmarks(figure.head.five(Template::get()).map(|place| point(camera, place)))
    }

    /// The same where points are moved by a map that keeps them in order, as by cropping; boxes are those of their mapped
    /// corners.
    pub fn mapped(&self, map: impl Fn(Point) -> Point) -> Self {
        let mapped = |rect: Rect| {
            let corners = [(rect.x1, rect.y1), (rect.x2, rect.y1), (rect.x1, rect.y2), (rect.x2, rect.y2)];
            Rect::around(&corners.map(|(x, y)| map(Point { x, y }))).unwrap_or(rect)
        };
        Self {
            five: self.five.map(&map),
            points: self.points.iter().map(|point| map(*point)).collect(),
            face: mapped(self.face),
            head: mapped(self.head),
            ..self.clone()
        }
    }
}

/// Vertices of the skin that boxes go around.
struct Areas {
    /// Those of the face, each with the area of the mean face that belongs to it, in square millimetres.
    face: Vec<(u32, f32)>,
    head: Vec<u32>,
}

impl Areas {
    fn get(template: &Template) -> &'static Self {
        static AREAS: OnceLock<Areas> = OnceLock::new();
        AREAS.get_or_init(|| {
            let mesh = template.mesh();
            let mut areas = vec![0.0; mesh.positions.len()];
            for triangle in &mesh.triangles {
                let [a, b, c] = triangle.map(|at| mesh.positions[at as usize]);
                let third = (b - a).cross(c - a).length() / 6.0;
                triangle.iter().for_each(|&at| areas[at as usize] += third);
            }
            let all = 0..areas.len();
            let face = all.clone().filter(|&at| is_face(template, at));
            Self {
                face: face.map(|at| (at as u32, areas[at])).collect(),
                head: all.filter(|&at| is_head(template, at)).map(|at| at as u32).collect(),
            }
        })
    }
}

/// Whether a vertex of the skin is outside and above the neck.
fn is_head(template: &Template, at: usize) -> bool {
    let without = [Region::Neck, Region::Shoulder, Region::MouthInside, Region::Nostril];
    without.iter().all(|region| template.weights(*region)[at] < 0.5) && template.mesh().rest[at].y > CHIN
}

/// Whether a vertex of the skin is of the face: what is left of the head without the hair's ground and the ears.
fn is_face(template: &Template, at: usize) -> bool {
    let without = [Region::Scalp, Region::Ear];
    is_head(template, at)
        && without.iter().all(|region| template.weights(*region)[at] < 0.5)
        && template.mesh().rest[at].z > SIDES
}

/// Where a place is seen. The camera counts from the corner of the picture, omote's points from the middle of the first
/// pixel.
fn point(camera: &Camera, place: Vec3) -> Point {
    let at = camera.project(place).map_or(Vec2::ZERO, |(at, _)| at) - 0.5;
    Point { x: at.x, y: at.y }
}

struct Look<'a, F> {
    figure: &'a Figure,
    camera: &'a Camera,
    picture: &'a Picture,
    hidden: F,
}

impl<F: Fn(usize, usize) -> bool> Look<'_, F> {
    fn skin(&self) -> &Mesh {
        &self.figure.head.skin
    }

    fn bounds(&self, vertices: impl Iterator<Item = u32>) -> Rect {
        let empty = Rect::new(f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY);
        let points = vertices.map(|at| point(self.camera, self.skin().positions[at as usize]));
        points.fold(empty, |rect, point| {
            Rect::new(rect.x1.min(point.x), rect.y1.min(point.y), rect.x2.max(point.x), rect.y2.max(point.y))
        })
    }

    /// Whether a place is in the picture and nothing is before it.
    fn sees(&self, place: Vec3) -> bool {
        let Some((at, depth)) = self.camera.project(place) else { return false };
        let (width, height) = (self.picture.width as usize, self.picture.height as usize);
        if at.min_element() < 0.0 || at.x >= width as f32 || at.y >= height as f32 {
            return false;
        }
        let (x, y) = (at.x as usize, at.y as usize);
        let pixel = y * width + x;
        let before = match self.picture.part[pixel] {
            Some(part) if self.figure.is_bare(part as usize) => BEFORE[0],
            _ => BEFORE[1],
        };
        self.picture.depth[pixel] > depth - before && !(self.hidden)(x, y)
    }

    /// Share of the face turned to the camera that it sees.
    fn share(&self, face: &[(u32, f32)]) -> f32 {
        let (mut seen, mut all) = (0.0, 0.0);
        for &(vertex, area) in face {
            let place = self.skin().positions[vertex as usize];
            let (at, normal) =
                (self.camera.locate(place), self.camera.rotation() * self.skin().normals[vertex as usize]);
            // As large as it looks: slanted away and far away it is small.
            let size = area * -normal.dot(at) / at.length_squared().powf(1.5);
            if size > 0.0 {
                all += size;
                seen += if self.sees(place) { size } else { 0.0 };
            }
        }
        if all > 0.0 { seen / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;

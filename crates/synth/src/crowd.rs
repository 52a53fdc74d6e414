//! Pictures of several people: in one light, before one background, seen by one camera.
//!
//! Each person is drawn into a window of the picture, and the windows are laid behind each other from the nearest to the
//! farthest, so that what is hidden by others is known when a person is drawn. Then one sensor develops the whole.

mod arrange;
mod lure;
mod paint;
mod shadow;
mod stage;
mod thing;

use geometry::{Point, Rect};
use glam::{Vec2, Vec3};
use imaging::Image;

pub use arrange::Arrangement;
pub use thing::{Thing, ThingKind};

use crate::figure::Figure;
use crate::material::Unseen;
use crate::{
    Background, Light, Lighting, Mesh, Moment, Part, Person, Picture, Pose, Scene, Seed, Sensor, Sight,
    paint, render,
};
use stage::{Stage, View, Window};

/// From the hairline to the chin of the mean face, in millimetres.
pub const FACE_HEIGHT: f32 = 190.0;
/// Faces lower than this, in pixels, get so many samples in a pixel along each axis: they have more edges than pixels.
const SMALL: f32 = 40.0;
const SMALL_SAMPLES: u32 = 3;
/// What lies somewhere is farther behind the edge of that by less than this, in millimetres.
const LYING: f32 = 100.0;

/// Somebody in a crowd.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// Pose of the head against the camera's axis, expression, clothes. Light, background and camera are the crowd's.
    pub moment: Moment,
    /// Where the origin of the head is, in the frame of the camera, in millimetres.
    pub place: Vec3,
    /// How the shoulders are turned.
    pub body: Pose,
    /// From the origin of the head down to the soles, in millimetres.
    pub stature: f32,
}

/// People and things before a camera.
#[derive(Clone, Debug, PartialEq)]
pub struct Crowd {
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Focal length of the camera in pixels.
    pub focal: f32,
    /// Where the camera's axis meets the picture, in pixels; it is level, so this is on the horizon.
    pub center: Vec2,
    /// Distance that is in focus, in millimetres. What is very far is as blurred as the background says.
    pub focus: f32,
    /// The people.
    pub people: Vec<Member>,
    /// All else that stands there.
    pub things: Vec<Thing>,
    /// The light.
    pub lighting: Lighting,
    /// What is behind all.
    pub background: Background,
    /// The camera's sensor.
    pub sensor: Sensor,
    /// Chance of all else.
    pub seed: Seed,
}

/// A picture of a crowd, and what it shows.
#[derive(Clone, Debug)]
pub struct CrowdPicture {
    /// The picture.
    pub image: Image,
    /// What is seen of each of the people, in their order.
    pub people: Vec<Sight>,
    /// Radius of the disc that a point of each of the people becomes out of focus, in pixels.
    pub blurs: Vec<f32>,
    /// The box of what is seen of each thing, in their order, in pixels from the middle of the first; none for what
    /// is hidden.
    pub things: Vec<Option<Rect>>,
}

impl Crowd {
    /// Takes the picture. `samples` is how many samples a pixel has along each axis, 1 to 4; small faces get more.
    pub fn take(&self, samples: u32) -> CrowdPicture {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut stage = Stage::new(width, height);
        let mut people = vec![None; self.people.len()];
        let mut things = vec![None; self.things.len()];
        let shadows: Vec<Vec2> =
            self.people.iter().map(|member| Vec2::new(member.place.x, -member.place.z)).collect();
        for subject in self.near_to_far() {
            match subject {
                Subject::Person(at) => people[at] = Some(self.draw(&self.people[at], samples, &mut stage)),
                Subject::Thing(at) => {
                    things[at] = self.draw_thing(&self.things[at], &shadows, samples, &mut stage);
                }
            }
        }
        let light = stage.finish(&paint(&self.background, width, height));
        let image = self.sensor.develop(&light, self.width, self.height, self.seed.of("noise"));
        let blurs = self.people.iter().map(|member| self.blur(member.place.z)).collect();
        CrowdPicture { image, people: people.into_iter().flatten().collect(), blurs, things }
    }

    /// How high the face of somebody in that depth is, from the hairline to the chin, if it is mean and frontal.
    pub fn face_height(&self, depth: f32) -> f32 {
        self.focal * FACE_HEIGHT / depth
    }

    fn near_to_far(&self) -> Vec<Subject> {
        let people = self.people.iter().enumerate().map(|(at, member)| (member.place.z, Subject::Person(at)));
        let things = self.things.iter().enumerate().map(|(at, thing)| {
            let depth = match thing.kind {
                // A floor lies behind all that stands on it.
                ThingKind::Floor => f32::INFINITY,
                // Seen from above, what lies on a desk hides its top.
                kind if kind.half() > 0.0 && thing.place.y > 0.0 => thing.place.z - LYING,
                _ => thing.place.z,
            };
            (depth, Subject::Thing(at))
        });
        let mut all: Vec<(f32, Subject)> = people.chain(things).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all.into_iter().map(|(_, subject)| subject).collect()
    }

    /// Radius of the disc that a point becomes, in pixels, by its depth.
    fn blur(&self, depth: f32) -> f32 {
        self.background.blur * self.height as f32 * (1.0 - self.focus / depth).abs().min(1.5)
    }

    fn view(&self, place: Vec3, pose: Pose) -> View {
        View { focal: self.focal, center: self.center, place, pose }
    }

    /// Draws what is in a place, and lets `shade` keep lamps from it.
    fn shoot<'a>(
        &self,
        mut parts: Vec<Part<'a>>,
        shade: Option<&'a Mesh>,
        view: &View,
        samples: u32,
    ) -> (Window, Picture) {
        let margin = 2.0 * self.blur(view.place.z);
        let window = view.window(&parts, [self.width as usize, self.height as usize], margin);
        parts.extend(shade.map(|mesh| Part {
            mesh,
            material: &Unseen,
            casts_shadow: true,
            two_sided: false,
        }));
        let light: Light = self.lighting.light.clone();
        let scene = Scene { parts, camera: view.camera(window), light, background: None };
        (window, render(&scene, samples))
    }

    fn draw(&self, member: &Member, samples: u32, stage: &mut Stage) -> Sight {
        let figure = Figure::new(&member.person, &member.moment, member.body, Some(member.stature));
        let view = self.view(member.place, member.moment.pose);
        let small = self.face_height(member.place.z) < SMALL;
        let samples = if small { samples.max(SMALL_SAMPLES) } else { samples };
        let shade = self.before(member, &view);
        let (window, picture) = self.shoot(figure.parts(), shade.as_ref(), &view, samples);
        let hidden = |x: usize, y: usize| stage.is_hidden(window.x + x, window.y + y);
        let sight = Sight::new(&figure, &view.camera(window), &picture, hidden);
        stage.lay(window, &picture, self.blur(member.place.z));
        sight.mapped(|point| Point::new(point.x + window.x as f32, point.y + window.y as f32))
    }

    fn draw_thing(&self, thing: &Thing, shadows: &[Vec2], samples: u32, stage: &mut Stage) -> Option<Rect> {
        let body = thing::Body::new(thing, shadows);
        let view = self.view(thing.place, thing.pose);
        let shade = if thing.kind == ThingKind::Barrier { self.upon(thing, &view) } else { None };
        let (window, picture) = self.shoot(body.parts(), shade.as_ref(), &view, samples);
        let mut seen: Option<[usize; 4]> = None;
        for &(pixel, _, share) in &picture.shares {
            let (x, y) = (window.x + pixel as usize % window.width, window.y + pixel as usize / window.width);
            if share > 0.5 && !stage.is_hidden(x, y) {
                let [x1, y1, x2, y2] = seen.unwrap_or([x, y, x, y]);
                seen = Some([x1.min(x), y1.min(y), x2.max(x), y2.max(y)]);
            }
        }
        let depth = if thing.kind == ThingKind::Floor { self.focus } else { thing.place.z };
        stage.lay(window, &picture, self.blur(depth));
        seen.map(|edges| {
            let [x1, y1, x2, y2] = edges.map(|edge| edge as f32);
            Rect::new(x1 - 0.5, y1 - 0.5, x2 + 0.5, y2 + 0.5)
        })
    }
}

/// What is drawn, by its number.
#[derive(Clone, Copy)]
enum Subject {
    Person(usize),
    Thing(usize),
}

#[cfg(test)]
mod tests;

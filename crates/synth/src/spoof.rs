//! Presentation attacks: pictures of pictures of people, and of people behind masks.
//!
//! A print or a screen shows a photo that a first camera took; a second camera takes the picture. Pose, place in the
//! picture, expression, light, background and second camera are those of the moment, as when the person were there. So what
//! tells an attack is what the instrument does, and not how pictures of attacks are taken.

mod disguise;
mod print;
mod screen;
mod sheet;
mod stand;

use geometry::Point;
use glam::{Vec2, Vec3};

pub use disguise::{Disguise, MaskStuff};
pub use print::{Cut, Halftone, Print};
pub use screen::{Device, Replay, Subpixels};
pub use stand::Bend;

use crate::figure::Figure;
use crate::material::Unseen;
use crate::neck::Neck;
use crate::{
    Background, Camera, Lighting, Mesh, Moment, Part, Person, Portrait, Scene, Seed, Sensor, Sight, paint,
    render,
};
use disguise::{Paper, Shell};
use sheet::{ASPECT, Face, Sheet, Source};
use stand::Stand;

/// As in portraits, millimetres above the origin of the head that are in the middle of the picture.
const MIDDLE: f32 = 10.0;
/// Longest side of the picture that is shown, in pixels.
const LARGEST: f32 = 800.0;
/// Share of its noise that is left in the photo that is shown.
const KEPT: f32 = 0.4;
/// How far in front of the origin of the attacker's head a sheet is held: at the face, or with stretched fingers.
const HELD: [f32; 2] = [135.0, 260.0];

/// A kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttackKind {
    /// A photo on paper.
    Print,
    /// A picture on a screen.
    Replay,
    /// A mask that is worn.
    Mask,
}

impl AttackKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Print, Self::Replay, Self::Mask];
}

/// What is presented to the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instrument {
    /// A photo on paper.
    Print(Print),
    /// A picture on a screen.
    Replay(Replay),
    /// A mask that is worn.
    Mask(Disguise),
}

/// An attack: an instrument and how it is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attack {
    /// What is presented.
    pub instrument: Instrument,
    /// Width of the shown photo as a share of that of the picture: above about 1.4 its border is not seen. Nothing to masks.
    pub extent: f32,
    /// How the sheet is turned to the right, up and clockwise, in degrees. Nothing to masks.
    pub turn: [f32; 3],
    /// How narrow the second camera's lens is: its focal length in widths of the picture, 1 for wide.
    pub focal: f32,
    /// Whether who holds the sheet is seen behind it.
    pub holder: bool,
    /// Pixels across the shown photo for each of the picture that it covers.
    pub resolution: f32,
    /// Where the photo and all else come from.
    pub seed: Seed,
}

impl Attack {
    /// Draws an attack by somebody who pretends to be `victim`.
    pub fn sample(kind: AttackKind, seed: Seed, victim: &Person) -> Self {
        let mut stream = seed.of("attack").stream();
        let fills = stream.chance(0.4);
        let extent = if fills { stream.between(1.5, 2.0) } else { stream.between(0.78, 1.15) };
        let instrument = match kind {
            AttackKind::Print => Instrument::Print(Print::sample(seed, extent)),
            AttackKind::Replay => Instrument::Replay(Replay::sample(seed)),
            AttackKind::Mask => Instrument::Mask(Disguise::sample(seed, victim)),
        };
        Self {
            instrument,
            extent,
            turn: [11.0, 8.0, 4.0].map(|spread| spread * stream.normal(2.2)),
            focal: stream.log_between(1.0, 3.0),
            holder: stream.chance(0.3),
            resolution: stream.log_between(1.0, 2.4),
            seed,
        }
    }

    /// How the second camera is set in a moment: as it would be before a person, but for the white of a screen.
    pub fn sensor(&self, moment: &Moment) -> Sensor {
        let sensor = moment.sensor;
        let Instrument::Replay(replay) = &self.instrument else { return sensor };
        // Cameras find the white of what fills the picture; their own error stays.
        let off = (replay.white / moment.lighting.kelvin).powf(replay.balance);
        Sensor { white: (sensor.white * off).clamp(2500.0, 9500.0), ..sensor }
    }

    /// What kind it is.
    pub fn kind(&self) -> AttackKind {
        match self.instrument {
            Instrument::Print(_) => AttackKind::Print,
            Instrument::Replay(_) => AttackKind::Replay,
            Instrument::Mask(_) => AttackKind::Mask,
        }
    }
}

impl Moment {
    /// Takes a picture of an attack in which `attacker` pretends to be `victim`. Box and points are those of the face that is
    /// shown; of a photo what is hidden is told as the first camera saw it. `samples` as for [`portrait`](Self::portrait).
    pub fn attack(
        &self,
        attack: &Attack,
        attacker: &Person,
        victim: &Person,
        width: u32,
        height: u32,
        samples: u32,
    ) -> Portrait {
        let (light, sight) = match &attack.instrument {
            Instrument::Mask(disguise) => {
                let wearer = disguise.wearer(attacker, victim);
                self.exposed(&wearer, Some((disguise, victim)), None, [width, height], samples)
            }
            Instrument::Print(print) => {
                let face = Face::Paper(print);
                self.shown(attack, face, attacker, victim, [width, height], samples)
            }
            Instrument::Replay(replay) => {
                let face = Face::Screen(replay);
                self.shown(attack, face, attacker, victim, [width, height], samples)
            }
        };
        let image = attack.sensor(self).develop(&light, width, height, self.seed.of("noise"));
        Portrait { image, sight }
    }

    /// Light from a person, behind a mask or not.
    fn exposed(
        &self,
        person: &Person,
        mask: Option<(&Disguise, &Person)>,
        held: Option<&dyn Fn(&Camera) -> Mesh>,
        [width, height]: [u32; 2],
        samples: u32,
    ) -> (Vec<Vec3>, Sight) {
        let still = Moment { mood: None, ..self.clone() };
        let paper = mask.filter(|(disguise, _)| disguise.stuff == MaskStuff::Paper);
        let stiff = mask.filter(|(disguise, _)| disguise.stuff != MaskStuff::Paper);
        let moment = if stiff.is_some() { &still } else { self };
        let figure = Figure::new(person, moment, Neck::body(self.pose), None);
        let camera = Camera::portrait(width, height, self.span, self.distance, self.pose, MIDDLE);
        let mut parts = figure.parts();
        let shell = stiff.map(|(disguise, _)| Shell { disguise, skin: parts[0].material });
        let cut = paper.map(|(disguise, victim)| (Paper::mesh(&figure.head), disguise.paper(victim)));
        if mask.is_some() {
            // Brows and lashes are below it. They are the last of what counts as skin; hidden parts stay in the list, which
            // knows them by their places.
            let empty = nothing();
            for (number, part) in parts.iter_mut().enumerate() {
                if figure.is_bare(number) && part.two_sided {
                    part.mesh = empty;
                }
            }
        }
        if let Some(shell) = &shell {
            parts[0].material = shell;
        }
        if let Some((mesh, material)) = &cut {
            parts.push(Part { mesh, material, casts_shadow: true, two_sided: true });
        }
        let held = held.map(|mesh| mesh(&camera));
        if let Some(mesh) = &held {
            parts.push(Part { mesh, material: &Unseen, casts_shadow: true, two_sided: true });
        }
        let background = Some(paint(&self.background, width as usize, height as usize));
        let light = self.lighting.light.clone();
        let picture = render(&Scene { parts, camera: camera.clone(), light, background }, samples);
        let sight = Sight::new(&figure, &camera, &picture, |_, _| false);
        (picture.color, sight)
    }

    /// Light from a sheet with a photo of a person.
    fn shown(
        &self,
        attack: &Attack,
        face: Face<'_>,
        attacker: &Person,
        victim: &Person,
        [width, height]: [u32; 2],
        samples: u32,
    ) -> (Vec<Vec3>, Sight) {
        let photo = self.photo(attack, victim, width, samples);
        let across = match &face {
            Face::Paper(print) => print.width,
            Face::Screen(replay) => replay.width,
        };
        let size = Vec2::new(across, across * ASPECT);
        let center = Vec2::new(width as f32, height as f32) * 0.5;
        let scale = attack.extent * width as f32 / across;
        let bend = match &face {
            // Curvature is that of a sheet of 200 mm: smaller ones are as much bent.
            Face::Paper(print) => Bend { curvature: print.bend.curvature * 200.0 / across, ..print.bend },
            Face::Screen(_) => Bend::FLAT,
        };
        let focal = attack.focal * width as f32;
        let pixel = across / photo.image.width() as f32;
        let place = |point: Point| (Vec2::new(point.x, point.y) + 0.5) * pixel - size * 0.5;
        let head = &photo.sight.face;
        let half = Vec2::new(0.72 * head.width(), 0.68 * head.height()) * pixel;
        let cut = matches!(&face, Face::Paper(print) if matches!(print.cut, Cut::Eyes | Cut::Outline));
        let room = || paint(&self.background, width as usize, height as usize);
        let Some(stand) = Stand::new(attack.turn, scale, focal, center, bend) else {
            return (room(), photo.sight);
        };
        let sheet = Sheet {
            face,
            source: Source::new(&photo.image),
            stand,
            size,
            head: [place(head.center()), half],
            eyes: [place(photo.sight.five.left_eye()), place(photo.sight.five.right_eye())],
            scale,
            light: &self.lighting.light,
            skin: attacker.complexion.color(),
        };
        let mut behind = if cut || attack.holder {
            let depth = self.distance - HELD[usize::from(!cut)];
            let held = |camera: &Camera| sheet.shade(camera, depth);
            self.exposed(attacker, None, Some(&held), [width, height], samples).0
        } else {
            room()
        };
        sheet.cover(&mut behind, width as usize);
        let sight = photo.sight.mapped(|point| {
            let at = stand.pixel(place(point)) - 0.5;
            Point { x: at.x, y: at.y }
        });
        (behind, sight)
    }

    /// The photo that is shown: the same person in the same pose, but elsewhere and by another camera.
    fn photo(&self, attack: &Attack, victim: &Person, width: u32, samples: u32) -> Portrait {
        let seed = attack.seed.of("photo");
        let lighting = Lighting::sample(seed.of("lighting"));
        let sensor = Sensor::sample(seed.of("sensor"), lighting.kelvin);
        // Who has the choice shows a good photo; two cameras' noise would tell attacks by their grain alone.
        let clean = Sensor {
            read_noise: KEPT * sensor.read_noise,
            shot_noise: KEPT * KEPT * sensor.shot_noise,
            ..sensor
        };
        let first = Moment {
            span: self.span * attack.extent,
            background: Background::sample(seed.of("background")),
            sensor: clean,
            lighting,
            seed,
            ..self.clone()
        };
        let across = (attack.extent * attack.resolution * width as f32).clamp(32.0, LARGEST / ASPECT);
        // What is shown larger than it is seen has samples enough.
        let samples = if attack.resolution > 1.4 { 1 } else { samples };
        first.portrait(victim, across as u32, (across * ASPECT) as u32, samples)
    }
}

/// A surface without triangles.
fn nothing() -> &'static crate::Mesh {
    static EMPTY: std::sync::OnceLock<crate::Mesh> = std::sync::OnceLock::new();
    EMPTY.get_or_init(crate::Mesh::default)
}

#[cfg(test)]
mod tests;

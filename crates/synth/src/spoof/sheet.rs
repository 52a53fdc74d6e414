//! A photo or a screen before a camera: what of its light, and of what is behind it, falls on each pixel.

use glam::{Vec2, Vec3};
use imaging::Image;

use super::print::{Cut, Print};
use super::screen::Replay;
use super::stand::Stand;
use crate::color::{from_bytes, luminance};
use crate::wear::solid::sheet as grid;
use crate::{Camera, Light, Mesh, Seed, noise};

/// Pixels of the sensor, along each axis, that make one of the picture. Each sees one colour, in Bayer's order, so that
/// fine patterns beat with them in colours, as in photos of screens.
const FINER: usize = 4;
/// Height of shown pictures by their width.
pub(super) const ASPECT: f32 = 1.25;
/// A screen is never darker than at this light, and looks bright in the dark.
const DIMMEST: f32 = 0.15;
/// White paper around a photo, as a share of its width.
const MARGIN: f32 = 0.05;
/// Half sizes of holes for eyes, as shares of the distance between them.
const HOLE: Vec2 = Vec2::new(0.27, 0.15);
/// Pieces, along each axis, of the sheet that casts a shadow.
const SHADE: usize = 24;

/// A picture in linear light that can be looked up between its pixels.
pub(super) struct Source {
    width: usize,
    height: usize,
    pixels: Vec<Vec3>,
}

impl Source {
    pub(super) fn new(image: &Image) -> Self {
        let pixels = image.pixels().chunks_exact(3).map(|p| from_bytes([p[0], p[1], p[2]])).collect();
        Self { width: image.width() as usize, height: image.height() as usize, pixels }
    }

    /// The colour at a place in pixels from the corner.
    pub(super) fn at(&self, place: Vec2) -> Vec3 {
        let most = Vec2::new(self.width as f32 - 1.0, self.height as f32 - 1.0);
        let at = (place - 0.5).clamp(Vec2::ZERO, most);
        let (x, y) = (at.x as usize, at.y as usize);
        let (right, below) = ((x + 1).min(self.width - 1), (y + 1).min(self.height - 1));
        let part = at - at.floor();
        let row =
            |y: usize| self.pixels[y * self.width + x].lerp(self.pixels[y * self.width + right], part.x);
        row(y).lerp(row(below), part.y)
    }
}

/// What shows the picture.
pub(super) enum Face<'a> {
    Paper(&'a Print),
    Screen(&'a Replay),
}

/// A finger before the sheet: its tip and where it comes from, in millimetres of the sheet.
struct Finger {
    tip: Vec2,
    from: Vec2,
    radius: f32,
}

/// A sheet that is held before a camera.
pub(super) struct Sheet<'a> {
    pub(super) face: Face<'a>,
    pub(super) source: Source,
    pub(super) stand: Stand,
    /// Width and height of the shown picture in millimetres.
    pub(super) size: Vec2,
    /// Middle and half sizes of the head, and the eyes, in millimetres of the sheet.
    pub(super) head: [Vec2; 2],
    pub(super) eyes: [Vec2; 2],
    /// Pixels of the picture in a millimetre.
    pub(super) scale: f32,
    pub(super) light: &'a Light,
    /// Colour of the skin of who holds it.
    pub(super) skin: Vec3,
}

/// Light at a place of the sheet.
struct Lit {
    dull: Vec3,
    mirrored: Vec3,
    normal: Vec3,
}

impl Sheet<'_> {
    /// Covers what is behind, row by row, with the sheet.
    pub(super) fn cover(&self, behind: &mut [Vec3], width: usize) {
        let height = behind.len() / width.max(1);
        let fingers = self.fingers();
        for (at, pixel) in behind.iter_mut().enumerate() {
            let (x, y) = (at % width, at / width);
            let Some(middle) = self.stand.sheet(Vec2::new(x as f32 + 0.5, y as f32 + 0.5)) else { continue };
            let lit = self.lit(middle);
            let (mut sum, mut count) = (Vec3::ZERO, Vec3::ZERO);
            for sub in 0..FINER * FINER {
                let (column, row) = (sub % FINER, sub / FINER);
                let offset = Vec2::new(column as f32 + 0.5, row as f32 + 0.5) / FINER as f32;
                let filter = match (column % 2, row % 2) {
                    (0, 0) => Vec3::X,
                    (1, 1) => Vec3::Z,
                    _ => Vec3::Y,
                };
                let place = self.stand.sheet(Vec2::new(x as f32, y as f32) + offset);
                let color = place.map_or(*pixel, |place| {
                    let row = (y as f32 + offset.y) / height as f32;
                    self.finger(&fingers, place, &lit).unwrap_or_else(|| {
                        let cover = self.cover_at(place);
                        if cover > 0.0 { pixel.lerp(self.seen(place, &lit, row), cover) } else { *pixel }
                    })
                });
                sum += color * filter;
                count += filter;
            }
            *pixel = sum / count;
        }
    }

    /// How far inside the sheet's edges a place is, in millimetres; below 0 it is beside the sheet.
    fn inside(&self, at: Vec2) -> f32 {
        let within = |half: Vec2| (half - at.abs()).min_element();
        match self.face {
            Face::Paper(print) => {
                let half = self.size * 0.5;
                match print.cut {
                    Cut::Margin => within(half + MARGIN * self.size.x),
                    Cut::Borderless => within(half),
                    Cut::Outline => within(half).min(self.outline(at, print.seed)),
                    Cut::Eyes => {
                        let hole = HOLE * self.eyes[0].distance(self.eyes[1]);
                        let apart = self.eyes.map(|eye| (((at - eye) / hole).length() - 1.0) * hole.y);
                        within(half).min(apart[0]).min(apart[1])
                    }
                }
            }
            Face::Screen(replay) => {
                let (outer, radius) = self.case(replay);
                radius - (at.abs() - outer + radius).max(Vec2::ZERO).length()
            }
        }
    }

    /// How far a place is inside the line along which a head was cut out: an egg, as scissors go.
    fn outline(&self, at: Vec2, seed: Seed) -> f32 {
        let [middle, half] = self.head;
        let off = (at - middle) / half;
        // Narrower at the chin than at the crown.
        let off = Vec2::new(off.x / (1.0 - 0.16 * off.y.clamp(-1.0, 1.0)), off.y);
        let way = off.normalize_or(Vec2::Y);
        let uneven = 0.035 * noise::gradient(way.extend(0.0) * 2.5, seed.of("scissors").value());
        (1.0 + uneven - off.length()) * half.min_element()
    }

    /// Half the size of a device, and the radius of its corners, in millimetres.
    fn case(&self, replay: &Replay) -> (Vec2, f32) {
        (replay.panel * 0.5 + replay.bezel, 0.5 * replay.bezel.y + 3.0)
    }

    /// How much of what one sample of the camera sees at a place the sheet fills, 0..=1.
    fn cover_at(&self, at: Vec2) -> f32 {
        // Twice as wide as the samples are apart: each sees one colour only.
        let soft = 2.0 * self.fine();
        (self.inside(at) / soft + 0.5).clamp(0.0, 1.0)
    }

    /// How many millimetres apart the camera's samples are.
    fn fine(&self) -> f32 {
        1.0 / (self.scale * FINER as f32)
    }

    /// The sheet in the frame of a head that `camera` sees, about `depth` millimetres away from it: where the sheet is
    /// seen, it is seen too.
    pub(super) fn shade(&self, camera: &Camera, depth: f32) -> Mesh {
        let half = match self.face {
            Face::Paper(print) if print.cut == Cut::Margin => self.size * (0.5 + MARGIN),
            Face::Paper(_) => self.size * 0.5,
            Face::Screen(replay) => self.case(replay).0,
        };
        let mut mesh = grid(SHADE, SHADE, false, |u, v| {
            let pixel = self.stand.pixel((Vec2::new(u, v) * 2.0 - 1.0) * half);
            camera.place(pixel, depth)
        });
        // Only what was cut away and the holes let light through.
        let kept = |at: Vec2| self.inside((at * 2.0 - 1.0) * half) > -0.5 * half.x / SHADE as f32;
        let uvs = &mesh.uvs;
        mesh.triangles.retain(|corners| corners.iter().all(|&at| kept(uvs[at as usize])));
        mesh
    }

    /// Light that a place of the sheet sends to the camera; `row` is the share of the picture's height where it is seen.
    fn seen(&self, at: Vec2, lit: &Lit, row: f32) -> Vec3 {
        let fine = self.fine();
        let inside = at.abs().cmple(self.size * 0.5).all();
        let color = || {
            let scale = self.source.width as f32 / self.size.x;
            self.source.at((at + self.size * 0.5) * scale)
        };
        match self.face {
            Face::Paper(print) => {
                let shown = if inside { color() } else { Vec3::ONE };
                print.albedo(shown, at, fine) * lit.dull + lit.mirrored
            }
            Face::Screen(replay) => {
                if at.abs().cmpgt(replay.panel * 0.5).any() {
                    return Vec3::splat(0.012) * lit.dull + lit.mirrored;
                }
                let shown = if inside { color() } else { Vec3::ZERO };
                let white = luminance(lit.dull).max(DIMMEST);
                let glow = replay.glow(shown, at, fine) * (white * replay.brightness * replay.band(row));
                glow + lit.mirrored + Vec3::splat(self.window(replay, at) * white)
            }
        }
    }

    /// The mirror image of a window or lamp in the glass.
    fn window(&self, replay: &Replay, at: Vec2) -> f32 {
        let Some((middle, half, bright)) = replay.window else { return 0.0 };
        let (x, y) = ((at / self.size.x - middle) / half).abs().into();
        // Glass is smooth; what softens the edges is that the window is out of focus.
        let edge = |from_middle: f32| ((1.15 - from_middle) / 0.3).clamp(0.0, 1.0);
        replay.glass * bright * edge(x) * edge(y)
    }

    fn lit(&self, at: Vec2) -> Lit {
        let normal = self.stand.normal(at);
        let view = self.stand.toward_camera(at);
        let (roughness, head_on) = match &self.face {
            Face::Paper(print) => (print.roughness, 0.04),
            Face::Screen(replay) => (0.08, replay.glass),
        };
        let mirror = 2.0 * normal.dot(view) * normal - view;
        let slant = (1.0 - normal.dot(view)).clamp(0.0, 1.0).powi(5);
        let share = head_on + (1.0 - head_on) * slant * (1.0 - roughness);
        let mut mirrored = self.light.ambient.blurred(mirror, roughness) * share;
        for lamp in &self.light.lamps {
            let toward = lamp.direction.normalize_or(Vec3::NEG_Z);
            // A lobe as wide as the lamp and the roughness together, of the light that the lamp gives a surface.
            let spread = (roughness * roughness).hypot(0.5 * lamp.size.to_radians());
            let off = mirror.angle_between(toward);
            let lobe = (-0.5 * (off / spread).powi(2)).exp() / (2.0 * spread * spread);
            mirrored += lamp.color * (lobe * share * normal.dot(toward).max(0.0));
        }
        Lit { dull: self.dull(normal), mirrored, normal }
    }

    /// What a white surface of this direction sends back.
    fn dull(&self, normal: Vec3) -> Vec3 {
        let lamps = self
            .light
            .lamps
            .iter()
            .map(|lamp| lamp.color * normal.dot(lamp.direction.normalize_or(Vec3::NEG_Z)).max(0.0));
        self.light.ambient.irradiance(normal) + lamps.sum::<Vec3>()
    }

    fn fingers(&self) -> Vec<Finger> {
        let (count, seed) = match &self.face {
            Face::Paper(print) => (print.fingers, print.seed),
            Face::Screen(replay) => (replay.fingers, Seed::new(u64::from(replay.pitch.to_bits()))),
        };
        let half = match &self.face {
            Face::Paper(_) => self.size * 0.5,
            Face::Screen(replay) => replay.panel * 0.5 + replay.bezel,
        };
        let mut stream = seed.of("fingers").stream();
        let side = if stream.chance(0.5) { 1.0 } else { -1.0 };
        let first = stream.between(0.0, 0.6) * half.y;
        let finger = |number: u32, reach: f32, tilt: f32| {
            let tip = Vec2::new(side * (half.x - reach), first + number as f32 * 19.0);
            Finger { tip, from: tip + Vec2::new(side * 90.0, 90.0 * tilt), radius: 8.0 }
        };
        (0..count).map(|number| finger(number, stream.between(4.0, 14.0), stream.between(0.1, 0.4))).collect()
    }

    /// The light of the finger that is before a place.
    fn finger(&self, fingers: &[Finger], at: Vec2, lit: &Lit) -> Option<Vec3> {
        fingers.iter().find_map(|finger| {
            let way = finger.from - finger.tip;
            let along = ((at - finger.tip).dot(way) / way.length_squared()).clamp(0.0, 1.0);
            let off = (at - finger.tip - way * along) / finger.radius;
            (off.length_squared() < 1.0).then(|| {
                let round = lit.normal * (1.0 - off.length_squared()).max(0.02).sqrt();
                let normal = (round + Vec3::new(off.x, off.y, 0.0)).normalize_or(lit.normal);
                // The nail is paler and lies back from the tip.
                let nail = at - finger.tip - way.normalize_or_zero() * 1.5;
                let pale = if nail.length() < 5.0 { 1.15 } else { 1.0 };
                self.skin * pale * self.dull(normal)
            })
        })
    }
}

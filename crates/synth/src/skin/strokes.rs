//! Lines of the skin: furrows that expression and age draw, each at a person's own place.

use glam::{Vec2, Vec3};

use crate::curve::ramp;
use crate::random::{Seed, Stream};
use crate::skin::atlas::Atlas;
use crate::skin::cells::{Cells, unrolled};

/// A piece of a furrow between two places of the mean head.
#[derive(Clone, Debug)]
struct Piece {
    from: Vec3,
    to: Vec3,
    /// Which furrow it belongs to: its pieces do not add up where they meet.
    furrow: u16,
    /// Half of the breadth at both ends, in millimeters.
    width: f32,
    /// Depth at both ends, in millimeters.
    depths: [f32; 2],
}

/// The furrows of a face.
#[derive(Clone, Debug)]
pub(super) struct Furrows {
    pieces: Vec<Piece>,
    cells: Cells,
}

/// What furrows do to a point.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Furrowed {
    /// Offset of the normal in the frame of `rest`.
    pub relief: Vec3,
    /// How deep the point lies, 0..=1: furrows are darker and redder inside.
    pub shade: f32,
}

impl Furrows {
    /// How deep lines are is 0..=1 (`lines`), for a person of an age in years.
    pub(super) fn new(seed: Seed, lines: f32, age: f32, atlas: &Atlas) -> Self {
        let mut drawing = Drawing { atlas, pieces: Vec::new(), furrow: 0 };
        drawing.forehead(&mut seed.of("forehead lines").stream(), lines);
        for side in [-1.0, 1.0] {
            // Both halves share most of their lines, as faces do; the rest is chance of the side.
            let twin =
                |name: &str| (seed.of(name).stream(), seed.of(name).number(side as i64 as u64).stream());
            drawing.frown(side, twin("frown lines"), lines);
            drawing.crow_feet(side, twin("crow's feet"), lines);
            drawing.under_eye(side, twin("under-eye lines"), lines, age);
            drawing.nasolabial(side, twin("nasolabial folds"), lines, age);
            drawing.mouth(side, twin("mouth lines"), lines, age);
        }
        drawing.neck(&mut seed.of("neck lines").stream(), lines, age);
        let boxes: Vec<(Vec2, Vec2)> = drawing
            .pieces
            .iter()
            .map(|piece| {
                let [a, b] = [piece.from, piece.to].map(unrolled);
                let reach = Vec2::splat(3.0 * piece.width + 1.0);
                (a.min(b) - reach, a.max(b) + reach)
            })
            .collect();
        Self { cells: Cells::new(&boxes), pieces: drawing.pieces }
    }

    /// What they do to a place of the mean head; `chart` is the same place unrolled and `footprint` the size of a sample
    /// in millimeters.
    pub(super) fn at(&self, rest: Vec3, chart: Vec2, footprint: f32) -> Furrowed {
        let mut sum = Furrowed::default();
        let mut deepest = Furrowed::default();
        let mut furrow = u16::MAX;
        for &piece in self.cells.around(chart) {
            let piece = &self.pieces[piece as usize];
            if piece.furrow != furrow {
                sum.add(&deepest);
                (deepest, furrow) = (Furrowed::default(), piece.furrow);
            }
            let along = piece.to - piece.from;
            let part = ((rest - piece.from).dot(along) / along.length_squared()).clamp(0.0, 1.0);
            let away = rest - piece.from - along * part;
            // A sample blurs the furrow: wider and shallower.
            let spread = piece.width * piece.width + 0.2 * footprint * footprint;
            let near = away.length_squared() / spread;
            if near > 9.0 {
                continue;
            }
            // Close to exp(-near / 2), and exactly 0 at the end.
            let profile = (1.0 - near / 9.0).powi(4);
            let depth = piece.depths[0] + (piece.depths[1] - piece.depths[0]) * part;
            let blurred = depth * piece.width / spread.sqrt();
            // Narrow creases hold more shade than wide folds of their depth.
            let shade = (blurred * profile / (0.35 + 0.25 * piece.width)).min(1.0);
            if shade > deepest.shade {
                let seen = (1.0 - footprint / (5.0 * piece.width)).clamp(0.0, 1.0);
                deepest = Furrowed { relief: away * (-blurred * profile / spread * seen), shade };
            }
        }
        sum.add(&deepest);
        sum.shade = sum.shade.min(1.0);
        sum
    }
}

impl Furrowed {
    fn add(&mut self, other: &Self) {
        self.relief += other.relief;
        self.shade += other.shade;
    }
}

/// Draws furrows onto the mean head.
struct Drawing<'a> {
    atlas: &'a Atlas,
    pieces: Vec<Piece>,
    furrow: u16,
}

impl Drawing<'_> {
    /// A furrow through places of the front, deepest in the middle: a narrow crease in a wide fold.
    fn draw(&mut self, places: &[Vec2], width: f32, depth: f32) {
        self.crease(places, 3.2 * width, 0.8 * depth);
        self.crease(places, width, 0.85 * depth);
    }

    fn crease(&mut self, places: &[Vec2], width: f32, depth: f32) {
        if depth < 0.015 || places.len() < 2 {
            return;
        }
        let lifted: Vec<Vec3> =
            places.iter().map(|place| place.extend(self.atlas.depth(place.x, place.y))).collect();
        let last = (places.len() - 1) as f32;
        let share = |at: usize| {
            let part = at as f32 / last;
            depth * (ramp(0.0, 0.3, part) * ramp(1.0, 0.65, part)).max(0.04)
        };
        for (at, pair) in lifted.windows(2).enumerate() {
            let depths = [share(at), share(at + 1)];
            self.pieces.push(Piece { from: pair[0], to: pair[1], furrow: self.furrow, width, depths });
        }
        self.furrow += 1;
    }

    /// Lines across the forehead, wavy and broken.
    fn forehead(&mut self, stream: &mut Stream, lines: f32) {
        let brow = self.atlas.points[24].y;
        let count = 3 + stream.below(4);
        let spacing = stream.between(6.5, 10.5);
        let (bow, waves) = (stream.between(-4.0, 9.0), stream.between(0.5, 2.5));
        let reach = stream.between(24.0, 42.0);
        for line in 0..count {
            let height = brow + 13.0 + spacing * (line as f32 + 0.35 * stream.normal(1.5));
            let phase = stream.between(0.0, 6.3);
            let depth = stream.between(0.25, 1.0) * (0.05 + 0.6 * lines);
            let (left, right) = (-reach * stream.between(0.55, 1.0), reach * stream.between(0.55, 1.0));
            let places: Vec<Vec2> = (0..=18)
                .map(|step| {
                    let x = left + (right - left) * step as f32 / 18.0;
                    let wave = waves * ((x / 11.0 + phase).sin() + 0.4 * (x / 4.7 + 2.0 * phase).sin());
                    let y = height + bow * (x / 40.0).powi(2) + wave;
                    Vec2::new(x, y)
                })
                .collect();
            self.draw(&places, 0.75, depth);
        }
    }

    /// Upright lines between the brows.
    fn frown(&mut self, side: f32, (mut both, mut own): (Stream, Stream), lines: f32) {
        let brow = self.atlas.points[22];
        let (x, lean) = (both.between(3.5, 8.0), both.between(0.5, 3.5));
        let height = both.between(8.0, 17.0) * own.between(0.75, 1.1);
        let depth = both.between(0.1, 1.0) * own.between(0.6, 1.0) * (0.03 + 0.6 * lines);
        let places: Vec<Vec2> = (0..=6)
            .map(|step| {
                let part = step as f32 / 6.0;
                Vec2::new(
                    side * (x + lean * (part - 0.3) + (part * 4.0).sin() * 0.5),
                    brow.y - 7.0 + height * part,
                )
            })
            .collect();
        self.draw(&places, 0.8, depth);
    }

    /// A fan of lines next to the outer corner of the eye.
    fn crow_feet(&mut self, side: f32, (mut both, mut own): (Stream, Stream), lines: f32) {
        let corner = self.atlas.points[45];
        let count = 3 + both.below(3);
        for line in 0..count {
            let part = (line as f32 + 0.5) / count as f32;
            let angle = (38.0 - 82.0 * part + 5.0 * own.normal(1.5)).to_radians();
            let length = both.between(8.0, 19.0) * own.between(0.8, 1.2);
            let depth = both.between(0.35, 1.0) * (0.02 + 0.5 * lines);
            let from = Vec2::new(corner.x + 4.0, corner.y + 1.0);
            let places: Vec<Vec2> = (0..=6)
                .map(|step| {
                    let along = length * step as f32 / 6.0;
                    let droop = angle - 0.018 * along;
                    let place = from + Vec2::new(droop.cos(), droop.sin()) * (along + 1.5);
                    Vec2::new(side * place.x, place.y)
                })
                .collect();
            self.draw(&places, 0.6, depth);
        }
    }

    /// Arcs under the eye: the rim of the bag and a finer line above it.
    fn under_eye(&mut self, side: f32, (mut both, mut own): (Stream, Stream), lines: f32, age: f32) {
        let (inner, outer) = (self.atlas.points[42], self.atlas.points[45]);
        let bag = both.between(0.0, 1.0);
        let rims = [
            (
                both.between(8.0, 13.0),
                1.5,
                (0.12 + 0.25 * bag) * (0.25 + ramp(25.0, 70.0, age) + 0.3 * lines),
            ),
            (both.between(4.5, 6.5), 0.6, both.between(0.04, 0.35) * (0.25 + lines)),
            (both.between(6.0, 8.5), 0.6, both.between(0.0, 0.35) * lines),
        ];
        for (drop, width, depth) in rims {
            let end = own.between(0.6, 0.95);
            let places: Vec<Vec2> = (0..=8)
                .map(|step| {
                    let part = step as f32 / 8.0 * end;
                    let x = inner.x - 2.0 + (outer.x + 3.0 - inner.x) * part;
                    let y = inner.y + (outer.y - inner.y) * part - drop * (part * 2.6 + 0.35).sin().max(0.0);
                    Vec2::new(side * x, y)
                })
                .collect();
            self.draw(&places, width, depth);
        }
    }

    /// The fold from the wing of the nose to beside the mouth.
    fn nasolabial(&mut self, side: f32, (mut both, mut own): (Stream, Stream), lines: f32, age: f32) {
        let (wing, corner) = (self.atlas.points[35], self.atlas.points[54]);
        let depth = (0.14 + 0.35 * ramp(20.0, 65.0, age) + 0.45 * lines)
            * both.between(0.4, 1.15)
            * own.between(0.85, 1.1);
        let wide = both.between(8.0, 14.0);
        let low = both.between(-6.0, 6.0);
        let from = Vec2::new(wing.x + 7.5, wing.y + 5.0);
        let to = Vec2::new(corner.x + wide - 2.0, corner.y + low);
        let bend = Vec2::new(corner.x + wide - 1.0, wing.y - 3.0);
        let places: Vec<Vec2> = (0..=10)
            .map(|step| {
                let part = step as f32 / 10.0;
                let place = from.lerp(bend, part).lerp(bend.lerp(to, part), part);
                Vec2::new(side * place.x, place.y)
            })
            .collect();
        self.crease(&places, 1.1, 0.35 * depth);
        self.crease(&places, 3.4, 1.5 * depth);
    }

    /// Lines down from the corner of the mouth, over the upper lip, and in old cheeks.
    fn mouth(&mut self, side: f32, (mut both, mut own): (Stream, Stream), lines: f32, age: f32) {
        let (wing, corner) = (self.atlas.points[35], self.atlas.points[54]);
        let length = both.between(9.0, 20.0);
        let depth = both.between(0.15, 1.0) * (0.06 + 0.55 * lines);
        let places: Vec<Vec2> = (0..=6)
            .map(|step| {
                let part = step as f32 / 6.0;
                Vec2::new(
                    side * (corner.x + 2.5 + 4.5 * part - 2.0 * part * part),
                    corner.y - 1.0 - length * part,
                )
            })
            .collect();
        self.draw(&places, 1.0, depth);

        let old = ramp(45.0, 80.0, age) * lines;
        let smoker = both.between(0.1, 1.0);
        for line in 0..5 {
            let x = 3.0 + 3.6 * line as f32 + own.normal(1.0);
            let top = wing.y - 6.0 + own.normal(1.0);
            let bottom = self.atlas.points[52].y + 1.5;
            let places =
                [top, (top + bottom) / 2.0, bottom].map(|y| Vec2::new(side * (x + 0.12 * (top - y)), y));
            self.draw(&places, 0.5, 0.4 * old * smoker * own.between(0.3, 1.0));
        }
        for line in 0..3 {
            let x = corner.x + 13.0 + 7.0 * line as f32 + own.normal(1.5);
            let (top, bottom) = (corner.y + 14.0 + own.normal(2.0), corner.y - 16.0 + own.normal(4.0));
            let places: Vec<Vec2> = (0..=6)
                .map(|step| {
                    let part = step as f32 / 6.0;
                    Vec2::new(side * (x + 3.5 * (part * 2.8).sin()), top + (bottom - top) * part)
                })
                .collect();
            self.draw(&places, 0.9, 0.5 * old * both.between(0.0, 1.0));
        }
    }

    /// Rings around the neck.
    fn neck(&mut self, stream: &mut Stream, lines: f32, age: f32) {
        for line in 0..3 {
            let height = -112.0 - 15.0 * line as f32 + 4.0 * stream.normal(1.5);
            let depth = stream.between(0.1, 1.0) * (0.18 + 0.5 * lines + 0.2 * ramp(30.0, 70.0, age));
            let sag = stream.between(3.0, 9.0);
            let (left, right) = (-stream.between(20.0, 42.0), stream.between(20.0, 42.0));
            let places: Vec<Vec2> = (0..=10)
                .map(|step| {
                    let x = left + (right - left) * step as f32 / 10.0;
                    Vec2::new(x, height + sag * (x / 40.0).powi(2))
                })
                .collect();
            self.draw(&places, 1.0, depth);
        }
    }
}

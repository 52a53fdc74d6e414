//! Where on the mean head the zones of the face are: made once from the template and shared by all people.

use std::sync::OnceLock;

use glam::{Vec2, Vec3};

use crate::curve::ramp;
use crate::head::{Landmark, Region, Side, Template};
use crate::mesh::Mesh;
use crate::noise;
use crate::random::Seed;

/// Texels of a side of the map of what differs between people; face features of about 4 mm fit.
pub(super) const COARSE: usize = 128;
/// Texels of a side of the map of marks with edges, about half a millimeter each in the face.
const FINE: usize = 512;

/// Zones with soft borders, by number in [`Texel::zones`].
#[derive(Clone, Copy)]
pub(super) enum Zone {
    Forehead,
    Cheeks,
    Nose,
    Ears,
    Chin,
    Muzzle,
    UnderEyes,
    Lids,
    Temples,
    Neck,
    Oily,
}
const ZONES: usize = 11;
/// Patterns of clouds that the unevenness of all people's skin is made of.
pub(super) const CLOUDS: usize = 10;
/// Sizes of clouds in millimeters.
const CLOUD_SIZES: [f32; 2] = [30.0, 13.0];

/// Marks with edges, by number in what [`Atlas::marks`] returns.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Lips,
    Liner,
    Shadow,
    Moustache,
    Beard,
    Scalp,
    Nostril,
    Blush,
}
const MARKS: usize = 8;

/// A texel of the coarse map.
#[derive(Clone, Debug)]
pub(super) struct Texel {
    /// Its place in the map.
    pub at: usize,
    /// How strong each pattern of clouds is there, about -1..=1.
    pub clouds: [f32; CLOUDS],
    /// How much it belongs to each zone, 0..=1.
    pub zones: [f32; ZONES],
}

impl Texel {
    pub(super) fn zone(&self, zone: Zone) -> f32 {
        self.zones[zone as usize]
    }
}

/// The zones of the mean head.
pub(super) struct Atlas {
    /// The texels of the coarse map that the skin covers.
    pub texels: Vec<Texel>,
    /// For each texel of the coarse map that the skin does not cover, the nearest one that it covers.
    pub borders: Vec<[u32; 2]>,
    marks: Vec<[u8; MARKS]>,
    front: Vec<f32>,
    /// Landmarks of the mean head in the order of 300-W, in millimeters.
    pub points: [Vec3; 68],
    /// Triangles of the face, and the sum of their areas up to and with each, in square millimeters.
    face: Vec<([Vec3; 3], f32)>,
}

impl Atlas {
    pub(super) fn get() -> &'static Self {
        static ATLAS: OnceLock<Atlas> = OnceLock::new();
        ATLAS.get_or_init(|| Self::new(Template::get()))
    }

    fn new(template: &Template) -> Self {
        let mesh = template.mesh();
        let locate = |landmark| template.locate(mesh, template.anchor(landmark)).0;
        let points: [Vec3; 68] = std::array::from_fn(|at| locate(Landmark::Ibug(at as u8)));
        let ears = [Side::Left, Side::Right].map(|side| locate(Landmark::EarCanal(side)));

        // The inside of the mouth lies on the line between the lips, and would come between them.
        let inside = template.weights(Region::MouthInside);
        let is_outside = |triangle: &&[u32; 3]| triangle.iter().all(|&at| inside[at as usize] < 0.5);
        let outside: Vec<[u32; 3]> = mesh.triangles.iter().filter(is_outside).copied().collect();

        let places: Vec<[f32; 3]> = mesh.rest.iter().map(|rest| rest.to_array()).collect();
        let coarse = spread(mesh, &outside, COARSE, &places);
        let texels: Vec<Texel> = coarse
            .iter()
            .enumerate()
            .filter_map(|(at, place)| place.map(|place| (at, Vec3::from_array(place))))
            .map(|(at, rest)| Texel { at, clouds: clouds(rest), zones: zones(rest, &points, &ears) })
            .collect();

        let regions = [
            Region::Lips,
            Region::Moustache,
            Region::Beard,
            Region::Sideburn,
            Region::Scalp,
            Region::Nostril,
        ]
        .map(|region| template.weights(region));
        let weights: Vec<[f32; 9]> = (0..mesh.rest.len())
            .map(|at| {
                let [x, y, z] = mesh.rest[at].to_array();
                std::array::from_fn(|part| if part < 3 { [x, y, z][part] } else { regions[part - 3][at] })
            })
            .collect();
        let marks = spread(mesh, &outside, FINE, &weights)
            .into_iter()
            .map(|texel| {
                let [x, y, z, lips, moustache, beard, sideburn, scalp, nostril] = texel?;
                let rest = Vec3::new(x, y, z);
                let (liner, shadow) = eye_marks(rest, &points);
                let beard = beard.max(sideburn);
                let marks = [lips, liner, shadow, moustache, beard, scalp, nostril, blush(rest, &points)];
                Some(marks.map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8))
            })
            .collect();
        Self {
            borders: borders(&coarse),
            texels,
            marks: grown(marks),
            front: front(mesh),
            face: face(mesh),
            points,
        }
    }

    /// How much of each mark there is at a place of the chart, 0..=1.
    pub(super) fn marks(&self, uv: Vec2) -> [f32; MARKS] {
        let at = (uv.clamp(Vec2::ZERO, Vec2::ONE) * FINE as f32 - 0.5)
            .clamp(Vec2::ZERO, Vec2::splat(FINE as f32 - 1.001));
        let (x, y) = (at.x as usize, at.y as usize);
        let part = at - at.floor();
        let first = y * FINE + x;
        let [a, b, c, d] = [first, first + 1, first + FINE, first + FINE + 1].map(|at| &self.marks[at]);
        if (a, b, c) == (b, c, d) {
            return a.map(|value| f32::from(value) / 255.0);
        }
        let weights = [
            (1.0 - part.x) * (1.0 - part.y),
            part.x * (1.0 - part.y),
            (1.0 - part.x) * part.y,
            part.x * part.y,
        ]
        .map(|weight| weight / 255.0);
        std::array::from_fn(|mark| {
            f32::from(a[mark]) * weights[0]
                + f32::from(b[mark]) * weights[1]
                + f32::from(c[mark]) * weights[2]
                + f32::from(d[mark]) * weights[3]
        })
    }

    /// How far in front the skin lies at (x, y), in millimeters.
    pub(super) fn depth(&self, x: f32, y: f32) -> f32 {
        let at = (Vec2::new(x, y) - FRONT_CORNER)
            .clamp(Vec2::ZERO, Vec2::new(FRONT_WIDTH as f32 - 1.001, FRONT_HEIGHT as f32 - 1.001));
        let (column, row) = (at.x as usize, at.y as usize);
        let part = at - at.floor();
        let value = |right: usize, up: usize| self.front[(row + up) * FRONT_WIDTH + column + right];
        let mix = |up: usize| value(0, up) + (value(1, up) - value(0, up)) * part.x;
        mix(0) + (mix(1) - mix(0)) * part.y
    }

    /// A place of the face for two numbers of 0..=1 and a third: any place is as likely as any other.
    pub(super) fn place(&self, [which, right, up]: [f32; 3]) -> Vec3 {
        let total = self.face.last().map_or(0.0, |last| last.1);
        let at = self.face.partition_point(|triangle| triangle.1 < which * total).min(self.face.len() - 1);
        let [a, b, c] = self.face[at].0;
        let (right, up) = if right + up > 1.0 { (1.0 - right, 1.0 - up) } else { (right, up) };
        a + (b - a) * right + (c - a) * up
    }
}

const FRONT_WIDTH: usize = 170;
const FRONT_HEIGHT: usize = 320;
const FRONT_CORNER: Vec2 = Vec2::new(-85.0, -180.0);

/// What lies foremost for each millimeter of the front.
fn front(mesh: &Mesh) -> Vec<f32> {
    let mut depth = vec![f32::NEG_INFINITY; FRONT_WIDTH * FRONT_HEIGHT];
    for triangle in &mesh.triangles {
        let corners = triangle.map(|at| mesh.rest[at as usize]);
        let flat = corners.map(|corner| corner.truncate() - FRONT_CORNER);
        cover(flat, [FRONT_WIDTH, FRONT_HEIGHT], |at, [a, b, c]| {
            let z = corners[0].z * a + corners[1].z * b + corners[2].z * c;
            depth[at] = depth[at].max(z);
        });
    }
    // Holes, as those of the eyes, get the mean of their rims from left and right.
    for row in depth.chunks_mut(FRONT_WIDTH) {
        let known: Vec<usize> = (0..FRONT_WIDTH).filter(|&at| row[at].is_finite()).collect();
        let Some((&first, &last)) = known.first().zip(known.last()) else {
            row.fill(0.0);
            continue;
        };
        let (low, high) = (row[first], row[last]);
        row[..first].fill(low);
        row[last..].fill(high);
        for pair in known.windows(2) {
            let (from, to) = (row[pair[0]], row[pair[1]]);
            let steps = (pair[1] - pair[0]) as f32;
            for (step, value) in row[pair[0]..pair[1]].iter_mut().enumerate() {
                *value = from + (to - from) * step as f32 / steps;
            }
        }
    }
    depth
}

/// Triangles of the face and the running sum of their areas.
fn face(mesh: &Mesh) -> Vec<([Vec3; 3], f32)> {
    let mut sum = 0.0;
    let corners = mesh.triangles.iter().map(|triangle| triangle.map(|at| mesh.rest[at as usize]));
    corners
        .filter(|[a, b, c]| {
            let middle = (*a + *b + *c) / 3.0;
            middle.z > 30.0 && (-100.0..95.0).contains(&middle.y)
        })
        .map(|corners| {
            let [a, b, c] = corners;
            sum += 0.5 * (b - a).cross(c - a).length();
            (corners, sum)
        })
        .collect()
}

/// Spreads values of vertices over a square map of the chart, by some triangles of a surface; None where no triangle is.
fn spread<const N: usize>(
    mesh: &Mesh,
    triangles: &[[u32; 3]],
    side: usize,
    values: &[[f32; N]],
) -> Vec<Option<[f32; N]>> {
    let mut map = vec![None; side * side];
    for triangle in triangles {
        let uvs = triangle.map(|at| mesh.uvs[at as usize] * side as f32);
        let [a, b, c] = triangle.map(|at| &values[at as usize]);
        cover(uvs, [side, side], |at, [p, q, r]| {
            map[at] = Some(std::array::from_fn(|part| a[part] * p + b[part] * q + c[part] * r));
        });
    }
    map
}

/// Calls for every cell of a map whose center lies in a triangle, with the weights of the corners.
fn cover(corners: [Vec2; 3], [width, height]: [usize; 2], mut found: impl FnMut(usize, [f32; 3])) {
    let [a, b, c] = corners;
    let area = (b - a).perp_dot(c - a);
    // Surfaces that share a line of the chart, as the insides of lips and lids do, have no place of their own on it.
    if area.abs() < 1e-3 {
        return;
    }
    let low = a.min(b).min(c).max(Vec2::ZERO);
    let high = a.max(b).max(c);
    for y in low.y as usize..(high.y.max(0.0).ceil() as usize).min(height) {
        for x in low.x as usize..(high.x.max(0.0).ceil() as usize).min(width) {
            let center = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
            let p = (b - center).perp_dot(c - center) / area;
            let q = (c - center).perp_dot(a - center) / area;
            let weights = [p, q, 1.0 - p - q];
            if weights.iter().all(|&weight| weight > -1e-4) {
                found(y * width + x, weights);
            }
        }
    }
}

/// For uncovered texels of the coarse map next to covered ones, the covered ones, rim by rim.
fn borders<const N: usize>(map: &[Option<[f32; N]>]) -> Vec<[u32; 2]> {
    let mut known: Vec<bool> = map.iter().map(Option::is_some).collect();
    let mut pairs = Vec::new();
    for _ in 0..3 {
        let before = known.clone();
        for at in COARSE + 1..COARSE * (COARSE - 1) - 1 {
            let near = [at - 1, at + 1, at - COARSE, at + COARSE].into_iter().find(|&near| before[near]);
            if let (false, Some(near)) = (before[at], near) {
                pairs.push([at as u32, near as u32]);
                known[at] = true;
            }
        }
    }
    pairs
}

/// Lets marks grow by three texels into the empty, so that a place at an edge of the chart does not see beyond it.
fn grown(mut marks: Vec<Option<[u8; MARKS]>>) -> Vec<[u8; MARKS]> {
    for _ in 0..3 {
        let before = marks.clone();
        for at in FINE + 1..FINE * (FINE - 1) - 1 {
            let near = [at - 1, at + 1, at - FINE, at + FINE].into_iter();
            marks[at] = before[at].or_else(|| near.filter_map(|near| before[near]).next());
        }
    }
    marks.into_iter().map(Option::unwrap_or_default).collect()
}

/// Clouds of 1 to 3 cm. The back of the head does without.
fn clouds(rest: Vec3) -> [f32; CLOUDS] {
    let front = ramp(-40.0, 0.0, rest.z);
    std::array::from_fn(|number| {
        let size = CLOUD_SIZES[number % CLOUD_SIZES.len()];
        front * noise::gradient(rest / size, Seed::new(number as u64).of("cloud").value())
    })
}

/// How much a place belongs to each zone.
fn zones(rest: Vec3, points: &[Vec3; 68], ears: &[Vec3; 2]) -> [f32; ZONES] {
    // The face is symmetric enough to look at its left half alone.
    let half = Vec3::new(rest.x.abs(), rest.y, rest.z);
    let blob = |center: Vec3, size: Vec3| {
        let away = (half - center) / size;
        (-away.length_squared()).exp()
    };
    let outer = points[45];
    let inner = points[42];
    let eye = (outer + inner) / 2.0;
    let corner = points[54];
    let wing = points[35];
    let tip = points[30];
    let chin = points[8];
    let brow = points[24];
    let forward = ramp(20.0, 60.0, rest.z);

    let cheek = Vec3::new(0.95 * eye.x + 5.0, (wing.y + eye.y) / 2.0 - 8.0, 82.0);
    let mut zones = [0.0; ZONES];
    let mut set = |zone: Zone, value: f32| zones[zone as usize] = value.clamp(0.0, 1.0);
    set(Zone::Forehead, forward * ramp(brow.y, brow.y + 14.0, rest.y));
    set(Zone::Cheeks, blob(cheek, Vec3::new(20.0, 17.0, 30.0)));
    let nose = blob(Vec3::new(0.0, tip.y, tip.z - 8.0), Vec3::new(19.0, 13.0, 22.0))
        .max(0.5 * blob((points[27] + points[30]) / 2.0, Vec3::new(9.0, 24.0, 14.0)));
    set(Zone::Nose, nose);
    let ear = Vec3::new(ears[0].x.abs() + 3.0, ears[0].y + 3.0, ears[0].z - 12.0);
    set(Zone::Ears, 1.3 * blob(ear, Vec3::new(14.0, 38.0, 30.0)));
    set(Zone::Chin, blob(Vec3::new(0.0, chin.y + 12.0, chin.z + 8.0), Vec3::new(22.0, 14.0, 25.0)));
    set(Zone::Muzzle, blob(Vec3::new(0.0, corner.y, corner.z + 6.0), Vec3::new(32.0, 26.0, 30.0)));
    let under = eye + Vec3::new(-3.0, -11.0, 0.0);
    let deep = eye + Vec3::new(-11.0, -5.0, 0.0);
    set(Zone::UnderEyes, blob(under, Vec3::new(15.0, 5.5, 20.0)).max(blob(deep, Vec3::new(7.0, 8.0, 14.0))));
    set(Zone::Lids, blob(eye + Vec3::new(0.0, 5.0, 0.0), Vec3::new(19.0, 8.5, 18.0)));
    set(
        Zone::Temples,
        blob(Vec3::new(outer.x + 18.0, outer.y + 12.0, outer.z - 22.0), Vec3::new(14.0, 20.0, 25.0)),
    );
    set(Zone::Neck, ramp(-82.0, -108.0, rest.y + 0.3 * (70.0 - rest.z).max(0.0)));
    let line = blob(Vec3::new(0.0, brow.y + 20.0, 95.0), Vec3::new(32.0, 24.0, 30.0));
    set(
        Zone::Oily,
        line.max(nose).max(0.6 * blob(Vec3::new(0.0, chin.y + 10.0, chin.z), Vec3::new(14.0, 12.0, 20.0))),
    );
    zones
}

/// How much a place belongs to the apple of the cheek, where blush is put.
fn blush(rest: Vec3, points: &[Vec3; 68]) -> f32 {
    let height = (points[35].y + points[45].y) / 2.0 - 3.0;
    let away = Vec3::new(rest.x.abs() - points[45].x - 3.0, rest.y - height, rest.z - 74.0);
    (-(away / Vec3::new(20.0, 14.0, 30.0)).length_squared()).exp()
}

/// How much a place belongs to the line along the lashes and to the painted upper lid.
fn eye_marks(rest: Vec3, points: &[Vec3; 68]) -> (f32, f32) {
    if rest.z < 45.0 {
        return (0.0, 0.0);
    }
    let half = Vec3::new(rest.x.abs(), rest.y, rest.z);
    // The opening as six points from the inner corner over the upper lid to the outer corner and back.
    let ring: [Vec3; 6] = std::array::from_fn(|at| points[42 + at]);
    let edge = |from: usize| {
        let (a, b) = (ring[from], ring[(from + 1) % 6]);
        let part = ((half - a).truncate().dot((b - a).truncate()) / (b - a).truncate().length_squared())
            .clamp(0.0, 1.0);
        ((half - a.lerp(b, part)).truncate().length(), part)
    };
    let upper = (0..3).map(|at| edge(at).0).fold(f32::INFINITY, f32::min);
    let lower = (3..6).map(|at| edge(at).0).fold(f32::INFINITY, f32::min);
    let outward = ramp(ring[0].x, ring[3].x, half.x);
    let liner =
        ramp(1.2 + 1.4 * outward, 0.4 + 0.6 * outward, upper).max(0.55 * ramp(1.6, 0.4, lower) * outward);
    let middle = (ring[0] + ring[3]) / 2.0;
    let away = (half - middle - Vec3::new(2.5, 4.0, 0.0)) / Vec3::new(20.0, 12.0, 30.0);
    let above = ramp(-2.0, 3.0, half.y - (ring[0].y + (ring[3].y - ring[0].y) * outward));
    (liner, above * ramp(1.0, 0.35, away.truncate().length()))
}

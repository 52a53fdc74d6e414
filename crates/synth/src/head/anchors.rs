//! Landmarks, as places on the triangles of the skin.

use glam::Vec3;

use super::{
    Side,
    build::{Part, Skin},
    face,
};

/// A place that moves with the skin: between three vertices.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Anchor {
    /// Vertices of the skin.
    pub vertices: [u32; 3],
    /// Their shares; the sum is 1.
    pub weights: [f32; 3],
}

/// A named place of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Landmark {
    /// One of the 68 points of 300-W (Sagonas et al. 2016), counted from 0 in the order of a frontal picture: the jaw
    /// from the left of the picture (the person's right) 0..17, brows 17..27, nose 27..36, eyes 36..48, lips 48..68.
    /// Numbers above 67 are 67.
    Ibug(u8),
    /// The middle of the opening of an eye, between the edges of its lids.
    EyeCenter(Side),
    /// The tip of the nose where it is seen to be in pictures: a little below its most forward point (pronasale).
    NoseTip,
    /// The end of the red of the lips beside the corner of the mouth (cheilion).
    MouthCorner(Side),
    /// The deepest point between forehead and nose.
    Nasion,
    /// The highest point of an ear.
    EarTop(Side),
    /// Before the ear canal (tragion).
    EarCanal(Side),
    /// The lowest point of an ear lobe.
    EarLobe(Side),
    /// The highest point of the skull.
    Vertex,
    /// The back of the skull.
    Occiput,
    /// The lowest point of the chin in the middle.
    Menton,
    /// The corner of the jaw.
    Gonion(Side),
    /// The most forward point between the brows.
    Glabella,
    /// The middle of the bridge of the nose, where glasses sit.
    NoseBridge,
    /// The side of the cheekbone (zygion).
    Zygion(Side),
    /// The side of the nose (alare).
    NoseWing(Side),
    /// Below the nose (subnasale).
    Subnasale,
    /// Where the hair begins in the middle (trichion).
    Hairline,
    /// The front of the neck between chin and chest.
    Throat,
}

/// How many landmarks there are.
const COUNT: usize = 94;

impl Landmark {
    pub(super) fn number(self) -> usize {
        let sided = |first: usize, side: Side| first + usize::from(side == Side::Right);
        match self {
            Self::Ibug(at) => usize::from(at.min(67)),
            Self::EyeCenter(side) => sided(68, side),
            Self::MouthCorner(side) => sided(70, side),
            Self::EarTop(side) => sided(72, side),
            Self::EarCanal(side) => sided(74, side),
            Self::EarLobe(side) => sided(76, side),
            Self::Gonion(side) => sided(78, side),
            Self::Zygion(side) => sided(80, side),
            Self::NoseWing(side) => sided(82, side),
            Self::NoseTip => 84,
            Self::Nasion => 85,
            Self::Vertex => 86,
            Self::Occiput => 87,
            Self::Menton => 88,
            Self::Glabella => 89,
            Self::NoseBridge => 90,
            Self::Subnasale => 91,
            Self::Hairline => 92,
            Self::Throat => 93,
        }
    }
}

/// The jaw of 300-W from the middle of the chin to the ear.
const JAW: [[f32; 3]; 9] = [
    [0.0, -87.5, 83.0],
    [16.0, -86.0, 78.0],
    [28.0, -80.5, 67.0],
    [37.0, -72.5, 53.0],
    [46.0, -62.5, 38.0],
    [54.0, -48.0, 27.0],
    [61.5, -30.0, 22.0],
    [66.5, -10.0, 22.0],
    [68.5, 10.0, 23.0],
];
/// The brow from its inner to its outer end.
const BROW: [[f32; 2]; 5] = [[12.0, 41.3], [21.0, 43.5], [31.5, 45.5], [42.0, 45.9], [52.0, 42.2]];

/// Anchors of all landmarks, by number.
pub(super) fn landmarks(skin: &Skin) -> Vec<Anchor> {
    let mut anchors = vec![Anchor::default(); COUNT];
    let mut put = |landmark: Landmark, anchor: Anchor| anchors[landmark.number()] = anchor;
    let near = |point: Vec3| nearest(skin, point, |part| part == Part::Skin);
    let seen = |x: f32, y: f32| seen(skin, x, y);
    let vertex = |at: u32| Anchor { vertices: [at; 3], weights: [1.0, 0.0, 0.0] };
    let other =
        |anchor: Anchor| Anchor { vertices: anchor.vertices.map(|at| skin.twins[at as usize]), ..anchor };
    let sided = |anchor: Anchor, side: Side| if side == Side::Left { anchor } else { other(anchor) };

    for (step, &place) in JAW.iter().enumerate() {
        let anchor = near(Vec3::from_array(place));
        put(Landmark::Ibug(8 + step as u8), anchor);
        put(Landmark::Ibug(8 - step as u8), other(anchor));
    }
    for (step, &[x, y]) in BROW.iter().enumerate() {
        let anchor = seen(x, y);
        put(Landmark::Ibug(22 + step as u8), anchor);
        put(Landmark::Ibug(21 - step as u8), other(anchor));
    }
    for (step, y) in [25.0, 13.5, 2.0, -9.5].into_iter().enumerate() {
        put(Landmark::Ibug(27 + step as u8), seen(0.0, y));
    }
    for (step, point) in
        [[0.0, -22.5, 100.0], [6.5, -22.0, 98.5], [13.5, -21.5, 95.0]].into_iter().enumerate()
    {
        let anchor = near(Vec3::from_array(point));
        put(Landmark::Ibug(33 + step as u8), anchor);
        put(Landmark::Ibug(33 - step as u8), other(anchor));
    }
    // Along the edges of the lids: thirds of the way.
    let along = |edge: &[u32], share: f32| {
        let [from, to] = [edge[0], edge[edge.len() - 1]].map(|at| skin.mesh.rest[at as usize].x);
        let target = from + (to - from) * share;
        let off = |at: u32| (skin.mesh.rest[at as usize].x - target).abs();
        vertex(edge.iter().copied().min_by(|&a, &b| off(a).total_cmp(&off(b))).unwrap_or_default())
    };
    let [upper, lower] = &skin.lids;
    let eye = [
        along(upper, 0.0),
        along(upper, 0.34),
        along(upper, 0.68),
        along(upper, 1.0),
        along(lower, 0.68),
        along(lower, 0.34),
    ];
    for (step, anchor) in eye.into_iter().enumerate() {
        put(Landmark::Ibug(42 + step as u8), anchor);
        // The other eye begins at its outer corner.
        put(Landmark::Ibug([39, 38, 37, 36, 41, 40][step]), other(anchor));
    }
    // In front of the eyeball, where lids and iris are seen.
    let [above, below] = [upper, lower].map(|edge| along(edge, 0.5).vertices[0]);
    let middle = Anchor { vertices: [above, below, below], weights: [0.5, 0.5, 0.0] };

    let [upper, lower] = &skin.lips;
    // Where the red of the lips is seen to end, a little before the crease.
    let end = face::MOUTH_CORNER.x - 1.6;
    let corner = seen(end, face::lip_line(end) + 0.4);
    let border = |x: f32, above: bool| seen(x, face::lip_border(x, above));
    for (number, mirrored, anchor) in [
        (54, 48, corner),
        (53, 49, border(14.5, true)),
        (52, 50, border(5.5, true)),
        (51, 51, border(0.0, true)),
        (55, 59, border(15.0, false)),
        (56, 58, border(7.0, false)),
        (57, 57, border(0.0, false)),
        (64, 60, along(upper, 0.9)),
        (63, 61, along(upper, 0.3)),
        (62, 62, along(upper, 0.0)),
        (65, 67, along(lower, 0.3)),
        (66, 66, along(lower, 0.0)),
    ] {
        put(Landmark::Ibug(number), anchor);
        put(Landmark::Ibug(mirrored), other(anchor));
    }

    let ear = |better: fn(Vec3, Vec3) -> bool| {
        let mut best = 0;
        for (at, part) in skin.parts.iter().enumerate() {
            let place = skin.mesh.rest[at];
            if matches!(part, Part::Ear(_))
                && place.x > 0.0
                && (best == 0 || better(place, skin.mesh.rest[best]))
            {
                best = at;
            }
        }
        vertex(best as u32)
    };
    let top = ear(|a, b| a.y > b.y);
    let lobe = ear(|a, b| a.y < b.y);
    for side in Side::BOTH {
        put(Landmark::EyeCenter(side), sided(middle, side));
        put(Landmark::MouthCorner(side), sided(corner, side));
        put(Landmark::EarTop(side), sided(top, side));
        put(Landmark::EarLobe(side), sided(lobe, side));
        put(Landmark::EarCanal(side), sided(near(Vec3::new(70.0, 2.0, 7.0)), side));
        put(Landmark::Gonion(side), sided(near(Vec3::new(50.0, -65.0, 16.0)), side));
        put(Landmark::Zygion(side), sided(near(Vec3::new(69.0, 2.0, 27.0)), side));
        put(Landmark::NoseWing(side), sided(near(Vec3::new(18.5, -15.0, 97.0)), side));
    }
    put(Landmark::NoseTip, near(Vec3::new(0.0, -13.5, 117.0)));
    put(Landmark::Nasion, seen(0.0, 27.0));
    put(Landmark::Vertex, near(Vec3::new(0.0, 131.0, -8.0)));
    put(Landmark::Occiput, near(Vec3::new(0.0, 50.0, -99.0)));
    put(Landmark::Menton, near(Vec3::new(0.0, -89.5, 80.0)));
    put(Landmark::Glabella, seen(0.0, 40.0));
    put(Landmark::NoseBridge, seen(0.0, 17.0));
    put(Landmark::Subnasale, near(Vec3::new(0.0, -23.0, 100.0)));
    put(Landmark::Hairline, seen(0.0, 96.5));
    put(Landmark::Throat, near(Vec3::new(0.0, -104.0, 45.0)));
    anchors
}

/// The place of the outside that is seen at (x, y) from far ahead; the nearest vertex if none is.
fn seen(skin: &Skin, x: f32, y: f32) -> Anchor {
    let mut best = (f32::NEG_INFINITY, Anchor::default());
    for &vertices in &skin.mesh.triangles {
        if vertices.iter().any(|&at| skin.parts[at as usize] != Part::Skin) {
            continue;
        }
        let [a, b, c] = vertices.map(|at| skin.mesh.rest[at as usize]);
        let cross = |p: Vec3, q: Vec3| (p.x - x) * (q.y - y) - (p.y - y) * (q.x - x);
        let [u, v, w] = [cross(b, c), cross(c, a), cross(a, b)];
        let area = u + v + w;
        if area <= 0.0 || u.min(v).min(w) < -1e-5 * area {
            continue;
        }
        let weights = [u / area, v / area, w / area];
        let depth = a.z * weights[0] + b.z * weights[1] + c.z * weights[2];
        if depth > best.0 {
            best = (depth, Anchor { vertices, weights });
        }
    }
    best.1
}

/// The nearest place of the triangles whose vertices are all wanted, around the nearest vertex.
pub(super) fn nearest(skin: &Skin, point: Vec3, wanted: impl Fn(Part) -> bool) -> Anchor {
    let rest = &skin.mesh.rest;
    let open = |at: u32| {
        let part = skin.parts[at as usize];
        !matches!(part, Part::Lid | Part::Mouth(_)) && wanted(part)
    };
    let off = |at: u32| rest[at as usize].distance_squared(point);
    let all = (0..rest.len() as u32).filter(|&at| open(at));
    let Some(vertex) = all.min_by(|&a, &b| off(a).total_cmp(&off(b))) else { return Anchor::default() };
    let mut best = (off(vertex), Anchor { vertices: [vertex; 3], weights: [1.0, 0.0, 0.0] });
    for &vertices in skin.mesh.triangles.iter().filter(|triangle| triangle.contains(&vertex)) {
        let [a, b, c] = vertices.map(|at| rest[at as usize]);
        let weights = foot(point, a, b, c);
        let place = a * weights[0] + b * weights[1] + c * weights[2];
        if place.distance_squared(point) < best.0 {
            best = (place.distance_squared(point), Anchor { vertices, weights });
        }
    }
    best.1
}

/// Shares of the corners at the point of a triangle nearest to a point (Ericson 2005, "Real-Time Collision
/// Detection", 5.1.5).
fn foot(point: Vec3, a: Vec3, b: Vec3, c: Vec3) -> [f32; 3] {
    let (ab, ac) = (b - a, c - a);
    let (d1, d2) = (ab.dot(point - a), ac.dot(point - a));
    if d1 <= 0.0 && d2 <= 0.0 {
        return [1.0, 0.0, 0.0];
    }
    let (d3, d4) = (ab.dot(point - b), ac.dot(point - b));
    if d3 >= 0.0 && d4 <= d3 {
        return [0.0, 1.0, 0.0];
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        let v = d1 / (d1 - d3);
        return [1.0 - v, v, 0.0];
    }
    let (d5, d6) = (ab.dot(point - c), ac.dot(point - c));
    if d6 >= 0.0 && d5 <= d6 {
        return [0.0, 0.0, 1.0];
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        let w = d2 / (d2 - d6);
        return [1.0 - w, 0.0, w];
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 >= d3 && d5 >= d6 {
        let w = (d4 - d3) / ((d4 - d3) + (d5 - d6));
        return [0.0, 1.0 - w, w];
    }
    let sum = va + vb + vc;
    [va / sum, vb / sum, vc / sum]
}

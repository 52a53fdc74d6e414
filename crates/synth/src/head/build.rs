//! Builds the skin: points as dense as the form needs them, triangles between them, openings and what lies in them.

use glam::{Vec2, Vec3};

use super::{
    chart, ear, face,
    form::{COLUMNS, Form, ROWS},
    smooth,
};
use crate::Mesh;

/// What a vertex is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The outside of the head.
    Skin,
    /// The edge of a lid and its inside.
    Lid,
    /// The inside of the mouth; the row, counted from the lips.
    Mouth(u8),
    /// The ear; the ring, counted from the root.
    Ear(u8),
}

/// The skin and what is known of its vertices.
pub(super) struct Skin {
    pub mesh: Mesh,
    pub parts: Vec<Part>,
    /// The mirrored vertex of each vertex.
    pub twins: Vec<u32>,
    /// Edges of the upper and lower lid of the left eye from the inner to the outer corner.
    pub lids: [Vec<u32>; 2],
    /// Where the upper and the lower lip meet, from the middle to the left corner.
    pub lips: [Vec<u32>; 2],
}

/// Half of the skin while it grows: the person's left.
#[derive(Default)]
struct Half {
    places: Vec<Vec2>,
    positions: Vec<Vec3>,
    uvs: Vec<Vec2>,
    parts: Vec<Part>,
    triangles: Vec<[u32; 3]>,
}

impl Half {
    fn add(&mut self, position: Vec3, uv: Vec2, part: Part) -> u32 {
        self.positions.push(position);
        self.uvs.push(uv);
        self.parts.push(part);
        self.positions.len() as u32 - 1
    }

    /// A point of the outside.
    fn on_form(&mut self, form: &Form, place: Vec2) -> u32 {
        let mut position = face::lifted(form.at(place));
        if place.x <= 0.0 || place.x >= (COLUMNS - 1) as f32 || place.y <= 0.0 {
            position.x = 0.0;
        }
        self.places.push(place);
        self.add(position, Form::uv(place), Part::Skin)
    }

    /// Fills the band between two rows of vertices. `outward` says that the first row runs along the triangles
    /// outside of it.
    fn band(&mut self, outer: &[u32], inner: &[u32], closed: bool, forward: bool) {
        let count = outer.len();
        for at in 0..if closed { count } else { count - 1 } {
            let next = (at + 1) % count;
            let [a, b, c, d] = [outer[at], outer[next], inner[next], inner[at]];
            let quad = if forward { [[b, a, d], [b, d, c]] } else { [[a, b, c], [a, c, d]] };
            self.triangles.extend(quad);
        }
    }

    /// Whether a triangle goes from one vertex to another.
    fn forward(&self, from: u32, to: u32) -> bool {
        self.triangles.iter().any(|&[a, b, c]| [[a, b], [b, c], [c, a]].contains(&[from, to]))
    }
}

/// How far apart vertices should be at a point, in millimetres.
fn spacing(at: Vec3) -> f32 {
    let around =
        |centre: Vec3, near: f32, grow: f32, size: f32| near + grow * (at.distance(centre) - size).max(0.0);
    let front = if at.z > 40.0 && at.y > -95.0 { 2.3 + 0.022 * (at.y - 45.0).max(0.0) } else { 9.0 };
    [
        front,
        around(face::EYE + Vec3::Z * 10.0, 1.15, 0.10, 15.0),
        around(Vec3::new(0.0, -14.0, 108.0), 1.15, 0.09, 14.0),
        around(Vec3::new(0.0, -42.0, 100.0), 1.3, 0.09, 20.0),
        around(Vec3::new(0.0, 12.0, 100.0), 1.8, 0.10, 14.0),
        around(Vec3::new(70.0, 2.0, -8.0), 2.6, 0.12, 26.0),
        around(Vec3::new(0.0, -40.0, 40.0), 3.0, 0.08, 60.0),
        around(Vec3::new(0.0, -120.0, 45.0), 3.6, 0.07, 24.0),
        around(Vec3::new(0.0, -184.0, 32.0), 4.2, 0.07, 30.0),
        // Where hair begins at the temples.
        around(Vec3::new(64.0, 45.0, 30.0), 2.8, 0.08, 30.0),
    ]
    .into_iter()
    .fold(6.0, f32::min)
}

/// The whole skin.
pub(super) fn skin() -> Skin {
    let form = Form::new();
    let mut half = Half::default();
    let bottom = (ROWS - 1) as f32;
    let back = (COLUMNS - 1) as f32;

    // Openings.
    let lids = lid_rings(&form, &mut half);
    let lips = lip_chains(&form, &mut half);
    let ear_root: Vec<u32> = ear::root().iter().map(|&at| half.on_form(&form, form.side(at))).collect();
    let eye_ring: Vec<u32> =
        lids[0].iter().chain(lids[1][1..lids[1].len() - 1].iter().rev()).copied().collect();
    let mouth_ring: Vec<u32> =
        lips[0].iter().chain(lips[1][..lips[1].len() - 1].iter().rev()).copied().collect();
    let holes = [eye_ring.clone(), mouth_ring.clone(), ear_root.clone()];

    // Borders: the middle plane before and behind, and the bottom.
    half.on_form(&form, Vec2::ZERO);
    let middle = half.places[lips[0][0] as usize].y;
    let under = half.places[lips[1][0] as usize].y;
    walk(&form, &mut half, Vec2::ZERO, Vec2::new(0.0, middle), false);
    walk(&form, &mut half, Vec2::new(0.0, under), Vec2::new(0.0, bottom), true);
    walk(&form, &mut half, Vec2::ZERO, Vec2::new(back, bottom), false);
    walk(&form, &mut half, Vec2::new(0.0, bottom), Vec2::new(back, bottom), true);
    fill(&form, &mut half, &holes);

    let charted: Vec<Vec2> = half.places.iter().map(|&place| form.chart(place)).collect();
    half.triangles = chart::triangulated(&charted, &holes).unwrap_or_default();
    smooth::turn_edges(&mut half.triangles, &half.positions, &charted, &holes);
    let mut held = vec![false; half.positions.len()];
    holes.iter().flatten().for_each(|&at| held[at as usize] = true);
    let bottom_row = |at: usize| half.places[at].y >= bottom;
    (0..held.len()).filter(|&at| bottom_row(at)).for_each(|at| held[at] = true);
    smooth::even_out(&half.triangles, &mut half.positions, &held, 6);
    smooth::turn_edges(&mut half.triangles, &half.positions, &charted, &holes);

    // What lies in the openings.
    lid_insides(&mut half, &eye_ring);
    let pouch: Vec<u32> = lips[0].iter().chain(lips[1][..lips[1].len() - 1].iter().rev()).copied().collect();
    mouth_inside(&mut half, &pouch);
    ear_rings(&mut half, &ear_root);
    whole(half, lids, lips)
}

/// Edges of the lids.
fn lid_rings(form: &Form, half: &mut Half) -> [Vec<u32>; 2] {
    const STEPS: usize = 26;
    let share = |at: usize| 0.5 - 0.5 * (std::f32::consts::PI * at as f32 / STEPS as f32).cos();
    let mut edge = |upper: bool, steps: std::ops::RangeInclusive<usize>| -> Vec<u32> {
        steps.map(|at| half.on_form(form, form.front(face::lid_edge(share(at), upper)))).collect()
    };
    let upper = edge(true, 0..=STEPS);
    let mut lower = vec![upper[0]];
    lower.extend(edge(false, 1..=STEPS - 1));
    lower.push(upper[STEPS]);
    // A second row beside the edges, so that they are smooth.
    for (upper, side) in [(true, 1.0), (false, -1.0)] {
        for at in 4..=STEPS - 4 {
            let along = face::lid_edge(share(at + 1), upper) - face::lid_edge(share(at - 1), upper);
            let aside = Vec2::new(-along.y, along.x).normalize() * (1.1 * side);
            half.on_form(form, form.front(face::lid_edge(share(at), upper) + aside));
        }
    }
    [upper, lower]
}

/// Where the lips meet.
fn lip_chains(form: &Form, half: &mut Half) -> [Vec<u32>; 2] {
    const STEPS: usize = 18;
    let mut chain = |off: f32, steps: std::ops::Range<usize>| -> Vec<u32> {
        let at = |step: usize| {
            let x = face::MOUTH_CORNER.x * (std::f32::consts::FRAC_PI_2 * step as f32 / STEPS as f32).sin();
            let gap = if step == STEPS { 0.0 } else { off };
            let mut place = form.front(Vec2::new(x, face::lip_line(x) + gap));
            if step == 0 {
                place.x = 0.0;
            }
            place
        };
        steps.map(|step| half.on_form(form, at(step))).collect()
    };
    let upper = chain(face::LIP_GAP, 0..STEPS + 1);
    let mut lower = chain(-face::LIP_GAP, 0..STEPS);
    lower.push(upper[STEPS]);
    // Rows beside them, so that they roll in smoothly.
    for (row, aside) in [0.6, 1.3, 2.1, 3.0].into_iter().enumerate() {
        chain(face::LIP_GAP + aside, 1..STEPS - 2 - row);
        chain(-face::LIP_GAP - aside, 1..STEPS - 2 - row);
    }
    [upper, lower]
}

/// Adds points along a line of places, as far apart as they should be, without its first and (unless `last`) last.
fn walk(form: &Form, half: &mut Half, from: Vec2, to: Vec2, last: bool) {
    // A line down the back begins at the vertex, which has no column.
    let from = if to.x > 0.0 && from.y == 0.0 { Vec2::new(to.x, 0.0) } else { from };
    const FINE: usize = 800;
    let point = |at: usize| face::lifted(form.at(from.lerp(to, at as f32 / FINE as f32)));
    let mut lengths = vec![0.0];
    for at in 1..=FINE {
        let (before, here) = (point(at - 1), point(at));
        lengths.push(lengths[at - 1] + before.distance(here) / (spacing(here) * 0.95));
    }
    let count = lengths[FINE].round().max(1.0);
    let mut next = 1.0;
    for at in 1..FINE {
        if lengths[at] >= next * lengths[FINE] / count && next < count {
            half.on_form(form, from.lerp(to, at as f32 / FINE as f32));
            next += 1.0;
        }
    }
    if last {
        half.on_form(form, to);
    }
}

/// Fills the half with points that keep their distance.
fn fill(form: &Form, half: &mut Half, holes: &[Vec<u32>]) {
    const CANDIDATES: u32 = 150_000;
    let outlines: Vec<Vec<Vec2>> =
        holes.iter().map(|ring| ring.iter().map(|&at| half.places[at as usize]).collect()).collect();
    let mut crowd = Crowd::new();
    half.positions.iter().for_each(|&point| crowd.add(point));
    for at in 1..=CANDIDATES {
        // The plane's golden ratio (Roberts 2018): even, without a lattice to be seen.
        let part = |ratio: f64| (0.5 + ratio * f64::from(at)).fract() as f32;
        let place = Vec2::new(
            part(0.754_877_666_246_692_8) * (COLUMNS - 1) as f32,
            0.3 + part(0.569_840_290_998_053_2) * (ROWS as f32 - 1.3),
        );
        let base = form.at(place);
        let gap = spacing(base);
        if outlines.iter().any(|outline| chart::inside(outline, place)) {
            continue;
        }
        let point = face::lifted(base);
        if point.x < gap * 0.45 {
            continue;
        }
        if crowd.leaves_free(point, gap) {
            half.on_form(form, place);
            crowd.add(point);
        }
    }
}

/// Points in cells of space, to find those near by.
struct Crowd(Vec<Vec<Vec3>>);

impl Crowd {
    /// Edge of a cell in millimetres.
    const CELL: f32 = 4.0;
    /// Lowest corner of the cells, and how many there are along each axis.
    const LOW: Vec3 = Vec3::new(-8.0, -208.0, -116.0);
    const SIZE: [usize; 3] = [32, 88, 62];

    fn new() -> Self {
        Self(vec![Vec::new(); Self::SIZE.iter().product()])
    }

    /// The cell of a point; points beyond the borders are in the outermost cells.
    fn cell(point: Vec3) -> [usize; 3] {
        let at = ((point - Self::LOW) / Self::CELL).to_array();
        std::array::from_fn(|axis| (at[axis].max(0.0) as usize).min(Self::SIZE[axis] - 1))
    }

    fn number([x, y, z]: [usize; 3]) -> usize {
        (z * Self::SIZE[1] + y) * Self::SIZE[0] + x
    }

    fn add(&mut self, point: Vec3) {
        self.0[Self::number(Self::cell(point))].push(point);
    }

    /// Whether no point is nearer than `gap`.
    fn leaves_free(&self, point: Vec3, gap: f32) -> bool {
        let [from, to] = [-gap, gap].map(|off| Self::cell(point + Vec3::splat(off)));
        for z in from[2]..=to[2] {
            for y in from[1]..=to[1] {
                for x in from[0]..=to[0] {
                    let points = &self.0[Self::number([x, y, z])];
                    if points.iter().any(|other| other.distance_squared(point) < gap * gap) {
                        return false;
                    }
                }
            }
        }
        true
    }
}

/// Edges of the lids, two millimetres thick, and their insides on the eyeball.
fn lid_insides(half: &mut Half, ring: &[u32]) {
    let centre = face::EYE.truncate();
    let rows = [(12.12, 0.0), (12.15, 0.12), (12.25, 0.32)];
    let mut outer = ring.to_vec();
    let forward = half.forward(ring[0], ring[1]);
    for (radius, away) in rows {
        let mut inner = Vec::new();
        for &at in ring {
            let edge = half.positions[at as usize];
            let aside = (edge.truncate() - centre).normalize_or_zero();
            let mut ray = (edge - face::EYE).normalize() + aside.extend(0.0) * away;
            // At the corners the edge lies beside the ball; what closes the gap must lie before it.
            ray.z = ray.z.max(0.2);
            let ray = ray.normalize();
            let uv = half.uvs[at as usize];
            inner.push(half.add(face::EYE + ray * radius, uv, Part::Lid));
        }
        half.band(&outer, &inner, true, forward);
        outer = inner;
    }
}

/// The inside of the lips and cheeks, and the throat.
fn mouth_inside(half: &mut Half, chain: &[u32]) {
    // Depth, half of the height and share of the breadth of each row.
    let rows = [
        (1.2, 0.1, 1.0),
        (3.0, 1.2, 1.01),
        (4.5, 5.0, 1.03),
        (5.5, 12.0, 1.06),
        (12.0, 17.0, 1.08),
        (26.0, 17.0, 1.06),
        (44.0, 12.0, 0.8),
        (54.0, 5.0, 0.4),
    ];
    let mut outer = chain.to_vec();
    let forward = half.forward(chain[0], chain[1]);
    let count = chain.len() - 1;
    for (row, (deep, tall, wide)) in rows.into_iter().enumerate() {
        let mut inner = Vec::new();
        for (step, &at) in chain.iter().enumerate() {
            let lip = half.positions[at as usize];
            let round = (std::f32::consts::PI * step as f32 / count as f32).cos();
            let flat = 46.0 + (lip.z - 46.0) * (1.0 - deep / 60.0);
            let point =
                Vec3::new(lip.x * wide, lip.y + tall * round, flat - deep * 0.25 - deep.min(3.0) * 0.5);
            inner.push(half.add(point, half.uvs[at as usize], Part::Mouth(row as u8 + 1)));
        }
        half.band(&outer, &inner, false, forward);
        outer = inner;
    }
    let end = half.add(Vec3::new(0.0, -43.0, 30.0), half.uvs[chain[0] as usize], Part::Mouth(9));
    for pair in outer.windows(2) {
        let triangle = if forward { [pair[1], pair[0], end] } else { [pair[0], pair[1], end] };
        half.triangles.push(triangle);
    }
}

/// The ear on its root.
fn ear_rings(half: &mut Half, root: &[u32]) {
    let forward = half.forward(root[0], root[1]);
    let places: Vec<Vec3> = root.iter().map(|&at| half.positions[at as usize]).collect();
    let middle = root.iter().fold(Vec2::ZERO, |sum, &at| sum + half.uvs[at as usize]) / root.len() as f32;
    let (rings, end) = ear::rings(&places);
    let mut outer = root.to_vec();
    let count = rings.len() as f32;
    for (row, ring) in rings.iter().enumerate() {
        let share = 1.0 - (row + 1) as f32 / (count + 1.0);
        let mut inner = Vec::new();
        for (at, &point) in ring.iter().enumerate() {
            let uv = middle.lerp(half.uvs[root[at] as usize], share);
            inner.push(half.add(point, uv, Part::Ear(row as u8 + 1)));
        }
        half.band(&outer, &inner, true, forward);
        outer = inner;
    }
    let end = half.add(end, middle, Part::Ear(rings.len() as u8 + 1));
    for at in 0..outer.len() {
        let [a, b] = [outer[at], outer[(at + 1) % outer.len()]];
        half.triangles.push(if forward { [b, a, end] } else { [a, b, end] });
    }
}

/// Both halves.
fn whole(half: Half, lids: [Vec<u32>; 2], lips: [Vec<u32>; 2]) -> Skin {
    let count = half.positions.len() as u32;
    let mut twins: Vec<u32> = (0..count).collect();
    let mut mesh = Mesh {
        positions: half.positions,
        normals: Vec::new(),
        uvs: half.uvs,
        rest: Vec::new(),
        triangles: half.triangles,
    };
    let mut parts = half.parts;
    for at in 0..count as usize {
        let position = mesh.positions[at];
        if position.x != 0.0 {
            twins[at] = mesh.positions.len() as u32;
            twins.push(at as u32);
            mesh.positions.push(Vec3::new(-position.x, position.y, position.z));
            let uv = mesh.uvs[at];
            mesh.uvs.push(Vec2::new(1.0 - uv.x, uv.y));
            parts.push(parts[at]);
        }
    }
    let mirrored: Vec<[u32; 3]> =
        mesh.triangles.iter().map(|&[a, b, c]| [a, c, b].map(|at| twins[at as usize])).collect();
    mesh.triangles.extend(mirrored);
    mesh.rest = mesh.positions.clone();
    mesh.smooth_normals(&[]);
    Skin { mesh, parts, twins, lids, lips }
}

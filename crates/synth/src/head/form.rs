//! The head without eyes, nose, mouth and ears: a smooth surface through a net of points.
//!
//! The net has columns from the middle of the face around the ear to the middle of the back, and rows from the vertex
//! down to the shoulders. Its points are places of anatomy: trichion, glabella, zygion, gonion, pogonion, menton, the
//! throat. Lengths are from Farkas, "Anthropometry of the Head and Face" (1994), halfway between women and men.

use std::f32::consts::PI;

use glam::{Vec2, Vec3};

/// Columns of the net, from the middle of the face to the middle of the back.
pub(super) const COLUMNS: usize = 11;
/// Rows of the net, from the vertex to the shoulders.
pub(super) const ROWS: usize = 23;

/// The vertex of the skull: one point, the first row.
const VERTEX: Vec3 = Vec3::new(0.0, 130.0, -8.0);
/// Azimuth of the columns where a row is an ellipse, in degrees.
const AZIMUTHS: [f32; COLUMNS] = [0.0, 12.0, 25.0, 38.0, 51.0, 64.0, 77.0, 90.0, 118.0, 148.0, 180.0];

/// Rows 3 to 18 of the columns in front of the ear: x, y, z.
const FACE: [[[f32; 3]; 7]; 16] = [
    [
        [0.0, 99.0, 70.0],
        [13.0, 99.0, 68.5],
        [26.0, 98.0, 64.0],
        [39.0, 96.0, 55.5],
        [51.0, 94.0, 44.0],
        [60.0, 94.5, 30.0],
        [64.5, 95.0, 13.0],
    ],
    [
        [0.0, 78.5, 86.0],
        [13.5, 78.5, 84.5],
        [27.0, 77.0, 80.0],
        [41.0, 76.0, 71.0],
        [53.0, 75.0, 58.0],
        [62.2, 75.5, 41.0],
        [68.7, 79.0, 19.0],
    ],
    [
        [0.0, 57.5, 94.5],
        [13.5, 57.5, 93.0],
        [27.5, 57.5, 89.0],
        [42.0, 57.0, 80.5],
        [54.3, 56.5, 67.0],
        [63.8, 57.0, 48.5],
        [70.5, 62.0, 23.0],
    ],
    [
        [0.0, 40.0, 97.5],
        [13.5, 40.5, 96.0],
        [27.5, 41.5, 92.5],
        [42.5, 41.5, 84.5],
        [54.4, 41.5, 71.5],
        [63.7, 41.5, 51.5],
        [70.8, 45.5, 25.0],
    ],
    [
        [0.0, 26.0, 94.5],
        [13.5, 26.0, 93.0],
        [27.5, 26.0, 89.5],
        [42.0, 26.0, 82.0],
        [54.1, 26.0, 70.0],
        [63.5, 26.0, 51.0],
        [70.4, 30.5, 26.0],
    ],
    [
        [0.0, 11.0, 92.5],
        [13.5, 11.0, 91.0],
        [27.0, 11.0, 88.0],
        [41.5, 11.0, 81.5],
        [54.6, 11.0, 70.5],
        [64.4, 11.5, 51.5],
        [69.3, 15.5, 26.5],
    ],
    [
        [0.0, -3.5, 92.0],
        [13.5, -3.5, 90.5],
        [27.0, -3.5, 87.5],
        [41.0, -3.0, 81.0],
        [54.0, -2.5, 70.0],
        [64.0, -1.0, 50.5],
        [68.0, 2.0, 26.5],
    ],
    [
        [0.0, -19.0, 94.5],
        [13.5, -19.0, 92.5],
        [27.0, -19.0, 88.0],
        [40.5, -18.0, 79.5],
        [52.5, -16.5, 67.0],
        [62.0, -14.0, 48.0],
        [66.5, -12.0, 25.5],
    ],
    [
        [0.0, -31.5, 98.0],
        [13.5, -31.5, 95.5],
        [26.5, -30.5, 89.0],
        [38.5, -30.0, 77.5],
        [49.0, -28.5, 63.5],
        [57.5, -26.5, 45.5],
        [62.5, -25.5, 24.5],
    ],
    [
        [0.0, -42.0, 98.0],
        [13.0, -42.0, 95.0],
        [25.0, -42.0, 87.5],
        [36.0, -41.0, 75.0],
        [44.5, -39.5, 60.5],
        [52.5, -37.5, 43.0],
        [57.0, -38.0, 23.0],
    ],
    [
        [0.0, -56.0, 93.5],
        [12.5, -56.0, 91.0],
        [23.5, -56.0, 83.5],
        [33.5, -54.5, 71.5],
        [41.0, -52.5, 57.5],
        [48.5, -50.5, 40.0],
        [52.5, -50.5, 21.0],
    ],
    [
        [0.0, -70.5, 93.0],
        [12.0, -70.5, 90.0],
        [22.0, -69.5, 81.0],
        [31.0, -68.0, 68.0],
        [37.5, -64.5, 53.5],
        [45.0, -62.5, 36.5],
        [49.0, -61.5, 18.5],
    ],
    [
        [0.0, -82.5, 89.5],
        [11.5, -82.5, 85.5],
        [20.5, -81.0, 75.5],
        [28.0, -78.5, 62.5],
        [34.5, -75.0, 48.5],
        [40.0, -73.5, 32.5],
        [44.0, -71.5, 15.0],
    ],
    [
        [0.0, -88.5, 79.5],
        [11.0, -88.0, 75.5],
        [19.5, -86.5, 66.5],
        [27.0, -84.5, 54.5],
        [32.5, -82.5, 41.5],
        [37.0, -83.0, 27.0],
        [41.5, -81.0, 10.5],
    ],
    [
        [0.0, -92.0, 63.0],
        [10.7, -92.0, 60.5],
        [19.1, -91.5, 54.5],
        [26.6, -91.0, 45.0],
        [32.5, -92.0, 34.5],
        [37.9, -92.5, 22.0],
        [42.5, -91.0, 6.5],
    ],
    [
        [0.0, -99.5, 47.0],
        [10.3, -99.5, 45.5],
        [19.3, -100.0, 41.5],
        [27.2, -101.0, 35.0],
        [33.4, -101.5, 27.0],
        [39.9, -102.0, 16.5],
        [44.9, -102.0, 3.0],
    ],
];

/// Rows 1 to 22 above and below the ear: x, y, z.
const SIDE: [[f32; 3]; ROWS - 1] = [
    [27.0, 126.0, -8.0],
    [50.5, 114.5, -8.0],
    [64.5, 98.0, -8.0],
    [72.0, 80.0, -8.0],
    [75.5, 62.0, -8.0],
    [75.5, 46.0, -7.0],
    [74.0, 30.0, -6.0],
    [72.0, 15.0, -5.0],
    [70.0, 1.0, -4.0],
    [68.5, -12.0, -4.0],
    [65.5, -25.0, -5.0],
    [61.5, -37.0, -6.0],
    [56.5, -49.0, -7.0],
    [52.0, -61.0, -8.0],
    [48.5, -73.0, -9.0],
    [47.6, -84.0, -10.0],
    [46.6, -94.0, -11.0],
    [47.0, -104.0, -13.0],
    [51.5, -117.0, -17.0],
    [68.5, -132.0, -23.0],
    [101.0, -149.0, -29.0],
    [132.0, -166.0, -33.0],
];

/// Height and depth of rows 1 to 22 in the middle of the back.
const BACK: [[f32; 2]; ROWS - 1] = [
    [126.5, -35.0],
    [116.0, -62.0],
    [98.0, -82.0],
    [77.0, -93.5],
    [56.0, -98.0],
    [38.0, -97.5],
    [22.0, -94.5],
    [8.0, -89.0],
    [-5.0, -82.5],
    [-18.0, -76.5],
    [-30.0, -72.0],
    [-42.0, -69.0],
    [-55.0, -65.0],
    [-68.0, -63.5],
    [-81.0, -63.0],
    [-92.0, -64.5],
    [-101.0, -67.5],
    [-109.0, -72.0],
    [-119.0, -79.0],
    [-133.0, -89.0],
    [-150.0, -100.0],
    [-170.0, -111.0],
];

/// Height and depth in the middle of the front of the rows that are ellipses: 1, 2 and 19 to 22.
const FRONT: [[f32; 2]; 6] =
    [[126.0, 19.0], [116.5, 46.0], [-122.0, 40.0], [-147.0, 34.0], [-171.0, 29.0], [-193.0, 32.0]];

/// Place of a row on the chart: its radius grows by the share that the surface goes on in one row.
const ROW_GROWTH: [f32; ROWS - 1] = [
    1.0, 0.75, 0.42, 0.3, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.22, 0.28, 0.3,
    0.3, 0.3,
];
/// Place of a column on the chart: its share of the way around.
const TURN: [f32; COLUMNS] = [0.0, 0.055, 0.11, 0.168, 0.235, 0.315, 0.415, 0.53, 0.67, 0.83, 1.0];

/// The surface. Places on it are (column, row) with fractions.
pub(super) struct Form {
    /// Coefficients of the cubic B-spline, with one ghost column and row around.
    net: Vec<[Vec3; COLUMNS + 2]>,
    /// Logarithm of the radius on the chart of each row from the second on.
    radii: [f32; ROWS],
}

impl Form {
    /// The mean head.
    pub(super) fn new() -> Self {
        let mut radii = [0.0; ROWS];
        radii[1] = 27f32.ln();
        for row in 2..ROWS {
            radii[row] = radii[row - 1] + ROW_GROWTH[row - 1];
        }
        Self { net: fitted(&points()), radii }
    }

    /// The surface at a place, right of the middle plane seen from behind (the person's left).
    pub(super) fn at(&self, place: Vec2) -> Vec3 {
        let column = (place.x.floor() as usize).min(COLUMNS - 2);
        let row = (place.y.floor() as usize).min(ROWS - 2);
        let across = basis(place.x - column as f32);
        let down = basis(place.y - row as f32);
        let mut sum = Vec3::ZERO;
        for (line, weight) in self.net[row..row + 4].iter().zip(down) {
            let points = &line[column..column + 4];
            let point = (0..4).fold(Vec3::ZERO, |sum, at| sum + points[at] * across[at]);
            sum += point * weight;
        }
        sum
    }

    /// Where the place on the front lies that is seen at (x, y) from far ahead.
    pub(super) fn front(&self, target: Vec2) -> Vec2 {
        let start = Vec2::new(target.x / 13.5, (105.0 - target.y) / 14.0 + 2.5);
        self.found(start, target, |point| Vec2::new(point.x, point.y))
    }

    /// Where the place on the side lies that is seen at (z, y) from far aside.
    pub(super) fn side(&self, target: Vec2) -> Vec2 {
        let start = Vec2::new(7.0 - target.x / 28.0, (105.0 - target.y) / 14.0 + 2.5);
        self.found(start, target, |point| Vec2::new(point.z, point.y))
    }

    /// Finds a place by Newton's method.
    fn found(&self, start: Vec2, target: Vec2, view: impl Fn(Vec3) -> Vec2) -> Vec2 {
        let mut place = start;
        for _ in 0..12 {
            let step = 1e-2;
            let here = view(self.at(place));
            let across = (view(self.at(place + Vec2::X * step)) - here) / step;
            let down = (view(self.at(place + Vec2::Y * step)) - here) / step;
            let error = target - here;
            let change = Vec2::new(error.perp_dot(down), across.perp_dot(error)) / across.perp_dot(down);
            place += change.clamp(Vec2::splat(-1.0), Vec2::ONE);
            place = place.clamp(Vec2::new(0.0, 2.0), Vec2::new(9.0, 17.0));
        }
        place
    }

    /// Where a place lies on the flat chart, a half disc around the vertex: about in true angles.
    pub(super) fn chart(&self, place: Vec2) -> Vec2 {
        let turn = PI * between(&TURN, place.x);
        let radius =
            if place.y < 1.0 { place.y * self.radii[1].exp() } else { between(&self.radii, place.y).exp() };
        // Exactly straight in the middle, or the hull of the half would get slivers there.
        let aside = if place.x >= (COLUMNS - 1) as f32 { 0.0 } else { turn.sin() };
        Vec2::new(aside, -turn.cos()) * radius
    }

    /// Where a place lies in the picture of the skin, 0..=1 for the person's left half: rows are as far apart as on
    /// the head.
    pub(super) fn uv(place: Vec2) -> Vec2 {
        let turn = PI * between(&TURN, place.x);
        Vec2::splat(0.5) + Vec2::new(turn.sin(), turn.cos()) * (0.49 * place.y / (ROWS - 1) as f32)
    }
}

/// Values at whole numbers, straight in between.
fn between(values: &[f32], at: f32) -> f32 {
    let first = (at.floor() as usize).min(values.len() - 2);
    values[first] + (values[first + 1] - values[first]) * (at - first as f32)
}

/// All points of the net, row by row.
fn points() -> Vec<[Vec3; COLUMNS]> {
    let mut rows = vec![[VERTEX; COLUMNS]];
    for row in 1..ROWS {
        let side = Vec3::from_array(SIDE[row - 1]);
        let back = BACK[row - 1];
        let mut points = [Vec3::ZERO; COLUMNS];
        for (column, point) in points.iter_mut().enumerate() {
            let (sine, cosine) = AZIMUTHS[column].to_radians().sin_cos();
            *point = if column < 7 && (3..19).contains(&row) {
                Vec3::from_array(FACE[row - 3][column])
            } else if column < 7 {
                let front = FRONT[if row < 3 { row - 1 } else { row - 17 }];
                let height = side.y + (front[0] - side.y) * cosine * cosine;
                Vec3::new(side.x * sine, height, side.z + (front[1] - side.z) * cosine)
            } else {
                // Fuller than an ellipse: the head is widest behind the ears.
                let (wide, deep) = (sine.max(0.0).powf(0.85), (-cosine).max(0.0).powf(0.85));
                let height = side.y + (back[0] - side.y) * cosine * cosine;
                Vec3::new(side.x * wide, height, side.z + (back[1] - side.z) * deep)
            };
        }
        rows.push(points);
    }
    rows
}

/// Coefficients whose B-spline goes (nearly) through the points.
fn fitted(points: &[[Vec3; COLUMNS]]) -> Vec<[Vec3; COLUMNS + 2]> {
    let mut net = framed(points);
    let mut inner = points.to_vec();
    // Each round leaves at most 5/9 of the error, and far less where the net is smooth.
    for _ in 0..8 {
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let mut sum = Vec3::ZERO;
                for (line, down) in net[row..row + 3].iter().zip([1.0, 4.0, 1.0]) {
                    sum += (line[column] + line[column + 1] * 4.0 + line[column + 2]) * (down / 36.0);
                }
                inner[row][column] += points[row][column] - sum;
            }
        }
        net = framed(&inner);
    }
    net
}

/// Adds what lies beyond the borders: mirrored at the middle plane, across the vertex, and straight on at the bottom.
fn framed(points: &[[Vec3; COLUMNS]]) -> Vec<[Vec3; COLUMNS + 2]> {
    let mirrored = |point: Vec3| Vec3::new(-point.x, point.y, point.z);
    let wide = |row: &[Vec3; COLUMNS]| {
        let mut line = [Vec3::ZERO; COLUMNS + 2];
        line[1..=COLUMNS].copy_from_slice(row);
        line[0] = mirrored(row[1]);
        line[COLUMNS + 1] = mirrored(row[COLUMNS - 2]);
        line
    };
    let mut across = points[1];
    across.reverse();
    across.iter_mut().for_each(|point| *point = mirrored(*point));
    let mut beyond = points[ROWS - 1];
    for (point, before) in beyond.iter_mut().zip(&points[ROWS - 2]) {
        *point = *point * 2.0 - *before;
    }
    let mut net = vec![wide(&across)];
    net.extend(points.iter().map(wide));
    net.push(wide(&beyond));
    net
}

/// The four weights of a uniform cubic B-spline.
fn basis(t: f32) -> [f32; 4] {
    let s = 1.0 - t;
    [
        s * s * s / 6.0,
        (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0,
        (4.0 - 6.0 * s * s + 3.0 * s * s * s) / 6.0,
        t * t * t / 6.0,
    ]
}

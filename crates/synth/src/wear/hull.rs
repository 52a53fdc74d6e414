//! How far the skin reaches along many rays: what things rest on.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use crate::Mesh;

/// A family of rays with two coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chart {
    /// From a centre: azimuth (0 forward, a quarter turn to the person's left) and elevation, in radians.
    Sphere(Vec3),
    /// Level, from an axis that leans: azimuth in radians and height in millimetres. The axis is at `z` at height 0 and
    /// moves by `lean` for each millimetre up.
    Column { z: f32, lean: f32 },
    /// Forward from the plane z = 0: x and y.
    Front,
    /// To one side (the sign of x) from the plane x = 0: z and y.
    Side(f32),
}

impl Chart {
    fn coordinates(self, point: Vec3) -> Vec2 {
        match self {
            Self::Sphere(centre) => {
                let way = point - centre;
                Vec2::new(way.x.atan2(way.z), way.y.atan2(way.x.hypot(way.z)))
            }
            Self::Column { z, lean } => Vec2::new(point.x.atan2(point.z - z - lean * point.y), point.y),
            Self::Front => Vec2::new(point.x, point.y),
            Self::Side(_) => Vec2::new(point.z, point.y),
        }
    }

    fn ray(self, at: Vec2) -> (Vec3, Vec3) {
        let level = Vec3::new(at.x.sin(), 0.0, at.x.cos());
        match self {
            Self::Sphere(centre) => (centre, level * at.y.cos() + Vec3::Y * at.y.sin()),
            Self::Column { z, lean } => (Vec3::new(0.0, at.y, z + lean * at.y), level),
            Self::Front => (Vec3::new(at.x, at.y, 0.0), Vec3::Z),
            Self::Side(sign) => (Vec3::new(0.0, at.y, at.x), Vec3::X * sign),
        }
    }

    fn turns(self) -> bool {
        matches!(self, Self::Sphere(_) | Self::Column { .. })
    }
}

/// The outermost point of the skin along every ray of a chart.
#[derive(Clone, Debug)]
pub(super) struct Hull {
    chart: Chart,
    low: Vec2,
    step: Vec2,
    size: [usize; 2],
    reach: Vec<f32>,
}

impl Hull {
    /// Of the triangles of which `keep` holds for all corners. Round charts go all around; the others from `low` to
    /// `high`. Rays that meet nothing take what those beside them meet.
    pub(super) fn new(
        chart: Chart,
        low: Vec2,
        high: Vec2,
        size: [usize; 2],
        mesh: &Mesh,
        keep: impl Fn(usize) -> bool,
    ) -> Self {
        let cells = if chart.turns() { size[0] } else { size[0] - 1 };
        let step = (high - low) / Vec2::new(cells as f32, (size[1] - 1) as f32);
        let mut hull = Self { chart, low, step, size, reach: vec![f32::NEG_INFINITY; size[0] * size[1]] };
        let kept: Vec<bool> = (0..mesh.positions.len()).map(keep).collect();
        let spot = |(&point, &kept): (&Vec3, &bool)| if kept { hull.cell(point) } else { Vec2::ZERO };
        let spots: Vec<Vec2> = mesh.positions.iter().zip(&kept).map(spot).collect();
        for triangle in &mesh.triangles {
            if triangle.iter().all(|&at| kept[at as usize]) {
                let corners = triangle.map(|at| mesh.positions[at as usize]);
                hull.add(corners, triangle.map(|at| spots[at as usize]));
            }
        }
        hull.fill();
        hull
    }

    fn cell(&self, point: Vec3) -> Vec2 {
        (self.chart.coordinates(point) - self.low) / self.step
    }

    fn add(&mut self, corners: [Vec3; 3], mut spots: [Vec2; 3]) {
        let around = self.size[0] as f32;
        if self.chart.turns() {
            for at in 1..3 {
                spots[at].x -= ((spots[at].x - spots[0].x) / around).round() * around;
            }
        }
        let (mut low, mut high) =
            (spots[0].min(spots[1]).min(spots[2]), spots[0].max(spots[1]).max(spots[2]));
        if let Chart::Sphere(centre) = self.chart {
            // Around the pole, azimuths mean nothing. Nothing is worn at the other one.
            let polar = |point: Vec3| (point - centre).normalize_or_zero().y > 0.98;
            if corners.into_iter().any(polar) {
                (low.x, high.x) = (0.0, around - 1.0);
                high.y += 2.0;
            }
        }
        // Below zero the conversion cuts off.
        let rows = low.y.ceil() as usize..((high.y.floor() + 1.0) as usize).min(self.size[1]);
        for row in rows {
            for column in low.x.ceil() as i64..=high.x.floor() as i64 {
                let column = match self.chart.turns() {
                    true => column.rem_euclid(self.size[0] as i64),
                    false if (0..self.size[0] as i64).contains(&column) => column,
                    false => continue,
                } as usize;
                let (origin, way) = self.chart.ray(self.place(column as f32, row as f32));
                if let Some(reach) = meet(corners, origin, way) {
                    let cell = &mut self.reach[row * self.size[0] + column];
                    *cell = cell.max(reach);
                }
            }
        }
    }

    fn place(&self, column: f32, row: f32) -> Vec2 {
        self.low + self.step * Vec2::new(column, row)
    }

    fn neighbors(&self, at: usize) -> [usize; 4] {
        let (wide, high) = (self.size[0], self.size[1]);
        let (column, row) = (at % wide, at / wide);
        let (left, right) = if self.chart.turns() {
            ((column + wide - 1) % wide, (column + 1) % wide)
        } else {
            (column.saturating_sub(1), (column + 1).min(wide - 1))
        };
        let (below, above) = (row.saturating_sub(1), (row + 1).min(high - 1));
        [row * wide + left, row * wide + right, below * wide + column, above * wide + column]
    }

    fn fill(&mut self) {
        let mut missing: Vec<usize> =
            (0..self.reach.len()).filter(|&at| !self.reach[at].is_finite()).collect();
        while !missing.is_empty() {
            let mut found = Vec::new();
            missing.retain(|&at| {
                let known = self.neighbors(at).map(|other| self.reach[other]);
                let (sum, count) = known
                    .into_iter()
                    .filter(|reach| reach.is_finite())
                    .fold((0.0, 0.0), |(sum, count), reach| (sum + reach, count + 1.0));
                if count > 0.0 {
                    found.push((at, sum / count));
                }
                count == 0.0
            });
            if found.is_empty() {
                break;
            }
            found.into_iter().for_each(|(at, reach)| self.reach[at] = reach);
        }
        self.reach.iter_mut().filter(|cell| !cell.is_finite()).for_each(|cell| *cell = 0.0);
    }

    /// Stretched like a cloth over hollows; more so with more passes.
    pub(super) fn stretched(mut self, passes: u32) -> Self {
        let (wide, high) = (self.size[0], self.size[1]);
        let ends = if self.chart.turns() { [wide - 1, 0] } else { [0, wide - 1] };
        for _ in 0..passes {
            let old = self.reach.clone();
            for row in 0..high {
                let line = &old[row * wide..][..wide];
                let below = &old[row.saturating_sub(1) * wide..][..wide];
                let above = &old[(row + 1).min(high - 1) * wide..][..wide];
                for column in 0..wide {
                    let left = if column == 0 { ends[0] } else { column - 1 };
                    let right = if column + 1 == wide { ends[1] } else { column + 1 };
                    let mean = (line[left] + line[right] + below[column] + above[column]) / 4.0;
                    self.reach[row * wide + column] = line[column].max(mean);
                }
            }
        }
        self
    }

    /// How far the skin reaches at coordinates of the chart, from the origin of the ray.
    pub(super) fn reach(&self, at: Vec2) -> f32 {
        let mut cell = (at - self.low) / self.step;
        let (wide, high) = (self.size[0], self.size[1]);
        if self.chart.turns() {
            cell.x = cell.x.rem_euclid(wide as f32);
        } else {
            cell.x = cell.x.clamp(0.0, wide as f32 - 1.0);
        }
        cell.y = cell.y.clamp(0.0, high as f32 - 1.0);
        let (column, row) = (cell.x as usize % wide, cell.y as usize);
        let next = if self.chart.turns() { (column + 1) % wide } else { (column + 1).min(wide - 1) };
        let above = (row + 1).min(high - 1);
        let part = cell.fract();
        let value = |column: usize, row: usize| self.reach[row * wide + column];
        let lerp = |a: f32, b: f32, t: f32| a + (b - a) * t;
        let line = |row: usize| lerp(value(column, row), value(next, row), part.x);
        lerp(line(row), line(above), part.y)
    }

    /// The greatest reach near coordinates: within `around` of them.
    pub(super) fn crest(&self, at: Vec2, around: Vec2) -> f32 {
        let offsets = [-1.0, 0.0, 1.0];
        let all = offsets.iter().flat_map(|&x| offsets.map(|y| Vec2::new(x, y)));
        all.map(|offset| self.reach(at + offset * around)).fold(f32::NEG_INFINITY, f32::max)
    }

    /// The point above the skin by `above` millimetres, along the ray.
    pub(super) fn point(&self, at: Vec2, above: f32) -> Vec3 {
        let (origin, way) = self.chart.ray(at);
        origin + way * (self.reach(at) + above)
    }

    /// A point, moved out along its ray so that it is at least `above` millimetres over the skin.
    pub(super) fn outside(&self, point: Vec3, above: f32) -> Vec3 {
        let at = self.coordinates(point);
        let (origin, way) = self.chart.ray(at);
        let reach = (point - origin).dot(way);
        point + way * (self.reach(at) + above - reach).max(0.0)
    }

    /// Coordinates of the ray through a point. Azimuths are within half a turn.
    pub(super) fn coordinates(&self, point: Vec3) -> Vec2 {
        self.chart.coordinates(point)
    }
}

/// The limits of a round chart that goes from one elevation or height to another.
pub(super) fn around(low: f32, high: f32) -> (Vec2, Vec2) {
    (Vec2::new(-PI, low), Vec2::new(-PI + TAU, high))
}

/// How far a ray goes to a triangle (Möller and Trumbore 1997).
fn meet([a, b, c]: [Vec3; 3], origin: Vec3, way: Vec3) -> Option<f32> {
    let (first, second) = (b - a, c - a);
    let side = way.cross(second);
    let volume = first.dot(side);
    if volume.abs() < 1e-9 {
        return None;
    }
    let offset = origin - a;
    let u = offset.dot(side) / volume;
    let other = offset.cross(first);
    let v = way.dot(other) / volume;
    let reach = second.dot(other) / volume;
    let slack = -1e-3;
    (u >= slack && v >= slack && u + v <= 1.0 - slack && reach > 0.0).then_some(reach)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wear::solid::ball;

    #[test]
    fn a_ball_reaches_its_radius() {
        let mesh = ball(Vec3::new(5.0, 3.0, 2.0), Vec3::splat(80.0), 96, 64);
        let (low, high) = around(-1.2, 1.57);
        let centre = Vec3::new(5.0, 3.0, 2.0);
        let hull = Hull::new(Chart::Sphere(centre), low, high, [72, 40], &mesh, |_| true);
        for at in 0..200 {
            let place = Vec2::new(at as f32 * 0.31 - 3.0, (at % 19) as f32 * 0.14 - 1.1);
            assert!((hull.reach(place) - 80.0).abs() < 0.3, "{place} {}", hull.reach(place));
            assert!(hull.point(place, 4.0).distance(centre) > 83.5);
        }
        let front = Hull::new(Chart::Front, Vec2::splat(-40.0), Vec2::splat(40.0), [41, 41], &mesh, |_| true);
        assert!((front.reach(Vec2::new(5.0, 3.0)) - 82.0).abs() < 0.3);
        let pushed = front.outside(Vec3::new(5.0, 3.0, 20.0), 2.0);
        assert!((pushed.z - 84.0).abs() < 0.3);
        assert_eq!(front.outside(Vec3::new(5.0, 3.0, 99.0), 2.0).z, 99.0);
    }

    #[test]
    fn a_stretched_hull_bridges_hollows() {
        let mut mesh = ball(Vec3::ZERO, Vec3::splat(80.0), 96, 64);
        let dent = |point: &mut Vec3| {
            if point.z > 74.0 {
                point.z -= 15.0;
            }
        };
        mesh.positions.iter_mut().for_each(dent);
        let (low, high) = around(-1.2, 1.2);
        let hull = Hull::new(Chart::Sphere(Vec3::ZERO), low, high, [72, 40], &mesh, |_| true);
        let hollow = hull.reach(Vec2::ZERO);
        let stretched = hull.clone().stretched(40);
        assert!(hollow < 70.0 && stretched.reach(Vec2::ZERO) > hollow + 5.0);
        assert!((0..500).all(|at| stretched.reach[at] >= hull.reach[at]));
    }
}

//! Lids slide on the eyeball: they close, open wide and follow the gaze.

use crate::curve::ramp;
use glam::{Vec2, Vec3, Vec3Swizzles};

use crate::head::{Side, Template};

/// How far above and below the edges lids move along, in radians around the centre of the eyeball.
const MOVING: f32 = 0.95;
/// Up to this distance from the edge a lid keeps its distance from the eyeball, in the same radians.
const CLINGING: f32 = 0.24;
/// What moves with the lids is at most this far from the centre of the eyeball, in mm; full up to the first.
const SKIN: [f32; 2] = [17.5, 22.5];
/// Least distance of skin from the eyeball, in mm, where the mean head has as much.
const THICKNESS: f32 = 0.1;
/// Edges of lids that are less than the first distance from the eyeball's horizontal axis, in mm, move straight.
const BESIDE: [f32; 2] = [5.0, 9.0];
/// How much of the gaze's way the upper and the lower lid go, when it goes down and when it goes up.
const FOLLOWING: [[f32; 2]; 2] = [[0.8, 0.35], [0.7, 0.3]];

/// A vertex near an eye.
struct Near {
    at: u32,
    /// Distance from the centre of the eyeball on the mean head.
    away: f32,
    /// How much that distance is kept.
    clings: f32,
}

/// A vertex that moves with a lid.
struct Follower {
    at: u32,
    upper: bool,
    /// Between which vertices of the edges, counted from the inner corner.
    station: f32,
    share: f32,
}

/// The lids of one eye.
pub(super) struct Lids {
    radius: f32,
    near: Vec<Near>,
    followers: Vec<Follower>,
    /// Vertices of the edges of the upper and lower lid from the inner to the outer corner.
    edges: [Vec<u32>; 2],
}

/// What moves the lids of one eye.
#[derive(Clone, Copy, Debug)]
pub(super) struct LidState {
    /// Shares of the opening that the upper and the lower lid cover.
    pub(super) cover: [f32; 2],
    /// The gaze's angle upwards, in radians.
    pub(super) up: f32,
}

impl Lids {
    pub(super) fn new(template: &Template, side: Side) -> Self {
        let eye = template.eye(side);
        let rest = &template.mesh().rest;
        let edges = template.lid_edges(side);
        let upper: Vec<Vec3> = edges[0].iter().map(|&at| rest[at as usize]).collect();
        let lower: Vec<Vec3> = edges[1].iter().map(|&at| rest[at as usize]).collect();
        let (mut near, mut followers) = (Vec::new(), Vec::new());
        for (&point, at) in rest.iter().zip(0..) {
            let from = point - eye.centre;
            let away = from.length();
            if away > 30.0 || from.z < -2.0 {
                continue;
            }
            let edge = [&upper, &lower].map(|edge| {
                let station = station(edge, point);
                (station, elevation(between(edge, station) - eye.centre))
            });
            let height = elevation(from);
            let above = height > 0.5 * (edge[0].1 + edge[1].1);
            let (station, start) = edge[usize::from(!above)];
            let apart = if above { height - start } else { start - height };
            near.push(Near { at, away, clings: 1.0 - ramp(0.3 * CLINGING, CLINGING, apart) });
            let share = (1.0 - ramp(0.0, MOVING, apart)) * (1.0 - ramp(SKIN[0], SKIN[1], away));
            if share > 1e-3 && station > 0.0 && station < (upper.len() - 1) as f32 {
                followers.push(Follower { at, upper: above, station, share });
            }
        }
        Self { radius: eye.radius, near, followers, edges }
    }

    /// Lays the lids on the eyeball wherever it went, and moves them.
    pub(super) fn settle(&self, skin: &mut [Vec3], centre: Vec3, state: LidState) {
        for near in &self.near {
            let from = skin[near.at as usize] - centre;
            let away = from.length();
            let kept = away + (near.away - away) * near.clings;
            let least = near.away.min(self.radius + THICKNESS);
            let kept = kept.max(least);
            if (kept - away).abs() > 1e-4 {
                skin[near.at as usize] = centre + from * (kept / away.max(1e-3));
            }
        }
        if state.cover == [0.0; 2] && state.up == 0.0 {
            return;
        }
        let steps = self.steps(skin, centre, state);
        for follower in &self.followers {
            let steps = &steps[usize::from(!follower.upper)];
            let first = (follower.station as usize).min(steps.len() - 2);
            let step = steps[first].lerp(steps[first + 1], follower.station - first as f32);
            let point = &mut skin[follower.at as usize];
            let from = *point - centre;
            *point = centre + rotated(from, step.turn * follower.share) + step.shift * follower.share;
        }
    }

    /// How the upper and the lower lid move at each vertex of their edges.
    fn steps(&self, skin: &[Vec3], centre: Vec3, state: LidState) -> [Vec<Step>; 2] {
        let edges = self
            .edges
            .each_ref()
            .map(|edge| edge.iter().map(|&at| skin[at as usize] - centre).collect::<Vec<Vec3>>());
        let openings =
            edges[0].iter().zip(&edges[1]).map(|(up, low)| (elevation(*up) - elevation(*low)).max(0.0));
        let openings: Vec<f32> = openings.collect();
        let widest =
            openings[openings.len() / 4..openings.len() * 3 / 4].iter().copied().fold(1e-3, f32::max);
        // The lower lid goes first; the upper one comes down to it and not further.
        let below = state.cover[1].clamp(-0.5, 1.0);
        let above = state.cover[0].clamp(-0.5, 1.0 - below.max(0.0));
        let follow =
            FOLLOWING[usize::from(state.up > 0.0)].map(|share| share * state.up * (1.0 - above.max(0.0)));
        let mut steps = [Vec::new(), Vec::new()];
        for ((&open, up), low) in openings.iter().zip(&edges[0]).zip(&edges[1]) {
            let part = (open / widest).min(1.0);
            // Beside the eyeball there is nothing to slide on.
            let straight = 1.0 - ramp(BESIDE[0], BESIDE[1], up.yz().length().min(low.yz().length()));
            let lower = below * open + follow[1] * part;
            let upper = (follow[0] * part - above * open).max(lower - open);
            let turns = [upper, lower].map(|turn| turn * (1.0 - straight));
            let gap = rotated(*low, turns[1]) - rotated(*up, turns[0]);
            // What turning leaves of the way; a closed eye is closed all along.
            let covered = (above + below).clamp(0.0, 1.0);
            let left = (straight / (1.0 - covered * (1.0 - straight)).max(1e-3)).max(covered.powi(4));
            steps[0].push(Step { turn: turns[0], shift: gap * (above * left) });
            steps[1].push(Step { turn: turns[1], shift: -gap * (below * left) });
        }
        steps
    }
}

/// How a place on the edge of a lid moves: it turns about the centre of the eyeball, in radians (positive is up), and
/// then goes straight, in mm.
#[derive(Clone, Copy)]
struct Step {
    turn: f32,
    shift: Vec3,
}

impl Step {
    fn lerp(self, other: Self, part: f32) -> Self {
        Self { turn: self.turn + (other.turn - self.turn) * part, shift: self.shift.lerp(other.shift, part) }
    }
}

/// Turns a point about the axis through the eyeballs, upwards by radians.
fn rotated(from: Vec3, turn: f32) -> Vec3 {
    let turned = Vec2::from_angle(turn).rotate(Vec2::new(from.z, from.y));
    Vec3::new(from.x, turned.y, turned.x)
}

/// Angle of a direction above the horizontal plane, as lids turn.
fn elevation(from: Vec3) -> f32 {
    from.y.atan2(from.z)
}

/// Where along an edge a point lies, counted in its vertices and fractions.
fn station(edge: &[Vec3], point: Vec3) -> f32 {
    let (first, last) = (edge[0], edge[edge.len() - 1]);
    let along = (last - first).truncate().normalize_or(Vec2::X);
    let place = |point: Vec3| (point - first).truncate().dot(along);
    let at = place(point);
    for (index, pair) in edge.windows(2).enumerate() {
        let (from, to) = (place(pair[0]), place(pair[1]));
        if at < to {
            return index as f32 + ((at - from) / (to - from).max(1e-6)).clamp(0.0, 1.0);
        }
    }
    (edge.len() - 1) as f32
}

fn between(edge: &[Vec3], station: f32) -> Vec3 {
    let first = (station as usize).min(edge.len() - 2);
    edge[first].lerp(edge[first + 1], station - first as f32)
}

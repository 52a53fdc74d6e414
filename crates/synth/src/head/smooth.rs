//! Better triangles: edges turned to the shorter diagonal, and vertices evened out.

use std::collections::HashMap;

use glam::{Vec2, Vec3};

/// Turns edges until the angles that face an edge sum up to no more than half a turn (Delaunay's rule, on the
/// surface). Edges of `fixed` stay, and so do edges whose turning would fold the chart.
pub(super) fn turn_edges(triangles: &mut [[u32; 3]], positions: &[Vec3], chart: &[Vec2], fixed: &[Vec<u32>]) {
    let mut kept: HashMap<[u32; 2], ()> = HashMap::new();
    for ring in fixed {
        for at in 0..ring.len() {
            let [a, b] = [ring[at], ring[(at + 1) % ring.len()]];
            kept.insert([a, b], ());
            kept.insert([b, a], ());
        }
    }
    for _ in 0..4 {
        let mut owners: HashMap<[u32; 2], usize> = HashMap::with_capacity(triangles.len() * 3);
        for (at, &[a, b, c]) in triangles.iter().enumerate() {
            owners.extend([([a, b], at), ([b, c], at), ([c, a], at)]);
        }
        let mut touched = vec![false; triangles.len()];
        let mut turned = 0;
        for at in 0..triangles.len() {
            for corner in 0..3 {
                let [a, b, c] = [0, 1, 2].map(|step| triangles[at][(corner + step) % 3]);
                let Some(&other) = owners.get(&[b, a]) else { continue };
                if touched[at] || touched[other] || kept.contains_key(&[a, b]) {
                    continue;
                }
                let Some(&d) = triangles[other].iter().find(|&&vertex| vertex != a && vertex != b) else {
                    continue;
                };
                let angle = |tip: u32| {
                    let from = positions[tip as usize];
                    (positions[a as usize] - from).angle_between(positions[b as usize] - from)
                };
                let area = |p: u32, q: u32, r: u32| {
                    (chart[q as usize] - chart[p as usize]).perp_dot(chart[r as usize] - chart[p as usize])
                };
                let sound = area(c, a, d) > 1e-6 && area(d, b, c) > 1e-6;
                if sound && angle(c) + angle(d) > std::f32::consts::PI + 1e-3 {
                    triangles[at] = [c, a, d];
                    triangles[other] = [d, b, c];
                    touched[at] = true;
                    touched[other] = true;
                    turned += 1;
                }
            }
        }
        if turned == 0 {
            break;
        }
    }
}

/// Evens out vertices without shrinking (Taubin 1995). Those that `held` says stay; those of the middle plane stay in
/// it.
pub(super) fn even_out(triangles: &[[u32; 3]], positions: &mut [Vec3], held: &[bool], rounds: usize) {
    for _ in 0..rounds {
        for strength in [0.5, -0.51] {
            let mut sums = vec![(Vec3::ZERO, 0.0); positions.len()];
            for &[a, b, c] in triangles {
                for [from, to] in [[a, b], [b, c], [c, a], [b, a], [c, b], [a, c]] {
                    let sum = &mut sums[from as usize];
                    sum.0 += positions[to as usize];
                    sum.1 += 1.0;
                }
            }
            for ((position, (sum, count)), held) in positions.iter_mut().zip(sums).zip(held) {
                if *held || count == 0.0 {
                    continue;
                }
                let middle = position.x == 0.0;
                *position += (sum / count - *position) * strength;
                if middle {
                    position.x = 0.0;
                }
            }
        }
    }
}

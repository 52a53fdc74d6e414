//! Which lip a vertex goes with.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::head::{Side, Template};

/// How much longer the way over the skin to one lip than to the other must be for a vertex to go with the other, in
/// mm.
const APART: f32 = 18.0;
/// Ways are not followed farther than this, in mm.
const FARTHEST: f32 = 170.0;

/// How much each vertex goes with the lower lip, 0..=1. The lips lie on each other, but the way from one to the other
/// over the skin leads around the corner of the mouth: vertices go with the lip that is nearer on that way.
pub(super) fn lower_shares(template: &Template) -> Vec<f32> {
    let sides = Side::BOTH.map(|side| template.lip_edges(side));
    // The corners belong to both, so ways begin around the middle.
    let middle = |lip: usize| {
        sides.iter().flat_map(|edges| edges[lip][..edges[lip].len() / 3].iter().copied()).collect::<Vec<_>>()
    };
    let near = near_vertices(template);
    let [up, down] = [0, 1].map(|lip| ways(template, &near, &middle(lip)));
    let share = |(up, down): (&f32, &f32)| {
        let t = ((up - down) / (2.0 * APART) + 0.5).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    };
    up.iter().zip(&down).map(share).collect()
}

/// The neighbours of each vertex.
fn near_vertices(template: &Template) -> Vec<Vec<u32>> {
    let mesh = template.mesh();
    let mut near = vec![Vec::new(); mesh.positions.len()];
    for &[a, b, c] in &mesh.triangles {
        for [from, to] in [[a, b], [b, c], [c, a]] {
            near[from as usize].push(to);
            near[to as usize].push(from);
        }
    }
    for &[a, b] in template.seams() {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
    near
}

/// Lengths of the shortest ways along edges from some vertices (Dijkstra).
fn ways(template: &Template, near: &[Vec<u32>], from: &[u32]) -> Vec<f32> {
    let positions = &template.mesh().rest;
    let mut lengths = vec![FARTHEST; positions.len()];
    // Lengths above 0 are ordered as their bits are.
    let mut open: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    for &at in from {
        lengths[at as usize] = 0.0;
        open.push(Reverse((0, at)));
    }
    while let Some(Reverse((bits, at))) = open.pop() {
        let length = f32::from_bits(bits);
        if length > lengths[at as usize] {
            continue;
        }
        for &next in &near[at as usize] {
            let longer = length + positions[at as usize].distance(positions[next as usize]);
            if longer < lengths[next as usize] {
                lengths[next as usize] = longer;
                open.push(Reverse((longer.to_bits(), next)));
            }
        }
    }
    lengths
}

//! What is below the chest, so that nobody ends in the air: the rest of the clothes, arms, legs and shoes, as seen from
//! afar.

mod arm;

use std::f32::consts::TAU;

use glam::Vec3;

use arm::{Hold, arm};

use crate::curve::ramp;
use crate::wear::solid::{ball, sheet};
use crate::{Fabric, Mesh, Seed, Weave, WornPart};

/// From the origin of the head down to the soles of a grown person, in millimetres.
pub(crate) const STATURE: f32 = 1560.0;
/// Clothes of the chest that end lower than all others by less than this are the outer ones, in millimetres.
const LOWEST: f32 = 4.0;
/// How far below their edge the clothes are as wide as a body without its arms, in millimetres, and how wide and deep
/// that is, as half axes.
const WAIST: f32 = 150.0;
const GIRTH: [f32; 2] = [166.0, 112.0];
/// How far the middle of an arm is within the widest place of the chest's clothes, in millimetres.
const ARM: f32 = 46.0;

/// The lower body of somebody whose clothes end below the chest, in the frame of an upright head. `chest` are these
/// clothes, made to measure; `stature` is from the origin of the head down to the soles, in millimetres; `skin` is the
/// linear colour of the hands.
pub(crate) fn below(chest: &[WornPart], stature: f32, skin: Vec3, seed: Seed) -> Vec<WornPart> {
    let edge =
        |part: &&WornPart| part.mesh.positions.iter().map(|place| place.y).fold(f32::INFINITY, f32::min);
    let lowest = chest.iter().map(|part| edge(&part)).fold(f32::INFINITY, f32::min);
    let Some(outer) = chest.iter().rev().find(|part| edge(part) < lowest + LOWEST) else { return Vec::new() };
    let ring = ring(&outer.mesh);
    if ring.len() < 3 {
        return Vec::new();
    }
    let mut stream = seed.of("body").stream();
    let hem = (lowest - 150.0).min(-stature * stream.between(0.48, 0.58));
    let dark = Vec3::splat(stream.log_between(0.015, 0.2));
    let tint = Vec3::new(stream.between(0.8, 1.1), stream.between(0.85, 1.0), stream.between(0.8, 1.25));
    let trousers = Fabric::cloth(Weave::Woven, dark * tint, dark * tint, seed.value());
    let shoes = Fabric::plastic(Vec3::splat(stream.log_between(0.01, 0.3)), 0.5);
    let axis = ring.iter().sum::<Vec3>() / ring.len() as f32;
    let mut legs = Mesh::default();
    let mut feet = Mesh::default();
    for side in [-88.0, 88.0] {
        legs.append(&leg(Vec3::new(side, hem + 60.0, axis.z), stature));
        let toes = Vec3::new(side, 30.0 - stature, axis.z + 45.0);
        feet.append(&ball(toes, Vec3::new(46.0, 42.0, 125.0), 12, 8));
    }
    let wide = ring.iter().map(|place| (place.x - axis.x).abs()).fold(0.0, f32::max);
    let hold = Hold::sample(&mut stream);
    let mut sleeves = Mesh::default();
    let mut hands = Mesh::default();
    for side in [-1.0, 1.0] {
        let shoulder = Vec3::new(axis.x + side * (wide - ARM), axis.y, axis.z);
        let [sleeve, hand] = arm(side, shoulder, stature, hold, &mut stream);
        sleeves.append(&sleeve);
        hands.append(&hand);
    }
    let skin = Fabric { gloss: 0.028, ..Fabric::plastic(skin, 0.5) };
    let part = |mesh, material| WornPart { mesh, material, casts_shadow: true, two_sided: true };
    let coat = part(coat(&ring, axis, hem), outer.material);
    vec![coat, part(sleeves, outer.material), part(hands, skin), part(legs, trousers), part(feet, shoes)]
}

/// The lower edge of clothes, around once: where their charts begin.
fn ring(mesh: &Mesh) -> Vec<Vec3> {
    let edge = mesh.positions.iter().zip(&mesh.uvs).filter(|(_, uv)| uv.y <= 0.0);
    let mut ring: Vec<Vec3> = edge.map(|(place, _)| *place).collect();
    // The last column lies on the first.
    ring.pop();
    ring
}

/// From the edge of the chest's clothes down to the hem.
fn coat(ring: &[Vec3], axis: Vec3, hem: f32) -> Mesh {
    sheet(ring.len(), 20, true, |u, v| {
        let at = (u * ring.len() as f32).round() as usize % ring.len();
        let start = ring[at] - axis;
        let y = ring[at].y + (hem - ring[at].y) * (1.0 - v);
        let down = ring[at].y - y;
        let (sin, cos) = start.x.atan2(start.z).sin_cos();
        let power = 2.4;
        let waist =
            ((sin / GIRTH[0]).abs().powf(power) + (cos / GIRTH[1]).abs().powf(power)).powf(-1.0 / power);
        let share = ramp(0.0, WAIST, down);
        let reach = start.x.hypot(start.z);
        let reach = reach + (waist - reach) * share;
        Vec3::new(axis.x + sin * reach, y, axis.z + cos * reach)
    })
}

fn leg(top: Vec3, stature: f32) -> Mesh {
    sheet(20, 8, true, |u, v| {
        let (sin, cos) = ((u - 0.5) * TAU).sin_cos();
        let low = 20.0 - stature;
        let thick = 1.0 + 0.45 * v;
        Vec3::new(top.x + 60.0 * thick * sin, low + (top.y - low) * v, top.z + 64.0 * thick * cos)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clothing, Item, Template, make};

    #[test]
    fn bodies_go_on_from_the_chest_to_the_ground() {
        let template = Template::get();
        for number in 0..12 {
            let seed = Seed::new(number);
            let clothing = Item::Clothing(Clothing::sample(seed, number as f32 / 11.0));
            let chest = make(&clothing, template, template.mesh(), seed);
            let body = below(&chest, STATURE, Vec3::splat(0.3), seed);
            let places = |parts: &[WornPart]| -> Vec<Vec3> {
                parts.iter().flat_map(|part| part.mesh.positions.clone()).collect()
            };
            let (chest, all) = (places(&chest), places(&body));
            let edge = chest.iter().map(|place| place.y).fold(f32::INFINITY, f32::min);
            // From the edge down it is as wide as the chest, and nowhere as thin as a stick.
            let wide = |y: f32| {
                let near = all.iter().filter(|place| (place.y - y).abs() < 40.0);
                near.map(|place| place.x.abs()).fold(0.0, f32::max)
            };
            let breast = chest.iter().map(|place| place.x.abs()).fold(0.0, f32::max);
            for down in [10.0, 60.0, 120.0, 240.0] {
                assert!(
                    (0.75..1.15).contains(&(wide(edge - down) / breast)),
                    "{number} {down}: {} of {breast}",
                    wide(edge - down)
                );
            }
            let low = all.iter().map(|place| place.y).fold(f32::INFINITY, f32::min);
            assert!((low + STATURE).abs() < 20.0 && all.iter().all(|place| place.is_finite()), "{low}");
        }
        assert!(below(&[], STATURE, Vec3::ONE, Seed::new(1)).is_empty());
    }
}

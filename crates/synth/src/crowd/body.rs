//! What is below the chest, so that nobody ends in the air: a coat or a skirt, legs and shoes, as seen from afar.

use std::f32::consts::TAU;

use glam::Vec3;

use crate::curve::ramp;
use crate::wear::solid::{ball, sheet};
use crate::{Clothing, Fabric, Mesh, Seed, Weave, WornPart};

/// From the origin of the head down to the soles of a grown person, in millimetres.
pub(super) const STATURE: f32 = 1560.0;
/// Where the clothes of the chest are taken up, and where the hem is.
const CHEST: f32 = -385.0;
/// Depth of the body's axis below a head that looks ahead.
const AXIS: f32 = -50.0;

/// The lower body of somebody in these clothes, in the frame of an upright head; `stature` is from its origin down to
/// the soles, in millimetres.
pub(super) fn below(clothing: &Clothing, stature: f32, seed: Seed) -> Vec<WornPart> {
    let mut stream = seed.of("body").stream();
    let hem = -stature * stream.between(0.46, 0.58);
    let dark = Vec3::splat(stream.log_between(0.015, 0.2));
    let tint = Vec3::new(stream.between(0.8, 1.1), stream.between(0.85, 1.0), stream.between(0.8, 1.25));
    let trousers = Fabric::cloth(Weave::Woven, dark * tint, dark * tint, seed.value());
    let shoes = Fabric::plastic(Vec3::splat(stream.log_between(0.01, 0.3)), 0.5);
    let cloth = |mesh, material| WornPart { mesh, material, casts_shadow: true, two_sided: true };
    let mut legs = Mesh::default();
    let mut feet = Mesh::default();
    for side in [-88.0, 88.0] {
        legs.append(&leg(side, hem + 60.0, stature));
        feet.append(&ball(Vec3::new(side, 30.0 - stature, AXIS + 45.0), Vec3::new(46.0, 42.0, 125.0), 12, 8));
    }
    vec![cloth(coat(clothing, hem), clothing.cloth), cloth(legs, trousers), cloth(feet, shoes)]
}

fn coat(clothing: &Clothing, hem: f32) -> Mesh {
    sheet(64, 16, true, |u, v| {
        let azimuth = (u - 0.5) * TAU;
        let y = hem + (CHEST - hem) * v;
        let (sin, cos) = azimuth.sin_cos();
        // It comes out from under the clothes of the chest, whose lower edge is inside it.
        let out = 26.0 * ramp(CHEST, CHEST - 40.0, y) - 45.0 * ramp(CHEST - 40.0, -800.0, y);
        let side = clothing.shoulders + 4.0 + out;
        let deep = out + if cos > 0.0 { 122.0 } else { 106.0 };
        let reach = ((sin / side).abs().powf(2.4) + (cos / deep).abs().powf(2.4)).powf(-1.0 / 2.4);
        // Between the arms and the chest there is a fold.
        let fold =
            1.0 - 0.2 * (-((sin.abs() - 0.78) / 0.09).powi(2)).exp() * ramp(CHEST - 40.0, CHEST - 90.0, y);
        Vec3::new(sin * reach * fold, y, AXIS + cos * reach * fold)
    })
}

fn leg(side: f32, top: f32, stature: f32) -> Mesh {
    sheet(20, 8, true, |u, v| {
        let (sin, cos) = ((u - 0.5) * TAU).sin_cos();
        let y = 20.0 - stature + (top + stature - 20.0) * v;
        let thick = 1.0 + 0.45 * v;
        Vec3::new(side + 60.0 * thick * sin, y, AXIS + 64.0 * thick * cos)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Template, make};

    #[test]
    fn bodies_go_on_from_the_chest_to_the_ground() {
        let template = Template::get();
        for number in 0..6 {
            let seed = Seed::new(number);
            let clothing = Clothing::sample(seed, number as f32 / 5.0);
            let height = |parts: &[WornPart]| {
                let all = parts.iter().flat_map(|part| &part.mesh.positions).map(|place| place.y);
                all.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)))
            };
            let chest =
                height(&make(&crate::Item::Clothing(clothing.clone()), template, template.mesh(), seed));
            let body = height(&below(&clothing, STATURE, seed));
            assert!(chest.0 < body.1 - 20.0, "{chest:?} {body:?}");
            assert!((body.0 + STATURE).abs() < 20.0, "{body:?}");
        }
    }
}

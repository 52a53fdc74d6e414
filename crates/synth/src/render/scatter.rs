//! Light that wanders below the surface of skin before it comes out again: what arrives is blurred over the
//! picture, red farthest (Jimenez et al. 2009, "Screen-space perceptual rendering of human skin").

use glam::{Vec3, Vec4};

use super::fragments::Fragments;

/// How far each colour wanders, as a share of red.
const REACH: [f32; 3] = [1.0, 0.42, 0.24];
/// Share of each colour that comes out where it went in, which keeps pores and wrinkles visible.
const DIRECT: [f32; 3] = [0.25, 0.45, 0.6];
/// Widest blur, in pixels to each side.
const WIDEST: usize = 16;
/// No fragment.
const NONE: u32 = u32::MAX;
/// Blurs of red narrower than this, in pixels, cannot be seen.
const NARROWEST: f32 = 0.3;

/// Blurs the light that arrives at fragments with a `scatter`, along rows and then along columns.
pub(super) fn scatter(fragments: &Fragments, focal: f32, light: &mut [Vec3]) {
    let (width, height) = (fragments.width, fragments.height);
    let wanders = |at: usize| fragments.all[at].reflectance.scatter > 0.0;
    // What each pixel shows, if light wanders in it.
    let main = |pixel| fragments.main(pixel).filter(|at| wanders(*at)).map_or(NONE, |at| at as u32);
    let mains: Vec<u32> = (0..width * height).map(main).collect();
    if mains.iter().all(|at| *at == NONE) {
        return;
    }
    // Light, and the depth in mm; 0 where no light wanders.
    let of_pixel = |at: &u32| match fragments.all.get(*at as usize) {
        Some(fragment) => light[*at as usize].extend(fragment.position.z),
        None => Vec4::ZERO,
    };
    let mut blurred: Vec<Vec4> = mains.iter().map(of_pixel).collect();
    for step in [1, width] {
        let before = blurred.clone();
        for (pixel, at) in mains.iter().enumerate() {
            let Some(here) = fragments.all.get(*at as usize) else { continue };
            let (scatter, depth) = (here.reflectance.scatter, here.position.z);
            let sigma = scatter * focal / depth;
            if sigma < NARROWEST {
                continue;
            }
            // Place along the row or column, and how long that is.
            let (place, length) = if step == 1 { (pixel % width, width) } else { (pixel / width, height) };
            let taps = ((2.2 * sigma).ceil() as usize).min(WIDEST);
            // A Gaussian from tap to tap: the factor from one to the next shrinks by a factor itself.
            let first = Vec3::from_array(REACH.map(|reach| -0.5 / (sigma * reach).powi(2))).exp();
            let (mut weight, mut factor) = (first, first * first * first);
            let (mut sum, mut weights) = (before[pixel].truncate(), Vec3::ONE);
            let gap_scale = 0.5 / scatter;
            let mut add = |other: usize, weight: Vec3| {
                let other = before[other];
                if other.w > 0.0 {
                    // Light does not cross from the nose to the cheek behind it.
                    let gap = (other.w - depth) * gap_scale;
                    let weight = weight / (1.0 + gap * gap * gap * gap);
                    sum += other.truncate() * weight;
                    weights += weight;
                }
            };
            for tap in 1..=taps {
                if place >= tap {
                    add(pixel - tap * step, weight);
                }
                if place + tap < length {
                    add(pixel + tap * step, weight);
                }
                weight *= factor;
                factor *= first * first;
            }
            blurred[pixel] = (sum / weights).extend(depth);
        }
    }
    let direct = Vec3::from_array(DIRECT);
    for (at, blurred) in mains.iter().zip(blurred) {
        if let Some(light) = light.get_mut(*at as usize) {
            *light = blurred.truncate() * (Vec3::ONE - direct) + *light * direct;
        }
    }
}

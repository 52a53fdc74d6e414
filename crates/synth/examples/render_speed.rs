//! How long pictures of the mean head take on one core: `cargo run --release -p omote-synth --example render_speed`.

use std::hint::black_box;
use std::time::Instant;

use glam::Vec3;
use omote_synth::{Camera, Lamp, Light, Material, Part, Pose, Reflectance, Scene, Side, Template, render};

/// Costs almost nothing, so that what is measured is the renderer.
struct Plain;

impl Material for Plain {
    fn reflectance(&self, _: &omote_synth::SurfacePoint) -> Reflectance {
        Reflectance { roughness: 0.5, gloss: 0.028, scatter: 2.0, ..Reflectance::matte(Vec3::splat(0.5)) }
    }
}

fn main() {
    let template = Template::get();
    let part = |mesh| Part { mesh, material: &Plain, casts_shadow: true, two_sided: false };
    let mut parts = vec![part(template.mesh())];
    parts.extend(Side::BOTH.map(|side| part(template.eyeball(side))));
    let triangles: usize = parts.iter().map(|part| part.mesh.triangles.len()).sum();
    println!("{triangles} triangles; milliseconds by side in pixels, samples along an axis and lamps");
    for (side, samples) in [(112, 2), (160, 2), (160, 3), (256, 2)] {
        for lamps in 0..=3 {
            let lamp = |at: usize| Lamp::at(-60.0 + 60.0 * at as f32, 30.0, Vec3::splat(0.5), 10.0);
            let mut light = Light::even(Vec3::splat(0.3));
            light.lamps = (0..lamps).map(lamp).collect();
            let pose = Pose { yaw: 20.0, pitch: 0.0, roll: 0.0 };
            let camera = Camera::portrait(side, side, 240.0, 900.0, pose, 20.0);
            let scene = Scene { parts: parts.clone(), camera, light, background: None };
            let once = || {
                let start = Instant::now();
                black_box(render(&scene, samples));
                start.elapsed().as_secs_f64() * 1e3
            };
            // The best of several, since other programs run too.
            let best = (0..15).map(|_| once()).fold(f64::INFINITY, f64::min);
            println!("{side:4} {samples} {lamps}: {best:6.2}");
        }
    }
}

//! The mean head in many lights and poses: `cargo run --release -p omote-synth --example render_sheet -- FOLDER
//! [SIDE]`, with pictures of SIDE pixels (160).

use std::error::Error;
use std::path::{Path, PathBuf};

use glam::Vec3;
use imaging::Image;
use omote_synth::{
    Camera, Complexion, EyeMaterial, Iris, Lamp, Light, Makeup, Material, Part, Pose, Reflectance, Scene,
    Seed, Sh9, Side, Skin, Stubble, SurfacePoint, Template, color, render,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().map_or_else(|| PathBuf::from("."), PathBuf::from);
    let side = arguments.next().and_then(|side| side.to_str()?.parse().ok()).unwrap_or(160);

    for (name, tone) in [("pale", 0.15), ("dark", 0.8)] {
        let skin =
            Skin::new(&Complexion::sample(Seed::new(3), tone, 35.0, 0.5), &Makeup::none(), &Stubble::none());
        let pictures =
            lights().map(|light| head(&skin, side, Pose { yaw: 25.0, pitch: 0.0, roll: 0.0 }, light));
        write(&folder.join(format!("lights_{name}.png")), &sheet(&pictures, 5))?;
        let pictures = poses().map(|pose| head(&skin, side, pose, Light::studio()));
        write(&folder.join(format!("poses_{name}.png")), &sheet(&pictures, 5))?;
    }
    let pictures = lights().map(|light| head(&Clay, side, Pose { yaw: 25.0, pitch: 0.0, roll: 0.0 }, light));
    write(&folder.join("lights_clay.png"), &sheet(&pictures, 5))
}

/// White and dull: shows form and shadow alone.
struct Clay;

impl Material for Clay {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance { gloss: 0.0, ..Reflectance::matte(Vec3::splat(0.5)) }
    }
}

fn lights() -> [Light; 10] {
    let lamp = |azimuth, elevation, size, strength: f32| Light {
        ambient: Sh9::uniform(Vec3::splat(0.15)),
        lamps: vec![Lamp::at(azimuth, elevation, Vec3::splat(strength), size)],
    };
    let mut sky = Sh9::uniform(Vec3::splat(0.25));
    sky.add_disc(Vec3::NEG_Y, Vec3::new(0.5, 0.65, 0.9), 90.0);
    let mut window = Sh9::uniform(Vec3::splat(0.15));
    window.add_cosine_lobe(Vec3::NEG_X, Vec3::splat(0.4));
    [
        Light::even(Vec3::ONE),
        Light::studio(),
        lamp(-75.0, 15.0, 1.0, 1.0),
        lamp(40.0, 45.0, 0.5, 1.0),
        lamp(40.0, 45.0, 25.0, 1.0),
        lamp(0.0, 65.0, 5.0, 1.0),
        lamp(150.0, 20.0, 10.0, 1.5),
        lamp(0.0, -50.0, 5.0, 0.8),
        Light { ambient: sky, lamps: vec![Lamp::at(60.0, 50.0, color::black_body(5000.0), 0.5)] },
        Light { ambient: window, lamps: vec![Lamp::at(-80.0, 5.0, color::black_body(6500.0) * 0.5, 40.0)] },
    ]
}

fn poses() -> [Pose; 10] {
    let yaws = [0.0, 20.0, 45.0, 70.0, 90.0, -30.0, 0.0, 0.0, 30.0, -30.0];
    let pitches = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 30.0, -25.0, 20.0, -20.0];
    std::array::from_fn(|at| Pose { yaw: yaws[at], pitch: pitches[at], roll: 0.0 })
}

fn head(skin: &dyn Material, side: u32, pose: Pose, light: Light) -> Image {
    let template = Template::get();
    let iris = EyeMaterial::new(&Iris::sample(Seed::new(5), 0.2), 2.0, 0.2, 35.0, Seed::new(5));
    let mut parts =
        vec![Part { mesh: template.mesh(), material: skin, casts_shadow: true, two_sided: false }];
    let eye = |mesh| Part { mesh, material: &iris as &dyn Material, casts_shadow: true, two_sided: false };
    parts.extend(Side::BOTH.map(|side| eye(template.eyeball(side))));
    let camera = Camera::portrait(side, side, 260.0, 900.0, pose, 10.0);
    let background = vec![Vec3::new(0.1, 0.11, 0.13); (side * side) as usize];
    render(&Scene { parts, camera, light, background: Some(background) }, 3).to_image(1.0)
}

/// Pictures of one size side by side, in rows.
fn sheet(pictures: &[Image], columns: u32) -> Image {
    let (width, height) = pictures.first().map_or((0, 0), |picture| (picture.width(), picture.height()));
    let mut sheet = Image::new(width * columns, height * (pictures.len() as u32).div_ceil(columns));
    for (picture, number) in pictures.iter().zip(0..) {
        let (left, top) = (number % columns * width, number / columns * height);
        for y in 0..height {
            for x in 0..width {
                sheet.set_pixel(left + x, top + y, picture.pixel(x, y));
            }
        }
    }
    sheet
}

fn write(path: &Path, image: &Image) -> Result<(), Box<dyn Error>> {
    Ok(std::fs::write(path, imaging::encode_png(image)?)?)
}

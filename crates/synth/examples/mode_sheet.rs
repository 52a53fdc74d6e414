//! Sheets of grey heads: every mode of shape, asymmetry and expression at both ends, and people by chance.
//!
//! `cargo run --release -p omote-synth --example mode_sheet -- FOLDER [modes] [asymmetry] [expressions] [axes]
//! [people] [moods] [NAME OF AN EXPRESSION]`; all without a name.

use std::{env, error::Error, fs, path::Path};

use glam::Vec3;
use imaging::{Image, encode_png};
use omote_synth::{
    ASYMMETRY_MODES, Camera, EXPRESSION_MODES, Form, Head, Light, Material, Part, Pose, Reflectance,
    SHAPE_MODES, Scene, Seed, SurfacePoint, Template, render,
};

/// Pixels of the side of one picture.
const SIDE: u32 = 150;

struct Clay(Vec3);

impl Material for Clay {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance::matte(self.0)
    }
}

/// White with a dark iris and pupil.
struct Eye;

impl Material for Eye {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let away = point.uv.distance(glam::Vec2::splat(0.5));
        let albedo = if away < 0.06 {
            0.02
        } else if away < 0.163 {
            0.2
        } else {
            0.75
        };
        Reflectance::matte(Vec3::splat(albedo))
    }
}

fn picture(form: &Form, yaw: f32, span: f32, up: f32) -> Image {
    let head = Head::new(Template::get(), form);
    let (clay, teeth, gum) = (Clay(Vec3::splat(0.55)), Clay(Vec3::splat(0.8)), Clay(Vec3::splat(0.3)));
    let solid = |mesh, material| Part { mesh, material, casts_shadow: true, two_sided: false };
    let mut parts = vec![solid(&head.skin, &clay as &dyn Material), solid(&head.tongue, &gum)];
    parts.extend(head.eyes.iter().map(|mesh| Part { casts_shadow: false, ..solid(mesh, &Eye) }));
    parts.extend(head.teeth.iter().map(|mesh| solid(mesh, &teeth)));
    parts.extend(head.gums.iter().map(|mesh| solid(mesh, &gum)));
    let scene = Scene {
        parts,
        camera: Camera::portrait(SIDE, SIDE, span, 900.0, Pose { yaw, pitch: 0.0, roll: 0.0 }, up),
        light: Light::studio(),
        background: Some(vec![Vec3::splat(0.1); (SIDE * SIDE) as usize]),
    };
    render(&scene, 2).to_image(1.0)
}

/// Pictures in rows.
fn sheet(pictures: &[Image], columns: u32) -> Image {
    let rows = (pictures.len() as u32).div_ceil(columns);
    let mut sheet = Image::new(columns * SIDE, rows * SIDE);
    for (picture, at) in pictures.iter().zip(0u32..) {
        for y in 0..SIDE {
            for x in 0..SIDE {
                sheet.set_pixel(at % columns * SIDE + x, at / columns * SIDE + y, picture.pixel(x, y));
            }
        }
    }
    sheet
}

fn save(folder: &Path, name: &str, image: &Image) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(folder.join(name).with_extension("png"), encode_png(image)?)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("tell a folder for the sheets")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let wanted: Vec<String> = arguments.collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let both = |form: &Form| [picture(form, 0.0, 250.0, 10.0), picture(form, 50.0, 250.0, 10.0)];

    if wants("modes") {
        // Three modes in a row, each at both ends seen from ahead and aside.
        for (number, modes) in SHAPE_MODES.chunks(18).enumerate() {
            let mut pictures = Vec::new();
            for mode in modes {
                println!("modes_{number} {}", mode.name);
                for value in [-2.5, 2.5] {
                    pictures.extend(both(&Form::default().with_shape(mode.name, value)));
                }
            }
            save(folder, &format!("modes_{number}"), &sheet(&pictures, 12))?;
        }
    }
    if wants("asymmetry") {
        let mut pictures = Vec::new();
        for (at, mode) in ASYMMETRY_MODES.iter().enumerate() {
            println!("asymmetry {}", mode.name);
            let mut form = Form::default();
            form.asymmetry[at] = 2.5;
            pictures.push(picture(&form, 0.0, 250.0, 10.0));
        }
        save(folder, "asymmetry", &sheet(&pictures, 7))?;
    }
    if wants("expressions") {
        let mut pictures = Vec::new();
        for mode in EXPRESSION_MODES.iter().filter(|mode| !mode.name.ends_with("right")) {
            println!("expressions {}", mode.name);
            let name = mode.name.trim_end_matches(" left");
            let name = if name == "jaw" { mode.name } else { name };
            pictures.push(picture(&Form::default().with_expression(name, 1.0), 0.0, 190.0, -10.0));
            pictures.push(picture(&Form::default().with_expression(name, 1.0), 40.0, 190.0, -10.0));
        }
        for gaze in [[25.0, 0.0], [-25.0, 0.0], [0.0, 20.0], [0.0, -30.0]] {
            pictures.push(picture(&Form { gaze, ..Form::default() }, 0.0, 190.0, -10.0));
        }
        save(folder, "expressions", &sheet(&pictures, 8))?;
    }
    if wants("axes") {
        let mut pictures = Vec::new();
        for sex in [0.0, 0.5, 1.0] {
            for age in [6.0, 12.0, 20.0, 30.0, 50.0, 75.0] {
                pictures.extend(both(&Form { sex, age, ..Form::default() }));
            }
        }
        save(folder, "axes", &sheet(&pictures, 12))?;
    }
    if wants("people") {
        let mut pictures = Vec::new();
        for seed in 0..40 {
            let sex = if seed % 2 == 0 { 0.1 } else { 0.9 };
            pictures.push(picture(&Form::sample(Seed::new(seed), sex, 30.0), 0.0, 230.0, 5.0));
        }
        save(folder, "people", &sheet(&pictures, 8))?;
        let aside = (0..16).map(|seed| {
            let sex = if seed % 2 == 0 { 0.1 } else { 0.9 };
            picture(&Form::sample(Seed::new(seed), sex, 30.0), 75.0, 270.0, 5.0)
        });
        save(folder, "people_aside", &sheet(&aside.collect::<Vec<_>>(), 8))?;
    }
    for name in wanted.iter().filter(|name| Form::default().with_expression(name, 1.0) != Form::default()) {
        let pictures: Vec<Image> = [0.0, 0.25, 0.5, 1.0]
            .into_iter()
            .flat_map(|value| {
                let form = Form::default().with_expression(name, value);
                [picture(&form, 0.0, 100.0, -15.0), picture(&form, 35.0, 100.0, -15.0)]
            })
            .collect();
        save(folder, &name.replace(' ', "_"), &sheet(&pictures, 4))?;
    }
    if wants("moods") {
        let mut pictures = Vec::new();
        for seed in 0..32 {
            let form = Form::sample(Seed::new(seed / 8), 0.5, 30.0).with_mood(Seed::new(seed), 1.0);
            pictures.push(picture(&form, 0.0, 190.0, -10.0));
        }
        save(folder, "moods", &sheet(&pictures, 8))?;
    }
    Ok(())
}

//! Draws sheets of skin, make-up and eyes, to look at.
//!
//! `cargo run --release -p omote-synth --example skin_sheet -- FOLDER [SHEET ...]`; sheets are chart, tones, faces,
//! makeup, eyes, profile, close, people and mouth.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use glam::{Affine3A, Vec3};
use imaging::{Image, encode_png};
use omote_synth::{
    Brows, Camera, Complexion, EyeMaterial, Form, HairPart, Hairstyle, Head, Iris, Lamp, Lashes, Light,
    Makeup, Material, Mesh, Mucosa, Part, Picture, Pose, Scene, Seed, Sh9, Skin, Stubble, SurfacePoint,
    Teeth, Template, color, grow, render,
};

/// A person to draw.
struct Subject {
    complexion: Complexion,
    makeup: Makeup,
    stubble: Stubble,
    iris: Iris,
    pupil: f32,
    form: Form,
    hair: bool,
}

impl Subject {
    /// Somebody with a head of their own and hair.
    fn person(number: u64, tone: f32, age: f32) -> Self {
        let form = Form::sample(Seed::new(number).of("form"), (number % 2) as f32, age);
        Self { form, hair: true, ..Self::new(number, tone, age) }
    }

    fn grown(&self, number: Seed, skin: &Mesh) -> Vec<HairPart> {
        if !self.hair {
            return Vec::new();
        }
        let (template, age, sex) = (Template::get(), self.complexion.age, self.form.sex);
        let fairness = (self.complexion.typology_angle() + 60.0) / 130.0;
        let style = Hairstyle::sample(number.of("hair"), sex, age, fairness);
        let mut hair = grow(&style, template, skin);
        hair.extend(Brows::sample(number.of("brows"), sex, &style.color).grow(template, skin));
        hair.extend(Lashes::sample(number.of("lashes"), sex, &style.color).grow(template, skin));
        hair
    }

    fn new(number: u64, tone: f32, age: f32) -> Self {
        let seed = Seed::new(number);
        let sex = (number % 2) as f32;
        Self {
            complexion: Complexion::sample(seed.of("skin"), tone, age, sex),
            makeup: Makeup::none(),
            stubble: Stubble::none(),
            iris: Iris::sample(seed.of("eyes"), tone),
            pupil: 2.2,
            form: Form::default(),
            hair: false,
        }
    }
}

/// Where the camera stands and what it sees.
struct View {
    size: u32,
    span: f32,
    yaw: f32,
    /// What is in the middle of the picture, in millimeters in the frame of the head.
    middle: Vec3,
}

fn light() -> Light {
    let mut ambient = Sh9::uniform(Vec3::splat(0.30));
    ambient.add_cosine_lobe(Vec3::NEG_Y, Vec3::splat(0.25));
    let key = Lamp::at(-35.0, 30.0, Vec3::splat(0.7), 20.0);
    let fill = Lamp::at(45.0, 10.0, Vec3::splat(0.2), 30.0);
    Light { ambient, lamps: vec![key, fill] }
}

fn draw(subject: &Subject, view: &View) -> Picture {
    let template = Template::get();
    let skin = Skin::new(&subject.complexion, &subject.makeup, &subject.stubble);
    let eye =
        EyeMaterial::new(&subject.iris, subject.pupil, 0.2, subject.complexion.age, subject.complexion.seed);
    let teeth = Teeth::sample(subject.complexion.seed, subject.complexion.age);
    let (gums, tongue) = (Mucosa::gums(&subject.complexion), Mucosa::tongue(&subject.complexion));

    // The camera looks at the middle of the head: move what shall be there.
    let head = Head::new(template, &subject.form);
    let shift = Affine3A::from_translation(Vec3::new(-view.middle.x, -view.middle.y, 0.0));
    let moved = |mesh: &Mesh| mesh.transformed(&shift);
    let hair = subject.grown(subject.complexion.seed, &head.skin);
    let hair: Vec<(Mesh, &HairPart)> = hair.iter().map(|part| (moved(&part.mesh), part)).collect();
    let face = moved(&head.skin);
    let eyes = head.eyes.each_ref().map(moved);
    let rows = head.teeth.each_ref().map(moved);
    let roots = head.gums.each_ref().map(moved);
    let tongue_mesh = moved(&head.tongue);
    let part = |mesh, material| Part { mesh, material, casts_shadow: true, two_sided: false };
    let mut parts = vec![part(&face, &skin as _), part(&tongue_mesh, &tongue as _)];
    parts.extend(eyes.iter().map(|mesh| part(mesh, &eye as _)));
    parts.extend(rows.iter().map(|mesh| part(mesh, &teeth as _)));
    parts.extend(roots.iter().map(|mesh| part(mesh, &gums as _)));
    parts.extend(hair.iter().map(|(mesh, hair)| {
        let casts_shadow = hair.casts_shadow;
        Part { mesh, material: &hair.material as _, casts_shadow, two_sided: true }
    }));
    let pose = Pose { yaw: view.yaw, pitch: 0.0, roll: 0.0 };
    let camera = Camera::portrait(view.size, view.size, view.span, 900.0, pose, 0.0);
    let background = Some(vec![Vec3::splat(0.18); (view.size * view.size) as usize]);
    render(&Scene { parts, camera, light: light(), background }, 3)
}

/// Puts pictures of one size side by side.
fn sheet(pictures: &[Vec<Vec3>], size: usize, columns: usize) -> Option<Image> {
    let rows = pictures.len().div_ceil(columns);
    let width = columns * size;
    let mut pixels = vec![0u8; width * rows * size * 3];
    for (number, picture) in pictures.iter().enumerate() {
        for (at, &light) in picture.iter().enumerate() {
            let (x, y) = (number % columns * size + at % size, number / columns * size + at / size);
            let place = (y * width + x) * 3;
            pixels[place..place + 3].copy_from_slice(&color::to_bytes(light));
        }
    }
    Image::from_rgb(width as u32, (rows * size) as u32, pixels)
}

/// Flat colors: tones from left to right, more blood downwards.
fn chart() -> Vec<Vec<Vec3>> {
    let mut patches = Vec::new();
    for row in 0..6 {
        for column in 0..14 {
            let tone = column as f32 / 13.0;
            let mut complexion = Complexion::sample(Seed::new(row * 14 + column), tone, 30.0, 0.5);
            if row > 3 {
                complexion.blood *= 2.0 * (row - 2) as f32;
            }
            patches.push(vec![complexion.color() * 0.95; 50 * 50]);
        }
    }
    patches
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: skin_sheet FOLDER [SHEET ...]")?;
    let wanted: Vec<String> = arguments.collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|sheet| sheet == name);
    let save =
        |name: &str, pictures: Vec<Vec<Vec3>>, size: usize, columns: usize| -> Result<(), Box<dyn Error>> {
            let image = sheet(&pictures, size, columns).ok_or("empty sheet")?;
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), encode_png(&image)?)?;
            Ok(())
        };
    let front = |size, span| View { size, span, yaw: 0.0, middle: Vec3::new(0.0, 10.0, 0.0) };
    let seen = |subject: &Subject, view: &View| draw(subject, view).color;

    let start = Instant::now();
    Template::get();
    Skin::new(&Subject::new(0, 0.5, 30.0).complexion, &Makeup::none(), &Stubble::none());
    println!("shared maps {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    for number in 0..50 {
        let subject = Subject::new(number, 0.2, 60.0);
        std::hint::black_box(Skin::new(&subject.complexion, &subject.makeup, &subject.stubble));
    }
    println!("a skin {:.2} ms", start.elapsed().as_secs_f64() * 1e3 / 50.0);

    let subject = Subject::new(3, 0.2, 60.0);
    let skin = Skin::new(&subject.complexion, &subject.makeup, &subject.stubble);
    let mesh = Template::get().mesh();
    let start = Instant::now();
    let mut sum = Vec3::ZERO;
    for _ in 0..20 {
        for at in 0..mesh.rest.len() {
            let (uv, rest, normal) = (mesh.uvs[at], mesh.rest[at], mesh.normals[at]);
            sum += skin.reflectance(&SurfacePoint { uv, rest, normal, footprint: 1.0 }).albedo;
        }
    }
    let points = 20 * mesh.rest.len();
    println!(
        "a point {:.0} ns, mean {}",
        start.elapsed().as_secs_f64() * 1e9 / points as f64,
        sum / points as f32
    );

    if asked("chart") {
        save("chart", chart(), 50, 14)?;
    }
    if asked("tones") {
        let ages = [20.0, 45.0, 72.0];
        let subjects =
            ages.iter().flat_map(|&age| (0..6).map(move |at| Subject::new(at, at as f32 / 5.0, age)));
        save("tones", subjects.map(|subject| seen(&subject, &front(200, 230.0))).collect(), 200, 6)?;
    }
    if asked("faces") {
        let subjects =
            (0..24).map(|at| Subject::new(100 + at, (at as f32 * 0.618).fract(), 18.0 + 2.0 * at as f32));
        save("faces", subjects.map(|subject| seen(&subject, &front(160, 200.0))).collect(), 160, 8)?;
    }
    if asked("makeup") {
        let subjects = (0..12).map(|at| {
            let mut subject = Subject::new(2 * at, (at as f32 * 0.618).fract(), 28.0);
            if at < 10 {
                subject.makeup = Makeup::sample(Seed::new(at), 0.35 + 0.065 * at as f32);
            } else {
                let color = Vec3::new(0.012, 0.009, 0.007);
                subject.stubble = Stubble { density: [0.9, 0.8, 0.4 * (at - 9) as f32], color };
            }
            subject
        });
        save("makeup", subjects.map(|subject| seen(&subject, &front(200, 190.0))).collect(), 200, 6)?;
    }
    if asked("eyes") {
        let subjects = (0..18).map(|at| {
            let mut subject = Subject::new(40 + at, 0.1, 25.0 + 2.0 * at as f32);
            subject.iris.pigment = at as f32 / 17.0;
            subject.pupil = 1.5 + 0.1 * at as f32;
            subject
        });
        let view = View { size: 200, span: 52.0, yaw: 0.0, middle: Vec3::new(31.5, 28.0, 0.0) };
        save("eyes", subjects.map(|subject| seen(&subject, &view)).collect(), 200, 6)?;
    }
    if asked("profile") {
        let subjects =
            (0..4).map(|at| Subject::new(200 + at, 0.25 * at as f32 + 0.1, 30.0 + 10.0 * at as f32));
        let yaws = [-75.0, -35.0, 35.0];
        let pictures = subjects.flat_map(|subject| {
            yaws.map(|yaw| {
                let view = View { size: 220, span: 300.0, yaw, middle: Vec3::new(0.0, 0.0, 0.0) };
                seen(&subject, &view)
            })
        });
        save("profile", pictures.collect(), 220, 6)?;
    }
    if asked("close") {
        let mut subjects =
            [(2, 0.08, 22.0), (7, 0.3, 70.0)].map(|(seed, tone, age)| Subject::new(seed, tone, age));
        subjects[0].complexion.freckles = 0.8;
        save("close", subjects.iter().map(|subject| seen(subject, &front(640, 190.0))).collect(), 640, 2)?;
    }
    if asked("people") {
        let age = |at: u64| 18.0 + (at as f32 * 37.0) % 60.0;
        let subjects = (0..18).map(|at| {
            let mut subject = Subject::person(300 + at, (at as f32 * 0.618).fract(), age(at));
            if at % 2 == 0 {
                subject.makeup = Makeup::sample(Seed::new(at), 0.6);
            }
            subject
        });
        save("people", subjects.map(|subject| seen(&subject, &front(220, 280.0))).collect(), 220, 6)?;
    }
    if asked("mouth") {
        let subjects = (0..4).map(|at| {
            let mut subject = Subject::new(at, at as f32 / 3.0, 20.0 + 15.0 * at as f32);
            subject.form = subject.form.with_expression("jaw open", 0.25 + 0.2 * at as f32);
            subject
        });
        let view = View { size: 260, span: 110.0, yaw: 0.0, middle: Vec3::new(0.0, -45.0, 0.0) };
        save("mouth", subjects.map(|subject| seen(&subject, &view)).collect(), 260, 4)?;
    }
    Ok(())
}

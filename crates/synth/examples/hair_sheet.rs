//! Sheets of every family of hair in several colours, from the front, from three quarters and from behind; of beards;
//! and of people with hair as they may wear it.
//!
//! `cargo run --release -p omote-synth --example hair_sheet -- FOLDER [SIZE]`

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use glam::Vec3;
use imaging::{Image, encode_png};
use omote_synth::{
    Beard, BeardKind, Brows, Camera, Family, Form, HairColor, HairPart, Hairstyle, Head, Lashes, Light,
    Material, Mesh, Part, Pose, Reflectance, Scene, Seed, SurfacePoint, Template, grow, render,
};

/// Skin without anything on it.
struct Plain;

impl Material for Plain {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance { gloss: 0.028, roughness: 0.5, ..Reflectance::matte(Vec3::new(0.5, 0.3, 0.22)) }
    }
}

fn picture(skin: &Mesh, hair: &[HairPart], yaw: f32, size: u32) -> Image {
    let mut parts = vec![Part { mesh: skin, material: &Plain, casts_shadow: true, two_sided: false }];
    parts.extend(hair.iter().map(|part| Part {
        mesh: &part.mesh,
        material: &part.material,
        casts_shadow: part.casts_shadow,
        two_sided: true,
    }));
    let camera = Camera::portrait(size, size, 330.0, 1200.0, Pose { yaw, pitch: 0.0, roll: 0.0 }, 15.0);
    let background = Some(vec![Vec3::splat(0.35); (size * size) as usize]);
    render(&Scene { parts, camera, light: Light::studio(), background }, 2).to_image(1.0)
}

/// Says how long growing takes, the best of several, since other programs run too.
fn timed(name: &str, grown: impl Fn() -> Vec<HairPart>) -> Vec<HairPart> {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(grown());
        start.elapsed().as_secs_f64() * 1e3
    };
    let best = (0..7).map(once).fold(f64::INFINITY, f64::min);
    let parts = grown();
    let triangles: usize = parts.iter().map(|part| part.mesh.triangles.len()).sum();
    println!("{name}: {triangles} triangles, {best:.1} ms");
    parts
}

fn sheet(rows: &[Vec<Image>], size: u32) -> Image {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
    let mut sheet = Image::new(columns * size, rows.len() as u32 * size);
    for (row, images) in (0..).zip(rows) {
        for (column, image) in (0..).zip(images) {
            for y in 0..size {
                for x in 0..size {
                    sheet.set_pixel(column * size + x, row * size + y, image.pixel(x, y));
                }
            }
        }
    }
    sheet
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let size = std::env::args().nth(2).map_or(Ok(160), |size| size.parse())?;
    let template = Template::get();
    let skin = template.mesh();
    let mut rows = Vec::new();
    for (number, family) in (0..).zip(Family::ALL) {
        let mut row = Vec::new();
        for (variant, (eumelanin, pheomelanin)) in
            (0..).zip([(7.0, 0.1), (1.3, 0.15), (0.12, 0.3), (0.06, 1.0)])
        {
            let curl = [0.05, 0.3, 0.5, 0.7][variant as usize];
            let mut style = Hairstyle::of(family, Seed::new(number * 10 + variant), curl);
            style.color = HairColor::natural(eumelanin, pheomelanin);
            if variant == 1 {
                style.color.grey = 0.4;
            }
            let mut hair = timed(&format!("{family:?} {variant}"), || grow(&style, template, skin));
            let sex = (number % 2) as f32;
            hair.extend(Brows::sample(style.seed.of("brows"), sex, &style.color).grow(template, skin));
            hair.extend(Lashes::sample(style.seed.of("lashes"), sex, &style.color).grow(template, skin));
            let views: &[f32] = if variant == 0 { &[0.0, 40.0, 90.0, 180.0] } else { &[0.0, -40.0] };
            row.extend(views.iter().map(|&yaw| picture(skin, &hair, yaw, size)));
        }
        rows.push(row);
    }
    let mut beards = Vec::new();
    for (number, kind) in (0..).zip(BeardKind::ALL) {
        let mut row = Vec::new();
        for (variant, length) in (0..).zip([1.0, 6.0, 20.0, 45.0]) {
            let mut style = Hairstyle::of(Family::Crop, Seed::new(number * 4 + variant), 0.2);
            style.color = HairColor::natural([6.0, 1.2, 0.4, 0.1][variant as usize], 0.3);
            let mut hair = grow(&style, template, skin);
            let length = if kind == BeardKind::Stubble { 0.5 + 0.5 * variant as f32 } else { length };
            let beard = Beard {
                kind,
                length,
                density: 0.9,
                color: style.color.of_beard(),
                seed: style.seed,
                ..Beard::none()
            };
            hair.extend(timed(&format!("{kind:?} {length}"), || beard.grow(template, skin)));
            hair.extend(Brows::sample(style.seed.of("brows"), 1.0, &style.color).grow(template, skin));
            hair.extend(Lashes::sample(style.seed.of("lashes"), 1.0, &style.color).grow(template, skin));
            row.extend([0.0, 40.0].map(|yaw| picture(skin, &hair, yaw, size)));
        }
        beards.push(row);
    }
    std::fs::write(Path::new(&folder).join("beards.png"), encode_png(&sheet(&beards, size))?)?;
    let person = |number: u64| {
        let seed = Seed::new(500 + number);
        let (sex, age) = ((number % 2) as f32, 18.0 + (number * 7 % 58) as f32);
        let head = Head::new(template, &Form::sample(seed.of("form"), sex, age));
        let style = Hairstyle::sample(seed.of("hair"), sex, age, (number % 10) as f32 / 9.0);
        let mut hair = grow(&style, template, &head.skin);
        hair.extend(
            Beard::sample(seed.of("beard"), sex, age, &style.color, style.curl).grow(template, &head.skin),
        );
        hair.extend(Brows::sample(seed.of("brows"), sex, &style.color).grow(template, &head.skin));
        hair.extend(Lashes::sample(seed.of("lashes"), sex, &style.color).grow(template, &head.skin));
        picture(&head.skin, &hair, [0.0, 25.0, -20.0][number as usize % 3], size)
    };
    let people: Vec<Vec<Image>> =
        (0..5).map(|row| (0..10).map(|at| person(10 * row + at)).collect()).collect();
    std::fs::write(Path::new(&folder).join("people.png"), encode_png(&sheet(&people, size))?)?;
    for (number, rows) in rows.chunks(8).enumerate() {
        let path = Path::new(&folder).join(format!("families-{number}.png"));
        std::fs::write(path, encode_png(&sheet(rows, size))?)?;
    }
    Ok(())
}

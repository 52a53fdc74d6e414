//! Contact sheets of backgrounds and of everything that is worn: `wear_sheet <folder> [words of the sheets]`.

use std::path::Path;
use std::time::Instant;

use glam::Vec3;
use imaging::{Image, encode_png};
use omote_synth::{
    Background, Camera, Clothing, Collar, Earrings, Form, Glasses, Hat, HatKind, Head, Headphones, Headscarf,
    Item, Light, Mask, MaskKind, Material, Occluder, OccluderKind, Part, Pose, Reflectance, Scarf, Scene,
    Scenery, Seed, SurfacePoint, Template, color, make, paint, render,
};

type Failure = Box<dyn std::error::Error>;

const SKIN: Vec3 = Vec3::new(0.52, 0.33, 0.24);

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("give the folder for the sheets")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let wanted: Vec<String> = std::env::args().skip(2).collect();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if wants("backgrounds") {
        backgrounds(folder)?;
    }
    let sheets: [(&str, Vec<Item>); 6] = [
        ("glasses", (0..12).map(|at| Item::Glasses(Glasses::sample(seed(at), at % 3 == 2))).collect()),
        (
            "hats",
            HatKind::ALL.into_iter().zip(0..).map(|(kind, at)| Item::Hat(Hat::of(kind, seed(at)))).collect(),
        ),
        (
            "masks",
            MaskKind::ALL
                .into_iter()
                .cycle()
                .zip(0..6)
                .map(|(kind, at)| Item::Mask(Mask::of(kind, seed(at))))
                .collect(),
        ),
        ("scarves", (0..8).map(scarf).collect()),
        (
            "held",
            OccluderKind::ALL
                .into_iter()
                .zip(0..)
                .map(|(kind, at)| Item::Occluder(Occluder::of(kind, seed(at), SKIN)))
                .collect(),
        ),
        (
            "clothes",
            Collar::ALL
                .into_iter()
                .cycle()
                .zip(0..12)
                .map(|(collar, at)| Item::Clothing(Clothing::of(collar, seed(at), (at % 2) as f32)))
                .collect(),
        ),
    ];
    for (name, items) in sheets {
        if wants(name) {
            worn(&folder.join(format!("{name}.png")), &items)?;
        }
    }
    Ok(())
}

fn seed(number: u64) -> Seed {
    Seed::new(11).number(number)
}

fn scarf(number: u64) -> Item {
    let seed = seed(number);
    match number % 4 {
        0 => Item::Headscarf(Headscarf::sample(seed)),
        1 => Item::Scarf(Scarf::sample(seed)),
        2 => Item::Headphones(Headphones::sample(seed)),
        _ => Item::Earrings(Earrings::sample(seed)),
    }
}

/// Four of every kind of background, and how long one takes.
fn backgrounds(folder: &Path) -> Result<(), Failure> {
    const SIZE: usize = 160;
    let mut tiles = Vec::new();
    for place in Scenery::ALL {
        let mut fastest = f64::INFINITY;
        for number in 0..4 {
            let background = Background::of(place, Seed::new(1).number(number).of("sheet"));
            let begin = Instant::now();
            let picture = paint(&background, SIZE, SIZE);
            fastest = fastest.min(begin.elapsed().as_secs_f64() * 1e3);
            tiles.push(image(&picture, SIZE, SIZE));
        }
        println!("{place:?}: {fastest:.2} ms");
    }
    save(&folder.join("backgrounds.png"), &tiles, 12)
}

struct Plain(Vec3);

impl Material for Plain {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance { roughness: 0.5, gloss: 0.028, scatter: 2.0, ..Reflectance::matte(self.0) }
    }
}

/// White of the eye with a dark iris.
struct Eye;

impl Material for Eye {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let iris = (point.uv - 0.5).length() < 0.16;
        Reflectance::matte(if iris { Vec3::new(0.06, 0.03, 0.02) } else { Vec3::splat(0.7) })
    }
}

/// Every item on heads of its own, at three poses.
fn worn(path: &Path, items: &[Item]) -> Result<(), Failure> {
    const SIZE: u32 = 200;
    let template = Template::get();
    let poses = [(0.0, 0.0), (38.0, -6.0), (-75.0, 4.0)];
    let mut tiles = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let person = Seed::new(5).number(number as u64);
        let form = Form::sample(person, (number % 2) as f32, 35.0);
        let head = Head::new(template, &form);
        let begin = Instant::now();
        let mut things = make(item, template, &head.skin, person);
        let millis = begin.elapsed().as_secs_f64() * 1e3;
        let triangles: usize = things.iter().map(|thing| thing.mesh.triangles.len()).sum();
        println!("{}: {millis:.2} ms, {triangles} triangles", name(item));
        if !matches!(item, Item::Clothing(_)) {
            let clothes = Clothing::of(Collar::Round, person, 0.5);
            things.extend(make(&Item::Clothing(clothes), template, &head.skin, person));
        }
        let skin = Plain(SKIN);
        let eye = Eye;
        for (yaw, pitch) in poses {
            let pose = Pose { yaw, pitch, roll: 0.0 };
            let (span, up) = if matches!(item, Item::Clothing(_)) { (520.0, -60.0) } else { (330.0, 0.0) };
            let camera = Camera::portrait(SIZE, SIZE, span, 1100.0, pose, up);
            let solid = |mesh, material| Part { mesh, material, casts_shadow: true, two_sided: false };
            let mut parts = vec![solid(&head.skin, &skin as &dyn Material)];
            parts.extend(head.eyes.iter().map(|mesh| solid(mesh, &eye as &dyn Material)));
            parts.extend(things.iter().map(|thing| Part {
                mesh: &thing.mesh,
                material: &thing.material,
                casts_shadow: thing.casts_shadow,
                two_sided: thing.two_sided,
            }));
            let backdrop = vec![Vec3::splat(0.45); (SIZE * SIZE) as usize];
            let scene = Scene { parts, camera, light: Light::studio(), background: Some(backdrop) };
            tiles.push(image(&render(&scene, 3).color, SIZE as usize, SIZE as usize));
        }
    }
    save(path, &tiles, 6)
}

fn name(item: &Item) -> String {
    let words = format!("{item:?}");
    words.chars().take_while(|letter| letter.is_alphabetic()).collect()
}

fn image(colors: &[Vec3], width: usize, height: usize) -> Image {
    let pixels = colors.iter().flat_map(|&color| color::to_bytes(color)).collect();
    Image::from_rgb(width as u32, height as u32, pixels).unwrap_or_else(|| Image::new(1, 1))
}

fn save(path: &Path, tiles: &[Image], columns: usize) -> Result<(), Failure> {
    let Some(first) = tiles.first() else { return Ok(()) };
    let (width, height) = (first.width(), first.height());
    let rows = tiles.len().div_ceil(columns) as u32;
    let mut sheet = Image::filled((width + 2) * columns as u32, (height + 2) * rows, [255; 3]);
    for (at, tile) in tiles.iter().enumerate() {
        let (left, top) = ((at % columns) as u32 * (width + 2), (at / columns) as u32 * (height + 2));
        for y in 0..height {
            for x in 0..width {
                sheet.set_pixel(left + x, top + y, tile.pixel(x, y));
            }
        }
    }
    std::fs::write(path, encode_png(&sheet)?)?;
    Ok(())
}

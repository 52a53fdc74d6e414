//! Draws the mean head in grey clay from several sides, its regions and landmarks.
//!
//! `cargo run --release -p omote-synth --example head_sheet -- FOLDER`

use std::{error::Error, fs, path::Path, time::Instant};

use glam::{Mat3, Vec3};
use imaging::{Image, encode_png};
use omote_synth::{Landmark, Mesh, Region, Side, Template};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder for the pictures is missing")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let start = Instant::now();
    let template = Template::get();
    let skin = template.mesh();
    println!(
        "built in {:.0} ms: {} vertices, {} triangles",
        start.elapsed().as_secs_f32() * 1e3,
        skin.positions.len(),
        skin.triangles.len()
    );

    let clay = |_: usize| Vec3::splat(0.55);
    let white = |_: usize| Vec3::splat(0.8);
    let views: [(f32, f32); 6] =
        [(0.0, 0.0), (35.0, 0.0), (90.0, 0.0), (0.0, -35.0), (20.0, 25.0), (150.0, 0.0)];
    let mut sheet = Sheet::new(3 * 420, 2 * 520);
    for (at, (yaw, pitch)) in views.into_iter().enumerate() {
        let mut view = View::new(&mut sheet, (at % 3) * 420, (at / 3) * 520, 420, 520, yaw, pitch);
        view.look(Vec3::new(0.0, 0.0, 8.0), 1.7);
        view.draw(skin, &clay);
        Side::BOTH.into_iter().for_each(|side| view.draw(template.eyeball(side), &white));
    }
    sheet.write(&folder.join("head.png"))?;

    let mut sheet = Sheet::new(3 * 420, 2 * 420);
    let close = [
        (Vec3::new(31.5, 30.0, 80.0), 0.0, 0.0, 6.5),
        (Vec3::new(0.0, -12.0, 100.0), 0.0, -30.0, 6.5),
        (Vec3::new(0.0, -46.0, 95.0), 0.0, 0.0, 6.5),
        (Vec3::new(31.5, 28.0, 80.0), 50.0, 0.0, 6.5),
        (Vec3::new(0.0, -30.0, 85.0), 90.0, 0.0, 3.2),
        (Vec3::new(70.0, 2.0, -8.0), 80.0, 0.0, 5.0),
    ];
    for (at, (middle, yaw, pitch, scale)) in close.into_iter().enumerate() {
        let mut view = View::new(&mut sheet, (at % 3) * 420, (at / 3) * 420, 420, 420, yaw, pitch);
        view.look(middle, scale);
        view.draw(skin, &clay);
        Side::BOTH.into_iter().for_each(|side| view.draw(template.eyeball(side), &white));
    }
    sheet.write(&folder.join("close.png"))?;

    let mut sheet = Sheet::new(5 * 260, 4 * 300);
    for (at, region) in Region::ALL.into_iter().enumerate() {
        let weights = template.weights(region);
        let color = |vertex: usize| Vec3::splat(0.4).lerp(Vec3::new(0.9, 0.1, 0.1), weights[vertex]);
        let mut view = View::new(&mut sheet, (at % 5) * 260, (at / 5) * 300, 260, 300, 40.0, 0.0);
        view.look(Vec3::new(0.0, 10.0, 0.0), 1.1);
        view.draw(skin, &color);
    }
    let mut view = View::new(&mut sheet, 4 * 260, 3 * 300, 260, 300, 0.0, 0.0);
    view.look(Vec3::new(0.0, -10.0, 0.0), 1.7);
    view.draw(skin, &clay);
    for number in 0..68 {
        view.dot(template.locate(skin, template.anchor(Landmark::Ibug(number))).0);
    }
    sheet.write(&folder.join("regions.png"))?;

    let mut sheet = Sheet::new(3 * 300, 300);
    for (at, yaw) in [0.0, 40.0, 180.0].into_iter().enumerate() {
        let mut view = View::new(&mut sheet, at * 300, 0, 300, 300, yaw, 10.0);
        view.look(Vec3::new(0.0, -48.0, 70.0), 4.5);
        for upper in [true, false] {
            view.draw(template.teeth(upper), &white);
            view.draw(template.gum(upper), &|_| Vec3::new(0.7, 0.35, 0.35));
        }
        view.draw(template.tongue(), &|_| Vec3::new(0.7, 0.3, 0.3));
    }
    sheet.write(&folder.join("mouth.png"))?;
    Ok(())
}

/// Pixels with colours and depths.
struct Sheet {
    width: usize,
    height: usize,
    color: Vec<Vec3>,
    depth: Vec<f32>,
}

impl Sheet {
    fn new(width: usize, height: usize) -> Self {
        let count = width * height * 4;
        Self {
            width: width * 2,
            height: height * 2,
            color: vec![Vec3::new(0.12, 0.13, 0.15); count],
            depth: vec![f32::NEG_INFINITY; count],
        }
    }

    /// Halves the picture, as four samples for each pixel.
    fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let mut image = Image::new(self.width as u32 / 2, self.height as u32 / 2);
        for (at, pixel) in image.pixels_mut().chunks_exact_mut(3).enumerate() {
            let (x, y) = (at % (self.width / 2) * 2, at / (self.width / 2) * 2);
            let sample = |dx: usize, dy: usize| self.color[(y + dy) * self.width + x + dx];
            let mean = (sample(0, 0) + sample(1, 0) + sample(0, 1) + sample(1, 1)) * 0.25;
            let coded = mean.clamp(Vec3::ZERO, Vec3::ONE).powf(1.0 / 2.2) * 255.0;
            pixel.copy_from_slice(&coded.to_array().map(|value| value as u8));
        }
        Ok(fs::write(path, encode_png(&image)?)?)
    }
}

/// A part of a sheet, seen from far away in one direction.
struct View<'a> {
    sheet: &'a mut Sheet,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    turn: Mat3,
    middle: Vec3,
    scale: f32,
}

impl<'a> View<'a> {
    #[allow(clippy::too_many_arguments)]
    fn new(
        sheet: &'a mut Sheet,
        left: usize,
        top: usize,
        width: usize,
        height: usize,
        yaw: f32,
        pitch: f32,
    ) -> Self {
        let turn = Mat3::from_rotation_x(pitch.to_radians()) * Mat3::from_rotation_y(-yaw.to_radians());
        let (left, top, width, height) = (left * 2, top * 2, width * 2, height * 2);
        Self { sheet, left, top, width, height, turn, middle: Vec3::ZERO, scale: 1.0 }
    }

    fn look(&mut self, middle: Vec3, scale: f32) {
        self.middle = middle;
        self.scale = scale * 2.0;
    }

    fn place(&self, point: Vec3) -> Vec3 {
        let turned = self.turn * (point - self.middle) * self.scale;
        Vec3::new(turned.x + self.width as f32 * 0.5, self.height as f32 * 0.5 - turned.y, turned.z)
    }

    fn draw(&mut self, mesh: &Mesh, color: &dyn Fn(usize) -> Vec3) {
        let lamps = [(Vec3::new(-0.5, 0.7, 0.6), 1.25), (Vec3::new(0.8, 0.1, 0.5), 0.35)];
        for &triangle in &mesh.triangles {
            let corners = triangle.map(|at| self.place(mesh.positions[at as usize]));
            let [a, b, c] = corners;
            let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
            // Triangles seen from inside are drawn in magenta, so that holes and turned normals are seen.
            let inside = area >= 0.0;
            let low = a.min(b).min(c).max(Vec3::ZERO);
            let high =
                a.max(b).max(c).min(Vec3::new(self.width as f32 - 1.0, self.height as f32 - 1.0, f32::MAX));
            for y in low.y.ceil() as usize..=high.y.max(0.0) as usize {
                for x in low.x.ceil() as usize..=high.x.max(0.0) as usize {
                    let (px, py) = (x as f32, y as f32);
                    let part =
                        |p: Vec3, q: Vec3| ((q.x - p.x) * (py - p.y) - (q.y - p.y) * (px - p.x)) / area;
                    let weights = [part(b, c), part(c, a), part(a, b)];
                    if !weights.iter().all(|&weight| weight >= -1e-6) {
                        continue;
                    }
                    let depth = a.z * weights[0] + b.z * weights[1] + c.z * weights[2];
                    let at = (self.top + y) * self.sheet.width + self.left + x;
                    if depth <= self.sheet.depth[at] {
                        continue;
                    }
                    self.sheet.depth[at] = depth;
                    let mix = |value: &dyn Fn(usize) -> Vec3| {
                        (0..3).fold(Vec3::ZERO, |sum, corner| {
                            sum + value(triangle[corner] as usize) * weights[corner]
                        })
                    };
                    let normal = self.turn * mix(&|vertex| mesh.normals[vertex]).normalize_or(Vec3::Z);
                    let mut light = 0.10 + 0.10 * (normal.y + 1.0);
                    for (direction, strength) in lamps {
                        light += strength * normal.dot(direction.normalize()).max(0.0);
                    }
                    let surface = if inside { Vec3::new(1.0, 0.0, 1.0) } else { mix(color) };
                    self.sheet.color[at] = surface * light;
                }
            }
        }
    }

    /// Marks a point, whether it is hidden or not.
    fn dot(&mut self, point: Vec3) {
        let place = self.place(point);
        for y in -3..=3_i32 {
            for x in -3..=3_i32 {
                let (px, py) = (place.x as i32 + x, place.y as i32 + y);
                if x * x + y * y <= 10
                    && px >= 0
                    && py >= 0
                    && px < self.width as i32
                    && py < self.height as i32
                {
                    let at = (self.top + py as usize) * self.sheet.width + self.left + px as usize;
                    self.sheet.color[at] = Vec3::new(0.1, 1.0, 0.2);
                }
            }
        }
    }
}

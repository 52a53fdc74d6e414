//! Coily hair that stands out all around: a body with tufts, and frizz on it.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::ground::Ground;
use super::locks::{Locks, Ribbon};
use super::material::{Cover, HairMaterial, Kind, Weave};
use super::style::Hairstyle;
use crate::{Mesh, Stream, noise};

/// Pieces along the edge of each side of the cube that the body is made from.
const SIDE: u32 = 26;
/// How many coils stick out of the body.
const FRIZZ: u32 = 520;

/// Body and frizz.
pub(super) fn grow(style: &Hairstyle, ground: &Ground<'_>, stream: &mut Stream) -> Vec<HairPart> {
    let seed = style.seed.of("bush").value();
    let body = body(style, ground, seed);
    let cover = Cover { density: 1.0, strand: 2.4, run: 3.0, tone: 0.72, fray: 0.0, tufts: 0.55, tuft: 6.5 };
    let material = HairMaterial::new(&style.color, style.shine * 0.3, seed, Kind::Cover(cover));
    let ribbon = Ribbon {
        width: 2.8,
        tip: 0.5,
        twist: 1.5,
        wave: 1.8,
        wavelength: 9.0,
        coil: 0.5,
        round: 0.9,
        shade: 0.25,
    };
    let mut frizz = Locks::default();
    let golden = 2.399_963_2;
    for at in 0..2 * FRIZZ {
        let height = 1.0 - (at as f32 + 0.5) / FRIZZ as f32;
        let around = (1.0 - height * height).sqrt();
        let angle = golden * at as f32;
        let toward = Vec3::new(height, around * angle.cos(), around * angle.sin());
        let thick = thickness(style, ground, toward, seed);
        if thick < 4.0 {
            continue;
        }
        let lean = Vec3::new(stream.between(-1.0, 1.0), stream.between(-1.0, 1.0), stream.between(-1.0, 1.0));
        let way = (toward + lean * 0.55).normalize_or(toward);
        let start = ground.skull.surface(toward) + toward * (thick - 3.0);
        let length = stream.between(5.0, 9.0) + 0.06 * style.top;
        let places: Vec<Vec3> = (0..=5).map(|step| start + way * (length * step as f32 / 5.0)).collect();
        frizz.add(ground, &places, &ribbon, stream.between(0.7, 1.0), stream);
    }
    vec![HairPart { mesh: body, material, casts_shadow: true }, frizz.part(style, Weave::Sparse)]
}

/// How thick hair is in a direction, in millimetres.
fn thickness(style: &Hairstyle, ground: &Ground<'_>, toward: Vec3, seed: u64) -> f32 {
    let shore = ground.skull.look(toward);
    let place = toward.normalize_or(Vec3::Y) * shore.distance;
    let full = ((shore.value - 0.3) / 0.6).clamp(0.0, 1.0).sqrt();
    let marks = &ground.marks;
    let above = place.y + ground.skull.center().y - marks.ear_top;
    let high = (above / 60.0).clamp(0.0, 1.0);
    let length = style.sides + (style.top - style.sides) * high;
    let lumps =
        1.0 + 0.07 * noise::fractal(place * 0.04, 2, 0.0, seed) + 0.05 * noise::gradient(place * 0.13, seed);
    // Low at the neck it is cut shorter.
    let low = ((above + 60.0) / 60.0).clamp(0.2, 1.0);
    // Coils shrink to about two thirds of their length.
    0.66 * length * full * lumps * low
}

/// The outside of the hair.
fn body(style: &Hairstyle, ground: &Ground<'_>, seed: u64) -> Mesh {
    let mut mesh = Mesh::default();
    let hull = &ground.skull;
    for face in 0..6 {
        let first = mesh.positions.len() as u32;
        let (axis, sign) = (face / 2, if face % 2 == 0 { 1.0 } else { -1.0 });
        let mut thick = Vec::new();
        for row in 0..=SIDE {
            for column in 0..=SIDE {
                let slope = |at: u32| 2.0 * at as f32 / SIDE as f32 - 1.0;
                let mut toward = Vec3::ZERO;
                toward[axis] = sign;
                toward[(axis + 1) % 3] = slope(column) * sign;
                toward[(axis + 2) % 3] = slope(row);
                let toward = toward.normalize();
                let high = thickness(style, ground, toward, seed);
                let place = hull.surface(toward);
                thick.push(high);
                mesh.positions.push(ground.outside(place + toward * high.max(0.2), 0.2));
                mesh.rest.push(place + toward * high);
                mesh.uvs.push(Vec2::new(1.0, 0.5));
            }
        }
        for row in 0..SIDE {
            for column in 0..SIDE {
                let a = row * (SIDE + 1) + column;
                let corners = [a, a + 1, a + SIDE + 1, a + SIDE + 2];
                if corners.iter().any(|&at| thick[at as usize] > 0.5) {
                    let [a, b, c, d] = corners.map(|at| at + first);
                    mesh.triangles.extend([[a, b, c], [b, d, c]]);
                }
            }
        }
    }
    // Along the edges of the cube sides meet: their vertices lie at the same places and share their normals.
    let mut order: Vec<u32> = (0..mesh.positions.len() as u32).collect();
    let key = |at: &u32| mesh.positions[*at as usize].to_array().map(|value| (value * 16.0).round() as i32);
    order.sort_by_key(key);
    let seams: Vec<[u32; 2]> = order
        .windows(2)
        .filter(|pair| key(&pair[0]) == key(&pair[1]))
        .map(|pair| [pair[0], pair[1]])
        .collect();
    mesh.smooth_normals(&seams);
    without_loose(&mesh)
}

/// Leaves out vertices that no triangle has.
fn without_loose(mesh: &Mesh) -> Mesh {
    let mut kept = Mesh::default();
    let mut moved = vec![u32::MAX; mesh.positions.len()];
    for triangle in &mesh.triangles {
        let corners = triangle.map(|at| {
            let at = at as usize;
            if moved[at] == u32::MAX {
                moved[at] = kept.positions.len() as u32;
                kept.positions.push(mesh.positions[at]);
                kept.normals.push(mesh.normals[at]);
                kept.uvs.push(mesh.uvs[at]);
                kept.rest.push(mesh.rest[at]);
            }
            moved[at]
        });
        kept.triangles.push(corners);
    }
    kept
}

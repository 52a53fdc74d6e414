//! The hair of the head: a cover and ribbons.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::HairPart;
use super::ground::{Ground, Marks};
use super::locks::{Locks, Ribbon};
use super::material::{COMB_SCALE, Cover, HairMaterial, Kind, Weave};
use super::strand::{Comb, Root, Run};
use super::style::{Family, Hairstyle};
use super::{bush, knot, rows};
use crate::head::Template;
use crate::{Mesh, Stream, noise};

/// Most triangles of the ribbons of a head.
const RIBBON_TRIANGLES: usize = 12_000;
/// Most triangles of the hair of a head, about.
const ALL_TRIANGLES: usize = 17_500;

/// Grows hair on a skin that has the triangles of the template. Bald heads have none.
pub fn grow(style: &Hairstyle, template: &Template, skin: &Mesh) -> Vec<HairPart> {
    if style.family == Family::Bald {
        return Vec::new();
    }
    let over_ears =
        !style.tucked && matches!(style.family, Family::Bob | Family::Shag | Family::Long | Family::Braids);
    let ground = Ground::new(
        template,
        skin,
        &style.hairline,
        style.sideburns,
        over_ears,
        style.seed.of("edge").value(),
    );
    let mut parts = covers(style, &ground);
    let covered: usize = parts.iter().map(|part| part.mesh.triangles.len()).sum();
    let room = RIBBON_TRIANGLES.min(ALL_TRIANGLES.saturating_sub(covered));
    let mut stream = style.seed.of("locks").stream();
    match style.family {
        Family::Bald | Family::Buzz => {}
        Family::Afro => parts.extend(bush::grow(style, &ground, &mut stream)),
        Family::Cornrows => parts.push(rows::grow(style, &ground, &run(style, &ground), &mut stream)),
        Family::Ponytail => {
            parts.push(ribbons(style, &ground, room, &mut stream));
            parts.push(knot::tail(style, &ground, &run(style, &ground), &mut stream));
        }
        Family::Bun => {
            parts.push(ribbons(style, &ground, room, &mut stream));
            parts.extend(knot::bun(style, &ground, &run(style, &ground), &mut stream));
        }
        _ => parts.push(ribbons(style, &ground, room, &mut stream)),
    }
    parts
}

/// Layers over the scalp.
fn covers(style: &Hairstyle, ground: &Ground<'_>) -> Vec<HairPart> {
    let run = run(style, ground);
    let clipped = style.family == Family::Buzz;
    let heights: &[f32] = if clipped { &[0.35, 0.7, 1.0] } else { &[1.0] };
    let thick = if clipped { (0.5 * style.top).clamp(0.8, 3.5) } else { 1.2 };
    let layer = |(number, &height): (usize, &f32)| {
        let mesh = cover(ground, &run, thick * height);
        let cover = Cover {
            density: match style.family {
                Family::Buzz => [0.85, 0.7, 0.55][number] * (0.6 + 0.08 * style.top).min(1.0),
                Family::Cornrows => 0.55,
                _ => 0.97,
            },
            strand: if clipped { 0.8 } else { 1.3 },
            run: if clipped { 1.6 } else { 30.0 },
            tone: if clipped { 0.75 + 0.15 * height } else { 0.55 },
            fray: if clipped { 0.5 } else { 0.7 },
            tufts: 0.0,
            tuft: 8.0,
        };
        let seed = style.seed.of("cover").number(number as u64).value();
        let material = HairMaterial::new(&style.color, style.shine * 0.4, seed, Kind::Cover(cover));
        HairPart { mesh, material, casts_shadow: false }
    };
    heights.iter().enumerate().map(layer).collect()
}

/// The triangles of the skin that hair grows on, `height` millimetres above it.
fn cover(ground: &Ground<'_>, run: &Run, height: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let mut moved = vec![u32::MAX; ground.skin.positions.len()];
    for triangle in &ground.skin.triangles {
        if triangle.iter().all(|&at| ground.cover[at as usize] < 0.06) {
            continue;
        }
        let corners = triangle.map(|at| {
            let at = at as usize;
            if moved[at] == u32::MAX {
                moved[at] = mesh.positions.len() as u32;
                let (place, normal, cover) =
                    (ground.skin.positions[at], ground.skin.normals[at], ground.cover[at]);
                mesh.positions.push(place + normal * (height * (0.3 + 0.7 * cover)));
                mesh.normals.push(normal);
                mesh.rest.push(ground.skin.rest[at]);
                mesh.uvs.push(Vec2::new(cover, 0.5 + across(ground, run, place) / COMB_SCALE));
            }
            moved[at]
        });
        mesh.triangles.push(corners);
    }
    mesh
}

/// Where a place lies across the way that hair is combed, in millimetres.
fn across(ground: &Ground<'_>, run: &Run, place: Vec3) -> f32 {
    let center = ground.skull.center();
    let away = place - center;
    if run.comb.apart > 0.5 {
        place.z + 0.4 * place.y
    } else if run.comb.back != 0.0 && run.comb.gather.is_none() {
        away.x.atan2(away.y) * 95.0
    } else {
        away.x.atan2(away.z) * 80.0
    }
}

/// How the hair of a style runs on a head.
fn run(style: &Hairstyle, ground: &Ground<'_>) -> Run {
    let marks = &ground.marks;
    let seed = style.seed.of("run").value();
    let comb = Comb {
        apart: 0.0,
        parting: style.parting * 0.4 * marks.half,
        back: 0.0,
        whorl: 0.0,
        down: 0.3,
        gather: None,
    };
    let base = Run {
        comb,
        lift: 0.25,
        stiffness: 0.35,
        gravity: 0.2,
        fall: 60.0,
        volume: style.volume,
        cling: 0.5,
        curtain: 0.0,
        tucked: style.tucked,
        cut: -1e6,
        mess: style.mess,
        turn: 0.0,
        seed,
    };
    let hanging = Run {
        comb: Comb { apart: 1.0, down: 0.5, back: 0.12, ..comb },
        lift: 0.3,
        gravity: 1.0,
        fall: 90.0,
        curtain: 0.84,
        cut: marks.chin + style.cut,
        ..base
    };
    match style.family {
        Family::Bald | Family::Buzz => base,
        Family::Crop => Run {
            comb: Comb { back: -0.6, whorl: 0.8, down: 0.3, ..comb },
            lift: 0.3,
            stiffness: 0.5,
            ..base
        },
        Family::SidePart => {
            Run { comb: Comb { apart: 1.0, back: 0.45, down: 0.3, ..comb }, cling: 0.6, ..base }
        }
        Family::SlickBack => Run {
            comb: Comb { back: 1.0, down: 0.12, ..comb },
            lift: 0.12,
            gravity: 0.5,
            fall: 110.0,
            cling: 0.9,
            ..base
        },
        Family::Quiff => Run {
            comb: Comb { back: 0.8, apart: 0.15, down: 0.0, ..comb },
            lift: 0.75,
            stiffness: 0.75,
            gravity: 0.05,
            cling: 0.1,
            ..base
        },
        Family::CurlyTop => Run {
            comb: Comb { whorl: 0.8, back: -0.2, ..comb },
            lift: 0.7,
            stiffness: 0.7,
            gravity: 0.25,
            cling: 0.3,
            ..base
        },
        Family::Afro => Run { lift: 1.0, stiffness: 0.97, gravity: 0.0, cling: 0.0, ..base },
        Family::Pixie => Run {
            comb: Comb { apart: 0.7, whorl: 0.5, back: -0.25, down: 0.5, ..comb },
            gravity: 0.6,
            curtain: 0.78,
            ..base
        },
        Family::Bob => Run { turn: 0.35, ..hanging },
        Family::Shag => Run { comb: Comb { apart: 0.8, whorl: 0.4, down: 0.5, ..comb }, ..hanging },
        Family::Long => hanging,
        Family::Braids => Run { lift: 0.1, mess: 0.08, stiffness: 0.6, ..hanging },
        Family::Ponytail | Family::Bun | Family::Cornrows => {
            let angle = -0.75 + 2.1 * style.knot;
            let toward = Vec3::new(0.0, angle.sin(), -angle.cos());
            let goal = ground.skull.surface(toward) + toward * 6.0;
            Run {
                comb: Comb { gather: Some(goal), down: 0.0, ..comb },
                lift: 0.02,
                stiffness: 0.2,
                gravity: 0.0,
                cling: 1.0,
                ..base
            }
        }
    }
}

/// How long hair is at a root, in millimetres.
fn length(style: &Hairstyle, marks: &Marks, place: Vec3) -> f32 {
    let height = (place.y - marks.ear_top) / (marks.top - marks.ear_top);
    let part = ((height - 0.28) / 0.34).clamp(0.0, 1.0);
    let top = part * part * (3.0 - 2.0 * part);
    match style.family {
        Family::Bob | Family::Shag | Family::Long | Family::Braids => {
            // Enough to reach the cut from everywhere.
            (place.y - marks.chin - style.cut).max(20.0) + 75.0 + 60.0 * top
        }
        Family::Ponytail | Family::Bun | Family::Cornrows => 260.0,
        _ => {
            let nape = ((height + 0.35) / 0.5).clamp(0.25, 1.0);
            style.sides * nape * (1.0 - top) + style.top * top
        }
    }
}

/// Ribbons from all over the scalp, of about `room` triangles.
fn ribbons(style: &Hairstyle, ground: &Ground<'_>, room: usize, stream: &mut Stream) -> HairPart {
    let marks = &ground.marks;
    let run = run(style, ground);
    let fringe = Run {
        comb: Comb { apart: 0.12, back: -1.0, down: 0.6, parting: 0.0, whorl: 0.0, gather: None },
        gravity: 0.9,
        fall: 40.0,
        volume: style.volume.min(9.0),
        cling: 0.9,
        curtain: 0.0,
        cut: marks.brow - 1.0,
        turn: 0.0,
        ..run
    };
    let curly = style.curl;
    let plaited = style.family == Family::Braids;
    let long = matches!(style.family, Family::Bob | Family::Shag | Family::Long | Family::Braids);
    let steps = match style.family {
        Family::Ponytail | Family::Bun => 12,
        _ if plaited => 16,
        _ if long => 14 + (12.0 * curly) as usize,
        _ => 7 + (9.0 * curly) as usize,
    };
    let count = (room / 2 / steps).min(if plaited { 230 } else { 700 });
    let ribbon = Ribbon {
        width: if plaited {
            6.5
        } else if long {
            12.0 - 4.0 * curly
        } else {
            8.0 - 2.0 * curly
        },
        tip: if plaited { 0.7 } else { 0.35 },
        twist: if plaited { 0.0 } else { 0.25 + 0.5 * style.mess },
        wave: if plaited { 0.6 } else { 7.0 * (curly - 0.12).max(0.0) * if long { 1.0 } else { 0.6 } },
        wavelength: 95.0 - 75.0 * curly.min(0.95),
        coil: ((curly - 0.35) / 0.4).clamp(0.0, 1.0),
        round: if plaited { 1.2 } else { 0.55 },
        shade: if long { 0.35 } else { 0.3 },
    };
    let mut locks = Locks::default();
    for root in roots(style, ground, count, stream) {
        let run = if root.fringe { &fringe } else { &run };
        let Some(places) = run.lay(ground, &root, steps) else { continue };
        let strewn = noise::gradient(root.place * 0.06, run.seed ^ 9);
        let tone = (0.62 + 0.38 * root.layer) * (1.0 + 0.12 * strewn + stream.between(-0.12, 0.12));
        locks.add(ground, &places, &ribbon, tone, stream);
    }
    let weave = if plaited { Weave::Plait(7.0) } else { Weave::Loose };
    // Between short locks light finds its way.
    let part = locks.part(style, weave);
    HairPart { casts_shadow: part.casts_shadow && long, ..part }
}

/// About `count` roots evenly over the scalp.
fn roots(style: &Hairstyle, ground: &Ground<'_>, count: usize, stream: &mut Stream) -> Vec<Root> {
    let hull = &ground.skull;
    // A spiral from pole to pole (Vogel 1979) has points of equal shares of a sphere; about half of it is scalp.
    let all = 9 * count / 5;
    let golden = 2.399_963_2;
    let spin = stream.between(0.0, TAU);
    let mut roots = Vec::with_capacity(count);
    for at in 0..all {
        let height = 1.0 - 2.0 * (at as f32 + 0.5) / all as f32;
        let around = (1.0 - height * height).sqrt();
        let angle = spin + golden * at as f32;
        let strewn =
            Vec3::new(stream.between(-1.0, 1.0), stream.between(-1.0, 1.0), stream.between(-1.0, 1.0));
        // The axis of the spiral goes from ear to ear: its poles are bare, so they do not show.
        let toward = Vec3::new(height, around * angle.cos(), around * angle.sin()) + strewn * 0.03;
        let shore = hull.look(toward);
        if shore.value < 0.25 + stream.between(0.0, 0.5) {
            continue;
        }
        let place = hull.center() + toward.normalize() * shore.distance;
        let marks = &ground.marks;
        let rank = ((place.y - marks.ear_top + 40.0) / (marks.top - marks.ear_top + 40.0)).clamp(0.0, 1.0);
        let layer = (0.65 * rank + 0.35 * stream.between(0.0, 1.0)).clamp(0.0, 1.0);
        let ahead = place.z - hull.center().z;
        let fringe = style.fringe
            && ahead > 28.0
            && place.x.abs() < 0.62 * marks.half
            && place.y > marks.brow + 25.0
            && stream.chance(0.8);
        let length = if fringe { 130.0 } else { length(style, marks, place) } * stream.between(0.85, 1.12);
        let ragged = 3.0 + 16.0 * style.mess;
        let cut = if fringe { stream.between(-1.0, 6.0) } else { stream.between(-ragged, ragged) };
        roots.push(Root { place, normal: shore.normal, layer, length, fringe, cut });
    }
    // Heads with much scalp have too many: some are left out, evenly.
    if roots.len() > count {
        roots = (0..count).map(|at| roots[at * roots.len() / count]).collect();
    }
    // The lowest first: what lies over it is drawn later.
    roots.sort_by(|a, b| a.layer.total_cmp(&b.layer));
    roots
}

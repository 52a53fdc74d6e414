//! The hair of the head: a cover at the hairline, and sheets of locks.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::fall::Fall;
use super::flow::{Body, Flow, Plan, REACH};
use super::ground::Ground;
use super::locks::{Locks, Ribbon};
use super::material::{COMB_SCALE, Cover, HairMaterial, Kind, Strands, Weave};
use super::scalp::Scalp;
use super::sheet::Sheet;
use super::style::{Family, Hairstyle};
use super::{bush, knot, rows};
use crate::head::Template;
use crate::{HairLimit, Mesh, Stream};

/// Grows hair on a skin that has the triangles of the template. Bald heads have none.
pub fn grow(style: &Hairstyle, template: &Template, skin: &Mesh) -> Vec<HairPart> {
    grow_under(style, template, skin, HairLimit::None)
}

/// Grows hair as [`grow`] does, pressed to the head and left out where something that is worn has no room for it.
pub fn grow_under(style: &Hairstyle, template: &Template, skin: &Mesh, limit: HairLimit) -> Vec<HairPart> {
    if style.family == Family::Bald || limit == HairLimit::All {
        return Vec::new();
    }
    let long = matches!(style.family, Family::Bob | Family::Shag | Family::Long | Family::Braids);
    let hangs = long || matches!(style.family, Family::Ponytail | Family::Bun | Family::Cornrows);
    let edge = style.seed.of("edge").value();
    let over_ears = long && !style.tucked;
    let mut ground = Ground::new(template, skin, &style.hairline, style.sideburns, over_ears, hangs, edge);
    ground.limit = limit;
    let scalp = Scalp::new(&ground);
    let mut parts = covers(style, &scalp);
    let mut stream = style.seed.of("locks").stream();
    match style.family {
        Family::Bald | Family::Buzz => {}
        Family::Afro | Family::CurlyTop => parts.extend(bush::grow(style, &scalp)),
        Family::Cornrows => parts.push(rows::cornrows(style, &ground, &mut stream)),
        Family::Braids => {
            let plan = plan(style, &scalp);
            parts.extend(rows::braids(style, &scalp, &plan, strands(style), &mut stream));
        }
        Family::Ponytail => {
            parts.extend(body(style, &scalp, &mut stream));
            parts.extend(knot::tail(style, &scalp, gathered(style, &scalp), strands(style)));
        }
        Family::Bun => {
            parts.extend(body(style, &scalp, &mut stream));
            let at = gathered(style, &scalp);
            parts.extend(knot::bun(style, &scalp, at, strands(style), &mut stream));
        }
        _ => parts.extend(body(style, &scalp, &mut stream)),
    }
    if limit != HairLimit::None {
        parts.iter_mut().for_each(|part| shorten(&mut part.mesh, limit));
    }
    parts
}

/// Leaves out hair that has no room. What crosses the limit stays: it lies flat there, under what is worn.
fn shorten(hair: &mut Mesh, limit: HairLimit) {
    let hidden: Vec<bool> = hair.positions.iter().map(|place| limit.hides(*place)).collect();
    hair.triangles.retain(|corners| !corners.iter().all(|&at| hidden[at as usize]));
}

/// Layers over the scalp.
fn covers(style: &Hairstyle, scalp: &Scalp<'_>) -> Vec<HairPart> {
    let clipped = style.family == Family::Buzz;
    let heights: &[f32] = if clipped { &[0.4, 1.0] } else { &[1.0] };
    let thick = if clipped { (0.5 * style.top).clamp(0.8, 3.5) } else { 1.0 };
    let layer = |(number, &height): (usize, &f32)| {
        let mesh = cover(scalp, style, thick * height);
        let cover = Cover {
            density: match style.family {
                Family::Buzz => [0.9, 0.65][number] * (0.6 + 0.08 * style.top).min(1.0),
                Family::Cornrows => 0.55,
                _ => 0.97,
            },
            strand: if clipped { 0.8 } else { 1.3 },
            run: if clipped { 1.6 } else { 30.0 },
            tone: if clipped { 0.75 + 0.15 * height } else { 0.75 },
            fray: if clipped { 0.7 } else { 0.9 },
            // Hair begins little by little and not along one line, or it looks like a cap.
            soft: [0.04, 0.97],
            tufts: if clipped { 0.3 } else { 0.5 },
        };
        let seed = style.seed.of("cover").number(number as u64).value();
        let material = HairMaterial::new(&style.color, style.shine * 0.4, seed, Kind::Cover(cover));
        HairPart { mesh, material, casts_shadow: false }
    };
    heights.iter().enumerate().map(layer).collect()
}

/// The triangles of the skin that hair grows on, `height` millimetres above it; below sheets of hair only those near
/// the hairline and where hair is thin.
fn cover(scalp: &Scalp<'_>, style: &Hairstyle, height: f32) -> Mesh {
    let ground = scalp.ground;
    let bare = matches!(style.family, Family::Buzz | Family::Cornrows);
    let mut mesh = Mesh::default();
    let mut moved = vec![u32::MAX; ground.skin.positions.len()];
    for triangle in &ground.skin.triangles {
        let cover = triangle.map(|at| ground.cover[at as usize]);
        if cover.iter().all(|&cover| cover < 0.06) {
            continue;
        }
        let middle = ground.skin.positions[triangle[0] as usize] - ground.skull.center();
        if !bare && cover.iter().all(|&cover| cover > 0.95) && scalp.point(middle).length() < 0.76 {
            continue;
        }
        let corners = triangle.map(|at| {
            let at = at as usize;
            if moved[at] == u32::MAX {
                moved[at] = mesh.positions.len() as u32;
                let (place, normal, cover) =
                    (ground.skin.positions[at], ground.skin.normals[at], ground.cover[at]);
                // Behind the ears the skin folds.
                let height = if ground.at_ear(place) { height.min(0.7) } else { height };
                mesh.positions.push(place + normal * (height * (0.3 + 0.7 * cover)));
                mesh.normals.push(normal);
                mesh.rest.push(ground.skin.rest[at]);
                let away = place - ground.skull.center();
                let across = away.x.atan2(away.z) * 80.0;
                mesh.uvs.push(Vec2::new(cover, 0.5 + across / COMB_SCALE));
            }
            moved[at]
        });
        mesh.triangles.push(corners);
    }
    mesh
}

/// Where the hair of a style is held together.
fn gathered(style: &Hairstyle, scalp: &Scalp<'_>) -> Vec2 {
    let angle = -0.75 + 2.1 * style.knot;
    scalp.point(Vec3::new(0.0, angle.sin(), -angle.cos()))
}

/// How the hair of a style runs on a head.
fn plan(style: &Hairstyle, scalp: &Scalp<'_>) -> Plan {
    let marks = &scalp.ground.marks;
    let seed = style.seed.of("run").value();
    let across = 0.17 * style.parting;
    let parted = |open: f32, beyond: f32| Flow::Parted {
        front: Vec2::new(across, (0.95 - across * across).sqrt()),
        crown: Vec2::new(0.5 * across, -0.08),
        open,
        beyond,
    };
    let crown = Vec2::new(-0.05 * style.parting.signum(), -0.05);
    let plain = Body {
        top: 10.0,
        sides: 6.0,
        front: 0.0,
        edge: 1.2,
        rise: 14.0,
        nape: 0.6,
        lumps: [0.6 + 1.5 * style.mess, 26.0],
    };
    let long = (marks.chin + 60.0 - (marks.chin + style.cut)).max(0.0);
    let rows = if style.curl > 0.2 { 12 + (long / 11.0) as usize } else { 9 + (long / 18.0) as usize };
    let fall = Fall {
        end: marks.chin + style.cut,
        rows: rows.min(24),
        curtain: if style.tucked { 0.0 } else { 0.84 },
        above: 10.0,
        turn: 0.0,
        thin: 14.0 + 26.0 * style.mess,
    };
    let base = Plan {
        flow: Flow::Whorled(crown, 0.0),
        body: plain,
        fall: None,
        columns: 72,
        rows: 13,
        ragged: 2.0 + 8.0 * style.mess,
        low: 0.0,
        seed,
    };
    let open = if style.tucked { 2.05 } else { 1.0 };
    let thick = 2.0 + 0.85 * style.volume;
    let hanging = Plan {
        flow: parted(open, 1.0),
        body: Body { top: thick, sides: 0.9 * thick, front: 0.0, edge: 1.2, rise: 22.0, nape: 1.0, ..plain },
        fall: Some(fall),
        columns: 74,
        rows: 9,
        ragged: 2.0 + 16.0 * style.mess,
        ..base
    };
    match style.family {
        Family::Crop | Family::Bald | Family::Buzz | Family::CurlyTop | Family::Afro => {
            let over = (0.3 * (style.top - 20.0)).max(0.0) + 3.0;
            Plan {
                flow: Flow::Whorled(crown, over / REACH),
                body: Body {
                    top: 3.0 + 0.2 * style.top,
                    sides: 1.5 + 0.3 * style.sides,
                    lumps: [1.0 + 2.5 * style.mess, 17.0],
                    edge: 2.0,
                    ..plain
                },
                ..base
            }
        }
        Family::SidePart => Plan {
            flow: parted(1.45, 1.01),
            body: Body {
                rise: 24.0,
                top: 4.0 + 0.12 * style.top,
                sides: 1.5 + 0.3 * style.sides,
                front: 2.0 + 0.3 * style.volume,
                ..plain
            },
            ..base
        },
        Family::SlickBack => Plan {
            flow: Flow::Gathered(Vec2::new(0.0, -0.97)),
            body: Body {
                top: 3.0 + style.volume,
                sides: 2.0 + 0.07 * style.sides,
                rise: 24.0,
                lumps: [0.5, 30.0],
                ..plain
            },
            ..base
        },
        Family::Quiff => Plan {
            flow: Flow::Gathered(Vec2::new(0.0, -0.97)),
            body: Body {
                top: 3.0 + 0.12 * style.top,
                sides: 1.0 + 0.25 * style.sides,
                front: 0.28 * style.top,
                rise: 16.0,
                lumps: [1.0 + 4.0 * style.mess, 22.0],
                ..plain
            },
            ..base
        },
        Family::Pixie => Plan {
            flow: parted(1.05, 1.0 + 0.5 * style.sides / REACH),
            body: Body { top: thick.max(9.0), sides: 7.0, front: 1.0, edge: 1.5, rise: 24.0, ..plain },
            fall: None,
            ragged: 8.0 + 10.0 * style.mess,
            ..hanging
        },
        Family::Bob => Plan { fall: Some(Fall { turn: 0.35, ..fall }), ..hanging },
        Family::Shag | Family::Long => hanging,
        Family::Braids => Plan { ragged: 12.0, ..hanging },
        Family::Ponytail | Family::Bun | Family::Cornrows => Plan {
            flow: Flow::Gathered(gathered(style, scalp)),
            body: Body {
                top: style.volume,
                sides: 0.8 * style.volume,
                edge: 0.8,
                rise: 24.0,
                nape: 1.0,
                lumps: [0.4, 30.0],
                ..plain
            },
            ..base
        },
    }
}

/// What the strands of a style look like.
fn strands(style: &Hairstyle) -> Strands {
    let short = matches!(style.family, Family::Crop);
    // Hair that is pulled back is pulled straight.
    let held = matches!(style.family, Family::Ponytail | Family::Bun | Family::SlickBack | Family::Quiff);
    let curl = if held { 0.4 * style.curl } else { style.curl };
    Strands {
        width: 1.0 + 0.3 * curl,
        run: if short { 0.4 } else { 1.6 - 0.9 * curl },
        wave: 11.0 * (curl - 0.12).max(0.0),
        wavelength: 95.0 - 75.0 * curl.min(0.9),
        tilt: if held { 0.55 } else { 0.34 + 0.15 * style.mess },
        coil: ((curl - 0.55) / 0.3).clamp(0.0, 1.0),
        shade: 0.22,
        tone: 1.0,
    }
}

/// Sheets of hair all over the head, and a fringe.
fn body(style: &Hairstyle, scalp: &Scalp<'_>, stream: &mut Stream) -> Vec<HairPart> {
    let ground = scalp.ground;
    let plan = plan(style, scalp);
    let strands = strands(style);
    let seed = plan.seed;
    let least = if plan.fall.is_some() { 6.0 } else { 1.8 };
    let held = matches!(plan.flow, Flow::Gathered(_));
    let wave = 0.5 * strands.wave.min(5.0);
    let outer = plan
        .sheet(scalp)
        .evened(2)
        .clumped(ground, if held { 0.6 } else { 0.8 + 2.2 * style.mess }, 15.0, seed)
        .waved(ground, wave, strands.wavelength, seed)
        .outside(ground, least);
    let mut parts = Vec::new();
    if let Some(fall) = plan.fall {
        let body = Body { top: 0.5 * plan.body.top, sides: 0.4 * plan.body.sides, ..plan.body };
        let above = (fall.above - 3.0).max(1.0);
        let rows = fall.rows.min(13);
        let under =
            Plan { body, columns: 38, fall: Some(Fall { above, rows, ..fall }), seed: seed ^ 77, ..plan };
        let under = under.sheet(scalp).evened(2).outside(ground, 4.0);
        parts.extend(under.parts(ground, style, Strands { tone: 0.6, ..strands }));
    } else if style.family != Family::SlickBack && style.mess > 0.2 {
        let loose = outer.raised(ground, 1.2 + 2.5 * style.mess, 1.0);
        parts.extend(loose.parts(ground, style, strands));
    }
    parts.extend(outer.parts(ground, style, strands));
    if style.fringe {
        let aside = if style.parting.abs() > 0.2 { -0.35 * style.parting.signum() } else { 0.0 };
        let body = Body { top: 0.7 * plan.body.top + 3.0, edge: 4.5, rise: 40.0, front: 0.0, ..plan.body };
        let low = ground.marks.brow;
        let fringe = Plan {
            flow: Flow::Fringe(0.72, aside * 0.5),
            body,
            fall: None,
            columns: 34,
            rows: 12,
            ragged: 0.5 + 2.5 * style.mess,
            low,
            seed: seed ^ 21,
        };
        let fringe = fringe.sheet(scalp).evened(1).clumped(ground, 0.7, 14.0, seed ^ 3).outside(ground, 1.5);
        parts.extend(fringe.parts(ground, style, strands));
    }
    if plan.fall.is_some() {
        parts.extend(wisps(style, ground, &outer, &strands, stream));
    }
    parts
}

/// Loose locks over a sheet: they break its even outline.
fn wisps(
    style: &Hairstyle,
    ground: &Ground<'_>,
    sheet: &Sheet,
    strands: &Strands,
    stream: &mut Stream,
) -> Vec<HairPart> {
    let ribbon = Ribbon {
        width: 7.0,
        tip: 0.3,
        twist: 0.3,
        wave: 0.5 * strands.wave,
        wavelength: strands.wavelength,
        coil: strands.coil,
        round: 0.4,
        shade: 0.1,
    };
    let mut locks = Locks::default();
    let columns = &sheet.columns;
    for _ in 0..30 + (50.0 * style.mess) as usize {
        let at = stream.between(0.0, columns.len() as f32 - 1.01);
        let (first, part) = (at as usize, at.fract());
        let (a, b) = (&columns[first], &columns[first + 1]);
        let rows = a.len();
        let start = stream.below(rows / 2) + 1;
        let off = stream.between(0.5, 1.5 + 4.0 * style.mess);
        let drift = stream.between(-1.0, 1.0) * 12.0 * style.mess;
        let places: Vec<Vec3> = (start..rows)
            .map(|row| {
                let place = a[row].place.lerp(b[row].place, part);
                let free = (row - start) as f32 / (rows - start) as f32;
                let out = ground.outward(place);
                let side = out.cross(Vec3::Y).normalize_or(Vec3::X);
                place + out * (off * (0.3 + 0.7 * free)) + side * (drift * free * free)
            })
            .collect();
        if places.len() > 3 {
            locks.add(ground, &places, &ribbon, stream.between(0.85, 1.1), stream);
        }
    }
    vec![locks.part(style, Weave::Loose)]
}

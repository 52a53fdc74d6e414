//! Hair that stands out all around: a body of coils, and thinner and thinner layers over it.

use glam::Vec2;

use super::HairPart;
use super::flow::{Body, Flow, Plan, REACH};
use super::material::Strands;
use super::scalp::Scalp;
use super::style::{Family, Hairstyle};

/// Body and layers.
pub(super) fn grow(style: &Hairstyle, scalp: &Scalp<'_>) -> Vec<HairPart> {
    let afro = style.family == Family::Afro;
    let seed = style.seed.of("bush").value();
    // Coils shrink to about two thirds of their length.
    let body = if afro {
        Body {
            top: 0.66 * style.top,
            sides: 0.62 * style.sides,
            front: -0.08 * style.top,
            edge: 1.0,
            rise: 10.0 + 0.3 * style.top,
            nape: 0.45,
            lumps: [1.0 + 0.05 * style.top, 24.0],
        }
    } else {
        Body {
            top: 0.85 * style.volume,
            sides: 1.5 + 0.4 * style.sides,
            front: 5.0,
            edge: 2.0,
            rise: 16.0,
            nape: 0.5,
            lumps: [3.0 + 3.0 * style.mess, 19.0],
        }
    };
    let over = if afro { 2.0 } else { 8.0 + 14.0 * style.mess };
    let plan = Plan {
        flow: Flow::Whorled(Vec2::new(-0.05, 0.0), over / REACH),
        body,
        fall: None,
        columns: 84,
        rows: 20,
        ragged: if afro { 2.0 } else { 9.0 },
        low: 0.0,
        seed,
    };
    let strands = Strands {
        width: if afro { 1.0 } else { 1.9 },
        run: 0.5,
        wave: 3.0,
        wavelength: 18.0,
        tilt: 0.4,
        coil: if afro { 1.0 } else { 0.85 },
        shade: 0.2,
        tone: 1.0,
    };
    // Coils scatter what strands side by side mirror.
    let style = &Hairstyle { shine: 0.4 * style.shine, ..style.clone() };
    let core = plan.sheet(scalp).evened(1).outside(scalp.ground, 0.6);
    let layers: &[(f32, f32)] = if afro { &[(3.0, 1.25), (6.0, 0.85)] } else { &[(2.5, 1.2), (5.0, 0.85)] };
    let mut parts = core.parts(scalp.ground, style, strands);
    for &(high, most) in layers {
        let layer = core.raised(scalp.ground, high, most);
        parts.extend(layer.parts(scalp.ground, style, Strands { tone: 1.0 + 0.02 * high, ..strands }));
    }
    parts
}

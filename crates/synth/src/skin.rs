//! Skin: what it is like for a person, and how a point of it reflects light.
//!
//! Color comes from melanin and blood alone (`pigment`). What varies softly is baked into a small map over the chart of
//! the head; what has edges (lips, the line of the lashes, where a beard grows) comes from a map that all people share;
//! spots and furrows are lists by place, as sharp as the picture allows; pores are a tile that repeats.

mod atlas;
mod cells;
mod complexion;
mod grain;
mod makeup;
mod pigment;
mod spots;
mod strokes;

use glam::{Vec2, Vec3, Vec4};

use crate::curve::ramp;
use crate::material::{Material, Reflectance, SurfacePoint};
use atlas::{Atlas, CLOUDS, COARSE, Mark, Texel, Zone};
use cells::unrolled;
use grain::Grain;
use pigment::Palette;
use spots::Spots;
use strokes::Furrows;

pub use complexion::Complexion;
pub use makeup::Makeup;

pub(crate) use pigment::encoded;

/// The shadow of shaved hair below the skin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stubble {
    /// How dense it is, 0..=1: on the upper lip, on chin, cheeks and neck, and on the scalp.
    pub density: [f32; 3],
    /// Color of the hair, linear sRGB.
    pub color: Vec3,
}

impl Stubble {
    /// No hair.
    pub fn none() -> Self {
        Self { density: [0.0; 3], color: Vec3::splat(0.02) }
    }
}

/// How strong one of the shared patterns is in a person's skin.
const CLOUD: f32 = 0.42;

/// The skin of one person with what is put on it.
pub struct Skin {
    palette: Palette,
    /// Melanin, blood, oil and coarseness for each texel of the coarse map.
    map: Vec<Vec4>,
    atlas: &'static Atlas,
    grain: &'static Grain,
    /// Turns and moves the grain.
    lay: (Vec2, Vec2),
    spots: Spots,
    furrows: Furrows,
    complexion: Complexion,
    makeup: Makeup,
    stubble: Stubble,
    /// Melanin and blood of the lips.
    lips: Vec2,
}

impl Skin {
    /// Bakes a person's skin; takes about 2 ms. The first call in a program also makes what all people share.
    pub fn new(complexion: &Complexion, makeup: &Makeup, stubble: &Stubble) -> Self {
        let atlas = Atlas::get();
        // Sums of patterns that all share, each in a person's own strength, are a pattern of the person's own.
        let mut strength = complexion.seed.of("clouds").stream();
        let clouds = [0; 2].map(|_| [0; CLOUDS].map(|_| strength.normal(2.5) * CLOUD));
        let mut map = vec![Vec4::ZERO; COARSE * COARSE];
        for texel in &atlas.texels {
            map[texel.at] = pigments(complexion, &clouds, makeup.foundation, texel);
        }
        for &[empty, near] in &atlas.borders {
            map[empty as usize] = map[near as usize];
        }
        let mut lay = complexion.seed.of("grain").stream();
        let turn = Vec2::from_angle(lay.between(0.0, std::f32::consts::TAU));
        let offset = Vec2::new(lay.between(0.0, 64.0), lay.between(0.0, 64.0));
        // The skin of lips is thin and has little melanin of its own.
        let lips = Vec2::new(
            complexion.melanin * (0.55 + 0.75 * complexion.lip_melanin) + 0.004,
            0.09 + 0.14 * complexion.lip_blood,
        );
        Self {
            palette: Palette::new(complexion.carotene),
            map,
            atlas,
            grain: Grain::get(),
            lay: (turn, offset),
            spots: Spots::new(complexion, atlas),
            furrows: Furrows::new(complexion.seed, complexion.lines, complexion.age, atlas),
            complexion: complexion.clone(),
            makeup: makeup.clone(),
            stubble: *stubble,
            lips,
        }
    }

    /// What the soft map says about a place of the chart.
    fn soft(&self, uv: Vec2) -> Vec4 {
        let most = Vec2::splat(COARSE as f32 - 1.001);
        let at = (uv * COARSE as f32 - 0.5).clamp(Vec2::ZERO, most);
        let first = at.y as usize * COARSE + at.x as usize;
        let part = at - at.floor();
        let upper = self.map[first].lerp(self.map[first + 1], part.x);
        upper.lerp(self.map[first + COARSE].lerp(self.map[first + COARSE + 1], part.x), part.y)
    }

    /// The color of hair that grows below the surface, over that of the skin.
    fn stubbled(&self, color: Vec3, marks: &[f32], dots: f32) -> Vec3 {
        let [moustache, beard, scalp] = self.stubble.density;
        let mark = |mark: Mark| marks[mark as usize];
        let dense =
            (moustache * mark(Mark::Moustache)).max(beard * mark(Mark::Beard)).max(scalp * mark(Mark::Scalp));
        if dense <= 0.0 {
            return color;
        }
        // Dark hair seen through skin looks bluish: red light goes around it below the surface.
        let cover = (dense * (0.62 + 0.10 * dots)).clamp(0.0, 0.85);
        let hair = self.stubble.color.lerp(color * Vec3::new(0.42, 0.50, 0.56), 0.55);
        color.lerp(hair.min(color), cover)
    }

    /// How far a place of the mean head lies behind the lips, in millimeters.
    fn behind(&self, rest: Vec3) -> f32 {
        if rest.x.abs() > 34.0 || !(-78.0..-24.0).contains(&rest.y) || rest.z < 0.0 {
            return 0.0;
        }
        (self.atlas.depth(rest.x, rest.y) - rest.z).max(0.0)
    }

    /// Paint over a color.
    fn painted(&self, mut color: Vec3, marks: &[f32]) -> Vec3 {
        let makeup = &self.makeup;
        let mark = |mark: Mark| marks[mark as usize];
        // Powder lets the skin through: half of it tints, half of it covers.
        let powder = |below: Vec3, paint: Vec3, cover: f32| {
            let bright = below.element_sum() / 3.0;
            below.lerp(paint * (0.35 + 0.65 * (bright / 0.3).min(1.3)), cover)
        };
        color = powder(color, makeup.blush, makeup.blush_cover * mark(Mark::Blush));
        color = powder(color, makeup.shadow, makeup.shadow_cover * mark(Mark::Shadow));
        color = color.lerp(makeup.lipstick, makeup.lip_cover * mark(Mark::Lips));
        color.lerp(Vec3::splat(0.008), makeup.liner * mark(Mark::Liner))
    }
}

/// Melanin, blood, oil and coarseness of a texel. `clouds` is how much of each pattern of the atlas there is in melanin
/// and in blood.
fn pigments(complexion: &Complexion, clouds: &[[f32; CLOUDS]; 2], foundation: f32, texel: &Texel) -> Vec4 {
    let zone = |zone: Zone| texel.zone(zone);
    let dark: f32 = texel.clouds.iter().zip(&clouds[0]).map(|(cloud, weight)| cloud * weight).sum();
    let red: f32 = texel.clouds.iter().zip(&clouds[1]).map(|(cloud, weight)| cloud * weight).sum();

    let [brow, lip, cheek, chin] = complexion.shade;
    let shade = brow * zone(Zone::Forehead)
        + lip * zone(Zone::Muzzle)
        + cheek * zone(Zone::Cheeks)
        + chin * zone(Zone::Chin);
    let around = complexion.circles * (zone(Zone::UnderEyes) + 0.45 * zone(Zone::Lids)).min(1.0);
    let mut melanin = 0.14 * shade + 0.09 * complexion.blotches * dark + 0.50 * around;
    melanin += 0.10 * zone(Zone::Forehead) + 0.08 * zone(Zone::Temples)
        - 0.06 * zone(Zone::Cheeks)
        - 0.05 * zone(Zone::Neck);

    let [cheeks, nose, ears, chin] = complexion.flush;
    let mut blood =
        2.3 * cheeks * zone(Zone::Cheeks) + 2.2 * nose * zone(Zone::Nose) + 2.4 * ears * zone(Zone::Ears);
    blood +=
        1.0 * chin * zone(Zone::Chin) + 0.8 * around + 0.35 * zone(Zone::Lids) - 0.15 * zone(Zone::Forehead);
    blood += 0.5 * complexion.blotches * red + 0.25 * zone(Zone::Nose);

    let bare = 1.0 - 0.75 * foundation;
    let oil = complexion.oil * (0.45 + 0.75 * zone(Zone::Oily)) * (1.0 - 0.5 * foundation);
    let coarse = (0.35
        + 0.9 * complexion.pores * (0.5 + zone(Zone::Nose) + 0.5 * zone(Zone::Cheeks))
        + 0.4 * complexion.lines)
        * bare.max(0.5);
    Vec4::new(
        complexion.melanin * (1.0 + bare * melanin).max(0.3) + 0.004 * bare * melanin.max(0.0),
        complexion.blood * (1.0 + bare * blood).max(0.35),
        oil,
        coarse * (1.0 - 0.6 * zone(Zone::Lids)),
    )
}

impl Material for Skin {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let soft = self.soft(point.uv);
        let marks = self.atlas.marks(point.uv);
        let chart = unrolled(point.rest);
        let lips = marks[Mark::Lips as usize];
        let (turn, offset) = self.lay;
        let grain = self.grain.sample(turn.rotate(chart) + offset, point.footprint);

        let uneven = 0.06 + 0.12 * self.complexion.blotches;
        let mut melanin = soft.x * (1.0 + 0.4 * uneven * grain.z);
        let mut blood = soft.y * (1.0 + 1.3 * uneven * grain.w);
        let spotted = self.spots.at(point.rest, chart, point.footprint);
        melanin += spotted.pigment.x;
        blood *= 1.0 + spotted.pigment.y;
        let furrowed = self.furrows.at(point.rest, chart, point.footprint);
        blood *= 1.0 + 0.25 * furrowed.shade;
        if lips > 0.0 {
            // The border of the lips is the darkest part of many.
            let line = 1.4 * self.complexion.lip_melanin * lips * (1.0 - lips);
            // The upper lip is the darker one.
            let upper = 0.35 * ramp(-1.5, 1.5, point.rest.y - self.atlas.points[62].y);
            let own = self.lips * Vec2::new(1.0 + line + upper + 0.15 * grain.z, 1.0 + 0.15 * grain.w);
            melanin += (own.x - melanin) * lips;
            blood += (own.y - blood) * lips;
        }
        let mut color = self.palette.color(melanin, blood) * (1.0 - 0.26 * furrowed.shade);
        color = self.stubbled(color, &marks, grain.z + grain.w);
        color = self.painted(color, &marks);
        let behind = self.behind(point.rest);
        color = color.lerp(
            Vec3::new(0.055, 0.016, 0.013),
            ramp(3.5, 10.0, behind).max(0.7 * marks[Mark::Nostril as usize]),
        );

        let deep = point.rest.z + 20.0;
        let across = Vec3::new(deep, 0.0, -point.rest.x) / (deep.abs() + point.rest.x.abs() + 1e-3);
        let slope = Vec2::new(turn.x, -turn.y).rotate(Vec2::new(grain.x, grain.y)) * soft.w * (1.0 - lips);
        let relief = furrowed.relief + spotted.relief - across * slope.x - Vec3::Y * slope.y;
        let wet = (self.makeup.lip_gloss * self.makeup.lip_cover.max(0.3)) * lips;
        Reflectance {
            albedo: color.clamp(Vec3::splat(0.004), Vec3::splat(0.96)),
            relief,
            roughness: (0.58 - 0.18 * soft.z - 0.08 * lips - 0.2 * wet).clamp(0.15, 0.8),
            gloss: 0.025 + 0.015 * wet,
            // Blood stops light in lips, or lamps would shine through where they meet.
            scatter: (2.2 - 1.2 * (self.complexion.melanin / 0.35).min(1.0)) * (1.0 - 0.85 * lips),
            opacity: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::Template;
    use crate::random::Seed;
    use crate::skin::pigment::lab;

    fn bare(seed: u64, tone: f32, age: f32) -> Skin {
        Skin::new(&Complexion::sample(Seed::new(seed), tone, age, 0.0), &Makeup::none(), &Stubble::none())
    }

    /// What every few vertices of the mean head reflect.
    fn seen(skin: &Skin, footprint: f32) -> Vec<Reflectance> {
        let mesh = Template::get().mesh();
        let point = |at: usize| SurfacePoint {
            uv: mesh.uvs[at],
            rest: mesh.rest[at],
            normal: mesh.normals[at],
            footprint,
        };
        (0..mesh.rest.len()).step_by(3).map(|at| skin.reflectance(&point(at))).collect()
    }

    fn mean(skin: &Skin) -> Vec3 {
        let all = seen(skin, 1.0);
        all.iter().map(|one| one.albedo).sum::<Vec3>() / all.len() as f32
    }

    #[test]
    fn skin_reflects_a_share_of_light() {
        for seed in 0..6 {
            for one in seen(&bare(seed, seed as f32 / 5.0, 15.0 + 13.0 * seed as f32), 0.4) {
                assert!(one.albedo.cmpge(Vec3::ZERO).all() && one.albedo.cmple(Vec3::ONE).all());
                assert!(one.relief.length() < 1.5 && (0.1..0.9).contains(&one.roughness));
            }
        }
    }

    #[test]
    fn tone_darkens_and_the_same_seed_is_the_same_skin() {
        let lightness = |tone: f32| lab(mean(&bare(3, tone, 30.0))).x;
        let steps = [0.0, 0.25, 0.5, 0.75, 1.0].map(lightness);
        assert!(steps.windows(2).all(|pair| pair[1] < pair[0] - 4.0), "{steps:?}");
        assert_eq!(seen(&bare(3, 0.5, 30.0), 1.0), seen(&bare(3, 0.5, 30.0), 1.0));
        assert_ne!(seen(&bare(3, 0.5, 30.0), 1.0), seen(&bare(4, 0.5, 30.0), 1.0));
    }

    #[test]
    fn relief_that_a_sample_swallows_is_gone() {
        let steepest = |footprint: f32| {
            seen(&bare(7, 0.3, 75.0), footprint).iter().map(|one| one.relief.length()).fold(0.0, f32::max)
        };
        assert!(steepest(0.3) > 0.1 && steepest(40.0) < 0.01, "{} {}", steepest(0.3), steepest(40.0));
    }

    #[test]
    fn lips_are_redder_and_lipstick_covers_them() {
        let lips = Template::get().weights(crate::head::Region::Lips);
        let mesh = Template::get().mesh();
        let middle = |skin: &Skin| {
            let full = (0..lips.len()).filter(|&at| lips[at] > 0.95 && mesh.rest[at].z > 85.0);
            let colors: Vec<Vec3> = full
                .map(|at| {
                    let (uv, rest) = (mesh.uvs[at], mesh.rest[at]);
                    skin.reflectance(&SurfacePoint { uv, rest, normal: Vec3::Z, footprint: 1.0 }).albedo
                })
                .collect();
            colors.iter().sum::<Vec3>() / colors.len().max(1) as f32
        };
        for tone in [0.1, 0.5, 0.9] {
            let skin = bare(2, tone, 30.0);
            let [lips, all] = [middle(&skin), mean(&skin)].map(|color| color.x / color.y);
            assert!(lips > 1.1 * all, "{tone} {lips} {all}");
            let makeup = Makeup { lipstick: Vec3::new(0.5, 0.0, 0.4), lip_cover: 1.0, ..Makeup::none() };
            let painted = middle(&Skin::new(&skin.complexion, &makeup, &Stubble::none()));
            assert!(painted.distance(makeup.lipstick) < 0.2, "{painted}");
        }
    }

    #[test]
    fn beards_cast_their_shadow_on_the_chin() {
        let complexion = Complexion::sample(Seed::new(2), 0.1, 30.0, 1.0);
        let dense = Stubble { density: [1.0, 1.0, 0.0], color: Vec3::splat(0.01) };
        let shaved = Skin::new(&complexion, &Makeup::none(), &dense);
        let plain = Skin::new(&complexion, &Makeup::none(), &Stubble::none());
        let darker = seen(&shaved, 1.0)
            .iter()
            .zip(seen(&plain, 1.0))
            .filter(|(a, b)| a.albedo.y < 0.8 * b.albedo.y)
            .count();
        let all = seen(&plain, 1.0).len();
        assert!(darker > all / 50 && darker < all / 2, "{darker} of {all}");
    }
}

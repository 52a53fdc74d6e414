//! What is behind a person: places painted by code, out of focus.

mod canvas;
mod indoor;
mod outdoor;
mod palette;
mod surface;
mod town;

use glam::{Vec2, Vec3};

use crate::Seed;
use canvas::{Canvas, Lens};
use palette::Cloud;

/// A kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scenery {
    /// A mottled cloth as photographers hang up, brightest behind the person.
    Studio,
    /// Paper of one colour with light that falls off.
    Paper,
    /// A painted or plastered wall.
    Plaster,
    /// A wall of bricks.
    Brick,
    /// Planks.
    Planks,
    /// Tiles.
    Tiles,
    /// Wallpaper with stripes or a repeated print.
    Wallpaper,
    /// A curtain in folds.
    Curtain,
    /// A room with furniture.
    Room,
    /// A window from inside.
    Window,
    /// Shelves of books.
    Bookshelf,
    /// An office with rows of lamps.
    Office,
    /// Shelves of a shop.
    Shop,
    /// A corridor.
    Corridor,
    /// Coloured spots in the dark.
    Stage,
    /// Leaves with light between them.
    Foliage,
    /// Trunks.
    Forest,
    /// Clouds.
    Sky,
    /// Hills and fields.
    Landscape,
    /// The sea.
    Sea,
    /// A street between houses.
    Street,
    /// The front of a house.
    Facade,
    /// Lights of a town at night.
    Night,
    /// People far away, without features.
    Crowd,
}

impl Scenery {
    /// All kinds.
    pub const ALL: [Self; 24] = [
        Self::Studio,
        Self::Paper,
        Self::Plaster,
        Self::Brick,
        Self::Planks,
        Self::Tiles,
        Self::Wallpaper,
        Self::Curtain,
        Self::Room,
        Self::Window,
        Self::Bookshelf,
        Self::Office,
        Self::Shop,
        Self::Corridor,
        Self::Stage,
        Self::Foliage,
        Self::Forest,
        Self::Sky,
        Self::Landscape,
        Self::Sea,
        Self::Street,
        Self::Facade,
        Self::Night,
        Self::Crowd,
    ];

    /// Least and greatest radius of the disc that a point becomes, in heights of the picture. What has faces or strong
    /// edges is never sharp.
    fn blurs(self) -> (f32, f32) {
        match self {
            Self::Crowd => (0.03, 0.08),
            Self::Studio | Self::Paper | Self::Plaster | Self::Curtain => (0.002, 0.04),
            Self::Brick | Self::Planks | Self::Tiles | Self::Wallpaper => (0.004, 0.04),
            Self::Night | Self::Stage | Self::Foliage => (0.012, 0.07),
            _ => (0.006, 0.06),
        }
    }
}

/// A backdrop: what is painted and how far out of focus it is. It belongs to a picture and never to a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Background {
    /// What is painted.
    pub scenery: Scenery,
    /// Radius of the disc that the lens makes of a point, in heights of the picture.
    pub blur: f32,
    /// How bright it is against what it would be beside the person: 1 for the same light.
    pub exposure: f32,
    /// The colour of the light that falls on it; white where it is painted as the day shows it.
    pub light: Vec3,
    /// Where everything in it comes from.
    pub seed: Seed,
}

impl Background {
    /// Any place.
    pub fn sample(seed: Seed) -> Self {
        let scenery = Scenery::ALL[seed.of("place").stream().below(Scenery::ALL.len())];
        Self::of(scenery, seed)
    }

    /// One kind of place.
    pub fn of(scenery: Scenery, seed: Seed) -> Self {
        let (low, high) = scenery.blurs();
        let mut stream = seed.of("lens").stream();
        let blur = stream.log_between(low, high);
        let exposure = stream.normal(2.0).mul_add(0.35, 0.0).exp();
        Self { scenery, blur, exposure, light: Vec3::ONE, seed }
    }
}

/// Paints a backdrop: linear colours, row by row from the top left, of luminance about 0.02..=1 with brighter lamps and
/// windows.
pub fn paint(background: &Background, width: usize, height: usize) -> Vec<Vec3> {
    if width == 0 || height == 0 {
        return Vec::new();
    }
    let seed = background.seed.of("scene");
    let lens = Lens::new(width, height, background.blur);
    let mut stream = seed.of("view").stream();
    let centre = Vec2::new(stream.between(-0.25, 0.25), stream.between(-0.08, 0.08));
    let mut canvas = lens.canvas(centre, stream.between(0.75, 1.2));
    scene(background.scenery)(&mut canvas, seed);
    // Light is never even: it comes from one side, and something throws soft shadows.
    let slope = Vec2::from_angle(stream.between(0.0, std::f32::consts::TAU)) * stream.between(0.05, 0.5);
    let cloud = Cloud::new(seed.of("light"), 4, 0.5);
    let uneven = stream.between(0.02, 0.15);
    canvas.light(|at| {
        let factor = 1.0 + slope.dot(at - centre) + uneven * cloud.at(at * 0.4);
        background.light * (background.exposure * factor.max(0.15))
    });
    lens.picture(&canvas)
}

fn scene(scenery: Scenery) -> fn(&mut Canvas, Seed) {
    match scenery {
        Scenery::Studio => surface::studio,
        Scenery::Paper => surface::paper,
        Scenery::Plaster => surface::plaster,
        Scenery::Brick => surface::brick,
        Scenery::Planks => surface::planks,
        Scenery::Tiles => surface::tiles,
        Scenery::Wallpaper => surface::wallpaper,
        Scenery::Curtain => surface::curtain,
        Scenery::Room => indoor::room,
        Scenery::Window => indoor::window,
        Scenery::Bookshelf => indoor::bookshelf,
        Scenery::Office => indoor::office,
        Scenery::Shop => indoor::shop,
        Scenery::Corridor => indoor::corridor,
        Scenery::Stage => indoor::stage,
        Scenery::Foliage => outdoor::foliage,
        Scenery::Forest => outdoor::forest,
        Scenery::Sky => outdoor::sky,
        Scenery::Landscape => outdoor::landscape,
        Scenery::Sea => outdoor::sea,
        Scenery::Street => town::street,
        Scenery::Facade => town::facade,
        Scenery::Night => town::night,
        Scenery::Crowd => town::crowd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(picture: &[Vec3]) -> (f32, f32) {
        let luma: Vec<f32> = picture.iter().map(|color| color.dot(Vec3::new(0.21, 0.72, 0.07))).collect();
        let mean = luma.iter().sum::<f32>() / luma.len() as f32;
        let variance = luma.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / luma.len() as f32;
        (mean, variance.sqrt() / mean)
    }

    #[test]
    fn every_place_is_deterministic_and_in_range() {
        for (at, place) in Scenery::ALL.into_iter().enumerate() {
            let background = Background::of(place, Seed::new(9).number(at as u64));
            let picture = paint(&background, 48, 40);
            assert_eq!(picture, paint(&background, 48, 40));
            assert_eq!(picture.len(), 48 * 40);
            assert!(picture.iter().all(|color| color.is_finite() && color.min_element() >= 0.0));
            let (mean, _) = statistics(&picture);
            assert!((0.003..1.5).contains(&mean), "{place:?} {mean}");
            let other = paint(&Background::of(place, Seed::new(10).number(at as u64)), 48, 40);
            let difference: f32 =
                picture.iter().zip(&other).map(|(a, b)| (*a - *b).abs().element_sum()).sum();
            assert!(difference / (48.0 * 40.0) > 0.01, "{place:?} looks the same for another seed");
        }
        assert!(paint(&Background::sample(Seed::new(1)), 0, 7).is_empty());
    }

    #[test]
    fn brightness_and_contrast_are_spread() {
        let seen: Vec<(f32, f32)> = (0..200)
            .map(|number| {
                statistics(&paint(&Background::sample(Seed::new(4).of("spread").number(number)), 40, 40))
            })
            .collect();
        let share = |test: &dyn Fn(&(f32, f32)) -> bool| {
            seen.iter().filter(|value| test(value)).count() as f32 / seen.len() as f32
        };
        assert!(share(&|(mean, _)| *mean < 0.15) > 0.1, "dark");
        assert!(share(&|(mean, _)| *mean > 0.4) > 0.1, "bright");
        assert!(share(&|(_, contrast)| *contrast < 0.25) > 0.1, "quiet");
        assert!(share(&|(_, contrast)| *contrast > 0.6) > 0.1, "busy");
    }

    #[test]
    fn size_does_not_change_the_place() {
        for place in [Scenery::Room, Scenery::Brick, Scenery::Night] {
            let background = Background { blur: 0.03, ..Background::of(place, Seed::new(3)) };
            let [small, large] = [64, 192].map(|size| statistics(&paint(&background, size, size)).0);
            assert!((small / large - 1.0).abs() < 0.15, "{place:?} {small} {large}");
        }
    }
}

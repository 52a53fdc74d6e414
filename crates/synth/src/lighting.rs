//! Light as it is found: indoors and out, from windows, lamps and the sky.

use glam::Vec3;

use crate::color::black_body;
use crate::{Background, Lamp, Light, Scenery, Seed, Sh9, Stream};

/// What a place is lit by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Two or three soft lamps in front, as for a portrait or a passport.
    Studio,
    /// A large window to the side, and a dim room.
    Window,
    /// The sun, and the sky around.
    Sun,
    /// A gray sky.
    Overcast,
    /// Bulbs at the ceiling.
    Room,
    /// One lamp in the dark, of any color and from anywhere.
    Night,
    /// The light is behind the person.
    Against,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Studio, Self::Window, Self::Sun, Self::Overcast, Self::Room, Self::Night, Self::Against];
    /// How often each is met.
    const SHARES: [f32; 7] = [0.18, 0.2, 0.15, 0.15, 0.2, 0.07, 0.05];

    /// What may be seen behind somebody in this light: the sky is not seen by the light of bulbs.
    pub fn sceneries(self) -> &'static [Scenery] {
        use Scenery::*;
        match self {
            Self::Studio => &[Studio, Paper, Plaster, Curtain, Wallpaper, Office],
            Self::Window => &[
                Plaster, Wallpaper, Curtain, Room, Window, Bookshelf, Office, Corridor, Tiles, Planks, Brick,
                Paper,
            ],
            Self::Sun | Self::Overcast => {
                &[Foliage, Forest, Sky, Landscape, Sea, Street, Facade, Brick, Planks, Plaster, Crowd]
            }
            Self::Room => &[
                Room, Bookshelf, Office, Shop, Corridor, Plaster, Wallpaper, Curtain, Tiles, Brick, Planks,
                Crowd,
            ],
            Self::Night => &[Night, Stage, Crowd, Street, Plaster, Brick],
            Self::Against => &[Window, Sky, Sea, Landscape, Foliage, Street, Facade],
        }
    }
}

/// Light, and where it is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Lighting {
    /// Where.
    pub place: Place,
    /// The light.
    pub light: Light,
    /// The temperature in kelvin that most of it has.
    pub kelvin: f32,
}

impl Lighting {
    /// Draws a place and its light.
    pub fn sample(seed: Seed) -> Self {
        let place = Place::ALL[seed.of("place").stream().weighted(&Place::SHARES)];
        Self::at(place, seed)
    }

    /// Draws the light of a place.
    pub fn at(place: Place, seed: Seed) -> Self {
        let mut stream = seed.of("light").stream();
        let side = if stream.chance(0.5) { 1.0 } else { -1.0 };
        let (kelvin, light) = match place {
            Place::Studio => studio(&mut stream, side),
            Place::Window => window(&mut stream, side),
            Place::Sun => sun(&mut stream, side),
            Place::Overcast => overcast(&mut stream),
            Place::Room => room(&mut stream, side),
            Place::Night => night(&mut stream),
            Place::Against => against(&mut stream, side),
        };
        Self { place, light, kelvin }
    }

    /// What is seen behind somebody here, as bright as the light lets it be.
    pub fn background(&self, seed: Seed) -> Background {
        let sceneries = self.place.sceneries();
        let scenery = sceneries[seed.of("place").stream().below(sceneries.len())];
        let background = Background::of(scenery, seed);
        let (dim, light) = match (self.place, scenery) {
            // They have lights of their own.
            (_, Scenery::Night | Scenery::Stage) => return background,
            (Place::Night, _) => (0.25, black_body(self.kelvin)),
            // What is outside is brighter than the room, and lit by the day.
            (_, Scenery::Window) => (0.9, Vec3::ONE),
            (Place::Window, _) => (0.55, black_body(self.kelvin)),
            // Cameras are set for the face, which catches most of the light.
            _ => (0.66, black_body(self.kelvin)),
        };
        Background { exposure: background.exposure * dim, light, ..background }
    }
}

/// Light from all around: `above` from the ceiling or sky, `below` thrown back by the floor, which has a color.
fn around(stream: &mut Stream, above: Vec3, below: Vec3) -> Sh9 {
    let walls = Vec3::new(stream.between(0.85, 1.1), stream.between(0.9, 1.05), stream.between(0.8, 1.1));
    let mut ambient = Sh9::uniform(0.35 * (above + below) * walls);
    ambient.add_cosine_lobe(Vec3::NEG_Y, 0.5 * above);
    ambient.add_cosine_lobe(Vec3::Y, 0.4 * below);
    // One side of every place is brighter than the other.
    let azimuth = stream.between(0.0, 360.0);
    ambient.add_cosine_lobe(Lamp::at(azimuth, 0.0, Vec3::ONE, 1.0).direction, 0.25 * above * walls);
    ambient
}

fn studio(stream: &mut Stream, side: f32) -> (f32, Light) {
    let kelvin = stream.between(4800.0, 6200.0);
    let white = black_body(kelvin);
    let key = Lamp::at(side * stream.between(10.0, 50.0), stream.between(15.0, 45.0), white * 0.9, 20.0);
    let ratio = stream.log_between(0.2, 0.9);
    let fill =
        Lamp::at(-side * stream.between(20.0, 70.0), stream.between(0.0, 30.0), white * 0.9 * ratio, 30.0);
    let mut lamps = vec![key, fill];
    if stream.chance(0.4) {
        lamps.push(Lamp::at(side * stream.between(130.0, 170.0), 40.0, white * 0.6, 10.0));
    }
    let dim = white * stream.between(0.1, 0.35);
    (kelvin, Light { ambient: around(stream, dim, dim * 0.6), lamps })
}

fn window(stream: &mut Stream, side: f32) -> (f32, Light) {
    let kelvin = stream.between(5500.0, 8000.0);
    let white = black_body(kelvin);
    let key = Lamp::at(side * stream.between(35.0, 100.0), stream.between(0.0, 35.0), white, 35.0);
    let ratio = stream.log_between(0.15, 0.65);
    // The room is often lit by bulbs as well.
    let inside = if stream.chance(0.4) { black_body(stream.between(2700.0, 4000.0)) } else { white };
    (kelvin, Light { ambient: around(stream, inside * ratio, inside * ratio * 0.7), lamps: vec![key] })
}

fn sun(stream: &mut Stream, side: f32) -> (f32, Light) {
    let elevation = stream.between(8.0, 70.0);
    // Near the horizon the sun is red.
    let kelvin = 3000.0 + 2600.0 * (elevation / 40.0).min(1.0);
    let key = Lamp::at(side * stream.between(0.0, 120.0), elevation, black_body(kelvin) * 1.2, 2.0);
    let sky = black_body(stream.between(7000.0, 11_000.0)) * stream.between(0.25, 0.6);
    let ground = Vec3::new(1.0, 0.95, 0.8) * stream.between(0.15, 0.4);
    (5600.0, Light { ambient: around(stream, sky, ground), lamps: vec![key] })
}

fn overcast(stream: &mut Stream) -> (f32, Light) {
    let kelvin = stream.between(6000.0, 8000.0);
    let sky = black_body(kelvin) * 0.9;
    let ground = Vec3::new(1.0, 0.97, 0.9) * stream.between(0.1, 0.35);
    let soft = Lamp::at(stream.between(-60.0, 60.0), stream.between(35.0, 75.0), sky * 0.35, 50.0);
    (kelvin, Light { ambient: around(stream, sky, ground), lamps: vec![soft] })
}

fn room(stream: &mut Stream, side: f32) -> (f32, Light) {
    let kelvin = stream.between(2700.0, 5000.0);
    let white = black_body(kelvin);
    let count = 1 + stream.below(2);
    let lamp = |number: usize| {
        let side = if number == 0 { side } else { -side };
        let (azimuth, elevation) = (side * stream.between(0.0, 90.0), stream.between(25.0, 75.0));
        Lamp::at(azimuth, elevation, white * stream.between(0.4, 0.9), stream.between(6.0, 25.0))
    };
    let lamps = (0..count).map(lamp).collect();
    let dim = white * stream.between(0.25, 0.6);
    (kelvin, Light { ambient: around(stream, dim, dim * 0.6), lamps })
}

fn night(stream: &mut Stream) -> (f32, Light) {
    let kelvin = stream.log_between(2500.0, 9000.0);
    let mut color = black_body(kelvin);
    if stream.chance(0.3) {
        let tint = |stream: &mut Stream| stream.between(0.7, 1.15);
        color *= Vec3::new(tint(stream), tint(stream), tint(stream));
    }
    let key = Lamp::at(
        stream.between(-110.0, 110.0),
        stream.between(-20.0, 60.0),
        color,
        stream.between(3.0, 25.0),
    );
    let dim = color * stream.log_between(0.06, 0.3);
    (kelvin, Light { ambient: around(stream, dim, dim), lamps: vec![key] })
}

fn against(stream: &mut Stream, side: f32) -> (f32, Light) {
    let kelvin = stream.between(4500.0, 7500.0);
    let white = black_body(kelvin);
    let back = Lamp::at(side * stream.between(110.0, 165.0), stream.between(5.0, 50.0), white * 1.6, 12.0);
    let dim = white * stream.between(0.42, 0.8);
    (kelvin, Light { ambient: around(stream, dim, dim * 0.7), lamps: vec![back] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_lights_a_face_and_is_the_same_each_time() {
        for place in Place::ALL {
            for seed in 0..50 {
                let Lighting { light, kelvin, .. } = Lighting::at(place, Seed::new(seed));
                assert_eq!(light, Lighting::at(place, Seed::new(seed)).light);
                assert!((2400.0..=9100.0).contains(&kelvin), "{place:?} {kelvin}");
                assert!((1..=3).contains(&light.lamps.len()), "{place:?}");
                // From no side is there less than no light.
                for direction in [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z] {
                    let found = light.ambient.irradiance(direction);
                    assert!(found.min_element() > 0.0 && found.max_element() < 12.0, "{place:?} {found}");
                }
            }
        }
    }

    #[test]
    fn places_are_met_as_often_as_they_should() {
        let mut counts = [0; 7];
        for seed in 0..2000 {
            let place = Lighting::sample(Seed::new(seed)).place;
            counts[Place::ALL.iter().position(|other| *other == place).unwrap()] += 1;
        }
        for place in Place::ALL {
            let lighting = Lighting::at(place, Seed::new(1));
            for seed in 0..50 {
                let background = lighting.background(Seed::new(seed));
                assert!(place.sceneries().contains(&background.scenery), "{place:?} {background:?}");
            }
        }
        for (count, share) in counts.iter().zip(Place::SHARES) {
            assert!((f64::from(*count) / 2000.0 - f64::from(share)).abs() < 0.04, "{counts:?}");
        }
    }
}

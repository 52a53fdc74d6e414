//! How people stand together.

use glam::{Vec2, Vec3};

use super::{Crowd, FACE_HEIGHT, Member, Thing, ThingKind};
use crate::body::STATURE;
use crate::neck::Neck;
use crate::{Background, Lighting, Moment, Person, Place, Pose, Scenery, Seed, Sensor, Stream};

/// A way in which people stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrangement {
    /// Heads close together before a camera at arm's length.
    Selfie,
    /// Side by side.
    Row,
    /// In two rows, the hind one between the heads of the front one.
    Group,
    /// In rows that rise behind each other, each behind a barrier.
    Audience,
    /// Anywhere on a floor, at different distances.
    Passers,
}

impl Arrangement {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Selfie, Self::Row, Self::Group, Self::Audience, Self::Passers];

    /// How much people are turned away from the camera, as standard deviations of yaw, pitch and roll in degrees.
    fn turn(self) -> [f32; 3] {
        match self {
            Self::Selfie => [12.0, 7.0, 8.0],
            Self::Row | Self::Group => [13.0, 6.0, 5.0],
            Self::Audience => [18.0, 7.0, 5.0],
            Self::Passers => [38.0, 8.0, 5.0],
        }
    }
}

/// The widths that people take, and how high the eyes of somebody who takes a picture are, in millimetres.
const SHOULDERS: f32 = 470.0;
const EYES: f32 = 1560.0;
/// Between these shares of the height of the picture is the middle of every passer's face.
const NEAR: [f32; 2] = [0.25, 0.68];
/// How far seats are apart in an audience: to the side, behind each other, and up.
const SEAT: [f32; 3] = [560.0, 900.0, 300.0];
/// Where the upper edge of the barrier before a seat is, from the origin of the head down and to the camera.
const EDGE: [f32; 2] = [330.0, 360.0];

impl Crowd {
    /// A picture of `people`, the faces about as high in pixels as `sizes` say from the hairline to the chin: in
    /// [`Passers`](Arrangement::Passers) each as its own number, else all nearly as the first one. `size` is that of the
    /// picture and `focal` the focal length of the camera, in pixels. There must be as many sizes as people.
    ///
    /// Light, place, poses, clothes and the rest come from the seed, and can be changed in what is returned.
    pub fn compose(
        arrangement: Arrangement,
        people: Vec<Person>,
        sizes: &[f32],
        size: [u32; 2],
        focal: f32,
        seed: Seed,
    ) -> Self {
        let lighting = Lighting::sample(seed.of("lighting"));
        let scenery = scenery(lighting.place, &mut seed.of("scenery").stream());
        let mut background = Background::of(scenery, seed.of("background"));
        let near = sizes.iter().copied().fold(1.0, f32::max);
        // Small faces are seen by lenses that have everything in focus.
        let far = sizes.iter().copied().fold(f32::INFINITY, f32::min);
        background.blur *= (near / 160.0).clamp(0.05, 1.0) * (3.0 * far / near).min(1.0);
        let mut crowd = Self {
            width: size[0],
            height: size[1],
            focal,
            center: Vec2::new(size[0] as f32, size[1] as f32) * 0.5,
            focus: focal * FACE_HEIGHT / near,
            people: Vec::new(),
            things: Vec::new(),
            sensor: Sensor::sample(seed.of("sensor"), lighting.kelvin),
            lighting,
            background,
            seed,
        };
        let mut stream = seed.of("places").stream();
        let places = match arrangement {
            Arrangement::Selfie => crowd.selfie(sizes, &mut stream),
            Arrangement::Row => crowd.row(sizes, &mut stream),
            Arrangement::Group => crowd.group(sizes, &mut stream),
            Arrangement::Audience => crowd.audience(sizes, &mut stream),
            Arrangement::Passers => crowd.passers(sizes, &mut stream),
        };
        for ((person, place), number) in people.into_iter().zip(places).zip(0..) {
            let member = crowd.member(arrangement, person, place, seed.of("member").number(number));
            crowd.people.push(member);
        }
        crowd
    }

    /// A thing that faces ahead, where the crowd is.
    pub(super) fn thing(&self, kind: ThingKind, place: Vec3, seed: Seed) -> Thing {
        Thing { outside: OUTSIDE.contains(&self.background.scenery), ..Thing::of(kind, place, seed) }
    }

    fn member(&self, arrangement: Arrangement, person: Person, place: Vec3, seed: Seed) -> Member {
        let mut moment = Moment::sample(seed, &person);
        let mut stream = seed.of("turn").stream();
        let [yaw, pitch, roll] = arrangement.turn().map(|spread| spread * stream.normal(2.2));
        // Who looks into the camera is turned to it.
        let [aside, below] = [place.x, place.y].map(|off| off.atan2(place.z).to_degrees());
        moment.pose = Pose { yaw: (yaw - aside).clamp(-85.0, 85.0), pitch: pitch + below, roll };
        moment.distance = place.length();
        moment.span = self.width as f32 * place.z / self.focal;
        moment.lighting = self.lighting.clone();
        moment.background = self.background;
        moment.sensor = self.sensor;
        let floor = self.things.iter().find(|thing| thing.kind == ThingKind::Floor);
        let stature = floor.map_or(STATURE, |floor| floor.place.y - place.y);
        let body = match arrangement {
            Arrangement::Selfie => Neck::body(moment.pose),
            _ => Pose { yaw: 0.6 * moment.pose.yaw, pitch: 0.0, roll: 0.05 * roll },
        };
        Member { person, moment, place, body, stature }
    }

    fn depth(&self, size: f32) -> f32 {
        self.focal * FACE_HEIGHT / size
    }

    /// Moves the axis so that a height, in millimetres at a depth, is at a share of the picture.
    fn aim(&mut self, y: f32, depth: f32, share: f32) {
        self.center.y = share * self.height as f32 - self.focal * y / depth;
    }

    /// Puts a floor so far below the camera's axis, if feet are seen at this depth.
    fn ground(&mut self, below: f32, depth: f32) {
        if self.center.y + self.focal * below / depth < self.height as f32 + 1.0 {
            self.things.push(self.thing(ThingKind::Floor, Vec3::Y * below, self.seed.of("floor")));
        }
    }

    fn selfie(&mut self, sizes: &[f32], stream: &mut Stream) -> Vec<Vec3> {
        let depth = self.depth(sizes[0]);
        let apart = stream.between(195.0, 250.0);
        let middle = (sizes.len() as f32 - 1.0) / 2.0;
        let places = (0..sizes.len()).map(|number| {
            let x = (number as f32 - middle) * apart + stream.between(-15.0, 15.0);
            // Whose arm it is, is nearest.
            let back = if number == 0 { 0.0 } else { stream.between(40.0, 160.0) };
            let up = if sizes.len() > 1 { stream.between(-60.0, 40.0) } else { 0.0 };
            Vec3::new(x * (1.0 + back / depth), up, depth + back)
        });
        let places = places.collect();
        self.aim(0.0, depth, stream.between(0.45, 0.54));
        places
    }

    fn row(&mut self, sizes: &[f32], stream: &mut Stream) -> Vec<Vec3> {
        let depth = self.depth(sizes[0]);
        let places = self.line(sizes.len(), depth, [0.0, 45.0], stream);
        // A face high in the picture has a body below it; one alone is in its middle.
        self.aim(0.0, depth, stream.between(0.36, 0.5));
        self.ground(STATURE, depth);
        places
    }

    /// People side by side; `heights` are the height of their heads and its spread.
    fn line(&self, count: usize, depth: f32, heights: [f32; 2], stream: &mut Stream) -> Vec<Vec3> {
        let apart = SHOULDERS * stream.between(0.85, 1.1);
        let first = -apart * (count as f32 - 1.0) / 2.0 + 60.0 * stream.normal(1.5);
        (0..count)
            .map(|number| {
                let x = first + apart * number as f32 + stream.between(-40.0, 40.0);
                let y = heights[0] - heights[1] * stream.normal(2.0);
                Vec3::new(x, y, depth * (1.0 + 0.03 * stream.normal(2.0)))
            })
            .collect()
    }

    fn group(&mut self, sizes: &[f32], stream: &mut Stream) -> Vec<Vec3> {
        let depth = self.depth(sizes[0]);
        let front = sizes.len() / 2;
        let behind = depth + stream.between(350.0, 500.0);
        let rise = stream.between(280.0, 380.0);
        let mut places = self.line(front, depth, [rise, 30.0], stream);
        places.extend(self.line(sizes.len() - front, behind, [0.0, 40.0], stream));
        self.aim(0.4 * rise, depth, stream.between(0.4, 0.48));
        self.ground(STATURE, depth);
        places
    }

    fn audience(&mut self, sizes: &[f32], stream: &mut Stream) -> Vec<Vec3> {
        let depth = self.depth(sizes[0]);
        let (width, height) = (self.width as f32, self.height as f32);
        // As many rows as go into the picture, as many seats as there are in each, and no more than are needed.
        let step = self.focal * SEAT[2] / depth;
        let per_row = (width * depth / self.focal / SEAT[0]).max(1.0);
        let needed = (1.6 * sizes.len() as f32 / per_row).ceil();
        let rows = needed.min(0.62 * height / step).clamp(1.0, 8.0) as usize;
        let mut seats = Vec::new();
        for row in 0..rows {
            let back = row as f32 - (rows as f32 - 1.0) / 2.0;
            let place = Vec3::new(0.0, -SEAT[2] * back, (depth + SEAT[1] * back).max(0.6 * depth));
            let half = (0.5 * width * place.z / self.focal / SEAT[0]).floor() as i32;
            let aside = stream.between(-0.5, 0.5);
            seats.extend((-half..=half).map(|seat| place + Vec3::X * SEAT[0] * (seat as f32 + aside)));
            let edge = Vec3::new(0.0, place.y + EDGE[0], (place.z - EDGE[1]).max(0.5 * place.z));
            let seed = self.seed.of("barrier");
            self.things.push(self.thing(ThingKind::Barrier, edge, seed));
        }
        // Some seats stay empty.
        let places = (0..sizes.len()).map(|_| {
            let seat =
                if seats.is_empty() { Vec3::Z * depth } else { seats.swap_remove(stream.below(seats.len())) };
            seat + Vec3::new(
                stream.between(-70.0, 70.0),
                45.0 * stream.normal(2.0),
                stream.between(-60.0, 60.0),
            )
        });
        let places = places.collect();
        self.aim(0.0, depth, stream.between(0.42, 0.55));
        places
    }

    fn passers(&mut self, sizes: &[f32], stream: &mut Stream) -> Vec<Vec3> {
        let camera = EYES * stream.between(0.9, 1.15);
        self.center.y = self.height as f32 * stream.between(0.34, 0.46);
        self.ground(camera, self.depth(1.0));
        let mut taken: Vec<(f32, f32)> = Vec::new();
        sizes
            .iter()
            .map(|&size| {
                let depth = self.depth(size);
                let y = camera - STATURE - 60.0 * stream.normal(2.0);
                // Whoever is so near that only the top of the head would be seen bends down or stands up.
                let [high, low] =
                    NEAR.map(|share| (share * self.height as f32 - self.center.y) * depth / self.focal);
                let y = y.clamp(high, low);
                // Faces are not wholly behind each other, if there is room.
                let mut at = 0.0;
                for _ in 0..12 {
                    at = self.width as f32 * stream.between(0.02, 0.98);
                    if taken.iter().all(|(other, wide)| (at - other).abs() > 0.6 * wide.max(size)) {
                        break;
                    }
                }
                taken.push((at, size));
                Vec3::new((at - self.center.x) * depth / self.focal, y, depth)
            })
            .collect()
    }
}

impl Thing {
    /// A thing inside that faces ahead, of the size of a head.
    pub fn of(kind: ThingKind, place: Vec3, seed: Seed) -> Self {
        let pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
        Self { kind, place, pose, size: 1.0, outside: false, seed }
    }
}

/// What is seen behind people outside by day.
const OUTSIDE: [Scenery; 8] = [
    Scenery::Foliage,
    Scenery::Forest,
    Scenery::Sky,
    Scenery::Landscape,
    Scenery::Sea,
    Scenery::Street,
    Scenery::Facade,
    Scenery::Brick,
];

/// A background that such light is found before.
fn scenery(place: Place, stream: &mut Stream) -> Scenery {
    const INSIDE: [Scenery; 11] = [
        Scenery::Plaster,
        Scenery::Planks,
        Scenery::Tiles,
        Scenery::Wallpaper,
        Scenery::Curtain,
        Scenery::Room,
        Scenery::Window,
        Scenery::Bookshelf,
        Scenery::Office,
        Scenery::Shop,
        Scenery::Corridor,
    ];
    const DARK: [Scenery; 3] = [Scenery::Stage, Scenery::Night, Scenery::Crowd];
    let of = |list: &[Scenery], stream: &mut Stream| list[stream.below(list.len())];
    match place {
        Place::Studio => of(&[Scenery::Studio, Scenery::Paper, Scenery::Plaster, Scenery::Curtain], stream),
        Place::Window | Place::Room => of(&INSIDE, stream),
        Place::Sun | Place::Overcast => of(&OUTSIDE, stream),
        Place::Night => of(&DARK, stream),
        Place::Against if stream.chance(0.6) => of(&OUTSIDE, stream),
        Place::Against => of(&[Scenery::Window, Scenery::Room, Scenery::Office], stream),
    }
}

//! The recipe `detection`: pictures with any number of faces of any size, and things that are no faces.

use geometry::Rect;
use serde::{Deserialize, Serialize};
use synth::{Arrangement, Crowd, CrowdPicture, Person, Seed, Stream, ThingKind};

use crate::recipe::{MOST, text};
use crate::tags::{Tags, tag_columns};
use crate::truth::{self, MOMENT, PERSON};
use crate::{Column, Files, Kind, List, Sample, Source, Value, wider};

/// Sides of pictures, in pixels.
const SIDES: [u32; 2] = [160, 2048];
/// Most faces of a picture: more take a minute.
const FACES: u32 = 100;
/// Samples of a pixel along each axis.
const SAMPLES: u32 = 2;
/// How often people are anywhere, at all sizes at once; else they stand together and are about as large.
const PASSERS: f32 = 0.25;
/// Most faces of all sizes at once.
const MOST_PASSERS: usize = 8;
/// How often heads are held askew, and how far then, in degrees.
const ASKEW: f32 = 0.25;
const FARTHEST_ASKEW: f32 = 30.0;
/// How often the camera misses its subject, so that the border cuts some faces off.
const MISSED: f32 = 0.15;
/// How often things are among people that look a little like faces.
const LURED: f32 = 0.35;
/// No face is nearer to the camera than about this many heights of a face.
const NEAREST: f32 = 2.1;

/// The same faces in the layout of WIDER FACE.
const LIST: &str = "wider_face_bbx_gt.txt";

/// Pictures of crowds: to learn and to test where faces are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many pictures.
    pub pictures: u64,
    /// Width of the pictures in pixels.
    pub width: u32,
    /// Height of the pictures in pixels.
    pub height: u32,
    /// Most faces of a picture.
    pub faces: u32,
    /// Height of the smallest faces from the hairline to the chin, in pixels. Sizes lie evenly in the logarithm.
    #[serde(default = "smallest")]
    pub smallest: f32,
    /// Height of the largest faces, in pixels.
    #[serde(default = "largest")]
    pub largest: f32,
    /// Which share of the pictures has no face, 0..=1.
    #[serde(default = "empty")]
    pub empty: f32,
    /// What files the pictures become.
    #[serde(flatten)]
    pub files: Files,
}

fn smallest() -> f32 {
    8.0
}

fn largest() -> f32 {
    400.0
}

fn empty() -> f32 {
    0.1
}

impl Detection {
    /// The scene of a picture, before it is taken.
    pub fn scene(&self, index: u64) -> Crowd {
        let seed = Seed::new(self.seed).of("scenes").number(index);
        let mut stream = seed.of("scene").stream();
        if stream.chance(self.empty) {
            let focal = self.width as f32 * stream.log_between(0.8, 2.5);
            let mut crowd =
                Crowd::compose(Arrangement::Row, Vec::new(), &[60.0], [self.width, self.height], focal, seed);
            crowd.add_lures(stream.below(6), seed);
            return crowd;
        }
        let (arrangement, sizes) = self.sizes(&mut stream);
        let near = sizes.iter().copied().fold(0.0, f32::max);
        let focal = (self.width as f32 * stream.log_between(0.8, 2.5)).max(NEAREST * near);
        let people = (0..sizes.len() as u64).map(|number| Person::new(seed.of("people").number(number)));
        let mut crowd =
            Crowd::compose(arrangement, people.collect(), &sizes, [self.width, self.height], focal, seed);
        for member in &mut crowd.people {
            if stream.chance(ASKEW) {
                member.moment.pose.roll = stream.between(-FARTHEST_ASKEW, FARTHEST_ASKEW);
            }
        }
        if stream.chance(MISSED) {
            crowd.center.x += self.width as f32 * stream.between(-0.4, 0.4);
        }
        if arrangement != Arrangement::Selfie && stream.chance(LURED) {
            crowd.add_lures(1 + stream.below(3), seed);
        }
        crowd
    }

    /// How people stand, and the height of each one's face in pixels.
    fn sizes(&self, stream: &mut Stream) -> (Arrangement, Vec<f32>) {
        let any = |stream: &mut Stream| stream.log_between(self.smallest, self.largest);
        if stream.chance(PASSERS) {
            let count = 1 + stream.below(MOST_PASSERS.min(self.faces as usize));
            return (Arrangement::Passers, (0..count).map(|_| any(stream)).collect());
        }
        // Where there is room for many faces there are many, so such scenes are rarer by as much: each size is met in as
        // many faces as any other.
        let size = loop {
            let size = any(stream);
            if stream.chance(1.0 / self.mean_count(size)) {
                break size;
            }
        };
        let count = (self.most(size).ln() * stream.between(0.0, 1.0)).exp().round() as usize;
        let count = count.max(1);
        let arrangement = match size {
            size if size > 140.0 && stream.chance(0.6) => Arrangement::Selfie,
            size if size > 60.0 && stream.chance(0.5) || count < 3 => Arrangement::Row,
            size if size > 60.0 || count < 8 => Arrangement::Group,
            _ => Arrangement::Audience,
        };
        (arrangement, vec![size; count])
    }

    /// How many faces of a size there is room for.
    fn most(&self, size: f32) -> f32 {
        let room = 0.1 * (self.width * self.height) as f32 / (size * size);
        room.clamp(1.0, self.faces as f32)
    }

    /// How many there are in the mean: their logarithm lies evenly below that of the most.
    fn mean_count(&self, size: f32) -> f32 {
        const STEPS: u16 = 64;
        let most = self.most(size).ln();
        let count = |step: u16| ((f32::from(step) + 0.5) / f32::from(STEPS) * most).exp().round().max(1.0);
        (0..STEPS).map(count).sum::<f32>() / f32::from(STEPS)
    }

    fn rows(&self, index: u64, crowd: &Crowd, picture: &CrowdPicture) -> Vec<Vec<Value>> {
        let mut rows = Vec::new();
        for (number, (member, sight)) in crowd.people.iter().zip(&picture.people).enumerate() {
            let id = index as i64 * i64::from(FACES) + number as i64;
            let mut row = vec![Value::Text("face".to_owned()), Value::Flag(true), Value::Integer(id)];
            row.extend(self.inside(&sight.face));
            row.extend(Tags::new(member, sight, picture.blurs[number], &picture.image).values());
            row.extend(truth::values(&PERSON, &member.person));
            row.extend(truth::values(&MOMENT, &member.moment));
            row.extend([sight.head.x1, sight.head.y1, sight.head.x2, sight.head.y2].map(Value::Float));
            row.extend(truth::place_values(sight));
            rows.push(row);
        }
        let width = self.columns().len();
        for (thing, seen) in crowd.things.iter().zip(&picture.things) {
            if let (true, Some(seen)) = (ThingKind::LURES.contains(&thing.kind), seen) {
                let kind = Value::Text(format!("{:?}", thing.kind).to_lowercase());
                let mut row = vec![kind, Value::Flag(false), Value::Nothing];
                row.extend(self.inside(seen));
                row.resize(width, Value::Nothing);
                rows.push(row);
            }
        }
        if rows.is_empty() {
            let mut row = vec![Value::Text("nothing".to_owned()), Value::Flag(false)];
            row.resize(width, Value::Nothing);
            rows.push(row);
        }
        rows
    }

    /// The part of a box that is in the picture: left, top, width and height, as WIDER FACE has it.
    fn inside(&self, rect: &Rect) -> [Value; 4] {
        let x = [rect.x1, rect.x2].map(|x| (x + 0.5).clamp(0.0, self.width as f32));
        let y = [rect.y1, rect.y2].map(|y| (y + 0.5).clamp(0.0, self.height as f32));
        [x[0], y[0], x[1] - x[0], y[1] - y[0]].map(Value::Float)
    }
}

impl Source for Detection {
    fn recipe(&self) -> String {
        text("detection", self)
    }

    fn check(&self) -> Result<(), String> {
        if self.pictures == 0 || self.pictures > MOST {
            return Err("pictures must be from 1 to 3,276,800".to_owned());
        }
        if [self.width, self.height].iter().any(|side| !(SIDES[0]..=SIDES[1]).contains(side)) {
            return Err(format!("width and height must be from {} to {} pixels", SIDES[0], SIDES[1]));
        }
        if !(1..=FACES).contains(&self.faces) {
            return Err(format!("faces must be from 1 to {FACES}, the most of a picture"));
        }
        if !(4.0..=1000.0).contains(&self.smallest) || !(self.smallest..=1000.0).contains(&self.largest) {
            return Err("smallest and largest must be heights of faces from 4 to 1000 pixels, \
                        and largest not below smallest"
                .to_owned());
        }
        if self.largest > 2.0 * self.height as f32 {
            return Err("largest must be at most twice the height of the pictures".to_owned());
        }
        if !(0.0..=1.0).contains(&self.empty) {
            return Err("empty must be from 0 to 1, a share of the pictures".to_owned());
        }
        self.files.check()
    }

    fn files(&self) -> Files {
        self.files
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::new(
                "object",
                Kind::Text,
                "face, or what it is instead; nothing: the picture has neither",
            ),
            Column::new("face", Kind::Flag, "whether it is a face"),
            Column::new("person", Kind::Integer, "number of the person; nobody is met twice"),
        ];
        let inside = "of the box within the picture as in WIDER FACE's lists, pixels from its corner; of a thing, what is seen";
        columns.extend(
            [("left", "left edge"), ("top", "top edge"), ("width", "width"), ("height", "height")].map(
                |(name, about)| Column::new(name, Kind::Float, format!("{about} {inside}")).in_picture(),
            ),
        );
        columns.extend(tag_columns());
        columns.extend(truth::columns(&PERSON));
        columns.extend(truth::columns(&MOMENT));
        columns.extend(truth::head_columns());
        columns.extend(truth::place_columns());
        columns
    }

    fn list(&self) -> Option<List> {
        Some(List { name: LIST, text: wider::list })
    }

    fn len(&self) -> u64 {
        self.pictures
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let crowd = self.scene(index);
        let picture = crowd.take(SAMPLES);
        let rows = self.rows(index, &crowd, &picture);
        Ok(Sample { image: picture.image, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synth::Pose;

    fn recipe() -> Detection {
        Detection {
            seed: 1,
            pictures: 10,
            width: 640,
            height: 480,
            faces: 20,
            smallest: 8.0,
            largest: 400.0,
            empty: 0.1,
            files: Files::default(),
        }
    }

    #[test]
    fn sizes_lie_evenly_in_the_logarithm() {
        let recipe = recipe();
        let mut counts = [0u32; 6];
        let mut faces = 0;
        for index in 0..3000 {
            let scene = recipe.scene(index);
            for member in &scene.people {
                let size = scene.face_height(member.place.z);
                let at = ((size / 8.0).ln() / 50f32.ln() * 6.0).clamp(0.0, 5.99);
                counts[at as usize] += 1;
                faces += 1;
            }
        }
        let mean = f64::from(faces) / 6.0;
        assert!(
            counts.iter().all(|count| (0.75..1.3).contains(&(f64::from(*count) / mean))),
            "{counts:?} of {faces}"
        );
    }

    #[test]
    fn scenes_are_of_all_kinds() {
        let recipe = recipe();
        let scenes: Vec<Crowd> = (0..400).map(|index| recipe.scene(index)).collect();
        let share = |test: &dyn Fn(&Crowd) -> bool| {
            scenes.iter().filter(|scene| test(scene)).count() as f64 / scenes.len() as f64
        };
        assert!((0.05..0.16).contains(&share(&|scene| scene.people.is_empty())));
        assert!(share(&|scene| scene.people.len() > 5) > 0.1);
        assert!(scenes.iter().all(|scene| scene.people.len() <= 20));
        assert!(share(&|scene| !scene.things.is_empty()) > 0.3);
        let rolls: Vec<Pose> =
            scenes.iter().flat_map(|scene| &scene.people).map(|member| member.moment.pose).collect();
        assert!(rolls.iter().any(|pose| pose.roll > 22.0) && rolls.iter().any(|pose| pose.roll < -22.0));
        assert!(rolls.iter().all(|pose| pose.roll.abs() <= FARTHEST_ASKEW));
    }

    #[test]
    fn rows_have_a_value_for_every_column_and_say_what_is_no_face() {
        let recipe = Detection { width: 200, height: 160, largest: 60.0, faces: 3, ..recipe() };
        let columns = recipe.columns().len();
        let (mut faces, mut others) = (0, 0);
        for index in 0..10 {
            let sample = recipe.sample(index).unwrap();
            assert!(!sample.rows.is_empty() && sample.rows.iter().all(|row| row.len() == columns));
            for row in &sample.rows {
                if row[1] == Value::Flag(true) {
                    faces += 1
                } else {
                    others += 1
                }
                if let [Value::Float(x), Value::Float(y), Value::Float(width), Value::Float(height)] =
                    row[3..7]
                {
                    assert!(x >= 0.0 && y >= 0.0 && x + width <= 200.0 && y + height <= 160.0);
                }
            }
        }
        assert!(faces >= 5 && others >= 1, "{faces} {others}");
        assert_eq!(recipe.sample(3).unwrap(), recipe.sample(3).unwrap());
    }
}

//! The recipe `recognition`: people, each with several pictures.

use geometry::{Landmarks, Point, Rect, Template};
use imaging::{encode_png, warp_antialiased};
use serde::{Deserialize, Serialize};
use synth::{Item, Lenses, Moment, Person, Portrait, Seed, VERSION};

use crate::{Column, Kind, Picture, Sample, Source, Value};

/// Sides of pictures, in pixels.
const SIZES: [u32; 2] = [32, 2048];
/// Most pictures of a set; see [`write`](crate::write()).
const MOST: u64 = 3_276_800;
/// An aligned face is cut out of a picture so many times as large, so that no detail is lost.
const LARGER: f32 = 1.5;
/// Samples of a pixel along each axis.
const SAMPLES: u32 = 2;

/// People, each with several pictures: to learn and to test who is who.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognition {
    /// Decides over everything. Other seeds show other people.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// Pictures of each.
    pub pictures: u64,
    /// Width and height in pixels.
    pub size: u32,
    /// Whether faces are cut out as ArcFace does, by their five points.
    #[serde(default)]
    pub aligned: bool,
    /// How far these points are from the truth, as those of a detector are: a standard deviation, as a share of the distance
    /// between the eyes.
    #[serde(default)]
    pub jitter: f32,
}

impl Recognition {
    /// Whether it can be made.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.people == 0 || self.pictures == 0 {
            return Err("people and pictures must be at least 1".to_owned());
        }
        if self.people.checked_mul(self.pictures).is_none_or(|all| all > MOST) {
            return Err("people times pictures must be at most 3,276,800".to_owned());
        }
        if !(SIZES[0]..=SIZES[1]).contains(&self.size) {
            return Err(format!("size must be from {} to {} pixels", SIZES[0], SIZES[1]));
        }
        if self.aligned && Template::arcface(self.size).is_none() {
            return Err("the size of aligned faces must be a multiple of 112 or 128 pixels".to_owned());
        }
        if !(0.0..=0.2).contains(&self.jitter) {
            return Err("jitter must be from 0 to 0.2 of the distance between the eyes".to_owned());
        }
        Ok(())
    }

    /// The person of this number.
    pub fn person(&self, number: u64) -> Person {
        Person::new(Seed::new(self.seed).of("people").number(number))
    }

    /// A picture of a person, not aligned, with all that is true of it.
    pub fn portrait(&self, person: &Person, picture: u64) -> (Moment, Portrait) {
        let moment = Moment::sample(person.seed.of("pictures").number(picture), person);
        let size = if self.aligned { (self.size as f32 * LARGER).round() as u32 } else { self.size };
        let portrait = moment.portrait(person, size, size, SAMPLES);
        (moment, portrait)
    }

    /// Cuts the face out as a detector whose points are a little off would have it.
    fn align(&self, portrait: Portrait, seed: Seed) -> Result<Portrait, String> {
        let template = Template::arcface(self.size).ok_or("no alignment of this size")?;
        let mut stream = seed.of("alignment").stream();
        let reach = self.jitter * portrait.five.eye_distance();
        let seen = portrait.five.map(|point| Point {
            x: point.x + reach * stream.normal(3.0),
            y: point.y + reach * stream.normal(3.0),
        });
        let map = template.fit(&seen).ok_or("the five points of the face lie in one place")?;
        let image = warp_antialiased(&portrait.image, &map, self.size, self.size, [0; 3]);
        let corners = [(portrait.face.x1, portrait.face.y1), (portrait.face.x2, portrait.face.y2)]
            .map(|(x, y)| map.apply(Point { x, y }));
        Ok(Portrait {
            image,
            five: portrait.five.map(|point| map.apply(point)),
            points: portrait.points.iter().map(|point| map.apply(*point)).collect(),
            face: Rect::new(corners[0].x, corners[0].y, corners[1].x, corners[1].y),
        })
    }
}

impl Source for Recognition {
    fn recipe(&self) -> String {
        // What is written was read: it cannot fail, and an empty text fits no other set.
        let text = toml::to_string(self).unwrap_or_default();
        format!("kind = \"recognition\"\ngenerator = {VERSION}\n{text}")
    }

    fn columns(&self) -> Vec<Column> {
        use Kind::{Float, Integer, Text};
        let mut columns = vec![
            Column::new("person", Integer, "number of the person, from 0"),
            Column::new("picture", Integer, "number of the picture of this person, from 0"),
            Column::new("sex", Float, "0 female to 1 male"),
            Column::new("age", Float, "years"),
            Column::new("tone", Float, "skin on the scale of all people, 0 the lightest to 1 the darkest"),
            Column::new("yaw", Float, "degrees, positive: the nose points right in the picture"),
            Column::new("pitch", Float, "degrees, positive: the nose points up"),
            Column::new("roll", Float, "degrees, positive: tilted clockwise, before alignment"),
            Column::new("distance", Float, "from the camera to the middle of the head, millimetres"),
            Column::new("place", Text, "what kind of light"),
            Column::new("kelvin", Float, "temperature of the light"),
            Column::new("background", Text, "what is behind"),
            Column::new("exposure", Float, "stops from what the meter says"),
            Column::new("worn", Text, "what is worn or held, by commas"),
        ];
        let pixels = |name: &str, about: &str| {
            ["x", "y"].map(|axis| {
                Column::new(
                    format!("{name}_{axis}"),
                    Float,
                    format!("{about}, pixels from the middle of the first"),
                )
            })
        };
        let box_about = "the face from the hairline to the chin, as WIDER FACE has it, pixels from the middle of the first";
        columns.extend(
            ["x1", "y1", "x2", "y2"].map(|edge| Column::new(format!("face_{edge}"), Float, box_about)),
        );
        for (name, about) in FIVE {
            columns.extend(pixels(name, about));
        }
        for point in 0..68 {
            columns.extend(pixels(&format!("point{point:02}"), "a point of 300-W, numbered from 0"));
        }
        columns
    }

    fn len(&self) -> u64 {
        self.people * self.pictures
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (number, picture) = (index / self.pictures, index % self.pictures);
        let person = self.person(number);
        let (moment, mut portrait) = self.portrait(&person, picture);
        if self.aligned {
            portrait = self.align(portrait, moment.seed)?;
        }
        let Portrait { image, five, points, face } = portrait;
        let float = Value::Float;
        let mut row = vec![
            Value::Integer(number as i64),
            Value::Integer(picture as i64),
            float(person.form.sex),
            float(person.form.age),
            float(person.tone),
            float(moment.pose.yaw),
            float(moment.pose.pitch),
            float(moment.pose.roll),
            float(moment.distance),
            Value::Text(format!("{:?}", moment.lighting.place).to_lowercase()),
            float(moment.lighting.kelvin),
            Value::Text(format!("{:?}", moment.background.scenery).to_lowercase()),
            float(moment.sensor.exposure),
            Value::Text(moment.worn.iter().map(name).collect::<Vec<_>>().join(",")),
        ];
        row.extend([face.x1, face.y1, face.x2, face.y2].map(float));
        let Landmarks(five) = five;
        row.extend(five.iter().chain(&points).flat_map(|point| [float(point.x), float(point.y)]));
        let bytes = encode_png(&image).map_err(|error| error.to_string())?;
        Ok(Sample { picture: Picture { extension: "png", bytes }, rows: vec![row] })
    }
}

/// What an item is called in the table.
fn name(item: &Item) -> &'static str {
    match item {
        Item::Glasses(glasses) if glasses.lenses == Lenses::Dark => "sunglasses",
        Item::Glasses(_) => "glasses",
        Item::Hat(_) => "hat",
        Item::Headscarf(_) => "headscarf",
        Item::Mask(_) => "mask",
        Item::Scarf(_) => "scarf",
        Item::Headphones(_) => "headphones",
        Item::Earrings(_) => "earrings",
        Item::Occluder(_) => "occluder",
        Item::Clothing(_) => "clothing",
    }
}

/// The five points in the order of the field.
const FIVE: [(&str, &str); 5] = [
    ("left_eye", "middle of the eye that is on the left in the picture"),
    ("right_eye", "middle of the eye that is on the right in the picture"),
    ("nose", "tip of the nose"),
    ("left_mouth", "corner of the mouth that is on the left in the picture"),
    ("right_mouth", "corner of the mouth that is on the right in the picture"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(aligned: bool) -> Recognition {
        Recognition { seed: 1, people: 3, pictures: 2, size: 112, aligned, jitter: 0.02 }
    }

    #[test]
    fn samples_have_a_value_for_every_column() {
        for aligned in [false, true] {
            let source = recipe(aligned);
            let sample = source.sample(5).unwrap();
            assert_eq!(sample.rows[0].len(), source.columns().len());
            assert_eq!(sample.rows[0][..2], [Value::Integer(2), Value::Integer(1)]);
            assert_eq!(sample, source.sample(5).unwrap());
            assert_ne!(sample.picture, source.sample(4).unwrap().picture);
        }
    }

    #[test]
    fn aligned_faces_lie_where_the_template_has_them() {
        let wanted = Template::arcface(112).unwrap();
        let first = recipe(true).columns().iter().position(|column| column.name == "left_eye_x").unwrap();
        let points = |source: &Recognition, index: u64| {
            let row = source.sample(index).unwrap().rows.remove(0);
            let number = |at: usize| match row[first + at] {
                Value::Float(number) => number,
                ref other => panic!("{other:?}"),
            };
            Landmarks(std::array::from_fn(|point| Point { x: number(2 * point), y: number(2 * point + 1) }))
        };
        let exact = Recognition { jitter: 0.0, ..recipe(true) };
        for index in 0..6 {
            // Nothing is left to be turned, scaled or moved.
            let map = wanted.fit(&points(&exact, index)).unwrap();
            assert!((map.scale() - 1.0).abs() < 1e-4 && map.rotation().abs() < 0.01, "{map:?}");
            let center = Point { x: 56.0, y: 56.0 };
            let moved = map.apply(center);
            assert!((moved.x - center.x).hypot(moved.y - center.y) < 0.01, "{moved:?}");
            // A detector that errs a little leaves a little.
            let left = wanted.fit(&points(&recipe(true), index)).unwrap();
            assert!(left != map && (left.scale() - 1.0).abs() < 0.1, "{left:?}");
        }
    }
}

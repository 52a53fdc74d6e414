//! What is true of a face: columns of a table, and beside each what stands in it.
//!
//! A recipe strings groups together: those of a [`PERSON`], of a [`MOMENT`], of the expression, of where the face is
//! seen, and its own. [`columns`] says what they mean, [`values`] fills a row.

use geometry::Landmarks;
use synth::{Degradation, EXPRESSION_MODES, Form, Item, Lenses, Moment, Person, Sight};

use crate::{Column, Kind, Value};

/// A column, and how its value is found in a `T`.
pub(crate) struct Field<T> {
    /// Name of the column.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What it means, with units and frame.
    pub(crate) about: &'static str,
    /// What stands in it.
    pub(crate) value: fn(&T) -> Value,
}

/// The columns of a group.
pub(crate) fn columns<T>(fields: &[Field<T>]) -> impl Iterator<Item = Column> + '_ {
    fields.iter().map(|field| Column::new(field.name, field.kind, field.about))
}

/// What stands in them.
pub(crate) fn values<'a, T>(fields: &'a [Field<T>], of: &'a T) -> impl Iterator<Item = Value> + 'a {
    fields.iter().map(move |field| (field.value)(of))
}

const fn float<T>(name: &'static str, about: &'static str, value: fn(&T) -> Value) -> Field<T> {
    Field { name, kind: Kind::Float, about, value }
}

const fn text<T>(name: &'static str, about: &'static str, value: fn(&T) -> Value) -> Field<T> {
    Field { name, kind: Kind::Text, about, value }
}

/// Who it is.
pub(crate) const PERSON: [Field<Person>; 3] = [
    float("sex", "0 female to 1 male", |person| Value::Float(person.form.sex)),
    float("age", "years", |person| Value::Float(person.form.age)),
    float("tone", "skin on the scale of all people, 0 the lightest to 1 the darkest", |person| {
        Value::Float(person.tone)
    }),
];

/// When and how the picture was taken.
pub(crate) const MOMENT: [Field<Moment>; 14] = [
    float("yaw", "degrees, positive: the nose points right in the picture", |moment| {
        Value::Float(moment.pose.yaw)
    }),
    float("pitch", "degrees, positive: the nose points up", |moment| Value::Float(moment.pose.pitch)),
    float("roll", "degrees, positive: tilted clockwise, before alignment", |moment| {
        Value::Float(moment.pose.roll)
    }),
    float("distance", "from the camera to the middle of the head, millimetres", |moment| {
        Value::Float(moment.distance)
    }),
    text("place", "what kind of light", |moment| word(moment.lighting.place)),
    float("kelvin", "temperature of the light", |moment| Value::Float(moment.lighting.kelvin)),
    text("background", "what is behind", |moment| word(moment.background.scenery)),
    float("exposure", "stops from what the meter says", |moment| Value::Float(moment.sensor.exposure)),
    float("white", "temperature of light that the camera takes for white, kelvin", |moment| {
        Value::Float(moment.sensor.white)
    }),
    float("contrast", "steepness of the tone curve around grey, 1 for none", |moment| {
        Value::Float(moment.sensor.contrast)
    }),
    float("saturation", "1 for true colours, 0 for a grey picture", |moment| {
        Value::Float(moment.sensor.saturation)
    }),
    float("read_noise", "standard deviation of the noise in the dark, as a share of white", |moment| {
        Value::Float(moment.sensor.read_noise)
    }),
    float("shot_noise", "variance of the noise of photons for light as strong as white", |moment| {
        Value::Float(moment.sensor.shot_noise)
    }),
    text("worn", "what is worn or held, by commas", |moment| {
        Value::Text(moment.worn.iter().map(item).collect::<Vec<_>>().join(","))
    }),
];

/// What a variant is called in the table.
fn word(variant: impl std::fmt::Debug) -> Value {
    Value::Text(format!("{variant:?}").to_lowercase())
}

/// What an item is called in the table.
fn item(item: &Item) -> &'static str {
    match item {
        Item::Glasses(glasses) if glasses.lenses == Lenses::Dark => "sunglasses",
        Item::Glasses(_) => "glasses",
        Item::Hat(_) => "hat",
        Item::Headscarf(_) => "headscarf",
        Item::Mask(_) => "mask",
        Item::Scarf(_) => "scarf",
        Item::Headphones(_) => "headphones",
        Item::Earrings(_) => "earrings",
        Item::Necklace(_) => "necklace",
        Item::Occluder(_) => "occluder",
        Item::Clothing(_) => "clothing",
    }
}

/// A coefficient of a form by the name of its mode, in standard deviations.
pub(crate) fn shape(form: &Form, name: &str) -> f32 {
    Form::shape_index(name).and_then(|at| form.shape.get(at).copied()).unwrap_or(0.0)
}

/// How strong movements of the face are on the average, 0..=1.
pub(crate) fn average(form: &Form, names: &[&str]) -> f32 {
    let strength = |name: &&str| Form::expression_index(name).and_then(|at| form.expression.get(at).copied());
    names.iter().map(|name| strength(name).unwrap_or(0.0)).sum::<f32>() / names.len() as f32
}

/// The gaze, and how strong each movement of the face is.
pub(crate) fn expression_columns() -> Vec<Column> {
    let gaze = [("gaze_yaw", "to the left of the person"), ("gaze_pitch", "upwards")];
    let gaze = gaze.map(|(name, way)| {
        Column::new(
            name,
            Kind::Float,
            format!("how far the eyes are turned {way}, degrees from the head's axis"),
        )
    });
    let modes = EXPRESSION_MODES.iter().map(|mode| {
        let unit = match mode.action_unit {
            0 => String::new(),
            unit => format!(", action unit {unit} of FACS"),
        };
        let name = format!("expression_{}", mode.name.replace(' ', "_"));
        Column::new(name, Kind::Float, format!("{}, 0 to 1{unit}; sides are the person's", mode.name))
    });
    gaze.into_iter().chain(modes).collect()
}

/// What stands in [`expression_columns`].
pub(crate) fn expression_values(form: &Form) -> impl Iterator<Item = Value> + '_ {
    let modes = (0..EXPRESSION_MODES.len()).map(|at| form.expression.get(at).copied().unwrap_or(0.0));
    form.gaze.into_iter().chain(modes).map(Value::Float)
}

/// The five points in the order of the field.
const FIVE: [(&str, &str); 5] = [
    ("left_eye", "middle of the eye that is on the left in the picture"),
    ("right_eye", "middle of the eye that is on the right in the picture"),
    ("nose", "tip of the nose"),
    ("left_mouth", "corner of the mouth that is on the left in the picture"),
    ("right_mouth", "corner of the mouth that is on the right in the picture"),
];

/// A column of pixels.
fn pixels(name: String, about: &str) -> Column {
    Column::new(name, Kind::Float, format!("{about}, pixels from the middle of the first")).in_picture()
}

/// Both coordinates of a point.
fn point(name: &str, about: &str) -> [Column; 2] {
    ["x", "y"].map(|axis| pixels(format!("{name}_{axis}"), about))
}

/// The five points of a face: `left_eye_x`, `left_eye_y`, and so on. [`Row::five`](crate::Row::five) reads them.
pub fn five_columns() -> Vec<Column> {
    FIVE.iter().flat_map(|(name, about)| point(name, about)).collect()
}

/// What stands in [`five_columns`].
pub fn five_values(five: &Landmarks) -> Vec<Value> {
    five.0.iter().flat_map(|point| [point.x, point.y]).map(Value::Float).collect()
}

/// Where the face is in the picture: its box, the five points and the 68.
pub(crate) fn place_columns() -> Vec<Column> {
    let edges = ["x1", "y1", "x2", "y2"].map(|edge| {
        pixels(format!("face_{edge}"), "the face from the hairline to the chin, as WIDER FACE has it")
    });
    let points = (0..68).flat_map(|at| point(&format!("point{at:02}"), "a point of 300-W, numbered from 0"));
    edges.into_iter().chain(five_columns()).chain(points).collect()
}

/// What stands in [`place_columns`].
pub(crate) fn place_values(sight: &Sight) -> impl Iterator<Item = Value> + '_ {
    let face = &sight.face;
    let points = sight.five.0.iter().chain(&sight.points).flat_map(|point| [point.x, point.y]);
    [face.x1, face.y1, face.x2, face.y2].into_iter().chain(points).map(Value::Float)
}

/// Where the head is in the picture.
pub(crate) fn head_columns() -> [Column; 4] {
    ["x1", "y1", "x2", "y2"]
        .map(|edge| pixels(format!("head_{edge}"), "the head from the crown to the chin without hair"))
}

/// What is seen of the face.
pub(crate) fn sight_columns() -> Vec<Column> {
    let about =
        "share of the face turned to the camera that is not hidden and lies within the picture, 0 to 1";
    let mut columns = vec![Column::new("seen", Kind::Float, about)];
    columns.extend(head_columns());
    let about =
        "whether this point is seen: in the picture, and nothing before it, not the head itself either";
    columns.extend(FIVE.map(|(name, _)| Column::new(format!("{name}_seen"), Kind::Flag, about)));
    columns.push(Column::new("points_seen", Kind::Text, "for each of the 68 points 1 if it is seen, else 0"));
    columns
}

/// What stands in [`sight_columns`].
pub(crate) fn sight_values(sight: &Sight) -> Vec<Value> {
    let head = &sight.head;
    let numbers = [sight.seen, head.x1, head.y1, head.x2, head.y2].map(Value::Float);
    let points = sight.points_seen.iter().map(|seen| if *seen { '1' } else { '0' }).collect();
    numbers.into_iter().chain(sight.five_seen.map(Value::Flag)).chain([Value::Text(points)]).collect()
}

/// All that is said of the one face of a picture: who it is, the moment, the expression, and what is seen where.
pub(crate) fn face_columns() -> Vec<Column> {
    let mut all: Vec<Column> = columns(&PERSON).chain(columns(&MOMENT)).collect();
    all.extend(expression_columns());
    all.extend(place_columns());
    all.extend(sight_columns());
    all
}

/// What stands in [`face_columns`].
pub(crate) fn face_values(person: &Person, moment: &Moment, sight: &Sight) -> Vec<Value> {
    let mut all: Vec<Value> = values(&PERSON, person).chain(values(&MOMENT, moment)).collect();
    all.extend(expression_values(&moment.form(person)));
    all.extend(place_values(sight));
    all.extend(sight_values(sight));
    all
}

/// Most passes of a degradation.
const PASSES: usize = 2;

/// What was done to the picture after it was taken.
pub(crate) fn degradation_columns() -> Vec<Column> {
    const PARTS: [(&str, &str); 10] = [
        ("blur", "standard deviation of the blur of the lens, pixels"),
        ("stretch", "how many times wider that blur is along its axis than across"),
        ("axis", "direction of that axis, degrees clockwise from the x axis"),
        ("motion", "length of the path of a moving camera, pixels"),
        ("direction", "direction of that path, degrees clockwise from the x axis"),
        ("scale", "how many times smaller the picture became, before it was enlarged again"),
        ("noise", "standard deviation of noise that is as strong everywhere, levels of 255"),
        ("gray", "the same, of noise without colour"),
        ("photons", "variance of the noise of photons for each level of light"),
        ("jpeg", "quality of JPEG, 100 for no compression"),
    ];
    let pass = |number: usize| {
        PARTS.map(|(name, about)| {
            let about = format!("{about}; pass {number}, nothing if there was none");
            let column = Column::new(format!("degrade{number}_{name}"), Kind::Float, about);
            if ["blur", "motion"].contains(&name) { column.in_picture() } else { column }
        })
    };
    (1..=PASSES).flat_map(pass).collect()
}

/// What stands in [`degradation_columns`].
pub(crate) fn degradation_values(degradation: &Degradation) -> Vec<Value> {
    let pass = |number: usize| match degradation.passes.get(number) {
        Some(pass) => [
            pass.blur,
            pass.stretch,
            pass.axis,
            pass.motion,
            pass.direction,
            pass.scale,
            pass.noise,
            pass.gray,
            pass.photons,
            f32::from(pass.jpeg),
        ]
        .map(Value::Float),
        None => [const { Value::Nothing }; 10],
    };
    (0..PASSES).flat_map(pass).collect()
}

/// The number in a row below a name.
#[cfg(test)]
pub(crate) fn cell(source: &dyn crate::Source, row: &[Value], name: &str) -> f32 {
    let at = source.columns().iter().position(|column| column.name == name).unwrap();
    match row[at] {
        Value::Float(number) => number,
        ref other => panic!("{other:?}"),
    }
}

//! How hard a face is to find: the tags of WIDER FACE, and the numbers that they come from.

use geometry::Rect;
use imaging::Image;
use synth::{EXPRESSION_MODES, Member, Sight};

use crate::{Column, Kind, Value};

/// Shares of a face that is hidden from which on it counts as occluded in part and heavily; and so much that nobody
/// would mark it.
const HIDDEN: [f32; 2] = [0.08, 0.35];
const INVALID: f32 = 0.9;
/// Radius of the disc of a point, as a share of the face's height, from which on it is blurred, and heavily.
const BLURRED: [f32; 2] = [0.012, 0.04];
/// Turns to the camera, tilts and nods, in degrees, beyond which a pose is not typical.
const TYPICAL: [f32; 3] = [60.0, 25.0, 20.0];
/// Brightness of a face, in levels of 255, below and above which light is extreme.
const LIGHT: [f32; 2] = [45.0, 225.0];
/// Strength of all movements of a face together from which on its expression is exaggerated.
const EXAGGERATED: f32 = 2.6;

/// Tags of one face.
pub(crate) struct Tags {
    seen: f32,
    focus: f32,
    brightness: f32,
    blur: i64,
    expression: i64,
    illumination: i64,
    occlusion: i64,
    pose: i64,
    invalid: bool,
    five: [bool; 5],
    points: String,
}

impl Tags {
    /// Tags of somebody in a picture. `focus` is the radius of the disc that a point becomes, in pixels.
    pub(crate) fn new(member: &Member, sight: &Sight, focus: f32, image: &Image) -> Self {
        let step =
            |value: f32, bounds: [f32; 2]| bounds.iter().filter(|bound| value >= **bound).count() as i64;
        let brightness = brightness(image, &sight.face);
        let form = member.moment.form(&member.person);
        let strength: f32 = form.expression.iter().take(EXPRESSION_MODES.len()).sum();
        // How the face is turned to who looks, not to the axis of the camera.
        let pose = member.moment.pose;
        let aside = member.place.x.atan2(member.place.z).to_degrees();
        let turned = [pose.yaw + aside, pose.roll, pose.pitch];
        let atypical = turned.iter().zip(TYPICAL).any(|(turn, most)| turn.abs() > most);
        Self {
            seen: sight.seen,
            focus,
            brightness,
            blur: step(focus / sight.face.height().max(1.0), BLURRED),
            expression: i64::from(strength > EXAGGERATED),
            illumination: i64::from(!(LIGHT[0]..=LIGHT[1]).contains(&brightness)),
            occlusion: step(1.0 - sight.seen, HIDDEN),
            pose: i64::from(atypical),
            invalid: 1.0 - sight.seen > INVALID,
            five: sight.five_seen,
            points: sight.points_seen.iter().map(|seen| if *seen { '1' } else { '0' }).collect(),
        }
    }

    /// What stands in [`tag_columns`].
    pub(crate) fn values(self) -> Vec<Value> {
        let mut values =
            vec![Value::Float(self.seen), Value::Float(self.focus), Value::Float(self.brightness)];
        values.extend(
            [self.blur, self.expression, self.illumination, self.occlusion, self.pose].map(Value::Integer),
        );
        values.push(Value::Flag(self.invalid));
        values.extend(self.five.map(Value::Flag));
        values.push(Value::Text(self.points));
        values
    }
}

/// What is known of how hard a face is to find.
pub(crate) fn tag_columns() -> Vec<Column> {
    let five = ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"].map(|name| {
        let about = "whether this point is seen: in the picture, and nothing before it";
        Column::new(format!("{name}_seen"), Kind::Flag, about)
    });
    let tag = |name: &str, about: &str| Column::new(name, Kind::Integer, about);
    let mut columns = vec![
        Column::new("seen", Kind::Float, "share of the face turned to the camera that is seen, 0 to 1"),
        Column::new(
            "focus_blur",
            Kind::Float,
            "radius of the disc that a point becomes out of focus, pixels",
        )
        .in_picture(),
        Column::new("brightness", Kind::Float, "mean of the picture within the box, levels of 255"),
        tag("blur", "WIDER FACE: 0 clear, 1 blurred, 2 heavily"),
        tag("expression", "WIDER FACE: 0 typical, 1 exaggerated"),
        tag("illumination", "WIDER FACE: 0 normal, 1 extreme"),
        tag("occlusion", "WIDER FACE: 0 none, 1 in part, 2 heavily; by hair, things, others and the border"),
        tag("pose", "WIDER FACE: 0 typical, 1 turned by more than 60, tilted by 25 or nodding by 20 degrees"),
        Column::new("invalid", Kind::Flag, "WIDER FACE: nearly all is hidden, so that nobody would mark it"),
    ];
    columns.extend(five);
    columns.push(Column::new("points_seen", Kind::Text, "for each of the 68 points 1 if it is seen, else 0"));
    columns
}

fn brightness(image: &Image, face: &Rect) -> f32 {
    let clamp = |at: f32, most: u32| at.round().clamp(0.0, most as f32 - 1.0) as u32;
    let (x, y) = (
        clamp(face.x1, image.width())..=clamp(face.x2, image.width()),
        clamp(face.y1, image.height())..=clamp(face.y2, image.height()),
    );
    let (mut sum, mut count) = (0.0, 0.0);
    for y in y {
        for x in x.clone() {
            let [r, g, b] = image.pixel(x, y).map(f32::from);
            sum += 0.299 * r + 0.587 * g + 0.114 * b;
            count += 1.0;
        }
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

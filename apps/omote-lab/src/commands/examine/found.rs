//! Does a detector find the faces, and its points where they truly are?

use analysis::Detection;
use console::table;
use evaluation::wilson;
use geometry::Landmarks;
use serde_json::{Value, json};

use super::pictures::Face;
use super::turned::Turn;

/// A face is found by a box that has at least this intersection over union with the true one (WIDER FACE).
pub const OVERLAP: f32 = 0.5;
/// Level of intervals.
const LEVEL: f64 = 0.95;
/// Names of the five points in their order.
const POINTS: [&str; 5] = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"];

/// A true face, and what a detector made of it.
struct Seen {
    turn: Option<Turn>,
    /// Intersection over union with the best box that was its.
    overlap: f32,
    /// How far to the right and down each point is from the true one, as shares of the distance of the eyes.
    off: Option<[[f32; 2]; 5]>,
    /// The distance of the eyes, as a share of that of their outer corners.
    eyes: Option<f32>,
}

/// What a detector found in a data set.
#[derive(Default)]
pub struct Found {
    pictures: usize,
    false_boxes: usize,
    faces: Vec<Seen>,
}

impl Found {
    /// Adds what was found in a picture.
    pub fn add(&mut self, faces: &[Face], found: &[Detection]) {
        self.pictures += 1;
        let mut free: Vec<&Detection> = found.iter().collect();
        for face in faces {
            let overlap = |one: &Detection| one.bounds.iou(&face.bounds);
            let best = (0..free.len()).max_by(|&a, &b| overlap(free[a]).total_cmp(&overlap(free[b])));
            let best = best.map(|at| (at, overlap(free[at]))).filter(|(_, overlap)| *overlap > 0.0);
            // A box stands for one face only.
            let own = best.filter(|(_, overlap)| *overlap >= OVERLAP).map(|(at, _)| free.swap_remove(at));
            let points = own.and_then(|detection| detection.landmarks);
            self.faces.push(Seen {
                turn: face.yaw.map(Turn::of),
                overlap: best.map_or(0.0, |(_, overlap)| overlap),
                off: points.and_then(|points| off(&points, &face.five)),
                eyes: face.corners.map(|corners| face.five.eye_distance() / corners),
            });
        }
        self.false_boxes += free.len();
    }

    /// Faces that were found.
    fn found(&self) -> usize {
        self.faces.iter().filter(|seen| seen.overlap >= OVERLAP).count()
    }

    /// The share of faces that were found; `None` without faces.
    pub fn share(&self) -> Option<f64> {
        (!self.faces.is_empty()).then(|| self.found() as f64 / self.faces.len() as f64)
    }

    /// The median distance of a point from the true one, as a share of the distance of the eyes; `None` without points.
    pub fn off(&self) -> Option<f64> {
        median(&distances(self.faces.iter()))
    }

    /// The same as a share of the distance of the eyes' outer corners, which is longer: 300-W's inter-ocular distance.
    fn off_by_corners(&self) -> Option<f64> {
        let of = |seen: &Seen| {
            let (off, eyes) = (seen.off?, f64::from(seen.eyes.filter(|eyes| eyes.is_finite())?));
            Some(off.map(|[x, y]| eyes * f64::from(x).hypot(f64::from(y))))
        };
        median(&self.faces.iter().filter_map(of).flatten().collect::<Vec<f64>>())
    }

    fn of_turn(&self, turn: Turn) -> Vec<&Seen> {
        self.faces.iter().filter(|seen| seen.turn == Some(turn)).collect()
    }

    /// The record for `--json`, without what names the detector.
    pub fn record(&self) -> Value {
        let overlaps: Vec<f64> = self.faces.iter().map(|seen| f64::from(seen.overlap)).collect();
        let interval = wilson(self.found(), self.faces.len(), LEVEL).ok();
        let all = distances(self.faces.iter());
        let frontal = distances(self.of_turn(Turn::FRONTAL).into_iter());
        let by_yaw = Turn::ALL.map(|turn| {
            let seen = self.of_turn(turn);
            let found = seen.iter().filter(|seen| seen.overlap >= OVERLAP).count();
            let off = distances(seen.iter().copied());
            json!({
                "from": turn.degrees()[0], "to": turn.degrees()[1], "faces": seen.len(), "found": found,
                "points_median": median(&off), "points_p95": percentile(&off, 0.95),
            })
        });
        let by_point: Vec<Value> = (0..5).map(|point| self.point(point)).collect();
        json!({
            "pictures": self.pictures, "faces": self.faces.len(), "found": self.found(), "share": self.share(),
            "interval": interval.map(|interval| [interval.low, interval.high]),
            "false_positives": self.false_boxes,
            "false_positives_a_picture": self.false_boxes as f64 / self.pictures.max(1) as f64,
            "overlap_median": median(&overlaps), "overlap_p5": percentile(&overlaps, 0.05),
            "points_median": median(&all), "points_p95": percentile(&all, 0.95),
            "points_median_of_corners": self.off_by_corners(),
            "frontal_points_median": median(&frontal), "frontal_points_p95": percentile(&frontal, 0.95),
            "by_yaw": by_yaw, "by_point": by_point,
        })
    }

    /// Where a point lies in faces that look ahead, against the truth.
    fn point(&self, point: usize) -> Value {
        let seen = self.of_turn(Turn::FRONTAL);
        let of = |axis: usize| -> Vec<f64> {
            seen.iter().filter_map(|seen| seen.off).map(|off| f64::from(off[point][axis])).collect()
        };
        json!({"point": POINTS[point], "right": median(&of(0)), "down": median(&of(1))})
    }

    /// The same for people.
    pub fn describe(&self, name: &str) -> String {
        let Some(share) = self.share() else { return format!("{name}: no picture shows a face") };
        let interval = wilson(self.found(), self.faces.len(), LEVEL).ok();
        let interval = interval.map_or(String::new(), |interval| {
            format!(" (95 %: {} to {})", percent(interval.low), percent(interval.high))
        });
        let overlaps: Vec<f64> = self.faces.iter().map(|seen| f64::from(seen.overlap)).collect();
        let mut text = format!(
            "{name}\n{} of {} faces found, {}{interval}; {} other boxes, {:.3} a picture\n\
             overlap of the boxes: median {}, 5 % below {}\n",
            self.found(),
            self.faces.len(),
            percent(share),
            self.false_boxes,
            self.false_boxes as f64 / self.pictures.max(1) as f64,
            number(median(&overlaps)),
            number(percentile(&overlaps, 0.05)),
        );
        let head = ["yaw", "faces", "found", "points off, median", "95 %"].map(String::from).to_vec();
        let row = |label: String, seen: Vec<&Seen>| {
            let found = seen.iter().filter(|seen| seen.overlap >= OVERLAP).count() as f64;
            let off = distances(seen.iter().copied());
            let share = if seen.is_empty() { "-".to_owned() } else { percent(found / seen.len() as f64) };
            let off = [median(&off), percentile(&off, 0.95)].map(|off| off.map_or("-".to_owned(), percent));
            let [median, most] = off;
            vec![label, seen.len().to_string(), share, median, most]
        };
        let mut rows = vec![head];
        if self.faces.iter().any(|seen| seen.turn.is_some()) {
            rows.extend(Turn::ALL.map(|turn| row(turn.to_string(), self.of_turn(turn))));
        }
        rows.push(row("all".to_owned(), self.faces.iter().collect()));
        text += &format!("points off as shares of the distance of the eyes\n{}\n", table(&rows));
        if let Some(off) = self.off_by_corners() {
            text += &format!(
                "median as a share of the distance of the outer corners of the eyes: {}\n",
                percent(off)
            );
        }
        if !self.of_turn(Turn::FRONTAL).is_empty() {
            let head =
                ["point, up to 15 degrees", "right of the truth", "below it"].map(String::from).to_vec();
            let rows: Vec<Vec<String>> = (0..5)
                .map(|point| {
                    let record = self.point(point);
                    let cell = |name: &str| record[name].as_f64().map_or("-".to_owned(), percent);
                    vec![POINTS[point].to_owned(), cell("right"), cell("down")]
                })
                .collect();
            text += &format!("{}\n", table(&[vec![head], rows].concat()));
        }
        text
    }
}

/// How far points are from the true ones; `None` where the true eyes lie in one place.
fn off(found: &Landmarks, truth: &Landmarks) -> Option<[[f32; 2]; 5]> {
    let eyes = truth.eye_distance();
    let pairs = std::array::from_fn(|at| {
        let (found, truth) = (found.0[at], truth.0[at]);
        [(found.x - truth.x) / eyes, (found.y - truth.y) / eyes]
    });
    (eyes > 0.0).then_some(pairs)
}

fn distances<'a>(faces: impl Iterator<Item = &'a Seen>) -> Vec<f64> {
    faces.filter_map(|seen| seen.off).flatten().map(|[x, y]| f64::from(x).hypot(f64::from(y))).collect()
}

fn median(values: &[f64]) -> Option<f64> {
    percentile(values, 0.5)
}

/// The value below which such a share of the values lies, or between two of them in proportion; `None` without values.
fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let place = share * values.len().checked_sub(1)? as f64;
    let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn number(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use geometry::{Point, Rect};

    use super::*;

    fn five(x: f32) -> Landmarks {
        let points = [(20.0, 30.0), (60.0, 30.0), (40.0, 50.0), (25.0, 70.0), (55.0, 70.0)];
        Landmarks(points.map(|(left, y)| Point::new(left + x, y)))
    }

    fn face(x: f32, yaw: f32) -> Face {
        let bounds = Rect::from_xywh(x, 0.0, 80.0, 100.0);
        let corners = Some(60.0);
        let yaw = Some(yaw);
        Face { bounds, five: five(x), corners, yaw, person: None, family: None, taken: None, harm: None }
    }

    fn box_at(x: f32, right: f32) -> Detection {
        let landmarks = Some(five(x + right));
        Detection { bounds: Rect::from_xywh(x, 0.0, 80.0, 100.0), score: 0.9, landmarks }
    }

    #[test]
    fn a_box_stands_for_one_face() {
        let mut found = Found::default();
        // Two faces and a box on the first of them, and one on nothing.
        found.add(&[face(0.0, 3.0), face(200.0, 40.0)], &[box_at(4.0, 0.0), box_at(500.0, 0.0)]);
        // A face and two boxes on it: the better one is its own.
        found.add(&[face(0.0, 3.0)], &[box_at(10.0, 0.0), box_at(0.0, 2.0)]);
        assert_eq!((found.found(), found.faces.len(), found.false_boxes), (2, 3, 2));
        assert_eq!(found.share(), Some(2.0 / 3.0));
        // 4 and 2 pixels to the right where the eyes are 40 apart.
        assert!((found.off().unwrap() - 0.075).abs() < 1e-6);
        assert!((found.off_by_corners().unwrap() - 0.05).abs() < 1e-6);
        let record = found.record();
        assert_eq!(record["by_yaw"][0]["found"], 2);
        assert_eq!(record["by_yaw"][2]["found"], 0);
        assert!((record["by_point"][2]["right"].as_f64().unwrap() - 0.075).abs() < 1e-6);
        assert_eq!(record["false_positives_a_picture"], 1.0);
        assert!(found.describe("tiny").contains("2 of 3 faces found, 66.67 %"));
    }

    #[test]
    fn nothing_is_no_number() {
        let mut found = Found::default();
        found.add(&[], &[]);
        assert_eq!((found.share(), found.off()), (None, None));
        assert_eq!(found.record()["interval"], Value::Null);
        assert!(found.describe("tiny").contains("no picture shows a face"));
    }

    #[test]
    fn percentiles_lie_between_values() {
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[3.0, 1.0], 0.5), Some(2.0));
        assert_eq!(percentile(&[5.0, 1.0, 2.0], 1.0), Some(5.0));
    }
}

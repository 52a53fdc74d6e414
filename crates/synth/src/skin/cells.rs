//! What lies where on a face: lists of small things by the cells of a flat chart, so that a point meets only those
//! around it.

use glam::{Vec2, Vec3};

/// Size of a cell in millimeters.
const CELL: f32 = 6.0;
const COLUMNS: usize = 80;
const ROWS: usize = 64;
/// The corner of the first cell.
const CORNER: Vec2 = Vec2::new(-CELL * COLUMNS as f32 / 2.0, -200.0);

/// Where a place of the mean head lies on a cylinder around it, about true to scale on the face, in millimeters. Heights
/// are sheared so that the undersides of chin and nose are not flattened.
pub(super) fn unrolled(rest: Vec3) -> Vec2 {
    let deep = rest.z + 20.0;
    // An angle without trigonometry: the way around a diamond.
    let part = rest.x / (rest.x.abs() + deep.abs() + 1e-3);
    let around = if deep >= 0.0 { part } else { (2.0 - part.abs()).copysign(rest.x) };
    Vec2::new(around * 118.0, rest.y + 0.35 * (rest.z - 80.0))
}

/// Numbers of things by cells.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    starts: Vec<u32>,
    things: Vec<u16>,
}

impl Cells {
    /// Files things by the boxes of the chart (lowest and highest corner, in millimeters) that they reach into.
    pub(super) fn new(boxes: &[(Vec2, Vec2)]) -> Self {
        let span = |(low, high): (Vec2, Vec2)| {
            let [low, high] = [low, high].map(|corner| (corner - CORNER) / CELL);
            let cell = |value: f32, count: usize| (value.max(0.0) as usize).min(count - 1);
            (cell(low.y, ROWS)..=cell(high.y, ROWS), cell(low.x, COLUMNS)..=cell(high.x, COLUMNS))
        };
        let mut starts = vec![0u32; COLUMNS * ROWS + 1];
        for &area in boxes {
            let (rows, columns) = span(area);
            rows.for_each(|row| columns.clone().for_each(|column| starts[row * COLUMNS + column + 1] += 1));
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut ends = starts.clone();
        let mut things = vec![0; starts[starts.len() - 1] as usize];
        for (thing, &area) in boxes.iter().enumerate() {
            let (rows, columns) = span(area);
            for row in rows {
                for column in columns.clone() {
                    let end = &mut ends[row * COLUMNS + column];
                    things[*end as usize] = thing as u16;
                    *end += 1;
                }
            }
        }
        Self { starts, things }
    }

    /// Things around a place of the chart, in their order.
    pub(super) fn around(&self, place: Vec2) -> &[u16] {
        let cell = (place - CORNER) / CELL;
        let column = (cell.x.max(0.0) as usize).min(COLUMNS - 1);
        let row = (cell.y.max(0.0) as usize).min(ROWS - 1);
        let at = row * COLUMNS + column;
        &self.things[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_where_they_are() {
        let place = Vec2::new(10.0, 20.0);
        let around = (Vec2::splat(-2.0), Vec2::splat(2.0));
        let cells = Cells::new(&[
            (place + around.0, place + around.1),
            (around.0, around.1),
            (place + around.0, place + 3.0 * around.1),
        ]);
        assert_eq!(cells.around(place), [0, 2]);
        assert_eq!(cells.around(Vec2::ZERO), [1]);
        assert!(cells.around(Vec2::splat(-1e9)).is_empty());
    }

    #[test]
    fn the_chart_is_about_true_to_scale_in_front() {
        for (x, y, z) in [(0.0, 20.0, 95.0), (35.0, -10.0, 85.0), (-30.0, 60.0, 88.0)] {
            let here = unrolled(Vec3::new(x, y, z));
            let aside = unrolled(Vec3::new(x + 1.0, y, z - x / 120.0)).distance(here);
            let above = unrolled(Vec3::new(x, y + 1.0, z)).distance(here);
            assert!((0.6..1.5).contains(&aside) && (0.6..1.5).contains(&above), "{aside} {above}");
        }
    }
}

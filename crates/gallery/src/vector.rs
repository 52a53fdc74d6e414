//! Vectors, boxes and points as bytes: little-endian `f32`, one after another.

use geometry::{Landmarks, Point, Rect};

use crate::{Error, Result};

pub(crate) fn write(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The stored vector, which must have `dimension` finite values.
pub(crate) fn read(bytes: &[u8], dimension: usize) -> Result<Vec<f32>> {
    let values: Vec<f32> = floats(bytes).collect();
    if bytes.len() == dimension * 4 && values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        let reason = format!("a vector of {} bytes is not {dimension} finite numbers", bytes.len());
        Err(Error::Corrupt { reason })
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value))
}

pub(crate) fn write_bounds(bounds: &Rect) -> Vec<u8> {
    write(&[bounds.x1, bounds.y1, bounds.x2, bounds.y2])
}

pub(crate) fn read_bounds(bytes: &[u8]) -> Result<Rect> {
    match floats(bytes).collect::<Vec<_>>()[..] {
        [x1, y1, x2, y2] => Ok(Rect::new(x1, y1, x2, y2)),
        _ => Err(Error::Corrupt { reason: format!("a box has {} bytes, not 16", bytes.len()) }),
    }
}

pub(crate) fn write_landmarks(landmarks: &Landmarks) -> Vec<u8> {
    write(&landmarks.0.map(|point| [point.x, point.y]).concat())
}

pub(crate) fn read_landmarks(bytes: &[u8]) -> Result<Landmarks> {
    let values: Vec<f32> = floats(bytes).collect();
    let mut points = [Point::default(); 5];
    if values.len() != 10 {
        return Err(Error::Corrupt { reason: format!("landmarks have {} bytes, not 40", bytes.len()) });
    }
    for (point, pair) in points.iter_mut().zip(values.chunks_exact(2)) {
        *point = Point::new(pair[0], pair[1]);
    }
    Ok(Landmarks(points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back() {
        let values = [0.1f32, -0.0, f32::MIN_POSITIVE, 1e-45];
        let back = read(&write(&values), 4).unwrap();
        assert!(back.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
        let bounds = Rect::new(-1.5, 2.0, 30.25, 40.0);
        assert_eq!(read_bounds(&write_bounds(&bounds)).unwrap(), bounds);
        let points = Landmarks(std::array::from_fn(|at| Point::new(at as f32, -0.5)));
        assert_eq!(read_landmarks(&write_landmarks(&points)).unwrap(), points);
    }

    #[test]
    fn damage_is_found() {
        for bytes in [vec![], vec![0; 15], vec![0; 17], write(&[1.0, f32::NAN, 0.0, 0.0])] {
            assert!(matches!(read(&bytes, 4), Err(Error::Corrupt { .. })));
        }
        assert!(read_bounds(&[0; 12]).is_err() && read_landmarks(&[0; 36]).is_err());
    }
}

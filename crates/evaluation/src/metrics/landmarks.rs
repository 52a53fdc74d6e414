//! Landmarks: how far are they from where they should be, as a share of the face's size?

use geometry::{Point, Rect};

use super::deviations::Deviations;
use crate::Error;

/// The length that makes landmark errors of small and large faces comparable. Results with different ones
/// are not comparable: say which, and how the points or the box are defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normaliser {
    /// The distance of two of the true points, by their numbers counted from 0: the *outer eye corners* (300-W's
    /// inter-ocular distance, points 36 and 45 of 68) or the *pupils* (inter-pupil distance, points 0 and 1 of
    /// five). Unfair to turned faces, whose eyes come close to each other.
    InterOcular {
        /// One eye's point.
        left: usize,
        /// The other eye's point.
        right: usize,
    },
    /// `sqrt(width x height)` of the true face box, in the landmarks' units (AFLW, COFW-68).
    BoxSize(Rect),
    /// The diagonal of the true face box.
    BoxDiagonal(Rect),
}

impl Normaliser {
    /// The length, in the units of the points.
    fn length(&self, truth: &[Point]) -> Result<f64, Error> {
        let length = match *self {
            Self::InterOcular { left, right } => {
                let point = |number: usize| {
                    truth.get(number).copied().ok_or_else(|| Error::Item {
                        what: "landmark",
                        number,
                        problem: format!(
                            "the eyes' distance needs it, but there are only {} points",
                            truth.len()
                        ),
                    })
                };
                distance(point(left)?, point(right)?)
            }
            Self::BoxSize(face) => (f64::from(face.width()) * f64::from(face.height())).sqrt(),
            Self::BoxDiagonal(face) => f64::from(face.width()).hypot(f64::from(face.height())),
        };
        if length.is_finite() && length > 0.0 {
            Ok(length)
        } else {
            Err(Error::Setting {
                what: "length by which landmark errors are divided",
                value: length,
                expected: "a finite number above 0",
            })
        }
    }
}

/// The normalised mean error of a face's landmarks: the mean distance from the true points, divided by a length of
/// the true face. 0 is perfect; 0.1 counts as failure in 300-W and AFLW.
///
/// Spec detection/03b, section 4.
///
/// # Errors
/// [`Error::Length`] if there are not as many points as true ones, [`Error::Empty`] without points, [`Error::Item`]
/// for a point that is not finite or not there, [`Error::Setting`] if the length is 0 or not finite.
///
/// ```
/// use geometry::Point;
/// use omote_evaluation::{Normaliser, nme};
///
/// let truth = [Point { x: 30.0, y: 50.0 }, Point { x: 70.0, y: 50.0 }];
/// let found = [Point { x: 33.0, y: 54.0 }, Point { x: 70.0, y: 50.0 }];
/// // 5 pixels and 0 pixels, for eyes that are 40 pixels apart.
/// assert_eq!(nme(&found, &truth, Normaliser::InterOcular { left: 0, right: 1 })?, 0.0625);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
pub fn nme(found: &[Point], truth: &[Point], normaliser: Normaliser) -> Result<f64, Error> {
    if found.len() != truth.len() {
        return Err(Error::Length { what: "landmarks", expected: truth.len(), got: found.len() });
    }
    if truth.is_empty() {
        return Err(Error::Empty { what: "landmarks" });
    }
    let length = normaliser.length(truth)?;
    let mut sum = 0.0;
    for (number, (&found, &truth)) in found.iter().zip(truth).enumerate() {
        let error = distance(found, truth);
        if !error.is_finite() {
            let problem = "a coordinate is NaN or infinite".to_owned();
            return Err(Error::Item { what: "landmark", number, problem });
        }
        sum += error;
    }
    Ok(sum / truth.len() as f64 / length)
}

/// In f64: the square of a far-away f32 coordinate does not fit into f32.
fn distance(a: Point, b: Point) -> f64 {
    (f64::from(a.x) - f64::from(b.x)).hypot(f64::from(a.y) - f64::from(b.y))
}

/// The landmark errors of many faces.
#[derive(Clone, Debug, PartialEq)]
pub struct LandmarkErrors(Deviations);

impl LandmarkErrors {
    /// From the [`nme`] of each face; `None` where the face was not found, which is a failure at every limit.
    ///
    /// # Errors
    /// [`Error::Empty`] without faces, [`Error::Item`] for an error that is negative or not finite.
    pub fn new(faces: &[Option<f64>]) -> Result<Self, Error> {
        if faces.is_empty() {
            return Err(Error::Empty { what: "faces" });
        }
        let mut errors = Vec::with_capacity(faces.len());
        for (number, error) in faces.iter().enumerate() {
            match *error {
                Some(error) if error.is_finite() && error >= 0.0 => errors.push(error),
                Some(error) => {
                    let problem =
                        format!("its error is {error}, where a finite number of at least 0 was expected");
                    return Err(Error::Item { what: "face", number, problem });
                }
                None => {}
            }
        }
        Ok(Self(Deviations::new(errors, faces.len())))
    }

    /// The mean error of the faces that were found; `None` if none was. To be read beside [`missed`](Self::missed).
    pub fn mean(&self) -> Option<f64> {
        self.0.mean()
    }

    /// How many faces were not found.
    pub fn missed(&self) -> usize {
        self.0.missing()
    }

    /// The cumulative error distribution (CED) at a limit: the share of all faces with an error of `limit` or less,
    /// in 0..=1.
    pub fn share_within(&self, limit: f64) -> f64 {
        self.0.share_within(limit)
    }

    /// The share of all faces with an error above `limit`, usually 0.1, or without any landmarks.
    pub fn failure_rate(&self, limit: f64) -> f64 {
        1.0 - self.share_within(limit)
    }

    /// The area under the CED from 0 to `limit`, divided by `limit`, in 0..=1: AUC@0.08 or AUC@0.1. 1 if all errors
    /// are 0.
    ///
    /// The CED is a staircase, and its area is exact here: the mean of `max(0, 1 - error / limit)` over all faces.
    /// Programs that integrate over a grid of errors differ in the fourth digit.
    ///
    /// # Errors
    /// [`Error::Setting`] if the limit is not a finite number above 0.
    pub fn auc(&self, limit: f64) -> Result<f64, Error> {
        if !(limit > 0.0 && limit.is_finite()) {
            return Err(Error::Setting {
                what: "limit of the landmark error",
                value: limit,
                expected: "a finite number above 0, such as 0.1",
            });
        }
        let sum: f64 = self.0.errors().iter().map(|error| (1.0 - error / limit).max(0.0)).sum();
        Ok(sum / self.0.faces() as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(coordinates: &[(f32, f32)]) -> Vec<Point> {
        coordinates.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    fn face() -> Rect {
        Rect::around(&points(&[(10.0, 20.0), (40.0, 60.0)])).unwrap()
    }

    #[test]
    fn each_normaliser_by_hand() {
        // Off by 3, 4 and 5 pixels: 4 on average. The box is 30 x 40 pixels.
        let truth = points(&[(15.0, 30.0), (35.0, 30.0), (25.0, 50.0)]);
        let found = points(&[(18.0, 30.0), (35.0, 26.0), (28.0, 54.0)]);
        let cases = [
            (Normaliser::InterOcular { left: 0, right: 1 }, 4.0 / 20.0),
            (Normaliser::InterOcular { left: 1, right: 0 }, 4.0 / 20.0),
            (Normaliser::BoxSize(face()), 4.0 / 1200_f64.sqrt()),
            (Normaliser::BoxDiagonal(face()), 4.0 / 50.0),
        ];
        for (normaliser, expected) in cases {
            assert!((nme(&found, &truth, normaliser).unwrap() - expected).abs() < 1e-12, "{normaliser:?}");
            assert_eq!(nme(&truth, &truth, normaliser).unwrap(), 0.0);
        }
    }

    #[test]
    fn missed_faces_are_failures() {
        let found = LandmarkErrors::new(&[Some(0.02), None, Some(0.1), Some(0.3)]).unwrap();
        assert_eq!(found.missed(), 1);
        assert!((found.mean().unwrap() - 0.14).abs() < 1e-12);
        assert_eq!(found.failure_rate(0.1), 0.5);
        assert_eq!(found.share_within(0.02), 0.25);
        assert_eq!(found.share_within(f64::INFINITY), 0.75);
        assert!((found.auc(0.1).unwrap() - 0.8 / 4.0).abs() < 1e-12);
        let nothing = LandmarkErrors::new(&[None]).unwrap();
        assert_eq!((nothing.mean(), nothing.failure_rate(0.1), nothing.auc(0.1).unwrap()), (None, 1.0, 0.0));
    }

    proptest! {
        #[test]
        fn the_area_is_that_of_the_distribution(
            errors in prop::collection::vec(prop::option::of(0.0_f64..0.2), 1..40),
            limit in 0.01_f64..0.2,
        ) {
            let found = LandmarkErrors::new(&errors).unwrap();
            // The staircase in thin slices, each counted anew.
            let slices = 2000;
            let sum: f64 = (0..slices)
                .map(|slice| {
                    let at = (f64::from(slice) + 0.5) / f64::from(slices) * limit;
                    errors.iter().flatten().filter(|&&error| error <= at).count() as f64 / errors.len() as f64
                })
                .sum();
            prop_assert!((found.auc(limit).unwrap() - sum / f64::from(slices)).abs() < 1e-3);
        }
    }

    #[test]
    fn bad_input_is_named() {
        let truth = points(&[(0.0, 0.0), (1.0, 0.0)]);
        let eyes = |left, right| Normaliser::InterOcular { left, right };
        assert!(matches!(
            nme(&truth[..1], &truth, eyes(0, 1)),
            Err(Error::Length { expected: 2, got: 1, .. })
        ));
        assert!(matches!(nme(&[], &[], Normaliser::BoxSize(face())), Err(Error::Empty { .. })));
        assert!(matches!(nme(&truth, &truth, eyes(0, 2)), Err(Error::Item { number: 2, .. })));
        assert!(matches!(nme(&truth, &truth, eyes(1, 1)), Err(Error::Setting { value: 0.0, .. })));
        let broken = points(&[(0.0, 0.0), (f32::NAN, 0.0)]);
        assert!(matches!(nme(&broken, &truth, eyes(0, 1)), Err(Error::Item { number: 1, .. })));
        assert!(matches!(nme(&truth, &broken, eyes(0, 1)), Err(Error::Setting { .. })));
        // Far away, but finite.
        let far = points(&[(f32::MAX, 0.0), (f32::MAX, f32::MAX)]);
        assert!(nme(&far, &truth, eyes(0, 1)).unwrap().is_finite());
        assert!(matches!(LandmarkErrors::new(&[]), Err(Error::Empty { .. })));
        for error in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(matches!(LandmarkErrors::new(&[None, Some(error)]), Err(Error::Item { number: 1, .. })));
        }
        let found = LandmarkErrors::new(&[Some(0.1)]).unwrap();
        for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(found.auc(limit), Err(Error::Setting { .. })));
        }
    }
}

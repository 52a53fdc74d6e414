//! Plain geometry of faces: points, boxes, five landmarks, similarity transforms, overlap and pose.
//!
//! A detector gives a [`Rect`] and perhaps five [`Landmarks`] per face; [`nms`] removes double detections. A
//! recognition model wants the eyes, nose and mouth at fixed places, those of its [`Template`]: the [`Similarity`]
//! fitted from the landmarks to the template says how to warp the photo. [`Pose`] reads from the same five points where
//! the head is turned, and [`Rotation`] takes results found in a turned photo back to the photo as it was. A
//! [`Homography`] is what a flat thing undergoes that is seen from elsewhere.
//!
//! # Frame
//! Coordinates are pixels of a picture. The origin is the *centre* of the top-left pixel (the convention of OpenCV), x
//! grows to the right, y downwards. Angles are degrees. Nothing here does I/O, allocates much or panics on NaN.
//!
//! ```
//! use omote_geometry::{Landmarks, Point, Template};
//!
//! let face = Landmarks([
//!     Point::new(243.5, 161.8), // image-left eye
//!     Point::new(271.7, 163.5), // image-right eye
//!     Point::new(254.2, 177.7), // nose
//!     Point::new(242.2, 186.2), // image-left mouth corner
//!     Point::new(265.7, 189.9), // image-right mouth corner
//! ]);
//! let to_template = Template::ARCFACE_112.fit(&face).expect("the points differ");
//! assert!((to_template.scale() - 1.401).abs() < 1e-3);
//! let nose = to_template.apply(face.nose());
//! assert!((nose.x - 54.6).abs() < 0.1 && (nose.y - 74.7).abs() < 0.1);
//! ```

mod homography;
mod landmarks;
mod point;
mod pose;
mod rect;
mod rotation;
mod similarity;
mod suppression;
mod template;

pub use homography::Homography;
pub use landmarks::Landmarks;
pub use point::Point;
pub use pose::Pose;
pub use rect::Rect;
pub use rotation::Rotation;
pub use similarity::Similarity;
pub use suppression::{Overlap, nms};
pub use template::Template;

//! Synthetic faces with exact truth: a head of triangles made by code, skin, hair, things that are worn, light, a
//! camera and a sensor. Nothing is scanned or learned, so pictures may be used for anything.
//!
//! Lengths are millimetres. In the frame of the head x points to the person's left, y up and z out of the face, and the
//! origin lies midway between the ear canals. In the frame of the camera x points right, y down and z away from the
//! camera. Colours are linear sRGB unless a name says otherwise. Pictures have their origin in the top left corner, and
//! the centre of the first pixel is at (0.5, 0.5).
//!
//! The same seed and version give the same picture, whatever else was made before.

mod degrade;
mod material;
mod mesh;
pub mod noise;
mod random;

pub use degrade::{Degradation, Pass};
pub use material::{Material, Reflectance, SurfacePoint};
pub use mesh::Mesh;
pub use random::{Seed, Stream};

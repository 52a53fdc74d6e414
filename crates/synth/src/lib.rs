//! Synthetic faces with exact truth: a head of triangles made by code, skin, hair, things that are worn, light, a
//! camera and a sensor. Nothing is scanned or learned, so pictures may be used for anything.
//!
//! Lengths are millimetres. In the frame of the head x points to the person's left, y up and z out of the face, and the
//! origin lies midway between the ear canals. In the frame of the camera x points right, y down and z away from the
//! camera. Colours are linear sRGB unless a name says otherwise. Pictures have their origin in the top left corner, and
//! the centre of the first pixel is at (0.5, 0.5).
//!
//! The same seed and version give the same picture, whatever else was made before.

mod background;
mod body;
mod camera;
pub mod color;
mod crowd;
mod curve;
mod degrade;
mod eye;
mod figure;
mod hair;
mod head;
mod light;
mod lighting;
mod material;
mod mesh;
mod moment;
mod mouth;
mod neck;
pub mod noise;
mod person;
mod portrait;
mod random;
mod render;
mod sensor;
mod shape;
mod sight;
mod skin;
mod spoof;
mod wear;

pub use background::{Background, Scenery, paint};
pub use camera::Camera;
pub use crowd::{Arrangement, Crowd, CrowdPicture, FACE_HEIGHT, Member, Thing, ThingKind};
pub use degrade::{Degradation, Harm, MOST_SEVERITY, Pass};
pub use eye::{EyeMaterial, Iris};
pub use geometry::Pose;
pub use hair::{
    Beard, BeardKind, Brows, Family, HairColor, HairMaterial, HairPart, Hairline, Hairstyle, Lashes, grow,
    grow_under,
};
pub use head::{Anchor, Eyeball, Landmark, Region, Side, Template};
pub use light::{Lamp, Light, Sh9};
pub use lighting::{Lighting, Place};
pub use material::{Material, Reflectance, SurfacePoint};
pub use mesh::Mesh;
pub use moment::Moment;
pub use mouth::{Mucosa, Teeth};
pub use person::{Person, VERSION};
pub use portrait::Portrait;
pub use random::{Seed, Stream};
pub use render::{Backdrop, Part, Picture, Scene, render};
pub use sensor::Sensor;
pub use shape::{ASYMMETRY_MODES, EXPRESSION_MODES, ExpressionMode, Form, Head, SHAPE_MODES, ShapeMode};
pub use sight::Sight;
pub use skin::{Complexion, Makeup, Skin, Stubble};
pub use spoof::{
    Attack, AttackKind, Bend, Cut, Device, Disguise, Halftone, Instrument, MaskStuff, Print, Replay,
    Subpixels,
};
pub use wear::{
    Clothing, Collar, Earrings, Fabric, FaceArea, Glasses, HairLimit, Hat, HatKind, Headphones, Headscarf,
    Item, Lenses, Mask, MaskKind, Necklace, NecklaceKind, Occluder, OccluderKind, Rim, Scarf, Weave,
    WornPart, make,
};

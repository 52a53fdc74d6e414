//! People and the faces they are enrolled with, kept on disk.
//!
//! A gallery is a folder. `gallery.db`, an SQLite database, is the truth: people, the faces they were enrolled with (the
//! vector in `f32`, where it came from, what made it, perhaps the aligned crop), and marks of the kind "this face is not
//! that person". `index.f16` beside it is a memory-mapped copy of the vectors that searches run over; it follows the
//! database's change log and can be deleted at any time. See the module `cache` for how the two stay together.
//!
//! What the gallery promises:
//!
//! - An enrolment that was acknowledged is on the disk: it survives a killed process and a power cut.
//! - All vectors are of one model. A face or a gallery of another model is refused ([`Error::DifferentModel`]);
//!   [`Gallery::re_embed`] moves a gallery to another model, all at once.
//! - "Unknown" is an answer of [`Gallery::identify`], and a face that looks like somebody else is not enrolled unless
//!   one insists ([`Outcome::LooksLike`]).
//! - Corrections of whose faces are whose lose nothing and can be taken back ([`Gallery::correct`], [`Gallery::undo`]).
//! - What is forgotten is gone from every file in the folder ([`Gallery::forget_people`]).
//! - Any number of processes may use one gallery at the same time.
//!
//! ```
//! use omote_gallery::{EnrollOptions, Face, Gallery, IdentifyOptions, ModelIdentity, Outcome, Source};
//! # use geometry::Rect;
//! # use model::{Embedding, FileHash, Fingerprint};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//!
//! let model = ModelIdentity {
//!     fingerprint: Fingerprint([7; 32]),
//!     name: "example".to_owned(),
//!     dimension: 3,
//!     flip: false,
//!     compatible_with: vec![],
//! };
//! let embedding = |raw: [f32; 3]| Embedding::from_raw(raw.to_vec(), model.fingerprint);
//! let ada = Face {
//!     embedding: embedding([2.0, 0.1, 0.0])?,
//!     quality: 80.0,
//!     source: Source {
//!         path: b"ada.jpg".to_vec(),
//!         sha256: FileHash::of(b"the bytes of ada.jpg"),
//!         bounds: Rect::new(10.0, 12.0, 90.0, 110.0),
//!         landmarks: None,
//!     },
//!     crop: None,
//!     engine: "rten".to_owned(),
//!     detector: "yunet".to_owned(),
//! };
//!
//! let mut gallery = Gallery::create(folder, &model)?;
//! let options = EnrollOptions { min_quality: 30.0, conflict: Some(0.4), ..EnrollOptions::default() };
//! assert!(matches!(gallery.enroll("Ada", &ada, &options)?, Outcome::Enrolled { new_person: true, .. }));
//! assert!(matches!(gallery.enroll("Ada", &ada, &options)?, Outcome::Already { .. }));
//! assert!(matches!(gallery.enroll("Grace", &ada, &options)?, Outcome::LooksLike { .. }));
//!
//! let open_set = IdentifyOptions { threshold: Some(0.4), ..IdentifyOptions::default() };
//! let (known, unknown) = (embedding([1.0, 0.0, 0.1])?, embedding([0.0, 0.0, 1.0])?);
//! let answers = gallery.identify(&[(&known).into(), (&unknown).into()], &open_set)?;
//! assert_eq!(answers[0].person().unwrap().name, "Ada");
//! assert_eq!(answers[1].person(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod check;
mod corrections;
mod enroll;
mod error;
mod exchange;
mod forget;
mod gallery;
mod identify;
mod listing;
mod marks;
mod re_embed;
mod record;
mod schema;
mod vector;

pub use corrections::{Correction, Undone};
pub use enroll::{EnrollOptions, Outcome};
pub use error::{Error, Result};
pub use exchange::Exchanged;
pub use gallery::Gallery;
pub use identify::{Answer, Candidate, IdentifyOptions, PersonScore, Query};
pub use listing::Stats;
pub use re_embed::{NotEmbedded, ReEmbedding, StoredFace};
pub use record::{Enrolment, EnrolmentId, Face, LONGEST_NAME, ModelIdentity, Person, PersonId, Source};

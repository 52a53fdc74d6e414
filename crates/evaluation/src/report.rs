//! Results as a page: one HTML file with charts, tables and the worst errors as pictures.
//!
//! A [`Report`] is plain data: a title, sentences that say the result, a [`Stamp`] that says how it was made, and
//! [`Section`]s of prose, [`Chart`]s, [`Table`]s, a [`Comparison`] of two systems and pairs of [`Picture`]s.
//! [`Report::html`] makes a page of it that needs nothing but itself: no script, no network, no fonts. Charts are SVG
//! (drawn by plotters), legible on a light and a dark screen, in print, and to colour-blind readers.
//! [`Report::markdown`] makes text of it, for repositories.
//! [`Report::write`] puts the page where it belongs in one step, so that no half-written report is ever seen.
//!
//! The same input gives the same bytes. Nothing on the page comes from the clock or the machine; the date is the
//! stamp's.
//!
//! ```
//! use omote_evaluation::report::{Block, Curve, Marker, Report, Section, Stamp, det};
//!
//! // FMR and FNMR of one system at rising FMR.
//! let points = vec![(1e-4, 0.20), (1e-3, 0.08), (1e-2, 0.03), (1e-1, 0.01)];
//! let chart = det(&[Curve::new("MobileFaceNet", points)], &[Marker::new(1e-3, "FMR 0.001")])?;
//! let report = Report {
//!     title: "LFW View 2".into(),
//!     lead: vec!["At a false match rate of 0.001, 8 % of genuine pairs are rejected.".into()],
//!     stamp: Stamp { date: "2025-01-31".into(), ..Stamp::default() },
//!     sections: vec![Section { heading: "Verification".into(), blocks: vec![Block::Charts(vec![chart])] }],
//! };
//! assert!(report.html()?.contains("<svg"));
//! # Ok::<(), omote_evaluation::Error>(())
//! ```

mod axis;
mod canvas;
mod chart;
mod charts;
mod comparison;
mod curve;
mod drawing;
mod escape;
mod markdown;
mod number;
mod page;
mod palette;
mod pictures;
mod scale;
mod spans;
mod stamp;
mod strip;
mod table;
mod text;

pub use chart::Chart;
pub use charts::{
    AskedAndMeasured, CohortRate, Followed, Histogram, angles, calibration, cmc, cohort_shares, cohorts, det,
    dir, discard, gallery_size, histogram, learning, plane, precision_recall, roc, scatter,
    search_calibration, search_scores, trend,
};
pub use comparison::{Compared, Comparison};
pub use curve::{BandPoint, Curve, Marker};
pub use escape::escape;
pub use markdown::Markdown;
pub use page::{Block, Report, Section};
pub use pictures::{Picture, PicturePair, Pictures};
pub use spans::Spans;
pub use stamp::{ModelStamp, Stamp};
pub use strip::Strip;
pub use table::{Cell, Column, Format, Table};

use crate::Error;

fn report_error(part: &'static str, problem: impl Into<String>) -> Error {
    Error::Report { part, problem: problem.into() }
}

//! The program as its users meet it: the real binary on painted photos, with tiny models that recognise them.
//! Nothing here needs a published model, a network, or a machine of some kind.

#![allow(unreachable_pub, reason = "a test has no public surface: `pub` marks what other modules use")]

#[path = "cli/accidents.rs"]
mod accidents;
#[path = "cli/all_pairs.rs"]
mod all_pairs;
#[path = "cli/bad_models.rs"]
mod bad_models;
#[path = "cli/bad_photos.rs"]
mod bad_photos;
#[path = "cli/calibration.rs"]
mod calibration;
#[path = "cli/clusters.rs"]
mod clusters;
#[path = "cli/cohorts.rs"]
mod cohorts;
#[path = "cli/crowds.rs"]
mod crowds;
#[path = "cli/galleries.rs"]
mod galleries;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/measures.rs"]
mod measures;
#[path = "cli/models.rs"]
mod models;
#[path = "cli/open_set.rs"]
mod open_set;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/pairs.rs"]
mod pairs;
#[path = "cli/people.rs"]
mod people;
#[path = "cli/photos.rs"]
mod photos;
#[path = "cli/protocols.rs"]
mod protocols;
#[path = "cli/reports.rs"]
mod reports;
#[path = "cli/scorers.rs"]
mod scorers;
#[path = "cli/support.rs"]
mod support;

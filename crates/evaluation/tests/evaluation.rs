//! The readers on made-up sets in the benchmarks' layouts, and the metrics against brute force.

#[path = "evaluation/bin_sets.rs"]
mod bin_sets;
#[path = "evaluation/discard.rs"]
mod discard;
#[path = "evaluation/galleries.rs"]
mod galleries;
#[path = "evaluation/identification.rs"]
mod identification;
#[path = "evaluation/ijb.rs"]
mod ijb;
#[path = "evaluation/labels.rs"]
mod labels;
#[path = "evaluation/layouts.rs"]
mod layouts;
#[path = "evaluation/lists.rs"]
mod lists;
#[path = "evaluation/mat_file.rs"]
mod mat_file;
#[path = "evaluation/metrics.rs"]
mod metrics;
#[path = "evaluation/report.rs"]
mod report;
#[path = "evaluation/searches.rs"]
mod searches;
#[path = "evaluation/tables.rs"]
mod tables;
#[path = "evaluation/uncertainty.rs"]
mod uncertainty;
#[path = "evaluation/verification.rs"]
mod verification;
#[path = "evaluation/wider.rs"]
mod wider;
#[path = "evaluation/wider_properties.rs"]
mod wider_properties;
#[path = "evaluation/wider_published.rs"]
mod wider_published;

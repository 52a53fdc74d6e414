//! The readers on made-up sets in the benchmarks' layouts, and the metrics against brute force.

#[path = "evaluation/layouts.rs"]
mod layouts;
#[path = "evaluation/metrics.rs"]
mod metrics;

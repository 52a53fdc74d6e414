//! The program from outside: the real binary, with tiny models that recognise painted faces.

#[path = "cli/bench.rs"]
mod bench;
#[path = "cli/crop.rs"]
mod crop;
#[path = "cli/examine.rs"]
mod examine;
#[path = "cli/overlap.rs"]
mod overlap;
#[path = "cli/reproduce.rs"]
mod reproduce;
#[path = "cli/sets.rs"]
mod sets;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/train.rs"]
mod train;

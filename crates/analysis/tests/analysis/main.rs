//! The whole chain on painted faces, over the built-in engine.

mod cascade;
mod chain;
mod pipeline;
mod support;

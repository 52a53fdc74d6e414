//! The gallery as its users see it: on disk, in several processes, and after accidents.

mod accidents;
mod cache;
mod corrections;
mod enrolling;
mod exchange;
mod forgetting;
mod identifying;
mod people;
mod re_embedding;
mod support;

//! Speed of sessions.
fn main() {}

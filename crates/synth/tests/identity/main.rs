//! What must hold of people and their pictures together: people are known by who they are and by nothing else.

mod matrix;
mod nuisance;
mod pixels;
mod relatives;

use omote_synth::{Person, Seed};

/// A person of the number, as recipes number them.
fn person(number: u64) -> Person {
    Person::new(Seed::new(1).of("people").number(number))
}

//! Names of people as numbers.

use std::collections::HashMap;

/// Numbers names from 0 in the order of their first use.
#[derive(Default)]
pub(super) struct People {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl People {
    /// The number of a name, a new one if the name is new.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        // Every name took bytes of a file that is far smaller than 4 GiB names.
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// The name that has a number given out by [`number`](Self::number).
    pub(super) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", String::as_str)
    }

    /// All names so far; a name's index is its number.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// All names; a name's index is its number.
    pub(super) fn into_names(self) -> Vec<String> {
        self.names
    }
}

//! Who or what is in each sample.

use std::collections::HashMap;

/// Most classes, so that each has a number of 32 bits with room to spare.
const MOST: usize = 1 << 30;

/// A class for each sample of a source: what samplers and classifiers need, known without making a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// The class of each sample, below the number of [`names`](Self::names).
    pub of: Vec<u32>,
    /// What each class is called: a person, as a rule.
    pub names: Vec<String>,
    /// What each is called by itself, where names say more, such as the number of a source: empty where they do not.
    pub bare: Vec<String>,
}

impl Classes {
    /// What a class is called by itself.
    pub fn called(&self, class: u32) -> &str {
        let names = if self.bare.is_empty() { &self.names } else { &self.bare };
        names.get(class as usize).map_or("", String::as_str)
    }

    /// Classes of so many samples each, one after the other, which are called by their numbers.
    pub(crate) fn numbered(counts: impl IntoIterator<Item = u64>) -> Self {
        let mut classes = Self::default();
        for (class, count) in (0..).zip(counts) {
            classes.of.extend((0..count).map(|_| class));
            classes.names.push(class.to_string());
        }
        classes
    }

    /// How many samples each class has.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.names.len()];
        for &class in &self.of {
            if let Some(count) = counts.get_mut(class as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The samples of each class, in their order.
    pub fn members(&self) -> Vec<Vec<u64>> {
        let mut members: Vec<Vec<u64>> =
            self.counts().iter().map(|&count| Vec::with_capacity(count as usize)).collect();
        for (sample, &class) in (0..).zip(&self.of) {
            if let Some(members) = members.get_mut(class as usize) {
                members.push(sample);
            }
        }
        members
    }
}

/// Gives names their numbers, in the order in which they first come.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Naming {
    /// The number of a name.
    pub(crate) fn number(&mut self, name: &str) -> Result<u32, String> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        if self.names.len() == MOST {
            return Err(format!("more than {MOST} classes: take a part of it"));
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Ok(number)
    }

    /// The names by number.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_numbers_as_they_come() {
        let mut naming = Naming::default();
        let of = ["b", "a", "b", "c", "a"].map(|name| naming.number(name).unwrap()).to_vec();
        let classes = Classes { of, names: naming.names().to_vec(), ..Classes::default() };
        assert_eq!(classes.names, ["b", "a", "c"]);
        assert_eq!(classes.counts(), [2, 2, 1]);
        assert_eq!(classes.members(), [vec![0, 2], vec![1, 4], vec![3]]);
    }

    #[test]
    fn numbered_classes_follow_each_other() {
        let classes = Classes::numbered([2, 0, 1]);
        assert_eq!((classes.of, classes.names), (vec![0, 0, 2], ["0", "1", "2"].map(String::from).to_vec()));
    }
}

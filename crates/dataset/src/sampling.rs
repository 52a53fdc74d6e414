//! Which samples are trained on, and in which order.

mod balanced;
mod by_class;
mod long_tail;
mod p_by_k;
mod power;
mod shuffle;

use serde::{Deserialize, Serialize};

pub use balanced::Balanced;
use by_class::ByClass;
pub use long_tail::LongTail;
pub use p_by_k::PByK;
pub use power::Power;
pub use shuffle::Shuffle;

/// The section `[sampler]` of a training recipe: in which order samples come, as `kind` says.
///
/// ```
/// use omote_dataset::Sampler;
///
/// let sampler: Sampler = toml::from_str("kind = \"p_by_k\"\nclasses = 2\npictures = 3\n")?;
/// let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2];
/// let sampling = sampler.sampling(&labels, 7).expect("there are two classes");
/// let first: Vec<u32> = (0..6).map(|place| labels[sampling.at(place).1 as usize]).collect();
/// assert!(first[..3] == [first[0]; 3] && first[3..] == [first[3]; 3] && first[0] != first[3]);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sampler {
    /// Each sample once an epoch.
    Shuffle(Shuffle),
    /// Batches of P classes with K pictures each.
    PByK(PByK),
    /// Each class as often.
    Balanced(Balanced),
    /// Classes by a power of their size.
    Power(Power),
    /// Few classes with many pictures, and many with few.
    LongTail(LongTail),
}

impl Default for Sampler {
    fn default() -> Self {
        Self::Shuffle(Shuffle {})
    }
}

impl Sampler {
    /// Whether the fields are in their ranges.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Shuffle(_) | Self::Balanced(_) => Ok(()),
            Self::PByK(p_by_k) => p_by_k.check(),
            Self::Power(power) => power.check(),
            Self::LongTail(long_tail) => long_tail.check(),
        }
    }

    /// How large batches must be; `None` if any size will do.
    pub fn batch(&self) -> Option<usize> {
        match self {
            Self::PByK(p_by_k) => Some(p_by_k.batch()),
            _ => None,
        }
    }

    /// The order of samples with these classes.
    ///
    /// # Errors
    /// What is wrong with a field, or that there are too few samples or classes, in words.
    pub fn sampling(&self, labels: &[u32], seed: u64) -> Result<Sampling, String> {
        self.check()?;
        if labels.is_empty() {
            return Err("there are no samples to train on".to_owned());
        }
        let plan: Box<dyn Plan> = match self {
            Self::Shuffle(shuffle) => Box::new(shuffle.plan(labels, seed)),
            Self::PByK(p_by_k) => Box::new(p_by_k.plan(labels, seed)?),
            Self::Balanced(balanced) => Box::new(balanced.plan(labels, seed)),
            Self::Power(power) => Box::new(power.plan(labels, seed)),
            Self::LongTail(long_tail) => Box::new(long_tail.plan(labels, seed)),
        };
        Ok(Sampling(plan))
    }
}

/// An endless row of samples, epoch after epoch. What stands at a place is calculated and needs nothing of
/// what came before, so a run that stopped goes on anywhere.
pub struct Sampling(Box<dyn Plan>);

impl Sampling {
    /// Samples of an epoch, at least 1.
    pub fn epoch(&self) -> u64 {
        self.0.epoch()
    }

    /// The epoch, and the number of the sample among the labels, at a place, counted from the beginning of
    /// the first epoch.
    pub fn at(&self, place: u64) -> (u64, u64) {
        (place / self.epoch(), self.0.at(place))
    }
}

/// The order that a sampler makes of some labels.
trait Plan: Send + Sync {
    /// Samples of an epoch, at least 1.
    fn epoch(&self) -> u64;

    /// The number of the sample at a place.
    fn at(&self, place: u64) -> u64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_checked_field_by_field() {
        let read = |text: &str| {
            let sampler: Sampler = toml::from_str(text).map_err(|error| error.message().to_owned())?;
            sampler.sampling(&[0, 0, 0, 1, 1], 1).map(|_| sampler)
        };
        assert_eq!(read("kind = \"shuffle\""), Ok(Sampler::default()));
        assert_eq!(read("kind = \"balanced\""), Ok(Sampler::Balanced(Balanced {})));
        let p_by_k = read("kind = \"p_by_k\"\nclasses = 2\npictures = 4").unwrap();
        assert_eq!(p_by_k.batch(), Some(8));
        for (text, said) in [
            ("kind = \"random\"", "unknown variant `random`"),
            ("kind = \"shuffle\"\nseed = 3", "unknown field `seed`"),
            ("kind = \"balanced\"\npower = 0.5", "unknown field `power`"),
            ("kind = \"p_by_k\"\nclasses = 2", "missing field `pictures`"),
            ("kind = \"p_by_k\"\nclasses = 0\npictures = 2", "classes and pictures must be from 1"),
            ("kind = \"p_by_k\"\nclasses = 2\npictures = 999999", "classes and pictures must be from 1"),
            ("kind = \"p_by_k\"\nclasses = 3\npictures = 2", "there are 2"),
            ("kind = \"power\"\npower = 1.5", "power must be from 0 to 1"),
            ("kind = \"long_tail\"\nratio = 0.5", "ratio must be from 1"),
            ("kind = \"long_tail\"\nratio = nan", "ratio must be from 1"),
            ("kind = \"long_tail\"\nratio = 10.0\npower = -1.0", "power must be from 0 to 1"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(Sampler::default().sampling(&[], 1).err().unwrap().contains("no samples"));
    }

    #[test]
    fn every_order_is_its_own_and_stays() {
        let labels: Vec<u32> = (0..90).map(|n| n % 9).collect();
        let kinds =
            ["shuffle", "p_by_k\"\nclasses = 3\npictures = 4\n#", "balanced", "power\"\npower = 0.5\n#"];
        for kind in kinds.into_iter().chain(["long_tail\"\nratio = 5.0\n#"]) {
            let sampler: Sampler = toml::from_str(&format!("kind = \"{kind}\"")).unwrap();
            let row = |seed: u64| {
                let sampling = sampler.sampling(&labels, seed).unwrap();
                (0..300).map(|place| sampling.at(place)).collect::<Vec<_>>()
            };
            assert_eq!(row(1), row(1), "{kind}");
            assert_ne!(row(1), row(2), "{kind}");
            let epoch = sampler.sampling(&labels, 1).unwrap().epoch();
            assert!(row(1).iter().zip(0..).all(|(drawn, place)| drawn.0 == place / epoch && drawn.1 < 90));
        }
    }
}

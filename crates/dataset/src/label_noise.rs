//! Wrong labels on purpose, to see what they do and whether they are found.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use synth::Seed;

use crate::Roster;
use crate::order::Order;

/// The section `[noise]` of a training recipe: wrong labels of the two kinds that sets from the web have
/// (Wang et al. 2018, "The devil of face recognition is in the noise").
///
/// First, `outsider_classes` classes are taken out, chosen by chance; those that are left move together, so
/// that the numbers have no new gaps. Then, of the samples that are left, the share `flipped` gets the label
/// of another class, all others as likely; and of the others, the share `outsiders` of all keeps its label
/// but shows a picture of a class that was taken out, each picture at most once. All shares are met exactly,
/// to half a sample. With the same seed and classes, what is wrong at a small share is wrong at a large one
/// too.
///
/// ```
/// use omote_dataset::{LabelNoise, Noise, Roster};
///
/// let noise: LabelNoise = toml::from_str("flipped = 0.2\noutsiders = 0.1\noutsider_classes = 1\n")?;
/// let roster = Roster::new((0..40).map(|n| n % 4).collect());
/// let noisy = noise.apply(&roster).expect("there are enough classes");
/// let wrong = noisy.noise.iter().filter(|noise| **noise != Noise::None).count();
/// assert_eq!((noisy.roster.len(), wrong, noisy.removed.len()), (30, 9, 1));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LabelNoise {
    /// Which share of the samples has the label of somebody else of the set.
    pub flipped: f32,
    /// Which share of the samples shows somebody who is not in the set.
    pub outsiders: f32,
    /// How many classes are taken out, to be those outsiders. Runs with more and with less noise train on the
    /// same classes if this is the same, so it may be more than 0 without noise too.
    pub outsider_classes: u32,
    /// Decides which samples and classes. It is not the seed of the run, so that runs with other seeds train
    /// on the same labels.
    pub seed: u64,
}

/// What is wrong with a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Nothing.
    None,
    /// It is somebody else's.
    Flipped {
        /// The right label, a class of the new roster.
        truth: u32,
    },
    /// The picture shows somebody who is not in the set.
    Outsider {
        /// Who, as a class of the roster that was given.
        class: u32,
    },
}

/// A roster with wrong labels, and which ones are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noisy {
    /// What is trained on.
    pub roster: Roster,
    /// For each of its samples, what is wrong with its label.
    pub noise: Vec<Noise>,
    /// The classes of the roster that was given that were taken out, ascending. A class that is left has as
    /// many numbers less as there are of them below it.
    pub removed: Vec<u32>,
}

impl LabelNoise {
    /// Whether the fields are in their ranges.
    ///
    /// # Errors
    /// Which is not, in words.
    pub fn check(&self) -> Result<(), String> {
        let share = |share: f32| (0.0..=1.0).contains(&share);
        if !(share(self.flipped) && share(self.outsiders) && share(self.flipped + self.outsiders)) {
            return Err("flipped and outsiders must be from 0 to 1, and so must be their sum".to_owned());
        }
        if self.outsiders > 0.0 && self.outsider_classes == 0 {
            return Err("outsider_classes must be at least 1, so that there are outsiders".to_owned());
        }
        Ok(())
    }

    /// Makes labels wrong.
    ///
    /// # Errors
    /// What is wrong with a field, or that there are too few classes or pictures for it, in words.
    pub fn apply(&self, roster: &Roster) -> Result<Noisy, String> {
        self.check()?;
        let seed = Seed::new(self.seed).of("noise");
        let removed = self.removed(roster, seed)?;
        let stays = |label: &u32| removed.binary_search(label).is_err();
        let entries = || roster.samples.iter().copied().zip(roster.labels.iter().copied());
        let (left, out): (Vec<_>, Vec<_>) = entries().partition(|(_, label)| stays(label));
        let moved = |label: u32| label - removed.partition_point(|&other| other < label) as u32;
        let mut noisy = Noisy {
            roster: Roster::of(left.into_iter().map(|(sample, label)| (sample, moved(label)))),
            noise: Vec::new(),
            removed,
        };
        noisy.noise = vec![Noise::None; noisy.roster.len()];
        self.flip(&mut noisy, seed)?;
        self.replace(&mut noisy, &out, seed)?;
        Ok(noisy)
    }

    /// The classes that are taken out.
    fn removed(&self, roster: &Roster, seed: Seed) -> Result<Vec<u32>, String> {
        let classes: Vec<u32> =
            roster.labels.iter().copied().collect::<BTreeSet<u32>>().into_iter().collect();
        let (count, there_are) = (self.outsider_classes as usize, classes.len());
        if count > 0 && count >= there_are {
            return Err(format!("outsider_classes must be less than the {there_are} classes that there are"));
        }
        let order = Order::new(there_are as u64, Some(seed.of("classes").value()));
        let mut removed: Vec<u32> = (0..count as u64).map(|at| classes[order.at(at).1 as usize]).collect();
        removed.sort_unstable();
        Ok(removed)
    }

    /// Labels of others.
    fn flip(&self, noisy: &mut Noisy, seed: Seed) -> Result<(), String> {
        let count = of(self.flipped, noisy.roster.len());
        let labels = &mut noisy.roster.labels;
        let classes: Vec<u32> = labels.iter().copied().collect::<BTreeSet<u32>>().into_iter().collect();
        if count > 0 && classes.len() < 2 {
            return Err("flipped must be 0 where there is one class only".to_owned());
        }
        let order = Order::new(labels.len() as u64, Some(seed.of("samples").value()));
        for place in 0..count {
            let at = order.at(place).1 as usize;
            let truth = labels[at];
            let own = classes.partition_point(|&class| class < truth);
            let other = seed.of("labels").number(at as u64).stream().below(classes.len() - 1);
            labels[at] = classes[other + usize::from(other >= own)];
            noisy.noise[at] = Noise::Flipped { truth };
        }
        Ok(())
    }

    /// Pictures of others.
    fn replace(&self, noisy: &mut Noisy, out: &[(u64, u32)], seed: Seed) -> Result<(), String> {
        let len = noisy.roster.len();
        // Two halves of a sample are one, not two.
        let count = of(self.outsiders, len).min(len as u64 - of(self.flipped, len));
        if count > out.len() as u64 {
            return Err(format!(
                "outsiders needs {count} pictures, but the classes that are taken out have {}: \
                 raise outsider_classes",
                out.len()
            ));
        }
        let [order, pictures] = [("samples", len), ("pictures", out.len())]
            .map(|(name, len)| Order::new(len as u64, Some(seed.of(name).value())));
        for number in 0..count {
            // From the end, so that more flipped labels change nothing here.
            let at = order.at(len as u64 - 1 - number).1 as usize;
            let (sample, class) = out[pictures.at(number).1 as usize];
            noisy.roster.samples[at] = sample;
            noisy.noise[at] = Noise::Outsider { class };
        }
        Ok(())
    }
}

/// How many of `len` a share is.
fn of(share: f32, len: usize) -> u64 {
    (f64::from(share) * len as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sample n is of class n % 20.
    fn roster() -> Roster {
        Roster::new((0..2000).map(|n| n % 20).collect())
    }

    fn noise(flipped: f32, outsiders: f32, outsider_classes: u32) -> LabelNoise {
        LabelNoise { flipped, outsiders, outsider_classes, seed: 5 }
    }

    #[test]
    fn shares_are_met_and_what_is_wrong_is_said() {
        let noisy = noise(0.2, 0.1, 4).apply(&roster()).unwrap();
        let (samples, labels) = (noisy.roster.samples(), noisy.roster.labels());
        assert_eq!((samples.len(), noisy.noise.len(), noisy.removed.len()), (1600, 1600, 4));
        let given =
            |new: u32| (0..20).filter(|class| !noisy.removed.contains(class)).nth(new as usize).unwrap();
        let mut counts = [0; 3];
        for ((&sample, &label), noise) in samples.iter().zip(labels).zip(&noisy.noise) {
            let shown = sample as u32 % 20;
            match *noise {
                Noise::None => {
                    counts[0] += 1;
                    assert_eq!(given(label), shown);
                }
                Noise::Flipped { truth } => {
                    counts[1] += 1;
                    assert!(given(truth) == shown && label != truth && label < 16);
                }
                Noise::Outsider { class } => {
                    counts[2] += 1;
                    assert!(class == shown && noisy.removed.contains(&class));
                }
            }
        }
        assert_eq!(counts, [1120, 320, 160]);
        let distinct: BTreeSet<&u64> = samples.iter().collect();
        assert_eq!(distinct.len(), 1600, "no picture comes twice");
    }

    #[test]
    fn labels_of_all_others_are_as_likely() {
        let noisy = noise(1.0, 0.0, 0).apply(&roster()).unwrap();
        let mut apart = [0_u32; 20];
        for (label, noise) in noisy.roster.labels().iter().zip(&noisy.noise) {
            let Noise::Flipped { truth } = noise else { panic!("all are flipped") };
            apart[((label + 20 - truth) % 20) as usize] += 1;
        }
        // 2000 / 19 is 105, within four standard deviations.
        assert!(apart[0] == 0 && apart[1..].iter().all(|count| count.abs_diff(105) < 41), "{apart:?}");
    }

    #[test]
    fn more_noise_keeps_what_less_noise_made() {
        assert_eq!(noise(0.3, 0.1, 3).apply(&roster()), noise(0.3, 0.1, 3).apply(&roster()));
        let [little, much] =
            [noise(0.1, 0.05, 3), noise(0.4, 0.1, 3)].map(|noise| noise.apply(&roster()).unwrap());
        for at in 0..little.noise.len() {
            let same = little.noise[at] == much.noise[at]
                && little.roster.labels()[at] == much.roster.labels()[at]
                && little.roster.samples()[at] == much.roster.samples()[at];
            assert!(same || little.noise[at] == Noise::None);
        }
        let none = noise(0.0, 0.0, 0).apply(&roster()).unwrap();
        assert!(none.roster == roster() && none.noise.iter().all(|noise| *noise == Noise::None));
        let other = LabelNoise { seed: 6, ..noise(0.1, 0.05, 3) }.apply(&roster()).unwrap();
        assert_ne!(other.roster, little.roster);
    }

    #[test]
    fn what_cannot_be_is_said() {
        for (noise, said) in [
            (noise(-0.1, 0.0, 0), "from 0 to 1"),
            (noise(f32::NAN, 0.0, 0), "from 0 to 1"),
            (noise(0.6, 0.6, 5), "so must be their sum"),
            (noise(0.1, 0.1, 0), "outsider_classes must be at least 1"),
            (noise(0.0, 0.0, 20), "less than the 20 classes"),
            (noise(0.0, 0.5, 1), "needs 950 pictures, but the classes that are taken out have 100"),
        ] {
            let error = noise.apply(&roster()).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
        let alone = Roster::new(vec![3; 9]);
        assert!(noise(0.5, 0.0, 0).apply(&alone).unwrap_err().contains("one class only"));
        // Half and half of 15 are 8 and 7.
        let noisy = noise(0.5, 0.5, 2).apply(&Roster::new((0..25).map(|n| n % 5).collect())).unwrap();
        let flipped = noisy.noise.iter().filter(|noise| matches!(noise, Noise::Flipped { .. })).count();
        assert!(flipped == 8 && !noisy.noise.contains(&Noise::None));
        assert!(toml::from_str::<LabelNoise>("flips = 0.1").unwrap_err().message().contains("unknown field"));
    }
}

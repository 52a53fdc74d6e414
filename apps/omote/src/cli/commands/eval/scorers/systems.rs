//! Ways to score two photos: a scorer, or a fusion of several.

use matching::{Error, Fusion, Prepared, Scorer};

/// A scorer under the name that it has in the table.
pub struct System {
    /// The name.
    pub name: String,
    /// The scorer.
    pub scorer: Scorer,
    /// Whose vectors it takes: 0 for the embedder under test, 1 for that of --compare.
    pub embedder: usize,
}

/// Photos as scorers see them.
pub struct Ready {
    /// One list for each scorer; in it, `None` for a photo without a face.
    photos: Vec<Vec<Option<Prepared>>>,
}

/// Genuine pairs, and impostor pairs, from which a fusion is learned at most: more change no digit of its weights.
const FUSION_PAIRS: usize = 50_000;

/// The penalty on the weights of a fusion: scorers of one cosine resemble each other, and without it the weights of
/// two that cancel out could grow.
const FUSION_PENALTY: f64 = 1e-3;

impl Ready {
    /// No scorer yet.
    pub fn new() -> Ready {
        Ready { photos: Vec::new() }
    }

    /// Prepares all photos for one more scorer.
    pub fn add(
        &mut self,
        scorer: &Scorer,
        vectors: &[Option<&[f32]>],
        threads: usize,
    ) -> Result<&[Option<Prepared>], Error> {
        self.photos.push(scorer.prepare_all(vectors, threads)?);
        Ok(self.photos.last().map_or(&[], Vec::as_slice))
    }

    /// The scores of two photos by all scorers; `None` where one has no face.
    pub fn scores(&self, systems: &[System], a: usize, b: usize) -> Option<Vec<f32>> {
        let both = systems.iter().zip(&self.photos);
        both.map(|(system, photos)| system.scorer.score(photos[a].as_ref()?, photos[b].as_ref()?).ok())
            .collect()
    }

    /// The score of two photos by a fusion; `None` where one has no face.
    pub fn fused(&self, fusion: &Fusion, systems: &[System], a: usize, b: usize) -> Option<f32> {
        fusion.score(&self.scores(systems, a, b)?).ok().map(|score| score as f32)
    }
}

/// Learns how to weigh the scorers against each other from photos of known people whom `ready` holds.
pub fn fuse(systems: &[System], ready: &Ready, people: &[u32], seed: u64) -> Result<Fusion, Error> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut pairs = [Vec::new(), Vec::new()];
    let mut seen = [0usize; 2];
    // A reservoir of each kind: every pair has the same chance, and none is kept that is not used.
    for b in 0..people.len() {
        for a in 0..b {
            let kind = usize::from(people[a] == people[b]);
            seen[kind] += 1;
            if pairs[kind].len() < FUSION_PAIRS {
                pairs[kind].push((a, b));
            } else {
                let place = random.usize(..seen[kind]);
                if let Some(other) = pairs[kind].get_mut(place) {
                    *other = (a, b);
                }
            }
        }
    }
    let [impostor, genuine] = pairs;
    let (mut scores, mut same) = (Vec::new(), Vec::new());
    for (pairs, is_genuine) in [(genuine, true), (impostor, false)] {
        for (a, b) in pairs {
            if let Some(row) = ready.scores(systems, a, b) {
                scores.push(row);
                same.push(is_genuine);
            }
        }
    }
    let fingerprints: Vec<_> = systems.iter().map(|system| system.scorer.fingerprint()).collect();
    Fusion::train(&fingerprints, &scores, &same, FUSION_PENALTY)
}

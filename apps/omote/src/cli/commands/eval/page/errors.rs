//! The worst errors as pictures: which pairs are shown, and what is shown of them.

use std::path::{Path, PathBuf};

use evaluation::PairProtocol;
use evaluation::report::{Picture, PicturePair, Pictures};

use super::super::measures::Scored;

/// So many pairs of either kind.
const MOST: usize = 6;

/// The pairs at the far wrong side of a threshold.
pub struct WorstErrors {
    threshold: f64,
    /// Pairs of one person, the lowest scores first, and those without a score at the end.
    non_matches: Vec<usize>,
    /// Pairs of two people, the highest scores first.
    matches: Vec<usize>,
}

/// What is shown of a photo.
pub struct Shown {
    /// The face as a JPEG file; `None` where no face was found.
    pub jpeg: Option<Vec<u8>>,
    /// The face's quality, 0 to 100.
    pub quality: Option<f32>,
}

impl WorstErrors {
    /// Finds them.
    pub fn at(threshold: f64, scored: &Scored) -> WorstErrors {
        let of_kind = |same: bool| {
            let pairs = scored.scores.iter().zip(&scored.same).enumerate();
            pairs.filter(move |(_, (_, kind))| **kind == same).map(|(pair, (score, _))| (pair, *score))
        };
        let accepted = |score: Option<f32>| score.is_some_and(|score| f64::from(score) >= threshold);
        let mut non_matches: Vec<(usize, Option<f32>)> =
            of_kind(true).filter(|(_, score)| !accepted(*score)).collect();
        let mut matches: Vec<(usize, Option<f32>)> =
            of_kind(false).filter(|(_, score)| accepted(*score)).collect();
        let place = |score: Option<f32>| score.unwrap_or(f32::INFINITY);
        non_matches.sort_by(|a, b| place(a.1).total_cmp(&place(b.1)));
        matches.sort_by(|a, b| place(b.1).total_cmp(&place(a.1)));
        let first =
            |pairs: Vec<(usize, Option<f32>)>| pairs.into_iter().take(MOST).map(|(pair, _)| pair).collect();
        WorstErrors { threshold, non_matches: first(non_matches), matches: first(matches) }
    }

    /// Both kinds with what is shown of their photos.
    pub fn pictures(
        &self,
        protocol: &PairProtocol,
        scored: &Scored,
        mut show: impl FnMut(usize) -> Shown,
    ) -> Vec<Pictures> {
        let mut picture = |photo: usize| {
            let Shown { jpeg, quality } = show(photo);
            Picture { jpeg, name: short_name(&protocol.images[photo]), quality: quality.map(f64::from) }
        };
        let mut kind = |caption: &str, pairs: &[usize]| Pictures {
            caption: caption.to_owned(),
            threshold: Some(self.threshold),
            pairs: pairs
                .iter()
                .map(|&pair| PicturePair {
                    a: picture(protocol.pairs[pair].a),
                    b: picture(protocol.pairs[pair].b),
                    score: scored.scores[pair].map(f64::from),
                    note: String::new(),
                })
                .collect(),
        };
        vec![
            kind("One person, taken for two: the lowest scores", &self.non_matches),
            kind("Two people, taken for one: the highest scores", &self.matches),
        ]
    }
}

/// The file with its folder, which is often the person's name.
pub fn short_name(path: &Path) -> String {
    let mut last: Vec<_> = path.components().rev().take(2).collect();
    last.reverse();
    last.iter().collect::<PathBuf>().display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_come_first_and_what_has_no_score_last() {
        let scored = Scored {
            scores: vec![Some(0.1), None, Some(-0.2), Some(0.9), Some(0.6), Some(0.7), Some(0.2), None],
            same: vec![true, true, true, true, false, false, false, false],
            people: None,
        };
        let worst = WorstErrors::at(0.5, &scored);
        assert_eq!((&worst.non_matches[..], &worst.matches[..]), (&[2, 0, 1][..], &[5, 4][..]));
        assert_eq!(
            short_name(Path::new("data/lfw/Ada/Ada_1.jpg")),
            Path::new("Ada").join("Ada_1.jpg").display().to_string()
        );
    }
}

//! Age and classes: how far off is a number, and how often is a class right where classes are rare?

use super::deviations::Deviations;
use crate::Error;

/// Errors of an estimated number, such as an age in years.
///
/// ```
/// use omote_evaluation::AgeErrors;
///
/// let found = AgeErrors::new(&[20.0, 30.0, 40.0, 50.0], &[Some(22.0), Some(30.0), Some(30.0), None])?;
/// assert_eq!(found.mean_absolute_error(), Some(4.0));
/// // The face that got no age is not within 5 years.
/// assert_eq!(found.share_within(5.0), 0.5);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AgeErrors(Deviations);

impl AgeErrors {
    /// From true ages and estimates in years; `None` where there is no estimate because no face was found.
    ///
    /// # Errors
    /// [`Error::Length`] if the lists differ in length, [`Error::Empty`] if they are empty, [`Error::Item`] for an
    /// age that is NaN or infinite.
    pub fn new(truth: &[f64], estimates: &[Option<f64>]) -> Result<Self, Error> {
        check_lists(truth.len(), estimates.len())?;
        let mut errors = Vec::with_capacity(truth.len());
        for (number, (&truth, &estimate)) in truth.iter().zip(estimates).enumerate() {
            // A true age must be a number, whether there is an estimate or not.
            let error = (estimate.unwrap_or(truth) - truth).abs();
            if !error.is_finite() {
                let problem =
                    format!("its age is {truth} and the estimate {estimate:?}, where numbers were expected");
                return Err(Error::Item { what: "face", number, problem });
            }
            errors.extend(estimate.map(|_| error));
        }
        Ok(Self(Deviations::new(errors, truth.len())))
    }

    /// The mean absolute error (MAE) in years of the faces with an estimate; `None` if none has one. To be read
    /// beside [`without_estimate`](Self::without_estimate).
    pub fn mean_absolute_error(&self) -> Option<f64> {
        self.0.mean()
    }

    /// How many faces have no estimate.
    pub fn without_estimate(&self) -> usize {
        self.0.missing()
    }

    /// The cumulative score: the share of *all* faces whose error is at most `years`, in 0..=1.
    pub fn share_within(&self, years: f64) -> f64 {
        self.0.share_within(years)
    }
}

/// How often each class was taken for each.
///
/// A face without an answer counts in its class and is never right.
///
/// ```
/// use omote_evaluation::ConfusionMatrix;
///
/// // 8 of 10 faces are of class 0, and everybody is said to be: 80 % are right, and nothing was learned.
/// let truth = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
/// let found = ConfusionMatrix::new(2, &truth, &[Some(0); 10])?;
/// assert_eq!((found.accuracy(), found.balanced_accuracy()), (0.8, 0.5));
/// assert_eq!(found.count(1, 0), 2);
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// Row by row: `counts[truth * classes + answer]`.
    counts: Vec<u64>,
    /// Faces of each class without an answer.
    unanswered: Vec<u64>,
}

/// More classes than any attribute has; keeps the matrix below 8 MB.
const MAX_CLASSES: usize = 1000;

impl ConfusionMatrix {
    /// From true classes and answers, each below `classes`; `None` where there is no answer because no face was
    /// found.
    ///
    /// # Errors
    /// [`Error::Length`] if the lists differ in length, [`Error::Empty`] if they are empty, [`Error::Setting`] if
    /// there are no classes or more than 1,000, [`Error::Item`] for a class that does not exist.
    pub fn new(classes: usize, truth: &[usize], answers: &[Option<usize>]) -> Result<Self, Error> {
        check_lists(truth.len(), answers.len())?;
        if !(1..=MAX_CLASSES).contains(&classes) {
            return Err(Error::Setting {
                what: "number of classes",
                value: classes as f64,
                expected: "a number from 1 to 1,000",
            });
        }
        let mut matrix = Self { classes, counts: vec![0; classes * classes], unanswered: vec![0; classes] };
        for (number, (&truth, &answer)) in truth.iter().zip(answers).enumerate() {
            if let Some(class) = [Some(truth), answer].into_iter().flatten().find(|&class| class >= classes) {
                let problem =
                    format!("class {class} was named, but there are only {classes} (counted from 0)");
                return Err(Error::Item { what: "face", number, problem });
            }
            match answer {
                Some(answer) => matrix.counts[truth * classes + answer] += 1,
                None => matrix.unanswered[truth] += 1,
            }
        }
        Ok(matrix)
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many faces of class `truth` were taken for class `answer`; 0 for classes that do not exist.
    pub fn count(&self, truth: usize, answer: usize) -> u64 {
        if truth < self.classes && answer < self.classes {
            self.counts[truth * self.classes + answer]
        } else {
            0
        }
    }

    /// How many faces have no answer.
    pub fn unanswered(&self) -> u64 {
        self.unanswered.iter().sum()
    }

    /// The share of a class's faces that was recognised as such, in 0..=1; `None` for a class without faces.
    pub fn recall(&self, class: usize) -> Option<f64> {
        let answered: u64 = (0..self.classes).map(|answer| self.count(class, answer)).sum();
        share(self.count(class, class), answered + self.unanswered.get(class)?)
    }

    /// The share of the faces taken for a class that are of it, in 0..=1; `None` for a class that was never the
    /// answer.
    pub fn precision(&self, class: usize) -> Option<f64> {
        share(self.count(class, class), (0..self.classes).map(|truth| self.count(truth, class)).sum())
    }

    /// The share of all faces whose class is right, in 0..=1. Says little where one class is frequent.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..self.classes).map(|class| self.count(class, class)).sum();
        let all = self.counts.iter().sum::<u64>() + self.unanswered();
        right as f64 / all as f64
    }

    /// The mean of the classes' recalls, in 0..=1: every class weighs the same. Classes without faces are left out.
    pub fn balanced_accuracy(&self) -> f64 {
        let recalls: Vec<f64> = (0..self.classes).filter_map(|class| self.recall(class)).collect();
        recalls.iter().sum::<f64>() / recalls.len() as f64
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn check_lists(truth: usize, answers: usize) -> Result<(), Error> {
    if truth != answers {
        return Err(Error::Length { what: "answers", expected: truth, got: answers });
    }
    if truth == 0 {
        return Err(Error::Empty { what: "faces" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn golden_values() {
        // sklearn.metrics: confusion_matrix, recall_score, precision_score, balanced_accuracy_score.
        let truth = [0, 1, 2, 2, 2, 0, 1, 0, 3, 0, 0];
        let answers = [0, 2, 2, 2, 1, 0, 1, 3, 3, 0, 1].map(Some);
        let found = ConfusionMatrix::new(5, &truth, &answers).unwrap();
        let expected = [[3, 1, 0, 1, 0], [0, 1, 1, 0, 0], [0, 1, 2, 0, 0], [0, 0, 0, 1, 0], [0; 5]];
        for (class, row) in expected.iter().enumerate() {
            assert_eq!([0, 1, 2, 3, 4].map(|answer| found.count(class, answer)), *row);
        }
        let recalls: Vec<_> = (0..5).map(|class| found.recall(class)).collect();
        assert_eq!(recalls, [Some(0.6), Some(0.5), Some(2.0 / 3.0), Some(1.0), None]);
        let precisions: Vec<_> = (0..5).map(|class| found.precision(class)).collect();
        assert_eq!(precisions, [Some(1.0), Some(1.0 / 3.0), Some(2.0 / 3.0), Some(0.5), None]);
        assert!((found.balanced_accuracy() - 0.691_666_666_666_666_7).abs() < 1e-12);
        assert!((found.accuracy() - 7.0 / 11.0).abs() < 1e-12);
        assert_eq!((found.recall(5), found.count(0, 9), found.classes()), (None, 0, 5));
    }

    #[test]
    fn faces_without_an_answer_are_wrong() {
        let found = ConfusionMatrix::new(2, &[0, 0, 1, 1], &[Some(0), None, Some(1), Some(1)]).unwrap();
        assert_eq!((found.unanswered(), found.recall(0), found.accuracy()), (1, Some(0.5), 0.75));
        assert_eq!(found.balanced_accuracy(), 0.75);
        let nothing = AgeErrors::new(&[20.0], &[None]).unwrap();
        assert_eq!((nothing.mean_absolute_error(), nothing.without_estimate()), (None, 1));
        assert_eq!(nothing.share_within(f64::INFINITY), 0.0);
    }

    proptest! {
        #[test]
        fn shares_agree_with_counting(
            faces in prop::collection::vec((0_usize..4, prop::option::of(0_usize..4)), 1..50),
            years in 0_u8..4,
        ) {
            let (truth, answers): (Vec<_>, Vec<_>) = faces.iter().copied().unzip();
            let found = ConfusionMatrix::new(4, &truth, &answers).unwrap();
            // Balanced accuracy is plain accuracy with each face weighted by one over the size of its class.
            let (mut right, mut all) = (0.0, 0.0);
            for &(class, answer) in &faces {
                let weight = 1.0 / truth.iter().filter(|&&other| other == class).count() as f64;
                all += weight;
                right += if answer == Some(class) { weight } else { 0.0 };
            }
            prop_assert!((found.balanced_accuracy() - right / all).abs() < 1e-12);

            let ages: Vec<f64> = truth.iter().map(|&age| age as f64).collect();
            let estimates: Vec<_> = answers.iter().map(|age| age.map(|age| age as f64)).collect();
            let errors = AgeErrors::new(&ages, &estimates).unwrap();
            let apart = |face: &(usize, Option<usize>)| face.1.map(|answer| answer.abs_diff(face.0));
            let near = faces.iter().filter_map(apart).filter(|&years_off| years_off <= usize::from(years));
            prop_assert_eq!(errors.share_within(years.into()), near.count() as f64 / faces.len() as f64);
            let known: Vec<usize> = faces.iter().filter_map(apart).collect();
            let mean = known.iter().sum::<usize>() as f64 / known.len() as f64;
            prop_assert!(errors.mean_absolute_error().is_none_or(|found| (found - mean).abs() < 1e-12));
            prop_assert_eq!(errors.without_estimate(), faces.len() - known.len());
        }
    }

    #[test]
    fn bad_input_is_named() {
        let matrix = ConfusionMatrix::new;
        assert!(matches!(matrix(2, &[0, 1], &[Some(0)]), Err(Error::Length { expected: 2, got: 1, .. })));
        assert!(matches!(matrix(2, &[], &[]), Err(Error::Empty { .. })));
        for classes in [0, 1001] {
            assert!(matches!(matrix(classes, &[0], &[None]), Err(Error::Setting { .. })));
        }
        assert!(matches!(matrix(2, &[0, 2], &[None, None]), Err(Error::Item { number: 1, .. })));
        assert!(matches!(matrix(2, &[0, 1], &[None, Some(2)]), Err(Error::Item { number: 1, .. })));
        let broken = [(f64::NAN, Some(1.0)), (1.0, Some(f64::INFINITY)), (f64::NAN, None)];
        for (truth, estimate) in broken {
            assert!(matches!(AgeErrors::new(&[truth], &[estimate]), Err(Error::Item { number: 0, .. })));
        }
    }
}

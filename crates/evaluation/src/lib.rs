//! How good is it? The field's metrics, and the protocols that say on which photos they are taken.
//!
//! These questions are answered here.
//!
//! *Same person or not?* A protocol reader ([`read_lfw`], [`read_cfp`], [`read_bin`], [`read_pairs_csv`]) turns a
//! benchmark's own files into a [`PairProtocol`]: the photos, each once, the pairs among them, and the folds. The
//! caller turns every photo into whatever it compares (`None` where no face was found) and
//! [`evaluate_photos`] answers with a [`VerificationReport`]: the accuracy by cross-validation over the folds, its
//! standard error, and how many photos and pairs failed. A pair that could not be scored counts as "not the same";
//! nothing is ever left out.
//! [`cross_validate`] is the same calculation on bare scores. [`Scores`] gives the error rates at any threshold and
//! what follows from them, [`Roc`] and DET curves, FNMR at an FMR, the equal error rate, and [`StreamingScores`] the same
//! of billions of scores.
//!
//! *Who is it?* [`read_search_csv`], [`read_orl`], [`read_yale_b`] and [`read_ijb`] say who is enrolled and who is
//! searched for, as an [`IdentificationProtocol`]. [`Identification`] takes the results of searches
//! in a gallery: closed-set ranks, and the two error rates of an open set, where strangers must not be given a name.
//! [`OpenSetDraw`] draws galleries from photos of known people, and [`SearchTrials`] gives their rates with intervals.
//!
//! *Were faces grouped as people?* [`pairwise`], [`bcubed`] and [`nmi`] compare a clustering with the truth.
//!
//! *What does a quality score help, what passes as a live face, where are the landmarks, how old, which class?*
//! [`Discard`], [`PresentationAttack`], [`nme`] and [`LandmarkErrors`], [`AgeErrors`], [`ConfusionMatrix`], of what any
//! program said: [`read_presentations_csv`], [`read_landmarks_csv`], [`read_ages_csv`], [`read_attributes_csv`].
//!
//! *How sure is it?* [`Bootstrap`] gives intervals for what is taken from [`ScoredPairs`], the pairs of a list or
//! [every photo against every other](ScoredPairs::of_all), and compares two models on the same pairs; [`wilson`] gives
//! them for independent trials, [`Trials`] for trials of single faces of which some show one person. [`Support`] says
//! whether a false-match rate may be reported at all. [`Cohorts`] takes the rates of parts of the pairs at one
//! threshold.
//!
//! *How is it shown?* [`report`] makes one self-contained page of charts, tables and the worst errors.
//!
//! This crate knows nothing of models or images: scores and labels come in, numbers go out.
//!
//! ```
//! use omote_evaluation::{Pair, PairProtocol, evaluate_photos};
//!
//! let pair = |a, b, same| Pair { a, b, same };
//! let protocol = PairProtocol {
//!     name: "tiny".to_owned(),
//!     images: ["anna_1.jpg", "anna_2.jpg", "ben_1.jpg", "ben_2.jpg"].map(Into::into).to_vec(),
//!     pairs: vec![pair(0, 1, true), pair(0, 2, false), pair(2, 3, true), pair(1, 2, false)],
//!     folds: vec![0..2, 2..4],
//!     identities: Some(vec![0, 0, 1, 1]),
//!     people: vec!["anna".to_owned(), "ben".to_owned()],
//!     labels: Vec::new(),
//! };
//! // One number stands for a face here, and nearness for similarity; nothing was found in the last photo.
//! let faces = [Some(0.1), Some(0.2), Some(0.8), None];
//! let report = evaluate_photos(&protocol, &faces, |a: &f32, b: &f32| 1.0 - (a - b).abs())?;
//!
//! assert_eq!(report.photos_without_face, Some(1));
//! assert_eq!(report.pairs_without_score(), 1);
//! // The pair of Ben's photos is lost, the other three are right.
//! assert_eq!(report.result.accuracy, 0.75);
//! # Ok::<(), omote_evaluation::Error>(())
//! ```

pub mod report;

mod detection;
mod error;
mod metrics;
mod protocols;
mod uncertainty;
mod verification;

pub use detection::{
    WiderAttribute, WiderAttributes, WiderBreakdown, WiderCohort, WiderFace, WiderImage, WiderLists,
    WiderPoint, WiderPredictions, WiderReport, WiderResult, WiderSubsets, WiderTruth, evaluate_wider,
};
pub use error::Error;
pub use metrics::{
    AgeErrors, Agreement, BestThreshold, ConfusionMatrix, CrossValidation, DetPoint, Discard, DiscardCurve,
    DiscardOrder, DiscardPoint, DiscardThreshold, FoldResult, GalleryPeople, Identification,
    IdentificationPoint, LandmarkErrors, Normaliser, OperatingPoint, PresentationAttack,
    PresentationAttackPoint, ProbeResult, ProbeSearch, QualityPair, Roc, RocPoint, Scores, Separation,
    SpeciesError, StreamedPoint, StreamedScores, StreamedThreshold, StreamingScores, average_precision,
    bcubed, best_threshold, cross_validate, nme, nmi, pairwise, probit, separations, spearman,
};
pub use protocols::{
    AgeList, AttributeList, BinSet, CfpSet, GalleryTemplate, IdentificationProtocol, ImageTemplate,
    LandmarkFace, LandmarkList, LandmarkNormaliser, OpenSetDraw, OpenSetGallery, OpenSetSplit, Pair,
    PairLabels, PairProtocol, PresentationList, Probe, ScoreList, TemplateImage, TemplatePair, TemplatePairs,
    TemplateProtocol, read_ages_csv, read_attributes_csv, read_bin, read_cfp, read_ijb, read_landmarks_csv,
    read_lfw, read_orl, read_pairs_csv, read_presentations_csv, read_scores_csv, read_search_csv,
    read_yale_b,
};
pub use uncertainty::{
    Bootstrap, CohortRates, CohortShare, Cohorts, Difference, Estimate, GallerySearches, Interval,
    MIN_FALSE_MATCHES, MIN_IDENTITY_PAIRS, MIN_PEOPLE, PersonSearch, Resampled, ScoredPair, ScoredPairs,
    SearchStatistic, SearchTrials, Statistic, Support, TooFewGenuine, Trials, Unsupported, wilson,
};
pub use verification::{VerificationReport, evaluate, evaluate_photos};

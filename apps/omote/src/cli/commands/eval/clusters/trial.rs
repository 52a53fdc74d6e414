//! Parameters are chosen on some people, and what they are worth is measured on others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use clustering::{Method, Parameters};
use evaluation::{Agreement, Bootstrap, Interval, bcubed, nmi, pairwise};

use super::faces::Faces;
use super::mixes::Mixes;
use crate::cli::commands::group::method::Choice;
use console::Reporter;

/// What was chosen for a method.
pub struct Chosen {
    /// The method.
    pub method: Method,
    /// The best of its settings; the error says why none could be tried.
    pub best: Result<Best, String>,
}

/// The best settings of a method.
#[derive(Clone, Copy)]
pub struct Best {
    /// The method with its parameters.
    pub choice: Choice,
    /// See [`score`], over all mixes.
    pub score: f64,
    /// Pairwise F on the faces as they are.
    pub pairwise_f: f64,
}

/// What a method is worth on faces that its parameters were not chosen on.
pub struct Trial {
    /// The method.
    pub method: Method,
    /// The figures; the error says why there are none.
    pub figures: Result<Figures, String>,
}

/// How well groups agree with people.
pub struct Figures {
    /// What the method was told, once for each part of the people.
    pub choices: Vec<Choice>,
    /// Pairwise precision, recall and F.
    pub pairwise: Agreement,
    /// The 95 % interval of the pairwise F; the error says why there is none.
    pub interval: Result<Interval, evaluation::Error>,
    /// BCubed precision, recall and F.
    pub bcubed: Agreement,
    /// Normalised mutual information.
    pub nmi: f64,
    /// The number of groups.
    pub groups: usize,
    /// See [`score`], over all mixes.
    pub score: f64,
    /// How long it took to group the faces as they are, nearest neighbours included.
    pub seconds: f64,
}

impl Choice {
    /// k-means is told how many people there are: it cannot do without.
    pub fn told(self, people: usize) -> Choice {
        Choice { parameters: Parameters { people: Some(people), ..self.parameters }, ..self }
    }
}

/// What settings are chosen by: the mean of pairwise F, which big groups decide, and BCubed F, where each face counts
/// once.
fn score(truth: &[usize], labels: &[usize]) -> anyhow::Result<f64> {
    Ok((pairwise(truth, labels)?.f + bcubed(truth, labels)?.f) / 2.0)
}

/// A setting that was tried on a mix.
struct Tried {
    setting: usize,
    mix: usize,
    /// The score and the pairwise F; the error says why the method cannot group these faces.
    result: anyhow::Result<Result<(f64, f64), String>>,
}

/// Finds the best settings of each method: the largest mean score over all mixes, of equal ones the first.
pub fn choose(
    mixes: &Mixes,
    methods: &[Method],
    threads: usize,
    reporter: &mut Reporter,
) -> anyhow::Result<Vec<Chosen>> {
    let settings: Vec<Choice> = methods
        .iter()
        .flat_map(|&method| method.grid().into_iter().map(move |parameters| Choice { method, parameters }))
        .collect();
    reporter.start(settings.len() * mixes.len(), "groupings");
    let mut scores = vec![vec![Ok((0.0, 0.0)); mixes.len()]; settings.len()];
    let (next, all) = (AtomicUsize::new(0), mixes.iter().collect::<Vec<_>>());
    let (send, tried) = mpsc::channel();
    std::thread::scope(|scope| -> anyhow::Result<()> {
        for _ in 0..threads.clamp(1, all.len()) {
            let (send, next, all, settings) = (send.clone(), &next, &all, &settings);
            scope.spawn(move || {
                while let Some(mix) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&mix| mix < all.len())
                {
                    try_all(mix, all[mix], settings, &send);
                }
            });
        }
        drop(send);
        for Tried { setting, mix, result } in tried {
            scores[setting][mix] = result?;
            reporter.step();
        }
        Ok(())
    })?;
    reporter.finish();
    let best = |method: Method| -> Result<Best, String> {
        let mut best: Option<Best> = None;
        for (&choice, scores) in settings.iter().zip(&scores).filter(|(choice, _)| choice.method == method) {
            let scores: Vec<(f64, f64)> = scores.iter().cloned().collect::<Result<_, String>>()?;
            let score = scores.iter().map(|(score, _)| score).sum::<f64>() / scores.len() as f64;
            if best.is_none_or(|best| score > best.score) {
                best = Some(Best { choice, score, pairwise_f: scores[0].1 });
            }
        }
        best.ok_or_else(|| "it has no settings to try".to_owned())
    };
    Ok(methods.iter().map(|&method| Chosen { method, best: best(method) }).collect())
}

/// Tries all settings on one mix. Whoever receives may have given up.
fn try_all(mix: usize, faces: &Faces, settings: &[Choice], send: &mpsc::Sender<Tried>) {
    let mut grouping = match faces.grouping(1) {
        Ok(grouping) => grouping,
        Err(error) => return drop(send.send(Tried { setting: 0, mix, result: Err(error) })),
    };
    for (setting, choice) in settings.iter().enumerate() {
        let choice = choice.told(faces.people());
        let result = match grouping.cluster(choice.method, &choice.parameters) {
            Ok(groups) => score(faces.truth(), groups.labels())
                .and_then(|score| Ok(Ok((score, pairwise(faces.truth(), groups.labels())?.f)))),
            Err(error) => Ok(Err(error.to_string())),
        };
        if send.send(Tried { setting, mix, result }).is_err() {
            return;
        }
    }
}

/// The method with the best score, of equally good ones the first, among those that group any number of faces without
/// being told how many people they show.
pub fn winner(scores: impl Iterator<Item = (Method, Option<f64>)>) -> Option<Method> {
    let open = scores.filter(|(method, _)| method.limit().is_none() && *method != Method::KMeans);
    let scored = open.filter_map(|(method, score)| Some((method, score?)));
    scored.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(method, _)| method)
}

impl Chosen {
    /// The score of the best settings, if any could be tried.
    pub fn score(&self) -> (Method, Option<f64>) {
        (self.method, self.best.as_ref().ok().map(|best| best.score))
    }
}

impl Trial {
    /// The score that was measured, if any was.
    pub fn score(&self) -> (Method, Option<f64>) {
        (self.method, self.figures.as_ref().ok().map(|figures| figures.score))
    }
}

/// Measures what was chosen, on each part of the people and with the choices for it, which are of the same methods.
/// Groups of the parts are put side by side; no group spans two of them.
pub fn measure(
    parts: &[(&Mixes, Vec<Result<Choice, String>>)],
    threads: usize,
    bootstrap: &Bootstrap,
    methods: &[Method],
) -> anyhow::Result<Vec<Trial>> {
    let trial = |(at, &method): (usize, &Method)| {
        let parts: Result<Vec<(&Mixes, Choice)>, String> =
            parts.iter().map(|(mixes, choices)| Ok((*mixes, choices[at].clone()?))).collect();
        let figures = match parts {
            Ok(parts) => figures(&parts, threads, bootstrap)?,
            Err(reason) => Err(reason),
        };
        Ok(Trial { method, figures })
    };
    methods.iter().enumerate().map(trial).collect()
}

fn figures(
    parts: &[(&Mixes, Choice)],
    threads: usize,
    bootstrap: &Bootstrap,
) -> anyhow::Result<Result<Figures, String>> {
    let (mut truth, mut labels, mut people, mut groups) = (Vec::new(), Vec::new(), 0, 0);
    let (mut scores, mut seconds) = (Vec::new(), 0.0);
    for (mixes, Choice { method, parameters }) in parts {
        for (mix, faces) in mixes.iter().enumerate() {
            let told = Choice { method: *method, parameters: *parameters }.told(faces.people());
            let started = Instant::now();
            let found = match faces.grouping(threads)?.cluster(*method, &told.parameters) {
                Ok(found) => found,
                Err(error) => return Ok(Err(error.to_string())),
            };
            if mix == 0 {
                seconds += started.elapsed().as_secs_f64();
                truth.extend(faces.truth().iter().map(|person| people + person));
                labels.extend(found.labels().iter().map(|group| groups + group));
                people += faces.people();
                groups += found.len();
            }
            scores.push(score(faces.truth(), found.labels())?);
        }
    }
    Ok(Ok(Figures {
        choices: parts.iter().map(|(_, choice)| *choice).collect(),
        pairwise: pairwise(&truth, &labels)?,
        interval: bootstrap.pairwise_f(&truth, &labels),
        bcubed: bcubed(&truth, &labels)?,
        nmi: nmi(&truth, &labels)?,
        groups,
        score: scores.iter().sum::<f64>() / scores.len() as f64,
        seconds,
    }))
}

//! `omote doctor`: what is here, how fast it is, and how to get faster.

use std::time::Duration;

use engine::{Choice, Engine};
use model::Kind;
use serde_json::json;

use crate::cli::args::EngineArgs;
use crate::cli::setup::{engine_options, open_store};
use crate::cli::speed::{DETECTOR_SIDE, difference, rate};
use console::Outcome;
use console::{Reporter, count, path_value, table};

/// Flags of `omote doctor`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Speeds are runs a second of the network alone, every thread running on its own; a detector that \
takes any size is measured at 320x320.\n\nExample: omote doctor --models ~/models"
)]
pub struct Args {
    #[command(flatten)]
    on: EngineArgs,
}

/// How long each network runs on each engine.
const TIME: Duration = Duration::from_millis(700);

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let options = engine_options(&args.on);
    let threads = args.on.threads();
    let budget = count(threads, "thread", "threads");
    reporter.text(&format!("omote {}, {budget}\n", env!("CARGO_PKG_VERSION")))?;
    let mut engines = Vec::new();
    let mut absent = None;
    for found in Engine::available(&options) {
        match found {
            Ok(info) => {
                let choice = if info.library.is_some() { Choice::OnnxRuntime } else { Choice::Rten };
                let record = json!({
                    "type": "engine", "name": info.name, "version": info.version, "cpu": info.cpu,
                    "library": info.library.as_deref().map(path_value),
                });
                reporter.answer(&record, || format!("engine {info}, processor: {}", info.cpu.join(" ")))?;
                engines.push((info.name, Engine::open(&engine::Options { choice, ..options.clone() })?));
            }
            Err(error) => {
                let record = json!({"type": "engine", "name": "onnxruntime", "error": error.to_string()});
                reporter.answer(&record, || format!("engine onnxruntime: {error}"))?;
                absent = Some(error);
            }
        }
    }

    let store = open_store(&args.on.models)?;
    let listing = store.list();
    // What was asked for runs or fails, also here; what merely was not found is advice.
    let mut failed = listing.problems.len() + usize::from(Engine::open(&options).is_err());
    let mut heading = vec!["MODEL".to_owned(), "NETWORK".to_owned()];
    heading.extend(engines.iter().map(|(name, _)| format!("{name}/s")));
    heading.push("LARGEST DIFFERENCE".to_owned());
    let mut rows = vec![heading];
    reporter.start(listing.models.len(), "models");
    for listed in &listing.models {
        reporter.step();
        let name = &listed.manifest.name;
        let model = match store.resolve(name) {
            Ok(model) => model,
            Err(error) => {
                failed += 1;
                reporter.fail(&listed.paths[0], &error.to_string())?;
                continue;
            }
        };
        let side = if model.manifest.kind() == Kind::Detector { DETECTOR_SIDE } else { 112 };
        for file in &model.files {
            let mut speeds = Vec::new();
            for (_, engine) in &engines {
                speeds.push(rate(engine, &file.bytes, threads, side, TIME));
            }
            let apart = match &engines[..] {
                [(_, a), (_, b), ..] => difference(a, b, &file.bytes, side).ok(),
                _ => None,
            };
            failed += speeds.iter().filter(|speed| speed.is_err()).count();
            let figures: serde_json::Map<_, _> = engines
                .iter()
                .zip(&speeds)
                .map(|((name, _), speed)| {
                    ((*name).to_owned(), json!(speed.as_ref().ok().map(|speed| speed.round())))
                })
                .collect();
            let errors: Vec<String> =
                speeds.iter().filter_map(|speed| speed.as_ref().err()).map(ToString::to_string).collect();
            let record = json!({
                "type": "model", "name": name, "network": file.role, "per_second": figures, "difference": apart,
                "errors": errors,
            });
            reporter.answer(&record, String::new)?;
            let mut row = vec![name.clone(), file.role.clone()];
            row.extend(
                speeds
                    .iter()
                    .map(|speed| speed.as_ref().map_or("fails".into(), |speed| format!("{speed:.0}"))),
            );
            row.push(apart.map_or("-".into(), |apart| format!("{apart:.0e}")));
            rows.push(row);
        }
    }
    reporter.finish();
    reporter.text(&format!("\n{}", table(&rows)))?;
    for problem in &listing.problems {
        reporter
            .answer(&json!({"type": "problem", "problem": problem}), || format!("\nproblem: {problem}"))?;
    }
    let advice = advice(listing.models.is_empty(), absent.is_some());
    for line in &advice {
        reporter.text(&format!("\n{line}"))?;
    }
    let outcome = Outcome { failed, found: !listing.models.is_empty() };
    reporter.summary(&outcome, json!({"threads": threads, "advice": advice}), String::new)?;
    Ok(outcome)
}

fn advice(no_models: bool, no_onnxruntime: bool) -> Vec<&'static str> {
    let models = "No model is installed: `omote models list --all` shows published ones with their addresses; then \
                  `omote models import FILE...`, or name a folder of ONNX files with --models.";
    let faster = "ONNX Runtime is several times as fast as the built-in engine on these networks: \
                  `pip install onnxruntime` in an environment that is active, or name its library with --engine-lib.";
    [no_models.then_some(models), no_onnxruntime.then_some(faster)].into_iter().flatten().collect()
}

//! `omote-lab export`: the model that comes of a run.

use std::path::PathBuf;

use clap::ValueEnum;
use console::{Outcome, Reporter, path_value};
use model::{CommercialUse, Licence};
use serde_json::{Value, json};
use training::About;
use training::export::{self, Exported, Quantisation, Range, Twin};

/// Flags of `omote-lab export`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Writes model.onnx, model.toml and CARD.md of the run's last checkpoint, and measures the file on the people who are \
held out. `train` and `resume` do this in the end; here it can be given another name or other terms, or be made of 8-bit integers. \
A model folder that is there already is replaced; other folders are not touched.\n\n\
Example: omote-lab export runs/first --int8 --name first-small"
)]
pub struct Args {
    /// The folder that was given to `train`
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Where to write [default: FOLDER/model, or FOLDER/model-int8]
    #[arg(value_name = "MODEL")]
    model: Option<PathBuf>,
    /// The int8 twin: weights and activations of 8 bits, calibrated by pictures that were trained on
    #[arg(long)]
    int8: bool,
    /// How much of what activations were seen to be the 8 bits reach, above 50 and up to 100 [default: 100]
    #[arg(long, value_name = "PERCENT", requires = "int8")]
    percentile: Option<f64>,
    /// Name of the model: ASCII letters, digits, `.`, `_`, `-` [default: as the recipe says, or the folder's]
    #[arg(long)]
    name: Option<String>,
    /// One line for people
    #[arg(long)]
    title: Option<String>,
    /// Terms of the weights, such as MIT
    #[arg(long, value_name = "TERMS")]
    licence: Option<String>,
    /// Whether the weights may be used commercially
    #[arg(long, value_name = "ANSWER", requires = "licence", default_value = "unclear")]
    commercial_use: Answer,
    /// Terms of the training data
    #[arg(long, value_name = "TERMS")]
    data_terms: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Answer {
    Yes,
    Unclear,
    No,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let commercial_use = match args.commercial_use {
        Answer::Yes => CommercialUse::Yes,
        Answer::Unclear => CommercialUse::Unclear,
        Answer::No => CommercialUse::No,
    };
    let about = About {
        name: args.name.clone(),
        title: args.title.clone(),
        licence: args.licence.clone().map(|name| Licence { name, commercial_use }),
        data_terms: args.data_terms.clone(),
        limits: Vec::new(),
    };
    let place = |name: &str| args.model.clone().unwrap_or_else(|| args.folder.join(name));
    let (model, record, text) = if args.int8 {
        let range = args.percentile.map_or(Range::All, Range::Percentile);
        let how = Quantisation { range, ..Quantisation::default() };
        let (model, twin) = export::export_twin(&args.folder, &place("model-int8"), &about, &how)?;
        let (record, text) = (twin_record(&model, &twin), twin_words(&twin));
        (model, record, text)
    } else {
        let (model, difference) = export::export(&args.folder, &place("model"), &about)?;
        let text = format!(
            "what it computes differs from the network by {difference:.1e} at most, of vectors of length 1"
        );
        let record = exported_record(&model, difference);
        (model, record, text)
    };
    let outcome = Outcome::DONE;
    reporter.summary(&outcome, record, || format!("{}\n{text}", exported_words(&model)))?;
    Ok(outcome)
}

/// A model that was written, in words.
pub fn exported_words(model: &Exported) -> String {
    let mut text = format!(
        "{} is {}: {:.1} MB, tried on {} pictures",
        model.folder.display(),
        model.name,
        model.bytes as f64 / 1e6,
        model.pictures
    );
    for result in &model.results {
        let interval = result
            .interval
            .map(|interval| format!(" ({:.2} to {:.2})", 100.0 * interval.low, 100.0 * interval.high));
        let interval = interval.unwrap_or_default();
        text += &format!("\n{}: {:.2} %{interval}", result.measure, 100.0 * result.value);
    }
    text
}

/// A model that was written, as a record.
pub fn exported_record(model: &Exported, difference: f32) -> Value {
    let mut record = record(model);
    record["difference"] = difference.into();
    record
}

fn record(model: &Exported) -> Value {
    let results = model.results.iter().map(|result| {
        let interval = result.interval.map(|interval| [interval.low, interval.high]);
        json!({"on": result.on, "measure": result.measure, "value": result.value, "interval": interval, "pairs": result.count})
    });
    json!({
        "folder": path_value(&model.folder), "name": model.name, "bytes": model.bytes,
        "fingerprint": model.fingerprint.to_string(), "pictures": model.pictures, "results": results.collect::<Vec<_>>(),
    })
}

fn twin_record(model: &Exported, twin: &Twin) -> Value {
    let mut record = record(model);
    record["cosine"] = json!({"mean": twin.mean, "least": twin.least});
    record["compatible"] = twin.compatible.into();
    record
}

fn twin_words(twin: &Twin) -> String {
    let compatible = if twin.compatible { "may" } else { "must not" };
    format!(
        "cosine with the network of floats: {:.4} in the mean, {:.4} at least: their embeddings {compatible} be compared",
        twin.mean, twin.least
    )
}

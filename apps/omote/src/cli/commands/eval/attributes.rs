//! Attributes that any program answered: how often is a class right, also where classes are rare?

use std::path::PathBuf;

use evaluation::{AttributeList, ConfusionMatrix, read_attributes_csv};
use serde_json::{Value, json};

use super::draws;
use super::intervals::{Faces, Measured};
use console::Outcome;
use console::{Reporter, count, table};

/// A matrix of more classes is wider than any terminal; JSON has it.
const WIDEST_MATRIX: usize = 12;

/// Flags of `omote eval attributes`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The CSV file
    file: PathBuf,
    #[command(flatten)]
    draws: draws::Args,
}

/// One attribute and what came of it.
struct Answered {
    list: AttributeList,
    matrix: ConfusionMatrix,
    accuracy: Measured,
    balanced: Measured,
    /// Of each class; `None` for one that is true of no face.
    recalls: Vec<Option<Measured>>,
    faces: Faces,
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let lists = read_attributes_csv(&args.file)?;
    reporter.start(lists.len(), "attributes");
    let mut results = Vec::new();
    for list in lists {
        results.push(Answered::of(list, &args.draws)?);
        reporter.step();
    }
    let name = args.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mean = results.iter().map(|result| result.balanced.value).sum::<f64>() / results.len() as f64;
    let record = json!({
        "protocol": name, "mean_balanced_accuracy": mean,
        "attributes": results.iter().map(Answered::record).collect::<Vec<Value>>(),
    });
    reporter.summary(&Outcome::DONE, record, || {
        let mut text: Vec<String> = results.iter().map(Answered::describe).collect();
        if results.len() > 1 {
            text.push(format!(
                "mean balanced accuracy of {} attributes: {:.2} %",
                results.len(),
                mean * 100.0
            ));
        }
        text.extend(results.first().map(|first| first.faces.grounds()));
        format!("{name}:\n\n{}", text.join("\n\n"))
    })?;
    Ok(Outcome::DONE)
}

impl Answered {
    fn of(list: AttributeList, args: &draws::Args) -> anyhow::Result<Answered> {
        let matrix = list.matrix()?;
        let right: Vec<bool> =
            list.truth.iter().zip(&list.answers).map(|(truth, answer)| *answer == Some(*truth)).collect();
        let mut faces = Faces::new(right.len(), list.people.as_deref(), args);
        let all: Vec<Option<bool>> = right.iter().copied().map(Some).collect();
        let accuracy = faces.share(matrix.accuracy(), &all)?;
        let mut recalls = Vec::new();
        for class in 0..matrix.classes() {
            let of_class: Vec<Option<bool>> = list
                .truth
                .iter()
                .zip(&right)
                .map(|(truth, right)| (*truth == class).then_some(*right))
                .collect();
            recalls.push(matrix.recall(class).map(|recall| faces.share(recall, &of_class)).transpose()?);
        }
        let mut tally = vec![(0_u64, 0_u64); matrix.classes()];
        let balanced = faces.statistic(matrix.balanced_accuracy(), |weights| {
            tally.fill((0, 0));
            for ((&truth, &right), &weight) in list.truth.iter().zip(&right).zip(weights) {
                tally[truth].0 += u64::from(weight);
                tally[truth].1 += u64::from(weight) * u64::from(right);
            }
            let drawn = tally.iter().filter(|(faces, _)| *faces > 0);
            let (sum, classes) = drawn.fold((0.0, 0), |(sum, classes), (faces, right)| {
                (sum + *right as f64 / *faces as f64, classes + 1)
            });
            (classes > 0).then(|| sum / f64::from(classes))
        })?;
        let balanced = balanced.or_of_parts(&recalls.iter().flatten().copied().collect::<Vec<_>>());
        Ok(Answered { list, matrix, accuracy, balanced, recalls, faces })
    }

    fn record(&self) -> Value {
        let classes = 0..self.matrix.classes();
        let class = |class: usize| {
            let answers: Vec<u64> = classes.clone().map(|answer| self.matrix.count(class, answer)).collect();
            json!({
                "class": self.list.classes[class], "answers": answers,
                "faces": self.faces_of(class), "unanswered": self.unanswered(class),
                "recall": self.recalls[class].as_ref().map(Measured::record),
                "precision": self.matrix.precision(class),
            })
        };
        json!({
            "attribute": self.list.attribute, "faces": self.list.truth.len(),
            "unanswered": self.matrix.unanswered(),
            "accuracy": self.accuracy.record(), "balanced_accuracy": self.balanced.record(),
            "classes": classes.clone().map(class).collect::<Vec<Value>>(),
            "intervals": self.faces.record(),
        })
    }

    fn describe(&self) -> String {
        let [balanced, balanced_interval] = self.balanced.percent();
        let [accuracy, accuracy_interval] = self.accuracy.percent();
        let shown = self.matrix.classes() <= WIDEST_MATRIX;
        let mut heading = vec!["TRUTH".to_owned(), "FACES".to_owned()];
        if shown {
            heading.extend(self.list.classes.iter().map(|class| format!("AS {class}")));
        }
        heading.extend(["NO ANSWER", "RECALL", "95 % INTERVAL", "PRECISION"].map(String::from));
        let mut rows = vec![heading];
        for (class, name) in self.list.classes.iter().enumerate() {
            let mut row = vec![name.clone(), self.faces_of(class).to_string()];
            if shown {
                let answers = 0..self.matrix.classes();
                row.extend(answers.map(|answer| self.matrix.count(class, answer).to_string()));
            }
            row.push(self.unanswered(class).to_string());
            row.extend(
                self.recalls[class].map_or_else(|| ["-", "-"].map(String::from), |recall| recall.percent()),
            );
            let precision = self.matrix.precision(class);
            row.push(precision.map_or("-".to_owned(), |precision| format!("{:.2} %", precision * 100.0)));
            rows.push(row);
        }
        format!(
            "{}: balanced accuracy {balanced} ({balanced_interval}), accuracy {accuracy} ({accuracy_interval}), {}\n{}",
            self.list.attribute,
            count(self.list.truth.len() as u64, "face", "faces"),
            table(&rows)
        )
    }

    /// Faces whose truth is this class.
    fn faces_of(&self, class: usize) -> usize {
        self.list.truth.iter().filter(|truth| **truth == class).count()
    }

    /// Faces of a class without an answer.
    fn unanswered(&self, class: usize) -> usize {
        let faces = self.list.truth.iter().zip(&self.list.answers);
        faces.filter(|(truth, answer)| **truth == class && answer.is_none()).count()
    }
}

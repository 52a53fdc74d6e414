//! Presentation attacks: how often does a print, a screen or a mask pass as a live face, and how often does a live face
//! not?

use std::path::PathBuf;

use evaluation::{
    MIN_FALSE_MATCHES, PresentationAttack, PresentationAttackPoint, PresentationList, Support,
    read_presentations_csv,
};
use serde_json::{Value, json};

use super::draws;
use super::intervals::{Faces, Measured};
use super::measures::rate;
use console::Outcome;
use console::{Reporter, count, table};

/// Flags of `omote eval pad`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The CSV file
    file: PathBuf,
    /// The score from which a face passes as live
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = threshold, conflicts_with = "dev")]
    threshold: Option<f64>,
    /// A development set in the same form: the threshold is where both of its error rates are equal
    #[arg(long, value_name = "FILE")]
    dev: Option<PathBuf>,
    /// Attack rates (APCER) at which the rate of rejected live faces is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "0.1,0.05,0.01", value_parser = rate)]
    apcer: Vec<f64>,
    #[command(flatten)]
    draws: draws::Args,
}

fn threshold(text: &str) -> Result<f64, String> {
    let score = text.parse().ok().filter(|score: &f64| score.is_finite());
    score.ok_or_else(|| "expected a number".to_owned())
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let list = read_presentations_csv(&args.file)?;
    let dev = args.dev.as_deref().map(read_presentations_csv).transpose()?;
    let (threshold, origin) = match (args.threshold, &dev) {
        (Some(threshold), _) => (threshold, "as asked for".to_owned()),
        (None, Some(dev)) => (dev.attack()?.eer_threshold(), format!("equal error rates on {}", dev.name)),
        (None, None) => (
            list.attack()?.eer_threshold(),
            "equal error rates on this very file, which flatters: name a development set by --dev".to_owned(),
        ),
    };
    let shared = dev.as_ref().map_or_else(Vec::new, |dev| list.shared_people(dev));
    if let [first, ..] = shared[..] {
        reporter.complain(&format!(
            "{} in both files, such as {first}: the threshold was chosen on them, so their rates flatter",
            count(shared.len() as u64, "person is", "people are")
        ));
    }
    let rates = Rates::of(&list, threshold, args, reporter)?;
    let mut record = rates.record();
    record["protocol"] = json!(list.name);
    record["threshold_from"] = json!(origin);
    record["people_in_both"] = json!(shared.len());
    reporter.summary(&Outcome::DONE, record, || {
        format!(
            "{}: {} live presentations, {} attacks of {} kinds\nthreshold {threshold:.4}: {origin}\n\n{}",
            list.name,
            rates.bona_fide,
            rates.attacks,
            rates.species.len(),
            rates.describe()
        )
    })?;
    Ok(Outcome::DONE)
}

/// The error rates at a threshold and at other APCERs.
struct Rates {
    bona_fide: usize,
    attacks: usize,
    without_score: usize,
    point: PresentationAttackPoint,
    /// In the order of their names.
    species: Vec<Species>,
    bpcer: Measured,
    acer: Measured,
    at_apcers: Vec<AtApcer>,
    faces: Faces,
}

/// A kind of attack at the threshold.
struct Species {
    name: String,
    attacks: usize,
    accepted: usize,
    apcer: Measured,
}

/// BPCER at an APCER.
struct AtApcer {
    asked: f64,
    /// The point and its BPCER; the error says what would be needed.
    found: Result<(PresentationAttackPoint, Measured), String>,
}

impl Rates {
    fn of(
        list: &PresentationList,
        threshold: f64,
        args: &Args,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Rates> {
        reporter.start(args.apcer.len() + 1, "rates");
        let attack = list.attack()?;
        let point = attack.at(threshold);
        let mut faces = Faces::new(list.kinds.len(), list.people.as_deref(), &args.draws);
        let mut species = Vec::new();
        for error in attack.species(threshold) {
            let kind = list.species.iter().position(|name| *name == error.species).map(|kind| kind as u32);
            species.push(Species {
                apcer: faces.share(error.apcer, &wrong(list, kind, threshold))?,
                name: error.species,
                attacks: error.attacks,
                accepted: error.accepted,
            });
        }
        let bpcer = faces.share(point.bpcer, &wrong(list, None, threshold))?;
        // The worst kind may be another one in another draw.
        let acer =
            faces.statistic(point.acer(), |weights| Some(list.drawn(weights).ok()?.at(threshold).acer()))?;
        let worst = species.iter().find(|species| species.name == point.worst_species);
        let parts: Vec<Measured> = worst.map(|worst| worst.apcer).into_iter().chain([bpcer]).collect();
        let acer = acer.or_of_parts(&parts);
        reporter.step();
        let mut at_apcers = Vec::new();
        for &asked in &args.apcer {
            at_apcers.push(AtApcer { asked, found: at_apcer(asked, list, &attack, &mut faces)? });
            reporter.step();
        }
        let bona_fide = list.kinds.iter().filter(|kind| kind.is_none()).count();
        Ok(Rates {
            bona_fide,
            attacks: list.kinds.len() - bona_fide,
            without_score: list.scores.iter().filter(|score| score.is_none()).count(),
            point,
            species,
            bpcer,
            acer,
            at_apcers,
            faces,
        })
    }

    fn record(&self) -> Value {
        json!({
            "bona_fide": self.bona_fide, "attacks": self.attacks, "without_score": self.without_score,
            "threshold": finite(self.point.threshold),
            "species": self.species.iter().map(Species::record).collect::<Vec<Value>>(),
            "apcer": self.point.apcer, "worst_species": self.point.worst_species,
            "bpcer": self.bpcer.record(), "acer": self.acer.record(), "hter": self.point.hter(),
            "bpcer_at_apcer": self.at_apcers.iter().map(AtApcer::record).collect::<Vec<Value>>(),
            "intervals": self.faces.record(),
        })
    }

    fn describe(&self) -> String {
        let mut rows = vec![["RATE", "VALUE", "95 % INTERVAL", "ERRORS"].map(String::from).to_vec()];
        let mut row = |name: String, measured: &Measured, errors: String| {
            let [value, interval] = measured.percent();
            rows.push(vec![name, value, interval, errors]);
        };
        for one in &self.species {
            let worst = if one.name == self.point.worst_species { " (the worst)" } else { "" };
            let name = format!("APCER {}{worst}", one.name);
            row(name, &one.apcer, format!("{} of {}", one.accepted, one.attacks));
        }
        let rejected = (self.point.bpcer * self.bona_fide as f64).round();
        row("BPCER".to_owned(), &self.bpcer, format!("{rejected} of {}", self.bona_fide));
        row("ACER".to_owned(), &self.acer, String::new());
        let mut missing = String::new();
        for at in &self.at_apcers {
            match &at.found {
                Ok((found, bpcer)) => {
                    let name = format!("BPCER at APCER {}", at.asked);
                    row(name, bpcer, format!("threshold {:.4}", found.threshold));
                }
                Err(reason) => missing += &format!("\n{reason}"),
            }
        }
        format!("{}\n{}{missing}", table(&rows), self.faces.grounds())
    }
}

/// JSON has no infinity: where everything passes there is no threshold.
fn finite(threshold: f64) -> Option<f64> {
    threshold.is_finite().then_some(threshold)
}

/// BPCER at the threshold that lets no more than this share of any kind of attack pass. The threshold is chosen anew in
/// every draw of people.
///
/// A threshold that fewer than ten attacks of a kind decide says nothing of that kind, so the rate is then refused.
fn at_apcer(
    asked: f64,
    list: &PresentationList,
    attack: &PresentationAttack,
    faces: &mut Faces,
) -> anyhow::Result<Result<(PresentationAttackPoint, Measured), String>> {
    let needed = Support::impostors_needed(asked);
    if let Some(few) = attack.species(0.0).into_iter().find(|species| species.attacks < needed) {
        return Ok(Err(format!(
            "no BPCER is reported at APCER {asked}: {} attacks of {} are too few to choose a threshold by: {needed} are \
             needed, of which {MIN_FALSE_MATCHES} would pass",
            few.attacks, few.species
        )));
    }
    let point = attack.at_apcer(asked)?;
    let fixed = faces.share(point.bpcer, &wrong(list, None, point.threshold))?;
    let bpcer = faces
        .statistic(point.bpcer, |weights| Some(list.drawn(weights).ok()?.at_apcer(asked).ok()?.bpcer))?
        .or_of_parts(&[fixed]);
    Ok(Ok((point, bpcer)))
}

/// Which presentations of a kind, `None` for live faces, are classified wrongly at a threshold.
fn wrong(list: &PresentationList, kind: Option<u32>, threshold: f64) -> Vec<Option<bool>> {
    let presentations = list.kinds.iter().zip(&list.scores);
    presentations
        .map(|(of, score)| {
            let passes = score.is_some_and(|score| f64::from(score) >= threshold);
            (*of == kind).then_some(passes != kind.is_none())
        })
        .collect()
}

impl Species {
    fn record(&self) -> Value {
        json!({
            "species": self.name, "attacks": self.attacks, "accepted": self.accepted,
            "apcer": self.apcer.record(),
        })
    }
}

impl AtApcer {
    fn record(&self) -> Value {
        match &self.found {
            Ok((point, bpcer)) => json!({
                "apcer_asked": self.asked, "apcer": point.apcer,
                "threshold": finite(point.threshold), "bpcer": bpcer.record(),
            }),
            Err(reason) => json!({"apcer_asked": self.asked, "unsupported": reason}),
        }
    }
}

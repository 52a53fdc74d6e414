//! What a data set is required to be.

use serde_json::{Value, json};

use super::found::Found;
use super::known::Compared;

/// Flags that require something.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "What must hold, or the exit code is 1")]
pub struct WantedArgs {
    /// Every detector finds at least this share of the faces, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "detector")]
    least_found: Option<f64>,
    /// The median distance of a detector's points from the truth, as a share of the distance of the eyes, is at most this
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "detector")]
    most_off: Option<f64>,
    /// The equal error rate of every embedder lies in this range, such as 0.03..0.15
    #[arg(long, value_name = "LOW..HIGH", value_parser = range, requires = "embedder")]
    eer: Option<(f64, f64)>,
    /// Scores of the same person fall with yaw and with degradation, and siblings score between strangers and the same
    /// person, as far as the set shows it
    #[arg(long, requires = "embedder")]
    in_order: bool,
}

/// Something that was required, and how it came out.
pub struct Check {
    network: String,
    what: &'static str,
    wanted: String,
    value: Value,
    /// Whether it holds.
    pub holds: bool,
}

impl WantedArgs {
    /// What was required of a detector.
    pub fn of_detector(&self, name: &str, found: &Found) -> Vec<Check> {
        let check = |what, wanted, value: Option<f64>, holds: bool| Check {
            network: name.to_owned(),
            what,
            wanted,
            value: json!(value),
            holds,
        };
        let least = self.least_found.map(|least| {
            let share = found.share();
            check("share of faces found", format!("at least {least}"), share, share >= Some(least))
        });
        let most = self.most_off.map(|most| {
            let off = found.off();
            let holds = off.is_some_and(|off| off <= most);
            check("median distance of points", format!("at most {most}"), off, holds)
        });
        least.into_iter().chain(most).collect()
    }

    /// What was required of an embedder.
    pub fn of_embedder(&self, name: &str, compared: &Compared) -> Vec<Check> {
        let check =
            |what, wanted, value, holds| Check { network: name.to_owned(), what, wanted, value, holds };
        let eer = self.eer.map(|(low, high)| {
            let holds = (low..=high).contains(&compared.eer);
            check("equal error rate", format!("{low} to {high}"), json!(compared.eer), holds)
        });
        let orders = [
            ("score falls with yaw", compared.falls_with_yaw()),
            ("score falls with degradation", compared.falls_with_degradation()),
            ("siblings score between strangers and the same person", compared.siblings_between()),
        ];
        let orders = orders.into_iter().filter_map(|(what, holds)| {
            holds.filter(|_| self.in_order).map(|holds| check(what, "yes".to_owned(), json!(holds), holds))
        });
        eer.into_iter().chain(orders).collect()
    }
}

impl Check {
    /// For `--json`.
    pub fn record(&self) -> Value {
        json!({
            "network": self.network, "what": self.what, "wanted": self.wanted, "value": self.value,
            "holds": self.holds,
        })
    }

    /// For people.
    pub fn describe(&self) -> String {
        let verdict = if self.holds { "holds" } else { "DOES NOT HOLD" };
        let value = match &self.value {
            Value::Number(number) => format!("{:.4}", number.as_f64().unwrap_or_default()),
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            _ => "nothing to measure".to_owned(),
        };
        format!("{}: {} {value}, wanted {}: {verdict}", self.network, self.what, self.wanted)
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0 to 1".to_owned()),
    }
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let ends = text.split_once("..").and_then(|(low, high)| Some((share(low).ok()?, share(high).ok()?)));
    ends.filter(|(low, high)| low <= high)
        .ok_or_else(|| "expected two numbers from 0 to 1, such as 0.03..0.15".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(range("0.03..0.15"), Ok((0.03, 0.15)));
        assert_eq!(range("0..1"), Ok((0.0, 1.0)));
        for text in ["", "0.1", "0.3..0.1", "0.1..2", "a..b", "0.1..0.2..0.3"] {
            assert!(range(text).is_err(), "{text}");
        }
        assert_eq!((share("0.98"), share("1.01").is_err()), (Ok(0.98), true));
    }

    #[test]
    fn only_what_was_asked_for_is_checked() {
        let nothing = WantedArgs { least_found: None, most_off: None, eer: None, in_order: false };
        assert!(nothing.of_detector("a", &Found::default()).is_empty());
        assert!(nothing.of_embedder("a", &Compared::default()).is_empty());
        let all =
            WantedArgs { least_found: Some(0.0), most_off: Some(1.0), eer: Some((0.0, 0.1)), in_order: true };
        // What nothing was found of does not hold; what the set cannot show is not checked.
        let checks = all.of_detector("a", &Found::default());
        assert!(checks.len() == 2 && checks.iter().all(|check| !check.holds));
        assert!(checks[0].describe().contains("nothing to measure"));
        let checks = all.of_embedder("a", &Compared::default());
        assert!(checks.len() == 1 && checks[0].holds);
        assert_eq!(checks[0].describe(), "a: equal error rate 0.0000, wanted 0 to 0.1: holds");
    }
}

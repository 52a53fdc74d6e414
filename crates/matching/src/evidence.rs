//! What every measured number must say about where it comes from.

/// Checks that a model's name, the data and the command are given, and that the date is one.
pub(crate) fn check_evidence(model: &str, data: &str, command: &str, date: &str) -> Result<(), String> {
    for (field, text) in [("model", model), ("data", data), ("command", command)] {
        if text.trim().is_empty() {
            return Err(format!("{field} is empty"));
        }
    }
    if is_date(date) { Ok(()) } else { Err(format!("date \"{date}\" is not YYYY-MM-DD")) }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    match parts[..] {
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
                && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_may_be_missing() {
        let check = |data, date| check_evidence("a model", data, "a command", date);
        assert_eq!(check("photos", "2026-11-21"), Ok(()));
        assert_eq!(check(" ", "2026-11-21"), Err("data is empty".to_owned()));
        for date in ["21.11.2026", "2026-13-01", "2026-11-32", "2026-1-1", ""] {
            assert!(check("photos", date).unwrap_err().contains("YYYY-MM-DD"), "{date}");
        }
    }
}

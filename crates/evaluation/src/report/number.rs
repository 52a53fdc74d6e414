//! How numbers are written on a page: fixed decimals, thousands apart, rates on axes.

/// `value` with this many decimals, a true minus sign and commas between thousands: `-1234.5` is `−1,234.50`.
///
/// A value that is not a number is written as a dash.
pub(super) fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    // More than 12 decimals mean nothing for a rate; the limit keeps a careless caller from a cell of a kilometre.
    let plain = format!("{:.*}", decimals.min(12), value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::with_capacity(plain.len() + 8);
    if value < 0.0 && plain.contains(|c: char| ('1'..='9').contains(&c)) {
        text.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A rate on a logarithmic or probit axis: `0.05`, `0.001`, `10⁻⁴`, `2·10⁻⁵`.
pub(super) fn rate(value: f64) -> String {
    if value >= 0.000_999 || value <= 0.0 || !value.is_finite() {
        return shortest(value);
    }
    // The exponent as the formatter finds it: log10 of 1e-5 need not be exactly -5.
    let scientific = format!("{value:.0e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: String = exponent.chars().map(superscript).collect();
    if mantissa == "1" { format!("10{exponent}") } else { format!("{mantissa}·10{exponent}") }
}

/// A number with as many decimals as it needs, at most six: `0.5`, `0.95`, `20`, `1,000`.
pub(super) fn shortest(value: f64) -> String {
    shortest_of(value, 6)
}

/// A number with as many decimals as it needs, at most this many.
pub(super) fn shortest_of(value: f64, decimals: usize) -> String {
    let text = decimal(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn superscript(c: char) -> char {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match c.to_digit(10) {
        Some(digit) => DIGITS[digit as usize],
        None => '⁻',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let cases = [
            (0.0, 2, "0.00"),
            (-0.0001, 2, "0.00"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (1_234_567.891, 2, "1,234,567.89"),
            (-1234.5, 2, "−1,234.50"),
            (0.125, 3, "0.125"),
            (f64::NAN, 2, "–"),
        ];
        for (value, decimals, expected) in cases {
            assert_eq!(decimal(value, decimals), expected);
        }
    }

    #[test]
    fn rates() {
        let cases = [
            (0.5, "0.5"),
            (0.05, "0.05"),
            (0.001, "0.001"),
            (0.0001, "10⁻⁴"),
            (0.00002, "2·10⁻⁵"),
            (1e-12, "10⁻¹²"),
            (0.999, "0.999"),
            (1.0, "1"),
            (0.0, "0"),
        ];
        for (value, expected) in cases {
            assert_eq!(rate(value), expected);
        }
    }

    #[test]
    fn shortest_numbers() {
        for (value, expected) in [(20.0, "20"), (1000.0, "1,000"), (0.25, "0.25"), (-0.2, "−0.2")] {
            assert_eq!(shortest(value), expected);
        }
    }
}

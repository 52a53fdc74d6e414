//! Checks of settings, with one wording.

pub(super) fn positive(field: &str, value: f64) -> Result<(), String> {
    require(value.is_finite() && value > 0.0, field, "a number above 0", value)
}

pub(super) fn not_negative(field: &str, value: f64) -> Result<(), String> {
    require(value.is_finite() && value >= 0.0, field, "0 or a number above it", value)
}

/// From `least` to `most`, both allowed.
pub(super) fn within(field: &str, value: f64, least: f64, most: f64) -> Result<(), String> {
    require((least..=most).contains(&value), field, &format!("from {least} to {most}"), value)
}

pub(super) fn above(field: &str, value: f64, other: &str, least: f64) -> Result<(), String> {
    require(value.is_finite() && value > least, field, &format!("above {other}, {least}"), value)
}

/// An angle that is added to another: radians, below a quarter turn.
pub(super) fn angle(field: &str, value: f64) -> Result<(), String> {
    let right = std::f64::consts::FRAC_PI_2;
    require((0.0..right).contains(&value), field, "an angle in radians from 0 to below 1.57", value)
}

fn require(good: bool, field: &str, what: &str, value: f64) -> Result<(), String> {
    if good { Ok(()) } else { Err(format!("{field} must be {what}, not {value}")) }
}

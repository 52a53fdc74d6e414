//! Whether numbers of a recipe are in their ranges.

/// A share, such as a probability.
pub(super) fn share(name: &str, value: f32) -> Result<(), String> {
    number(name, value, [0.0, 1.0])
}

/// A number.
pub(super) fn number(name: &str, value: f32, [least, most]: [f32; 2]) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("{name} must be from {least} to {most}"))
}

//! What all operations have in common.

use geometry::Homography;
use imaging::Image;
use synth::Seed;

/// A table of the section `[augmentation]`.
pub(super) trait Section {
    /// Its name in a recipe, which is also that of its chance.
    fn name(&self) -> &'static str;

    /// Of how many pictures it is done, as a share.
    fn probability(&self) -> f32;

    /// Whether its other fields are in their ranges.
    fn check(&self) -> Result<(), String>;
}

/// Something that is done to a picture.
pub(super) trait Operation: Section {
    /// Does it, in a way that the seed decides over.
    fn change(&self, image: &Image, seed: Seed) -> Image;
}

/// Something that moves the points of a picture. One after the other are one warp, so that a picture is
/// resampled once.
pub(super) trait Warp: Section {
    /// Where the points of a picture of this width and height go.
    fn map(&self, size: (u32, u32), seed: Seed) -> Homography;
}

/// Whether the section is in its ranges.
pub(super) fn check(section: &(impl Section + ?Sized)) -> Result<(), String> {
    let checked = share("probability", section.probability()).and_then(|()| section.check());
    checked.map_err(|reason| format!("{}.{reason}", section.name()))
}

/// What the section makes of a picture, if it is done to it.
pub(super) fn by_chance<S: Section + ?Sized, T>(
    section: &S,
    seed: Seed,
    of: impl FnOnce(&S, Seed) -> T,
) -> Option<T> {
    let seed = seed.of(section.name());
    let done = seed.of("chance").stream().chance(section.probability());
    done.then(|| of(section, seed))
}

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

/// From where to where a number is drawn.
pub(super) fn range(name: &str, [from, to]: [f32; 2], limits: [f32; 2]) -> Result<(), String> {
    number(name, from, limits)?;
    number(name, to, limits)?;
    if from > to {
        return Err(format!("{name} must be given as [from, to], the smaller number first"));
    }
    Ok(())
}

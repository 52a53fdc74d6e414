//! Random numbers of a step: they depend on the seed of the run and the step alone.

use fastrand::Rng;

use super::Moment;

impl Moment {
    /// A generator for this step.
    pub(super) fn random(self) -> Rng {
        // Two generators, since seeds and steps are small numbers whose sums collide.
        let [seed, step] = [self.seed, self.step].map(|number| Rng::with_seed(number).u64(..));
        Rng::with_seed(seed.rotate_left(32) ^ step)
    }
}

/// A number from the standard normal distribution, by Box and Muller.
pub(super) fn normal(random: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

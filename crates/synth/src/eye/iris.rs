//! The colored ring of the eye.

use glam::Vec3;

use crate::noise;
use crate::random::Seed;
use crate::skin::encoded;

/// Colors of the stroma from no melanin to very much, as encoded sRGB: blue, grey blue, hazel, brown, nearly black. Real
/// eyes lie on this line but for the yellow lipochrome that makes the green ones.
const STROMA: [(f32, u32); 6] =
    [(0.0, 0x627b90), (0.2, 0x68767a), (0.4, 0x6e6548), (0.6, 0x63452a), (0.8, 0x42291a), (1.0, 0x201410)];

/// An iris: its color is a person's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Iris {
    /// Melanin of the stroma, 0 (blue) to 1 (nearly black).
    pub pigment: f32,
    /// Yellow of the stroma, 0..=1: makes blue eyes green.
    pub yellow: f32,
    /// How much more melanin the inner third holds, 0..=1: hazel eyes have a brown ring.
    pub ring: f32,
    /// How dark the rim next to the white is, 0..=1.
    pub limbus: f32,
    /// How strong the fibers stand out, 0..=1.
    pub fibers: f32,
    seed: u64,
}

impl Iris {
    /// Draws a person's iris. `tone` is that of [`Complexion::sample`](crate::Complexion::sample): light people
    /// have eyes of every color, dark ones nearly always brown.
    pub fn sample(seed: Seed, tone: f32) -> Self {
        let seed = seed.of("iris");
        let mut stream = seed.stream();
        let tone = tone.clamp(0.0, 1.0);
        // The lightest eyes that occur at this tone.
        let least = 1.9 * (tone - 0.08).max(0.0);
        let drawn = stream.between(0.0, 1.0).powf(0.9);
        let pigment = (least.min(0.72) + (0.95 - least.min(0.72)) * drawn).clamp(0.0, 1.0);
        Self {
            pigment,
            yellow: stream.between(0.0, 1.0).powf(1.7),
            ring: stream.between(0.0, 1.0).powf(1.5),
            limbus: stream.between(0.25, 1.0),
            fibers: stream.between(0.4, 1.0),
            seed: seed.value(),
        }
    }

    /// A plain iris with an amount of melanin, 0..=1.
    pub fn of_pigment(pigment: f32) -> Self {
        Self { pigment, yellow: 0.0, ring: 0.0, limbus: 0.5, fibers: 0.5, seed: 0 }
    }

    /// The mean color, linear sRGB.
    pub fn mean(&self) -> Vec3 {
        self.stroma(self.pigment)
    }

    fn stroma(&self, pigment: f32) -> Vec3 {
        let pigment = pigment.clamp(0.0, 1.0);
        let next = STROMA.iter().position(|step| step.0 >= pigment).unwrap_or(STROMA.len() - 1).max(1);
        let ((low, from), (high, to)) = (STROMA[next - 1], STROMA[next]);
        let color = encoded(from).lerp(encoded(to), (pigment - low) / (high - low));
        // Lipochrome takes the blue; under much melanin it does not show.
        let yellow = self.yellow * (1.0 - pigment * 1.6).clamp(0.0, 1.0);
        color * Vec3::ONE.lerp(Vec3::new(0.86, 0.88, 0.50), yellow)
    }

    /// The color at an angle (radians) and a share of the way from pupil to white, 0..=1. `footprint` is the size of a
    /// sample in millimeters.
    pub fn color(&self, angle: f32, share: f32, footprint: f32) -> Vec3 {
        let seen = (1.0 - footprint / 0.9).clamp(0.0, 1.0);
        let circle = Vec3::new(angle.cos(), angle.sin(), 0.0);
        let (mut fiber, mut crypt) = (0.0, 0.0);
        if seen > 0.0 {
            // Fibers run from the pupil outwards, a little wavy; crypts are wide dark gaps between them.
            let wavy = circle * (11.0 + 1.5 * share) + Vec3::Z * (share * 1.7);
            fiber = noise::gradient(wavy, self.seed) + 0.6 * noise::gradient(wavy * 2.3, self.seed ^ 1);
            crypt = noise::gradient(circle * 3.5 + Vec3::Z * share * 2.5, self.seed ^ 2).max(0.0);
        }
        // The collarette, a wavy line at a third of the way, parts the pigmented inner ring from the outer.
        let edge = 0.34 + 0.05 * (angle * 5.0 + (self.seed % 7) as f32).sin() + 0.06 * fiber * seen;
        let inner = ((edge + 0.12 - share) / 0.24).clamp(0.0, 1.0);
        let mut color = self.stroma(self.pigment + 0.45 * self.ring * inner * (1.0 - self.pigment));
        color *= 1.0 + self.fibers * seen * (0.42 * fiber - 0.35 * crypt) + 0.12 * (1.0 - inner);
        // Dark at the pupil's ruff and at the rim.
        let rim = ((share - 0.78) / 0.22).clamp(0.0, 1.0);
        let ruff = (1.0 - share / 0.07).clamp(0.0, 1.0);
        color *= 1.0 - 0.75 * self.limbus * rim * rim - 0.5 * ruff;
        color.clamp(Vec3::splat(0.004), Vec3::ONE)
    }

    /// The iris of a child of two people.
    pub fn mixed(&self, other: &Self, seed: Seed) -> Self {
        let mut stream = seed.of("iris").stream();
        let mut mix = |a: f32, b: f32| a + (b - a) * stream.between(0.0, 1.0);
        Self {
            pigment: mix(self.pigment, other.pigment),
            yellow: mix(self.yellow, other.yellow),
            ring: mix(self.ring, other.ring),
            limbus: mix(self.limbus, other.limbus),
            fibers: mix(self.fibers, other.fibers),
            seed: seed.of("iris").of("pattern").value(),
        }
    }
}

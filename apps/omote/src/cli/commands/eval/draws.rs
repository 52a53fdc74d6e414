//! How intervals are drawn.

use evaluation::Bootstrap;

/// How often people are drawn anew, and with which random numbers.
#[derive(clap::Args, Debug, Clone, Copy)]
#[group(id = "draws")]
#[command(next_help_heading = "Measures")]
pub struct Args {
    /// How often people are drawn anew for the 95 % intervals
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(40..=100_000))]
    pub resamples: u32,
    /// Seed of all random draws
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
}

impl Args {
    /// The draws that intervals come from.
    pub fn bootstrap(&self) -> Bootstrap {
        Bootstrap { resamples: self.resamples as usize, seed: self.seed, ..Default::default() }
    }

    /// For the foot of a page.
    pub fn stamped(&self) -> Vec<(String, String)> {
        let entries = [("Resamples", self.resamples.to_string()), ("Seed", self.seed.to_string())];
        entries.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}

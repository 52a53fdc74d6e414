//! How a command ended: exit codes like grep's.

use std::process::ExitCode;

/// What a command met on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Inputs that could not be read or processed.
    pub failed: usize,
    /// Whether something was found, matched or done.
    pub found: bool,
}

impl Outcome {
    /// Nothing failed and something was done.
    pub const DONE: Outcome = Outcome { failed: 0, found: true };

    /// The exit code: 2 if any input failed, else 1 if nothing was found, else 0.
    pub fn code(&self) -> u8 {
        match self {
            Outcome { failed: 1.., .. } => 2,
            Outcome { found: false, .. } => 1,
            _ => 0,
        }
    }

    /// The reason for the exit code in a word, for `--json`.
    pub fn reason(&self) -> &'static str {
        match self.code() {
            0 => "ok",
            1 => "nothing found",
            _ => "some input failed",
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(outcome.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_input_outweighs_a_match() {
        for (failed, found, code) in [(0, true, 0), (0, false, 1), (1, true, 2), (3, false, 2)] {
            assert_eq!(Outcome { failed, found }.code(), code);
        }
    }
}

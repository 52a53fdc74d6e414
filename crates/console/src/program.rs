//! From arguments to an exit code.

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::{Outcome, Reporter};

/// The commit that the program was built from, if that is known; it ends with `-dirty` if sources were changed since.
pub fn commit() -> Option<&'static str> {
    option_env!("OMOTE_COMMIT")
}

/// Parses the program's arguments.
///
/// # Errors
/// The exit code of arguments that cannot be understood and ask for `--json`; people's mistakes and questions for help end
/// the process, as clap has it.
pub fn parse<A: Parser>() -> Result<A, ExitCode> {
    match A::try_parse() {
        Ok(arguments) => Ok(arguments),
        Err(error) if error.use_stderr() && asks_for_json(std::env::args_os()) => Err(misused(&error)),
        // Help, the version, and what people typed wrong.
        Err(error) => error.exit(),
    }
}

/// Says how a command ended, in the format that was asked for.
pub fn end(ended: anyhow::Result<Outcome>, reporter: &mut Reporter) -> ExitCode {
    let ended = ended.and_then(|outcome| {
        reporter.end(&outcome)?;
        Ok(outcome)
    });
    match ended {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let reason = explained(&error);
            if reporter.abort(&reason).is_err() {
                reporter.complain(&reason);
            }
            ExitCode::from(2)
        }
    }
}

/// Whether `--json` is among the arguments. Those that cannot be understood cannot say so themselves.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.take_while(|argument| argument != "--").any(|argument| argument == "--json")
}

/// Arguments that cannot be understood, for a program.
fn misused(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let reason = text.trim().trim_start_matches("error: ");
    match Reporter::new(true).abort(reason) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// An error and its causes, each said once: some errors say in their own words what their cause says as well.
fn explained(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = text + ": " + &cause;
        }
    }
    text
}

/// Whether whoever read the answers went away, which is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_pipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let missing = || anyhow::anyhow!("No such file");
        assert_eq!(explained(&missing().context("cannot read a.csv")), "cannot read a.csv: No such file");
        let twice = missing().context("cannot read a.csv: No such file (a CSV file)");
        assert_eq!(explained(&twice), "cannot read a.csv: No such file (a CSV file)");
    }
}

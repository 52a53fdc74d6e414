//! The command line: what was typed, which command runs, how it ends.

mod args;
mod calibrations;
mod commands;
mod inputs;
mod labelled;
mod outcome;
mod output;
mod people;
mod record;
mod reporter;
mod scan;
mod setup;
mod sheet;
mod speed;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::commands::{
    align, bench, calibrate, detect, doctor, embed, enroll, eval, forget, gallery, group, identify, models,
    scorer, verify,
};
use self::outcome::Outcome;
use self::reporter::Reporter;

/// Recognises faces in photos: who is it, are they the same, who is in this folder?
#[derive(Parser, Debug)]
#[command(name = "omote", version, max_term_width = 110, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes, like grep's: 0 something was found or matched, 1 nothing was, 2 an input or the \
command failed.\n\nExample: omote verify passport.jpg selfie.jpg --models ~/models"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON record a line, and nothing else, on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Find the faces in photos: boxes, five points, pose, quality
    Detect(detect::Args),
    /// Cut faces out of photos, eyes and mouth at fixed places
    Align(align::Args),
    /// Turn faces into vectors
    Embed(embed::Args),
    /// Say whether two photos show the same person
    Verify(verify::Args),
    /// Put people into a gallery
    Enroll(enroll::Args),
    /// Say who is in photos, by a gallery
    Identify(identify::Args),
    /// Remove a person, or one enrolment, from a gallery so that nothing is left on the disk
    Forget(forget::Args),
    /// Look after a gallery: list, rename, merge, marks, wrong names, re-embed, export, import
    #[command(subcommand)]
    Gallery(gallery::Command),
    /// Sort the faces of photos into people nobody has named
    Group(group::Args),
    /// Measure what scores stand for on your own photos: error rates with intervals
    Calibrate(calibrate::Args),
    /// Learn other scores than the cosine from photos of known people
    #[command(subcommand)]
    Scorer(scorer::Command),
    /// Measure accuracy by a protocol of the field
    #[command(subcommand)]
    Eval(eval::Command),
    /// List, import, show and verify models
    #[command(subcommand)]
    Models(models::Command),
    /// Show engines, models, speeds, and how to get faster
    Doctor(doctor::Args),
    /// Measure speed on your own photos
    Bench(bench::Args),
    /// Print a shell's completion script
    #[command(
        after_help = "Example: omote completions bash > ~/.local/share/bash-completion/completions/omote"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether it changes or writes something besides its answers, which is then wanted whole.
    fn leaves_something(&self) -> bool {
        match self {
            Command::Enroll(_)
            | Command::Forget(_)
            | Command::Gallery(_)
            | Command::Align(_)
            | Command::Group(_)
            | Command::Calibrate(_)
            | Command::Eval(_)
            | Command::Models(_)
            | Command::Scorer(_) => true,
            // The first two say so themselves where they draw.
            Command::Detect(_)
            | Command::Identify(_)
            | Command::Embed(_)
            | Command::Verify(_)
            | Command::Doctor(_)
            | Command::Bench(_)
            | Command::Completions { .. } => false,
        }
    }
}

/// Parses the arguments, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && asks_for_json(std::env::args_os()) => return misused(&error),
        // Help, the version, and what people typed wrong.
        Err(error) => error.exit(),
    };
    let mut reporter = Reporter::new(cli.json);
    if cli.command.leaves_something() {
        reporter.go_on_unread();
    }
    let ended = run(cli.command, &mut reporter).and_then(|outcome| {
        reporter.end(&outcome)?;
        Ok(outcome)
    });
    match ended {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // A command that cannot go on says why in the format that was asked for.
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

fn run(command: Command, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    match command {
        Command::Detect(args) => detect::run(&args, reporter),
        Command::Align(args) => align::run(&args, reporter),
        Command::Embed(args) => embed::run(&args, reporter),
        Command::Verify(args) => verify::run(&args, reporter),
        Command::Enroll(args) => enroll::run(&args, reporter),
        Command::Identify(args) => identify::run(&args, reporter),
        Command::Forget(args) => forget::run(&args, reporter),
        Command::Gallery(command) => gallery::run(&command, reporter),
        Command::Group(args) => group::run(&args, reporter),
        Command::Calibrate(args) => calibrate::run(&args, reporter),
        Command::Eval(command) => eval::run(&command, reporter),
        Command::Models(command) => models::run(&command, reporter),
        Command::Scorer(command) => scorer::run(&command, reporter),
        Command::Doctor(args) => doctor::run(&args, reporter),
        Command::Bench(args) => bench::run(&args, reporter),
        Command::Completions { shell } => {
            // By way of memory: clap_complete panics where its output cannot be written.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "omote", &mut script);
            io::stdout().write_all(&script)?;
            reporter.no_summary();
            Ok(Outcome::DONE)
        }
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

/// Whether the reader of our output went away (`omote ... | head`): not an error of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_pipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_consistent_and_every_command_has_an_example() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        fn check(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let path = format!("{path} {}", sub.get_name());
                check(sub, &path);
                let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Example"), "`{path}` has no example in its help");
            }
        }
        check(&command, "omote");
    }

    #[test]
    fn a_cause_is_said_once() {
        let missing = || anyhow::anyhow!("No such file");
        assert_eq!(explained(&missing().context("cannot read a.csv")), "cannot read a.csv: No such file");
        let twice = missing().context("cannot read a.csv: No such file (a CSV file)");
        assert_eq!(explained(&twice), "cannot read a.csv: No such file (a CSV file)");
    }
}

//! The command line: what was typed, which command runs, how it ends.

mod args;
mod calibrations;
mod commands;
mod inputs;
mod labelled;
mod people;
mod record;
mod scan;
mod setup;
mod sheet;
mod speed;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use console::{Outcome, Reporter};

use self::commands::{
    align, bench, calibrate, detect, doctor, embed, enroll, eval, forget, gallery, group, identify, models,
    scorer, verify,
};

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
    let cli: Cli = match console::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let mut reporter = Reporter::new(cli.json);
    if cli.command.leaves_something() {
        reporter.go_on_unread();
    }
    let ended = run(cli.command, &mut reporter);
    console::end(ended, &mut reporter)
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
}

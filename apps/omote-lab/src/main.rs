//! The lab of omote: see `omote-lab --help`.

#![allow(unreachable_pub, reason = "a program has no public surface: `pub` marks what other modules use")]

mod commands;
mod reproduce;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use console::Reporter;

use commands::{ablate, bench, crop, examine, export, overlap, resume, sheet, synthesise, train, verify};

/// Makes synthetic faces and data sets, whose truth is known exactly, and networks that learn from them.
#[derive(Parser, Debug)]
#[command(name = "omote-lab", version, max_term_width = 110, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes, like grep's: 0 all is well, 1 something that was required does not hold, 2 an input or the command failed.\n\n\
Example: omote-lab synthesise recipes/recognition.toml faces/"
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
    /// Make a data set of synthetic faces by a recipe
    Synthesise(synthesise::Args),
    /// Find the faces in photos and cut them out, as a data set to learn from
    Crop(crop::Args),
    /// Draw a contact sheet of what the generator can draw
    Sheet(sheet::Args),
    /// Do networks that learned from photos agree with a data set?
    Examine(examine::Args),
    /// Do two sources show the same people?
    Overlap(overlap::Args),
    /// Train a network by a recipe, or go on with a run that was stopped
    Train(train::Args),
    /// Go on with a run that was stopped
    Resume(resume::Args),
    /// Make a model of a run, under another name or of 8-bit integers
    Export(export::Args),
    /// Train what differs in one thing, from several seeds, and compare
    Ablate(ablate::Args),
    /// Measure anew what a paper claims
    Reproduce(commands::reproduce::Args),
    /// How fast are networks trained and used on this machine?
    Bench(bench::Args),
    /// Is a data set whole, and are its files what was written?
    Verify(verify::Args),
}

fn main() -> ExitCode {
    let cli: Cli = match console::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let mut reporter = Reporter::new(cli.json);
    reporter.go_on_unread();
    let ended = match cli.command {
        Command::Synthesise(args) => synthesise::run(&args, &mut reporter),
        Command::Crop(args) => crop::run(&args, &mut reporter),
        Command::Sheet(args) => sheet::run(&args, &mut reporter),
        Command::Examine(args) => examine::run(&args, &mut reporter),
        Command::Overlap(args) => overlap::run(&args, &mut reporter),
        Command::Train(args) => train::run(&args, &mut reporter),
        Command::Resume(args) => resume::run(&args, &mut reporter),
        Command::Export(args) => export::run(&args, &mut reporter),
        Command::Ablate(args) => ablate::run(&args, &mut reporter),
        Command::Reproduce(args) => commands::reproduce::run(&args, &mut reporter),
        Command::Bench(args) => bench::run(&args, &mut reporter),
        Command::Verify(args) => verify::run(&args, &mut reporter),
    };
    console::end(ended, &mut reporter)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_consistent_and_every_command_has_an_example() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "`{}` has no example in its help", sub.get_name());
        }
    }
}

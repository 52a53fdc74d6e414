//! The omote program: see `omote --help`, and the library of the same name for the parts it is made of.

#![allow(unreachable_pub, reason = "a program has no public surface: `pub` marks what other modules use")]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

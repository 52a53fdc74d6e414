//! The omote program: see `omote --help`, and the library of the same name for the parts it is made of.

#![allow(unreachable_pub, reason = "a program has no public surface: `pub` marks what other modules use")]

mod cli;

use std::process::ExitCode;

#[allow(unsafe_code, reason = "the environment is set before there is a second thread")]
fn main() -> ExitCode {
    // SAFETY: this is the first statement of the program; no other thread runs.
    unsafe { engine::prepare_process() };
    cli::main()
}

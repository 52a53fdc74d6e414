//! What has to be arranged in this process before the first engine starts.
//!
//! Two things can only be said through environment variables. ONNX Runtime 1.29 and newer reports to its maker over
//! the network from the moment it starts, on systems other than Windows, unless `ORT_DISABLE_TELEMETRY` is set; a
//! program that looks at faces must not. And rten starts as many idle threads as the machine has cores unless
//! `RTEN_NUM_THREADS` says otherwise. Variables that the user has set are left alone.
#![allow(unsafe_code)] // Setting environment variables.

use std::sync::OnceLock;

const TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";

const SETTINGS: [(&str, &str); 2] = [(TELEMETRY, "1"), ("RTEN_NUM_THREADS", "1")];

/// Arranges the process for the engines. [`Engine::open`](crate::Engine::open) does this by itself where it can tell
/// that there is no other thread, which is on Linux, and on Windows always. A program for other systems, or one that
/// starts threads before it opens an engine, calls this first in `main`.
///
/// # Safety
/// Sets environment variables, so no other thread may run, except on Windows.
pub unsafe fn prepare_process() {
    for (name, value) in SETTINGS {
        if !is_set(name) {
            // SAFETY: the caller says that there is no other thread.
            unsafe { std::env::set_var(name, value) };
        }
    }
}

/// [`prepare_process`] where that is safe, once.
pub(crate) fn prepare() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        if cfg!(windows) || is_single_threaded() {
            // SAFETY: there is no other thread, or this is Windows.
            unsafe { prepare_process() };
        }
    });
}

/// Whether ONNX Runtime has been told not to report anything, or to do so.
pub(crate) fn telemetry_is_decided() -> bool {
    is_set(TELEMETRY)
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether this process is known to have one thread.
fn is_single_threaded() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}

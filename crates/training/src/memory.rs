//! The most memory that this process had.

use std::fs;

/// The most bytes of memory in use since the process began, or since [`forget_peak`]. `None` but on Linux.
pub(crate) fn peak() -> Option<u64> {
    peak_in(&fs::read_to_string("/proc/self/status").ok()?)
}

/// Counts anew from what is in use now; whether the system can do so.
pub(crate) fn forget_peak() -> bool {
    // 5: proc_pid_clear_refs(5).
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn peak_in(status: &str) -> Option<u64> {
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?;
    kibibytes.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read() {
        assert_eq!(peak_in("VmPeak:\t  9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 7 kB\n"), Some(2 << 20));
        assert_eq!(peak_in("VmHWM:\t many kB\n").or(peak_in("VmRSS:\t 7 kB\n")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_was_given_back_is_forgotten() {
        const MUCH: usize = 256 << 20;
        let held = std::hint::black_box(vec![1_u8; MUCH]);
        let with = peak().unwrap();
        drop(held);
        assert!(forget_peak());
        let without = peak().unwrap();
        // Other tests of this process run meanwhile; none of them takes as much.
        assert!(without + MUCH as u64 / 2 < with, "{with} {without}");
    }
}

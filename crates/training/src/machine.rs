//! On what a program computes.

use burn::tensor::Device;

/// This machine and the device, in words.
pub fn machine(device: &Device) -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let processor = named.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let count = threads();
    let card = if *device == Device::flex() { "" } else { ", with an NVIDIA card" };
    format!("{processor}, {count} {}{card}", if count == 1 { "thread" } else { "threads" })
}

/// How many threads can compute at once.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

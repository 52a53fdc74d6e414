//! A billion impostor scores and a million genuine ones in bounded memory, compared with what the distributions say.
//!
//!     cargo run --release -p omote-evaluation --example streaming_scores -- [IMPOSTORS]
//!
//! Impostor scores are drawn from N(0, 0.1), genuine ones from N(0.5, 0.1). The scores do not depend on the number of
//! threads: each block of them has a seed of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use omote_evaluation::{Error, StreamingScores, probit};

const GENUINE: u64 = 1_000_000;
const BLOCK: u64 = 1 << 20;
const SPREAD: f64 = 0.1;
const GENUINE_MEAN: f64 = 0.5;

/// FMR, and the FNMR there: `Phi(z - 5)` with `Phi(z) = 1 - FMR`, by scipy.special.ndtr.
const TRUTH: [(f64, f64); 5] = [
    (1e-2, 0.003_751_51),
    (1e-3, 0.028_081_57),
    (1e-4, 0.100_099_73),
    (1e-5, 0.231_136_49),
    (1e-6, 0.402_618_31),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let impostors: u64 = std::env::args().nth(1).map_or(Ok(1_000_000_000), |count| count.parse())?;
    let threads = std::thread::available_parallelism()?.get().min(4);
    let start = Instant::now();

    // 1. Each thread takes blocks into scores of its own.
    let next_block = AtomicU64::new(0);
    let mut scores = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| take_blocks(&next_block, impostors))).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).reduce(|sum, part| {
            // 2. They are merged into one.
            let (mut sum, part) = (sum?, part?);
            sum.merge(part);
            Ok(sum)
        })
    })
    .expect("there is a thread")?;
    let mut random = fastrand::Rng::with_seed(u64::MAX);
    for _ in 0..GENUINE {
        scores.push_genuine(normal(&mut random, GENUINE_MEAN))?;
    }

    // 3. Questions.
    let scores = scores.finish()?;
    println!("{} impostors, {} genuine, {threads} threads", scores.impostor_count(), scores.genuine_count());
    println!("FMR asked  FMR          false matches  threshold (true)   FNMR (true)        exact  off by");
    let mut worst = 0.0_f64;
    for (asked, fnmr) in TRUTH {
        let found = scores.fnmr_at_fmr(asked);
        let threshold = -probit(asked) * SPREAD;
        // In standard errors, at the true threshold: binomial counts.
        let there = scores.at(threshold).point;
        let off = |rate: f64, truth: f64, count: u64| {
            (rate - truth) / (truth * (1.0 - truth) / count as f64).sqrt()
        };
        let off =
            (off(there.fmr, asked, scores.impostor_count()), off(there.fnmr, fnmr, scores.genuine_count()));
        worst = worst.max(off.0.abs()).max(off.1.abs());
        println!(
            "{asked:<9e}  {:<11.5e}  {:<13}  {:.5} ({threshold:.5})  {:.5} ({fnmr:.5})  {:<5}  {:+.1}, {:+.1} s.e.",
            found.point.fmr,
            found.point.false_matches,
            found.point.threshold,
            found.point.fnmr,
            found.exact,
            off.0,
            off.1
        );
    }
    let curve = scores.roc(1000);
    println!("ROC in {} points: AUC {:.7}, EER {:.6}", curve.points.len(), curve.auc(), curve.eer());
    match memory_high_water_mark() {
        Some(memory) => println!("most memory: {memory}"),
        None => println!("most memory: not known on this system"),
    }
    println!("{:.1} s", start.elapsed().as_secs_f64());
    if worst > 5.0 {
        return Err("the rates are not those of the distributions".into());
    }
    Ok(())
}

fn take_blocks(next_block: &AtomicU64, impostors: u64) -> Result<StreamingScores, Error> {
    let mut scores = StreamingScores::new();
    let mut block = Vec::with_capacity(4096);
    loop {
        let number = next_block.fetch_add(1, Ordering::Relaxed);
        let Some(left) = impostors.checked_sub(number * BLOCK).filter(|&left| left > 0) else {
            return Ok(scores);
        };
        let mut random = fastrand::Rng::with_seed(number);
        for _ in 0..left.min(BLOCK) {
            block.push(normal(&mut random, 0.0));
            if block.len() == block.capacity() {
                scores.extend_impostors(&block)?;
                block.clear();
            }
        }
        scores.extend_impostors(&block)?;
        block.clear();
    }
}

/// A score by inversion: the tails are as true as [`probit`], which sums of uniform numbers are not.
fn normal(random: &mut fastrand::Rng, mean: f64) -> f32 {
    // The middle of one of 2^52 equal parts of 0..1: never 0 or 1.
    let uniform = ((random.u64(..) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    (mean + SPREAD * probit(uniform)) as f32
}

/// Where the system tells it.
fn memory_high_water_mark() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}

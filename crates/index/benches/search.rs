//! Times of exact search: one query and batches of 64, for each precision, on random unit vectors.
//!
//! `cargo bench -p omote-index --bench search -- [ROWS [DIM [THREADS]]]`, by default 1,000,000 x 512 and all cores.
//! Queries are rows with noise of 0.05 a value added. Afterwards 1,000 queries are answered by `f16`, by `int8` (which
//! should give the same rows and scores) and by `f32`, and a kNN graph is made of the first rows.

use std::f32::consts::TAU;
use std::time::Instant;

use omote_index::{Codes, Hit, Matrix, Precision, SearchOptions, View};

const K: usize = 10;
const PROBES: usize = 1000;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let rows = numbers.first().copied().unwrap_or(1_000_000).max(1);
    let dim = numbers.get(1).copied().unwrap_or(512).max(1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = numbers.get(2).copied().unwrap_or(cores).max(1);
    println!("{}, {cores} cores, {threads} threads, kernels {}", processor(), omote_index::kernel_name());
    println!("{rows} x {dim}, k = {K}; milliseconds per query, median of the runs");

    let values = unit_rows(rows, dim, threads);
    let mut noise = Gauss::new(u64::MAX);
    let queries: Vec<f32> =
        values.iter().cycle().take(PROBES * dim).map(|value| value + 0.05 * noise.next()).collect();
    let options = SearchOptions { threads, mask: None };

    let single = View::f32(dim, &values).expect("whole rows");
    report("f32", &single, &queries, &options);
    let half = Matrix::from_f32(dim, &values, Precision::F16).expect("unit vectors");
    report("f16", &half.view(), &queries, &options);
    let start = Instant::now();
    let codes = Codes::of(&half.view(), threads).expect("a dimension for codes");
    let encoding = start.elapsed().as_secs_f64();
    let coded = half.view().with_codes(&codes).expect("codes of these rows");
    report("int8", &coded, &queries, &options);
    println!("codes made in {encoding:.2} s");

    let batch = |view: &View<'_>| view.search(&queries, K, &options).expect("whole queries");
    let (exact, found) = (batch(&half.view()), batch(&coded));
    let alone: Vec<_> = queries.chunks(dim).map(|query| one(&coded, query, &options)).collect();
    println!(
        "int8 has the rows and scores of f16: {} of {PROBES} in a batch, {} one by one",
        same(&exact, &found, |a, b| a == b),
        same(&exact, &alone, |a, b| a == b)
    );
    let rows_of = |hits: &[Hit]| hits.iter().map(|hit| hit.row).collect::<Vec<_>>();
    println!(
        "f16 has the rows of f32: {} of {PROBES}",
        same(&exact, &batch(&single), |a, b| rows_of(a) == rows_of(b))
    );

    let nodes = rows.min(20_000);
    let part = View::f32(dim, &values[..nodes * dim]).expect("whole rows");
    let start = Instant::now();
    part.knn_graph(20, threads);
    println!("knn graph of {nodes} rows, k = 20: {:.2} s", start.elapsed().as_secs_f64());
}

/// How many answers are the same.
fn same(a: &[Vec<Hit>], b: &[Vec<Hit>], equal: impl Fn(&[Hit], &[Hit]) -> bool) -> usize {
    a.iter().zip(b).filter(|(a, b)| equal(a, b)).count()
}

fn one(view: &View<'_>, query: &[f32], options: &SearchOptions<'_>) -> Vec<Hit> {
    view.search(query, K, options).expect("a whole query").remove(0)
}

fn report(name: &str, view: &View<'_>, queries: &[f32], options: &SearchOptions<'_>) {
    let dim = view.dim();
    let alone = median(queries.chunks_exact(dim).take(32), |query| {
        one(view, query, options);
    });
    let batch = median(queries.chunks_exact(64 * dim).take(10), |queries| {
        view.search(queries, K, options).expect("whole queries");
    });
    println!("{name:>5}: one query {alone:7.2}   batch of 64 {:6.3}", batch / 64.0);
}

/// The median time in milliseconds, after one run to warm up.
fn median<'a>(mut inputs: impl Iterator<Item = &'a [f32]>, mut run: impl FnMut(&'a [f32])) -> f64 {
    inputs.next().into_iter().for_each(&mut run);
    let mut times: Vec<f64> = inputs
        .map(|input| {
            let start = Instant::now();
            run(input);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Random directions, one per row; the same for any number of threads.
fn unit_rows(rows: usize, dim: usize, threads: usize) -> Vec<f32> {
    let mut values = vec![0.0; rows * dim];
    let share = rows.div_ceil(threads);
    std::thread::scope(|scope| {
        for (part, values) in values.chunks_mut(share * dim).enumerate() {
            scope.spawn(move || {
                for (at, row) in values.chunks_exact_mut(dim).enumerate() {
                    let mut gauss = Gauss::new((part * share + at) as u64);
                    row.fill_with(|| gauss.next());
                    let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
                    row.iter_mut().for_each(|value| *value /= length);
                }
            });
        }
    });
    values
}

/// Normally distributed numbers by Box and Muller over SplitMix64.
struct Gauss {
    state: u64,
    spare: Option<f32>,
}

impl Gauss {
    fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0xd134_2543_de82_ef95), spare: None }
    }

    /// From 0, exclusive, to 1.
    fn uniform(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 40) + 1) as f32 / (1 << 24) as f32
    }

    fn next(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sin, cos) = (TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }
}

/// The processor's name, where the system tells.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

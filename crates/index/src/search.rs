use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::View;
use crate::best::{Best, Hit};
use crate::codes::{self, Codes};
use crate::kernels;
use crate::lines::{Floats, LINE, flat_mut};
use crate::panel::Panel;
use crate::view::Rows;

/// How to search, apart from what and for how many.
#[derive(Clone, Copy, Debug)]
pub struct SearchOptions<'a> {
    /// Threads to use at most, the caller's among them; small searches use fewer. 0 means 1.
    pub threads: usize,
    /// Which rows may be returned: one entry per row, `false` leaves the row out. `None` allows all.
    pub mask: Option<&'a [bool]>,
}

impl Default for SearchOptions<'_> {
    /// One thread, all rows.
    fn default() -> Self {
        Self { threads: 1, mask: None }
    }
}

/// Where queries come from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Vectors, one after another.
    Given(&'a [f32]),
    /// The rows of the view itself, each of which is not to find itself.
    Rows,
}

/// Multiply-adds in a unit of work: a few milliseconds, so that threads end together and share what they found.
const UNIT_WORK: usize = 1 << 24;
/// Fewest rows in a unit, so that laying out the queries stays a small part of it.
const UNIT_ROWS: usize = 2048;
/// Bytes of queries worked on together; they stay in the second cache.
const PANEL_BYTES: usize = 128 << 10;
/// Bytes of rows in single precision that meet all queries of a panel; they stay in the first cache.
const TILE_BYTES: usize = 32 << 10;
/// Queries scored between two requests for the next rows, few enough for these to go unnoticed.
const STRIPE: usize = 4;
/// Rows scored for a single query before looking at the scores.
const BLOCK_ROWS: usize = 256;

/// The best `k` rows for each query. Queries are cut into panels, rows into spans, and each pair of a panel and a
/// span is a unit of work that threads take in turn.
pub(crate) fn run(view: &View<'_>, source: Source<'_>, k: usize, options: &SearchOptions<'_>) -> Vec<Vec<Hit>> {
    let rows = view.rows();
    let queries = match source {
        Source::Given(values) => values.len() / view.dim(),
        Source::Rows => rows,
    };
    let k = k.min(rows);
    if k == 0 || queries == 0 {
        return vec![Vec::new(); queries];
    }
    let stride = Floats::needed(view.dim());
    let panel_len = (PANEL_BYTES / LINE / stride).clamp(4, 256).min(queries);
    let span_len = (UNIT_WORK / 16 / stride / panel_len).max(UNIT_ROWS).min(rows);
    let panels: Vec<_> = (0..queries).step_by(panel_len).map(|first| first..queries.min(first + panel_len)).collect();
    let spans: Vec<_> = (0..rows).step_by(span_len).map(|first| first..rows.min(first + span_len)).collect();

    let found: Vec<Mutex<Vec<Best>>> =
        panels.iter().map(|panel| Mutex::new(panel.clone().map(|_| Best::new(k, f32::NEG_INFINITY)).collect())).collect();
    let next = AtomicUsize::new(0);
    let units = panels.len() * spans.len();
    let work = || {
        loop {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= units {
                return;
            }
            let (at, span) = (unit / spans.len(), spans[unit % spans.len()].clone());
            let panel = Panel::new(view, source, panels[at].clone());
            // What other units found tells this one what is not worth looking at.
            let mut best: Vec<_> = locked(&found[at]).iter().map(|best| Best::new(k, best.floor())).collect();
            let own = matches!(source, Source::Rows);
            Unit { view, panel: &panel, mask: options.mask, own }.scan(span, &mut best);
            locked(&found[at]).iter_mut().zip(best).for_each(|(all, new)| all.merge(new));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.min(units) {
            // A thread that cannot be had is not missed: the others do its share.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let found = found.into_iter().flat_map(|best| best.into_inner().unwrap_or_else(PoisonError::into_inner));
    found.map(Best::into_sorted).collect()
}

/// A panic while holding the lock ends the search anyway, when its thread is joined.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rows of a span against the queries of a panel.
struct Unit<'a> {
    view: &'a View<'a>,
    panel: &'a Panel,
    mask: Option<&'a [bool]>,
    own: bool,
}

impl Unit<'_> {
    fn scan(&self, span: Range<usize>, best: &mut [Best]) {
        match (self.view.codes(), self.panel.len) {
            (Some(codes), _) => self.scan_codes(codes, span, best),
            (None, 1) => self.scan_one(span, &mut best[0]),
            (None, _) => self.scan_tiles(span, best),
        }
    }

    /// One query: rows are read once, straight from where they lie.
    fn scan_one(&self, span: Range<usize>, best: &mut Best) {
        let mut scores = [0.0; BLOCK_ROWS];
        for block in blocks(span, BLOCK_ROWS) {
            let scores = &mut scores[..block.len()];
            self.score(0, block.clone(), scores);
            self.collect(0, block.start, scores, best, |_, score| score);
        }
    }

    /// Many queries: rows are widened once for all of them, and the next rows fetched meanwhile.
    fn scan_tiles(&self, span: Range<usize>, best: &mut [Best]) {
        let (dim, stride, queries) = (self.view.dim(), self.panel.stride, self.panel.len);
        let tile_rows = (TILE_BYTES / LINE / stride / 4 * 4).clamp(4, 64);
        let mut tile = Floats::filled(0.0, tile_rows * stride);
        let mut scores = vec![0.0; tile_rows * queries];
        let stripes = queries.div_ceil(STRIPE);
        for block in blocks(span.clone(), tile_rows) {
            let rows = block.len();
            let next = block.end..span.end.min(block.end + tile_rows);
            if dim == stride * 16 {
                self.view.read(block.clone(), &mut flat_mut(&mut tile)[..rows * dim]);
            } else {
                for (row, padded) in block.clone().zip(tile.chunks_exact_mut(stride)) {
                    self.view.read(row..row + 1, &mut flat_mut(padded)[..dim]);
                }
            }
            let scores = &mut scores[..rows * queries];
            let stripe = self.panel.values.chunks(STRIPE * stride).zip(scores.chunks_mut(STRIPE * rows));
            for (at, (values, scores)) in stripe.enumerate() {
                self.view.prefetch(next.clone(), at, stripes);
                (kernels::get().tile)(values, &tile[..rows * stride], stride, scores);
            }
            for (query, (scores, best)) in scores.chunks_exact(rows).zip(best.iter_mut()).enumerate() {
                self.collect(query, block.start, scores, best, |_, score| score);
            }
        }
    }

    /// Any number of queries over codes: rows are scored only where their bound reaches the best so far.
    fn scan_codes(&self, codes: &Codes, span: Range<usize>, best: &mut [Best]) {
        let stride = codes::stride(self.view.dim());
        let rows_at_once = if self.panel.len == 1 { BLOCK_ROWS } else { BLOCK_ROWS / 4 };
        let mut sums = vec![0; rows_at_once * self.panel.len];
        let mut bounds = [0.0; BLOCK_ROWS];
        for block in blocks(span, rows_at_once) {
            let rows = block.len();
            let part = codes.part(block.clone());
            let sums = &mut sums[..rows * self.panel.len];
            (kernels::get().tile_codes)(&self.panel.codes, part.bytes, stride, sums);
            for (query, (sums, best)) in sums.chunks_exact(rows).zip(best.iter_mut()).enumerate() {
                let bounds = &mut bounds[..rows];
                (kernels::get().bounds)(sums, &part, &self.panel.coded[query], bounds);
                self.collect(query, block.start, bounds, best, |row, _| {
                    let mut score = [0.0];
                    self.score(query, row..row + 1, &mut score);
                    score[0]
                });
            }
        }
    }

    /// The scores of consecutive rows with a query.
    fn score(&self, query: usize, rows: Range<usize>, scores: &mut [f32]) {
        let query = self.panel.query(query);
        let values = rows.start * query.len()..rows.end * query.len();
        match self.view.stored() {
            Rows::F32(all) => (kernels::get().dots_f32)(query, &all[values], scores),
            Rows::F16(all) => (kernels::get().dots_f16)(query, &all[values], scores),
        }
    }

    /// Offers those rows whose bound reaches the floor and that may be returned, with their exact score. A NaN for a
    /// bound is no bound.
    fn collect(&self, query: usize, first: usize, bounds: &[f32], best: &mut Best, exact: impl Fn(usize, f32) -> f32) {
        for (chunk, bounds) in bounds.chunks(16).enumerate() {
            let floor = best.floor();
            let reached = bounds.iter().fold(0, |reached, &bound| reached + i32::from(!(bound < floor)));
            if reached == 0 {
                continue;
            }
            for (at, &bound) in bounds.iter().enumerate() {
                let row = first + chunk * 16 + at;
                let allowed = self.mask.is_none_or(|mask| mask[row]) && !(self.own && row == self.panel.first + query);
                if allowed && !(bound < best.floor()) {
                    best.offer(row, exact(row, bound));
                }
            }
        }
    }
}

/// Cuts a range into blocks of `len`, the last one shorter.
fn blocks(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(len).map(move |start| start..end.min(start + len))
}

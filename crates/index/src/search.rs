use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::View;
use crate::best::{Best, Hit};
use crate::codes::{self, Codes};
use crate::kernels;
use crate::lines::{Floats, LINE, flat_mut};
use crate::panel::Panel;
use crate::view::Rows;
use crate::workers::{self, locked};

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

/// Multiply-adds in a unit of work: a fraction of a millisecond, so that threads end together.
const UNIT_WORK: usize = 1 << 22;
/// Fewest rows in a unit, so that laying out the queries stays a small part of it.
const UNIT_ROWS: usize = 2048;
/// Bytes of queries worked on together; they stay in the second cache.
const PANEL_BYTES: usize = 128 << 10;
/// Bytes of rows in single precision that meet all queries of a panel; they stay in the first cache.
const TILE_BYTES: usize = 32 << 10;
/// Queries scored between two requests for the next rows: few, so that the requests go unnoticed.
const STRIPE: usize = 4;
/// Rows scored for a single query before looking at the scores.
const BLOCK_ROWS: usize = 256;
/// Rows of codes that meet all queries of a panel.
const CODES_ROWS: usize = 64;

/// The best `k` rows for each query. Queries are cut into panels, rows into spans, and each pair of a panel and a
/// span is a unit of work that threads take in turn.
pub(crate) fn run(
    view: &View<'_>,
    source: Source<'_>,
    k: usize,
    options: &SearchOptions<'_>,
) -> Vec<Vec<Hit>> {
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
    let span_len = (UNIT_WORK / 16 / stride / panel_len).max(UNIT_ROWS);
    let panels: Vec<_> = blocks(0..queries, panel_len).collect();
    let spans: Vec<_> = blocks(0..rows, span_len).collect();

    let nothing = |panel: &Range<usize>| panel.clone().map(|_| Best::new(k, f32::NEG_INFINITY)).collect();
    let found: Vec<Mutex<Vec<Best>>> = panels.iter().map(|panel| Mutex::new(nothing(panel))).collect();
    workers::for_each(options.threads, 0..panels.len() * spans.len(), |number| {
        let (panel, span) = (number / spans.len(), number % spans.len());
        let found = &found[panel];
        // What other units found tells this one what is not worth looking at.
        let mut best: Vec<_> = locked(found).iter().map(|best| Best::new(k, best.floor())).collect();
        let own = matches!(source, Source::Rows);
        let unit =
            Unit { view, panel: Panel::new(view, source, panels[panel].clone()), mask: options.mask, own };
        unit.scan(spans[span].clone(), &mut best);
        locked(found).iter_mut().zip(best).for_each(|(all, new)| all.merge(new));
    });
    let found = found.into_iter().flat_map(|best| best.into_inner().unwrap_or_else(PoisonError::into_inner));
    found.map(Best::into_sorted).collect()
}

/// The rows of a span against the queries of a panel.
struct Unit<'a> {
    view: &'a View<'a>,
    panel: Panel,
    mask: Option<&'a [bool]>,
    /// Whether the queries are the rows, which are not to find themselves.
    own: bool,
}

impl Unit<'_> {
    fn scan(&self, span: Range<usize>, best: &mut [Best]) {
        match (self.view.codes(), self.panel.len) {
            (Some(codes), 1) => self.scan_codes(codes, span, BLOCK_ROWS, best),
            (Some(codes), _) => self.scan_codes(codes, span, CODES_ROWS, best),
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
        for block in blocks(span.clone(), tile_rows) {
            let rows = block.len();
            if dim == stride * 16 {
                self.view.read(block.clone(), &mut flat_mut(&mut tile)[..rows * dim]);
            } else {
                for (row, padded) in block.clone().zip(tile.chunks_exact_mut(stride)) {
                    self.view.read(row..row + 1, &mut flat_mut(padded)[..dim]);
                }
            }
            let scores = &mut scores[..rows * queries];
            let next = block.end..span.end.min(block.end + tile_rows);
            let stripes = self.panel.values.chunks(STRIPE * stride).zip(scores.chunks_mut(STRIPE * rows));
            for (at, (values, scores)) in stripes.enumerate() {
                self.view.prefetch(next.clone(), at, queries.div_ceil(STRIPE));
                (kernels::get().tile)(values, &tile[..rows * stride], stride, scores);
            }
            for (query, (scores, best)) in scores.chunks_exact(rows).zip(best.iter_mut()).enumerate() {
                self.collect(query, block.start, scores, best, |_, score| score);
            }
        }
    }

    /// Any number of queries over codes: rows are scored only where their bound reaches the best so far.
    fn scan_codes(&self, codes: &Codes, span: Range<usize>, block_rows: usize, best: &mut [Best]) {
        let (stride, queries) = (codes::stride(self.view.dim()), self.panel.len);
        let mut sums = vec![0; block_rows * queries];
        let mut bounds = vec![0.0; block_rows];
        for block in blocks(span.clone(), block_rows) {
            let rows = block.len();
            let part = codes.part(block.clone());
            let sums = &mut sums[..rows * queries];
            let next = block.end..span.end.min(block.end + block_rows);
            let stripes = self.panel.codes.chunks(STRIPE * stride).zip(sums.chunks_mut(STRIPE * rows));
            for (at, (values, sums)) in stripes.enumerate() {
                codes.prefetch(next.clone(), at, queries.div_ceil(STRIPE));
                (kernels::get().tile_codes)(values, part.bytes, stride, sums);
            }
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

    /// Offers those rows whose bound reaches the floor and that may be returned, with their exact score. A bound that
    /// is NaN excludes nothing.
    fn collect(
        &self,
        query: usize,
        first: usize,
        bounds: &[f32],
        best: &mut Best,
        exact: impl Fn(usize, f32) -> f32,
    ) {
        let below = |bound: f32, floor: f32| bound < floor;
        for (chunk, bounds) in bounds.chunks(16).enumerate() {
            let floor = best.floor();
            // Counting, unlike searching, is done for several bounds at once.
            if bounds.iter().map(|&bound| usize::from(below(bound, floor))).sum::<usize>() == bounds.len() {
                continue;
            }
            for (at, &bound) in bounds.iter().enumerate() {
                let row = first + 16 * chunk + at;
                let allowed =
                    self.mask.is_none_or(|mask| mask[row]) && !(self.own && row == self.panel.first + query);
                if allowed && !below(bound, best.floor()) {
                    best.offer(row, exact(row, bound));
                }
            }
        }
    }
}

/// Cuts a range into blocks of `len`, the last one shorter.
fn blocks(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(len).map(move |start| start..end.min(start.saturating_add(len)))
}

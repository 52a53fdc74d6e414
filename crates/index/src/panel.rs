use std::ops::Range;

use crate::View;
use crate::codes::{self, CodedQuery};
use crate::lines::{Codes, Floats, flat, flat_mut};
use crate::search::Source;

/// Some queries of a search, laid out for the kernels.
pub(crate) struct Panel {
    /// The number of the first of them.
    pub(crate) first: usize,
    /// How many there are.
    pub(crate) len: usize,
    dim: usize,
    /// Lines from one query to the next.
    pub(crate) stride: usize,
    /// All values; the padding is zero.
    pub(crate) values: Vec<Floats>,
    /// All codes, if the view has codes; the padding is zero.
    pub(crate) codes: Vec<Codes>,
    /// What else the codes need, one per query.
    pub(crate) coded: Vec<CodedQuery>,
}

impl Panel {
    pub(crate) fn new(view: &View<'_>, source: Source<'_>, queries: Range<usize>) -> Self {
        let (dim, len) = (view.dim(), queries.len());
        let stride = Floats::needed(dim);
        let mut values = Floats::filled(0.0, len * stride);
        for (query, padded) in queries.clone().zip(values.chunks_exact_mut(stride)) {
            let padded = &mut flat_mut(padded)[..dim];
            match source {
                Source::Given(all) => padded.copy_from_slice(&all[query * dim..(query + 1) * dim]),
                Source::Rows => view.read(query..query + 1, padded),
            }
        }
        let mut panel =
            Self { first: queries.start, len, dim, stride, values, codes: Vec::new(), coded: Vec::new() };
        if view.codes().is_some() {
            let stride = codes::stride(dim);
            let mut codes = Codes::filled(0, len * stride);
            let code = |(query, codes): (_, &mut [Codes])| CodedQuery::encode(panel.query(query), codes);
            panel.coded = codes.chunks_exact_mut(stride).enumerate().map(code).collect();
            panel.codes = codes;
        }
        panel
    }

    /// The values of one of the queries, without padding.
    pub(crate) fn query(&self, at: usize) -> &[f32] {
        &flat(&self.values[at * self.stride..(at + 1) * self.stride])[..self.dim]
    }
}

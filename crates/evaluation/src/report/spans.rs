//! Long series as few spans: what a chart can show of a million values.

use super::curve::{BandPoint, Curve};

/// A series of any length in bounded memory: at most so many spans of consecutive points, all of one length but the last,
/// each with its mean, its least and its greatest value.
///
/// Points come one after the other. When there are too many spans, two neighbours become one; so a short series is kept as it
/// is, and of a long one no value that stands out is lost.
#[derive(Clone, Debug)]
pub struct Spans {
    most: usize,
    /// Points of a full span.
    size: u64,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    points: u64,
    /// Sums.
    x: f64,
    y: f64,
    low: f64,
    high: f64,
}

impl Span {
    fn join(&mut self, next: &Self) {
        *self = Self {
            points: self.points + next.points,
            x: self.x + next.x,
            y: self.y + next.y,
            low: self.low.min(next.low),
            high: self.high.max(next.high),
        };
    }

    fn mean(&self) -> (f64, f64) {
        (self.x / self.points as f64, self.y / self.points as f64)
    }
}

impl Spans {
    /// No points yet; they will be at most `most` spans, at least 2.
    pub fn new(most: usize) -> Self {
        Self { most: most.max(2), size: 1, spans: Vec::new() }
    }

    /// The next point. One that is no pair of finite numbers is left out.
    pub fn add(&mut self, x: f64, y: f64) {
        if !(x.is_finite() && y.is_finite()) {
            return;
        }
        let point = Span { points: 1, x, y, low: y, high: y };
        let is_full = self.spans.last().is_none_or(|last| last.points >= self.size);
        if is_full && self.spans.len() == self.most {
            self.size *= 2;
            let pairs = self.spans.chunks(2).map(|pair| {
                let mut span = pair[0];
                pair[1..].iter().for_each(|next| span.join(next));
                span
            });
            self.spans = pairs.collect();
        }
        match self.spans.last_mut().filter(|last| last.points < self.size) {
            Some(last) => last.join(&point),
            None => self.spans.push(point),
        }
    }

    /// The means as a line, each at the mean x of its span, with a band from the least to the greatest value of each; without
    /// a band where each point is a span of its own. A curve without points if there were none.
    pub fn curve(&self, name: impl Into<String>) -> Curve {
        let curve = Curve::new(name, self.spans.iter().map(Span::mean).collect());
        if self.size == 1 {
            return curve;
        }
        let band = |span: &Span| BandPoint { x: span.mean().0, low: span.low, high: span.high };
        curve.with_band(self.spans.iter().map(band).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spans(most: usize, values: &[f64]) -> Curve {
        let mut spans = Spans::new(most);
        values.iter().enumerate().for_each(|(x, &y)| spans.add(x as f64, y));
        spans.curve("a")
    }

    #[test]
    fn a_short_series_is_kept_and_a_long_one_becomes_means() {
        let short = spans(4, &[3.0, f64::NAN, 1.0, f64::INFINITY, 2.0]);
        assert_eq!(short, Curve::new("a", vec![(0.0, 3.0), (2.0, 1.0), (4.0, 2.0)]));
        // Six points are spans of two.
        let long = spans(4, &[3.0, 1.0, 5.0, 4.0, 7.0, 8.0]);
        assert_eq!(long.points, [(0.5, 2.0), (2.5, 4.5), (4.5, 7.5)]);
        let ends: Vec<_> = long.band.iter().map(|band| (band.x, band.low, band.high)).collect();
        assert_eq!(ends, [(0.5, 1.0, 3.0), (2.5, 4.0, 5.0), (4.5, 7.0, 8.0)]);
        assert!(spans(4, &[f64::NAN]).points.is_empty());
    }

    proptest! {
        #[test]
        fn spans_are_even_and_hold_every_point(
            values in prop::collection::vec(-9.0..9.0_f64, 1..700), most in 0_usize..40,
        ) {
            let mut spans = Spans::new(most);
            values.iter().enumerate().for_each(|(x, &y)| spans.add(x as f64, y));
            let found = &spans.spans;
            prop_assert!(found.len() <= most.max(2) && (values.len() < most || 2 * found.len() >= most));
            let (last, full) = found.split_last().unwrap();
            prop_assert!(full.iter().all(|span| span.points == spans.size) && last.points <= spans.size);
            let mut rest = &values[..];
            for span in found {
                let (own, others) = rest.split_at(span.points as usize);
                rest = others;
                prop_assert_eq!(span.low, own.iter().copied().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(span.high, own.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                prop_assert!((span.y - own.iter().sum::<f64>()).abs() < 1e-9);
            }
            prop_assert!(rest.is_empty());
        }
    }
}

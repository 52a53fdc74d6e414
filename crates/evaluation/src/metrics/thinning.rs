//! Fewer points of a monotone curve, chosen so that it looks the same.

use super::roc::{Roc, RocPoint};

/// Takes the points of a ROC in order and keeps the first and the last of each part of the way.
pub(super) struct Thinning {
    parts: f64,
    log_lowest_fmr: f64,
    log_lowest_fnmr: f64,
    kept: Vec<RocPoint>,
    /// The latest point, its part of the way, and whether it is kept already.
    latest: Option<(RocPoint, u64, bool)>,
}

impl Thinning {
    /// For a curve whose lowest rates above 0 are as given; `max_points` below 5 are taken as 5.
    pub(super) fn new(max_points: usize, lowest_fmr: f64, lowest_fnmr: f64) -> Self {
        // One point more than two per part: the last with FMR 0. One part more than its number: the way's very end.
        let parts = (max_points.max(5) - 1) / 2 - 1;
        Self {
            parts: parts as f64,
            log_lowest_fmr: lowest_fmr.ln(),
            log_lowest_fnmr: lowest_fnmr.ln(),
            kept: Vec::new(),
            latest: None,
        }
    }

    pub(super) fn push(&mut self, point: RocPoint) {
        let mut part = (self.way(&point) * self.parts) as u64;
        let starts_part = match self.latest {
            Some((latest, latest_part, kept)) => {
                // The way only grows, but for rounding.
                part = part.max(latest_part);
                let leaves_zero = latest.fmr == 0.0 && point.fmr > 0.0;
                if !kept && (part != latest_part || leaves_zero) {
                    self.kept.push(latest);
                }
                part != latest_part
            }
            None => true,
        };
        if starts_part {
            self.kept.push(point);
        }
        self.latest = Some((point, part, starts_part));
    }

    pub(super) fn finish(mut self) -> Roc {
        if let Some((latest, _, false)) = self.latest {
            self.kept.push(latest);
        }
        Roc { points: self.kept }
    }

    /// How far along the curve a point is, from 0 to 1: the mean of three coordinates that all grow along it.
    fn way(&self, point: &RocPoint) -> f64 {
        // 0 at the rate's lowest value (and where it is 0, which a log axis does not show), 1 at rate 1.
        let place = |rate: f64, log_lowest: f64| {
            if log_lowest < 0.0 { (1.0 - rate.ln() / log_lowest).clamp(0.0, 1.0) } else { rate }
        };
        let fnmr = place(1.0 - point.tar, self.log_lowest_fnmr);
        (place(point.fmr, self.log_lowest_fmr) + point.tar + (1.0 - fnmr)) / 3.0
    }
}

//! Every photo against every other, on the page: the table, the curve, the comparison, and the calibration's promises.

use evaluation::report::{BandPoint, Block, Cell, Column, Comparison, Curve, Format, Marker, Table, det};
use evaluation::{Error, RocPoint};

use super::super::pairs::{All, Shift};
use super::tables::measured;
use super::{percent, rate, thousands};
use crate::cli::calibrations::rate_text;

/// More points than a chart of some hundred pixels can show.
const POINTS: usize = 800;

/// Rates at which the band of a curve is taken. Between them it is drawn straight.
const BAND_POINTS: usize = 40;

/// What the pairs of every two photos say.
#[derive(Default)]
pub struct AllPairs<'a> {
    /// Each system by name.
    pub systems: Vec<(&'a str, &'a All)>,
    /// The paired test of two systems; the error says why there is none.
    pub comparison: Option<Result<Comparison, String>>,
    /// Calibrations that were tried, by the system's name.
    pub shifts: Vec<(&'a str, &'a Shift)>,
}

impl AllPairs<'_> {
    /// Table, curve and comparison. Nothing if there are no such pairs.
    pub fn blocks(&self) -> Result<Vec<Block>, Error> {
        if self.systems.is_empty() {
            return Ok(Vec::new());
        }
        let mut blocks = vec![Block::Table(self.table())];
        match &self.comparison {
            Some(Ok(comparison)) => blocks.push(Block::Comparison(comparison.clone())),
            Some(Err(reason)) => {
                blocks.push(Block::Prose(format!("The systems are not compared: {reason}.")))
            }
            None => {}
        }
        blocks.extend(self.curves()?);
        Ok(blocks)
    }

    /// The first system in a sentence: every rate that is supported.
    pub fn sentence(&self) -> Option<String> {
        let (_, all) = self.systems.first()?;
        let mut parts = Vec::new();
        for point in &all.points {
            let Ok((_, fnmr)) = &point.found else { continue };
            let ends = fnmr.interval.map(|interval| {
                let (low, high) = (interval.low * 100.0, interval.high * 100.0);
                format!(" ({:.0} % interval {low:.2}–{high:.2} %)", interval.level * 100.0)
            });
            let (share, ends) = (percent(fnmr.value), ends.unwrap_or_default());
            let verb = if parts.is_empty() { " of genuine pairs are rejected" } else { "" };
            parts.push(format!("{share}{verb} at a false match rate of {}{ends}", rate(point.asked)));
        }
        let photos = thousands(all.photos);
        (!parts.is_empty()).then(|| format!("Over all pairs of the {photos} photos, {}.", parts.join(", ")))
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::new("Measure", Format::Text)];
        for (name, _) in &self.systems {
            columns.push(Column::new(*name, Format::Percent(2)));
            columns.push(Column::new("Threshold", Format::Decimal(3)));
            columns.push(Column::new("False matches", Format::Decimal(0)));
        }
        // All systems were asked the same.
        let asked = self.systems.first().map_or(&[][..], |(_, all)| &all.points);
        let rows = asked.iter().enumerate().map(|(number, point)| {
            let mut row = vec![Cell::Text(format!("FNMR at FMR {}", rate(point.asked)))];
            for (_, all) in &self.systems {
                row.extend(match &all.points[number].found {
                    Ok((at, fnmr)) => {
                        [measured(fnmr), Cell::Number(at.threshold), Cell::Number(at.false_matches as f64)]
                    }
                    Err(refused) => {
                        [Cell::NotSupported { needs: refused.needs.clone() }, Cell::Missing, Cell::Missing]
                    }
                });
            }
            row
        });
        Table {
            caption: "Every photo against every other, with 95 % intervals".into(),
            columns,
            rows: rows.collect(),
            note: self.systems.iter().map(|(name, all)| self.note(name, all)).collect::<Vec<_>>().join(" "),
        }
    }

    fn note(&self, name: &str, all: &All) -> String {
        let count = |count: u64| thousands(usize::try_from(count).unwrap_or(usize::MAX));
        let without = match all.without_face {
            0 => "each with a face".to_owned(),
            some => format!("{} without a face, whose pairs count as rejected", thousands(some)),
        };
        let of = if self.systems.len() > 1 { format!("{name}: ") } else { String::new() };
        format!(
            "{of}{} photos of {} people ({without}) make {} genuine and {} impostor pairs; intervals by {} draws of people.",
            thousands(all.photos),
            thousands(all.people()),
            count(all.pairs.genuine_count()),
            count(all.pairs.impostor_count()),
            thousands(all.bootstrap.resamples)
        )
    }

    fn curves(&self) -> Result<Vec<Block>, Error> {
        let mut curves = Vec::new();
        for (name, all) in &self.systems {
            let points = reportable(all)?;
            // The axis of the chart ends at 0.5, and has no place for 0 and 1.
            let on_chart = |&&(fmr, fnmr): &&(f64, f64)| fmr < 0.5 && fnmr > 0.0 && fnmr < 1.0;
            if points.iter().find(on_chart).is_some() {
                let band = band(all, &points)?;
                curves.push(Curve::new(*name, points).with_band(band));
            }
        }
        if curves.is_empty() {
            return Ok(vec![Block::Prose(
                "There is no DET curve of these pairs: no genuine pair was rejected at a false match rate that they support."
                    .into(),
            )]);
        }
        let markers: Vec<Marker> = self.systems.first().map_or_else(Vec::new, |(_, all)| {
            let supported = all.points.iter().filter(|point| point.found.is_ok());
            supported.map(|point| Marker::new(point.asked, format!("FMR {}", rate(point.asked)))).collect()
        });
        let chart = det(&curves, &markers)?.titled(
            "Every photo against every other",
            "From ten false matches of ten pairs of people up to the lowest impostor score that was kept. The shade is the \
             95 % interval, at each false match rate by itself.",
        );
        Ok(vec![Block::Charts(vec![chart])])
    }

    /// What the calibrations promise, and what these pairs show. Nothing without a calibration.
    pub fn shifts(&self) -> Vec<Block> {
        self.shifts.iter().map(|(name, shift)| Block::Table(shift_table(name, shift))).collect()
    }
}

fn shift_table(name: &str, shift: &Shift) -> Table {
    let rows = shift.rows.iter().map(|row| {
        let mut cells = vec![Cell::Text(format!("FMR {}", rate(row.asked)))];
        match (&row.promise, &row.shown) {
            (Ok((threshold, promised)), Some(Ok(shown))) => cells.extend([
                Cell::Number(*threshold),
                Cell::Text(rate_text(promised)),
                measured(&shown.fmr),
                Cell::Text(shown.verdict(promised)),
                measured(&shown.fnmr),
            ]),
            (Ok((threshold, promised)), refused) => cells.extend([
                Cell::Number(*threshold),
                Cell::Text(rate_text(promised)),
                match refused {
                    Some(Err(refused)) => Cell::NotSupported { needs: refused.needs.clone() },
                    _ => Cell::Missing,
                },
                Cell::Missing,
                Cell::Missing,
            ]),
            (Err(reason), _) => {
                cells.extend([Cell::Missing, Cell::Text(reason.clone())]);
                cells.extend([Cell::Missing, Cell::Missing, Cell::Missing]);
            }
        }
        cells
    });
    Table {
        caption: name.to_owned(),
        columns: vec![
            Column::new("Calibrated for", Format::Text),
            Column::new("Threshold", Format::Decimal(3)),
            Column::new("Promised", Format::Text),
            Column::new("FMR here", Format::Percent(4)),
            Column::new("As promised", Format::Text),
            Column::new("FNMR here", Format::Percent(2)),
        ],
        rows: rows.collect(),
        note: format!("{}. {}.", sentence(&shift.grounds()), sentence(&shift.overlap())),
    }
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// FMR and FNMR from the smallest rate that may be reported up.
fn reportable(all: &All) -> Result<Vec<(f64, f64)>, Error> {
    let roc = all.pairs.roc();
    // Both false matches and pairs of people only become more as the threshold falls.
    let mut failed = None;
    let first = roc.points.partition_point(|point| match all.pairs.support(point.threshold) {
        Ok(support) => support.check(point.fmr).is_err(),
        Err(error) => {
            failed = Some(error);
            false
        }
    });
    match failed {
        Some(error) => Err(error),
        None => {
            let points: Vec<RocPoint> = roc.points[first..].to_vec();
            let thin = evaluation::Roc { points }.thinned(POINTS).points;
            Ok(thin.iter().map(|point| (point.fmr, 1.0 - point.tar)).collect())
        }
    }
}

/// Where FNMR may lie along a curve.
fn band(all: &All, points: &[(f64, f64)]) -> Result<Vec<BandPoint>, Error> {
    let (Some(&(lowest, _)), Some(&(highest, _))) = (points.first(), points.last()) else {
        return Ok(Vec::new());
    };
    // Towards the lowest score that was kept a draw may need lower ones.
    let highest = highest / 2.0;
    if lowest >= highest {
        return Ok(Vec::new());
    }
    let part = |number: usize| number as f64 / (BAND_POINTS - 1) as f64;
    let fmrs: Vec<f64> =
        (0..BAND_POINTS).map(|number| lowest * (highest / lowest).powf(part(number))).collect();
    match all.bootstrap.fnmr_band(&all.pairs, &fmrs) {
        Ok(band) => {
            let point = |(x, interval): (f64, evaluation::Interval)| BandPoint {
                x,
                low: interval.low,
                high: interval.high,
            };
            Ok(fmrs.into_iter().zip(band).map(point).collect())
        }
        Err(Error::BelowKept { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(["calibrated on", "", "0 of 3"].map(sentence), ["Calibrated on", "", "0 of 3"]);
    }
}

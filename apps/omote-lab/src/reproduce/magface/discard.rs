//! What is gained by leaving out the faces of the smallest magnitude.

use std::collections::BTreeMap;

use evaluation::report::{self, Block, Cell, Column, Curve, Format, Section, Table};
use evaluation::{Discard, DiscardOrder, QualityPair};
use serde_json::json;

use super::draws::{difference, estimate, mean, paired};
use super::{ARCFACE, Faces, MAGFACE, SOFTMAX};
use crate::reproduce::claims::Verdict;
use crate::reproduce::findings::Findings;
use crate::reproduce::runs::Outcomes;
use crate::reproduce::vectors::Vectors;

/// Where fewer are accepted wrongly, half of the comparisons of small networks are errors: more than can be left out here, in
/// whatever order.
const FMR: f64 = 1e-2;
/// Shares of the comparisons that are left out: 0 to 0.3.
const STEPS: usize = 6;
const STEP: f64 = 0.05;

/// The comparisons of a judge's, in an order by another network's magnitudes.
struct Order {
    /// All comparisons, those of one person first.
    pairs: Vec<QualityPair>,
    /// The person of each of those.
    people: Vec<u32>,
}

/// What matters of the comparisons of one person.
struct Judged {
    /// Whether the judge rejects each.
    rejected: Vec<bool>,
    /// The last step at which each is still there.
    there: Vec<usize>,
}

/// Error against discard, with the magnitudes of each arm as qualities. The judge is the ArcFace network of another seed.
pub fn add(outcomes: &Outcomes, test: &str, faces: &Faces, findings: &mut Findings) -> anyhow::Result<()> {
    let Faces { what, left: most, .. } = *faces;
    let judges = outcomes.of(ARCFACE, test);
    let (mut curves, mut rows, mut ours) = (Vec::new(), Vec::new(), None);
    let mut arms: BTreeMap<&str, Vec<(u64, Judged)>> = BTreeMap::new();
    let mut people = Vec::new();
    for arm in [SOFTMAX, ARCFACE, MAGFACE] {
        let mut networks = Vec::new();
        for (seed, vectors) in outcomes.of(arm, test) {
            // The next seed's, and after the last the first's.
            let next = judges.iter().find(|(other, _)| *other > seed).or(judges.first());
            let Some((_, judge)) = next.filter(|(other, _)| *other != seed) else { continue };
            let order = Order::of(judge, vectors);
            let curve = |order_by| order.curve(order_by);
            if networks.is_empty() {
                if curves.is_empty() {
                    curves.push(Curve::new("at random", curve(DiscardOrder::Random)?).reference());
                    curves.push(Curve::new("errors first", curve(DiscardOrder::Oracle)?).reference());
                }
                curves.push(Curve::new(arm, curve(DiscardOrder::Quality)?));
            }
            networks.push((seed, order.judged()?));
            people = order.people;
        }
        if networks.is_empty() {
            continue;
        }
        let left = |weights: &[u32]| mean(networks.iter().map(|(_, judged)| judged.left(weights)));
        let (value, interval) = estimate(&people, left)?;
        rows.push(vec![Cell::text(arm), Cell::Interval { value, low: interval.low, high: interval.high }]);
        findings.record.push((format!("discard, {test}, {arm}"), json!(value)));
        if arm == MAGFACE {
            let verdict = match (value <= most, interval.high < 1.0) {
                (true, true) => Verdict::Held,
                (false, true) => Verdict::Weaker,
                _ if interval.low > 1.0 => Verdict::Failed,
                _ => Verdict::NotResolved,
            };
            ours = Some((format!("{value:.3} ({:.3} to {:.3})", interval.low, interval.high), verdict));
        }
        arms.insert(arm, networks);
    }
    if outcomes.plans(MAGFACE) {
        let what = format!(
            "{what}: where up to 30 % of the comparisons are left out, those of the smallest magnitude first, fewer errors are \
             left than at random (area under the curve, as a share)"
        );
        let needed = if most < 1.0 {
            format!("at most {most}, interval below 1")
        } else {
            "interval below 1".to_owned()
        };
        findings.claim(what, &needed, ours);
    }
    if outcomes.plans(MAGFACE) && outcomes.plans(ARCFACE) {
        let of_arm = |arm| arms.get(arm).map_or(&[][..], |networks| networks);
        let less = difference(&people, &paired(of_arm(ARCFACE), of_arm(MAGFACE)), Judged::left)?;
        let found = less.map(|(less, interval)| {
            let found = format!("{less:+.3} ({:+.3} to {:+.3})", interval.low, interval.high);
            (found, Verdict::of_gain(less, interval, 0.0))
        });
        let what = format!(
            "{what}: by so much fewer errors are left than with ArcFace's magnitudes (difference of the shares)"
        );
        findings.claim(what, "interval above 0", found);
    }
    if arms.is_empty() {
        findings.remarks.push(format!(
            "{what}: error against discard was not measured, since there is no ArcFace network of another seed to judge."
        ));
        return Ok(());
    }
    let said = "Comparisons are left out from the smallest magnitude up (the smaller one of the two pictures'). Whether the rest is \
                right is judged by another network than the one that gives the magnitudes: an ArcFace network of another seed, at a \
                threshold of FMR 0.01, which stays. The figure shows the first seed.";
    let columns = vec![
        Column::new("Magnitudes of", Format::Text),
        Column::new("Errors left, of those left at random", Format::Decimal(2)),
    ];
    let note = "The area under the curve up to 30 %, as a share of that of leaving out at random; a mean over seeds. Intervals are of \
                draws of people, with the threshold and the order of all of them."
        .to_owned();
    let table = Table { caption: String::new(), columns, rows, note };
    let charts = vec![report::discard(&curves)?.titled(what, "FMR 0.01. Lower is better.")];
    let heading = format!("{what}: error against discard");
    let blocks = vec![Block::Prose(said.to_owned()), Block::Charts(charts), Block::Table(table)];
    findings.sections.push(Section { heading, blocks });
    Ok(())
}

impl Order {
    fn of(judge: &Vectors, network: &Vectors) -> Self {
        let (mut pairs, mut impostors, mut people) = (Vec::new(), Vec::new(), Vec::new());
        for a in 0..judge.len() {
            for b in a + 1..judge.len() {
                let same = judge.people[a] == judge.people[b];
                let qualities = [a, b].map(|at| Some(network.magnitudes[at]));
                let pair = QualityPair::new(same, Some(judge.cosine(a, b)), qualities[0], qualities[1]);
                if same {
                    pairs.push(pair);
                    people.push(judge.people[a]);
                } else {
                    impostors.push(pair);
                }
            }
        }
        pairs.extend(impostors);
        Self { pairs, people }
    }

    /// Points of a curve.
    fn curve(&self, order: DiscardOrder) -> anyhow::Result<Vec<(f64, f64)>> {
        let curve = Discard { fmr: FMR, step: STEP, order, ..Discard::default() }.curve(&self.pairs)?;
        Ok(curve.points.iter().take(STEPS + 1).map(|point| (point.discarded, point.fnmr)).collect())
    }

    fn judged(&self) -> anyhow::Result<Judged> {
        let curve = Discard { fmr: FMR, step: STEP, ..Discard::default() }.curve(&self.pairs)?;
        let threshold = curve.points[0].threshold;
        let mut qualities: Vec<f32> = self.pairs.iter().filter_map(|pair| pair.quality).collect();
        qualities.sort_unstable_by(f32::total_cmp);
        let cut = |step: usize| qualities[(step as f64 * STEP * qualities.len() as f64) as usize];
        let cuts: Vec<f32> = (1..=STEPS).map(cut).collect();
        let (mut rejected, mut there) = (Vec::new(), Vec::new());
        for pair in &self.pairs[..self.people.len()] {
            rejected.push(pair.score.is_none_or(|score| f64::from(score) < threshold));
            there.push(cuts.partition_point(|cut| pair.quality.is_some_and(|quality| *cut <= quality)));
        }
        Ok(Judged { rejected, there })
    }
}

impl Judged {
    /// The area under the curve as a share of what it would be if it stayed as it begins.
    fn left(&self, weights: &[u32]) -> Option<f64> {
        let mut tally = [[0.0_f64; 2]; STEPS + 1];
        for ((&rejected, &there), &weight) in self.rejected.iter().zip(&self.there).zip(weights) {
            tally[there][0] += f64::from(weight);
            tally[there][1] += if rejected { f64::from(weight) } else { 0.0 };
        }
        // What is there at a step is there before it too.
        for step in (0..STEPS).rev() {
            let after = tally[step + 1];
            tally[step].iter_mut().zip(after).for_each(|(one, after)| *one += after);
        }
        let rates: Vec<f64> = tally.iter().map(|[all, rejected]| rejected / all).collect();
        let ends = (rates[0] + rates[STEPS]) / 2.0;
        let area = (ends + rates[1..STEPS].iter().sum::<f64>()) / STEPS as f64;
        (area / rates[0]).is_finite().then_some(area / rates[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_that_of_the_curve() {
        // 400 comparisons of one person, of which the worse half are often rejected, and 20,000 of two.
        let genuine = (0..400).map(|at| (true, if at % 3 == 0 && at < 200 { 0.0 } else { 0.9 }, at as f32));
        let impostors = (0..20_000).map(|at| (false, at as f32 / 40_000.0, (at % 400) as f32));
        let pairs: Vec<QualityPair> = genuine
            .chain(impostors)
            .map(|(same, score, quality)| QualityPair::new(same, Some(score), Some(quality), Some(1e9)))
            .collect();
        let order = Order { pairs, people: (0..400).map(|at| at / 10).collect() };
        let curve = Discard { fmr: FMR, step: STEP, ..Discard::default() }.curve(&order.pairs).unwrap();
        let expected = curve.area(0.3).unwrap() / (0.3 * curve.points[0].fnmr);
        let found = order.judged().unwrap().left(&[1; 400]).unwrap();
        assert!((found - expected).abs() < 0.02 && found < 0.9, "{found} {expected}");
    }
}

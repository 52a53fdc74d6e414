//! The oracle: WIDER FACE's AP as the published programs take it, threshold by threshold.

use geometry::Rect;
use omote_evaluation::{WiderFace, WiderImage};

use super::wider::Detections;

/// One image for the oracle: boxes x, y, width, height; which count; and x, y, width, height, score in the order given.
pub(crate) struct Sample {
    faces: Vec<[f64; 4]>,
    keep: Vec<bool>,
    found: Vec<[f64; 5]>,
}

pub(crate) fn for_oracle(
    images: &[WiderImage],
    detections: &Detections,
    list: usize,
    sort: bool,
) -> Vec<Sample> {
    let xywh = |rect: &Rect| [rect.x1, rect.y1, rect.width(), rect.height()].map(f64::from);
    let sample = |image: &WiderImage| {
        let mut found: Vec<[f64; 5]> = detections[&image.name]
            .iter()
            .map(|(rect, score)| {
                let [x, y, width, height] = xywh(rect);
                [x, y, width, height, f64::from(*score)]
            })
            .collect();
        if sort {
            found.sort_by(|a, b| b[4].total_cmp(&a[4]));
        }
        let on = |face: &WiderFace| [face.subsets.easy, face.subsets.medium, face.subsets.hard][list];
        Sample {
            faces: image.faces.iter().map(|face| xywh(&face.rect)).collect(),
            keep: image.faces.iter().map(on).collect(),
            found,
        }
    };
    images.iter().map(sample).collect()
}

/// AP by the published algorithm, step by step and threshold by threshold, relying on order as it does.
pub(crate) fn as_published(samples: &[Sample]) -> f64 {
    let scores = || samples.iter().flat_map(|sample| sample.found.iter().map(|found| found[4]));
    let low = scores().fold(f64::INFINITY, f64::min);
    let range = scores().fold(f64::NEG_INFINITY, f64::max) - low;

    let mut curve = [[0.0; 2]; 1000];
    let mut count_face = 0.0;
    for sample in samples {
        count_face += sample.keep.iter().filter(|keep| **keep).count() as f64;
        if sample.faces.is_empty() || sample.found.is_empty() {
            continue;
        }
        let mut state = vec![0; sample.faces.len()];
        let mut proposal = vec![1; sample.found.len()];
        let mut recall = vec![0; sample.found.len()];
        for (h, found) in sample.found.iter().enumerate() {
            let overlaps: Vec<f64> = sample.faces.iter().map(|face| overlap(&found[..4], face)).collect();
            let most = overlaps.iter().copied().fold(0.0, f64::max);
            let nearest = overlaps.iter().position(|overlap| *overlap == most).unwrap();
            if most >= 0.5 {
                if !sample.keep[nearest] {
                    state[nearest] = -1;
                    proposal[h] = -1;
                } else if state[nearest] == 0 {
                    state[nearest] = 1;
                }
            }
            recall[h] = state.iter().filter(|state| **state == 1).count();
        }
        for (t, point) in curve.iter_mut().enumerate() {
            let threshold = 1.0 - (t + 1) as f64 / 1000.0;
            let normal = |score: f64| if range > 0.0 { (score - low) / range } else { 0.0 };
            let last = sample.found.iter().rposition(|found| normal(found[4]) >= threshold);
            if let Some(last) = last {
                point[0] += proposal[..=last].iter().filter(|proposal| **proposal == 1).count() as f64;
                point[1] += recall[last] as f64;
            }
        }
    }

    let mut mrec = vec![0.0];
    let mut mpre = vec![0.0];
    for [proposals, found] in curve {
        mrec.push(found / count_face);
        mpre.push(found / proposals);
    }
    mrec.push(1.0);
    mpre.push(0.0);
    for i in (1..mpre.len()).rev() {
        // Of NaN and a number, the number, as in MATLAB.
        mpre[i - 1] = f64::max(mpre[i - 1], mpre[i]);
    }
    let changes = (1..mrec.len()).filter(|i| mrec[*i] != mrec[i - 1]);
    changes.map(|i| (mrec[i] - mrec[i - 1]) * mpre[i]).sum()
}

fn overlap(a: &[f64], b: &[f64; 4]) -> f64 {
    let corners = |of: &[f64]| [of[0], of[1], of[0] + of[2], of[1] + of[3]];
    let (a, b) = (corners(a), corners(b));
    let area = |of: [f64; 4]| (of[2] - of[0] + 1.0) * (of[3] - of[1] + 1.0);
    let both = [f64::max(a[0], b[0]), f64::max(a[1], b[1]), f64::min(a[2], b[2]), f64::min(a[3], b[3])];
    if both[2] - both[0] + 1.0 <= 0.0 || both[3] - both[1] + 1.0 <= 0.0 {
        return 0.0;
    }
    area(both) / (area(a) + area(b) - area(both))
}

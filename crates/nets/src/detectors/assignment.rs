//! Which cells are to see which face: SimOTA.
//!
//! Ge et al., "YOLOX", arXiv:2107.08430, section 2.1, as YuNet uses it: a face is given to the cells that see
//! it best already, and to the more of them the better they see it.

use geometry::Rect;

/// A square of the image that may see a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Its left edge, in pixels.
    pub x: f32,
    /// Its upper edge, in pixels.
    pub y: f32,
    /// Its side, and the distance to the next one, in pixels.
    pub stride: f32,
}

/// The face that a cell is to see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assigned {
    /// Its number.
    pub face: usize,
    /// How well the box of the cell covers it now: intersection over union.
    pub overlap: f32,
}

/// Cells within so many strides of the center of a face may see it, however small it is.
const RADIUS: f32 = 2.5;
/// So many of the best boxes say how many cells see a face.
const CANDIDATES: usize = 10;
/// What the overlap counts, where the confidence counts 1.
const OVERLAP_WEIGHT: f32 = 3.0;
/// What a cell costs that is not both within the face and near its center.
const OUTSIDE: f32 = 1e5;

impl Cell {
    /// So many rows and columns of cells of one level, row by row.
    pub(super) fn grid(stride: usize, rows: usize, columns: usize) -> impl Iterator<Item = Self> {
        let at = move |line: usize| (line * stride) as f32;
        (0..rows).flat_map(move |row| {
            (0..columns).map(move |column| Self { x: at(column), y: at(row), stride: stride as f32 })
        })
    }

    /// Whether its center is within a box, and whether it is near the center of the box.
    fn sees(&self, face: &Rect) -> [bool; 2] {
        let [x, y] = [self.x, self.y].map(|edge| edge + 0.5 * self.stride);
        let center = face.center();
        let within = x > face.x1 && x < face.x2 && y > face.y1 && y < face.y2;
        let reach = RADIUS * self.stride;
        [within, (x - center.x).abs() < reach && (y - center.y).abs() < reach]
    }
}

/// What is known of a cell while faces are given out.
#[derive(Clone, Copy)]
struct Claim {
    /// How many faces want it.
    claims: usize,
    /// The last of them.
    last: Assigned,
    /// The face that it costs least, and how much.
    cheapest: Assigned,
    cost: f32,
}

/// Gives faces to cells: for each cell the face that it is to see, if any.
///
/// `confidences` is class times objectness of each cell, 0..1, and `boxes` what it says; both are as many as
/// the cells. Where two cells are equally good the first is taken, so the answer is a function of what is
/// given.
pub fn assign(cells: &[Cell], confidences: &[f32], boxes: &[Rect], faces: &[Rect]) -> Vec<Option<Assigned>> {
    let sees = |cell: &Cell, face: &Rect| cell.sees(face).contains(&true);
    let candidates: Vec<usize> =
        (0..cells.len()).filter(|&at| faces.iter().any(|face| sees(&cells[at], face))).collect();
    let none = Assigned { face: 0, overlap: 0.0 };
    let mut claims =
        vec![Claim { claims: 0, last: none, cheapest: none, cost: f32::INFINITY }; candidates.len()];
    for (face, bounds) in faces.iter().enumerate() {
        let overlaps: Vec<f32> = candidates.iter().map(|&at| boxes[at].iou(bounds)).collect();
        let costs: Vec<f32> = candidates
            .iter()
            .zip(&overlaps)
            .map(|(&at, overlap)| {
                let doubt = -0.5 * confidences[at].ln().max(-200.0);
                let outside = if cells[at].sees(bounds) == [true, true] { 0.0 } else { OUTSIDE };
                doubt - OVERLAP_WEIGHT * (overlap + 1e-7).ln() + outside
            })
            .collect();
        for (claim, (&cost, &overlap)) in claims.iter_mut().zip(costs.iter().zip(&overlaps)) {
            if cost < claim.cost {
                (claim.cost, claim.cheapest) = (cost, Assigned { face, overlap });
            }
        }
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]));
        for &at in &order[..wanted(&overlaps)] {
            claims[at].claims += 1;
            claims[at].last = Assigned { face, overlap: overlaps[at] };
        }
    }
    let mut assigned = vec![None; cells.len()];
    for (&at, claim) in candidates.iter().zip(&claims) {
        assigned[at] = match claim.claims {
            0 => None,
            1 => Some(claim.last),
            _ => Some(claim.cheapest),
        };
    }
    assigned
}

/// How many cells are to see a face: as many as the best overlaps add up to, and at least one, if there is
/// one.
fn wanted(overlaps: &[f32]) -> usize {
    let mut best = overlaps.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    best.truncate(CANDIDATES);
    (best.iter().sum::<f32>() as usize).max(1).min(overlaps.len())
}

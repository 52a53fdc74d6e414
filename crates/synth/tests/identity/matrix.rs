//! As much linear algebra as the probes need.

/// A matrix by rows.
pub(crate) type Rows = Vec<Vec<f64>>;

/// Solves `a x = b` for symmetric positive definite `a`, column by column of `b`, by elimination.
pub(crate) fn solve(mut a: Rows, mut b: Rows) -> Rows {
    let size = a.len();
    for pivot in 0..size {
        for row in pivot + 1..size {
            let factor = a[row][pivot] / a[pivot][pivot];
            if factor != 0.0 {
                let (above, below) = a.split_at_mut(row);
                subtract(&mut below[0], &above[pivot], factor);
                let (above, below) = b.split_at_mut(row);
                subtract(&mut below[0], &above[pivot], factor);
            }
        }
    }
    for pivot in (0..size).rev() {
        let (above, rest) = b.split_at_mut(pivot);
        rest[0].iter_mut().for_each(|value| *value /= a[pivot][pivot]);
        for (row, values) in above.iter_mut().enumerate() {
            subtract(values, &rest[0], a[row][pivot]);
        }
    }
    b
}

/// `count` directions, orthonormal, in which the rows (of mean 0) spread most, the first the most, by repeated
/// multiplication.
pub(crate) fn principal(rows: &Rows, count: usize) -> Rows {
    // Any directions to begin with that are not orthogonal to those looked for.
    let width = rows[0].len();
    let mut directions: Rows = (0..count)
        .map(|at| (0..width).map(|x| ((at * 37 + x * 11 + at * x) as f64).sin()).collect())
        .collect();
    for _ in 0..12 {
        for at in 0..count {
            let weights: Vec<f64> = rows.iter().map(|row| dot(row, &directions[at])).collect();
            let mut next = vec![0.0; width];
            for (row, weight) in rows.iter().zip(weights) {
                subtract(&mut next, row, -weight);
            }
            for other in &directions[..at] {
                let share = dot(&next, other);
                subtract(&mut next, other, share);
            }
            let length = dot(&next, &next).sqrt();
            next.iter_mut().for_each(|value| *value /= length);
            directions[at] = next;
        }
    }
    directions
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn subtract(from: &mut [f64], row: &[f64], factor: f64) {
    from.iter_mut().zip(row).for_each(|(value, other)| *value -= factor * other);
}

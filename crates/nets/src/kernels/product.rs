//! Products of matrices.

/// A matrix within a slice: the element at row `i` and column `j` is at `i * rows_apart + j * columns_apart`.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    rows_apart: usize,
    columns_apart: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix whose rows begin `apart` values from each other.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize, apart: usize) -> Self {
        Self { values, rows, columns, rows_apart: apart, columns_apart: 1 }
    }

    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            rows_apart: self.columns_apart,
            columns_apart: self.rows_apart,
            ..self
        }
    }

    fn fits(&self) -> bool {
        extent(self.rows, self.columns, self.rows_apart, self.columns_apart) <= self.values.len()
    }
}

/// How many values a matrix reaches over.
fn extent(rows: usize, columns: usize, rows_apart: usize, columns_apart: usize) -> usize {
    if rows == 0 || columns == 0 { 0 } else { (rows - 1) * rows_apart + (columns - 1) * columns_apart + 1 }
}

/// `out = a b`, or `out += a b`, on the thread that asks. The rows of `out` begin `apart` values from each other.
///
/// # Panics
/// If the matrices do not fit each other or their slices.
pub(super) fn product(out: &mut [f32], apart: usize, add: bool, a: Matrix<'_>, b: Matrix<'_>) {
    let (rows, columns, inner) = (a.rows, b.columns, a.columns);
    assert_eq!(inner, b.rows, "the matrices do not fit each other");
    assert!(a.fits() && b.fits() && columns <= apart && extent(rows, columns, apart, 1) <= out.len());
    // SAFETY: every index of the three matrices was seen to lie within its slice, `out` overlaps neither of the others, and
    // its rows do not overlap.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            apart as isize,
            add,
            a.values.as_ptr(),
            a.columns_apart as isize,
            a.rows_apart as isize,
            b.values.as_ptr(),
            b.columns_apart as isize,
            b.rows_apart as isize,
            f32::from(add),
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_definition() {
        let (rows, inner, columns) = (5, 7, 19);
        let a: Vec<f32> = (0..rows * inner).map(|i| (i % 11) as f32 - 4.0).collect();
        let b: Vec<f32> = (0..inner * columns).map(|i| (i % 13) as f32 - 6.0).collect();
        let wanted =
            |i: usize, j: usize| (0..inner).map(|k| a[i * inner + k] * b[k * columns + j]).sum::<f32>();
        let apart = columns + 3;
        let mut out = vec![1.0; rows * apart];
        let (left, right) = (Matrix::new(&a, rows, inner, inner), Matrix::new(&b, inner, columns, columns));
        product(&mut out, apart, true, left, right);
        product(&mut out, apart, true, left, right);
        let mut turned = vec![0.0; rows * columns];
        product(&mut turned, rows, false, right.transposed(), left.transposed());
        for i in 0..rows {
            for j in 0..columns {
                assert_eq!(out[i * apart + j], 1.0 + 2.0 * wanted(i, j));
                assert_eq!(turned[j * rows + i], wanted(i, j));
            }
            assert!(out[i * apart + columns..(i + 1) * apart].iter().all(|&untouched| untouched == 1.0));
        }
    }

    #[test]
    #[should_panic]
    fn a_matrix_that_does_not_fit_is_not_read() {
        let values = [0.0; 6];
        let matrix = Matrix::new(&values, 2, 3, 4);
        product(&mut [0.0; 4], 2, false, matrix, matrix.transposed());
    }
}

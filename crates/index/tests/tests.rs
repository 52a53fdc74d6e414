//! Searches against brute force in double precision, and against each other.

use half::f16;
use omote_index::{Codes, Error, Hit, Matrix, Precision, SearchOptions, View, knn_graph};
use proptest::prelude::*;

const PRECISIONS: [Precision; 3] = [Precision::F32, Precision::F16, Precision::Int8];

/// Reproducible vectors of roughly unit length (xorshift).
fn vectors(seed: u64, rows: usize, dim: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let scale = (3.0 / dim as f32).sqrt();
    (0..rows * dim).map(|_| scale * next()).collect()
}

fn threads(threads: usize) -> SearchOptions<'static> {
    SearchOptions { threads, mask: None }
}

/// The score of each stored row in double precision.
fn truth(matrix: &Matrix, query: &[f32]) -> Vec<f64> {
    let score = |row: Vec<f32>| row.iter().zip(query).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    (0..matrix.rows()).map(|row| score(matrix.row(row).expect("a row"))).collect()
}

/// Checks that `hits` are the best `k` of the rows that `allowed` lets in, best first, up to rounding.
fn check(hits: &[Hit], truth: &[f64], k: usize, allowed: impl Fn(usize) -> bool) {
    const ROUNDING: f64 = 1e-5;
    let mut order: Vec<usize> = (0..truth.len()).filter(|&row| allowed(row)).collect();
    order.sort_by(|&a, &b| truth[b].total_cmp(&truth[a]).then(a.cmp(&b)));
    order.truncate(k);
    assert_eq!(hits.len(), order.len());
    for (hit, row) in hits.iter().zip(order) {
        assert!(allowed(hit.row));
        assert!((f64::from(hit.score) - truth[hit.row]).abs() < ROUNDING, "the score of row {}", hit.row);
        assert!((truth[hit.row] - truth[row]).abs() < ROUNDING, "row {} in place of {row}", hit.row);
    }
    let ordered = |pair: &[Hit]| {
        pair[0].score > pair[1].score || pair[0].score == pair[1].score && pair[0].row < pair[1].row
    };
    assert!(hits.windows(2).all(ordered));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn search_is_brute_force(
        seed: u64, rows in 0_usize..400, dim in 1_usize..80, queries in 1_usize..12, k in 0_usize..20, workers in 1_usize..4,
    ) {
        let (values, queries) = (vectors(seed, rows, dim), vectors(!seed, queries, dim));
        for precision in PRECISIONS {
            let matrix = Matrix::from_f32(dim, &values, precision).unwrap();
            let found = matrix.search(&queries, k, &threads(workers)).unwrap();
            prop_assert_eq!(found.len(), queries.len() / dim);
            for (query, hits) in queries.chunks(dim).zip(&found) {
                check(hits, &truth(&matrix, query), k, |_| true);
                let alone = matrix.search(query, k, &threads(1)).unwrap();
                prop_assert_eq!(&alone[0], hits, "a query alone finds what it finds in a batch");
            }
        }
    }

    #[test]
    fn codes_change_nothing(
        seed: u64, rows in 1_usize..600, dim in 1_usize..70, k in 1_usize..12, exponent in -80_i32..60, copies in 1_usize..4,
    ) {
        // Vectors of any length, some of them many times over, around a common direction as faces are.
        let mut values = vectors(seed, rows, dim);
        let size = 2.0_f32.powi(exponent);
        values.iter_mut().enumerate().for_each(|(at, value)| *value = size * (*value + (at % dim % 3) as f32 / 9.0));
        let values = values.repeat(copies);
        let queries = vectors(!seed, 5, dim);
        let view = View::f32(dim, &values).unwrap();
        let codes = Codes::of(&view, 2).unwrap();
        let coded = view.with_codes(&codes).unwrap();
        prop_assert_eq!(coded.search(&queries, k, &threads(2)).unwrap(), view.search(&queries, k, &threads(1)).unwrap());
        prop_assert_eq!(coded.knn_graph(k, 2), view.knn_graph(k, 1));
    }

    #[test]
    fn masked_rows_are_not_there(seed: u64, rows in 1_usize..300, dim in 1_usize..40, k in 1_usize..9) {
        let (values, queries) = (vectors(seed, rows, dim), vectors(!seed, 3, dim));
        let mask: Vec<bool> = vectors(seed ^ 1, rows, 1).iter().map(|&value| value > 0.0).collect();
        for precision in PRECISIONS {
            let matrix = Matrix::from_f32(dim, &values, precision).unwrap();
            let found = matrix.search(&queries, k, &SearchOptions { threads: 2, mask: Some(&mask) }).unwrap();
            for (query, hits) in queries.chunks(dim).zip(&found) {
                check(hits, &truth(&matrix, query), k, |row| mask[row]);
            }
        }
    }

    #[test]
    fn the_graph_is_brute_force(seed: u64, rows in 0_usize..150, dim in 1_usize..40, k in 0_usize..9) {
        for precision in PRECISIONS {
            let matrix = Matrix::from_f32(dim, &vectors(seed, rows, dim), precision).unwrap();
            let graph = knn_graph(&matrix.view(), k, 2);
            prop_assert_eq!((graph.nodes(), graph.k(), graph.iter().len()), (rows, k, rows));
            for node in 0..rows {
                let query = matrix.row(node).unwrap();
                check(graph.neighbours(node), &truth(&matrix, &query), k, |row| row != node);
            }
        }
    }

    #[test]
    fn edited_rows_are_as_if_built_so(seed: u64, rows in 1_usize..40, dim in 1_usize..40, at in 0_usize..40) {
        let (first, row) = (vectors(seed, rows, dim), vectors(!seed, 1, dim));
        let at = at % rows;
        for precision in PRECISIONS {
            let mut values = first.clone();
            let mut edited = Matrix::from_f32(dim, &values, precision).unwrap();
            edited.set(at, &row).unwrap();
            edited.clear(rows - 1).unwrap();
            prop_assert_eq!(edited.push(&row), Ok(rows));
            values[at * dim..(at + 1) * dim].copy_from_slice(&row);
            values[(rows - 1) * dim..].fill(0.0);
            values.extend(&row);
            let built = Matrix::from_f32(dim, &values, precision).unwrap();
            prop_assert_eq!(edited.search(&row, 50, &threads(1)), built.search(&row, 50, &threads(1)));
        }
    }
}

#[test]
fn many_panels_and_spans_agree_with_single_queries() {
    // Large enough for several units of work in both directions.
    let (rows, dim, count) = (5000, 24, 700);
    let (values, queries) = (vectors(1, rows, dim), vectors(2, count, dim));
    for precision in PRECISIONS {
        let matrix = Matrix::from_f32(dim, &values, precision).unwrap();
        let batch = matrix.search(&queries, 7, &threads(3)).unwrap();
        for (at, query) in queries.chunks(dim).enumerate().step_by(50) {
            assert_eq!(matrix.search(query, 7, &threads(1)).unwrap()[0], batch[at]);
        }
        let graph = matrix.knn_graph(3, 3);
        for node in (0..rows).step_by(500) {
            check(graph.neighbours(node), &truth(&matrix, &matrix.row(node).unwrap()), 3, |row| row != node);
        }
    }
}

#[test]
fn equal_rows_come_in_order_and_all_rows_can_be_had() {
    for precision in PRECISIONS {
        let matrix = Matrix::from_f32(3, &[0.5, 0.0, 0.5].repeat(5000), precision).unwrap();
        let hits = matrix.search(&[1.0, 0.0, 0.0], 3, &threads(2)).unwrap().remove(0);
        assert_eq!(hits, [0, 1, 2].map(|row| Hit { row, score: 0.5 }));
        let all = matrix.search(&[1.0, 0.0, 0.0], usize::MAX, &threads(2)).unwrap().remove(0);
        assert!(all.iter().map(|hit| hit.row).eq(0..5000));
    }
}

#[test]
fn nothing_to_find_is_an_answer() {
    for precision in PRECISIONS {
        let empty = Matrix::new(4, precision).unwrap();
        assert!(empty.is_empty() && empty.row(0).is_none() && empty.precision() == precision);
        assert_eq!(empty.search(&[0.0; 8], 5, &threads(2)).unwrap(), [vec![], vec![]]);
        assert_eq!(empty.knn_graph(5, 2).nodes(), 0);
        let one = Matrix::from_f32(1, &[1.0], precision).unwrap();
        assert_eq!(one.search(&[], 5, &threads(0)).unwrap(), [[]; 0]);
        assert_eq!(one.search(&[2.0], 0, &threads(0)).unwrap(), [[]]);
        assert_eq!(one.knn_graph(5, 0).neighbours(0), []);
        let options = SearchOptions { threads: 1, mask: Some(&[false]) };
        assert_eq!(one.search(&[2.0], 1, &options).unwrap(), [[]]);
    }
}

#[test]
fn rows_that_are_not_finite_are_never_found() {
    let (rows, dim) = (40, 20);
    let mut values = vectors(3, rows, dim);
    let query = vectors(4, 1, dim);
    for (row, value) in [(3, f32::NAN), (17, f32::INFINITY), (39, f32::NEG_INFINITY)] {
        values[row * dim + row % dim] = value;
    }
    let halves: Vec<f16> = values.iter().map(|&value| f16::from_f32(value)).collect();
    for view in [View::f32(dim, &values).unwrap(), View::f16(dim, &halves).unwrap()] {
        let codes = Codes::of(&view, 3).unwrap();
        for view in [view, view.with_codes(&codes).unwrap()] {
            for queries in [1, 5] {
                let hits = view.search(&query.repeat(queries), rows, &threads(1)).unwrap().remove(0);
                assert_eq!(hits.len(), rows - 3);
                assert!(hits.iter().all(|hit| ![3, 17, 39].contains(&hit.row) && hit.score.is_finite()));
            }
            let graph = view.knn_graph(rows, 1);
            assert_eq!(graph.neighbours(17), []);
            assert_eq!(graph.neighbours(0).len(), rows - 4);
        }
    }
}

#[test]
fn extreme_values_do_not_mislead_the_bounds() {
    let values = [3e38, 0.0, 1e-45, 1e-45, -3e38, 3e38, 1e-38, 0.0, 0.0, 0.0, 1e20, -1e20, 1.0, 1.0];
    let view = View::f32(2, &values).unwrap();
    let codes = Codes::of(&view, 1).unwrap();
    for query in
        [[1.0, 1.0], [1e-38, 0.0], [1e-45, 1e-45], [3e38, -3e38], [0.0, 0.0], [1e17, -1e17], [1e19, 1e19]]
    {
        let plain = view.search(&query, 7, &threads(1)).unwrap();
        for k in 1..=7 {
            let coded = view.with_codes(&codes).unwrap().search(&query, k, &threads(1)).unwrap();
            assert_eq!(coded[0], plain[0][..k.min(plain[0].len())], "{query:?}");
        }
    }
}

#[test]
fn bytes_are_read_in_place() {
    let stored = [1.0, 0.0, 0.0, 2.0].map(|value| f16::from_f32(value).to_le_bytes()).concat();
    // A memory map is aligned; an array of bytes need not be.
    let mut memory = [0; 10];
    let start = memory.as_ptr().align_offset(2);
    memory[start..start + 8].copy_from_slice(&stored);
    let view = View::f16_bytes(2, &memory[start..start + 8]).unwrap();
    assert_eq!(view.search(&[0.0, 1.0], 1, &threads(1)).unwrap(), [[Hit { row: 1, score: 2.0 }]]);
    assert_eq!(View::f16_bytes(2, &memory[start + 1..start + 9]).unwrap_err(), Error::Bytes);
    assert_eq!(View::f16_bytes(2, &memory[start..start + 7]).unwrap_err(), Error::Bytes);
}

#[test]
fn wrong_input_is_refused_and_changes_nothing() {
    assert_eq!(Matrix::new(0, Precision::F32).unwrap_err(), Error::ZeroDimension);
    assert_eq!(View::f32(0, &[]).unwrap_err(), Error::ZeroDimension);
    assert!(Matrix::new(65537, Precision::Int8).is_err() && Matrix::new(65537, Precision::F16).is_ok());
    assert!(matches!(View::f16_bits(3, &[0; 4]), Err(Error::PartialVector { values: 4, dim: 3, .. })));
    for precision in PRECISIONS {
        let mut matrix = Matrix::from_f32(2, &[1.0, 2.0], precision).unwrap();
        assert_eq!(matrix.push(&[1.0]), Err(Error::RowLength { values: 1, dim: 2 }));
        assert!(matches!(matrix.push(&[1.0, f32::NAN]), Err(Error::Value { row: 1, column: 1, .. })));
        assert!(matches!(matrix.set(0, &[f32::INFINITY, 0.0]), Err(Error::Value { row: 0, column: 0, .. })));
        assert_eq!(matrix.push(&[65520.0, 0.0]).is_ok(), precision == Precision::F32);
        assert_eq!(matrix.set(9, &[0.0, 0.0]), Err(Error::NoSuchRow { row: 9, rows: matrix.rows() }));
        assert_eq!(matrix.row(0).unwrap(), [1.0, 2.0]);
        assert!(matches!(matrix.search(&[1.0; 3], 1, &threads(1)), Err(Error::PartialVector { .. })));
        let query = [1.0, 1.0, 1.0, f32::NAN];
        assert!(matches!(matrix.search(&query, 1, &threads(1)), Err(Error::Value { row: 1, column: 1, .. })));
        let options = SearchOptions { threads: 1, mask: Some(&[true; 5]) };
        assert_eq!(
            matrix.search(&[1.0, 1.0], 1, &options),
            Err(Error::MaskLength { mask: 5, rows: matrix.rows() })
        );
    }
    let (two, three) = (View::f32(1, &[1.0, 2.0]).unwrap(), View::f32(1, &[1.0; 3]).unwrap());
    assert!(matches!(
        three.with_codes(&Codes::of(&two, 1).unwrap()),
        Err(Error::CodesShape { codes_rows: 2, rows: 3, .. })
    ));
}

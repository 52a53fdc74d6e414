//! k-reciprocal re-ranking: neighbours that also have each other as neighbours count (Zhong et al., CVPR 2017).

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;

/// A number that a re-ranking computes with.
pub trait Real: Copy + Into<f64> + private::Sealed {
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

/// Settings of the re-ranking of a closed-set search with several photos per person.
///
/// **Not for 1:1 comparison and not for open-set thresholds**: a distance depends on the whole gallery and on the
/// other queries, so that the same two faces get another one tomorrow. It needs several photos per person; those
/// among the other queries count too, so that a batch of queries does better than the same queries one at a time.
///
/// Steps, on the union of queries and gallery:
/// 1. `d(i, j)` is the squared Euclidean distance divided by the largest of row `i`. `N(i, k)` is `i` and its `k`
///    nearest others, `R(i, k)` those `g` of it with `i` in `N(g, k)`.
/// 2. `R*(i)` is `R(i, k1)` and every `R(q, h)` of a `q` in it with more than two thirds of its members in
///    `R(i, k1)`; `h` is `k1 / 2` rounded half to even. (The paper says "at least two thirds", its code "more
///    than".)
/// 3. `V_i[g] = exp(-d(i, g))` for `g` in `R*(i)`, divided by their sum; then replaced by the mean over
///    the `k2` nearest of `i`, itself included.
/// 4. The new distance is `(1 - lambda) J + lambda d`, with the Jaccard distance `J = 1 - S / (2 - S)`,
///    `S = sum_j min(V_p[j], V_g[j])`.
///
/// Equal distances are ordered by number, the point itself first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReRanking {
    /// Neighbours that may be reciprocal; at least 1. For faces about the number of photos per person, queries
    /// included.
    pub k1: usize,
    /// Neighbours that are averaged, the face itself included; at least 1.
    pub k2: usize,
    /// Share of the original distance, 0..=1.
    pub lambda: f64,
}

impl Default for ReRanking {
    /// The paper's: 20, 6 and 0.3.
    fn default() -> Self {
        Self { k1: 20, k2: 6, lambda: 0.3 }
    }
}

/// Queries and a gallery, encoded. It keeps the vectors and one sparse row for each; distances are made when asked
/// for, a query at a time, so that no matrix of all pairs ever exists.
#[derive(Clone, Debug)]
pub struct ReRanked<'a, T> {
    points: Vec<&'a [T]>,
    queries: usize,
    lambda: f64,
    /// Of each query, its largest squared distance.
    largest: Vec<f64>,
    /// Of each query, `V` as (column, weight).
    encoded: Vec<Vec<(usize, T)>>,
    /// `V` of the gallery by column: (place in the gallery, weight).
    columns: BTreeMap<usize, Vec<(usize, T)>>,
}

impl ReRanking {
    /// Encodes queries and gallery: vectors of one length, unit or not. Time grows with the square of their number.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting out of its range, [`Error::Training`] for no queries, no gallery, lengths
    /// that differ or values that are not finite.
    pub fn encode<'a, T: Real>(
        &self,
        queries: &[&'a [T]],
        gallery: &[&'a [T]],
    ) -> Result<ReRanked<'a, T>, Error> {
        self.check()?;
        let points: Vec<&[T]> = queries.iter().chain(gallery).copied().collect();
        check_points(&points, queries.len(), gallery.len())?;

        let kept = self.k1.max(self.k2.saturating_sub(1)).min(points.len() - 1);
        let (near, largest): (Vec<Vec<usize>>, Vec<f64>) =
            (0..points.len()).map(|at| neighbours(&points, at, kept)).unzip();
        let weights: Vec<Vec<(usize, T)>> = (0..points.len())
            .map(|at| {
                let members = expanded(&near, at, self.k1);
                let raw: Vec<(usize, f64)> = members
                    .into_iter()
                    .map(|member| {
                        let distance = share(square_distance(points[at], points[member]), largest[at]);
                        (member, (-distance).exp())
                    })
                    .collect();
                let sum: f64 = raw.iter().map(|(_, weight)| weight).sum();
                raw.into_iter().map(|(member, weight)| (member, T::from_f64(weight / sum))).collect()
            })
            .collect();
        let averaged = |at: usize| {
            let mut sums = BTreeMap::new();
            let members = &near[at][..self.k2.min(near[at].len())];
            for &(column, weight) in members.iter().flat_map(|&member| &weights[member]) {
                *sums.entry(column).or_insert(0.0) += weight.into() / members.len() as f64;
            }
            sums.into_iter().map(|(column, weight)| (column, T::from_f64(weight))).collect::<Vec<_>>()
        };
        let encoded = (0..queries.len()).map(averaged).collect();
        let mut columns: BTreeMap<usize, Vec<(usize, T)>> = BTreeMap::new();
        for at in 0..gallery.len() {
            for (column, weight) in averaged(queries.len() + at) {
                columns.entry(column).or_default().push((at, weight));
            }
        }
        let mut largest = largest;
        largest.truncate(queries.len());
        Ok(ReRanked { points, queries: queries.len(), lambda: self.lambda, largest, encoded, columns })
    }

    fn check(&self) -> Result<(), Error> {
        for (name, value) in [("k1", self.k1), ("k2", self.k2)] {
            if value == 0 {
                return Err(Error::Setting { name, value: 0.0, allowed: "at least 1" });
            }
        }
        crate::linear::check_share("lambda", self.lambda)
    }
}

impl<T: Real> ReRanked<'_, T> {
    /// How many queries there are.
    pub fn queries(&self) -> usize {
        self.queries
    }

    /// Distances of a query to every gallery vector, 0 to about 1; smaller is more alike.
    ///
    /// # Panics
    /// If there is no such query.
    pub fn distances(&self, query: usize) -> Vec<T> {
        let gallery = &self.points[self.queries..];
        let mut shared = vec![0.0f64; gallery.len()];
        for (column, mine) in &self.encoded[query] {
            for &(at, theirs) in self.columns.get(column).into_iter().flatten() {
                shared[at] += (*mine).into().min(theirs.into());
            }
        }
        gallery
            .iter()
            .zip(shared)
            .map(|(vector, shared)| {
                let jaccard = 1.0 - shared / (2.0 - shared);
                let original = share(square_distance(self.points[query], vector), self.largest[query]);
                T::from_f64((1.0 - self.lambda) * jaccard + self.lambda * original)
            })
            .collect()
    }

    /// Places in the gallery, most alike first, equal ones by number.
    ///
    /// # Panics
    /// If there is no such query.
    pub fn ranking(&self, query: usize) -> Vec<usize> {
        let distances: Vec<f64> = self.distances(query).into_iter().map(Into::into).collect();
        let mut order: Vec<usize> = (0..distances.len()).collect();
        order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
        order
    }
}

fn check_points<T: Real>(points: &[&[T]], queries: usize, gallery: usize) -> Result<(), Error> {
    if queries == 0 || gallery == 0 {
        return Err(Error::Training(format!(
            "there are {queries} queries and {gallery} gallery faces: both are needed"
        )));
    }
    for (at, point) in points.iter().enumerate() {
        let (kind, place) = if at < queries { ("query", at) } else { ("gallery face", at - queries) };
        if point.is_empty() || point.len() != points[0].len() {
            return Err(Error::Training(format!(
                "{kind} {place} has {} values instead of {}",
                point.len(),
                points[0].len()
            )));
        }
        // A finite sum of squares also bounds every distance.
        if !square_length(point).is_finite() {
            return Err(Error::Training(format!("{kind} {place} has a value that is not finite")));
        }
    }
    Ok(())
}

fn square_length<T: Real>(point: &[T]) -> f64 {
    point.iter().map(|&value| value.into().powi(2) * 4.0).sum()
}

fn square_distance<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| (a.into() - b.into()).powi(2)).sum()
}

/// Of the largest; 0 where all points are one.
fn share(distance: f64, largest: f64) -> f64 {
    if largest > 0.0 { distance / largest } else { 0.0 }
}

/// The point, its `kept` nearest others, and its largest squared distance.
fn neighbours<T: Real>(points: &[&[T]], at: usize, kept: usize) -> (Vec<usize>, f64) {
    let mut others: Vec<(f64, usize)> = (0..points.len())
        .filter(|&other| other != at)
        .map(|other| (square_distance(points[at], points[other]), other))
        .collect();
    let largest = others.iter().map(|other| other.0).fold(0.0, f64::max);
    let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    if kept < others.len() {
        others.select_nth_unstable_by(kept, order);
        others.truncate(kept);
    }
    others.sort_unstable_by(order);
    (std::iter::once(at).chain(others.into_iter().map(|other| other.1)).collect(), largest)
}

/// `R(i, k)`.
fn reciprocal(near: &[Vec<usize>], at: usize, k: usize) -> Vec<usize> {
    let nearest = |point: usize| &near[point][..k.saturating_add(1).min(near[point].len())];
    nearest(at).iter().copied().filter(|&other| nearest(other).contains(&at)).collect()
}

/// `R*(i)`, in order.
fn expanded(near: &[Vec<usize>], at: usize, k1: usize) -> BTreeSet<usize> {
    let core: BTreeSet<usize> = reciprocal(near, at, k1).into_iter().collect();
    let mut all = core.clone();
    for &candidate in &core {
        let theirs = reciprocal(near, candidate, half_to_even(k1));
        let common = theirs.iter().filter(|member| core.contains(member)).count();
        if 3 * common > 2 * theirs.len() {
            all.extend(theirs);
        }
    }
    all
}

/// `k / 2`, halves to the even neighbour, as `numpy.around` rounds.
fn half_to_even(k: usize) -> usize {
    k / 2 + usize::from(k % 4 == 3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simulation::{Simulation, normal};

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let found: Vec<usize> = (1..=9).map(half_to_even).collect();
        assert_eq!(found, [0, 1, 2, 2, 2, 3, 4, 4, 4]);
    }

    #[test]
    fn golden_toy() {
        fn check<T: Real>(points: &[[T; 2]], tolerance: f64) {
            let points: Vec<&[T]> = points.iter().map(|point| point.as_slice()).collect();
            let distances = |lambda| {
                let settings = ReRanking { k1: 3, k2: 2, lambda };
                let ranked = settings.encode(&points[..1], &points[1..]).unwrap();
                assert_eq!(ranked.queries(), 1);
                ranked.distances(0).into_iter().map(Into::into).collect::<Vec<f64>>()
            };
            let close = |found: Vec<f64>, wanted: [f64; 5]| {
                let close =
                    found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < tolerance);
                assert!(close, "{found:?}");
            };
            close(distances(1.0), [0.03044, 0.04384, 0.06971, 0.97412, 1.0]);
            close(distances(0.0), [0.03751, 0.03608, 0.03751, 1.0, 1.0]);
            close(distances(0.3), [0.03539, 0.03840, 0.04717, 0.99224, 1.0]);
        }
        check(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.2], [1.5, 0.2], [4.0, 4.0], [4.2, 3.9]], 6e-6);
        check(&[[0.0f32, 0.0], [1.0, 0.0], [0.0, 1.2], [1.5, 0.2], [4.0, 4.0], [4.2, 3.9]], 6e-6);
    }

    /// The reference code, line by line, on full matrices.
    fn brute(queries: usize, points: &[Vec<f64>], settings: &ReRanking) -> Vec<Vec<f64>> {
        let n = points.len();
        let mut d = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..n {
                d[i][j] = points[i].iter().zip(&points[j]).map(|(a, b)| (a - b) * (a - b)).sum();
            }
            let largest = d[i].iter().cloned().fold(0.0, f64::max);
            d[i].iter_mut().for_each(|x| *x /= largest);
        }
        let rank: Vec<Vec<usize>> = (0..n)
            .map(|i| {
                let mut order: Vec<usize> = (0..n).collect();
                order.sort_by(|&a, &b| d[i][a].partial_cmp(&d[i][b]).unwrap());
                order
            })
            .collect();
        let cut = |i: usize, end: usize| rank[i][..end.min(n)].to_vec();
        let reciprocal = |i: usize, k: usize| -> Vec<usize> {
            cut(i, k + 1).into_iter().filter(|&g| cut(g, k + 1).contains(&i)).collect()
        };
        let half = (settings.k1 as f64 / 2.0).round_ties_even() as usize;
        let mut v = vec![vec![0.0; n]; n];
        for i in 0..n {
            let core = reciprocal(i, settings.k1);
            let mut all = core.clone();
            for &q in &core {
                let theirs = reciprocal(q, half);
                let common = theirs.iter().filter(|g| core.contains(g)).count() as f64;
                if common > 2.0 / 3.0 * theirs.len() as f64 {
                    all.extend(theirs);
                }
            }
            for &g in &all {
                v[i][g] = (-d[i][g]).exp();
            }
            let sum: f64 = v[i].iter().sum();
            v[i].iter_mut().for_each(|x| *x /= sum);
        }
        let averaged: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let near = cut(i, settings.k2);
                (0..n).map(|j| near.iter().map(|&g| v[g][j]).sum::<f64>() / near.len() as f64).collect()
            })
            .collect();
        let jaccard = |p: usize, g: usize| {
            let pairs = || averaged[p].iter().zip(&averaged[g]);
            1.0 - pairs().map(|(a, b)| a.min(*b)).sum::<f64>() / pairs().map(|(a, b)| a.max(*b)).sum::<f64>()
        };
        let mix = |p: usize, g: usize| (1.0 - settings.lambda) * jaccard(p, g) + settings.lambda * d[p][g];
        (0..queries).map(|p| (queries..n).map(|g| mix(p, g)).collect()).collect()
    }

    proptest! {
        #[test]
        fn agrees_with_the_reference(
            (points, queries) in (2usize..25, 1usize..6),
            (k1, k2, lambda) in (1usize..12, 1usize..8, 0.0f64..=1.0),
            seed in 0u64..1000,
        ) {
            let queries = queries.min(points - 1);
            let mut random = fastrand::Rng::with_seed(seed);
            let points: Vec<Vec<f64>> =
                (0..points).map(|_| (0..3).map(|_| normal(&mut random)).collect()).collect();
            let settings = ReRanking { k1, k2, lambda };
            let views: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
            let ranked = settings.encode(&views[..queries], &views[queries..]).unwrap();
            for (query, wanted) in brute(queries, &points, &settings).into_iter().enumerate() {
                for (found, wanted) in ranked.distances(query).into_iter().zip(wanted) {
                    prop_assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
                }
            }
        }
    }

    fn first_hits(photos: usize, settings: ReRanking) -> (f64, f64) {
        let world =
            Simulation { people: 40, photos: photos + 1, dimension: 12, noise: 1.1, ..Simulation::default() };
        let (mut hits, mut plain_hits, mut searches) = (0.0, 0.0, 0.0);
        for seed in 0..3 {
            let (faces, identities) = world.faces(seed);
            let is_query = |at: &usize| at.is_multiple_of(photos + 1);
            let (queries, gallery): (Vec<usize>, Vec<usize>) = (0..faces.len()).partition(is_query);
            let views = |list: &[usize]| list.iter().map(|&at| faces[at].as_slice()).collect::<Vec<&[f32]>>();
            let rank = |settings: ReRanking| {
                let ranked = settings.encode(&views(&queries), &views(&gallery)).unwrap();
                let hit = |query: usize| {
                    identities[gallery[ranked.ranking(query)[0]]] == identities[queries[query]]
                };
                (0..queries.len()).filter(|&query| hit(query)).count() as f64
            };
            hits += rank(settings);
            plain_hits += rank(ReRanking { lambda: 1.0, ..settings });
            searches += queries.len() as f64;
        }
        (plain_hits / searches, hits / searches)
    }

    #[test]
    fn helps_with_several_photos_per_person_only() {
        let (plain, better) = first_hits(8, ReRanking { k1: 8, k2: 4, lambda: 0.3 });
        assert!(better > plain + 0.01, "{plain} to {better}");
        let (plain, same) = first_hits(1, ReRanking { k1: 1, k2: 1, lambda: 0.3 });
        assert_eq!(plain, same);
    }

    #[test]
    fn bad_input_is_refused_and_equal_points_are_not() {
        let settings = ReRanking::default();
        let (a, b): (&[f64], &[f64]) = (&[1.0, 0.0], &[0.0, 1.0]);
        for bad in [
            ReRanking { k1: 0, ..settings },
            ReRanking { k2: 0, ..settings },
            ReRanking { lambda: 1.1, ..settings },
        ] {
            assert!(matches!(bad.encode(&[a], &[b]), Err(Error::Setting { .. })));
        }
        let refused = |queries: &[&[f64]], gallery: &[&[f64]]| {
            matches!(settings.encode(queries, gallery), Err(Error::Training(_)))
        };
        assert!(
            refused(&[], &[a]) && refused(&[a], &[]) && refused(&[a], &[&[1.0]]) && refused(&[&[]], &[&[]])
        );
        assert!(refused(&[a], &[&[f64::NAN, 0.0]]) && refused(&[a], &[&[1e200, 0.0]]));
        let huge = ReRanking { k1: usize::MAX, k2: usize::MAX, lambda: 0.3 };
        assert_eq!(huge.encode(&[a], &[a, a]).unwrap().distances(0), [0.0, 0.0]);
    }
}

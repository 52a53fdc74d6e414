//! Do the faces of a class lie closer to each other than any face of another class does?

use crate::Error;

/// The widest angle within a class, and the narrowest to another.
///
/// SphereFace (Liu et al. 2017, section 3) asks of features that any two of one class lie closer together than any two of
/// different classes: *property 2*. For a class that is [`holds`](Self::holds).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Separation {
    /// The largest angle between two faces of the class, degrees in 0..=180.
    pub within: f64,
    /// The smallest angle between a face of the class and one of another, degrees in 0..=180.
    pub between: f64,
}

impl Separation {
    /// Whether the class keeps together and apart.
    pub fn holds(&self) -> bool {
        self.within < self.between
    }
}

/// The separation of each class that has two faces or more, in the order of the classes.
///
/// `directions[i]` is a vector of length 1, `classes[i]` its class. O(n^2 d).
///
/// ```
/// use omote_evaluation::separations;
///
/// let at = |degrees: f32| { let (y, x) = degrees.to_radians().sin_cos(); [x, y] };
/// let faces = [0.0, 10.0, 15.0, 40.0].map(at);
/// let found = separations(&faces.each_ref().map(|face| &face[..]), &[0, 0, 1, 1])?;
/// assert!((found[0].within - 10.0).abs() < 1e-3 && (found[0].between - 5.0).abs() < 1e-3);
/// assert!(found.iter().all(|class| !class.holds()));
/// # Ok::<(), omote_evaluation::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] if the lists differ in length, or two vectors do.
pub fn separations(directions: &[&[f32]], classes: &[u32]) -> Result<Vec<Separation>, Error> {
    let same = |what, expected: usize, got: usize| {
        if expected == got { Ok(()) } else { Err(Error::Length { what, expected, got }) }
    };
    same("classes", directions.len(), classes.len())?;
    let dimension = directions.first().map_or(0, |first| first.len());
    directions.iter().try_for_each(|one| same("values of a vector", dimension, one.len()))?;
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by_key(|&at| classes[at]);
    let groups: Vec<&[usize]> = order.chunk_by(|&a, &b| classes[a] == classes[b]).collect();
    let cosine =
        |a: usize, b: usize| directions[a].iter().zip(directions[b]).map(|(x, y)| x * y).sum::<f32>();
    let mut nearest = vec![f32::NEG_INFINITY; groups.len()];
    let mut furthest = vec![f32::INFINITY; groups.len()];
    for (one, group) in groups.iter().enumerate() {
        for (at, &a) in group.iter().enumerate() {
            for &b in &group[at + 1..] {
                furthest[one] = furthest[one].min(cosine(a, b));
            }
            for (other, others) in groups.iter().enumerate().skip(one + 1) {
                let most = others.iter().map(|&b| cosine(a, b)).fold(f32::NEG_INFINITY, f32::max);
                nearest[one] = nearest[one].max(most);
                nearest[other] = nearest[other].max(most);
            }
        }
    }
    let angle = |cosine: f32| f64::from(cosine.clamp(-1.0, 1.0)).acos().to_degrees();
    let pairs = furthest.into_iter().zip(nearest).zip(&groups).filter(|(_, group)| group.len() > 1);
    Ok(pairs.map(|((far, near), _)| Separation { within: angle(far), between: angle(near) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(degrees: f32) -> [f32; 2] {
        let (y, x) = degrees.to_radians().sin_cos();
        [x, y]
    }

    #[test]
    fn classes_that_keep_apart_are_told_from_those_that_do_not() {
        // Class 3 is narrow and far away, class 7 is wide, class 9 has one face alone.
        let faces = [90.0, 94.0, 0.0, 40.0, 100.0].map(at);
        let found = separations(&faces.each_ref().map(|face| &face[..]), &[3, 3, 7, 7, 9]).unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        assert!(near(found[0].within, 4.0) && near(found[0].between, 6.0) && found[0].holds());
        assert!(near(found[1].within, 40.0) && near(found[1].between, 50.0) && found[1].holds());
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn one_class_alone_is_near_nobody() {
        let faces = [at(0.0), at(170.0)];
        let found = separations(&faces.each_ref().map(|face| &face[..]), &[1, 1]).unwrap();
        assert!(found[0].holds() && found[0].between == 180.0);
        assert_eq!(separations(&[], &[]).unwrap(), []);
    }

    #[test]
    fn lists_must_fit() {
        let (two, three) = ([1.0, 0.0], [1.0, 0.0, 0.0]);
        assert!(matches!(separations(&[&two], &[]), Err(Error::Length { what: "classes", .. })));
        assert!(separations(&[&two, &three], &[1, 2]).is_err());
    }
}

//! The same people with more and with fewer photos: nobody knows how many photos of whom a user has.

use fastrand::Rng;

use super::faces::Faces;

/// How many photos are kept of each person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mix {
    /// All of them.
    AsItIs,
    /// Half of them.
    Half,
    /// Five at most.
    Five,
    /// All of every other person, one of the others.
    Singles,
    /// Many of a few and few of many: of the person of rank `r`, counted from 0, `1 / (1 + r / 10)` of the most.
    Skewed,
}

impl Mix {
    const ALL: [Mix; 5] = [Mix::AsItIs, Mix::Half, Mix::Five, Mix::Singles, Mix::Skewed];

    fn kept(self, own: usize, rank: usize, most: usize) -> usize {
        match self {
            Mix::AsItIs => own,
            Mix::Half => own.div_ceil(2),
            Mix::Five => own.min(5),
            Mix::Singles => [own, 1][rank % 2],
            Mix::Skewed => own.min((most * 10).div_ceil(10 + rank)),
        }
    }
}

/// Faces as they are, and parts of them.
pub struct Mixes(Vec<Faces>);

impl Mixes {
    /// All mixes, drawn from `seed`. Every person is in every mix. With strangers there is one more: the faces as they
    /// are, among people who are seen once.
    pub fn of(faces: &Faces, strangers: Option<&Faces>, seed: u64) -> Mixes {
        let mut random = Rng::with_seed(seed);
        let mix = |mix: Mix| {
            let mut people = faces.photos();
            random.shuffle(&mut people);
            let most = people.iter().map(Vec::len).max().unwrap_or(0);
            let mut kept = Vec::new();
            for (rank, photos) in people.iter_mut().enumerate() {
                random.shuffle(photos);
                kept.extend(&photos[..mix.kept(photos.len(), rank, most)]);
            }
            kept.sort_unstable();
            faces.part(&kept)
        };
        let among = strangers.map(|strangers| faces.among(strangers));
        Mixes(Mix::ALL.into_iter().map(mix).chain(among).collect())
    }

    /// The faces as they are.
    pub fn whole(&self) -> &Faces {
        &self.0[0]
    }

    /// Every mix, the faces as they are first.
    pub fn iter(&self) -> impl Iterator<Item = &Faces> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Two halves of the people, with all their photos.
pub fn halves(faces: &Faces, seed: u64) -> [Faces; 2] {
    let mut people = faces.photos();
    Rng::with_seed(seed).shuffle(&mut people);
    let half = |first: usize| {
        let mut kept: Vec<usize> = people.iter().skip(first).step_by(2).flatten().copied().collect();
        kept.sort_unstable();
        faces.part(&kept)
    };
    [half(0), half(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 30 people with 1 to 12 photos each; a face's vector holds its person and its number.
    fn crowd() -> Faces {
        let photos = |person: usize| (0..=person % 12).map(move |photo| (person, photo));
        let faces: Vec<(usize, usize)> = (0..30).flat_map(photos).collect();
        let values = faces.iter().flat_map(|&(person, photo)| [person as f32, photo as f32]).collect();
        Faces::new(2, values, faces.into_iter().map(|(person, _)| person).collect())
    }

    fn sizes(faces: &Faces) -> Vec<usize> {
        faces.photos().iter().map(Vec::len).collect()
    }

    #[test]
    fn every_mix_has_every_person_and_no_more_photos_than_there_are() {
        let crowd = crowd();
        let mixes = Mixes::of(&crowd, None, 7);
        assert_eq!(mixes.len(), 5);
        assert_eq!(mixes.whole().truth(), crowd.truth());
        for mix in mixes.iter() {
            assert_eq!(mix.people(), 30);
            assert!(sizes(mix).iter().zip(sizes(&crowd)).all(|(&kept, own)| (1..=own).contains(&kept)));
        }
        let mixes: Vec<Vec<usize>> = mixes.iter().map(sizes).collect();
        assert!(mixes[1].iter().zip(sizes(&crowd)).all(|(&kept, own)| kept == own.div_ceil(2)));
        assert_eq!(mixes[2].iter().max(), Some(&5));
        assert!(mixes[3].iter().filter(|&&kept| kept == 1).count() >= 15);
        assert!(mixes[4].iter().sum::<usize>() < crowd.len());
    }

    #[test]
    fn one_seed_one_draw() {
        let crowd = crowd();
        let draw = |seed| Mixes::of(&crowd, None, seed).iter().map(sizes).collect::<Vec<_>>();
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn strangers_are_people_of_one_photo() {
        let crowd = crowd();
        let mixes = Mixes::of(&crowd, Some(&crowd), 3);
        let among = mixes.iter().last().unwrap();
        assert_eq!((mixes.len(), among.len(), among.people()), (6, 2 * crowd.len(), 30 + crowd.len()));
        assert_eq!(&among.truth()[..crowd.len()], crowd.truth());
        assert_eq!(sizes(among)[30..], vec![1; crowd.len()]);
    }

    #[test]
    fn halves_share_nobody() {
        let crowd = crowd();
        let [a, b] = halves(&crowd, 1);
        assert_eq!((a.people(), b.people(), a.len() + b.len()), (15, 15, crowd.len()));
        let mut both = [sizes(&a), sizes(&b)].concat();
        both.sort_unstable();
        let mut all = sizes(&crowd);
        all.sort_unstable();
        assert_eq!(both, all);
    }
}

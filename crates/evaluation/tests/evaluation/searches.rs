//! Are the intervals of open-set searches honest? Populations are made up, measured, and counted.

use omote_evaluation::{
    Bootstrap, GalleryPeople, GallerySearches, OpenSetDraw, PersonSearch, SearchStatistic, SearchTrials,
};

const PEOPLE: u32 = 60;
const PHOTOS: usize = 4;
const DIMENSION: usize = 6;
const POPULATIONS: u64 = 120;

/// Of a normal distribution (Box and Muller).
fn normal(random: &mut fastrand::Rng) -> f32 {
    let (radius, angle) = ((-2.0 * (1.0 - random.f64()).ln()).sqrt(), std::f64::consts::TAU * random.f64());
    (radius * angle.cos()) as f32
}

/// Photos of a random population: people around random places, some with photos that are all over the place.
fn population(random: &mut fastrand::Rng) -> Vec<(u32, [f32; DIMENSION])> {
    let mut photos = Vec::new();
    for person in 0..PEOPLE {
        let place = [(); DIMENSION].map(|()| normal(random));
        let spread = 0.3 + 0.5 * random.f32();
        for _ in 0..PHOTOS {
            let photo = place.map(|value| value + spread * normal(random));
            let length = photo.iter().map(|value| value * value).sum::<f32>().sqrt();
            photos.push((person, photo.map(|value| value / length)));
        }
    }
    photos
}

/// Five random galleries of twenty people, searched for everybody.
fn searched(photos: &[(u32, [f32; DIMENSION])]) -> SearchTrials {
    let people: Vec<u32> = photos.iter().map(|(person, _)| *person).collect();
    let draw = OpenSetDraw { enrolled: 1, splits: 5, seed: 1 };
    let galleries = draw.draw(&people, &[20]).unwrap().into_iter().map(|split| {
        let gallery = split.gallery(20);
        let enrolled: Vec<(u32, usize)> =
            gallery.enrolled.iter().map(|&(person, photos)| (person, photos[0])).collect();
        let people: Vec<u32> = enrolled.iter().map(|&(person, _)| person).collect();
        let candidates = GalleryPeople::new(&people).unwrap();
        let probes = gallery.mated.iter().chain(&gallery.non_mated);
        let searches: Vec<PersonSearch> = probes
            .map(|&(person, photo)| {
                let score = |entry: usize| {
                    let (a, b) = (&photos[photo].1, &photos[enrolled[entry].1].1);
                    Some(a.iter().zip(b).map(|(a, b)| a * b).sum())
                };
                let found = candidates.search(photo, person, score).unwrap();
                let top = found.top.map(|entry| people[entry]);
                PersonSearch { person, found: top, result: found.result, average_precision: None }
            })
            .collect();
        GallerySearches::new(&people, &searches).unwrap()
    });
    SearchTrials::new(galleries.collect()).unwrap()
}

#[test]
fn intervals_hold_what_other_populations_show() {
    let statistics = [SearchStatistic::HitRate(1), SearchStatistic::TpirAtFpir(0.2)];
    let draws = Bootstrap { resamples: 200, ..Bootstrap::default() };
    let found: Vec<_> = (0..POPULATIONS)
        .map(|seed| {
            let photos = population(&mut fastrand::Rng::with_seed(seed));
            searched(&photos).estimate(&draws, &statistics).unwrap()
        })
        .collect();
    for (at, statistic) in statistics.iter().enumerate() {
        let truth = found.iter().map(|found| found[at].value).sum::<f64>() / found.len() as f64;
        let held = found.iter().filter(|found| found[at].interval.contains(truth)).count();
        let share = held as f64 / found.len() as f64;
        // Of 120 intervals of 95 % fewer than 0.88 hold once in a thousand times, and wide ones would all hold.
        assert!((0.88..1.0).contains(&share), "{statistic:?}: {share} of the intervals hold {truth}");
        let width = found.iter().map(|found| found[at].interval.high - found[at].interval.low).sum::<f64>();
        assert!(width / (found.len() as f64) < 0.35, "{statistic:?}: intervals are {width} wide in all");
    }
}

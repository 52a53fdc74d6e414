//! Identification against a search written out.

use omote_evaluation::Identification;
use proptest::prelude::*;

const PEOPLE: u32 = 6;

/// Who is in the probes and in the gallery, and a score of each with each: many ties, some missing.
type Search = (Vec<u32>, Vec<u32>, Vec<Option<f32>>);

fn search() -> impl Strategy<Value = Search> {
    let score = prop_oneof![
        1 => Just(None),
        5 => (-4_i8..4).prop_map(|step| Some(f32::from(step) / 4.0)),
        5 => (-1.0_f32..1.0).prop_map(Some),
    ];
    let gallery = prop::collection::vec(0..PEOPLE - 2, 1..7);
    let probes = prop::collection::vec(0..PEOPLE, 1..12);
    (probes, gallery, prop::collection::vec(score, 12 * 7)).prop_map(|(mut probes, mut gallery, scores)| {
        // At least one probe of each kind.
        gallery.push(0);
        probes.extend([0, PEOPLE - 1]);
        (probes, gallery, scores)
    })
}

fn score((_, gallery, scores): &Search, probe: usize, entry: usize) -> Option<f32> {
    scores[(probe * gallery.len() + entry) % scores.len()]
}

/// The best score of each enrolled person, in no order.
fn candidates(search: &Search, probe: usize) -> Vec<(u32, f32)> {
    let gallery = &search.1;
    (0..PEOPLE)
        .filter_map(|person| {
            let scores = (0..gallery.len()).filter(|&entry| gallery[entry] == person);
            let best = scores.filter_map(|entry| score(search, probe, entry)).reduce(f32::max)?;
            Some((person, best))
        })
        .collect()
}

/// Whether the right person is among the first `rank` candidates and has a score of `threshold` or more.
fn is_hit(search: &Search, probe: usize, rank: usize, threshold: f64) -> bool {
    let person = search.0[probe];
    let mut list = candidates(search, probe);
    // The best first; of equals, the right person last.
    list.sort_by(|x, y| y.1.total_cmp(&x.1).then((x.0 == person).cmp(&(y.0 == person))));
    list.iter().take(rank).any(|&(other, score)| other == person && f64::from(score) >= threshold)
}

fn share(probes: &[usize], is: impl Fn(usize) -> bool) -> f64 {
    probes.iter().filter(|&&probe| is(probe)).count() as f64 / probes.len() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn rates_agree_with_sorted_candidate_lists(
        search in search(),
        rank in 1_usize..6,
        threshold in prop_oneof![-1.0..1.0, (-4_i8..4).prop_map(|step| f64::from(step) / 4.0)],
        fpir in prop_oneof![0.0..1.0, Just(0.0), Just(0.5), Just(1.0)],
    ) {
        let (probes, gallery, _) = &search;
        let found = Identification::from_scores(probes, gallery, |p, g| score(&search, p, g)).unwrap();
        let (mated, strangers): (Vec<usize>, Vec<usize>) =
            (0..probes.len()).partition(|&probe| gallery.contains(&probes[probe]));
        prop_assert_eq!((found.mated(), found.non_mated()), (mated.len(), strangers.len()));

        let alarm = |probe: usize, threshold: f64| {
            candidates(&search, probe).iter().any(|&(_, score)| f64::from(score) >= threshold)
        };
        let brute_fpir = |threshold: f64| share(&strangers, |probe| alarm(probe, threshold));
        let brute_fnir = |threshold: f64| share(&mated, |probe| !is_hit(&search, probe, rank, threshold));
        prop_assert_eq!(found.fpir(threshold).unwrap(), brute_fpir(threshold));
        prop_assert_eq!(found.fnir(rank, threshold).unwrap(), brute_fnir(threshold));
        let hits = share(&mated, |probe| is_hit(&search, probe, rank, f64::NEG_INFINITY));
        prop_assert_eq!(found.hit_rate(rank).unwrap(), hits);
        let cmc = found.cmc(5).unwrap();
        prop_assert_eq!(cmc[rank - 1], hits);
        prop_assert!(cmc.is_sorted());

        // The strict threshold keeps the rate, and any score below it that a stranger has does not.
        let point = found.at_fpir(fpir, rank).unwrap();
        prop_assert_eq!(point.fpir, brute_fpir(point.threshold));
        prop_assert_eq!(point.fnir, brute_fnir(point.threshold));
        prop_assert!(point.fpir <= fpir);
        for probe in &strangers {
            for (_, score) in candidates(&search, *probe) {
                prop_assert!(f64::from(score) >= point.threshold || brute_fpir(score.into()) > fpir);
            }
        }

        // The script: sort the top scores, take one, count what is above.
        let mut tops: Vec<f32> = strangers
            .iter()
            .filter_map(|&probe| candidates(&search, probe).iter().map(|one| one.1).reduce(f32::max))
            .collect();
        tops.sort_by(|x, y| y.total_cmp(x));
        let place = (fpir * strangers.len() as f64).floor() as usize;
        match found.at_fpir_ijb(fpir) {
            Ok(point) => {
                let limit = f64::from(tops[place - 1]);
                let above = |probe: usize| {
                    let best = candidates(&search, probe).iter().map(|one| f64::from(one.1)).reduce(f64::max);
                    is_hit(&search, probe, 1, f64::NEG_INFINITY) && best.is_some_and(|score| score > limit)
                };
                prop_assert_eq!(point.tpir(), 1.0 - share(&mated, |probe| !above(probe)));
            }
            Err(_) => prop_assert!(place == 0 || place > tops.len()),
        }

        // The curve holds the strict point of every rate, and only true points.
        let curve = found.curve(rank).unwrap();
        prop_assert!(curve.is_sorted_by(|x, y| x.fpir <= y.fpir && x.fnir >= y.fnir && x.threshold > y.threshold));
        prop_assert_eq!(curve.iter().rfind(|one| one.fpir <= fpir), Some(&point));
        for one in curve {
            prop_assert_eq!((one.fpir, one.fnir), (brute_fpir(one.threshold), brute_fnir(one.threshold)));
        }
    }
}

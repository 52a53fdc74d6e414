//! Batches are the same on any number of threads and from any number on, and what cannot be made is named.

mod numbers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use numbers::Numbers;
use omote_dataset::{Augmentation, Batch, Error, Feed, Feeding, Roster, Sampler, Value};

const LEN: u64 = 30;

fn roster() -> Roster {
    Roster::new((0..LEN as u32).map(|n| n % 5).collect())
}

fn small() -> Feeding {
    Feeding { width: 12, height: 12, batch: 8, seed: 3, ..Feeding::default() }
}

fn mirror() -> Augmentation {
    toml::from_str("preset = \"mirror\"").unwrap()
}

fn feed(source: Numbers, sampler: &str, feeding: Feeding) -> Result<(Feed, Arc<Numbers>), Error> {
    let source = Arc::new(source);
    let sampler: Sampler = toml::from_str(sampler).unwrap();
    Ok((Feed::new(source.clone(), roster(), &sampler, &mirror(), feeding)?, source))
}

fn numbers() -> Numbers {
    Numbers { len: LEN, ..Numbers::default() }
}

fn take(sampler: &str, feeding: Feeding, from: u64, count: usize) -> Vec<Batch> {
    let (feed, _) = feed(numbers(), sampler, feeding).unwrap();
    feed.batches(from).unwrap().take(count).map(Result::unwrap).collect()
}

const SAMPLERS: [&str; 5] = [
    "kind = \"shuffle\"",
    "kind = \"p_by_k\"\nclasses = 4\npictures = 2",
    "kind = \"balanced\"",
    "kind = \"power\"\npower = 0.5",
    "kind = \"long_tail\"\nratio = 3.0",
];

#[test]
fn threads_leave_no_trace_and_a_run_goes_on_anywhere() {
    for sampler in SAMPLERS {
        let straight = take(sampler, small(), 0, 12);
        assert!(straight.iter().zip(0..).all(|(batch, number)| batch.number == number));
        for (threads, ahead, cache) in [(0, 0, 0), (3, 1, 0), (2, 9, 1 << 20), (5, 0, 9000)] {
            let other = Feeding { threads, ahead, cache, ..small() };
            assert_eq!(take(sampler, other, 0, 12), straight, "{sampler} {threads}");
            assert_eq!(take(sampler, other, 7, 5), straight[7..], "{sampler} {threads}");
        }
        assert_ne!(take(sampler, Feeding { seed: 4, ..small() }, 0, 12), straight);
    }
}

#[test]
fn a_batch_says_what_it_holds() {
    let feeding = Feeding { keep_clean: true, keep_rows: true, ..small() };
    let batches = take(SAMPLERS[0], feeding, 0, 15);
    let mut flipped = 0;
    let mut often = BTreeMap::new();
    for batch in &batches {
        let sizes = [batch.indices.len(), batch.labels.len(), batch.images.len(), batch.clean.len()];
        assert_eq!((sizes, batch.rows.len()), ([8; 4], 8));
        assert_eq!(batch.epoch, batch.number * 8 / LEN);
        for (at, &index) in batch.indices.iter().enumerate() {
            *often.entry(index).or_insert(0) += 1;
            assert_eq!(u64::from(batch.labels[at]), index % 5);
            assert_eq!(batch.rows[at], [[Value::Integer(index as i64)]]);
            assert_eq!(batch.images[at].pixel(5, 5), [index as u8; 3]);
            assert_eq!(batch.images[at], batch.clean[at], "a teacher sees the same side");
            flipped += usize::from(batch.images[at].pixel(11, 0) != [index as u8; 3]);
        }
    }
    // 15 batches of 8 are 4 epochs of 30.
    assert!(often.len() == LEN as usize && often.values().all(|&count| count == 4));
    // Half of 120, within three standard deviations.
    assert!((44..=76).contains(&flipped), "{flipped}");
    let plain = take(SAMPLERS[0], small(), 0, 1);
    assert!(plain[0].clean.is_empty() && plain[0].rows.is_empty());
    let (feed, _) = feed(numbers(), SAMPLERS[0], small()).unwrap();
    assert_eq!((feed.epoch(), feed.batches_of(4), feed.batches_of(1)), (30, 15, 4));
}

#[test]
fn a_roster_says_who_is_shown() {
    let entries = [(29, 1), (3, 0), (3, 1), (7, 0)];
    let feeding = Feeding { batch: 4, width: 24, height: 24, ..small() };
    let feed =
        Feed::new(Arc::new(numbers()), Roster::of(entries), &Sampler::default(), &mirror(), feeding).unwrap();
    let batch = feed.batches(5).unwrap().next().unwrap().unwrap();
    for (at, &entry) in batch.indices.iter().enumerate() {
        let (number, label) = entries[entry as usize];
        assert_eq!((batch.images[at].pixel(12, 12)[0], batch.labels[at]), (number as u8, label));
        assert_eq!((batch.images[at].width(), batch.images[at].height()), (24, 24), "they are resized");
    }
}

#[test]
fn pictures_are_not_squeezed() {
    let (feed, _) = feed(numbers(), SAMPLERS[0], Feeding { height: 8, ..small() }).unwrap();
    let error = feed.batches(0).unwrap().next().unwrap().unwrap_err().to_string();
    assert!(error.contains("12 x 12 pixels, which would be squeezed into 12 x 8"), "{error}");
}

#[test]
fn what_is_kept_is_not_made_again() {
    let made = |cache| {
        let (feed, source) = feed(numbers(), SAMPLERS[0], Feeding { cache, ..small() }).unwrap();
        feed.batches(0).unwrap().take(15).for_each(|batch| drop(batch.unwrap()));
        drop(feed.batches(0).unwrap().next());
        // Some were made ahead.
        source.made.load(Ordering::Relaxed)
    };
    assert_eq!(made(1 << 20), LEN);
    assert!(made(0) >= 4 * LEN);
    // Half of them fit.
    let half = made(15 * 600);
    assert!(LEN < half && half < 4 * LEN, "{half}");
}

#[test]
fn no_more_is_made_than_may_wait() {
    let (feed, source) =
        feed(numbers(), SAMPLERS[0], Feeding { threads: 3, ahead: 2, batch: 5, ..small() }).unwrap();
    let mut batches = feed.batches(0).unwrap();
    for taken in 1..=9 {
        assert_eq!(batches.next().unwrap().unwrap().number, taken - 1);
        std::thread::sleep(Duration::from_millis(3));
        assert!(source.made.load(Ordering::Relaxed) <= (taken + 2) * 5);
    }
    drop(batches);
    let made = source.made.load(Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(source.made.load(Ordering::Relaxed), made, "it stopped");
}

#[test]
fn what_cannot_be_made_is_named_and_ends_it() {
    for (source, said) in [
        (Numbers { cannot: Some(17), ..numbers() }, "sample 17: it is an unlucky number"),
        (Numbers { panics: Some(17), ..numbers() }, "sample 17: making it panicked"),
        (Numbers { empty: Some(17), ..numbers() }, "sample 17: its picture has no pixels"),
    ] {
        let (feed, _) = feed(source, SAMPLERS[0], Feeding { threads: 2, ..small() }).unwrap();
        let all: Vec<_> = feed.batches(0).unwrap().collect();
        assert!((1..=4).contains(&all.len()), "it comes once in the first epoch, and nothing more");
        let (last, before) = all.split_last().unwrap();
        assert!(before.iter().all(Result::is_ok));
        assert_eq!(last.as_ref().unwrap_err().to_string(), said);
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let refused = |source, sampler, feeding| match feed(source, sampler, feeding) {
        Ok((feed, _)) => feed.batches(u64::MAX).err().unwrap().to_string(),
        Err(error) => error.to_string(),
    };
    let wrong = |feeding| refused(numbers(), SAMPLERS[0], feeding);
    for (said, error) in [
        ("there is no batch", wrong(small())),
        ("width and height must be from 8", wrong(Feeding { height: 7, ..small() })),
        ("batch must be from 1", wrong(Feeding { batch: 0, ..small() })),
        ("threads must be at most", wrong(Feeding { threads: 9999, ..small() })),
        ("more than 32 GiB", wrong(Feeding { ahead: usize::MAX, ..small() })),
        ("batch must be 8 for classes times pictures", {
            refused(numbers(), SAMPLERS[1], Feeding { batch: 9, ..small() })
        }),
        ("no sample 29: the source has 29", {
            refused(Numbers { len: 29, ..numbers() }, SAMPLERS[0], small())
        }),
        ("len must not be 13", refused(Numbers { len: 13, ..numbers() }, SAMPLERS[0], small())),
    ] {
        assert!(error.contains(said), "{said}: {error}");
    }
    let augmentation: Augmentation = toml::from_str("flip = { probability = 2.0 }").unwrap();
    let error = Feed::new(Arc::new(numbers()), roster(), &Sampler::default(), &augmentation, small());
    assert!(error.err().unwrap().to_string().contains("flip.probability must be from 0 to 1"));
}

//! A stream is the same on any number of threads, and makes no more than it may.

mod numbers;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use numbers::Numbers;
use omote_dataset::{Error, Stream, Streamed, Streaming, Value};

fn numbers(len: u64) -> Numbers {
    Numbers { len, ..Numbers::default() }
}

fn all(len: u64, options: Streaming) -> Vec<Streamed> {
    Stream::new(Box::new(numbers(len)), options).unwrap().map(Result::unwrap).collect()
}

#[test]
fn threads_leave_no_trace() {
    let shuffled = Streaming { epochs: 3, shuffle: Some(4), ..Streaming::default() };
    let one = all(40, shuffled);
    assert_eq!(one, all(40, Streaming { threads: 3, ahead: 5, ..shuffled }));
    assert_eq!((one.len(), one[79].epoch, one[80].epoch), (120, 1, 2));
    for (epoch, samples) in (0..).zip(one.chunks(40)) {
        let mut numbers: Vec<u64> = samples.iter().map(|streamed| streamed.index).collect();
        assert!(samples.iter().all(|streamed| streamed.epoch == epoch));
        assert!(samples.iter().all(|of| of.sample.rows[0][0] == Value::Integer(of.index as i64)));
        assert!(!numbers.is_sorted());
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..40));
    }
    let by_number = all(40, Streaming { threads: 3, ..Streaming::default() });
    assert!(by_number.iter().map(|streamed| streamed.index).eq(0..40));
    assert_eq!(all(0, shuffled), []);
}

#[test]
fn no_more_is_made_than_may_wait() {
    let source = Arc::new(numbers(500));
    let mut stream =
        Stream::new(Box::new(source.clone()), Streaming { threads: 3, ahead: 8, ..Streaming::default() })
            .unwrap();
    for taken in 1..=20 {
        assert_eq!(stream.next().unwrap().unwrap().index, taken - 1);
        std::thread::sleep(Duration::from_millis(3));
        assert!(source.made.load(Ordering::Relaxed) <= taken + 8);
    }
    drop(stream);
    assert!(source.made.load(Ordering::Relaxed) <= 28, "it stopped");
}

#[test]
fn what_cannot_be_made_is_said_in_its_place() {
    let source = Numbers { cannot: Some(5), ..numbers(8) };
    let stream = Stream::new(Box::new(source), Streaming { threads: 2, ..Streaming::default() }).unwrap();
    let said: Vec<Option<String>> = stream.map(|of| of.err().map(|error| error.to_string())).collect();
    let unlucky = (0..8).map(|at| (at == 5).then(|| "sample 5: it is an unlucky number".to_owned()));
    assert!(said.into_iter().eq(unlucky));

    // Nobody waits for ever for a thread that panicked.
    let source = Numbers { panics: Some(666), ..numbers(668) };
    let stream = Stream::new(Box::new(source), Streaming { threads: 2, ..Streaming::default() }).unwrap();
    let wrong: Vec<String> = stream.filter_map(Result::err).map(|error| error.to_string()).collect();
    assert_eq!(wrong, ["sample 666: making it panicked"]);

    let refused = Stream::new(Box::new(numbers(13)), Streaming::default()).err().unwrap();
    assert!(matches!(&refused, Error::Source { reason } if reason == "len must not be 13"), "{refused}");
}

//! Samples for a trainer in the same process: made while it works, and never written.

use crate::ahead::Ahead;
use crate::order::Order;
use crate::{Error, Sample, Source};

/// How samples are streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// How many threads make samples; 0 counts as 1.
    pub threads: usize,
    /// Most samples that are made or wait at a time, which bounds the memory; at least as many as threads are used.
    pub ahead: usize,
    /// How often the source is gone through.
    pub epochs: u64,
    /// Decides over the order, which is another in each epoch; without it samples come by number.
    pub shuffle: Option<u64>,
}

impl Default for Streaming {
    /// Once, by number, on one thread.
    fn default() -> Self {
        Self { threads: 1, ahead: 64, epochs: 1, shuffle: None }
    }
}

/// A sample of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Streamed {
    /// How often the source was gone through before.
    pub epoch: u64,
    /// Its number in the source.
    pub index: u64,
    /// The picture, as it is before it becomes a file, and its rows.
    pub sample: Sample,
}

/// Makes the samples of a source in several threads and hands them out in order. What comes, and in which order, depends
/// on the source and on [`Streaming::shuffle`] alone, not on threads. A stream that is dropped stops. It gives samples as they
/// are, of any size and with their rows; batches of one size, sampled and augmented, are made by a [`Feed`](crate::Feed).
///
/// ```
/// use std::path::Path;
///
/// use omote_dataset::{Recipe, Stream, Streaming};
///
/// let text = "kind = \"recognition\"\nseed = 1\npeople = 2\npictures = 2\nsize = 32\n";
/// let recipe = Recipe::parse(text, Path::new("faces.toml"))?;
/// let options = Streaming { threads: 2, epochs: 2, shuffle: Some(7), ..Streaming::default() };
/// for streamed in Stream::new(recipe.source(), options)?.take(3) {
///     let sample = streamed?.sample;
///     assert_eq!((sample.image.width(), sample.rows.len()), (32, 1));
/// }
/// # Ok::<(), omote_dataset::Error>(())
/// ```
pub struct Stream {
    order: Order,
    /// The position of the next sample.
    position: u64,
    made: Ahead<Sample>,
}

impl Stream {
    /// Begins to make samples.
    ///
    /// # Errors
    /// [`Error::Source`] if the source cannot be made.
    pub fn new(source: Box<dyn Source>, options: Streaming) -> Result<Self, Error> {
        source.check().map_err(|reason| Error::Source { reason })?;
        let order = Order::new(source.len(), options.shuffle);
        let total = source.len().saturating_mul(options.epochs);
        let make = move |position| source.sample(order.at(position).1);
        let made = Ahead::new(0..total, options.threads, options.ahead, make);
        Ok(Self { order, position: 0, made })
    }
}

impl Iterator for Stream {
    type Item = Result<Streamed, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = self.made.next()?;
        let (epoch, index) = self.order.at(self.position);
        self.position += 1;
        let sample = made.map_err(|reason| Error::Sample { index, reason });
        Some(sample.map(|sample| Streamed { epoch, index, sample }))
    }
}

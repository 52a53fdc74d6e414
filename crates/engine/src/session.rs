//! A loaded model that many threads share.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::onnxruntime::OnnxRuntimeModel;
use crate::rten_model::RtenModel;
use crate::{Error, Io, Tensor, Threads};

/// A model that has been loaded and can be run by several threads at the same time.
///
/// At most [`Threads::streams`] runs proceed at once; further callers sleep until one is done.
#[derive(Debug)]
pub struct Session {
    label: String,
    inputs: Vec<Io>,
    outputs: Vec<Io>,
    threads: Threads,
    streams: Streams,
    runner: Runner,
}

#[derive(Debug)]
pub(crate) enum Runner {
    Rten(Box<RtenModel>),
    OnnxRuntime(OnnxRuntimeModel),
}

impl Session {
    pub(crate) fn new(runner: Runner, label: &str, threads: Threads) -> Result<Self, Error> {
        let (inputs, outputs) = match &runner {
            Runner::Rten(model) => model.interface(),
            Runner::OnnxRuntime(model) => model.interface()?,
        };
        if inputs.len() != 1 {
            return Err(Error::InputCount { label: label.to_owned(), count: inputs.len() });
        }
        Ok(Self {
            label: label.to_owned(),
            inputs,
            outputs,
            threads,
            streams: Streams::new(threads.streams),
            runner,
        })
    }

    /// Runs the model on `input` and returns its outputs in the order of [`outputs`](Self::outputs).
    ///
    /// The input is read in place, not copied. The values are not looked at: not-a-number in gives whatever the
    /// model makes of it.
    ///
    /// # Errors
    /// [`Error::InputShape`] and [`Error::InputLength`] when `input` is not what the model takes,
    /// [`Error::ElementType`] when it gives other elements than floats, [`Error::Run`] when the engine fails.
    pub fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        self.input().check(&self.label, input)?;
        let _stream = self.streams.enter();
        match &self.runner {
            Runner::Rten(model) => model.run(input),
            Runner::OnnxRuntime(model) => model.run(input),
        }
    }

    /// The input that [`run`](Self::run) feeds.
    pub fn input(&self) -> &Io {
        &self.inputs[0]
    }

    /// The inputs of the model: always one.
    pub fn inputs(&self) -> &[Io] {
        &self.inputs
    }

    /// The outputs of the model, in the order of the file.
    pub fn outputs(&self) -> &[Io] {
        &self.outputs
    }

    /// What the session was allowed to use.
    pub fn threads(&self) -> Threads {
        self.threads
    }

    /// What the model was called when it was loaded.
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// Lets a fixed number of callers in.
#[derive(Debug)]
struct Streams {
    free: Mutex<usize>,
    left: Condvar,
}

/// One caller that is in.
struct Stream<'a>(&'a Streams);

impl Streams {
    fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), left: Condvar::new() }
    }

    fn enter(&self) -> Stream<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.left.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Stream(self)
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_callers_than_streams_are_in() {
        let streams = Streams::new(3);
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _stream = streams.enter();
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(streams.free.into_inner().unwrap(), 3);
    }
}

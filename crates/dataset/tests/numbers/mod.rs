//! A source of pictures that are numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use imaging::Image;
use omote_dataset::{Column, Kind, Sample, Source, Value};

/// Pictures of numbers, which take unequally long to make.
#[derive(Default)]
pub(crate) struct Numbers {
    pub(crate) len: u64,
    /// The number whose picture cannot be made.
    pub(crate) cannot: Option<u64>,
    /// The number at which it panics.
    pub(crate) panics: Option<u64>,
    /// The number whose picture has no pixels.
    pub(crate) empty: Option<u64>,
    /// How many were made.
    pub(crate) made: AtomicU64,
}

impl Source for Numbers {
    fn recipe(&self) -> String {
        "numbers".to_owned()
    }

    fn check(&self) -> Result<(), String> {
        if self.len == 13 { Err("len must not be 13".to_owned()) } else { Ok(()) }
    }

    fn columns(&self) -> Vec<Column> {
        vec![Column::new("number", Kind::Integer, "the number")]
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        assert_ne!(Some(index), self.panics);
        std::thread::sleep(Duration::from_micros(index * 7919 % 300));
        self.made.fetch_add(1, Ordering::Relaxed);
        if self.cannot == Some(index) {
            return Err("it is an unlucky number".to_owned());
        }
        let side = if self.empty == Some(index) { 0 } else { 12 };
        let mut image = Image::filled(side, side, [index as u8; 3]);
        if side > 0 {
            // Left is not right.
            image.set_pixel(0, 0, [255 - index as u8; 3]);
        }
        Ok(Sample { image, rows: vec![vec![Value::Integer(index as i64)]] })
    }
}

//! The field's formats of labelled photos, and what is made of other sources. A file for each.

mod celeba;
mod folders;
mod joined;
mod lines;
mod listed;
mod photos;
mod recordio;
mod subset;
mod utkface;
mod written;

use crate::Source;

pub use celeba::Celeba;
pub use folders::Folders;
pub use joined::{Joined, Together};
pub use listed::Listed;
pub use recordio::RecordIo;
pub use subset::{People, Split, Subset};
pub use utkface::UtkFace;
pub use written::Written;

pub(crate) use lines::each_line;

/// The recipe of a source within that of another.
fn nested(source: &dyn Source) -> toml::Value {
    let text = source.recipe();
    text.parse::<toml::Table>().map_or(toml::Value::String(text), toml::Value::Table)
}

/// Photos and sources for tests.
#[cfg(test)]
pub(crate) mod testing {
    use std::path::Path;

    use imaging::{Image, encode_png};

    use crate::{Classes, Column, Kind, Sample, Source, Value};

    /// Writes a photo that is of one grey all over.
    pub(crate) fn photo(path: &Path, level: u8) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, encode_png(&Image::filled(6, 4, [level; 3])).unwrap()).unwrap();
    }

    /// Of which grey a sample is.
    pub(crate) fn shade(sample: &Sample) -> u8 {
        sample.image.pixel(3, 2)[0]
    }

    /// People called by a letter with so many grey pictures each.
    #[derive(Clone, Debug)]
    pub(crate) struct Greys {
        pub(crate) first: char,
        pub(crate) counts: Vec<u64>,
    }

    impl Source for Greys {
        fn recipe(&self) -> String {
            format!("kind = \"greys\"\nfirst = \"{}\"\ncounts = {:?}\n", self.first, self.counts)
        }

        fn columns(&self) -> Vec<Column> {
            let person = Column::new("person", Kind::Integer, "number of the person");
            vec![person, Column::new(format!("of_{}", self.first), Kind::Float, "a tenth of the grey")]
        }

        fn classes(&self) -> Option<Classes> {
            let mut classes = Classes::numbered(self.counts.iter().copied());
            classes.names =
                (0..self.counts.len()).map(|at| ((self.first as u8 + at as u8) as char).into()).collect();
            Some(classes)
        }

        fn len(&self) -> u64 {
            self.counts.iter().sum()
        }

        fn sample(&self, index: u64) -> Result<Sample, String> {
            let of = *self.classes().unwrap().of.get(index as usize).ok_or("there is none")?;
            let image = Image::filled(6, 4, [index as u8; 3]);
            Ok(Sample {
                image,
                rows: vec![vec![Value::Integer(of.into()), Value::Float(index as f32 / 10.0)]],
            })
        }
    }
}

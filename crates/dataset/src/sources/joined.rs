//! Several sources one after the other.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::nested;
use crate::classes::Naming;
use crate::source::PERSON;
use crate::{Classes, Column, Kept, Kind, Sample, Source, Value};

/// Whether classes of different sources that have one name are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Together {
    /// They are not: each name gets the number of its source before it, from 1, as `2/anna`.
    #[default]
    Apart,
    /// They are.
    Merged,
}

/// Sources one after the other. It has the columns of all of them, by name; what a source says nothing of is unknown. The
/// column `person` becomes the number of the class where classes are known and are people.
pub struct Joined {
    parts: Vec<Part>,
    together: Together,
    columns: Vec<Column>,
    classes: Option<Classes>,
    /// The column of the class.
    class: String,
}

struct Part {
    source: Arc<dyn Source>,
    /// The first number behind it.
    end: u64,
    /// For each column of the whole where it stands here.
    places: Vec<Option<usize>>,
}

impl Joined {
    /// Joins sources.
    ///
    /// # Errors
    /// In words: if there are none, or a column holds numbers here and text there.
    pub fn new(sources: Vec<Arc<dyn Source>>, together: Together) -> Result<Self, String> {
        if sources.is_empty() {
            return Err("of must name one source or more".to_owned());
        }
        let mut columns = Vec::<Column>::new();
        let mut at = HashMap::new();
        for column in sources.iter().flat_map(|source| source.columns()) {
            let known = *at.entry(column.name.clone()).or_insert(columns.len());
            match columns.get(known).map(|known| known.kind) {
                None => columns.push(column),
                Some(kind) if kind == column.kind => {}
                Some(kind) => {
                    let Column { name, kind: other, .. } = column;
                    return Err(format!(
                        "the column {name} is {kind:?} in one source and {other:?} in another: \
                         they cannot be joined"
                    ));
                }
            }
        }
        let mut end = 0_u64;
        let parts = sources.into_iter().map(|source| {
            end = end.saturating_add(source.len());
            let own = source.columns();
            let place = |column: &Column| own.iter().position(|own| own.name == column.name);
            Part { end, places: columns.iter().map(place).collect(), source }
        });
        let parts: Vec<Part> = parts.collect();
        let classes = classes(&parts, together)?;
        let class = parts.first().map(|part| part.source.class_column()).unwrap_or_default();
        let another = parts.iter().map(|part| part.source.class_column()).find(|other| *other != class);
        match another {
            Some(another) if classes.is_some() => Err(format!(
                "what is learned is the column {class} in one source and {another} in another: join others"
            )),
            _ => Ok(Self { parts, together, columns, classes, class }),
        }
    }
}

fn classes(parts: &[Part], together: Together) -> Result<Option<Classes>, String> {
    let (mut naming, mut of, mut bare) = (Naming::default(), Vec::new(), Vec::<String>::new());
    for (part, number) in parts.iter().zip(1..) {
        let Some(classes) = part.source.classes() else { return Ok(None) };
        let mut numbers = Vec::with_capacity(classes.names.len());
        for (class, name) in (0..).zip(&classes.names) {
            let number = match together {
                Together::Apart => naming.number(&format!("{number}/{name}"))?,
                Together::Merged => naming.number(name)?,
            };
            numbers.push(number);
            if bare.len() < naming.names().len() {
                bare.push(classes.called(class).to_owned());
            }
        }
        of.extend(classes.of.iter().filter_map(|&class| numbers.get(class as usize)));
    }
    Ok(Some(Classes { of, names: naming.names().to_vec(), bare }))
}

impl Source for Joined {
    fn recipe(&self) -> String {
        let mut text = toml::Table::new();
        text.insert("kind".to_owned(), "joined".into());
        text.insert("classes".to_owned(), format!("{:?}", self.together).to_lowercase().into());
        text.insert(
            "of".to_owned(),
            self.parts.iter().map(|part| nested(&*part.source)).collect::<Vec<_>>().into(),
        );
        text.to_string()
    }

    fn check(&self) -> Result<(), String> {
        self.parts.iter().try_for_each(|part| part.source.check())
    }

    fn columns(&self) -> Vec<Column> {
        self.columns.clone()
    }

    fn classes(&self) -> Option<Classes> {
        self.classes.clone()
    }

    fn class_column(&self) -> String {
        self.class.clone()
    }

    fn remarks(&self) -> Vec<String> {
        let said = |(part, number): (&Part, u32)| {
            part.source.remarks().into_iter().map(move |said| format!("source {number}: {said}"))
        };
        self.parts.iter().zip(1..).flat_map(said).collect()
    }

    fn len(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.end)
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (part, within) = self.part(index)?;
        Ok(self.widened(index, part, part.source.sample(within)?))
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        let (part, within) = self.part(index)?;
        Ok(match part.source.kept(within)? {
            Kept::Sample(sample) => Kept::Sample(self.widened(index, part, sample)),
            left_out => left_out,
        })
    }
}

impl Joined {
    /// The source that a sample is of, and its number there.
    fn part(&self, index: u64) -> Result<(&Part, u64), String> {
        let at = self.parts.partition_point(|part| part.end <= index);
        let part = self.parts.get(at).ok_or_else(|| format!("there are {} samples", self.len()))?;
        let start = at.checked_sub(1).and_then(|before| self.parts.get(before)).map_or(0, |part| part.end);
        Ok((part, index - start))
    }

    /// A sample of a source with the columns of all.
    fn widened(&self, index: u64, part: &Part, Sample { image, rows }: Sample) -> Sample {
        let class = self.classes.as_ref().and_then(|classes| classes.of.get(index as usize));
        let cell = |row: &[Value], column: &Column, place: &Option<usize>| match class {
            Some(&class) if column.name == PERSON && self.class == PERSON && column.kind == Kind::Integer => {
                Value::Integer(class.into())
            }
            _ => place.and_then(|place| row.get(place)).cloned().unwrap_or(Value::Nothing),
        };
        let wide = |row: Vec<Value>| {
            self.columns.iter().zip(&part.places).map(|(column, place)| cell(&row, column, place)).collect()
        };
        Sample { image, rows: rows.into_iter().map(wide).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Greys, shade};
    use super::*;

    fn greys(first: char, counts: &[u64]) -> Arc<dyn Source> {
        Arc::new(Greys { first, counts: counts.to_vec() })
    }

    #[test]
    fn samples_come_one_source_after_the_other() {
        let joined = Joined::new(vec![greys('a', &[2, 1]), greys('b', &[1, 1])], Together::Apart).unwrap();
        let names: Vec<String> = joined.columns().iter().map(|column| column.name.clone()).collect();
        assert_eq!((joined.len(), &names[..]), (5, &["person", "of_a", "of_b"].map(String::from)[..]));
        let samples: Vec<Sample> = (0..5).map(|index| joined.sample(index).unwrap()).collect();
        assert_eq!(samples.iter().map(shade).collect::<Vec<_>>(), [0, 1, 2, 0, 1]);
        let (number, float) = (Value::Integer, Value::Float);
        assert_eq!(samples[2].rows, [[number(1), float(0.2), Value::Nothing]]);
        assert_eq!(samples[4].rows, [[number(3), Value::Nothing, float(0.1)]]);
        assert!(joined.sample(5).unwrap_err().contains("5 samples"));
    }

    #[test]
    fn classes_are_kept_apart_or_merged() {
        let classes = |together| {
            let joined = Joined::new(vec![greys('a', &[2, 1]), greys('b', &[1, 1])], together).unwrap();
            joined.classes().unwrap()
        };
        let apart = classes(Together::Apart);
        assert_eq!(
            (apart.of, &apart.names[..]),
            (vec![0, 0, 1, 2, 3], &["1/a", "1/b", "2/b", "2/c"].map(String::from)[..])
        );
        let merged = classes(Together::Merged);
        assert_eq!(
            (merged.of, &merged.names[..]),
            (vec![0, 0, 1, 1, 2], &["a", "b", "c"].map(String::from)[..])
        );
        assert_eq!((apart.bare.join(" "), merged.bare.join(" ")), ("a b b c".to_owned(), "a b c".to_owned()));
    }

    #[test]
    fn people_are_numbered_anew_only_where_they_are_the_classes() {
        let text = "kind = \"spoof\"\nseed = 3\npeople = 3\npictures = 2\nsize = 32\n";
        let spoof = || -> Arc<dyn Source> {
            Arc::from(crate::Recipe::parse(text, std::path::Path::new("r.toml")).unwrap().source())
        };
        let joined = Joined::new(vec![spoof(), spoof()], Together::Merged).unwrap();
        assert_eq!((joined.class_column(), joined.classes().unwrap().names.len()), ("attack".to_owned(), 4));
        let at = joined.columns().iter().position(|column| column.name == PERSON).unwrap();
        assert_eq!(joined.sample(11).unwrap().rows[0][at], spoof().sample(5).unwrap().rows[0][at]);
        let said = Joined::new(vec![spoof(), greys('a', &[1])], Together::Merged).err().unwrap();
        assert!(said.contains("attack in one source and person in another"), "{said}");
    }

    #[test]
    fn the_recipe_holds_those_of_the_parts() {
        let recipe =
            |together| Joined::new(vec![greys('a', &[2]), greys('b', &[1])], together).unwrap().recipe();
        let table: toml::Table = recipe(Together::Merged).parse().unwrap();
        assert_eq!(table["of"][1]["first"].as_str(), Some("b"));
        assert_ne!(recipe(Together::Apart), recipe(Together::Merged));
    }

    /// As [`Greys`], and the person is text.
    struct Named;

    impl Source for Named {
        fn recipe(&self) -> String {
            "no = table = at all".to_owned()
        }

        fn columns(&self) -> Vec<Column> {
            vec![Column::new("person", Kind::Text, "")]
        }

        fn len(&self) -> u64 {
            1
        }

        fn sample(&self, _: u64) -> Result<Sample, String> {
            Ok(Sample { image: imaging::Image::new(2, 2), rows: vec![vec![Value::Text("anna".to_owned())]] })
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let error = |sources| Joined::new(sources, Together::Apart).err().unwrap();
        assert!(error(vec![]).contains("one source or more"));
        let said = error(vec![greys('a', &[1]), Arc::new(Named)]);
        assert!(said.contains("person is Integer in one source and Text in another"), "{said}");
        let alone = Joined::new(vec![Arc::new(Named)], Together::Apart).unwrap();
        assert_eq!((alone.classes(), alone.sample(0).unwrap().rows[0].len()), (None, 1));
        assert!(alone.recipe().contains("at all"));
    }
}

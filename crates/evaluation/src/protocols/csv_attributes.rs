//! Attributes of faces as CSV: what is true, and what was answered.

use std::collections::BTreeMap;
use std::path::Path;

use super::files::quoted;
use super::people::People;
use super::table::{Format, Table};
use crate::{ConfusionMatrix, Error};

static FORMAT: Format = Format {
    known: &["attribute", "truth", "answer", "person"],
    others: false,
    headless: &[&["attribute", "truth", "answer"], &["attribute", "truth", "answer", "person"]],
    limit: 1 << 28,
    help: "a CSV file of true and answered attributes",
};

/// CelebA has 40. Together with [`MOST_CLASSES`] this keeps all matrices below 100 MB.
const MOST_ATTRIBUTES: usize = 1000;

/// More classes are not looked at one by one.
const MOST_CLASSES: usize = 100;

/// The answers to one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributeList {
    /// The attribute's name.
    pub attribute: String,
    /// The names of its classes, in alphabetical order. Those that were only answered are among them.
    pub classes: Vec<String>,
    /// The true class of each face, a number of `classes`. At least two classes are true of some face.
    pub truth: Vec<usize>,
    /// The answers; `None` where there is none.
    pub answers: Vec<Option<usize>>,
    /// Whose face it is, numbered from 0 in the whole file; `None` if the file does not tell.
    pub people: Option<Vec<u32>>,
}

impl AttributeList {
    /// How often each class was taken for each.
    ///
    /// # Errors
    /// Those of [`ConfusionMatrix::new`].
    pub fn matrix(&self) -> Result<ConfusionMatrix, Error> {
        ConfusionMatrix::new(self.classes.len(), &self.truth, &self.answers)
    }
}

/// Reads a CSV file of attributes: `attribute,truth,answer` or `attribute,truth,answer,person`, up to 256 MiB; the
/// attributes come in alphabetical order.
///
/// A row is one question about one face. A header is optional; one allows the columns in any order. Classes are any
/// words, taken as they are written. A blank answer stands for a face that got none.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for the file, such as a blank truth or more than 100
/// classes of one attribute; [`Error::Layout`] if there is no row, or an attribute is the same for all faces.
pub fn read_attributes_csv(path: &Path) -> Result<Vec<AttributeList>, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["attribute", "truth", "answer"])?;
    let named = table.has("person");
    let mut people = People::default();
    let mut questions: BTreeMap<String, Question> = BTreeMap::new();
    while let Some(row) = table.next_row()? {
        let attribute = row.need("attribute")?;
        if !questions.contains_key(attribute) {
            if questions.len() == MOST_ATTRIBUTES {
                return Err(
                    row.bad(format!("more than {MOST_ATTRIBUTES} attributes: are the columns in order?"))
                );
            }
            questions.insert(attribute.to_owned(), Question::default());
        }
        let Some(question) = questions.get_mut(attribute) else { continue };
        let truth = question.classes.number(row.need("truth")?);
        let answer = row.get("answer").map(|answer| question.classes.number(answer));
        if truth.max(answer.unwrap_or(0)) as usize >= MOST_CLASSES {
            return Err(row.bad(format!(
                "{} has more than {MOST_CLASSES} classes: numbers such as ages are for `omote eval ages`",
                quoted(attribute)
            )));
        }
        question.faces.push((truth, answer));
        if named {
            question.people.push(people.number(row.need("person")?));
        }
    }
    let layout = |problem| Error::Layout { path: path.to_owned(), problem };
    if questions.is_empty() {
        return Err(layout("there is no row: there is nothing to measure".to_owned()));
    }
    questions.into_iter().map(|(name, question)| question.sorted(name, named).map_err(layout)).collect()
}

/// An attribute as it is read: classes are numbered by their first use.
#[derive(Default)]
struct Question {
    classes: People,
    faces: Vec<(u32, Option<u32>)>,
    people: Vec<u32>,
}

impl Question {
    fn sorted(self, attribute: String, named: bool) -> Result<AttributeList, String> {
        let names = self.classes.into_names();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|&class| &names[class]);
        let mut place = vec![0; names.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
        let class = |number: u32| place[number as usize];
        let truth: Vec<usize> = self.faces.iter().map(|face| class(face.0)).collect();
        if truth.iter().all(|class| *class == truth[0]) {
            return Err(format!(
                "{} is {} for all faces, so nothing can be told apart: add faces of another class, or leave it out",
                quoted(&attribute),
                quoted(&names[order[truth[0]]])
            ));
        }
        Ok(AttributeList {
            attribute,
            answers: self.faces.iter().map(|face| face.1.map(class)).collect(),
            truth,
            classes: order.iter().map(|&class| names[class].clone()).collect(),
            people: named.then_some(self.people),
        })
    }
}

//! The list of pairs of templates, read as it is asked for.

use std::path::Path;

use super::{HELP, ImageTemplate, position};
use crate::Error;
use crate::protocols::files::quoted;
use crate::protocols::pair_protocol::missing_kind;
use crate::protocols::text_lines::TextLines;

/// Two templates to compare, and the truth about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplatePair {
    /// An index into [`TemplateProtocol::templates`](super::TemplateProtocol::templates).
    pub a: u32,
    /// An index into [`TemplateProtocol::templates`](super::TemplateProtocol::templates).
    pub b: u32,
    /// Whether the two templates show one person.
    pub same: bool,
}

/// The pairs of a [`TemplateProtocol`](super::TemplateProtocol), in the file's order.
///
/// One line is held at a time, so memory does not grow with the number of pairs. The last item is an error if the
/// pairs were all of one kind, or if there were none; after an error there are no more items. That no pair is listed
/// twice is not checked.
pub struct TemplatePairs<'a> {
    lines: TextLines,
    templates: &'a [ImageTemplate],
    genuine: usize,
    impostor: usize,
    ended: bool,
}

impl<'a> TemplatePairs<'a> {
    pub(super) fn open(path: &Path, templates: &'a [ImageTemplate]) -> Result<Self, Error> {
        let lines = TextLines::open(path, HELP)?;
        Ok(Self { lines, templates, genuine: 0, impostor: 0, ended: false })
    }

    fn read(&mut self) -> Result<Option<TemplatePair>, Error> {
        let Some(row) = self.lines.next_line()? else {
            return match missing_kind(self.genuine, self.impostor) {
                Some(problem) => Err(self.lines.bad(problem)),
                None => Ok(None),
            };
        };
        match parse(row, self.templates) {
            Ok(pair) => {
                *if pair.same { &mut self.genuine } else { &mut self.impostor } += 1;
                Ok(Some(pair))
            }
            Err(problem) => Err(self.lines.bad(problem)),
        }
    }
}

impl Iterator for TemplatePairs<'_> {
    type Item = Result<TemplatePair, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.read().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

fn parse(row: &str, templates: &[ImageTemplate]) -> Result<TemplatePair, String> {
    let mut columns = row.split_ascii_whitespace();
    let mut id = || columns.next().and_then(|column| column.parse::<u32>().ok());
    let (first, second) = (id(), id());
    let label = columns.next();
    let (Some(first), Some(second), Some(same), None) = (
        first,
        second,
        label.and_then(|label| match label {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }),
        columns.next(),
    ) else {
        return Err(format!("{} is not TEMPLATE1 TEMPLATE2 LABEL (two numbers, and 1 or 0)", quoted(row)));
    };
    if first == second {
        return Err(format!("template {first} is paired with itself"));
    }
    let index = |id| position(templates, id).ok_or_else(|| format!("template {id} has no face"));
    // There are at most as many templates as faces, which are counted.
    Ok(TemplatePair { a: index(first)? as u32, b: index(second)? as u32, same })
}

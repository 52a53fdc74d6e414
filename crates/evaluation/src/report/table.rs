//! Tables with intervals: numbers stand under each other, and what the data cannot support is said in its place.

use std::fmt::Write as _;

use super::escape::escape;
use super::{number, report_error};
use crate::Error;

const PART: &str = "table";

/// A table. The first column names the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Above the table, in a few words. May be empty.
    pub caption: String,
    /// From left to right.
    pub columns: Vec<Column>,
    /// From top to bottom, each with one cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Below the table: what the intervals are and how the rest is read. May be empty.
    pub note: String,
}

/// A column's heading, and how its numbers are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Above the column. The unit of a percentage is added.
    pub heading: String,
    /// How its numbers are written.
    pub format: Format,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Words, set flush left. A number among them is written with as many decimals as it needs, at most six.
    Text,
    /// With this many decimals; with none, for counts.
    Decimal(usize),
    /// A share in 0..=1 as a percentage with this many decimals.
    Percent(usize),
}

/// What stands in a row and column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, in the unit of the data (a rate in 0..=1 even where it is written as a percentage).
    Number(f64),
    /// A number and the interval in which the truth may lie.
    Interval {
        /// The number.
        value: f64,
        /// The interval's low end, in the unit of the number.
        low: f64,
        /// The interval's high end.
        high: f64,
    },
    /// There is too little data for this number. The text says what would be needed, such as `10,000 impostor pairs`.
    NotSupported {
        /// Follows the words "not supported: needs".
        needs: String,
    },
    /// Nothing belongs here.
    Missing,
}

impl Column {
    /// A column of this heading and format.
    pub fn new(heading: impl Into<String>, format: Format) -> Self {
        Self { heading: heading.into(), format }
    }
}

impl Cell {
    /// Words in a cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn numbers(&self) -> Vec<f64> {
        match *self {
            Self::Number(value) => vec![value],
            Self::Interval { value, low, high } => vec![value, low, high],
            _ => Vec::new(),
        }
    }
}

impl Format {
    /// A number without its unit.
    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Text => number::shortest(value),
            Self::Decimal(decimals) => number::decimal(value, decimals),
            Self::Percent(decimals) => number::decimal(100.0 * value, decimals),
        }
    }
}

impl Table {
    /// The table as HTML.
    ///
    /// # Errors
    /// [`Error::Report`] for a table without columns, for a row with more or fewer cells than there are columns, and
    /// for a number that is not finite.
    pub(super) fn html(&self) -> Result<String, Error> {
        self.check()?;
        let layouts: Vec<Layout> = (0..self.columns.len()).map(|column| self.layout(column)).collect();

        let mut html = String::from("<figure class=\"table\">\n");
        // Writing to a String cannot fail, here and below.
        if !self.caption.is_empty() {
            let _ = writeln!(html, "<figcaption>{}</figcaption>", escape(&self.caption));
        }
        html.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
        for (column, layout) in self.columns.iter().zip(&layouts) {
            let class = if layout.has_numbers { " class=\"number\"" } else { "" };
            let span = layout.span();
            // On a line of its own: "FNMR at FMR 0.01 %" would be another rate.
            let unit = match column.format {
                Format::Percent(_) => "<span class=\"unit\">in %</span>",
                _ => "",
            };
            let _ = write!(html, "<th scope=\"col\"{class}{span}>{}{unit}</th>", escape(&column.heading));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for (index, cell) in row.iter().enumerate() {
                push_cell(&mut html, cell, self.columns[index].format, layouts[index], index == 0);
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
        if !self.note.is_empty() {
            let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(&self.note));
        }
        html.push_str("</figure>\n");
        Ok(html)
    }

    fn layout(&self, column: usize) -> Layout {
        let cells = || self.rows.iter().map(|row| &row[column]);
        Layout {
            has_numbers: self.columns[column].format != Format::Text
                && cells().any(|cell| matches!(cell, Cell::Number(_) | Cell::Interval { .. })),
            has_intervals: cells().any(|cell| matches!(cell, Cell::Interval { .. })),
            has_negative_ends: cells().any(|cell| matches!(cell, Cell::Interval { low, .. } if *low < 0.0)),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.columns.is_empty() || self.rows.is_empty() {
            let what = if self.columns.is_empty() { "columns" } else { "rows" };
            return Err(report_error(PART, format!("{:?} has no {what}", self.caption)));
        }
        for (number, row) in self.rows.iter().enumerate() {
            if row.len() != self.columns.len() {
                let problem = format!(
                    "row {number} (counted from 0) of {:?} has {} cells for {} columns",
                    self.caption,
                    row.len(),
                    self.columns.len()
                );
                return Err(report_error(PART, problem));
            }
            for (cell, column) in row.iter().zip(&self.columns) {
                let numbers = cell.numbers();
                if numbers.iter().any(|value| !value.is_finite())
                    || matches!(cell, Cell::Interval { low, high, .. } if low > high)
                {
                    let problem = format!(
                        "row {number} (counted from 0) of {:?} holds {numbers:?} under {:?}: numbers must be finite \
                         and an interval's low end below its high end; where there is no number, say so by \
                         Cell::Missing or Cell::NotSupported",
                        self.caption, column.heading
                    );
                    return Err(report_error(PART, problem));
                }
            }
        }
        Ok(())
    }
}

/// How a column is set, which all of its cells decide together.
#[derive(Clone, Copy)]
struct Layout {
    has_numbers: bool,
    /// Numbers and their intervals are cells of their own, so that both stand under each other.
    has_intervals: bool,
    has_negative_ends: bool,
}

impl Layout {
    fn span(self) -> &'static str {
        if self.has_intervals { " colspan=\"2\"" } else { "" }
    }
}

/// A cell, or the two cells of a number and its interval.
fn push_cell(html: &mut String, cell: &Cell, format: Format, layout: Layout, names_row: bool) {
    let span = layout.span();
    let class = if layout.has_numbers { " class=\"number\"" } else { "" };
    // The place of an interval that this cell does not have.
    let none = if layout.has_intervals { "<td></td>" } else { "" };
    let _ = match cell {
        Cell::Text(text) if names_row => write!(html, "<th scope=\"row\"{span}>{}</th>", escape(text)),
        Cell::Text(text) => write!(html, "<td{span}>{}</td>", escape(text)),
        Cell::Number(value) => write!(html, "<td{class}>{}</td>{none}", format.write(*value)),
        Cell::Interval { value, low, high } => {
            // A dash between negative numbers would read as a sign.
            let to = if layout.has_negative_ends { " to " } else { "–" };
            write!(
                html,
                "<td{class}>{}</td><td class=\"interval\">{}{to}{}</td>",
                format.write(*value),
                format.write(*low),
                format.write(*high)
            )
        }
        Cell::NotSupported { needs } => {
            write!(html, "<td class=\"unsupported\"{span}>not supported: needs {}</td>", escape(needs))
        }
        Cell::Missing => write!(html, "<td{class}>–</td>{none}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        let columns = vec![Column::new("System", Format::Text), Column::new("FNMR", Format::Percent(2))];
        Table { caption: "Rates".to_owned(), columns, rows, note: String::new() }
    }

    #[test]
    fn cells() {
        let html = table(vec![
            vec![Cell::text("<a>"), Cell::Interval { value: 0.0231, low: 0.021, high: 0.0255 }],
            vec![Cell::text("b"), Cell::Number(0.5)],
            vec![Cell::text("c"), Cell::NotSupported { needs: "10,000 impostor pairs".to_owned() }],
            vec![Cell::text("d"), Cell::Missing],
        ])
        .html()
        .unwrap();
        for part in [
            "<th scope=\"row\">&lt;a&gt;</th><td class=\"number\">2.31</td><td class=\"interval\">2.10–2.55</td>",
            "<td class=\"number\">50.00</td><td></td>",
            "<td class=\"unsupported\" colspan=\"2\">not supported: needs 10,000 impostor pairs</td>",
            "<td class=\"number\">–</td><td></td>",
            "<th scope=\"col\" class=\"number\" colspan=\"2\">FNMR<span class=\"unit\">in %</span></th>",
        ] {
            assert!(html.contains(part), "{part}\nin\n{html}");
        }
    }

    #[test]
    fn bad_tables_are_named() {
        let message = |rows| table(rows).html().unwrap_err().to_string();
        assert!(message(vec![]).contains("no rows"));
        assert!(message(vec![vec![Cell::Missing]]).contains("1 cells for 2 columns"));
        assert!(message(vec![vec![Cell::Missing, Cell::Number(f64::NAN)]]).contains("FNMR"));
        let upside_down = Cell::Interval { value: 0.2, low: 0.3, high: 0.1 };
        assert!(message(vec![vec![Cell::Missing, upside_down]]).contains("below its high end"));
    }
}

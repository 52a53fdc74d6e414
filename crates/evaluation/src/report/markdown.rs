//! A report as Markdown, for repositories: the text, and a file for each chart.

use std::fmt::Write as _;

use super::page::{Block, Report, Section};
use super::report_error;
use super::table::{Cell, Column, Format, Table};
use crate::Error;

/// A report as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markdown {
    /// The text.
    pub text: String,
    /// Names and contents of the SVG files that it shows.
    pub figures: Vec<(String, String)>,
}

impl Report {
    /// The report as Markdown, as it is read on the pages of a repository. Charts are files in `folder`, a path from the
    /// text: `01.svg` and so on.
    ///
    /// # Errors
    /// As [`html`](Self::html), and for comparisons and pictures, which are for the page alone.
    pub fn markdown(&self, folder: &str) -> Result<Markdown, Error> {
        let mut made = Markdown::default();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(made.text, "# {}", plain(&self.title));
        for sentence in &self.lead {
            let _ = writeln!(made.text, "\n{}", plain(sentence));
        }
        for Section { heading, blocks } in &self.sections {
            let _ = writeln!(made.text, "\n## {}", plain(heading));
            for block in blocks {
                push(&mut made, block, folder)?;
            }
        }
        let _ = writeln!(made.text, "\n## How this was made\n");
        let stamp = &self.stamp;
        let models =
            stamp.models.iter().map(|model| ("Model", format!("{} {}", model.name, model.fingerprint)));
        let program = format!("{} {}", stamp.version, stamp.commit);
        let own = [("Protocol", &stamp.protocol), ("Data", &stamp.data), ("Engine", &stamp.engine)];
        let rest =
            [("Program", program.trim()), ("Command", stamp.command.as_str()), ("Date", stamp.date.as_str())];
        let said = own.iter().map(|(name, value)| (*name, value.to_string())).chain(models);
        let said = said.chain(rest.iter().map(|(name, value)| (*name, (*value).to_string())));
        let more = stamp.more.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in said.chain(more).filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(made.text, "- {}: {}", plain(name), plain(&value));
        }
        Ok(made)
    }
}

fn push(made: &mut Markdown, block: &Block, folder: &str) -> Result<(), Error> {
    match block {
        Block::Prose(text) => {
            let _ = writeln!(made.text, "\n{}", plain(text));
        }
        Block::Charts(charts) => {
            for chart in charts {
                push_figure(made, (&chart.title, &chart.note), chart.svg()?, folder);
            }
        }
        Block::Strip(strip) => push_figure(made, (&strip.caption, ""), strip.svg()?, folder),
        Block::Table(table) => push_table(&mut made.text, table)?,
        Block::Comparison(_) | Block::Pictures(_) => {
            let problem = "comparisons and pictures are shown on the page alone";
            return Err(report_error("Markdown", problem));
        }
    }
    Ok(())
}

fn push_figure(made: &mut Markdown, (title, note): (&str, &str), svg: String, folder: &str) {
    let name = format!("{:02}.svg", made.figures.len() + 1);
    let title = plain(title);
    let note = if note.is_empty() { String::new() } else { format!(" {}", plain(note)) };
    let _ = writeln!(made.text, "\n![{title}]({folder}/{name})\n\n*{title}.*{note}");
    made.figures.push((name, svg + "\n"));
}

fn push_table(text: &mut String, table: &Table) -> Result<(), Error> {
    table.check()?;
    if !table.caption.is_empty() {
        let _ = writeln!(text, "\n**{}**", plain(&table.caption));
    }
    let heading = |Column { heading, format }: &Column| match format {
        Format::Percent(_) => format!("{}, %", plain(heading)),
        _ => plain(heading),
    };
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    text.push('\n');
    text.push_str(&line(table.columns.iter().map(heading).collect()));
    let rule = |column: &Column| if column.format == Format::Text { "---" } else { "--:" }.to_owned();
    text.push_str(&line(table.columns.iter().map(rule).collect()));
    for row in &table.rows {
        let cells = row.iter().zip(&table.columns).map(|(cell, column)| written(cell, column.format));
        text.push_str(&line(cells.collect()));
    }
    if !table.note.is_empty() {
        let _ = writeln!(text, "\n{}", plain(&table.note));
    }
    Ok(())
}

fn written(cell: &Cell, format: Format) -> String {
    match cell {
        Cell::Text(text) => plain(text),
        Cell::Number(value) => format.write(*value),
        Cell::Interval { value, low, high } => {
            format!("{} ({} to {})", format.write(*value), format.write(*low), format.write(*high))
        }
        Cell::NotSupported { needs } => format!("not supported: needs {}", plain(needs)),
        Cell::Missing => "–".to_owned(),
    }
}

/// Text that says in Markdown what it says, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => plain.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' => plain.extend(['\\', letter]),
            _ => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Curve, Pictures, Stamp, roc};

    #[test]
    fn tables_and_charts_become_text_and_files() {
        let table = Table {
            caption: "Rates".to_owned(),
            columns: vec![Column::new("arm|s", Format::Text), Column::new("TAR", Format::Percent(1))],
            rows: vec![
                vec![Cell::text("m_1"), Cell::Interval { value: 0.5, low: 0.4, high: 0.625 }],
                vec![Cell::text("m2"), Cell::Missing],
            ],
            note: String::new(),
        };
        let chart = roc(&[Curve::new("m", vec![(0.01, 0.5), (0.1, 0.7)])], &[]).unwrap();
        let blocks = vec![Block::Table(table), Block::Charts(vec![chart])];
        let report = Report {
            title: "A <claim>".to_owned(),
            lead: vec!["It held.".to_owned()],
            stamp: Stamp { date: "today".to_owned(), ..Stamp::default() },
            sections: vec![Section { heading: "Arms".to_owned(), blocks }],
        };
        let Markdown { text, figures } = report.markdown("figures").unwrap();
        for said in [
            "# A \\<claim\\>\n\nIt held.\n\n## Arms\n\n**Rates**\n",
            "| arm\\|s | TAR, % |\n| --- | --: |\n| m\\_1 | 50.0 (40.0 to 62.5) |\n| m2 | – |\n",
            "![Receiver operating characteristic](figures/01.svg)",
            "- Date: today\n",
        ] {
            assert!(text.contains(said), "{said}\n{text}");
        }
        assert!(figures.len() == 1 && figures[0].0 == "01.svg" && figures[0].1.starts_with("<svg"));
    }

    #[test]
    fn pictures_are_for_the_page() {
        let blocks =
            vec![Block::Pictures(Pictures { caption: String::new(), threshold: None, pairs: Vec::new() })];
        let sections = vec![Section { heading: "Faces".to_owned(), blocks }];
        let refused = Report { sections, ..Report::default() }.markdown("figures").unwrap_err();
        assert!(refused.to_string().contains("page alone"), "{refused}");
    }
}

//! The page: one HTML file that needs nothing but itself.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::chart::Chart;
use super::comparison::Comparison;
use super::escape::escape;
use super::palette;
use super::pictures::Pictures;
use super::stamp::Stamp;
use super::strip::Strip;
use super::table::Table;
use crate::Error;

/// The layout of the page; colours of charts are added by [`palette`].
const STYLE: &str = include_str!("page.css");

/// Nothing may be loaded, whatever a name on the page may try: pictures are part of the page, and there is no script.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// More sections than this get a list of links above them.
const FEW_SECTIONS: usize = 3;

/// A result, ready to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The page's title.
    pub title: String,
    /// The result in a few sentences, each a paragraph of its own.
    pub lead: Vec<String>,
    /// How the result was made.
    pub stamp: Stamp,
    /// From top to bottom.
    pub sections: Vec<Section>,
}

/// A part of a report under a heading of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// From top to bottom.
    pub blocks: Vec<Block>,
}

/// Something in a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph.
    Prose(String),
    /// Charts, side by side where there is room.
    Charts(Vec<Chart>),
    /// A table.
    Table(Table),
    /// Two systems side by side.
    Comparison(Comparison),
    /// Pairs of pictures.
    Pictures(Pictures),
    /// Pictures side by side.
    Strip(Strip),
}

impl Report {
    /// The whole page. All text is escaped; the same report gives the same page.
    ///
    /// # Errors
    /// [`Error::Report`] for a table whose cells do not fit its columns or hold a number that is not finite, and for
    /// a picture that is not a JPEG file.
    pub fn html(&self) -> Result<String, Error> {
        let title = escape(&self.title);
        let colours = palette::style_sheet();
        let mut html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\" />\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
             <meta name=\"color-scheme\" content=\"light dark\" />\n\
             <title>{title}</title>\n<style>\n{colours}{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        );
        // Writing to a String cannot fail, here and below.
        for sentence in &self.lead {
            let _ = writeln!(html, "<p class=\"lead\">{}</p>", escape(sentence));
        }
        html.push_str("</header>\n");
        if self.sections.len() > FEW_SECTIONS {
            html.push_str("<nav>");
            for (number, section) in self.sections.iter().enumerate() {
                let _ = write!(html, "<a href=\"#s{number}\">{}</a>", escape(&section.heading));
            }
            html.push_str("</nav>\n");
        }
        html.push_str("<main>\n");
        for (number, section) in self.sections.iter().enumerate() {
            let _ = writeln!(html, "<section id=\"s{number}\">\n<h2>{}</h2>", escape(&section.heading));
            for block in &section.blocks {
                push_block(&mut html, block)?;
            }
            html.push_str("</section>\n");
        }
        html.push_str("</main>\n<footer>\n<h2>How this was made</h2>\n");
        html.push_str(&self.stamp.html());
        html.push_str("</footer>\n</body>\n</html>\n");
        Ok(html)
    }

    /// Writes the page to a file in one step: it is written beside its place under another name and then renamed, so
    /// that whoever looks sees the old report or the new one, never a part. A report that was there before is
    /// replaced.
    ///
    /// # Errors
    /// Those of [`html`](Self::html), and [`Error::WriteReport`] if the file cannot be written; nothing is left
    /// behind.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let html = self.html()?;
        replace(path, html.as_bytes())
            .map_err(|source| Error::WriteReport { path: path.to_path_buf(), source })
    }
}

fn push_block(html: &mut String, block: &Block) -> Result<(), Error> {
    match block {
        Block::Prose(text) => {
            let _ = writeln!(html, "<p>{}</p>", escape(text));
        }
        Block::Charts(charts) => {
            html.push_str("<div class=\"charts\">\n");
            for chart in charts {
                let _ = writeln!(
                    html,
                    "<figure class=\"chart\">\n<figcaption>{}</figcaption>\n{}",
                    escape(&chart.title),
                    chart.svg()?
                );
                if !chart.note.is_empty() {
                    let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(&chart.note));
                }
                html.push_str("</figure>\n");
            }
            html.push_str("</div>\n");
        }
        Block::Table(table) => html.push_str(&table.html()?),
        Block::Comparison(comparison) => html.push_str(&comparison.html()?),
        Block::Pictures(pictures) => html.push_str(&pictures.html()?),
        Block::Strip(strip) => {
            let _ = writeln!(
                html,
                "<figure class=\"strip\">\n<figcaption>{}</figcaption>\n{}\n</figure>",
                escape(&strip.caption),
                strip.svg()?
            );
        }
    }
    Ok(())
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A bare file name has the empty parent, which stands for the current folder.
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-").suffix(".part");
    // A temporary file is private by default; a report has the permissions of any file that the user makes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    // The name must not reach the disk before the bytes do.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

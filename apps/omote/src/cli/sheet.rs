//! A static contact sheet: one row of faces for each person, in one self-contained HTML file.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use evaluation::report::escape;

use console::count;

/// A person's row.
pub struct Row {
    /// Heading, e.g. "Person 3".
    pub title: String,
    /// Faces in the order in which they are shown.
    pub faces: Vec<Thumbnail>,
}

/// One face on the sheet.
pub struct Thumbnail {
    /// A JPEG file's bytes.
    pub jpeg: Vec<u8>,
    /// Where the face comes from, shown when the pointer rests on it.
    pub caption: String,
}

/// Faces to be compared with one another.
pub struct Comparison {
    /// Heading.
    pub title: String,
    /// A sentence below it.
    pub note: String,
    /// What stands side by side, each with a label.
    pub groups: Vec<(String, Vec<Thumbnail>)>,
}

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #fafaf8; --ink: #1c1c1a; --quiet: #6b6b66; --line: #e2e2dc; }
@media (prefers-color-scheme: dark) { :root { --ground: #161615; --ink: #ececea; --quiet: #96968f; --line: #30302d; } }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; background: var(--ground); color: var(--ink);
       font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
p { margin: .25rem 0 2rem; color: var(--quiet); }
section { border-top: 1px solid var(--line); padding: .75rem 0 1rem; break-inside: avoid; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
h2 small { font-weight: normal; color: var(--quiet); }
.faces { display: flex; flex-wrap: wrap; gap: 6px; }
.faces img { width: 84px; height: 84px; object-fit: cover; border-radius: 6px; display: block; }
.groups { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
figure { margin: 0; }
figcaption, .note { margin: 0 0 .5rem; color: var(--quiet); }
.missing { width: 84px; height: 84px; border: 1px dashed var(--line); border-radius: 6px; box-sizing: border-box; }
";

/// The page: `rows` under `title` and a line of `summary`.
pub fn page(title: &str, summary: &str, rows: &[Row]) -> String {
    let mut html = head(title, summary);
    for row in rows {
        let faces = count(row.faces.len(), "face", "faces");
        let title = escape(&row.title);
        // Writing to a String cannot fail.
        let _ = writeln!(html, "<section><h2>{title} <small>{faces}</small></h2>");
        show(&mut html, &row.faces);
        html.push_str("</section>\n");
    }
    html.push_str("</body></html>\n");
    html
}

/// The page of things to look at twice, in which an empty picture leaves its place free.
pub fn comparisons(title: &str, summary: &str, all: &[Comparison]) -> String {
    let mut html = head(title, summary);
    for one in all {
        let (title, note) = (escape(&one.title), escape(&one.note));
        let _ = writeln!(html, "<section><h2>{title}</h2><p class=\"note\">{note}</p><div class=\"groups\">");
        for (label, faces) in &one.groups {
            let _ = writeln!(html, "<figure><figcaption>{}</figcaption>", escape(label));
            show(&mut html, faces);
            html.push_str("</figure>\n");
        }
        html.push_str("</div></section>\n");
    }
    html.push_str("</body></html>\n");
    html
}

fn head(title: &str, summary: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1><p>{summary}</p>\n",
        title = escape(title),
        summary = escape(summary),
    )
}

fn show(html: &mut String, faces: &[Thumbnail]) {
    html.push_str("<div class=\"faces\">\n");
    for face in faces {
        let caption = escape(&face.caption);
        let _ = match face.jpeg.is_empty() {
            true => writeln!(html, "<div class=\"missing\" title=\"{caption}\"></div>"),
            false => writeln!(
                html,
                "<img loading=\"lazy\" alt=\"{caption}\" title=\"{caption}\" src=\"data:image/jpeg;base64,{}\">",
                BASE64.encode(&face.jpeg)
            ),
        };
    }
    html.push_str("</div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let face = Thumbnail { jpeg: vec![0xff, 0xd8], caption: "\"><script>'\u{202e}".into() };
        let html = page("a & b", "", &[Row { title: "<b>".into(), faces: vec![face] }]);
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains(['\'', '\u{202e}']));
        assert!(html.contains("a &amp; b") && html.contains("base64,/9g="));
        assert!(html.contains("1 face<"));
    }
}

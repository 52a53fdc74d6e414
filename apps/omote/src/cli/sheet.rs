//! A static contact sheet: one row of faces for each person, in one self-contained HTML file.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::reporter::count;

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
";

/// The page: `rows` under `title` and a line of `summary`.
pub fn page(title: &str, summary: &str, rows: &[Row]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1><p>{summary}</p>\n",
        title = escape(title),
        summary = escape(summary),
    );
    for row in rows {
        let faces = count(row.faces.len(), "face", "faces");
        let title = escape(&row.title);
        // Writing to a String cannot fail.
        let _ = writeln!(html, "<section><h2>{title} <small>{faces}</small></h2><div class=\"faces\">");
        for face in &row.faces {
            let caption = escape(&face.caption);
            let _ = writeln!(
                html,
                "<img loading=\"lazy\" alt=\"{caption}\" title=\"{caption}\" src=\"data:image/jpeg;base64,{}\">",
                BASE64.encode(&face.jpeg)
            );
        }
        html.push_str("</div></section>\n");
    }
    html.push_str("</body></html>\n");
    html
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let face = Thumbnail { jpeg: vec![0xff, 0xd8], caption: "\"><script>".into() };
        let html = page("a & b", "", &[Row { title: "<b>".into(), faces: vec![face] }]);
        assert!(!html.contains("<script>") && !html.contains("<b>"));
        assert!(html.contains("a &amp; b") && html.contains("base64,/9g="));
        assert!(html.contains("1 face<"));
    }
}

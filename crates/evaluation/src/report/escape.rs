//! Text from users on a page: names of people, files, systems and commands cannot become markup.

use std::fmt::Write as _;

/// The text as it may stand between tags and inside a quoted attribute of HTML and of SVG.
///
/// The five characters with a meaning in markup become entities. Characters that XML does not know (control
/// characters other than tab and line feed, which a file name may well hold) become U+FFFD, so that a drawing cut
/// out of the page is still a valid SVG file. Marks that turn the direction of writing are shown as their code:
/// `photo_<U+202E>gpj.exe` must not pass for `photo_exe.jpg` in a caption.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&lt;U+{:04X}&gt;", u32::from(c));
            }
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a browser reads: the inverse of [`escape`] for the entities that it writes.
    fn unescape(text: &str) -> String {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    #[test]
    fn table() {
        let cases = [
            ("plain", "plain"),
            ("a & b", "a &amp; b"),
            ("\"><script>", "&quot;&gt;&lt;script&gt;"),
            ("x' onload='y", "x&#39; onload=&#39;y"),
            ("&amp;", "&amp;amp;"),
            ("bell\u{7}", "bell\u{fffd}"),
            ("a\u{202e}b", "a&lt;U+202E&gt;b"),
            ("面", "面"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_the_text_is_markup(text in ".*") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            let is_entity =
                |rest: &str| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|name| rest.starts_with(name));
            prop_assert!(escaped.split('&').skip(1).all(is_entity));
        }

        #[test]
        fn printable_text_is_shown_as_it_is(text in "[ -~äöü面顔\t\n]*") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}

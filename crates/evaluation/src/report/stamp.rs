//! How a result was made, so that somebody else can make it again.

use std::fmt::Write as _;

use super::escape::escape;

/// Everything that a result depends on. What is empty is left out of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// The protocol, such as `LFW View 2 (6,000 pairs, 10 folds)`.
    pub protocol: String,
    /// The models that took part.
    pub models: Vec<ModelStamp>,
    /// Hash of the data: photos, labels and pairs.
    pub data: String,
    /// The program's version.
    pub version: String,
    /// The commit that the program was built from.
    pub commit: String,
    /// What ran the models, such as `ONNX Runtime 1.22, CPU, 8 threads`.
    pub engine: String,
    /// The command that made the report.
    pub command: String,
    /// When it was made, as it is to be shown.
    pub date: String,
    /// Anything else: a name and what it says.
    pub more: Vec<(String, String)>,
}

/// A model that took part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelStamp {
    /// The model's name, with its role if there are several.
    pub name: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

impl Stamp {
    /// A list of names and values.
    pub(super) fn html(&self) -> String {
        let mut html = String::from("<dl class=\"stamp\">\n");
        let mut row = |name: &str, value: String| {
            if !value.is_empty() {
                // Writing to a String cannot fail.
                let _ = writeln!(html, "<div><dt>{}</dt><dd>{value}</dd></div>", escape(name));
            }
        };
        let code = |text: &str| {
            if text.is_empty() { String::new() } else { format!("<code>{}</code>", escape(text)) }
        };
        row("Protocol", escape(&self.protocol));
        row("Data", code(&self.data));
        let models: Vec<String> = self
            .models
            .iter()
            .map(|model| format!("<span>{} {}</span>", escape(&model.name), code(&model.fingerprint)))
            .collect();
        row(if models.len() == 1 { "Model" } else { "Models" }, models.concat());
        row("Engine", escape(&self.engine));
        let commit = code(&self.commit);
        let program = [escape(&self.version), commit].into_iter().filter(|part| !part.is_empty());
        row("Program", program.collect::<Vec<_>>().join(" "));
        row("Command", code(&self.command));
        row("Date", escape(&self.date));
        for (name, value) in &self.more {
            row(name, escape(value));
        }
        html.push_str("</dl>\n");
        html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_shown() {
        let stamp = Stamp {
            models: vec![ModelStamp { name: "a<b".to_owned(), fingerprint: "12ab".to_owned() }],
            command: "omote eval lfw \"x & y\"".to_owned(),
            more: vec![("Seed".to_owned(), "7".to_owned())],
            ..Stamp::default()
        };
        let html = stamp.html();
        assert!(html.contains("<span>a&lt;b <code>12ab</code></span>"), "{html}");
        assert!(html.contains("<code>omote eval lfw &quot;x &amp; y&quot;</code>"), "{html}");
        assert!(html.contains("<dt>Seed</dt><dd>7</dd>"), "{html}");
        assert!(!html.contains("Date") && !html.contains("Engine"), "{html}");
    }
}

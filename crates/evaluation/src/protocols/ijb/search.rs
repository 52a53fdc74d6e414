//! The lists of galleries and probes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{HELP, TemplateProtocol};
use crate::Error;
use crate::protocols::files::{entries, quoted};
use crate::protocols::identification::{GalleryTemplate, IdentificationProtocol, Probe, Templates};
use crate::protocols::people::People;
use crate::protocols::table::{Format, Table};

/// The lists name one photo a line, with its template and subject; the columns after those are not needed.
static FORMAT: Format = Format {
    known: &["TEMPLATE_ID", "SUBJECT_ID"],
    others: true,
    headless: &[],
    limit: 256 << 20,
    help: HELP,
};

/// One of the lists of galleries.
struct Gallery {
    /// `G1` of `ijbc_1N_gallery_G1.csv`.
    name: String,
    path: PathBuf,
    templates: Vec<Listed>,
}

pub(super) fn read(protocol: &TemplateProtocol) -> Result<Vec<IdentificationProtocol>, Error> {
    let probe_path = probe_path(protocol);
    let probes = subjects(&probe_path, protocol)?;
    let probe_lines: HashMap<usize, usize> =
        probes.iter().map(|probe| (probe.template, probe.line)).collect();
    let images = |listed: &Listed| protocol.templates[listed.template].images.clone();

    let mut searches = Vec::new();
    for gallery in galleries(protocol)? {
        let mut templates = Templates::default();
        let mut enrolled = HashMap::new();
        for entry in &gallery.templates {
            let bad = |problem| Error::Line { path: gallery.path.clone(), line: entry.line, problem };
            if let Some(line) = probe_lines.get(&entry.template) {
                let (id, probes) = (protocol.templates[entry.template].id, probe_path.display());
                return Err(bad(format!("template {id} is also a probe ({probes}, line {line})")));
            }
            if let Some(line) = enrolled.insert(&entry.subject, entry.line) {
                let subject = quoted(&entry.subject);
                return Err(bad(format!("subject {subject} has another template on line {line}")));
            }
            let identity = templates.people.number(&entry.subject);
            templates.gallery.push(GalleryTemplate { identity, images: images(entry) });
        }
        for entry in &probes {
            let person = Some(templates.people.number(&entry.subject));
            templates.probes.push(Probe { identity: None, person, group: None, images: images(entry) });
        }
        let name = format!("{} {}", protocol.name, gallery.name);
        searches.push(templates.finish(name, &gallery.path, Arc::clone(&protocol.images))?);
    }
    Ok(searches)
}

/// The subject of each template, or `None` if the lists are absent or do not tell of every template.
pub(super) fn identities(protocol: &TemplateProtocol) -> Result<Option<Vec<u32>>, Error> {
    let probe_path = probe_path(protocol);
    if !probe_path.exists() {
        return Ok(None);
    }
    let mut people = People::default();
    let mut found: Vec<Option<u32>> = vec![None; protocol.templates.len()];
    let galleries = galleries(protocol)?;
    let probes = subjects(&probe_path, protocol)?;
    let lists = galleries.iter().map(|gallery| (&gallery.path, &gallery.templates));
    for (path, list) in lists.chain([(&probe_path, &probes)]) {
        for entry in list {
            let person = people.number(&entry.subject);
            if found[entry.template].replace(person).is_some_and(|before| before != person) {
                let id = protocol.templates[entry.template].id;
                let problem = format!("template {id} is of another subject in another list");
                return Err(Error::Line { path: path.clone(), line: entry.line, problem });
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn probe_path(protocol: &TemplateProtocol) -> PathBuf {
    protocol.meta.join(format!("{}_1N_probe_mixed.csv", protocol.prefix))
}

/// The lists of galleries in the order of their names, at least one.
fn galleries(protocol: &TemplateProtocol) -> Result<Vec<Gallery>, Error> {
    let start = format!("{}_1N_gallery_", protocol.prefix);
    let mut found = Vec::new();
    for (file, path) in entries(&protocol.meta, HELP)? {
        if let Some(name) = file.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".csv")) {
            let templates = subjects(&path, protocol)?;
            found.push(Gallery { name: name.to_owned(), path, templates });
        }
    }
    if found.is_empty() {
        let problem = format!("there is no gallery: {start}G1.csv and {start}G2.csv were expected");
        return Err(Error::Layout { path: protocol.meta.clone(), problem });
    }
    Ok(found)
}

/// A template of a list.
struct Listed {
    /// The first line that names it.
    line: usize,
    /// An index into the protocol's templates.
    template: usize,
    subject: String,
}

/// Each template of a list once, in the order in which they are first named.
fn subjects(path: &Path, protocol: &TemplateProtocol) -> Result<Vec<Listed>, Error> {
    let mut table = Table::open(path, &FORMAT)?;
    table.require(&["TEMPLATE_ID", "SUBJECT_ID"])?;
    let mut listed: Vec<Listed> = Vec::new();
    let mut by_template: HashMap<usize, usize> = HashMap::new();
    while let Some(row) = table.next_row()? {
        let (id, subject) = (row.need("TEMPLATE_ID")?, row.need("SUBJECT_ID")?);
        let number = id.parse().map_err(|_| row.bad(format!("{} is no number of a template", quoted(id))))?;
        let template =
            protocol.template(number).ok_or_else(|| row.bad(format!("template {number} has no face")))?;
        let index = *by_template.entry(template).or_insert(listed.len());
        match listed.get(index) {
            Some(before) if before.subject != subject => {
                let (now, line) = (quoted(subject), before.line);
                let before = quoted(&before.subject);
                return Err(
                    row.bad(format!("template {number} is of {now} here, but of {before} on line {line}"))
                );
            }
            Some(_) => {}
            None => listed.push(Listed { line: row.line(), template, subject: subject.to_owned() }),
        }
    }
    Ok(listed)
}

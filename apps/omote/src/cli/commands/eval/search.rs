//! Protocols of searches: who of the gallery is this, if anybody?

mod page;

use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::Context;
use evaluation::{
    Bootstrap, Estimate, GalleryPeople, GallerySearches, Identification, IdentificationPoint,
    IdentificationProtocol, Interval, MIN_FALSE_MATCHES, PersonSearch, ProbeResult, ProbeSearch,
    SearchStatistic, SearchTrials, Support, TemplateImage, wilson,
};
use matching::{MediaRule, PooledFace, Pooling, Rule};
use serde_json::{Value, json};

use super::draws;
use super::faces::{Found, of_photos};
use super::measures::rate;
use super::page::Args as PageArgs;
use crate::cli::args::{FaceChoice, RecogniseArgs};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, path_value, table};

/// The ranks that are reported of a closed set.
const RANKS: [usize; 3] = [1, 5, 10];

/// The level of intervals.
const LEVEL: f64 = 0.95;

/// Whom a non-mated probe shows, as far as the gallery knows. People are counted from 0 and are far fewer.
pub const NOBODY: u32 = u32::MAX;

/// Flags of the protocols of searches.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The data set: its folder or file
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Which face is taken where a photo shows several: largest, central or a number
    #[arg(long, value_name = "WHICH", default_value = "central")]
    face: FaceChoice,
    /// How the faces of a template are weighted: mean, quality-weighted or magnitude-weighted
    #[arg(long, value_name = "RULE", default_value = "mean")]
    rule: Rule,
    /// False positive identification rates at which the false negative rate is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "0.01,0.1", value_parser = rate)]
    fpir: Vec<f64>,
    #[command(flatten)]
    draws: draws::Args,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    recognise: RecogniseArgs,
}

impl Args {
    /// Where the data set is.
    pub fn path(&self) -> &Path {
        &self.data
    }
}

/// Evaluates a protocol of searches.
pub fn run(
    args: &Args,
    protocol: &IdentificationProtocol,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let page = args.page.checked()?;
    let recognise = &args.recognise;
    let images: Vec<PathBuf> = protocol.images.iter().map(|image| image.path.clone()).collect();
    let work = Work { keep_crop: page.is_some(), ..Work::recognise(&recognise.detect, recognise.embed) };
    let setup = Setup::open(&recognise.models, work, images.len())?;
    let found = of_photos(&images, args.face, &setup, reporter)?;
    let searched = Searched::new(protocol, &found, args)?;

    let outcome = Outcome { failed: found.pass.failed, found: true };
    let mut record = found.pass.record(&setup, searched.record(protocol));
    record["face"] = json!(args.face.to_string());
    record["rule"] = json!(args.rule.to_string());
    record["detect_size"] = json!(recognise.detect.detect_size.to_string());
    match page {
        Some(path) if outcome.failed > 0 => reporter.complain(&format!(
            "the report {} is not written: photos could not be read, and count as if they showed nobody",
            path.display()
        )),
        Some(path) => {
            page::write(path, args, protocol, &images, &setup, &found, &searched)?;
            record["report"] = path_value(path);
        }
        None => {}
    }
    reporter.summary(&outcome, record, || {
        let counts = format!("{} without a face", searched.photos_without_face);
        searched.describe(protocol) + &found.pass.describe(&setup, &counts)
    })?;
    Ok(outcome)
}

/// All that was measured.
struct Searched {
    all: Series,
    /// With their names, those that have no probe left out.
    groups: Vec<(String, Series)>,
    /// The search of each probe.
    found: Vec<ProbeSearch>,
    /// What was drawn for the intervals, or why probes are taken for independent.
    grounds: String,
    photos_without_face: usize,
    gallery_without_template: usize,
    probes_without_template: usize,
}

/// A series of searches, and what it came to.
struct Series {
    measured: Measured,
    trials: SearchTrials,
    /// Why people could not be drawn, so that intervals take probes for independent.
    few: Option<String>,
}

/// What searches came to.
pub struct Measured {
    mated: usize,
    non_mated: usize,
    /// Empty without mated probes.
    ranks: Vec<AtRank>,
    /// Empty without probes of both kinds.
    open_set: Vec<OpenSet>,
}

/// How many mated probes found their person among the first candidates.
pub struct AtRank {
    rank: usize,
    rate: f64,
    interval: Interval,
}

/// An open-set search at a false positive identification rate, or why nothing is said of it.
struct OpenSet {
    asked: f64,
    point: Result<IdentificationPoint, String>,
    /// Of the false negative rate; `None` where nobody knows who is in the probes.
    interval: Option<Interval>,
}

impl Searched {
    fn new(protocol: &IdentificationProtocol, found: &Found, args: &Args) -> anyhow::Result<Searched> {
        let pooling = Pooling { media: MediaRule::Mean, ..Pooling::from(args.rule) };
        let pool = |images: &[usize]| template(&protocol.images, &found.faces, pooling, images);
        let gallery = protocol.gallery.iter().map(|enrolled| pool(&enrolled.images));
        let gallery = gallery.collect::<anyhow::Result<Vec<_>>>()?;
        let probes = protocol.probes.iter().map(|probe| pool(&probe.images));
        let probes = probes.collect::<anyhow::Result<Vec<_>>>()?;

        let enrolled: Vec<u32> = protocol.gallery.iter().map(|template| template.identity).collect();
        let people = GalleryPeople::new(&enrolled)?;
        let search = |(number, probe): (usize, &Option<Vec<f32>>)| {
            let person = protocol.probes[number].identity.unwrap_or(NOBODY);
            let score = |entry: usize| Some(matching::cosine(probe.as_ref()?, gallery[entry].as_ref()?));
            people.search(number, person, score)
        };
        let searches: Vec<ProbeSearch> =
            probes.iter().enumerate().map(search).collect::<Result<_, evaluation::Error>>()?;
        let bootstrap = args.draws.bootstrap();
        let measure = |chosen: &[usize]| -> anyhow::Result<Series> {
            let results: Vec<ProbeResult> = chosen.iter().map(|&probe| searches[probe].result).collect();
            let identification = Identification::new(&results)?;
            let of_people = chosen.iter().map(|&number| {
                let search = &searches[number];
                PersonSearch {
                    // Who is not known is taken for somebody else each time.
                    person: protocol.probes[number].person.unwrap_or(NOBODY - 1 - number as u32),
                    found: search.top.map(|entry| enrolled[entry]),
                    result: search.result,
                    average_precision: None,
                }
            });
            let searches = GallerySearches::new(&enrolled, &of_people.collect::<Vec<_>>())?;
            let trials = SearchTrials::new(vec![searches])?;
            let mut measured = Measured::new(&identification, &args.fpir, open_point)?;
            let few = match measured.draw(&trials, &bootstrap) {
                Ok(()) => None,
                Err(error @ evaluation::Error::TooFewPeople { .. }) => Some(error.to_string()),
                Err(error) => return Err(error.into()),
            };
            Ok(Series { measured, trials, few })
        };
        let everything: Vec<usize> = (0..probes.len()).collect();
        let all = measure(&everything)?;
        let mut groups = Vec::new();
        for (number, name) in protocol.groups.iter().enumerate() {
            let of_group = |&probe: &usize| protocol.probes[probe].group == Some(number);
            let chosen: Vec<usize> = everything.iter().copied().filter(of_group).collect();
            if !chosen.is_empty() {
                groups.push((name.clone(), measure(&chosen)?));
            }
        }
        let missing = |templates: &[Option<Vec<f32>>]| templates.iter().filter(|one| one.is_none()).count();
        Ok(Searched {
            grounds: grounds(&all, &groups, bootstrap.resamples),
            all,
            groups,
            photos_without_face: found.faces.iter().filter(|face| face.is_none()).count(),
            gallery_without_template: missing(&gallery),
            probes_without_template: missing(&probes),
            found: searches,
        })
    }

    /// All probes, and the groups that have any.
    fn series(&self) -> impl Iterator<Item = (&str, &Series)> {
        let groups = self.groups.iter().map(|(name, series)| (&name[..], series));
        std::iter::once(("all", &self.all)).chain(groups)
    }

    /// For JSON.
    fn record(&self, protocol: &IdentificationProtocol) -> Value {
        let groups = self.groups.iter().map(|(name, series)| {
            let mut record = series.measured.record();
            record["group"] = json!(name);
            record
        });
        let groups: Vec<Value> = groups.collect();
        let mut record = self.all.measured.record();
        record["protocol"] = json!(protocol.name);
        record["enrolled"] = json!(protocol.enrolled());
        record["gallery_templates"] = json!(protocol.gallery.len());
        record["gallery_templates_without_face"] = json!(self.gallery_without_template);
        record["probes_without_face"] = json!(self.probes_without_template);
        record["photos_without_face"] = json!(self.photos_without_face);
        record["intervals"] = json!(self.grounds);
        record["groups"] = json!(groups);
        record
    }

    /// For people.
    fn describe(&self, protocol: &IdentificationProtocol) -> String {
        let mut rows = vec![RANK_HEADINGS.map(String::from).to_vec()];
        self.series().for_each(|(name, series)| rows.extend(series.measured.rows(name)));
        let mut text = format!(
            "{}: {} enrolled, {} ({} mated, {} not)\n\n{}\n{}\n",
            protocol.name,
            count(protocol.enrolled(), "person", "people"),
            count(protocol.probes.len(), "probe", "probes"),
            self.all.measured.mated,
            self.all.measured.non_mated,
            table(&rows),
            self.grounds
        );
        let (gallery, probes) = (self.gallery_without_template, self.probes_without_template);
        if gallery + probes > 0 {
            text += &format!(
                "No face in {} of the gallery and in {}, which find nobody.\n",
                count(gallery, "template", "templates"),
                count(probes, "probe", "probes")
            );
        }
        text + "\n" + &self.open_set()
    }

    fn open_set(&self) -> String {
        if self.all.measured.non_mated == 0 {
            return "Everybody who is searched for is enrolled, so there are no open-set rates.\n".to_owned();
        }
        open_set_table(self.series().map(|(name, series)| (name, &series.measured)))
    }
}

/// What the intervals are.
fn grounds(all: &Series, groups: &[(String, Series)], resamples: usize) -> String {
    if let Some(few) = &all.few {
        return format!(
            "Intervals take probes for independent, which is too narrow if people come back: {few}."
        );
    }
    let text = format!("Intervals by {resamples} draws of people.");
    if groups.iter().all(|(_, group)| group.few.is_none()) {
        return text;
    }
    text + " In groups of too few people they take probes for independent, which is too narrow."
}

/// The open-set rates of several searches with their names, and what is said of those that are not reported.
pub fn open_set_table<'a>(named: impl Iterator<Item = (&'a str, &'a Measured)>) -> String {
    let mut rows = vec![
        ["PROBES", "FPIR ASKED", "FPIR", "FNIR", "95 % INTERVAL", "TPIR", "THRESHOLD"]
            .map(String::from)
            .to_vec(),
    ];
    let mut missing = String::new();
    for (name, measured) in named {
        for open in &measured.open_set {
            match &open.point {
                Ok(point) => rows.push(vec![
                    name.to_owned(),
                    open.asked.to_string(),
                    percent(point.fpir),
                    percent(point.fnir),
                    open.interval.as_ref().map_or("-".to_owned(), percents),
                    percent(point.tpir()),
                    format!("{:.3}", point.threshold),
                ]),
                Err(reason) => missing += &format!("{name}: {reason}\n"),
            }
        }
    }
    if rows.len() == 1 { missing } else { format!("{}\n{missing}", table(&rows)) }
}

/// The rates at a false positive identification rate, or why none is reported.
type OpenPoint = fn(&Identification, f64) -> anyhow::Result<Result<IdentificationPoint, String>>;

impl Measured {
    /// What is known from a search, with a rule for the open set.
    pub fn new(found: &Identification, fpir: &[f64], open_point: OpenPoint) -> anyhow::Result<Measured> {
        let (mated, non_mated) = (found.mated(), found.non_mated());
        let rates = fpir.iter().filter(|_| mated > 0 && non_mated > 0);
        let open_set =
            rates.map(|&asked| Ok(OpenSet { asked, point: open_point(found, asked)?, interval: None }));
        let open_set = open_set.collect::<anyhow::Result<_>>()?;
        Ok(Measured { mated, non_mated, ranks: ranks(|rank| found.hits(rank), mated)?, open_set })
    }

    /// Takes the intervals from draws of people.
    fn draw(&mut self, trials: &SearchTrials, draws: &Bootstrap) -> Result<(), evaluation::Error> {
        let mut statistics: Vec<SearchStatistic> =
            self.ranks.iter().map(|at| SearchStatistic::HitRate(at.rank)).collect();
        let open = self.open_set.iter().filter(|open| open.point.is_ok());
        statistics.extend(open.map(|open| SearchStatistic::TpirAtFpir(open.asked)));
        let mut drawn = trials.estimate(draws, &statistics)?.into_iter();
        for (at, Estimate { interval, .. }) in self.ranks.iter_mut().zip(&mut drawn) {
            at.interval = interval;
        }
        for (open, drawn) in self.open_set.iter_mut().filter(|open| open.point.is_ok()).zip(drawn) {
            let Interval { low, high, level } = drawn.interval;
            open.interval = Some(Interval { low: 1.0 - high, high: 1.0 - low, level });
        }
        Ok(())
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let open = |open: &OpenSet| match &open.point {
            Ok(point) => json!({
                "fpir_asked": open.asked, "fpir": point.fpir, "fnir": point.fnir, "threshold": point.threshold,
                "fnir_interval": open.interval.map(|interval| [interval.low, interval.high]),
            }),
            Err(reason) => json!({"fpir_asked": open.asked, "unsupported": reason}),
        };
        json!({
            "probes": self.mated + self.non_mated, "mated": self.mated, "non_mated": self.non_mated,
            "ranks": rank_records(&self.ranks),
            "open_set": self.open_set.iter().map(open).collect::<Vec<_>>(),
        })
    }

    /// For a table of people: name, probes, rank, rate, interval.
    pub fn rows(&self, name: &str) -> Vec<Vec<String>> {
        rank_rows(name, self.mated, &self.ranks)
    }
}

/// The closed-set rates of `mated` probes, of which `hits` says how many have their person among the first candidates.
pub fn ranks(hits: impl Fn(usize) -> usize, mated: usize) -> anyhow::Result<Vec<AtRank>> {
    let ranks = RANKS.iter().filter(|_| mated > 0).map(|&rank| {
        let found = hits(rank);
        Ok(AtRank { rank, rate: found as f64 / mated as f64, interval: wilson(found, mated, LEVEL)? })
    });
    ranks.collect()
}

/// For JSON.
pub fn rank_records(ranks: &[AtRank]) -> Vec<Value> {
    let record = |at: &AtRank| {
        let Interval { low, high, .. } = at.interval;
        json!({"rank": at.rank, "rate": at.rate, "interval": [low, high]})
    };
    ranks.iter().map(record).collect()
}

/// For a table of people.
pub fn rank_rows(name: &str, mated: usize, ranks: &[AtRank]) -> Vec<Vec<String>> {
    let row = |at: &AtRank| {
        let cells = [mated.to_string(), at.rank.to_string(), percent(at.rate), percents(&at.interval)];
        std::iter::once(name.to_owned()).chain(cells).collect()
    };
    ranks.iter().map(row).collect()
}

/// The heading of such a table.
pub const RANK_HEADINGS: [&str; 5] = ["PROBES", "MATED", "RANK", "FOUND", "95 % INTERVAL"];

fn open_point(found: &Identification, asked: f64) -> anyhow::Result<Result<IdentificationPoint, String>> {
    Ok(supported(found, asked, found.at_fpir(asked, 1)?))
}

/// By the rule of the public IJB scripts.
pub fn open_point_ijb(
    found: &Identification,
    asked: f64,
) -> anyhow::Result<Result<IdentificationPoint, String>> {
    match found.at_fpir_ijb(asked) {
        Ok(point) => Ok(supported(found, asked, point)),
        Err(error @ evaluation::Error::Setting { .. }) => {
            Ok(Err(format!("no rate is reported at FPIR {asked}: {error}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Rates must rest on as many false alarms as a false match rate does on false matches; else, what would be needed.
fn supported(
    found: &Identification,
    asked: f64,
    point: IdentificationPoint,
) -> Result<IdentificationPoint, String> {
    let strangers = found.non_mated();
    let alarms = (point.fpir * strangers as f64).round() as usize;
    if alarms >= MIN_FALSE_MATCHES {
        return Ok(point);
    }
    let remedy = match Support::impostors_needed(asked) {
        needed if needed > strangers => format!("{needed} or more non-mated probes instead of {strangers}"),
        _ => "more non-mated probes with a face and a score of their own".to_owned(),
    };
    Err(format!(
        "no rate is reported at FPIR {asked}: it would rest on {} (at least {MIN_FALSE_MATCHES} are needed, so \
         {remedy})",
        count(alarms, "false alarm", "false alarms")
    ))
}

/// The vector of a template, of the photos that are numbered. `None` where no photo has a face, and where faces cancel
/// out.
pub fn template(
    images: &[TemplateImage],
    faces: &[Option<Face>],
    pooling: Pooling,
    numbers: &[usize],
) -> anyhow::Result<Option<Vec<f32>>> {
    let pooled = |&number: &usize| {
        let face = faces[number].as_ref()?;
        Some(PooledFace {
            embedding: face.embedding.clone()?,
            media: images[number].media,
            quality: face.quality.score,
            detection: face.score,
        })
    };
    let pooled: Vec<PooledFace> = numbers.iter().filter_map(pooled).collect();
    match pooling.pool(&pooled) {
        Ok(set) => Ok(Some(set.vector)),
        Err(matching::Error::NoFaces | matching::Error::Opposed { .. }) => Ok(None),
        Err(error) => {
            let first = numbers.first().map(|&number| images[number].path.display().to_string());
            Err(error).with_context(|| format!("the template that begins with {}", first.unwrap_or_default()))
        }
    }
}

fn percents(interval: &Interval) -> String {
    format!("{:.2} .. {:.2} %", interval.low * 100.0, interval.high * 100.0)
}

fn percent(value: f64) -> String {
    format!("{:.2} %", value * 100.0)
}

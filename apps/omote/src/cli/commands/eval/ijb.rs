//! IJB-B and IJB-C: sets of photos and video frames, compared one to one and searched for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use analysis::pipeline::Half;
use analysis::{Detection, Face, Turned};
use evaluation::{
    Identification, IdentificationProtocol, OperatingPoint, StreamedScores, StreamingScores, Support,
    TemplateProtocol, Unsupported, read_ijb,
};
use geometry::{Landmarks, Rect, Rotation};
use imaging::Image;
use matching::{FaceNorm, FaceWeight, MediaRule, Pooling, Rule};
use serde_json::{Value, json};

use super::measures::rate;
use super::search::{
    AtRank, Measured, NOBODY, RANK_HEADINGS, open_point_ijb, open_set_table, rank_records, rank_rows, ranks,
    template,
};
use crate::cli::args::{EmbedArgs, ModelArgs};
use crate::cli::inputs::Input;
use crate::cli::scan::{Pass, Photo, scan_in_steps};
use crate::cli::setup::{Setup, Work};
use console::Outcome;
use console::{Reporter, count, table};

/// How much larger a face's box is than the box around its five points.
const BOX_OF_POINTS: f32 = 2.0;

/// Flags of `omote eval ijb`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the data set, with meta and loose_crop
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// How the faces of a template are weighted: mean, quality-weighted, magnitude-weighted, or insightface (raw
    /// vectors times the detector's score, as that project's published numbers)
    #[arg(long, value_name = "RULE", default_value = "mean", value_parser = pooling)]
    rule: Pooled,
    /// False match rates at which the true match rate is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "1e-4,1e-5,1e-6", value_parser = rate)]
    fmr: Vec<f64>,
    /// False positive identification rates at which the false negative rate is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "0.01,0.1", value_parser = rate)]
    fpir: Vec<f64>,
    /// Average the embeddings of the face and its mirror image: slower, slightly more accurate
    #[arg(long)]
    flip: bool,
    #[command(flatten)]
    models: ModelArgs,
}

/// A rule with the name under which it was asked for.
#[derive(Clone, Debug)]
struct Pooled {
    name: String,
    pooling: Pooling,
}

fn pooling(text: &str) -> Result<Pooled, String> {
    let pooling = match text {
        "insightface" => {
            Pooling { norm: FaceNorm::Raw, weight: FaceWeight::Detection, media: MediaRule::Mean }
        }
        _ => {
            let rule: Rule = text.parse().map_err(|error: matching::Error| error.to_string())?;
            Pooling { media: MediaRule::Mean, ..Pooling::from(rule) }
        }
    };
    Ok(Pooled { name: text.to_owned(), pooling })
}

/// Runs the command.
pub fn run(args: &Args, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let protocol = read_ijb(&args.data)?;
    // Every list is read before the hours of embedding, so that an error in one does not come after them.
    let people = protocol.identities()?;
    let searches = if has_searches(&args.data) { protocol.searches()? } else { Vec::new() };
    for pair in protocol.pairs()? {
        pair?;
    }
    let embed = EmbedArgs { flip: args.flip, aligned: true };
    let work = Work { detect: None, embed: Some(embed), keep_crop: false };
    let setup = Setup::open(&args.models, work, protocol.images.len())?;
    let (faces, pass) = embed_faces(&protocol, &setup, reporter)?;

    let pool = |numbers: &[usize]| template(&protocol.images, &faces, args.rule.pooling, numbers);
    let templates = protocol.templates.iter().map(|one| pool(&one.images));
    let templates = templates.collect::<anyhow::Result<Vec<_>>>()?;
    let verified = Verified::new(&protocol, &templates, people.as_deref(), &args.fmr)?;
    let searched = Searched::new(&searches, pool, &args.fpir)?;

    let without = templates.iter().filter(|template| template.is_none()).count();
    let mut record = json!({
        "protocol": protocol.name, "templates": templates.len(), "templates_without_face": without,
        "rule": args.rule.name, "verification": verified.record(),
    });
    record["searches"] = searched.record();
    let outcome = Outcome { failed: pass.failed, found: true };
    reporter.summary(&outcome, pass.record(&setup, record), || {
        let templates = count(templates.len(), "template", "templates");
        format!("{}: {templates}\n\n{}\n{}", protocol.name, verified.describe(), searched.describe())
            + &pass.describe(&setup, &format!("{without} templates without a face"))
    })?;
    Ok(outcome)
}

/// Whether the lists of the searches are there.
fn has_searches(root: &Path) -> bool {
    let names = root.join("meta").read_dir().into_iter().flatten().flatten();
    names.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with("_1N_probe_mixed.csv"))
}

/// Embeds the face of every crop, by the points that the benchmark gives. `None` where a crop cannot be read.
fn embed_faces(
    protocol: &TemplateProtocol,
    setup: &Setup,
    reporter: &mut Reporter,
) -> anyhow::Result<(Vec<Option<Face>>, Pass)> {
    let inputs: Vec<Input> = protocol.images.iter().map(|image| Ok(image.path.clone())).collect();
    let mut faces = vec![None; inputs.len()];
    let cut_out = |photo: &Photo, image: Image| {
        let listed = &protocol.images[photo.number];
        let face = Detection {
            bounds: bounds(listed.landmarks.as_ref(), &image),
            score: listed.detector_score.unwrap_or(1.0).clamp(0.0, 1.0),
            landmarks: listed.landmarks,
        };
        let value = setup.analyzer.cut_out(&image, &Turned { rotation: Rotation::None, faces: vec![face] });
        Ok(Half { bytes: value.bytes(), value })
    };
    let embed = |_: &_, crop| Ok(setup.analyzer.describe(crop)?.into_iter().next());
    let pass = scan_in_steps(inputs, setup, reporter, cut_out, embed, |_, photo, face| {
        faces[photo.number] = face;
        Ok(())
    })?;
    Ok((faces, pass))
}

/// A box for a face of which only the points are known. Landmarks are believed if they fit the face's box, and the
/// crops are loose, so the box has to come from the points; the crop itself stands in where they all coincide.
fn bounds(landmarks: Option<&Landmarks>, crop: &Image) -> Rect {
    let whole = Rect::new(0.0, 0.0, crop.width() as f32, crop.height() as f32);
    let around =
        landmarks.and_then(Landmarks::bounds).filter(|points| points.width().min(points.height()) >= 1.0);
    around.map_or(whole, |points| points.expanded(BOX_OF_POINTS))
}

/// What the listed pairs of templates came to.
struct Verified {
    scores: StreamedScores,
    points: Vec<Point>,
}

/// A false match rate that was asked for, and the point there.
struct Point {
    asked: f64,
    at: OperatingPoint,
    supported: Result<(), Unsupported>,
}

impl Verified {
    fn new(
        protocol: &TemplateProtocol,
        templates: &[Option<Vec<f32>>],
        people: Option<&[u32]>,
        fmr: &[f64],
    ) -> anyhow::Result<Verified> {
        let score = |a: u32, b: u32| {
            Some(matching::cosine(templates[a as usize].as_ref()?, templates[b as usize].as_ref()?))
        };
        let mut scores = StreamingScores::new();
        for pair in protocol.pairs()? {
            let pair = pair?;
            match (score(pair.a, pair.b), pair.same) {
                (Some(score), true) => scores.push_genuine(score)?,
                (Some(score), false) => scores.push_impostor(score)?,
                (None, same) => scores.count_without_score(u64::from(same), u64::from(!same)),
            }
        }
        let scores = scores.finish()?;
        let at: Vec<OperatingPoint> = fmr.iter().map(|&fmr| scores.fnmr_at_fmr(fmr).point).collect();

        // Who is falsely matched can only be asked once the thresholds are known: the list is read again.
        let mut matched = vec![HashSet::new(); at.len()];
        let lowest = at.iter().map(|point| point.threshold).fold(f64::INFINITY, f64::min);
        for pair in protocol.pairs()?.filter(|_| people.is_some()) {
            let pair = pair?;
            let Some((people, score)) = people.zip(score(pair.a, pair.b)) else { continue };
            if pair.same || f64::from(score) < lowest {
                continue;
            }
            let [a, b] = [pair.a, pair.b].map(|template| people[template as usize]);
            for (point, matched) in at.iter().zip(&mut matched) {
                if f64::from(score) >= point.threshold {
                    matched.insert((a.min(b), a.max(b)));
                }
            }
        }
        let impostors = scores.impostor_count() as usize;
        let points = fmr.iter().zip(at).zip(matched).map(|((&asked, at), matched)| {
            let identity_pairs = people.map(|_| matched.len());
            let support = Support { impostors, false_matches: at.false_matches, identity_pairs };
            Point { asked, at, supported: support.check(asked) }
        });
        Ok(Verified { points: points.collect(), scores })
    }

    fn record(&self) -> Value {
        let point = |point: &Point| match &point.supported {
            Ok(()) => json!({
                "fmr_asked": point.asked, "fmr": point.at.fmr, "tar": 1.0 - point.at.fnmr,
                "threshold": point.at.threshold, "false_matches": point.at.false_matches,
            }),
            Err(unsupported) => json!({"fmr_asked": point.asked, "unsupported": unsupported.to_string()}),
        };
        json!({
            "genuine": self.scores.genuine_count(), "impostor": self.scores.impostor_count(),
            "tar_at_fmr": self.points.iter().map(point).collect::<Vec<_>>(),
        })
    }

    fn describe(&self) -> String {
        let mut rows = vec![["MEASURE", "VALUE", "THRESHOLD"].map(String::from).to_vec()];
        let mut missing = String::new();
        for Point { asked, at, supported } in &self.points {
            match supported {
                Ok(()) => rows.push(vec![
                    format!("TAR at FAR {asked:e}"),
                    format!("{:.2} %", (1.0 - at.fnmr) * 100.0),
                    format!("{:.3}", at.threshold),
                ]),
                Err(unsupported) => missing += &format!("{unsupported}\n"),
            }
        }
        let (genuine, impostor) = (self.scores.genuine_count(), self.scores.impostor_count());
        let table = if rows.len() > 1 { table(&rows) + "\n" } else { String::new() };
        format!("{table}{genuine} genuine and {impostor} impostor pairs of templates\n{missing}")
    }
}

/// What the searches in the benchmark's galleries came to.
struct Searched {
    galleries: Vec<(String, Measured)>,
    /// Hits in any gallery over all probes, as published tables have it.
    mated: usize,
    ranks: Vec<AtRank>,
}

impl Searched {
    fn new(
        searches: &[IdentificationProtocol],
        pool: impl Fn(&[usize]) -> anyhow::Result<Option<Vec<f32>>>,
        fpir: &[f64],
    ) -> anyhow::Result<Searched> {
        let (mut galleries, mut found) = (Vec::new(), Vec::new());
        for search in searches {
            let gallery = search.gallery.iter().map(|enrolled| pool(&enrolled.images));
            let gallery = gallery.collect::<anyhow::Result<Vec<_>>>()?;
            let probes = search.probes.iter().map(|probe| pool(&probe.images));
            let probes = probes.collect::<anyhow::Result<Vec<_>>>()?;
            let enrolled: Vec<u32> = search.gallery.iter().map(|template| template.identity).collect();
            let people: Vec<u32> =
                search.probes.iter().map(|probe| probe.identity.unwrap_or(NOBODY)).collect();
            let score = |probe: usize, entry: usize| {
                Some(matching::cosine(probes[probe].as_ref()?, gallery[entry].as_ref()?))
            };
            let identification = Identification::from_scores(&people, &enrolled, score)?;
            galleries.push((search.name.clone(), Measured::new(&identification, fpir, open_point_ijb)?));
            found.push(identification);
        }
        let mated = found.iter().map(Identification::mated).sum();
        let hits = |rank| found.iter().map(|gallery| gallery.hits(rank)).sum();
        Ok(Searched { galleries, mated, ranks: ranks(hits, mated)? })
    }

    fn record(&self) -> Value {
        let galleries = self.galleries.iter().map(|(name, measured)| {
            let mut record = measured.record();
            record["gallery"] = json!(name);
            record
        });
        let galleries: Vec<Value> = galleries.collect();
        json!({"galleries": galleries, "mated": self.mated, "ranks": rank_records(&self.ranks)})
    }

    fn describe(&self) -> String {
        if self.galleries.is_empty() {
            return "The lists of the searches are not there, so nobody was searched for.\n".to_owned();
        }
        let mut rows = vec![RANK_HEADINGS.map(String::from).to_vec()];
        rows.extend(rank_rows("all", self.mated, &self.ranks));
        self.galleries.iter().for_each(|(name, measured)| rows.extend(measured.rows(name)));
        let named = self.galleries.iter().map(|(name, measured)| (&name[..], measured));
        format!("{}\n\n{}", table(&rows), open_set_table(named))
    }
}

//! `omote eval`: how good is it, by the protocols of the field?

mod ages;
mod attributes;
mod clusters;
mod cohorts;
mod discard;
mod draws;
mod faces;
mod ijb;
mod intervals;
mod landmarks;
mod lint;
mod measures;
mod open_set;
mod pad;
mod page;
mod pairs;
mod scorers;
mod scores;
mod search;
mod wider;

use clap::Subcommand;
use evaluation::{
    CfpSet, read_bin, read_cfp, read_lfw, read_orl, read_pairs_csv, read_search_csv, read_yale_b,
};

pub use measures::rate;

use console::Outcome;
use console::Reporter;

/// By which protocol.
#[derive(Subcommand, Debug)]
#[command(
    after_help = "How to lay out each data set: docs/evaluation-layouts.md. A photo without a face is counted, and \
its pairs are decided \"not the same\".\n\nExample: omote eval lfw ~/data/lfw --flip"
)]
pub enum Command {
    /// LFW View 2: 6,000 pairs in 10 folds
    #[command(after_help = "Example: omote eval lfw ~/data/lfw --detector yunet-n --detect-size 320 --flip")]
    Lfw(Box<pairs::Args>),
    /// CFP, frontal against frontal: 7,000 pairs in 10 folds
    #[command(after_help = "Example: omote eval cfp-ff ~/data/cfp-dataset")]
    CfpFf(Box<pairs::Args>),
    /// CFP, frontal against profile: 7,000 pairs in 10 folds
    #[command(after_help = "Example: omote eval cfp-fp ~/data/cfp-dataset")]
    CfpFp(Box<pairs::Args>),
    /// Pairs of aligned crops in one file of InsightFace: AgeDB-30, CALFW, CPLFW, LFW and others
    #[command(
        after_help = "Who is in the photos is not in the file, so intervals come from resampled pairs and are too \
narrow if people come back.\n\nExample: omote eval bin agedb_30.bin --flip"
    )]
    Bin(Box<pairs::Args>),
    /// Pairs of photos listed in a CSV file: a,b,same or a,id_a,b,id_b
    #[command(
        after_help = "Further columns of a header are labels, such as age_gap of the pair, or camera_a and camera_b of its \
photos: the error rates of each of their values are measured at one threshold for all. \
docs/evaluation-layouts.md says more.\n\n\
Example: omote eval pairs door-camera.csv --fmr 1e-3\n\
Example: omote eval pairs door-camera.csv --fmr 1e-2 --report cohorts.html"
    )]
    Pairs(Box<pairs::Args>),
    /// Scores of pairs that any program made, in a CSV file: same,score
    #[command(
        after_help = "The columns are `same` (1 or 0) and `score` (more is more alike; empty where no face was found), \
where it is known who is in the photos `id_a` and `id_b`, and where faces were judged `quality_a` and `quality_b`. \
Other columns are labels, whose values are measured one by one.\n\nExample: omote eval scores other-system.csv --fmr 1e-2,1e-3"
    )]
    Scores(scores::Args),
    /// Searches in a gallery listed in a CSV file: role,identity,template,path,media
    #[command(
        after_help = "A probe of somebody who is in no gallery row is non-mated: nobody should be found. It is what the \
open-set rates are taken from.\n\nExample: omote eval search door-camera.csv --rule quality-weighted"
    )]
    Search(Box<search::Args>),
    /// ORL (AT&T): photos 1 to 5 of 40 people are enrolled, the others searched for
    #[command(after_help = "Example: omote eval orl ~/data/orl_faces")]
    Orl(Box<search::Args>),
    /// Extended Yale B: frontal light is enrolled, four ranges of other light are searched for
    #[command(after_help = "Example: omote eval yale-b ~/data/ExtendedYaleB")]
    YaleB(Box<search::Args>),
    /// Galleries of people drawn at random, searched for everybody: open-set rates by gallery size, and ways to use several
    /// photos of a person
    #[command(
        after_help = "Which galleries, which probes, which intervals: docs/evaluation-open-set.md.\n\n\
Example: omote eval open-set ~/data/lfw --people 100,1000,3000\n\
Example: omote eval open-set photos/ --enrolled 3 --methods all --train strangers/ --report methods.html"
    )]
    OpenSet(Box<open_set::Args>),
    /// IJB-B or IJB-C: templates compared one to one, and searched for in two galleries
    #[command(after_help = "Example: omote eval ijb ~/data/IJBC --flip --rule insightface")]
    Ijb(Box<ijb::Args>),
    /// Methods of grouping against each other, on photos of people who are known
    #[command(
        after_help = "Parameters are chosen by the mean of pairwise F and BCubed F over five mixes of many and few photos a \
person; k-means is told how many people there are. docs/grouping.md says more.\n\n\
Example: omote eval clusters staff-photos/ --choose celeba/images --choose-people celeba/identity.txt\n\
Example: omote eval clusters staff-photos/ --defaults"
    )]
    Clusters(Box<clusters::Args>),
    /// Wrong names that are planted among right ones: how many `omote gallery lint` finds, and how many right ones it
    /// doubts
    #[command(
        after_help = "Found is what an error of the linter names. Warnings (twins' risk, hubs, copies) are counted but \
flag nothing. Photos that are flagged without being planted may be wrong all the same: look at them with --html.\n\n\
Example: omote eval lint ~/data/celeba/images --people ~/data/celeba/identity.txt --html flagged.html"
    )]
    Lint(Box<lint::Args>),
    /// WIDER FACE: average precision of a detector on easy, medium and hard faces
    #[command(
        after_help = "Where to get it, what is computed: docs/evaluation-wider.md. The detector is asked for faces from a \
score of 0.02 on unless --score says otherwise.\n\nExample: omote eval wider ~/data/wider --detect-size native"
    )]
    Wider(Box<wider::Args>),
    /// Presentation attacks that any program judged, in a CSV file: species,score
    #[command(
        after_help = "The columns are `species` (bona-fide for a live face, else the kind of attack), `score` (more is more \
alive; empty where no face was found), and where it is known who presents `person`.\n\nExample: omote eval pad test.csv --dev dev.csv"
    )]
    Pad(pad::Args),
    /// Landmarks that any program found, in a CSV file: face,point,x,y,found_x,found_y
    #[command(
        after_help = "A row is a point; a face that was not found has empty found_x and found_y. With a header also \
box_width, box_height and person.\n\nExample: omote eval landmarks 300w.csv --eyes 36,45"
    )]
    Landmarks(landmarks::Args),
    /// Ages that any program estimated, in a CSV file: age,estimate
    #[command(
        after_help = "Both in years; an empty estimate is a face that got none. Where it is known whose face it is, a third \
column `person`.\n\nExample: omote eval ages utkface.csv --within 5,10"
    )]
    Ages(ages::Args),
    /// Attributes that any program answered, in a CSV file: attribute,truth,answer
    #[command(
        after_help = "A row is one question about one face; an empty answer is a face that got none. Where it is known whose \
face it is, a fourth column `person`.\n\nExample: omote eval attributes celeba.csv"
    )]
    Attributes(attributes::Args),
}

/// Runs the command.
pub fn run(command: &Command, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    match command {
        Command::Lfw(args) => pairs::run(args, &read_lfw(args.path())?, reporter),
        Command::CfpFf(args) => pairs::run(args, &read_cfp(args.path(), CfpSet::FrontalFrontal)?, reporter),
        Command::CfpFp(args) => pairs::run(args, &read_cfp(args.path(), CfpSet::FrontalProfile)?, reporter),
        Command::Bin(args) => pairs::run_bin(args, &read_bin(args.path())?, reporter),
        Command::Pairs(args) => pairs::run(args, &read_pairs_csv(args.path())?, reporter),
        Command::Scores(args) => scores::run(args, reporter),
        Command::Search(args) => search::run(args, &read_search_csv(args.path())?, reporter),
        Command::Orl(args) => search::run(args, &read_orl(args.path())?, reporter),
        Command::YaleB(args) => search::run(args, &read_yale_b(args.path())?, reporter),
        Command::OpenSet(args) => open_set::run(args, reporter),
        Command::Ijb(args) => ijb::run(args, reporter),
        Command::Clusters(args) => clusters::run(args, reporter),
        Command::Lint(args) => lint::run(args, reporter),
        Command::Wider(args) => wider::run(args, reporter),
        Command::Pad(args) => pad::run(args, reporter),
        Command::Landmarks(args) => landmarks::run(args, reporter),
        Command::Ages(args) => ages::run(args, reporter),
        Command::Attributes(args) => attributes::run(args, reporter),
    }
}

//! `omote eval`: how good is it, by the protocols of the field?

mod faces;
mod ijb;
mod measures;
mod page;
mod pairs;
mod scores;
mod search;
mod wider;

use clap::Subcommand;
use evaluation::{
    CfpSet, read_bin, read_cfp, read_lfw, read_orl, read_pairs_csv, read_search_csv, read_yale_b,
};

pub use measures::rate;

use crate::cli::outcome::Outcome;
use crate::cli::reporter::Reporter;

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
    #[command(after_help = "Example: omote eval pairs door-camera.csv --fmr 1e-3")]
    Pairs(Box<pairs::Args>),
    /// Scores of pairs that any program made, in a CSV file: same,score
    #[command(
        after_help = "The columns are `same` (1 or 0) and `score` (more is more alike; empty where no face was found), \
and where it is known who is in the photos `id_a` and `id_b`.\n\nExample: omote eval scores other-system.csv --fmr 1e-2,1e-3"
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
    /// IJB-B or IJB-C: templates compared one to one, and searched for in two galleries
    #[command(after_help = "Example: omote eval ijb ~/data/IJBC --flip --rule insightface")]
    Ijb(Box<ijb::Args>),
    /// WIDER FACE: average precision of a detector on easy, medium and hard faces
    #[command(
        after_help = "Where to get it, what is computed: docs/evaluation-wider.md. The detector is asked for faces from a \
score of 0.02 on unless --score says otherwise.\n\nExample: omote eval wider ~/data/wider --detect-size native"
    )]
    Wider(Box<wider::Args>),
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
        Command::Ijb(args) => ijb::run(args, reporter),
        Command::Wider(args) => wider::run(args, reporter),
    }
}

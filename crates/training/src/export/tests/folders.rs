//! Folders that the run side opens, and cards.

use std::fs;

use burn::tensor::Device;
use model::{Align, Batch, Color, CommercialUse, Frame, Input, Layout, Licence, Size, Store};
use nets::backbones::{Backbone, BackboneConfig, MobileFaceNetConfig};

use crate::export::{Card, Embedder, Interval, Measured, TrainingData, to_onnx, write_folder};

fn embedder() -> Embedder {
    Embedder {
        name: "small.synthetic".to_owned(),
        title: "A small recogniser, 32 values".to_owned(),
        input: Input {
            size: Size::Fixed { width: 112, height: 112 },
            color: Color::Rgb,
            mean: [127.5; 3],
            std: [128.0; 3],
            layout: Layout::Nchw,
            batch: Batch::Dynamic,
        },
        align: Align::Template(Frame::Arcface),
        dimension: 32,
        magnitude: None,
        licence: Licence { name: "MIT OR Apache-2.0".to_owned(), commercial_use: CommercialUse::Yes },
        source: "trained by omote-lab".to_owned(),
        compatible_with: Vec::new(),
    }
}

fn card() -> Card {
    Card {
        title: "small.synthetic".to_owned(),
        summary: "Tells faces apart that nobody has.".to_owned(),
        data: vec![TrainingData {
            name: "synthetic faces | seed 1".to_owned(),
            images: 10_000,
            people: 1_000,
            terms: "made by this project: no terms".to_owned(),
        }],
        licence: embedder().licence,
        recipe: "steps = 100\n".to_owned(),
        commits: Vec::new(),
        seed: 7,
        hours: 0.25,
        machines: vec!["2 cores".to_owned()],
        results: vec![Measured {
            on: "synthetic pairs".to_owned(),
            measure: "accuracy".to_owned(),
            value: 0.925,
            interval: Some(Interval { low: 0.91, high: 0.94, confidence: 0.95 }),
            count: 600,
        }],
        limits: vec![],
        misuse: Card::MISUSE.map(str::to_owned).to_vec(),
    }
}

fn onnx() -> Vec<u8> {
    let config = MobileFaceNetConfig { width: 0.25, dimension: 32, ..MobileFaceNetConfig::default() };
    let network = BackboneConfig::MobileFaceNet(config).init(&Device::flex());
    to_onnx(&network, [3, 112, 112], Backbone::forward).unwrap()
}

#[test]
fn the_run_side_opens_what_is_written() {
    let parent = tempfile::tempdir().unwrap();
    let (onnx, folder) = (onnx(), parent.path().join("small.synthetic"));
    let manifest = embedder().manifest(&onnx).unwrap();
    for _ in 0..2 {
        write_folder(&folder, &onnx, &manifest, &card()).unwrap();
        let store = Store::open(&[parent.path().to_owned()]).unwrap();
        let installed = store.resolve("small.synthetic").unwrap();
        assert_eq!(installed.manifest, manifest);
        let names = fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["small.synthetic"]);
    }
}

#[test]
fn folders_of_other_things_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letters.txt"), "dear").unwrap();
    let onnx = b"onnx".to_vec();
    let manifest = embedder().manifest(&onnx).unwrap();
    let error = write_folder(folder.path(), &onnx, &manifest, &card()).unwrap_err().to_string();
    assert!(error.contains("letters.txt") && error.contains("another folder"), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("letters.txt")).unwrap(), "dear");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("model");
    let manifest = embedder().manifest(b"one").unwrap();
    let error =
        |onnx: &[u8], card: &Card| write_folder(&folder, onnx, &manifest, card).unwrap_err().to_string();
    assert!(error(b"other", &card()).contains("does not describe the model.onnx"));
    let cards = [
        (Card { title: String::new(), ..card() }, "a title"),
        (Card { data: vec![], ..card() }, "what it was trained on"),
        (Card { misuse: vec![], ..card() }, "what it must not be used for"),
    ];
    for (card, words) in cards {
        assert!(error(b"one", &card).contains(words));
    }
    let wrong = Embedder { dimension: 0, ..embedder() };
    assert!(wrong.manifest(b"one").unwrap_err().to_string().contains("dimension"));
    assert!(!folder.exists());
}

#[test]
fn a_card_is_a_page() {
    let page = card().to_string();
    for line in [
        "# small.synthetic",
        "| synthetic faces \\| seed 1 | 10000 | 1000 | made by this project: no terms |",
        "| synthetic pairs | accuracy | 0.9250 | 0.9100 to 0.9400 (95 %) | 600 |",
        "MIT OR Apache-2.0. Commercial use: yes.",
        "None are known.",
        "- Commit: not known",
        "- Training: 0.2 hours on 2 cores",
        "steps = 100",
    ] {
        assert!(page.lines().any(|known| known == line), "{line}\n{page}");
    }
}

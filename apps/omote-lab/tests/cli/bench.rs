//! How fast networks are is measured.

use std::fs;

use super::support::{failed_with, lab, records};

const RECIPE: &str = "seed = 3\ndata = { kind = 'folders', path = 'nowhere' }\nrun = { epochs = 2, batch = 8 }\n\
    [backbone]\nkind = 'mobilefacenet'\ninput = [28, 28]\nwidth = 0.125\ndimension = 16\n\
    [loss]\nkind = 'cosface'\n";

#[test]
fn a_recipe_is_measured_without_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("tiny.toml"), RECIPE).unwrap();
    let measured = lab(folder, &["bench", "tiny.toml", "--steps", "2", "--threads", "1", "--json"]);
    assert_eq!(measured.status.code(), Some(0), "{measured:?}");
    assert!(measured.stderr.is_empty(), "{measured:?}");
    let records = records(&measured);
    let [speed, summary] = &records[..] else { panic!("{records:?}") };
    assert_eq!((&speed["network"], &speed["batch"]), (&"tiny.toml".into(), &8.into()));
    assert_eq!((&speed["input"], &speed["threads"]), (&vec![28, 28].into(), &1.into()));
    for pace in [&speed["forward"], &speed["training"]] {
        let rate = |name: &str| pace[name].as_f64().unwrap();
        assert!(rate("best_per_second") >= rate("median_per_second"), "{pace}");
        assert_eq!(pace["seconds"].as_array().unwrap().len(), 2);
        assert_eq!(pace["peak_bytes"].is_u64(), cfg!(target_os = "linux"), "{pace}");
    }
    assert_eq!((&summary["networks"], &summary["steps"]), (&1.into(), &2.into()));

    let told = lab(folder, &["bench", "tiny.toml", "--steps", "1", "--batch", "3"]);
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(text.starts_with("NETWORK") && text.contains("tiny.toml  28x28"), "{text}");
    assert!(text.contains("median and best of 1 step after 2 for warm-up"), "{text}");
    assert!(!folder.join("nowhere").exists());
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    failed_with(&lab(folder, &["bench", "none.toml"]), &["none.toml"]);
    fs::write(folder.join("bad.toml"), RECIPE.replace("width = 0.125", "width = 9")).unwrap();
    failed_with(&lab(folder, &["bench", "bad.toml"]), &["bad.toml", "[backbone] width"]);
    failed_with(&lab(folder, &["bench", "--network", "alexnet"]), &["alexnet", "iresnet-18"]);
    failed_with(&lab(folder, &["bench", "--batch", "1"]), &["--batch", "2..=65536"]);
    failed_with(&lab(folder, &["bench", "--steps", "0"]), &["--steps"]);
    failed_with(&lab(folder, &["bench", "--threads", "0"]), &["--threads"]);
}

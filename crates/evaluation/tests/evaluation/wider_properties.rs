//! The WIDER FACE evaluation against the oracle, and its readers against damaged files.

use std::fs;

use geometry::Rect;
use omote_evaluation::{
    WiderAttributes, WiderFace, WiderImage, WiderPredictions, WiderSubsets, WiderTruth, evaluate_wider,
};
use proptest::prelude::*;

use super::mat_file::{ground_truth, mat_file, write_ground_truth};
use super::wider::{Detections, made_up, results};
use super::wider_published::{as_published, for_oracle};

fn any_rect() -> impl Strategy<Value = Rect> {
    let small = |most: u8| (0..most).prop_map(f32::from);
    (small(40), small(40), small(16), small(16)).prop_map(|(x, y, w, h)| Rect::from_xywh(x, y, w, h))
}

fn any_face() -> impl Strategy<Value = WiderFace> {
    (any_rect(), any::<[bool; 3]>()).prop_map(|(rect, [easy, medium, hard])| {
        let attributes = Some(WiderAttributes::default());
        WiderFace { rect, attributes, subsets: WiderSubsets { easy, medium, hard } }
    })
}

/// Mostly moved copies of the image's faces, with scores that are often equal.
fn any_detections() -> impl Strategy<Value = Vec<(prop::sample::Index, [i8; 2], Rect, bool, f32)>> {
    let score = prop_oneof![(0_u8..8).prop_map(|step| f32::from(step) / 8.0), -1.0_f32..2.0];
    let one = (any::<prop::sample::Index>(), [-3_i8..3, -3_i8..3], any_rect(), any::<bool>(), score);
    prop::collection::vec(one, 0..14)
}

fn any_set() -> impl Strategy<Value = (Vec<WiderImage>, Detections)> {
    let image = (prop::collection::vec(any_face(), 0..7), any_detections());
    prop::collection::vec(image, 1..5).prop_map(|samples| {
        let (mut images, mut detections) = (Vec::new(), Detections::new());
        for (number, (faces, found)) in samples.into_iter().enumerate() {
            let rect = |(near, [x, y], elsewhere, copied, score): (prop::sample::Index, [i8; 2], _, _, _)| {
                let copy = (copied && !faces.is_empty())
                    .then(|| near.get(&faces).rect.translated(f32::from(x) / 2.0, f32::from(y) / 2.0));
                (copy.unwrap_or(elsewhere), score)
            };
            let name = format!("{}--Event/image {number}", number / 2);
            detections.insert(name.clone(), found.into_iter().map(rect).collect());
            images.push(WiderImage { name, faces });
        }
        (images, detections)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_published_steps_give_the_same((images, detections) in any_set()) {
        prop_assume!(images.iter().flat_map(|image| &image.faces).any(|face| face.subsets.hard));
        for (list, result) in results(&images, &detections).into_iter().enumerate() {
            let expected = as_published(&for_oracle(&images, &detections, list, true));
            match result {
                Some(result) => prop_assert!((result.ap - expected).abs() < 1e-12, "{} {expected}", result.ap),
                // Without a face the published recall is 0/0.
                None => prop_assert!(expected.is_nan() || expected == 0.0),
            }
        }
    }

    #[test]
    fn counts_at_the_operating_threshold_are_those_of_a_lone_threshold(
        (images, detections) in any_set(),
        threshold in 0.0_f32..1.0,
    ) {
        prop_assume!(images.iter().flat_map(|image| &image.faces).any(|face| face.subsets.hard));
        let truth = WiderTruth::new(images.clone()).unwrap();
        let of = |detections: &Detections, threshold| {
            let predictions = WiderPredictions::new(detections.clone()).unwrap();
            evaluate_wider(&truth, &predictions, threshold).unwrap().hard.unwrap()
        };
        let mut accepted = detections.clone();
        accepted.values_mut().for_each(|found| found.retain(|(_, score)| *score >= threshold));
        let (all, alone) = (of(&detections, threshold), of(&accepted, f32::NEG_INFINITY));
        prop_assert_eq!((all.found, all.false_finds), (alone.found, alone.false_finds));
        // The curve's last point counts everything.
        let last = alone.curve.last().map_or(0.0, |point| point.recall);
        prop_assert!((last - alone.recall()).abs() < 1e-12);
    }

}

proptest! {
    // Fewer: each writes a set of files.
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn no_damage_makes_the_reader_of_lists_panic(
        file in 0..4_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        compressed: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let images = &made_up()[..1];
        write_ground_truth(dir.path(), images, compressed);
        let (name, variables) = ground_truth(images).into_iter().nth(file).unwrap();
        let mut bytes = mat_file(&variables, compressed);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        fs::write(dir.path().join(name), bytes).unwrap();
        if let Err(error) = WiderTruth::read_official(dir.path()) {
            prop_assert!(error.to_string().contains("_val.mat"), "{error}");
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in text_like()) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("e").join("1.txt");
        fs::create_dir(dir.path().join("e")).unwrap();
        fs::write(&file, text).unwrap();
        let errors = [
            WiderTruth::read_annotations(&file).err(),
            WiderTruth::read_labels_v2(&file).err(),
            WiderPredictions::read(dir.path()).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(error.to_string().contains("1.txt, line "), "{error}");
        }
    }
}

fn text_like() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("e/1.jpg".to_owned()),
        Just("# e/1.jpg 640 480".to_owned()),
        "[0-3]",
        "([0-9]{1,2} ){4,5}",
        "([0-9]{1,2} ){4}0 [0-2] 0 1 2 0",
        "[-0-9.e ]{0,20}",
        "\\PC{0,10}",
    ];
    let text = prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n").into_bytes());
    prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..100)]
}

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use geometry::Rect;
use omote_evaluation::{
    Error, WiderAttribute, WiderAttributes, WiderFace, WiderImage, WiderLists, WiderPredictions, WiderResult,
    WiderSubsets, WiderTruth, evaluate_wider,
};

use super::mat_file::{Mat, ground_truth, mat_file, write_ground_truth};
use super::wider_published::{as_published, for_oracle};

pub(crate) type Detections = BTreeMap<String, Vec<(Rect, f32)>>;

/// A face `height` pixels high with these labels, on the lists `E`, `M`, `H` that `lists` names.
fn face(x: f32, y: f32, height: f32, lists: &str, attributes: WiderAttributes) -> WiderFace {
    let [easy, medium, hard] = ['E', 'M', 'H'].map(|list| lists.contains(list));
    WiderFace {
        rect: Rect::from_xywh(x, y, height - 1.0, height),
        attributes: Some(attributes),
        subsets: WiderSubsets { easy, medium, hard },
    }
}

/// Four images of two events: seven faces on the hard list, four medium, two easy, two on none. One image has no
/// face, one only ignored ones.
pub(crate) fn made_up() -> Vec<WiderImage> {
    let plain = WiderAttributes::default();
    let turned = WiderAttributes { pose: 1, ..plain };
    let covered = WiderAttributes { occlusion: 2, blur: 1, ..plain };
    let invalid = WiderAttributes { invalid: true, blur: 2, ..plain };
    let image = |name: &str, faces: &[WiderFace]| WiderImage { name: name.to_owned(), faces: faces.to_vec() };
    vec![
        image(
            "0--Parade/0_Parade_a_1",
            &[
                face(10.0, 10.0, 80.0, "EMH", plain),
                face(200.0, 10.0, 40.0, "MH", turned),
                face(300.0, 10.0, 15.0, "H", covered),
                face(400.0, 10.0, 6.0, "", invalid),
            ],
        ),
        image(
            "0--Parade/0_Parade_a_2",
            &[
                face(5.0, 5.0, 320.0, "EMH", covered),
                face(400.0, 50.0, 35.0, "MH", plain),
                face(500.0, 50.0, 12.0, "H", plain),
                face(600.0, 50.0, 20.0, "H", turned),
            ],
        ),
        image("1--Handshaking/1_Handshaking_b_1", &[]),
        image("1--Handshaking/1_Handshaking_b_2", &[face(0.0, 0.0, 8.0, "", plain)]),
    ]
}

/// Every face with the score that `score` gives it; none where it gives none.
fn detect(images: &[WiderImage], score: impl Fn(&WiderFace) -> Option<f32>) -> Detections {
    let of_image = |image: &WiderImage| {
        let found = image.faces.iter().filter_map(|face| Some((face.rect, score(face)?)));
        (image.name.clone(), found.collect())
    };
    images.iter().map(of_image).collect()
}

pub(crate) fn results(images: &[WiderImage], detections: &Detections) -> [Option<WiderResult>; 3] {
    let truth = WiderTruth::new(images.to_vec()).unwrap();
    let predictions = WiderPredictions::new(detections.clone()).unwrap();
    let report = evaluate_wider(&truth, &predictions, 0.5).unwrap();
    [report.easy, report.medium, report.hard]
}

fn aps(images: &[WiderImage], detections: &Detections) -> [f64; 3] {
    results(images, detections).map(|result| result.unwrap().ap)
}

#[test]
fn perfect_detections() {
    let images = made_up();
    let ranked = detect(&images, |face| Some(if face.subsets.hard { 0.9 } else { 0.8 }));
    assert_eq!(aps(&images, &ranked), [1.0; 3]);
    // Equal scores: the range is 0, and nothing is divided by it.
    assert_eq!(aps(&images, &detect(&images, |_| Some(0.7))), [1.0; 3]);

    let [easy, medium, hard] = results(&images, &ranked).map(Option::unwrap);
    assert_eq!([easy.faces, medium.faces, hard.faces], [2, 4, 7]);
    assert_eq!([easy.images, medium.images, hard.images], [2, 2, 2]);
    assert_eq!((hard.recall(), hard.precision(), hard.false_finds), (1.0, Some(1.0), 0));
}

#[test]
fn every_face_twice() {
    let images = made_up();
    let mut twice = detect(&images, |_| Some(0.7));
    twice.values_mut().for_each(|found| found.extend_from_within(..));
    assert_eq!(aps(&images, &twice), [0.5; 3]);
    let hard = results(&images, &twice)[2].clone().unwrap();
    assert_eq!((hard.found, hard.false_finds), (7, 7));
}

#[test]
fn only_ignored_faces() {
    let images = made_up();
    let ignored = detect(&images, |face| (!face.subsets.hard).then_some(0.6));
    for result in results(&images, &ignored).map(Option::unwrap) {
        assert_eq!((result.ap, result.recall(), result.precision()), (0.0, 0.0, None));
        assert_eq!(result.curve, []);
    }
    let nothing = detect(&images, |_| None);
    assert_eq!(aps(&images, &nothing), [0.0; 3]);
}

/// Detections that are right, wrong, doubled and of many scores.
fn mixed(images: &[WiderImage]) -> Detections {
    let mut detections = detect(images, |face| Some((1.0 + face.rect.height()) / 512.0));
    for (number, found) in detections.values_mut().enumerate() {
        let beside = |(rect, score): &(Rect, f32)| (rect.translated(1.0, 2.0), score + 0.125);
        let doubled: Vec<_> = found.iter().map(beside).collect();
        found.extend(doubled);
        let wrong = |step: usize| (Rect::from_xywh(700.0, 20.0 * step as f32, 9.0, 9.0), 0.125 * step as f32);
        found.extend((0..5 + number).map(wrong));
    }
    detections
}

#[test]
fn order_within_an_image_does_not_matter() {
    let images = made_up();
    let detections = mixed(&images);
    let mut reversed = detections.clone();
    reversed.values_mut().for_each(|found| found.reverse());
    let expected = aps(&images, &detections);
    assert_eq!(aps(&images, &reversed), expected);

    // The published steps rely on the order: they agree on what is sorted, and not on what is not.
    for (list, expected) in expected.into_iter().enumerate() {
        let published = |sort| as_published(&for_oracle(&images, &detections, list, sort));
        assert!((published(true) - expected).abs() < 1e-12);
        assert!((published(false) - expected).abs() > 1e-3);
    }
}

#[test]
fn an_affine_change_of_scores_does_not_matter() {
    let images = made_up();
    let detections = mixed(&images);
    let changed = |change: fn(f32) -> f32| {
        let mut detections = detections.clone();
        detections.values_mut().flatten().for_each(|(_, score)| *score = change(*score));
        aps(&images, &detections)
    };
    let expected = aps(&images, &detections);
    assert_eq!(changed(|score| 4.0 * score - 17.0), expected);
    // Another monotone change crowds scores between two of the 1,000 thresholds.
    let crowded = changed(|score| (20.0 * score).exp2());
    assert!(crowded.iter().zip(expected).any(|(crowded, expected)| (crowded - expected).abs() > 1e-3));
}

#[test]
fn a_score_on_a_threshold_passes_it() {
    let faces = [0.0, 100.0, 200.0].map(|x| face(x, 0.0, 40.0, "EMH", WiderAttributes::default()));
    let images = [WiderImage { name: "e/a".to_owned(), faces: faces.to_vec() }];
    // The false find lies between the thresholds 0.5 and 0.499.
    let mut found = vec![(Rect::from_xywh(500.0, 0.0, 9.0, 9.0), 0.4995)];
    found.extend(faces.iter().map(|face| face.rect).zip([1.0, 0.5, 0.0]));
    let ap = aps(&images, &Detections::from([("e/a".to_owned(), found)]))[0];
    assert!((ap - (1.0 + 1.0 + 3.0 / 4.0) / 3.0).abs() < 1e-12, "{ap}");
}

#[test]
fn false_finds_count_only_where_faces_are_labelled() {
    let images = made_up();
    let false_find = |name: &str| {
        let mut detections = detect(&images, |_| Some(0.5));
        detections.get_mut(name).unwrap().push((Rect::from_xywh(800.0, 800.0, 50.0, 50.0), 0.9));
        aps(&images, &detections)
    };
    assert_eq!(false_find("1--Handshaking/1_Handshaking_b_1"), [1.0; 3]);
    // Here the only face is on no list, and a false find counts all the same.
    let [easy, medium, hard] = false_find("1--Handshaking/1_Handshaking_b_2");
    assert_eq!([easy, medium, hard], [2.0 / 3.0, 4.0 / 5.0, 7.0 / 8.0]);
}

#[test]
fn an_ignored_face_takes_what_overlaps_it_more() {
    let plain = WiderAttributes::default();
    let faces = [face(0.0, 0.0, 40.0, "EMH", plain), face(4.0, 0.0, 40.0, "", plain)];
    let images = [WiderImage { name: "e/a".to_owned(), faces: faces.to_vec() }];
    let at = |x| Detections::from([("e/a".to_owned(), vec![(faces[0].rect.translated(x, 0.0), 0.9)])]);
    assert_eq!(aps(&images, &at(1.0)), [1.0; 3]);
    assert_eq!(aps(&images, &at(3.0)), [0.0; 3]);
    assert_eq!(results(&images, &at(3.0))[2].as_ref().unwrap().precision(), None);
}

#[test]
fn the_official_layout_in_each_of_its_places() {
    let images = made_up();
    for place in ["", "ground_truth", "eval_tools/ground_truth"] {
        for compressed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            write_ground_truth(&dir.path().join(place), &images, compressed);
            let truth = WiderTruth::read_official(dir.path()).unwrap();
            assert_eq!(truth, WiderTruth::new(images.clone()).unwrap());
            assert_eq!(truth.lists(), WiderLists::Given);
        }
    }
}

#[test]
fn from_files_to_a_report() {
    let dir = tempfile::tempdir().unwrap();
    let images = made_up();
    write_ground_truth(dir.path(), &images, true);
    let truth = WiderTruth::read_official(dir.path()).unwrap();

    // One face is missed, one is found with little certainty, one false find; the rows are not sorted.
    let event = dir.path().join("predictions/0--Parade");
    fs::create_dir_all(&event).unwrap();
    fs::write(
        event.join("0_Parade_a_1.txt"),
        "0_Parade_a_1.jpg\n4\n300 10 14 15 0.25\n10 10 79 80 0.99\n200.5 10 39 40 0.75\n400 10 5 6 0.9\n",
    )
    .unwrap();
    fs::write(
        event.join("0_Parade_a_2.txt"),
        "0_Parade_a_2\n4\n5 5 319 320 0.875\n900 9 50 50 0.8\n400 50 34 35 0.625\n600 50 19 20 0.5\n",
    )
    .unwrap();
    fs::write(event.join(".hidden.txt"), "nonsense").unwrap();
    fs::write(event.join("readme.md"), "nonsense").unwrap();
    let other = dir.path().join("predictions/1--Handshaking");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("1_Handshaking_b_1.txt"), "1_Handshaking_b_1\n1\n1 1 5 5 0.95\n").unwrap();
    let predictions = WiderPredictions::read(&dir.path().join("predictions")).unwrap();
    assert_eq!((predictions.images(), predictions.detections()), (3, 9));

    let report = evaluate_wider(&truth, &predictions, 0.5).unwrap();
    assert_eq!((report.images, report.images_without_predictions), (4, 1));
    assert_eq!((report.faces, report.detections), (9, 9));
    let [easy, medium, hard] = [report.easy, report.medium, report.hard].map(Option::unwrap);
    assert_eq!((easy.found, easy.faces, easy.false_finds), (2, 2, 1));
    assert_eq!((medium.found, medium.faces), (4, 4));
    assert_eq!((hard.found, hard.faces, hard.false_finds), (5, 7, 1));
    // By falling score: right, right, wrong, right, right, right, right; the seventh face is never found.
    assert!((easy.ap - 1.0).abs() < 1e-12);
    assert!((medium.ap - (0.5 + 0.5 * 4.0 / 5.0)).abs() < 1e-12);
    assert!((hard.ap - (2.0 / 7.0 + 4.0 / 7.0 * 6.0 / 7.0)).abs() < 1e-12);
    let points: Vec<(f64, f64)> = hard.curve.iter().map(|point| (point.recall, point.precision)).collect();
    assert_eq!(points.first(), Some(&(1.0 / 7.0, 1.0)));
    assert_eq!(points.last(), Some(&(6.0 / 7.0, 6.0 / 7.0)));
    assert!(hard.curve.iter().all(|point| (0.25..=0.99).contains(&point.threshold)));

    let found = |attribute: WiderAttribute| -> Vec<(&str, usize, usize)> {
        let of = report.breakdown.iter().find(|breakdown| breakdown.attribute == attribute).unwrap();
        let counts =
            |cohort: &omote_evaluation::WiderCohort| (cohort.level, cohort.result.found, cohort.result.faces);
        of.cohorts.iter().map(counts).collect()
    };
    assert_eq!(
        found(WiderAttribute::Size),
        [("10 to 29 px", 1, 3), ("30 to 49 px", 2, 2), ("50 to 300 px", 1, 1), ("over 300 px", 1, 1)]
    );
    assert_eq!(found(WiderAttribute::Pose), [("typical", 3, 5), ("atypical", 2, 2)]);
    assert_eq!(found(WiderAttribute::Occlusion), [("none", 4, 5), ("heavy", 1, 2)]);
    assert_eq!(found(WiderAttribute::Blur), [("clear", 4, 5), ("normal", 1, 2)]);
    assert_eq!(found(WiderAttribute::Illumination), [("normal", 5, 7)]);
}

#[test]
fn predictions_from_memory_and_from_files_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let detections = mixed(&made_up());
    for (name, found) in &detections {
        let file = dir.path().join(format!("{name}.txt"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut text = format!("{name}.jpg\n{}\n", found.len());
        for (rect, score) in found {
            let [x, y, width, height] = [rect.x1, rect.y1, rect.width(), rect.height()];
            // In full: the shortest decimal of an `f32` is another `f64`.
            text += &format!("{x} {y} {width} {height} {}\n", f64::from(*score));
        }
        fs::write(file, text).unwrap();
    }
    let read = WiderPredictions::read(dir.path()).unwrap();
    assert_eq!(read, WiderPredictions::new(detections).unwrap());
}

#[test]
fn labels_without_lists_are_listed_by_height() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("labelv2.txt");
    fs::write(&file, "# e/a.jpg 640 480\n10 10 60 80\n100 10 120 30\n# e/b.jpg 640 480\n").unwrap();
    let truth = WiderTruth::read_labels_v2(&file).unwrap();
    assert_eq!(truth.lists(), WiderLists::ByHeight);
    let found = Detections::from([("e/a".to_owned(), vec![(Rect::new(10.0, 10.0, 60.0, 80.0), 0.9)])]);
    let predictions = WiderPredictions::new(found).unwrap();

    let report = evaluate_wider(&truth, &predictions, 0.5).unwrap();
    let faces = [&report.easy, &report.medium, &report.hard].map(|result| result.as_ref().unwrap().faces);
    assert_eq!((faces, report.lists), ([1, 1, 2], WiderLists::ByHeight));
    assert_eq!(report.hard.unwrap().ap, 0.5);
    let attributes: Vec<WiderAttribute> = report.breakdown.iter().map(|of| of.attribute).collect();
    assert_eq!(attributes, [WiderAttribute::Size]);
}

#[test]
fn what_does_not_fit_together_is_named() {
    let images = made_up();
    let truth = WiderTruth::new(images.clone()).unwrap();
    let evaluated = |truth: &WiderTruth, found: Detections| {
        evaluate_wider(truth, &WiderPredictions::new(found).unwrap(), 0.5).unwrap_err().to_string()
    };
    let message = evaluated(&truth, Detections::from([("0--Parade/other".to_owned(), Vec::new())]));
    assert!(message.contains("image 0--Parade/other: there are predictions, but"), "{message}");
    assert!(message.contains("0--Parade/0_Parade_a_1"), "{message}");
    assert!(evaluated(&truth, Detections::new()).contains("no image in the predictions"));
    let unlisted = WiderTruth::new(images[2..].to_vec()).unwrap();
    let message = evaluated(&unlisted, detect(&images[2..], |_| Some(0.5)));
    assert!(message.contains("no face on a list"), "{message}");
}

#[test]
fn damaged_ground_truth_is_refused() {
    type Variables = Vec<(String, Mat)>;
    fn of<'a>(variables: &'a mut Variables, name: &str) -> &'a mut Mat {
        &mut variables.iter_mut().find(|(variable, _)| variable == name).unwrap().1
    }
    fn image<'a>(variables: &'a mut Variables, name: &str, event: usize, image: usize) -> &'a mut Mat {
        let Mat::Cells(events) = of(variables, name) else { unreachable!() };
        let Mat::Cells(images) = &mut events[event] else { unreachable!() };
        &mut images[image]
    }
    let column = |values: &[i32]| Mat::Numbers(values.len(), 1, values.to_vec());
    type Damage<'a> = &'a dyn Fn(&mut Variables);
    let cases: [(&str, Damage, &str); 12] = [
        ("wider_hard_val.mat", &|v| v.retain(|(name, _)| name != "gt_list"), "has no gt_list"),
        (
            "wider_face_val.mat",
            &|v| *of(v, "event_list") = column(&[1]),
            "event_list has numbers, where cells",
        ),
        (
            "wider_face_val.mat",
            &|v| *of(v, "event_list") = Mat::Cells(vec![]),
            "has 0 events, but files of 2",
        ),
        (
            "wider_easy_val.mat",
            &|v| *image(v, "file_list", 0, 1) = Mat::Text("x".into()),
            "lists other images",
        ),
        (
            "wider_face_val.mat",
            &|v| *image(v, "file_list", 0, 1) = Mat::Text("../x".into()),
            "not the name of",
        ),
        ("wider_face_val.mat", &|v| *image(v, "file_list", 0, 1) = column(&[1]), "is not text"),
        ("wider_easy_val.mat", &|v| *image(v, "gt_list", 0, 0) = column(&[1, 5]), "face 5, but there are 4"),
        ("wider_easy_val.mat", &|v| *image(v, "gt_list", 0, 0) = column(&[0]), "face 0, but there are 4"),
        ("wider_medium_val.mat", &|v| *image(v, "gt_list", 0, 0) = column(&[2, 2]), "names face 2 twice"),
        ("wider_face_val.mat", &|v| *image(v, "face_bbx_list", 1, 1) = column(&[2]), "a box has 1 numbers"),
        ("wider_face_val.mat", &|v| *image(v, "blur_label_list", 1, 1) = column(&[3]), "face 1: blur is 3"),
        (
            "wider_face_val.mat",
            &|v| *image(v, "pose_label_list", 1, 0) = column(&[0]),
            "0 faces have 1 labels",
        ),
    ];
    for (file, damage, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        let images = made_up();
        write_ground_truth(dir.path(), &images, true);
        let mut variables = ground_truth(&images).remove(file).unwrap();
        damage(&mut variables);
        fs::write(dir.path().join(file), mat_file(&variables, true)).unwrap();
        let message = WiderTruth::read_official(dir.path()).unwrap_err().to_string();
        assert!(message.contains(file) && message.contains(expected), "{message:?}, not {expected:?}");
    }
    let nothing = tempfile::tempdir().unwrap();
    let message = WiderTruth::read_official(nothing.path()).unwrap_err().to_string();
    assert!(message.contains("wider_face_val.mat is neither there nor in ground_truth"), "{message}");
    let message = WiderPredictions::read(nothing.path()).unwrap_err().to_string();
    assert!(message.contains("there is no EVENT/NAME.txt"), "{message}");
}

#[test]
fn photos_are_found_in_the_official_folder() {
    let dir = tempfile::tempdir().unwrap();
    let truth = WiderTruth::new(made_up()).unwrap();
    assert!(matches!(truth.photos(dir.path()), Err(Error::MissingPhotos { missing: 4, total: 4, .. })));
    let folder = dir.path().join("WIDER_val/images");
    for image in truth.images() {
        let photo = folder.join(format!("{}.jpg", image.name));
        fs::create_dir_all(photo.parent().unwrap()).unwrap();
        fs::write(photo, "").unwrap();
    }
    let photos = truth.photos(dir.path()).unwrap();
    assert_eq!(photos[1], folder.join("0--Parade/0_Parade_a_2.jpg"));
}

/// Facts about the validation set, where its labels are at hand: `OMOTE_SHARED/data/widerface_gt`.
#[test]
fn the_real_lists_hold_what_is_known_of_them() {
    let Some(shared) = std::env::var_os("OMOTE_SHARED") else {
        println!("skipped: OMOTE_SHARED is not set");
        return;
    };
    let dir = Path::new(&shared).join("data/widerface_gt");
    if !dir.is_dir() {
        println!("skipped: there is no {}", dir.display());
        return;
    }
    let truth = WiderTruth::read_official(&dir).unwrap();
    let images = truth.images();
    assert_eq!(images.len(), 3226);
    assert_eq!(images[0].name, "0--Parade/0_Parade_marchingband_1_465");

    let perfect = detect(images, |face| {
        let listed = if face.subsets.hard { 0.9 } else { 0.8 };
        (face.rect.x2 >= face.rect.x1).then_some(listed)
    });
    let report = evaluate_wider(&truth, &WiderPredictions::new(perfect).unwrap(), 0.5).unwrap();
    assert_eq!(report.faces, 39_708);
    let [easy, medium, hard] = [report.easy, report.medium, report.hard].map(Option::unwrap);
    assert_eq!([easy.faces, medium.faces, hard.faces], [7211, 13_319, 31_958]);
    assert_eq!([easy.images, medium.images, hard.images], [2604, 3019, 3219]);
    assert_eq!([easy.ap, medium.ap], [1.0, 1.0]);
    // One face of the hard list is labelled with a width of -2, and two have the same box: only one of these is ever
    // met, and the second detection is wrong.
    assert!((hard.ap - 31_956.0 / 31_958.0 * 31_956.0 / 31_957.0).abs() < 1e-12);
    let by_size: Vec<usize> = report.breakdown[0].cohorts.iter().map(|cohort| cohort.result.faces).collect();
    assert_eq!(by_size.iter().sum::<usize>(), 31_958);
    let level = |level| {
        images
            .iter()
            .flat_map(|image| &image.faces)
            .filter(move |face| WiderAttribute::Size.level(face) == Some(level))
    };
    assert_eq!([0, 1, 2, 3, 4].map(|size| level(size).count()), [6904, 19_241, 6234, 6895, 434]);

    // The labels with landmarks leave out the eleven faces without extent, and have the same boxes else.
    let labels = WiderTruth::read_labels_v2(&dir.join("labelv2.txt")).unwrap();
    assert_eq!(labels.images().len(), 3226);
    for (image, labelled) in images.iter().zip(labels.images()) {
        assert_eq!(image.name, labelled.name);
        let boxes = |faces: &[WiderFace]| -> Vec<Rect> {
            faces.iter().map(|face| face.rect).filter(|rect| rect.area() > 0.0).collect()
        };
        assert_eq!(boxes(&image.faces), boxes(&labelled.faces));
        assert_eq!(boxes(&labelled.faces).len(), labelled.faces.len());
    }
}

//! `omote eval`: searches in a gallery, and detectors.

use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::{Studio, portrait};

/// A photo in the format of the old data sets, in colour since painted people are told apart by it.
fn pnm(scene: &Scene) -> Vec<u8> {
    let mut file = format!("P6\n{} {}\n255\n", scene.width(), scene.height()).into_bytes();
    file.extend(scene.rgb());
    file
}

/// Three people are enrolled, person 0 with a still and two frames of a video, and searched for; 20 strangers are
/// searched for, too.
fn little_gallery() -> Studio {
    let studio = Studio::new();
    let mut csv = "role,identity,template,path,media\n".to_owned();
    for person in 0..3 {
        studio.portrait(format!("set/{person}/passport.jpg"), person);
        studio.photo(
            format!("set/{person}/door.png"),
            &Scene::new(260, 200).face(person, 40, 30, 110).brightness(0.9),
        );
        csv += &format!("gallery,p{person},g{person},{person}/passport.jpg,\n");
        csv += &format!("probe,p{person},,{person}/door.png,\n");
    }
    for frame in 1..=2 {
        studio
            .photo(format!("set/0/clip_{frame}.png"), &Scene::new(230, 230).face(0, 20 + 30 * frame, 60, 90));
        csv += &format!("gallery,p0,g0,0/clip_{frame}.png,clip\n");
    }
    for stranger in 10..30 {
        studio.portrait(format!("set/strangers/{stranger}.png"), stranger);
        csv += &format!("probe,,,strangers/{stranger}.png,\n");
    }
    studio.write("set/search.csv", csv.as_bytes());
    studio
}

fn near(value: &Value, expected: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - expected).abs() < 1e-9)
}

#[test]
fn people_are_found_in_a_gallery_and_strangers_are_not() {
    let studio = little_gallery();
    let run = studio.json(&["eval", "search", "set/search.csv", "--fpir", "0.5,0.01"]).ended(0);
    let summary = run.summary();
    let counts = ["enrolled", "probes", "mated", "non_mated", "photos", "photos_without_face"];
    assert_eq!(counts.map(|name| summary[name].as_u64().unwrap()), [3, 23, 3, 20, 28, 0]);
    let ranks = summary["ranks"].as_array().unwrap();
    assert_eq!(ranks.iter().map(|at| at["rank"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 5, 10]);
    assert!(ranks.iter().all(|at| at["rate"] == 1.0), "{summary}");
    // Wilson's interval of 3 in 3: 3 / (3 + 1.96^2).
    assert!(near(&ranks[0]["interval"][1], 1.0));
    assert!((ranks[0]["interval"][0].as_f64().unwrap() - 0.4385).abs() < 1e-3, "{summary}");

    let [half, hundredth] = [0, 1].map(|n| &summary["open_set"][n]);
    assert!(near(&half["fpir_asked"], 0.5) && near(&half["fpir"], 0.5) && near(&half["fnir"], 0.0), "{half}");
    assert!(half["threshold"].as_f64().unwrap() < 0.5);
    assert!(hundredth["fnir"].is_null());
    assert!(
        hundredth["unsupported"].as_str().unwrap().contains("1000 or more non-mated probes instead of 20")
    );

    for rule in ["quality-weighted", "magnitude-weighted"] {
        let words = studio.omote(&["eval", "search", "set/search.csv", "--rule", rule]).ended(0);
        assert!(words.stdout.contains("3 people enrolled, 23 probes (3 mated, 20 not)"), "{words:?}");
        assert!(words.stdout.contains("no rate is reported at FPIR 0.1"), "{words:?}");
    }
    studio.omote(&["eval", "search", "set/search.csv", "--rule", "best"]).failed_with(&["--rule"]);
}

#[test]
fn a_template_without_a_face_is_a_miss() {
    let studio = little_gallery();
    studio.photo("set/1/door.png", &Scene::new(200, 200));
    // One frame of several may lack a face.
    studio.photo("set/0/clip_1.png", &Scene::new(200, 200));
    let run = studio.json(&["eval", "search", "set/search.csv", "--fpir", "0.5"]).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["photos_without_face"], &summary["mated"]), (&json!(2), &json!(3)));
    assert_eq!(summary["probes_without_face"], 1);
    assert_eq!(summary["gallery_templates_without_face"], 0);
    for rank in 0..3 {
        assert!(near(&summary["ranks"][rank]["rate"], 2.0 / 3.0), "{summary}");
    }
    assert!(near(&summary["open_set"][0]["fnir"], 1.0 / 3.0));

    studio.photo("set/2/passport.jpg", &Scene::new(200, 200));
    let words = studio.omote(&["eval", "search", "set/search.csv"]).ended(0);
    assert!(words.stdout.contains("No face in 1 template of the gallery and in 1 probe"), "{words:?}");
    assert!(words.stdout.contains("33.33 %"), "{words:?}");
}

#[test]
fn a_gallery_that_is_not_whole_is_refused() {
    let studio = little_gallery();
    studio.write("set/2/door.png", b"");
    let run = studio.json(&["eval", "search", "set/search.csv"]).ended(2);
    assert!(run.error().contains("empty"), "{run:?}");
    assert_eq!((&run.summary()["failed"], &run.summary()["photos_without_face"]), (&json!(1), &json!(1)));
    fs::remove_file(studio.path("set/2/door.png")).unwrap();
    studio.omote(&["eval", "search", "set/search.csv"]).failed_with(&["door.png"]);
    studio.write("set/search.csv", b"role,identity,template,path\ngallery,,a,0/door.png\n");
    studio.omote(&["eval", "search", "set/search.csv"]).failed_with(&["search.csv", "2"]);
    studio.omote(&["eval", "search", "nowhere.csv"]).failed_with(&["nowhere.csv"]);
    studio.omote(&["eval", "search", "set/search.csv", "--fpir", "2"]).failed_with(&["between 0 and 1"]);
}

#[test]
fn orl_is_searched_for_the_later_photos() {
    let studio = Studio::new();
    for person in 0..3 {
        for photo in 1..=6 {
            let scene = Scene::new(220, 200).face(person, 20 + 10 * photo, 40, 100);
            studio.write(format!("orl/orl_faces/s{}/{photo}.pgm", person + 1), &pnm(&scene));
        }
    }
    let run = studio.json(&["eval", "orl", "orl"]).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["protocol"], &summary["enrolled"]), (&json!("ORL"), &json!(3)));
    assert_eq!((&summary["gallery_templates"], &summary["probes"]), (&json!(15), &json!(3)));
    assert_eq!((&summary["ranks"][0]["rate"], &summary["open_set"]), (&json!(1.0), &json!([])));
    let words = studio.omote(&["eval", "orl", "orl"]).ended(0);
    assert!(words.stdout.contains("no open-set rates"), "{words:?}");
    studio.omote(&["eval", "orl", "models"]).failed_with(&["nobody"]);
}

#[test]
fn yale_b_is_reported_by_light() {
    let studio = Studio::new();
    // One light of subset 1, two of 2, and one each of 4 and 5.
    let lights = ["+005E-10", "+020E+10", "+020E-10", "+060E+00", "+085E+20"];
    for person in 1..=2 {
        for light in lights {
            let name = format!("yale/yaleB0{person}/yaleB0{person}_P00A{light}.pgm");
            studio.write(name, &pnm(&portrait(person)));
        }
    }
    studio.write("yale/yaleB02/yaleB02_P00A+085E+20.pgm", &pnm(&Scene::new(200, 200)));
    let run = studio.json(&["eval", "yale-b", "yale"]).ended(0);
    let summary = run.summary();
    let groups = summary["groups"].as_array().unwrap();
    let of = |group: &Value| (group["group"].as_str().unwrap().to_owned(), group["mated"].as_u64().unwrap());
    let expected = [("subset 2", 4), ("subset 4", 2), ("subset 5", 2)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(groups.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(near(&groups[0]["ranks"][0]["rate"], 1.0) && near(&groups[2]["ranks"][0]["rate"], 0.5));
    assert!(near(&summary["ranks"][0]["rate"], 7.0 / 8.0));
    let words = studio.omote(&["eval", "yale-b", "yale"]).ended(0);
    assert!(words.stdout.contains("subset 5"), "{words:?}");
}

/// Six people, three in each of two galleries, who are all searched for. Person 0's template is a still and two frames
/// of a video.
fn little_ijb() -> Studio {
    let studio = Studio::new();
    let (mut faces, mut points, mut pairs) = (String::new(), String::new(), String::new());
    let header = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n";
    let (mut galleries, mut probes) = ([header.to_owned(), header.to_owned()], header.to_owned());
    let mut crops = 0;
    let mut crop = |template: u32, media: u32, person: u32| {
        crops += 1;
        let scene = Scene::new(160, 150).face(person, 20 + crops, 30, 90);
        studio.photo(format!("ijb/loose_crop/{crops}.jpg"), &scene);
        faces += &format!("{crops}.jpg {template} {media}\n");
        let landmarks = scene.faces()[0].landmarks.0;
        let landmarks: String = landmarks.iter().map(|point| format!("{} {} ", point.x, point.y)).collect();
        points += &format!("{crops}.jpg {landmarks}0.9\n");
    };
    for person in 0..6 {
        let (enrolled, searched) = (10 + person, 30 + person);
        crop(enrolled, person, person);
        crop(searched, 50 + person, person);
        galleries[usize::from(person > 2)] += &format!("{enrolled},{person},a.jpg\n");
        probes += &format!("{searched},{person},b.jpg\n");
        (0..6)
            .for_each(|other| pairs += &format!("{enrolled} {} {}\n", 30 + other, u8::from(other == person)));
    }
    (0..2).for_each(|_| crop(10, 90, 0));
    let [first, second] = galleries;
    let lists = [
        ("face_tid_mid.txt", faces),
        ("name_5pts_score.txt", points),
        ("template_pair_label.txt", pairs),
        ("1N_gallery_G1.csv", first),
        ("1N_gallery_G2.csv", second),
        ("1N_probe_mixed.csv", probes),
    ];
    lists.iter().for_each(|(name, text)| studio.write(format!("ijb/meta/ijbc_{name}"), text.as_bytes()));
    studio
}

#[test]
fn templates_are_compared_and_searched_for() {
    let studio = little_ijb();
    // The faces are where the lists say.
    fs::remove_dir_all(studio.path("models/detector")).unwrap();
    let command = ["eval", "ijb", "ijb", "--fmr", "0.9,1e-4"];
    for rule in ["mean", "insightface"] {
        let run = studio.json(&[&command[..], &["--rule", rule]].concat()).ended(0);
        let summary = run.summary();
        assert_eq!((&summary["templates"], &summary["photos"]), (&json!(12), &json!(14)));
        let verified = &summary["verification"];
        assert_eq!((&verified["genuine"], &verified["impostor"]), (&json!(6), &json!(30)));
        assert!(near(&verified["tar_at_fmr"][0]["tar"], 1.0), "{summary}");
        assert!(verified["tar_at_fmr"][1]["unsupported"].as_str().unwrap().contains("100000 or more"));
        let searches = &summary["searches"];
        assert!(near(&searches["ranks"][0]["rate"], 1.0), "{searches}");
        for gallery in searches["galleries"].as_array().unwrap() {
            assert_eq!((&gallery["mated"], &gallery["non_mated"]), (&json!(3), &json!(3)), "{gallery}");
            assert!(gallery["open_set"][0]["unsupported"].is_string());
        }
    }

    // One probe of six is misplaced: it is missed at rank 1, and its genuine pair may be rejected.
    studio.photo("ijb/loose_crop/2.jpg", &Scene::new(160, 150).face(1, 22, 30, 90));
    let summary = studio.json(&command).ended(0).summary();
    assert!(near(&summary["searches"]["ranks"][0]["rate"], 5.0 / 6.0), "{summary}");
    studio.write("ijb/loose_crop/2.jpg", b"");
    let summary = studio.json(&command).ended(2).summary();
    assert_eq!((&summary["failed"], &summary["templates_without_face"]), (&json!(1), &json!(1)));
    assert!(near(&summary["verification"]["tar_at_fmr"][0]["tar"], 5.0 / 6.0), "{summary}");

    fs::remove_file(studio.path("ijb/meta/ijbc_1N_probe_mixed.csv")).unwrap();
    let words = studio.omote(&command).ended(2);
    assert!(words.stdout.contains("nobody was searched for"), "{words:?}");
    studio.omote(&["eval", "ijb", "ijb", "--rule", "best"]).failed_with(&["--rule"]);
    studio.omote(&["eval", "ijb", "models"]).failed_with(&["meta"]);
}

/// What a MATLAB file holds.
enum Mat {
    Cells(Vec<Mat>),
    Text(&'static str),
    /// Columns of one length.
    Columns(Vec<Vec<i32>>),
}

/// A MATLAB file, version 5, that is not compressed.
fn mat_file(variables: &[(String, Mat)]) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file, made up".to_vec();
    file.resize(124, b' ');
    file.extend([0, 1, b'I', b'M']);
    variables.iter().for_each(|(name, value)| file.extend(array(name, value)));
    file
}

fn array(name: &str, value: &Mat) -> Vec<u8> {
    let (class, rows, columns, content) = match value {
        Mat::Cells(cells) => (1, cells.len(), 1, cells.iter().flat_map(|cell| array("", cell)).collect()),
        Mat::Text(text) => (4, 1, text.len(), element(16, text.as_bytes())),
        Mat::Columns(columns) => {
            let bytes: Vec<u8> = columns.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
            (12, columns[0].len(), columns.len(), element(5, &bytes))
        }
    };
    let sizes = [rows as i32, columns as i32].map(i32::to_le_bytes).concat();
    let flags = element(6, &[class, 0, 0, 0, 0, 0, 0, 0]);
    element(14, &[flags, element(5, &sizes), element(1, name.as_bytes()), content].concat())
}

fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// Two photos of one event: two faces in the first, of which one is easy and the other medium, and one in the second,
/// which is on the hard list only. The last one is labelled as occluded.
fn little_wider() -> Studio {
    let studio = Studio::new();
    let boxes = [vec![[30, 40, 120, 120], [220, 60, 64, 64]], vec![[50, 50, 80, 80]]];
    let names = ["0_Parade_a_1", "0_Parade_a_2"];
    for (number, (name, faces)) in names.into_iter().zip(&boxes).enumerate() {
        let mut scene = Scene::new(320, 240);
        for (person, face) in (number as u32 * 2..).zip(faces) {
            scene = scene.face(person, face[0], face[1], face[2]);
        }
        studio.photo(format!("wider/WIDER_val/images/0--Parade/{name}.jpg"), &scene);
    }
    // Of each image, of the one event.
    let nested = |of: [Mat; 2]| Mat::Cells(vec![Mat::Cells(of.into())]);
    let column = |values: &[i32]| Mat::Columns(vec![values.to_vec()]);
    let lists: [(&str, [&[i32]; 2]); 4] =
        [("face", [&[], &[]]), ("easy", [&[1], &[]]), ("medium", [&[1, 2], &[]]), ("hard", [&[1, 2], &[1]])];
    for (list, [first, second]) in lists {
        let corners = |faces: &Vec<[u32; 4]>| {
            Mat::Columns((0..4).map(|n| faces.iter().map(|face| face[n] as i32).collect()).collect())
        };
        let mut variables = vec![
            ("event_list".to_owned(), Mat::Cells(vec![Mat::Text("0--Parade")])),
            ("file_list".to_owned(), nested(names.map(Mat::Text))),
            ("face_bbx_list".to_owned(), nested([corners(&boxes[0]), corners(&boxes[1])])),
        ];
        for label in ["blur", "expression", "illumination", "invalid", "occlusion", "pose"] {
            let occluded = i32::from(label == "occlusion");
            variables
                .push((format!("{label}_label_list"), nested([column(&[0, 0]), column(&[occluded * 2])])));
        }
        if list != "face" {
            variables.push(("gt_list".to_owned(), nested([column(first), column(second)])));
        }
        studio.write(format!("wider/eval_tools/ground_truth/wider_{list}_val.mat"), &mat_file(&variables));
    }
    studio
}

#[test]
fn a_detector_is_run_on_wider_face() {
    let studio = little_wider();
    let run = studio.json(&["eval", "wider", "wider"]).ended(0);
    let summary = run.summary();
    assert_eq!(
        (&summary["lists"], &summary["photos"], &summary["faces"]),
        (&json!("given"), &json!(2), &json!(3))
    );
    for (list, faces, images) in [("easy", 1, 1), ("medium", 2, 1), ("hard", 3, 2)] {
        let result = &summary[list];
        assert_eq!((&result["faces"], &result["images"]), (&json!(faces), &json!(images)), "{summary}");
        assert!(near(&result["ap"], 1.0) && near(&result["recall"], 1.0), "{summary}");
    }
    let words = studio.omote(&["eval", "wider", "wider"]).ended(0);
    assert!(words.stdout.starts_with("WIDER FACE: 3 labelled faces in 2 images"), "{words:?}");

    // A photo without faces now, and one that cannot be read.
    studio.photo("wider/WIDER_val/images/0--Parade/0_Parade_a_1.jpg", &Scene::new(320, 240));
    studio.write("wider/WIDER_val/images/0--Parade/0_Parade_a_2.jpg", b"");
    let run = studio.json(&["eval", "wider", "wider"]).ended(2);
    assert!(run.error().contains("empty"), "{run:?}");
    fs::remove_file(studio.path("wider/WIDER_val/images/0--Parade/0_Parade_a_2.jpg")).unwrap();
    studio.omote(&["eval", "wider", "wider"]).failed_with(&["0_Parade_a_2"]);
}

#[test]
fn predictions_of_another_program_are_evaluated() {
    let studio = little_wider();
    // The first face is found well, the second hardly, and there is a false find between them.
    let found = "0_Parade_a_1\n3\n30 40 120 120 0.9\n220 60 64 64 0.3\n0 200 30 30 0.6\n";
    studio.write("found/0--Parade/0_Parade_a_1.txt", found.as_bytes());
    fs::remove_dir_all(studio.path("wider/WIDER_val")).unwrap();
    fs::remove_dir_all(studio.path("models")).unwrap();
    let predicted = ["eval", "wider", "wider", "--predictions", "found"];
    let run = studio.json(&predicted).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["detections"], &summary["images_without_predictions"]), (&json!(3), &json!(1)));
    assert!(near(&summary["easy"]["ap"], 1.0));
    // Recall 1/2 at precision 1, then 1 at 2/3.
    assert!(near(&summary["medium"]["ap"], 0.5 + 0.5 * 2.0 / 3.0), "{summary}");
    assert!(near(&summary["hard"]["ap"], 1.0 / 3.0 + 2.0 / 9.0), "{summary}");
    assert!(near(&summary["medium"]["recall"], 0.5) && near(&summary["medium"]["precision"], 0.5));
    let lax = studio.json(&[&predicted[..], &["--operating-score", "0.3"]].concat()).ended(0).summary();
    assert!(near(&lax["medium"]["recall"], 1.0) && near(&lax["medium"]["precision"], 2.0 / 3.0), "{lax}");

    let occlusion = summary["breakdown"].as_array().unwrap().iter().find(|by| by["property"] == "occlusion");
    let levels = occlusion.unwrap()["levels"].as_array().unwrap();
    let of = |level: &Value| (level["level"].clone(), level["faces"].clone());
    assert_eq!(
        levels.iter().map(of).collect::<Vec<_>>(),
        [(json!("none"), json!(2)), (json!("heavy"), json!(1))]
    );
    let words = studio.omote(&predicted).ended(0);
    assert!(words.stdout.contains("1 image without predictions"), "{words:?}");
    assert!(words.stdout.contains("HARD FACES BY"), "{words:?}");

    // The same labels as text, without lists.
    let text = "# 0--Parade/0_Parade_a_1.jpg 320 240\n30 40 150 160\n220 60 284 124\n";
    studio.write("labelv2.txt", text.as_bytes());
    let run = studio.json(&[&predicted[..], &["--labels", "labelv2.txt"]].concat()).ended(0);
    assert_eq!((&run.summary()["lists"], &run.summary()["easy"]["faces"]), (&json!("by height"), &json!(2)));
    let words = studio.omote(&[&predicted[..], &["--labels", "labelv2.txt"]].concat()).ended(0);
    assert!(words.stdout.contains("not to be compared with published numbers"), "{words:?}");
    let text = "0--Parade/0_Parade_a_1.jpg\n1\n30 40 120 120 0 0 0 0 0 0\n";
    studio.write("gt.txt", text.as_bytes());
    let run = studio.json(&[&predicted[..], &["--labels", "gt.txt"]].concat()).ended(0);
    assert_eq!(run.summary()["hard"]["faces"], 1);
}

#[test]
fn wider_face_that_is_not_whole_is_refused() {
    let studio = little_wider();
    studio.omote(&["eval", "wider", "models"]).failed_with(&["wider_face_val.mat"]);
    studio.omote(&["eval", "wider", "wider", "--labels", "no.txt"]).failed_with(&["no.txt"]);
    studio.omote(&["eval", "wider", "wider", "--predictions", "nowhere"]).failed_with(&["nowhere"]);
    studio.write("found/0--Parade/somebody.txt", b"somebody\n0\n");
    studio.omote(&["eval", "wider", "wider", "--predictions", "found"]).failed_with(&["somebody"]);
    studio.omote(&["eval", "wider", "wider", "--operating-score", "NaN"]).failed_with(&["expected a number"]);
    let easy = "wider/eval_tools/ground_truth/wider_easy_val.mat";
    studio.write(easy, b"no MATLAB file");
    studio.omote(&["eval", "wider", "wider"]).failed_with(&["wider_easy_val.mat"]);
}

//! Detect, align, embed.

use fixtures::photo::Scene;
use geometry::{Rotation, Template};
use imaging::Image;
use model::{Decoder, Output, Size};
use omote_analysis::{
    Alignment, AnalyzeOptions, Analyzer, DetectOptions, DetectSize, Embedder, Error, detect_turned,
    open_detector,
};

use crate::support::{TWO, analyzer, detector, detector_model, embedder_model, engine, image};

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Two faces of 80 and 64 pixels.
fn pair() -> Scene {
    Scene::new(320, 240).face(7, 40, 60, 80).face(8, 180, 60, 64)
}

#[test]
fn faces_are_found_at_every_size() {
    let scene = pair();
    let photo = image(&scene);
    for size in [DetectSize::Auto, DetectSize::Native, DetectSize::Fixed(320), DetectSize::Fixed(480)] {
        let mut faces = detector().detect(&photo, &DetectOptions { size, ..Default::default() }).unwrap();
        faces.sort_by(|a, b| a.bounds.x1.total_cmp(&b.bounds.x1));
        assert_eq!(faces.len(), 2, "{size}");
        for (found, painted) in faces.iter().zip(scene.faces()) {
            assert!(found.bounds.iou(&painted.bounds) > 0.9, "{size}: {found:?} {painted:?}");
            let points = found.landmarks.unwrap();
            for (found, painted) in points.0.iter().zip(&painted.landmarks.0) {
                assert!(found.distance(*painted) < 2.0, "{size}: {found:?} {painted:?}");
            }
        }
    }
}

#[test]
fn options_choose_faces() {
    let photo = image(&pair());
    let count = |options| detector().detect(&photo, &options).unwrap().len();
    assert_eq!(count(DetectOptions { min_face: 72.0, ..Default::default() }), 1);
    assert_eq!(count(DetectOptions { max_faces: 1, ..Default::default() }), 1);
    assert_eq!(count(DetectOptions { score: Some(1.1), ..Default::default() }), 0);
    let largest = detector().detect(&photo, &DetectOptions { max_faces: 1, ..Default::default() }).unwrap();
    assert!(largest[0].bounds.width() > 72.0);
}

#[test]
fn a_face_that_fills_the_picture_is_found_by_the_second_look() {
    let photo = image(&Scene::new(900, 900).face(5, 50, 50, 800));
    let count =
        |size| detector().detect(&photo, &DetectOptions { size, ..Default::default() }).unwrap().len();
    assert_eq!(count(DetectSize::Fixed(640)), 0, "at 640 pixels it is larger than the network sees");
    assert_eq!(count(DetectSize::Auto), 1);
    // Small faces beside it are found by the first look, each once.
    let both = image(&Scene::new(900, 900).face(5, 20, 250, 600).face(6, 660, 40, 120));
    assert_eq!(detector().detect(&both, &DetectOptions::default()).unwrap().len(), 2);
}

#[test]
fn odd_photos_have_no_faces_and_no_errors() {
    for (width, height) in [(1, 1), (1, 400), (400, 1), (33, 31), (2000, 3)] {
        for size in [DetectSize::Auto, DetectSize::Native, DetectSize::Fixed(64)] {
            let photo = Image::filled(width, height, [200, 30, 90]);
            let found = detector().detect(&photo, &DetectOptions { size, ..Default::default() }).unwrap();
            assert!(found.is_empty(), "{width}x{height} {size}");
        }
    }
}

#[test]
fn sizes_that_the_network_cannot_run_are_refused() {
    let refused = |detector: &dyn omote_analysis::Detector, photo: &Image, size| match detector
        .detect(photo, &DetectOptions { size, ..Default::default() })
    {
        Err(error @ Error::NetworkSize { .. }) => error.to_string(),
        other => panic!("{size}: {other:?}"),
    };
    let photo = image(&pair());
    let message = refused(&*detector(), &photo, DetectSize::Fixed(100));
    assert!(message.contains("multiples of 32") && message.contains("128"), "{message}");
    refused(&*detector(), &photo, DetectSize::Fixed(8192));
    refused(&*detector(), &photo, DetectSize::Fixed(0));
    let message = refused(&*detector(), &Image::new(4097, 2), DetectSize::Native);
    assert!(message.contains("4097x2"), "{message}");

    let mut model = detector_model();
    model.manifest.input.size = Size::Fixed { width: 256, height: 192 };
    let fixed = open_detector(&model, engine(), TWO).unwrap();
    let message = refused(&*fixed, &photo, DetectSize::Fixed(320));
    assert!(message.contains("256x192"), "{message}");
    refused(&*fixed, &photo, DetectSize::Native);
    for size in [DetectSize::Auto, DetectSize::Fixed(256)] {
        let found = fixed.detect(&photo, &DetectOptions { size, ..Default::default() }).unwrap();
        assert_eq!(found.len(), 2, "{size}");
    }
    // The face is too large at 256 x 192, and the second look shrinks it on the same canvas.
    let close = image(&Scene::new(900, 900).face(5, 20, 20, 860));
    model.manifest.input.size = Size::Fixed { width: 320, height: 320 };
    let fixed = open_detector(&model, engine(), TWO).unwrap();
    assert_eq!(fixed.detect(&close, &DetectOptions::default()).unwrap().len(), 1);
}

#[test]
fn models_of_another_kind_are_refused() {
    let is_kind = |error: Option<Error>| matches!(error, Some(Error::Kind { .. }));
    assert!(is_kind(open_detector(&embedder_model(), engine(), TWO).err()));
    assert!(is_kind(Embedder::open(&detector_model(), engine(), TWO).err()));

    let mut broken = detector_model();
    broken.files[0].bytes = fixtures::models::broken_onnx();
    assert!(matches!(open_detector(&broken, engine(), TWO).err(), Some(Error::Engine(_))));
    broken.files.clear();
    assert!(matches!(open_detector(&broken, engine(), TWO).err(), Some(Error::File { .. })));

    let mut renamed = detector_model();
    renamed.manifest.output = Output::Faces { decoder: Decoder::Yunet, names: vec!["nothing".to_owned()] };
    assert!(matches!(open_detector(&renamed, engine(), TWO).err(), Some(Error::Output { .. })));
    for decoder in [Decoder::Scrfd, Decoder::Ultraface] {
        let mut foreign = detector_model();
        foreign.manifest.output = Output::Faces { decoder, names: Vec::new() };
        let detector = open_detector(&foreign, engine(), TWO).unwrap();
        let error = detector.detect(&image(&pair()), &DetectOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Output { .. }), "{error}");
    }

    let mut unaligned = embedder_model();
    unaligned.manifest.align = None;
    assert!(matches!(Embedder::open(&unaligned, engine(), TWO).err(), Some(Error::Align { .. })));
    let mut longer = embedder_model();
    longer.manifest.output = Output::Embedding { dimension: 7, magnitude: None, names: Vec::new() };
    let embedder = Embedder::open(&longer, engine(), TWO).unwrap();
    let error = embedder.embed(&Image::filled(112, 112, [9, 90, 200]), false).unwrap_err();
    assert!(matches!(error, Error::Output { .. }), "{error}");
}

#[test]
fn the_same_person_matches_in_another_photo() {
    let analyzer = analyzer(AnalyzeOptions { embed: true, keep_crop: true, ..Default::default() });
    let vectors = |scene: Scene| -> Vec<Vec<f32>> {
        let mut faces = analyzer.analyze(&image(&scene)).unwrap();
        faces.sort_by(|a, b| a.bounds.x1.total_cmp(&b.bounds.x1));
        faces.into_iter().map(|face| face.embedding.unwrap().vector).collect()
    };
    let first = vectors(pair());
    let second = vectors(Scene::new(500, 400).face(8, 60, 100, 130).face(7, 300, 200, 100));
    assert!(cosine(&first[0], &second[1]) > 0.95 && cosine(&first[1], &second[0]) > 0.95);
    assert!(cosine(&first[0], &first[1]).abs() < 0.5);

    let faces = analyzer.analyze(&image(&pair())).unwrap();
    for face in &faces {
        assert_eq!((face.alignment, face.rotation), (Alignment::Landmarks, Rotation::None));
        assert!(face.pose.unwrap().yaw.abs() < 5.0);
        assert_eq!(face.crop.as_ref().map(|crop| (crop.width(), crop.height())), Some((112, 112)));
        assert_eq!(face.embedding.as_ref().unwrap().fingerprint, embedder_model().fingerprint);
        assert!(face.quality.score > 0.0 && face.quality.score <= 100.0 && face.quality.magnitude.is_none());
    }
}

#[test]
fn flipping_averages_the_face_and_its_mirror_image() {
    let embedder = Embedder::open(&embedder_model(), engine(), TWO).unwrap();
    let crop = image(&Scene::new(112, 112).face(9, 0, 0, 112));
    let plain = embedder.embed(&crop, false).unwrap();
    let mirror = embedder.embed(&crop.flipped(), false).unwrap();
    let both = embedder.embed(&crop, true).unwrap();
    let sum: Vec<f32> = plain.vector.iter().zip(&mirror.vector).map(|(a, b)| a + b).collect();
    let length = cosine(&sum, &sum).sqrt();
    for (both, sum) in both.vector.iter().zip(&sum) {
        assert!((both - sum / length).abs() < 1e-5);
    }
    assert!((both.magnitude - 0.5 * (plain.magnitude + mirror.magnitude)).abs() < 1e-4);
    assert_eq!(embedder.embed(&crop.flipped(), true).unwrap().vector.len(), embedder.dimension());

    let many = embedder.embed_all(&[&crop, &crop.flipped()], true).unwrap();
    assert_eq!(many.len(), 2);
    assert!(cosine(&many[0].vector, &many[1].vector) > 0.9999, "the average does not know left from right");
    assert_eq!(embedder.embed_all(&[], true).unwrap(), []);
}

#[test]
fn photos_that_lie_on_their_side_are_turned() {
    let options = |try_rotations| AnalyzeOptions {
        detect: DetectOptions { try_rotations, ..Default::default() },
        embed: true,
        keep_crop: true,
        ..Default::default()
    };
    let turning = analyzer(options(true));
    let upright = turning.analyze(&image(&pair())).unwrap();
    for rotation in Rotation::ALL {
        let stored = image(&pair()).rotated(rotation.inverse());
        let faces = turning.analyze(&stored).unwrap();
        assert_eq!(faces.len(), 2, "{rotation:?}");
        for (face, expected) in faces.iter().zip(&upright) {
            assert_eq!(face.rotation, rotation);
            let turned = rotation.turn_rect(&face.bounds, stored.width(), stored.height());
            assert!(turned.iou(&expected.bounds) > 0.9, "{rotation:?}: {face:?}");
            let pose = face.pose.unwrap();
            assert!(pose.roll.abs() < 5.0 && pose.yaw.abs() < 5.0, "{rotation:?}: {pose:?}");
            let vectors = [face, expected].map(|face| &face.embedding.as_ref().unwrap().vector[..]);
            assert!(cosine(vectors[0], vectors[1]) > 0.98, "{rotation:?}");
            assert_eq!(face.crop.as_ref().unwrap().width(), 112);
        }
    }
    let lying = image(&pair()).rotated(Rotation::Quarter);
    let turned = detect_turned(&*detector(), &lying, &options(false).detect).unwrap();
    assert_eq!(turned.rotation, Rotation::None);
    assert!(turned.faces.is_empty());
}

#[test]
fn aligned_crops_are_faces_already() {
    let analyzer = analyzer(AnalyzeOptions { embed: true, keep_crop: true, ..Default::default() });
    let found = analyzer.analyze(&image(&pair())).unwrap().remove(0);
    let again = analyzer.analyze_aligned(found.crop.as_ref().unwrap()).unwrap();
    assert_eq!(again.alignment, Alignment::Given);
    assert_eq!(again.landmarks, Some(Template::ARCFACE_112.points));
    assert_eq!(again.embedding, found.embedding);

    let enlarged = imaging::resize(found.crop.as_ref().unwrap(), 224, 224);
    let large = analyzer.analyze_aligned(&enlarged).unwrap();
    assert_eq!(large.bounds.width(), 224.0);
    let vectors = [&large, &found].map(|face| &face.embedding.as_ref().unwrap().vector[..]);
    assert!(cosine(vectors[0], vectors[1]) > 0.99);
    assert!(large.landmarks.unwrap().eye_distance() > 70.0);
}

#[test]
fn what_is_missing_is_said() {
    let photo = image(&pair());
    let bare = Analyzer::new(None, None, AnalyzeOptions { embed: true, ..Default::default() });
    assert!(matches!(bare.analyze(&photo), Err(Error::NoDetector)));
    assert!(matches!(bare.analyze_aligned(&photo), Err(Error::NoEmbedder)));
    let finding =
        Analyzer::new(Some(detector()), None, AnalyzeOptions { keep_crop: true, ..Default::default() });
    let faces = finding.analyze(&photo).unwrap();
    assert!(faces.iter().all(|face| face.embedding.is_none() && face.crop.is_some()));
}

//! What must hold for every template, whatever the faces.

use model::{Embedding, Fingerprint};
use omote_matching::{Rule, Template, angular, compare, cosine, l2};
use proptest::prelude::*;

const RULES: [Rule; 3] = [Rule::Mean, Rule::QualityWeighted, Rule::MagnitudeWeighted];

fn face() -> impl Strategy<Value = (Embedding, f32)> {
    let raw = prop::collection::vec(-10.0f32..10.0, 8);
    (raw, 0.0f32..=100.0).prop_filter_map("no direction", |(raw, quality)| {
        Embedding::from_raw(raw, Fingerprint([9; 32])).ok().map(|face| (face, quality))
    })
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

proptest! {
    #[test]
    fn order_does_not_matter(faces in prop::collection::vec(face(), 1..8), turn in 0usize..8) {
        for rule in RULES {
            let mut turned = faces.clone();
            turned.rotate_left(turn % faces.len());
            turned.reverse();
            match (Template::pool(&faces, rule), Template::pool(&turned, rule)) {
                (Ok(a), Ok(b)) => prop_assert!(close(&a.vector, &b.vector)),
                (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
            }
        }
    }

    #[test]
    fn one_face_is_its_own_template(face in face()) {
        for rule in RULES {
            let template = Template::pool(std::slice::from_ref(&face), rule).unwrap();
            prop_assert_eq!(&template.vector, &face.0.vector);
            prop_assert!(compare(&template, &face.0, &[]).unwrap() > 0.999_999);
        }
    }

    #[test]
    fn copies_of_one_face_are_that_face(face in face(), copies in 1usize..6) {
        for rule in RULES {
            let template = Template::pool(&vec![face.clone(); copies], rule).unwrap();
            prop_assert!(close(&template.vector, &face.0.vector));
            prop_assert_eq!(template.faces, copies);
        }
    }

    #[test]
    fn a_template_is_a_unit_vector(faces in prop::collection::vec(face(), 1..8)) {
        for rule in RULES {
            if let Ok(template) = Template::pool(&faces, rule) {
                let length: f32 = template.vector.iter().map(|value| value * value).sum::<f32>().sqrt();
                prop_assert!((length - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn the_scale_of_weights_does_not_matter(faces in prop::collection::vec(face(), 2..6), scale in 0.01f32..0.9) {
        let scaled: Vec<_> = faces
            .iter()
            .map(|(face, quality)| {
                (Embedding { magnitude: face.magnitude * scale, ..face.clone() }, quality * scale)
            })
            .collect();
        for rule in RULES {
            if let (Ok(a), Ok(b)) = (Template::pool(&faces, rule), Template::pool(&scaled, rule)) {
                prop_assert!(cosine(&a.vector, &b.vector) > 0.999_99);
            }
        }
    }

    #[test]
    fn measures_agree((a, _) in face(), (b, _) in face()) {
        let (cos, distance, angle) =
            (cosine(&a.vector, &b.vector), l2(&a.vector, &b.vector), angular(&a.vector, &b.vector));
        prop_assert_eq!(cos, cosine(&b.vector, &a.vector));
        prop_assert!((distance * distance - (2.0 - 2.0 * cos)).abs() < 1e-5);
        prop_assert!((angle - cos.acos() / std::f32::consts::PI).abs() < 1e-3);
        prop_assert!((0.0..=1.0).contains(&angle) && (-1.0..=1.0).contains(&cos));
    }
}

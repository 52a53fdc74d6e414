//! Who looks like whom.

use glam::Vec3;
use omote_synth::{Head, Person, Seed, Template};

use crate::person;

/// How far apart two heads at rest are, root mean square in millimetres, over the skin of the face.
fn form(a: &Person, b: &Person) -> f32 {
    let template = Template::get();
    let [a, b] = [a, b].map(|person| Head::new(template, &person.form).skin);
    let face = a.rest.iter().zip(a.positions.iter().zip(&b.positions));
    let squares: Vec<f32> =
        face.filter(|(rest, _)| is_face(**rest)).map(|(_, (a, b))| a.distance_squared(*b)).collect();
    (squares.iter().sum::<f32>() / squares.len() as f32).sqrt()
}

fn is_face(rest: Vec3) -> bool {
    rest.z > 50.0 && (-95.0..70.0).contains(&rest.y)
}

/// How far apart the skins of two people are: tone, blood, flush, shade.
fn skin(a: &Person, b: &Person) -> f32 {
    let [a, b] = [&a.complexion, &b.complexion];
    let lists = |a: &[f32; 4], b: &[f32; 4]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / 4.0;
    let squares = (a.tone() - b.tone()).powi(2)
        + ((a.blood - b.blood) / 0.02).powi(2)
        + lists(&a.flush, &b.flush)
        + lists(&a.shade, &b.shade);
    squares.sqrt()
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.collect();
    values.iter().sum::<f32>() / values.len() as f32
}

#[test]
fn siblings_are_nearer_than_strangers() {
    let families: Vec<[Person; 4]> = (0..40)
        .map(|family| {
            let parents = [0, 1].map(|number| person(2 * family + number));
            let child =
                |number| Person::child(&parents[0], &parents[1], Seed::new(9).number(family).number(number));
            let children = [0, 1].map(child);
            let [mother, father] = parents;
            let [one, other] = children;
            [mother, father, one, other]
        })
        .collect();
    for (name, apart) in [("form", form as fn(&Person, &Person) -> f32), ("skin", skin)] {
        let siblings = mean(families.iter().map(|[_, _, one, other]| apart(one, other)));
        let parents = mean(families.iter().map(|[mother, _, child, _]| apart(mother, child)));
        let strangers = mean(families.windows(2).map(|pair| apart(&pair[0][2], &pair[1][2])));
        assert!(siblings < 0.85 * strangers, "{name}: siblings {siblings}, strangers {strangers}");
        assert!(parents < 0.95 * strangers, "{name}: parents {parents}, strangers {strangers}");
        assert!(siblings > 0.3 * strangers, "{name}: siblings {siblings}, strangers {strangers}");
    }
}

#[test]
fn people_stay_who_they_are_over_the_years() {
    let [young, old] =
        [25.0, 60.0].map(|age| (0..30).map(|number| person(number).at(age)).collect::<Vec<_>>());
    for (name, apart) in [("form", form as fn(&Person, &Person) -> f32), ("skin", skin)] {
        let selves = mean(young.iter().zip(&old).map(|(young, old)| apart(young, old)));
        let strangers = mean(young.windows(2).map(|pair| apart(&pair[0], &pair[1])));
        assert!(selves < 0.6 * strangers, "{name}: selves {selves}, strangers {strangers}");
    }
    for (young, old) in young.iter().zip(&old) {
        assert!(form(young, old) > 0.1, "years change a face");
        assert_eq!((&young.iris, young.brows.arch), (&old.iris, old.brows.arch));
    }
}

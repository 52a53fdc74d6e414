//! A probe that guesses a person from all that must not tell who it is.

use glam::Vec3;
use omote_synth::{Item, Moment, Person, Place, Scenery};

use crate::matrix::{Rows, dot, solve};
use crate::person;

/// How many people there are to choose from, and how many moments of each to learn from and to test with.
const PEOPLE: usize = 20;
const MOMENTS: u64 = 40;

/// Everything that is drawn for a moment, as numbers.
fn code(moment: &Moment) -> Vec<f64> {
    let (light, sensor) = (&moment.lighting.light, &moment.sensor);
    let mut code = vec![
        moment.pose.yaw,
        moment.pose.pitch,
        moment.pose.roll,
        moment.distance.ln(),
        moment.span,
        moment.lighting.kelvin,
        moment.background.blur.ln(),
        moment.background.exposure.ln(),
        sensor.exposure,
        sensor.white,
        sensor.tint,
        sensor.contrast,
        sensor.saturation,
        sensor.vignette,
        sensor.read_noise.ln(),
        sensor.shot_noise.ln(),
        moment.pupil,
        moment.redness,
        moment.makeup.foundation,
        moment.makeup.lip_cover,
        moment.makeup.blush_cover,
        moment.makeup.shadow_cover,
        moment.makeup.liner,
        light.lamps.len() as f32,
    ];
    let mut color = |color: Vec3| code.extend(color.to_array());
    for direction in [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z] {
        color(light.ambient.irradiance(direction));
    }
    color(moment.background.light);
    for lamp in 0..3 {
        let lamp = light.lamps.get(lamp);
        color(lamp.map_or(Vec3::ZERO, |lamp| lamp.direction));
        color(lamp.map_or(Vec3::ZERO, |lamp| lamp.color));
    }
    let cloth = moment.worn.iter().find_map(|item| match item {
        Item::Clothing(clothing) => Some((clothing.cloth.color, clothing.trim.color)),
        _ => None,
    });
    let (cloth, trim) = cloth.unwrap_or_default();
    color(cloth);
    color(trim);
    // The seeds as well: nobody has lucky numbers.
    code.extend((0..16).map(|bit| (moment.seed.value() >> (4 * bit) & 1) as f32));
    code.extend(Place::ALL.map(|place| f32::from(moment.lighting.place == place)));
    code.extend(Scenery::ALL.map(|scenery| f32::from(moment.background.scenery == scenery)));
    let worn: [fn(&Item) -> bool; 9] = [
        |item| matches!(item, Item::Glasses(_)),
        |item| matches!(item, Item::Hat(_)),
        |item| matches!(item, Item::Headscarf(_)),
        |item| matches!(item, Item::Headphones(_)),
        |item| matches!(item, Item::Earrings(_)),
        |item| matches!(item, Item::Scarf(_)),
        |item| matches!(item, Item::Mask(_)),
        |item| matches!(item, Item::Occluder(_)),
        |item| matches!(item, Item::Clothing(_)),
    ];
    code.extend(worn.map(|is| f32::from(moment.worn.iter().any(is))));
    code.into_iter().map(f64::from).collect()
}

/// The share of moments whose person ridge regression guesses, learned from as many others.
fn guessed(people: &[Person], moment: impl Fn(&Person, u64) -> Moment) -> f64 {
    let codes = |parity: u64| -> Vec<(usize, Vec<f64>)> {
        let numbers = (0..2 * MOMENTS).filter(|number| number % 2 == parity);
        let pairs =
            numbers.flat_map(|number| people.iter().enumerate().map(move |(at, who)| (at, who, number)));
        pairs.map(|(at, who, number)| (at, code(&moment(who, number)))).collect()
    };
    let (mut learned, mut tested) = (codes(0), codes(1));
    let count = learned.len() as f64;
    let width = learned[0].1.len();
    for at in 0..width {
        let mean = learned.iter().map(|(_, code)| code[at]).sum::<f64>() / count;
        let squares = learned.iter().map(|(_, code)| (code[at] - mean).powi(2)).sum::<f64>();
        let spread = (squares / count).sqrt().max(1e-6);
        learned.iter_mut().chain(&mut tested).for_each(|(_, code)| code[at] = (code[at] - mean) / spread);
    }
    let mut gram: Rows = vec![vec![0.0; width]; width];
    let mut target: Rows = vec![vec![0.0; people.len()]; width];
    for (who, code) in &learned {
        for (at, value) in code.iter().enumerate() {
            gram[at].iter_mut().zip(code).for_each(|(sum, other)| *sum += value * other);
            target[at][*who] += value;
        }
    }
    (0..width).for_each(|at| gram[at][at] += 10.0);
    let weights = solve(gram, target);
    let guess = |code: &[f64]| {
        let score = |who: usize| dot(code, &weights.iter().map(|row| row[who]).collect::<Vec<_>>());
        let scores: Vec<f64> = (0..people.len()).map(score).collect();
        (0..people.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
    };
    let hits = tested.iter().filter(|(who, code)| guess(code) == Some(*who)).count();
    hits as f64 / tested.len() as f64
}

#[test]
fn nothing_but_the_person_tells_who_it_is() {
    // Women and men dress differently, as they do. Among people of one sex nothing may be left.
    for male in [false, true] {
        let people: Vec<Person> =
            (0..).map(person).filter(|person| (person.form.sex > 0.5) == male).take(PEOPLE).collect();
        let sample =
            |person: &Person, number: u64| Moment::sample(person.seed.of("pictures").number(number), person);
        let chance = 1.0 / PEOPLE as f64;
        // Four standard deviations of the share of so many guesses by chance.
        let most = chance + 4.0 * (chance * (1.0 - chance) / (PEOPLE as f64 * MOMENTS as f64)).sqrt();
        let found = guessed(&people, sample);
        assert!(found < most, "{found} of the moments are told, {most} would be chance");
        // The probe finds a leak that is much weaker than what it leaks into.
        let leaking = |person: &Person, number: u64| {
            let mut moment = sample(person, number);
            let own = (person.seed.value() % 1000) as f32 / 1000.0 - 0.5;
            moment.sensor.white += 2000.0 * own;
            moment.background.exposure *= (1.5 * own).exp();
            moment
        };
        let found = guessed(&people, leaking);
        assert!(found > most, "{found} of the moments are told with a leak, {most} would be chance");
    }
}

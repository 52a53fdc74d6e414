//! What a sheet shows.

use clap::ValueEnum;
use imaging::Image;
use synth::{
    ASYMMETRY_MODES, Arrangement, Attack, AttackKind, Background, Beard, BeardKind, Clothing, Collar, Crowd,
    Degradation, EXPRESSION_MODES, Earrings, Family, Form, Glasses, Hairstyle, Hat, HatKind, Headphones,
    Headscarf, Item, Lighting, Makeup, Mask, MaskKind, Moment, Necklace, Occluder, OccluderKind, Pass,
    Person, Place, Pose, SHAPE_MODES, Scarf, Scenery, Seed,
};

use super::tile::{SAMPLES, Tile};

/// How far modes go: a person in eighty is farther out.
const FAR: f32 = 2.5;
/// Ages that are shown, in years.
const AGES: [f32; 6] = [16.0, 25.0, 38.0, 52.0, 66.0, 80.0];
/// Ages of parents and of their four children, in years.
const PARENTS: f32 = 52.0;
const GROWN: [f32; 4] = [28.0, 26.0, 23.0, 20.0];
/// Turns from which things are looked at, in degrees of yaw.
const FRONT: f32 = 0.0;
const ASIDE: f32 = 45.0;
const PROFILE: f32 = -85.0;
const BEHIND: f32 = 180.0;

/// What a sheet shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Subject {
    /// People as the recipe `recognition` has them, two to a row with eight pictures each
    People,
    /// Families: mother, father and four grown children to a row
    Families,
    /// The same people at several ages
    Ages,
    /// Every mode of shape at -2.5, 0 and 2.5 standard deviations, from ahead and aside
    Shapes,
    /// Every mode of asymmetry at -2.5, 0 and 2.5 standard deviations
    Asymmetry,
    /// Every mode of expression at a half and in full, from ahead and aside
    Expressions,
    /// Skin from the lightest to the darkest, and made up
    Skin,
    /// Every family of hairstyles from ahead, aside and behind
    Hair,
    /// Every kind of beard
    Beards,
    /// Everything that is worn or held, from ahead, aside and in profile
    Worn,
    /// Every kind of light
    Light,
    /// Every kind of background
    Backgrounds,
    /// Poses from profile to profile
    Poses,
    /// The degradations, each by itself and all together, by grades
    Degradations,
    /// Presentation attacks, a real face first in every row
    Attacks,
    /// Crowds as they are arranged, with things that are no faces
    Crowds,
}

impl Subject {
    /// What is drawn, and how many to a row.
    pub fn tiles(self, seed: u64, people: u32) -> (Vec<Tile>, usize) {
        let chance = Seed::new(seed).of("sheet");
        match self {
            Self::People => (self::people(seed, people), 16),
            Self::Families => (families(chance, people), 12),
            Self::Ages => (ages(chance), 2 * AGES.len()),
            Self::Shapes => (shapes(), 12),
            Self::Asymmetry => (asymmetry(), 12),
            Self::Expressions => (expressions(), 12),
            Self::Skin => (skin(chance), 10),
            Self::Hair => (hair(chance), 12),
            Self::Beards => (beards(chance), 8),
            Self::Worn => (worn(chance), 12),
            Self::Light => (light(chance), 12),
            Self::Backgrounds => (backgrounds(chance), 12),
            Self::Poses => (poses(chance), 13),
            Self::Degradations => (degradations(chance), GRADES.len()),
            Self::Attacks => (attacks(chance), 9),
            Self::Crowds => (crowds(chance), 5),
        }
    }
}

/// Somebody without hair, of the middle of everything: what is changed is all that differs.
fn sitter(form: Form) -> Person {
    let mut person = Person::new(Seed::new(7));
    person.hair = Hairstyle { color: person.hair.color, ..Hairstyle::of(Family::Bald, Seed::new(7), 0.3) };
    person.beard = Beard::none();
    person.form = Form { sex: 0.5, age: 30.0, ..form };
    person
}

fn turned(yaw: f32) -> Moment {
    Moment { pose: Pose { yaw, pitch: 0.0, roll: 0.0 }, ..Moment::plain() }
}

/// Near enough that the face fills the picture.
fn close(yaw: f32) -> Moment {
    Moment { span: 230.0, ..turned(yaw) }
}

fn people(seed: u64, people: u32) -> Vec<Tile> {
    let everybody =
        (0..u64::from(people)).map(|number| Person::new(Seed::new(seed).of("people").number(number)));
    everybody
        .flat_map(|person| {
            let pictures = 0..8;
            pictures.map(move |picture| {
                let moment = Moment::sample(person.seed.of("pictures").number(picture), &person);
                Tile::portrait("", &person, &moment)
            })
        })
        .collect()
}

fn families(chance: Seed, people: u32) -> Vec<Tile> {
    (0..u64::from(people.div_ceil(6)))
        .flat_map(|number| family(chance.of("family").number(number)))
        .zip(["mother", "father", "child", "child", "child", "child"].into_iter().cycle())
        .map(|(person, label)| Tile::portrait(label, &person, &turned(FRONT)))
        .collect()
}

/// A mother, a father and their four children, none of whom is older than they.
fn family(seed: Seed) -> [Person; 6] {
    let parent = |name: &str, sex: f32| {
        let mut person = Person::new(seed.of(name));
        // The sex of somebody who is drawn by chance is not known beforehand.
        for again in 0.. {
            if (person.form.sex - sex).abs() < 0.5 {
                break;
            }
            person = Person::new(seed.of(name).number(again));
        }
        person.at(PARENTS)
    };
    let (mother, father) = (parent("mother", 0.0), parent("father", 1.0));
    let child = |at: usize| Person::child(&mother, &father, seed.of("child").number(at as u64)).at(GROWN[at]);
    let [first, second, third, fourth] = std::array::from_fn(child);
    [mother, father, first, second, third, fourth]
}

fn ages(chance: Seed) -> Vec<Tile> {
    (0..12)
        .flat_map(|number| {
            let person = Person::new(chance.of("ages").number(number));
            AGES.map(|age| Tile::portrait(format!("{age} years"), &person.at(age), &turned(FRONT)))
        })
        .collect()
}

fn shapes() -> Vec<Tile> {
    let mut tiles = Vec::new();
    for mode in SHAPE_MODES {
        for value in [-FAR, 0.0, FAR] {
            let person = sitter(Form::default().with_shape(mode.name, value));
            let label = if value < 0.0 { mode.name.to_owned() } else { format!("{value:+}") };
            tiles.extend(
                [(label, FRONT), (String::new(), ASIDE)]
                    .map(|(label, yaw)| Tile::portrait(label, &person, &close(yaw))),
            );
        }
    }
    tiles
}

fn asymmetry() -> Vec<Tile> {
    let mut tiles = Vec::new();
    for (at, mode) in ASYMMETRY_MODES.iter().enumerate() {
        for value in [-FAR, 0.0, FAR] {
            let mut form = Form::default();
            form.asymmetry[at] = value;
            let label = if value < 0.0 { mode.name.to_owned() } else { format!("{value:+}") };
            tiles.push(Tile::portrait(label, &sitter(form), &close(FRONT)));
        }
    }
    tiles
}

fn expressions() -> Vec<Tile> {
    let mut tiles = Vec::new();
    for mode in EXPRESSION_MODES {
        for value in [0.5, 1.0] {
            let person = sitter(Form::default().with_expression(mode.name, value));
            let label = if value < 1.0 { mode.name.to_owned() } else { String::new() };
            tiles.extend(
                [(label, FRONT), (String::new(), ASIDE)]
                    .map(|(label, yaw)| Tile::portrait(label, &person, &close(yaw))),
            );
        }
    }
    tiles
}

fn skin(chance: Seed) -> Vec<Tile> {
    let tones = (0..10u8).map(|step| f32::from(step) / 9.0);
    let mut tiles = Vec::new();
    for (row, makeup) in [None, None, Some(0.6), Some(1.0)].into_iter().enumerate() {
        for tone in tones.clone() {
            let seed = chance.of("skin").number(row as u64);
            let mut person = Person { tone, ..Person::new(seed) };
            person.complexion = synth::Complexion::sample(seed, tone, person.form.age, person.form.sex);
            let mut moment = close(FRONT);
            moment.makeup = makeup.map_or_else(Makeup::none, |strength| Makeup::sample(seed, strength));
            tiles.push(Tile::portrait(format!("tone {tone:.1}"), &person, &moment));
        }
    }
    tiles
}

fn hair(chance: Seed) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for (number, family) in Family::ALL.into_iter().enumerate() {
        for variant in 0..2 {
            let seed = chance.of("hair").number(number as u64).number(variant);
            let mut person = Person::new(seed);
            let curl = if matches!(family, Family::Afro | Family::Braids | Family::Cornrows) {
                0.9
            } else {
                person.hair.curl.min(0.7)
            };
            person.hair = Hairstyle { color: person.hair.color, ..Hairstyle::of(family, seed, curl) };
            person.beard = Beard::none();
            let name = format!("{family:?}").to_lowercase();
            tiles.extend([FRONT, ASIDE, PROFILE].map(|yaw| Tile::portrait(&name, &person, &turned(yaw))));
            // From behind once, in place of a second profile.
            if variant == 1 {
                let last = tiles.len() - 1;
                tiles[last] = Tile::portrait(format!("{name}, behind"), &person, &turned(BEHIND));
            }
        }
    }
    tiles
}

fn beards(chance: Seed) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let mut men = (0..)
        .map(|number| Person::new(chance.of("beards").number(number)))
        .filter(|person| person.form.sex > 0.5);
    for kind in BeardKind::ALL {
        for (length, person) in [1.5f32, 8.0, 20.0, 45.0].into_iter().zip(&mut men) {
            let mut person = person;
            let length = match kind {
                BeardKind::Clean => 0.0,
                BeardKind::Stubble => length.min(2.2),
                BeardKind::Moustache => length.clamp(4.0, 10.0),
                _ => length,
            };
            person.beard = Beard { kind, length, density: 0.9, ..person.beard };
            let name = format!("{kind:?}, {length} mm").to_lowercase();
            tiles.extend([FRONT, ASIDE].map(|yaw| Tile::portrait(&name, &person, &close(yaw))));
        }
    }
    tiles
}

/// Everything that there is, one of each kind or a few where they differ.
fn items(chance: Seed, person: &Person) -> Vec<(String, Item)> {
    let named = |name: &str, kind: &dyn std::fmt::Debug| format!("{name}, {kind:?}").to_lowercase();
    let some = |name: &'static str, number: u64, make: &dyn Fn(Seed) -> Item| {
        (0..number).map(|at| (name.to_owned(), make(chance.of(name).number(at)))).collect::<Vec<_>>()
    };
    let mut items = Vec::new();
    items.extend(some("glasses", 6, &|seed| Item::Glasses(Glasses::sample(seed, false))));
    items.extend(some("sunglasses", 2, &|seed| Item::Glasses(Glasses::sample(seed, true))));
    items.extend(HatKind::ALL.map(|kind| (named("hat", &kind), Item::Hat(Hat::of(kind, chance)))));
    items.extend(some("headscarf", 2, &|seed| Item::Headscarf(Headscarf::sample(seed))));
    items.extend(some("scarf", 2, &|seed| Item::Scarf(Scarf::sample(seed))));
    items.extend(some("headphones", 2, &|seed| Item::Headphones(Headphones::sample(seed))));
    items.extend(some("earrings", 2, &|seed| Item::Earrings(Earrings::sample(seed))));
    items.extend(some("necklace", 4, &|seed| Item::Necklace(Necklace::sample(seed, 9.0))));
    items.extend(MaskKind::ALL.map(|kind| (named("mask", &kind), Item::Mask(Mask::of(kind, chance)))));
    let skin = person.complexion.color();
    items.extend(
        OccluderKind::ALL
            .map(|kind| (named("held", &kind), Item::Occluder(Occluder::of(kind, chance, skin)))),
    );
    items.extend(
        Collar::ALL
            .map(|collar| (named("clothes", &collar), Item::Clothing(Clothing::of(collar, chance, 0.5)))),
    );
    items
}

fn worn(chance: Seed) -> Vec<Tile> {
    let mut tiles = Vec::new();
    let wearer = |number: u16| {
        Person::new(chance.of("wearer").number(u64::from(number))).at(22.0 + 7.0 * f32::from(number))
    };
    let wearers: Vec<Person> = (0..6).map(wearer).collect();
    let sets: Vec<_> = wearers.iter().map(|wearer| items(chance, wearer)).collect();
    for at in 0..sets[0].len() {
        let wearer = &wearers[at % wearers.len()];
        let (name, item) = &sets[at % sets.len()][at];
        for (name, yaw) in [(name.as_str(), FRONT), ("", ASIDE), ("", PROFILE)] {
            let mut moment = turned(yaw);
            if matches!(item, Item::Clothing(_)) {
                moment.worn.clear();
            }
            if matches!(item, Item::Clothing(_) | Item::Necklace(_)) {
                moment.span = 560.0;
            }
            moment.worn.push(item.clone());
            tiles.push(Tile::portrait(name, wearer, &moment));
        }
    }
    tiles
}

fn light(chance: Seed) -> Vec<Tile> {
    let person = |number: u64| Person::new(chance.of("lit").number(number));
    let people = [person(0), person(1), person(2)];
    let mut tiles = Vec::new();
    for place in Place::ALL {
        for number in 0..12 {
            let lighting = Lighting::at(place, chance.of("light").number(number));
            let moment = Moment { lighting, ..turned(FRONT) };
            tiles.push(Tile::portrait(
                format!("{place:?}").to_lowercase(),
                &people[number as usize % 3],
                &moment,
            ));
        }
    }
    tiles
}

fn backgrounds(chance: Seed) -> Vec<Tile> {
    let person = Person::new(chance.of("before"));
    let mut tiles = Vec::new();
    for scenery in Scenery::ALL {
        for number in 0..4 {
            let background = Background::of(scenery, chance.of("background").number(number));
            let moment = Moment { background, span: 420.0, ..turned(FRONT) };
            tiles.push(Tile::portrait(format!("{scenery:?}").to_lowercase(), &person, &moment));
        }
    }
    tiles
}

fn poses(chance: Seed) -> Vec<Tile> {
    let person = |number: u64| Person::new(chance.of("posing").number(number));
    let mut tiles = Vec::new();
    for number in 0..2 {
        for step in -6..=6 {
            let yaw = 15.0 * step as f32;
            tiles.push(Tile::portrait(format!("yaw {yaw}"), &person(number), &turned(yaw)));
        }
        for (name, most) in [("pitch", 30.0), ("roll", 45.0)] {
            for step in -6..=6 {
                let angle = most / 6.0 * step as f32;
                let mut moment = turned(FRONT);
                *(if name == "pitch" { &mut moment.pose.pitch } else { &mut moment.pose.roll }) = angle;
                tiles.push(Tile::portrait(format!("{name} {angle}"), &person(number), &moment));
            }
        }
    }
    tiles
}

/// How strong harm is, from none to the most.
const GRADES: [f32; 9] = [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0];

fn degradations(chance: Seed) -> Vec<Tile> {
    let person = Person::new(chance.of("harmed"));
    let only = |name: &str, grade: f32| {
        let all = Degradation::graded(grade).passes.first().copied().unwrap_or(Pass::NOTHING);
        let pass = match name {
            "blur" => Pass { blur: all.blur, ..Pass::NOTHING },
            "motion" => Pass { motion: 5.0 * all.blur, direction: 20.0, ..Pass::NOTHING },
            "scale" => Pass { scale: all.scale, ..Pass::NOTHING },
            "noise" => Pass { noise: all.noise, ..Pass::NOTHING },
            "photons" => Pass { photons: all.photons, ..Pass::NOTHING },
            "jpeg" => Pass { jpeg: all.jpeg, ..Pass::NOTHING },
            _ => all,
        };
        Degradation { passes: vec![pass] }
    };
    ["blur", "motion", "scale", "noise", "photons", "jpeg", "all"]
        .into_iter()
        .flat_map(|name| GRADES.map(|grade| (name, grade)))
        .map(|(name, grade)| {
            Tile::harmed(format!("{name} {grade}"), &person, &close(FRONT), only(name, grade))
        })
        .collect()
}

/// The attacker's own face in the light of the attacks that follow, then eight attacks of the kind.
fn attacks(chance: Seed) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for (kind, rows) in AttackKind::ALL.into_iter().zip([2, 2, 3]) {
        for row in 0..rows {
            let seed = chance.of(&format!("{kind:?}")).number(row);
            let [victim, attacker] = ["victim", "attacker"].map(|name| Person::new(seed.of(name)));
            tiles.push(Tile::portrait("no attack", &victim, &Moment::sample(seed, &victim)));
            for number in 0..8 {
                let seed = seed.number(number);
                let (victim, attacker) = (victim.clone(), attacker.clone());
                let moment = Moment::sample(seed, &victim);
                let attack = Attack::sample(kind, seed.of("attack"), &victim);
                let label = format!("{kind:?}").to_lowercase();
                tiles.push(Tile::new(label, move |size| {
                    moment.attack(&attack, &attacker, &victim, size, size, SAMPLES).image
                }));
            }
        }
    }
    tiles
}

/// Width of a crowd's picture for which the sizes of faces below are meant, in pixels.
const CROWD: f32 = 800.0;
/// Focal length of the camera before crowds, in widths of the picture.
const FOCAL: f32 = 0.9;

fn crowds(chance: Seed) -> Vec<Tile> {
    let faces = |arrangement| match arrangement {
        Arrangement::Selfie => vec![260.0; 2],
        Arrangement::Row => vec![130.0; 3],
        Arrangement::Group => vec![90.0; 6],
        Arrangement::Audience => vec![30.0; 24],
        Arrangement::Passers => vec![230.0, 120.0, 60.0, 40.0, 30.0, 20.0, 15.0, 10.0],
    };
    let mut tiles = Vec::new();
    for number in 0..3 {
        for arrangement in Arrangement::ALL {
            let name = format!("{arrangement:?}").to_lowercase();
            let (seed, faces) = (chance.of(&name).number(number), faces(arrangement));
            tiles.push(Tile::new(name, move |size| crowd(arrangement, &faces, size, seed)));
        }
    }
    tiles
}

fn crowd(arrangement: Arrangement, faces: &[f32], size: u32, seed: Seed) -> Image {
    let scale = size as f32 / CROWD;
    let faces: Vec<f32> = faces.iter().map(|face| face * scale).collect();
    let people = (0..faces.len() as u64).map(|person| Person::new(seed.number(person))).collect();
    let mut crowd = Crowd::compose(arrangement, people, &faces, [size; 2], FOCAL * size as f32, seed);
    crowd.add_lures(4, seed);
    crowd.take(SAMPLES).image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_fills_its_rows() {
        for subject in Subject::value_variants() {
            let (tiles, columns) = subject.tiles(1, 12);
            assert!(!tiles.is_empty() && columns > 0, "{subject:?}");
        }
        assert_eq!(Subject::Shapes.tiles(1, 1).0.len(), 6 * SHAPE_MODES.len());
        assert_eq!(Subject::Expressions.tiles(1, 1).0.len(), 4 * EXPRESSION_MODES.len());
        assert_eq!(Subject::People.tiles(1, 5).0.len(), 40);
        assert_eq!(Subject::Families.tiles(1, 12).0.len(), 12);
    }

    #[test]
    fn families_have_a_mother_and_a_father() {
        for number in 0..10 {
            let [mother, father, ..] = family(Seed::new(number));
            assert!(mother.form.sex < 0.5 && father.form.sex > 0.5);
        }
    }
}

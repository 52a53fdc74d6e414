//! The album that examples and tests use: 60 photos of twelve people who do not exist, alone and together, at several ages
//! and in many lights: `cargo run --release -p omote-synth --example album FOLDER`.
//!
//! The folder gets `01.jpg` to `60.jpg`, and `album.csv` with a row for each face: who it is, how old, and where.

use std::fmt::Write;
use std::path::Path;

use imaging::{encode_jpeg, encode_png};
use omote_synth::{
    Arrangement, Background, Crowd, CrowdPicture, Form, Glasses, Item, Lighting, Person, Place, Scenery, Seed,
};
use rayon::prelude::*;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Decides over everybody and everything.
const SEED: u64 = 2026;
/// Largest photo in bytes, and the qualities of JPEG that are tried for it.
const LARGEST: usize = 70_000;
const QUALITIES: [u8; 7] = [87, 84, 80, 75, 70, 62, 54];
/// All of a face but this is to be seen, or the photo is taken again.
const SEEN: f32 = 0.62;
/// How often.
const ATTEMPTS: u64 = 12;

/// One of the twelve: name, whether a woman, bounds of the skin's tone (0 light, 1 dark) and of the age today, and
/// whether glasses are worn in most photos.
struct Role(&'static str, bool, [f32; 2], [f32; 2], bool);

const CAST: [Role; 12] = [
    Role("Amara", true, [0.8, 0.95], [24.0, 32.0], false),
    Role("Bjorn", false, [0.03, 0.15], [38.0, 50.0], false),
    Role("Camila", true, [0.35, 0.5], [22.0, 30.0], false),
    Role("Diego", false, [0.3, 0.55], [25.0, 36.0], true),
    Role("Emeka", false, [0.85, 1.0], [40.0, 55.0], false),
    Role("Farah", true, [0.4, 0.6], [30.0, 42.0], false),
    Role("Grace", true, [0.05, 0.25], [62.0, 75.0], true),
    Role("Hiro", false, [0.15, 0.32], [26.0, 38.0], false),
    Role("Ilse", true, [0.0, 0.12], [28.0, 40.0], false),
    Role("Jomo", false, [0.65, 0.85], [19.0, 26.0], false),
    Role("Kavita", true, [0.5, 0.7], [33.0, 45.0], true),
    Role("Lev", false, [0.1, 0.25], [60.0, 74.0], false),
];

/// Camila and Diego are sister and brother.
const SIBLINGS: [usize; 2] = [2, 3];

/// Who is in a photo, how they stand, where, and how many years ago.
struct Photo {
    people: Vec<usize>,
    arrangement: Arrangement,
    place: Place,
    years_ago: f32,
}

/// Groups: an arrangement, the light, and the numbers of those in it.
const GROUPS: [(Arrangement, Place, &[usize]); 12] = [
    (Arrangement::Selfie, Place::Sun, &[2, 3]),
    (Arrangement::Selfie, Place::Room, &[0, 8]),
    (Arrangement::Row, Place::Overcast, &[6, 11]),
    (Arrangement::Selfie, Place::Night, &[9, 7, 2]),
    (Arrangement::Row, Place::Room, &[1, 8, 5]),
    (Arrangement::Row, Place::Sun, &[4, 0, 9]),
    (Arrangement::Row, Place::Window, &[10, 3, 7, 1]),
    (Arrangement::Group, Place::Overcast, &[5, 10, 4, 11]),
    (Arrangement::Group, Place::Sun, &[0, 2, 7, 9, 8]),
    (Arrangement::Group, Place::Room, &[6, 11, 1, 5, 3]),
    (Arrangement::Group, Place::Overcast, &[2, 3, 6, 4, 10, 0]),
    (Arrangement::Group, Place::Room, &[1, 9, 11, 7, 8, 5]),
];

/// The four photos of one person alone: how it is taken, where, and how many years ago.
const ALONE: [(Arrangement, [Place; 3], f32); 4] = [
    (Arrangement::Row, [Place::Studio, Place::Window, Place::Studio], 0.0),
    (Arrangement::Selfie, [Place::Sun, Place::Room, Place::Overcast], 1.0),
    (Arrangement::Row, [Place::Overcast, Place::Sun, Place::Against], 4.0),
    (Arrangement::Row, [Place::Room, Place::Night, Place::Window], 12.0),
];

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("album FOLDER")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let cast = cast();
    for (role, person) in CAST.iter().zip(&cast) {
        println!("{}: {:.0} years, tone {:.2}", role.0, person.form.age, person.tone);
    }
    let photos = photos();
    let rows: Vec<Result<String, Failure>> = photos
        .par_iter()
        .enumerate()
        .map(|(number, photo)| {
            let name = format!("{:02}.jpg", number + 1);
            let (years, picture) = take(photo, &cast, Seed::new(SEED).of("photos").number(number as u64));
            std::fs::write(folder.join(&name), small_jpeg(&picture)?)?;
            rows(&name, photo, &years, &picture)
        })
        .collect();
    let mut table = String::from("photo,person,age,x1,y1,x2,y2");
    for point in ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"] {
        write!(table, ",{point}_x,{point}_y")?;
    }
    table.push('\n');
    for rows in rows {
        table.push_str(&rows?);
    }
    std::fs::write(folder.join("album.csv"), table)?;
    Ok(())
}

/// The first people of a list of strangers who fit their roles.
fn cast() -> Vec<Person> {
    let seed = Seed::new(SEED).of("cast");
    let mut cast: Vec<Person> =
        CAST.iter().map(|role| first(role, |number| Person::new(seed.of(role.0).number(number)))).collect();
    // Brother and sister have the same parents, who are in no photo.
    let [mother, father] = [("mother", 0.6), ("father", 0.35)].map(|(name, tone)| {
        let role = Role(name, name == "mother", [tone - 0.1, tone + 0.1], [50.0, 70.0], false);
        first(&role, |number| Person::new(seed.of(name).number(number)))
    });
    for at in SIBLINGS {
        let role = &CAST[at];
        let child = |number| Person::child(&mother, &father, seed.of(role.0).number(number));
        cast[at] = first(role, child);
    }
    cast
}

fn first(role: &Role, person: impl Fn(u64) -> Person) -> Person {
    let Role(_, woman, tone, age, _) = role;
    let fits = |person: &Person| {
        (person.form.sex < 0.5) == *woman
            && (tone[0]..=tone[1]).contains(&person.tone)
            && (age[0]..=age[1]).contains(&person.form.age)
    };
    (0..100_000).map(&person).find(fits).unwrap_or_else(|| person(0))
}

fn photos() -> Vec<Photo> {
    let mut photos = Vec::new();
    for person in 0..CAST.len() {
        for (at, (arrangement, places, years_ago)) in ALONE.into_iter().enumerate() {
            // Not everybody has old photos of the same year.
            let years_ago = years_ago * (0.5 + (person * 7 + at * 3) as f32 % 10.0 / 8.0);
            photos.push(Photo {
                people: vec![person],
                arrangement,
                place: places[(person + at) % 3],
                years_ago,
            });
            // Groups lie between, as photos of one summer do.
        }
        let (arrangement, place, people) = GROUPS[person];
        photos.push(Photo { people: people.to_vec(), arrangement, place, years_ago: 0.0 });
    }
    photos
}

/// The photo in which all are seen best, of some attempts; and how old everybody is.
fn take(photo: &Photo, cast: &[Person], seed: Seed) -> (Vec<f32>, CrowdPicture) {
    let people: Vec<Person> = photo
        .people
        .iter()
        .map(|&at| {
            let person = &cast[at];
            if photo.years_ago < 2.0 {
                person.clone()
            } else {
                person.at((person.form.age - photo.years_ago).max(17.0))
            }
        })
        .collect();
    let years = people.iter().map(|person| person.form.age).collect();
    let mut best: Option<(f32, CrowdPicture)> = None;
    for attempt in 0..ATTEMPTS {
        let picture = scene(photo, &people, seed.number(attempt)).take(2);
        let seen = picture.people.iter().map(|sight| sight.seen).fold(1.0, f32::min);
        if best.as_ref().is_none_or(|(most, _)| seen > *most) {
            best = Some((seen, picture));
        }
        if seen > SEEN {
            break;
        }
    }
    match best {
        Some((_, picture)) => (years, picture),
        None => (years, scene(photo, &people, seed).take(2)),
    }
}

fn scene(photo: &Photo, people: &[Person], seed: Seed) -> Crowd {
    let mut stream = seed.of("photo").stream();
    let count = people.len();
    let size = match count {
        1 | 2 if stream.chance(0.6) => [640, 800],
        1 | 2 => [720, 720],
        _ => [800, 600],
    };
    let wide = size[0] as f32;
    let (height, lens) = match (photo.arrangement, count) {
        (Arrangement::Selfie, 1) => (stream.between(260.0, 350.0), stream.between(0.85, 1.05)),
        (Arrangement::Selfie, 2) => (stream.between(190.0, 230.0), stream.between(0.8, 0.95)),
        (Arrangement::Selfie, _) => (stream.between(170.0, 200.0), stream.between(0.75, 0.85)),
        (_, 1) => (stream.between(190.0, 310.0), stream.between(1.4, 3.0)),
        (Arrangement::Group, 4 | 5) => (stream.between(125.0, 145.0), stream.between(1.0, 1.4)),
        (Arrangement::Group, _) => (stream.between(104.0, 120.0), stream.between(1.0, 1.4)),
        _ => (0.42 * wide / (count as f32 + 0.2), stream.between(1.0, 1.6)),
    };
    let sizes = vec![height; count];
    let mut crowd = Crowd::compose(photo.arrangement, people.to_vec(), &sizes, size, lens * wide, seed);
    crowd.lighting = Lighting::at(photo.place, seed.of("light"));
    let scenery = scenery(photo.place);
    let blur = crowd.background.blur;
    crowd.background = Background::of(scenery[stream.below(scenery.len())], seed.of("scenery"));
    crowd.background.blur = crowd.background.blur.min(1.2 * blur + 0.004);
    crowd.sensor.white = crowd.lighting.kelvin + (6500.0 - crowd.lighting.kelvin) * stream.between(0.0, 0.25);
    crowd.sensor.exposure = stream.between(0.0, 0.65);
    crowd.sensor.saturation = crowd.sensor.saturation.max(if photo.years_ago > 8.0 { 0.7 } else { 1.08 });
    crowd.sensor.contrast = crowd.sensor.contrast.clamp(1.1, 1.3);
    crowd.sensor.read_noise = crowd.sensor.read_noise.min(0.004);
    crowd.sensor.shot_noise = crowd.sensor.shot_noise.min(0.0003);
    for (member, &at) in crowd.people.iter_mut().zip(&photo.people) {
        let own = member.moment.seed;
        // Family photos show faces: nothing is held before them, and most look into the camera and smile.
        member
            .moment
            .worn
            .retain(|item| !matches!(item, Item::Occluder(_) | Item::Mask(_) | Item::Glasses(_)));
        let habit = if CAST[at].4 { 0.8 } else { 0.06 };
        if stream.chance(habit) {
            // One's own glasses, and sometimes sunglasses outside.
            let dark = matches!(photo.place, Place::Sun) && stream.chance(0.25);
            let glasses = if dark { own } else { Seed::new(SEED).of("glasses").of(CAST[at].0) };
            member.moment.worn.push(Item::Glasses(Glasses::sample(glasses, dark)));
        }
        let turned = if stream.chance(0.12) { 1.6 } else { 0.7 };
        member.moment.pose.yaw = (member.moment.pose.yaw * turned).clamp(-55.0, 55.0);
        member.moment.mood = mood(&member.person.form, own, stream.chance(0.7));
    }
    crowd
}

/// A mood with open eyes, and with a smile if `smiling`.
fn mood(form: &Form, seed: Seed, smiling: bool) -> Option<Seed> {
    let strength = |form: &Form, name: &str| {
        Form::expression_index(name).and_then(|at| form.expression.get(at)).copied().unwrap_or(0.0)
    };
    (0..40).map(|number| seed.of("mood").number(number)).find(|mood| {
        let shown = form.clone().with_mood(*mood, 1.0);
        let open = strength(&shown, "blink left") < 0.3 && strength(&shown, "sneer left") < 0.1;
        open && (!smiling || strength(&shown, "smile left") > 0.3)
    })
}

fn scenery(place: Place) -> &'static [Scenery] {
    match place {
        Place::Studio => &[Scenery::Studio, Scenery::Paper, Scenery::Plaster],
        Place::Window => &[Scenery::Room, Scenery::Curtain, Scenery::Bookshelf, Scenery::Plaster],
        Place::Room => {
            &[Scenery::Room, Scenery::Wallpaper, Scenery::Bookshelf, Scenery::Office, Scenery::Planks]
        }
        Place::Night => &[Scenery::Stage, Scenery::Night],
        Place::Sun | Place::Overcast | Place::Against => &[
            Scenery::Foliage,
            Scenery::Landscape,
            Scenery::Sea,
            Scenery::Street,
            Scenery::Facade,
            Scenery::Brick,
            Scenery::Sky,
        ],
    }
}

/// As good a JPEG as is small enough.
fn small_jpeg(picture: &CrowdPicture) -> Result<Vec<u8>, Failure> {
    for quality in QUALITIES {
        let bytes = encode_jpeg(&picture.image, quality)?;
        if bytes.len() <= LARGEST {
            return Ok(bytes);
        }
    }
    let bytes = encode_png(&picture.image)?.len();
    Err(format!("a photo is too large ({bytes} bytes without loss)").into())
}

fn rows(name: &str, photo: &Photo, years: &[f32], picture: &CrowdPicture) -> Result<String, Failure> {
    let mut rows = String::new();
    for ((&at, age), sight) in photo.people.iter().zip(years).zip(&picture.people) {
        let face = sight.face;
        write!(rows, "{name},{},{age:.0}", CAST[at].0)?;
        write!(rows, ",{:.1},{:.1},{:.1},{:.1}", face.x1, face.y1, face.x2, face.y2)?;
        for point in sight.five.0 {
            write!(rows, ",{:.1},{:.1}", point.x, point.y)?;
        }
        rows.push('\n');
    }
    Ok(rows)
}

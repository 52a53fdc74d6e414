//! Finished faces per second, and where the time of one goes.
//!
//! ```text
//! cargo bench -p omote-dataset --bench faces -- [FACES] [THREADS]
//! ```
//!
//! A face is a sample of the recipe `recognition`, aligned to 112 x 112 pixels and encoded: everything but writing it
//! to a disk. FACES of them (400 if not given), two for each person, are made on THREADS threads (as many as there are
//! cores). The stages are measured afterwards over an eighth of them, one after the other on one thread; the renderer is
//! what they leave of the portrait.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dataset::{Recognition, Source};
use omote_dataset as dataset;
use synth::{EyeMaterial, Head, Item, Moment, Person, Skin, Stubble, Template, grow, make, paint};

/// Pictures of each person.
const PICTURES: u64 = 2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let faces: u64 = numbers.next().map_or(Ok(400), |number| number.parse())?;
    let cores = std::thread::available_parallelism()?.get();
    let threads: usize = numbers.next().map_or(Ok(cores), |number| number.parse())?;
    let people = faces.div_ceil(PICTURES).max(1);
    let recipe: Recognition = toml::from_str(&format!(
        "seed = 1\npeople = {people}\npictures = {PICTURES}\nsize = 112\naligned = true\njitter = 0.015"
    ))?;
    // The head that all are made from is made once.
    Template::get();
    face(&recipe, 0)?;

    whole(&recipe, threads.max(1))?;
    stages(&recipe, (recipe.len() / 8).max(1))
}

/// All faces, on several threads.
fn whole(recipe: &Recognition, threads: usize) -> Result<(), String> {
    let next = AtomicU64::new(0);
    let work = || -> Result<(), String> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= recipe.len() {
                return Ok(());
            }
            black_box(face(recipe, number))?;
        }
    };
    let start = Instant::now();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no sample panics"))
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} faces, {threads} threads, {seconds:.2} s, {:.1} faces/s",
        recipe.len(),
        recipe.len() as f64 / seconds
    );
    Ok(())
}

/// A finished face, as it is written to a disk.
fn face(recipe: &Recognition, number: u64) -> Result<Vec<u8>, String> {
    let sample = recipe.sample(number)?;
    imaging::encode_png(&sample.image).map_err(|error| error.to_string())
}

/// The time that `f` takes, added to `total`.
fn timed<T>(total: &mut Duration, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = black_box(f());
    *total += start.elapsed();
    value
}

#[derive(Default)]
struct Stages {
    sampled: Duration,
    head: Duration,
    hair: Duration,
    worn: Duration,
    materials: Duration,
    background: Duration,
    sensor: Duration,
    portrait: Duration,
    whole: Duration,
}

fn stages(recipe: &Recognition, count: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut total = Stages::default();
    // Spread over all people.
    for index in (0..count).map(|at| at * recipe.len() / count) {
        timed(&mut total.whole, || face(recipe, index))?;
        let (person, moment) = timed(&mut total.sampled, || {
            let person = recipe.person(index / PICTURES);
            let moment = Moment::sample(person.seed.of("pictures").number(index % PICTURES), &person);
            (person, moment)
        });
        surfaces(&mut total, &person, &moment);
        let portrait = timed(&mut total.portrait, || recipe.framing.take(&person, &moment))?;
        let image = &portrait.image;
        let (width, height) = (image.width(), image.height());
        let light = vec![glam::Vec3::splat(0.5); (width * height) as usize];
        timed(&mut total.sensor, || moment.sensor.develop(&light, width, height, moment.seed));
        timed(&mut total.background, || paint(&moment.background, width as usize, height as usize));
    }
    let rest = |whole: Duration, parts: &[Duration]| whole.saturating_sub(parts.iter().sum());
    let drawn = [total.head, total.hair, total.worn, total.materials, total.background, total.sensor];
    println!("milliseconds per face on one thread, {count} faces:");
    let rows = [
        ("who and when", total.sampled),
        ("head", total.head),
        ("hair, brows, lashes, beard", total.hair),
        ("what is worn", total.worn),
        ("skin and eyes", total.materials),
        ("background", total.background),
        ("renderer, align", rest(total.portrait, &drawn)),
        ("sensor", total.sensor),
        ("encode, truth", rest(total.whole, &[total.sampled, total.portrait])),
        ("in all", total.whole),
    ];
    for (name, time) in rows {
        println!("{:7.2}  {name}", time.as_secs_f64() * 1e3 / count as f64);
    }
    Ok(())
}

/// What is drawn, as [`Moment::portrait`] makes it.
fn surfaces(total: &mut Stages, person: &Person, moment: &Moment) {
    let template = Template::get();
    let form = person.form.clone();
    let form = match moment.mood {
        Some(mood) => form.with_mood(mood, 1.0),
        None => form,
    };
    let head = timed(&mut total.head, || Head::new(template, &form));
    timed(&mut total.hair, || {
        let mut hair = grow(&person.hair, template, &head.skin);
        hair.extend(person.brows.grow(template, &head.skin));
        hair.extend(person.lashes.grow(template, &head.skin));
        hair.extend(person.beard.grow(template, &head.skin));
        hair
    });
    timed(&mut total.worn, || {
        let put_on = |item: &Item| make(item, template, &head.skin, moment.seed);
        moment.worn.iter().flat_map(put_on).collect::<Vec<_>>()
    });
    timed(&mut total.materials, || {
        let skin = Skin::new(&person.complexion, &moment.makeup, &Stubble::none());
        let eye = EyeMaterial::new(&person.iris, moment.pupil, moment.redness, person.form.age, person.seed);
        (skin, eye)
    });
}

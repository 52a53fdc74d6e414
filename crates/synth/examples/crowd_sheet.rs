//! Crowds of every arrangement: `crowd_sheet FOLDER [NUMBER]` writes pictures of each kind, with boxes, points and
//! lures marked in a second picture.

use std::path::PathBuf;
use std::time::Instant;

use geometry::{Point, Rect};
use glam::Vec3;
use imaging::{Image, encode_png};
use omote_synth::{Arrangement, Crowd, CrowdPicture, Person, Seed, Thing, ThingKind};

const SIZE: [u32; 2] = [800, 600];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("crowd_sheet FOLDER [NUMBER]")?);
    let number: u64 = arguments.next().map_or(Ok(1), |number| number.parse())?;
    std::fs::create_dir_all(&folder)?;
    for arrangement in Arrangement::ALL {
        for at in 0..number {
            let seed = Seed::new(at).of(&format!("{arrangement:?}"));
            let sizes: Vec<f32> = match arrangement {
                Arrangement::Selfie => vec![260.0; 2],
                Arrangement::Row => vec![130.0; 3],
                Arrangement::Group => vec![90.0; 6],
                Arrangement::Audience => vec![30.0; 24],
                Arrangement::Passers => vec![230.0, 120.0, 60.0, 40.0, 30.0, 20.0, 15.0, 10.0],
            };
            let people = (0..sizes.len() as u64).map(|person| Person::new(seed.number(person))).collect();
            let mut crowd = Crowd::compose(arrangement, people, &sizes, SIZE, 700.0, seed);
            lures(&mut crowd, seed);
            let start = Instant::now();
            let picture = crowd.take(2);
            println!("{arrangement:?} {at}: {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
            let name = format!("{arrangement:?}{at}").to_lowercase();
            std::fs::write(folder.join(format!("{name}.png")), encode_png(&picture.image)?)?;
            std::fs::write(folder.join(format!("{name}-truth.png")), encode_png(&marked(&picture))?)?;
        }
    }
    Ok(())
}

/// A thing of each kind in a row above the people.
fn lures(crowd: &mut Crowd, seed: Seed) {
    for (kind, at) in ThingKind::LURES.into_iter().zip(0u16..) {
        let place = Vec3::new(-780.0 + 260.0 * f32::from(at), -560.0, 1800.0);
        let mut thing = Thing::of(kind, place, seed.number(u64::from(at)));
        thing.size = 0.6;
        crowd.things.push(thing);
    }
}

/// Boxes of faces in green, or red where most is hidden; things in blue; points that are seen in white, others in red.
fn marked(picture: &CrowdPicture) -> Image {
    let mut image = picture.image.clone();
    let mut frame = |rect: &Rect, color: [u8; 3]| {
        let steps = 400;
        for step in 0..=steps {
            let share = step as f32 / steps as f32;
            let (x, y) = (rect.x1 + rect.width() * share, rect.y1 + rect.height() * share);
            for (x, y) in [(x, rect.y1), (x, rect.y2), (rect.x1, y), (rect.x2, y)] {
                dot(&mut image, Point::new(x, y), color);
            }
        }
    };
    for sight in &picture.people {
        frame(&sight.face, if sight.seen > 0.5 { [0, 255, 0] } else { [255, 0, 0] });
    }
    for thing in picture.things.iter().flatten() {
        frame(thing, [60, 120, 255]);
    }
    for sight in &picture.people {
        for (point, seen) in sight.points.iter().zip(&sight.points_seen) {
            dot(&mut image, *point, if *seen { [255; 3] } else { [255, 0, 0] });
        }
        for (point, seen) in sight.five.0.iter().zip(sight.five_seen) {
            dot(&mut image, *point, if seen { [0, 255, 255] } else { [255, 0, 255] });
        }
    }
    image
}

fn dot(image: &mut Image, at: Point, color: [u8; 3]) {
    let (x, y) = (at.x.round(), at.y.round());
    if x >= 0.0 && y >= 0.0 && x < image.width() as f32 && y < image.height() as f32 {
        image.set_pixel(x as u32, y as u32, color);
    }
}

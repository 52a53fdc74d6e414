use super::*;
use crate::color::luminance;

const SIZE: [u32; 2] = [240, 180];

fn crowd(arrangement: Arrangement, count: u64, size: f32, seed: u64) -> Crowd {
    let people: Vec<Person> = (0..count).map(|number| Person::new(Seed::new(seed).number(number))).collect();
    let sizes = vec![size; people.len()];
    Crowd::compose(arrangement, people, &sizes, SIZE, 300.0, Seed::new(seed).of("crowd"))
}

#[test]
fn the_same_crowd_is_the_same_picture() {
    let make = || crowd(Arrangement::Row, 2, 60.0, 3).take(1);
    let (one, two) = (make(), make());
    assert_eq!((one.image, one.people), (two.image, two.people));
    assert_ne!(crowd(Arrangement::Row, 2, 60.0, 4).take(1).image, make().image);
}

#[test]
fn faces_are_as_high_as_they_should_be() {
    for (arrangement, count, size) in
        [(Arrangement::Selfie, 2, 90.0), (Arrangement::Row, 2, 50.0), (Arrangement::Group, 4, 30.0)]
    {
        let mut crowd = crowd(arrangement, count, size, 7);
        for member in &mut crowd.people {
            // Frontal and at rest: what is high is so by size alone.
            member.moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
            member.moment.mood = None;
        }
        for sight in crowd.take(1).people {
            let height = sight.face.height();
            assert!((0.7..1.3).contains(&(height / size)), "{arrangement:?} {height} of {size}");
        }
    }
}

#[test]
fn who_stands_behind_is_hidden() {
    let mut crowd = crowd(Arrangement::Row, 2, 60.0, 5);
    let front = crowd.people[0].place;
    crowd.people[1].place = front * 1.9;
    crowd.people[0].moment.worn.truncate(1);
    let [near, far] = &crowd.take(1).people[..] else { panic!("two people") };
    assert!(near.seen > 0.6 && far.seen < 0.05, "{} {}", near.seen, far.seen);
    assert!(near.five_seen.iter().any(|seen| *seen) && far.five_seen.iter().all(|seen| !seen));
    // Beside each other both are seen.
    crowd.people[1].place = Vec3::new(front.x + 700.0, front.y, 2.0 * front.z);
    crowd.people[1].moment.worn.truncate(1);
    assert!(crowd.take(1).people[1].seen > 0.5);
}

#[test]
fn nobody_floats() {
    // Without a background, all that is under a face down to the border or to the ground is filled by something.
    for arrangement in Arrangement::ALL {
        for seed in 0..2 {
            let size = if arrangement == Arrangement::Selfie { 90.0 } else { 28.0 };
            let crowd = crowd(arrangement, 3, size, 20 + seed);
            let (width, height) = (SIZE[0] as usize, SIZE[1] as usize);
            let mut stage = Stage::new(width, height);
            let sights: Vec<Sight> = crowd
                .near_to_far()
                .into_iter()
                .filter_map(|subject| match subject {
                    Subject::Person(at) => Some(crowd.draw(&crowd.people[at], 1, &mut stage)),
                    Subject::Thing(at) => {
                        crowd.draw_thing(&crowd.things[at], &[], 1, &mut stage);
                        None
                    }
                })
                .collect();
            for sight in sights {
                let (face, bottom) = (sight.face, sight.face.y2.round().max(0.0) as usize);
                let open = |x: usize| (bottom..height).filter(|y| !stage.is_hidden(x, *y)).count();
                // Between two legs one sees through, but not beside both.
                let columns =
                    face.x1.round().max(0.0) as usize..(face.x2.round().max(0.0) as usize).min(width);
                let Some(open) = columns.map(open).min() else { continue };
                assert!(open <= 2, "{arrangement:?} {seed}: {open} pixels below {:?}", sight.face);
            }
        }
    }
}

#[test]
fn things_are_seen_where_they_are() {
    let mut crowd = crowd(Arrangement::Row, 1, 60.0, 9);
    crowd.people.clear();
    for (number, kind) in ThingKind::LURES.into_iter().enumerate() {
        let place = Vec3::new(-480.0 + 160.0 * number as f32, -100.0, 1500.0);
        let mut thing = Thing::of(kind, place, Seed::new(number as u64));
        thing.size = 0.4;
        crowd.things.push(thing);
    }
    let picture = crowd.take(2);
    for (thing, seen) in crowd.things.iter().zip(&picture.things) {
        let seen = seen.unwrap_or_else(|| panic!("{:?} is not seen", thing.kind));
        let x = crowd.center.x + 300.0 * thing.place.x / thing.place.z - 0.5;
        assert!(seen.x1 < x && x < seen.x2 && seen.width() < 90.0, "{:?} {seen:?}", thing.kind);
    }
}

#[test]
fn one_light_falls_on_all() {
    let mut crowd = crowd(Arrangement::Row, 2, 60.0, 11);
    crowd.sensor = Sensor::NEUTRAL;
    crowd.people[1].person = crowd.people[0].person.clone();
    crowd.people[1].moment = crowd.people[0].moment.clone();
    crowd.background.blur = 0.0;
    let (y, z) = (crowd.people[0].place.y, crowd.people[0].place.z);
    crowd.people[0].place = Vec3::new(-260.0, y, z);
    crowd.people[1].place = Vec3::new(260.0, y, z);
    let picture = crowd.take(2);
    let mean = |face: &Rect| {
        let middle = face.center();
        let around = (-4..=4).flat_map(|dy| (-4..=4).map(move |dx| (dx, dy)));
        let values = around.map(|(dx, dy)| {
            let pixel = picture.image.pixel((middle.x as i32 + dx) as u32, (middle.y as i32 + dy) as u32);
            luminance(crate::color::from_bytes(pixel))
        });
        values.sum::<f32>() / 81.0
    };
    let [left, right] = [&picture.people[0].face, &picture.people[1].face].map(mean);
    assert!((left / right - 1.0).abs() < 0.25, "{left} {right}");
}

#[test]
fn who_stands_in_the_light_shades_others() {
    let mut crowd = crowd(Arrangement::Row, 2, 60.0, 13);
    let lamp = crate::Lamp::at(80.0, 10.0, Vec3::ONE, 2.0);
    crowd.lighting.light = Light { ambient: crate::Sh9::uniform(Vec3::splat(0.05)), lamps: vec![lamp] };
    crowd.background.blur = 0.0;
    let z = crowd.people[0].place.z;
    let mut light = |other: Vec3| {
        crowd.people[0].place = Vec3::new(-250.0, 0.0, z);
        crowd.people[1].place = other;
        let mut stage = Stage::new(SIZE[0] as usize, SIZE[1] as usize);
        let face = crowd.draw(&crowd.people[0], 1, &mut stage).face;
        let light = stage.finish(&vec![Vec3::ZERO; (SIZE[0] * SIZE[1]) as usize]);
        let inside = |at: usize| face.contains(Point::new((at % 240) as f32, (at / 240) as f32));
        (0..light.len()).filter(|at| inside(*at)).map(|at| luminance(light[at])).sum::<f32>()
    };
    // The lamp is on the right and a little higher.
    let free = light(Vec3::new(-250.0, 0.0, 3.0 * z));
    let shaded = light(Vec3::new(230.0, -110.0, z - 80.0));
    let beside = light(Vec3::new(-700.0, 0.0, z));
    assert!(shaded < 0.7 * free && (beside / free - 1.0).abs() < 0.01, "{shaded} {free} {beside}");
}

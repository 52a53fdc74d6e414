use imaging::Image;

use super::*;
use crate::Pose;

const SIZE: u32 = 96;

fn people() -> [Person; 2] {
    [1, 2].map(|number| Person::new(Seed::new(number)))
}

fn moment() -> Moment {
    Moment { span: 320.0, ..Moment::plain() }
}

fn attack(instrument: Instrument) -> Attack {
    Attack {
        instrument,
        extent: 1.0,
        turn: [0.0; 3],
        focal: 2.0,
        holder: false,
        resolution: 1.0,
        seed: Seed::new(5),
    }
}

fn taken(attack: &Attack) -> Portrait {
    let [attacker, victim] = people();
    moment().attack(attack, &attacker, &victim, SIZE, SIZE, 1)
}

fn replay(pitch: f32) -> Replay {
    Replay {
        subpixels: Subpixels::Stripes,
        pitch,
        lens: 0.0,
        width: 150.0,
        panel: Vec2::new(160.0, 200.0),
        window: None,
        bands: [0.0; 3],
        fingers: 0,
        ..Replay::sample(Seed::new(3))
    }
}

/// The strongest wave of green across the picture of at least 6 pixels' length and not that of the whole, as a share of the
/// mean: by rows, so that only what is straight counts.
fn peak(image: &Image) -> f32 {
    let columns: Vec<f32> = (0..SIZE)
        .map(|x| (0..SIZE / 3).map(|y| f32::from(image.pixel(x, y)[0])).sum::<f32>() / (SIZE / 3) as f32)
        .collect();
    let mean = columns.iter().sum::<f32>() / SIZE as f32;
    (8..=SIZE / 2)
        .map(|turns| {
            let wave = columns.iter().enumerate().fold(Vec2::ZERO, |sum, (x, value)| {
                let angle = std::f32::consts::TAU * (turns * x as u32) as f32 / SIZE as f32;
                sum + Vec2::from_angle(angle) * (value - mean)
            });
            2.0 * wave.length() / (SIZE as f32 * mean)
        })
        .fold(0.0, f32::max)
}

#[test]
fn a_screen_beats_with_the_sensor() {
    // Red is seen by every second pixel of a sensor of 384: 150 mm / 192 apart. Panels a tenth finer make a wave of about
    // a tenth of that; one ten times finer is not seen.
    let apart = 150.0 / 192.0;
    let show = |pitch| peak(&taken(&attack(Instrument::Replay(replay(pitch)))).image);
    let (coarse, fine) = (show(apart / 1.1), show(apart / 10.3));
    assert!(coarse > 0.05 && coarse > 3.0 * fine, "{coarse} {fine}");
}

#[test]
fn the_shown_face_is_where_the_person_would_be() {
    let [attacker, victim] = people();
    let bare = moment().portrait(&victim, SIZE, SIZE, 1);
    for kind in AttackKind::ALL {
        for number in 0..3 {
            let sampled = Attack::sample(kind, Seed::new(number), &victim);
            let moment = Moment { pose: Pose { yaw: 10.0, ..moment().pose }, ..moment() };
            let seen = moment.attack(&sampled, &attacker, &victim, SIZE, SIZE, 1);
            assert!(
                seen.sight.face.iou(&bare.sight.face) > 0.5,
                "{kind:?} {:?} {:?}",
                seen.sight.face,
                bare.sight.face
            );
            assert!(seen.sight.five.0.iter().all(|point| seen.sight.face.contains(*point)), "{kind:?}");
            assert_eq!(sampled.kind(), kind);
        }
    }
    // From straight ahead a flat sheet leaves the points where they were.
    let straight = taken(&attack(Instrument::Replay(replay(0.1))));
    for (shown, bare) in straight.sight.five.0.iter().zip(&bare.sight.five.0) {
        assert!(shown.distance(*bare) < 1.0, "{shown:?} {bare:?}");
    }
}

#[test]
fn a_seed_is_an_attack() {
    let [attacker, victim] = people();
    for kind in AttackKind::ALL {
        let of = |seed| Attack::sample(kind, Seed::new(seed), &victim);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let picture = |seed| moment().attack(&of(seed), &attacker, &victim, 48, 48, 1).image;
        assert_eq!(picture(1), picture(1));
        assert_ne!(picture(1), picture(2));
        assert_ne!(picture(1), moment().portrait(&victim, 48, 48, 1).image);
    }
}

#[test]
fn masks_hide_the_skin_but_not_the_eyes() {
    let [_, victim] = people();
    let green = Disguise {
        stuff: MaskStuff::Plastic,
        color: Vec3::new(0.05, 0.6, 0.05),
        roughness: 0.4,
        paint: 0.0,
        seed: Seed::new(1),
    };
    let seen = taken(&attack(Instrument::Mask(green)));
    let is_green = |at: Point| {
        let [r, g, b] = seen.image.pixel(at.x.round() as u32, at.y.round() as u32);
        u32::from(g) > u32::from(r) + 40 && u32::from(g) > u32::from(b) + 40
    };
    assert!(is_green(seen.sight.five.nose()) && is_green(seen.sight.points[8]));
    assert!(!is_green(seen.sight.five.left_eye()) && !is_green(seen.sight.five.right_eye()));
    // The paper is before the skin everywhere.
    let head = crate::Head::new(crate::Template::get(), &victim.form);
    let paper = Paper::mesh(&head);
    for &at in paper.triangles.iter().flatten() {
        let (paper, skin) = (paper.positions[at as usize], head.skin.positions[at as usize]);
        assert!(paper.z > skin.z + 2.0);
    }
}

use super::*;
use crate::neck::Neck;
use crate::{
    Glasses, Item, Light, Mask, Material, Moment, Part, Person, Pose, Reflectance, Scene, Seed, SurfacePoint,
    render,
};

const SIZE: u32 = 240;

struct White;

impl Material for White {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance::matte(Vec3::ONE)
    }
}

fn camera(pose: Pose) -> Camera {
    Camera::portrait(SIZE, SIZE, 330.0, 700.0, pose, 10.0)
}

/// A picture of parts alone, each sample a pixel.
fn seen(meshes: &[&Mesh], camera: &Camera) -> Picture {
    let parts =
        meshes.iter().map(|mesh| Part { mesh, material: &White, casts_shadow: false, two_sided: true });
    let light = Light::even(Vec3::ONE);
    render(&Scene { parts: parts.collect(), camera: camera.clone(), light, background: None }, 4)
}

fn look(person: &Person, moment: &Moment) -> (Figure, Camera, Sight) {
    let figure = Figure::new(person, moment, Neck::body(moment.pose), None);
    let camera = camera(moment.pose);
    let light = Light::even(Vec3::ONE);
    let scene = Scene { parts: figure.parts(), camera: camera.clone(), light, background: None };
    let picture = render(&scene, 2);
    let sight = Sight::new(&figure, &camera, &picture, |_, _| false);
    (figure, camera, sight)
}

fn moment(number: u64) -> (Person, Moment) {
    let person = Person::new(Seed::new(number));
    let mut moment = Moment::sample(Seed::new(number), &person);
    moment.worn.truncate(1);
    (person, moment)
}

#[test]
fn boxes_of_vertices_are_those_of_masks() {
    for number in 0..12 {
        let (person, moment) = moment(number);
        let (figure, camera, sight) = look(&person, &moment);
        let template = Template::get();
        let inside: Vec<bool> =
            (0..template.mesh().positions.len()).map(|at| is_face(template, at)).collect();
        let mut mesh = figure.head.skin.clone();
        mesh.triangles.retain(|triangle| triangle.iter().all(|at| inside[*at as usize]));
        // Pixels count from their corner there, from their middle here.
        let mask = seen(&[&mesh], &camera).bounds(|_| true).unwrap().translated(-0.5, -0.5);
        let off = [
            mask.x1 - sight.face.x1,
            mask.y1 - sight.face.y1,
            mask.x2 - sight.face.x2,
            mask.y2 - sight.face.y2,
        ];
        assert!(off.iter().all(|off| off.abs() <= 1.0), "{number}: {mask:?} {:?}", sight.face);
    }
}

#[test]
fn points_are_where_they_are_drawn() {
    for number in 0..6 {
        let (person, moment) = moment(30 + number);
        let (figure, camera, sight) = look(&person, &moment);
        let template = Template::get();
        for at in (0..68).step_by(3) {
            // A square of ten millimetres that faces the camera; its middle is that of its light.
            let place = figure.head.landmark(template, Landmark::Ibug(at));
            // Askew, so that its edges do not run along samples.
            let axes = [Vec3::new(0.94, 0.34, 0.0), Vec3::new(-0.34, 0.94, 0.0)];
            let [right, down] = axes.map(|axis| camera.rotation().transpose() * axis * 5.0);
            let corners = [-right - down, right - down, right + down, down - right];
            let marker = Mesh {
                positions: corners.iter().map(|corner| place + *corner).collect(),
                normals: vec![Vec3::Z; 4],
                uvs: vec![Vec2::ZERO; 4],
                rest: vec![Vec3::ZERO; 4],
                triangles: vec![[0, 1, 2], [0, 2, 3]],
            };
            let cover = seen(&[&marker], &camera).coverage(|_| true);
            let (mut sum, mut weight) = (Vec2::ZERO, 0.0);
            for (pixel, cover) in cover.iter().enumerate() {
                let at = Vec2::new((pixel % SIZE as usize) as f32, (pixel / SIZE as usize) as f32);
                sum += at * *cover;
                weight += cover;
            }
            let (middle, point) = (sum / weight, sight.points[usize::from(at)]);
            assert!(
                (middle.x - point.x).hypot(middle.y - point.y) < 0.1,
                "{number} {at}: {middle} {point:?}"
            );
        }
    }
}

#[test]
fn the_box_of_a_face_lies_in_that_of_the_head_and_has_its_measures() {
    for number in 0..12 {
        let (person, mut moment) = moment(number);
        moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
        moment.mood = None;
        let sight = look(&person, &moment).2;
        let (face, head) = (sight.face, sight.head);
        assert!(head.x1 < face.x1 && head.x2 > face.x2 && head.y1 < face.y1 - 10.0);
        assert!((head.y2 - face.y2).abs() < 6.0, "{face:?} {head:?}");
        let chin = sight.points[8].y;
        assert!((face.y2 - chin).abs() < 6.0, "{face:?} {chin}");
        assert!((1.1..1.65).contains(&(face.height() / face.width())), "{face:?}");
    }
}

#[test]
fn what_is_hidden_is_known() {
    let (person, mut moment) = moment(5);
    moment.mood = None;
    moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
    let mut bald = person.clone();
    bald.hair.family = crate::Family::Bald;
    bald.beard.kind = crate::BeardKind::Clean;
    let free = look(&bald, &moment).2;
    assert!(free.seen > 0.9 && free.five_seen == [true; 5], "{} {:?}", free.seen, free.five_seen);
    assert!(free.points_seen[17..].iter().all(|seen| *seen), "{:?}", free.points_seen);

    let worn = moment.worn.clone();
    moment.worn.push(Item::Mask(Mask::sample(Seed::new(1))));
    let masked = look(&bald, &moment).2;
    assert_eq!(masked.five_seen, [true, true, false, false, false]);
    assert!(masked.seen < free.seen - 0.2 && masked.five == free.five, "{}", masked.seen);

    moment.worn = worn.clone();
    moment.worn.push(Item::Glasses(Glasses::sample(Seed::new(2), true)));
    assert_eq!(look(&bald, &moment).2.five_seen, [false, false, true, true, true]);

    moment.worn = worn;
    moment.pose.yaw = 75.0;
    // The nose points right; the far eye is behind it.
    let turned = look(&bald, &moment).2;
    assert!(turned.five_seen[0] && !turned.five_seen[1], "{:?}", turned.five_seen);
    assert!(turned.points_seen[1] && !turned.points_seen[15]);
}

#[test]
fn points_outside_the_picture_are_not_seen() {
    let (person, mut moment) = moment(8);
    moment.pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
    let figure = Figure::new(&person, &moment, moment.pose, None);
    let camera = Camera::new(64, 64, 200.0, Vec2::new(0.0, 32.0), 700.0, moment.pose, Vec2::ZERO);
    let light = Light::even(Vec3::ONE);
    let scene = Scene { parts: figure.parts(), camera: camera.clone(), light, background: None };
    let sight = Sight::new(&figure, &camera, &render(&scene, 2), |_, _| false);
    assert!(!sight.five_seen[0] && sight.five.0[0].x < 0.0);
    assert!((0.2..0.6).contains(&sight.seen), "{}", sight.seen);
    let moved = sight.mapped(|point| Point::new(2.0 * point.x + 3.0, point.y));
    assert_eq!(moved.face.x1, 2.0 * sight.face.x1 + 3.0);
    assert_eq!(moved.points_seen, sight.points_seen);
}

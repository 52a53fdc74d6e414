use std::collections::{HashMap, HashSet};

use super::{build::Part, *};

fn place(landmark: Landmark) -> Vec3 {
    let template = Template::get();
    template.locate(template.mesh(), template.anchor(landmark)).0
}

#[test]
fn the_skin_is_a_manifold_away_from_its_openings() {
    let mesh = Template::get().mesh();
    assert!((8000..=16_000).contains(&mesh.positions.len()), "{}", mesh.positions.len());
    let mut edges = HashMap::new();
    for &[a, b, c] in &mesh.triangles {
        for edge in [[a, b], [b, c], [c, a]] {
            // Twice in one direction would be a fold or a turned triangle.
            assert!(edges.insert(edge, ()).is_none(), "{:?}", mesh.positions[edge[0] as usize]);
        }
    }
    let open: Vec<[u32; 2]> = edges.keys().copied().filter(|&[a, b]| !edges.contains_key(&[b, a])).collect();
    let parts = &Template::get().skin.parts;
    for &[a, _] in &open {
        let point = mesh.positions[a as usize];
        let declared = parts[a as usize] == Part::Lid || point.y < -158.0;
        assert!(declared, "a hole at {point}");
    }
    // One ring behind each pair of lids and one at the bottom: every border vertex has one border edge out of it.
    let starts: HashSet<u32> = open.iter().map(|edge| edge[0]).collect();
    assert_eq!(starts.len(), open.len());
    let used: HashSet<u32> = mesh.triangles.iter().flatten().copied().collect();
    assert_eq!(used.len(), mesh.positions.len());
}

#[test]
fn normals_point_outwards() {
    let template = Template::get();
    let mesh = template.mesh();
    for (at, part) in template.skin.parts.iter().enumerate() {
        let (point, normal) = (mesh.positions[at], mesh.normals[at]);
        assert!((normal.length() - 1.0).abs() < 1e-4);
        // Away from the face the head is nearly convex around its axis.
        let outward = point - Vec3::new(0.0, point.y.min(20.0), -10.0);
        let behind_ear = point.distance(Vec3::new(70.0 * point.x.signum(), 2.0, -8.0)) < 32.0;
        if *part == Part::Skin && point.z < 60.0 && point.y > -60.0 && !behind_ear {
            assert!(normal.dot(outward) > 0.0, "{normal} at {point}");
        }
    }
    // In front everything that can be seen from ahead looks ahead.
    for number in 0..68 {
        let (_, normal) = template.locate(mesh, template.anchor(Landmark::Ibug(number)));
        assert!(normal.z > -0.3, "{number}: {normal}");
    }
    for mesh in [template.eyeball(Side::Left), template.teeth(true), template.teeth(false), template.tongue()]
    {
        // The signed volume of what is (nearly) closed is positive.
        let middle = mesh.positions.iter().sum::<Vec3>() / mesh.positions.len() as f32;
        let volume: f32 = mesh
            .triangles
            .iter()
            .map(|triangle| triangle.map(|at| mesh.positions[at as usize] - middle))
            .map(|[a, b, c]| a.dot(b.cross(c)) / 6.0)
            .sum();
        assert!(volume > 0.0, "{volume}");
    }
}

#[test]
fn triangles_do_not_fold_over() {
    let template = Template::get();
    let mesh = template.mesh();
    let normal = |triangle: &[u32; 3]| {
        let [a, b, c] = triangle.map(|at| mesh.positions[at as usize]);
        (b - a).cross(c - a).normalize_or_zero()
    };
    let mut owners = HashMap::new();
    for triangle in &mesh.triangles {
        let [a, b, c] = *triangle;
        owners.extend([([a, b], triangle), ([b, c], triangle), ([c, a], triangle)]);
    }
    let skin =
        |triangle: &[u32; 3]| triangle.iter().all(|&at| template.skin.parts[at as usize] == Part::Skin);
    for (&[a, b], triangle) in &owners {
        let Some(other) = owners.get(&[b, a]) else { continue };
        if skin(triangle) && skin(other) {
            let bend = normal(triangle).dot(normal(other));
            assert!(bend > -0.5, "{bend} at {}", mesh.positions[a as usize]);
        }
    }
}

#[test]
fn the_face_has_the_measures_of_people() {
    use Landmark::*;
    use Side::{Left, Right};
    let apart = |a: Landmark, b: Landmark| place(a).distance(place(b));
    // Farkas 1994, means of women and men, in millimetres.
    for (name, measure, low, high) in [
        ("pupils", apart(EyeCenter(Left), EyeCenter(Right)), 60.0, 66.0),
        ("nose width", apart(NoseWing(Left), NoseWing(Right)), 32.0, 38.0),
        ("mouth width", apart(MouthCorner(Left), MouthCorner(Right)), 47.0, 53.0),
        ("face width", apart(Zygion(Left), Zygion(Right)), 135.0, 141.0),
        ("jaw width", apart(Gonion(Left), Gonion(Right)), 92.0, 112.0),
        ("face height", apart(Nasion, Menton), 115.0, 127.0),
        ("nose height", apart(Nasion, Subnasale), 49.0, 58.0),
        ("lower face", apart(Subnasale, Menton), 62.0, 74.0),
        ("ear", apart(EarTop(Left), EarLobe(Left)), 56.0, 68.0),
        ("eye", apart(Ibug(42), Ibug(45)), 28.5, 33.0),
        ("between the eyes", apart(Ibug(39), Ibug(42)), 30.0, 36.0),
        ("head length", apart(Glabella, Occiput), 183.0, 202.0),
    ] {
        assert!((low..=high).contains(&measure), "{name}: {measure}");
    }
    let mesh = Template::get().mesh();
    let widest = mesh.positions.iter().zip(&Template::get().skin.parts);
    let widest =
        widest.filter(|(_, part)| **part == Part::Skin).map(|(point, _)| point.x).fold(0.0, f32::max);
    let skull = mesh.positions.iter().filter(|point| point.y > 40.0).map(|point| point.x).fold(0.0, f32::max);
    assert!(widest > 75.0 && (73.0..79.0).contains(&skull), "{widest} {skull}");
    assert!(place(NoseTip).distance(Vec3::new(0.0, -12.0, 116.0)) < 4.0, "{}", place(NoseTip));
}

#[test]
fn landmarks_are_in_the_order_of_300_w() {
    let x = |number: u8| place(Landmark::Ibug(number)).x;
    let y = |number: u8| place(Landmark::Ibug(number)).y;
    for rising in [0..17, 17..27, 31..36, 36..40, 42..46, 48..55, 60..65] {
        let numbers: Vec<u8> = rising.collect();
        assert!(numbers.windows(2).all(|pair| x(pair[0]) < x(pair[1])), "{numbers:?}");
    }
    assert!((27..30).all(|number| y(number) > y(number + 1)));
    assert!(y(37) > y(41) && y(44) > y(46) && y(51) > y(57) && y(19) > y(37) && y(33) > y(51));
    assert!((y(62) - y(66)).abs() < 0.5);
    // Mirrored pairs lie mirrored.
    for (right, left) in
        [(0, 16), (17, 26), (31, 35), (36, 45), (40, 47), (48, 54), (59, 55), (60, 64), (67, 65)]
    {
        assert!((x(right) + x(left)).abs() < 1e-3 && (y(right) - y(left)).abs() < 1e-3, "{right} {left}");
    }
}

#[test]
fn the_head_is_symmetric() {
    let template = Template::get();
    let mesh = template.mesh();
    for (at, &twin) in template.twins().iter().enumerate() {
        assert_eq!(template.twins()[twin as usize] as usize, at);
        let (point, other) = (mesh.positions[at], mesh.positions[twin as usize]);
        assert!(point.distance(Vec3::new(-other.x, other.y, other.z)) < 1e-3);
        for region in Region::ALL {
            let weights = template.weights(region);
            assert!((weights[at] - weights[twin as usize]).abs() < 1e-5);
        }
    }
}

#[test]
fn regions_are_weighed_and_none_is_empty() {
    let template = Template::get();
    for region in Region::ALL {
        let weights = template.weights(region);
        assert_eq!(weights.len(), template.mesh().positions.len());
        assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)), "{region:?}");
        let inside = weights.iter().filter(|&&weight| weight > 0.5).count();
        assert!(inside >= 10, "{region:?}: {inside}");
    }
    assert!(template.mesh().uvs.iter().all(|uv| uv.min_element() >= 0.0 && uv.max_element() <= 1.0));
}

#[test]
fn lids_lie_on_the_eyeballs_and_lips_meet() {
    let template = Template::get();
    let mesh = template.mesh();
    let eye = template.eye(Side::Left);
    for (at, part) in template.skin.parts.iter().enumerate() {
        let point = mesh.positions[at];
        if point.x > 0.0 && (*part == Part::Lid || *part == Part::Skin) {
            assert!(point.distance(eye.centre) > eye.radius, "{point}");
        }
    }
    let [upper, lower] = template.lip_edges(Side::Right);
    assert_eq!(upper.len(), lower.len());
    for (&above, &below) in upper.iter().zip(&lower) {
        let [above, below] = [above, below].map(|at| mesh.positions[at as usize]);
        assert!(above.distance(below) < 0.8, "{above} {below}");
    }
}

//! The program as its users meet it: the real binary on painted photos, with tiny models that recognise them.

#[path = "cli/support.rs"]
mod support;

#[test]
fn dump() {
    use fixtures::photo::Scene;
    let studio = support::Studio::new();
    studio.other_embedder();
    for p in 0..5 {
        studio.portrait(format!("people/P{p}/1.jpg"), p);
        studio.photo(format!("people/P{p}/2.jpg"), &Scene::new(220, 200).face(p, 50, 40, 90));
        studio.photo(format!("people/P{p}/3.png"), &Scene::new(220, 260).face(p, 30, 40, 120));
    }
    studio.photo(
        "three.jpg",
        &Scene::new(600, 300).face(1, 20, 30, 80).face(2, 200, 60, 160).face(3, 450, 100, 100),
    );
    studio.photo("none.jpg", &Scene::new(200, 200));
    std::process::Command::new("cp")
        .args(["-r", studio.path(".").to_str().unwrap(), "/tmp/studio"])
        .status()
        .unwrap();
}

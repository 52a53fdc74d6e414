//! Listing, renaming, merging.

use omote_gallery::{Error, Gallery, IdentifyOptions};

use crate::support::*;

#[test]
fn people_and_faces_are_listed_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let gallery = filled(folder.path(), 7, 3);
    let mut names = Vec::new();
    while let Some(page) =
        Some(gallery.people(names.last().map(String::as_str), 3).unwrap()).filter(|p| !p.is_empty())
    {
        assert!(page.len() <= 3);
        for person in page {
            assert_eq!(person.enrolments, 3);
            let (mean, best) = (person.mean_quality.unwrap(), person.best_quality.unwrap());
            assert!(mean < best && (50.0..100.0).contains(&mean));
            names.push(person.name);
        }
    }
    assert_eq!(names, (0..7).map(|at| format!("person {at}")).collect::<Vec<_>>());

    let all = gallery.enrolments(None, None, usize::MAX).unwrap();
    assert_eq!(all.len(), 21);
    let second = gallery.enrolments(None, Some(all[9].id), 5).unwrap();
    assert_eq!(second, all[10..15]);
    let of_one = gallery.enrolments(Some("person 3"), None, 10).unwrap();
    assert_eq!(of_one, all[9..12]);
    assert!(matches!(gallery.enrolments(Some("nobody"), None, 1), Err(Error::NoPerson { .. })));
    assert!(gallery.people(None, 0).unwrap().is_empty());
}

#[test]
fn renaming() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 2, 1);
    gallery.rename("person 0", " Ada ").unwrap();
    gallery.rename("Ada", "Ada").unwrap();
    assert!(matches!(gallery.rename("person 0", "x"), Err(Error::NoPerson { .. })));
    assert!(matches!(gallery.rename("Ada", "person 1"), Err(Error::NameTaken { .. })));
    assert!(matches!(gallery.rename("Ada", ""), Err(Error::Name { .. })));
    let answer = gallery.identify(&[(&embedding(0)).into()], &IdentifyOptions::default()).unwrap().remove(0);
    assert_eq!(answer.candidates[0].name, "Ada");
}

#[test]
fn merging_moves_faces_and_marks_and_other_processes_see_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 3, 2);
    gallery.not_this_person(&source(5), "person 0").unwrap();
    let mut other = Gallery::open(folder.path(), &model(1)).unwrap();
    let who = |gallery: &mut Gallery| {
        let answer =
            gallery.identify(&[(&embedding(0)).into()], &IdentifyOptions::default()).unwrap().remove(0);
        answer.candidates[0].name.clone()
    };
    assert_eq!(who(&mut other), "person 0");

    assert!(matches!(gallery.merge("person 0", "person 0"), Err(Error::SamePerson { .. })));
    assert!(matches!(gallery.merge("person 0", "nobody"), Err(Error::NoPerson { .. })));
    assert_eq!(gallery.merge("person 0", "person 2").unwrap(), 2);
    assert_eq!(gallery.person("person 2").unwrap().unwrap().enrolments, 4);
    assert!(gallery.person("person 0").unwrap().is_none());
    assert_eq!(gallery.stats().unwrap().marks, 1);
    assert_eq!((who(&mut gallery).as_str(), who(&mut other).as_str()), ("person 2", "person 2"));
    for gallery in [&mut gallery, &mut other] {
        sound(gallery);
    }
}

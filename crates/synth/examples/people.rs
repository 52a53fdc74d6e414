//! Pictures of people: `people FOLDER PEOPLE PICTURES SIZE` writes a contact sheet with a row for each person, and the
//! pictures one by one into a folder for each person.

use std::path::PathBuf;
use std::time::Instant;

use imaging::{Image, encode_png};
use omote_synth::{Moment, Person, Seed};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, people, pictures, size] = &arguments[..] else {
        return Err("people FOLDER PEOPLE PICTURES SIZE".into());
    };
    let folder = PathBuf::from(folder);
    let (people, pictures, size): (u64, u64, u32) = (people.parse()?, pictures.parse()?, size.parse()?);
    let mut sheet = Image::new(pictures as u32 * size, people as u32 * size);
    let start = Instant::now();
    for number in 0..people {
        let person = Person::new(Seed::new(number));
        let own = folder.join(format!("{number:04}"));
        std::fs::create_dir_all(&own)?;
        for picture in 0..pictures {
            let moment = Moment::sample(person.seed.of("picture").number(picture), &person);
            let portrait = moment.portrait(&person, size, size, 2);
            for y in 0..size {
                for x in 0..size {
                    let color = portrait.image.pixel(x, y);
                    sheet.set_pixel(picture as u32 * size + x, number as u32 * size + y, color);
                }
            }
            std::fs::write(own.join(format!("{picture:04}.png")), encode_png(&portrait.image)?)?;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{} pictures, {:.1} ms each", people * pictures, 1000.0 * seconds / (people * pictures) as f64);
    std::fs::write(folder.join("sheet.png"), encode_png(&sheet)?)?;
    Ok(())
}

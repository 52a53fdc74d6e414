//! Contact sheets of presentation attacks: `spoof_sheet FOLDER SIZE`. A row for each kind, bona fide first.

use std::path::PathBuf;
use std::time::Instant;

use imaging::{Image, encode_png};
use omote_synth::{Attack, AttackKind, Moment, Person, Seed};

const COLUMNS: u64 = 8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, size] = &arguments[..] else { return Err("spoof_sheet FOLDER SIZE".into()) };
    let (folder, size): (PathBuf, u32) = (folder.into(), size.parse()?);
    std::fs::create_dir_all(&folder)?;
    let mut sheet = Image::new(COLUMNS as u32 * size, 7 * size);
    let kinds = [None, Some(AttackKind::Print), Some(AttackKind::Replay), Some(AttackKind::Mask)];
    let mut row = 0;
    for (kind, rows) in kinds.into_iter().zip([1, 2, 2, 2]) {
        let begin = Instant::now();
        for number in 0..COLUMNS * rows {
            let seed = Seed::new(77).number(number);
            let [victim, attacker] = ["victim", "attacker"].map(|name| Person::new(seed.of(name)));
            let moment = Moment::sample(seed.of("moment"), &victim);
            let portrait = match kind {
                None => moment.portrait(&victim, size, size, 2),
                Some(kind) => {
                    let attack = Attack::sample(kind, seed.of("attack"), &victim);
                    moment.attack(&attack, &attacker, &victim, size, size, 2)
                }
            };
            let (left, top) = ((number % COLUMNS) as u32 * size, (row + number / COLUMNS) as u32 * size);
            for y in 0..size {
                for x in 0..size {
                    sheet.set_pixel(left + x, top + y, portrait.image.pixel(x, y));
                }
            }
        }
        row += rows;
        let each = begin.elapsed().as_secs_f64() * 1e3 / (COLUMNS * rows) as f64;
        println!("{kind:?}: {each:.1} ms each");
    }
    std::fs::write(folder.join("attacks.png"), encode_png(&sheet)?)?;
    Ok(())
}

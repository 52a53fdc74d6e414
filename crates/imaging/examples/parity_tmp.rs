//! tmp
use geometry::*;
use omote_imaging::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    if a[1] == "all" {
        let mut n = 0;
        let mut bad = 0;
        for p in std::fs::read_to_string(&a[2]).unwrap().lines() {
            n += 1;
            match std::fs::read(p) {
                Ok(b) => {
                    if let Err(e) = decode(&b, &DecodeOptions::default()) {
                        bad += 1;
                        println!("{p}: {e}")
                    }
                }
                Err(e) => println!("{p} {e}"),
            }
        }
        println!("{n} {bad}");
        return;
    }
    let img = decode(&std::fs::read(&a[2]).unwrap(), &DecodeOptions::default()).unwrap();
    let f = |i: usize| a[i].parse::<f32>().unwrap();
    let out = match a[1].as_str() {
        "decode" => img,
        "resize" => resize(&img, f(4) as u32, f(5) as u32),
        "warp" => warp(&img, &Similarity { a: f(4), b: f(5), tx: f(6), ty: f(7) }, 112, 112, [10, 20, 30]),
        "warpaa" => warp_antialiased(
            &img,
            &Similarity { a: f(4), b: f(5), tx: f(6), ty: f(7) },
            112,
            112,
            [10, 20, 30],
        ),
        _ => panic!(),
    };
    std::fs::write(&a[3], encode_png(&out).unwrap()).unwrap();
}

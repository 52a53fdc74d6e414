//! tmp
#![allow(unsafe_code)]
use std::alloc::*;
struct C;
static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
fn add(n: usize) {
    let h = HELD.fetch_add(n, Ordering::Relaxed) + n;
    if h > PEAK.load(Ordering::Relaxed) {
        PEAK.store(h, Ordering::Relaxed);
    }
}
unsafe impl GlobalAlloc for C {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        add(l.size());
        unsafe { System.alloc(l) }
    }
    unsafe fn alloc_zeroed(&self, l: Layout) -> *mut u8 {
        add(l.size());
        unsafe { System.alloc_zeroed(l) }
    }
    unsafe fn dealloc(&self, p: *mut u8, l: Layout) {
        HELD.fetch_sub(l.size(), Ordering::Relaxed);
        unsafe { System.dealloc(p, l) }
    }
}
#[global_allocator]
static A: C = C;
use omote_imaging::*;
use std::sync::atomic::*;
use std::time::*;
static PANICS: AtomicUsize = AtomicUsize::new(0);
fn main() {
    if std::env::args().nth(1).unwrap() == "one" {
        let b = std::fs::read(std::env::args().nth(2).unwrap()).unwrap();
        let t = Instant::now();
        println!("{:?}", probe(&b, &DecodeOptions::default()));
        println!(
            "{:?} {:?}",
            decode(&b, &DecodeOptions { max_pixels: 4_000_000 }).map(|i| i.width()),
            t.elapsed()
        );
        return;
    }
    std::panic::set_hook(Box::new(|i| {
        let n = PANICS.fetch_add(1, Ordering::Relaxed);
        if n < 15 {
            eprintln!("{i}");
        }
    }));
    let mut s: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let secs: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut r = || {
        s = s.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = s;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        (z ^ (z >> 31)) as usize
    };
    let mut seeds: Vec<(String, Vec<u8>)> = std::fs::read_dir("/tmp/im/seeds")
        .unwrap()
        .map(|e| {
            let p = e.unwrap().path();
            (p.display().to_string(), std::fs::read(p).unwrap())
        })
        .collect();
    seeds.sort();
    let mut worst = 0u64;
    let t = Instant::now();
    let (mut n, mut ok) = (0, 0);
    let o = DecodeOptions { max_pixels: 4_000_000 };
    let mut slow = (Duration::ZERO, String::new());
    while t.elapsed().as_secs() < secs {
        let i = r() % seeds.len();
        let mut b = seeds[i].1.clone();
        let k = 1 + r() % 8;
        let head = r() % 2 == 0;
        for _ in 0..k {
            let l = if head { b.len().min(300) } else { b.len() };
            let p = r() % l;
            match r() % 4 {
                0 => b[p] = r() as u8,
                1 => b[p] ^= 1 << (r() % 8),
                2 => b[p] = [0, 255, 127, 128][r() % 4],
                _ => {
                    let q = r() % b.len();
                    let m = (r() % 16).min(b.len() - p).min(b.len() - q);
                    let c = b[q..q + m].to_vec();
                    b[p..p + m].copy_from_slice(&c);
                }
            }
        }
        if r() % 8 == 0 {
            let l = r() % b.len();
            b.truncate(l);
        }
        let promised = probe(&b, &o).map(|h| h.decode_bytes).unwrap_or(0);
        let base = HELD.load(Ordering::Relaxed);
        PEAK.store(base, Ordering::Relaxed);
        let t0 = Instant::now();
        let before = PANICS.load(Ordering::Relaxed);
        let res = decode(&b, &o);
        let used = (PEAK.load(Ordering::Relaxed) - base) as u64;
        if used > promised + (1 << 20) {
            let over = used - promised;
            if over > worst {
                worst = over;
                println!(
                    "over {used} promised {promised} {} {:?}",
                    seeds[i].0,
                    res.as_ref().map(|i| (i.width(), i.height()))
                );
                std::fs::write("/tmp/im/mem.bin", &b).unwrap();
            }
        }
        n += 1;
        if res.is_ok() {
            ok += 1;
        }
        let d = t0.elapsed();
        if d > slow.0 {
            slow = (d, seeds[i].0.clone());
            if d.as_millis() > 500 {
                std::fs::write("/tmp/im/slow.bin", &b).unwrap();
            }
        }
        if PANICS.load(Ordering::Relaxed) > before && PANICS.load(Ordering::Relaxed) < 15 {
            eprintln!("  seed {}", seeds[i].0);
        }
    }
    println!("{n} runs {ok} ok {} panics slowest {:?}", PANICS.load(Ordering::Relaxed), slow);
}

use omote_index::*; use std::time::Instant;
fn main(){ let a:Vec<usize>=std::env::args().skip(1).filter_map(|x|x.parse().ok()).collect(); let (n,d,q,t,p,reps)=(a[0],a[1],a[2],a[3],a[4],a[5]);
 let mut s=1u64; let mut v=vec![0f32;n*d]; for x in v.iter_mut(){ s^=s<<13; s^=s>>7; s^=s<<17; let b=s.count_ones() as f32 + ((s>>20)&0xff) as f32/256.0; *x=(b-32.5)/4.0/(d as f32).sqrt(); }
 let m=Matrix::from_f32(d,&v,[Precision::F32,Precision::F16,Precision::Int8][p]).unwrap();
 let o=SearchOptions{threads:t,mask:None};
 if q==0 { for _ in 0..reps { let s=Instant::now(); m.knn_graph(20,t); println!("knn {:.3}",s.elapsed().as_secs_f64()); } return; }
 let mut ts=vec![]; let mut cs=vec![]; for i in 0..reps { let qs:Vec<f32>=v[(i*q)%(n-q)*d..][..q*d].iter().enumerate().map(|(i,x)|x+0.05*((i*7919%1000) as f32/500.0-1.0)*1.7).collect(); let c=cpu(); let s=Instant::now(); m.search(&qs,10,&o).unwrap(); ts.push(s.elapsed().as_secs_f64()*1e3/q as f64); cs.push((cpu()-c)*1e3/q as f64); }
 cs.sort_by(f64::total_cmp); println!("   cpu mean {:.3}",cs.iter().sum::<f64>()/reps as f64);
 ts.sort_by(f64::total_cmp); println!("n{n} d{d} q{q} t{t} p{p}: median {:.3} best {:.3} ms/query  {:.1} GMAC/s", ts[reps/2], ts[0], (n*d) as f64/ts[reps/2]/1e6);
}

fn cpu()->f64{ let s=std::fs::read_to_string("/proc/self/stat").unwrap(); let f:Vec<&str>=s.rsplit(')').next().unwrap().split(' ').collect(); (f[12].parse::<f64>().unwrap()+f[13].parse::<f64>().unwrap())/100.0 }

//! What is shown of a run while it goes on.

use console::Reporter;
use training::{Device, Look, Maker, Step, Watch};

/// How much of the smoothed figures is new at each step.
const SMOOTH: f64 = 0.05;

/// This program, as it is written down with what it trains.
pub fn maker(device: &Device) -> Maker {
    Maker {
        program: concat!("omote-lab ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: console::commit().map(str::to_owned),
        machine: training::machine(device),
    }
}

/// Shows loss, speed, time left and error rates: a bar on a terminal, and an answer for each look at people who are held out.
pub struct View<'a> {
    reporter: &'a mut Reporter,
    /// Pictures of a step.
    pictures: usize,
    loss: Option<f64>,
    /// Pictures a second.
    speed: Option<f64>,
    look: Option<Look>,
}

impl<'a> View<'a> {
    /// A view of a run that has not begun.
    pub fn new(reporter: &'a mut Reporter) -> Self {
        Self { reporter, pictures: 0, loss: None, speed: None, look: None }
    }
}

/// A look, in words.
pub fn words(look: &Look) -> String {
    let tar = |tar: Option<f64>, fmr| tar.map(|tar| format!(", {:.1} % match at FMR {fmr}", 100.0 * tar));
    format!(
        "step {}: people who are held out: EER {:.2} %{}{}",
        look.step,
        100.0 * look.eer,
        tar(look.tar_at_2, 0.01).unwrap_or_default(),
        tar(look.tar_at_3, 0.001).unwrap_or_default()
    )
}

fn smoothed(old: &mut Option<f64>, new: f64) -> f64 {
    let value = old.map_or(new, |old| old + SMOOTH * (new - old));
    *old = Some(value);
    value
}

impl Watch for View<'_> {
    fn begins(&mut self, done: u64, steps: u64, pictures: usize) {
        (self.pictures, self.loss, self.speed, self.look) = (pictures, None, None, None);
        if done > 0 {
            self.reporter.complain(&format!("going on after step {done}"));
        }
        self.reporter.start_saying(done, steps, "training");
    }

    fn remark(&mut self, remark: &str) {
        self.reporter.complain(remark);
    }

    fn stepped(&mut self, step: &Step, seconds: f64) {
        let loss = smoothed(&mut self.loss, f64::from(step.loss));
        let speed = smoothed(&mut self.speed, self.pictures as f64 / seconds);
        self.reporter.step_saying(|| {
            let accuracy =
                step.accuracy.map(|right| format!(", {:.0} % right", 100.0 * right)).unwrap_or_default();
            let look = self.look.as_ref().map(|look| format!("; held out EER {:.2} %", 100.0 * look.eer));
            format!(
                "loss {loss:.3}{accuracy}, rate {:.2e}, {speed:.0} pictures/s{}",
                step.rate,
                look.unwrap_or_default()
            )
        });
    }

    fn looked(&mut self, look: &Look) {
        self.look = Some(*look);
        // Whoever reads the answers went away: the run goes on.
        self.reporter.answer(look, || words(look)).unwrap_or_default();
    }
}

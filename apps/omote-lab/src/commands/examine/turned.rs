//! How far heads are turned, in steps.

use std::fmt;

/// Edges of the steps, degrees of yaw to either side.
const EDGES: [u16; 6] = [0, 15, 30, 45, 60, 90];

/// A step of yaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(usize);

impl Turn {
    /// All steps.
    pub const ALL: [Turn; 5] = [Turn(0), Turn(1), Turn(2), Turn(3), Turn(4)];
    /// Faces that look ahead.
    pub const FRONTAL: Turn = Turn(0);

    /// The step of a yaw, degrees to either side. What is turned farther than the last step is in it.
    pub fn of(yaw: f32) -> Self {
        let inner = &EDGES[1..EDGES.len() - 1];
        Self(inner.partition_point(|&edge| f32::from(edge) <= yaw.abs()))
    }

    /// Its place among all.
    pub fn number(self) -> usize {
        self.0
    }

    /// Where it begins and ends, degrees.
    pub fn degrees(self) -> [u16; 2] {
        [EDGES[self.0], EDGES[self.0 + 1]]
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = self.degrees();
        f.pad(&format!("{from} to {to} degrees"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_yaw_has_its_step() {
        for (yaw, step) in [(0.0, 0), (14.9, 0), (15.0, 1), (-31.0, 2), (59.9, 3), (60.0, 4), (120.0, 4)] {
            assert_eq!(Turn::of(yaw), Turn(step), "{yaw}");
        }
        assert_eq!(
            (Turn::ALL[4].degrees(), Turn::FRONTAL.to_string()),
            ([60, 90], "0 to 15 degrees".to_owned())
        );
    }
}

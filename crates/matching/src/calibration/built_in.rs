//! Calibrations that come with the program.

use model::Fingerprint;

use super::{Calibration, Enrolment};

/// The files as delivered: what `omote calibrate` wrote.
const FILES: [&str; 2] = [
    include_str!("../calibrations/mobilefacenet.toml"),
    include_str!("../calibrations/mobilefacenet-flip.toml"),
];

impl Calibration {
    /// The calibration of a model, flip and way of enrolment that comes with the program, if there is one.
    pub fn built_in(fingerprint: &Fingerprint, flip: bool, enrolment: Enrolment) -> Option<Self> {
        let fits = |calibration: &Self| {
            let source = &calibration.source;
            (&calibration.fingerprint, source.flip, source.enrolment) == (fingerprint, flip, enrolment)
        };
        FILES.iter().filter_map(|text| Self::parse(text, "built in").ok()).find(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_can_be_read_and_found() {
        assert_eq!(Calibration::built_in(&Fingerprint([0; 32]), false, Enrolment::BestFace), None);
        for text in FILES {
            let calibration = Calibration::parse(text, "built in").unwrap();
            let source = calibration.source();
            let found = Calibration::built_in(&calibration.fingerprint, source.flip, source.enrolment);
            assert_eq!(found.as_ref(), Some(&calibration));
            // They were made of people whom the data set numbers, 7399 among them.
            assert_eq!(calibration.overlap(["7399", "Ada Lovelace"]), Some(1));
        }
    }
}

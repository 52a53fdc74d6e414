//! What WIDER FACE's labels say of a face beside its box.

use super::truth::WiderFace;

/// The labels of one face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WiderAttributes {
    /// 0 clear, 1 normal, 2 heavy.
    pub blur: u8,
    /// 0 typical, 1 exaggerated.
    pub expression: u8,
    /// 0 normal, 1 extreme.
    pub illumination: u8,
    /// Whether the annotators could hardly take it for a face. No such face is in any list.
    pub invalid: bool,
    /// 0 none, 1 partial, 2 heavy.
    pub occlusion: u8,
    /// 0 typical, 1 atypical.
    pub pose: u8,
}

impl WiderAttributes {
    /// The labels' order in the files, and how many values each takes.
    pub(super) const COLUMNS: [(&'static str, u8); 6] =
        [("blur", 3), ("expression", 2), ("illumination", 2), ("invalid", 2), ("occlusion", 3), ("pose", 2)];

    /// From values in the order of [`COLUMNS`](Self::COLUMNS), or what is wrong with them.
    pub(super) fn from_columns(values: [f64; 6]) -> Result<Self, String> {
        let mut levels = [0; 6];
        for ((level, value), (name, count)) in levels.iter_mut().zip(values).zip(Self::COLUMNS) {
            *level = (0..count)
                .find(|level| f64::from(*level) == value)
                .ok_or_else(|| format!("{name} is {value}, where 0 to {} was expected", count - 1))?;
        }
        let [blur, expression, illumination, invalid, occlusion, pose] = levels;
        Ok(Self { blur, expression, illumination, invalid: invalid == 1, occlusion, pose })
    }

    /// What is wrong with the values, since anybody can fill in the fields.
    pub(super) fn check(&self) -> Result<(), String> {
        let values =
            [self.blur, self.expression, self.illumination, self.invalid.into(), self.occlusion, self.pose];
        Self::from_columns(values.map(f64::from)).map(|_| ())
    }
}

/// A property by which faces are told apart in a breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WiderAttribute {
    /// The height of the face's box in pixels of the photo, in the five ranges of the data set's paper.
    Size,
    /// How the head is turned.
    Pose,
    /// How much of the face is covered.
    Occlusion,
    /// How blurred the face is.
    Blur,
    /// The light on the face.
    Illumination,
    /// The expression of the face.
    Expression,
}

impl WiderAttribute {
    /// All properties, in the order in which reports show them.
    pub const ALL: [Self; 6] =
        [Self::Size, Self::Pose, Self::Occlusion, Self::Blur, Self::Illumination, Self::Expression];

    /// In lower case, such as `pose`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Pose => "pose",
            Self::Occlusion => "occlusion",
            Self::Blur => "blur",
            Self::Illumination => "illumination",
            Self::Expression => "expression",
        }
    }

    /// What the property can be, from the easiest to the hardest; sizes from small to large.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Size => &["under 10 px", "10 to 29 px", "30 to 49 px", "50 to 300 px", "over 300 px"],
            Self::Pose => &["typical", "atypical"],
            Self::Occlusion => &["none", "partial", "heavy"],
            Self::Blur => &["clear", "normal", "heavy"],
            Self::Illumination => &["normal", "extreme"],
            Self::Expression => &["typical", "exaggerated"],
        }
    }

    /// Which of the [`levels`](Self::levels) a face has; `None` where it is not labelled.
    pub fn level(self, face: &WiderFace) -> Option<usize> {
        let labelled =
            |level: fn(&WiderAttributes) -> u8| face.attributes.as_ref().map(level).map(usize::from);
        match self {
            Self::Size => Some(match face.rect.height() {
                height if height < 10.0 => 0,
                height if height < 30.0 => 1,
                height if height < 50.0 => 2,
                height if height <= 300.0 => 3,
                _ => 4,
            }),
            Self::Pose => labelled(|of| of.pose),
            Self::Occlusion => labelled(|of| of.occlusion),
            Self::Blur => labelled(|of| of.blur),
            Self::Illumination => labelled(|of| of.illumination),
            Self::Expression => labelled(|of| of.expression),
        }
    }
}

#[cfg(test)]
mod tests {
    use geometry::Rect;

    use super::*;
    use crate::detection::WiderSubsets;

    #[test]
    fn columns_are_in_the_order_of_the_files() {
        let expected =
            WiderAttributes { blur: 2, expression: 0, illumination: 1, invalid: true, occlusion: 2, pose: 1 };
        assert_eq!(WiderAttributes::from_columns([2.0, 0.0, 1.0, 1.0, 2.0, 1.0]), Ok(expected));
        assert_eq!(expected.check(), Ok(()));
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (column, value) in [(0, 3.0), (1, 2.0), (2, -1.0), (3, 0.5), (4, f64::NAN), (5, f64::INFINITY)] {
            let mut values = [0.0; 6];
            values[column] = value;
            let message = WiderAttributes::from_columns(values).unwrap_err();
            assert!(message.starts_with(WiderAttributes::COLUMNS[column].0), "{message}");
        }
        assert!(WiderAttributes { pose: 2, ..WiderAttributes::default() }.check().is_err());
    }

    #[test]
    fn levels_of_a_face() {
        let face = |height, attributes| WiderFace {
            rect: Rect::from_xywh(0.0, 0.0, 5.0, height),
            attributes,
            subsets: WiderSubsets::default(),
        };
        for (height, level) in [(0.0, 0), (9.0, 0), (10.0, 1), (30.0, 2), (50.0, 3), (300.0, 3), (301.0, 4)] {
            assert_eq!(WiderAttribute::Size.level(&face(height, None)), Some(level), "{height}");
        }
        let values = WiderAttributes::from_columns([2.0, 1.0, 1.0, 0.0, 2.0, 1.0]).unwrap();
        for attribute in WiderAttribute::ALL.into_iter().skip(1) {
            assert_eq!(attribute.level(&face(10.0, None)), None);
            let hardest = attribute.levels().len() - 1;
            assert_eq!(attribute.level(&face(10.0, Some(values))), Some(hardest), "{}", attribute.name());
        }
    }
}

//! What a model's licence lets its user do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The licence of a model's weights, which often differs from the licence of the code that made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// What people call it: an SPDX name such as `MIT`, or the publisher's own words.
    pub name: String,
    /// Whether the weights may be used commercially.
    pub commercial_use: CommercialUse,
}

/// May the weights be used in a product?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommercialUse {
    /// The publisher allows it.
    Yes,
    /// Nobody has said, or the training data forbids what the weights' licence allows.
    Unclear,
    /// The publisher forbids it.
    No,
}

impl fmt::Display for CommercialUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yes => "yes",
            Self::Unclear => "unclear",
            Self::No => "no",
        })
    }
}

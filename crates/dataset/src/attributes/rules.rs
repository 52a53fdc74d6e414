//! The 40 attributes of CelebA (Liu et al. 2015), each as a rule over what is known.

use synth::{
    BeardKind, Collar, Degradation, Family, Form, HairColor, Hairstyle, Item, Makeup, Moment, Person,
};

use super::degrees::{self, Degree};
use crate::truth::average;

/// Somebody in a picture.
pub(crate) struct Subject<'a> {
    pub(crate) person: &'a Person,
    pub(crate) moment: &'a Moment,
    /// The form of the head with the expression of the moment.
    pub(crate) form: &'a Form,
    pub(crate) degradation: &'a Degradation,
}

/// An attribute.
pub(crate) struct Rule {
    /// Its name in CelebA.
    pub(crate) name: &'static str,
    /// How many of 100 pictures of CelebA have it.
    pub(crate) share: f32,
    /// When it holds; nothing for degrees, which say so themselves.
    pub(crate) about: &'static str,
    /// Whether it holds; nothing where no rule can say.
    pub(crate) holds: fn(&Subject<'_>) -> Option<bool>,
}

impl Rule {
    /// When it holds, in words.
    pub(crate) fn about(&self) -> String {
        let about = match Degree::named(self.name) {
            Some((degree, threshold)) => degree.about(threshold),
            None => self.about.to_owned(),
        };
        format!("{about}; {} % of CelebA's pictures", self.share)
    }
}

const fn rule(
    name: &'static str,
    share: f32,
    about: &'static str,
    holds: fn(&Subject<'_>) -> Option<bool>,
) -> Rule {
    Rule { name, share, about, holds }
}

/// All of them, in CelebA's order.
pub(crate) const RULES: [Rule; 40] = [
    rule("5_o_Clock_Shadow", 11.11, "the beard is a few days old", |of| {
        Some(of.person.beard.kind == BeardKind::Stubble)
    }),
    rule("Arched_Eyebrows", 26.7, "the middle of the brows is 1.8 mm or more above its usual place", |of| {
        Some(of.person.brows.arch >= ARCHED)
    }),
    rule("Attractive", 51.25, "what raters thought; no rule can say, so there is never a value", |_| None),
    rule("Bags_Under_Eyes", 20.46, "", |of| Some(degrees::holds(of.form, "Bags_Under_Eyes"))),
    rule("Bald", 2.24, "no hair on the head or on the crown, and no hat on it", |of| {
        Some(bald(&of.person.hair) && !hat(of.moment))
    }),
    rule("Bangs", 15.16, "hair falls over the forehead down to the brows, and no hat on it", |of| {
        Some(of.person.hair.fringe && !hat(of.moment))
    }),
    rule("Big_Lips", 24.08, "", |of| Some(degrees::holds(of.form, "Big_Lips"))),
    rule("Big_Nose", 23.45, "", |of| Some(degrees::holds(of.form, "Big_Nose"))),
    rule("Black_Hair", 23.93, "eumelanin 4 or more, little grey and no dye, and not bald", |of| {
        Some(hair(&of.person.hair) == Some(Shade::Black))
    }),
    rule("Blond_Hair", 14.8, "eumelanin below 0.4, little grey, red or dye, and not bald", |of| {
        Some(hair(&of.person.hair) == Some(Shade::Blond))
    }),
    rule("Blurry", 5.09, "the lens or the camera blurred the picture after it was taken", |of| {
        Some(of.degradation.passes.iter().any(|pass| pass.blur > 0.0 || pass.motion > 0.0))
    }),
    rule("Brown_Hair", 20.52, "eumelanin from 0.6 to 2.2, little grey, red or dye, and not bald", |of| {
        Some(hair(&of.person.hair) == Some(Shade::Brown))
    }),
    rule("Bushy_Eyebrows", 14.22, "the brows are 8 mm thick or more", |of| {
        Some(of.person.brows.thickness >= BUSHY)
    }),
    rule("Chubby", 5.76, "", |of| Some(degrees::holds(of.form, "Chubby"))),
    rule("Double_Chin", 4.67, "", |of| Some(degrees::holds(of.form, "Double_Chin"))),
    rule("Eyeglasses", 6.51, "glasses of any kind are worn", |of| {
        Some(wears(of.moment, |item| matches!(item, Item::Glasses(_))))
    }),
    rule("Goatee", 6.276, "a beard on the chin or around the mouth, not on the cheeks", |of| {
        Some(matches!(of.person.beard.kind, BeardKind::Goatee | BeardKind::Circle))
    }),
    rule("Gray_Hair", 4.19, "half of the hair or more is white, without dye, and not bald", |of| {
        Some(hair(&of.person.hair) == Some(Shade::Gray))
    }),
    rule("Heavy_Makeup", 38.69, "lipstick, and eye shadow or dark lines along the lashes", |of| {
        Some(heavy(&of.moment.makeup))
    }),
    rule("High_Cheekbones", 45.5, "", |of| Some(degrees::holds(of.form, "High_Cheekbones"))),
    rule("Male", 41.68, "sex above 0.5", |of| Some(of.person.form.sex > 0.5)),
    rule("Mouth_Slightly_Open", 48.34, "lips part by 0.2 or more, or the jaw opens by 0.1 or more", |of| {
        Some(open(of.form))
    }),
    rule("Mustache", 4.15, "a beard on the upper lip alone", |of| {
        Some(of.person.beard.kind == BeardKind::Moustache)
    }),
    rule("Narrow_Eyes", 11.51, "", |of| Some(degrees::holds(of.form, "Narrow_Eyes"))),
    rule("No_Beard", 83.49, "clean, or the shadow of a few days", |of| {
        Some(matches!(of.person.beard.kind, BeardKind::Clean | BeardKind::Stubble))
    }),
    rule("Oval_Face", 28.41, "", |of| Some(degrees::holds(of.form, "Oval_Face"))),
    rule("Pale_Skin", 4.29, "tone below 0.033, a typology angle above 65.7 degrees", |of| {
        Some(of.person.tone < PALE)
    }),
    rule("Pointy_Nose", 27.74, "", |of| Some(degrees::holds(of.form, "Pointy_Nose"))),
    rule(
        "Receding_Hairline",
        7.98,
        "hair has gone back by 0.4 or more or begins 9 mm higher than usual, and no hat on it",
        |of| Some(receding(&of.person.hair) && !hat(of.moment)),
    ),
    rule(
        "Rosy_Cheeks",
        6.57,
        "blush covers 0.25 or more, or the cheeks are 0.95 or more as red as they can be",
        |of| Some(of.moment.makeup.blush_cover >= ROSY || of.person.complexion.flush[0] >= 0.95),
    ),
    rule("Sideburns", 5.65, "hair grows 0.88 or more of the way down before the ears", |of| {
        Some(of.person.hair.sideburns >= SIDEBURNS)
    }),
    rule("Smiling", 48.21, "both sides of the mouth smile by 0.25 or more on the average", |of| {
        Some(smiling(of.form))
    }),
    rule("Straight_Hair", 20.84, "curl below 0.1 and hair of 20 mm or more", |of| {
        Some(texture(&of.person.hair) == Some(Texture::Straight))
    }),
    rule("Wavy_Hair", 31.96, "curl from 0.2 to 0.6 and hair of 20 mm or more", |of| {
        Some(texture(&of.person.hair) == Some(Texture::Wavy))
    }),
    rule("Wearing_Earrings", 18.89, "earrings are worn", |of| {
        Some(wears(of.moment, |item| matches!(item, Item::Earrings(_))))
    }),
    rule("Wearing_Hat", 4.85, "a hat of any kind is worn", |of| Some(hat(of.moment))),
    rule("Wearing_Lipstick", 47.24, "lipstick covers 0.2 or more", |of| {
        Some(of.moment.makeup.lip_cover >= LIPSTICK)
    }),
    rule("Wearing_Necklace", 12.3, "a necklace is worn", |of| {
        Some(wears(of.moment, |item| matches!(item, Item::Necklace(_))))
    }),
    rule("Wearing_Necktie", 7.27, "a suit is worn, which goes with a tie", |of| {
        Some(wears(
            of.moment,
            |item| matches!(item, Item::Clothing(clothing) if clothing.collar == Collar::Suit),
        ))
    }),
    rule("Young", 77.36, "younger than 45 years", |of| Some(of.person.form.age < YOUNG)),
];

pub(super) const ARCHED: f32 = 1.8;
pub(super) const BUSHY: f32 = 8.0;
pub(super) const PALE: f32 = 0.033;
pub(super) const ROSY: f32 = 0.25;
pub(super) const SIDEBURNS: f32 = 0.88;
pub(super) const LIPSTICK: f32 = 0.2;
pub(super) const YOUNG: f32 = 45.0;

/// The color of hair, where it is clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shade {
    Black,
    Brown,
    Blond,
    Gray,
}

/// What a color is called; colors between, red and dyes have no name in CelebA.
pub(super) fn shade(color: &HairColor) -> Option<Shade> {
    if color.dye.is_some() {
        return None;
    }
    let red = color.pheomelanin >= 0.7;
    match color.eumelanin {
        _ if color.grey >= 0.5 => Some(Shade::Gray),
        // White hairs among the others blur which color it is.
        _ if color.grey >= 0.3 => None,
        eumelanin if eumelanin >= 4.0 => Some(Shade::Black),
        eumelanin if !red && (0.6..2.2).contains(&eumelanin) => Some(Shade::Brown),
        eumelanin if !red && eumelanin < 0.4 => Some(Shade::Blond),
        _ => None,
    }
}

fn hair(hair: &Hairstyle) -> Option<Shade> {
    if bald(hair) { None } else { shade(&hair.color) }
}

/// How hair falls, where it is long enough to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texture {
    Straight,
    Wavy,
}

pub(super) fn texture(hair: &Hairstyle) -> Option<Texture> {
    match hair.curl {
        _ if bald(hair) || hair.top < 20.0 => None,
        curl if curl < 0.1 => Some(Texture::Straight),
        curl if (0.2..0.6).contains(&curl) => Some(Texture::Wavy),
        _ => None,
    }
}

pub(super) fn bald(hair: &Hairstyle) -> bool {
    hair.family == Family::Bald || hair.hairline.thinning >= 0.8
}

pub(super) fn receding(hair: &Hairstyle) -> bool {
    hair.hairline.recession >= 0.4 || hair.hairline.height >= 9.0
}

pub(super) fn heavy(makeup: &Makeup) -> bool {
    makeup.lip_cover >= LIPSTICK && (makeup.shadow_cover >= 0.2 || makeup.liner >= 0.4)
}

pub(super) fn smiling(form: &Form) -> bool {
    average(form, &["smile left", "smile right"]) >= 0.25
}

pub(super) fn open(form: &Form) -> bool {
    average(form, &["lips part"]) >= 0.2 || average(form, &["jaw open"]) >= 0.1
}

fn hat(moment: &Moment) -> bool {
    wears(moment, |item| matches!(item, Item::Hat(_)))
}

fn wears(moment: &Moment, what: fn(&Item) -> bool) -> bool {
    moment.worn.iter().any(what)
}

//! People and moments as often as CelebA's photos show them.
//!
//! What an attribute asks for is drawn first, with the shares below, and then the trait until it is so: the traits of a
//! person stay as natural as everywhere, only which come up changes. Most shares are apart for women and men; CelebA's
//! shares of all follow with 41.68 % men. Which attributes go together beyond that is omote's, not CelebA's.

use synth::{
    Beard, BeardKind, Brows, Clothing, Collar, Earrings, Form, Glasses, HairColor, Hairstyle, Hat, Item,
    Makeup, Moment, Necklace, Person, Seed, Stream,
};

use super::rules::{
    ARCHED, BUSHY, LIPSTICK, ROSY, SIDEBURNS, Shade, Texture, YOUNG, bald, heavy, open, receding, shade,
    smiling, texture,
};

/// How often a trait is drawn before what was drawn last is taken.
const TRIES: u64 = 4000;
/// Youngest and oldest person, in years.
const AGES: [f32; 2] = [16.0, 80.0];

/// Draws something until it is as wanted.
fn until<T>(seed: Seed, make: impl Fn(Seed) -> T, wanted: impl Fn(&T) -> bool) -> T {
    let drawn = (0..TRIES).map(|at| make(seed.number(at)));
    drawn.into_iter().find(|drawn| wanted(drawn)).unwrap_or_else(|| make(seed))
}

/// What is drawn of a person before the person is.
struct Plan {
    male: bool,
    young: bool,
    bald: bool,
    shade: Option<Shade>,
    texture: Option<Texture>,
    bangs: bool,
    receding: bool,
    sideburns: bool,
    beard: BeardKind,
    arched: bool,
    bushy: bool,
}

impl Plan {
    fn draw(seed: Seed) -> Self {
        let mut stream = seed.of("plan").stream();
        let male = stream.chance(0.4168);
        let mut by_sex = |female: f32, of_male: f32| stream.chance(if male { of_male } else { female });
        let young = by_sex(0.87, 0.64);
        let bald = by_sex(0.0, if young { 0.027 } else { 0.1 });
        let bangs = by_sex(0.21, 0.1);
        let receding = if young { by_sex(0.03, 0.05) } else { by_sex(0.03, 0.34) };
        let sideburns = by_sex(0.0, 0.143);
        let (arched, bushy) = (by_sex(0.4, 0.08), by_sex(0.05, 0.27));
        let [gray, blond, brown, black, straight, wavy] = if male {
            [if young { 0.0044 } else { 0.17 }, 0.0205, 0.183, 0.284, 0.165, 0.18]
        } else {
            [if young { 0.0044 } else { 0.17 }, 0.236, 0.228, 0.223, 0.24, 0.42]
        };
        let colors = [gray, blond, brown, black].map(|share| if bald { 0.0 } else { share });
        let names = [Shade::Gray, Shade::Blond, Shade::Brown, Shade::Black];
        let shade = one_of(&mut stream, &colors).and_then(|at| names.get(at).copied());
        let textures = [Texture::Straight, Texture::Wavy];
        let texture = one_of(&mut stream, &[straight, wavy]).and_then(|at| textures.get(at).copied());
        // Clean, a few days, moustache, chin, around the mouth, everywhere.
        let beards =
            if male { [0.337, 0.267, 0.0996, 0.075, 0.076, 0.1454] } else { [1.0, 0.0, 0.0, 0.0, 0.0, 0.0] };
        let beard = BeardKind::ALL[stream.weighted(&beards)];
        Self { male, young, bald, shade, texture, bangs, receding, sideburns, beard, arched, bushy }
    }

    /// The darkest tone of people who have hair of the color by nature.
    fn darkest(&self) -> f32 {
        match self.shade {
            Some(Shade::Blond) => 0.4,
            Some(Shade::Brown) => 0.7,
            _ => 1.0,
        }
    }

    /// Whether this is the hair of such a person.
    fn wants(&self, hair: &Hairstyle) -> bool {
        bald(hair) == self.bald
            && (hair.sideburns >= SIDEBURNS) == self.sideburns
            && receding(hair) == self.receding
            && (self.bald || (hair.fringe == self.bangs && texture(hair) == self.texture))
    }
}

/// One of some things by their shares, or none of them.
fn one_of(stream: &mut Stream, shares: &[f32]) -> Option<usize> {
    let none = 1.0 - shares.iter().sum::<f32>();
    let all: Vec<f32> = shares.iter().copied().chain([none.max(0.0)]).collect();
    Some(stream.weighted(&all)).filter(|at| *at < shares.len())
}

/// Draws sex, age, tone and form, and all else as it comes.
pub(super) fn anybody(seed: Seed) -> Person {
    let plan = Plan::draw(seed);
    let part = seed.of("age").stream().between(0.0, 1.0).powf(1.3);
    let [from, to] = if plan.young { [AGES[0], YOUNG - 0.5] } else { [YOUNG, AGES[1]] };
    let wanted = |person: &Person| (person.form.sex > 0.5) == plan.male && person.tone <= plan.darkest();
    until(seed.of("person"), Person::new, wanted).at(from + part * (to - from))
}

/// Draws a person.
pub(crate) fn person(seed: Seed) -> Person {
    let plan = Plan::draw(seed);
    let mut person = anybody(seed);
    let age = person.form.age;
    let (sex, fairness) = (person.form.sex, 1.0 - person.tone);

    person.hair =
        until(seed.of("style"), |seed| Hairstyle::sample(seed, sex, age, fairness), |hair| plan.wants(hair));
    person.hair.color = until(
        seed.of("color"),
        |seed| HairColor::sample(seed, fairness, age),
        |color| shade(color) == plan.shade,
    );
    let color = person.hair.color;
    person.brows = until(
        seed.of("brows"),
        |seed| Brows::sample(seed, sex, &color),
        |brows| (brows.arch >= ARCHED) == plan.arched && (brows.thickness >= BUSHY) == plan.bushy,
    );
    let curl = person.hair.curl;
    person.beard = until(
        seed.of("beard"),
        |seed| Beard::sample(seed, sex, age, &color, curl),
        |beard| beard.kind == plan.beard,
    );
    person
}

/// Draws a moment of a person's life. Nothing is worn that hides what attributes are about but glasses and hats.
pub(crate) fn moment(seed: Seed, person: &Person) -> Moment {
    let mut stream = seed.of("plan").stream();
    let male = person.form.sex > 0.5;
    let mut by_sex = |female: f32, of_male: f32| stream.chance(if male { of_male } else { female });
    let suit = by_sex(0.0, 0.1744);
    let glasses = by_sex(0.03, 0.115).then(|| seed.of("sunglasses").stream().chance(0.25));
    let (hat, earrings) = (by_sex(0.026, 0.08), by_sex(0.3, 0.034));
    let necklace = by_sex(0.202, 0.015) && !suit;
    let lipstick = by_sex(0.81, 0.0);
    let heavy_makeup = lipstick && by_sex(0.819, 0.0);
    let rosy = lipstick && by_sex(0.102, 0.0);
    let smiles = by_sex(0.54, 0.4);
    let opens = if smiles { by_sex(0.65, 0.65) } else { by_sex(0.33, 0.33) };

    let clothing = until(
        seed.of("clothing"),
        |seed| Clothing::sample(seed, person.form.sex),
        |clothing| (clothing.collar == Collar::Suit) == suit && (!necklace || clothing.bare() > 0.0),
    );
    let necklace = necklace.then(|| Item::Necklace(Necklace::sample(seed.of("necklace"), clothing.bare())));
    let glasses = glasses.map(|dark| Item::Glasses(Glasses::sample(seed.of("glasses"), dark)));
    let hat = hat.then(|| Item::Hat(Hat::sample(seed.of("hat"))));
    let earrings = earrings.then(|| Item::Earrings(Earrings::sample(seed.of("earrings"))));
    let worn =
        [Some(Item::Clothing(clothing)), glasses, hat, earrings, necklace].into_iter().flatten().collect();

    let drawn = Moment { worn, ..Moment::sample(seed, person) };
    let makeup = if lipstick {
        until(
            seed.of("makeup"),
            |seed| Makeup::sample(seed, seed.of("strength").stream().between(0.4, 1.0)),
            |makeup| {
                makeup.lip_cover >= LIPSTICK
                    && heavy(makeup) == heavy_makeup
                    && (makeup.blush_cover >= ROSY) == rosy
            },
        )
    } else {
        Makeup::none()
    };
    let mood = until(
        seed.of("mood"),
        |seed| seed,
        |mood| {
            let form: Form = person.form.clone().with_mood(*mood, 1.0);
            smiling(&form) == smiles && open(&form) == opens
        },
    );
    Moment { makeup, mood: Some(mood), ..drawn }
}

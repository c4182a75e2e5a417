//! Amounts with their unit in the text, such as `200ms` or `1.6Mbit/s`, read
//! into integers of a base unit without ever rounding.

use crate::error::nearest;

/// A kind of amount: its base unit and the names that multiply it.
#[derive(Debug)]
pub(crate) struct Quantity {
    /// What it is, with its article.
    pub(crate) what: &'static str,
    /// The base unit in words, for amounts that are finer.
    base: &'static str,
    /// Names of units with how many base units each is; one of them is 1.
    units: &'static [(&'static str, u64)],
    /// Words that stand for an amount by themselves.
    words: &'static [(&'static str, u64)],
    /// The largest amount that makes sense.
    at_most: u64,
    /// An example.
    pub(crate) example: &'static str,
}

/// Virtual time, in nanoseconds.
pub(crate) const TIME: Quantity = Quantity {
    what: "a time",
    base: "nanoseconds",
    units: &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("min", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ],
    words: &[],
    // A century: sums of a few still fit into 64 bits.
    at_most: 36_525 * 86_400_000_000_000,
    example: "200ms",
};

/// Data rates, in bits per second; prefixes are decimal.
pub(crate) const RATE: Quantity = Quantity {
    what: "a rate",
    base: "bits per second",
    units: &[
        ("bit/s", 1),
        ("kbit/s", 1_000),
        ("Mbit/s", 1_000_000),
        ("Gbit/s", 1_000_000_000),
        ("B/s", 8),
        ("kB/s", 8_000),
        ("MB/s", 8_000_000),
        ("GB/s", 8_000_000_000),
    ],
    words: &[("unlimited", deadzone_core::scenario::UNLIMITED_RATE.0)],
    at_most: deadzone_core::scenario::UNLIMITED_RATE.0,
    example: "1.6Mbit/s",
};

/// Sizes, in bytes.
pub(crate) const SIZE: Quantity = Quantity {
    what: "a size",
    base: "bytes",
    units: &[
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ],
    words: &[],
    at_most: 1 << 53,
    example: "1.5MB",
};

/// Shares and probabilities, in parts per million.
pub(crate) const SHARE: Quantity = Quantity {
    what: "a share",
    base: "parts per million",
    units: &[("ppm", 1), ("%", 10_000)],
    words: &[],
    at_most: 1_000_000,
    example: "2%",
};

/// How fast a person writes, in words per minute.
pub(crate) const WRITING: Quantity = Quantity {
    what: "a writing speed",
    base: "words per minute",
    units: &[("wpm", 1)],
    words: &[],
    at_most: 100_000,
    example: "36wpm",
};

/// Power, in milliwatts.
pub(crate) const POWER: Quantity = Quantity {
    what: "a power",
    base: "milliwatts",
    units: &[("mW", 1), ("W", 1_000)],
    words: &[],
    at_most: 1_000_000,
    example: "1210mW",
};

/// Power that is added for each Mbit/s, in microwatts.
pub(crate) const FINE_POWER: Quantity = Quantity {
    what: "a power",
    base: "microwatts",
    units: &[("uW", 1), ("µW", 1), ("mW", 1_000), ("W", 1_000_000)],
    words: &[],
    at_most: 1_000_000_000,
    example: "51.97mW",
};

/// Energy of single writes, in nanojoules.
pub(crate) const FINE_ENERGY: Quantity = Quantity {
    what: "an energy",
    base: "nanojoules",
    units: &[("nJ", 1), ("uJ", 1_000), ("µJ", 1_000), ("mJ", 1_000_000)],
    words: &[],
    at_most: 10_000_000_000,
    example: "125uJ",
};

/// Energy in results, in microjoules.
pub(crate) const ENERGY: Quantity = Quantity {
    what: "an energy",
    base: "microjoules",
    units: &[("uJ", 1), ("µJ", 1), ("mJ", 1_000), ("J", 1_000_000), ("kJ", 1_000_000_000)],
    words: &[],
    at_most: 1 << 53,
    example: "12.5J",
};

/// Energy in a battery, in millijoules.
pub(crate) const BATTERY: Quantity = Quantity {
    what: "a battery's energy",
    base: "millijoules",
    units: &[("mJ", 1), ("J", 1_000), ("kJ", 1_000_000), ("Wh", 3_600_000)],
    words: &[],
    at_most: 1_000_000_000_000,
    example: "55kJ",
};

/// How many times slower, in per cent.
pub(crate) const SLOWDOWN: Quantity = Quantity {
    what: "a slowdown",
    base: "per cent",
    units: &[("%", 1), ("x", 100)],
    words: &[],
    at_most: 100_000,
    example: "1.5x",
};

/// Why a text is no amount.
enum Flaw {
    NoNumber,
    NoUnit,
    Negative,
    UnknownUnit(String),
    TooFine,
    TooLarge,
}

impl Quantity {
    /// What is expected, with an example and all units.
    pub(crate) fn expected(&self) -> String {
        let names: Vec<&str> = self.units.iter().map(|(name, _)| *name).collect();
        let (last, first) = names.split_last().expect("every quantity has a unit");
        let names = if first.is_empty() {
            (*last).to_owned()
        } else {
            format!("{} or {last}", first.join(", "))
        };
        format!("{} such as \"{}\", in {names}", self.what, self.example)
    }

    /// The amount in base units.
    ///
    /// # Errors
    /// What is wrong, and what is expected.
    pub(crate) fn parse(&self, text: &str) -> Result<u64, String> {
        if let Some((_, amount)) = self.words.iter().find(|(word, _)| *word == text) {
            return Ok(*amount);
        }
        self.amount(text.trim()).map_err(|flaw| {
            let shown: String = text.chars().take(40).collect();
            let (reason, suggestion) = match flaw {
                Flaw::NoNumber => (format!("is no {}", self.bare()), None),
                Flaw::NoUnit => ("has no unit".to_owned(), None),
                Flaw::Negative => ("is negative".to_owned(), None),
                Flaw::TooFine => (format!("is no whole number of {}", self.base), None),
                Flaw::TooLarge => (format!("is more than {}", self.format(self.at_most)), None),
                Flaw::UnknownUnit(unit) => (
                    format!("has the unknown unit `{}`", unit.escape_debug()),
                    nearest(&unit, self.units.iter().map(|(name, _)| *name)),
                ),
            };
            let suggestion =
                suggestion.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            format!("{shown:?} {reason}; expected {}{suggestion}", self.expected())
        })
    }

    fn bare(&self) -> &str {
        self.what.split_once(' ').map_or(self.what, |(_, noun)| noun)
    }

    fn amount(&self, text: &str) -> Result<u64, Flaw> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let end = text
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim_start());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let dotted = number.contains('.');
        if whole.is_empty() || (dotted && fraction.is_empty()) || fraction.contains('.') {
            return Err(Flaw::NoNumber);
        }
        if negative {
            return Err(Flaw::Negative);
        }
        if unit.is_empty() {
            return Err(Flaw::NoUnit);
        }
        let factor = self.units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let factor = factor.ok_or_else(|| Flaw::UnknownUnit(unit.to_owned()))?;
        let fraction = fraction.trim_end_matches('0');
        let scale = u32::try_from(fraction.len())
            .ok()
            .filter(|digits| *digits <= 18)
            .map(|digits| 10_u128.pow(digits))
            .ok_or(Flaw::TooFine)?;
        let digits: u128 = format!("{whole}{fraction}").parse().map_err(|_| Flaw::TooLarge)?;
        let scaled = digits.checked_mul(u128::from(factor)).ok_or(Flaw::TooLarge)?;
        if scaled % scale != 0 {
            return Err(Flaw::TooFine);
        }
        let amount = u64::try_from(scaled / scale).map_err(|_| Flaw::TooLarge)?;
        if amount > self.at_most { Err(Flaw::TooLarge) } else { Ok(amount) }
    }

    /// The amount as people write it: in the largest unit that divides it.
    pub(crate) fn format(&self, amount: u64) -> String {
        if let Some((word, _)) = self.words.iter().find(|(_, stands_for)| *stands_for == amount) {
            return (*word).to_owned();
        }
        if amount == 0 {
            let digits = |character: char| character.is_ascii_digit() || character == '.';
            return format!("0{}", self.example.trim_start_matches(digits));
        }
        let (name, factor) = self
            .units
            .iter()
            .filter(|(_, factor)| amount.is_multiple_of(*factor))
            .max_by_key(|(_, factor)| *factor)
            .expect("one unit is 1, which divides everything");
        format!("{}{name}", amount / factor)
    }
}

/// A time that may lie before zero: its sign and its length in nanoseconds.
///
/// # Errors
/// What is wrong, and what is expected.
pub(crate) fn parse_signed_time(text: &str) -> Result<(bool, u64), String> {
    let length = text.trim().trim_start_matches(['-', '+']);
    let sign = &text.trim()[..text.trim().len() - length.len()];
    match sign {
        "" | "+" => TIME.parse(length).map(|amount| (false, amount)),
        "-" => TIME.parse(length).map(|amount| (true, amount)),
        _ => Err(format!("{text:?} has more than one sign; expected {}", TIME.expected())),
    }
}

/// Periods of quotas: what schedulers can keep, up to what people would notice
/// as the app being gone. (cgroup's `cpu.max` has 1 ms to 1 s.)
const QUOTA_PERIODS: std::ops::RangeInclusive<u64> = 1_000_000..=60_000_000_000;

/// CPU time per period, `20ms/100ms`, in nanoseconds.
///
/// # Errors
/// What is wrong, and what is expected.
pub(crate) fn parse_quota(text: &str) -> Result<(u64, u64), String> {
    const EXPECTED: &str = "CPU time per period such as \"20ms/100ms\"";
    let shown: String = text.chars().take(40).collect();
    let (busy, period) = text
        .split_once('/')
        .ok_or_else(|| format!("{shown:?} has no period; expected {EXPECTED}"))?;
    let (busy, period) = (TIME.parse(busy)?, TIME.parse(period)?);
    if !QUOTA_PERIODS.contains(&period) {
        let [shortest, longest] =
            [QUOTA_PERIODS.start(), QUOTA_PERIODS.end()].map(|end| TIME.format(*end));
        let period = TIME.format(period);
        return Err(format!("a period of {period}; expected one of {shortest} to {longest}"));
    }
    if busy == 0 || busy > period {
        return Err(format!("{shown:?} is no share of one core; expected {EXPECTED}"));
    }
    Ok((busy, period))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [&Quantity; 11] = [
        &TIME,
        &RATE,
        &SIZE,
        &SHARE,
        &WRITING,
        &POWER,
        &FINE_POWER,
        &FINE_ENERGY,
        &ENERGY,
        &BATTERY,
        &SLOWDOWN,
    ];

    #[test]
    fn amounts_are_exact() {
        for (quantity, text, amount) in [
            (&TIME, "200ms", 200_000_000),
            (&TIME, "1.5 s", 1_500_000_000),
            (&TIME, "0s", 0),
            (&TIME, "7d", 604_800_000_000_000),
            (&TIME, "0.000000001s", 1),
            (&RATE, "1638.4kbit/s", 1_638_400),
            (&RATE, "70MB/s", 560_000_000),
            (&RATE, "unlimited", 1_000_000_000_000),
            (&SIZE, "1.5MB", 1_500_000),
            (&SIZE, "64KiB", 65_536),
            (&SHARE, "2%", 20_000),
            (&SHARE, "0.5%", 5_000),
            (&SHARE, "17ppm", 17),
            (&WRITING, "36wpm", 36),
            (&FINE_POWER, "438.39mW", 438_390),
            (&BATTERY, "52.6Wh", 189_360_000),
            (&SLOWDOWN, "1.5x", 150),
        ] {
            assert_eq!(quantity.parse(text), Ok(amount), "{text}");
        }
    }

    #[test]
    fn every_quantity_has_a_base_unit_and_an_example_that_parses() {
        for quantity in ALL {
            assert!(quantity.units.iter().any(|(_, factor)| *factor == 1), "{}", quantity.what);
            assert!(quantity.parse(quantity.example).is_ok(), "{}", quantity.what);
        }
    }

    #[test]
    fn flaws_say_what_would_be_right() {
        let said: Vec<String> = [
            (&TIME, "5"),
            (&TIME, "ms"),
            (&TIME, "-5ms"),
            (&TIME, "5MS"),
            (&TIME, "5 parsecs"),
            (&TIME, "0.5ns"),
            (&TIME, "1.2.3s"),
            (&TIME, "1.s"),
            (&TIME, ".5s"),
            (&TIME, "99999999999d"),
            (&TIME, "99999999999999999999999999999999999999999999d"),
            (&TIME, "0.0000000000000000000000000001s"),
            (&TIME, ""),
            (&RATE, "10Mbps"),
            (&RATE, "fast"),
            (&SHARE, "101%"),
            (&SHARE, "2"),
            (&WRITING, "36.2wpm"),
            (&SIZE, "1.5mb"),
            (&SLOWDOWN, "10"),
        ]
        .into_iter()
        .map(|(quantity, text)| quantity.parse(text).expect_err(text))
        .collect();
        insta::assert_snapshot!(said.join("\n"));
    }

    proptest! {
        #[test]
        fn nothing_makes_a_parser_panic(text in ".*") {
            for quantity in ALL {
                let _ = quantity.parse(&text);
            }
            let _ = parse_quota(&text);
            let _ = parse_signed_time(&text);
        }

        #[test]
        fn nothing_that_looks_like_an_amount_does(text in "-?[0-9]{0,45}\\.?[0-9]{0,30} ?[a-zA-Zµ%/]{0,6}") {
            for quantity in ALL {
                let _ = quantity.parse(&text);
            }
            let _ = parse_quota(&text);
            let _ = parse_signed_time(&text);
        }

        #[test]
        fn what_is_written_is_read(amount in any::<u64>(), shift in 0_u32..64) {
            for quantity in ALL {
                let amount = (amount >> shift).min(quantity.at_most);
                prop_assert_eq!(quantity.parse(&quantity.format(amount)), Ok(amount));
            }
        }

        #[test]
        fn decimals_are_those_of_integers(milliseconds in 0_u64..10_000_000_000) {
            let text = format!("{}.{:03}s", milliseconds / 1_000, milliseconds % 1_000);
            prop_assert_eq!(TIME.parse(&text), Ok(milliseconds * 1_000_000));
        }

        #[test]
        fn quotas_are_read_back(busy in 1_u64..1_000_000, rest in 0_u64..1_000_000) {
            let period = (busy + rest).max(1_000_000);
            let text = format!("{}/{}", TIME.format(busy), TIME.format(period));
            prop_assert_eq!(parse_quota(&text), Ok((busy, period)));
        }
    }
}

//! Base units of results in the units that people read.

/// A value in one of the units of results (`ns`, `bytes`, `count`, `work`,
/// `uj`, `ppm`, and `uah` for battery charge) to three significant digits:
/// `4.21 ms`, `12.3 kB`, `1.07 J`, `0.42 %`. Counts keep every digit. A unit
/// that is not known stands behind the number as it is.
pub fn human(value: u64, unit: &str) -> String {
    match unit {
        "ns" => duration(value),
        "bytes" => scaled(value, &BYTES),
        "uj" => scaled(value, &JOULES),
        "uah" => scaled(value, &AMPERE_HOURS),
        "work" => scaled(value, &WORK),
        "ppm" => percent(value),
        "count" | "" => grouped(value),
        other => format!("{} {other}", grouped(value)),
    }
}

/// One step of a unit's ladder: from how many base units on, how many base
/// units make one of it, what it is called.
type Rung = (u64, u64, &'static str);

const BYTES: [Rung; 4] =
    [(0, 1, "B"), (1_000, 1_000, "kB"), (1_000_000, 1_000_000, "MB"), (GIGA, GIGA, "GB")];
const JOULES: [Rung; 4] =
    [(0, 1, "µJ"), (1_000, 1_000, "mJ"), (1_000_000, 1_000_000, "J"), (GIGA, GIGA, "kJ")];
const AMPERE_HOURS: [Rung; 3] =
    [(0, 1, "µAh"), (1_000, 1_000, "mAh"), (1_000_000, 1_000_000, "Ah")];
const WORK: [Rung; 4] =
    [(0, 1, ""), (1_000, 1_000, "k"), (1_000_000, 1_000_000, "M"), (GIGA, GIGA, "G")];
const GIGA: u64 = 1_000_000_000;

/// Two of the larger unit are needed before it is used for minutes and up:
/// `95 s` says more than `1.58 min`.
const TIMES: [Rung; 7] = [
    (0, 1, "ns"),
    (1_000, 1_000, "µs"),
    (1_000_000, 1_000_000, "ms"),
    (GIGA, GIGA, "s"),
    (120 * GIGA, 60 * GIGA, "min"),
    (7_200 * GIGA, 3_600 * GIGA, "h"),
    (172_800 * GIGA, 86_400 * GIGA, "d"),
];

/// A length of virtual time, which scenarios give in round units: `35 min`.
pub(crate) fn span(nanoseconds: u64) -> String {
    let text = duration(nanoseconds);
    let (digits, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    format!("{digits} {unit}")
}

/// Nanoseconds as a time.
fn duration(nanoseconds: u64) -> String {
    scaled(nanoseconds, &TIMES)
}

fn scaled(value: u64, ladder: &[Rung]) -> String {
    let mut rung = ladder.iter().rposition(|(from, _, _)| value >= *from).unwrap_or(0);
    // 999,999 bytes are 1.00 MB, not 1,000 kB.
    let size = ladder[rung].1;
    if size > 1 && value as f64 / size as f64 >= 999.5 && rung + 1 < ladder.len() {
        rung += 1;
    }
    let (_, size, name) = ladder[rung];
    let digits = if size == 1 { grouped(value) } else { three_digits(value as f64 / size as f64) };
    if name.is_empty() { digits } else { format!("{digits} {name}") }
}

/// Three significant digits; more before the point if there are more.
pub fn three_digits(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value >= 99.95 {
        grouped(value.round() as u64)
    } else if value >= 9.995 {
        format!("{value:.1}")
    } else if value >= 0.0995 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

fn percent(ppm: u64) -> String {
    if ppm > 0 && ppm < 10 {
        "<0.001 %".to_owned()
    } else {
        format!("{} %", three_digits(ppm as f64 / 10_000.0))
    }
}

/// A round value at an axis, without decimals that say nothing: `10 ms`,
/// `500 kB`, `0.2 %`. Times end with seconds, as 1, 2, 5 are not round in
/// minutes.
pub(crate) fn tick(value: u64, unit: &str) -> String {
    let ladder: &[Rung] = match unit {
        "ns" => &TIMES[..4],
        "bytes" => &BYTES,
        "uj" => &JOULES,
        "uah" => &AMPERE_HOURS,
        "work" => &WORK,
        "ppm" => return format!("{} %", trimmed(value as f64 / 10_000.0)),
        _ => return grouped(value),
    };
    let rung = ladder.iter().rposition(|(from, _, _)| value >= *from).unwrap_or(0);
    let (_, size, name) = ladder[rung];
    if value == 0 {
        return "0".to_owned();
    }
    format!("{} {name}", trimmed(value as f64 / size as f64)).trim_end().to_owned()
}

pub(crate) fn trimmed(value: f64) -> String {
    if value >= 1_000.0 {
        return grouped(value.round() as u64);
    }
    let digits = format!("{value:.4}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// With a comma between thousands.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Two values with the unit once where both have the same: `1.10–1.42 ms`.
pub fn range(from: u64, to: u64, unit: &str) -> String {
    let (from, to) = (human(from, unit), human(to, unit));
    let of = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    match (from.split_once(' '), of(&to)) {
        _ if from == to => to,
        (Some((digits, unit)), Some(same)) if unit == same => format!("{digits}–{to}"),
        _ => format!("{from}–{to}"),
    }
}

/// A ratio as people write it, without its sign: `1.53`, `12.3`, `240`, `24.2k`,
/// `94.5M`.
pub fn ratio(factor: f64) -> String {
    if factor >= 999_500.0 {
        format!("{}M", three_digits(factor / 1_000_000.0))
    } else if factor >= 9_999.5 {
        format!("{}k", three_digits(factor / 1_000.0))
    } else if factor >= 99.95 {
        grouped(factor.round() as u64)
    } else if factor >= 9.995 {
        format!("{factor:.1}")
    } else {
        format!("{factor:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_write_them() {
        for (value, unit, shown) in [
            (0, "ns", "0 ns"),
            (999, "ns", "999 ns"),
            (4_213_000, "ns", "4.21 ms"),
            (999_600_000, "ns", "1.00 s"),
            (95_000_000_000, "ns", "95.0 s"),
            (119_900_000_000, "ns", "120 s"),
            (1_800_000_000_000, "ns", "30.0 min"),
            (12_345, "bytes", "12.3 kB"),
            (999_999, "bytes", "1.00 MB"),
            (812, "bytes", "812 B"),
            (1_071_000, "uj", "1.07 J"),
            (640_000, "uj", "640 mJ"),
            (2_500, "uah", "2.50 mAh"),
            (123_456_789, "work", "123 M"),
            (42, "work", "42"),
            (4_200, "ppm", "0.42 %"),
            (3, "ppm", "<0.001 %"),
            (20_000, "ppm", "2.00 %"),
            (1_234_567, "count", "1,234,567"),
            (5, "furlongs", "5 furlongs"),
        ] {
            assert_eq!(human(value, unit), shown, "{value} {unit}");
        }
    }

    #[test]
    fn ticks_have_no_idle_decimals() {
        for (value, unit, shown) in [
            (10_000_000, "ns", "10 ms"),
            (1_000_000_000_000, "ns", "1,000 s"),
            (2_500, "bytes", "2.5 kB"),
            (2_000, "ppm", "0.2 %"),
            (0, "ppm", "0 %"),
            (0, "uj", "0"),
            (5_000, "work", "5 k"),
            (20_000, "count", "20,000"),
        ] {
            assert_eq!(tick(value, unit), shown);
        }
    }

    #[test]
    fn spans_are_round_where_scenarios_are() {
        for (seconds, shown) in [
            (2_100, "35 min"),
            (3_900, "65 min"),
            (604_800, "7 d"),
            (60, "60 s"),
            (5_400, "90 min"),
        ] {
            assert_eq!(span(seconds * GIGA), shown);
        }
    }

    #[test]
    fn ranges_name_their_unit_once() {
        for (from, to, unit, shown) in [
            (1_100_000, 1_420_000, "ns", "1.10–1.42 ms"),
            (900_000, 1_420_000, "ns", "900 µs–1.42 ms"),
            (3_100, 8_800, "ppm", "0.31–0.88 %"),
            (3, 9, "count", "3–9"),
            (5_800_001, 5_800_002, "uj", "5.80 J"),
            (0, 8_800, "ppm", "0–0.88 %"),
        ] {
            assert_eq!(range(from, to, unit), shown);
        }
    }

    #[test]
    fn ratios_lose_decimals_as_they_grow() {
        for (factor, shown) in [
            (1.0, "1.00"),
            (1.534, "1.53"),
            (9.996, "10.0"),
            (12.34, "12.3"),
            (2_180.4, "2,180"),
            (12_345.6, "12.3k"),
            (999_499.0, "999k"),
            (999_500.0, "1.00M"),
            (94_527_000.0, "94.5M"),
        ] {
            assert_eq!(ratio(factor), shown);
        }
    }
}

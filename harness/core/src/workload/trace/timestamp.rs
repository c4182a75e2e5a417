//! Times as RFC 3339 writes them.

/// Milliseconds since the Unix epoch of `2021-04-19T06:06:58.219Z` or
/// `2023-11-22T03:57:32+00:00`; none if it is no such thing.
pub(super) fn unix_milliseconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let [year, month, day] = fields(date, '-')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let zone_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = fields(clock, ':')?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some((seconds - offset_seconds(zone)?) * 1_000 + milliseconds(fraction)?)
}

fn fields<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let fields: Option<Vec<_>> = text.split(separator).map(number).collect();
    fields?.try_into().ok()
}

fn number(digits: &str) -> Option<i64> {
    let plain =
        !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().expect("at most four digits"))
}

fn milliseconds(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(*b"00").take(3);
    Some(digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let [hours, minutes] = fields(offset, ':')?;
    let seconds = hours * 3_600 + minutes * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, after Howard
/// Hinnant's "chrono-Compatible Low-Level Date Algorithms".
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, expected) in [
            ("1970-01-01T00:00:00.000Z", Some(0)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2021-04-19T06:06:58.219Z", Some(1_618_812_418_219)),
            ("2023-11-22T03:57:32+00:00", Some(1_700_625_452_000)),
            ("2023-11-22T05:27:32+01:30", Some(1_700_625_452_000)),
            ("2000-02-29T00:00:00.5Z", Some(951_782_400_500)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2021-13-19T06:06:58Z", None),
            ("2021-04-19", None),
            ("2021-04-19T06:06:58", None),
            ("2021-04-19T06:06Z", None),
            ("yesterday, perhaps", None),
            ("2021-04-1é", None),
            ("", None),
        ] {
            assert_eq!(unix_milliseconds(text), expected, "{text}");
        }
    }
}

//! Figures as people read them.

use std::time::Duration;

/// Two digits that count, and the thousands in groups.
pub(crate) fn count(number: u64) -> String {
    let rounding = 10_u64.pow(number.checked_ilog10().unwrap_or(0).saturating_sub(1));
    let rounded = number.saturating_add(rounding / 2) / rounding * rounding;
    grouped(rounded)
}

/// All digits, the thousands in groups.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// In the unit that fits: one decimal below 10, none above.
pub(crate) fn time(time: Duration) -> String {
    const UNITS: [(f64, &str); 5] =
        [(3_600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs")];
    let seconds = time.as_secs_f64();
    let fits = UNITS.into_iter().find(|(size, _)| seconds >= *size);
    let (size, unit) = fits.unwrap_or((1e-9, "ns"));
    let number = seconds / size;
    if number < 9.95 { format!("{number:.1} {unit}") } else { format!("{number:.0} {unit}") }
}

/// How many times more, from one decimal up to 10.
pub(crate) fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.1}") } else { count(ratio.round() as u64) }
}

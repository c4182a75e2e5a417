//! What is done to the world.

use std::collections::{BTreeMap, BTreeSet};

use deadzone_core::scenario::{Fault, FaultKind, Group, Topology};
use deadzone_core::time::{Span, Time};

use super::fleet::RELAY;
use super::world::counts;
use crate::error::{Located, Problem, one_of};
use crate::file::fault::{FaultFile, FaultName};
use crate::units::TIME;
use crate::values::At;

/// The most faults in a file.
const MAX_FAULTS: usize = 10_000;
/// The most that a fault slows anything down.
const MAX_FACTOR: u32 = 1_000_000;

pub(super) fn faults(
    files: &[At<FaultFile>],
    duration: Span,
    groups: &[Group],
    topology: &Topology,
) -> Result<Vec<Fault>, Located> {
    if let Some(one_more) = files.get(MAX_FAULTS) {
        return Err(one_more.wrong("too many faults", format!("at most {MAX_FAULTS}")));
    }
    let mut nodes = counts(groups);
    if matches!(topology, Topology::Relay(_)) {
        nodes.insert(RELAY, 1);
    }
    files.iter().map(|file| fault(file, duration, &nodes)).collect()
}

/// The groups, with how many devices each has.
type Nodes<'a> = BTreeMap<&'a str, u32>;

fn fault(file: &At<FaultFile>, duration: Span, nodes: &Nodes<'_>) -> Result<Fault, Located> {
    let kind = *file.kind;
    check_keys(file)?;
    if file.at.0 >= duration {
        return Err(outside(&file.at, "begins at", file.at.0, duration));
    }
    let left = duration.saturating_sub(file.at.0);
    let lasts = match &file.lasts {
        Some(lasts) if lasts.0 > left => {
            return Err(outside(lasts, "lasts until", file.at.0 + lasts.0, duration));
        }
        Some(lasts) if lasts.0 == Span::ZERO => {
            return Err(lasts.wrong("a fault that lasts no time", "more than nothing"));
        }
        Some(lasts) => lasts.0,
        None if kind == FaultName::ClockJump => left,
        None => return Err(missing(file, "for", "how long it lasts, such as `for = \"5min\"`")),
    };
    let kind = match kind {
        FaultName::Partition => FaultKind::Partition { between: sides(file, nodes)? },
        FaultName::Jam => FaultKind::Jam { between: sides(file, nodes)? },
        FaultName::Slow => FaultKind::Slow { between: sides(file, nodes)?, factor: factor(file)? },
        FaultName::OneWay => one_way(file, nodes)?,
        FaultName::Crash => FaultKind::Crash { who: who(file, nodes)? },
        FaultName::PowerLoss => FaultKind::PowerLoss { who: who(file, nodes)? },
        FaultName::Swizzle => FaultKind::Swizzle { who: who(file, nodes)? },
        FaultName::ClockJump => FaultKind::ClockJump {
            who: who(file, nodes)?,
            by_milliseconds: match &file.by {
                Some(by) => by.0,
                None => return Err(missing(file, "by", "how far, such as `by = \"-1h\"`")),
            },
        },
    };
    Ok(Fault { at: Time::ZERO + file.at.0, lasts, kind })
}

fn outside<T>(at: &At<T>, how: &str, when: Span, duration: Span) -> Located {
    let (when, duration) = (TIME.format(when.as_nanos()), TIME.format(duration.as_nanos()));
    at.wrong(
        format!("this fault {how} {when}, outside of the duration of {duration}"),
        "`at`, and `for` added to it, within the duration",
    )
}

fn missing(file: &At<FaultFile>, key: &str, expected: &str) -> Located {
    file.kind.wrong(format!("a `{}` fault without `{key}`", name(*file.kind)), expected)
}

fn name(kind: FaultName) -> &'static str {
    match kind {
        FaultName::Partition => "partition",
        FaultName::OneWay => "one_way",
        FaultName::Slow => "slow",
        FaultName::Jam => "jam",
        FaultName::Crash => "crash",
        FaultName::PowerLoss => "power_loss",
        FaultName::ClockJump => "clock_jump",
        FaultName::Swizzle => "swizzle",
    }
}

fn check_keys(file: &FaultFile) -> Result<(), Located> {
    let allowed: &[&str] = match *file.kind {
        FaultName::Partition | FaultName::Jam => &["between"],
        FaultName::Slow => &["between", "factor"],
        FaultName::OneWay => &["from", "to"],
        FaultName::Crash | FaultName::PowerLoss | FaultName::Swizzle => &["who"],
        FaultName::ClockJump => &["who", "by"],
    };
    macro_rules! given {
        ($($key:ident),*) => {
            [$((stringify!($key), file.$key.as_ref().map(|value| value.span.clone()))),*]
        };
    }
    for (key, span) in given!(between, from, to, who, factor, by) {
        if let (Some(span), false) = (span, allowed.contains(&key)) {
            let what = format!("`{key}` means nothing where `kind` is `{}`", name(*file.kind));
            return Err(Problem::new(what).expected(one_of(allowed)).at(span));
        }
    }
    Ok(())
}

fn sides(file: &At<FaultFile>, nodes: &Nodes<'_>) -> Result<Vec<Vec<String>>, Located> {
    let Some(between) = &file.between else {
        let expected = "the sides, such as `between = [[\"phones\"], [\"relay\"]]`";
        return Err(missing(file, "between", expected));
    };
    if between.len() < 2 {
        return Err(between.wrong("a fault between fewer than two sides", "two sides or more"));
    }
    let mut taken = BTreeSet::new();
    between.iter().map(|names| members(names, nodes, &mut taken)).collect()
}

fn one_way(file: &At<FaultFile>, nodes: &Nodes<'_>) -> Result<FaultKind, Located> {
    let Some(from) = &file.from else {
        return Err(missing(file, "from", "those who are no longer heard"));
    };
    let Some(to) = &file.to else {
        return Err(missing(file, "to", "those who no longer hear them"));
    };
    let mut taken = BTreeSet::new();
    Ok(FaultKind::OneWay {
        from: members(from, nodes, &mut taken)?,
        to: members(to, nodes, &mut taken)?,
    })
}

fn factor(file: &At<FaultFile>) -> Result<u32, Located> {
    match &file.factor {
        None => Err(missing(file, "factor", "how many times longer, such as `factor = 10`")),
        Some(factor) if **factor < 2 || **factor > MAX_FACTOR => {
            let what = format!("{} times as long", **factor);
            Err(factor.wrong(what, format!("2 to {MAX_FACTOR}")))
        }
        Some(factor) => Ok(**factor),
    }
}

fn who(file: &At<FaultFile>, nodes: &Nodes<'_>) -> Result<Vec<String>, Located> {
    match &file.who {
        Some(names) => members(names, nodes, &mut BTreeSet::new()),
        None => Err(missing(file, "who", "to whom, such as `who = [\"phones/0\"]`")),
    }
}

/// Who was named already: a group, or one device of it.
type Taken = BTreeSet<(String, Option<u32>)>;

fn members(
    names: &At<Vec<At<String>>>,
    nodes: &Nodes<'_>,
    taken: &mut Taken,
) -> Result<Vec<String>, Located> {
    if names.is_empty() {
        return Err(names.wrong("nobody", "groups, devices such as `phones/0`, or `relay`"));
    }
    for name in names.iter() {
        let (group, device) = member(name, nodes)?;
        let clash = taken
            .range((group.clone(), None)..=(group.clone(), Some(u32::MAX)))
            .any(|(_, other)| other.is_none() || device.is_none() || *other == device);
        if clash {
            let what = format!("`{}` has been named before", **name);
            return Err(name.wrong(what, "every device at most once in a fault"));
        }
        taken.insert((group, device));
    }
    Ok(names.iter().map(|name| name.value.clone()).collect())
}

fn member(name: &At<String>, nodes: &Nodes<'_>) -> Result<(String, Option<u32>), Located> {
    let (group, index) = match name.split_once('/') {
        Some((group, index)) => (group, Some(index)),
        None => (name.as_str(), None),
    };
    let Some(count) = nodes.get(group) else {
        return Err(Problem::unknown("group", group, nodes.keys().copied()).at(name.span.clone()));
    };
    let Some(index) = index else { return Ok((group.to_owned(), None)) };
    match index.parse::<u32>() {
        Ok(number) if number < *count && number.to_string() == index => {
            Ok((group.to_owned(), Some(number)))
        }
        _ => Err(name.wrong(
            format!("group `{group}` has no device `{}`", index.escape_debug()),
            if *count == 1 {
                format!("`{group}/0`")
            } else {
                format!("`{group}/0` to `{group}/{}`", count - 1)
            },
        )),
    }
}

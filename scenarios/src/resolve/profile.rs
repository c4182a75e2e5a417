//! Devices, links, outages, radios and the CPU model.

use std::collections::BTreeMap;

use deadzone_core::profile::{
    CpuModel, CpuProfile, DeviceProfile, DeviceRadio, LinkDirection, LinkProfile, Loss,
    OutageProfile, RadioProfile, Runtime, SpanDistribution, StorageProfile, TailPhase,
};
use deadzone_core::time::Span;
use deadzone_core::units::{BitsPerSecond, Milliwatts, PartsPerMillion};

use super::{check_name, look_up};
use crate::error::{Located, Problem};
use crate::file::profile::{
    CpuFile, DeviceFile, DirectionFile, DistributionFile, DrawnFile, LinkFile, LossFile,
    OutageFile, ProfilesFile, RadioChoice, RadioFile,
};
use crate::profiles::Profiles;
use crate::units;
use crate::values::{At, PowerText, TimeText};

/// What radios and links may be of.
const TECHNOLOGIES: [&str; 6] = ["wifi", "lte", "5g", "3g", "ble", "ethernet"];
/// TCP, TLS 1.3, and the upgrade to WebSocket.
const SETUP_ROUND_TRIPS: u32 = 3;
/// Deep enough for a whole document: no source says how deep queues are.
const QUEUE_BYTES: u64 = 1_000_000;
/// One packet on Ethernet.
const MIN_QUEUE_BYTES: u64 = 1_500;
/// Light to Mars takes 22 minutes at times.
const MAX_DELAY: Span = Span::from_secs(3_600);
/// No radio of a phone or laptop draws more.
const MAX_RADIO_POWER: Milliwatts = Milliwatts(50_000);
/// The slowest disk spins up in less.
const MAX_STORAGE_LATENCY: Span = Span::from_secs(60);
/// The longest that links are up or down at a stretch.
const MAX_OUTAGE: Span = Span::from_secs(365 * 86_400);
/// Links flap no faster, or a plan would hold nothing else.
const MIN_OUTAGE: Span = Span::from_millis(1);

/// Tables of definitions, of a file of profiles or of a scenario.
pub(crate) struct Definitions<'a> {
    /// Radios.
    pub(crate) radio: &'a BTreeMap<At<String>, At<RadioFile>>,
    /// Devices.
    pub(crate) device: &'a BTreeMap<At<String>, At<DeviceFile>>,
    /// Links.
    pub(crate) link: &'a BTreeMap<At<String>, At<LinkFile>>,
    /// Outages.
    pub(crate) outage: &'a BTreeMap<At<String>, At<OutageFile>>,
}

impl<'a> From<&'a ProfilesFile> for Definitions<'a> {
    fn from(file: &'a ProfilesFile) -> Self {
        Self { radio: &file.radio, device: &file.device, link: &file.link, outage: &file.outage }
    }
}

/// Adds definitions to `profiles`; they replace those of the same name.
pub(crate) fn define(own: &Definitions<'_>, profiles: &mut Profiles) -> Result<(), Located> {
    for (name, file) in own.radio {
        check_name(name, "radio", &['-', '_'])?;
        profiles.radios.insert(name.value.clone(), radio(name, file)?);
    }
    for (name, file) in own.device {
        check_name(name, "device", &['-', '_'])?;
        let device = device(name, file, &profiles.radios)?;
        profiles.devices.insert(name.value.clone(), device);
    }
    for (name, file) in own.link {
        check_name(name, "link", &['-', '_'])?;
        profiles.links.insert(name.value.clone(), link(name, file)?);
    }
    for (name, file) in own.outage {
        check_name(name, "outage", &['-', '_'])?;
        profiles.outages.insert(name.value.clone(), outage(name, file)?);
    }
    Ok(())
}

/// The CPU model: what `file` says, and `otherwise` for the rest. Without
/// `otherwise` the file must say everything.
pub(crate) fn cpu_model(
    file: Option<&At<CpuFile>>,
    otherwise: Option<&CpuModel>,
) -> Result<CpuModel, Located> {
    let weight = |key: &str,
                  given: fn(&CpuFile) -> &Option<At<u64>>,
                  default: fn(&CpuModel) -> u64,
                  (least, most): (u64, u64)| {
        let given_weight = file.and_then(|file| given(file).as_ref());
        match (given_weight, otherwise) {
            (Some(weight), _) if **weight < least || **weight > most => {
                Err(weight.wrong(format!("{key} of {}", **weight), format!("{least} to {most}")))
            }
            (Some(weight), _) => Ok(**weight),
            (None, Some(otherwise)) => Ok(default(otherwise)),
            (None, None) => Err(Problem::new(format!("`{key}` is missing"))
                .at(file.map_or(0..0, |file| file.span.clone()))),
        }
    };
    Ok(CpuModel {
        allocation_milliblocks: weight(
            "allocation_milliblocks",
            |file| &file.allocation_milliblocks,
            |model| model.allocation_milliblocks,
            (0, 100_000_000),
        )?,
        allocated_byte_milliblocks: weight(
            "allocated_byte_milliblocks",
            |file| &file.allocated_byte_milliblocks,
            |model| model.allocated_byte_milliblocks,
            (0, 1_000_000),
        )?,
        block_picoseconds: weight(
            "block_picoseconds",
            |file| &file.block_picoseconds,
            |model| model.block_picoseconds,
            (1, 1_000_000),
        )?,
        wasm_percent: weight(
            "wasm_percent",
            |file| &file.wasm_percent,
            |model| model.wasm_percent,
            (100, 10_000),
        )?,
    })
}

fn radio(name: &At<String>, file: &RadioFile) -> Result<RadioProfile, Located> {
    let tail = file.tail.iter().map(|phase| {
        Ok(TailPhase {
            length: at_most(&phase.length, MAX_DELAY)?,
            power: radio_power(&phase.power)?,
        })
    });
    let per_mbps = |power: &Option<At<crate::values::FinePowerText>>| {
        power.as_ref().map_or(0, |power| power.0)
    };
    Ok(RadioProfile {
        name: name.value.clone(),
        promotion: at_most(&file.promotion, MAX_DELAY)?,
        promotion_power: radio_power(&file.promotion_power)?,
        transfer_power: radio_power(&file.transfer_power)?,
        up_microwatts_per_mbps: per_mbps(&file.up_per_mbps),
        down_microwatts_per_mbps: per_mbps(&file.down_per_mbps),
        tail: tail.collect::<Result<_, Located>>()?,
        idle_power: radio_power(&file.idle_power)?,
        paging_delay: file
            .paging_delay
            .as_ref()
            .map_or(Ok(Span::ZERO), |delay| at_most(delay, MAX_DELAY))?,
    })
}

fn device(
    name: &At<String>,
    file: &DeviceFile,
    radios: &BTreeMap<String, RadioProfile>,
) -> Result<DeviceProfile, Located> {
    if let Some(battery) = file.battery.as_ref().filter(|battery| battery.0 == 0) {
        return Err(battery.wrong("an empty battery", "no `battery` for what hangs on mains"));
    }
    if file.memory.0 == 0 {
        return Err(file.memory.wrong("no memory", "a size such as \"512MB\""));
    }
    if file.read_rate.0 == BitsPerSecond(0) {
        return Err(file.read_rate.wrong("storage that is never read", "a rate above zero"));
    }
    Ok(DeviceProfile {
        name: name.value.clone(),
        summary: file.summary.value.clone(),
        cpu: cpu(file)?,
        storage: StorageProfile {
            flush_latency: at_most(&file.flush_latency, MAX_STORAGE_LATENCY)?,
            write_latency: at_most(&file.write_latency, MAX_STORAGE_LATENCY)?,
            read_rate: file.read_rate.0,
            flush_nanojoules: file.flush_energy.0,
            byte_nanojoules: file.byte_energy.0,
        },
        battery_millijoules: file.battery.as_ref().map(|battery| battery.0),
        base_power: file.base_power.0,
        memory_bytes: file.memory.0,
        radios: device_radios(file, radios)?,
    })
}

fn cpu(file: &DeviceFile) -> Result<CpuProfile, Located> {
    let slowdown = file.slowdown.0;
    if slowdown == 0 {
        return Err(file.slowdown.wrong("a slowdown of nothing", "1x for the reference device"));
    }
    let (low, high) = match &file.slowdown_range {
        None => (slowdown, slowdown),
        Some(range) => {
            let [low, high] = &range.value;
            if low.0 == 0 || low.0 > slowdown || slowdown > high.0 {
                let slowdown = units::SLOWDOWN.format(slowdown);
                return Err(range.wrong(
                    format!("this range does not hold the slowdown of {slowdown}"),
                    "its low and its high end",
                ));
            }
            (low.0, high.0)
        }
    };
    Ok(CpuProfile {
        slowdown_percent: slowdown,
        slowdown_low_percent: low,
        slowdown_high_percent: high,
        busy_power: file.busy_power.0,
        quota: None,
        runtime: file.runtime.as_ref().map_or(Runtime::Native, |runtime| **runtime),
    })
}

fn device_radios(
    file: &DeviceFile,
    radios: &BTreeMap<String, RadioProfile>,
) -> Result<Vec<DeviceRadio>, Located> {
    file.radios
        .iter()
        .map(|(technology, choice)| {
            check_technology(technology)?;
            let find = |name: &At<String>| look_up(name, "radio", radios).cloned();
            let (model, low, high) = match &choice.value {
                RadioChoice::One(name) => {
                    let model = find(&At { value: name.clone(), span: choice.span.clone() })?;
                    (model.clone(), model.clone(), model)
                }
                RadioChoice::Range(range) => {
                    (find(&range.model)?, find(&range.low)?, find(&range.high)?)
                }
            };
            Ok(DeviceRadio { technology: technology.value.clone(), model, low, high })
        })
        .collect()
}

fn check_technology(name: &At<String>) -> Result<(), Located> {
    if TECHNOLOGIES.contains(&name.as_str()) {
        return Ok(());
    }
    Err(Problem::unknown("technology", name, TECHNOLOGIES).at(name.span.clone()))
}

fn link(name: &At<String>, file: &At<LinkFile>) -> Result<LinkProfile, Located> {
    check_technology(&file.technology)?;
    if let Some(trips) = file.setup_round_trips.as_ref().filter(|trips| ***trips > 100) {
        let what = format!("{} round trips before the first byte", **trips);
        return Err(trips.wrong(what, "0 to 100"));
    }
    Ok(LinkProfile {
        name: name.value.clone(),
        summary: file.summary.value.clone(),
        technology: file.technology.value.clone(),
        up: direction(file, file.up.as_deref())?,
        down: direction(file, file.down.as_deref())?,
        setup_round_trips: file
            .setup_round_trips
            .as_ref()
            .map_or(SETUP_ROUND_TRIPS, |trips| **trips),
    })
}

fn direction(
    file: &At<LinkFile>,
    special: Option<&DirectionFile>,
) -> Result<LinkDirection, Located> {
    macro_rules! given {
        ($key:ident) => {
            special.and_then(|special| special.$key.as_ref()).or(file.$key.as_ref())
        };
    }
    let missing = |key: &str, example: &str| {
        file.wrong(format!("this link has no `{key}`"), format!("`{key} = \"{example}\"`"))
    };
    let delay = given!(one_way_delay).ok_or_else(|| missing("one_way_delay", "35ms"))?;
    let rate = given!(rate).ok_or_else(|| missing("rate", "12Mbit/s"))?;
    if rate.0 == BitsPerSecond(0) {
        return Err(rate.wrong("a link without any rate", "a rate above zero, or an outage"));
    }
    if let Some(queue) = given!(queue).filter(|queue| queue.0 < MIN_QUEUE_BYTES) {
        let what = format!("a queue of {}", units::SIZE.format(queue.0));
        return Err(queue.wrong(what, "room for a packet of 1500B or more"));
    }
    let span = |given: Option<&At<TimeText>>| {
        given.map_or(Ok(Span::ZERO), |text| at_most(text, MAX_DELAY))
    };
    let share = |given: Option<&At<crate::values::ShareText>>| {
        given.map_or(PartsPerMillion(0), |share| share.0)
    };
    Ok(LinkDirection {
        one_way_delay: at_most(delay, MAX_DELAY)?,
        jitter: span(given!(jitter))?,
        loss: loss(given!(loss))?,
        duplicate: share(given!(duplicate)),
        reorder: share(given!(reorder)),
        reorder_delay: span(given!(reorder_delay))?,
        rate: rate.0,
        queue_bytes: given!(queue).map_or(QUEUE_BYTES, |queue| queue.0),
    })
}

fn loss(file: Option<&At<LossFile>>) -> Result<Loss, Located> {
    const ALL: PartsPerMillion = PartsPerMillion(1_000_000);
    let Some(file) = file else { return Ok(Loss::Random(PartsPerMillion(0))) };
    match &file.value {
        LossFile::Random(share) if share.0 == ALL => {
            Err(file.wrong("a link that loses everything", "less, or an outage"))
        }
        LossFile::Random(share) => Ok(Loss::Random(share.0)),
        LossFile::Bursts(chain) => {
            let in_bad = chain.in_bad.as_ref().map_or(ALL, |share| share.0);
            let in_good = chain.in_good.as_ref().map_or(PartsPerMillion(0), |share| share.0);
            if chain.r.0 == PartsPerMillion(0) {
                return Err(chain.r.wrong("a bad state that never ends", "more than 0%"));
            }
            if in_good == ALL {
                return Err(file.wrong("a good state that loses everything", "less"));
            }
            Ok(Loss::GilbertElliott {
                p: chain.p.0,
                r: chain.r.0,
                loss_in_bad: in_bad,
                loss_in_good: in_good,
            })
        }
    }
}

fn outage(name: &At<String>, file: &OutageFile) -> Result<OutageProfile, Located> {
    for technology in &file.technologies {
        check_technology(technology)?;
    }
    Ok(OutageProfile {
        name: name.value.clone(),
        summary: file.summary.value.clone(),
        technologies: file.technologies.iter().map(|name| name.value.clone()).collect(),
        up: distribution(&file.up)?,
        down: distribution(&file.down)?,
    })
}

fn distribution(file: &At<DistributionFile>) -> Result<SpanDistribution, Located> {
    match &file.value {
        DistributionFile::Fixed(span) => {
            stretch(&At { value: *span, span: file.span.clone() }).map(SpanDistribution::Fixed)
        }
        DistributionFile::Drawn(drawn) => match drawn {
            DrawnFile {
                uniform: Some(range),
                exponential: None,
                at_most: None,
                quantiles: None,
            } => {
                let [low, high] = &range.value;
                let (low, high) = (stretch(low)?, stretch(high)?);
                if low > high {
                    return Err(range.wrong("this range is upside down", "its low end first"));
                }
                Ok(SpanDistribution::Uniform(low, high))
            }
            DrawnFile {
                uniform: None,
                exponential: Some(mean),
                at_most: Some(most),
                quantiles: None,
            } => {
                let (mean_span, most_span) = (stretch(mean)?, stretch(most)?);
                if most_span < mean_span {
                    return Err(most.wrong("this cut lies below the mean", "a longer time"));
                }
                Ok(SpanDistribution::Exponential(mean_span, most_span))
            }
            DrawnFile { uniform: None, exponential: None, at_most: None, quantiles: Some(at) } => {
                quantiles(at).map(SpanDistribution::Quantiles)
            }
            _ => Err(file.wrong(
                "this says not what to draw, or says it twice",
                "one of `uniform`, `quantiles`, and `exponential` with `at_most`",
            )),
        },
    }
}

fn quantiles(
    file: &At<crate::file::profile::QuantilesFile>,
) -> Result<Vec<(PartsPerMillion, Span)>, Located> {
    let mut points = Vec::new();
    for (key, span) in &file.0 {
        let percent = key.strip_prefix('p').and_then(|digits| digits.parse::<u32>().ok());
        let Some(percent) = percent.filter(|percent| *percent <= 100) else {
            let what = format!("`{}` is no quantile", key.escape_debug());
            return Err(key.wrong(what, "`p` and a whole number of per cent, `p0` to `p100`"));
        };
        points.push((PartsPerMillion(percent * 10_000), stretch(span)?));
    }
    points.sort_by_key(|(share, _)| *share);
    let ends = (points.first().map(|point| point.0), points.last().map(|point| point.0));
    let whole = (Some(PartsPerMillion(0)), Some(PartsPerMillion(1_000_000)));
    let rises = points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
    if ends != whole || !rises {
        return Err(file.wrong(
            "these are no quantiles of one distribution",
            "`p0`, `p100`, and times that rise from one to the other",
        ));
    }
    Ok(points)
}

fn stretch(text: &At<TimeText>) -> Result<Span, Located> {
    if text.0 < MIN_OUTAGE || text.0 > MAX_OUTAGE {
        return Err(out_of_range(text, MIN_OUTAGE, MAX_OUTAGE));
    }
    Ok(text.0)
}

fn at_most(text: &At<TimeText>, most: Span) -> Result<Span, Located> {
    if text.0 > most { Err(out_of_range(text, Span::ZERO, most)) } else { Ok(text.0) }
}

fn out_of_range(text: &At<TimeText>, least: Span, most: Span) -> Located {
    let [shown, least, most] =
        [text.0, least, most].map(|span| units::TIME.format(span.as_nanos()));
    text.wrong(format!("{shown} makes no sense here"), format!("{least} to {most}"))
}

fn radio_power(text: &At<PowerText>) -> Result<Milliwatts, Located> {
    if text.0 > MAX_RADIO_POWER {
        let shown = units::POWER.format(text.0.0);
        let most = units::POWER.format(MAX_RADIO_POWER.0);
        return Err(text.wrong(format!("a radio that draws {shown}"), format!("at most {most}")));
    }
    Ok(text.0)
}

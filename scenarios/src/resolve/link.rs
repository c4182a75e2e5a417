//! Access links.

use deadzone_core::profile::{LinkDirection, LinkProfile, Loss};
use deadzone_core::time::Span;
use deadzone_core::units::{BitsPerSecond, PartsPerMillion};

use super::profile::{MAX_DELAY, at_most, check_technology};
use crate::error::Located;
use crate::file::profile::{DirectionFile, LinkFile, LossFile};
use crate::values::{At, ShareText, TimeText};

/// TCP, TLS 1.3, and the upgrade to WebSocket.
const SETUP_ROUND_TRIPS: u32 = 3;
/// Deep enough for a whole document: no source says how deep queues are.
const QUEUE_BYTES: u64 = 1_000_000;
/// One packet on Ethernet.
const MIN_QUEUE_BYTES: u64 = 1_500;

pub(super) fn link(name: &At<String>, file: &At<LinkFile>) -> Result<LinkProfile, Located> {
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
        return Err(queue.refused("is no queue", "room for a packet of 1500B or more"));
    }
    let span = |given: Option<&At<TimeText>>| {
        given.map_or(Ok(Span::ZERO), |text| at_most(text, MAX_DELAY))
    };
    let share = |given: Option<&At<ShareText>>| given.map_or(PartsPerMillion(0), |share| share.0);
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

//! Hunts.

use std::collections::BTreeSet;

use deadzone_core::engine::Delivery;
use deadzone_core::hunt::Feature;
use deadzone_core::scenario::{Counts, DocumentShape, HuntScenario};

use super::{check_head, world};
use crate::error::Located;
use crate::file::hunt::{CountsFile, FeaturesFile, HuntFile};
use crate::values::At;

/// What a world has where the file does not say.
const REPLICAS: Counts = Counts { at_least: 2, at_most: 4 };
const EDITS: Counts = Counts { at_least: 5, at_most: 40 };
/// Worlds are small: what more replicas or edits find, fewer find sooner.
const MAX_REPLICAS: u32 = 8;
const MAX_EDITS: u32 = 1_000;

const DELIVERIES: [Delivery; 4] =
    [Delivery::Protocol, Delivery::Broadcast, Delivery::Snapshot, Delivery::Shallow];

pub(super) fn scenario(file: &HuntFile) -> Result<HuntScenario, Located> {
    check_head(&file.schema, &file.name, &file.question)?;
    let document = world::document(&file.document)?;
    if let Some(rooms) = &file.document.rooms {
        let what = "a hunt has many small worlds already, with one document each";
        return Err(rooms.wrong(what, "`rooms` in a scenario with a `[[fleet]]`, or none"));
    }
    let table = &file.hunt;
    let replicas = counts(table.replicas.as_ref(), REPLICAS, "replicas", MAX_REPLICAS)?;
    let edits = counts(table.edits.as_ref(), EDITS, "edits", MAX_EDITS)?;
    let deliveries = match &table.deliveries {
        Some(listed) => deliveries(listed)?,
        None => DELIVERIES.to_vec(),
    };
    let features = match &table.features {
        Some(features) => listed_features(features)?,
        None => Feature::ALL.iter().copied().collect(),
    };
    let scenario = HuntScenario {
        name: file.name.value.clone(),
        question: file.question.value.clone(),
        document,
        replicas,
        edits,
        deliveries,
        features,
    };
    check_that_something_is_written(&scenario, table.features.as_ref())?;
    Ok(scenario)
}

fn counts(
    file: Option<&At<CountsFile>>,
    default: Counts,
    noun: &str,
    most: u32,
) -> Result<Counts, Located> {
    let Some(file) = file else { return Ok(default) };
    let CountsFile { at_least, at_most } = file.value;
    let expected = || format!("1 to {most}, the least before the most");
    if at_least > at_most {
        return Err(file.wrong(format!("at least {at_least}, at most {at_most}"), expected()));
    }
    if at_least == 0 || at_most > most {
        let found = if at_least == 0 { at_least } else { at_most };
        return Err(file.wrong(format!("{found} {noun}"), expected()));
    }
    Ok(Counts { at_least, at_most })
}

fn deliveries(listed: &At<Vec<At<Delivery>>>) -> Result<Vec<Delivery>, Located> {
    if listed.is_empty() {
        return Err(listed.wrong("no way of delivery", "one such as `\"protocol\"`, or more"));
    }
    let mut deliveries = Vec::new();
    for delivery in listed.iter() {
        if deliveries.contains(&delivery.value) {
            return Err(delivery.wrong(format!("`{}` again", delivery.name()), "each once"));
        }
        deliveries.push(delivery.value);
    }
    Ok(deliveries)
}

fn listed_features(file: &At<FeaturesFile>) -> Result<BTreeSet<Feature>, Located> {
    let listed = match &file.value {
        FeaturesFile::All => return Ok(Feature::ALL.iter().copied().collect()),
        FeaturesFile::Listed(listed) => listed,
    };
    let mut features = BTreeSet::new();
    for feature in listed {
        if !features.insert(feature.value) {
            return Err(feature.wrong(format!("`{}` again", feature.name()), "each once"));
        }
    }
    Ok(features)
}

fn check_that_something_is_written(
    scenario: &HuntScenario,
    features: Option<&At<FeaturesFile>>,
) -> Result<(), Located> {
    let DocumentShape { roots, .. } = &scenario.document;
    let (Some(features), false) = (features, roots.values().any(|kind| scenario.can_fill(*kind)))
    else {
        return Ok(());
    };
    let fills: BTreeSet<&str> =
        roots.values().map(|kind| Feature::that_fills(*kind).name()).collect();
    let fills: Vec<&str> = fills.into_iter().collect();
    Err(features.wrong(
        "with these features nothing is ever written",
        format!("{} among them", crate::error::one_of(&fills)),
    ))
}

//! One seed's choice of features and rates.

use super::feature::{COUNT, Feature, Features};
use super::weights::Weights;
use crate::edit::{ContainerKind, Roots};
use crate::engine::{Delivery, EngineInfo, Support};
use crate::rng::Draws;
use crate::scenario::HuntScenario;
use crate::units::PartsPerMillion;

/// How often a feature is on where nothing weighs on it.
const USUAL: u64 = 500_000;
/// The same for features that cost much time (documents are read at each step)
/// or that few engines have.
const SELDOM: u64 = 200_000;
/// Weights never switch a feature quite off or on.
const CHANCES: std::ops::RangeInclusive<u64> = 50_000..=900_000;
/// The share of the roots that a world has.
const ROOT: PartsPerMillion = PartsPerMillion(550_000);
/// Rates that are drawn from, relative to each other.
const RATES: [u16; 4] = [10, 20, 40, 80];
/// Steps that bring something to others, per hundred edits, to draw from. The
/// small world of three replicas, thirty edits and ten syncs has 33.
const TRAVEL: [u16; 5] = [12, 25, 33, 60, 120];

/// One seed's choice of features and rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How many replicas there are from the start.
    pub replicas: u8,
    /// How many edits are made.
    pub edits: u32,
    /// How updates travel.
    pub delivery: Delivery,
    /// The document's roots.
    pub roots: Roots,
    /// The kinds of container that are put into others.
    pub nested: Vec<ContainerKind>,
    /// The features that are on.
    pub features: Features,
    /// How often each is used, relative to the others of its sort; 0 if off.
    rates: [u16; COUNT],
    /// Steps that bring something to others, per hundred edits.
    pub travel: u16,
}

impl Profile {
    /// Draws a profile. Roots that the engine lacks are left out, if one is
    /// left; so are deliveries.
    pub fn draw(
        scenario: &HuntScenario,
        info: &EngineInfo,
        draws: &mut Draws,
        weights: &Weights,
    ) -> Self {
        let supports = |kind: &ContainerKind| {
            info.containers.get(kind).is_some_and(|support| *support != Support::Lacking)
        };
        let between = |draws: &mut Draws, counts: crate::scenario::Counts| {
            draws.between(u64::from(counts.at_least), u64::from(counts.at_most)) as u32
        };
        let replicas = between(draws, scenario.replicas) as u8;
        let edits = between(draws, scenario.edits);
        let deliveries: Vec<Delivery> =
            scenario.deliveries.iter().copied().filter(|it| info.deliveries.contains(it)).collect();
        // Of nothing that the engine can do, the replay says that it cannot.
        let delivery =
            *draws.pick(if deliveries.is_empty() { &scenario.deliveries } else { &deliveries });
        let mut rates = [0; COUNT];
        let mut features = Features::NONE;
        for feature in &scenario.features {
            let chance = u64::from(base(*feature)) * u64::from(weights.of(*feature)) / 1_000_000;
            let chance = PartsPerMillion(chance.clamp(*CHANCES.start(), *CHANCES.end()) as u32);
            let rate = *draws.pick(&RATES);
            if draws.chance(chance) && feature.travels_by(delivery) {
                features.insert(*feature);
            }
            rates[*feature as usize] = rate;
        }
        if info.marks == Support::Lacking {
            features.remove(Feature::Mark);
        }
        if scenario.document.nesting == 0 {
            features.remove(Feature::NestInMap);
            features.remove(Feature::NestInList);
            features.remove(Feature::Overwrite);
        }
        let roots = roots(scenario, draws, supports);
        let mut profile = Self {
            replicas,
            edits,
            delivery,
            roots,
            nested: Vec::new(),
            features,
            rates,
            travel: *draws.pick(&TRAVEL),
        };
        profile.make_fillable(scenario);
        if scenario.document.nesting > 0 {
            let fills = |kind: &ContainerKind| profile.features.has(Feature::that_fills(*kind));
            profile.nested =
                ContainerKind::ALL.into_iter().filter(supports).filter(fills).collect();
        }
        profile
    }

    /// Whether `feature` is on.
    pub const fn has(&self, feature: Feature) -> bool {
        self.features.has(feature)
    }

    /// How often `feature` is used, relative to others of its sort; 0 if off.
    pub fn rate(&self, feature: Feature) -> u16 {
        if self.has(feature) { self.rates[feature as usize] } else { 0 }
    }

    /// Each root needs something that fills it.
    fn make_fillable(&mut self, scenario: &HuntScenario) {
        for kind in self.roots.values() {
            let fills = Feature::that_fills(*kind);
            if *kind == ContainerKind::Map && self.has(Feature::NestInMap) {
                continue;
            }
            if scenario.features.contains(&fills) {
                self.features.insert(fills);
            } else if *kind == ContainerKind::Map {
                self.features.insert(Feature::NestInMap);
            }
        }
    }
}

const fn base(feature: Feature) -> u32 {
    (match feature {
        Feature::Checkouts | Feature::Watching | Feature::Undo | Feature::Redo => SELDOM,
        _ => USUAL,
    }) as u32
}

/// Some of the roots that the engine has and that the scenario's features can
/// fill; at least one.
fn roots(
    scenario: &HuntScenario,
    draws: &mut Draws,
    supports: impl Fn(&ContainerKind) -> bool,
) -> Roots {
    let usable: Vec<(&String, &ContainerKind)> = scenario
        .document
        .roots
        .iter()
        .filter(|(_, kind)| supports(kind) && scenario.can_fill(**kind))
        .collect();
    if usable.is_empty() {
        return scenario.document.roots.clone();
    }
    let sure = draws.below(usable.len() as u64) as usize;
    let chosen = usable.iter().enumerate().filter(|(at, _)| draws.chance(ROOT) || *at == sure);
    chosen.map(|(_, (name, kind))| ((*name).clone(), **kind)).collect()
}

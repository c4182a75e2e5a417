//! What a page says beside the figures. Results hold no prose, and no word on
//! which engines are baselines.

use std::collections::BTreeMap;

/// What is known of the scenarios and engines in the results. All of it is
/// optional: a scenario or engine without an entry is shown by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// By name of the scenario.
    pub scenarios: BTreeMap<String, ScenarioText>,
    /// By name of the engine.
    pub engines: BTreeMap<String, EngineText>,
}

/// What a page says of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioText {
    /// The question that it answers.
    pub question: String,
    /// Who is there and what happens to them, one paragraph each.
    pub description: Vec<String>,
    /// The path of its file, by which the command line names it; none if its name is
    /// enough.
    pub path: Option<String>,
    /// The folder that its traces lie in; none if it replays none that was recorded.
    pub traces: Option<String>,
}

/// What a page says of an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineText {
    /// One line on it.
    pub summary: String,
    /// The version that `deadzone` takes where none is named; empty where that is
    /// not known.
    pub version: String,
    /// Whether it is there to be compared with: it stands to the right of the
    /// engines, and is never the best that factors are taken against.
    pub baseline: bool,
    /// What a reader must know to compare fairly, one sentence each: what the
    /// adapter built from other containers, for example.
    pub notes: Vec<String>,
}

impl Context {
    /// Whether this engine is there to be compared with.
    pub fn is_baseline(&self, engine: &str) -> bool {
        self.engines.get(engine).is_some_and(|text| text.baseline)
    }

    /// The question of a scenario, where it is known and not empty.
    pub fn question(&self, scenario: &str) -> Option<&str> {
        let question = self.scenarios.get(scenario)?.question.as_str();
        (!question.is_empty()).then_some(question)
    }

    /// How the command line names a scenario.
    pub fn argument<'a>(&'a self, scenario: &'a str) -> &'a str {
        self.scenarios.get(scenario).and_then(|text| text.path.as_deref()).unwrap_or(scenario)
    }

    /// The folder that the traces of a scenario lie in, if it replays any that was
    /// recorded.
    pub fn traces(&self, scenario: &str) -> Option<&str> {
        self.scenarios.get(scenario)?.traces.as_deref()
    }
}

impl From<BTreeMap<String, ScenarioText>> for Context {
    fn from(scenarios: BTreeMap<String, ScenarioText>) -> Self {
        Self { scenarios, engines: BTreeMap::new() }
    }
}

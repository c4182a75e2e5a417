//! From the bytes of a trace file to a [`Trace`], every claim checked.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use serde::{Deserialize, Deserializer};

use super::text::{Text, difference};
use super::timestamp::unix_milliseconds;
use super::{
    Concurrent, MAX_TRACE_BYTES, Patch, Sequential, Trace, TraceError, Transaction, Version,
};
use crate::plan::has_astral;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    start_content: String,
    end_content: String,
    num_agents: Option<u32>,
    txns: Vec<FileTransaction>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Sequential,
    Concurrent,
}

#[derive(Deserialize)]
struct FileTransaction {
    parents: Option<Vec<u32>>,
    agent: Option<u32>,
    #[serde(default, alias = "timestamp", deserialize_with = "time")]
    time: Option<i64>,
    patches: Vec<(u32, u32, String)>,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else { return Ok(None) };
    let wrong = || format!("{text:?} is no time; expected one like 2023-11-22T03:57:32.000Z");
    unix_milliseconds(&text).map(Some).ok_or_else(|| serde::de::Error::custom(wrong()))
}

impl Trace {
    /// The trace in `bytes`, gzipped or plain JSON; `path` is for errors.
    ///
    /// # Errors
    /// [`TraceError`], with the place in the file: damaged gzip, JSON that is
    /// no trace, positions beyond the text, parents that are not there, an
    /// `endContent` that the transactions do not lead to (which only replay can
    /// tell of concurrent traces).
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, TraceError> {
        let unpacked;
        let json = if bytes.starts_with(&[0x1f, 0x8b]) {
            unpacked = unpack(path, bytes)?;
            &unpacked
        } else {
            bytes
        };
        let too_large = || TraceError::TooLarge { path: path.to_owned(), limit: MAX_TRACE_BYTES };
        if json.len() as u64 > MAX_TRACE_BYTES {
            return Err(too_large());
        }
        let file: File = serde_json::from_slice(json).map_err(|error| json_error(path, &error))?;
        match file.kind {
            Kind::Sequential => sequential(path, file).map(Self::Sequential),
            Kind::Concurrent => concurrent(path, file).map(Self::Concurrent),
        }
    }
}

fn unpack(path: &str, bytes: &[u8]) -> Result<Vec<u8>, TraceError> {
    let mut unpacked = Vec::new();
    let outcome = GzDecoder::new(bytes).take(MAX_TRACE_BYTES + 1).read_to_end(&mut unpacked);
    let Err(error) = outcome else { return Ok(unpacked) };
    let what = if error.kind() == std::io::ErrorKind::UnexpectedEof {
        format!(
            "the gzip stream breaks off after {} bytes ({} unpacked); the file is truncated",
            bytes.len(),
            unpacked.len()
        )
    } else {
        format!("damaged gzip after {} unpacked bytes: {error}", unpacked.len())
    };
    Err(TraceError::Gzip { path: path.to_owned(), what })
}

fn json_error(path: &str, error: &serde_json::Error) -> TraceError {
    let (line, column) = (error.line(), error.column());
    let what = error.to_string();
    let what = what.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&what);
    let hint = match error.classify() {
        serde_json::error::Category::Data => {
            "; expected a trace: {\"endContent\": …, \"txns\": [{\"patches\": [[position, deleted, \
             inserted], …]}, …]}"
        }
        serde_json::error::Category::Eof => "; the file is truncated",
        _ => "",
    };
    let (line, column) = (line.max(1), column.max(1));
    TraceError::Json { path: path.to_owned(), line, column, what: format!("{what}{hint}") }
}

fn sequential(path: &str, file: File) -> Result<Sequential, TraceError> {
    let mut text = Text::new(&file.start_content);
    let mut transactions = Vec::with_capacity(file.txns.len());
    for (number, transaction) in file.txns.into_iter().enumerate() {
        let wrong = |what| TraceError::Transaction { path: path.to_owned(), number, what };
        if transaction.parents.is_some() {
            let what = "has `parents`, but the file lacks `\"kind\": \"concurrent\"`".to_owned();
            return Err(wrong(what));
        }
        let patches: Result<Vec<_>, _> = patches(transaction.patches)
            .enumerate()
            .map(|(place, patch)| text.patch(place, &patch))
            .collect();
        let patches = patches.map_err(wrong)?;
        transactions.push(Transaction { unix_milliseconds: transaction.time, patches });
    }
    if let Some(what) = difference(&file.end_content, &String::from(text)) {
        return Err(TraceError::End { path: path.to_owned(), what });
    }
    Ok(Sequential { start: file.start_content, end: file.end_content, transactions })
}

fn concurrent(path: &str, file: File) -> Result<Concurrent, TraceError> {
    let agents = file.num_agents.unwrap_or(u32::MAX);
    let mut astral = false;
    let mut transactions = Vec::with_capacity(file.txns.len());
    for (number, transaction) in file.txns.into_iter().enumerate() {
        let version = version(number, agents, transaction)
            .map_err(|what| TraceError::Transaction { path: path.to_owned(), number, what })?;
        astral |= version.patches.iter().any(|patch| has_astral(&patch.inserted));
        transactions.push(version);
    }
    let agents = transactions.iter().map(|version| version.agent + 1).max().unwrap_or(0);
    Ok(Concurrent { end: file.end_content, agents, transactions, astral })
}

fn version(number: usize, agents: u32, found: FileTransaction) -> Result<Version, String> {
    let parents = found.parents.ok_or("has no `parents`; expected a list of transactions")?;
    let agent = found.agent.ok_or("has no `agent`; expected a number below `numAgents`")?;
    if agent >= agents {
        return Err(format!("is by agent {agent}, but there are only {agents} (`numAgents`)"));
    }
    if parents.is_empty() != (number == 0) {
        let which = if number == 0 { "the first has parents" } else { "has no parents" };
        return Err(format!("{which}; the first transaction, and only it, has none"));
    }
    for (place, &parent) in parents.iter().enumerate() {
        if parent as usize >= number {
            return Err(format!("has the parent {parent}; expected an earlier transaction"));
        }
        if parents[..place].contains(&parent) {
            return Err(format!("has the parent {parent} twice"));
        }
    }
    Ok(Version { parents, agent, patches: patches(found.patches).collect() })
}

fn patches(found: Vec<(u32, u32, String)>) -> impl Iterator<Item = Patch> {
    let patch = |(index, deleted, inserted)| Patch { index, deleted, inserted };
    found.into_iter().map(patch)
}

//! Traces, well-formed and not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::scenario::DirectScenario;

fn parse(json: &str) -> Result<Trace, TraceError> {
    Trace::parse("t.json", json.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const SEQUENTIAL: &str = r#"{
    "startContent": "😀",
    "endContent": "a😀é!",
    "txns": [
        {"time": "2023-11-22T03:57:32.500Z", "patches": [[1, 0, "b"], [0, 0, "a"]]},
        {"patches": [[2, 1, "é"], [3, 0, "!"]]}
    ]
}"#;

#[test]
fn code_points_become_code_units() {
    let Trace::Sequential(trace) = parse(SEQUENTIAL).unwrap() else { panic!("sequential") };
    assert_eq!(trace.transactions[0].unix_milliseconds, Some(1_700_625_452_500));
    assert_eq!(trace.transactions[1].unix_milliseconds, None);
    let patches: Vec<_> = trace.transactions.iter().flat_map(|t| &t.patches).collect();
    let at = |index, deleted, inserted: &str| Patch { index, deleted, inserted: inserted.into() };
    assert_eq!(patches, [&at(2, 0, "b"), &at(0, 0, "a"), &at(3, 1, "é"), &at(4, 0, "!")]);
}

#[test]
fn gzip_is_unpacked() {
    let packed = Trace::parse("t.json.gz", &gzip(SEQUENTIAL.as_bytes()));
    assert_eq!(packed, parse(SEQUENTIAL));
}

fn sequential(txns: &str) -> String {
    format!("{{\"endContent\": \"ab\",\n \"txns\": [{txns}]}}")
}

fn concurrent(txns: &str) -> String {
    format!(
        "{{\"kind\": \"concurrent\", \"endContent\": \"\", \"numAgents\": 2,\n \"txns\": [{txns}]}}"
    )
}

#[test]
fn errors_say_where_and_what() {
    let first = r#"{"parents": [], "agent": 0, "patches": []}"#;
    let with = |second: &str| concurrent(&format!("{first}, {second}"));
    let broken = [
        String::new(),
        "[]".to_owned(),
        "{\"txns\": [}".to_owned(),
        "{\"endContent\": \"\"}".to_owned(),
        SEQUENTIAL[..150].to_owned(),
        r#"{"kind": "branching", "endContent": "", "txns": []}"#.to_owned(),
        sequential(r#"{"patches": [[0, 0, "a"]]}, {"patches": [[0, -1, "a"]]}"#),
        sequential(r#"{"patches": [[0, 0]]}"#),
        sequential(r#"{"patches": [[0, 0, "a", "2023-11-22T03:57:32Z"]]}"#),
        sequential(r#"{"patches": [[0, 0, 5]]}"#),
        sequential(r#"{"patches": [[4294967296, 0, "a"]]}"#),
        sequential(r#"{"time": "noon", "patches": []}"#),
        sequential(r#"{"patches": [[0, 0, "abc"]]}, {"patches": [[1, 0, "d"], [3, 2, ""]]}"#),
        sequential(r#"{"patches": [[1, 0, "a"]]}"#),
        sequential(r#"{"patches": [[0, 0, "aXb"]]}"#),
        sequential(r#"{"parents": [], "patches": []}"#),
        with(r#"{"agent": 0, "patches": []}"#),
        with(r#"{"parents": [0], "patches": []}"#),
        with(r#"{"parents": [0], "agent": 2, "patches": []}"#),
        with(r#"{"parents": [], "agent": 1, "patches": []}"#),
        with(r#"{"parents": [1], "agent": 1, "patches": []}"#),
        with(r#"{"parents": [0, 7], "agent": 1, "patches": []}"#),
        with(r#"{"parents": [0, 0], "agent": 1, "patches": []}"#),
        concurrent(r#"{"parents": [0], "agent": 0, "patches": []}"#),
    ];
    let messages = broken.map(|json| parse(&json).expect_err(&json).to_string());
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn damaged_packing_is_an_error() {
    let long = sequential(&r#"{"patches": [[0, 0, "a"], [0, 1, ""]]}, "#.repeat(500));
    let mut packed = gzip(long.as_bytes());
    let truncated = Trace::parse("t.gz", &packed[..packed.len() / 2]).unwrap_err();
    // How long the packed form is depends on the compressor.
    let said = truncated.to_string().replace(|c: char| c.is_ascii_digit(), "0");
    let said = said.replace("0000", "N").replace("000", "N");
    insta::assert_snapshot!(said);
    assert!(Trace::parse("t.gz", &packed[..5]).is_err());
    let middle = packed.len() / 2;
    packed[middle..middle + 8].fill(0xff);
    assert!(matches!(Trace::parse("t.gz", &packed), Err(TraceError::Gzip { .. })));
}

#[test]
fn a_trace_writes_what_it_says() {
    for seed in 0..5 {
        let Trace::Sequential(trace) = Trace::synthetic(seed, 3_000) else { panic!("sequential") };
        assert_eq!(trace.transactions.len(), 3_000);
        let mut text = Text::new(&trace.start);
        for patch in trace.transactions.iter().flat_map(|t| &t.patches) {
            text.patch(0, patch).unwrap();
        }
        assert_eq!(difference(&trace.end, &String::from(text)), None);
        let deletions = trace.transactions.iter().filter(|t| t.patches[0].deleted > 0).count();
        assert!((700..1_200).contains(&deletions), "{deletions} of 3000");
        let times: Vec<_> = trace.transactions.iter().map(|t| t.unix_milliseconds).collect();
        assert!(times.is_sorted());
    }
    assert_eq!(Trace::synthetic(1, 100), Trace::synthetic(1, 100));
    assert_ne!(Trace::synthetic(1, 100), Trace::synthetic(2, 100));
}

#[test]
fn scenarios_name_their_traces() {
    let direct = |benchmark| {
        let json = serde_json::json!({
            "allocation_milliblocks": 1, "allocated_byte_milliblocks": 1,
            "block_picoseconds": 1, "wasm_percent": 1,
        });
        let scenario = Scenario::Direct(DirectScenario {
            name: "x".to_owned(),
            question: String::new(),
            benchmark,
            operations: 1,
            cpu_model: serde_json::from_value(json).unwrap(),
        });
        Traces::named_in(&scenario).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(direct(Benchmark::B4 { trace: "p.gz".to_owned() }), ["p.gz"]);
    assert_eq!(direct(Benchmark::Trace { file: Some("c".to_owned()) }), ["c"]);
    assert!(direct(Benchmark::Trace { file: None }).is_empty());
    assert!(direct(Benchmark::B1_1).is_empty());
}

proptest! {
    /// Any damage is an error or another valid trace, never a panic.
    #[test]
    fn no_bytes_are_too_bad(
        which in 0_usize..3,
        place: prop::sample::Index,
        byte: u8,
        cut: prop::sample::Index,
    ) {
        let mut bytes = match which {
            0 => SEQUENTIAL.as_bytes().to_vec(),
            1 => gzip(SEQUENTIAL.as_bytes()),
            _ => concurrent(r#"{"parents": [], "agent": 0, "patches": [[0, 0, "a"]]}"#).into_bytes(),
        };
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = Trace::parse("t", &bytes);
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(Trace::parse("t", &bytes).is_err());
    }
}

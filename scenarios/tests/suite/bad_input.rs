//! Every message here should help somebody who has never seen the code.

use deadzone_scenarios::{find, parse};

use super::{DIRECT, HUNT, WORLD};

/// What is said of `file` with `from` replaced by `to`.
fn said_of(file: &str, from: &str, to: &str) -> String {
    assert_eq!(file.matches(from).count(), 1, "{from:?} should stand in the example once");
    let broken = file.replace(from, to);
    let error = parse(&broken, "x.toml").err().unwrap_or_else(|| panic!("{to:?} was accepted"));
    let shown = if to.is_empty() { format!("(without {from})") } else { to.to_owned() };
    format!("{}\n    {error}\n", shown.trim().replace('\n', " ⏎ "))
}

fn check(file: &str, breaks: &[(&str, &str)]) -> String {
    assert!(parse(file, "x.toml").is_ok(), "{:?}", parse(file, "x.toml"));
    breaks.iter().map(|(from, to)| said_of(file, from, to)).collect()
}

#[test]
fn whole_files() {
    let said: String = [
        "",
        "hello",
        "schema = ",
        "schema = 1\nname = \"x",
        "schema = 1\nschema = 1",
        "schema = 1\n[[fleet]\n",
        "name = 'µ' = 3",
        "\u{0}",
        "schema = [1, 2",
        "direct = 3",
        "[direct]",
        "# nothing but a comment\n",
        "schema = 1\r\nname = \"x\"\r\nquestion = 3\r\n",
        "a.b.c = 1\na.b = 2\n",
        "schema = 99999999999999999999",
    ]
    .into_iter()
    .map(|text| {
        let error = parse(text, "x.toml").expect_err(text);
        format!("{text:?}\n    {error}\n")
    })
    .collect();
    insta::assert_snapshot!(said);
}

#[test]
fn the_head() {
    let said = check(
        WORLD,
        &[
            ("schema = 1", "schema = 2"),
            ("schema = 1", "schema = \"1\""),
            ("schema = 1\n", ""),
            ("name = \"example\"", "name = \"../../etc/passwd\""),
            ("name = \"example\"", "name = \"\""),
            ("name = \"example\"\n", ""),
            ("question = \"What is wrong here?\"", "question = \" \""),
            ("question = \"What is wrong here?\"", "question = \"a\\nb\""),
            ("duration = \"30min\"", "duration = \"0s\""),
            ("duration = \"30min\"", "duration = \"366d\""),
            ("duration = \"30min\"", "duration = \"-3h\""),
            ("duration = \"30min\"", "duration = 30"),
            ("duration = \"30min\"", "duration = 30.5"),
            ("duration = \"30min\"", "duration = \"30 minutes\""),
            ("duration = \"30min\"", "duration = [\"30min\"]"),
            ("duration = \"30min\"", "duration = { min = 30 }"),
            ("duration = \"30min\"", "duration = 12:00:00"),
            ("duration = \"30min\"", "durration = \"30min\""),
            ("duration = \"30min\"\n", ""),
            ("settle = \"5min\"", "settle = \"2y\""),
            ("settle = \"5min\"", "seed = 1"),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn documents() {
    let said = check(
        WORLD,
        &[
            ("notes = \"text\"", "notes = \"txt\""),
            ("notes = \"text\"", "notes = 3"),
            ("notes = \"text\"\n", ""),
            ("done = \"map\"\n", ""),
            ("notes = \"text\"", "\"my notes\" = \"text\""),
            ("nesting = 2", "nesting = 65"),
            ("nesting = 2", "nesting = -1"),
            ("nesting = 2", "nesting = \"2\""),
            ("nesting = 2", "rooms = 0"),
            ("nesting = 2", "rooms = 13"),
            ("nesting = 2", "rooms = -1"),
            ("nesting = 2", "rooms = 2.5"),
            ("nesting = 2", "rooms = \"text\""),
            ("nesting = 2", "rooms = 2\nrooms = 3"),
            (
                "nesting = 2\n\n[[fleet]]",
                "rooms = 3\n\n[[fleet]]\ngroup = \"one\"\ndevice = \"laptop-top\"\nlink = \"wifi\"\n\
                 workload = { kind = \"trace\" }\n\n[[fleet]]",
            ),
            ("[document]\nnotes = \"text\"\ndone = \"map\"\nnesting = 2\n", ""),
            ("[document]\nnotes = \"text\"\ndone = \"map\"\nnesting = 2\n", "[document]\n"),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn fleets() {
    let said = check(
        WORLD,
        &[
            ("count = 10", "count = 0"),
            ("count = 10", "count = -1"),
            ("count = 10", "count = 1000001"),
            ("count = 10", "count = 4294967296"),
            ("count = 10", "count = \"10\""),
            ("count = 10", "count = 2.5"),
            ("group = \"desk\"", "group = \"commuters\""),
            ("group = \"desk\"", "group = \"relay\""),
            ("group = \"desk\"", "group = \"edits\""),
            ("group = \"desk\"", "group = \"7\""),
            ("group = \"desk\"", "group = \"a/b\""),
            ("group = \"desk\"\n", ""),
            ("device = \"laptop-top\"", "device = \"laptop-tpo\""),
            ("device = \"laptop-top\"", "device = \"toaster\""),
            ("device = \"laptop-top\"", "device = 3"),
            ("device = \"laptop-top\"\n", ""),
            ("device = \"laptop-top\"", "devise = \"laptop-top\""),
            ("link = \"wifi\"\n", ""),
            ("link = \"wifi\"", "link = \"wfii\""),
            ("link = \"wifi\"", "link = \"lte\""),
            ("link = \"wifi\"", "link = []"),
            ("link = \"wifi\"", "link = [\"wifi\", \"wifi\"]"),
            ("link = \"wifi\"", "link = [\"wifi\", 3]"),
            ("link = \"wifi\"", "link = { name = \"wifi\" }"),
            ("outages = \"subway-tunnels\"", "outages = \"subway-tunel\""),
            ("quota = \"20ms/100ms\"", "quota = \"20ms\""),
            ("quota = \"20ms/100ms\"", "quota = \"200ms/100ms\""),
            ("quota = \"20ms/100ms\"", "quota = \"0ms/100ms\""),
            ("quota = \"20ms/100ms\"", "quota = 0.2"),
            ("quota = \"20ms/100ms\"", "quota = \"20us/100us\""),
            ("quota = \"20ms/100ms\"", "quota = \"1h/2h\""),
            ("runtime = \"wasm\"", "runtime = \"javascript\""),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn workloads() {
    let said = check(
        WORLD,
        &[
            ("kind = \"typing\"", "kind = \"typping\""),
            ("kind = \"typing\", ", ""),
            ("kind = \"typing\"", "kind = \"idle\""),
            ("kind = \"typing\"", "kind = \"board\""),
            ("kind = \"typing\"", "kind = 3"),
            ("{ kind = \"typing\", rate = \"36wpm\"", "{ kind = \"todo\", every = \"1s\""),
            ("rate = \"36wpm\"", "rate = \"0wpm\""),
            ("rate = \"36wpm\"", "rate = 36"),
            ("rate = \"36wpm\"", "rate = \"36cps\""),
            ("rate = \"36wpm\"", "rate = \"99999wpm\""),
            ("rate = \"36wpm\"", "speed = \"36wpm\""),
            ("session = \"72s\", ", ""),
            ("session = \"72s\"", "session = \"0s\""),
            ("session = \"72s\"", "deletions = \"120%\""),
            ("session = \"72s\"", "limit = 10"),
            ("every = \"5s\"", "every = \"0s\""),
            ("every = \"5s\"", "file = \"trace.json.gz\""),
            ("between = [\"1min\", \"20min\"]", "between = [\"20min\", \"1min\"]"),
            ("between = [\"1min\", \"20min\"]", "between = [\"1min\", \"31min\"]"),
            ("between = [\"1min\", \"20min\"]", "between = [\"1min\"]"),
            ("between = [\"1min\", \"20min\"]", "between = \"1min\""),
            ("{ kind = \"form\", every = \"5s\", between", "{ kind = \"trace\", between"),
            ("{ kind = \"form\", every = \"5s\", between = [\"1min\", \"20min\"] }", "\"form\""),
            ("{ kind = \"form\", every = \"5s\", between = [\"1min\", \"20min\"] }", "[\"form\"]"),
            (
                "{ kind = \"form\", every = \"5s\", between = [\"1min\", \"20min\"] }",
                "{ kind = \"trace\", file = \"\" }",
            ),
            (
                "{ kind = \"form\", every = \"5s\", between = [\"1min\", \"20min\"] }",
                "{ kind = \"trace\", limit = 0 }",
            ),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn relays_and_sync() {
    let said = check(
        WORLD,
        &[
            ("kind = \"replica\"", "kind = \"blind\""),
            ("kind = \"replica\"", "kind = \"none\""),
            ("kind = \"replica\"", "kind = \"none\"\n[mesh]\nneighbours = 12"),
            ("kind = \"replica\"", "kind = \"none\"\n[mesh]\nneighbors = 3"),
            ("[relay]", "[mesh]\n[relay]"),
            ("region_rtt = \"40ms\"", "region_rtt = \"2h\""),
            ("region_rtt = \"40ms\"", "rtt = \"40ms\""),
            ("region_rtt = \"40ms\"", "device = \"sever\""),
            ("debounce = \"300ms\"", "debounc = \"300ms\""),
            ("debounce = \"300ms\"", "debounce = 300"),
            ("debounce = \"300ms\"", "retry_min = \"1min\""),
            ("debounce = \"300ms\"", "save_interval = \"0s\""),
            ("debounce = \"300ms\"", "offline = \"queue\""),
            ("delivery = \"protocol\"", "delivery = \"snapshot\""),
            ("durability = \"relaxed\"", "durability = \"lax\""),
            ("[sync]", "[[sync]]"),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn faults() {
    let said = check(
        WORLD,
        &[
            ("at = \"10min\"", "at = \"30min\""),
            ("at = \"10min\"", "at = \"26min\""),
            ("at = \"10min\"\n", ""),
            ("for = \"5min\"", "for = \"25min\""),
            ("for = \"5min\"", "for = \"0s\""),
            ("for = \"5min\"\n", ""),
            ("for = \"5min\"", "for = \"5min\"\nfactor = 3"),
            ("kind = \"partition\"", "kind = \"partion\""),
            ("kind = \"partition\"", "kind = \"slow\""),
            ("kind = \"partition\"", "kind = \"slow\"\nfactor = 1"),
            ("kind = \"partition\"", "kind = \"crash\""),
            ("kind = \"partition\"", "kind = \"one_way\""),
            ("between = [[\"commuters\"], [\"desk\", \"relay\"]]\n", ""),
            ("between = [[\"commuters\"], [\"desk\", \"relay\"]]", "between = [[\"commuters\"]]"),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"commuters\"], []]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"commuter\"], [\"desk\"]]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"desk\"], [\"desk\"]]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"commuters/3\"], [\"desk\", \"commuters\"]]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"commuters/10\"], [\"desk\"]]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [[\"relay/1\"], [\"desk\"]]",
            ),
            (
                "between = [[\"commuters\"], [\"desk\", \"relay\"]]",
                "between = [\"commuters\", \"desk\"]",
            ),
            ("who = [\"desk/1\"]", "who = [\"desk/01\"]"),
            ("who = [\"desk/1\"]", "who = []"),
            ("who = [\"desk/1\"]", "who = \"desk\""),
            ("who = [\"desk/1\"]\n", ""),
            ("by = \"-1h\"", "by = \"0s\""),
            ("by = \"-1h\"", "by = \"10us\""),
            ("by = \"-1h\"", "by = \"--1h\""),
            ("by = \"-1h\"", ""),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn expectations() {
    let said = check(
        WORLD,
        &[
            ("edits_rejected = 0", "edits_rejectd = 0"),
            ("edits_rejected = 0", "edits_rejected = -1"),
            ("edits_rejected = 0", "edits_rejected = \"none\""),
            ("edits_rejected = 0", "edits_rejected = true"),
            ("edits_rejected = 0", "edits_rejected = [0]"),
            ("edits_rejected = 0", "of_baselines = 1"),
            ("edits_rejected = 0", "happiness = 10"),
            ("edits_rejected = 0", "wire_bytes_sent = \"1.5 megs\""),
            ("local_edit_latency_p99 = \"100ms\"", "local_edit_latency = \"100ms\""),
            ("local_edit_latency_p99 = \"100ms\"", "local_edit_latency_p95 = \"100ms\""),
            ("local_edit_latency_p99 = \"100ms\"", "local_edit_latency_p99 = 100"),
            ("local_edit_latency_p99 = \"100ms\"", "local_edit_latency_p99 = \"fast\""),
            ("converged_within = \"30s\"", "converged_within = 30"),
            ("converged_within = \"30s\"", "converged = true"),
            ("[expect.commuters]", "[expect.comuters]"),
            ("battery_ppm_per_hour = 20000", "battery_ppm_per_hour = \"200%\""),
            ("battery_ppm_per_hour = 20000", "battery = \"2%\""),
            ("battery_ppm_per_hour = 20000", "converged_within = \"1s\""),
            ("battery_ppm_per_hour = 20000", "energy_uj = \"5 Joule\""),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn profiles_of_its_own() {
    let said = check(
        WORLD,
        &[
            ("slowdown = \"10x\"", "slowdown = \"0x\""),
            ("slowdown = \"10x\"", "slowdown = \"-1x\""),
            ("slowdown = \"10x\"", "slowdown = \"1001x\""),
            ("slowdown = \"10x\"", "slowdown = 10"),
            ("slowdown = \"10x\"", "slowdown = \"30x\""),
            ("slowdown_range = [\"5x\", \"20x\"]", "slowdown_range = [\"20x\", \"5x\"]"),
            ("slowdown_range = [\"5x\", \"20x\"]", "slowdown_range = [\"5x\"]"),
            ("busy_power = \"284mW\"", "busy_power = \"-284mW\""),
            ("busy_power = \"284mW\"", "busy_power = \"284MW\""),
            ("busy_power = \"284mW\"", "busy_power = \"284.5mW\""),
            ("flush_latency = \"25ms\"", "flush_latency = \"1h\""),
            ("battery = \"55kJ\"", "battery = \"0J\""),
            ("battery = \"55kJ\"", "battery = \"4000mAh\""),
            ("memory = \"256MB\"", "memory = \"0B\""),
            ("read_rate = \"70MB/s\"", "read_rate = \"0B/s\""),
            ("model = \"mine\"", "model = \"lte-2022\""),
            (
                "radios = { lte = { model = \"mine\", low = \"lte-2021\", high = \"lte-2012\" } }",
                "radios = { lte = \"5g-2020\" }",
            ),
            (
                "radios = { lte = { model = \"mine\", low = \"lte-2021\", high = \"lte-2012\" } }",
                "radios = { lte = { model = \"mine\" } }",
            ),
            (
                "radios = { lte = { model = \"mine\", low = \"lte-2021\", high = \"lte-2012\" } }",
                "radios = { lora = \"mine\" }",
            ),
            ("promotion_power = \"1210mW\"", "promotion_power = \"1kW\""),
            ("promotion_power = \"1210mW\"", "promotion_power = \"60W\""),
            ("promotion = \"260ms\"", "promotion = \"2d\""),
            ("length = \"10s\", ", ""),
            ("technology = \"lte\"", "technology = \"LTE\""),
            ("one_way_delay = \"1ms\"", "latency = \"1ms\""),
            ("one_way_delay = \"1ms\"\n", ""),
            ("one_way_delay = \"1ms\"", "one_way_delay = \"2h\""),
            ("rate = \"1kbit/s\"\n", ""),
            ("rate = \"1kbit/s\"", "rate = \"0bit/s\""),
            ("rate = \"1kbit/s\"", "rate = \"1kbps\""),
            ("rate = \"1kbit/s\"", "rate = \"1kbit/s\"\nqueue = \"1kB\""),
            ("loss = { p = \"1%\", r = \"50%\" }", "loss = \"100%\""),
            ("loss = { p = \"1%\", r = \"50%\" }", "loss = 0.01"),
            ("loss = { p = \"1%\", r = \"50%\" }", "loss = { p = \"1%\" }"),
            ("loss = { p = \"1%\", r = \"50%\" }", "loss = { p = \"1%\", r = \"0%\" }"),
            ("loss = { p = \"1%\", r = \"50%\" }", "loss = { p = \"1%\", q = \"50%\" }"),
            ("up = { rate = \"2kbit/s\" }", "up = { rat = \"2kbit/s\" }"),
            ("up = { rate = \"2kbit/s\" }", "up = \"2kbit/s\""),
            ("up = { exponential = \"1h\", at_most = \"3h\" }", "up = { exponential = \"1h\" }"),
            (
                "up = { exponential = \"1h\", at_most = \"3h\" }",
                "up = { exponential = \"3h\", at_most = \"1h\" }",
            ),
            (
                "up = { exponential = \"1h\", at_most = \"3h\" }",
                "up = { uniform = [\"3h\", \"1h\"] }",
            ),
            ("up = { exponential = \"1h\", at_most = \"3h\" }", "up = { normal = \"1h\" }"),
            ("up = { exponential = \"1h\", at_most = \"3h\" }", "up = \"0s\""),
            ("up = { exponential = \"1h\", at_most = \"3h\" }", "up = 3"),
            ("p50 = \"10min\"", "p50 = \"10s\""),
            ("p50 = \"10min\"", "p101 = \"10min\""),
            ("p50 = \"10min\"", "median = \"10min\""),
            ("p0 = \"1min\", ", ""),
            ("[outage.rain]", "[outage.rain]\ntechnologies = [\"wi-fi\"]"),
            ("[outage.rain]", "[outage.\"r a i n\"]"),
            ("[outage.rain]", "[cpu]\nwasm_percent = 50\n[outage.rain]"),
            ("[outage.rain]", "[cpu]\nwasm = 50\n[outage.rain]"),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn micro_workloads() {
    let said = check(
        DIRECT,
        &[
            ("benchmark = \"B1.1\"", "benchmark = \"B1.12\""),
            ("benchmark = \"B1.1\"", "benchmark = \"typing\""),
            ("benchmark = \"B1.1\"", "benchmark = \"B4\""),
            ("benchmark = \"B1.1\"", "benchmark = \"B1.1\"\ntrace = \"x.json.gz\""),
            ("benchmark = \"B1.1\"", "trace = \"\""),
            ("benchmark = \"B1.1\"\n", ""),
            ("benchmark = \"B1.1\"", "benchmark = \"trace\"\ntrace = \"x.json.gz\""),
            ("operations = 6000", "operations = 0"),
            ("operations = 6000", "operations = 10000001"),
            ("operations = 6000", "operatons = 6000"),
            ("[direct]", "duration = \"5min\"\n[direct]"),
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn a_plan_that_would_not_fit_into_memory() {
    let said = check(
        WORLD,
        &[("count = 10", "count = 100000"), ("duration = \"30min\"", "duration = \"365d\"")],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn unknown_scenarios() {
    let said: Vec<String> = ["no-spiner", "b1.12", "subway", "", "frobnicate", "a\nb"]
        .into_iter()
        .map(|name| find(name).expect_err(name).to_string())
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn hunts() {
    let said = check(
        HUNT,
        &[
            ("replicas = [2, 6]", "replicas = [6, 2]"),
            ("replicas = [2, 6]", "replicas = [2, 60]"),
            ("replicas = [2, 6]", "replicas = 0"),
            ("replicas = [2, 6]", "replicas = -1"),
            ("replicas = [2, 6]", "replicas = [2]"),
            ("replicas = [2, 6]", "replicas = [2, 3, 4]"),
            ("replicas = [2, 6]", "replicas = \"2..6\""),
            ("replicas = [2, 6]", "replicas = [2, \"6\"]"),
            ("replicas = [2, 6]", "replica = [2, 6]"),
            ("edits = [5, 40]", "edits = [5, 4000000]"),
            ("deliveries = [\"protocol\", \"broadcast\"]", "deliveries = []"),
            ("deliveries = [\"protocol\", \"broadcast\"]", "deliveries = [\"pigeon\"]"),
            ("deliveries = [\"protocol\", \"broadcast\"]", "deliveries = [\"brodcast\"]"),
            (
                "deliveries = [\"protocol\", \"broadcast\"]",
                "deliveries = [\"protocol\", \"protocol\"]",
            ),
            ("features = [\"insert-text\", \"put\"]", "features = \"most\""),
            ("features = [\"insert-text\", \"put\"]", "features = []"),
            ("features = [\"insert-text\", \"put\"]", "features = [\"insert-txt\"]"),
            ("features = [\"insert-text\", \"put\"]", "features = [\"put\", \"put\"]"),
            ("features = [\"insert-text\", \"put\"]", "features = [\"increment\"]"),
            ("features = [\"insert-text\", \"put\"]", "features = 3"),
            ("nesting = 2", "nesting = 1000"),
            ("nesting = 2", "rooms = 3"),
            ("notes = \"text\"", "notes = \"txt\""),
            ("[hunt]", "duration = \"3s\"\n[hunt]"),
            ("[document]", "[[document]]"),
        ],
    );
    insta::assert_snapshot!(said);
}

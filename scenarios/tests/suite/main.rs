//! The scenario format from outside: what is embedded, what is refused and in
//! which words, what `--set` does, and what the schema accepts.

mod bad_input;
mod embedded;
mod mutations;
mod overrides;
mod profiles;
mod schema;
mod values;

/// A scenario that uses most of the format, for tests to break.
const WORLD: &str = r#"schema = 1
name = "example"
question = "What is wrong here?"
duration = "30min"
settle = "5min"

[document]
notes = "text"
done = "map"
nesting = 2

[[fleet]]
group = "commuters"
count = 10
device = "phone-budget-2020"
link = ["lte", "wifi"]
outages = "subway-tunnels"
quota = "20ms/100ms"
runtime = "wasm"
workload = { kind = "typing", rate = "36wpm", session = "72s", pause = "4min" }

[[fleet]]
group = "desk"
count = 2
device = "laptop-top"
link = "wifi"
workload = { kind = "form", every = "5s", between = ["1min", "20min"] }

[relay]
kind = "replica"
region_rtt = "40ms"

[sync]
debounce = "300ms"
delivery = "protocol"
durability = "relaxed"

[[fault]]
at = "10min"
kind = "partition"
between = [["commuters"], ["desk", "relay"]]
for = "5min"

[[fault]]
at = "20min"
kind = "clock_jump"
who = ["desk/1"]
by = "-1h"

[expect]
converged_within = "30s"
local_edit_latency_p99 = "100ms"
edits_rejected = 0

[expect.commuters]
battery_ppm_per_hour = 20000

[radio.mine]
promotion = "260ms"
promotion_power = "1210mW"
transfer_power = "1200mW"
tail = [{ length = "10s", power = "1060mW" }]
idle_power = "20mW"

[device.toy]
summary = "a toy"
slowdown = "10x"
slowdown_range = ["5x", "20x"]
busy_power = "284mW"
flush_latency = "25ms"
write_latency = "1ms"
read_rate = "70MB/s"
flush_energy = "125uJ"
byte_energy = "6nJ"
battery = "55kJ"
base_power = "19mW"
memory = "256MB"
radios = { lte = { model = "mine", low = "lte-2021", high = "lte-2012" } }

[link.string]
summary = "two tins and a string"
technology = "lte"
one_way_delay = "1ms"
loss = { p = "1%", r = "50%" }
rate = "1kbit/s"
up = { rate = "2kbit/s" }

[outage.rain]
summary = "rain"
up = { exponential = "1h", at_most = "3h" }
down = { quantiles = { p0 = "1min", p50 = "10min", p100 = "1h" } }
"#;

/// A micro workload.
const DIRECT: &str = r#"schema = 1
name = "b1.1"
question = "What does typing cost?"

[direct]
benchmark = "B1.1"
operations = 6000
"#;

/// A hunt.
const HUNT: &str = r#"schema = 1
name = "everything"
question = "Does anything break?"

[document]
notes = "text"
fields = "map"
nesting = 2

[hunt]
replicas = [2, 6]
edits = [5, 40]
deliveries = ["protocol", "broadcast"]
features = ["insert-text", "put"]
"#;

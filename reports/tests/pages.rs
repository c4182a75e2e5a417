//! Pages about a made-up campaign, as they are, and what must hold for each.

mod fixture;

use std::collections::BTreeMap;

use deadzone_core::record::{Outcome, Results};
use deadzone_reports::table::{self, Style};
use deadzone_reports::{Context, bmf, csv, gha, html, junit, markdown, png, svg};
use fixture::{context, results};
use resvg::tiny_skia::Pixmap;

#[test]
fn the_terminal_table() {
    let style = Style { color: false, width: 120 };
    insta::assert_snapshot!(table::render(&results(), &context(), style));
}

#[test]
fn the_terminal_table_in_colour() {
    let style = Style { color: true, width: 80 };
    insta::assert_snapshot!(table::render(&fixture::small(), &context(), style));
}

#[test]
fn a_narrow_terminal_gets_several_tables() {
    for width in [40, 60, 80, 100, 120, 200] {
        let text = table::render(&results(), &context(), Style { color: false, width });
        for engine in ["alder", "birch", "cedar", "oracle", "server"] {
            assert!(text.contains(engine), "{engine} is gone at {width}");
        }
        // One engine beside the labels takes up to 56; commands are not broken.
        let lines = text.lines().filter(|line| !line.starts_with("  $"));
        let widest = lines.map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= width.max(56), "{widest} columns on a terminal of {width}");
    }
}

#[test]
fn the_summary() {
    insta::assert_snapshot!(markdown::render(&results(), &context()));
}

#[test]
fn what_a_simulator_does_not_do_stands_beside_the_figures() {
    let mut results = fixture::small();
    let said = ["jitter of lte: delays do not vary", "loss of <wifi>: no packet is lost"];
    for run in &mut results.runs {
        run.simulator = "turmoil".to_owned();
        run.not_honoured = said.map(str::to_owned).to_vec();
    }
    let heading = "Not as the scenario says on turmoil:";
    let table = table::render(&results, &context(), Style { color: false, width: 80 });
    assert!(table.contains(&format!("{heading}\n  {}\n  {}\n", said[0], said[1])), "{table}");
    let summary = markdown::render(&results, &context());
    assert!(summary.contains(heading) && summary.contains("\n- jitter of lte: delays"));
    let page = html::render(&results, &context());
    assert!(page.contains(heading) && page.contains("<li>jitter of lte: delays do not vary</li>"));
    assert!(!page.contains("<wifi>"), "it is no tag");
}

#[test]
fn a_summary_never_outgrows_its_place() {
    let mut many = results();
    let failing = many.runs.iter().find(|run| run.verdict.outcome == Outcome::Panicked).cloned();
    let failing = failing.expect("the fixture has a panic");
    for seed in 10..600 {
        let mut run = failing.clone();
        run.seed = seed;
        run.verdict.violations = vec!["x|`<b>".repeat(400)];
        many.runs.push(run);
    }
    let text = markdown::render(&many, &context());
    assert!(text.len() <= markdown::LIMIT, "{} bytes", text.len());
    assert!(text.starts_with("**❌"));
    assert!(text.contains("more parts did not fit"));
}

#[test]
fn junit_xml() {
    insta::assert_snapshot!(junit::render(&results(), &context()));
}

#[test]
fn the_csv() {
    insta::assert_snapshot!(csv::render(&fixture::small()));
}

#[test]
fn every_csv_line_has_every_field_and_every_run_has_a_line() {
    let results = results();
    let text = csv::render(&results);
    for line in text.lines() {
        // Commas in quotes do not divide; the fixture has quotes in pairs.
        let divided: usize = line.split('"').step_by(2).map(|part| part.matches(',').count()).sum();
        assert_eq!(divided, 13, "{line}");
    }
    for run in &results.runs {
        let begin = format!("{},{},{},{},", run.scenario, run.engine, run.engine_version, run.seed);
        assert!(text.lines().any(|line| line.starts_with(&begin)), "{begin}");
    }
}

#[test]
fn bencher_metric_format() {
    insta::assert_snapshot!(bmf::render(&fixture::small()));
    let all: BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>> =
        serde_json::from_str(&bmf::render(&results())).expect("BMF is JSON");
    let commuters = &all["subway-commute/birch/commuters"];
    assert!(commuters["local_edit_latency_p99"]["lower_value"] > 0);
    assert!(all.keys().any(|name| name.ends_with("_bencher_ignore")), "wall-clock runs");
    assert_eq!(all["two-offline-writers/birch"]["failed_runs"]["value"], 1);
    assert_eq!(all["subway-commute/birch"]["failed_runs"]["value"], 0);
}

#[test]
fn github_action_benchmark_gets_a_file_for_each_direction() {
    let gha = gha::render(&fixture::small(), &context());
    insta::assert_snapshot!(gha.smaller);
    assert_eq!(gha.bigger, "[]\n");
    let mut upwards = fixture::small();
    for metric in upwards.runs.iter_mut().flat_map(|run| run.metrics.values_mut()) {
        metric.better = deadzone_core::record::Better::More;
    }
    let gha = gha::render(&upwards, &context());
    assert!(gha.bigger.contains("b1.1/alder cpu_work"));
    assert!(!gha.smaller.contains("cpu_work"));
}

#[test]
fn the_page_stands_by_itself() {
    let page = html::render(&results(), &context());
    let foreign = ["<script", "src=", "@import", "url(", "http:", "https:", "<link", "<img"];
    for reference in foreign {
        let others = page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "");
        assert!(!others.contains(reference), "the page has {reference}");
    }
    for (open, close) in [("<table", "</table>"), ("<details", "</details>"), ("<svg", "</svg>")] {
        assert_eq!(page.matches(open).count(), page.matches(close).count(), "{open}");
    }
}

#[test]
fn every_run_is_on_the_page_with_its_command() {
    let results = results();
    let page = html::render(&results, &context());
    for run in &results.runs {
        let command = deadzone_reports::command::reproduce(run, &results, &context());
        assert!(page.contains(&command), "{command}");
    }
    for words in
        ["Does a note taken in a tunnel", "panicked 1 of 2", "unsupported", "[0.78–2.60 %]"]
    {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn foreign_text_is_never_markup() {
    let mut hostile = results();
    let evil = "<script>alert(1)</script> | `x` \u{1b}[31m\n\"'&";
    for run in &mut hostile.runs {
        run.verdict.violations = vec![evil.to_owned()];
        run.engine = format!("{}{evil}", run.engine);
        run.parameters.insert(evil.to_owned(), evil.to_owned());
    }
    let context = Context::default();
    let page = html::render(&hostile, &context);
    assert!(!page.contains("<script"));
    let table = table::render(&hostile, &context, Style::default());
    assert!(!table.contains('\u{1b}'));
    let summary = markdown::render(&hostile, &context);
    let outside_of_code = summary.split("```").step_by(2).collect::<String>();
    assert!(!outside_of_code.contains("<script"));
    for (name, drawing) in svg::files(&hostile, &context) {
        assert!(!drawing.contains("<script"), "{name}");
        assert!(!name.contains(['/', '<', ' ', '\n']), "{name}");
    }
    assert!(!junit::render(&hostile, &context).contains("<script"));
}

#[test]
fn charts_are_well_formed_and_named_once() {
    let files = svg::files(&results(), &context());
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_debug_snapshot!(names);
    for (name, drawing) in &files {
        for element in drawing.split('<').filter(|element| !element.starts_with("style")) {
            let head = element.split('>').next().unwrap_or_default();
            assert!(head.matches(" class=").count() <= 1, "{name}: {head}");
            assert!(!head.contains("NaN") && !head.contains("inf"), "{name}: {head}");
        }
        assert!(drawing.starts_with("<svg ") && drawing.trim_end().ends_with("</svg>"), "{name}");
    }
}

#[test]
fn pictures_are_those_of_the_drawings_and_the_same_each_time() {
    let pictures = png::files(&results(), &context()).expect("good drawings");
    assert_eq!(pictures, png::files(&results(), &context()).expect("good drawings"));
    let drawings = svg::files(&results(), &context());
    let stems = |name: &str| name.rsplit_once('.').map(|(stem, _)| stem.to_owned());
    let of_drawings: Vec<_> = drawings.iter().map(|(name, _)| stems(name)).collect();
    let of_pictures: Vec<_> = pictures.iter().map(|(name, _)| stems(name)).collect();
    assert_eq!(of_pictures, of_drawings);
    for ((name, picture), (_, drawing)) in pictures.iter().zip(&drawings) {
        let pixels = Pixmap::decode_png(picture).expect("a picture");
        assert!(drawing.contains("width=\"640\""), "{name}");
        assert_eq!(pixels.width(), 2 * 640, "{name}");
        // Titles stand on top at the left: text in one ink on one paper.
        let title = (0..56).flat_map(|y| (0..640).map(move |x| (x, y)));
        let dark = title
            .filter_map(|(x, y)| pixels.pixel(x, y))
            .filter(|pixel| pixel.red() < 0x60 && pixel.alpha() == 0xff)
            .count();
        assert!(dark > 300, "{name}: {dark} dark pixels where the title is");
    }
}

#[test]
fn a_curve_is_drawn_even_if_its_histogram_cannot_be_read() {
    let mut damaged = results();
    for run in &mut damaged.runs {
        for histogram in run.histograms.values_mut() {
            histogram.hdr = "no base64".to_owned();
        }
    }
    let names = |results: &Results| -> Vec<String> {
        svg::files(results, &context()).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&damaged), names(&results()));
}

#[test]
fn results_without_runs_or_figures_make_pages_too() {
    let mut bare = results();
    for run in &mut bare.runs {
        run.metrics.clear();
        run.histograms.clear();
        run.groups.clear();
        run.series.clear();
    }
    let mut empty = results();
    empty.runs.clear();
    for results in [bare, empty] {
        let context = Context::default();
        assert!(html::render(&results, &context).contains("runs passed"));
        assert!(table::render(&results, &context, Style::default()).contains("runs passed"));
        assert!(markdown::render(&results, &context).contains("runs passed"));
        assert!(junit::render(&results, &context).contains("<testsuites"));
        assert!(csv::render(&results).starts_with("scenario,"));
        assert!(svg::files(&results, &context).is_empty());
        serde_json::from_str::<serde_json::Value>(&bmf::render(&results)).expect("JSON");
    }
}

#[test]
fn a_figure_that_nobody_knows_is_shown_by_its_name() {
    let mut results = fixture::small();
    let known = results.runs[0].metrics["cpu_work"].clone();
    for run in &mut results.runs {
        run.metrics.insert("frobnications".to_owned(), known.clone());
    }
    assert!(html::render(&results, &Context::default()).contains("frobnications"));
}

#[test]
fn a_changed_file_says_so() {
    let mut results = fixture::small();
    assert!(!html::render(&results, &context()).contains("does not match its contents"));
    results.runs[0].seed += 1;
    assert!(html::render(&results, &context()).contains("does not match its contents"));
}

//! The files of findings, from histories that were played.

mod stories;

use deadzone_core::replay::{Ending, Happened};
use deadzone_core::schedule::History;
use deadzone_reports::finding::{self, trace};
use deadzone_reports::table::Style;
use quick_xml::Reader;
use quick_xml::events::Event;
use stories::{Bug, Told};

fn all() -> Vec<(&'static str, Told)> {
    vec![
        ("broadcast", stories::broadcast()),
        ("protocol", stories::protocol()),
        ("snapshot", stories::snapshot()),
        ("panics", stories::panics()),
        ("hostile", stories::hostile()),
        ("long", stories::long()),
    ]
}

fn file(told: &Told, name: &str) -> String {
    let files = finding::files(&told.finding());
    files.into_iter().find(|(known, _)| known == name).expect("every finding has it").1
}

/// The texts of a drawing; fails where it is not well-formed.
fn texts(name: &str, drawing: &str) -> Vec<String> {
    let mut reader = Reader::from_str(drawing);
    let mut texts = Vec::new();
    let mut open: Option<String> = None;
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
            Event::Start(element) => {
                depth += 1;
                element
                    .attributes()
                    .for_each(|a| drop(a.unwrap_or_else(|e| panic!("{name}: {e}"))));
                if element.name().as_ref() == b"text" {
                    open = Some(String::new());
                }
            }
            Event::Empty(element) => {
                element
                    .attributes()
                    .for_each(|a| drop(a.unwrap_or_else(|e| panic!("{name}: {e}"))));
            }
            Event::End(element) => {
                depth -= 1;
                if element.name().as_ref() == b"text" {
                    texts.extend(open.take());
                }
            }
            Event::Text(text) => {
                let text = text.decode().expect("UTF-8").into_owned();
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::GeneralRef(entity) => {
                let entity = entity.decode().expect("UTF-8").into_owned();
                assert!(["amp", "lt", "gt", "quot"].contains(&entity.as_str()), "{name}: {entity}");
                if let Some(open) = &mut open {
                    open.push_str(&format!("&{entity};"));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{name} is not closed");
    texts
}

/// The numbers that follow each `attribute="`.
fn numbers(drawing: &str, attribute: &str) -> Vec<f64> {
    let start = format!(" {attribute}=\"");
    let value = |rest: &str| rest.split('"').next().unwrap_or_default().parse().ok();
    drawing.split(&start).skip(1).filter_map(value).collect()
}

#[test]
fn the_page_of_a_finding() {
    insta::assert_snapshot!("readme_broadcast", file(&stories::broadcast(), "README.md"));
    insta::assert_snapshot!("readme_protocol", file(&stories::protocol(), "README.md"));
    insta::assert_snapshot!("readme_snapshot", file(&stories::snapshot(), "README.md"));
    insta::assert_snapshot!("readme_panics", file(&stories::panics(), "README.md"));
}

#[test]
fn the_trace() {
    let style = Style { color: false, width: 100 };
    let rendered = |told: &Told, documents| trace::render(&told.story, documents, style);
    insta::assert_snapshot!("trace", rendered(&stories::protocol(), trace::Documents::Hidden));
    let documents = rendered(&stories::snapshot(), trace::Documents::Shown);
    insta::assert_snapshot!("trace_with_documents", documents);
    let color = Style { color: true, width: 100 };
    let told = stories::panics();
    let colored = trace::render(&told.story, trace::Documents::Hidden, color);
    insta::assert_snapshot!("trace_in_colour", colored.replace('\u{1b}', "␛"));
}

#[test]
fn drawings_are_well_formed_and_have_every_step() {
    for (name, told) in all() {
        let drawing = file(&told, "timeline.svg");
        let texts = texts(name, &drawing);
        for event in &told.story.events {
            let Some(step) = event.step else { continue };
            assert!(texts.contains(&step.to_string()), "{name}: step {step}");
        }
        for shape in ["NaN", "inf", "stroke-width=\"\""] {
            assert!(!drawing.contains(shape), "{name}: {shape}");
        }
    }
}

#[test]
fn drawings_stay_inside_of_their_paper_with_letters_of_one_size() {
    for (name, told) in all() {
        let drawing = file(&told, "timeline.svg");
        let (width, height) = (numbers(&drawing, "width")[0], numbers(&drawing, "height")[0]);
        assert!(numbers(&drawing, "x").iter().all(|x| (0.0..width).contains(x)), "{name}");
        assert!(numbers(&drawing, "y").iter().all(|y| (0.0..height).contains(y)), "{name}");
        assert!(numbers(&drawing, "font-size").iter().all(|size| *size >= 12.0), "{name}");
    }
    let height = |told: &Told| numbers(&file(told, "timeline.svg"), "height")[0];
    assert!(height(&stories::long()) > 3.0 * height(&stories::broadcast()));
}

#[test]
fn what_happened_is_drawn() {
    let said = |told: &Told, words: &str| {
        texts(words, &file(told, "timeline.svg")).iter().any(|text| text.contains(words))
    };
    let [broadcast, protocol, snapshot] =
        [stories::broadcast(), stories::protocol(), stories::snapshot()];
    for (words, expected) in [
        ("a message is lost", [false, true, false]),
        ("a message that never arrives", [false, true, false]),
        ("arrives again", [true, false, false]),
        ("a whole document", [false, false, true]),
        ("the process dies and comes back", [false, false, true]),
        ("Then everything is brought to everyone", [true, true, false]),
    ] {
        let drawn = [&broadcast, &protocol, &snapshot].map(|told| said(told, words));
        assert_eq!(drawn, expected, "{words}");
    }
}

#[test]
fn the_step_in_which_an_engine_panics_is_told() {
    let told = stories::panics();
    // Its own story ends with it.
    let last = told.story.events.iter().filter_map(|event| event.step).max();
    assert_eq!(last, Some(3));
    for name in ["README.md", "timeline.html"] {
        let file = file(&told, name);
        assert!(file.matches("receives the update of step 1").count() >= 2, "{name}");
    }
}

#[test]
fn pages_hold_every_moment_and_nothing_foreign() {
    for (name, told) in all() {
        let page = file(&told, "timeline.html");
        assert_eq!(page.matches("<script>").count(), 1, "{name}");
        assert_eq!(page.matches("</script>").count(), 1, "{name}");
        assert_eq!(
            page.matches("<article class=\"moment").count(),
            page.matches(" data-moment=").count(),
            "{name}"
        );
        for foreign in ["http://", "https://"] {
            let outside = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!outside.contains(foreign), "{name}");
        }
        let start = page.find("<svg ").expect("it has a drawing");
        let end = page.find("</svg>").expect("it ends") + "</svg>".len();
        assert!(!texts(name, &page[start..end]).is_empty(), "{name}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let told = stories::hostile();
    for (name, content) in finding::files(&told.finding()) {
        for harm in ['\u{0}', '\u{1b}', '\u{202e}', '\u{ffff}'] {
            assert!(!content.contains(harm), "{name}: {harm:?}");
        }
        for harm in ["<b>\"'", "<script>alert", "]]>"] {
            assert!(!content.contains(harm), "{name}: {harm}");
        }
    }
    let style = Style { color: false, width: 80 };
    let trace = trace::render(&told.story, trace::Documents::Shown, style);
    assert!(!trace.contains(['\u{0}', '\u{1b}', '\u{202e}']), "{trace}");
}

#[test]
fn documents_that_nobody_read_are_not_made_up() {
    let told = stories::hostile();
    let shown = |what: &Happened| matches!(what, Happened::Shown { .. });
    let steps = told.story.events.iter().filter(|event| event.step.is_some());
    assert!(!steps.into_iter().any(|event| shown(&event.what)), "read at the end only");
    let page = file(&told, "timeline.html");
    assert!(page.contains("not read yet"));
}

#[test]
fn the_same_histories_hold_without_the_bug() {
    for (name, told) in all() {
        let History::Schedule(schedule) = &told.saved.history else { panic!("{name}") };
        let healthy = stories::story(schedule, Bug::None);
        assert_eq!(healthy.ending, Ending::Held, "{name}");
        let trace = trace::render(&healthy, trace::Documents::Hidden, Style::default());
        assert!(trace.ends_with("✓ all held\n"), "{name}: {trace}");
    }
}

#[test]
fn the_same_story_gives_the_same_bytes() {
    for (name, told) in all() {
        assert_eq!(finding::files(&told.finding()), finding::files(&told.finding()), "{name}");
    }
}

//! Damaged files are refused with a place in the file, whatever the damage.

use deadzone_scenarios::{Error, embedded, parse, parse_with};
use proptest::prelude::*;

use super::WORLD;

fn some_file() -> impl Strategy<Value = &'static str> {
    let files: Vec<&'static str> = embedded().iter().map(|each| each.text).chain([WORLD]).collect();
    proptest::sample::select(files)
}

/// `text` with some characters from `at` on replaced.
fn damaged(text: &str, at: usize, gone: usize, put: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = at % (characters.len() + 1);
    let end = (start + gone).min(characters.len());
    let before = characters[..start].iter();
    let after = characters[end..].iter();
    before.copied().chain(put.chars()).chain(after.copied()).collect()
}

proptest! {
    #[test]
    fn a_damaged_file_never_panics_and_errors_lie_within_it(
        text in some_file(),
        at in any::<usize>(),
        gone in 0_usize..40,
        put in "[a-z0-9\"'=\\[\\]{}.,\\-\n µ]{0,12}",
    ) {
        let broken = damaged(text, at, gone, &put);
        if let Err(error) = parse(&broken, "x.toml") {
            let Error::InFile { line, column, .. } = &error else {
                panic!("{error}: nothing was set");
            };
            let lines: Vec<&str> = broken.split('\n').collect();
            let line = lines.get(*line as usize - 1);
            let line = line.ok_or_else(|| TestCaseError::fail(format!("{error}")))?;
            prop_assert!(*column as usize <= line.chars().count() + 1, "{}", error);
            prop_assert!(!error.to_string().contains('\n'), "{}", error);
        }
    }

    #[test]
    fn overrides_never_panic(
        text in some_file(),
        key in "(fleet|sync|expect|fault|document|direct|name)?(\\.[a-z0-9_]{0,9}){0,4}",
        value in ".{0,20}",
    ) {
        let _ = parse_with(text, "x.toml", &[(key, value)]);
    }
}

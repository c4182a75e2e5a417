//! Text of others on pages: made visible, quoted, shortened, measured.

/// Text without characters that act instead of showing themselves: controls,
/// marks of direction, and what XML does not allow.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            _ if acts(c) => shown.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            _ => shown.push(c),
        }
    }
    shown
}

/// Running text: as [`visible`], with line ends as blanks.
pub(super) fn running(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// In quotation marks, so that its ends and its blanks can be seen.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text).replace('"', "\\\""))
}

/// In quotation marks, and of long text the beginning and its length.
pub(super) fn quoted_shortly(text: &str) -> String {
    const MOST: usize = 48;
    let length = text.chars().count();
    if length <= MOST {
        return quoted(text);
    }
    let beginning: String = text.chars().take(MOST - 8).collect();
    format!("{} and so on ({length} characters)", quoted(&beginning))
}

/// A name as it is where it reads as one word, else in quotation marks.
pub(super) fn name(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && text.chars().all(plain) { visible(text) } else { quoted(text) }
}

/// How many columns of a terminal a character takes: two for the scripts and
/// pictures that Unicode calls wide, none for what is put on others.
pub(super) fn columns_of(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x1ab0..=0x1aff | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// How many columns text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// At most so many columns, with an ellipsis if something is left out.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut short = String::new();
    for c in text.chars() {
        taken += columns_of(c);
        if taken >= most {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// Lines of at most so many columns. Breaks at blanks, and inside of a word
/// only where the word alone is too long or its script has no blanks.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let width = columns(word.trim_end());
        if used > 0 && used + width > most && width <= most {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            if used + columns_of(c) > most && c != ' ' {
                lines.push(String::new());
                used = 0;
            }
            lines.last_mut().expect("begins with one").push(c);
            used += columns_of(c);
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// `1`, `1 and 2`, `1, 2 and 3`.
pub(super) fn listed<T: std::fmt::Display>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(T::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// `1 step`, `2 steps`.
pub(super) fn count(number: usize, one: &str) -> String {
    let number = number as u64;
    format!("{} {one}{}", crate::units::grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_is_shown() {
        assert_eq!(quoted("a\u{202e}\"b\n\u{0}"), "\"a\\u{202e}\\\"b\\n\\u{0}\"");
        assert_eq!(name("notes"), "notes");
        assert_eq!(name("my notes"), "\"my notes\"");
        assert_eq!(running("a\n  b\u{1b}[31m"), "a b\\u{1b}[31m");
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed(&[1]), "1");
        assert_eq!(listed(&[1, 2, 3]), "1, 2 and 3");
    }

    proptest! {
        #[test]
        fn lines_keep_all_letters_and_their_width(text in "[a-c乙 ]{0,60}", most in 2_usize..20) {
            let lines = wrapped(&text, most);
            for line in &lines {
                prop_assert!(columns(line) <= most, "{line:?}");
            }
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }

        #[test]
        fn short_text_fits(text in "\\PC{0,40}", most in 2_usize..20) {
            prop_assert!(columns(&shortened(&text, most)) <= most);
        }
    }
}

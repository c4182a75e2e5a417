//! Colours of a terminal, put in after the table was laid out: escape codes
//! would count as width while it is.

use anstyle::{AnsiColor, Reset, Style};

/// How text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Names.
    Bold,
    /// What may be overlooked.
    Dim,
    /// The best of its row.
    Best,
    /// Near the best.
    Good,
    /// Further from it.
    Middling,
    /// Far from it, or failed.
    Bad,
}

/// Characters without a width stand for inks until the end; the first ends
/// one, the others begin one, in the order of [`INKS`].
const MARKS: [char; 7] =
    ['\u{2060}', '\u{2061}', '\u{2062}', '\u{2063}', '\u{2064}', '\u{206a}', '\u{206b}'];

const INKS: [Ink; 6] = [Ink::Bold, Ink::Dim, Ink::Best, Ink::Good, Ink::Middling, Ink::Bad];

/// Text in an ink; each line by itself, since a line of a cell is followed by
/// its neighbours.
pub(crate) fn mark(ink: Ink, text: &str) -> String {
    let begin = MARKS[1 + INKS.iter().position(|other| *other == ink).expect("all are listed")];
    let end = MARKS[0];
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| if line.is_empty() { String::new() } else { format!("{begin}{line}{end}") })
        .collect();
    lines.join("\n")
}

/// How many columns a line takes.
pub(crate) fn width(line: &str) -> usize {
    line.chars().filter(|c| !MARKS.contains(c)).count()
}

/// One line without control characters, which would move the cursor or change
/// colours.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || MARKS.contains(&c) { ' ' } else { c }).collect()
}

/// Marks become escape codes, or nothing; blanks at the ends of lines go.
pub(crate) fn paint(page: &str, color: bool) -> String {
    let mut painted = String::with_capacity(page.len());
    for line in page.lines() {
        let mut text = String::with_capacity(line.len());
        for c in line.chars() {
            match MARKS.iter().position(|mark| *mark == c) {
                None => text.push(c),
                Some(_) if !color => {}
                Some(0) => text.push_str(&Reset.render().to_string()),
                Some(index) => text.push_str(&style(INKS[index - 1]).render().to_string()),
            }
        }
        painted.push_str(text.trim_end());
        painted.push('\n');
    }
    painted
}

fn style(ink: Ink) -> Style {
    match ink {
        Ink::Bold => Style::new().bold(),
        Ink::Dim => Style::new().dimmed(),
        Ink::Best => AnsiColor::Green.on_default().bold(),
        Ink::Good => AnsiColor::Green.on_default(),
        Ink::Middling => AnsiColor::Yellow.on_default(),
        Ink::Bad => AnsiColor::Red.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_nothing_is_left_of_marks() {
        let marked = mark(Ink::Bad, "one\ntwo\n");
        assert_eq!(paint(&marked, false), "one\ntwo\n");
        assert_eq!(marked.lines().map(width).collect::<Vec<_>>(), [3, 3]);
    }

    #[test]
    fn colours_end_with_their_line() {
        assert_eq!(
            paint(&mark(Ink::Good, "one\ntwo"), true),
            "\u{1b}[32mone\u{1b}[0m\n\u{1b}[32mtwo\u{1b}[0m\n"
        );
    }

    #[test]
    fn foreign_text_cannot_paint() {
        assert_eq!(plain("a\u{1b}[31mb\u{2061}\n"), "a [31mb  ");
    }
}

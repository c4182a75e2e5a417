//! Something to write: short words, names, and what forms ask for.

use crate::rng::Draws;

/// A small vocabulary, mostly ASCII, with the accents that turn up in it. All
/// characters are one UTF-16 code unit long.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "the", "of", "and", "to", "in", "is", "it", "we", "for", "on", "that", "with", "as", "at",
    "by", "are", "this", "from", "have", "not", "but", "they", "all", "can", "what", "when",
    "there", "out", "up", "one", "time", "more", "if", "no", "will", "about", "other", "after",
    "first", "also", "new", "because", "day", "use", "work", "way", "even", "want", "any", "give",
    "most", "people", "into", "year", "your", "good", "some", "could", "them", "see", "than",
    "then", "now", "look", "only", "come", "over", "think", "back", "meeting", "draft", "notes",
    "train", "tunnel", "signal", "battery", "coffee", "café", "naïve", "résumé", "déjà", "façade",
    "über", "Zürich", "smörgåsbord", "jalapeño", "São", "Łódź", "document", "offline", "merge",
    "together", "paragraph", "tomorrow", "platform", "station", "window", "question", "answer",
];

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "Ada", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Grace", "Hana", "Ines", "Jun", "Kofi",
    "Léa", "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Søren", "Tomás", "Uma", "Viktor",
    "Wanjiru", "Ximena", "Yuki", "Zoë",
];

/// The mean number of characters of a word and the space after it, in
/// thousandths, for pacing.
pub(super) fn mean_millicharacters() -> u64 {
    let characters: usize = WORDS.iter().map(|word| word.chars().count() + 1).sum();
    (characters * 1_000 / WORDS.len()) as u64
}

/// Prose, word by word.
#[derive(Clone, Debug, Default)]
pub(super) struct Prose {
    /// Words until the sentence ends.
    left: u64,
}

impl Prose {
    /// The next word and what separates it from the one after: the space, the
    /// full stop, the new line.
    pub(super) fn word(&mut self, draws: &mut Draws) -> (String, &'static str) {
        let starts = self.left == 0;
        if starts {
            self.left = draws.between(5, 16);
        }
        self.left -= 1;
        let word = *draws.pick(WORDS);
        let word = if starts { capitalized(word) } else { word.to_owned() };
        let separator = match self.left {
            0 if draws.below(5) == 0 => ".\n",
            0 => ". ",
            _ if draws.below(12) == 0 => ", ",
            _ => " ",
        };
        (word, separator)
    }

    /// Whole words, together at least `characters` long and at most 20 more.
    pub(super) fn passage(&mut self, draws: &mut Draws, characters: u64) -> String {
        let mut passage = String::new();
        let mut length = 0;
        while length < characters {
            let (word, separator) = self.word(draws);
            length += (word.chars().count() + separator.len()) as u64;
            passage.push_str(&word);
            passage.push_str(separator);
        }
        passage
    }
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

/// A few words for a title.
pub(super) fn title(draws: &mut Draws) -> String {
    let count = draws.between(2, 5);
    let words: Vec<_> = (0..count).map(|_| *draws.pick(WORDS)).collect();
    capitalized(&words.join(" "))
}

/// A word by itself.
pub(super) fn word(draws: &mut Draws) -> &'static str {
    draws.pick::<&str>(WORDS)
}

/// A person's first name.
pub(super) fn name(draws: &mut Draws) -> &'static str {
    draws.pick::<&str>(NAMES)
}

/// An e-mail address under a name that is reserved for examples.
pub(super) fn email(draws: &mut Draws) -> String {
    let ascii: String = name(draws).chars().filter(char::is_ascii).collect();
    format!("{}{}@example.org", ascii.to_lowercase(), draws.below(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::has_astral;
    use crate::rng::Stream;

    #[test]
    fn every_word_stays_in_the_basic_plane() {
        assert!(WORDS.iter().chain(NAMES).all(|word| !has_astral(word) && !word.is_empty()));
        assert!((4_000..7_000).contains(&mean_millicharacters()), "{}", mean_millicharacters());
    }

    #[test]
    fn prose_has_sentences() {
        let text = Prose::default().passage(&mut Stream::root(1).draws(), 2_000);
        assert!((2_000..2_020).contains(&text.chars().count()), "{}", text.chars().count());
        let sentences = text.matches('.').count();
        assert!((20..80).contains(&sentences), "{sentences} sentences");
        assert!(text.starts_with(char::is_uppercase));
    }
}

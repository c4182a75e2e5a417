//! A trace that stands in where no recorded one is at hand.

use super::super::pace::around;
use super::super::words::Prose;
use super::text::Text;
use super::{Patch, Sequential, Trace, Transaction};
use crate::rng::{Draws, Stream};
use crate::time::Span;

/// When the writing began; any time will do.
const EPOCH_MILLISECONDS: i64 = 1_700_000_000_000;

/// The mean time between transactions: 51.6 words a minute, the mean of 136
/// million keystrokes on desktops (Dhakal et al., CHI 2018).
const BETWEEN: Span = Span::from_millis(233);

impl Trace {
    /// A sequential trace of this many transactions, the same for the same
    /// seed: prose, a character at a time, with runs of backspaces (about three
    /// in ten transactions, as in the recorded trace of the automerge paper), a
    /// paste now and then, and jumps to other places in the text.
    pub fn synthetic(seed: u64, transactions: u32) -> Self {
        let stream = Stream::root(seed).named("synthetic trace");
        let mut author = Author {
            draws: stream.named("text").draws(),
            prose: Prose::default(),
            text: Text::default(),
            cursor: 0,
            ahead: Vec::new(),
            backspaces: 0,
        };
        let mut clock = stream.named("times").draws();
        let mut time = EPOCH_MILLISECONDS;
        let transactions = (0..transactions).map(|_| {
            time += (around(&mut clock, BETWEEN).as_nanos() / 1_000_000) as i64;
            Transaction { unix_milliseconds: Some(time), patches: vec![author.patch()] }
        });
        let transactions = transactions.collect();
        Self::Sequential(Sequential {
            start: String::new(),
            end: String::from(author.text),
            transactions,
        })
    }
}

struct Author {
    draws: Draws,
    prose: Prose,
    text: Text,
    cursor: usize,
    /// What is still to be typed, backwards.
    ahead: Vec<char>,
    backspaces: u64,
}

impl Author {
    fn patch(&mut self) -> Patch {
        if self.backspaces > 0 && self.cursor > 0 {
            self.backspaces -= 1;
            self.cursor -= 1;
            return self.text.replace(self.cursor, 1, "");
        }
        if self.ahead.is_empty() {
            match self.draws.below(100) {
                0..8 => self.cursor = self.draws.between(0, self.text.length() as u64) as usize,
                8 => {
                    let characters = self.draws.between(20, 400);
                    let passage = self.prose.passage(&mut self.draws, characters);
                    return self.insert(&passage);
                }
                _ => {}
            }
            let (word, separator) = self.prose.word(&mut self.draws);
            self.ahead = word.chars().chain(separator.chars()).rev().collect();
        }
        let character = self.ahead.pop().expect("just filled");
        if self.draws.below(7) == 0 {
            self.backspaces = self.draws.between(1, 5);
        }
        self.insert(character.encode_utf8(&mut [0; 4]))
    }

    fn insert(&mut self, text: &str) -> Patch {
        let patch = self.text.replace(self.cursor, 0, text);
        self.cursor += text.chars().count();
        patch
    }
}

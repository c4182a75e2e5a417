//! Writing prose into the text roots.
//!
//! One transaction per keystroke, as editors make them, and one per paste.
//! Keystrokes come at five times `words_per_minute` a minute, deletions
//! included: a keystroke takes three quarters of the mean, spread like the
//! skewed intervals of typists, and the rest is thought, between words.
//!
//! Positions follow the person's own cursor ([`Position::Cursor`]), so that a
//! word stays together however much others type. Only a session that begins
//! elsewhere starts at a share of the length.

use std::collections::VecDeque;

use super::pace::{Sessions, around};
use super::words::{Prose, mean_millicharacters};
use super::{Input, Person, Script, anywhere};
use crate::document::Scalar;
use crate::edit::{Action, ContainerKind, Edit, Path, Position};
use crate::plan::PlanError;
use crate::rng::Draws;
use crate::scenario::Typing;
use crate::time::{Span, Time};
use crate::units::PartsPerMillion;

/// Quantiles of the time between keystrokes at every twentieth, in thousandths
/// of the mean: log-normal with a sigma of 0.5, ends at the 0.5th and the
/// 99.5th percentile, scaled so that the mean is exactly 1.
const KEYSTROKE: [u64; 21] = [
    242, 386, 462, 523, 576, 626, 675, 724, 773, 824, 878, 935, 996, 1064, 1141, 1230, 1337, 1474,
    1666, 1998, 3182,
];

/// The part of the mean time per character that its keystroke takes, in per
/// cent; the rest is thought.
const KEYSTROKE_PERCENT: u64 = 75;

/// Backspace runs are one to this many long, evenly.
const LONGEST_RUN: u64 = 5;

/// A paste has at least and about at most this many characters.
const PASTE: (u64, u64) = (20, 480);

/// The name of the mark.
const MARK: &str = "bold";

/// Everything that `person` types.
pub(super) fn inputs(typing: &Typing, person: &Person<'_>) -> Result<Vec<Input>, PlanError> {
    let roots = person.roots(&[ContainerKind::Text]);
    if roots.is_empty() {
        return Err(person.no_root("typing", "a text", "notes = \"text\""));
    }
    let texts: Vec<_> = roots.into_iter().map(|(path, _)| path).collect();
    let per_character = Span::from_secs(60).scale(1, u64::from(typing.words_per_minute.max(1)) * 5);
    let mut writer = Writer {
        typing,
        keys: person.stream.named("keys").draws(),
        text: person.stream.named("text").draws(),
        per_character,
        // What a keystroke leaves of the time of a word's characters.
        thought: per_character.scale(mean_millicharacters() * (100 - KEYSTROKE_PERCENT), 100_000),
        at: texts[0].clone(),
        here: Position::Cursor(0),
        prose: Prose::default(),
        ahead: VecDeque::new(),
        word: 0,
        separator: 0,
        backspaces: 0,
    };
    let mut script = Script::new(person);
    let mut jumps = person.stream.named("jumps").draws();
    let (session, pause) = (typing.session, typing.pause);
    let sessions = person.stream.named("sessions");
    for (start, over) in Sessions::new(sessions, session, pause, typing.between, person.end) {
        if jumps.chance(typing.jumps) {
            writer.jump(jumps.pick(&texts).clone(), anywhere(&mut jumps));
        }
        writer.session(start, over, &mut script)?;
    }
    Ok(script.inputs)
}

/// A person at the keyboard.
struct Writer<'a> {
    typing: &'a Typing,
    keys: Draws,
    text: Draws,
    per_character: Span,
    /// The mean time between words.
    thought: Span,
    /// The text that they are in.
    at: Path<Position>,
    /// Where in it the next keystroke goes.
    here: Position,
    prose: Prose,
    /// What is still to be typed of the current word.
    ahead: VecDeque<char>,
    /// How much of the current word stands there, with its separator.
    word: u32,
    /// How much of it is the separator, once it is there.
    separator: u32,
    /// Backspaces still to come in the current run.
    backspaces: u64,
}

impl Writer<'_> {
    fn jump(&mut self, at: Path<Position>, to: Position) {
        self.at = at;
        self.here = to;
        self.ahead.clear();
        self.word = 0;
        self.backspaces = 0;
    }

    fn session(
        &mut self,
        start: Time,
        over: Time,
        script: &mut Script<'_>,
    ) -> Result<(), PlanError> {
        let mut now = start;
        loop {
            now += self.keystroke();
            if now >= over {
                return Ok(());
            }
            if self.backspaces > 0 {
                self.backspaces -= 1;
                self.word = self.word.saturating_sub(1);
                script.push(
                    now,
                    self.one(Action::DeleteText { index: Position::Cursor(-1), count: 1 }),
                )?;
                continue;
            }
            if self.ahead.is_empty() {
                now += around(&mut self.keys, self.thought);
                if now >= over {
                    return Ok(());
                }
                if self.text.chance(self.typing.pastes) {
                    let characters = self.text.between(PASTE.0, PASTE.1);
                    let passage = self.prose.passage(&mut self.text, characters);
                    script.push(now, self.insert(passage))?;
                    continue;
                }
                let (word, separator) = self.prose.word(&mut self.text);
                self.ahead.extend(word.chars().chain(separator.chars()));
                self.word = 0;
                self.separator = separator.len() as u32;
            }
            let character = self.ahead.pop_front().expect("just filled");
            self.word += 1;
            script.push(now, self.insert(character.to_string()))?;
            let marks = self.ahead.is_empty() && self.word > self.separator;
            if marks && self.text.chance(self.typing.marks) {
                script.push(now, self.mark())?;
            } else if self.keys.chance(self.run_chance()) {
                self.backspaces = self.keys.between(1, LONGEST_RUN);
            }
        }
    }

    /// The word just written, without what separates it from the next: marks
    /// grow with text that is typed at their end.
    fn mark(&mut self) -> Vec<Edit<Position>> {
        let back = i32::try_from(self.word).expect("a word is a few characters");
        self.one(Action::Mark {
            index: Position::Cursor(-back),
            count: self.word - self.separator,
            name: MARK.to_owned(),
            value: Scalar::Bool(true),
        })
    }

    fn insert(&mut self, text: String) -> Vec<Edit<Position>> {
        let index = std::mem::replace(&mut self.here, Position::Cursor(0));
        self.one(Action::InsertText { index, text })
    }

    fn one(&self, action: Action<Position>) -> Vec<Edit<Position>> {
        vec![Edit { at: self.at.clone(), action }]
    }

    fn keystroke(&mut self) -> Span {
        let ticket = self.keys.below(20_000_000);
        let (place, within) = ((ticket / 1_000_000) as usize, ticket % 1_000_000);
        let (low, high) = (KEYSTROKE[place], KEYSTROKE[place + 1]);
        let millionths = low * 1_000 + (high - low) * within / 1_000;
        self.per_character.scale(millionths * KEYSTROKE_PERCENT, 100_000_000)
    }

    /// How likely a run of backspaces follows a keystroke, so that the share of
    /// deletions among keystrokes is as the scenario says. With runs of `r` on
    /// average and a chance of `c`, that share is `rc / (1 + rc)`.
    fn run_chance(&self) -> PartsPerMillion {
        let share = u64::from(self.typing.deletions.0);
        let others = 1_000_000_u64.saturating_sub(share).max(1);
        let chance = share * 1_000_000 * 2 / (others * (LONGEST_RUN + 1));
        PartsPerMillion(chance.min(1_000_000) as u32)
    }
}

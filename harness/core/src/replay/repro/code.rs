//! Lines of Rust.

use std::collections::{BTreeMap, BTreeSet};

/// No line of words is longer, as rustfmt has it by default.
const WIDTH: usize = 100;

/// A piece of a file, with its indentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    text: String,
    prefix: &'static str,
    depth: usize,
}

impl Code {
    /// Nothing yet, where every line begins with `prefix`.
    pub fn with_prefix(prefix: &'static str) -> Self {
        Self { text: String::new(), prefix, depth: 0 }
    }

    /// Adds one line, or several that stand below each other.
    pub fn line(&mut self, lines: &str) {
        if lines.is_empty() {
            self.text.push_str(self.prefix.trim_end());
            self.text.push('\n');
        }
        for line in lines.lines() {
            let indented = format!("{}{}{line}", "    ".repeat(self.depth), self.prefix);
            self.text.push_str(indented.trim_end());
            self.text.push('\n');
        }
    }

    /// Adds an empty line, unless a block or a comment stands there or there is
    /// one.
    pub fn gap(&mut self) {
        let last = self.text.lines().next_back().unwrap_or_default();
        let begins = last.is_empty() || last.ends_with('{') || last.trim_start().starts_with("//");
        if !begins && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds a line after which everything is one step further in.
    pub fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    /// Adds the line that ends what [`Self::open`] began.
    pub fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    /// Adds lines that stand by themselves, such as a function.
    pub fn item(&mut self, lines: &str) {
        self.gap();
        self.line(lines);
    }

    /// Adds prose, broken into lines.
    pub fn words(&mut self, prose: &str) {
        let room = WIDTH.saturating_sub(self.depth * 4 + self.prefix.len());
        let mut line = String::new();
        for word in prose.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                self.line(&std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&line);
    }

    /// Adds a comment, broken into lines.
    pub fn comment(&mut self, prose: &str) {
        let mut comment = Self { text: String::new(), prefix: "// ", depth: self.depth };
        comment.words(prose);
        self.text.push_str(&comment.text);
    }

    /// Adds all of another piece.
    pub fn append(&mut self, other: &Self) {
        other.text.lines().for_each(|line| self.line(line));
    }

    /// How often `name` stands there as a word of its own.
    pub fn mentions(&self, name: &str) -> usize {
        let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
        let stands_alone = |at: usize| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + name.len()..].chars().next();
            !before.is_some_and(part_of_a_word) && !after.is_some_and(part_of_a_word)
        };
        self.text.match_indices(name).filter(|(at, _)| stands_alone(*at)).count()
    }

    /// Adds `use` for these paths, those of one module together.
    pub fn imports<'p>(&mut self, paths: impl IntoIterator<Item = &'p str>) {
        // A brace comes after all letters: as rustfmt has it.
        let mut modules: BTreeMap<(bool, String), BTreeSet<&str>> = BTreeMap::new();
        for path in paths {
            let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
            let ours = !module.starts_with("std");
            modules.entry((ours, format!("{module}::{{"))).or_default().insert(name);
        }
        let alone = |(ours, module): &(bool, String), names: &BTreeSet<&str>| match names.first() {
            Some(name) if names.len() == 1 => (*ours, module.replace('{', name)),
            _ => (*ours, module.clone()),
        };
        let mut modules: Vec<_> = modules.into_iter().collect();
        modules.sort_by_key(|(module, names)| alone(module, names));
        let mut after_std = false;
        for ((ours, module), names) in modules {
            let module = module.trim_end_matches("::{");
            if ours && std::mem::take(&mut after_std) {
                self.gap();
            }
            after_std |= !ours;
            let names: Vec<&str> = names.into_iter().collect();
            match names.as_slice() {
                [name] => self.line(&format!("use {module}::{name};")),
                names => {
                    let line = format!("use {module}::{{{}}};", names.join(", "));
                    if line.len() <= WIDTH {
                        self.line(&line);
                    } else {
                        self.open(&format!("use {module}::{{"));
                        self.words(&format!("{},", names.join(", ")));
                        self.close("};");
                    }
                }
            }
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_break_and_blocks_indent() {
        let mut code = Code::default();
        code.open("fn f() {");
        code.gap();
        code.line("h();");
        code.gap();
        code.gap();
        code.comment(&"word ".repeat(30));
        code.gap();
        code.line("g(\"a\");");
        code.close("}");
        assert!(code.as_str().lines().all(|line| line.len() <= WIDTH), "{}", code.as_str());
        assert_eq!(code.as_str().matches("\n\n").count(), 1);
        assert!(code.as_str().ends_with("word\n    g(\"a\");\n}\n"), "{}", code.as_str());
    }

    #[test]
    fn a_name_inside_another_is_not_mentioned() {
        let mut code = Code::default();
        code.line("update_12.get(Map)");
        assert_eq!(
            ["update_12", "Map", "update_1", "date_12"].map(|n| code.mentions(n)),
            [1, 1, 0, 0]
        );
    }

    #[test]
    fn imports_stand_together() {
        let mut code = Code::default();
        let std = ["std::time::Duration", "std::sync::Arc", "std::thread"];
        code.imports(std.into_iter().chain(["yrs::Doc", "yrs::updates::Decode", "yrs::Any"]));
        let expected = "use std::sync::Arc;\nuse std::thread;\nuse std::time::Duration;\n\nuse yrs::updates::Decode;\nuse yrs::{Any, Doc};\n";
        assert_eq!(code.as_str(), expected);
    }
}

//! Colours of a timeline: those of charts, and what is broken.

use crate::charts::palette::{self, ENGINES, Tint};

/// What is lost, what differs, what was found.
pub(super) const BAD: Tint =
    Tint { class: "bad", light: (0xb3, 0x26, 0x1e), dark: (0xff, 0x8f, 0x83) };

/// Behind what differs.
pub(super) const MARKED: Tint =
    Tint { class: "marked", light: (0xfb, 0xdc, 0xd7), dark: (0x5c, 0x26, 0x20) };

/// Behind what belongs together.
pub(super) const SOFT: Tint =
    Tint { class: "soft", light: (0xf3, 0xf5, 0xf7), dark: (0x1d, 0x24, 0x2c) };

/// The colour of a replica; after the last it begins again.
pub(super) const fn of(replica: u8) -> Tint {
    ENGINES[replica as usize % ENGINES.len()]
}

/// The stylesheet of [`palette::css`], with the colours of this module.
pub(super) fn css() -> String {
    let hex = |(r, g, b): palette::Rgb| format!("#{r:02x}{g:02x}{b:02x}");
    let own = [BAD, MARKED, SOFT];
    let light: String = own.iter().map(|t| format!("--{}:{};", t.class, hex(t.light))).collect();
    let dark: String = own.iter().map(|t| format!("--{}:{};", t.class, hex(t.dark))).collect();
    let classes: String = own
        .iter()
        .map(|t| format!(".f-{0}{{fill:var(--{0})}}.s-{0}{{stroke:var(--{0})}}", t.class))
        .collect();
    format!(
        "{}:root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{classes}",
        palette::css()
    )
}

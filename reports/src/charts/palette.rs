//! Colours of charts and pages, in a light and a dark scheme.
//!
//! Drawings carry the light colours as attributes, so that they stand by
//! themselves anywhere, and a class for each colour, so that a stylesheet can
//! exchange them. The colours of engines are told apart with every common kind
//! of colour blindness, in the order in which they are given out; lines of
//! baselines are dashed besides.

use plotters::style::RGBColor;

/// One colour of both schemes.
#[derive(Clone, Copy, Debug)]
pub struct Tint {
    /// The class that stands for it.
    pub class: &'static str,
    /// In the light scheme.
    pub light: Rgb,
    /// In the dark scheme.
    pub dark: Rgb,
}

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

const fn tint(class: &'static str, light: u32, dark: u32) -> Tint {
    Tint { class, light: rgb(light), dark: rgb(dark) }
}

const fn rgb(hex: u32) -> Rgb {
    ((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Text and axes.
pub const INK: Tint = tint("ink", 0x1f_26_2e, 0xe6_e9_ee);
/// Axis titles and what may be overlooked.
pub const MUTED: Tint = tint("muted", 0x5b_66_73, 0x9a_a6_b4);
/// Lines of a grid.
pub const GRID: Tint = tint("grid", 0xdf_e3_e8, 0x32_3a_44);
/// What is behind a drawing.
pub const PAPER: Tint = tint("paper", 0xff_ff_fe, 0x15_1a_20);

/// Engines; after the last it begins again.
pub const ENGINES: [Tint; 8] = [
    tint("e0", 0x0b_6b_b8, 0x5a_ae_ee),
    tint("e1", 0xbf_4f_08, 0xf5_9e_58),
    tint("e2", 0x00_80_5f, 0x42_c9_9f),
    tint("e3", 0xa3_47_8c, 0xe0_93_cb),
    tint("e4", 0x8a_6a_00, 0xdf_bb_41),
    tint("e5", 0x5b_52_cc, 0xa9_a3_ff),
    tint("e6", 0x9a_33_24, 0xf0_8c_7e),
    tint("e7", 0x00_7a_8f, 0x53_c4_d8),
];

/// Baselines; after the last it begins again.
pub const BASELINES: [Tint; 4] = [
    tint("b0", 0x5f_6c_7b, 0xa7_b3_c2),
    tint("b1", 0x86_6b_54, 0xcb_ae_96),
    tint("b2", 0x4f_76_57, 0x9f_c2_a6),
    tint("b3", 0x7a_5f_86, 0xc4_aa_d0),
];

/// Where energy goes: processor, radio, radio in tails, storage.
pub const COMPONENTS: [Tint; 4] = [
    tint("c0", 0xd1_8b_00, 0xe9_b0_3d),
    tint("c1", 0x2f_6f_b3, 0x5f_a4_e6),
    tint("c2", 0x9d_c3_e8, 0x2c_57_86),
    tint("c3", 0x3f_8f_5f, 0x62_bd_86),
];

/// The colour of a column.
pub const fn of(baseline: bool, tone: usize) -> Tint {
    if baseline { BASELINES[tone % BASELINES.len()] } else { ENGINES[tone % ENGINES.len()] }
}

impl Tint {
    /// For drawing.
    pub(super) const fn color(self) -> RGBColor {
        RGBColor(self.light.0, self.light.1, self.light.2)
    }

    /// As the drawing backend writes it.
    pub(crate) fn attribute(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.light.0, self.light.1, self.light.2)
    }
}

/// All tints.
pub(super) fn all() -> impl Iterator<Item = Tint> {
    [INK, MUTED, GRID, PAPER].into_iter().chain(ENGINES).chain(BASELINES).chain(COMPONENTS)
}

/// The stylesheet that exchanges colours in the dark scheme, and names each as
/// a custom property (`--e0`) for pages.
pub fn css() -> String {
    let hex = |(r, g, b): Rgb| format!("#{r:02x}{g:02x}{b:02x}");
    let properties = |of: fn(&Tint) -> Rgb| -> String {
        all().map(|tint| format!("--{}:{};", tint.class, hex(of(&tint)))).collect()
    };
    let classes: String = all()
        .map(|tint| {
            let class = tint.class;
            format!(".f-{class}{{fill:var(--{class})}}.s-{class}{{stroke:var(--{class})}}")
        })
        .collect();
    format!(
        ":root{{{}}}@media (prefers-color-scheme:dark){{:root{{{}}}}}{classes}",
        properties(|tint| tint.light),
        properties(|tint| tint.dark)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance((r, g, b): Rgb) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.212_6 * linear(r) + 0.715_2 * linear(g) + 0.072_2 * linear(b)
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn engines_and_text_can_be_read_in_both_schemes() {
        for tint in ENGINES.iter().chain(&BASELINES).chain([&INK, &MUTED]) {
            for (color, paper) in [(tint.light, PAPER.light), (tint.dark, PAPER.dark)] {
                let contrast = contrast(color, paper);
                assert!(contrast >= 4.5, "{}: {contrast:.2}", tint.class);
            }
        }
    }

    #[test]
    fn colours_stand_for_one_class_each() {
        let mut colors: Vec<String> = all().map(Tint::attribute).collect();
        colors.sort();
        let count = colors.len();
        colors.dedup();
        assert_eq!(colors.len(), count);
    }
}

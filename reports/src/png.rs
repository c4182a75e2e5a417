//! The charts as pictures, for places that show no SVG.
//!
//! They are the drawings of [`crate::svg`], in the light scheme and at twice
//! their size. Text is set in Noto Sans, which is compiled in (SIL Open Font
//! License 1.1, from the crate `notosans`); fonts of the system are never asked,
//! so that the same build makes the same bytes on every machine.

use std::sync::{Arc, LazyLock};

use deadzone_core::record::Results;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use crate::charts;
use crate::context::Context;
use crate::svg;

/// Pixels of the picture for one CSS pixel of the drawing.
const SCALE: f32 = 2.0;

/// What drawings are set in.
const FAMILY: &str = "Noto Sans";

/// A chart that cannot be a picture.
#[derive(Debug, thiserror::Error)]
#[error(
    "the chart {name} cannot be made a picture: {reason}; expected names that can stand in XML"
)]
pub struct NoPicture {
    /// The chart, by the name of its file.
    pub name: String,
    /// What the renderer said.
    pub reason: String,
}

/// All charts as `(name, content)`, names like those of [`svg::files`] with
/// another ending.
///
/// # Errors
/// If a name in the results makes a drawing ill-formed, such as one with a
/// control character in it.
pub fn files(results: &Results, context: &Context) -> Result<Vec<(String, Vec<u8>)>, NoPicture> {
    let picture = |(name, drawing): (String, String)| {
        let name = format!("{name}.png");
        match picture(&charts::light(&drawing)) {
            Ok(content) => Ok((name, content)),
            Err(reason) => Err(NoPicture { name, reason }),
        }
    };
    svg::named(results, context).into_iter().map(picture).collect()
}

fn picture(drawing: &str) -> Result<Vec<u8>, String> {
    let options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(drawing, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width() * SCALE as u32, size.height() * SCALE as u32);
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| format!("no place for {width} x {height}"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

/// Regular and bold, and nothing else; drawings ask for `sans-serif` after fonts
/// that are not there.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family(FAMILY);
    fonts.set_serif_family(FAMILY);
    Arc::new(fonts)
});

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(drawing: &str) -> Pixmap {
        let content = picture(drawing).expect("a good drawing");
        Pixmap::decode_png(&content).expect("a good picture")
    }

    fn drawing(text: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"20\" \
             font-family=\"system-ui, Helvetica, sans-serif\"><title>t</title>\
             <rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\
             <text x=\"2\" y=\"15\" font-size=\"14\"{text}</text></svg>"
        )
    }

    fn dark(pixels: &Pixmap) -> usize {
        pixels.pixels().iter().filter(|pixel| pixel.red() < 0x80).count()
    }

    #[test]
    fn text_is_drawn_and_bold_is_darker() {
        let regular = pixels(&drawing(">µs ×1.5"));
        let bold = pixels(&drawing(" font-weight=\"bold\">µs ×1.5"));
        assert_eq!((regular.width(), regular.height()), (120, 40));
        assert_eq!(dark(&pixels(&drawing("> "))), 0);
        assert!(dark(&regular) > 100, "{}", dark(&regular));
        assert!(dark(&bold) > dark(&regular) * 5 / 4, "{} {}", dark(&bold), dark(&regular));
    }

    /// Two characters without a glyph would look alike.
    #[test]
    fn every_sign_of_a_chart_has_a_glyph() {
        let signs = "µ×·–…≤≥%/,.•−";
        let shapes: Vec<Vec<u8>> = signs
            .chars()
            .map(|sign| pixels(&drawing(&format!(">{sign}"))).data().to_vec())
            .collect();
        let unknown = pixels(&drawing(">\u{e123}")).data().to_vec();
        for (index, sign) in signs.chars().enumerate() {
            assert!(shapes[index] != unknown, "{sign} has no glyph");
            let alike = shapes.iter().filter(|shape| **shape == shapes[index]).count();
            assert_eq!(alike, 1, "{sign} looks like another sign");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(picture("<svg").is_err());
        assert!(picture(&drawing(">\u{1}")).is_err());
    }
}

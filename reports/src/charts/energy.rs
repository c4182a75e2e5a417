//! Where energy goes: stacked bars by component, for each group of devices.

use super::axis::linear_ticks;
use super::canvas::{Align, Canvas, text_width};
use super::palette::{COMPONENTS, GRID, INK, MUTED, of};
use super::{LABEL, SMALL, TITLE, WIDTH};
use crate::catalog::Part;
use crate::sheet::{Column, Scope, Sheet};
use crate::units;

const TOP: f64 = 66.0;
const BAR: f64 = 15.0;
const ROW: f64 = 23.0;
const HEADING: f64 = 26.0;
const AXIS: f64 = 34.0;
const RIGHT: f64 = WIDTH as f64 - 24.0;

const WORDS: [&str; 4] = ["processor", "radio", "radio, in tails", "storage"];

/// Energy of processor, radio and storage, stacked, one block for each group
/// that has figures, each on its own scale. What the platform draws anyway is
/// the same for everybody and would hide the rest: it is put into words.
pub fn energy(sheet: &Sheet<'_>) -> Option<String> {
    let mut blocks: Vec<Block> = sheet
        .groups()
        .into_iter()
        .filter_map(|group| Block::of(sheet, Scope::Group(group), group))
        .collect();
    if blocks.is_empty() {
        blocks.extend(Block::of(sheet, Scope::Run, "all devices"));
    }
    if blocks.is_empty() {
        return None;
    }
    let labels = sheet.columns.iter().map(|column| text_width(&column.label, LABEL));
    let left = labels.fold(40.0, f64::max).min(190.0) + 12.0;
    let height = TOP + blocks.iter().map(Block::height).sum::<f64>();
    let title = title(sheet);
    Some(Canvas::draw((WIDTH, height as u32), &title, |canvas| {
        canvas.bold(&title, (0.0, 14.0), Align::Start, TITLE, INK);
        legend(canvas);
        let mut top = TOP;
        for block in &blocks {
            block.draw(canvas, sheet, left, top);
            top += block.height();
        }
    }))
}

fn title(sheet: &Sheet<'_>) -> String {
    let several = sheet.seeds().len() > 1;
    format!("Energy by component{}", if several { ", median over seeds" } else { "" })
}

fn legend(canvas: &Canvas<'_>) {
    let mut x = 0.0;
    for (words, tint) in WORDS.iter().zip(COMPONENTS) {
        canvas.bar((x, 33.0), (x + 11.0, 44.0), tint, 1.0);
        canvas.text(words, (x + 16.0, 38.5), Align::Start, SMALL, MUTED);
        x += 34.0 + text_width(words, SMALL);
    }
}

struct Block {
    heading: String,
    /// Column and its processor, radio, part of radio in tails, storage.
    bars: Vec<(usize, [u64; 4])>,
    greatest: u64,
}

impl Block {
    fn of(sheet: &Sheet<'_>, scope: Scope<'_>, name: &str) -> Option<Self> {
        let bars: Vec<(usize, [u64; 4])> = sheet
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| Some((index, components(column, scope)?)))
            .collect();
        let greatest = bars.iter().map(|(_, bar)| bar[0] + bar[1] + bar[3]).max()?;
        (greatest > 0).then(|| Self { heading: heading(sheet, scope, name), bars, greatest })
    }

    fn height(&self) -> f64 {
        HEADING + self.bars.len() as f64 * ROW + AXIS
    }

    fn draw(&self, canvas: &Canvas<'_>, sheet: &Sheet<'_>, left: f64, top: f64) {
        canvas.text(&self.heading, (0.0, top + 8.0), Align::Start, LABEL, INK);
        let top = top + HEADING;
        let bottom = top + self.bars.len() as f64 * ROW;
        let x = |value: f64| left + (RIGHT - left) * value / self.greatest as f64;
        for tick in linear_ticks(self.greatest as f64, 6) {
            canvas.line(&[(x(tick), top - 4.0), (x(tick), bottom)], GRID, 1.0);
            let label = units::tick(tick as u64, "uj");
            canvas.text(&label, (x(tick), bottom + 10.0), Align::Middle, SMALL, MUTED);
        }
        for (row, (index, [cpu, radio, tail, storage])) in self.bars.iter().enumerate() {
            let column = &sheet.columns[*index];
            let y = top + row as f64 * ROW;
            let tint = of(column.baseline, column.tone);
            canvas.text(&column.label, (0.0, y + BAR / 2.0), Align::Start, LABEL, tint);
            // Tails are the end of the radio's part.
            let ends = [*cpu, cpu + radio - tail.min(radio), cpu + radio, cpu + radio + storage];
            let mut from = 0;
            for (end, tint) in ends.into_iter().zip(COMPONENTS) {
                if end > from {
                    canvas.bar((x(from as f64), y), (x(end as f64), y + BAR), tint, 1.0);
                }
                from = end;
            }
        }
    }
}

fn components(column: &Column<'_>, scope: Scope<'_>) -> Option<[u64; 4]> {
    let value = |name: &str| column.figure(scope, name, Part::Value).map(|figure| figure.value);
    let (cpu, radio) = (value("energy_cpu_uj"), value("energy_radio_uj"));
    if cpu.is_none() && radio.is_none() {
        return None;
    }
    let tail = value("energy_radio_tail_uj").unwrap_or(0);
    Some([cpu.unwrap_or(0), radio.unwrap_or(0), tail, value("energy_storage_uj").unwrap_or(0)])
}

fn heading(sheet: &Sheet<'_>, scope: Scope<'_>, name: &str) -> String {
    let base = sheet
        .columns
        .iter()
        .filter_map(|column| column.figure(scope, "energy_base_uj", Part::Value));
    let (mut least, mut greatest) = (u64::MAX, 0);
    for figure in base {
        least = least.min(figure.min);
        greatest = greatest.max(figure.max);
    }
    if greatest == 0 {
        return name.to_owned();
    }
    let base = units::range(least, greatest, "uj");
    format!("{name}, without the {base} that the devices draw anyway")
}

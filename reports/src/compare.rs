//! Factors: how many times worse than the best.

use deadzone_core::record::{Better, Outcome};

use crate::catalog::{self, ENTRIES, Entry, Part, Topic};
use crate::sheet::{Figure, Scope, Sheet};

/// One figure of all columns of a sheet.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is about.
    pub topic: Topic,
    /// What people read.
    pub label: String,
    /// One line on it; empty if the core does not know it.
    pub hint: &'static str,
    /// The name in results, with the percentile's suffix.
    pub name: String,
    /// Whether it counts in the mean of factors.
    pub in_mean: bool,
    /// Whether it stands in short tables.
    pub in_brief: bool,
    /// One cell for each column of the sheet.
    pub cells: Vec<Cell>,
}

/// One figure of one column.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The figure; none if the column has none.
    pub figure: Option<Figure>,
    /// How many times worse than the best, 1 for the best itself. Below 1 for
    /// what is better without being allowed to be the best: a baseline, or an
    /// engine that failed. None if neither way is good, or against nothing
    /// (there is no other figure, or the best is zero).
    pub factor: Option<f64>,
    /// Whether it is the best, and not everybody is as good.
    pub best: bool,
}

/// The geometric mean of factors of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub factor: f64,
    /// Over how many rows.
    pub rows: usize,
}

/// The rule of [`factors`](Cell::factor), for pages to print.
pub const FACTOR_RULE: &str = "A factor says how many times worse a figure is than the best of \
    its row; 1.00 is the best. Only engines that passed with every seed can be the best; if there \
    is none, all can that are not baselines. A baseline, or an engine that failed, may stand below \
    1.00.";

/// The rule of [`means`], for pages to print.
pub const MEAN_RULE: &str = "The mean is the geometric mean of the factors of the rows marked •, \
    each row counting the same, over those of them that every engine that passed has. There each \
    factor is (value + s) / (best + s) with s = 1 ms, 1 kB, 1 mJ, 0.01 %, 1000 units of work or a \
    count of 1, so that tiny values do not decide. What failed has no mean.";

impl Row {
    /// Whether some column has a figure.
    pub fn is_present(&self) -> bool {
        self.cells.iter().any(|cell| cell.figure.is_some())
    }

    /// Whether all figures are zero.
    pub fn is_zero(&self) -> bool {
        self.cells.iter().filter_map(|cell| cell.figure.as_ref()).all(|figure| figure.max == 0)
    }

    /// The greatest factor.
    pub fn worst(&self) -> Option<f64> {
        self.cells.iter().filter_map(|cell| cell.factor).max_by(f64::total_cmp)
    }
}

/// All rows that some column has, in the catalogue's order, and behind them
/// what the catalogue does not know.
pub fn rows(sheet: &Sheet<'_>, scope: Scope<'_>) -> Vec<Row> {
    let known = ENTRIES.iter().map(|entry| row(sheet, scope, entry));
    let unknown = unknown_names(sheet, scope).into_iter().map(|(name, part)| {
        let entry = Entry {
            topic: Topic::Other,
            label: "",
            name: "",
            part,
            in_mean: false,
            in_brief: false,
        };
        let row = row_of(sheet, scope, &entry, &name);
        Row { label: row.name.clone(), ..row }
    });
    known.chain(unknown).filter(Row::is_present).collect()
}

/// The rows of short tables: those of the whole run that are not zero for
/// everybody, and the battery of each group, since a mean over unlike devices
/// would say nothing.
pub fn brief_rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let batteries = battery_rows(sheet);
    let mut brief: Vec<Row> = rows(sheet, Scope::Run)
        .into_iter()
        .filter(|row| row.in_brief && !row.is_zero())
        .filter(|row| batteries.is_empty() || row.name != BATTERY)
        .collect();
    let place = brief.iter().position(|row| row.topic >= Topic::Energy).unwrap_or(brief.len());
    brief.splice(place..place, batteries);
    brief
}

/// The battery of each group that has a figure for it.
pub fn battery_rows(sheet: &Sheet<'_>) -> Vec<Row> {
    let of_group = |group: &&str| {
        let row = rows(sheet, Scope::Group(group)).into_iter().find(|row| row.name == BATTERY)?;
        Some(Row { label: format!("{}, {group}", row.label), ..row })
    };
    sheet.groups().iter().filter_map(of_group).filter(|row| !row.is_zero()).collect()
}

/// The one figure that is shown by group in short tables.
const BATTERY: &str = "battery_ppm_per_hour";

fn row(sheet: &Sheet<'_>, scope: Scope<'_>, entry: &Entry) -> Row {
    row_of(sheet, scope, entry, entry.name)
}

fn row_of(sheet: &Sheet<'_>, scope: Scope<'_>, entry: &Entry, name: &str) -> Row {
    let figures: Vec<Option<Figure>> =
        sheet.columns.iter().map(|column| column.figure(scope, name, entry.part)).collect();
    Row {
        topic: entry.topic,
        label: entry.label.to_owned(),
        hint: catalog::info(name).map_or("", |info| info.summary),
        name: format!("{name}{}", entry.part.suffix()),
        in_mean: entry.in_mean,
        in_brief: entry.in_brief,
        cells: cells(sheet, &figures),
    }
}

fn cells(sheet: &Sheet<'_>, figures: &[Option<Figure>]) -> Vec<Cell> {
    let best = best(sheet, figures);
    let shown = || figures.iter().flatten();
    let tied = shown().all(|figure| Some(figure.value) == best);
    let eligible = eligible(sheet, figures);
    let alone = shown().count() < 2;
    figures
        .iter()
        .enumerate()
        .map(|(index, figure)| {
            let Some(known) = figure else { return Cell::default() };
            let factor =
                best.filter(|_| !alone).and_then(|best| factor(known.value, best, known.better, 0));
            let is_best = !tied && eligible.contains(&index) && Some(known.value) == best;
            Cell { figure: figure.clone(), factor, best: is_best }
        })
        .collect()
}

/// The columns that may be the best: that passed, baselines aside; else all
/// that are no baselines; else all.
fn eligible(sheet: &Sheet<'_>, figures: &[Option<Figure>]) -> Vec<usize> {
    let with = |allowed: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..figures.len()).filter(|index| figures[*index].is_some() && allowed(*index)).collect()
    };
    let engine = |index: usize| !sheet.columns[index].baseline;
    let passed = |index: usize| sheet.columns[index].tally().outcome == Outcome::Passed;
    let first = with(&|index| engine(index) && passed(index));
    if !first.is_empty() {
        return first;
    }
    let second = with(&engine);
    if second.is_empty() { with(&|_| true) } else { second }
}

fn best(sheet: &Sheet<'_>, figures: &[Option<Figure>]) -> Option<u64> {
    let candidates = eligible(sheet, figures);
    let values = || candidates.iter().filter_map(|index| figures[*index].as_ref());
    match values().next()?.better {
        Better::Less => values().map(|figure| figure.value).min(),
        Better::More => values().map(|figure| figure.value).max(),
        Better::None => None,
    }
}

/// How many times worse than `best`, both raised by `shift`.
fn factor(value: u64, best: u64, better: Better, shift: u64) -> Option<f64> {
    let (value, best) = (value as f64 + shift as f64, best as f64 + shift as f64);
    let (more, less) = match better {
        Better::Less => (value, best),
        Better::More => (best, value),
        Better::None => return None,
    };
    if more == less { Some(1.0) } else { (less > 0.0).then(|| more / less) }
}

/// By how much values are raised in the mean, so that tiny ones do not decide.
fn shift(unit: &str) -> u64 {
    match unit {
        "ns" => 1_000_000,
        "bytes" | "uj" | "work" => 1_000,
        "ppm" => 100,
        _ => 1,
    }
}

/// The mean of each column by [`MEAN_RULE`]; none for what failed, and for
/// columns that lack a row that the engines have, and where nobody is beside.
pub fn means(sheet: &Sheet<'_>, rows: &[Row]) -> Vec<Option<Mean>> {
    let passed: Vec<bool> =
        sheet.columns.iter().map(|column| column.tally().outcome == Outcome::Passed).collect();
    let engines: Vec<usize> = (0..passed.len())
        .filter(|index| passed[*index] && !sheet.columns[*index].baseline)
        .collect();
    let counting: Vec<&Row> = rows
        .iter()
        .filter(|row| row.in_mean && engines.iter().all(|index| row.cells[*index].figure.is_some()))
        .collect();
    (0..passed.len())
        .map(|index| {
            if !passed[index] || passed.len() < 2 {
                return None;
            }
            let factors: Option<Vec<f64>> =
                counting.iter().map(|row| shifted_factor(row, index, &engines)).collect();
            let factors = factors.filter(|factors| !factors.is_empty())?;
            let logarithms: f64 = factors.iter().map(|factor| factor.ln()).sum();
            Some(Mean { factor: (logarithms / factors.len() as f64).exp(), rows: factors.len() })
        })
        .collect()
}

fn shifted_factor(row: &Row, index: usize, engines: &[usize]) -> Option<f64> {
    let figure = row.cells[index].figure.as_ref()?;
    let values = engines.iter().filter_map(|engine| row.cells[*engine].figure.as_ref());
    let best = match figure.better {
        Better::Less => values.map(|figure| figure.value).min(),
        Better::More => values.map(|figure| figure.value).max(),
        Better::None => None,
    }?;
    factor(figure.value, best, figure.better, shift(&figure.unit))
}

/// What results hold beyond the catalogue, by name.
fn unknown_names(sheet: &Sheet<'_>, scope: Scope<'_>) -> Vec<(String, Part)> {
    let mut names = Vec::new();
    for run in sheet.runs() {
        let (metrics, histograms) = match scope {
            Scope::Run => (&run.metrics, &run.histograms),
            Scope::Group(group) => match run.groups.get(group) {
                Some(group) => (&group.metrics, &group.histograms),
                None => continue,
            },
        };
        for name in metrics.keys() {
            let of = range_base(name, |base| metrics.contains_key(base));
            if catalog::info(name).is_none() && of.is_none() {
                names.push((name.clone(), Part::Value));
            }
        }
        for name in histograms.keys().filter(|name| catalog::info(name).is_none()) {
            names.extend([Part::P50, Part::P99, Part::Max].map(|part| (name.clone(), part)));
        }
    }
    names.sort();
    names.dedup();
    names
}

/// The figure whose stated range this one is an end of, if that one is there.
fn range_base(name: &str, is_there: impl Fn(&str) -> bool) -> Option<&str> {
    catalog::range_of(name).filter(|base| is_there(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_say_how_many_times_worse() {
        for (value, best, better, shift, expected) in [
            (200, 100, Better::Less, 0, Some(2.0)),
            (100, 200, Better::More, 0, Some(2.0)),
            (50, 100, Better::Less, 0, Some(0.5)),
            (0, 0, Better::Less, 0, Some(1.0)),
            (5, 0, Better::Less, 0, None),
            (0, 5, Better::More, 0, None),
            (5, 0, Better::Less, 1, Some(6.0)),
            (1, 2, Better::None, 0, None),
        ] {
            assert_eq!(factor(value, best, better, shift), expected);
        }
    }
}

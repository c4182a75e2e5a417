//! The progress bar: how far the virtual clocks are, and how long it may take.

use std::sync::Mutex;

use deadzone_core::time::Span;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How much a run weighs on the bar: a world by its virtual time, in thousandths.
const RUN_STEPS: u64 = 1_000;

/// Progress of a campaign, on standard error.
pub(crate) struct Progress {
    bars: MultiProgress,
    total: ProgressBar,
    /// Runs under way, to be told apart on screen.
    lines: Mutex<usize>,
}

/// Progress of one run.
pub(crate) struct Line {
    bar: ProgressBar,
    total: ProgressBar,
    label: String,
    virtual_time_ns_max: u64,
    told: Mutex<u64>,
}

impl Progress {
    /// For this many runs; silent with `quiet`, or where standard error is no
    /// terminal.
    pub(crate) fn new(runs: usize, quiet: bool) -> Self {
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bars = MultiProgress::with_draw_target(target);
        let total = bars.add(ProgressBar::new(runs as u64 * RUN_STEPS));
        total.set_style(style("{bar:32} {percent:>3} %  {msg}  about {eta} left"));
        total.set_message(format!("0 of {runs} runs"));
        Self { bars, total, lines: Mutex::new(0) }
    }

    /// A run begins.
    pub(crate) fn begin(&self, label: &str, virtual_time_ns_max: u64) -> Line {
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.set_style(style("  {msg}"));
        bar.set_message(label.to_owned());
        Line {
            bar,
            total: self.total.clone(),
            label: label.to_owned(),
            virtual_time_ns_max,
            told: Mutex::new(0),
        }
    }

    /// A run is over.
    pub(crate) fn end(&self, line: &Line) {
        line.advance_to(RUN_STEPS);
        line.bar.finish_and_clear();
        let mut done = self.lines.lock().expect("no holder panics");
        *done += 1;
        let runs = self.total.length().unwrap_or(0) / RUN_STEPS;
        self.total.set_message(format!("{done} of {runs} runs"));
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.total.finish_and_clear();
    }
}

impl Line {
    /// The virtual clock shows this.
    pub(crate) fn at(&self, virtual_time_ns: u64) {
        if self.virtual_time_ns_max == 0 {
            return;
        }
        let now = Span::from_nanos(virtual_time_ns);
        let end = Span::from_nanos(self.virtual_time_ns_max);
        let tenths = |span: Span| format!("{:.1} min", span.as_nanos() as f64 / 60e9);
        self.bar.set_message(format!("{}  {} of {}", self.label, tenths(now), tenths(end)));
        self.advance_to(now.scale(RUN_STEPS, self.virtual_time_ns_max).as_nanos().min(RUN_STEPS));
    }

    fn advance_to(&self, step: u64) {
        let mut told = self.told.lock().expect("no holder panics");
        self.total.inc(step.saturating_sub(*told));
        *told = step.max(*told);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed")
}

//! How links come and go.

use deadzone_core::profile::{OutageProfile, SpanDistribution};
use deadzone_core::time::Span;
use deadzone_core::units::PartsPerMillion;

use super::profile::{check_technology, out_of_range};
use crate::error::Located;
use crate::file::profile::{DistributionFile, DrawnFile, OutageFile, QuantilesFile};
use crate::values::{At, TimeText};

/// The longest that links are up or down at a stretch.
const MAX_OUTAGE: Span = Span::from_secs(365 * 86_400);
/// Links flap no faster, or a plan would hold nothing else.
const MIN_OUTAGE: Span = Span::from_millis(1);

pub(super) fn outage(name: &At<String>, file: &OutageFile) -> Result<OutageProfile, Located> {
    for technology in &file.technologies {
        check_technology(technology)?;
    }
    Ok(OutageProfile {
        name: name.value.clone(),
        summary: file.summary.value.clone(),
        technologies: file.technologies.iter().map(|name| name.value.clone()).collect(),
        up: distribution(&file.up)?,
        down: distribution(&file.down)?,
    })
}

fn distribution(file: &At<DistributionFile>) -> Result<SpanDistribution, Located> {
    match &file.value {
        DistributionFile::Fixed(span) => {
            stretch(&At { value: *span, span: file.span.clone() }).map(SpanDistribution::Fixed)
        }
        DistributionFile::Drawn(drawn) => match drawn {
            DrawnFile {
                uniform: Some(range),
                exponential: None,
                at_most: None,
                quantiles: None,
            } => {
                let [low, high] = &range.value;
                let (low, high) = (stretch(low)?, stretch(high)?);
                if low > high {
                    return Err(range.wrong("this range is upside down", "its low end first"));
                }
                Ok(SpanDistribution::Uniform(low, high))
            }
            DrawnFile {
                uniform: None,
                exponential: Some(mean),
                at_most: Some(most),
                quantiles: None,
            } => {
                let (mean_span, most_span) = (stretch(mean)?, stretch(most)?);
                if most_span < mean_span {
                    return Err(most.wrong("this cut lies below the mean", "a longer time"));
                }
                Ok(SpanDistribution::Exponential(mean_span, most_span))
            }
            DrawnFile { uniform: None, exponential: None, at_most: None, quantiles: Some(at) } => {
                quantiles(at).map(SpanDistribution::Quantiles)
            }
            _ => Err(file.wrong(
                "this does not say what to draw, or says it twice",
                "one of `uniform`, `quantiles`, and `exponential` with `at_most`",
            )),
        },
    }
}

fn quantiles(file: &At<QuantilesFile>) -> Result<Vec<(PartsPerMillion, Span)>, Located> {
    let mut points = Vec::new();
    for (key, span) in &file.0 {
        let percent = key.strip_prefix('p').and_then(|digits| digits.parse::<u32>().ok());
        let Some(percent) = percent.filter(|percent| *percent <= 100) else {
            let what = format!("`{}` is no quantile", key.escape_debug());
            return Err(key.wrong(what, "`p` and a whole number of per cent, `p0` to `p100`"));
        };
        points.push((PartsPerMillion(percent * 10_000), stretch(span)?));
    }
    points.sort_by_key(|(share, _)| *share);
    let ends = (points.first().map(|point| point.0), points.last().map(|point| point.0));
    let whole = (Some(PartsPerMillion(0)), Some(PartsPerMillion(1_000_000)));
    let rises = points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
    if ends != whole || !rises {
        return Err(file.wrong(
            "these are no quantiles of one distribution",
            "`p0`, `p100`, and times that rise from one to the other",
        ));
    }
    Ok(points)
}

fn stretch(text: &At<TimeText>) -> Result<Span, Located> {
    if text.0 < MIN_OUTAGE || text.0 > MAX_OUTAGE {
        return Err(out_of_range(text, MIN_OUTAGE, MAX_OUTAGE));
    }
    Ok(text.0)
}

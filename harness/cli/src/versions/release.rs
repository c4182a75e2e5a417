//! The number of a release.

use std::fmt;
use std::str::FromStr;

/// A released version: three numbers, compared as numbers. What is released
/// before a release (`1.0.0-beta.2`) is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(pub(crate) u64, pub(crate) u64, pub(crate) u64);

/// It is not three numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no release; expected three numbers, as 0.24.0")]
pub(crate) struct NoRelease(String);

impl FromStr for Release {
    type Err = NoRelease;

    fn from_str(text: &str) -> Result<Self, NoRelease> {
        let number = |part: &str| {
            // `parse` would take a sign, and versions have no leading zeros.
            let plain = part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'));
            plain.then(|| part.parse().ok()).flatten()
        };
        let numbers: Option<Vec<u64>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some([major, minor, patch]) => Ok(Self(*major, *minor, *patch)),
            _ => Err(NoRelease(text.to_owned())),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_number() {
        let release = |text: &str| text.parse::<Release>().expect("a release");
        assert!(release("0.9.0") < release("0.10.0"));
        assert!(release("1.13.9") < release("1.13.10"));
        assert_eq!(release("0.28.1").to_string(), "0.28.1");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.-3", "1.2.+3", "01.2.3", "1.0.0-beta"]
        {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
        assert!("1.2.99999999999999999999".parse::<Release>().is_err());
    }
}

//! Versions as Talos, Kubernetes and Omni write them.

use std::fmt;

/// `v1.13.7`, `v1.13`, `1.35.0-rc.1`: the patch may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number, if it was written.
    pub patch: Option<u16>,
    /// What follows `-`, empty for a release.
    pub pre: crate::text::Text,
}

impl Version {
    /// Reads a version with or without a leading `v`; it needs at least one dot.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (numbers, pre) = text.split_once('-').map_or((text, ""), |(n, p)| (n, p));
        if text.contains('-') && pre.is_empty() {
            return None;
        }
        let mut parts = numbers.split('.');
        let mut number = || {
            let part = parts.next()?;
            let canonical = part == "0" || !part.starts_with('0');
            (canonical && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
        };
        let (major, minor) = (number()?, number()?);
        let patch = if numbers.matches('.').count() == 2 { Some(number()?) } else { None };
        if numbers.matches('.').count() > 2 || (patch.is_none() && !pre.is_empty()) {
            return None;
        }
        Some(Version { major, minor, patch, pre: pre.into() })
    }
    /// A minor without a patch.
    pub const fn minor(major: u16, minor: u16) -> Version {
        Version { major, minor, patch: None, pre: crate::text::Text::new_static("") }
    }
    /// Major and minor.
    pub fn line(&self) -> (u16, u16) {
        (self.major, self.minor)
    }
    /// Whether `self` is at or after `first`; a `first` without a patch means its first release and the pre-releases of it.
    pub fn at_least(&self, first: &Version) -> bool {
        match first.patch {
            None => self.line() >= first.line(),
            Some(_) => self >= first,
        }
    }
    /// Whether `self` is at or before `last`; a `last` without a patch includes all its patches.
    pub fn at_most(&self, last: &Version) -> bool {
        match last.patch {
            None => self.line() <= last.line(),
            Some(_) => self <= last,
        }
    }
    /// Without the leading `v`.
    pub fn bare(&self) -> String {
        let mut out = format!("{}.{}", self.major, self.minor);
        if let Some(patch) = self.patch {
            out.push_str(&format!(".{patch}"));
        }
        if !self.pre.is_empty() {
            out.push_str(&format!("-{}", self.pre));
        }
        out
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.bare())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |v: &Version| (v.major, v.minor, v.patch.unwrap_or(0), v.pre.is_empty());
        key(self).cmp(&key(other)).then_with(|| pre_order(&self.pre, &other.pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Pre-releases in the order of semantic versioning: numbers by value, words by spelling, fewer parts first.
fn pre_order(a: &str, b: &str) -> std::cmp::Ordering {
    let key = |part: &str| part.parse::<u64>().map_or((1, 0, part.to_string()), |n| (0, n, String::new()));
    a.split('.').map(key).cmp(b.split('.').map(key))
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn reads_and_orders() {
        let v = |t: &str| Version::parse(t).unwrap();
        assert!(v("v1.13.7") > v("v1.9.6"));
        assert!(v("1.14.0-beta.1") < v("1.14.0-rc.0"));
        assert!(v("1.14.0-rc.1") < v("1.14.0"));
        assert!(v("v1.13.7").at_most(&v("v1.13")));
        assert!(v("v1.14.0-rc.1").at_least(&v("v1.14")));
        assert_eq!(v("v1.10.1").to_string(), "v1.10.1");
        for bad in ["1", "v1", "1.2.3.4", "1.x", "1.2-", "1.02", "1.2-rc"] {
            assert!(Version::parse(bad).is_none(), "{bad}");
        }
    }
}

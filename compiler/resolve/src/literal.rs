//! Durations, versions, account numbers, ports and cron-free plain literals: text with a declared type.

use model::value::{Duration, Ports};

/// Reads `"90d"`, `"12h"`, `"15m"`, `"30s"`: one whole number, one unit. There are no months and no years.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let unit = text.bytes().last()?;
    let seconds_of_unit = match unit {
        b'd' => 86_400,
        b'h' => 3_600,
        b'm' => 60,
        b's' => 1,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    let seconds = digits.parse::<u64>().ok()?.checked_mul(seconds_of_unit)?;
    Some(Duration { seconds })
}

/// Whether the text is a dotted version: two to five numbers, `"2.4.0"`.
pub(crate) fn is_version(text: &str) -> bool {
    let fields = text.split('.').count();
    let number = |field: &str| {
        let digits = !field.is_empty() && field.len() <= 9 && field.bytes().all(|byte| byte.is_ascii_digit());
        digits && (field.len() == 1 || !field.starts_with('0'))
    };
    (2..=5).contains(&fields) && text.split('.').all(number)
}

/// Whether the text is the number of an account: twelve digits.
pub(crate) fn is_account_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text has the shape of a region, `eu-central-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let fields: Vec<&str> = text.split('-').collect();
    let Some((last, first)) = fields.split_last() else {
        return false;
    };
    let letters = |field: &&str| field.len() >= 2 && field.bytes().all(|byte| byte.is_ascii_lowercase());
    // New regions have new names of lands, and the same directions.
    let is_direction = first.last().is_some_and(|field| DIRECTIONS.contains(field));
    first.len() >= 2
        && is_direction
        && first.iter().all(letters)
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit())
}

const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// Regions, to offer one that is near; an unknown one of the right shape is taken all the same.
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>, 2026-12-01.
pub(crate) const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// What to write in place of what is no region.
pub(crate) fn near_region(written: &str) -> String {
    let start = written.to_ascii_lowercase().replace('_', "-");
    let near: Vec<String> = REGIONS
        .iter()
        .filter(|region| start.len() > 2 && (region.starts_with(&start) || start.starts_with(**region)))
        .map(|region| format!("`region={region}`"))
        .collect();
    if let Some(near) = crate::nearest(&start, REGIONS.iter().copied()) {
        format!("did you mean `region={near}`?")
    } else if near.is_empty() {
        "write it as the provider does: `region=eu-central-1`".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    }
}

/// The beginnings of regions of partitions that nothing here knows.
const ELSEWHERE: &[&str] = &["eusc-", "us-iso-", "us-isob-", "eu-isoe-", "us-isof-"];

/// Whether a region is of a partition that nothing here knows: its service principals, its endpoints and its audiences differ.
///
/// Source: AWS SDK `partitions.json`, read 2026-12-01.
pub(crate) fn is_elsewhere(region: &str) -> bool {
    ELSEWHERE.iter().any(|begin| region.starts_with(begin))
}

/// The partition of a region. Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// A port, `443`.
pub(crate) fn port(text: &str) -> Option<u16> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}

/// One port or a range, `443` or `"8000-8010"`, of a protocol.
pub(crate) fn ports(protocol: u8, text: &str) -> Option<Ports> {
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    (first <= last).then_some(Ports {
        protocol,
        first,
        last,
    })
}

/// ICMP, `8` (any code of a type) or `"3/4"` (type and code), as a range of `type × 256 + code`.
pub(crate) fn icmp(protocol: u8, text: &str) -> Option<Ports> {
    let byte = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u8>().ok()).flatten()
    };
    let (first, last) = match text.split_once('/') {
        Some((sort, code)) => {
            let at = u16::from(byte(sort)?) * 256 + u16::from(byte(code)?);
            (at, at)
        }
        None => (u16::from(byte(text)?) * 256, u16::from(byte(text)?) * 256 + 255),
    };
    Some(Ports {
        protocol,
        first,
        last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_one_number_and_one_unit() {
        assert_eq!(duration("90d"), Some(Duration { seconds: 7_776_000 }));
        assert_eq!(duration("0s"), Some(Duration { seconds: 0 }));
        for text in [
            "",
            "d",
            "1",
            "1y",
            "1 d",
            "-1d",
            "+1d",
            "1d2h",
            "01d",
            "1.5h",
            "1D",
            "999999999999999999999d",
            "é",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn versions_regions_and_accounts_have_a_shape() {
        assert!(
            is_version("2.4.0")
                && is_version("1.10")
                && !is_version("2")
                && !is_version("2.x")
                && !is_version("02.1")
        );
        assert!(
            is_region("eu-central-1")
                && is_region("us-gov-west-1")
                && !is_region("eu-central")
                && !is_region("x")
        );
        assert!(is_account_number("012345678901") && !is_account_number("12345678901"));
        assert_eq!(partition("cn-north-1"), "aws-cn");
    }

    #[test]
    fn ports_are_ranges() {
        assert_eq!(
            ports(6, "8000-8010"),
            Some(Ports {
                protocol: 6,
                first: 8000,
                last: 8010
            })
        );
        assert_eq!(
            ports(6, "443"),
            Some(Ports {
                protocol: 6,
                first: 443,
                last: 443
            })
        );
        for text in ["0", "65536", "10-5", "-1", "1-", "080"] {
            assert_eq!(ports(6, text), None, "{text}");
        }
        assert_eq!(
            icmp(1, "3/4"),
            Some(Ports {
                protocol: 1,
                first: 772,
                last: 772
            })
        );
        assert_eq!(
            icmp(1, "8"),
            Some(Ports {
                protocol: 1,
                first: 2048,
                last: 2303
            })
        );
    }
}

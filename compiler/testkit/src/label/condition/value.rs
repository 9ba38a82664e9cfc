//! Dates and addresses, as the provider writes them.

use std::net::IpAddr;

/// A second of the epoch: as a number, a day, or a timestamp in UTC.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok();
    }
    let (day, time) = text
        .split_once('T')
        .map_or((text, "00:00:00Z"), |(day, time)| (day, time));
    let parts: Vec<i64> = day
        .split('-')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let clock: Vec<i64> = time
        .strip_suffix('Z')?
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let ([year, month, date], [hour, minute, second]) = (parts.as_slice(), clock.as_slice()) else {
        return None;
    };
    let well_formed = day.len() == 10
        && time.len() == 9
        && (1..=12).contains(month)
        && (1..=length(*year, *month)).contains(date);
    if !well_formed || *hour > 23 || *minute > 59 || *second > 59 {
        return None;
    }
    let mut days = 0;
    for y in 1970..*year {
        days += if is_leap(y) { 366 } else { 365 };
    }
    for m in 1..*month {
        days += length(*year, m);
    }
    Some((days + date - 1) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// First and last address of a block, host bits masked.
#[must_use]
pub fn block(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (address, bits) = text
        .split_once('/')
        .map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => width,
        Some(bits) if bits.chars().all(|c| c.is_ascii_digit()) => {
            bits.parse().ok().filter(|bits| *bits <= width)?
        }
        Some(_) => return None,
    };
    Some(match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let first = u32::from(four) & mask;
            (IpAddr::V4(first.into()), IpAddr::V4((first | !mask).into()))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            let first = u128::from(six) & mask;
            (IpAddr::V6(first.into()), IpAddr::V6((first | !mask).into()))
        }
    })
}

/// The next address, or the one before.
#[must_use]
pub fn step(address: IpAddr, up: bool) -> Option<IpAddr> {
    Some(match address {
        IpAddr::V4(four) => {
            let n = u32::from(four);
            IpAddr::V4(if up { n.checked_add(1)? } else { n.checked_sub(1)? }.into())
        }
        IpAddr::V6(six) => {
            let n = u128::from(six);
            IpAddr::V6(if up { n.checked_add(1)? } else { n.checked_sub(1)? }.into())
        }
    })
}

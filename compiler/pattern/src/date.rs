//! Civil dates of the proleptic Gregorian calendar, in UTC, as seconds of the epoch 1970-01-01.

const DAY_SECONDS: i64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
/// Days in 400 years.
const ERA_DAYS: i64 = 146_097;

/// The first second of a day written `YYYY-MM-DD`; `None` if there is no such day.
pub fn midnight(day: &str) -> Option<i64> {
    Some(days_of(day)? * DAY_SECONDS)
}

/// The last second of a day written `YYYY-MM-DD`.
pub fn last_second(day: &str) -> Option<i64> {
    Some(next_midnight(day)? - 1)
}

/// The first second after a day written `YYYY-MM-DD`.
pub fn next_midnight(day: &str) -> Option<i64> {
    Some((days_of(day)? + 1) * DAY_SECONDS)
}

/// The day on which a second lies, as `YYYY-MM-DD`; years outside 0 to 9999 as they are, with a sign if negative.
pub fn day(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(DAY_SECONDS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// A second as `YYYY-MM-DDTHH:MM:SSZ`.
pub fn timestamp(seconds: i64) -> String {
    let rest = seconds.rem_euclid(DAY_SECONDS);
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        day(seconds),
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// The second written `YYYY-MM-DDTHH:MM:SSZ`; `None` for any other spelling.
pub fn seconds(timestamp: &str) -> Option<i64> {
    let (day, time) = timestamp.strip_suffix('Z')?.split_once('T')?;
    let mut parts = time.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let valid = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    valid.then_some(midnight(day)? + hour * 3600 + minute * 60 + second)
}

fn number(digits: &str, length: usize) -> Option<i64> {
    let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn days_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=length).contains(&day) {
        return None;
    }
    // Years from March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    Some(
        era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + day
            - 1
            - EPOCH_DAYS,
    )
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAYS;
    let era = days.div_euclid(ERA_DAYS);
    let of_era = days.rem_euclid(ERA_DAYS);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

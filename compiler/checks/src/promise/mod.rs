//! Promises and waivers.

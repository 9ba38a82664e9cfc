//! The tests of this crate in one process, a module for each subject: a binary for each would be linked each time.

mod aws_iam;
mod conditions;
mod device_bundles;
mod lowering;
mod names;
mod network;
mod packets;
mod security_groups_moto;
mod spec;
mod terraform;

//! What an editor asks, asked of small projects.

mod asking;
mod complete;
mod learned;
mod names;
mod shape;

//! What bytes permit, knowing no intent.

//! Sets of packets: a hash-consed interval decision diagram.

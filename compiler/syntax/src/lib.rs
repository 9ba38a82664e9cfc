//! The KDL v2 reader and formatter.

//! omote

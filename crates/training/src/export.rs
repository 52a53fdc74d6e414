//! From a trained network to a file that the run side reads.

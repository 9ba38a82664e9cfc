//! What tests share: goldens, generators, the enumerator and the labelling evaluator.

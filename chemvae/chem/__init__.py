"""Chemistry in RDKit, without torch: tokens, standardisation, verdicts, properties, similarity, metrics."""

"""Oracles: the tasks of the PMO and GuacaMol benchmarks, and the score algebra to make one's own."""

"""The studio: pages on this machine to explore, interpolate, optimise and score without writing code."""

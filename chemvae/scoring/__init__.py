"""Scoring: what is added to the rows of a table, in one walk, as a job of shards, or on a cluster."""

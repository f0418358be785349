"""Optimisers over functions and arrays: objective, counted oracle and ways to propose."""

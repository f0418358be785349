"""Worked examples whose answer is known: transformed noise, mean field, a learned proposal."""

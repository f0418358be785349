"""The families of image systems: each a kind of recipe and what becomes of it; the table is in table.py."""

"""Tables, figures and self-contained pages for people to look at."""

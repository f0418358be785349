"""The pages of the studio, one a file; each asks, calls a verb and shows what came out."""

"""Graph edits of molecules, by chance and with limits: mutations of one, crossover of two."""

"""Energy models of binary images: Boltzmann machines, stacks of them, their partition function; wake-sleep."""

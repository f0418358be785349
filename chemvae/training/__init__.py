"""Lightning tasks: what a training step is, which batches come, and what is logged and saved."""

"""nesy: one rule file, several ways to reason with it, neural networks as its eyes."""

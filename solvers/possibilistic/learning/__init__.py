"""Learning s and r of uncertain rules from samples: evidence and targets in, parameters out."""

"""Compiled circuits: what is too entangled for tables is compiled once, then evaluated for whole batches."""

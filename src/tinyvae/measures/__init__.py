"""Measures: matrices, (latent, factor), from which scores and the answer are built."""

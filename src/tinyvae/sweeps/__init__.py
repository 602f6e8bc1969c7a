"""Sweeps: many runs at once, in groups that train together, and the ledger of all."""

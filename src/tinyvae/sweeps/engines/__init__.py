"""Engines: where the groups of a sweep are trained."""

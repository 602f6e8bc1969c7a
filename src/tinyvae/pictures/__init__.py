"""A user's own pictures and labels: read, checked, joined, split, kept. No JAX."""

from tinyvae.pictures.reading import Reading, read_pictures
from tinyvae.pictures.report import Note, Report
from tinyvae.pictures.rules import FormRule, LabelRule, Rules, SplitRule

__all__ = [
    "FormRule",
    "LabelRule",
    "Note",
    "Reading",
    "Report",
    "Rules",
    "SplitRule",
    "read_pictures",
]

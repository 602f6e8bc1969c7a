"""A user's own pictures and labels: read, checked, joined, split, kept. No JAX."""

from tinyvae.notes import Note
from tinyvae.pictures.reading import Reading, read_pictures
from tinyvae.pictures.report import Report
from tinyvae.pictures.rules import FormRule, Rules, SplitRule
from tinyvae.tables.rules import LabelRule

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

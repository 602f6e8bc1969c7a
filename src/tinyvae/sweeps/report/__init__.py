"""A sweep -> one HTML file: which objective answers the question, and how often."""

from tinyvae.sweeps.report.html import sweep_page

__all__ = ["sweep_page"]

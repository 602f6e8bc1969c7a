"""The figures of a run that trackers show."""

from __future__ import annotations

from tinyvae.plots.answer_matrix import answer_matrix
from tinyvae.plots.codes import encode_world
from tinyvae.plots.reconstructions import reconstructions
from tinyvae.plots.style import figure_bytes
from tinyvae.plots.traversals import traversals
from tinyvae.runs.run import Run


def tracked_pictures(run: Run) -> dict[str, bytes]:
    """Traversals, reconstructions and, of known factors, the answer; PNG by name."""
    coded = encode_world(run)
    figures = {
        "traversals": traversals(run, coded),
        "reconstructions": reconstructions(run, coded),
    }
    if coded.table.factors:
        figures["answer"] = answer_matrix(run, coded)
    return {name: figure_bytes(figure, "png") for name, figure in figures.items()}

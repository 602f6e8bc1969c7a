"""Results -> matplotlib figures. Nothing is computed here but where things go."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyvae.plots.data_sheet import data_sheet as data_sheet
    from tinyvae.plots.draw import draw_all as draw_all
    from tinyvae.plots.draw import draw_figures as draw_figures
    from tinyvae.plots.generated import generated_sheet as generated_sheet
    from tinyvae.plots.score_matrices import score_matrices as score_matrices
    from tinyvae.plots.style import save_figure as save_figure

# Imported when first used: the picture of scores must not wait for JAX.
_HOME = {
    "data_sheet": "data_sheet",
    "draw_all": "draw",
    "draw_figures": "draw",
    "generated_sheet": "generated",
    "score_matrices": "score_matrices",
    "save_figure": "style",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'tinyvae.plots' has no attribute {name!r}")
    # kept under its name at once: the modules of the same names would hide functions
    value = getattr(import_module(f"tinyvae.plots.{_HOME[name]}"), name)
    globals()[name] = value
    return value

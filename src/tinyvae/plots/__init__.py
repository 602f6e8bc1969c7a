"""Results -> matplotlib figures. Nothing is computed here but where things go."""

from tinyvae.plots.data_sheet import data_sheet
from tinyvae.plots.draw import draw_all, draw_figures
from tinyvae.plots.generated import generated_sheet
from tinyvae.plots.style import FORMATS, save_figure

__all__ = [
    "FORMATS",
    "data_sheet",
    "draw_all",
    "draw_figures",
    "generated_sheet",
    "save_figure",
]

"""Every picture of a run, drawn into a folder."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from tinyvae.files.whole import make_folder
from tinyvae.plots.answer_matrix import answer_matrix
from tinyvae.plots.cloud import latent_cloud
from tinyvae.plots.codes import encode_world
from tinyvae.plots.data_sheet import data_sheet
from tinyvae.plots.diagrams import decoder_diagram, encoder_diagram
from tinyvae.plots.latent_space import latent_space_diagram
from tinyvae.plots.movement import movement
from tinyvae.plots.reconstructions import reconstructions
from tinyvae.plots.scatter import latent_against_factor
from tinyvae.plots.style import save_figure
from tinyvae.plots.training_curves import training_curves
from tinyvae.plots.traversals import traversals
from tinyvae.runs.run import Run


def draw_figures(run: Run) -> dict[str, Figure]:
    """Every figure of a run, by the name of its file.

    Figures of factors are left out where no factor is known, and the curves of training
    where it was not recorded.
    """
    coded = encode_world(run)
    figures = {
        "data": data_sheet(run.world, run.population),
        "reconstructions": reconstructions(run, coded),
        "traversals": traversals(run, coded),
        "movement": movement(run, coded),
        "latent_cloud": latent_cloud(run, coded),
        "encoder": encoder_diagram(run, coded),
        "decoder": decoder_diagram(run, coded),
        "latent_space": latent_space_diagram(run, coded),
    }
    if coded.table.factors:
        figures["answer"] = answer_matrix(run, coded)
        figures["latent_against_factor"] = latent_against_factor(run, coded)
    if run.history:
        figures["training"] = training_curves(run)
    return figures


def draw_all(run: Run, folder: Path, picture_format: str = "png") -> list[Path]:
    """Draw every figure of a run into a folder; returns the paths.

    Raises: RunFolderError if the folder cannot be written.
    """
    make_folder(folder)
    paths = []
    for name, figure in draw_figures(run).items():
        path = folder / f"{name}.{picture_format}"
        save_figure(figure, path)
        paths.append(path)
    return paths

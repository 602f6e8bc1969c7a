import io

import matplotlib.image
import numpy as np
import pytest
from example_runs import run_of

import tinyvae as tv
from tinyvae.answer import build_answer
from tinyvae.answer.sentence import two_digits
from tinyvae.errors import ConfigError
from tinyvae.evaluation.traversal import central_code, traverse, walk
from tinyvae.factors import Factor, full_grid
from tinyvae.plots import (
    data_sheet,
    draw_all,
    draw_figures,
    generated_sheet,
    save_figure,
)
from tinyvae.plots.codes import encode_world
from tinyvae.plots.style import COLOURS, figure_bytes, strip
from tinyvae.plots.traversals import latent_title, traversals

NAMES = {
    "data", "reconstructions", "traversals", "answer", "latent_against_factor",
    "latent_cloud", "training", "encoder", "decoder", "latent_space", "movement",
}  # fmt: skip


def small_run(**network) -> tv.Run:
    return run_of(tv.Circles(8), tv.FullyConnected(hidden=(16, 8), **network))


@pytest.fixture(scope="module")
def run() -> tv.Run:
    return small_run()


def texts(figure) -> str:
    return figure_bytes(figure, "svg").decode()


def test_every_figure_is_drawn_and_labelled(run):
    figures = draw_figures(run)
    assert set(figures) == NAMES
    for name, word in (
        ("data", "radius 2 px"),
        ("reconstructions", "difference"),
        ("latent_against_factor", "radius (px)"),
        ("latent_cloud", "x (px)"),
        ("training", "nats"),
        ("encoder", "log variance"),
        ("movement", "change of the pixel"),
        ("decoder", "pixel logits"),
        ("latent_space", "z1"),
        ("answer", "decoder: how far the picture moves"),
    ):
        assert word in texts(figures[name]), name


def test_diagrams_show_the_widths_of_the_actual_network(run):
    figures = draw_figures(run)
    for name in ("encoder", "decoder"):
        svg = texts(figures[name])
        assert all(f">{width}<" in svg for width in (64, 16, 8)), name


def test_a_traversal_wears_its_answer(run):
    svg = texts(traversals(run, encode_world(run)))
    for latent in range(3):
        title, _ = latent_title(run.answer, latent)
        assert title in svg


def test_a_clear_latent_is_named_with_its_share():
    table = tv.Circles().table
    codes = table.values[:, [1, 0, 2]].copy()
    codes[:, 1] += 0.02 * table.values[:, 2]
    active = np.array([True, True, False])
    answer = build_answer(tv.Representation(codes, table, active), kl=np.ones(3))
    title, colour = latent_title(answer, 1)
    assert colour == COLOURS[2]
    share = two_digits(answer.share[1, 0])
    assert title.startswith(f"z1: radius? Yes: share {share}")
    nothing = "z2: nothing (inactive, KL 1.00 nats)"
    assert latent_title(answer, 2) == (nothing, COLOURS[1])


def test_latents_that_hold_a_circle_are_named_together():
    hue = Factor("hue", tuple(15.0 * k for k in range(24)), "deg", "circular", 360.0)
    table = full_grid((hue, Factor("size", tuple(map(float, range(12))))))
    angle = np.radians(table.values[:, 0])
    codes = np.stack([np.cos(angle), table.values[:, 1], np.sin(angle)], axis=1)
    seen = tv.Representation(codes, table, np.ones(3, bool))
    answer = build_answer(seen, kl=np.ones(3))
    scores = "share 1.00, readout 0.99"
    expected = (f"z2: hue? z0 and z2, as a circle: {scores}", COLOURS[2])
    assert latent_title(answer, 2) == expected


def test_pictures_along_a_latent_are_those_that_the_run_decodes(run):
    coded = encode_world(run)
    base = central_code(coded.codes, coded.table.probability)
    values = walk(coded.codes, coded.table.probability, 1, 5)
    points = np.tile(base, (5, 1))
    points[:, 1] = values
    images = traverse(run.vae, base, 1, values).images
    np.testing.assert_allclose(images, run.decode(points), atol=1e-6)
    assert strip(images, 1).shape == (8, 5 * 8 + 4, 3)


@pytest.mark.parametrize("latents", [1, 2, 5])
def test_any_number_of_latents_can_be_drawn(latents):
    figures = draw_figures(small_run(latents=latents))
    assert all(figure_bytes(figure, "png") for figure in figures.values())


@pytest.mark.parametrize("layout", ["inside", "clipped", "gaussian"])
@pytest.mark.parametrize("size", [8, 64])
def test_data_sheets_of_any_world_can_be_drawn(layout, size):
    svg = texts(data_sheet(tv.Circles(size, layout=layout), columns=3))
    assert f"{size}x{size} circles" in svg


def test_draw_all_writes_the_files_that_it_names(run, tmp_path):
    paths = draw_all(run, tmp_path / "pictures", "pdf")
    assert {path.stem for path in paths} == NAMES
    assert set((tmp_path / "pictures").iterdir()) == set(paths)
    assert all(path.read_bytes().startswith(b"%PDF") for path in paths)


def test_generated_pictures_are_labelled_with_their_latents(run):
    latents = np.array([[0.0, 1.5, -1.0]])
    svg = texts(generated_sheet(latents, run.decode(latents)))
    assert "(0.0, 1.5, -1.0)" in svg.replace("−", "-")


def test_a_figure_is_as_wide_as_a_page_needs(run):
    content = figure_bytes(traversals(run, encode_world(run)), "png")
    height, width = matplotlib.image.imread(io.BytesIO(content)).shape[:2]
    assert 1200 <= width <= 1800
    assert height < width


def test_an_unknown_format_is_refused(run, tmp_path):
    with pytest.raises(ConfigError, match=r"ends in \.png, \.pdf or \.svg, got"):
        save_figure(data_sheet(run.world), tmp_path / "a.gif")

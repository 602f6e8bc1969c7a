"""Every figure, for any world, network, objective and number of latents."""

import io

import numpy as np
import pytest
from example_runs import COLOURFUL, NoLabels, Waves, ordered, run_of
from matplotlib import colormaps
from PIL import Image

import tinyvae as tv
from tinyvae.evaluation.results import DecoderResponse
from tinyvae.models.vae import VAE
from tinyvae.plots import data_sheet, draw_figures
from tinyvae.plots.animation import animate_traversals
from tinyvae.plots.answer_matrix import factor_responses, response_text
from tinyvae.plots.codes import encode_world
from tinyvae.plots.data_sheet import lines_of
from tinyvae.plots.layers import decoder_layers, encoder_layers
from tinyvae.plots.scatter import conditional_mean
from tinyvae.plots.shades import PLAIN, shades_of
from tinyvae.plots.style import COLOURS, figure_bytes

OF_FACTORS = {"answer", "latent_against_factor"}
ALWAYS = {
    "data", "reconstructions", "traversals", "movement", "latent_cloud", "training",
    "encoder", "decoder", "latent_space",
}  # fmt: skip


def title(figure) -> str:
    return figure._suptitle.get_text()


def texts(figure) -> str:
    return figure_bytes(figure, "svg").decode().replace("−", "-")


def drawn(run):
    figures = draw_figures(run)
    for figure in figures.values():
        figure.draw_without_rendering()
    return figures


def legend_of(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def shown_in(axes) -> np.ndarray:
    return np.asarray(axes.images[0].get_array())


def tick_labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.fixture(scope="module")
def colourful():
    run = run_of(Waves())
    return run, drawn(run)


def test_levels_units_and_circles_of_a_colour_world_are_shown(colourful):
    _, figures = colourful
    assert set(figures) == ALWAYS | OF_FACTORS
    against = figures["latent_against_factor"].axes
    assert len(against) == 3 * 3
    assert tick_labels(against[6].xaxis) == ["disc", "square", "heart"]
    labels = [axes.get_xlabel() for axes in against[6:]]
    assert labels == ["shape", "hue (deg)", "scale (mm)"]
    cloud = figures["latent_cloud"].axes
    assert legend_of(cloud[0]) == ["disc", "square", "heart"]
    assert cloud[1].collections[0].get_cmap().name == "twilight"
    assert cloud[1].collections[0].get_clim() == (0, 360)
    assert title(figures["latent_cloud"]).endswith("each point is one picture")


def test_pictures_are_drawn_in_colour_and_in_their_shape(colourful):
    run, figures = colourful
    shown = shown_in(figures["reconstructions"].axes[0])
    assert shown.shape == (12, 10, 3)
    assert np.ptp(shown, axis=-1).max() > 0.1
    assert "mean of the" in texts(figures["reconstructions"])
    animation = Image.open(io.BytesIO(animate_traversals(run, encode_world(run))))
    assert getattr(animation, "n_frames", 1) == 46
    pixels = np.asarray(animation.convert("RGB"), int)
    assert np.ptp(pixels, axis=-1).max() > 10


def test_a_data_sheet_has_a_line_for_each_level_of_the_first_factor(colourful):
    _, figures = colourful
    names = [axes.get_ylabel() for axes in figures["data"].axes]
    assert [name for name in names if name] == [
        "shape disc",
        "shape square",
        "shape heart",
    ]
    assert "hue (deg), scale (mm)" in title(figures["data"])


def test_the_animation_of_grey_pictures_stays_grey():
    run = run_of(tv.Circles(8))
    coded = encode_world(run)
    frame = Image.open(io.BytesIO(animate_traversals(run, coded, steps=3)))
    assert frame.mode in ("L", "P")
    assert np.ptp(np.asarray(frame.convert("RGB"), int), axis=-1).max() == 0


def test_without_factors_the_figures_of_factors_are_left_out():
    figures = drawn(run_of(NoLabels()))
    assert set(figures) == ALWAYS
    assert "picture" in texts(figures["data"])
    assert len(figures["latent_cloud"].axes) == 1
    titles = [axes.get_title(loc="left") for axes in figures["traversals"].axes]
    assert all(t.startswith(f"z{j}: ") and "nats" in t for j, t in enumerate(titles))
    assert "none of them" not in texts(figures["latent_space"])


def test_layers_of_a_convolutional_network_are_boxes_with_their_shapes():
    network = tv.Convolutional(channels=(4, 6), hidden=7, latents=2)
    world = Waves(image_shape=(13, 10, 3))
    run = run_of(world, network)
    svg = [texts(draw) for n, draw in drawn(run).items() if n in ("encoder", "decoder")]
    for diagram in svg:
        for text in ("13x10", "7x5", "3 channels", "4 channels", ">7<"):
            assert text in diagram, text
    sizes = [layer.size for layer in encoder_layers(run.vae, world.image_shape)]
    assert sizes == [13 * 10 * 3, 7 * 5 * 4, 7]
    sizes = [layer.size for layer in decoder_layers(run.vae, world.image_shape)]
    assert sizes == [7, 7 * 5 * 4, 13 * 10 * 3]


def test_a_network_that_the_diagram_does_not_know_is_one_box():
    run = run_of(Waves())
    vae = VAE(
        lambda image: run.vae.encoder(image),
        run.vae.head,
        lambda latent: run.vae.decoder(latent),
        run.vae.likelihood,
    )
    assert [x.text for x in encoder_layers(vae, (12, 10, 3))] == ["12x10", "network"]
    assert [x.text for x in decoder_layers(vae, (12, 10, 3))] == ["network", "12x10"]


@pytest.mark.slow
def test_of_many_latents_those_of_largest_kl_are_drawn():
    run = run_of(Waves(), tv.FullyConnected(hidden=(8,), latents=40))
    figures = drawn(run)
    most = set(np.argsort(-run.answer.measurement.kl)[:16])
    labels = [axes.get_ylabel() for axes in figures["traversals"].axes]
    assert set(labels) == {f"z{latent}" for latent in most}
    assert "the 16 latents of largest KL of 40" in title(figures["traversals"])
    assert "the 12 latents of largest KL of 40" in title(figures["movement"])
    assert "and 34 more" in texts(figures["encoder"])
    assert len(figures["latent_against_factor"].axes) == 8 * 3
    assert len(figures["answer"].axes[0].get_yticks()) == 40
    assert legend_of(figures["training"].axes[1])[0] == "others"
    for figure in figures.values():
        assert max(figure.get_size_inches()) < 20


@pytest.mark.slow
def test_of_many_factors_those_that_are_read_best_are_drawn():
    run = run_of(Waves(ordered(20)))
    figures = drawn(run)
    assert len(figures["latent_against_factor"].axes) == 3 * 8
    note = "the 8 factors that are read best of 20"
    assert note in title(figures["latent_against_factor"])
    assert len(figures["answer"].axes[0].get_xticks()) == 20
    assert "the first 5 of 20 factors" in title(figures["data"])


@pytest.mark.parametrize(
    "penalties", [(), ("total correlation",), ("off the diagonal", "on the diagonal")]
)
def test_every_penalty_has_a_panel_and_a_weight_of_its_name(penalties):
    run = run_of(tv.Circles(8), penalties=penalties)
    axes = [a for a in draw_figures(run)["training"].axes if a.get_visible()]
    assert len(axes) == 3 + len(penalties)
    for panel, name in zip(axes[2:], penalties, strict=False):
        assert panel.get_ylabel() == f"{name},\nbatch estimate"
    assert legend_of(axes[-1]) == ["KL", *penalties]
    assert axes[-1].get_yscale() == "linear"


def test_rows_of_numbers_are_drawn_in_colours_of_a_stated_scale():
    run = run_of(Waves(image_shape=(1, 12, 1), pixels="real"))
    figures = drawn(run)
    assert set(figures) == ALWAYS | OF_FACTORS
    for name in ("data", "traversals", "reconstructions"):
        assert "colours: blue -" in title(figures[name]), name
    shown = shown_in(figures["reconstructions"].axes[0])
    assert shown.shape == (3, 12, 3)
    assert "number means" in texts(figures["decoder"])


def test_the_scale_of_any_numbers_is_symmetric_about_white():
    shades = shades_of(np.array([-1.0, 0.0, 4.0]), "real")
    assert shades.low == -shades.high
    colour = shades.rgb(np.zeros((2, 2, 1)))[0, 0]
    np.testing.assert_allclose(colour, colormaps["RdBu_r"](0.5)[:3])


def test_pixels_beyond_black_and_white_are_clipped():
    shown = PLAIN.rgb(np.array([[[-0.5], [0.25], [1.5]], [[0.0], [0.0], [0.0]]]))
    np.testing.assert_allclose(shown[0, :, 0], [0, 0.25, 1])


def test_a_response_stands_in_the_unit_of_its_factor_or_as_not_measured():
    found = np.array([[1.5, 90.0]])
    response, spans, units = factor_responses(
        DecoderResponse(("scale", "hue"), found), COLOURFUL
    )
    np.testing.assert_equal(response, [[np.nan, 90.0, 1.5]])
    np.testing.assert_equal(spans, [2.0, 300.0, 2.0])
    cells = [response_text(v, u) for v, u in zip(response[0], units, strict=True)]
    assert cells == ["-", "90.0 deg", "1.5 mm"]


def test_nothing_is_said_of_an_overlap_that_grey_pictures_do_not_have(colourful):
    run, figures = colourful
    assert run.answer.fit is not None
    assert np.isnan(run.answer.fit.intersection_over_union)
    assert title(figures["reconstructions"]) == "Reconstructions from the code"


def test_the_mean_code_of_many_values_is_taken_over_ranges():
    values = np.arange(1000.0)
    middle, means = conditional_mean(values, 2 * values, np.full(1000, 1e-3))
    assert len(middle) == 24
    np.testing.assert_allclose(means, 2 * middle)


def test_many_values_of_the_first_factor_become_ranges_of_equal_size():
    factor = tv.Factor("age", tuple(np.arange(60.0)), "years")
    lines = lines_of((factor,), np.arange(60.0)[:, None], 4)
    assert [line.label for line in lines][0] == "age\n0 to 9 years"
    assert len(lines) == 6
    assert all(len(line.places) == 4 for line in lines)


def test_a_data_sheet_needs_no_run():
    figure = data_sheet(Waves(), columns=3)
    assert len(figure.axes) == 9
    assert title(figure).startswith("waves of 3 factors")


def test_matched_pairs_are_blue(colourful):
    run, figures = colourful
    matched = {(m.latent, k) for k, m in enumerate(run.answer.matches)}
    for place, axes in enumerate(figures["latent_against_factor"].axes):
        is_match = divmod(place, 3) in matched
        assert (axes.title.get_color() == COLOURS[0]) == is_match

import dataclasses
import json
import shutil

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError, DataError, NonFiniteLoss, RunFolderError
from tinyvae.experiment import as_world, by_name
from tinyvae.runs.checkpoints import (
    CHECKPOINT,
    Session,
    read_checkpoint,
)
from tinyvae.runs.folder import load_run, save_run
from tinyvae.runs.members import prepare, train_members
from tinyvae.runs.opened import open_world
from tinyvae.training.selection import selection_losses, selection_step
from tinyvae.training.step import change_members

CONFIG = tv.RunConfig(
    tv.Circles(8),
    network=tv.FullyConnected(hidden=(16, 8), latents=2),
    training=tv.TrainingConfig(steps=60, batch_size=16),
    seed=10_000,
    members=2,
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tv.Run:
    folder = tmp_path_factory.mktemp("run")
    run = tv.run_experiment(CONFIG, folder)
    save_run(run, folder)
    return run


def weights(vae) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(vae)]


def test_a_run_comes_back_from_its_folder(finished):
    back = load_run(finished.folder)
    assert back.config == finished.config
    assert back.config.likelihood == "bernoulli"
    assert back.history == finished.history
    assert back.answer.to_json() == finished.answer.to_json()
    assert [m.chosen for m in back.members] == [m.chosen for m in finished.members]
    for a, b in zip(weights(back.vae), weights(finished.vae), strict=True):
        np.testing.assert_array_equal(a, b)


def test_objective_and_network_may_be_given_by_their_names():
    assert by_name("objective", "beta-vae") == tv.BetaVAE()
    assert by_name("objective", tv.BetaVAE(2.0)) == tv.BetaVAE(2.0)
    assert by_name("network", "convolutional") == tv.Convolutional()
    with pytest.raises(ConfigError, match="Did you mean 'beta-vae'"):
        by_name("objective", "beta-vea")


def test_the_name_of_a_world_is_a_folder_if_there_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = r"got the text 'two-circles', which is no folder.* tv\.TwoCircles\(\)\.$"
    with pytest.raises(ConfigError, match=message):
        as_world("two-circles")
    (tmp_path / "two-circles").mkdir()
    assert as_world("two-circles") == tv.Pictures("two-circles")
    assert as_world("pictures") == tv.Pictures("pictures")  # refused when it is read
    assert as_world(tv.Circles(8)) == tv.Circles(8)
    with pytest.raises(ConfigError, match=r"got the class Circles.* tv\.Circles\(\)"):
        as_world(tv.Circles)


def test_the_answer_file_has_the_published_keys(finished):
    answer = json.loads((finished.folder / "answer.json").read_text())
    keys = {
        "factors", "share", "readout", "spearman", "matches", "latents",
        "linear_readout", "after_rotation", "after_ica", "elbo", "reconstruction", "kl",
        "total_correlation", "intersection_over_union", "verdict",
    }  # fmt: skip
    assert keys <= set(answer)
    assert {
        "factor", "latent", "direction", "share", "readout", "runner_up_latent",
        "runner_up_share", "runner_up_readout", "verdict",
    } <= set(answer["matches"][0])  # fmt: skip
    assert np.shape(answer["share"]) == (2, 3)


def test_every_member_is_recorded_and_the_lowest_selection_loss_trains_on(finished):
    losses = [member.selection_loss for member in finished.members]
    assert len(losses) == 2
    assert [m.chosen for m in finished.members] == [x == min(losses) for x in losses]
    objective, training = finished.config.objective, finished.config.training
    found = selection_losses(finished.history, (0, 1), objective, training)
    np.testing.assert_allclose(found, losses)
    last = selection_step(objective, training)
    chosen = losses.index(min(losses))
    for number in (0, 1):
        steps = [row.step for row in finished.history if row.member == number]
        assert steps == list(range(1, (60 if number == chosen else last) + 1))


def test_the_selection_window_ends_while_the_weight_of_total_correlation_stands():
    objective, training = tv.AnnealedTC(), tv.TrainingConfig()
    step = selection_step(objective, training)
    assert step % training.record_every == 0
    weight = objective.tc_weight_at(jnp.asarray(step / training.steps))
    assert float(weight) == objective.tc_weight


def test_elbo_is_reconstruction_minus_kl(finished):
    fit = finished.answer.fit
    assert fit is not None
    np.testing.assert_allclose(fit.elbo, fit.reconstruction - fit.kl)
    assert fit.elbo < -np.log(len(tv.Circles(8).table))  # no model beats the entropy


@pytest.mark.parametrize("stop", [10, 45])  # before and after the selection
def test_resuming_gives_the_same_bits(stop, finished, tmp_path):
    class Killed(KeyboardInterrupt):
        pass

    def kill(progress):
        if progress.step >= stop:
            raise Killed

    with pytest.raises(Killed):
        tv.run_experiment(CONFIG, tmp_path, kill)
    assert (tmp_path / CHECKPOINT).exists()
    resumed = tv.run_experiment(CONFIG, tmp_path)
    assert resumed.history == finished.history
    assert [m.to_json() for m in resumed.members] == [
        m.to_json() for m in finished.members
    ]
    for a, b in zip(weights(resumed.vae), weights(finished.vae), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"half a checkpoint")
    with pytest.raises(RunFolderError, match="is damaged"):
        tv.run_experiment(CONFIG, tmp_path)


@pytest.fixture(scope="module")
def ten_steps():
    """A group of one member, and its session after ten good steps."""
    group = prepare(open_world(dataclasses.replace(CONFIG, members=1)))
    state = group.advance(group.keys, group.start, 10)
    return group, Session(state, (0,))


def test_a_non_finite_loss_stops_with_the_step_and_the_terms(ten_steps, tmp_path):
    group, session = ten_steps
    broken = change_members(session.state, lambda leaf: leaf * jnp.nan)
    bad = eqx.tree_at(lambda s: s.model, session.state, broken.model)
    message = (
        r"not finite at step 11: reconstruction nan, KL nan, total correlation nan, .* "
        r"nats \(at step 10: reconstruction -\d.*total correlation [\d.e-]+, .* nats\)"
    )
    with pytest.raises(NonFiniteLoss, match=message):
        train_members(group, Session(bad, (0,)), tmp_path, None, 1e9)


def test_a_non_finite_loss_keeps_the_last_good_state(ten_steps, tmp_path):
    group, session = ten_steps
    assert all(np.isfinite(leaf).all() for leaf in weights(session.state.model))

    def fail_from_step_20(keys, state, num_steps):
        after = group.advance(keys, state, num_steps)
        if int(after.step) < 20:
            return after
        return eqx.tree_at(lambda s: s.finite_steps, after, after.finite_steps - 1)

    failing = group._replace(advance=fail_from_step_20)
    with pytest.raises(NonFiniteLoss):
        train_members(failing, session, tmp_path, None, 1e9)
    found = read_checkpoint(tmp_path, group.start)
    assert found is not None
    assert 10 < int(found.state.step) < 20
    assert int(found.state.finite_steps[0]) == int(found.state.step)
    assert all(np.isfinite(leaf).all() for leaf in weights(found.state.model))
    resumed = train_members(group, found, tmp_path, None, 1e9)
    assert int(resumed.state.step) == CONFIG.training.steps


def test_a_learning_rate_that_is_far_too_high_is_said(tmp_path):
    training = tv.TrainingConfig(steps=60, batch_size=16, learning_rate=1e20)
    config = dataclasses.replace(CONFIG, training=training, members=1)
    with pytest.raises(NonFiniteLoss, match="Lower the learning rate"):
        tv.run_experiment(config, tmp_path)


def test_a_fixed_data_set_reports_the_test_elbo():
    config = dataclasses.replace(CONFIG, samples=50, members=1)
    run = tv.run_experiment(config)
    assert run.test is not None
    assert run.test["samples"] == 10
    np.testing.assert_allclose(
        run.test["elbo"], run.test["reconstruction"] - run.test["kl"], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("answer.json", None, "not a finished run"),
        ("answer.json", "{}", "got format None"),
        ("answer.json", '{"format": 2}', "is damaged: no entry 'members'. Train"),
        ("answer.json", '{"format": 3}', "format 1 to 2 .* got format 3"),
        ("config.json", '{"format": 2, "sead": 2}', "unknown setting 'sead'"),
        (
            "config.json",
            '{"format": 2, "network": {"hidden": [4]}, "likelihood": "bernoulli"}',
            "does not fit",
        ),
        ("model.safetensors", "", "is damaged"),
        ("model.safetensors", None, "has no weights"),
        ("history.jsonl", "{}", "is damaged"),
    ],
)
def test_a_damaged_run_folder_is_one_message(
    finished, tmp_path, name, content, message
):
    folder = shutil.copytree(finished.folder, tmp_path / "copy")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(RunFolderError, match=message):
        load_run(folder)


def test_what_is_no_folder_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match="which is not a folder"):
        load_run(tmp_path / "absent")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 9, 9)), r"shape \(sample, 8, 8\).*got \(2, 9, 9\)"),
        (np.full((1, 8, 8), np.nan), "NaN or infinity in image 0"),
        (np.full((1, 8, 8), 255), "Divide by 255"),
        (np.array([[["a"]]]), "expected pixels that are numbers"),
    ],
)
def test_a_run_refuses_pictures_that_its_network_does_not_take(
    finished, images, message
):
    with pytest.raises(DataError, match=message):
        finished.encode(images)


def test_a_run_refuses_latents_of_another_length(finished):
    with pytest.raises(DataError, match=r"shape \(sample, 2\), got \(2, 4\)"):
        finished.decode(np.zeros((2, 4)))


def test_the_pictures_left_count_every_member_to_the_selection(tmp_path):
    seen = []
    tv.run_experiment(CONFIG, watch=seen.append)
    total = seen[0].pictures + seen[0].pictures_left
    assert all(p.pictures + p.pictures_left == total for p in seen)
    assert seen[-1].pictures_left == 0
    assert total > CONFIG.training.steps * CONFIG.training.batch_size


def test_a_configuration_that_leaves_nothing_open_is_kept(finished):
    config = finished.config
    assert config.likelihood == "bernoulli"
    training = dataclasses.replace(CONFIG.training, learning_rate=0.008)
    expected = dataclasses.replace(CONFIG, likelihood="bernoulli", training=training)
    assert config == expected
    opened = open_world(tv.RunConfig(tv.Circles(8)))
    assert opened.config.network == tv.FullyConnected(latents=3)
    assert open_world(opened.config).config == opened.config


def test_pictures_of_a_run_come_with_or_without_their_channel(finished):
    world = tv.Circles(8)
    images = np.asarray(world.draw(world.table.values[:5]), np.float32)
    codes = finished.encode(images)
    assert codes.shape == (5, 2)
    np.testing.assert_array_equal(codes, finished.encode(images[..., 0]))
    assert finished.decode(codes).shape == (5, 8, 8, 1)


def test_a_run_shows_itself_in_a_notebook(finished):
    assert "recipe" in finished._repr_html_()
    assert "radius" in finished.answer._repr_html_()

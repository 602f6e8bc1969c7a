"""Runs that are soon made, to be shared."""

import jax
import numpy as np

import tinyvae as tv
from tinyvae.answer import build_answer
from tinyvae.evaluation.encode import encode_rows
from tinyvae.evaluation.fit import answer_rows
from tinyvae.evaluation.results import ModelFit
from tinyvae.representation import Representation
from tinyvae.runs.environment import describe_environment
from tinyvae.runs.opened import open_world, vae_of
from tinyvae.runs.run import Run
from tinyvae.training.history import HistoryRow


def run_of(world):
    """A run with random weights, as if after one step of training."""
    network = tv.FullyConnected((8,), latents=2)
    training = tv.TrainingConfig(steps=1, batch_size=8)
    opened = open_world(
        tv.RunConfig(world, network=network, training=training, members=1)
    )
    vae = vae_of(opened.config, key=jax.random.key(10_000))
    table, rows = answer_rows(opened.population)
    codes = encode_rows(vae, opened.population, rows).mean
    answer = build_answer(
        Representation(codes, table, np.ones(2, bool)),
        kl=np.array([0.5, 0.25]),
        fit=ModelFit(-75.5, -74.75, 0.75, 0.01, 0.1),
    )
    history = (HistoryRow(1, 0, 75.5, -75.5, -74.75, (0.5, 0.25), 1.0),)
    return Run(opened.config, vae, answer, history, (), describe_environment())

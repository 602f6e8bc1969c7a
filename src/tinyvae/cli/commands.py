"""Registers every command. None of them imports JAX before it runs."""

from tinyvae.cli import (
    answer,
    data,
    doctor,
    encode,
    generate,
    plot,
    report,
    score,
    train,
)

REGISTERED = (train, data, answer, plot, score, report, encode, generate, doctor)

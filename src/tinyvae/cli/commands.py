"""Registers every command. None of them imports JAX before it runs."""

from tinyvae.cli import answer, data, doctor, encode, generate, plot, train

REGISTERED = (train, data, answer, plot, encode, generate, doctor)

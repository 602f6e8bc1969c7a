"""The clock that stands still while JAX compiles."""

import threading
import time

import jax
import jax.numpy as jnp
import pytest

from tinyvae.runs.compile_clock import compile_seconds, seconds_without_compiling


def program(scale: float):
    """A program that takes some time to trace and to compile, anew for each scale."""

    @jax.jit
    def inner(x):
        time.sleep(0.2)  # while it is traced, within the tracing of the outer one
        return jnp.sin(scale * x)

    @jax.jit
    def outer(x):
        for _ in range(20):
            x = inner(x)
        return x

    return outer


def test_tracing_and_compiling_count_once_and_only_at_the_first_call():
    run = program(1.5)
    before, started = compile_seconds(), time.perf_counter()
    jax.block_until_ready(run(1.0))
    whole, compiled = time.perf_counter() - started, compile_seconds() - before
    assert 0.2 <= compiled <= whole  # nested tracing is not counted twice
    again = compile_seconds()
    jax.block_until_ready(run(2.0))
    assert compile_seconds() == again


def test_the_clock_stands_still_while_it_compiles_and_runs_else():
    started = seconds_without_compiling()
    compiled = compile_seconds()
    wall = time.perf_counter()
    jax.block_until_ready(program(2.5)(1.0))
    time.sleep(0.1)
    whole = time.perf_counter() - wall
    compiled = compile_seconds() - compiled
    found = seconds_without_compiling() - started
    assert found == pytest.approx(whole - compiled, abs=0.02)
    assert found >= 0.1


def test_what_another_thread_compiles_does_not_count():
    before = compile_seconds()
    thread = threading.Thread(target=lambda: program(3.5)(1.0))
    thread.start()
    thread.join()
    assert compile_seconds() == before

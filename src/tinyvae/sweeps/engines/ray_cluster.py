"""A Ray cluster: the package, the connection, its room, and its losses in words."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tinyvae.errors import ConfigError
from tinyvae.extras import check_installed

# Ray takes 127.0.0.1 for the address of the network card
LOOPBACK = {"_node_ip_address": "127.0.0.2"} if sys.platform == "linux" else {}
ON_THIS_MACHINE = "local"
ANSWER_SECONDS = 5.0  # that a cluster has to answer
QUIET = {"log_to_driver": False, "logging_level": "ERROR"}


def ray_package() -> Any:
    """The package ray.

    Raises: ConfigError if it is not installed.
    """
    # no network traffic of Ray's own; must be set before it is imported
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # a task without GPUs sees none
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")
    check_installed("ray", "engine 'ray'", "ray")
    import ray

    return ray


@contextmanager
def connected(ray: Any, address: str | None) -> Iterator[bool]:
    """Be connected with the cluster at an address.

    Without one, it is that of the variable RAY_ADDRESS, or one that is started on this
    machine and ends with the block. A connection of this process stays as it is.
    Whether the cluster was started here is the value of the block.

    Raises: ConfigError if there is no cluster at the address.
    """
    if ray.is_initialized():
        yield False
        return
    address = address or os.environ.get("RAY_ADDRESS") or ON_THIS_MACHINE
    if address.startswith("ray://"):
        raise ConfigError(
            f"expected the address HOST:PORT of a cluster, or auto, got {address}. Run "
            "on a node of the cluster, such as its head."
        )
    try:
        _connect(ray, address)
    except (OSError, RuntimeError, ValueError) as error:
        with suppress(Exception):
            ray.shutdown()
        raise ConfigError(
            f"expected a Ray cluster with a node on this machine, got {address!r}: "
            f"{_first_line(error)} `ray start --address={address}` adds this machine "
            "to a cluster."
        ) from None
    try:
        yield address == ON_THIS_MACHINE
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str) -> None:
    if address == ON_THIS_MACHINE:
        with warnings.catch_warnings():
            # JAX warns of each fork; those of Ray become other programs at once
            warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)
            ray.init(address, include_dashboard=False, **LOOPBACK, **QUIET)
        return
    host, _, port = address.rpartition(":")
    if port.isdecimal():
        # Ray itself would try for minutes
        socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
    here = {"_node_ip_address": host} if host.startswith("127.") else {}
    ray.init(address, **here, **QUIET)


def fits(ray: Any, cpus: float, gpus: float) -> bool:
    """Whether a node of the cluster is large enough for one group."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return any(
        node.get("CPU", 0) >= cpus and node.get("GPU", 0) >= gpus for node in nodes
    )


def place_text(cpus: float, gpus: float) -> str:
    """What a group needs, as a text.

    >>> place_text(2.0, 0.0), place_text(1.0, 0.5)
    ('2 CPUs', '1 CPU and 0.5 GPUs')
    """
    parts = [f"{cpus:g} CPU{'' if cpus == 1 else 's'}"]
    if gpus:
        parts.append(f"{gpus:g} GPU{'' if gpus == 1 else 's'}")
    return " and ".join(parts)


def room_text(ray: Any) -> str:
    """CPUs and GPUs of the whole cluster, as a text."""
    room = ray.cluster_resources()
    return place_text(room.get("CPU", 0.0), room.get("GPU", 0.0))


def loss_text(ray: Any, error: BaseException) -> str:
    """Why a worker is gone, in a few words."""
    if isinstance(error, ray.exceptions.NodeDiedError):
        return "its node was lost"
    if isinstance(error, ray.exceptions.OutOfMemoryError):
        return "its node ran out of memory, and Ray ended the worker"
    if isinstance(error, ray.exceptions.WorkerCrashedError):
        return "its worker process ended"
    return f"{type(error).__name__}: {_first_line(error)}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{lines[0].rstrip('.')}."

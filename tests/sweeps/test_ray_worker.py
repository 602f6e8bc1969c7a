"""What a worker of a cluster reports, and how often; and what an engine asks for."""

import socket
import sys

import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError
from tinyvae.sweeps.engines.engine import Engine, Task
from tinyvae.sweeps.engines.ray import environment
from tinyvae.sweeps.engines.ray_worker import Conditions, train
from tinyvae.sweeps.plan import Group

TASK = Task(Group(0, (), 1))


def test_it_is_an_engine():
    assert isinstance(tv.RayEngine(), Engine)


def test_a_worker_has_the_threads_and_the_part_of_a_gpu_that_it_was_given(monkeypatch):
    for name in ("XLA_FLAGS", "NPROC"):
        monkeypatch.delenv(name, raising=False)
    assert environment(tv.RayEngine()) == {"NPROC": "1", "JAX_PLATFORMS": "cpu"}
    assert environment(tv.RayEngine(cpus=4.0, gpus=1.0)) == {"NPROC": "4"}
    quarter = environment(tv.RayEngine(cpus=0.5, gpus=0.25))
    assert quarter == {"NPROC": "1", "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.188"}
    monkeypatch.setenv("NPROC", "1")  # --deterministic
    assert environment(tv.RayEngine(cpus=4.0))["NPROC"] == "1"


def test_another_version_of_tinyvae_is_refused():
    conditions = Conditions({}, 10.0, "", "0.0.1")
    with pytest.raises(
        ConfigError, match=r"expected tinyvae 0\.0\.1, that of the driv"
    ):
        next(train(TASK, None, conditions))


@pytest.mark.parametrize(("cpus", "gpus"), [(0.0, 0.0), (-1.0, 1.0), (1.0, -1.0)])
def test_a_group_needs_cpus_or_gpus(cpus, gpus):
    with pytest.raises(ConfigError, match="expected CPUs or GPUs for a group, got"):
        tv.RayEngine(cpus=cpus, gpus=gpus)


@pytest.mark.parametrize("engine", ["ray", tv.RayEngine()])
def test_without_ray_nothing_is_written(engine, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'tinyvae\[ray\]'"):
        tv.sweep({"seeds": [0]}, out=tmp_path / "a", engine=engine)
    assert list(tmp_path.iterdir()) == []


def test_an_engine_of_another_name_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="expected an engine among local, ray, got"):
        tv.sweep({"seeds": [0]}, out=tmp_path / "a", engine="dask")


def test_a_cluster_that_does_not_answer_is_refused_at_once():
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ConfigError, match="expected a Ray cluster .*refused") as error:
        next(iter(tv.RayEngine(address).results([TASK])))
    assert f"ray start --address={address}" in str(error.value)


def test_the_address_of_a_client_is_refused():
    pytest.importorskip("ray")
    engine = tv.RayEngine("ray://localhost:10001")
    with pytest.raises(ConfigError, match="expected the address HOST:PORT of a clus"):
        next(iter(engine.results([TASK])))

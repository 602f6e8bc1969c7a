"""Weights at a URL: whole, named by the ledger and nothing else, and read again."""

import json
import sys
from pathlib import Path

import fsspec
import pytest

import tinyvae as tv
from tinyvae.errors import ConfigError, RunFolderError
from tinyvae.sweeps import weights
from tinyvae.sweeps.ledger import open_ledger

SMALL = {
    "worlds": [tv.Circles(8)],
    "networks": [tv.FullyConnected(hidden=(16, 8), latents=2)],
    "trainings": [tv.TrainingConfig(steps=100, batch_size=16)],
    "members": [1],
    "seeds": [0, 1],
    "together": 2,
}


def small(out: Path, **more) -> tv.SweepTable:
    return tv.sweep(out=out, objectives=[tv.BetaVAE(2.0)], **{**SMALL, **more})


@pytest.fixture
def memory():
    """The file system memory://, empty."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def folders(system) -> set[str]:
    """URLs of all folders with a file at memory://."""
    return {f"memory:/{path.rpartition('/')[0]}" for path in system.store}


@pytest.mark.parametrize("keep", ["all", "best"])
def test_runs_are_kept_at_a_url_and_read_again(keep, memory, tmp_path):
    table = small(tmp_path, keep=keep, weights="memory://study")
    kept = [name for name in table["kept"] if name is not None]
    assert len(kept) == {"all": 2, "best": 1}[keep]
    assert folders(memory) == set(kept)
    assert not (tmp_path / "runs").exists()
    place = table["kept"].index(kept[0])
    run = table.run(place)
    assert run.answer.to_json() == table.answer(place).to_json()
    assert run.folder is not None
    copy = run.folder
    assert copy.is_dir()
    del run
    assert not copy.exists()


def test_the_best_of_seeds_that_come_later_replaces_the_former(memory, tmp_path):
    first = small(tmp_path, keep="best", weights="memory://study", seeds=[0])
    # the place is remembered
    table = small(tmp_path, resume=True, seeds=range(5))
    (kept,) = (name for name in table["kept"] if name is not None)
    assert folders(memory) == {kept}
    assert str(kept).rpartition("/")[0] == str(first["kept"][0]).rpartition("/")[0]
    elbos = [value for value in table["elbo"] if isinstance(value, float)]
    assert table["elbo"][table["kept"].index(kept)] == max(elbos)


def test_what_the_ledger_does_not_name_is_removed_and_other_sweeps_stay(
    memory, tmp_path
):
    table = small(tmp_path / "a", keep="all", weights="memory://study")
    other = small(tmp_path / "b", keep="all", weights="memory://study")
    base = str(table["kept"][0]).rpartition("/")[0]
    left = f"{base}/circles-beta-vae-seed7-12345678-00000000"
    memory.pipe_file(f"{left}/model.safetensors", b"half")
    tv.sweep(out=tmp_path / "a", resume=True)
    assert folders(memory) == {*table["kept"], *other["kept"]}


@pytest.mark.parametrize("url", ["memory://study", "file"])
@pytest.mark.parametrize("nth", [1, 3, 5])
def test_a_write_that_breaks_keeps_nothing_by_half(
    url, nth, memory, tmp_path, monkeypatch
):
    calls = []
    owner, name = (type(memory), "pipe_file") if url != "file" else (Path, "replace")
    works = getattr(owner, name)

    def breaks(self, target, *more):
        if "sweep-" in f"{target}" and "writable" not in f"{target}":
            calls.append(target)
            if len(calls) == nth:
                raise OSError(28, "No space left on device")
        return works(self, target, *more)

    url = f"file://{tmp_path}/shared" if url == "file" else url
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, breaks)
        with pytest.raises(RunFolderError, match="cannot write .*No space left"):
            small(tmp_path / "a", keep="all", weights=url)
    with open_ledger(tmp_path / "a") as ledger:
        assert ledger.kept() == []
    table = tv.sweep(out=tmp_path / "a", resume=True)
    assert table["state"] == ["done", "done"]
    for place in range(2):
        assert table.run(place).answer.to_json() == table.answer(place).to_json()
    base = str(table["kept"][0]).rpartition("/")[0]
    left = weights.left_behind(base, set())
    assert sorted(left) == sorted(map(str, table["kept"]))


def test_a_path_is_a_url_of_this_machine(tmp_path):
    table = small(tmp_path / "a", keep="all", weights=tmp_path / "shared")
    assert str(table["kept"][0]).startswith(f"file://{tmp_path}/shared/sweep-")
    assert table.run(0).config.seed == 0
    assert "udr" in table.report()._repr_html_().lower()


def test_a_run_that_is_gone_is_said_to_be(memory, tmp_path):
    table = small(tmp_path, keep="all", weights="memory://study")
    memory.store.clear()
    with pytest.raises(RunFolderError, match="cannot read memory://study/sweep-.*answ"):
        table.run(0)
    said: list[str] = []
    table.report(note=said.append)
    assert any(
        "UDR leaves out a member: cannot read memory://" in line for line in said
    )


def test_pages_of_members_at_a_url_are_written_beside_the_ledger(memory, tmp_path):
    from tinyvae.cli.sweep_report import write_member_pages

    table = small(tmp_path, keep="all", weights="memory://study")
    text = str(table.report())
    assert "tinyvae sweep report . --pages" in text
    write_member_pages(table)
    pages = sorted(path.stem for path in (tmp_path / "pages").iterdir())
    assert pages == sorted(str(url).rpartition("/")[2] for url in table["kept"])
    assert json.dumps(f"pages/{pages[0]}.html") in str(table.report())


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere://x", "expected a URL that fsspec can open.*Protocol not known"),
        ("s3://bucket/x", "expected a URL that fsspec can open.*s3fs"),
        ("/dev/null/x", "--weights: cannot make the folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_training(
    place, message, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ConfigError, match=message):
        small(tmp_path, keep="all", weights=place)


def test_without_fsspec_its_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ConfigError, match=r"fsspec.*pip install 'tinyvae\[ray\]'"):
        small(tmp_path, keep="all", weights="memory://x")


def test_weights_without_any_to_keep_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="--weights: expected --keep all or best"):
        small(tmp_path, weights="memory://x")

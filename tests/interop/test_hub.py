"""Runs on the hub: the real client library against a stand-in of the service."""

import os
import pathlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hub_server import READER, WRITER
from huggingface_hub import constants, file_download
from typer.testing import CliRunner

import tinyvae as tv
from tinyvae.cli.commands import app
from tinyvae.errors import ConfigError, HubError, RunFolderError
from tinyvae.interop import hub_files
from tinyvae.scores.suite import Suite

NAME = "ada/circles"
FILES = {
    "README.md",
    "answer.json",
    "config.json",
    "environment.json",
    "history.jsonl",
    "model.safetensors",
}


def suite_of(run):
    table, _ = run.population.table(1000)
    codes = np.asarray(table.values[:, :2]) + 0.1
    return Suite((tv.scores.mig(codes, table.values),), (0.0,))


def shared_files(run, folder):
    run.save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def downloads(service):
    return [path for verb, path in service.seen if verb == "GET" and "resolve" in path]


def test_a_run_goes_to_the_hub_and_comes_back_bit_for_bit(hub, small_run, small_images):
    address = small_run.push_to_hub(NAME, token=WRITER, license="mit")
    assert address.startswith(f"{hub.address}/{NAME}/commit/")
    assert set(hub.repositories[NAME].files("main")) == {*FILES, ".gitattributes"}
    back = tv.from_pretrained(NAME)
    np.testing.assert_array_equal(
        back.encode(small_images), small_run.encode(small_images)
    )
    codes = small_run.encode(small_images)
    np.testing.assert_array_equal(back.decode(codes), small_run.decode(codes))
    assert str(back) == str(small_run)
    assert back.config == small_run.config
    assert back.history == small_run.history
    assert back.population.image_shape == (10, 10, 1)
    assert not any(path.endswith("README.md") for path in downloads(hub))
    assert any("tinyvae/" in agent for agent in hub.agents)


# of the client library itself, in every upload by LFS
by_lfs = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@by_lfs
def test_large_files_go_by_lfs_and_come_from_another_host(
    hub, small_run, small_images, monkeypatch
):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    hub.lfs = (".safetensors",)
    small_run.push_to_hub(NAME, token=WRITER)
    kept = hub.repositories[NAME].files("main")["model.safetensors"]
    assert kept[0] == "lfs"
    back = tv.from_pretrained(NAME)
    np.testing.assert_array_equal(
        back.encode(small_images), small_run.encode(small_images)
    )
    assert any(path.startswith("/cdn/") for _, path in hub.seen)


@by_lfs
def test_a_large_file_that_is_not_taken_is_said(hub, small_run, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    hub.lfs, hub.full = (".safetensors",), True
    with pytest.raises(HubError, match="could not write it.* the storage is full"):
        small_run.push_to_hub(NAME, token=WRITER)
    assert "config.json" not in hub.repositories[NAME].files("main")


def test_a_revision_is_a_branch_or_a_commit(hub, small_run):
    first = small_run.push_to_hub(NAME, token=WRITER).rpartition("/")[2]
    hub.put(NAME, {"README.md": b"gone"})
    small_run.push_to_hub(NAME, token=WRITER, revision="trial")
    with pytest.raises(RunFolderError, match="config.json"):
        tv.from_pretrained(NAME)
    for revision in (first, "trial"):
        assert str(tv.from_pretrained(NAME, revision=revision)) == str(small_run)
    with pytest.raises(HubError, match="got 'absent', which it does not have"):
        tv.from_pretrained(NAME, revision="absent")


def test_a_second_push_replaces_the_first(hub, small_run):
    small_run.push_to_hub(NAME, token=WRITER, scores=suite_of(small_run))
    assert "scores.json" in hub.repositories[NAME].files("main")
    small_run.push_to_hub(NAME, token=WRITER)
    assert set(hub.repositories[NAME].files("main")) == {*FILES, ".gitattributes"}


def test_a_private_repository_needs_a_token(hub, small_run, monkeypatch):
    small_run.push_to_hub(NAME, token=WRITER, private=True)
    with pytest.raises(HubError, match="you may read, got ada/circles: there is none"):
        tv.from_pretrained(NAME)
    monkeypatch.setenv("HF_TOKEN", READER)
    assert str(tv.from_pretrained(NAME)) == str(small_run)


def test_a_repository_that_is_not_there(hub):
    expected = "there is no folder ada/absent. Check the name. Log in with `hf auth"
    with pytest.raises(HubError, match=expected):
        tv.from_pretrained("ada/absent", token=READER)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        (None, "a token that may write ada/circles, got none, or one that is not"),
        ("hf_wrong", "a token that may write ada/circles, got none, or one that is"),
        (READER, "got none, or one without that right. Log in with `hf auth login`"),
    ],
)
def test_writing_needs_a_token_with_the_right(hub, small_run, token, message):
    with pytest.raises(HubError, match=message):
        small_run.push_to_hub(NAME, token=token)
    assert hub.repositories == {}


def test_a_wrong_token_is_said_when_reading(hub, small_run):
    small_run.push_to_hub(NAME, token=WRITER)
    with pytest.raises(HubError, match="a token that may read ada/circles"):
        tv.from_pretrained(NAME, token="hf_wrong")


@pytest.mark.parametrize(
    "name", ["circles", "a/b/c", "../secret", "ada/", "ada/a b", ""]
)
def test_names_that_are_none(small_run, name):
    with pytest.raises(ConfigError, match="a repository, OWNER/MODEL, got"):
        small_run.push_to_hub(name, token=WRITER)
    with pytest.raises(ConfigError, match="OWNER/MODEL, or a folder that exists"):
        tv.from_pretrained(name)


@pytest.fixture
def _impatient(monkeypatch):
    """The client waits a second before it tries again; not here."""
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.mark.usefixtures("_impatient")
def test_a_torn_download_is_no_run(hub, small_run, tmp_path):
    hub.put(NAME, shared_files(small_run, tmp_path / "run"))
    hub.torn = {"model.safetensors": 100}
    with pytest.raises(HubError, match="could not read it"):
        tv.from_pretrained(NAME)
    hub.torn = {}
    assert str(tv.from_pretrained(NAME)) == str(small_run)


def test_without_a_connection_the_cache_serves(hub, small_run, monkeypatch):
    small_run.push_to_hub(NAME, token=WRITER)
    tv.from_pretrained(NAME)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    assert str(tv.from_pretrained(NAME)) == str(small_run)
    with pytest.raises(HubError, match="the hub cannot be reached .*, the files are"):
        tv.from_pretrained("ada/other")
    with pytest.raises(HubError, match="cannot be reached .* refused.* Check the conn"):
        small_run.push_to_hub(NAME, token=WRITER)


def test_the_variable_that_forbids_the_hub_is_named(hub, small_run, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    expected = "HF_HUB_OFFLINE is set, so the hub is not asked"
    with pytest.raises(HubError, match=f"{expected}. Unset it"):
        small_run.push_to_hub(NAME, token=WRITER)
    with pytest.raises(HubError, match=f"{expected}, the files are not in the cache"):
        tv.from_pretrained(NAME)
    assert hub.seen == []


def test_a_hub_that_refuses_was_reached(hub):
    hub.broken = 403
    expected = "the hub refused: expected a token that may read ada/circles, got none"
    with pytest.raises(HubError, match=expected):
        tv.from_pretrained(NAME)


def test_a_failing_service_is_said(hub, small_run):
    hub.broken = 500
    with pytest.raises(HubError, match="the hub failed.*500"):
        small_run.push_to_hub(NAME, token=WRITER)
    with pytest.raises(HubError, match="the hub failed.*500"):
        tv.from_pretrained(NAME)


def test_files_that_are_too_large_are_not_downloaded(
    hub, small_run, tmp_path, monkeypatch
):
    hub.put(NAME, shared_files(small_run, tmp_path / "run"))
    monkeypatch.setitem(hub_files.LARGEST, "model.safetensors", 1000)
    with pytest.raises(RunFolderError, match="expected model.safetensors of at most"):
        tv.from_pretrained(NAME)
    assert downloads(hub) == []


def test_without_the_package_it_is_said(small_run, tmp_path, monkeypatch):
    small_run.save_pretrained(tmp_path / "run")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert str(tv.from_pretrained(tmp_path / "run")) == str(small_run)
    for call in (small_run.push_to_hub, tv.from_pretrained):
        with pytest.raises(ConfigError, match=r"pip install 'tinyvae\[hub\]'"):
            call(NAME)


def test_the_commands_push_and_pull(hub, small_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", WRITER)
    tv.save_run(small_run, "mine")
    command = CliRunner()

    def ends(*arguments):
        done = command.invoke(app, arguments)
        return done.exit_code, done.stderr

    done = command.invoke(app, ["push", "mine", NAME, "--license", "mit"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"{hub.address}/{NAME}/commit/")
    assert f"tv.from_pretrained('{NAME}')" in done.stderr
    assert ends("pull", NAME)[0] == 0
    back = tv.load_run("runs/circles")
    assert str(back) == str(small_run)
    assert "README.md" not in os.listdir("runs/circles")
    code, said = ends("pull", NAME)
    assert (code, "already holds a run" in said) == (3, True)
    assert ends("pull", NAME, "--overwrite")[0] == 0
    assert ends("push", "mine", "--to", "shared")[0] == 0
    assert set(os.listdir("shared")) == FILES
    assert ends("pull", "shared", "--out", "again")[0] == 0
    assert str(tv.load_run("again")) == str(small_run)
    assert ends("push", "mine")[0] == 2
    code, said = ends("push", "mine", "circles")
    assert (code, "OWNER/MODEL, or --to FOLDER, got" in said) == (2, True)
    assert ends("pull", "")[0] == 2
    assert ends("push", "mine", NAME, "--license", "My License")[0] == 2
    assert ends("push", "mine", "--to", "mine")[0] == 3
    code, said = ends("pull", "ada/absent", "--out", "absent")
    assert (code, "Check the name" in said) == (1, True)
    assert not pathlib.Path("absent").exists()

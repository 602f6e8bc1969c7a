"""The wheel has the whole package and nothing else, and works where it is installed."""

import os
import subprocess
import sys
import tomllib
from email import message_from_string
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

import tinyvae

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder))
    return Path(built)


def described(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        return message_from_string(archive.read(name).decode("utf-8"))


def test_it_has_every_file_of_the_package_and_nothing_else(wheel):
    source = ROOT / "src"
    package = {
        path.relative_to(source).as_posix()
        for path in (source / "tinyvae").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    about = f"tinyvae-{tinyvae.__version__}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == package
    assert f"{about}licenses/LICENSE" in names
    assert {"tinyvae/py.typed", "tinyvae/page/assets/page.html"} <= package


def test_it_is_small_enough_to_be_read(wheel):
    assert wheel.stat().st_size < 1_000_000


def test_it_states_its_extras_licence_and_python(wheel):
    metadata = described(wheel)
    extras = set(PROJECT["optional-dependencies"])
    assert set(metadata.get_all("Provides-Extra") or []) == extras
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Version"] == tinyvae.__version__


def test_it_works_where_it_is_installed(wheel, tmp_path):
    installed = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run(
        [*install, "--no-index", "--target", str(installed), str(wheel)],
        check=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    # -P: only what is installed is found, not the folder in which this runs.
    program = "import tinyvae; print(tinyvae.__version__, tinyvae.__file__)"
    said = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.split() == [tinyvae.__version__, str(installed / "tinyvae/__init__.py")]
    script = installed / "bin" / "tinyvae"
    assert script.exists()

"""The list of licences has every package that users install, in the pinned version."""

import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
sys.path.insert(0, str(DOCS))

import licences  # noqa: E402  # pyright: ignore[reportMissingImports]

ROW = re.compile(r"^\| ([\w.-]+) \| ([\w.]+) \| (.+) \|$", re.MULTILINE)
WRITE_AGAIN = "write the page again with `make licences`"


def listed() -> dict[str, str]:
    text = (DOCS / "licences.md").read_text(encoding="utf-8")
    return {
        licences.canonicalize_name(name): version
        for name, version, stated in ROW.findall(text)
        if name != "package" and stated.strip()
    }


def test_every_listed_version_is_the_pinned_one():
    pinned = (DOCS.parent / "constraints.txt").read_text(encoding="utf-8")
    versions = {
        licences.canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)$", pinned, re.MULTILINE)
    }
    packages = listed()
    assert len(packages) > 50
    for name, version in packages.items():
        assert versions[name] == version, WRITE_AGAIN


@pytest.mark.parametrize("extra", ["", *licences.extras()])
def test_every_package_that_is_installed_is_listed(extra):
    assert set(licences.closure(extra)) <= set(listed()), WRITE_AGAIN


def test_no_package_forbids_use_in_closed_programs():
    text = (DOCS / "licences.md").read_text(encoding="utf-8")
    assert not re.search(r"\b(A?GPL|GNU)", text)

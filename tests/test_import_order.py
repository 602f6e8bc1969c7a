"""A file imports only from files above it: data goes one way, and never in a circle.

Every import counts: of the top of a file, within a function, and for types alone.
"""

import ast
from pathlib import Path

import pytest

import tinyvae

# packages and files from the top down; the longest that fits a file is its own
ORDER = [
    "errors",
    "extras",
    "own",
    "wording",
    "knowledge",
    "notes",
    "pixels",
    "machine",
    "files",
    "factors",
    "copies",
    "tables",
    "representation",
    "from_arrays",
    "files/npz_codes",
    "pictures",
    "frames",
    "worlds",
    "models",
    "objectives",
    "training",
    "evaluation",
    "measures",
    "scores",
    "answer",
    "comparison",
    "files/codes",
    "files/codes_writing",
    "files/labelled_codes",
    "runs",
    "experiment",
    "sweeps",
    "interop",
    "sklearn",
    "plots",
    "interop/tracked_pictures",
    "interop/event_files",
    "interop/tensorboard",
    "interop/mlflow_run",
    "interop/mlflow",
    "interop/trackers",
    "page",
    "cli",
    "__main__",
]
ROOT = Path(tinyvae.__file__).parent
# the package's own file names everything, and imports it when it is first used
LAZY = ROOT / "__init__.py"
FILES = sorted(set(ROOT.rglob("*.py")) - {LAZY})


def name_of(path: Path) -> str:
    """The module's name without `tinyvae.`: "files/codes", "answer"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "/".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def part_of(name: str) -> str | None:
    """The longest entry of the order that holds this module."""
    fitting = [p for p in ORDER if name == p or name.startswith(f"{p}/")]
    return max(fitting, key=len, default=None)


def imports(path: Path) -> set[str]:
    """The modules of tinyvae that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports here are absolute"
            module = (node.module or "").replace(".", "/")
            for alias in node.names:
                whole = f"{module}/{alias.name}"
                found.add(whole if known(whole) else module)
        elif isinstance(node, ast.Import):
            found |= {alias.name.replace(".", "/") for alias in node.names}
    return {name.removeprefix("tinyvae/") for name in found if known(name)}


def known(name: str) -> bool:
    return name.startswith("tinyvae/") and name.removeprefix("tinyvae/") in MODULES


GRAPH = {name: imports(path) for name, path in MODULES.items()}


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Every cycle that a walk in depth meets, from its first name back to it."""
    found, done = [], set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            found.append([*way[way.index(name) :], name])
        elif name not in done:
            for other in sorted(graph[name]):
                walk(other, [*way, name])
            done.add(name)

    for name in graph:
        walk(name, [])
    return found


def test_every_file_stands_in_the_order():
    assert [name for name in MODULES if part_of(name) is None] == []
    assert {part_of(name) for name in MODULES} == set(ORDER)


def test_imports_point_up_the_order():
    places = {name: ORDER.index(part_of(name) or "") for name in MODULES}
    wrong = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in others
        if places[other] > places[name]
    ]
    assert wrong == []


def test_no_files_import_one_another_in_a_circle():
    assert [" -> ".join(cycle) for cycle in cycles(GRAPH)] == []


def test_a_circle_would_be_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert cycles(graph) == [["b", "c", "b"]]
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_file_imports_the_package_that_imports_all():
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert "tinyvae" not in [alias.name for alias in node.names], name
            if isinstance(node, ast.ImportFrom) and node.module == "tinyvae":
                assert all(
                    a.name in MODULES or a.name == "__version__" for a in node.names
                ), name


@pytest.mark.parametrize("package", ["tables", "pictures", "factors", "representation"])
def test_reading_of_pictures_does_without_jax(package):
    for name, path in MODULES.items():
        if part_of(name) == package:
            text = path.read_text(encoding="utf-8")
            assert "import jax\n" not in text, name
            assert "from jax " not in text, name
            assert "from jax." not in text, name


def test_only_plots_import_matplotlib_and_only_the_command_line_prints():
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        if part_of(name) != "plots":
            assert "import matplotlib" not in text, name
            assert "from matplotlib" not in text, name
        if part_of(name) != "cli":
            calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
            names = [c.func.id for c in calls if isinstance(c.func, ast.Name)]
            assert "print" not in names, name


def test_files_are_imported_by_name_only_where_that_is_meant():
    # what `import_module` loads is not in the graph of imports; a run has methods, as
    # users expect, whose work is done below it
    lazy = {"own", "plots", "cli/commands", "runs/run"}
    by_name = {
        name for name, path in MODULES.items() if "import_module" in path.read_text()
    }
    assert by_name == lazy

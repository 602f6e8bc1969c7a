"""A module imports only from modules above it in this list: data goes one way."""

import ast
from pathlib import Path

import tinyvae

ORDER = [
    "errors",
    "files",
    "factors",
    "worlds",
    "gaussian",
    "likelihoods",
    "networks",
    "vae",
    "objectives",
    "training",
    "history",
    "selection",
    "arrays",
    "representation",
    "codes_files",
    "scores",
    "answer",
    "evaluation",
    "traversal",
    "answering",
    "configuration",
    "storage",
    "checkpoints",
    "runs",
    "scoring",
    "compilation",
    "environment",
    "members",
    "experiment",
    "plots",
    "page",
    "cli",
    "__main__",
]
ROOT = Path(tinyvae.__file__).parent


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "tinyvae"
        ):
            parts = (node.module or "").split(".")
            found += [parts[1]] if len(parts) > 1 else [a.name for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found += [name[1] for name in names if name[0] == "tinyvae" and name[1:]]
    return found


def test_every_module_stands_in_the_order():
    parts = {part_of(path) for path in ROOT.rglob("*.py")} - {"__init__"}
    assert parts == set(ORDER)


def test_imports_point_up_the_order():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ROOT.rglob("*.py")
        if part_of(path) != "__init__"
        for name in imports(path)
        if ORDER.index(name) > ORDER.index(part_of(path))
    ]
    assert wrong == []


def test_only_plots_import_matplotlib_and_only_the_command_line_prints():
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        if part_of(path) != "plots":
            assert "import matplotlib" not in text, path
            assert "from matplotlib" not in text, path
        if part_of(path) != "cli":
            calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
            names = [c.func.id for c in calls if isinstance(c.func, ast.Name)]
            assert "print" not in names, path

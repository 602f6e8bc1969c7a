"""Data goes one way: a file imports only from files above it, and none in a circle."""

import ast
from pathlib import Path

import tinyvae

ROOT = Path(tinyvae.__file__).parent
# The flow, from the top: a part imports only from parts above it, or from itself.
ORDER = [
    "errors",
    "files/whole",
    "files/npz",
    "factors",
    "representation",
    "pictures",
    "worlds",
    "models",
    "objectives",
    "training",
    "evaluation",
    "measures",
    "scores",
    "answer",
    "files/codes",
    "files/codes_writing",
    "files/labelled_codes",
    "runs",
    "experiment",
    "plots",
    "page",
    "cli",
    "__main__",
]


def name_of(path: Path) -> str:
    """`worlds/circles` for .../worlds/circles.py, `worlds` for its __init__."""
    name = path.relative_to(ROOT).with_suffix("").as_posix()
    return name.removesuffix("/__init__") if name != "__init__" else ""


FILES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def part_of(name: str) -> str:
    """The part of the order that a file belongs to."""
    return name if name in ORDER else name.split("/")[0]


def file_named(dotted: str) -> str | None:
    """The file that `tinyvae.a.b` names, or None where b is no file."""
    name = dotted.removeprefix("tinyvae").removeprefix(".").replace(".", "/")
    return name if name in FILES else None


def imports(name: str) -> set[str]:
    """Every file that a file imports: at its top, in functions, and for its types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(FILES[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {f for a in node.names if (f := file_named(a.name)) is not None}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if not node.module.startswith("tinyvae"):
                continue
            for alias in node.names:  # a name may be a file of the package
                inner = file_named(f"{node.module}.{alias.name}")
                target = inner if inner is not None else file_named(node.module)
                if target:
                    found.add(target)
    return {f for f in found if f and f != name}


GRAPH = {name: imports(name) for name in FILES}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Files that import one another in a circle; empty where there is none."""
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            if found := visit(other, [*way, name]):
                return found
        done.add(name)
        return []

    for name in graph:
        if found := visit(name, []):
            return found
    return []


def test_every_file_belongs_to_a_part_of_the_order():
    packages = {"files", ""}  # `files` has parts of its own; "" holds the public names
    parts = {part_of(name) for name in FILES} - packages
    assert parts == set(ORDER)


def test_imports_point_up_the_order():
    wrong = [
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in others
        if name and part_of(other) in ORDER and part_of(name) in ORDER
        if ORDER.index(part_of(other)) > ORDER.index(part_of(name))
    ]
    assert wrong == []


def test_no_files_import_one_another():
    # the root gives public names lazily, and is outside the order
    assert circle({name: others for name, others in GRAPH.items() if name}) == []


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [*"abca"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_only_plots_import_matplotlib_and_only_the_command_line_prints():
    for name, path in FILES.items():
        text = path.read_text()
        if part_of(name) != "plots":
            assert "import matplotlib" not in text, path
            assert "from matplotlib" not in text, path
        if part_of(name) != "cli":
            calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
            names = [c.func.id for c in calls if isinstance(c.func, ast.Name)]
            assert "print" not in names, path

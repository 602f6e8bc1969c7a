"""Writes the API reference for the site: a page for each public module.

The pages name what is public, and Sphinx fills in signatures and docstrings. They are
written when the site is built, and are not kept.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import tinyvae

FOLDER = Path(__file__).parent / "api"
PROGRAM = ("cli", "__main__")  # no API
FURTHER = ("errors", "scores.locatello2019")  # public, though they do not say so
# a module that is also called, and what is called then
CALLED = {"tinyvae.answer": "tinyvae.answer.asked.answer"}


def public_modules() -> dict[str, list[str]]:
    """The public names of each public module, by the name of the module.

    Public is a module of tinyvae that says what is public in it: by `__all__`, or by
    the names that it imports at first use.
    """
    found = {"tinyvae": list(tinyvae.__all__)}
    names = [one.name for one in pkgutil.iter_modules(tinyvae.__path__)]
    for name in sorted(set(names) - set(PROGRAM)) + list(FURTHER):
        module = import_module(f"tinyvae.{name}")
        public = public_names(module)
        if public:
            found[module.__name__] = public
    return found


def public_names(module: ModuleType) -> list[str]:
    """The public names of a module; none where it does not say."""
    names = getattr(module, "__all__", None) or getattr(module, "_HOME", None) or ()
    if not names and module.__name__.removeprefix("tinyvae.") in FURTHER:
        names = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_")
            and getattr(value, "__module__", "") == module.__name__
        ]
    return sorted(names, key=str.lower)


def pages() -> dict[str, str]:
    """The reStructuredText of each page, by the name of its file."""
    modules = public_modules()
    texts = {name: page(name, names) for name, names in modules.items()}
    return {"index": index(modules)} | texts


def index(modules: dict[str, list[str]]) -> str:
    """The list of all modules, with the first line of each."""
    lines = heading("API", "=")
    lines += ["What is public, from the docstrings. Shapes name their axes: ", ""]
    lines[-2] += (
        "``Float[Array, 'sample latent']`` is an array of real numbers with a row for "
        "each sample and a column for each latent; an empty shape is a single number."
    )
    for name in modules:
        line = first_line(import_module(name))
        lines += [f":doc:`{name}`", f"    {line}", ""]
    lines += [".. toctree::", "   :hidden:", ""]
    return "\n".join([*lines, *(f"   {name}" for name in modules)]) + "\n"


def page(module_name: str, names: list[str]) -> str:
    """The page of one module: each name with its docstring, by where it is defined.

    What `tinyvae` itself offers is described there, and listed elsewhere.
    """
    module = import_module(module_name)
    lines = heading(module_name, "=")
    if module_name == "tinyvae":
        lines += [first_line(module), "", *_sections(names)]
        return "\n".join(lines) + "\n"
    lines += [*as_rst(module.__doc__ or ""), ""]
    if module_name in CALLED:
        lines += [f"``{module_name}(...)`` is this function:", ""]
        lines += [f".. autofunction:: {CALLED[module_name]}", ""]
    above = [name for name in names if is_above(module, name)]
    if above:
        links = [f":py:obj:`~tinyvae.{name}`" for name in above]
        lines += [f"Also in :doc:`tinyvae`: {', '.join(links)}.", ""]
    for name in names:
        if name not in above:
            lines += entry(module_name, name)
    return "\n".join(lines) + "\n"


def is_above(module: ModuleType, name: str) -> bool:
    """Whether `tinyvae` offers the same object under the same name."""
    top = name in tinyvae.__all__ and getattr(tinyvae, name)
    return top is getattr(module, name) and not inspect.ismodule(top)


def _sections(names: list[str]) -> list[str]:
    """The entries of the package itself, a section for each part that defines them."""
    lines, parts = [], {}
    for name in sorted(names, key=str.lower):
        home = tinyvae._HOME.get(name, "tinyvae.modules").split(".")[1]
        parts.setdefault(home, []).append(name)
    modules = [f":doc:`tinyvae.{name}`" for name in parts.pop("modules")]
    lines += [f"Modules: {', '.join(modules)}.", ""]
    for home in sorted(parts):
        lines += heading(home.capitalize(), "-")
        for name in parts[home]:
            lines += entry("tinyvae", name)
    return lines


def entry(module_name: str, name: str) -> list[str]:
    """The directive that describes one name."""
    value = getattr(import_module(module_name), name)
    if inspect.isclass(value):
        return [f".. autoclass:: {module_name}.{name}", "   :members:", ""]
    if callable(value):
        return [f".. autofunction:: {module_name}.{name}", ""]
    return _data(module_name, name, value)


def _data(module_name: str, name: str, value: Any) -> list[str]:
    lines = [f".. py:data:: {module_name}.{name}", ""]
    if isinstance(value, dict):
        lines += [f"   {len(value)} entries, by name: {', '.join(map(str, value))}."]
    return [*lines, ""]


def heading(text: str, line: str) -> list[str]:
    """A title with its line."""
    return [text, line * len(text), ""]


def first_line(module: ModuleType) -> str:
    """The first line of a module's docstring."""
    return as_rst((module.__doc__ or "").strip().split("\n")[0])[0]


def as_rst(docstring: str) -> list[str]:
    """A docstring as lines of reStructuredText."""
    from docstring_markup import to_rst

    return to_rst(inspect.cleandoc(docstring).split("\n"))


def main() -> None:
    """Write the pages that have changed, and remove those that are no more."""
    FOLDER.mkdir(exist_ok=True)
    texts = pages()
    for path in FOLDER.glob("*.rst"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        path = FOLDER / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

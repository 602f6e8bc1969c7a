"""A user's own classes, which a configuration names as `module:Class`."""

from __future__ import annotations

import inspect
import os
import sys
from dataclasses import is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from traceback import TracebackException
from typing import Any, TypeVar

from tinyvae.errors import ConfigError, OwnClassError

Settings = TypeVar("Settings", bound=type)


def is_own(kind: Any) -> bool:
    """Whether a kind names a class of the user's.

    >>> is_own("my_module:MyObjective"), is_own("beta-vae")
    (True, False)
    """
    return isinstance(kind, str) and ":" in kind


def is_module(name: str) -> bool:
    """Whether a text names a module; it is looked for, and not imported.

    >>> is_module("json"), is_module("beta-vae")
    (True, False)
    """
    top = name.partition(".")[0]
    here = Path(f"{top}.py").exists()
    return top.isidentifier() and (here or find_spec(top) is not None)


def own_kind(settings: Settings) -> Settings:
    """Give a class without a `kind` the kind `module:Class`, by which it is found."""
    if not hasattr(settings, "kind"):
        name = own_name(settings)
        settings.kind = property(lambda _: name)  # type: ignore[attr-defined]
    return settings


def own_name(settings: type) -> str:
    """The kind of a user's own class."""
    return f"{settings.__module__}:{settings.__qualname__}"


def load_own(kind: str) -> type:
    """The class that `module:Class` names, imported from Python's path.

    The current folder counts as the last place of the path.

    Raises: OwnClassError if there is no such module, or no class of settings in it.
    """
    module, _, name = kind.partition(":")
    found: Any = _imported(module, kind)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise OwnClassError(
            f"expected a class {name!r} in the module {module!r}, which has none. "
            + (
                "It was defined in a script or notebook: put it into a file of its own."
                if module == "__main__"
                else f"Check the name in {kind!r}."
            )
        )
    if not (isinstance(found, type) and is_dataclass(found)):
        raise OwnClassError(
            f"expected {kind} to be a dataclass of settings, got {found!r}. Write "
            "@dataclass(frozen=True) above the class."
        )
    if inspect.isabstract(found):
        absent = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
        raise OwnClassError(f"expected {kind} to define {absent}, which it does not.")
    return own_kind(found)


def _imported(module: str, kind: str) -> Any:
    here = os.getcwd()
    if here not in sys.path:  # an installed command does not look there
        sys.path.append(here)
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise OwnClassError(
                f"cannot import {kind}: {module} needs the module {error.name!r}, "
                "which is not installed."
            ) from None
        if module.endswith(".py"):
            raise OwnClassError(
                f"cannot import {kind}: expected the name of a module, got that of a "
                f"file. Write {module.removesuffix('.py')}:{kind.partition(':')[2]}."
            ) from None
        raise OwnClassError(
            f"cannot import {kind}: expected a module {module!r} on Python's path, got "
            f"none. Run from the folder of {module.partition('.')[0]}.py, or set "
            "PYTHONPATH to it."
        ) from None
    except Exception as error:  # whatever the module does
        raise OwnClassError(
            f"cannot import {kind}: {type(error).__name__}: {error}. The kind of a "
            "class of your own is module:Class."
        ) from error


def missing_members(instance: Any, protocol: type) -> list[str]:
    """Names that a protocol demands, and an object does not have.

    No property is asked for its value: that of own pictures would read them.
    """
    demanded = {*protocol.__annotations__, *vars(protocol)}
    missing = demanded.difference(dir(instance))
    return sorted(name for name in missing if not name.startswith("_"))


def refuse_class(settings: Any, what: str, example: str) -> None:
    """Refuse a class where its settings are expected.

    Raises: ConfigError, with an example of such settings.
    """
    if isinstance(settings, type):
        raise ConfigError(
            f"expected {what}, got the class {settings.__name__}. Write one with its "
            f"settings, such as {example}."
        )


def fault_of(error: Exception, method: Any) -> str:
    """What an error in a method of the user's says, in one line, and where it arose."""
    told = TracebackException.from_exception(error)
    lines = "".join(told.format_exception_only()).strip().splitlines()
    code = getattr(inspect.unwrap(method), "__code__", None)
    file = getattr(code, "co_filename", "")
    places = [frame.lineno for frame in told.stack if frame.filename == file]
    place = f" ({Path(file).name}, line {places[-1]})" if places else ""
    traced = "Tracer" in lines[0] or "Concretization" in lines[0]
    advice = (
        " JAX traces it: write jnp.where instead of if, and jnp instead of numpy."
        if traced
        else ""
    )
    return f"{lines[0].rstrip('.')}{place}.{advice}"

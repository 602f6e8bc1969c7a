"""A function whose matrix products multiply in bf16 and add in f32."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import Jaxpr, Literal

NESTED = ("jit", "pjit", "custom_jvp_call")  # whose inner products count too


def with_half_products(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, with the inputs of its f32 products rounded to bf16.

    Products that ask for a precision of their own stay as they are. Weights, sums and
    all else stay f32, as in the mixed precision of other libraries.
    """

    def changed(*arguments: Any) -> Any:
        closed, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
        results = _evaluate(closed.jaxpr, closed.consts, jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return changed


def _evaluate(jaxpr: Jaxpr, consts: Sequence[Any], arguments: Sequence[Any]) -> list:
    known = dict(
        zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *arguments], strict=True)
    )

    def value_of(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else known[atom]

    for equation in jaxpr.eqns:
        values = [value_of(atom) for atom in equation.invars]
        results = _results_of(equation, values)
        known.update(zip(equation.outvars, results, strict=True))
    return [value_of(atom) for atom in jaxpr.outvars]


def _results_of(equation: Any, values: list[Any]) -> list[Any]:
    primitive, params = equation.primitive, equation.params
    if primitive.name in NESTED:
        inner = params.get("jaxpr") or params["call_jaxpr"]
        return _evaluate(inner.jaxpr, inner.consts, values)
    if primitive.name == "dot_general" and params["precision"] is None:
        if all(value.dtype == jnp.float32 for value in values):
            values = [value.astype(jnp.bfloat16) for value in values]
            params = params | {"preferred_element_type": jnp.dtype(jnp.float32)}
    results = primitive.bind(*values, **primitive.get_bind_params(params))
    return list(results) if primitive.multiple_results else [results]

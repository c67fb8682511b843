"""Limits for a member's own templates: steps, length of text, methods, filters."""

from collections.abc import Callable, Iterable
from numbers import Number
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_STEPS = 200_000  # loop turns and macro calls per page
MAX_LENGTH = 4_000_000  # characters of one text
MAX_COUNT = 10_000  # of what a filter is to make
_MAX_BITS = 10_000  # of a number
# Of a text: what pads or formats it, or joins many.
_REFUSED = ("format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs", "join")


class TemplateLimitError(jinja2.TemplateRuntimeError):
    """A template took too many steps or made too much text."""


class Guard:
    """Counts a template's steps and stops it at the limit."""

    steps = 0

    def tick(self, steps: int = 1) -> str:
        """Count steps; raise `TemplateLimitError` if there are too many."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TemplateLimitError("too many steps")
        return ""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with limits on what one operator can make."""

    intercepted_binops = frozenset(["*", "**", "+", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """As in Jinja; raises `TemplateLimitError` for results too large."""
        if operator == "**" and (abs(left) > 1000 or abs(right) > 20):
            raise TemplateLimitError("number too large")
        if operator == "*" and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() + right.bit_length() > _MAX_BITS:
                raise TemplateLimitError("number too large")
        elif operator == "*":
            size = (
                len(left)
                if hasattr(left, "__len__")
                else len(right)
                if hasattr(right, "__len__")
                else 0
            )
            times = right if isinstance(right, int) else left
            if size and isinstance(times, int) and size * times > MAX_LENGTH:
                raise TemplateLimitError("text too long")
        if operator == "%" and isinstance(left, str):
            raise TemplateLimitError("the operator % does not format text here")
        if operator == "+" and hasattr(left, "__len__") and len(left) > MAX_LENGTH:
            raise TemplateLimitError("text too long")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """No wrapper of `str.format`: Jinja would ask for it before `is_safe_attribute`."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """As in Jinja, but without methods that pad or format text."""
        if isinstance(obj, str) and attr in _REFUSED:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call(self, context: Any, obj: Any, *arguments: Any, **named: Any) -> Any:
        """As in Jinja; raises `TemplateLimitError` where replacing would make too long a text."""
        if getattr(obj, "__name__", "") == "replace" and isinstance(text := obj.__self__, str):
            _check_replace(text, *arguments)
        return super().call(context, obj, *arguments, **named)

    @staticmethod
    def concat(parts: Iterable[str]) -> str:
        """Join the parts of a page, a macro or a block; raises `TemplateLimitError`."""
        return "".join(_within(parts))


def _within(parts: Iterable[str], gap: int = 0) -> list[str]:
    """The parts of a text; raises `TemplateLimitError` as soon as they are too long."""
    length, joined = -gap, []
    for part in parts:
        length += len(part) + gap
        if length > MAX_LENGTH:
            raise TemplateLimitError("text too long")
        joined.append(part)
    return joined


def _check_replace(text: str, old: object = "", new: object = "", *more: object) -> None:
    if len(text) + text.count(str(old)) * len(str(new)) > MAX_LENGTH:
        raise TemplateLimitError("text too long")


def limit_filters(filters: dict[str, Callable[..., Any]]) -> None:
    """Let the filters that can make much of little raise `TemplateLimitError`."""
    plain = dict(filters)

    def replace(eval_context: Any, text: Any, old: str, new: str, count: Any = None) -> Any:
        _check_replace(str(text), old, new)
        return plain["replace"](eval_context, text, old, new, count)

    def join(eval_context: Any, value: Any, d: str = "", attribute: Any = None) -> Any:
        items = list(value)
        if attribute is not None:
            items = list(map(make_attrgetter(eval_context.environment, attribute), items))
        _within(map(str, items), len(d))
        return plain["join"](eval_context, items, d)

    def batch(value: Any, linecount: int, fill_with: Any = None) -> Any:
        return plain["batch"](value, _at_most(linecount), fill_with)

    def slice(eval_context: Any, value: Any, slices: int, fill_with: Any = None) -> Any:
        return plain["slice"](eval_context, value, _at_most(slices), fill_with)

    def round(value: Any, precision: int = 0, method: str = "common") -> Any:
        return plain["round"](value, _at_most(precision, 20), method)

    def sum(environment: Any, iterable: Any, attribute: Any = None, start: Any = 0) -> Any:
        if not isinstance(start, Number):
            raise TemplateLimitError("only numbers are summed")
        return plain["sum"](environment, iterable, attribute, start)

    def tojson(eval_context: Any, value: Any, indent: int | None = None) -> Any:
        return plain["tojson"](eval_context, value, indent and _at_most(indent, 8))

    filters |= {
        "replace": jinja2.pass_eval_context(replace), "join": jinja2.pass_eval_context(join),
        "slice": jinja2.pass_eval_context(slice), "tojson": jinja2.pass_eval_context(tojson),
        "sum": jinja2.pass_environment(sum), "batch": batch, "round": round,
    }  # fmt: skip


def _at_most(number: int, most: int = MAX_COUNT) -> int:
    if abs(number) > most:
        raise TemplateLimitError("number too large")
    return number


def guard_tree(tree: nodes.Template, environment: jinja2.Environment) -> None:
    """Count the steps of loops and macros, and the characters of `~`."""
    loops: list[Any] = list(tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)))
    for loop in loops:
        call = nodes.Call(nodes.Name("tick__", "load"), [], [], None, None)
        loop.body.insert(0, nodes.Output([call]))
    for concat in list(tree.find_all(nodes.Concat)):
        whole = nodes.Concat(concat.nodes)
        concat.nodes = [nodes.Call(nodes.Name("bounded__", "load"), [whole], [], None, None)]
    complete(tree, environment)


def complete(tree: nodes.Template, environment: jinja2.Environment) -> None:
    """Give nodes that were put into a tree what Jinja's parser would."""
    tree.set_environment(environment)
    for node in tree.find_all(nodes.Node):
        node.lineno = node.lineno or 1


def bounded(text: str) -> str:
    """The text; raises `TemplateLimitError` if it is too long."""
    if len(text) > MAX_LENGTH:
        raise TemplateLimitError("text too long")
    return text

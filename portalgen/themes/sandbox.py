"""Limits for a member's own templates: steps, length of text, methods."""

from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_STEPS = 200_000  # loop turns and macro calls per page
MAX_LENGTH = 4_000_000  # characters of one text


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
        if operator == "*":
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
        if isinstance(obj, str) and attr in (
            "format",
            "format_map",
            "center",
            "ljust",
            "rjust",
            "zfill",
        ):
            return False
        return super().is_safe_attribute(obj, attr, value)


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

"""Macros that remember their results: a macro sees its arguments alone; a card is on many pages."""

from types import SimpleNamespace
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from portalgen.themes.sandbox import Guard

_REMEMBERED = 20_000  # results of one macro kept at a time


class Macros:
    """The macros of templates by name of template, made once: no render has globals of its own."""

    def __init__(self, environment: jinja2.Environment, guard: Guard | None):
        self._environment = environment
        self._guard = guard
        self._modules: dict[str, SimpleNamespace] = {}

    def __call__(self, name: str) -> SimpleNamespace:
        """What `{% import name %}` gives; raises jinja2's errors."""
        module = self._modules.get(name)
        if module is None:
            exported = vars(self._environment.get_template(name).module)
            module = self._modules[name] = SimpleNamespace(**{
                macro: _Remembering(value, self._guard) if callable(value) else value
                for macro, value in exported.items()
                if not macro.startswith("_")
            })  # fmt: skip
        return module


class _Remembering:
    """A macro and its results; the steps that one took are remembered, too.

    So whether a page may go on does not depend on the pages before it.
    """

    def __init__(self, macro: Any, guard: Guard | None):
        self.macro = macro
        self.guard = guard
        self.results: dict[Any, tuple[Any, int]] = {}

    def __call__(self, *args: Any, **named: Any) -> Any:
        # Equal is not the same: "&" is escaped, Markup("&") is not; 1 is not True.
        key = (args, *map(type, args), *named.items(), *map(type, named.values()))
        guard = self.guard
        try:
            result, steps = self.results[key]
        except KeyError:
            before = guard.steps if guard else 0
            result = self.macro(*args, **named)
            steps = guard.steps - before if guard else 0
        except TypeError:  # an argument that may change
            return self.macro(*args, **named)
        else:
            if guard:
                guard.tick(steps)
            return result
        if len(self.results) >= _REMEMBERED:
            self.results.clear()
        if "caller" not in named:
            self.results[key] = (result, steps)
        return result


class _Imports(NodeTransformer):
    """Puts calls of `macros__` in the place of imports without context."""

    def visit_Import(self, node: nodes.Import) -> nodes.Node:
        if node.with_context:
            return node
        return _assign(node.target, _macros(node), node.lineno)

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node | list[nodes.Node]:
        if node.with_context:
            return node
        names = [name if isinstance(name, tuple) else (name, name) for name in node.names]
        return [
            _assign(alias, nodes.Getattr(_macros(node), name, "load"), node.lineno)
            for name, alias in names
        ]


def _macros(node: Any) -> nodes.Call:
    return nodes.Call(nodes.Name("macros__", "load"), [node.template], [], None, None)


def _assign(name: str, value: nodes.Expr, line: int) -> nodes.Assign:
    return nodes.Assign(nodes.Name(name, "store"), value, lineno=line)


def remember_macros(tree: nodes.Template, environment: jinja2.Environment) -> None:
    """Let a template take its macros from `Macros`, which the environment has as `macros__`."""
    _Imports().visit(tree)
    tree.set_environment(environment)
    for node in tree.find_all(nodes.Node):
        node.lineno = node.lineno or 1

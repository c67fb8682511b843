"""Memoized macros: a macro sees its arguments alone, and a card is on many pages."""

from types import SimpleNamespace
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from portalgen.themes.sandbox import Guard, complete

_MAX_RESULTS = 20_000  # results kept of one macro


class Macros:
    """The macros of templates, loaded once by name of template; no render has its own globals."""

    def __init__(self, environment: jinja2.Environment, guard: Guard | None):
        self._environment = environment
        self._guard = guard
        self._modules: dict[str, SimpleNamespace] = {}

    def __call__(self, name: str) -> SimpleNamespace:
        """The module that `{% import name %}` binds; raises jinja2's errors."""
        module = self._modules.get(name)
        if module is None:
            exported = vars(self._environment.get_template(name).module)
            module = self._modules[name] = SimpleNamespace(**{
                macro: _Memoized(value, self._guard) if callable(value) else value
                for macro, value in exported.items()
                if not macro.startswith("_")
            })  # fmt: skip
        return module


class _Memoized:
    """A macro with its results, and the steps each took.

    Steps are counted for stored results, too: whether a page exceeds its limit must not depend on
    the pages before it.
    """

    def __init__(self, macro: Any, guard: Guard | None):
        self.macro = macro
        self.guard = guard
        self.results: dict[Any, tuple[Any, int]] = {}

    def __call__(self, *args: Any, **named: Any) -> Any:
        # Types are part of the key: "&" == Markup("&"), but only one is escaped; 1 == True.
        key = (args, *map(type, args), *named.items(), *map(type, named.values()))
        guard = self.guard
        try:
            result, steps = self.results[key]
        except KeyError:
            before = guard.steps if guard else 0
            result = self.macro(*args, **named)
            steps = guard.steps - before if guard else 0
        except TypeError:  # unhashable argument
            return self.macro(*args, **named)
        else:
            if guard:
                guard.tick(steps)
            return result
        if len(self.results) >= _MAX_RESULTS:
            self.results.clear()
        if "caller" not in named:
            self.results[key] = (result, steps)
        return result


class _ReplaceImports(NodeTransformer):
    """Replaces imports without context by calls of `macros__`."""

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


def memoize_macros(tree: nodes.Template, environment: jinja2.Environment) -> None:
    """Make a template take its macros from `Macros`, the environment's `macros__`."""
    _ReplaceImports().visit(tree)
    complete(tree, environment)

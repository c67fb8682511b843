"""Parse and compile a template: what it refers to and names, without knowing its theme."""

from functools import cache, lru_cache
from types import CodeType
from typing import Any

import jinja2
from jinja2 import nodes
from msgspec import Struct, field

from portalgen.themes.macros import Macros, memoize_macros
from portalgen.themes.sandbox import Guard, Sandbox, bounded, guard_tree, limit_filters

_GLOBALS = ("range", "dict", "namespace")
_REFERENCES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
_NAMED = ("t", "assets", "parts")


class Parsed(Struct):
    """A template: everything with the number of its line.

    `references`: templates it includes, imports or extends. `names`: strings (`t`) and `assets` as
    pairs of base and key. `dynamic`: lines that name one of these by a value. `states`: names that
    a macro changes outside itself. `blocks`: with the names of the blocks around each.
    """

    code: CodeType
    extends: str = ""
    references: list[tuple[str, int]] = field(default_factory=list)
    names: list[tuple[str, str, int]] = field(default_factory=list)
    dynamic: list[int] = field(default_factory=list)
    states: list[tuple[str, int]] = field(default_factory=list)
    blocks: list[tuple[str, frozenset[str], int]] = field(default_factory=list)


def new_environment(loader: jinja2.BaseLoader | None, guard: Guard | None) -> jinja2.Environment:
    """Jinja's environment for templates of a theme; with a `guard`, in a sandbox."""
    kind = Sandbox if guard else jinja2.Environment
    environment = kind(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals = {name: environment.globals[name] for name in _GLOBALS}
    environment.globals["macros__"] = Macros(environment, guard)
    refused = ["random", "pprint", "filesizeformat", "urlize"]
    refused += ["center", "format", "indent", "wordwrap", "xmlattr", "attr"] if guard else []
    for name in refused:
        environment.filters.pop(name, None)
    if guard:
        environment.globals |= {"tick__": guard.tick, "bounded__": bounded}
        limit_filters(environment.filters)
    return environment


@cache
def _parser(sandboxed: bool) -> jinja2.Environment:
    return new_environment(None, Guard() if sandboxed else None)


@lru_cache(1024)
def parse(text: str, name: str, sandboxed: bool) -> Parsed:
    """Parse and compile a template; raises `TemplateSyntaxError` and `RecursionError`.

    The result depends on nothing else, and sites share it.
    """
    environment = _parser(sandboxed)
    tree = environment.parse(text, name)
    _refuse_own_names(tree, name)
    parent = tree.find(nodes.Extends)
    extends = parent.template.value if parent and isinstance(parent.template, nodes.Const) else ""
    parsed = Parsed(_NO_CODE, extends if isinstance(extends, str) else "")
    _find_references(tree, parsed)
    _find_names(tree, parsed)
    _find_states(tree, parsed)
    _find_blocks(tree, parsed, frozenset())
    memoize_macros(tree, environment)
    if sandboxed:
        guard_tree(tree, environment)
    parsed.code = environment.compile(tree, name, name)
    return parsed


def _refuse_own_names(tree: nodes.Template, name: str) -> None:
    """Raise `TemplateSyntaxError` for a name that ends in `__`: those are the program's own."""
    for node in tree.find_all((nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)):
        names = [getattr(node, "name", None), getattr(node, "target", None)]
        for item in getattr(node, "names", ()):
            names += item if isinstance(item, tuple) else (item,)
        for own in names:
            if isinstance(own, str) and own.endswith("__"):
                message = f"names that end in __ are reserved: {own}"
                raise jinja2.TemplateSyntaxError(message, node.lineno, name, name)


_NO_CODE = compile("", "", "exec")


def _find_references(tree: nodes.Template, parsed: Parsed) -> None:
    references: list[Any] = list(tree.find_all(_REFERENCES))
    for node in references:
        target = getattr(node.template, "value", None)
        if isinstance(node.template, nodes.Const) and isinstance(target, str):
            parsed.references.append((target, node.lineno))
        else:
            parsed.dynamic.append(node.lineno)


def _find_names(tree: nodes.Template, parsed: Parsed) -> None:
    attributes: list[Any] = list(tree.find_all((nodes.Getattr, nodes.Getitem)))
    bases = {id(node.node) for node in attributes}
    for variable in tree.find_all(nodes.Name):
        if variable.name in _NAMED and id(variable) not in bases:
            parsed.dynamic.append(variable.lineno)
    for node in attributes:
        if isinstance(node.node, nodes.Name) and node.node.name in ("t", "assets"):
            is_attribute = isinstance(node, nodes.Getattr)
            key = node.attr if is_attribute else getattr(node.arg, "value", None)
            if isinstance(key, str):
                parsed.names.append((node.node.name, key, node.lineno))
            else:
                parsed.dynamic.append(node.lineno)


def _find_states(tree: nodes.Template, parsed: Parsed) -> None:
    for macro in tree.find_all(nodes.Macro):
        names = macro.find_all(nodes.Name)
        own = {name.name for name in names if name.ctx in ("store", "param")}
        for change in macro.find_all(nodes.NSRef):
            if change.name not in own:
                parsed.states.append((change.name, change.lineno))


def _find_blocks(node: nodes.Node, parsed: Parsed, around: frozenset[str]) -> None:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            parsed.blocks.append((child.name, around, child.lineno))
            _find_blocks(child, parsed, around | {child.name})
        else:
            _find_blocks(child, parsed, around)

"""Templates are checked before use: every include, import and extends names its template literally.

So the closure of a template, and what it names of strings and assets, is known without running it.
"""

from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
from jinja2 import nodes
from msgspec import Struct

from portalgen import sources
from portalgen.problems import Problems, problem
from portalgen.themes.assets import TOKENS_FILE
from portalgen.themes.macros import remember_macros
from portalgen.themes.sandbox import Sandbox, guard_tree
from portalgen.themes.theme import Layer, Theme

PARTS = "parts/"
_REFERENCES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


class Checked(Struct):
    """A template: what it refers to, and which strings (`t`) and `assets` it names."""

    tree: nodes.Template
    references: list[str]
    names: dict[str, list[str]]
    code: CodeType | None = None


Known = dict[tuple[str, str, str, str], Checked]  # by theme, name, file and text


class Checker:
    """Reads templates as syntax trees: what they refer to, which strings and blocks they name."""

    def __init__(
        self,
        environment: jinja2.Environment,
        texts: dict[str, str],
        shown: dict[str, str],
        theme: Theme,
        problems: Problems,
    ):
        self.environment = environment
        self.texts = texts
        self.shown = shown
        self.theme = theme
        self.problems = problems
        self.first: dict[str, str] = {}
        self.checked: dict[str, Checked] = {}
        self.asset_names = {
            file.relative_to(layer.assets).as_posix()
            for layer in theme.layers
            for file in layer.assets.rglob("*")
        } | {TOKENS_FILE}

    def check(self, name: str, known: Known) -> None:
        """Syntax, literal references to templates that exist, strings in every language.

        What is right is compiled, and kept in `known`. A template found by two names is read once.
        """
        place = self.shown[name]
        twin = self.first.setdefault(place, name)
        if twin in self.checked:
            self.checked[name] = self.checked[twin]
            return
        if twin != name:
            return
        key = self.theme.name, name, place, self.texts[name]
        found = known.get(key)
        if found is None:
            before = len(self.problems.items)
            found = self._check_one(name, place)
            if found is None:
                return
            if len(self.problems.items) == before:
                known[key] = found
        self.checked[name] = found

    def _check_one(self, name: str, place: str) -> Checked | None:
        found = None
        try:
            tree = self.environment.parse(self.texts[name], name)
            found = Checked(tree, *self._check_tree(place, tree))
            remember_macros(tree, self.environment)
            if isinstance(self.environment, Sandbox):
                guard_tree(tree, self.environment)
            found.code = self.environment.compile(tree, name, name)
        except jinja2.TemplateSyntaxError as error:
            self._add("template-syntax", place, error.lineno, detail=error.message or "")
        except RecursionError:
            self._add("template-syntax", place, 1, detail="nested too deep")
        return found

    def _check_tree(
        self, place: str, tree: nodes.Template
    ) -> tuple[list[str], dict[str, list[str]]]:
        """The templates it refers to, and the strings and assets it names."""
        self._check_macros(tree, place)
        found: list[str] = []
        references: list[Any] = list(tree.find_all(_REFERENCES))
        for node in references:
            target = getattr(node.template, "value", None)
            if not isinstance(node.template, nodes.Const) or not isinstance(target, str):
                self._add("template-dynamic", place, node.lineno)
            elif target not in self.texts:
                self._add("template-missing", place, node.lineno, name=target)
            else:
                found.append(target)
        lookups: list[Any] = list(tree.find_all((nodes.Getattr, nodes.Getitem)))
        direct = {id(node.node) for node in lookups}
        for found_name in tree.find_all(nodes.Name):
            if found_name.name in ("t", "assets", "parts") and id(found_name) not in direct:
                self._add("template-dynamic", place, found_name.lineno)
        names: dict[str, list[str]] = {"t": [], "assets": []}
        for node in lookups:
            if isinstance(node.node, nodes.Name) and node.node.name in names:
                key = (
                    node.attr
                    if isinstance(node, nodes.Getattr)
                    else getattr(node.arg, "value", None)
                )
                if not isinstance(key, str):
                    self._add("template-dynamic", place, node.lineno)
                elif node.node.name == "t" and key not in self.theme.strings["vi"]:
                    self._add("unknown-string", place, node.lineno, key=key)
                elif node.node.name == "assets" and key not in self.asset_names:
                    self._add("unknown-asset", place, node.lineno, key=key)
                else:
                    names[node.node.name].append(key)
        return found, names

    def _check_macros(self, tree: nodes.Template, place: str) -> None:
        """A macro keeps nothing between calls: its result must depend on its arguments alone."""
        for macro in tree.find_all(nodes.Macro):
            names = macro.find_all(nodes.Name)
            own = {name.name for name in names if name.ctx in ("store", "param")}
            for change in macro.find_all(nodes.NSRef):
                if change.name not in own:
                    self._add("template-state", place, change.lineno, name=change.name)

    def check_overrides(self, own: Layer, base: set[str]) -> None:
        """An override stands for a template of the theme; its blocks exist in what it extends."""
        for name, _ in template_files(own, Problems()):
            full = f"{own.name}/{name}"
            found = self.checked.get(full)
            if name not in base:
                self._add("override-nothing", f"{own.shown}/{name}", 1, name=name)
            elif found is not None:
                tree = found.tree
                parent = tree.find(nodes.Extends)
                if parent is None or not isinstance(parent.template, nodes.Const):
                    continue
                known = self._blocks(str(parent.template.value), set())
                for block in tree.find_all(nodes.Block):
                    if block.name not in known and not self._inside(tree, block, known):
                        self._add(
                            "override-no-block", self.shown[full], block.lineno, name=block.name
                        )

    def _inside(self, tree: nodes.Template, block: nodes.Block, known: set[str]) -> bool:
        return any(
            outer.name in known and any(inner is block for inner in outer.find_all(nodes.Block))
            for outer in tree.find_all(nodes.Block)
        )

    def _blocks(self, name: str, seen: set[str]) -> set[str]:
        if name in seen or name not in self.checked:
            return set()
        found = {block.name for block in self.checked[name].tree.find_all(nodes.Block)}
        for target in self.checked[name].references:
            found |= self._blocks(target, seen | {name})
        return found

    def closure(self, name: str) -> list[str]:
        """A template, all it includes, imports or extends, and the parts of every page."""
        closure: set[str] = set()
        waiting = [name, *(other for other in self.texts if other.startswith(PARTS))]
        while waiting:
            current = waiting.pop()
            if current not in closure:
                closure.add(current)
                waiting += self.checked[current].references
        return sorted(closure)

    def used(self, closure: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The strings and assets that these templates name."""
        strings = {key for name in closure for key in self.checked[name].names["t"]}
        assets = {key for name in closure for key in self.checked[name].names["assets"]}
        return tuple(sorted(strings)), tuple(sorted(assets))

    def _add(self, code: str, place: str, line: int, **values: object) -> None:
        item = problem(code, place, line, 0, **values)
        if item not in self.problems.items:
            self.problems.add(item)


def template_files(layer: Layer, problems: Problems) -> list[tuple[str, Path]]:
    """The templates of a layer by name; what is in the way is reported."""
    found = []
    for file in sorted(layer.templates.rglob("*.html")) if layer.templates.is_dir() else []:
        name = file.relative_to(layer.templates).as_posix()
        if not sources.is_text(name):
            problems.add(problem("file-name", f"{layer.shown}/{sources.as_text(name)}"))
        elif sources.leaves(str(file), str(layer.templates)):
            problems.add(problem("symlink-outside", f"{layer.shown}/{name}"))
        else:
            found.append((name, file))
    return found

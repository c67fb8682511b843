"""Check templates before use.

Every include, import and extends names its template literally, so the closure of a template, and
the strings and assets it uses, are known without running it.
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
from portalgen.themes.macros import memoize_macros
from portalgen.themes.sandbox import Sandbox, guard_tree
from portalgen.themes.theme import Layer, Theme

PARTS = "parts/"
_REFERENCES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


class Checked(Struct):
    """A checked template: its references, and the strings (`t`) and `assets` it names."""

    tree: nodes.Template
    references: list[str]
    names: dict[str, list[str]]
    code: CodeType | None = None


CheckedTemplates = dict[tuple[str, str, str, str], Checked]  # by theme, name, path and text


class Checker:
    """Checks templates as syntax trees."""

    def __init__(
        self,
        environment: jinja2.Environment,
        texts: dict[str, str],
        paths: dict[str, str],
        theme: Theme,
        problems: Problems,
    ):
        self.environment = environment
        self.texts = texts
        self.paths = paths
        self.theme = theme
        self.problems = problems
        self.first_names: dict[str, str] = {}
        self.checked: dict[str, Checked] = {}
        self.asset_names = {
            file.relative_to(layer.assets).as_posix()
            for layer in theme.layers
            for file in layer.assets.rglob("*")
        } | {TOKENS_FILE}

    def check(self, name: str, passed: CheckedTemplates) -> None:
        """Check syntax, references, strings and assets; keep what passes, compiled, in `passed`.

        A template with two names is read once.
        """
        path = self.paths[name]
        first_name = self.first_names.setdefault(path, name)
        if first_name in self.checked:
            self.checked[name] = self.checked[first_name]
            return
        if first_name != name:
            return
        key = self.theme.name, name, path, self.texts[name]
        checked = passed.get(key)
        if checked is None:
            before = len(self.problems.items)
            checked = self._compile(name, path)
            if checked is None:
                return
            if len(self.problems.items) == before:
                passed[key] = checked
        self.checked[name] = checked

    def _compile(self, name: str, path: str) -> Checked | None:
        checked = None
        try:
            tree = self.environment.parse(self.texts[name], name)
            checked = Checked(tree, *self._check_tree(path, tree))
            memoize_macros(tree, self.environment)
            if isinstance(self.environment, Sandbox):
                guard_tree(tree, self.environment)
            checked.code = self.environment.compile(tree, name, name)
        except jinja2.TemplateSyntaxError as error:
            self._add("template-syntax", path, error.lineno, detail=error.message or "")
        except RecursionError:
            self._add("template-syntax", path, 1, detail="nested too deep")
        return checked

    def _check_tree(
        self, path: str, tree: nodes.Template
    ) -> tuple[list[str], dict[str, list[str]]]:
        """The templates that a template refers to, and the strings and assets it names."""
        self._check_macros(tree, path)
        targets: list[str] = []
        references: list[Any] = list(tree.find_all(_REFERENCES))
        for node in references:
            target = getattr(node.template, "value", None)
            if not isinstance(node.template, nodes.Const) or not isinstance(target, str):
                self._add("template-dynamic", path, node.lineno)
            elif target not in self.texts:
                self._add("template-missing", path, node.lineno, name=target)
            else:
                targets.append(target)
        attributes: list[Any] = list(tree.find_all((nodes.Getattr, nodes.Getitem)))
        bases = {id(node.node) for node in attributes}
        for variable in tree.find_all(nodes.Name):
            if variable.name in ("t", "assets", "parts") and id(variable) not in bases:
                self._add("template-dynamic", path, variable.lineno)
        names: dict[str, list[str]] = {"t": [], "assets": []}
        for node in attributes:
            if isinstance(node.node, nodes.Name) and node.node.name in names:
                key = (
                    node.attr
                    if isinstance(node, nodes.Getattr)
                    else getattr(node.arg, "value", None)
                )
                if not isinstance(key, str):
                    self._add("template-dynamic", path, node.lineno)
                elif node.node.name == "t" and key not in self.theme.strings["vi"]:
                    self._add("unknown-string", path, node.lineno, key=key)
                elif node.node.name == "assets" and key not in self.asset_names:
                    self._add("unknown-asset", path, node.lineno, key=key)
                else:
                    names[node.node.name].append(key)
        return targets, names

    def _check_macros(self, tree: nodes.Template, path: str) -> None:
        """Refuse state between calls: a macro's result must depend on its arguments alone."""
        for macro in tree.find_all(nodes.Macro):
            names = macro.find_all(nodes.Name)
            own = {name.name for name in names if name.ctx in ("store", "param")}
            for change in macro.find_all(nodes.NSRef):
                if change.name not in own:
                    self._add("template-state", path, change.lineno, name=change.name)

    def check_overrides(self, own: Layer, base: set[str]) -> None:
        """Check that overrides have a template to override, and blocks that exist in it."""
        for name, _ in template_files(own, Problems()):
            full = f"{own.name}/{name}"
            checked = self.checked.get(full)
            if name not in base:
                self._add("override-nothing", f"{own.path}/{name}", 1, name=name)
            elif checked is not None:
                tree = checked.tree
                parent = tree.find(nodes.Extends)
                if parent is None or not isinstance(parent.template, nodes.Const):
                    continue
                blocks = self._blocks(str(parent.template.value), set())
                for block in tree.find_all(nodes.Block):
                    if block.name not in blocks and not self._inside(tree, block, blocks):
                        self._add(
                            "override-no-block", self.paths[full], block.lineno, name=block.name
                        )

    def _inside(self, tree: nodes.Template, block: nodes.Block, blocks: set[str]) -> bool:
        return any(
            outer.name in blocks and any(inner is block for inner in outer.find_all(nodes.Block))
            for outer in tree.find_all(nodes.Block)
        )

    def _blocks(self, name: str, seen: set[str]) -> set[str]:
        if name in seen or name not in self.checked:
            return set()
        blocks = {block.name for block in self.checked[name].tree.find_all(nodes.Block)}
        for target in self.checked[name].references:
            blocks |= self._blocks(target, seen | {name})
        return blocks

    def closure(self, name: str) -> list[str]:
        """The template, all it includes, imports or extends, and the parts of every page."""
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

    def _add(self, code: str, path: str, line: int, **values: object) -> None:
        item = problem(code, path, line, 0, **values)
        if item not in self.problems.items:
            self.problems.add(item)


def template_files(layer: Layer, problems: Problems) -> list[tuple[str, Path]]:
    """The templates of a layer by name; report files that cannot be read as such."""
    files = []
    for file in sorted(layer.templates.rglob("*.html")) if layer.templates.is_dir() else []:
        name = file.relative_to(layer.templates).as_posix()
        if not sources.is_text(name):
            problems.add(problem("file-name", f"{layer.path}/{sources.as_text(name)}"))
        elif sources.leaves(str(file), str(layer.templates)):
            problems.add(problem("symlink-outside", f"{layer.path}/{name}"))
        else:
            files.append((name, file))
    return files

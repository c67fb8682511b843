"""Check templates before use.

Every include, import and extends names its template literally, so the closure of a template, and
the strings and assets it uses, are known without running it.
"""

from pathlib import Path

import jinja2

from portalgen import sources
from portalgen.problems import Problems, problem
from portalgen.themes.assets import TOKENS_FILE
from portalgen.themes.parse import Parsed, parse
from portalgen.themes.theme import Layer, Theme

PARTS = "parts/"


class Checker:
    """Checks the templates of a site; `parsed` are those with a good syntax."""

    def __init__(
        self, texts: dict[str, str], paths: dict[str, str], theme: Theme, sandboxed: bool,
        problems: Problems,
    ):  # fmt: skip
        self.texts = texts
        self.paths = paths
        self.theme = theme
        self.sandboxed = sandboxed
        self.problems = problems
        self.parsed: dict[str, Parsed] = {}
        self._first_names: dict[str, str] = {}
        self._asset_names = {
            file.relative_to(layer.assets).as_posix()
            for layer in theme.layers
            for file in layer.assets.rglob("*")
        } | {TOKENS_FILE}

    def check(self, name: str) -> None:
        """Check syntax, references, strings and assets; a template with two names is read once."""
        path = self.paths[name]
        first_name = self._first_names.setdefault(path, name)
        if first_name != name:
            if first_name in self.parsed:
                self.parsed[name] = self.parsed[first_name]
            return
        try:
            parsed = self.parsed[name] = parse(self.texts[name], name, self.sandboxed)
        except jinja2.TemplateSyntaxError as error:
            self._add("template-syntax", path, error.lineno, detail=error.message or "")
        except RecursionError:
            self._add("template-syntax", path, 1, detail="nested too deep")
        else:
            self._check(parsed, path)

    def _check(self, parsed: Parsed, path: str) -> None:
        for name, line in parsed.states:
            self._add("template-state", path, line, name=name)
        for line in parsed.dynamic:
            self._add("template-dynamic", path, line)
        for target, line in parsed.references:
            if target not in self.texts:
                self._add("template-missing", path, line, name=target)
        for base, key, line in parsed.names:
            if base == "t" and key not in self.theme.strings["vi"]:
                self._add("unknown-string", path, line, key=key)
            elif base == "assets" and key not in self._asset_names:
                self._add("unknown-asset", path, line, key=key)

    def check_overrides(self, own: Layer, base: set[str]) -> None:
        """Check that overrides have a template to override, and blocks that exist in it."""
        for name, _ in template_files(own, Problems()):
            full = f"{own.name}/{name}"
            parsed = self.parsed.get(full)
            if name not in base:
                self._add("override-nothing", f"{own.path}/{name}", 1, name=name)
            elif parsed and parsed.extends:
                blocks = self._blocks(parsed.extends, set())
                for block, around, line in parsed.blocks:
                    if block not in blocks and blocks.isdisjoint(around):
                        self._add("override-no-block", self.paths[full], line, name=block)

    def _blocks(self, name: str, seen: set[str]) -> set[str]:
        if name in seen or name not in self.parsed:
            return set()
        blocks = {block for block, _, _ in self.parsed[name].blocks}
        for target, _ in self.parsed[name].references:
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
                waiting += [target for target, _ in self.parsed[current].references]
        return sorted(closure)

    def used(self, closure: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The strings and assets that these templates name."""
        names = {(base, key) for name in closure for base, key, _ in self.parsed[name].names}
        strings = sorted(key for base, key in names if base == "t")
        return tuple(strings), tuple(sorted(key for base, key in names if base == "assets"))

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

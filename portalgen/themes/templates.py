"""Templates in layers: checked before use, sandboxed where a member may override them.

A template is found by its name in the first layer that has it, or by `layer/name` in that layer
alone, which is how an override extends what it overrides. Every include, import and extends names
its template literally, so the closure of a template is known without running it.
"""

import marshal
import re
from collections.abc import MutableMapping
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from msgspec import Struct, field

from portalgen import sources
from portalgen.digests import digest_parts
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.network import Network, Site
from portalgen.themes.assets import TOKENS_FILE
from portalgen.themes.theme import Layer, Theme

MAX_STEPS = 200_000  # loop turns and macro calls in one page of a site with its own templates
MAX_LENGTH = 4_000_000  # characters in one text such a template makes
_REFERENCES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
PARTS = "parts/"
_OWN = "@own"  # the layer of a site's own templates; no theme can have this name
_GLOBALS = ("range", "dict", "namespace")
_REMEMBERED = 20_000  # results of one macro kept at a time
_SPECIAL = re.compile("[&<>\"']").search


class TemplateLimitError(jinja2.TemplateRuntimeError):
    """A template ran for too long or made too much text."""


class _Compiled(jinja2.BaseLoader):
    """Hands out what the checker compiled, so that each text is read once."""

    def __init__(self) -> None:
        self.codes: dict[str, CodeType] = {}

    def load(
        self,
        environment: jinja2.Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> jinja2.Template:
        if name not in self.codes:
            raise jinja2.TemplateNotFound(name)
        kind = environment.template_class
        return kind.from_code(environment, self.codes[name], globals or {}, None)


class _Pure:
    """A macro that remembers its results: it sees its arguments alone; a card is on many pages.

    What a result took is remembered too: whether a page may go on does not depend on others.
    """

    def __init__(self, macro: Macro, guard: "_Guard | None"):
        self.macro = macro
        self.guard = guard
        self.made: dict[Any, tuple[str, int]] = {}

    def __call__(
        self, *args: Any, _loop_vars: object = None, _block_vars: object = None, **named: Any
    ) -> str:
        # Equal is not the same: "&" is escaped, Markup("&") is not; 1 is not True.
        key = (args, *map(type, args), *named.items(), *map(type, named.values()))
        guard = self.guard
        try:
            result, steps = self.made[key]
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
        if len(self.made) >= _REMEMBERED:
            self.made.clear()
        if "caller" not in named:
            self.made[key] = (result, steps)
        return result


class _Generator(CodeGenerator):
    """Writes the same code as Jinja, but for quicker ways to escape and to call."""

    _QUICK: ClassVar = {"escape(": "escaped(", "context.call(": "called(context, "}

    def write(self, x: str) -> None:
        super().write(self._QUICK.get(x, x))


def _escaped(value: Any) -> str:
    """What `markupsafe.escape` makes; most texts have nothing to escape and stay as they are."""
    kind = type(value)
    if kind is Markup or (kind is str and not _SPECIAL(value)):
        return value  # type: ignore[no-any-return]
    return escape(value)


def _called(context: Context, function: Any, *args: Any, **named: Any) -> Any:
    """A call; only what may ask for the context goes the long way."""
    if type(function) is _Pure:
        return function(*args, **named)
    return context.call(function, *args, **named)


class _Template(jinja2.Template):
    @classmethod
    def _from_namespace(
        cls,
        environment: jinja2.Environment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],
    ) -> jinja2.Template:
        namespace.update(escaped=_escaped, called=_called)
        return super()._from_namespace(environment, namespace, globals)

    def _get_default_module(self, ctx: Any = None) -> Any:
        """The macros of a template, made once: no render has globals of its own."""
        if self._module is None:
            module = super()._get_default_module()
            guard = getattr(self.environment, "guard", None)
            for name, value in vars(module).items():
                if isinstance(value, Macro):
                    setattr(module, name, _Pure(value, guard))
        return self._module


class _Guard:
    """Counts what a template does, so that one that loops for ever ends."""

    steps = 0

    def tick(self, steps: int = 1) -> str:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TemplateLimitError("too many steps")
        return ""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["*", "**", "+", "%"])
    guard: _Guard

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
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

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
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

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        loops: list[Any] = list(tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)))
        for loop in loops:
            call = nodes.Call(nodes.Name("tick__", "load"), [], [], None, None)
            loop.body.insert(0, nodes.Output([call]))
        for joined in list(tree.find_all(nodes.Concat)):
            whole = nodes.Concat(joined.nodes)
            joined.nodes = [nodes.Call(nodes.Name("bounded__", "load"), [whole], [], None, None)]
        tree.set_environment(self)
        for node in tree.find_all(nodes.Node):
            node.lineno = node.lineno or 1
        return tree


def _bounded(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise TemplateLimitError("text too long")
    return text


class Templates(Struct):
    """The templates a site uses, ready to render; `digests` covers each one's closure."""

    environment: jinja2.Environment
    digests: dict[str, str]
    used: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    shown: dict[str, str]
    guard: _Guard | None = None
    compiled: dict[str, jinja2.Template] = field(default_factory=dict)
    made_parts: dict[str, dict[str, Markup]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: what was compiled; the rest is made again there."""
        assert isinstance(self.environment.loader, _Compiled)
        codes = marshal.dumps(self.environment.loader.codes)
        return _restored, (codes, self.guard is not None, self.digests, self.used, self.shown)

    def parts(self, site: str, values: dict[str, Any]) -> dict[str, Markup]:
        """The templates under `parts/`, which depend on the site alone and are rendered once."""
        found = self.made_parts.get(site)
        if found is None:
            names = [name for name in self.digests if name.startswith(PARTS)]
            found = self.made_parts[site] = {
                name.removeprefix(PARTS).removesuffix(".html"): Markup(self.render(name, values))
                for name in names
            }
        return found

    def uses(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The strings and the assets that a template's closure names."""
        return self.used[name]

    def render(self, name: str, values: dict[str, Any]) -> str:
        """One page; raises jinja2's errors."""
        template = self.compiled.get(name)
        if template is None:
            template = self.compiled[name] = self.environment.get_template(name)
        if self.guard:
            self.guard.steps = 0
        return template.render(values)


def _restored(
    codes: bytes, guarded: bool, digests: dict[str, str],
    used: dict[str, tuple[tuple[str, ...], tuple[str, ...]]], shown: dict[str, str],
) -> Templates:  # fmt: skip
    loader = _Compiled()
    loader.codes |= marshal.loads(codes)
    guard = _Guard() if guarded else None
    return Templates(_environment(loader, guard), digests, used, shown, guard)


class _Checked(Struct):
    """A template: what it refers to, and which strings (`t`) and `assets` it names."""

    tree: nodes.Template
    references: list[str]
    names: dict[str, list[str]]
    code: CodeType | None = None


_Known = dict[tuple[str, str, str, str], _Checked]  # by theme, name, file and text


class Shared(Struct):
    """What sites have in common, so that it is read and compiled once.

    `templates` are those of a theme, for sites without any of their own; `known` is what the other
    sites, which have a sandbox, use of it.
    """

    templates: dict[str, Templates] = field(default_factory=dict)
    known: _Known = field(default_factory=dict)


def load_templates(
    network: Network, site: Site, theme: Theme, problems: Problems, shared: Shared
) -> Templates | None:
    """The site's templates; those without overrides share one environment per theme.

    Returns None after reporting what is wrong with the site's own or the theme's templates.
    """
    own = network.folder(site) / "templates"
    if not own.is_dir():
        if theme.name not in shared.templates:
            found = Problems()
            made = _load(theme, None, found, {})
            problems.extend(found.items)
            if made is None or found.items:
                return None
            shared.templates[theme.name] = made
        return shared.templates[theme.name]
    layer = Layer(_OWN, own, own, f"{site.folder}/templates".lstrip("/"))
    if site.folder and sources.leaves(str(own), str(network.folder(site))):
        problems.add(problem("symlink-outside", layer.shown), site.slug)
        return None
    found = Problems()
    made = _load(theme, layer, found, shared.known)
    problems.extend(found.items, site.slug)
    return None if found.items else made


def _load(theme: Theme, own: Layer | None, problems: Problems, known: _Known) -> Templates | None:
    layers = [*([own] if own else []), *theme.layers]
    texts: dict[str, str] = {}
    shown: dict[str, str] = {}
    for layer in layers:
        for name, file in _files(layer, problems):
            place = f"{layer.shown}/{name}"
            text = sources.read(file, place)
            if isinstance(text, Problem):
                problems.add(text)
                continue
            texts.setdefault(name, text)
            shown.setdefault(name, place)
            texts[f"{layer.name}/{name}"] = text
            shown[f"{layer.name}/{name}"] = place
    loader = _Compiled()
    guard = _Guard() if own else None
    environment = _environment(loader, guard)
    checker = _Checker(environment, texts, shown, theme, problems)
    for name in texts:
        checker.check(name, known)
    if own:
        base = {name for layer in theme.layers for name, _ in _files(layer, problems)}
        checker.check_overrides(own, base)
    if problems.items:
        return None
    loader.codes |= {name: found.code for name, found in checker.checked.items() if found.code}
    closures = {name: checker.closure(name) for name in texts}
    digests = {
        name: digest_parts([part for item in closure for part in (item, texts[item])])
        for name, closure in closures.items()
    }
    used = {name: checker.used(closure) for name, closure in closures.items()}
    return Templates(environment, digests, used, shown, guard)


def _files(layer: Layer, problems: Problems) -> list[tuple[str, Path]]:
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


def _environment(loader: jinja2.BaseLoader, guard: _Guard | None) -> jinja2.Environment:
    kind = _Sandbox if guard else jinja2.Environment
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
    environment.template_class = _Template
    environment.code_generator_class = _Generator
    environment.globals = {name: environment.globals[name] for name in _GLOBALS}
    refused = ["random", "pprint", "filesizeformat", "urlize"]
    refused += ["center", "format", "indent", "wordwrap", "xmlattr", "attr"] if guard else []
    for name in refused:
        environment.filters.pop(name, None)
    if isinstance(environment, _Sandbox) and guard:
        environment.guard = guard
        environment.globals |= {"tick__": guard.tick, "bounded__": _bounded}
    return environment


class _Checker:
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
        self.checked: dict[str, _Checked] = {}
        self.asset_names = {
            file.relative_to(layer.assets).as_posix()
            for layer in theme.layers
            for file in layer.assets.rglob("*")
        } | {TOKENS_FILE}

    def check(self, name: str, known: _Known) -> None:
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

    def _check_one(self, name: str, place: str) -> _Checked | None:
        found = None
        try:
            tree = self.environment.parse(self.texts[name], name)
            found = _Checked(tree, *self._check_tree(place, tree))
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
        for name, _ in _files(own, Problems()):
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

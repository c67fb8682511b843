"""Templates in layers: checked before use, sandboxed where a member may override them.

A name stands for the template in the first layer that has it, `layer/name` for that layer's own,
which is how an override extends what it overrides.
"""

import marshal
from collections.abc import MutableMapping
from types import CodeType
from typing import Any

import jinja2
from markupsafe import Markup
from msgspec import Struct, field

from portalgen import sources
from portalgen.digests import digest_parts
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.themes.checker import PARTS, Checker, template_files
from portalgen.themes.parse import new_environment
from portalgen.themes.sandbox import Guard
from portalgen.themes.theme import Layer, Theme

OFF = "override-off"  # what a problem says is used instead of a site's own templates
_OWN = "@own"  # the layer of a site's own templates; no theme can have this name


class _Compiled(jinja2.BaseLoader):
    """Loads what the checker compiled, so that each text is read once."""

    def __init__(self, codes: dict[str, CodeType]):
        self.codes = codes

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


class Templates(Struct):
    """The templates of a site, ready to render; `digests` covers each one's closure.

    `base` are the theme's alone, for pages that the site's own templates cannot render; `own` is
    the signature of those.
    """

    environment: jinja2.Environment
    digests: dict[str, str]
    used: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    paths: dict[str, str]
    guard: Guard | None = None
    base: "Templates | None" = None
    own: str = ""
    compiled: dict[str, jinja2.Template] = field(default_factory=dict)
    rendered_parts: dict[str, dict[str, Markup]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send what was compiled to another process; the rest is made again there."""
        assert isinstance(self.environment.loader, _Compiled)
        codes = marshal.dumps(self.environment.loader.codes)
        guarded = self.guard is not None
        rest = (self.digests, self.used, self.paths, self.base, self.own)
        return _restored, (codes, guarded, *rest)

    def parts(self, site: str, values: dict[str, Any]) -> dict[str, Markup]:
        """The templates under `parts/`, which depend on the site alone; rendered once."""
        parts = self.rendered_parts.get(site)
        if parts is None:
            names = [name for name in self.digests if name.startswith(PARTS)]
            parts = self.rendered_parts[site] = {
                name.removeprefix(PARTS).removesuffix(".html"): Markup(self.render(name, values))
                for name in names
            }
        return parts

    def uses(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The strings and assets that a template's closure names."""
        return self.used[name]

    def render(self, name: str, values: dict[str, Any]) -> str:
        """Render a page; raises jinja2's errors."""
        template = self.compiled.get(name)
        if template is None:
            template = self.compiled[name] = self.environment.get_template(name)
        if self.guard:
            self.guard.steps = 0
        return template.render(values)


def _restored(
    codes: bytes, guarded: bool, digests: dict[str, str],
    used: dict[str, tuple[tuple[str, ...], tuple[str, ...]]], paths: dict[str, str],
    base: Templates | None, own: str,
) -> Templates:  # fmt: skip
    loader = _Compiled(marshal.loads(codes))
    guard = Guard() if guarded else None
    return Templates(new_environment(loader, guard), digests, used, paths, guard, base, own)


def own_layer(network: Network, site: Site, problems: Problems) -> Layer | None:
    """The layer of a site's own templates, if it has any and they are in its house."""
    own = network.folder(site) / "templates"
    if not own.is_dir():
        return None
    layer = Layer(_OWN, own, own, f"{site.folder}/templates".lstrip("/"))
    if site.folder and sources.leaves(str(own), str(network.folder(site))):
        problems.add(problem("symlink-outside", layer.path)._replace(kept=OFF), site.slug)
        return None
    return layer


def own_signature(layer: Layer) -> str:
    """The digest of all that a layer's templates say."""
    parts = []
    for name, file in template_files(layer, Problems()):
        parts += [name, str(sources.read(file, name))]
    return digest_parts(parts)


def load_base(theme: Theme, problems: Problems) -> Templates | None:
    """The templates of a theme; None after reporting what is wrong."""
    return _load(theme, None, problems)


def load_own(theme: Theme, layer: Layer) -> tuple[Templates | None, list[Problem]]:
    """The templates of a theme with a site's own before them, or what is wrong with these."""
    problems = Problems()
    templates = _load(theme, layer, problems)
    return templates, [item._replace(kept=OFF) for item in problems.items]


def _load(theme: Theme, own: Layer | None, problems: Problems) -> Templates | None:
    layers = [*([own] if own else []), *theme.layers]
    texts: dict[str, str] = {}
    paths: dict[str, str] = {}
    for layer in layers:
        for name, file in template_files(layer, problems):
            path = f"{layer.path}/{name}"
            text = sources.read(file, path)
            if isinstance(text, Problem):
                problems.add(text)
                continue
            texts.setdefault(name, text)
            paths.setdefault(name, path)
            texts[f"{layer.name}/{name}"] = text
            paths[f"{layer.name}/{name}"] = path
    checker = Checker(texts, paths, theme, own is not None, problems)
    for name in texts:
        checker.check(name)
    if own:
        base = {name for layer in theme.layers for name, _ in template_files(layer, problems)}
        checker.check_overrides(own, base)
    if problems.items:
        return None
    loader = _Compiled({name: parsed.code for name, parsed in checker.parsed.items()})
    guard = Guard() if own else None
    closures = {name: checker.closure(name) for name in texts}
    digests = {
        name: digest_parts([part for item in closure for part in (item, texts[item])])
        for name, closure in closures.items()
    }
    used = {name: checker.used(closure) for name, closure in closures.items()}
    return Templates(new_environment(loader, guard), digests, used, paths, guard)

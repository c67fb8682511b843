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

    `base` are the theme's alone, for pages that the site's own templates cannot render.
    """

    environment: jinja2.Environment
    digests: dict[str, str]
    used: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    paths: dict[str, str]
    guard: Guard | None = None
    base: "Templates | None" = None
    compiled: dict[str, jinja2.Template] = field(default_factory=dict)
    rendered_parts: dict[str, dict[str, Markup]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send what was compiled to another process; the rest is made again there."""
        assert isinstance(self.environment.loader, _Compiled)
        codes = marshal.dumps(self.environment.loader.codes)
        guarded = self.guard is not None
        return _restored, (codes, guarded, self.digests, self.used, self.paths, self.base)

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
    base: Templates | None,
) -> Templates:  # fmt: skip
    loader = _Compiled(marshal.loads(codes))
    guard = Guard() if guarded else None
    return Templates(new_environment(loader, guard), digests, used, paths, guard, base)


def load_templates(
    network: Network, site: Site, theme: Theme, problems: Problems, shared: dict[str, Templates]
) -> Templates | None:
    """The site's templates; sites without overrides share those of their theme, kept in `shared`.

    Where the site's own are wrong they are reported, and the theme's serve instead. None after
    reporting what is wrong with the theme's.
    """
    base = shared.get(theme.name)
    if base is None:
        base = _load(theme, None, problems)
        if base is None:
            return None
        shared[theme.name] = base
    own = network.folder(site) / "templates"
    if not own.is_dir():
        return base
    layer = Layer(_OWN, own, own, f"{site.folder}/templates".lstrip("/"))
    own_problems = Problems()
    templates = None
    if site.folder and sources.leaves(str(own), str(network.folder(site))):
        own_problems.add(problem("symlink-outside", layer.path))
    else:
        templates = _load(theme, layer, own_problems)
    if templates is None:
        problems.extend((item._replace(kept=OFF) for item in own_problems.items), site.slug)
        return base
    templates.base = base
    return templates


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

"""A theme folder: its name, what it extends, its tokens and strings."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from msgspec import Struct

from portalgen import sources
from portalgen.problems import LANGUAGES, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.network import Network
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field
from portalgen.settings.site import Site
from portalgen.text import nearest

_PACKAGED = [
    Path(__file__).resolve().parents[1] / "_themes",
    Path(__file__).resolve().parents[2] / "themes",
]
TOKEN_TYPES = {
    "color": re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"),
    "length": re.compile(r"0|\d{1,4}(?:\.\d{1,4})?(?:px|rem|em|ch|%|vw)"),
    "number": re.compile(r"\d{1,6}(?:\.\d{1,4})?"),
    "font": re.compile(
        r"(?:[A-Za-z-]+|\"[A-Za-z0-9 ]+\")(?:,\s*(?:[A-Za-z-]+|\"[A-Za-z0-9 ]+\"))*"
    ),
}


class Token(Struct, frozen=True):
    """A value that members may change: its type and the theme's own value."""

    type: str
    value: str


class Layer(Struct, frozen=True):
    """A folder of templates and assets, a theme's or a member's; `path` is for messages."""

    name: str
    templates: Path
    assets: Path
    path: str


class Theme(Struct, frozen=True):
    """A theme with all it extends; `layers` run from the theme itself to its base."""

    name: str
    layers: tuple[Layer, ...]
    tokens: Mapping[str, Token]
    strings: Mapping[str, Mapping[str, str]]


TOKEN_FIELDS = {
    "type": Field(schema.one_of(*TOKEN_TYPES), "color, length, number or font", required=True),
    "value": Field(schema.text, "the theme's own value", required=True),
}
THEME_FIELDS = {
    "name": Field(schema.slug, "the folder's name", required=True),
    "extends": Field(schema.slug, "theme whose files serve where this one has none"),
    "tokens": Field(
        schema.mapping_of(schema.record(TOKEN_FIELDS, Token)), "what members may change"
    ),
}


# Every site's pages need these; a theme that extends none must have them all.
_NEEDED_STRINGS = {
    "draft", "home", "members", "not_found", "page", "scheduled", "search", "search_hint",
    "site_map",
}  # fmt: skip
_NEEDED_TEMPLATES = (
    "404.html", "article.html", "home.html", "members.html", "page.html", "redirect.html",
    "search.html", "section.html", "site-map.html", "tag.html", "topic.html",
)  # fmt: skip


def load_themes(network: Network, problems: Problems) -> dict[str, Theme]:
    """Every theme that sites use, by name; report unknown themes and tokens at their place."""
    themes: dict[str, Theme] = {}
    for site in network.sites:
        if site.theme not in themes:
            folder = _folder(network.root, site.theme)
            if folder is None:
                names = _theme_names(network.root)
                near = nearest(site.theme, names)
                code = "unknown-theme-near" if near else "unknown-theme"
                problems.add(
                    site.problem(
                        "theme", code, theme=site.theme, near=near, known=", ".join(names)
                    ),
                    site.slug,
                )
                continue
            theme = _load_theme(network.root, folder, problems, ())
            if theme:
                themes[site.theme] = theme
        if site.theme in themes:
            problems.extend(_token_problems(site, themes[site.theme]), site.slug)
    return themes


def token_values(site: Site, theme: Theme) -> dict[str, str]:
    """The value of every token on this site."""
    return {name: site.tokens.get(name, token.value) for name, token in theme.tokens.items()}


def _token_problems(site: Site, theme: Theme) -> list[Problem]:
    problems = []
    for name, value in site.tokens.items():
        token = theme.tokens.get(name)
        if token is None:
            near = nearest(name, list(theme.tokens))
            code = "unknown-token-near" if near else "unknown-token"
            names = ", ".join(sorted(theme.tokens))
            problems.append(
                site.problem(f"tokens.{name}", code, token=name, near=near, known=names)
            )
        elif not TOKEN_TYPES[token.type].fullmatch(value):
            problems.append(
                site.problem(
                    f"tokens.{name}", "wrong-token", token=name, type=token.type, value=value
                )
            )
    return problems


def _folder(root: Path, name: str) -> Path | None:
    for base in (root / "themes", *_PACKAGED):
        if (base / name / "theme.yaml").is_file():
            return base / name
    return None


def _theme_names(root: Path) -> list[str]:
    bases = (root / "themes", *_PACKAGED)
    return sorted({file.parent.name for base in bases for file in base.glob("*/theme.yaml")})


def _load_theme(
    root: Path, folder: Path, problems: Problems, parents: tuple[str, ...]
) -> Theme | None:
    theme_path = f"themes/{folder.name}"
    path = f"{theme_path}/theme.yaml"
    values = _read_settings(folder / "theme.yaml", path, THEME_FIELDS, problems)
    if values is None:
        return None
    if values.get("name") != folder.name:
        problems.add(problem("theme-name", path, 1, 1, name=folder.name))
        return None
    layers: tuple[Layer, ...] = (
        Layer(folder.name, folder / "templates", folder / "assets", f"{theme_path}/templates"),
    )
    tokens = dict(values.get("tokens", {}))
    strings = {language: _strings(folder, theme_path, language, problems) for language in LANGUAGES}
    parent = values.get("extends")
    if parent:
        base_folder = _folder(root, parent)
        if base_folder is None or parent in (*parents, folder.name):
            problems.add(problem("theme-extends", path, 1, 1, theme=parent))
            return None
        base = _load_theme(root, base_folder, problems, (*parents, folder.name))
        if base is None:
            return None
        layers += base.layers
        tokens = {**base.tokens, **tokens}
        strings = {key: {**base.strings[key], **strings[key]} for key in LANGUAGES}
    else:
        for language in LANGUAGES:
            for key in sorted(_NEEDED_STRINGS - strings[language].keys()):
                file = f"{theme_path}/strings/{language}.yaml"
                problems.add(problem("missing-string", file, 1, 1, key=key))
        for name in _NEEDED_TEMPLATES:
            if not (folder / "templates" / name).is_file():
                problems.add(problem("template-missing", path, 1, 1, name=name))
    for name, token in tokens.items():
        if not TOKEN_TYPES[token.type].fullmatch(token.value) or not re.fullmatch(
            r"[a-z0-9-]+", name
        ):
            problems.add(
                problem("wrong-token", path, 1, 1, token=name, type=token.type, value=token.value)
            )
    first, second = (strings[language].keys() for language in LANGUAGES)
    for language, missing in zip(LANGUAGES, (second - first, first - second)):
        for key in sorted(missing):
            file = f"{theme_path}/strings/{language}.yaml"
            problems.add(problem("missing-string", file, 1, 1, key=key))
    return Theme(folder.name, layers, tokens, strings)


def _strings(folder: Path, theme_path: str, language: str, problems: Problems) -> dict[str, str]:
    file = folder / "strings" / f"{language}.yaml"
    path = f"{theme_path}/strings/{language}.yaml"
    if not file.exists():
        return {}
    text = sources.read(file, path)
    if isinstance(text, Problem):
        problems.add(text)
        return {}
    document = Document(path)
    node = document.compose(text)
    strings: dict[str, str] = {}
    for key, value in schema.unique_pairs(node, document) if node else []:
        string = schema.text(value, document)
        if string is not None:
            strings[key.value] = string
    problems.extend(document.problems)
    return strings


def _read_settings(
    file: Path, path: str, fields: Mapping[str, Field], problems: Problems
) -> dict | None:  # type: ignore[type-arg]
    text = sources.read(file, path)
    if isinstance(text, Problem):
        problems.add(text)
        return None
    document = Document(path)
    node: yaml.MappingNode | None = document.compose(text)
    values = schema.read_fields(node, document, fields) if node else {}
    problems.extend(document.problems)
    if document.problems:
        return None
    return {key: value for key, (value, _) in values.items()}

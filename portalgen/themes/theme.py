"""A theme folder: its name, what it extends, its tokens and strings."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from portalgen import sources
from portalgen.problems import LANGUAGES, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.network import Network
from portalgen.settings.reader import Document
from portalgen.settings.site import Site
from portalgen.settings.tokens import (
    TOKEN_TYPES,
    Token,
    read_theme_file,
    theme_folder,
    unknown_theme,
)


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
    """Every theme that sites use, by name."""
    themes: dict[str, Theme] = {}
    for site in network.sites:
        if site.theme not in themes:
            folder = theme_folder(network.root, site.theme)
            theme = _load_theme(network.root, folder, problems, ()) if folder else None
            if theme:
                themes[site.theme] = theme
            elif not folder:  # deleted since the settings were read
                problems.add(unknown_theme(network.root, site))
    return themes


def token_values(site: Site, theme: Theme) -> dict[str, str]:
    """The value of every token on this site."""
    return {name: site.tokens.get(name, token.value) for name, token in theme.tokens.items()}


def _load_theme(
    root: Path, folder: Path, problems: Problems, parents: tuple[str, ...]
) -> Theme | None:
    theme_path = f"themes/{folder.name}"
    path = f"{theme_path}/theme.yaml"
    values = read_theme_file(folder, problems)
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
        base_folder = theme_folder(root, parent)
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

"""Themes as settings name them: which there are, and the tokens that sites may change."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from portalgen import sources
from portalgen.problems import Problem, Problems
from portalgen.settings import schema
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field
from portalgen.settings.site import SETTINGS_FILE, Site
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


Tokens = Mapping[str, Token]
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


def theme_folder(root: Path, name: str) -> Path | None:
    """The folder of a theme, the network's own before the program's; None if there is none."""
    for base in (root / "themes", *_PACKAGED):
        if (base / name / "theme.yaml").is_file():
            return base / name
    return None


def read_theme_file(folder: Path, problems: Problems) -> dict[str, Any] | None:
    """The values of `theme.yaml`; None if it is wrong."""
    path = f"themes/{folder.name}/theme.yaml"
    text = sources.read(folder / "theme.yaml", path)
    if isinstance(text, Problem):
        problems.add(text)
        return None
    document = Document(path)
    node = document.compose(text)
    values = schema.read_fields(node, document, THEME_FIELDS) if node else {}
    problems.extend(document.problems)
    if document.problems:
        return None
    return {key: value for key, (value, _) in values.items()}


def read_tokens(root: Path, theme: str) -> Tokens | None:
    """The tokens of a theme and of those it extends.

    None if a theme is wrong, which is told when it is loaded.
    """
    tokens: dict[str, Token] = {}
    names: list[str] = []
    while theme:
        folder = theme_folder(root, theme)
        values = read_theme_file(folder, Problems()) if folder and theme not in names else None
        if values is None:
            return None
        tokens = {**values.get("tokens", {}), **tokens}
        names.append(theme)
        theme = values.get("extends", "")
    return tokens


def unknown_theme(root: Path, site: Site) -> Problem:
    """The problem of a site whose theme does not exist."""
    bases = (root / "themes", *_PACKAGED)
    names = sorted({file.parent.name for base in bases for file in base.glob("*/theme.yaml")})
    near = nearest(site.theme, names)
    code = "unknown-theme-near" if near else "unknown-theme"
    return site.problem("theme", code, theme=site.theme, near=near, known=", ".join(names))


def theme_problems(
    root: Path, site: Site, tokens_of: Callable[[str], Tokens | None]
) -> Iterator[Problem]:
    """What is wrong with the theme that a site names and the tokens that it changes."""
    if not theme_folder(root, site.theme):
        yield unknown_theme(root, site)
        return
    tokens = tokens_of(site.theme)
    if tokens is None:
        return
    for name, value in site.tokens.items():
        token = tokens.get(name)
        if token is None:
            near = nearest(name, list(tokens))
            code = "unknown-token-near" if near else "unknown-token"
            known = ", ".join(sorted(tokens))
            yield site.problem(_blamed(site, name), code, token=name, near=near, known=known)
        elif not TOKEN_TYPES[token.type].fullmatch(value):
            values = {"token": name, "type": token.type, "value": value}
            yield site.problem(_blamed(site, name), "wrong-token", **values)


def _blamed(site: Site, token: str) -> str:
    """The key to blame for a token: `theme` where a member's own theme has not what it inherits."""
    key = f"tokens.{token}"
    inherits = site.places.get(key, (SETTINGS_FILE,))[0] == SETTINGS_FILE
    own_theme = site.folder and site.places.get("theme", ("",))[0] == site.settings_path
    return "theme" if inherits and own_theme else key

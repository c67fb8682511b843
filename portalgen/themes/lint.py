"""Warn of what can hurt readers in members' templates: scripts, foreign files, text not escaped."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from urllib.parse import urlsplit

from msgspec import Struct

from portalgen import sources
from portalgen.content.lint.hosts import display_host, host_of
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.network import Network
from portalgen.themes.checker import template_files
from portalgen.themes.theme import Layer

_MAX_LENGTH, _MAX_TOLD = 200_000, 20  # characters and warnings of a template
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENER = re.compile(r"\{[{%#]")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_VALUE = "\ue000"  # stands for each character of an expression
_NOT_LINE_END = re.compile(r"[^\n]")
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_UNSAFE = re.compile(
    r"\|\s*(safe)\b|\b(Markup)\b|\bfilter\s+(?:[^%]*\|\s*)?(safe)\b|\b(autoescape)\s+(?!true\b)"
)
_BY_NAME = re.compile(r"\bmap\s*\(\s*(?:\"safe\"|'safe')")
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9-]*+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>?")
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))?+")
_HANDLER = re.compile(r"on[a-z]+")
_CODE_URL = re.compile(r"[\x00-\x20]*(?:javascript|vbscript|data:text/html)", re.IGNORECASE)
_CODE_TYPES = ("", "module", "text/javascript", "application/javascript", "text/ecmascript")
_LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest"}
_LOADS = {
    "script": ("src",), "iframe": ("src",), "frame": ("src",), "embed": ("src",),
    "object": ("data",), "img": ("src", "srcset"), "source": ("src", "srcset"),
    "video": ("src", "poster"), "audio": ("src",), "track": ("src",), "input": ("src",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"), "link": ("href",),
}  # fmt: skip
_CSS_URL = re.compile(r"(?:url\(\s*|@import\s+)[\"']?([^\"')\s;]+)", re.IGNORECASE)


class Finding(Struct, frozen=True):
    """A warning's code, its character position, and what stands there."""

    code: str
    at: int
    what: str


def lint_templates(network: Network) -> Iterator[Problem]:
    """Warnings about the templates of all members, with line and column."""
    own = {urlsplit(site.base_url).hostname or "" for site in network.sites}
    for site in network.sites:
        folder = network.folder(site) / "templates"
        if not site.folder or sources.leaves(str(folder), str(network.folder(site))):
            continue
        layer = Layer(site.slug, folder, folder, f"{site.folder}/templates")
        for name, file in template_files(layer, Problems()):
            path = f"{layer.path}/{name}"
            text = sources.read(file, path)
            if isinstance(text, str):
                text = text[:_MAX_LENGTH]
                for finding in islice(find_risks(text, own), _MAX_TOLD):
                    yield _problem(finding, text, path)._replace(site=site.slug)


def _problem(finding: Finding, text: str, path: str) -> Problem:
    line = text.count("\n", 0, finding.at) + 1
    column = finding.at - text.rfind("\n", 0, finding.at)
    return problem(finding.code, path, line, column, what=finding.what[:80])


def find_risks(text: str, own: set[str]) -> Iterator[Finding]:
    """What can hurt readers in the text of a template; `own` are the hosts of the network."""
    html = []
    for opener, start, end in _parts(text):
        part = text[start:end]
        if opener in ("{{", "{%"):
            yield from _unescaped(part, start)
        fill = _VALUE if opener == "{{" else " "
        html.append(_NOT_LINE_END.sub(fill, part) if opener else part)
    yield from _risks_of_html(_without_comments("".join(html)), own)


def _parts(text: str) -> Iterator[tuple[str, int, int]]:
    """Start and end of each expression, statement, comment and text between, by its opener."""
    at = 0
    while opener := _OPENER.search(text, at):
        yield "", at, opener.start()
        closer = text.find(_CLOSERS[opener[0]], opener.end())
        at = opener.start()
        if closer < 0:
            break
        end = closer + 2
        yield opener[0], at, end
        at = end
        if _RAW.fullmatch(text, opener.start(), end):
            raw_end = _RAW_END.search(text, end)
            at = raw_end.start() if raw_end else len(text)
            yield "", end, at
    yield "", at, len(text)


def _unescaped(part: str, start: int) -> Iterator[Finding]:
    """Where an expression or a statement makes text that is not escaped."""
    for match in _BY_NAME.finditer(part):
        yield Finding("template-unescaped", start + match.start(), "map('safe')")
    code = _STRING.sub(lambda string: " " * len(string[0]), part)
    for match in _UNSAFE.finditer(code):
        what = next(filter(None, match.groups()))
        yield Finding("template-unescaped", start + match.start(match.lastindex or 0), what)


def _without_comments(html: str) -> str:
    parts, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        end = html.find("-->", start)
        end = end + 3 if end >= 0 else len(html)
        parts += [html[at:start], _NOT_LINE_END.sub(" ", html[start:end])]
        at = end
    return "".join([*parts, html[at:]])


def _risks_of_html(html: str, own: set[str]) -> Iterator[Finding]:
    for url in _CSS_URL.finditer(html):
        yield from _foreign(url[1], own, url.start(1))
    for tag in _TAG.finditer(html):
        name, attributes = tag[1].lower(), list(_attributes(tag[2], tag.start(2)))
        values = {key: value for key, value, _ in attributes}
        for key, written, at in attributes:
            value = unescape(written.strip("\"'"))
            if _VALUE in written and written[0] not in "\"'":
                yield Finding("template-unquoted", at, key)
            if _HANDLER.fullmatch(key) or key == "srcdoc" or _CODE_URL.match(value):
                yield Finding("template-script", at, key)
            elif key in _LOADS.get(name, ()) and (name != "link" or _is_loaded(values)):
                for address in value.split(",") if key == "srcset" else (value,):
                    yield from _foreign(address.strip().partition(" ")[0], own, at)
        kind = values.get("type", "").strip("\"' ").lower()
        if name == "script" and "src" not in values and kind in _CODE_TYPES:
            yield Finding("template-script", tag.start(), "script")


def _attributes(text: str, start: int) -> Iterator[tuple[str, str, int]]:
    """Name, value as written, and place of each attribute."""
    for match in _ATTRIBUTE.finditer(text):
        yield match[1].lower(), match[2] or "", start + match.start()


def _is_loaded(values: Mapping[str, str]) -> bool:
    """Whether a browser loads what a `link` leads to."""
    return bool(_LOADED_LINKS & set(values.get("rel", "").lower().strip("\"'").split()))


def _foreign(address: str, own: set[str], at: int) -> Iterator[Finding]:
    host = host_of(address)
    if host and _VALUE not in host and host not in own:
        yield Finding("template-foreign", at, display_host(host))

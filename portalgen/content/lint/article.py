"""Warnings about one article's text, found when it is read and kept in the cache."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import Struct, field, json
from msgspec.structs import replace

from portalgen.content.lint.encoding import of_letters
from portalgen.content.lint.foreign_code import of_foreign_code
from portalgen.content.lint.hidden import hidden_text, without_code
from portalgen.content.lint.hosts import host_of
from portalgen.content.lint.lost import of_broken_tags
from portalgen.content.lint.personal import of_identity_numbers
from portalgen.content.lint.typed import of_body
from portalgen.content.model import Article, Picture, Reference
from portalgen.problems import Problem, problem
from portalgen.settings.reader import LINE_END
from portalgen.settings.suggestions import mended_address
from portalgen.strays import strays_of_body, strays_of_yaml

MAX_TITLE = 110
MAX_LEAD = 400
DAY = 24 * 60 * 60  # seconds
FAR = 366 * DAY  # that an article may wait
# Width of a picture in the theme, in CSS pixels: its token `measure`, 42rem.
PICTURE_WIDTH = 672
_ADDRESS = re.compile(r"[/\\]{2}[^\s\"'<>()\[\]]+")
_SCHEME = re.compile(r"https?:\Z", re.IGNORECASE)
_BEFORE_LINK = ("](", "](<", "<", "=", '="', "='", "]:", "]:<")
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|webp|gif)", re.IGNORECASE)
_SENTENCES = {"title", "lead", "summary", "author", "source", "caption", "image_alt"}
_HASHTAG = re.compile(r"\s(#[^\s#]+)")
_NOTHING_ELSE = re.compile(r"([a-z_]+)[ \t]*:[ \t]+(#[^\s#]\S*)")
_CUT = _SENTENCES | {"tags", "topics", "image", "related"}
_Place = tuple[int, int]


class Notes(Struct):
    """What `check` reports of an article: warnings, linked hosts, places of its keys."""

    warnings: list[Problem] = field(default_factory=list)
    hosts: list[Reference] = field(default_factory=list)
    title: _Place = (1, 1)
    tags: _Place = (1, 1)
    topics: _Place = (1, 1)
    date: _Place = (1, 1)
    updated: _Place = (1, 1)

    def as_json(self) -> str:
        """The notes as a JSON list, for the cache."""
        warnings = sorted(set(self.warnings))
        values = [
            [[w.code, w.line, w.column, dict(w.values)] for w in warnings],
            [[host.target, host.line, host.column] for host in self.hosts],
            self.title,
            self.tags,
            self.topics,
            self.date,
            self.updated,
        ]
        return json.encode(values).decode()


def from_values(values: list[Any], path: str) -> Notes:
    """The notes from their parsed JSON list."""
    warnings, hosts, *places = values
    return Notes(
        [problem(code, path, line, column, **named) for code, line, column, named in warnings],
        [Reference(*host) for host in hosts],
        *((line, column) for line, column in places),
    )


def of_picture(
    path: str, place: _Place, name: str, picture: Picture, alt_code: str, *, fills: bool = True
) -> Iterator[Problem]:
    """Warn of a picture without a description, or too small for the room it `fills`."""
    alt = picture.alt.strip()
    if not alt or alt == name or _FILE_NAME.fullmatch(alt):
        yield problem(alt_code, path, *place, name=name[:120])
    if fills and picture.width < PICTURE_WIDTH:
        yield problem(
            "image-small", path, *place, name=name[:120], width=picture.width, shown=PICTURE_WIDTH
        )


def of_lengths(
    path: str, title: str, lead: str, places: Mapping[str, _Place], body_line: int
) -> Iterator[Problem]:
    """Warn of a title or lead that is too long; the lead may be the first paragraph."""
    if len(title) > MAX_TITLE:
        place = places.get("title", (1, 1))
        yield problem("title-long", path, *place, length=len(title), limit=MAX_TITLE)
    if len(lead) > MAX_LEAD:
        place = places.get("lead", (body_line, 1))
        yield problem("lead-long", path, *place, length=len(lead), limit=MAX_LEAD)


def of_dates(article: Article, date: _Place, updated: _Place, now: int) -> Iterator[Problem]:
    """Warn of an article that waits for more than a year, or was changed in the future."""
    if article.date > now + FAR:
        yield problem("date-far", article.path, *date, date=article.date_text)
    if article.updated > max(article.date, now + DAY):
        yield problem("updated-ahead", article.path, *updated, date=article.updated_text)


def of_hashtags(path: str, front: str, places: Mapping[str, _Place]) -> Iterator[Problem]:
    """Warn of text behind ` #` in the front matter, which YAML drops; `front` starts at line 2."""
    if "#" not in front:
        return
    lines = LINE_END.split(front)
    for number, text in enumerate(lines):
        match = _NOTHING_ELSE.match(text)
        if match and match[1] in _CUT and match[1] not in places:
            column = match.start(2) + 1
            yield problem("hashtag-cut", path, number + 2, column, text=match[2][:40])
    for key in _SENTENCES & places.keys():
        line, column = places[key]
        value = lines[line - 2][column - 1 :]
        match = None if value[:1] in ('"', "'", "|", ">") else _HASHTAG.search(value)
        if match:
            yield problem("hashtag-cut", path, line, column + match.start() + 1, text=match[1][:40])


def of_references(references: Iterable[Reference]) -> list[Reference]:
    """The hosts of references that are URLs."""
    named = ((host_of(ref.target), ref) for ref in references)
    return [replace(ref, target=host) for host, ref in named if host]


@dataclass
class Text:
    """The text of an article's file; the body begins at `start`."""

    path: str
    text: str
    start: int

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    @cached_property
    def _without_code(self) -> str:
        if "`" not in self.text and "~~~" not in self.text:
            return self.text
        return self.text[: self.start] + without_code(self.text[self.start :])

    def place(self, at: int) -> _Place:
        """Line and column of a character."""
        line = bisect_right(self._line_ends, at - 1)
        return line + 1, at - (self._line_ends[line - 1] if line else -1)

    def hidden(self) -> Iterator[Problem]:
        """Warn of text hidden from readers but not from crawlers."""
        for finding in hidden_text(self.text, self.start, lambda: self._without_code):
            yield Problem(self.path, *self.place(finding.at), finding.code, finding.values)

    def mistakes(self) -> list[Problem]:
        """Warn of what is typed as in a word processor, of lost letters and personal numbers."""
        line = self.text.count("\n", 0, self.start) + 1
        front, body = self.text[: self.start], self.text[self.start :]
        no_code = self._without_code[self.start :]
        return [
            *of_body(self.path, body, no_code, line),
            *of_foreign_code(self.path, front, body, no_code, line),
            *of_broken_tags(self.path, no_code, line),
            *of_letters(self.path, self.text),
            *of_identity_numbers(self.path, self.text),
        ]

    def of_addresses(self, addresses: Iterable[str]) -> Iterator[Problem]:
        """Warn of links to the web whose address has a slip."""
        for address in dict.fromkeys(addresses):
            host = address.partition("://")[2].partition("/")[0]
            if host and not host.endswith((":", ".")) and "," not in host and ".." not in host:
                continue  # as nearly all are
            if wanted := mended_address(address):
                place = self.place(max(self.text.find(address, self.start), self.start))
                target, wanted = address[:120], wanted[:120]
                yield problem("link-mistyped", self.path, *place, target=target, wanted=wanted)

    def strays(self) -> list[Problem]:
        """Warn of characters that are removed."""
        front, body = self.text[: self.start], self.text[self.start :]
        line = front.count("\n") + 1
        in_body = strays_of_body(body, lambda: self._without_code[self.start :], self.path, line)
        return strays_of_yaml(front, self.path) + in_body

    def hosts(self, rendered: Iterable[str]) -> list[Reference]:
        """Hosts of all links: those written in the body, and those of `rendered` addresses."""
        hosts = list(self._written_hosts()) if "//" in self.text or "\\" in self.text else []
        seen = {host for _, host in hosts}
        for address in dict.fromkeys(rendered):
            host = host_of(address)
            if host and host not in seen:
                places = (self.text.find(needle, self.start) for needle in (address, host))
                hosts.append((next((at for at in places if at >= 0), self.start), host))
                seen.add(host)
        return [Reference(host, *self.place(at)) for at, host in sorted(hosts)]

    def _written_hosts(self) -> Iterator[tuple[int, str]]:
        for address in _ADDRESS.finditer(self._without_code, self.start):
            before = self._without_code[max(0, address.start() - 14) : address.start()]
            scheme = _SCHEME.search(before)
            length = len(scheme[0]) if scheme else 0
            linked = before[: len(before) - length].rstrip(" \t").endswith(_BEFORE_LINK)
            host = host_of(address[0]) if linked else ""
            if host:
                yield address.start() - length, host

"""Front matter that can be read but is hardly meant as it is read."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from html import unescape
from importlib import resources
from itertools import pairwise, takewhile
from typing import Any

from portalgen.content.model import Article
from portalgen.problems import Problem, problem
from portalgen.settings.moments import both_moments
from portalgen.settings.reader import LINE_END
from portalgen.settings.site import Site
from portalgen.settings.suggestions import as_yaml
from portalgen.text import slugify

_Place = tuple[int, int]
CURLY = re.compile(r"[“”„‟″]([^“”„‟″\"\\\n]*)[“”„‟″]")
CURLY_VALUE = re.compile(
    r"^(?P<key>[a-z_]+)[ \t]*:[ \t]+(?P<value>[“”„‟″].*[“”„‟″])[ \t]*$"
    r"|^(?P<list>[a-z_]+)[ \t]*:[ \t]+\[(?P<items>[^\n\[\]]*[“”„‟″][^\n\[\]]*)\][ \t]*$"
    r"|^[ \t]*-[ \t]+(?P<item>[“”„‟″].*[“”„‟″])[ \t]*$",
    re.MULTILINE,
)
# A sentence may begin and end with such quotes.
_QUOTABLE = frozenset(["title", "lead", "summary", "caption", "image_alt"])
_NEEDS_QUOTES = re.compile(r":\s|\s#|:$")
_ARCHETYPES = ("article.md", "page.md")  # the pages of a new member may stand as they are
_EXAMPLES = frozenset(["author", "lead", "summary", "image_alt", "caption"])
_EXAMPLE = re.compile(r"^#(\w+): (.+)$", re.MULTILINE)
_TEXTS = frozenset(["title", "lead", "summary", "author", "source", "caption", "image_alt"])
_MARKUP = re.compile(
    r"(?P<mark>\*\*|__)(?P<bold>[^*_\s][^*\n]*?)(?P=mark)|!?\[(?P<link>[^\[\]\n]+)\]\([^()\s]+\)"
    r"|</?(?:b|i|u|em|strong|br|p|a|span|font|div|sup|sub|h[1-6]|img)(?:\s[^<>]*)?/?>"
    r"|&(?:nbsp|amp|quot|apos|lt|gt|[lr]squo|[lr]dquo|ndash|mdash|hellip|#\d+|#x[\da-f]+);",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"^[(\[{]|[)\]}]$")
_MOST = 200  # characters of what is told to be written
_CAPITALS = 12  # letters of a title: an abbreviation is shorter


def of_keys(
    path: str, front: str, values: Mapping[str, Any], places: Mapping[str, _Place]
) -> Iterator[Problem]:
    """Warn of quotes, capitals, dates and lists; `front` starts at line 2."""
    for start, _, text in curly_values(front):
        line = front.count("\n", 0, start)
        column = start - front.rfind("\n", 0, start)
        yield problem("curly-quotes", path, line + 2, column, text=text[:60])
    title = values.get("title", "")
    letters = [letter for letter in title if letter.isalpha()]
    if len(letters) >= _CAPITALS and title.isupper() and len(title.split()) >= 3:
        yield problem("title-capitals", path, *places["title"])
    date, updated = values.get("date"), values.get("updated")
    if date and updated and updated < date:
        yield problem("updated-early", path, *places["updated"])
    yield from _repeated(path, front, values, places)
    if date and "date" not in places and values.get("title"):
        yield problem("date-from-name", path, 2, 1, date=f"{date:%Y-%m-%d}")
    yield from _lists(path, front, values, places)
    yield from _markup(path, values, places)
    for key in _EXAMPLES & values.keys():
        if values[key] in archetype_sentences():
            yield problem("archetype-left", path, *places[key], text=str(values[key])[:80])


def _repeated(
    path: str, front: str, values: Mapping[str, Any], places: Mapping[str, _Place]
) -> Iterator[Problem]:
    """Moments that a clock that is put back shows twice."""
    for key in ("date", "updated", "expires", "featured_until"):
        moment = values.get(key)
        if key not in places or not isinstance(moment, datetime) or not moment.tzinfo:
            continue
        if moment.utcoffset() == moment.replace(fold=1).utcoffset():
            continue
        line, column = places[key]
        text = LINE_END.split(front)[line - 2][column - 1 :].partition(" #")[0].strip(" \t'\"")
        if both := both_moments(text, moment.tzinfo):
            first, second = both
            yield problem("date-twice", path, line, column, value=text, first=first, second=second)


def _markup(
    path: str, values: Mapping[str, Any], places: Mapping[str, _Place]
) -> Iterator[Problem]:
    """Signs of Markdown and HTML in texts, which are shown as they are typed."""
    for key in _TEXTS & values.keys():
        text = str(values[key])
        if any(sign in text for sign in "*<&[_") and (match := _MARKUP.search(text)):
            right = " ".join(unescape(_MARKUP.sub(_bare, text)).split())[:_MOST]
            yield problem("markup-shown", path, *places[key], text=match[0][:60], right=right)


def _bare(match: re.Match[str]) -> str:
    """What a sign of Markdown or HTML holds."""
    entity = match[0] if match[0].startswith("&") else ""
    return unescape(entity) or match["bold"] or match["link"] or (" " if "br" in match[0] else "")


def curly_values(front: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of each value in curly quotes that stand for straight ones."""
    if not any(quote in front for quote in "“”„‟″"):
        return
    for match in CURLY_VALUE.finditer(front):
        if match["list"]:
            start = match.start("items")
            for item in CURLY.finditer(match["items"]):
                if _is_item(match["items"], item):
                    yield start + item.start(), start + item.end(), item[0]
            continue
        name = "item" if match["item"] else "value"
        value = match[name]
        if CURLY.fullmatch(value) and (
            match["key"] not in _QUOTABLE or _NEEDS_QUOTES.search(value[1:-1])
        ):
            yield match.start(name), match.end(name), value


def _is_item(items: str, item: re.Match[str]) -> bool:
    """Whether quotes hold a whole item of a list."""
    before, after = items[: item.start()].rstrip(), items[item.end() :].lstrip()
    return before[-1:] in ("", ",") and after[:1] in ("", ",")


def _lists(
    path: str, front: str, values: Mapping[str, Any], places: Mapping[str, _Place]
) -> Iterator[Problem]:
    """A text that is meant as several tags; a title of a topic may have commas."""
    for key in ("tags", "topics"):
        texts = values.get(key, ())
        if len(texts) != 1 and not any(mark in text for text in texts for mark in ";、，"):
            continue
        lines = LINE_END.split(front)
        line, column = places[key]
        is_list = lines[line - 2][column - 1 :].startswith(("[", "-"))
        marks = ";、，" if is_list or key == "topics" else ",;、，"
        for text in texts:
            parts = [part.strip() for part in re.split(f"[{marks}]", _BRACKETS.sub("", text))]
            if not is_list and _is_folded(lines[line - 2 :]):
                parts = [part.strip() for part in _folded(lines[line - 2 :], column)]
            right = ", ".join(as_yaml(part, ",[]{}") for part in parts if part)
            if len(parts) > 1 and 0 < len(right) <= _MOST:
                values_of = {"key": key, "text": text[:80], "right": right}
                whole = as_yaml(text, ",[]{}'\"")[:_MOST]
                yield problem("text-not-list", path, line, column, whole=whole, **values_of)
                break


def _is_folded(lines: list[str]) -> bool:
    """Whether a value without quotes goes on in the next line, which YAML adds to it."""
    return (
        len(lines) > 1 and lines[1][:1] in (" ", "\t") and lines[0].strip()[-1:] not in ("|", ">")
    )


def _folded(lines: list[str], column: int) -> Iterator[str]:
    yield lines[0][column - 1 :]
    yield from takewhile(lambda line: line[:1] in (" ", "\t") and line.strip(), lines[1:])


def of_topics(
    sites: Iterable[Site], articles: Collection[Article], places: Mapping[str, _Place]
) -> Iterator[Problem]:
    """Warn of topics that differ from a declared or more used one by marks, case or punctuation.

    A comma in a list without quotes makes two of one. `places` are those of `topics` in the
    articles of which it is said, by path.
    """
    declared = {topic.title for site in sites for topic in site.topics}
    uses = Counter(topic for article in articles for topic in article.topics)
    alike: dict[str, list[str]] = {}
    for topic in sorted({*uses, *declared}):
        alike.setdefault(slugify(topic), []).append(topic)

    def rank(name: str) -> tuple[bool, int, bool, str]:
        return name in declared, uses[name], not name.isascii(), name

    best = {slug: max(topics, key=rank) for slug, topics in alike.items()}
    for article in articles:
        if article.path not in places or not article.topics:
            continue
        place = places[article.path]
        for topic in article.topics:
            usual = best[slugify(topic)]
            if usual != topic and topic not in declared:
                yield problem("similar-topic", article.path, *place, topic=topic, known=usual)
        for pair in pairwise(article.topics):
            joined = best.get(slugify(" ".join(pair)), "")
            if joined and not declared.issuperset(pair):
                right = as_yaml(joined, ",[]{}")
                topic = ", ".join(pair)
                yield problem("topic-cut", article.path, *place, topic=topic, right=right)


def of_archetype(path: str, body: str, first_line: int) -> Iterator[Problem]:
    """Warn of a line of the body that `portalgen new` wrote there."""
    sentences = archetype_sentences()
    if not any(sentence in body for sentence in sentences):
        return
    for number, line in enumerate(body.split("\n")):
        text = line.strip()
        if text in sentences:
            yield problem("archetype-left", path, first_line + number, 1, text=text[:80])


@lru_cache
def archetype_sentences() -> frozenset[str]:
    """What the archetypes hold in place of a text, in every language."""
    sentences: set[str] = set()
    folder = resources.files("portalgen") / "archetypes"
    for language in ("vi", "en"):
        for name in _ARCHETYPES:
            _, front, body = (folder / language / name).read_text("utf-8").split("---\n", 2)
            sentences.update(line.strip() for line in body.split("\n") if line.strip())
            examples = dict(_EXAMPLE.findall(front))
            sentences.update(value for key, value in examples.items() if key in _EXAMPLES)
    return frozenset(sentences)

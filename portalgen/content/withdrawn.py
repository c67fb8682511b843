"""Whether the author of an article that is refused withdrew it, as far as its text tells."""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo

import yaml

from portalgen.content import front_matter
from portalgen.problems import Problem
from portalgen.settings import schema
from portalgen.settings.moments import end_of
from portalgen.settings.reader import LINE_END, Document

# One key at the beginning of a line, and the indented lines that may belong to its value.
_ENTRY = re.compile(
    r"""^(?P<quote>["']?)(?:draft|expires)(?P=quote)[ \t]*:(?:[ \t].*)?(?:\n[ \t].*)*$""",
    re.MULTILINE,
)


def withdrawn_since(text: str, zone: tzinfo) -> int | None:
    """The moment from which the article is withdrawn, 0 for a draft; None: it is not."""
    moments = [
        moment
        for block in _blocks(text)
        for key, value in _entries(block)
        if (moment := _moment(key, value, zone)) is not None
    ]
    return min(moments, default=None)


def _blocks(text: str) -> Iterator[str]:
    """What is front matter, or was meant to be."""
    parts = front_matter.split(text, "")
    if isinstance(parts, Problem):  # a fence is damaged or missing
        yield from front_matter.FENCE.split(text, maxsplit=2)[:2]
        return
    front, body, _ = parts
    yield from (front, front_matter.second_front_matter(body))


def _entries(block: str) -> Iterator[tuple[str, yaml.Node]]:
    """The values of `draft` and `expires`: of the whole block, and of their lines by themselves."""
    entries = [match[0] for match in _ENTRY.finditer(LINE_END.sub("\n", block))]
    lines = [entry.partition("\n")[0] for entry in entries]
    for part in dict.fromkeys([block, *entries, *lines]):
        node = Document("").compose(part)
        for key, value in node.value if node else ():
            if isinstance(key, yaml.ScalarNode):
                yield key.value, value


def _moment(key: str, value: yaml.Node, zone: tzinfo) -> int | None:
    ignored = Document("")
    if key == "draft" and schema.boolean(value, ignored):
        return 0
    moment = schema.moment(zone, ends=True)(value, ignored) if key == "expires" else None
    return end_of(moment) or None if isinstance(moment, datetime) else None

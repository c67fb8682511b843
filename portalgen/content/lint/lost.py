"""Tell what of an article's HTML and links is not published, each at its place."""

import re
from collections.abc import Callable, Iterable
from itertools import islice

from portalgen.content.clean_html import is_link
from portalgen.content.html_tags import tag_at
from portalgen.content.lint.foreign_code import without_indented
from portalgen.content.lint.typed import without_comments
from portalgen.content.raw_html import MOST, Loss, like
from portalgen.problems import Problem, problem
from portalgen.settings.suggestions import complete_address

_ONCE = "lost-look"  # text pasted from a word processor has hundreds
# Names that no text has between such signs, with an attribute.
_TAG = re.compile(
    r"<(?:img|a|iframe|video|audio|source|embed|object|td|th|tr|table|div|span|p|font|h[1-6]|li|ol)"
    r"(?=\s+[a-z-]+\s*=)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?![^<>]{0,500}\{[{%])[^<>]{0,500}[\"']")  # not code that is told itself
_Place = tuple[int, int]


def of_losses(
    path: str, body: str, first_line: int, losses: Iterable[Loss],
    place_of: Callable[[str], _Place],
) -> list[Problem]:  # fmt: skip
    """Warn of each loss; `place_of` knows where the body names the target of a link."""
    losses = list(losses)
    looks = [loss for loss in losses if loss.code == _ONCE]
    problems = []
    for loss in losses:
        values = dict(loss.values)
        if loss.code == _ONCE:
            if loss is not looks[0]:
                continue
            values["count"] = str(len(looks))
        code = loss.code
        wanted = complete_address(values.get("target", ""))
        if code in ("lost-link", "link-nowhere") and wanted and is_link(wanted):
            code, values["wanted"] = "link-without-scheme", wanted
        line, column = _place(body, first_line, loss) or place_of(values.get("target", ")"))
        problems.append(problem(code, path, line, column, **values))
    return problems


def of_broken_tags(path: str, no_code: str, first_line: int) -> list[Problem]:
    """Warn of tags whose quotes do not match; `no_code` is the body without code in lines."""
    if "<" not in no_code or not ('"' in no_code or "'" in no_code):
        return []
    text = without_indented(without_comments(no_code))
    problems = []
    for begin in islice(_TAG.finditer(text), MOST):
        tag = tag_at(text, begin.start())
        if (tag is None or not tag.is_sound) and _QUOTED.match(text, begin.end()):
            line = first_line + text.count("\n", 0, begin.start())
            column = begin.start() - text.rfind("\n", 0, begin.start())
            problems.append(problem("html-quotes", path, line, column))
    return problems


def _place(body: str, first_line: int, loss: Loss) -> _Place | None:
    """Where the tag stands; None: it was not typed, but made of Markdown."""
    at = -1
    for number, match in enumerate(like(loss.tag, r"[\s>]+").finditer(body)):
        at = match.start()
        if number == loss.before:
            break
    if at < 0:
        return None
    return first_line + body.count("\n", 0, at), at - body.rfind("\n", 0, at)

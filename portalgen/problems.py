"""Problems of a network as data; their texts are in `messages/`."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LANGUAGES = ("vi", "en")


class Problem(NamedTuple):
    """A problem, its place, and the values of its message.

    `path` is relative to the network's root with `/`; `line` and `column` count from 1, 0 = none.
    `kept` is the code of the message that says what stays instead, since the moment `since` in
    words; empty: nothing does.
    """

    path: str
    line: int
    column: int
    code: str
    values: tuple[tuple[str, str], ...] = ()
    site: str = ""
    kept: str = ""
    since: str = ""

    def place(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [self.path, str(self.line or ""), str(self.column or "")]
        return ":".join(part for part in parts if part)

    def message(self, language: str) -> str:
        """The message, with the remedy, in `language` (`vi` or `en`)."""
        messages = _messages(language)
        text = messages[self.code].format_map({key: printable(value) for key, value in self.values})
        if not self.kept:
            return text
        return messages[self.kept].format_map({"since": self.since, "why": text})

    def as_json(self, language: str) -> dict[str, object]:
        """The problem for `--json`."""
        return {
            "site": self.site, "path": self.path, "line": self.line, "column": self.column,
            "code": self.code, "message": self.message(language), "kept": bool(self.kept),
        }  # fmt: skip

    def describe(self, language: str) -> str:
        """Place and message in one line, safe to print."""
        place = printable(self.place())
        return f"{place}: {self.message(language)}" if place else self.message(language)


def problem(code: str, path: str = "", line: int = 0, column: int = 0, **values: object) -> Problem:
    """Return a `Problem` with its values as text."""
    texts = tuple((key, str(value)) for key, value in values.items())
    return Problem(path, line, column, code, texts)


class PortalError(Exception):
    """Nothing can be published; `problems` holds the reasons."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(set(problems))
        super().__init__(", ".join(p.code for p in self.problems))

    def __reduce__(self) -> tuple[type["PortalError"], tuple[list[Problem]]]:
        return type(self), (self.problems,)  # workers pass it on


class Problems:
    """Collects the problems of a build."""

    def __init__(self, items: Iterable[Problem] = ()):
        self.items = list(items)

    def add(self, problem: Problem, site: str = "") -> None:
        """Add a problem, marked with `site` unless it names a site itself."""
        self.items.append(problem._replace(site=site) if site and not problem.site else problem)

    def extend(self, problems: Iterable[Problem], site: str = "") -> None:
        """Add several problems."""
        for problem in problems:
            self.add(problem, site)

    def stop_if_any(self) -> None:
        """Raise `PortalError` if there are problems."""
        if self.items:
            raise PortalError(self.items)


def by_cause(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in order, each cause once: the same at the same place for several pages.

    `{page}` is then the first page; the message of the code with `-many` says how many there are.
    """
    causes: dict[Problem, list[Problem]] = {}
    for item in sorted(set(problems)):
        values = tuple(value for value in item.values if value[0] != "page")
        causes.setdefault(item._replace(site="", values=values), []).append(item)
    return sorted(_cause(items) for items in causes.values())


def _cause(items: list[Problem]) -> Problem:
    first, count = items[0], len(items)
    sites = {item.site for item in items}
    if count == 1:
        return first
    item = first._replace(site=first.site if len(sites) == 1 else "")
    if "page" not in dict(item.values):
        return item
    more = (("pages", str(count)), ("sites", str(len(sites))))
    return item._replace(code=f"{item.code}-many", values=(*item.values, *more))


class Words(NamedTuple):
    """The messages of commands in one language."""

    language: str

    def __call__(self, code: str, **values: object) -> str:
        """The message of `code`, filled in."""
        return _messages(self.language)[code].format_map(values)


def printable(text: str) -> str:
    """Escape unprintable characters, for terminals."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


@lru_cache
def _messages(language: str) -> dict[str, str]:
    import yaml  # not needed by a build without problems

    name = language if language in LANGUAGES else "en"
    source = Path(__file__).with_name("messages") / f"{name}.yaml"
    loaded: dict[str, str] = yaml.load(source.read_text("utf-8"), yaml.CBaseLoader)
    return loaded


def message_codes(language: str) -> set[str]:
    """All codes with a message in `language`."""
    return set(_messages(language))

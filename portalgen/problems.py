"""What can be wrong with a network, as data; the words live in `messages/`."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LANGUAGES = ("vi", "en")


class Problem(NamedTuple):
    """One thing that is wrong, where, and the values its message needs.

    `path` is relative to the network's root with `/`; `line` and `column` count from 1, 0 = none.
    """

    path: str
    line: int
    column: int
    code: str
    values: tuple[tuple[str, str], ...] = ()
    site: str = ""

    def place(self) -> str:
        """`file:line:column`, as much of it as is known."""
        parts = [self.path, str(self.line or ""), str(self.column or "")]
        return ":".join(part for part in parts if part)

    def message(self, language: str) -> str:
        """What is wrong and the remedy, in `language` (`vi` or `en`)."""
        text = _messages(language)[self.code]
        return text.format_map({key: printable(value) for key, value in self.values})

    def describe(self, language: str) -> str:
        """The line a person reads: place and message."""
        place = printable(self.place())
        return f"{place}: {self.message(language)}" if place else self.message(language)


def problem(code: str, path: str = "", line: int = 0, column: int = 0, **values: object) -> Problem:
    """A `Problem` with its values turned into text."""
    shown = tuple((key, str(value)) for key, value in values.items())
    return Problem(path, line, column, code, shown)


class PortalError(Exception):
    """Nothing can be published; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(set(problems))
        super().__init__(", ".join(p.code for p in self.problems))

    def __reduce__(self) -> tuple[type["PortalError"], tuple[list[Problem]]]:
        return PortalError, (self.problems,)  # a worker's reaches the process that waits for it


class Problems:
    """Collects problems; steps add to it and go on."""

    def __init__(self, items: Iterable[Problem] = ()):
        self.items = list(items)

    def add(self, found: Problem, site: str = "") -> None:
        """Keep one more problem, marked with its site."""
        self.items.append(found._replace(site=site) if site and not found.site else found)

    def extend(self, found: Iterable[Problem], site: str = "") -> None:
        """Keep several."""
        for item in found:
            self.add(item, site)

    def stop_if_any(self) -> None:
        """Raise `PortalError` with everything collected so far."""
        if self.items:
            raise PortalError(self.items)


class Words(NamedTuple):
    """What commands say, in one language."""

    language: str

    def __call__(self, code: str, **values: object) -> str:
        """The text for `code` with its values."""
        return _messages(self.language)[code].format_map(values)


def printable(text: str) -> str:
    """Text safe to print on a terminal: control characters shown, not sent."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


@lru_cache
def _messages(language: str) -> dict[str, str]:
    import yaml  # only a build with problems needs it

    name = language if language in LANGUAGES else "en"
    source = Path(__file__).with_name("messages") / f"{name}.yaml"
    loaded: dict[str, str] = yaml.load(source.read_text("utf-8"), yaml.CBaseLoader)
    return loaded


def message_codes(language: str) -> set[str]:
    """Every code that has words in `language`."""
    return set(_messages(language))

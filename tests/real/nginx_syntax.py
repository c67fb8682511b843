"""A parser of configurations, after ngx_conf_read_token in nginx's `src/core/ngx_conf_file.c`."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""\s+ | \#[^\n]* | (?P<sign>[;{}]) | "(?P<double>(?:[^"\\]|\\.)*)" |
    '(?P<single>(?:[^'\\]|\\.)*)' | (?P<plain>(?:[^\s;{}"'\\]|\$\{|\\.)(?:\$\{|\\.|[^\s;{\\])*)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(["'\\trn])""")
_MEANT = {"t": "\t", "r": "\r", "n": "\n"}

Directive = tuple[str, ...]  # enclosing blocks, name and arguments


def directives(text: str) -> Iterator[tuple[Directive, Directive]]:
    """All directives with the names of their enclosing blocks."""
    above: list[str] = []
    words: list[str] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found, text[at : at + 80]
        at = found.end()
        sign = found["sign"]
        if sign is None:
            if found.lastgroup:
                value = found[found.lastgroup]
                words.append(_ESCAPED.sub(lambda m: _MEANT.get(m[1], m[1]), value))
            continue
        if sign == "}":
            assert not words
            above.pop()
            continue
        yield tuple(above), tuple(words)
        if sign == "{":
            above.append(words[0])
        words = []
    assert not above
    assert not words


def named(text: str, name: str) -> list[Directive]:
    """The arguments of each directive of a name."""
    return [words[1:] for _, words in directives(text) if words[0] == name]

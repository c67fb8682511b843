"""Strict YAML: one document, without anchors, merges and tags; problems have a place."""

import re
from collections.abc import Callable
from typing import Any

import yaml
from msgspec import Struct, field

from portalgen.problems import Problem, problem
from portalgen.settings.suggestions import meant_lines
from portalgen.strays import without_strays

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_PROBLEMS = 100  # of one text
Place = Any  # yaml.Node or yaml.Mark; PyYAML has two types of marks
_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_KEY = re.compile(r"( *)[\w-]+(:)")
_NO_KEY = re.compile(r"(?![\w-]+[ \t]*:|[-#?\[\]{}])\S")
_NO_BLANK = re.compile(r" *([\w-]+)([:：][^\s:/])")
_SIGN_FIRST = re.compile(r"""( *(?:- +)*[\w-]+: +|(?: *- +)+)(["'\[{@%`|>])""")
LINE_END = re.compile("[\n\x85\u2028\u2029]")  # of YAML
_BACK = 2  # lines before the one where reading stops that may be at fault
_NEEDS_EVENTS = re.compile(r"[&*!]|<<|(?:- ){20}")


class Document(Struct):
    """A YAML text: its file, its first line there, and its problems."""

    path: str
    first_line: int = 1
    problems: list[Problem] = field(default_factory=list)
    limit: int = MAX_BYTES

    def report(self, node: Place, code: str, **values: object) -> None:
        """Add a problem at a node; of very many, which help nobody, the first."""
        if not self.is_hopeless:
            line, column = self.place(node)
            self.problems.append(problem(code, self.path, line, column, **values))

    @property
    def is_hopeless(self) -> bool:
        """Whether there are so many problems that reading on is a waste of time."""
        return len(self.problems) >= MAX_PROBLEMS

    def place(self, node: Place) -> tuple[int, int]:
        """Line and column of a node in the file."""
        mark = node.start_mark if isinstance(node, yaml.Node) else node
        return self.first_line + mark.line, mark.column + 1

    def compose(self, text: str) -> yaml.MappingNode | None:
        """Return the mapping in `text`, or None after reporting a problem.

        Stray characters are left out; `strays_of_yaml` tells which.
        """
        text = without_strays(text)
        if len(text.encode()) > self.limit:
            code = "yaml-too-large" if self.first_line > 1 else "settings-too-large"
            values = {"kilobytes": self.limit // 1024}
            self.problems.append(problem(code, self.path, self.first_line, 1, **values))
            return None
        try:
            if self._has_refused_syntax(text):
                return None
            root = yaml.compose(text, _Loader)
        except yaml.MarkedYAMLError as error:
            self._report_syntax(text, error)
            return None
        except yaml.YAMLError as error:
            self._report_character(text, error)
            return None
        if root is None:
            return yaml.MappingNode("", [], *_start_marks())
        if not isinstance(root, yaml.MappingNode):
            self.report(root, "yaml-not-mapping")
            return None
        return root

    def _has_refused_syntax(self, text: str) -> bool:
        """Report anchors, tags, merges and deep nesting, before composing recurses."""
        deep = text.count("[") + text.count("{") >= MAX_DEPTH or len(text) > 8192
        if not deep and not _NEEDS_EVENTS.search(text):
            return False
        depth = 0
        for event in yaml.parse(text, _Loader):
            code = ""
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                code = "yaml-anchor"
            elif getattr(event, "tag", None) not in (None, "!"):
                code = "yaml-tag"
            elif isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                code = "yaml-too-deep" if depth > MAX_DEPTH else ""
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
                code = "yaml-merge"
            if code:
                self.report(event.start_mark, code)
                return True
        return False

    def _report_syntax(self, text: str, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            mark = _start_marks()[0]
        lines = [*LINE_END.split(text), ""]
        if "\t" in lines[mark.line][: mark.column + 1]:
            self.report(mark, "yaml-tab")
        elif "quoted scalar" in (error.context or "") and "end of stream" in (error.problem or ""):
            self.report(error.context_mark or mark, "yaml-quote")
        elif "document" in (error.problem or "") + (error.context or ""):
            self.report(mark, "yaml-two-documents")
        elif "mapping values are not allowed" in (error.problem or ""):
            self._report_colon(lines, mark)
        elif not self._report_line(lines, mark):
            self._report_value(lines, mark)

    def _report_line(self, lines: list[str], mark: Place) -> bool:
        """Report the line at fault with what is meant, if one that is like it can be read."""
        for number in range(mark.line, max(mark.line - _BACK, -1), -1):
            for wanted in meant_lines(lines[number]):
                if _ends_behind([*lines[:number], wanted, *lines[number + 1 :]], mark.line):
                    self._report_meant(number, lines[number], wanted[:200])
                    return True
        return False

    def _report_meant(self, number: int, line: str, wanted: str) -> None:
        if sign := _SIGN_FIRST.match(line):
            self._report_at(number, sign.start(2), "yaml-sign", sign=sign[2], wanted=wanted)
        else:
            margin = len(line) - len(line.lstrip())
            self._report_at(number, margin, "yaml-line", wanted=wanted)

    def _report_colon(self, lines: list[str], mark: Place) -> None:
        """Report a second colon in a line, or a first where the line above is incomplete."""
        previous = mark.line - 1
        while previous >= 0 and not lines[previous].strip():
            previous -= 1
        key = _KEY.match(lines[mark.line])
        first = previous >= 0 and key and key.end(2) == mark.column + 1
        if first and (match := _NO_BLANK.match(lines[previous])):
            self._report_at(previous, match.start(2), "yaml-no-blank", key=match[1])
        elif first and key and key[1]:
            self._report_at(mark.line, len(key[1]), "yaml-indent")
        else:
            self.report(mark, "yaml-colon")

    def _report_value(self, lines: list[str], mark: Place) -> None:
        """Report another syntax error, most often a line of text between keys."""
        for number in (mark.line - 1, mark.line):
            if 0 <= number < len(lines) and _NO_KEY.match(lines[number]):
                self._report_at(number, 0, "yaml-no-key")
                return
        self.report(mark, "yaml-syntax")

    def _report_at(self, line: int, column: int, code: str, **values: object) -> None:
        line += self.first_line
        self.problems.append(problem(code, self.path, line, column + 1, **values))

    def _report_character(self, text: str, error: yaml.YAMLError) -> None:
        position = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, position)
        self.problems.append(problem("yaml-character", self.path, self.first_line + line, 0))


def _ends_behind(lines: list[str], number: int) -> bool:
    """Whether lines can be read beyond line `number`, from 0."""
    try:
        yaml.compose("\n".join(lines), _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return mark is not None and mark.line > number
    except yaml.YAMLError:
        return False
    return True


def _start_marks() -> tuple[yaml.Mark, yaml.Mark]:
    mark = yaml.Mark("", 0, 0, 0, None, 0)
    return mark, mark


Reader = Callable[[yaml.Node, Document], object]

"""Markdown as people type it, each rule with a text; and the examples of the CommonMark spec.

The spec may be shared only under its own licence, so its text is not here: npm installs it.
"""

import re
from pathlib import Path
from typing import NamedTuple

SPEC = Path(__file__).parents[1] / "browser/node_modules/commonmark-spec/spec.txt"
SECTIONS = {
    "ATX headings", "Indented code blocks", "Fenced code blocks", "Block quotes", "List items",
    "Lists", "Hard line breaks",
}  # fmt: skip
_EXAMPLE = re.compile(
    r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$|^#{1,6} +([^\n]*)$", re.MULTILINE | re.DOTALL
)


class Example(NamedTuple):
    """An example of the spec: its section, a text, and the HTML of it."""

    section: str
    text: str
    html: str


def spec_examples() -> dict[int, Example]:
    """The examples of the sections above by their numbers; none if the spec is not installed."""
    if not SPEC.is_file():
        return {}
    examples: dict[int, Example] = {}
    section, number = "", 0
    spec = SPEC.read_text("utf-8").partition("<!-- END TESTS -->")[0].replace("→", "\t")
    for match in _EXAMPLE.finditer(spec):
        text, html, heading = match.groups()
        if heading is not None:
            section = heading
            continue
        number += 1
        if section in SECTIONS:
            examples[number] = Example(section, text, html)
    return examples


TEXTS = {
    "list behind text": "Hồ sơ gồm:\n- đơn\n- bản sao\n",
    "numbered list behind text": "Các bước:\n1. nộp\n2. nhận\n",
    "a number that is not 1 behind text": "Họp lúc\n14. giờ chiều\n",
    "list behind a heading": "## Hồ sơ\n- đơn\n- bản sao\n",
    "list with stars behind bold text": "**Gồm:**\n* đơn\n* bản sao\n",
    "text behind a list": "- đơn\n- bản sao\ntiếp theo\n",
    "text behind a list and a blank line": "- đơn\n- bản sao\n\nđoạn sau\n",
    "nested by two": "- a\n  - b\n  - c\n- d\n",
    "nested by three": "1. a\n   - b\n   - c\n2. d\n",
    "nested by four": "- a\n    - b\n    - c\n- d\n",
    "nested by a tab": "- a\n\t- b\n\t- c\n- d\n",
    "nested by two, three deep": "- a\n  - b\n    - c\n- d\n",
    "nested with blank lines": "- a\n\n  - b\n\n- c\n",
    "numbers nested in bullets by two": "- a\n  1. b\n  2. c\n- d\n",
    "bullets nested in numbers by two are no children": "1. a\n  - b\n2. c\n",
    "bullets set in by one": " - a\n - b\n",
    "bullets set in by three": "   - a\n   - b\n",
    "numbers with a bracket": "1) a\n2) b\n",
    "a bracket behind a dot is another list": "1. a\n2) b\n",
    "another bullet is another list": "- a\n- b\n* c\n",
    "list that starts at three": "3. a\n4. b\n",
    "list that starts at zero": "0. a\n1. b\n",
    "loose list": "- a\n\n- b\n\n- c\n",
    "one blank line makes all items loose": "- a\n- b\n\n- c\n",
    "second paragraph by two": "- a\n\n  b\n- c\n",
    "second paragraph by three": "1. a\n\n   b\n2. c\n",
    "second paragraph by four": "1. a\n\n    b\n2. c\n",
    "quote in an item": "- a\n  > b\n- c\n",
    "fence in an item": "1. chạy:\n   ```\n   lệnh\n   ```\n2. xong\n",
    "fence in an item behind a blank line": "- chạy:\n\n  ```sh\n  lệnh\n\n  nữa\n  ```\n- xong\n",
    "code set in within an item": "- a\n\n      mã\n\n- b\n",
    "table in an item": "- a\n\n  | b | c |\n  |---|---|\n  | 1 | 2 |\n",
    "heading in an item": "- # a\n- b\n",
    "item without text": "- a\n-\n- b\n",
    "item that begins on the next line": "-\n  a\n- b\n",
    "rule behind a list": "- a\n- b\n***\nc\n",
    "lists with a comment between": "- a\n\n<!-- -->\n\n- b\n",
    "task boxes": "- [ ] chưa\n- [x] rồi\n- [X] rồi\n",
    "a bracket that is no box": "- [a] b\n- [](c)\n",
    "table": "| a | b |\n|---|:-:|\n| 1 | 2 |\n",
    "table behind text": "Bảng giá:\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "text behind a table": "| a | b |\n|---|---|\n| 1 | 2 |\ntiếp\n",
    "table without outer bars": "a | b\n--|--\n1 | 2\n",
    "table with a cell missing": "| a | b |\n|---|---|\n| 1 |\n",
    "table with a cell too many": "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n",
    "bar in code of a table": "| a | b |\n|---|---|\n| `x \\| y` | 2 |\n",
    "table with one column": "| a |\n|---|\n| 1 |\n",
    "no table: other number of columns": "| a | b |\n|---|\n| 1 | 2 |\n",
    "table with a heading behind it": "| a | b |\n|---|---|\n| 1 | 2 |\n## c\n",
    "table with a list behind it": "| a | b |\n|---|---|\n| 1 | 2 |\n- c\n",
    "table without rows": "| a | b |\n|---|---|\n\nc\n",
    "table in a quote": "> | a | b |\n> |---|---|\n> | 1 | 2 |\n",
    "heading behind text": "a\n## b\nc\n",
    "heading without a blank": "#Tết #SaPa\n",
    "heading with closing signs": "## a ##\n### b #c\n",
    "seven signs": "####### a\n",
    "heading set in by three": "   ## a\n",
    "underlined heading of two lines": "a\nb\n---\n",
    "rule behind a blank line": "a\n\n---\n\nb\n",
    "quote behind text": "a\n> b\n",
    "quote with lines that go on": "> a\nb\n",
    "two quotes": "> a\n\n> b\n",
    "list in a quote": "> - a\n> - b\n>\n> c\n",
    "quote in a quote": "> a\n>> b\n",
    "heading in a quote": "> ## a\n> b\n",
    "fence behind text": "a\n```\nb\n```\nc\n",
    "fence with words behind its language": "```js {1,3} title=x\na\n```\n",
    "fence of tildes": "~~~\na\n~~~\n",
    "fence in a longer fence": "````\n```\na\n```\n````\n",
    "fence that is not closed": "a\n\n```\nb\n\nc\n",
    "fence set in by two": "  ```\n  a\n  ```\n",
    "fence in a quote": "> ```\n> a\n> ```\n",
    "empty fence": "```\n```\n",
    "HTML in a fence": "```html\n<div>\n\n- a\n</div>\n```\n",
    "indented code": "a\n\n    b\n\n    c\n\nd\n",
    "no code behind text": "a\n    b\n",
    "break by two blanks": "a  \nb\n",
    "break by a backslash": "a\\\nb\n",
    "break by HTML": "a<br>b\n",
    "strikethrough": "~~cũ~~ mới\n",
    "bare address": "Xem https://a.example/b_c_d?e=1, rồi www.b.example.\n",
    "bare e-mail": "Gửi a.b@c.example nhé.\n",
    "address in angle brackets": "<https://a.example/> <a@b.example>\n",
    "footnote": "a[^1] b[^hai]\n\n[^1]: c\n[^hai]: d\n    e\n",
    "footnote behind text": "a[^1]\n[^1]: c\n",
    "definition list": "Sở\n: cơ quan của tỉnh\n",
    "reference link": "[a][b] [b][] [b]\n\n[b]: https://b.example/ 'c'\n",
    "reference picture": "![a][b]\n\n[b]: b.jpg\n",
    "Markdown in details": "<details>\n<summary>a</summary>\n\n- **b**\n- c\n\n</details>\n",
    "Markdown in div": "<div>\n\n**a**\n\n</div>\n",
    "text right behind HTML": "<div>a</div>\n**b**\n\n**c**\n",
    "what is no tag": "điểm A<B và C>D, <Tên đơn vị>, 1 <2\n",
    "backslashes": "\\~ \\\" \\' \\$ \\% \\& \\, \\/ \\: \\; \\< \\= \\? \\@ \\^ \\|\n",
    "underscores in a word": "ten_file_dai __a__b\n",
}

"""Themes and tokens as settings name them."""

from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.tokens import TOKEN_TYPES, read_tokens
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, network, problems, run

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai"),
}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("theme: portl\n",
         "members/sapa/site.yaml:4:8: Không có giao diện “portl”. Có phải “portal”?"),
        ("tokens: {brnd: red}\n",
         "members/sapa/site.yaml:4:16: Giao diện không có token “brnd”. Có phải “brand”?"),
        ('tokens: {brand: "red;}"}\n',
         "members/sapa/site.yaml:4:17: Giá trị “red;}” của token “brand” không thuộc loại color."),
    ],
)  # fmt: skip
def test_an_unknown_theme_or_token_costs_the_member_that_names_it(
    tmp_path: Path, settings: str, message: str
) -> None:
    root = network(tmp_path, {**FILES, "members/sapa/site.yaml": MEMBER_SETTINGS + settings})
    assert problems(run(root)) == [message]
    assert (root / "public/main/tin-tuc/mot.html").is_file()
    assert not (root / "public/sapa").exists()


def test_an_unknown_theme_of_the_root_file_is_refused_before_anything_is_touched(
    tmp_path: Path,
) -> None:
    root = network(tmp_path, {**FILES, "site.yaml": MAIN_SETTINGS + "theme: portl\n"})
    with pytest.raises(PortalError) as caught:
        run(root)
    assert [item.place() for item in caught.value.problems] == ["site.yaml:13:8"]
    assert not (root / "public").exists()


def test_a_token_that_a_members_own_theme_has_not_is_told_where_it_names_the_theme(
    tmp_path: Path,
) -> None:
    own = "name: x\nextends: portal\ntokens: {tone: {type: color, value: '#111'}}\n"
    root = network(tmp_path, {
        **FILES, "themes/x/theme.yaml": own,
        "site.yaml": MAIN_SETTINGS + "theme: x\ntokens: {tone: '#222'}\n",
        "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: portal\n",
    })  # fmt: skip
    assert [item.place() for item in run(root).refused] == ["members/sapa/site.yaml:4:8"]
    assert (root / "public/main/tin-tuc/mot.html").is_file()


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("color", ["#abc", "#AABBCC", "#11223344"], ["#ab", "#abcd", "red", "#abcdefg", "#abc;"]),
        ("length", ["0", "1px", "1.5rem", "50%", "20ch", "10vw"],
         ["1", "-1px", "1pt", "12345px", ".5em", "calc(1px)"]),
        ("number", ["0", "1.5", "700"], ["-1", "1e9", ".5"]),
        ("font", ["serif", '"Be Vietnam", serif', "Arial,sans-serif"],
         ["a;b", "url(x)", "'Arial'", ",serif", "Times New Roman"]),
    ],
)  # fmt: skip
def test_a_token_has_a_value_of_its_type_and_nothing_behind_it(
    kind: str, good: list[str], bad: list[str]
) -> None:
    pattern = TOKEN_TYPES[kind]
    assert [value for value in good if not pattern.fullmatch(value)] == []
    assert [value for value in bad if pattern.fullmatch(value)] == []


def test_a_theme_has_the_tokens_of_those_it_extends_before_theirs(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "themes/x/theme.yaml": "name: x\nextends: y\n"
        "tokens: {brand: {type: color, value: '#111'}, tone: {type: number, value: 1}}\n",
        "themes/y/theme.yaml": "name: y\ntokens: {brand: {type: color, value: '#222'}, "
        "line: {type: color, value: '#333'}}\n",
        "themes/ring/theme.yaml": "name: ring\nextends: ring\n",
        "themes/wrong/theme.yaml": "name: wrong\nextends: gone\n",
    })  # fmt: skip
    tokens = read_tokens(root, "x")
    assert tokens is not None
    assert {name: token.value for name, token in tokens.items()} == {
        "brand": "#111", "line": "#333", "tone": "1",
    }  # fmt: skip
    assert (read_tokens(root, "ring"), read_tokens(root, "wrong")) == (None, None)

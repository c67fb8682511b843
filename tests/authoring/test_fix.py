import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.authoring.fix import fix, repair
from portalgen.content.front_matter import split
from portalgen.content.markdown import Converter
from portalgen.problems import Problem
from portalgen.sources import decode
from portalgen.text import nfc
from tests.helpers import MAIN_SETTINGS, article, network, run, tree

AT = "content/tin-tuc/a.md"
HEAD = "---\ntitle: A\ndate: 2020-01-10\n---\n"


def body(text: str) -> str:
    """An article's body after repair."""
    new, _ = repair((HEAD + text).encode(), AT)
    assert new.decode().startswith(HEAD)
    return new.decode().removeprefix(HEAD)


BODIES = {
    # Non-breaking spaces are replaced between words only.
    "xã\xa0Tả\xa0Phìn": "xã Tả Phìn\n",
    "5\xa0kg, 10\xa0%, a\xa0\xa0b, “\xa0a": "5\xa0kg, 10\xa0%, a\xa0\xa0b, “\xa0a\n",
    "[chữ\xa0a](tệp\xa0b.pdf) và\xa0c": "[chữ a](tệp\xa0b.pdf) và c\n",
    "![a](anh(1)x\xa0y.jpg) a\xa0b": "![a](anh(1)x\xa0y.jpg) a b\n",
    "[a](b\xa0c": "[a](b\xa0c\n",
    '<a title="a\xa0b">c\xa0d</a>': '<a title="a\xa0b">c d</a>\n',
    "`a\xa0b` và\xa0c": "`a\xa0b` và c\n",
    "    a\xa0b": "    a\xa0b\n",
    "<pre>\na\xa0b\n</pre>\nc\xa0d": "<pre>\na\xa0b\n</pre>\nc d\n",
    "[a\xa0b]: /x\n\n[a\xa0b] c\xa0d": "[a\xa0b]: /x\n\n[a\xa0b] c\xa0d\n",
    # Trailing spaces are removed, except for two that make a line break.
    "a \nb\t\n\n \nc   ": "a\nb\n\n\nc\n",
    "a  \nb": "a  \nb\n",
    "a    \nb": "a  \nb\n",
    "a  \n\nb": "a\n\nb\n",
    "- \n- b": "- \n- b\n",
    "> 1. \n": "> 1. \n",
    "## a # \nb": "## a # \nb\n",
    "a\\ \nb": "a\\ \nb\n",
    "[a] \n[b]": "[a] \n[b]\n",
    # Fenced code is kept; an unclosed fence may be code.
    "```\na\xa0b \n```\nc\xa0d ": "```\na\xa0b \n```\nc d\n",
    "a\xa0b\n\n~~~\na\xa0b \n": "a b\n\n~~~\na\xa0b \n",
    "```\r\na \r\n```": "```\na \n```\n",
}


@pytest.mark.parametrize("text", BODIES)
def test_the_body_is_mended_as_markdown(text: str) -> None:
    assert body(text) == BODIES[text]


def test_front_matter_keeps_names_of_files_and_identities() -> None:
    text = (
        "---\ntitle: Xã\xa0mới \nimage: anh\xa0a.jpg\nrelated:\n  - bai\xa0a.md\nid: a\xa0b\n"
        "tags:\n  - nông\xa0nghiệp\n---\n"
    )
    new, reasons = repair(text.encode(), AT)
    assert reasons == ["fixed-nbsp", "fixed-blanks"]
    assert new.decode() == text.replace("Xã\xa0mới ", "Xã mới").replace("g\xa0n", "g n")


def test_blanks_in_block_text_stay() -> None:
    text = "---\ntitle: A\nlead: |\n  a \n  b\n---\n"
    assert repair(text.encode(), AT) == (text.encode(), [])


def test_settings_are_mended_and_every_reason_is_named() -> None:
    text = "\ufefftitle: Ca\u0302\u0300u\xa0mới \r\nshort_title: a"
    new, reasons = repair(text.encode(), "site.yaml")
    assert new.decode() == "title: Cầu mới\nshort_title: a\n"
    assert reasons == [
        "fixed-bom", "fixed-line-ends", "fixed-nfc", "fixed-nbsp", "fixed-blanks",
        "fixed-last-line",
    ]  # fmt: skip


LEFT = [
    "a \r\nthôn".encode("cp1252"), "a \r\n".encode("utf-16"), b"a \r\n\0",
    b"a \xff\r\n", b"<<<<<<< HEAD\r\na \r\n", b"",
]  # fmt: skip


@pytest.mark.parametrize("data", LEFT)
def test_a_file_that_is_not_whole_utf8_text_is_left_as_it_is(data: bytes) -> None:
    assert repair(data, AT) == (data, [])


@settings(max_examples=200)
@given(st.binary(max_size=60), st.sampled_from([AT, "site.yaml"]))
def test_no_bytes_are_lost(data: bytes, path: str) -> None:
    new, reasons = repair(data, path)
    assert bool(reasons) == (new != data)
    if reasons:
        old = nfc(data.decode("utf-8-sig"))
        assert "".join(new.decode().split()) == "".join(old.split()).lstrip("\ufeff")


PIECES = [
    "chữ", "a", "một hai", " ", "  ", "\t", "\xa0", "\n", "\n\n", "\r\n", "    ", "- ", "1. ", "> ",
    "# ", "#", "*", "**", "`", "```\n", "\n```", "~~~\n", "[a]", "[b\xa0c]", "(x)", "]: /", "(/",
    ")", "](/", "<b>chữ</b>", "<div>", "</div>\n", "<pre>", "</pre>", "<!--", "-->", "<", ">",
    "| a | b |\n|---|---|\n", "---\n", "===\n", "\\", "&nbsp;", "e\u0301", "[^1]", "[^1]: ", "!",
    "5", "_", "|",
]  # fmt: skip
BODY = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


CONVERTER = Converter()


def shown(data: bytes) -> str:
    """The HTML of the body, with plain spaces between words and none at line ends."""
    text = decode(data, AT)
    assert isinstance(text, str)
    parts = split(text, AT)
    assert not isinstance(parts, Problem)
    html = CONVERTER.convert(parts[1])[0].replace("\xa0", " ").replace("&nbsp;", " ")
    return re.sub(r"\s*\n\s*(?=<)|[ \t]+(?=\n|<br>|</|<p>)", "", html)


@settings(max_examples=300, deadline=None)
@given(BODY)
def test_fixing_twice_is_fixing_once_and_the_page_stays(text: str) -> None:
    data = (HEAD + text).encode()
    new, _ = repair(data, AT)
    assert repair(new, AT) == (new, [])
    assert shown(new) == shown(data)


def test_the_built_pages_stay(tmp_path: Path) -> None:
    text = article("Lào\xa0Cai", lead="Một.  ", body="Một  \nhai \n\n```\na \n```\n\nba\xa0bốn")
    root = network(tmp_path, {
        AT: text.replace("\n", "\r\n").encode(),
        "site.yaml": "\ufeff" + MAIN_SETTINGS + "notice: a \n",
    })  # fmt: skip
    run(root)
    pages = tree(root / "public")
    assert len(list(fix(root))) == 2
    run(root)
    after = tree(root / "public")
    for name in pages:
        if name.endswith((".html", ".xml", ".json")):
            spaces = re.sub("\xa0|&nbsp;|%C2%A0", " ", pages[name].decode())
            now = after[name].decode().replace("%20", " ")
            assert now == spaces.replace("%20", " ").replace("hai </p>", "hai</p>"), name


def test_files_are_replaced_whole_and_keep_their_permissions(tmp_path: Path) -> None:
    text = article("A", body="xã\xa0Tả ").replace("\n", "\r\n").encode()
    root = network(tmp_path, {
        AT: text, "content/tin-tuc/b/index.md": text, "content/tin-tuc/b/khac.md": text,
        "members/sapa/content/c.md": text, "members/_mau/content/c.md": text,
        "content/tin-tuc/tot.md": article("Tốt"), "static/d.md": text,
        "content/.an/d.md": text, "site.yaml": "\ufeff" + MAIN_SETTINGS,
    })  # fmt: skip
    (root / AT).chmod(0o640)
    outside = tmp_path / "ngoai.md"
    outside.write_bytes(text)
    (root / "content/tin-tuc/lien-ket.md").symlink_to(outside)
    (root / "content/y-te").symlink_to(root / "static")
    mended = {path: reasons for path, reasons, _ in fix(root)}
    ends = ["fixed-line-ends", "fixed-nbsp", "fixed-blanks"]
    assert mended == {
        "site.yaml": ["fixed-bom"], AT: ends, "content/tin-tuc/b/index.md": ends,
        "members/sapa/content/c.md": ends,
    }  # fmt: skip
    assert (root / AT).read_bytes() == article("A", body="xã Tả").encode()
    assert stat.S_IMODE((root / AT).stat().st_mode) == 0o640
    for left in ("content/tin-tuc/b/khac.md", "members/_mau/content/c.md", "static/d.md",
                 "content/.an/d.md"):  # fmt: skip
        assert (root / left).read_bytes() == text, left
    assert outside.read_bytes() == text
    assert sorted(os.listdir(root / "content/tin-tuc")) == ["a.md", "b", "lien-ket.md", "tot.md"]

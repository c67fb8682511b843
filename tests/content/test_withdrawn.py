"""Who writes `draft: true` or lets an article expire takes it away, whatever else is wrong."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen import sources
from portalgen.content.beside import Stores
from portalgen.content.model import from_json
from portalgen.content.read import Read, Shared, Source, read_article
from portalgen.content.withdrawn import withdrawn_since
from portalgen.problems import Problem
from portalgen.settings.network import Network, load_network
from tests.helpers import NOW, article, network, write
from tests.quick import load

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HEAD = "---\ntitle: A\ndate: 2020-01-10\n"
EXPIRED = 1_578_675_600  # 2020-01-11 00:00 in this zone

WITHDRAWN: dict[str, tuple[str, int | None]] = {
    "a draft beside an unknown key": (HEAD + "tgas: x\ndraft: true\n---\nA\n", 0),
    "with a comment": (HEAD + "tgas: x\ndraft: true # chưa xong\n---\nA\n", 0),
    "in quotes": (HEAD + "tgas: x\n'draft': \"true\"\n---\nA\n", 0),
    "on the next line": (HEAD + "tags: [a\ndraft:\n  true\n---\nA\n", 0),
    "a draft beside broken YAML": (HEAD + "lead: [a\ndraft: true\n---\nA\n", 0),
    "a draft below a quote that is not closed": (HEAD + 'lead: "a\ndraft: true\n---\nA\n', 0),
    "a draft inside quotes that end too late": (HEAD + 'lead: "a\ndraft: true\nx: "\n---\nA\n', 0),
    "expired": (HEAD + "tgas: x\nexpires: 2020-01-11\n---\nA\n", EXPIRED),
    "expired beside broken YAML": (HEAD + "lead: *a\nexpires: 2020-01-11 00:00\n---\nA\n", EXPIRED),
    "expired before 1970": (HEAD + "tgas: x\nexpires: 1960-01-01\n---\nA\n", 1),
    "of two moments the first": (
        HEAD + "expires: 2020-01-11\nexpires: 2030-01-11\n---\nA\n",
        EXPIRED,
    ),
    "a draft that expires, too": (HEAD + "tgas: x\nexpires: 2020-01-11\ndraft: true\n---\nA\n", 0),
    "twice": (HEAD + "draft: false\ndraft: true\n---\nA\n", 0),
    "no end": (HEAD + "draft: true\n", 0),
    "no end before the text": (HEAD + "draft: true\n\nVăn bản: có.\n", 0),
    "no beginning": ("title: A\ndraft: true\n---\nA\n", 0),
    "a damaged beginning": ("--\ntitle: A\ndraft: true\n---\nA\n\n---\nB\n", 0),
    "a line above": ("Chữ\n---\ntitle: A\ndraft: true\n---\nA\n", 0),
    "conflict marks": (
        "---\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> b\ndraft: true\n---\nA\n",
        0,
    ),
    "two blocks": (HEAD + "---\ntags:\n- a\ndraft: true\n---\nA\n", 0),
    "not": (HEAD + "tgas: x\n---\nA\n", None),
    "false": (HEAD + "tgas: x\ndraft: false\n---\nA\n", None),
    "what is no boolean": (HEAD + "draft: yes\n---\nA\n", None),
    "what is no moment": (HEAD + "expires: mai\n---\nA\n", None),
    "in the text": (HEAD + "tgas: x\n---\n\nA\n\ndraft: true\n", None),
    "inside another value": (HEAD + "lead: [\n  draft: true\n---\nA\n", None),
    "in a block of text": (HEAD + "tgas: x\nlead: |\n  draft: true\n---\nA\n", None),
    "of another key": (HEAD + "tgas: x\ndrafts: true\n---\nA\n", None),
}


@pytest.mark.parametrize("case", WITHDRAWN)
def test_a_text_tells_from_when_it_is_withdrawn(case: str) -> None:
    text, moment = WITHDRAWN[case]
    assert withdrawn_since(text, ZONE) == moment


def test_a_refused_article_that_is_withdrawn_is_named_with_its_moment(tmp_path: Path) -> None:
    at = "content/tin-tuc/"
    loaded = load(network(tmp_path, {
        f"{at}nhap.md": article("A", draft="true", tgas="x"),
        f"{at}het.md": article("A", expires="2020-01-11", tgas="x"),
        f"{at}sau.md": article("A", expires="2030-01-01", tgas="x"),
        f"{at}xung-dot.md": article("A", draft="true", body="<<<<<<< HEAD\na\n=======\n"),
        f"{at}sau-qua.md": article("A", draft="true", body="[" * 5000),
        f"{at}hong.md": article("A", tgas="x"),
        f"{at}ma.md": article("A", draft="true").encode() + b"\xff",
        f"{at}tot.md": article("A", draft="true"),
    }))  # fmt: skip
    assert loaded.withdrawn == {
        f"{at}nhap.md": 0, f"{at}het.md": EXPIRED, f"{at}xung-dot.md": 0, f"{at}sau-qua.md": 0,
        f"{at}sau.md": 1_893_430_800,
    }  # fmt: skip
    assert list(loaded.articles) == [f"{at}tot.md"]


def test_an_article_that_expired_before_1970_is_not_shown(tmp_path: Path) -> None:
    name = "content/gioi-thieu.md"
    loaded = load(network(tmp_path, {name: article("A", "", expires="1960-01-01")}))
    assert not loaded.articles[name].is_published(NOW)


def test_a_quote_that_swallows_a_key_is_told_at_its_beginning(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/a.md": HEAD + 'lead: "a\ndraft: true\ncaption: b"\n---\nA\n',
        "content/tin-tuc/b.md": HEAD + 'lead: "a\n  draft: true\n\nb"\n---\nA\n',
    })  # fmt: skip
    problems: list[Problem] = []
    loaded = load(root, problems)
    assert [(item.code, item.place()) for item in problems] == [
        ("yaml-quote", "content/tin-tuc/a.md:4:7")
    ]
    assert loaded.withdrawn == {"content/tin-tuc/a.md": 0}


FRONTS = st.lists(
    st.sampled_from([
        "lead: Một câu: dài", 'caption: "Chú thích"', "tags: [a, b]",
        "tags:\n- a\n- b", "slug: bai",
        "author: 'An'", "summary: |\n  Dòng\n  hai", 'source: Báo "Lào Cai"', "featured: true",
        "related: [b.md]", "topics:\n  - Lễ hội", "updated: 2020-01-11 10:00", "caption: 5\"",
    ]),
    max_size=4, unique_by=lambda line: line.partition(":")[0],
)  # fmt: skip
BODIES = st.sampled_from([
    "Chữ.\n", "Một.\n\n---\n\nHai: ba.\n", "- a\n- b\n\n[x](b.md) ![y](y.jpg)\n",
    "title: a\n", "```\nx: 1\n```\n", "", "# Đầu\n\nChữ\n---\nchữ\n",
])  # fmt: skip
LINES = st.sampled_from([
    "---", "--- ", "--", "...", "abc", "  abc", "a: b", "draft: false", 'lead: "', "lead: '",
    "lead: |",
    "tags: [", "{", "}", "]", '"', "'", "<<<<<<< HEAD", "=======", ">>>>>>> b", "# x", "", "\t",
    "title: B", "- a", "expires: 2030-01-01", "*a", "&a", "!x", "%", "?", ": ", "[" * 40, "<<: *a",
    "date: hôm nay", "![x](https://x.example/a.jpg)", "\x07", "\u2028", "> x", "e\u0301",
])  # fmt: skip
CHARACTERS = st.sampled_from(list("\"'[]{}:#&*!|>-%@`,?\\ \t\n\x07\x85\u2028<a"))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An article with `draft: true` and one damage in another line."""
    front = ["title: Bài", "date: 2020-01-10 16:46", *draw(FRONTS)]
    front.insert(draw(st.integers(0, len(front))), "draft: true")
    text = "---\n" + "\n".join(front) + "\n---\n" + draw(BODIES)
    lines = text.split("\n")
    draft = lines.index("draft: true")
    number = draw(st.integers(0, len(lines) - 1).filter(lambda number: number != draft))
    kind = draw(st.sampled_from(["insert", "delete", "cut", "character", "remove", "twice"]))
    line = lines[number]
    at = draw(st.integers(0, len(line)))
    if kind == "insert":
        lines.insert(number, draw(LINES))
    elif kind == "delete":
        del lines[number]
    elif kind == "cut" and number > draft:
        lines[number:] = [line[:at]]
    elif kind == "character":
        lines[number] = line[:at] + draw(CHARACTERS) + line[at:]
    elif kind == "remove":
        lines[number] = line[:at] + line[at + 1 :]
    else:
        lines.insert(number, line)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def site_of(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load_network(network(tmp_path_factory.mktemp("damage"), {}))


def read(opened: Network, text: str) -> Read:
    source = Source(opened.main, "content/tin-tuc/a.md", "tin-tuc/a.md", "tin-tuc")
    write(opened.root, {source.path: text})
    stores = Stores(opened.root / sources.OWN / "media")
    return read_article(Shared(opened, [source], {"main": ""}, stores, {}), 0)


@settings(max_examples=400, deadline=None)
@given(text=damaged())
def test_one_damage_elsewhere_never_publishes_a_draft(site_of: Network, text: str) -> None:
    result = read(site_of, text)
    if result.problems:
        assert result.withdrawn == 0, result.problems
    else:
        assert from_json([result.record])[0].draft

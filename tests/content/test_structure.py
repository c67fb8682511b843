"""The benchmark that compares real texts with a reference: what it compares, and how it counts."""

from pathlib import Path

import markdown
import pytest

from benchmarks import dialect
from benchmarks.structure import structure
from tests.helpers import write


@pytest.mark.parametrize(
    ("html", "same"),
    [
        ("<p>a <b>b</b>\n c</p>", "<p>a\n<b>b</b> c</p>\n"),
        ('<h2 id="a">a</h2>', "<h2>a</h2>"),
        ('<p><span data-image="0">&nbsp;</span></p>', "<p><img></p>"),
        ("<figure><img><figcaption>a</figcaption></figure>", "<p><img></p>"),
        ('<p>a<sup id="fnref:1"><a href="#fn:1">1</a></sup></p>',
         '<p>a<sup class="footnote-ref"><a href="#fn1">[1]</a></sup></p>'),
        ('<li><input type="checkbox" checked> a</li>', "<li>☑ a</li>"),
        ("<p></p><p>a</p>", "<p>a</p>"),
        ("a <b>b</b>", "<p>a <b>b</b></p>"),
        ("<pre><code>a \n\tb\n</code></pre>", "<pre><code>a\n    b</code></pre>"),
    ],
)  # fmt: skip
def test_what_is_changed_on_purpose_is_not_compared(html: str, same: str) -> None:
    assert structure(html) == structure(same)


@pytest.mark.parametrize(
    ("html", "other"),
    [
        ("<p>a<br>b</p>", "<p>a b</p>"),
        ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>"),
        ('<ol start="3"><li>a</li></ol>', "<ol><li>a</li></ol>"),
        ("<p><a>a</a></p>", '<p><a href="b">a</a></p>'),
        ("<p>a<b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<pre><code>a\n\nb</code></pre>", "<pre><code>a\nb</code></pre>"),
        ("<p>&lt;b&gt;</p>", "<p><b></b></p>"),
    ],
)
def test_what_readers_see_is_compared(html: str, other: str) -> None:
    assert structure(html) != structure(other)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be Python-Markdown without extensions that is compared with the reference."""
    monkeypatch.setattr(dialect, "ours", lambda text: structure(markdown.markdown(text)))


# A text, the lines of it that are needed, and what their difference is called.
DIFFERENCES = {
    "list behind text": ("đầu\n\nGồm:\n- a\n\ncuối", "Gồm:\n- a"),
    "list nested by 2": ("đầu\n\n- a\n  - b\n\ncuối", "- a\n  - b"),
    "strikethrough": ("a\n\nb ~~c~~\nd", "b ~~c~~"),
    "bare address": ("a\n\nb https://c.example/", "b https://c.example/"),
    "table not seen": ("a\n\n|c|\n|-|\n", "|c|\n|-|"),
    "task box": ("a\n\n- [ ] b\n", "- [ ] b"),
    "# without a blank": ("a\n\n#b\n", "#b"),
    "fence": ("a\n\n```\nb\n\nc\n```\nd", "```\nb\n\nc\n```"),
    "footnote": ("a[^1]\n\nb\n\n[^1]: c", "a[^1]\n[^1]: c"),
    "code of another generator": ("a\n\n~~{{ b }}~~", "~~{{ b }}~~"),
}


@pytest.mark.parametrize("kind", DIFFERENCES)
@pytest.mark.usefixtures("plain")
def test_a_difference_has_a_kind_and_a_short_example(kind: str) -> None:
    text, example = DIFFERENCES[kind]
    assert dialect.differences(text, set()) == [dialect.Difference(kind, example, True)]


@pytest.mark.usefixtures("plain")
def test_all_differences_of_a_text_are_there() -> None:
    parts = dialect.differences("~~a~~\n\nb\n\n- [ ] c\n\nd\n\n~~e~~", set())
    assert [part.kind for part in parts] == ["strikethrough", "task box", "strikethrough"]


@pytest.mark.usefixtures("plain")
def test_a_warning_at_a_line_of_it_tells_a_difference() -> None:
    assert [part.is_silent for part in dialect.differences("a\n\n~~b~~", {2})] == [False]
    assert [part.is_silent for part in dialect.differences("a\n\n~~b~~", {0})] == [True]


def test_the_figures_of_a_folder(tmp_path: Path) -> None:
    texts = {
        "a": "---\ntitle: a\n---\nchữ **đậm**\n",
        "b": "xem {{< youtube a >}}\n",
        "c": '<video src="a.mp4"></video>\n',
        "d": "chữ {:1}\n",
    }
    write(tmp_path / "texts", {f"{name}.md": text for name, text in texts.items()})
    write(tmp_path / "network", {"site.yaml": dialect.SETTINGS, "content/tin-tuc/a.md": ""})
    looks = [
        dialect.look_at((0, str(tmp_path / f"texts/{name}.md"), str(tmp_path / "network")))
        for name in texts
    ]
    assert [(look.foreign, look.lost, look.refused) for look in looks] == [
        (False, False, ()), (False, False, ()), (False, False, ()), (True, False, ()),
    ]  # fmt: skip
    assert dialect.report(looks, True).startswith("4 texts\n")

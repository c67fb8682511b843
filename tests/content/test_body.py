"""The text of an article whose pictures and links lead nowhere."""

from pathlib import Path

import pytest

from portalgen.content.body import canonical
from tests.helpers import article, network, page, picture, run, unlike_clean
from tests.quick import load

AT = "content/tin-tuc/"
A = f"{AT}a.md"

# A body, the HTML of it, and the places and codes of its warnings.
BODIES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "a picture of its own": (
        '![x](k.jpg "y")\n\nChữ.', "<p><small>y</small></p>\n<p>Chữ.</p>",
        [("6:6", "image-missing")],
    ),
    "a picture in a line": (
        'Ảnh ![núi & "đồi"](k.jpg) đó.', "<p>Ảnh núi &amp; &quot;đồi&quot; đó.</p>",
        [("6:20", "image-missing")],
    ),
    "a picture in a line with a caption": (
        'Ảnh ![núi](k.jpg "Chú & thích") đó.',
        "<p>Ảnh núi <small>Chú &amp; thích</small> đó.</p>", [("6:12", "image-missing")],
    ),
    "a figure without its picture": (
        '<figure><img src="k.jpg"><figcaption>Chú <i>thích</i></figcaption></figure>',
        "<p><small>Chú <i>thích</i></small></p>", [("6:19", "image-missing")],
    ),
    "a figure without its film": (
        "<figure><p><video src=k.mp4></video></p><figcaption>Chú</figcaption></figure>",
        "<p><small>Chú</small></p>", [("6:12", "lost-media")],
    ),
    "a picture of HTML without quotes": (
        "Chữ <img src=k.jpg alt=núi> này", "<p>Chữ núi này</p>", [("6:14", "image-missing")],
    ),
    "a target with signs of HTML": (
        "[a](k.pdf?x=1&y=2) <a href='k.pdf?a&amp;b'>b</a> [c](www.x.vn/a\\_b)",
        '<p>a b <a href="https://www.x.vn/a_b" rel="noopener noreferrer">c</a></p>',
        [("6:5", "link-nowhere"), ("6:29", "link-nowhere"),
                         ("6:54", "link-without-scheme")],
    ),
    "a path of Windows": ("[a](\\\\may\\k.pdf)", "<p>a</p>", [("6:5", "lost-link-file")]),
    "a link around a picture": (
        "[![núi](k.jpg)](https://x.example)",
        '<p><a href="https://x.example" rel="noopener noreferrer">núi</a></p>',
        [("6:9", "image-missing")],
    ),
    "a link around a picture that nobody described": (
        "Chữ [![](k.jpg)](https://x.example) này.", "<p>Chữ  này.</p>", [("6:10", "image-missing")],
    ),
    "a picture inside a link that leads nowhere": (
        "[**a** ![n](k.jpg)](l.pdf)", "<p><strong>a</strong> n</p>",
        [("6:13", "image-missing"), ("6:21", "link-nowhere")],
    ),
    "two links, of which one leads": (
        "[a](k.pdf) [b](#c)", '<p>a <a href="#c" rel="noopener noreferrer">b</a></p>',
        [("6:5", "link-nowhere")],
    ),
    "a title with a sign": (
        '[a](k.pdf "x > y") và [b](www.x.vn)',
        '<p>a và <a href="https://www.x.vn" rel="noopener noreferrer">b</a></p>',
        [("6:27", "link-without-scheme"), ("6:5", "link-nowhere")],
    ),
    "HTML": ('<a title="> href=1" href="k.pdf">a</a>', "<p>a</p>", [("6:27", "link-nowhere")]),
    "a folder": ("[a](thu-muc.pdf) [b](./)", '<p>a b</p>',
                 [("6:22", "link-near"), ("6:5", "link-nowhere")]),
    "a name that no file can have": (
        f"[a]({'k' * 300}.pdf)", "<p>a</p>", [("6:5", "link-nowhere")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_what_leads_nowhere_is_its_words(tmp_path: Path, case: str) -> None:
    body, html, warnings = BODIES[case]
    root = network(tmp_path, {A: article("A", lead="L", body=body)})
    (root / AT / "thu-muc.pdf").mkdir()
    report = run(root)
    assert report.refused == []
    assert sorted((f"{item.line}:{item.column}", item.code) for item in report.warnings) == sorted(
        warnings
    )
    assert f'<div class="body">{html}' in page(root, "main/tin-tuc/a.html").replace(
        '<div class="body">\n', '<div class="body">'
    )
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_link_that_leads_stays_as_it_was(tmp_path: Path) -> None:
    body = '[![n](b.jpg)](https://x.example "x > y") [](#a)'
    root = network(tmp_path, {A: article("A", lead="L", body=body), f"{AT}b.jpg": picture(30, 20)})
    run(root)
    html = page(root, "main/tin-tuc/a.html")
    link = '<a href="https://x.example" title="x &gt; y" rel="noopener noreferrer">'
    assert f"{link}<picture>" in html
    assert '<a href="#a" rel="noopener noreferrer"></a>' in html


def test_a_link_out_of_the_site_refuses_its_article_beside_one_that_leads_nowhere(
    tmp_path: Path,
) -> None:
    loaded = load(network(tmp_path, {A: article("A", body="[a](../../site.yaml) [b](k.pdf)")}))
    assert loaded.articles == {}
    assert [item.code for item in loaded.warnings] == ["link-nowhere"]


@pytest.mark.parametrize(
    ("target", "reference"),
    [
        ("b.md", "portal:main/tin-tuc/b.md"), ("../y-te/b.md", "portal:main/y-te/b.md"),
        ("../b%20c.md", "portal:main/b c.md"), ("../../sapa/b.md", "portal:/sapa/b.md"),
        ("portal:sapa/../main/b.md", "portal:main/b.md"), ("/b.md", ""), ("b.html", ""),
        ("x:b.md", ""),
    ],
)  # fmt: skip
def test_the_reference_of_a_path(target: str, reference: str) -> None:
    assert canonical(target, "main", "tin-tuc/a.md") == reference

from pathlib import Path

import pytest

from portalgen.build import build
from portalgen.limits import Limits
from portalgen.report import Options
from portalgen.serve.preview import Preview
from tests.helpers import NOW, article, network, page, write

BODY = "Nước từ suối trên núi chảy về ruộng bậc thang. Nước giữ lại qua từng bờ ruộng."
FILES = {
    "content/tin-tuc/a.md": article("Ruộng bậc thang giữ nước", body=BODY, tags="[ruộng, nước]"),
    "content/tin-tuc/b.md": article("Nước về ruộng bậc thang", body=BODY, tags="[ruộng, nước]"),
    "content/y-te/c.md": article("Tiêm chủng", "2020-01-02 08:00"),
    "content/gioi-thieu.md": article("Giới thiệu", date=""),
    "members/sapa/content/tin-tuc/d.md": article("Ruộng ở Sa Pa", body=BODY, syndicate="true"),
}
A = "content/tin-tuc/a.md"


def built(root: Path) -> Options:
    options = Options(root, root / "public", NOW, jobs=1, drafts=True)
    assert not build(options).refused
    return options


def test_a_preview_has_the_themes_own_template_where_an_override_fails(tmp_path: Path) -> None:
    path = "members/sapa/content/tin-tuc/d.md"
    root = network(tmp_path, {**FILES, "members/sapa/templates/article.html": "{{ 1 // 0 }}"})
    options = Options(root, root / "public", NOW, jobs=1, drafts=True)
    build(options)
    preview = Preview(options)
    write(root, {path: article("Tựa mới", body=BODY, syndicate="true")})
    update = preview.update(path)
    assert isinstance(update, tuple)
    shown = update[0]["sapa", "tin-tuc/d.html"].decode()
    assert "Tựa mới" in shown
    build(options)
    assert page(root, "sapa/tin-tuc/d.html") == shown


@pytest.mark.parametrize(
    ("path", "text", "complete"),
    [
        (A, article("Tựa mới", body="Lời mới.", tags="[ruộng, nước]"), True),
        (
            A,
            article("Ruộng bậc thang", body=BODY + "\n\n[Tiêm](../y-te/c.md)", tags="[ruộng]"),
            False,
        ),
        (A, article("Tựa mới", "2020-01-01 07:00", tags="[ruộng, nước]", draft="true"), False),
        ("content/gioi-thieu.md", article("Về tỉnh", date="", body="Một tỉnh."), True),
        ("members/sapa/content/tin-tuc/d.md", article("Sa Pa", body=BODY, syndicate="true"), True),
    ],
)
def test_a_preview_of_a_text_is_what_the_next_build_makes(
    tmp_path: Path, path: str, text: str, complete: bool
) -> None:
    root = network(tmp_path, FILES)
    options = built(root)
    preview = Preview(options)
    write(root, {path: text})
    found = preview.update(path)
    assert isinstance(found, tuple)
    assert found[1] == complete
    site, route = preview.address(path) or ("", "")
    shown = found[0][site, route].decode()
    built(root)
    if complete:
        preview.update_relations()
        again = preview.update(path)
        assert isinstance(again, tuple)
        for (slug, name), data in again[0].items():
            assert data.decode() == page(root, f"{slug}/{name}")
    published = page(root, f"{site}/{route}")
    part = slice(published.index("<article"), published.index("</article>"))
    if complete:
        assert shown[part] == published[part]
    else:
        assert "<h1>" + text.split("title: ")[1].split("\n", maxsplit=1)[0] in shown


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("---\ntitel: A\n---\n", ["missing-date", "missing-key", "unknown-key-near"]),
        (
            article("A", body="![x](https://x.example/a.jpg) [y](../../y.pdf)"),
            ["file-outside", "image-not-local"],
        ),
    ],
)
def test_what_is_wrong_is_told_instead(tmp_path: Path, text: str, codes: list[str]) -> None:
    root = network(tmp_path, FILES)
    preview = Preview(built(root))
    write(root, {A: text})
    found = preview.update(A)
    assert isinstance(found, list)
    assert sorted(item.code for item in found) == codes


def test_what_readers_do_not_get_is_told_beside_the_pages(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    preview = Preview(built(root))
    write(root, {A: article("A", body="![x](khong-co.jpg)\n\nChữ.", tags="[ruộng, nước]")})
    update = preview.update(A)
    assert isinstance(update, tuple)
    pages, _, warnings = update
    assert [(item.code, item.path, item.line) for item in warnings] == [("image-missing", A, 6)]
    assert b"<figure" not in pages["main", "tin-tuc/a.html"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("content/tin-tuc/moi.md", article("Bài mới")),
        (A, article("Tựa mới", slug="dia-chi-moi")),
        (A, article("Tựa mới", topics="[Chuyên đề chưa có]")),
    ],
)
def test_what_only_a_build_can_tell(tmp_path: Path, path: str, text: str) -> None:
    root = network(tmp_path, FILES)
    preview = Preview(built(root))
    write(root, {path: text})
    assert preview.update(path) is None


def test_a_text_without_an_end_is_left_to_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    monkeypatch.setattr("portalgen.serve.preview._LIMITS", Limits(cpu=1, wall=10))
    preview = Preview(built(root))
    write(root, {A: article("Chậm", body="**a** **b*" * 8_000)})
    assert preview.update(A) is None
    write(root, {A: article("Nhanh", body="Ngắn.", tags="[ruộng, nước]")})
    assert isinstance(preview.update(A), tuple)


def test_without_fork_a_preview_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    preview = Preview(built(root))
    monkeypatch.delattr("os.fork")
    for number, tags, complete in ((1, "[ruộng, nước]", True), (2, "[ruộng]", False)):
        write(root, {A: article(f"Tựa {number}", body=BODY, tags=tags)})
        update = preview.update(A)
        assert isinstance(update, tuple)
        pages, is_complete, _ = update
        assert f"Tựa {number}".encode() in pages["main", "tin-tuc/a.html"]
        assert is_complete is complete
    assert preview.update("content/tin-tuc/khong-co.md") is None

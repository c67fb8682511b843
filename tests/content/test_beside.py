"""Pictures and attachments that cannot be used: as last published, else without them."""

import re
from pathlib import Path

import pytest

from portalgen import sources
from portalgen.content.model import MediaFile
from portalgen.digests import digest_bytes
from portalgen.problems import Problem
from tests.helpers import article, network, page, picture, problems, run, tree, unlike_clean, write
from tests.quick import load

AT = "content/tin-tuc/"
A = f"{AT}a.md"
FILES: dict[str, str | bytes | None] = {
    A: article("A", image="h.jpg",
               body='Đầu.\n\n![tả](b.jpg "chú")\n\nXem [đơn](don.pdf#2) này.'),
    f"{AT}h.jpg": picture(30, 20), f"{AT}b.jpg": picture(40, 20), f"{AT}don.pdf": b"%PDF",
}  # fmt: skip
HALF = picture(500, 400)[:700]
# What becomes of the files beside the article, and the codes of its warnings.
LOST: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "missing": (
        {f"{AT}h.jpg": None, f"{AT}b.jpg": None, f"{AT}don.pdf": None},
        ["image-missing", "image-missing", "link-nowhere"],
    ),
    "half copied": ({f"{AT}h.jpg": HALF, f"{AT}b.jpg": HALF}, ["image-broken", "image-broken"]),
    "empty": ({f"{AT}h.jpg": b"", f"{AT}b.jpg": b""}, ["image-broken", "image-broken"]),
}


def published(root: Path) -> dict[str, tuple[MediaFile, ...]]:
    """The files that the articles use at present."""
    return {path: a.files for path, a in load(root).articles.items()}


def test_an_article_names_every_file_that_it_uses_once(tmp_path: Path) -> None:
    files = {**FILES, A: str(FILES[A]) + "\n[lại](don.pdf) ![nữa](b.jpg) [mất](x.pdf)\n"}
    article_files = load(network(tmp_path, files)).articles[A].files
    assert [(file.path, bool(file.picture)) for file in article_files] == [
        (f"{AT}b.jpg", True), (f"{AT}don.pdf", False), (f"{AT}h.jpg", True),
    ]  # fmt: skip
    assert article_files[1].name == f"{digest_bytes(b'%PDF')[:16]}-don.pdf"
    for file in article_files:
        assert file.picture is None or (file.picture.alt, file.name) == ("", "")


@pytest.mark.parametrize("case", LOST)
def test_a_file_that_cannot_be_used_is_as_last_published(tmp_path: Path, case: str) -> None:
    root = network(tmp_path, FILES)
    whole, before = load(root).articles[A], published(root)
    files, codes = LOST[case]
    write(root, files)
    wrong: list[Problem] = []
    loaded = load(root, wrong, before)
    assert wrong == []
    assert loaded.articles[A] == whole
    assert sorted(item.code for item in loaded.warnings) == codes
    assert {(item.site, item.path) for item in loaded.warnings} == {("main", A)}


def test_the_description_is_that_of_now(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    before = published(root)
    write(root, {f"{AT}h.jpg": None, A: article("A", image="h.jpg", image_alt="Mới")})
    shown = load(root, None, before).articles[A].picture
    assert shown and (shown.alt, shown.width) == ("Mới", 30)


@pytest.mark.parametrize("case", LOST)
def test_a_file_that_was_never_published_is_left_out(tmp_path: Path, case: str) -> None:
    left = {name: data for name, data in {**FILES, **LOST[case][0]}.items() if data is not None}
    root = network(tmp_path, left)
    report = run(root)
    assert problems(report) == []
    assert sorted(item.code for item in report.warnings) == LOST[case][1]
    html = page(root, "main/tin-tuc/a.html")
    assert "<figure" not in html and "<picture" not in html
    assert "<p><small>chú</small></p>" in html  # captions stay
    if case == "missing":
        assert "Xem đơn này." in html
    assert unlike_clean(root, tmp_path / "clean") == []


def test_of_another_file_nothing_is_taken(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    [files] = published(root).values()
    others = {A: tuple(file for file in files if file.path == f"{AT}b.jpg"), f"{AT}x.md": files}
    write(root, {f"{AT}h.jpg": None})
    assert load(root, None, others).articles[A].picture is None


def test_an_attachment_is_no_picture_though_it_has_its_path(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    attached = tuple(file for file in published(root)[A] if file.path == f"{AT}don.pdf")
    write(root, {f"{AT}don.pdf": None, A: article("A", body="![x](don.pdf)\n\n[y](don.pdf)")})
    assert load(root, None, {A: attached}).articles[A].files == attached


def test_a_file_that_is_a_picture_and_an_attachment_stays_both(tmp_path: Path) -> None:
    body = "![x](don.pdf)\n\n[y](don.pdf)"
    root = network(tmp_path, {A: article("A", body=body), f"{AT}don.pdf": picture(30, 20)})
    whole, before = load(root).articles[A], published(root)
    assert [bool(file.picture) for file in whole.files] == [True, False]
    write(root, {f"{AT}don.pdf": None})
    for files in (before[A], before[A][::-1]):
        assert load(root, None, {A: files}).articles[A] == whole


def test_what_is_not_in_the_store_is_taken_from_the_output(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    whole, before = load(root).articles[A], published(root)
    store = root / ".portalgen/media"
    kept = {file.name: file.read_bytes() for file in store.iterdir() if file.suffix != ".json"}
    for file in store.iterdir():
        file.unlink()
    write(root, LOST["missing"][0])
    assert load(root, None, before).articles[A].files == ()
    assert load(root, None, before, root / "public").articles[A] == whole
    assert {file.name: file.read_bytes() for file in store.iterdir()} == kept


def test_a_picture_of_which_a_file_is_gone_is_nowhere(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, f"{AT}h.jpg": picture(600, 20)})
    run(root)
    before = published(root)
    name = before[A][-1].names()[0]
    (root / ".portalgen/media" / name).unlink()
    (root / "public/main/media" / name).unlink()
    write(root, {f"{AT}h.jpg": None})
    assert load(root, None, before, root / "public").articles[A].picture is None


@pytest.mark.parametrize("name", ["../../site.yaml", "0123456789abcdef-a/../b.pdf", "a.pdf", ""])
def test_a_name_that_media_cannot_have_is_not_followed(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, FILES)
    write(root, {f"{AT}don.pdf": None})
    write(root, {".portalgen/media/a.pdf": b"x", ".portalgen/media/b.pdf": b"x"})
    loaded = load(root, None, {A: (MediaFile(f"{AT}don.pdf", None, name),)}, root / "public")
    assert f"{AT}don.pdf" not in [file.path for file in loaded.articles[A].files]


def test_a_picture_half_copied_is_shown_once_it_is_whole(tmp_path: Path) -> None:
    whole = picture(500, 400)
    root = network(tmp_path, {A: article("A", image="h.jpg"), f"{AT}h.jpg": whole[:700]})
    report = run(root)
    assert (report.refused, [item.code for item in report.warnings]) == ([], ["image-broken"])
    assert "<picture" not in page(root, "main/tin-tuc/a.html")
    again = run(root)
    assert (again.files_written, again.warnings) == (0, report.warnings)
    write(root, {f"{AT}h.jpg": whole})
    assert run(root).warnings == []
    stem = re.findall(r"/media/([0-9a-f]{16})-480\.webp", page(root, "main/tin-tuc/a.html"))[0]
    assert f"media/{stem}-480.jpg" in tree(root / "public/main")
    assert unlike_clean(root, tmp_path / "clean") == []


@pytest.mark.parametrize("case", ["missing", "half copied"])
def test_a_build_from_nothing_shows_the_same_of_a_lost_file(tmp_path: Path, case: str) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, LOST[case][0])
    report = run(root)
    assert problems(report) == []
    assert sorted(item.code for item in report.warnings) == LOST[case][1]
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_file_that_is_too_large_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 3)
    loaded = load(root)
    assert [(item.code, item.line, item.column) for item in loaded.warnings] == [
        ("attachment-too-large", 10, 11)
    ]
    assert [file.path for file in loaded.articles[A].files] == [f"{AT}b.jpg", f"{AT}h.jpg"]

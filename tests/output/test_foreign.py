"""Output folders with foreign files are refused before any is touched."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portalgen.changes.manifest import Change, Manifest, Published
from portalgen.output.foreign import check_apart, check_output, refuse_foreign
from portalgen.problems import PortalError, problem
from portalgen.sources import OWN
from tests.helpers import article, network, run, tree, unlike_clean, write

pytestmark = pytest.mark.usefixtures("quick_themes")

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "content/tin-tuc/hai.md": article("Hai", "2020-01-09 08:00"),
    "members/sapa/content/y-te/ba.md": article("Ba"),
}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def manifest(output: Path) -> Iterator[Manifest]:
    opened = Manifest(output)
    yield opened
    opened.close()


def test_foreign_files_are_never_touched(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    foreign = root / "public/main/tin-tuc/cua-toi.html"
    foreign.write_text("của tôi")
    write(root, {"content/tin-tuc/hai.md": None})
    run(root)
    assert foreign.read_text() == "của tôi"
    write(root, {"content/tin-tuc/cua-toi.md": article("Của tôi")})
    with pytest.raises(PortalError) as caught:
        run(root)
    assert caught.value.problems[0].message("vi") == (
        "Thư mục “public” có tệp không do portalgen tạo (main/tin-tuc/cua-toi.html). "
        "Hãy dọn đi hoặc chọn thư mục khác bằng --output."
    )
    assert foreign.read_text() == "của tôi"


@pytest.mark.parametrize("file", ["main/index.html/thu.txt", "main/tin-tuc"])
def test_what_took_the_place_of_pages_is_named_and_left(tmp_path: Path, file: str) -> None:
    root = network(tmp_path, FILES)
    run(root)
    foreign = root / "public" / file
    if foreign.is_dir():
        shutil.rmtree(foreign)
    else:
        foreign.parent.unlink()
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("của tôi")
    with pytest.raises(PortalError) as caught:
        run(root)
    assert file in caught.value.problems[0].message("vi")
    assert foreign.read_text() == "của tôi"
    foreign.unlink()
    run(root)
    assert unlike_clean(root, tmp_path / "clean") == []


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (".", "Không thể xuất bản vào “network” vì đó là thư mục nguồn."),
        ("content", "Không thể xuất bản vào “content” vì đó là thư mục nguồn."),
        ("members/sapa", "Không thể xuất bản vào “sapa” vì đó là thư mục nguồn."),
        ("..", "Không thể xuất bản vào “"),
        ("khac", "Thư mục “khac” có tệp không do portalgen tạo (thu.txt)."),
    ],
)
def test_output_folders_that_are_refused(tmp_path: Path, output: str, message: str) -> None:
    root = network(tmp_path, {**FILES, "khac/thu.txt": "thư"})
    before = tree(tmp_path)
    with pytest.raises(PortalError) as caught:
        run(root, root / output)
    assert caught.value.problems[0].message("vi").startswith(message)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "name",
    [
        "content",
        "members",
        "themes",
        "static/a",
        "portalgen",
        "register",
        ".git",
        "../network",
        "..",
    ],
)
def test_no_folder_of_sources_is_an_output_whether_it_is_there_or_not(
    tmp_path: Path, name: str
) -> None:
    root = network(tmp_path, {})
    with pytest.raises(PortalError) as caught:
        check_output(root, root / name)
    assert caught.value.problems == [problem("output-is-source", name=Path(name).name)]


def test_an_output_without_a_name_is_shown_as_a_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(network(tmp_path, {}))
    with pytest.raises(PortalError) as caught:
        check_output(Path(), Path())
    assert caught.value.problems == [problem("output-is-source", name=".")]


def test_a_link_to_the_sources_is_no_output(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    link, linked_root = tmp_path / "noi", tmp_path / "goc"
    link.symlink_to(root / "content")
    linked_root.symlink_to(root)
    for named_root, output in ((root, link), (linked_root, root / "content")):
        with pytest.raises(PortalError) as caught:
            check_output(named_root, output)
        assert caught.value.problems == [problem("output-is-source", name=output.name)]


@pytest.mark.parametrize("kind", ["file", "link to a folder", "link to nothing"])
def test_an_output_that_is_no_folder_is_refused(tmp_path: Path, output: Path, kind: str) -> None:
    root = network(tmp_path, {})
    if kind == "file":
        output.write_text("tệp")
    elif kind == "link to a folder":
        (tmp_path / "khac").mkdir()
        output.symlink_to(tmp_path / "khac")
    else:
        output.symlink_to("khong-co")
    with pytest.raises(PortalError) as caught:
        check_output(root, output)
    assert caught.value.problems == [problem("output-not-folder", name="public")]


def test_an_output_holds_nothing_yet_or_what_was_built(tmp_path: Path, output: Path) -> None:
    root = network(tmp_path, {})
    check_output(root, output)
    check_output(root, root / "public")
    output.mkdir()
    check_output(root, output)
    (output / OWN).mkdir()
    check_output(root, output)
    (output / "main").mkdir()
    with pytest.raises(PortalError):
        check_output(root, output)
    (output / OWN / "manifest.sqlite").touch()
    check_output(root, output)


def test_of_foreign_files_in_a_new_output_the_first_three_are_named(
    tmp_path: Path, output: Path
) -> None:
    root = network(tmp_path, {})
    for name in ("d.txt", "b.txt", "a.txt", "c.txt"):
        write(output, {name: "tệp"})
    with pytest.raises(PortalError) as caught:
        check_output(root, output)
    assert caught.value.problems == [
        problem("output-foreign", name="public", files="a.txt, b.txt, c.txt")
    ]


@pytest.mark.parametrize(
    "name",
    ["content/a.conf", "members/sapa/a.conf", "static/a.conf", "themes/a.conf",
     "public/main/a.conf", "public/a.conf"],
)  # fmt: skip
def test_a_file_that_would_be_published_is_not_written(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, {"public/.portalgen/manifest.sqlite": ""})
    with pytest.raises(PortalError) as caught:
        check_apart(root, root / name)
    assert caught.value.problems == [problem("output-inside", name="a.conf")]
    link = tmp_path / "noi"
    link.symlink_to(root)
    with pytest.raises(PortalError):
        check_apart(link, root / name)
    with pytest.raises(PortalError):
        check_apart(root, link / name)


def test_a_file_beside_the_sources_may_be_written(tmp_path: Path) -> None:
    root = network(tmp_path, {"public/main/index.html": ""})
    for name in ("a.conf", "contents/a.conf", "../a.conf", "public/a.conf"):
        check_apart(root, root / name)


def change(route: str, site: str = "main") -> Change:
    return Change("staged", site, route, "key", "digest", 1)


def publish(output: Path, manifest: Manifest, *routes: str) -> None:
    """Files of the site `main` that a build published."""
    write(output, {f"main/{route}": "của ta" for route in routes})
    rows = []
    for route in routes:
        stat = (output / "main" / route).stat()
        rows.append(("main", route, Published("key", "digest", stat.st_size, stat.st_mtime_ns)))
    manifest.update(rows, [], {})


def refused(
    output: Path, manifest: Manifest, *routes: str, removed: set[tuple[str, str]] | None = None
) -> str:
    """The files that a publish of these routes is refused for."""
    try:
        refuse_foreign(output, manifest, [change(route) for route in routes], removed or set())
    except PortalError as error:
        [refusal] = error.problems
        values = dict(refusal.values)
        assert (refusal.code, values["name"]) == ("output-foreign", "public")
        return values["files"]
    return ""


def test_a_new_page_comes_where_nothing_is(output: Path, manifest: Manifest) -> None:
    assert refused(output, manifest, "a.html", "tin/b.html", "tin/moi/c.html") == ""
    write(output, {"main/tin/la.txt": "lạ"})
    assert refused(output, manifest, "a.html", "tin/b.html", "tin/moi/c.html", "la.txt") == ""


def test_a_foreign_file_is_named_whatever_else_is_published(
    output: Path, manifest: Manifest
) -> None:
    publish(output, manifest, "cu.html")
    write(output, {"main/tin/la.html": "lạ", "main/tin/a.html": "lạ", "sapa/cu.html": "lạ"})
    routes = ("cu.html", "moi.html", "tin/la.html", "tin/b.html", "tin/a.html")
    assert refused(output, manifest, *routes) == "main/tin/la.html, main/tin/a.html"
    with pytest.raises(PortalError):
        refuse_foreign(output, manifest, [change("cu.html", "sapa")], set())


def test_a_page_of_ours_is_replaced_whatever_became_of_it(output: Path) -> None:
    first = Manifest(output)
    publish(output, first, "a.html", "b.html", "c.html")
    first.close()
    (output / "main/a.html").write_text("ai đó đã sửa")
    (output / "main/b.html").unlink()
    again = Manifest(output)
    assert refused(output, again, "a.html", "b.html", "c.html") == ""
    again.close()


def test_foreign_files_in_a_folder_where_a_page_comes_are_named(output: Path) -> None:
    first = Manifest(output)
    publish(output, first, "a.html", "b.html")
    first.close()
    (output / "main/a.html").unlink()
    write(output, {"main/a.html/x/hai.txt": "lạ", "main/a.html/mot.txt": "lạ",
                   "main/a.html/ba.txt": "lạ", "main/moi.html/la.txt": "lạ"})  # fmt: skip
    again = Manifest(output)
    assert refused(output, again, "a.html") == (
        "main/a.html/ba.txt, main/a.html/mot.txt, main/a.html/x/hai.txt"
    )
    write(output, {"main/la.html": "lạ"})
    assert refused(output, again, "b.html", "la.html", "moi.html") == (
        "main/la.html, main/moi.html/la.txt"
    )
    again.close()


def test_a_folder_gives_way_whose_files_all_go(output: Path, manifest: Manifest) -> None:
    publish(output, manifest, "tep/a.txt", "tep/b/c.txt")
    going = {("main", "tep/a.txt"), ("main", "tep/b/c.txt")}
    assert refused(output, manifest, "tep", removed=going) == ""
    assert refused(output, manifest, "tep", removed={("main", "tep/a.txt")}) == "main/tep/b/c.txt"
    (output / "main/rong/sau").mkdir(parents=True)
    assert refused(output, manifest, "rong") == ""


@pytest.mark.parametrize("route", ["tep/a.txt", "tep/b/c/d.txt"])
@pytest.mark.parametrize("folder", ["", "sau/"])
def test_a_file_gives_way_to_a_folder_if_it_goes(
    output: Path, manifest: Manifest, folder: str, route: str
) -> None:
    publish(output, manifest, f"{folder}tep")
    assert refused(output, manifest, folder + route, removed={("main", f"{folder}tep")}) == ""
    assert refused(output, manifest, folder + route, "x.html") == f"main/{folder}tep"


def test_a_file_in_place_of_a_site_is_named_once(output: Path, manifest: Manifest) -> None:
    write(output, {"main": "lạ"})
    write(output, {"sapa/a.html": "lạ"})
    changes = [change("a.html"), change("tin/b.html"), change("y-te/c.html"),
               change("a.html", "sapa")]  # fmt: skip
    with pytest.raises(PortalError) as caught:
        refuse_foreign(output, manifest, changes, set())
    assert caught.value.problems == [
        problem("output-foreign", name="public", files="main, sapa/a.html")
    ]


def test_a_link_is_a_file_wherever_it_leads(output: Path, manifest: Manifest) -> None:
    (output / "main").mkdir()
    (output / "main/a.html").symlink_to(output / OWN)
    (output / "main/b.html").symlink_to("khong-co")
    assert refused(output, manifest, "a.html", "b.html") == "main/a.html, main/b.html"

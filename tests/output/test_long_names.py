"""Names too long for file systems are cut or reported, and never block a network."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalgen.cli import main
from tests.deploy.test_deploy_folder import TARGETS, deploy, is_whole, shown
from tests.helpers import (
    MAIN_SETTINGS,
    article,
    network,
    page,
    picture,
    problems,
    run,
    tree,
    unlike_clean,
    write,
)

AT = "content/tin-tuc"
LONG = " ".join(f"từ{n}" for n in range(70))
GOOD = {
    "site.yaml": MAIN_SETTINGS + TARGETS,
    f"{AT}/tot.md": article("Tốt"),
    "members/sapa/content/tin-tuc/tin.md": article("Tin"),
}
TOO_LONG = "quá dài: mỗi phần chỉ được 252 byte"
CASES: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "a tag of 70 words": (
        {f"{AT}/{name}.md": article(name, tags=f"[{LONG}]") for name in "abc"}, [],
    ),
    "two long tags that begin alike": (
        {f"{AT}/{name}.md": article(name, tags=f"[{LONG} một, {LONG} hai]") for name in "ab"}, [],
    ),
    "a topic of 70 words": ({f"{AT}/a.md": article("A", topics=f"[{LONG}]")}, []),
    "an alias of 260 letters": (
        {f"{AT}/a.md": article("A", aliases=f"[/{'x' * 260}.html, /{'y' * 260}, /cu.html]")},
        [f"{AT}/a.md:1: Địa chỉ cũ “/{sign * 59}…” {TOO_LONG}, cả địa chỉ 900 byte. Hãy bỏ dòng "
         "này khỏi `aliases`." for sign in "xy"],
    ),
    "an alias of many parts": (
        {f"{AT}/a.md": article("A", aliases=f"[/{'x/' * 500}]")},
        [f"{AT}/a.md:1: Địa chỉ cũ “/{'x/' * 29}x…” {TOO_LONG}, cả địa chỉ 900 byte. Hãy bỏ dòng "
         "này khỏi `aliases`."],
    ),
    "an attachment of 235 letters": (
        {f"{AT}/{'t' * 231}.pdf": b"%PDF",
         f"{AT}/a.md": article("A", body=f"[x]({'t' * 231}.pdf)")},
        [],
    ),
    "a picture of 235 letters": (
        {f"{AT}/{'t' * 231}.png": picture(9, 9, "PNG"),
         f"{AT}/a.md": article("A", image=f"{'t' * 231}.png")}, [],
    ),
    "a file of an article of 250 letters": ({f"{AT}/{'t' * 247}.md": article("A")}, []),
    "a static file of 255 bytes": (
        {f"static/{'t' * 250}.html": "x" * 999, f"static/{'ệ' * 83}.{'t' * 5}": "x" * 999}, [],
    ),
    "a static file far down": (
        {"static/" + "/".join(["t" * 200] * 5): "x"},
        ["static/" + "/".join(["t" * 200] * 5) + ": Địa chỉ quá dài: mỗi phần chỉ được 255 byte, "
         "cả địa chỉ 900 byte. Hãy rút ngắn."],
    ),
    "a permalink that is long with the slug": (
        {"members/sapa/site.yaml": f"title: A\npermalink: /{'x' * 180}-{{slug}}.html\n",
         f"members/sapa/{AT}/{'y' * 70}.md": article("A")},
        [f"members/sapa/{AT}/{'y' * 70}.md:1: Địa chỉ {TOO_LONG}, cả địa chỉ 900 byte. Hãy rút "
         "ngắn."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_name_too_long_is_told_or_cut_and_all_else_is_published(
    tmp_path: Path, case: str
) -> None:
    files, told = CASES[case]
    root = network(tmp_path, {**GOOD, **files})
    assert problems(run(root)) == told
    assert page(root, "main/tin-tuc/tot.html")
    assert problems(run(root)) == told
    assert unlike_clean(root, tmp_path / "clean") == []
    assert deploy(root).exit_code == (3 if told else 0)
    assert shown(tmp_path / "dich") == tree(root / "public")
    assert is_whole(tmp_path / "dich")
    write(root, dict.fromkeys(files) | {"members/sapa/site.yaml": "title: Sa Pa\n"})
    assert problems(run(root)) == []


def test_pages_of_long_names_stand_where_links_lead(tmp_path: Path) -> None:
    tags = {f"{AT}/{name}.md": article(name, tags=f"[{LONG} một, {LONG} hai]") for name in "ab"}
    topics = {f"{AT}/c.md": article("C", topics=f"[{LONG}]")}
    root = network(tmp_path, {**GOOD, **tags, **topics})
    run(root)
    made = [name for name in tree(root / "public") if name.startswith(("main/tag", "main/chuyen"))]
    assert len(made) == 3
    for name in made:
        assert len(name.rpartition("/")[2]) == 252
        shown_on = "a" if "/tag/" in name else "c"
        assert f'"/{name.removeprefix("main/")}"' in page(root, f"main/tin-tuc/{shown_on}.html")


@pytest.mark.parametrize(
    "permalink", [f"/{'x' * 260}/{{slug}}.html", f"/{{slug}}{'/x' * 200}.html"]
)
def test_a_permalink_too_long_is_told(tmp_path: Path, permalink: str) -> None:
    root = network(tmp_path, {**GOOD, "site.yaml": f"{MAIN_SETTINGS}permalink: {permalink}\n"})
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
    assert told.exit_code == 1
    assert told.stderr.splitlines()[0] == (
        f"site.yaml:13:12: “{permalink[:40]}…” is too long: a part between two / may have at "
        "most 200 characters, the whole permalink 400. Shorten it."
    )


def test_a_member_named_too_long_is_told(tmp_path: Path) -> None:
    root = network(tmp_path, {**GOOD, f"members/{'x' * 201}/site.yaml": "title: X\n"})
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
    assert (told.exit_code, told.stderr.splitlines()[0]) == (
        3, f"members/{'x' * 201}: The name of a member's folder has unaccented lower-case "
        "letters, digits and hyphens, at most 200 characters, and is not “main”. Rename it.",
    )  # fmt: skip
    (root / f"members/{'x' * 201}").rename(root / f"members/{'x' * 200}")
    assert problems(run(root)) == []


def test_an_asset_named_too_long_is_told(tmp_path: Path) -> None:
    theme = {"themes/dai/theme.yaml": "name: dai\nextends: portal\n"}
    name = f"themes/dai/assets/{'x' * 240}.css"
    root = network(
        tmp_path, {**GOOD, **theme, "site.yaml": MAIN_SETTINGS + "theme: dai\n", name: ""}
    )
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
    assert told.exit_code == 1
    assert told.stderr.startswith(f"{name}: The address is too long: each part may have at most")


NAMES = st.text("aệ- x.", min_size=100, max_size=251)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(tag=NAMES, topic=NAMES, alias=NAMES, title=NAMES, name=NAMES)
def test_no_name_stops_the_network(
    tmp_path_factory: pytest.TempPathFactory, tag: str, topic: str, alias: str, title: str,
    name: str,
) -> None:  # fmt: skip
    file = name.encode()[:240].decode(errors="ignore").strip(". ") or "x"
    front = {
        "tags": json.dumps([tag]), "topics": json.dumps([topic]),
        "aliases": json.dumps([f"/{alias.replace('ệ', '%E1').replace('.', '').replace(' ', '')}"]),
    }  # fmt: skip
    root = network(tmp_path_factory.mktemp("ten"), {
        **GOOD, f"{AT}/{file}.md": article(json.dumps(title), **front),
        f"{AT}/khac.md": article("Khác", tags=front["tags"]),
        f"{AT}/{file}.pdf": b"%PDF", f"{AT}/tep.md": article("Tệp", body=f"[x](<{file}.pdf>)"),
        f"static/{file}.txt": "x" * 99,
    })  # fmt: skip
    report = run(root)
    assert page(root, "main/tin-tuc/tot.html")
    assert {item.path for item in report.refused} <= {f"{AT}/{file}.md", f"{AT}/tep.md"}
    again = run(root)
    assert (again.files_written, again.refused) == (0, report.refused)


def test_a_journal_that_can_never_be_finished_is_given_up(tmp_path: Path) -> None:
    """A journal of version 0.2, which every build tried to finish in vain."""
    root = network(tmp_path, GOOD)
    run(root)
    before = tree(root / "public")
    own = root / "public/.portalgen"
    (own / "stage").mkdir(exist_ok=True)
    rows = []
    for number, route in enumerate([f"tag/{'x' * 300}.html", "tin-tuc/tot.html", "moi.html"]):
        (own / f"stage/main-{number}").write_text("x")
        rows.append([f"main-{number}", "main", route, "k", "d", 1])
    journal = {"changes": rows, "removed": [["main", "rss.xml"]]}
    (own / "journal.json").write_text(json.dumps(journal))
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en",
                                     "--now", "2020-01-15 08:00"])  # fmt: skip
    assert told.exit_code == 0
    assert told.output.splitlines()[0] == (
        "Completed the publish that was interrupted last time, except for files that cannot be put "
        "in place: these are built again."
    )
    assert tree(root / "public") == before
    assert not (own / "journal.json").exists()
    assert not (root / "public/main/tag").exists()
    assert run(root).notes == []


def test_what_this_file_system_cannot_hold_is_told_before_anything_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For example one that encrypts names, with a limit of 143 bytes."""
    root = network(tmp_path, {**GOOD, f"{AT}/a.md": article("A", tags=f"[{LONG}]"),
                              f"{AT}/b.md": article("B", tags=f"[{LONG}]")})  # fmt: skip
    real = os.lstat

    def lstat(path: str, *, dir_fd: int | None = None) -> os.stat_result:
        if max(map(len, str(path).split("/"))) > 143:
            raise OSError(36, "File name too long", path)
        return real(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "lstat", lstat)
    for _ in range(2):
        [told] = problems(run(root), "en")
        assert told.startswith("main/tag/tu0-tu1-tu2")
        assert told.endswith(
            ".html: This cannot be published (File name too long). Shorten its address."
        )
        assert page(root, "main/tin-tuc/a.html")
    arguments = ["build", "--root", str(root), "--strict", "--output", str(tmp_path / "moi")]
    assert CliRunner().invoke(main, arguments).exit_code == 1
    assert tree(tmp_path / "moi") == {}
    monkeypatch.undo()
    assert problems(run(root)) == []
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_disk_that_fails_halfway_is_said_to_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, GOOD)
    moment = ["--now", "2020-01-15 08:00"]
    real, moved = os.replace, []

    def replace(file: str, target: str) -> None:
        if "/main/" in str(target):
            moved.append(target)
            if len(moved) == 9:
                raise PermissionError(13, "Permission denied", file, None, target)
        real(file, target)

    monkeypatch.setattr(os, "replace", replace)
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en", *moment])
    assert told.exit_code == 1
    assert told.stderr == (
        f"“{os.path.basename(moved[-1])}” cannot be written: permission denied. Check the "
        "permissions of it and of its folder.\n"
        "Publishing stopped halfway: some files are new, the others are as before. Correct the "
        "above and run this again to publish the rest.\n"
    )
    monkeypatch.undo()
    again = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en", *moment])
    assert again.output.startswith("Completed the publish that was interrupted last time.")
    assert unlike_clean(root, tmp_path / "clean") == []

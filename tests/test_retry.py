"""A build goes on when the cache or its folder fails; what is published does not depend on it."""

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.cli import main
from portalgen.limits import Limits
from portalgen.problems import PortalError
from portalgen.report import Options
from portalgen.retry import bring_cache, is_of_state, retried
from tests.disks import fill, hand_over, place_of_all, run_without_rights, small_disk
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    picture,
    run,
    tree,
    unlike_clean,
    write,
)

A = "content/tin-tuc/a.md"
FILES: dict[str, str | bytes | None] = {
    A: article("Bài A", body="![Núi](nui.jpg)\n"), "content/tin-tuc/nui.jpg": picture(700, 500),
    "content/y-te/b.md": article("Bài B"),
}  # fmt: skip
FULL, CLOSED = "cache-disk-full", "cache-unwritable"
URGENT = article("Tin khẩn", body="![Sông](song.jpg)\n")


def urgent(root: Path) -> None:
    write(root, {A: URGENT, "content/tin-tuc/song.jpg": picture(900, 500, color="blue")})


def test_an_urgent_article_gets_out_while_the_disk_of_the_cache_is_full(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    with small_disk(root / ".portalgen") as disk:
        assert run(root).notes == []
        filled = fill(disk)
        urgent(root)
        report = run(root)
        assert (report.notes, report.refused) == ([FULL], [])
        assert "Tin khẩn" in page(root, "main/index.html")
        assert report.pages_rendered < 20  # it knows what it knew
        assert run(root).notes == [FULL]
        filled.unlink()
        assert run(root).notes == []
        assert not (root / "public/.portalgen/state").exists()
        assert unlike_clean(root, tmp_path / "clean") == []


def test_a_cache_that_fills_its_disk_only_at_the_end_is_left_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    commit = Cache.commit

    def full(cache: Cache) -> None:
        if cache.file.is_relative_to(root / ".portalgen"):
            raise OSError(errno.ENOSPC, "full", str(cache.file))
        commit(cache)

    monkeypatch.setattr(Cache, "commit", full)
    urgent(root)
    assert run(root).notes == [FULL]
    assert "Tin khẩn" in page(root, "main/tin-tuc/a.html")


def test_pictures_are_made_where_the_store_of_pictures_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    shutil.rmtree(root / ".portalgen/media")
    (root / ".portalgen/media").write_text("")  # no folder, so nothing can be put into it
    urgent(root)
    assert run(root).notes == [CLOSED]
    assert "Sông" in page(root, "main/tin-tuc/a.html")
    assert unlike_clean(root, tmp_path / "clean") == []


def test_where_the_output_is_full_too_nothing_is_published_and_it_is_said(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    with small_disk(root / ".portalgen"), small_disk(root / "public") as output:
        run(root)
        before = tree(root / "public")
        fill(output)
        fill(root / ".portalgen")
        urgent(root)
        result = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
        assert (result.exit_code, result.stderr) == (
            1,
            "The disk is full. Free some space and run this again.\n"
            "Nothing was published; what was published before is unchanged. Correct the above and "
            "run this again.\n",
        )
        (output / "fill").unlink()
        assert tree(root / "public") == before


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        (".portalgen", 0o500), (".portalgen/cache.sqlite", 0o400), (".portalgen/cache.sqlite", 0),
        (".portalgen/lock", 0o400), (".portalgen", 0),
    ],
)  # fmt: skip
def test_a_cache_that_is_closed_to_us_is_gone_without(path: str, mode: int) -> None:
    with place_of_all() as place:
        root = network(place, FILES)
        run(root)
        hand_over(root)
        urgent(root)
        (root / path).chmod(mode)
        done = run_without_rights("build", "--root", root, "--now", "2020-01-15 08:00")
        checked = run_without_rights("check", "--root", root, "--now", "2020-01-15 08:00")
        (root / path).chmod(0o700)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The folder of the cache cannot be used: built with a cache")
        assert "Tin khẩn" in page(root, "main/index.html")
        assert (checked.returncode, checked.stderr) == (0, "")


def test_sources_that_cannot_be_written_are_built_with_a_state_elsewhere() -> None:
    with place_of_all() as place:
        root = network(place, FILES)
        run(root)
        hand_over(root)
        for folder in (root, root / "register", root / "content"):
            folder.chmod(0o500)
        shutil.rmtree(root / ".portalgen")
        arguments = ("--root", root, "--output", place / "out", "--state", place / "state")
        done = run_without_rights("build", "--now", "2020-01-15 08:00", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert (place / "state/cache.sqlite").is_file() and not (root / ".portalgen").exists()
        assert tree(place / "out") == tree(root / "public")
        for folder in (root, root / "register", root / "content"):
            folder.chmod(0o700)


def test_the_state_is_where_it_is_told_to_be(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    report = run(root, state=tmp_path / "state")
    assert report.pages_rendered > 0
    assert not (root / ".portalgen").exists()
    assert {"cache.sqlite", "lock", "media"} <= {f.name for f in (tmp_path / "state").iterdir()}
    write(root, {"content/y-te/b.md": article("Bài bê")})
    assert run(root, state=tmp_path / "state").pages_rendered < report.pages_rendered
    assert unlike_clean(root, tmp_path / "clean") == []
    for command in ("check", "status", "addresses"):
        arguments = [command, "--root", str(root), "--state", str(tmp_path / "state")]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert not (root / ".portalgen/cache.sqlite").exists()


@pytest.mark.parametrize(
    "state", ["", "content", "members/sapa/x", "public", "public/main/x", "public/.portalgen"]
)
@pytest.mark.parametrize("command", ["build", "check", "status"])
def test_a_state_among_sources_or_pages_is_refused(
    tmp_path: Path, command: str, state: str
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    before = tree(root)
    arguments = [command, "--root", str(root), "--state", str(root / state), "--lang", "en"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(
        f"“{Path(root / state).name}” is the network's own folder, or is among the sources or the "
        "published files, so the cache cannot lie there. Choose another folder with --state.\n"
    )
    assert tree(root) == before


def test_two_builds_into_one_output_exclude_each_other_whatever_their_states(
    tmp_path: Path,
) -> None:
    from portalgen.output.lock import Lock

    root = network(tmp_path, FILES)
    run(root, state=tmp_path / "one")
    with Lock(root / "public/.portalgen/lock"), pytest.raises(PortalError) as caught:
        run(root, state=tmp_path / "two")
    assert [item.code for item in caught.value.problems] == ["locked"]


def test_a_cache_that_is_damaged_again_and_again_ends_in_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise CacheDamagedError("x")

    root = network(tmp_path, FILES)
    monkeypatch.setattr(Cache, "query", damaged)
    result = CliRunner().invoke(main, ["build", "--root", str(root), "--jobs", "1", "--lang", "en"])
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "The disk of “cache.sqlite” reports an error (x). Run this again"
    )


def test_only_errors_of_the_state_have_another_way(tmp_path: Path) -> None:
    options = Options(tmp_path, tmp_path / "public", NOW)
    own = OSError(errno.ENOSPC, "full", str(tmp_path / ".portalgen/media/x"))
    others = [
        OSError(errno.ENOSPC, "full", str(tmp_path / "public/main/x")), OSError(errno.EIO, "x"),
        OSError(errno.EIO, "x", str(tmp_path / "register/x")), ValueError("x"),
    ]  # fmt: skip
    assert is_of_state(own, options)
    for error in others:
        assert not is_of_state(error, options)
        with pytest.raises(type(error)):
            retried(error, options, ())
    options = Options(tmp_path, tmp_path / ".portalgen/serve", NOW)
    assert not is_of_state(
        OSError(errno.ENOSPC, "full", str(tmp_path / ".portalgen/serve/main/x")), options
    )


def test_the_newer_of_two_caches_is_kept(tmp_path: Path) -> None:
    state, spare = tmp_path / "state", tmp_path / "spare"
    for folder, name in ((state, "first"), (spare, "second")):
        cache = Cache(folder / "cache.sqlite")
        cache.set_meta("name", name)
        cache.commit()
        cache.close()
    bring_cache(state, spare, "cache.sqlite")
    assert name_in(spare) == "second"
    cache = Cache(state / "cache.sqlite")
    cache.set_meta("name", "third")
    cache.commit()
    bring_cache(state, spare, "cache.sqlite")  # with what is in its journal alone
    assert name_in(spare) == "third"
    cache.close()


def name_in(folder: Path) -> str:
    database = sqlite3.connect(folder / "cache.sqlite")
    [[name]] = database.execute("SELECT value FROM meta WHERE key='name'").fetchall()
    database.close()
    return str(name)


def test_whatever_else_is_wrong_an_urgent_article_is_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("limits", "pool", "pages.render"):
        monkeypatch.setattr(f"portalgen.{module}.LIMITS", Limits(cpu=1))
    bacha = MEMBER_SETTINGS.replace("Sa Pa", "Bắc Hà")
    root = network(tmp_path, {
        **FILES, "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {{name: may-chu, url: ../dich}}\n",
        "members/sapa/content/tin-tuc/c.md": article("Bài C"),
        "members/bacha/site.yaml": bacha, "members/bacha/content/tin-tuc/d.md": article("Bài D"),
    })  # fmt: skip
    deploy = ["deploy", "may-chu", "--root", str(root), "--lang", "en"]
    with small_disk(root / ".portalgen") as disk:
        assert CliRunner().invoke(main, deploy).exit_code == 0
        fill(disk)
        urgent(root)
        write(root, {
            "members/sapa/templates/article.html": "{% if %}",
            "members/bacha/site.yaml": f"{bacha}hosts: [main.example]\nlạ: 1\n",
            "members/bacha/content/tin-tuc/d.md": article("Bài D", body="**a** **b*" * 20_000),
            "members/bacha/templates/article.html": (
                '{% extends "portal/article.html" %}{% block content %}{% for a in range(9999) %}'
                "{% for b in range(9999) %}{% endfor %}{% endfor %}{% endblock %}"
            ),
        })  # fmt: skip
        done = CliRunner().invoke(main, deploy)
    assert done.exit_code == 3
    assert "members/sapa/templates/article.html:1: " in done.stderr
    assert "members/bacha/site.yaml:" in done.stderr
    assert "members/bacha/content/tin-tuc/d.md: " in done.stderr
    assert "could not be noted here in .portalgen (No space left on device)" in done.stderr
    release = tmp_path / "dich/current"
    assert "Tin khẩn" in (release / "main/index.html").read_text("utf-8")
    assert "Bài C" in (release / "sapa/tin-tuc/c.html").read_text("utf-8")
    assert "Bài D" in (release / "bacha/tin-tuc/d.html").read_text("utf-8")

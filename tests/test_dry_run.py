"""A dry run says what a build would do, and leaves no trace."""

import json
from pathlib import Path

import pytest

from portalgen.dry_run import dry_run
from portalgen.problems import PortalError
from portalgen.report import Options
from tests.commands.calm import stays_calm
from tests.helpers import NOW, article, network, picture, run, tree, write

A, B, C = (f"content/tin-tuc/{name}.md" for name in "abc")
FILES: dict[str, str | bytes | None] = {
    A: article("Bài A", body="Về ruộng.", image="a.jpg"), "content/tin-tuc/a.jpg": picture(30, 20),
    B: article("Bài B"), C: article("Bài C"), "members/sapa/content/tin-tuc/s.md": article("S"),
}  # fmt: skip


def states(root: Path) -> dict[str, tuple[int, bytes]]:
    """Times and contents of all files, but for locks."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def test_it_says_what_the_build_does_and_leaves_no_trace(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, {C: "hỏng", "content/tin-tuc/d.md": article("Bài D")})
    (root / A).rename(root / "content/tin-tuc/moi.md")
    (root / B).unlink()
    before = states(root)
    with dry_run(Options(root, root / "public", NOW)) as (copy, report):
        planned, changes, refused = report.planned, report.changes, report.refused
        assert "sapa/tin-tuc/s.html" not in tree(copy)
    assert states(root) == before
    old = tree(root / "public")
    again = run(root)
    new = tree(root / "public")
    assert (changes, refused) == (again.changes, again.refused)
    assert [(item.code, item.kept) for item in refused] == [
        ("no-front-matter", "article-kept")
    ]  # fmt: skip
    for slug in ("main", "sapa"):
        ours = {n.partition("/")[2]: d for n, d in old.items() if n.startswith(f"{slug}/")}
        theirs = {n.partition("/")[2]: d for n, d in new.items() if n.startswith(f"{slug}/")}
        assert planned[slug].added == sorted(theirs.keys() - ours.keys())
        assert planned[slug].removed == sorted(ours.keys() - theirs.keys())
        assert planned[slug].changed == sorted(
            name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]
        )


def test_where_nothing_was_built_everything_is_new(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    with dry_run(Options(root, root / "public", NOW)) as (_, report):
        assert "index.html" in report.planned["main"].added
        assert not report.new_program
    assert not (root / "public").exists()
    assert not (root / "register").exists()


def test_settings_that_stop_a_build_stop_it_and_leave_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": "titel: x\n"})
    with pytest.raises(PortalError), dry_run(Options(root, root / "public", NOW)):
        pass
    assert [path for path in (root / ".portalgen").iterdir() if path.name != "lock"] == []


def test_what_differs_because_of_the_program_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    stays_calm(root, "build")
    result = stays_calm(root, "build", "--dry-run", "--lang", "en")
    assert (result.exit_code, result.stdout) == (0, "Nothing was written.\n")
    monkeypatch.setattr("portalgen.unchanged.program_digest", lambda: "another")
    monkeypatch.setattr("portalgen.pages.home._BLOCK", 1)
    monkeypatch.setattr("portalgen.pages.contexts.program_digest", lambda: "another")
    monkeypatch.setattr("portalgen.pages.keys.program_digest", lambda: "another")
    result = stays_calm(root, "build", "--dry-run", "--lang", "en", "--json", "x.json")
    assert result.stdout.splitlines() == [
        "main: 0 new files, 1 changed, 0 removed.",
        "The sources are the same: 1 files differ because portalgen is another version, such as "
        "main/index.html.",
        "Nothing was written.",
    ]
    report = json.loads((root / "x.json").read_text("utf-8"))
    assert report["new_program"] is True
    assert report["planned"]["main"] == {"added": [], "changed": ["index.html"], "removed": []}


def test_it_never_waits(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    result = stays_calm(root, "build", "--dry-run", "--wait")
    assert result.exit_code == 2

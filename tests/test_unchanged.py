from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen import unchanged
from portalgen.build import build
from portalgen.changes import snapshot
from portalgen.changes.manifest import find_lost
from portalgen.changes.snapshot import take_snapshot
from portalgen.report import BuildReport, Options
from tests.helpers import MEMBER_SETTINGS, NOW, article, network, tree, write

FILES = {
    "content/tin-tuc/mot.md": article("Một", "2020-01-14 10:00"),
    "content/tin-tuc/hong.md": "---\ntitle: [\n---\n",
    "content/y-te/hen.md": article("Hẹn", "2020-02-01 08:00"),
    "members/sapa/content/y-te/ba.md": article("Ba"),
    "static/tep.txt": "một",
}


@pytest.fixture(autouse=True)
def _files_are_old_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the times of new files, instead of waiting two seconds."""
    monkeypatch.setattr(snapshot, "RACY_NANOSECONDS", -(10**12))


def recall(options: Options) -> BuildReport | None:
    return unchanged.recall(
        options, take_snapshot(options.root), partial(find_lost, options.output)
    )


def built(tmp_path: Path) -> Options:
    root = network(tmp_path, FILES)
    options = Options(root, root / "public", NOW, jobs=1)
    build(options)
    return options


def test_nothing_to_do_is_seen_at_once_and_says_what_stands(tmp_path: Path) -> None:
    options = built(tmp_path)
    full = build(options)
    report = recall(options)
    assert report is not None
    assert report.refused == full.refused != []
    for name in ("sites", "articles", "pages_planned", "files_unchanged", "next_change"):
        assert getattr(report, name) == getattr(full, name), name
    assert (report.pages_rendered, report.files_written, report.files_removed) == (0, 0, 0)


CHANGES: dict[str, Callable[[Path], object]] = {
    "an article": lambda root: write(root, {"content/tin-tuc/mot.md": article("Một sửa")}),
    "a new article": lambda root: write(root, {"content/tin-tuc/hai.md": article("Hai")}),
    "an article gone": lambda root: (root / "members/sapa/content/y-te/ba.md").unlink(),
    "the settings": lambda root: write(
        root, {"members/sapa/site.yaml": MEMBER_SETTINGS + "notice: Mẫu\n"}
    ),
    "a new member": lambda root: write(root, {"members/bac-ha/site.yaml": MEMBER_SETTINGS}),
    "a static file": lambda root: write(root, {"static/tep.txt": "hai"}),
    "a template": lambda root: write(
        root, {"members/sapa/templates/404.html": '{% extends "portal/404.html" %}'}
    ),
    "a theme": lambda root: write(root, {"themes/khac/theme.yaml": "name: khac\n"}),
    "a published file changed": lambda root: write(root, {"public/sapa/index.html": "x"}),
    "a published file gone": lambda root: (root / "public/main/robots.txt").unlink(),
    "a symbolic link": lambda root: (root / "content/y-te/lien.md").symlink_to("hen.md"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changed_is_left_to_the_build(tmp_path: Path, change: str) -> None:
    options = built(tmp_path)
    CHANGES[change](options.root)
    assert recall(options) is None


@pytest.mark.parametrize(
    "options",
    [
        {"drafts": True},
        {"sites": ("sapa",)},
        {"use_cache": False},
        {"strict": True},  # with a refused file
        {"now": NOW - 1},
        {"now": 1_580_518_800},  # the scheduled article is due
        {"now": NOW + 30 * 3600},  # an article leaves the news sitemap
    ],
)  # fmt: skip
def test_another_question_is_left_to_the_build(tmp_path: Path, options: dict[str, object]) -> None:
    asked = built(tmp_path)
    assert recall(asked) is not None
    assert recall(replace(asked, **options)) is None


def test_a_source_that_went_back_after_a_kill_is_not_mistaken_for_unchanged(tmp_path: Path) -> None:
    options = built(tmp_path)
    before = tree(options.output)
    file = options.root / "content/tin-tuc/mot.md"
    text = file.read_bytes()
    file.write_bytes(article("Một sửa").encode())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unchanged, "remember", killed)
        with pytest.raises(KeyboardInterrupt):
            build(options)
    assert tree(options.output) != before
    file.write_bytes(text)
    assert recall(options) is None
    build(options)
    assert tree(options.output) == before


def test_times_of_files_changed_just_now_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = built(tmp_path)
    monkeypatch.setattr(snapshot, "RACY_NANOSECONDS", 10**12)
    assert recall(options) is None


def test_a_draft_that_expires_is_left_to_the_build(tmp_path: Path) -> None:
    draft = article("Nháp", "2020-01-14 10:00", draft="true", expires="2020-01-15 09:00")
    root = network(tmp_path, {"content/tin-tuc/nhap.md": draft})
    options = Options(root, root / "public", NOW, drafts=True, jobs=1)
    build(options)
    assert recall(options) is not None
    later = replace(options, now=NOW + 3600)
    assert recall(later) is None
    build(later)
    assert not (root / "public/main/tin-tuc/nhap.html").exists()

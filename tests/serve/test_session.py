"""What is shown between a save and the end of the next build."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from portalgen.build import build
from portalgen.report import Options
from portalgen.serve import session as sessions
from portalgen.serve.preview import Preview
from portalgen.serve.session import Note, Session
from tests.helpers import NOW, article, network, write
from tests.serve.serving import complete

A = "content/tin-tuc/a.md"
PAGE = "tin-tuc/a.html"


class Watched(Session):
    """A session of a built network, which keeps what it tells pages."""

    notices: list[str]

    def act(self, *saves: tuple[str, ...]) -> None:
        """Save files one group after the other."""

        async def run() -> None:
            for paths in saves:
                await self.save(paths)
            if self._resume_timer:
                self._resume_timer.cancel()

        complete(run())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = network(tmp_path, {
        "site.yaml": (network(tmp_path, {}) / "site.yaml").read_text("utf-8") + "theme: x\n",
        "themes/x/theme.yaml": "name: x\nextends: portal\n", "themes/x/assets/x.css": "a{}",
        A: article("Tựa cũ"), "content/tin-tuc/b.md": article("B"),
    })  # fmt: skip
    assert not build(Options(root, root / "public", NOW, jobs=1, drafts=True)).refused
    return root


@pytest.fixture
def session(root: Path) -> Iterator[Watched]:
    notices: list[str] = []
    options = Options(root, root / "public", NOW, jobs=1, drafts=True)
    opened = Watched(
        options, "en", lambda: notices.append("change"), notices.append, lambda report: None
    )
    opened.notices = notices
    opened._preview = Preview(options)
    yield opened
    opened.stop()


def shown(session: Session, route: str = PAGE) -> str:
    return session.content("main", route)[1].decode()


def test_what_was_built_is_shown_and_the_error_page_else(session: Watched) -> None:
    assert session.content("main", PAGE)[0] == 200
    status, page = session.content("main", "khong-co.html")
    assert status == 404
    assert "Không tìm thấy trang" in page.decode()
    assert session.content("khong-co", "a.html") == (404, b"")
    assert session.is_folder("main", "tin-tuc")
    assert not session.is_folder("main", PAGE)


def test_a_saved_article_is_shown_before_any_build(root: Path, session: Watched) -> None:
    write(root, {A: article("Tựa mới")})
    session.act((A,))
    assert "<h1>Tựa mới</h1>" in shown(session)
    assert session.notices == ["change"]
    assert "<h1>Tựa cũ</h1>" in (root / "public/main" / PAGE).read_text("utf-8")


def test_a_mistake_is_noted_until_it_is_mended_and_the_page_stays(
    root: Path, session: Watched
) -> None:
    assert "Tựa cũ" in shown(session)
    write(root, {A: "---\ntitle: Tựa\n---\n"})
    session.act((A,))
    [note] = session.notes
    assert (note.path, note.place) == (A, f"{A}:2:1")
    assert note.message.startswith("The article has no `date`.")
    assert "Tựa cũ" in shown(session)
    session.act((A,))  # the same is told once
    write(root, {A: article("Tựa mới")})
    session.act((A,))
    assert session.notes == []
    assert session.notices == ["problems", "change", "change", "problems", "change"]


def test_the_last_good_page_stays_only_while_something_is_wrong(
    root: Path, session: Watched
) -> None:
    assert "Tựa cũ" in shown(session)
    (root / "public/main" / PAGE).unlink()
    session.notes = [Note(1, A, A, "Wrong.")]
    assert "Tựa cũ" in shown(session)
    session.notes = []
    assert session.content("main", PAGE)[0] == 404


def test_a_saved_style_is_shown_under_its_old_address(root: Path, session: Watched) -> None:
    [file] = (root / "public/main/assets").glob("x.*.css")
    address = f"assets/{file.name}"
    assert session.is_lasting("main", address)
    write(root, {"themes/x/assets/x.css": "b{}"})
    session.act(("themes/x/assets/x.css",))
    assert shown(session, address) == "b{}"
    assert not session.is_lasting("main", address)
    assert session.notices == ["style.css"]


def test_an_asset_is_found_by_an_address_of_an_earlier_build(session: Watched) -> None:
    assert shown(session, "assets/x.00000000.css") == "a{}"
    assert session.content("main", "assets/khong-co.00000000.css")[0] == 404


@pytest.mark.parametrize("route", ["../sapa/index.html", "../../site.yaml", "a\0b", "a" * 5000])
def test_nothing_is_read_outside_the_folder_of_a_site(session: Watched, route: str) -> None:
    assert session.content("main", route)[0] == 404


def test_more_than_a_few_articles_at_once_are_left_to_the_build(
    root: Path, session: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_MAX_PREVIEWS", 1)
    write(root, {A: article("Tựa mới"), "content/tin-tuc/b.md": article("B mới")})
    session.act((A, "content/tin-tuc/b.md"))
    assert "Tựa cũ" in shown(session)
    session.act((A,))
    assert "Tựa mới" in shown(session)


def test_a_save_of_nothing_begins_no_build(session: Watched) -> None:
    session.act(())
    assert not session._build_due.is_set()
    session.act(("site.yaml",))
    assert session._build_due.is_set()


def run_build(
    session: Watched, report: dict[str, Any], during: Callable[[], Awaitable[None]]
) -> None:
    """Finish a build with this report; `during` happens while it runs."""

    async def run() -> None:
        ending = Event()

        def wait_and_report() -> dict[str, Any]:
            ending.wait()
            return {"seconds": 1.0, **report}

        session._run = wait_and_report  # type: ignore[method-assign]
        task = asyncio.create_task(session._build())
        await asyncio.sleep(0)  # so that it begins
        await during()
        ending.set()
        await task
        if session._resume_timer:
            session._resume_timer.cancel()

    complete(run())


def refused(path: str, message: str) -> dict[str, Any]:
    return {"path": path, "line": 2, "column": 0, "code": "x", "message": message}


async def nothing() -> None:
    """Nothing happens meanwhile."""


def test_a_build_takes_the_place_of_what_was_shown_before_it(root: Path, session: Watched) -> None:
    write(root, {A: article("Tựa mới")})
    session.act((A,))
    session.notes = [Note(1, "b.md", "b.md:1", "Old.")]
    run_build(
        session, {"done": True, "refused": [refused("c.md", "New.")], "warnings": []}, nothing
    )
    assert session.built
    assert [(note.place, note.message) for note in session.notes] == [("c.md:2", "New.")]
    assert "Tựa cũ" in shown(session)  # what stands in the output, though this build wrote nothing


def test_what_was_saved_during_a_build_is_newer_than_its_result(
    root: Path, session: Watched
) -> None:
    async def save() -> None:
        write(root, {A: article("Tựa mới")})
        await session.save([A])

    run_build(session, {"done": True, "refused": [], "warnings": []}, save)
    assert "Tựa mới" in shown(session)


def test_a_build_that_failed_leaves_what_is_shown(root: Path, session: Watched) -> None:
    write(root, {A: article("Tựa mới")})
    session.act((A,))
    run_build(
        session,
        {"done": False, "refused": [refused("site.yaml", "Wrong.")], "warnings": []},
        nothing,
    )
    assert not session.built
    assert "Tựa mới" in shown(session)
    assert [note.place for note in session.notes] == ["site.yaml:2"]


def test_what_readers_do_not_get_of_a_saved_article_is_told(root: Path, session: Watched) -> None:
    write(root, {A: article("Tựa mới", body="Chữ.\n\n![x](khong-co.jpg)")})
    session.act((A,))
    assert "Tựa mới" in shown(session)
    assert [(note.path, note.place) for note in session.notes] == [(A, f"{A}:7:6")]
    write(root, {A: article("Tựa mới")})
    session.act((A,))
    assert session.notes == []

"""What became of pages, through a real nginx, also with the configuration of before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import MAIN_SETTINGS, article, grants, network, run, write
from tests.real.nginx import Client, free_port, release, running, switch, written

A, B, PDF = "content/tin-tuc/a.md", "content/tin-tuc/b.md", "content/tin-tuc/don.pdf"
BACHA = "members/bacha/content/tin-tuc/h.md"
FILES: dict[str, str | bytes | None] = {
    A: article("Bài A", body="Xem [đơn](don.pdf)."), PDF: b"%PDF-1.4 1",
    B: article("Bài B", tags="[ruộng]"), "content/y-te/c.md": article("Bài C", tags="[ruộng]"),
    "members/bacha/site.yaml": "title: Bắc Hà\n", BACHA: article("Chợ phiên", body="Ở Bắc Hà."),
    "static/cu.txt": "tệp", "members/sapa/content/tin-tuc/s.md": article("Sa Pa"),
}  # fmt: skip
HOST, SAPA = "tinh.example", "sapa.tinh.example"
BACHA_HOST = "bacha.tinh.example"


def delete(root: Path) -> None:
    for path in (B, PDF, "static/cu.txt"):
        (root / path).unlink()
    write(root, {A: article("Bài A", body="Hết.")})


def rename(root: Path) -> None:
    (root / A).rename(root / "content/y-te/moi.md")
    (root / B).rename(root / "members/sapa/content/tin-tuc/sang.md")
    (root / PDF).rename(root / "content/y-te/don.pdf")


def permalink(root: Path) -> None:
    write(root, {"site.yaml": MAIN_SETTINGS + "permalink: /{year}/{slug}.html\n"})


def move_host(root: Path) -> None:
    write(root, {"site.yaml": MAIN_SETTINGS.replace(HOST, "moi.example")})


def merge(root: Path) -> None:
    """The office of Bắc Hà becomes part of Sa Pa, with one of its articles under another name."""
    (root / BACHA).rename(root / "members/sapa/content/tin-tuc/tu-bac-ha.md")
    write(root, {"site.yaml": MAIN_SETTINGS + grants(bacha="successor: sapa")})


Answers = dict[tuple[str, str], tuple[int, str]]  # status, and where it leads, by host and path
STEPS: dict[str, tuple[Callable[[Path], None], Answers]] = {
    "delete": (delete, {
        (HOST, "/tin-tuc/a.html"): (200, ""), (HOST, "/tin-tuc/b.html"): (410, ""),
        (HOST, "/tin-tuc/b.html?x=1"): (410, ""), (HOST, "/cu.txt"): (410, ""),
        (HOST, "/tag/ruong.html"): (301, "https://tinh.example/so-do-cong.html"),
    }),
    "rename": (rename, {
        (HOST, "/tin-tuc/a.html"): (301, "https://tinh.example/y-te/moi.html"),
        (HOST, "/tin-tuc/b.html"): (301, "https://sapa.tinh.example/tin-tuc/sang.html"),
        (HOST, "/y-te/moi.html"): (200, ""), (SAPA, "/tin-tuc/sang.html"): (200, ""),
    }),
    "permalink": (permalink, {
        (HOST, "/tin-tuc/a.html"): (301, "https://tinh.example/2020/a.html"),
        (HOST, "/2020/a.html"): (200, ""),
    }),
    "host": (move_host, {
        (HOST, "/tin-tuc/a.html?x=1"): (301, "https://moi.example/tin-tuc/a.html?x=1"),
        (HOST, "/"): (301, "https://moi.example/"), ("moi.example", "/"): (200, ""),
        (SAPA, "/"): (301, "https://sapa.moi.example/"),
    }),
    "merge": (merge, {
        (BACHA_HOST, "/tin-tuc/h.html"): (301, "https://sapa.tinh.example/tin-tuc/tu-bac-ha.html"),
        (BACHA_HOST, "/tin-tuc/s.html"): (301, "https://sapa.tinh.example/tin-tuc/s.html"),
        (BACHA_HOST, "/khong-co.html"): (301, "https://sapa.tinh.example/"),
        (SAPA, "/tin-tuc/tu-bac-ha.html"): (200, ""),
    }),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_each_address_answers_with_the_map_of_before_and_with_its_own(
    tmp_path: Path, step: str
) -> None:
    change, answers = STEPS[step]
    root = network(tmp_path, FILES)
    run(root)
    port, current = free_port(), tmp_path / "current"

    def configuration() -> str:
        file = tmp_path / "portal.conf"
        assert written(root, "--document-root", str(current), "--listen", f"127.0.0.1:{port}",
                       "--output", str(file), "--access-log", "off").exit_code == 0  # fmt: skip
        return file.read_text("utf-8")

    before = configuration()
    media = next((root / "public/main/media").glob("*.pdf")).name
    change(root)
    assert run(root).refused == []
    release(root / "public", tmp_path / "releases/1")
    switch(current, tmp_path / "releases/1")
    if step == "delete":
        answers = answers | {(HOST, f"/media/{media}"): (410, "")}
    for text, is_own in ((before, False), (configuration(), True)):
        if step in ("host", "merge") and not is_own:
            continue  # who has a new host, or closes one, writes a new configuration
        with running(tmp_path, text, port):
            client = Client(port)
            for (host, path), (status, target) in answers.items():
                answer = client.ask(host, path)
                if answer.status == 200 and status == 301 and not is_own:
                    assert f"url={target}".encode() in answer.text()  # the page that leads on
                    continue
                assert (answer.status, answer["Location"]) == (status, target), (path, is_own)
                if status == 410 and path.endswith(".html"):
                    assert b"noindex" in answer.text()
            client.close()

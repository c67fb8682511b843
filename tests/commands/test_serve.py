import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.problems import Words
from portalgen.report import Options
from portalgen.serve import server
from tests.helpers import network
from tests.serve.serving import free_port


def run(root: Path, *arguments: object) -> Result:
    words = ["serve", "--root", root, "--lang", "en", *arguments]
    return CliRunner().invoke(main, [*map(str, words)])


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options of servers, which report two builds and are interrupted."""
    collected: list[Options] = []

    def serve(
        options: Options, host: str, port: int, words: Words,
        on_report: Callable[[dict[str, Any]], None], ready: Callable[[], None],
    ) -> None:  # fmt: skip
        collected.append(options)
        ready()
        item = {"path": "a.md", "line": 3, "column": 0, "message": "Wrong."}
        on_report({"done": True, "files_written": 7, "seconds": 0.5, "sites": 2, "refused": []})
        on_report({"done": False, "refused": [item] * 9})
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "serve", serve)
    return collected


def test_a_server_shows_drafts_from_a_folder_of_its_own(
    tmp_path: Path, options: list[Options]
) -> None:
    run(tmp_path, "--site", "sapa", "--site", "main")
    [own] = options
    assert own.drafts
    assert (own.output, own.sites) == (tmp_path / ".portalgen/serve", ("sapa", "main"))
    assert own.output.parent.is_dir()


def test_builds_are_told_with_their_time_and_at_most_five_problems(
    tmp_path: Path, options: list[Options]
) -> None:
    result = run(tmp_path, "--port", 8123)
    ready, built = result.stdout.splitlines()[:2]
    assert ready.startswith("Serving at http://localhost:8123/, each member at ")
    assert built[8:] == " 2 sites, 7 new files, in 0.5 s."
    assert [line[8:] for line in result.stderr.splitlines()] == [" a.md:3: Wrong."] * 5


def test_who_lets_others_in_is_warned(tmp_path: Path, options: list[Options]) -> None:
    warning = "Warning: with --host 0.0.0.0, everyone who can reach this machine sees drafts, too."
    assert warning in run(tmp_path, "--host", "0.0.0.0").stderr
    for host in ("127.0.0.1", "::1", "localhost"):
        assert "Warning" not in run(tmp_path, "--host", host).stderr


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = run(network(tmp_path, {}), "--port", port)
    assert result.exit_code == 1
    assert f"Choose another with --port {port + 1}." in result.output

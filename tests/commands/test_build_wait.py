import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from portalgen.cli import main
from tests.helpers import article, network
from tests.serve.serving import until


def test_an_article_appears_when_it_is_due_and_not_before(tmp_path: Path) -> None:
    due = datetime.now(UTC) + timedelta(seconds=4)
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Đã đăng"),
        "content/tin-tuc/b.md": article("Hẹn giờ", f"{due:%Y-%m-%dT%H:%M:%SZ}"),
    })  # fmt: skip
    command = [sys.executable, "-m", "portalgen", "build", "--wait", "--root", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    page = root / "public/main/tin-tuc/b.html"
    try:
        until((root / "public/main/tin-tuc/a.html").is_file)
        assert datetime.now(UTC) >= due or not page.exists()
        until(page.is_file)
        assert datetime.now(UTC) >= due.replace(microsecond=0)
    finally:
        process.kill()
        process.wait()


def test_one_cannot_wait_at_a_moment_of_the_past(tmp_path: Path) -> None:
    arguments = ["build", "--wait", "--now", "2020-01-15 08:00", "--root", str(tmp_path)]
    assert CliRunner().invoke(main, arguments).exit_code == 2

"""Commands in this process, which end as documented whatever the files hold."""

import gc
import os
from pathlib import Path

from click.testing import CliRunner, Result

from portalgen.cli import main

THEMES = Path(__file__).resolve().parents[2] / "themes"
NO_FRONT = "1:1: Bài viết phải bắt đầu bằng dòng `---`, rồi các dòng như `title: …`, rồi `---`."


def portalgen(root: Path, *arguments: str) -> Result:
    """Run a command in the folder of the network, at a fixed time."""
    before = Path.cwd()
    os.chdir(root)
    try:
        command, *more = arguments
        moment = () if "--now" in more else ("--now", "2020-01-15 08:00")
        return CliRunner().invoke(main, [command, "--jobs", "1", *moment, *more])
    finally:
        os.chdir(before)
        gc.enable()  # which a build turns off


def stays_calm(root: Path, *arguments: str) -> Result:
    """Assert a documented exit code, no traceback and no absolute path, whatever the files hold."""
    result = portalgen(root, *arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2, 3)
    assert "Traceback" not in result.output
    assert str(root) not in result.output
    assert str(THEMES) not in result.output
    assert bool(result.stderr) == (result.exit_code != 0)
    return result

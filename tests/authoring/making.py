"""`portalgen new network`, also with a list of members."""

from pathlib import Path

from click.testing import CliRunner, Result

from portalgen.cli import main


def make(folder: Path, *arguments: str) -> Result:
    """Run `portalgen new network` without a terminal."""
    return CliRunner().invoke(main, ["new", "network", str(folder), *arguments])


def listed(folder: Path, rows: str | bytes) -> Path:
    """Write a list of members; return its file."""
    file = folder / "list.csv"
    file.write_bytes(rows.encode() if isinstance(rows, str) else rows)
    return file

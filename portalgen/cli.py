"""The command line; commands are imported on demand from `commands/`."""

import io
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module

import click

from portalgen import __version__

# Name on the command line → module in `commands/`.
COMMANDS = {
    "build": "build",
    "serve": "serve",
    "check": "check",
    "new": "new",
    "import": "import_",
    "deploy": "deploy",
    "releases": "releases",
    "nginx": "nginx",
    "verify": "verify",
    "status": "status",
    "explain": "explain",
    "addresses": "addresses",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = import_module(f"portalgen.commands.{COMMANDS[name]}").command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="portalgen")
def main() -> None:
    """Build a network of static portals from Markdown articles and a shared theme."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = output_encoding(os.name, stream.isatty(), os.environ)
            stream.reconfigure(encoding=encoding, errors="replace")


def output_encoding(system: str, terminal: bool, environment: Mapping[str, str]) -> str | None:
    """The encoding of output, None for the one it has; code pages of Windows lack Vietnamese."""
    replaceable = system == "nt" and not terminal and "PYTHONIOENCODING" not in environment
    return "utf-8" if replaceable else None


def run() -> None:
    """Run `main`, and exit without freeing memory: that takes a tenth of a small build."""
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except OSError as error:  # such as a full disk
        code = 1
        with suppress(OSError):
            click.echo(error.strerror, err=True)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):  # such as a closed pipe
            stream.flush()
    os._exit(code)

"""`python -m portalgen`."""

from portalgen.cli import run

run()

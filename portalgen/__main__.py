"""`python -m portalgen`."""

from portalgen.cli import run

if __name__ == "__main__":
    run()

"""What `portalgen deploy` says of a deployment: printed, as JSON, and what is new in it."""

import time
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from portalgen.commands.common import MAX_PRINTED, write_json
from portalgen.deploy.addresses import lacking, mentions
from portalgen.deploy.deploy import Deployment
from portalgen.deploy.history import record_deployed
from portalgen.deploy.release import ALL, Pin
from portalgen.deploy.releases import Deployed
from portalgen.problems import Problem, Words, printable
from portalgen.settings import routes
from portalgen.settings.network import MAIN, Network
from portalgen.text import local_time


def pin_text(words: Words, zone: tzinfo, target: str, slug: str, pin: Pin) -> str:
    """What holds a target, or one of its sites, in place, since when, and how to end it."""
    code = "pinned-all" if slug == ALL else "pinned-site"
    moment = local_time(pin.since, words.language, zone)
    return words(
        code, target=target, site=slug, release=pin.release, moment=moment, by=printable(pin.by)
    )


class Outcome:
    """The outcome of a run of `deploy`, of which `deployed` comes first."""

    deployed: Deployed

    def __init__(self, words: Words, target: str, network: Network, output: Path):
        self._words, self._target, self._network, self._output = words, target, network, output
        self.refused: list[Problem] = []
        self.next_change = 0
        self._purged: list[str] = []
        self._mentions: list[tuple[str, str]] = []
        self._lacking: dict[str, list[str]] = {}

    def purge(self, deployment: Deployment, paths: Mapping[str, Iterable[str]]) -> None:
        """Remove what holds these routes, by site, and look for texts that still name them."""
        self._purged = deployment.purge(paths)
        gone = {
            slug: [route for route in some if not self._stands(slug, route)]
            for slug, some in paths.items()
        }
        # The page that tells readers that something was taken away may name its own address.
        self._mentions = [pair for pair in mentions(self._output, gone) if pair[0] != pair[1]]

    def _stands(self, slug: str, route: str) -> bool:
        """Whether there is more at a route than the page that says that it was taken away."""
        folder = self._output / slug
        is_gone = (folder / routes.gone_marker(route)).is_file()
        return (folder / route).is_file() and not is_gone

    def record(self, quiet: bool, json_file: Path | None, back: bool) -> None:
        """Record the deployment, write its report, and print what is new if it is to be quiet."""
        self._lacking = {slug: self._lacking_of(slug) for slug in self.deployed.held}
        lines = {
            "refused": [problem.describe(self._words.language) for problem in self.refused],
            "pinned": self._pin_texts(),
            "findings": [finding.describe(self._words) for finding in self.deployed.findings],
        }
        seen = None if back else [line for some in lines.values() for line in some]
        state, now = self._network.state, int(time.time())
        try:
            new = record_deployed(state, self._target, self.deployed.release, now, seen)
        except OSError as error:  # it is shown; only what is remembered of it here is not
            new = seen or []
            click.echo(
                self._words("history-failed", reason=printable(str(error.strerror))), err=True
            )
        if quiet:
            for line in new:
                click.echo(line, err=True)
        if json_file:
            report = self._as_json()
            report["new"] = {
                kind: [line for line in some if line in new] for kind, some in lines.items()
            }
            write_json(json_file, report, self._words)

    def needs_attention(self, back: bool) -> bool:
        """Whether something was refused, damaged, or is held in place by an earlier rollback."""
        damaged = any(f.is_damage or f.kind == "foreign" for f in self.deployed.findings)
        held = bool(self.deployed.release.pins)
        return bool(self.refused or self._mentions or (not back and (damaged or held)))

    def print(self, back: bool, seconds: str) -> None:
        """Print what was done, and what needs attention."""
        words, deployed, release = self._words, self.deployed, self.deployed.release
        findings = [finding.describe(words) for finding in deployed.findings]
        self._print_some(findings)
        if any(finding.is_damage for finding in deployed.findings):
            code = "rollback-passed-over" if back else "deploy-damaged"
            click.echo(words(code, target=self._target, count=len(findings)), err=True)
        for line in self._pin_texts():
            click.echo(line, err=True)
        for slug, addresses in self._lacking.items():
            if addresses:
                click.echo(words("pin-lacks", site=slug, count=len(addresses)), err=True)
                self._print_some(addresses)
        for text, path in self._mentions:
            click.echo(words("purge-mentioned", path=path, text=text), err=True)
        if deployed.unsigned:
            click.echo(words("release-unsigned"), err=True)
        if deployed.leftover:
            click.echo(words("releases-leftover", reason=printable(deployed.leftover)), err=True)
        values = {
            "target": self._target, "release": release.id, "sites": len(release.trees),
            "files": deployed.files, "megabytes": f"{deployed.bytes / 1e6:.1f}",
            "seconds": seconds, "of": release.of,
        }  # fmt: skip
        code = "deployed-pinned" if deployed.pinned else "deployed-same" if deployed.same else (
            "rolled-back" if back and release.of else "rolled-back-site" if back else "deployed"
        )  # fmt: skip
        click.echo(words(code, **values))
        if self._purged:
            click.echo(words("purged", count=len(self._purged), releases=", ".join(self._purged)))

    def _as_json(self) -> dict[str, Any]:
        deployed, release = self.deployed, self.deployed.release
        return {
            "target": self._target, "release": release.id, "of": release.of,
            "next_change": self.next_change or None, "time": release.time, "by": release.by,
            "sites": len(release.trees),
            "same": deployed.same, "files": deployed.files, "bytes": deployed.bytes,
            "changed": {
                change.slug: {
                    "added": change.added, "changed": change.changed, "removed": change.removed,
                }
                for change in deployed.changes
                if change.added or change.changed or change.removed
            },
            "pinned": to_builtins(release.pins),
            "lacking": {slug: addresses for slug, addresses in self._lacking.items() if addresses},
            "findings": to_builtins(deployed.findings),
            "purged": self._purged,
            "unsigned": deployed.unsigned,
            "leftover": deployed.leftover,
            "kept": [],
            "refused": [problem.as_json(self._words.language) for problem in self.refused],
        }  # fmt: skip

    def _lacking_of(self, slug: str) -> list[str]:
        """The addresses that the main portal links to and a site held in place does not have."""
        site = next((site for site in self._network.sites if site.slug == slug), None)
        if not site or slug == MAIN:
            return []
        return lacking(self._output / MAIN, site.base_url, self.deployed.held[slug])

    def _pin_texts(self) -> list[str]:
        pins = sorted(self.deployed.release.pins.items())
        zone = self._network.main.zone
        return [pin_text(self._words, zone, self._target, slug, pin) for slug, pin in pins]

    def _print_some(self, lines: list[str]) -> None:
        for line in lines[:MAX_PRINTED]:
            click.echo(line, err=True)
        if len(lines) > MAX_PRINTED:
            click.echo(self._words("verify-more", count=len(lines) - MAX_PRINTED), err=True)

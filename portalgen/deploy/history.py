"""What was deployed from here, by target: for `status`, for what is new, and for `verify`."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import ValidationError, convert
from msgspec.structs import asdict

from portalgen.deploy.release import Pin, Release, is_id, release_from

_COPIES = 100  # of records, for each target


def read_deployed(state: Path) -> dict[str, dict[str, Any]]:
    """The last deployments from here, by target: `release`, `at`, `pins`, and what was `seen`.

    `state` is the folder of what the program remembers of a network. Raises `OSError`.
    """
    try:
        deployed = json.loads((state / "deployed.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(deployed, dict):
        return {}
    return {target: values for target, values in deployed.items() if isinstance(values, dict)}


def record_deployed(
    state: Path, target: str, release: Release, at: int, seen: Iterable[str] | None = None
) -> list[str]:
    """Record what a target shows and what was said of it; return what is new in that.

    The record of the release is kept, too: who verifies from outside needs it. Without `seen`,
    that of the last time stays.
    """
    deployed = read_deployed(state)
    before = deployed.get(target, {})
    last = before.get("seen")
    last = last if isinstance(last, list) else []
    now = sorted(set(last if seen is None else seen))
    pins = {site: asdict(pin) for site, pin in release.pins.items()}
    if before.get("release") == release.id and isinstance(before.get("at"), int):
        at = before["at"]
    values = {"release": release.id, "at": at, "pins": pins, "seen": now}
    if values != before:
        _write(state / "deployed.json", json.dumps({**deployed, target: values}, indent=1))
        folder = state / "releases" / target
        _write(folder / f"{release.id}.json", release.to_bytes().decode())
        copies = sorted(file for file in folder.glob("*.json") if is_id(file.stem))
        for file in copies[:-_COPIES]:
            file.unlink(missing_ok=True)
    return [item for item in now if item not in last]


def kept_record(state: Path, name: str) -> Release | None:
    """The record of a release that was deployed from here."""
    for file in (state / "releases").glob(f"*/{name}.json") if is_id(name) else ():
        return release_from(file.read_bytes())
    return None


def pins_of(values: Mapping[str, Any]) -> dict[str, Pin]:
    """The pins in a target's values of `read_deployed`, by site."""
    with suppress(ValidationError):
        return convert(values.get("pins", {}), dict[str, Pin])
    return {}


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.rstrip() + "\n", encoding="utf-8", newline="\n")

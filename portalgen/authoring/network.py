"""Make a new network: a main portal, its first pages, and the members of a list."""

import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from portalgen.authoring.member_list import Member, kind_slug
from portalgen.authoring.new import checked_title, fill_archetype, new_member, yaml_text
from portalgen.problems import PortalError, problem
from portalgen.settings.network import load_network
from portalgen.settings.site import SETTINGS_FILE

# The files of a new network beside its settings, and the archetype of each.
_FILES = {
    "README.md": "network/README.md",
    "content/tin-tuc/bai-dau-tien.md": "network/first.md",
    "content/gioi-thieu.md": "member/gioi-thieu.md",
    "content/lien-he.md": "member/lien-he.md",
}
# The register is not kept in Git: two copies would get into conflict, which targets do not.
_GITIGNORE = b"""\
/public/
/.portalgen/
# What has been published, at which addresses: every target has a copy, back this folder up, too.
/register/
"""
_MAX_LISTED = 5  # files named of a folder that is not empty


def new_network(
    folder: Path, title: str, language: str, members: Sequence[Member], now: datetime
) -> None:
    """Make a network in a new or empty folder, completely or not at all."""
    title = checked_title(title)
    check_empty(folder)
    target = Path(os.path.realpath(folder))  # keeps a link to an empty folder
    exists = target.is_dir()
    parent = target if exists else target.parent
    parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(mkdtemp(prefix=".", dir=parent))
    try:
        root = scratch / "network"
        _make(root, title, language, members, now)
        if exists:
            _move_into(root, target)
        else:
            os.rename(root, target)
    finally:
        shutil.rmtree(scratch)


def check_empty(folder: Path) -> None:
    """Raise `PortalError` if `folder` exists and is not an empty folder."""
    path = folder.as_posix()
    if folder.is_dir():
        names = sorted(entry.name for entry in os.scandir(folder))
        if names:
            more = ["…"] if len(names) > _MAX_LISTED else []
            files = ", ".join(names[:_MAX_LISTED] + more)
            raise PortalError([problem("folder-not-empty", path, files=files)])
    elif os.path.lexists(folder):
        raise PortalError([problem("already-there", path)])


def _make(root: Path, title: str, language: str, members: Sequence[Member], now: datetime) -> None:
    kinds: dict[str, str] = {}
    for member in members:
        if member.kind:
            kinds.setdefault(kind_slug(member.kind), checked_title(member.kind))
    groups = [f"\n  - slug: {slug}\n    title: {yaml_text(kinds[slug])}" for slug in kinds]
    values = {"title": yaml_text(title), "kinds": "".join(["\nkinds:", *groups] if groups else [])}
    root.mkdir()
    (root / SETTINGS_FILE).write_bytes(
        fill_archetype(root, language, f"network/{SETTINGS_FILE}", values)
    )
    network = load_network(root)
    date = f"{now.astimezone(network.main.zone):%Y-%m-%d %H:%M}"
    for name, archetype in _FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(
            fill_archetype(root, language, archetype, {"heading": title, "date": date})
        )
    (root / ".gitignore").write_bytes(_GITIGNORE)
    for member in members:
        new_member(network, member.title, member.slug, kind_slug(member.kind))


def _move_into(root: Path, target: Path) -> None:
    """Move everything from `root` into an empty folder; the settings last, to complete it."""
    moved: list[str] = []
    try:
        for name in sorted(os.listdir(root), key=lambda name: name == SETTINGS_FILE):
            os.rename(root / name, target / name)
            moved.append(name)
    except OSError:
        for name in moved:
            os.rename(target / name, root / name)
        raise

"""Members: each with its own settings, or with those of its last build while they are wrong."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import sources
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.inherit import Values, new_site, read_values, with_own
from portalgen.settings.site import SETTINGS_FILE, SITE_FIELDS, Site
from portalgen.settings.tokens import Tokens, theme_problems

MAIN = "main"
MAX_MEMBER_NAME = 200  # characters; staged files are named after the member


class Common(Struct, frozen=True):
    """What members are read against: the root file's values and `kinds`, and themes' tokens."""

    root: Path
    shared: Values
    kinds: tuple[str, ...]
    tokens_of: Callable[[str], Tokens | None]


class Member(Struct, frozen=True):
    """A member; without a `site` it is left out.

    `text` is the `site.yaml` in use, which `is_held` from its last build; `problems` say why.
    """

    slug: str
    text: str = ""
    site: Site | None = None
    is_held: bool = False
    problems: list[Problem] = field(default_factory=list)

    def refusals(self) -> Iterator[Problem]:
        """The problems of the member, with what readers get meanwhile."""
        for item in self.problems:
            yield item._replace(site=self.slug, kept="settings-kept" if self.is_held else "")


def load_member(slug: str, common: Common, held: str | None) -> Member:
    """A member by its own file, else by the text that is `held`."""
    problems = Problems()
    text = read_own(common.root, f"members/{slug}/{SETTINGS_FILE}", problems)
    site = None if problems.items else _read(slug, text, common, problems)
    if site:
        return Member(slug, text, site)
    return fall_back(Member(slug, problems=problems.items), common, held)


def fall_back(member: Member, common: Common, held: str | None) -> Member:
    """The member by the text that is `held`; left out if that is refused, too."""
    if held is not None and not member.is_held:
        site = _read(member.slug, held, common, Problems())
        if site:
            # Lines of the held text are none of the file's.
            places = {
                key: (path, 0, 0) if path == site.settings_path else (path, line, column)
                for key, (path, line, column) in site.places.items()
            }
            return Member(member.slug, held, replace(site, places=places), True, member.problems)
    return Member(member.slug, problems=member.problems)


def read_own(root: Path, path: str, problems: Problems) -> str:
    """The text of a settings file; empty after a problem."""
    try:
        os.stat(root / path)
    except (FileNotFoundError, NotADirectoryError):
        problems.add(problem("no-settings", path))
        return ""
    except OSError:
        pass  # told when it is read: what cannot be looked at is not missing
    text = sources.read(root / path, path)
    if isinstance(text, Problem):
        problems.add(text)
        return ""
    return text


def _read(slug: str, text: str, common: Common, problems: Problems) -> Site | None:
    """The site by the text of its settings; None after a problem."""
    folder = f"members/{slug}"
    own = read_values(text, f"{folder}/{SETTINGS_FILE}", SITE_FIELDS, problems)
    site = new_site(slug, folder, with_own(common.shared, own), problems)
    if site and not problems.items:
        problems.extend(site_problems(site, common))
    return None if problems.items else site


def site_problems(site: Site, common: Common) -> Iterator[Problem]:
    """What is wrong with values that were read: kinds, slugs, the theme and its tokens."""
    kinds = common.kinds
    if site.folder and kinds and site.kind and site.kind not in kinds:
        known = ", ".join(kinds)
        yield site.problem("kind", "unknown-kind", kind=site.kind, known=known)
    for key, items in (("sections", site.sections), ("topics", site.topics)):
        slugs = [item.slug for item in items]
        for slug in sorted({slug for slug in slugs if slugs.count(slug) > 1}):
            yield site.problem(key, "same-slug", slug=slug)
    yield from theme_problems(common.root, site, common.tokens_of)


def find_members(root: Path, problems: Problems) -> tuple[list[str], set[str]]:
    """The slugs of member folders, and of those that lead out of the network."""
    folder = root / "members"
    slugs: list[str] = []
    outside: set[str] = set()
    for entry in sorted(_entries(folder), key=lambda entry: entry.name):
        if not sources.is_folder(entry) or entry.name.startswith((".", "_")):
            continue
        name, path = entry.name, f"members/{sources.as_text(entry.name)}"
        if not _is_slug(name):
            problems.add(problem("wrong-member-folder", path))
        elif sources.leaves(entry.path, str(root)):
            problems.add(problem("symlink-outside", path), name)
            outside.add(name)
        else:
            slugs.append(name)
    return slugs, outside


def _entries(folder: Path) -> Iterable["os.DirEntry[str]"]:
    return list(os.scandir(folder)) if folder.is_dir() else ()


def _is_slug(name: str) -> bool:
    return (
        name != MAIN
        and name not in schema.RESERVED_NAMES
        and len(name) <= MAX_MEMBER_NAME
        and bool(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name))
    )

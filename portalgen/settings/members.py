"""Members: each with its own settings, or with those of its last build while they are wrong."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import sources
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.inherit import Values, new_site, read_values, with_own
from portalgen.settings.reader import MAX_PROBLEMS
from portalgen.settings.site import HELD_FIELDS, SETTINGS_FILE, SITE_FIELDS, Site
from portalgen.settings.tokens import Tokens, theme_problems

MAIN = "main"
MAX_MEMBER_NAME = 200  # characters; staged files are named after the member


class Common(Struct, frozen=True):
    """What members are read against: the root file's values and `kinds`, and themes' tokens.

    `grants` are what the root file gives to single members, by slug.
    """

    root: Path
    shared: Values
    grants: Mapping[str, Values]
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
    """The member by the text that is `held`; left out if that makes no site, too."""
    if held is not None and not member.is_held:
        site = _read_held(member.slug, held, common)
        if site:
            # Lines of the held text are none of the file's.
            places = {
                key: (path, 0, 0) if path == site.settings_path else (path, line, column)
                for key, (path, line, column) in site.places.items()
            }
            return Member(member.slug, held, replace(site, places=places), True, member.problems)
    return Member(member.slug, problems=member.problems)


def read_own(root: Path, path: str, problems: Problems) -> str:
    """The text of a settings file, a member's from its own folder; empty after a problem."""
    file = root / path
    if path != SETTINGS_FILE and sources.leaves(str(file), str(file.parent)):
        problems.add(problem("symlink-outside", path))
        return ""
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        problems.add(problem("no-settings", path))
        return ""
    except OSError as error:
        problems.add(sources.unreadable(error, path, sources.MAX_SOURCE_BYTES))
        return ""
    text = sources.read(file, path)
    if isinstance(text, Problem):
        problems.add(text)
        return ""
    return text


def _read(slug: str, text: str, common: Common, problems: Problems) -> Site | None:
    """The site by the text of its settings; None after a problem."""
    own = read_values(text, f"members/{slug}/{SETTINGS_FILE}", SITE_FIELDS, problems)
    site = _site(slug, own, common, problems)
    if site and not problems.items:
        problems.extend(islice(site_problems(site, common), MAX_PROBLEMS))
    return None if problems.items else site


def _read_held(slug: str, text: str, common: Common) -> Site | None:
    """The site by earlier text: what is not valid any more is as if it had not been written."""
    own = read_values(text, f"members/{slug}/{SETTINGS_FILE}", HELD_FIELDS, Problems())
    while "title" in own:
        site = _site(slug, own, common, Problems())
        if site is None:
            break
        wrong = {(item.path, item.line, item.column) for item in site_problems(site, common)}
        keys = {key for key, (_, place) in own.items() if place in wrong}
        if not keys:
            return site
        own = {key: placed for key, placed in own.items() if key not in keys}
        if "tokens" in own and isinstance(tokens := own["tokens"][0], dict):
            kept = {name: value for name, value in tokens.items() if f"tokens.{name}" not in keys}
            own["tokens"] = (kept, own["tokens"][1])
    return None


def _site(slug: str, own: Values, common: Common, problems: Problems) -> Site | None:
    values = with_own(common.shared, own) | common.grants.get(slug, {})
    return new_site(slug, f"members/{slug}", values, problems)


def site_problems(site: Site, common: Common) -> Iterator[Problem]:
    """What is wrong with values that were read: kinds, slugs, the theme and its tokens."""
    kinds = common.kinds
    if site.folder and kinds and site.kind and site.kind not in kinds:
        known = ", ".join(kinds)
        yield site.problem("kind", "unknown-kind", kind=site.kind, known=known)
    for key, items in (("sections", site.sections), ("topics", site.topics)):
        uses = Counter(item.slug for item in items)
        for slug in sorted(slug for slug, count in uses.items() if count > 1):
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

"""Loading all articles of the network: recall the unchanged, read the others in parallel."""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from portalgen import pool, sources
from portalgen.changes import snapshot
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.content.lint.article import Notes
from portalgen.content.lint.article import from_values as from_noted
from portalgen.content.model import Article, from_json
from portalgen.content.read import Read, Source, file_signature, read_batch
from portalgen.digests import digest_parts
from portalgen.problems import Problems, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Site

_MISNAMED = re.compile(r"(.+)\.(?:md|markdown|mdown|mkd)(?:\.txt)?", re.IGNORECASE)
_AT_ONCE = 500  # records parsed together: of no more, text and values are held at once


class Loaded(Struct):
    """All readable articles by source path, and all sources that exist, readable or not.

    `refused` holds the notes of articles that were read but refused: the cache has none of them.
    """

    articles: dict[str, Article] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    read: int = 0


def load_articles(
    network: Network, cache: Cache, jobs: int, problems: Problems,
    progress: pool.Progress = pool.silent,
) -> Loaded:  # fmt: skip
    """Read or recall every article; those refused are reported and left out."""
    loaded = Loaded(names={site.slug: set() for site in network.sites})
    known = _recall(cache)
    recalled: list[_Row] = []
    found: list[Source] = []
    refused = Problems()
    for site in network.sites:
        found += _scan(network, site, refused)
    keys = {site.slug: site_key(site) for site in network.sites}
    changed: list[int] = []
    for index, source in enumerate(found):
        slug = source.site.slug
        loaded.names[slug].add(source.name)
        row = known[slug].pop(source.path, None) if slug in known else None
        if row and _is_current(network.root, source, row.signature, keys[slug]):
            recalled.append(row)
        else:
            changed.append(index)
    _parse(recalled, loaded)
    gone = [(path,) for rows in known.values() for path in rows]
    for table in ("articles", "bodies", "notes"):
        cache.write(f"DELETE FROM {table} WHERE path=?", gone)
    shared = (network, found, keys, network.root / ".portalgen" / "media")
    for batch in pool.run(read_batch, shared, changed, jobs=jobs, batch=32):
        _keep(batch, found, loaded, cache, refused)
        loaded.read += len(batch)
        progress(loaded.read, len(changed))
    problems.items += refused.items
    return loaded


def _scan(network: Network, site: Site, problems: Problems) -> Iterable[Source]:
    """Every Markdown file of a site in order; folders that are no section are reported."""
    content = network.folder(site) / "content"
    base = f"{site.folder}/content" if site.folder else "content"
    house = str(network.folder(site))
    sections = {section.slug for section in site.sections}

    def entries(folder: Path, path: str) -> list["os.DirEntry[str]"]:
        kept = []
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if not sources.is_text(entry.name):
                problems.add(
                    problem("file-name", f"{path}/{sources.as_text(entry.name)}"), site.slug
                )
                continue
            if entry.is_symlink() and sources.leaves(entry.path, house):
                problems.add(problem("symlink-outside", f"{path}/{entry.name}"), site.slug)
            else:
                kept.append(entry)
        return kept

    def misnamed(name: str) -> None:
        found = _MISNAMED.fullmatch(name)
        if found:
            wanted = found[1].rpartition("/")[2] + ".md"
            problems.add(problem("article-suffix", f"{base}/{name}", wanted=wanted), site.slug)

    if not content.is_dir():
        return
    if site.folder and sources.leaves(str(content), house):
        problems.add(problem("symlink-outside", base), site.slug)
        return
    for entry in entries(content, base):
        if entry.name.endswith(".md"):
            yield Source(site, f"{base}/{entry.name}", entry.name, "")
        elif sources.is_folder(entry) and entry.name not in sections:
            found = site.problem("sections", "unknown-section", section=entry.name)
            place = found._replace(path=f"{base}/{entry.name}", line=0, column=0)
            if any(Path(entry.path).rglob("*.md")):
                problems.add(place, site.slug)
        elif not sources.is_folder(entry):
            misnamed(entry.name)
        else:
            section = entry.name
            for inner in entries(Path(entry.path), f"{base}/{section}"):
                name = f"{section}/{inner.name}"
                if inner.name.endswith(".md"):
                    yield Source(site, f"{base}/{name}", name, section)
                elif not sources.is_folder(inner):
                    misnamed(name)
                elif not os.path.isfile(f"{inner.path}/index.md"):
                    if any(Path(inner.path).rglob("*.md")):
                        problems.add(problem("no-index", f"{base}/{name}"), site.slug)
                elif sources.leaves(f"{inner.path}/index.md", house):
                    found = problem("symlink-outside", f"{base}/{name}/index.md")
                    problems.add(found, site.slug)
                else:
                    yield Source(site, f"{base}/{name}/index.md", f"{name}/index.md", section)


def site_key(site: Site) -> str:
    """What a site's settings change in its loaded articles."""
    return digest_parts([site.timezone, site.language, site.base_url])[:12]


def _is_current(root: Path, source: Source, signature: str, key: str) -> bool:
    """Whether the files an article was read from are as they were; git's rule for times."""
    try:
        then, read_at, *parts = signature.split("\n")
        if then != key or len(parts) % 2 == 0:
            return False
        newest = int(read_at) - snapshot.RACY_NANOSECONDS
        files = [source.path, *parts[1::2]]
        for file, expected in zip(files, parts[::2], strict=True):
            now, changed = file_signature(f"{root}/{file}")
            if now != expected or changed > newest:
                return False
    except ValueError:
        return False
    return True


class _Row(NamedTuple):
    """An article as the cache keeps it."""

    site: str
    path: str
    signature: str
    record: bytes


def _recall(cache: Cache) -> dict[str, dict[str, _Row]]:
    """Every article the cache knows, by site and path."""
    found: dict[str, dict[str, _Row]] = {}
    for row in cache.query("SELECT site, path, signature, record FROM articles"):
        found.setdefault(row[0], {})[row[1]] = _Row(*row)
    return found


def _parse(rows: list[_Row], loaded: Loaded) -> None:
    try:
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            articles = from_json([row.record for row in part])
            loaded.articles.update((article.path, article) for article in articles)
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error


def _keep(
    batch: list[Read], found: list[Source], loaded: Loaded, cache: Cache, problems: Problems
) -> None:
    gone, rows = [], []
    for item in batch:
        source = found[item.source]
        if item.problems:
            problems.extend(item.problems, source.site.slug)
            gone.append((source.path,))
            if item.notes:
                loaded.refused[source.path] = item.notes
            continue
        rows.append((source, item))
    articles = from_json([item.record for _, item in rows])
    loaded.articles.update((article.path, article) for article in articles)
    for table in ("articles", "bodies", "notes"):
        cache.write(f"DELETE FROM {table} WHERE path=?", gone)
    cache.write(
        "INSERT INTO articles (site, path, signature, record) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET signature=excluded.signature, record=excluded.record",
        [(one.site.slug, one.path, item.signature, item.record) for one, item in rows],
    )
    cache.write(
        "INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)",
        [(one.path, item.body, item.words) for one, item in rows],
    )
    cache.write(
        "INSERT OR REPLACE INTO notes VALUES (?, ?)",
        [(one.path, item.notes) for one, item in rows],
    )


def load_notes(cache: Cache, loaded: Loaded) -> dict[str, Notes]:
    """What was noted of every article that was read, refused ones too, by source path.

    Raises `CacheDamagedError` if any is missing.
    """
    rows = cache.query("SELECT path, found FROM notes") + list(loaded.refused.items())
    try:
        values = json.loads("[" + ",".join(found for _, found in rows) + "]")
        notes = {
            path: from_noted(noted, path) for (path, _), noted in zip(rows, values, strict=True)
        }
    except (ValueError, TypeError, LookupError) as error:
        raise CacheDamagedError(str(error)) from error
    if not loaded.articles.keys() <= notes.keys():
        raise CacheDamagedError("notes missing")
    return notes

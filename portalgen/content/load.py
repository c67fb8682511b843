"""Load all articles of the network: recall unchanged ones, read the others in parallel."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from portalgen import pool, sources
from portalgen.changes import snapshot
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.ended import Ended, EndedBefore
from portalgen.content.beside import Stores
from portalgen.content.lint.article import Notes, of_dates
from portalgen.content.lint.article import from_values as notes_from_values
from portalgen.content.lint.keys import of_topics
from portalgen.content.model import Article, MediaFile, Reference, from_json
from portalgen.content.read import Read, Shared, Source, file_signature, read_article, withdrawn
from portalgen.content.scan import scan
from portalgen.digests import digest_bytes, digest_parts
from portalgen.limits import MEMORY, TIME, ended_problem
from portalgen.problems import Problem, Problems
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.worker import Stopped

_PARSE_BATCH = 500  # records parsed together, to bound memory
_KEEP_BATCH = 32  # articles put into the cache together
FIRST = (1, 1)  # line and column where a key would stand


class Loaded(Struct):
    """All readable articles by source path, and the names of all sources, readable or not.

    `refused` holds notes of articles that were read but refused; the cache has none of them.
    `withdrawn` are those that their authors withdrew, with the moment from which: 0 for a draft.
    `unlisted` are folders whose content nobody knows. `warnings` say what readers do not get of
    the articles read this time, `places` where their keys stand; `published` is what
    `load_articles` was given, `links` are the references of refused articles, `renamed` are present
    sources by earlier ones, `stale` the sources of rows of the cache that `forget_stale` removes.
    """

    articles: dict[str, Article] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    unlisted: list[str] = field(default_factory=list)
    renamed: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    published: Mapping[str, tuple[MediaFile, ...]] = field(default_factory=dict)
    links: list[tuple[Source, Reference]] = field(default_factory=list)
    stale: list[tuple[str]] = field(default_factory=list)
    read: int = 0
    places: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def current_warnings(self, now: int, sites: Iterable[Site]) -> list[Problem]:
        """The warnings of articles that have not expired at `now`."""
        current = {path: a for path, a in self.articles.items() if not a.has_expired(now)}
        items = [
            item._replace(site=current[path].site)
            for path, places in self.places.items()
            if path in current
            for item in of_dates(
                current[path], places.get("date", FIRST), places.get("updated", FIRST), now
            )
        ]
        topics = {path: places["topics"] for path, places in self.places.items()
                  if path in current and "topics" in places}  # fmt: skip
        if topics:
            items += [item._replace(site=current[item.path].site)
                      for item in of_topics(sites, current.values(), topics)]  # fmt: skip
        refused = [item for item in self.warnings if item.path not in self.articles]
        return [*refused, *(item for item in self.warnings if item.path in current), *items]


def load_articles(
    network: Network, cache: Cache, jobs: int, problems: Problems,
    progress: pool.Progress = pool.silent, *,
    published: Mapping[str, tuple[MediaFile, ...]] | None = None, output: Path | None = None,
    ended: EndedBefore | None = None,
) -> Loaded:  # fmt: skip
    """Read or recall every article; report refused ones and leave them out.

    `published`: the files that the last published version of each article used, by its source. A
    file that cannot be used is shown as it was then, if `output` or the store of media has it.
    What earlier builds `ended` is not read again.
    """
    published = published or {}
    loaded = Loaded(names={site.slug: set() for site in network.sites}, published=published)
    cached = _recall(cache)
    recalled: list[_Row] = []
    all_sources: list[Source] = []
    refused = Problems()
    for site in network.sites:
        all_sources += scan(network, site, refused, loaded.unlisted, loaded.warnings)
    keys = {site.slug: site_key(site, network.main.takes(site.slug)) for site in network.sites}
    changed: list[int] = []
    for index, source in enumerate(all_sources):
        slug = source.site.slug
        loaded.names[slug].add(source.name)
        row = cached[slug].pop(source.path, None) if slug in cached else None
        if (
            row
            and slug not in network.over_quota
            and _is_current(network.root, source, row.signature, keys[slug])
        ):
            recalled.append(row)
        else:
            changed.append(index)
    _parse(recalled, loaded)
    deleted = [(path,) for rows in cached.values() for path in rows]
    cache.write("DELETE FROM notes WHERE path=?", deleted)
    loaded.stale += deleted
    paths = (all_sources[index].path for index in changed)
    theirs = {path: published[path] for path in paths if path in published}
    stores = Stores(network.state / "media", output)
    shared = Shared(network, all_sources, keys, stores, theirs)
    results: list[Read] = []
    for result in _read(shared, changed, ended or EndedBefore(network.root), jobs):
        results.append(result)
        loaded.read += 1
        if len(results) == _KEEP_BATCH or loaded.read == len(changed):
            _keep(results, all_sources, loaded, cache, refused)
            results = []
            progress(loaded.read, len(changed))
    problems.items += refused.items
    return loaded


def _read(shared: Shared, changed: list[int], ended: EndedBefore, jobs: int) -> Iterator[Read]:
    """Read sources in processes that can be ended; those that were are not read again."""
    network, todo = shared.network, []
    for index in changed:
        source = shared.sources[index]
        name = _name(source)
        if name in ended.items and (item := ended.recall(name, _content(network, source))):
            yield Read(index, problems=[item], withdrawn=withdrawn(network, source))
        else:
            todo.append(index)
    started = time.time_ns()
    for index, result in zip(todo, pool.each(read_article, shared, todo, jobs=jobs), strict=True):
        if not isinstance(result, Stopped):
            yield result
            continue
        source = shared.sources[index]
        item = ended_problem("text", result.reason, source.path)
        _, changed_at = file_signature(f"{network.root}/{source.path}")
        if result.reason in (TIME, MEMORY) and changed_at < started:
            ended.remember([Ended(_name(source), _content(network, source), item)])
        yield Read(index, problems=[item], withdrawn=withdrawn(network, source))


def _name(source: Source) -> str:
    """The name under which a build remembers that it ended the reading of an article."""
    return f"article {source.path}"


def _content(network: Network, source: Source) -> str:
    """The digest of an article's text, and the signatures of files beside it that it names."""
    file = f"{network.root}/{source.path}"
    folder = os.path.dirname(file)
    try:
        text = sources.read_bytes(file, sources.MAX_SOURCE_BYTES)
        names = [name for name in os.listdir(folder) if os.fsencode(name) in text]
    except OSError:
        return ""
    return digest_parts(
        [digest_bytes(text), *(file_signature(f"{folder}/{name}")[0] for name in sorted(names))]
    )


def forget_stale(cache: Cache, loaded: Loaded) -> None:
    """Remove the rows of articles that cannot be read and for which no earlier version stands."""
    stale = [row for row in loaded.stale if row[0] not in loaded.articles]
    for table in ("articles", "bodies"):
        cache.write(f"DELETE FROM {table} WHERE path=?", stale)


def site_key(site: Site, is_taken: bool) -> str:
    """Key of the settings that change a site's loaded articles, or what is said of them."""
    return digest_parts([site.timezone, site.language, site.base_url, str(is_taken)])[:12]


def _is_current(root: Path, source: Source, signature: str, key: str) -> bool:
    """Whether an article's files are unchanged; times are judged as git's racy rule does."""
    try:
        old_key, read_at, *parts = signature.split("\n")
        if old_key != key or len(parts) % 2 == 0:
            return False
        newest = int(read_at) - snapshot.RACY_NANOSECONDS
        files = [source.path, *parts[1::2]]
        for file, expected in zip(files, parts[::2], strict=True):
            current, changed = file_signature(f"{root}/{file}")
            if current != expected or changed > newest:
                return False
    except ValueError:
        return False
    return True


class _Row(NamedTuple):
    """An article's row in the cache."""

    site: str
    path: str
    signature: str
    record: bytes


def _recall(cache: Cache) -> dict[str, dict[str, _Row]]:
    """Every article in the cache, by site and path."""
    rows: dict[str, dict[str, _Row]] = {}
    for row in cache.query("SELECT site, path, signature, record FROM articles"):
        rows.setdefault(row[0], {})[row[1]] = _Row(*row)
    return rows


def _parse(rows: list[_Row], loaded: Loaded) -> None:
    try:
        for start in range(0, len(rows), _PARSE_BATCH):
            part = rows[start : start + _PARSE_BATCH]
            articles = from_json([row.record for row in part])
            loaded.articles.update((article.path, article) for article in articles)
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error


def _keep(
    results: list[Read], all_sources: list[Source], loaded: Loaded, cache: Cache, problems: Problems
) -> None:
    refused, accepted = [], []
    for result in results:
        source = all_sources[result.source]
        loaded.warnings += [item._replace(site=source.site.slug) for item in result.warnings]
        loaded.links += [(source, ref) for ref in result.links]
        if result.problems:
            if result.withdrawn is not None:
                loaded.withdrawn[source.path] = result.withdrawn
            problems.extend(result.problems, source.site.slug)
            refused.append((source.path,))
            if result.notes:
                loaded.refused[source.path] = result.notes
            continue
        loaded.places[source.path] = result.places
        accepted.append((source, result))
    articles = from_json([result.record for _, result in accepted])
    loaded.articles.update((article.path, article) for article in articles)
    cache.write("DELETE FROM notes WHERE path=?", refused)
    loaded.stale += refused
    cache.write(
        "INSERT INTO articles (site, path, signature, record) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET signature=excluded.signature, record=excluded.record",
        [
            (source.site.slug, source.path, result.signature, result.record)
            for source, result in accepted
        ],
    )
    cache.write(
        "INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)",
        [(source.path, result.body, result.words) for source, result in accepted],
    )
    cache.write(
        "INSERT OR REPLACE INTO notes VALUES (?, ?)",
        [(source.path, result.notes) for source, result in accepted],
    )


def load_notes(cache: Cache, loaded: Loaded) -> dict[str, Notes]:
    """Notes of every article that was read, refused ones too, by source path.

    Raises `CacheDamagedError` if any is missing.
    """
    rows = cache.query("SELECT path, found FROM notes") + list(loaded.refused.items())
    try:
        values = json.loads("[" + ",".join(text for _, text in rows) + "]")
        notes = {
            path: notes_from_values(value, path)
            for (path, _), value in zip(rows, values, strict=True)
        }
    except (ValueError, TypeError, LookupError) as error:
        raise CacheDamagedError(str(error)) from error
    if not loaded.articles.keys() <= notes.keys():
        raise CacheDamagedError("notes missing")
    return notes

"""Keep articles as they were last published."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from portalgen import sources
from portalgen.changes.cache import Cache
from portalgen.content.claims import file_path
from portalgen.content.images import write_whole
from portalgen.content.lint.article import Notes
from portalgen.content.model import Article
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problems
from portalgen.register.entries import FILE, Entry, Register
from portalgen.register.good import Good, from_bytes, without
from portalgen.register.store import load_goods
from portalgen.settings.network import Network
from portalgen.text import format_moment, moment_at


class Keeper:
    """Keeps last good versions of articles for one build."""

    def __init__(
        self, register: Register, folder: Path, network: Network, cache: Cache, output: Path
    ):  # fmt: skip
        self.register, self.folder, self.network = register, folder, network
        self.cache, self.output = cache, output
        self.sites = {site.slug: site for site in network.sites}
        self.closed = {item.site.slug: item.site for item in network.closed}
        self.kept: dict[str, tuple[Entry, Good]] = {}
        self._by_source: dict[str, dict[str, Entry]] = {}
        self._goods: dict[str, dict[str, bytes]] = {}

    def sources(self, slug: str) -> dict[str, Entry]:
        """The entries of a site by their sources."""
        if slug not in self._by_source:
            self._by_source[slug] = self.register.site(slug).by_source()
        return self._by_source[slug]

    def changed(self, slug: str) -> None:
        """Look up the sources of a site anew."""
        self._by_source.pop(slug, None)

    def words(self, article: Article) -> str:
        """The words of an article that was read."""
        rows = self.cache.query("SELECT words FROM bodies WHERE path=?", (article.path,))
        return str(rows[0][0]) if rows else ""

    def body(self, article: Article) -> str:
        """The HTML of an article that was read."""
        rows = self.cache.query("SELECT html FROM bodies WHERE path=?", (article.path,))
        return str(rows[0][0]) if rows else ""

    def fetch(self, slug: str, entries: Iterable[Entry]) -> None:
        """Load the good versions of many entries at once."""
        goods = self._goods.setdefault(slug, {})
        ids = [entry.id for entry in entries if entry.good and entry.id not in goods]
        if ids:
            goods |= load_goods(self.folder, slug, ids)

    def good(self, slug: str, entry: Entry) -> Good | None:
        """The last good version of an entry, with those of its files that are somewhere."""
        self.fetch(slug, [entry])
        data = self._goods[slug].get(entry.id)
        good = from_bytes(data, entry, slug, self.sites[slug].folder) if data else None
        if good is None:
            return None
        article = good.article
        names = {*article.media, *(article.picture.files() if article.picture else ())}
        missing = [name for name in names if not self._has_media(slug, name)]
        return without(good, missing) if missing else good

    def good_of(self, path: str) -> tuple[Article, str] | None:
        """Let the last good version stand for a source; returns it and its route."""
        for slug in self.sites:
            entry = self.sources(slug).get(path)
            if entry and not entry.gone and (good := self.good(slug, entry)):
                return self.keep(entry, good), entry.at
        return None

    def _has_media(self, slug: str, name: str) -> bool:
        """Whether a file is in the store of this machine, into which one of the output is taken."""
        store = self.network.state / "media"
        if (store / name).is_file():
            return True
        try:
            data = sources.read_bytes(self.output / slug / "media" / name, sources.MAX_FILE_BYTES)
        except OSError:
            return False
        store.mkdir(parents=True, exist_ok=True)
        write_whole(store / name, data)
        return True

    def keep_files(self, index: SiteIndex, unlisted: Iterable[str], problems: Problems) -> None:
        """Keep published files whose sources are there, or where nobody can look, but unusable.

        Of a member that holds too much, all files.
        """
        slug, folders = index.site.slug, tuple(f"{folder}/" for folder in unlisted)
        ours = {file_path(index.site, route) for route in index.static}
        base = file_path(index.site, "")
        since: dict[str, int] = {}
        for entry in self.register.site(slug).standing(FILE):
            source, route = entry.source, entry.at
            if slug in self.network.over_quota and route in index.static:
                if (self.output / slug / route).is_file():
                    index.static.remove(route)
                    index.kept_files[route] = str(self.output / slug / route)
                continue
            if source in ours or not source.startswith(base) or route.casefold() in index.taken:
                continue
            path, file = self.network.root / source, self.output / slug / route
            is_there = os.path.lexists(path) and not path.is_dir()
            if (is_there or source.startswith(folders)) and file.is_file():
                index.kept_files[route] = str(file)
                index.taken[route.casefold()] = source
                since[source] = entry.since
        for number, item in enumerate(problems.items):
            if item.path in since and not item.kept:
                moment = self.moment(slug, since[item.path])
                problems.items[number] = item._replace(kept="article-kept", since=moment)

    def keep(self, entry: Entry, good: Good) -> Article:
        """Let a good version stand for its source, which the next build reads again."""
        article = good.article
        self.kept[article.path] = entry, good
        self.cache.write(
            "INSERT INTO articles (site, path, signature, record) VALUES (?, ?, '', ?) "
            "ON CONFLICT (path) DO UPDATE SET signature='', record=excluded.record",
            [(article.site, article.path, msgspec.json.encode(article))],
        )
        self.cache.write(
            "INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)",
            [(article.path, good.body, good.words)],
        )
        self.cache.write(  # `check` has none of what it could not read
            "INSERT OR IGNORE INTO notes VALUES (?, ?)", [(article.path, Notes().as_json())]
        )
        return article

    def since(self, path: str) -> str:
        """When the version was published that stands for a source, in the zone of its site."""
        entry, good = self.kept[path]
        return self.moment(good.article.site, entry.published)

    def moment(self, slug: str, moment: int) -> str:
        """A moment in words, in the zone of a site."""
        return format_moment(moment_at(moment, self.sites[slug].zone))

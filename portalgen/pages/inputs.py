"""What an article's or a list's page is planned from: while that stays, it is not planned again.

The plan of a page says exactly what it shows, and costs more than all else of a page that stands.
What is gathered here is quick to gather and at least as much as the plan reads: a whole stretch of
the section, for example, of which the page shows six articles. If it differs, the page is planned
as ever, and its key decides.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct, msgpack
from msgspec.structs import replace

from portalgen import __version__
from portalgen.content.classify import SiteIndex
from portalgen.content.model import Article
from portalgen.digests import digest_of
from portalgen.pages.cards import Lookup
from portalgen.pages.related_blocks import LOOK_AROUND
from portalgen.settings.network import Site
from portalgen.themes.theming import Theming


class Planned(Struct, frozen=True, array_like=True, gc=False):
    """A page as it was planned: from what, its key, and the files of others' pictures on it."""

    inputs: str
    key: str
    media: tuple[str, ...]


_State = dict[str, Planned]  # by route
_encode = msgpack.Encoder().encode
_decode = msgpack.Decoder(_State).decode
Stands = Callable[[str, str], bool]  # whether a file with this route and key is published


class Memory:
    """What was planned of a site's articles and lists, last time and now.

    Raises `ValueError` or `TypeError` if what was `remembered` cannot be read.
    """

    def __init__(
        self, lookup: Lookup, index: SiteIndex, theming: Theming, remembered: bytes, stands: Stands
    ):
        self.lookup = lookup
        self.index = index
        self.site = index.site
        self.theming = theming
        self.stands = stands
        self.before: _State = _decode(remembered) if remembered else {}
        self.now: _State = {}
        self._stretches: dict[int, list[str]] = {}

    @cached_property
    def _base(self) -> str:
        return digest_of(of_site(self.lookup, self.site, self.theming))

    def of_article(self, article: Article, listing: Sequence[Article], at: int) -> str:
        """The digest of all that the page of an article depends on.

        It stands at `at` in the `listing` of its section, newest first.
        """
        index, lookup = self.index, self.lookup
        from_oldest = (len(listing) - 1 - at) // LOOK_AROUND
        return digest_of((
            self._base, article.digest, lookup.status(article),
            [index.tag_slugs.get(tag) for tag in article.tags],
            [(slug, index.topics[slug].title) for slug in index.topics_of(article)],
            [*of_references(lookup, self.site, article)] if has_references(article) else (),
            near(lookup, article),
            self._stretches_of(listing)[max(0, from_oldest - 1) : from_oldest + 2],
        ))  # fmt: skip

    def of_list(self, articles: Sequence[Article], *more: str) -> str:
        """The digest of all that a page of a list depends on; `more` tells which it is."""
        return digest_of((self._base, more, [self.lookup.shown[a.path] for a in articles]))

    def recall(self, route: str, inputs: str) -> Planned | None:
        """What was planned of the same, if its page stands."""
        found = self.before.get(route)
        if found is None or found.inputs != inputs or not self.stands(route, found.key):
            return None
        self.now[route] = found
        return found

    def keep(self, route: str, planned: Planned) -> None:
        """Remember it for the next time."""
        self.now[route] = planned

    def to_bytes(self) -> bytes:
        """What to remember."""
        return _encode(self.now)

    def _stretches_of(self, listing: Sequence[Article]) -> list[str]:
        """Digests of what lists show of a section, so many articles at a time from the oldest."""
        found = self._stretches.get(id(listing))
        if found is None:
            shown = [self.lookup.shown[article.path] for article in reversed(listing)]
            found = self._stretches[id(listing)] = [
                digest_of(shown[start : start + LOOK_AROUND])
                for start in range(0, len(shown), LOOK_AROUND)
            ]
        return found


def of_site(lookup: Lookup, site: Site, theming: Theming) -> tuple[str, ...]:
    """All that every page of a site may show of settings and themes."""
    return (__version__, theming.digest, repr(replace(site, places={})), lookup.elsewhere)


def near(lookup: Lookup, article: Article) -> str:
    """What lists show of the neighbours of an article, in order."""
    return "".join(map(lookup.shown_by_id.__getitem__, lookup.neighbours.ids.get(article.path, ())))


def has_references(article: Article) -> bool:
    """Whether it names others."""
    return bool(article.links or article.related or article.unrelated)


def of_references(lookup: Lookup, site: Site, article: Article) -> Iterator[str]:
    """What a page on `site` shows of the articles that this one names."""
    for ref in article.links:
        target = lookup.find(ref)
        yield lookup.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = lookup.find_on(site, ref)
        yield lookup.shown[target.path] if target else ""

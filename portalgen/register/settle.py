"""Before a network is classified: what became of the sources of what was published.

What cannot be read stays as it was published. What is missing was renamed or taken away, unless so
much of a site is missing at once that it must be a slip.
"""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.content.load import Loaded
from portalgen.content.model import Article
from portalgen.problems import Problem, problem
from portalgen.register.entries import ARTICLE, Entry, SiteRecord, follow, new_id, taken_away
from portalgen.register.keep import Keeper
from portalgen.register.renames import REMEMBERED, Missing, find_renames, most_alike
from portalgen.settings.network import Network
from portalgen.settings.site import Section, Site

MANY, SHARE = 20, 0.1  # more entries, and a greater part of a site, are not taken away unasked
_MAX_COMPARED = 20  # missing sources of a site


class Settled(Struct):
    """The network with sections that stay, and what is to be said about its sources.

    Members that are missing, of which so much would go that their files stay, are left out of it.
    """

    network: Network
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def settle(
    keeper: Keeper, network: Network, loaded: Loaded, now: int, accepted: Collection[str]
) -> Settled:
    """Settle the sources of all sites, in the register and in what was loaded.

    `accepted` are sites of which much may be taken away.
    """
    settled = Settled(network)
    by_site: dict[str, list[Article]] = {site.slug: [] for site in network.sites}
    for article in loaded.articles.values():
        by_site[article.site].append(article)
    missing: dict[tuple[str, str], Entry] = {}
    new: list[Article] = []
    kept: dict[str, list[Entry]] = {}
    for site in network.sites:
        slug = site.slug
        entries = keeper.sources(slug)
        new += [article for article in by_site[slug] if article.path not in entries]
        kept[slug] = []
        for entry in entries.values():
            if entry.kind != ARTICLE or entry.source in loaded.articles:
                continue
            if _is_there(network, site, loaded, entry):
                if not entry.gone and not _is_withdrawn(loaded, entry, now):
                    kept[slug].append(entry)
            elif not entry.gone or (entry.gone > now - REMEMBERED and not entry.to):
                missing[slug, entry.id] = entry
    for slug in keeper.closed:  # whoever closes a member moves its articles to another
        for entry in keeper.register.site(slug).standing(ARTICLE):
            if not (network.root / entry.source).is_file():
                missing[slug, entry.id] = entry
    for place, article in find_renames(keeper.register, missing, new).items():
        _rename(keeper, place[0], missing.pop(place), article, now)
    for site in network.sites:
        gone = [e for (slug, _), e in missing.items() if slug == site.slug and not e.gone]
        kept[site.slug] += _held_back(site, keeper, loaded, gone, accepted, settled.problems)
    missing_members = _missing_members(keeper, accepted, now, settled.problems)
    left_out = network.left_out.union(missing_members)
    settled.network = replace(_keep_all(keeper, network, loaded, kept, now), left_out=left_out)
    settled.warnings = list(_proposals(keeper, network, loaded, missing, new))
    for (slug, name), entry in missing.items():
        if entry.source not in loaded.articles:
            keeper.register.site(slug).entries[name] = taken_away(entry, now)
            keeper.changed(slug)
    loaded.renamed = _renamed(keeper, loaded)
    return settled


def _is_there(network: Network, site: Site, loaded: Loaded, entry: Entry) -> bool:
    """Whether the source is there, or is where nobody can look."""
    name = _name(site, entry)
    if name in loaded.names[site.slug]:
        return True
    if any(entry.source.startswith(f"{folder}/") for folder in loaded.unlisted):
        return True
    section = name.partition("/")[0] if "/" in name else ""
    is_section = not section or section in {item.slug for item in site.sections}
    return not is_section and (network.root / entry.source).is_file()


def _name(site: Site, entry: Entry) -> str:
    """The source, relative to the content of its site."""
    return entry.source.removeprefix(f"{site.folder}/content/".lstrip("/"))


def _is_withdrawn(loaded: Loaded, entry: Entry, now: int) -> bool:
    """Whether what cannot be read says that it is a draft, or over."""
    return loaded.withdrawn.get(entry.source, now + 1) <= now


def _rename(keeper: Keeper, slug: str, entry: Entry, article: Article, now: int) -> None:
    """Let an entry follow its source; into another site by one that takes its place there."""
    register, site = keeper.register, (keeper.sites | keeper.closed)[slug]
    feed = entry.feed or f"{slug}/{_name(site, entry)}"
    if article.site == slug:
        earlier = dict.fromkeys((*entry.sources, entry.source))
        earlier.pop(article.path, None)
        entry = replace(entry, source=article.path, sources=tuple(earlier), feed=feed)
        register.site(slug).entries[entry.id] = entry
        keeper.changed(slug)
        return
    target = register.site(article.site).entries
    name = new_id(target, article.path)
    target[name] = Entry(id=name, kind=ARTICLE, source=article.path, feed=feed, gone=now)
    gone = replace(taken_away(entry, now), to=f"{article.site}/{name}")
    register.site(slug).entries[entry.id] = gone
    keeper.changed(slug)
    keeper.changed(article.site)


def _held_back(
    site: Site, keeper: Keeper, loaded: Loaded, gone: list[Entry], accepted: Collection[str],
    problems: list[Problem],
) -> list[Entry]:  # fmt: skip
    """The entries that stay although their sources are missing."""
    standing = len(keeper.register.site(site.slug).standing(ARTICLE))
    if len(gone) > MANY and len(gone) > SHARE * standing and site.slug not in accepted:
        path = f"{site.folder}/content".lstrip("/")
        many = problem("many-gone", path, count=len(gone), of=standing, site=site.slug)
        problems.append(many._replace(site=site.slug))
        return gone
    base = f"{site.folder}/content/".lstrip("/")
    entries = keeper.sources(site.slug)
    unread = {
        _file_name(name) for name in loaded.names[site.slug]
        if f"{base}{name}" not in loaded.articles and f"{base}{name}" not in entries
    }  # fmt: skip
    return [entry for entry in gone if _file_name(entry.source) in unread] if unread else []


def _missing_members(
    keeper: Keeper, accepted: Collection[str], now: int, problems: list[Problem]
) -> Iterable[str]:
    """Members with many articles whose folder is missing; all of others is taken away."""
    there = keeper.sites.keys() | keeper.network.left_out
    there |= {item.site.slug for item in keeper.network.closed}
    for slug, site in keeper.register.sites.items():
        if slug in there or (keeper.network.root / "members" / slug).exists():
            continue
        count = len(site.standing(ARTICLE))
        if count > MANY and slug not in accepted:
            many = problem("many-gone", f"members/{slug}", count=count, of=count, site=slug)
            problems.append(many._replace(site=slug))
            yield slug
            continue
        for name, entry in site.entries.items():
            site.entries[name] = taken_away(entry, now)
        site.record = SiteRecord(base_url=site.record.base_url, former=site.record.former)


def _file_name(path: str) -> str:
    """The name of a source; of `…/index.md` its folder's."""
    pure = PurePosixPath(path)
    return pure.parent.name if pure.name == "index.md" else pure.stem


def _keep_all(
    keeper: Keeper, network: Network, loaded: Loaded, kept: dict[str, list[Entry]], now: int
) -> Network:
    """Let last good versions stand for these; a section that they need stays, too."""
    sites = []
    for site in network.sites:
        keeper.fetch(site.slug, kept[site.slug])
        titles: dict[str, str] = {}
        for entry in kept[site.slug]:
            good = keeper.good(site.slug, entry)
            if good is None:
                continue
            expires = loaded.withdrawn.get(entry.source, 0)
            if expires > now:
                good = good.until(expires)
            article = keeper.keep(entry, good)
            loaded.articles[article.path] = article
            loaded.names[site.slug].add(article.name)
            if article.section:
                titles.setdefault(article.section, good.section_title)
        for section in site.sections:
            titles.pop(section.slug, None)
        more = tuple(Section(slug, title or slug) for slug, title in sorted(titles.items()))
        sites.append(replace(site, sections=site.sections + more) if more else site)
    return replace(network, sites=tuple(sites))


def _proposals(
    keeper: Keeper, network: Network, loaded: Loaded, missing: Missing, new: Iterable[Article]
) -> Iterable[Problem]:
    """The line to paste where a new article may be what another one was."""
    for site in network.sites:
        entries = [
            entry for (slug, _), entry in missing.items()
            if slug == site.slug and not entry.gone and entry.source not in loaded.articles
        ]  # fmt: skip
        articles = [
            article for article in new
            if article.site == site.slug and article.path not in keeper.sources(site.slug)
        ]  # fmt: skip
        if not articles or len(entries) > _MAX_COMPARED:
            continue
        texts = {article.path: keeper.words(article) for article in articles}
        keeper.fetch(site.slug, entries)
        for entry in entries:
            good = keeper.good(site.slug, entry)
            path = most_alike(good.words, texts) if good else ""
            if path:
                maybe = problem("maybe-renamed", path, 1, 0, old=entry.source, url=f"/{entry.at}")
                yield maybe._replace(site=site.slug)


def _renamed(keeper: Keeper, loaded: Loaded) -> dict[tuple[str, str], tuple[str, str]]:
    """Present sources by earlier ones, by site and name."""
    renamed = {}
    for slug, site in (keeper.sites | keeper.closed).items():
        entries = keeper.register.site(slug).entries
        for entry in entries.values():
            if entry.kind != ARTICLE or not (entry.sources or entry.to):
                continue
            target, last = follow(keeper.register, slug, entry)
            if target not in keeper.sites or (last.gone and last.source not in loaded.articles):
                continue
            present = target, _name(keeper.sites[target], last)
            earlier = entry.sources if last is entry else (*entry.sources, entry.source)
            for source in earlier:
                name = slug, source.removeprefix(f"{site.folder}/content/".lstrip("/"))
                if name[1] not in loaded.names.get(slug, ()):
                    renamed[name] = present
    return renamed

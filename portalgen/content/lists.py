"""Sort the articles of a site into its lists: sections, tags and topics."""

from collections.abc import Iterable, Mapping

from portalgen.content.model import Article
from portalgen.content.site_index import Listing, SiteIndex
from portalgen.digests import digest_parts
from portalgen.settings import routes
from portalgen.settings.schema import RESERVED_NAMES
from portalgen.text import sort_key, spelling_key

Lists = Mapping[tuple[str, str], str]  # routes of published tags and topics, by site and source
TAG, TOPIC = "tag:", "topic:"  # what sources of lists begin with; their spelling key follows


def newest_first(articles: Iterable[Article]) -> list[Article]:
    """Articles by date, newest first; ties by path."""
    return sorted(sorted(articles, key=lambda a: a.path), key=lambda a: -a.date)


def sort_into_lists(index: SiteIndex, published: Lists) -> None:
    """Make the lists of a site; tags and topics keep the addresses that they had."""
    site = index.site
    for section in site.sections:
        index.sections[section.slug] = Listing(section.slug, section.title, section.description)
    tagged: dict[str, list[Article]] = {}
    in_topics: dict[str, list[Article]] = {}
    for article in index.listed:
        if article.section in index.sections:
            index.sections[article.section].articles.append(article)
        for name in article.tags:
            tagged.setdefault(name, []).append(article)
        for name in article.topics:
            in_topics.setdefault(name, []).append(article)
    _make_topics(index, in_topics, published)
    _make_tags(index, tagged, published)


def _make_topics(index: SiteIndex, named: dict[str, list[Article]], published: Lists) -> None:
    """Make a hub for each topic of the settings, and for each that articles name."""
    site = index.site
    declared = {spelling_key(topic.title): topic.slug for topic in site.topics}
    for topic in site.topics:
        index.topics[topic.slug] = Listing(topic.slug, topic.title, topic.description)
        index.topic_keys[topic.slug] = spelling_key(topic.title)
    spellings = _by_key(named)
    titles = {key: names[0] for key, names in spellings.items() if key not in declared}
    order = sorted(titles, key=lambda key: (-sum(len(named[n]) for n in spellings[key]), key))
    titles = {key: titles[key] for key in order}
    slugs = _slugs(site.slug, TOPIC, titles, published, set(declared.values()))
    for key, names in spellings.items():
        slug = declared.get(key) or slugs.get(key)
        if slug:
            index.topic_slugs.update(dict.fromkeys(names, slug))
            listing = index.topics.setdefault(slug, Listing(slug, names[0]))
            listing.articles = _merged([listing.articles, *(named[name] for name in names)])
            index.topic_keys[slug] = key


def _make_tags(index: SiteIndex, tagged: dict[str, list[Article]], published: Lists) -> None:
    """Make a list for each tag of two articles or more, titled by its most frequent spelling."""
    lists = {}
    for key, names in _by_key(tagged).items():
        if sum(len(tagged[name]) for name in names) > 1:
            names.sort(key=lambda name: (-len(tagged[name]), sort_key(name)))
            articles = tagged[names[0]]
            if len(names) > 1:
                articles = _merged(tagged[name] for name in names)
            if len(articles) > 1:
                lists[key] = (names, articles)
    uses = {key: sum(len(tagged[name]) for name in names) for key, (names, _) in lists.items()}
    order = sorted(lists, key=lambda key: (-uses[key], key))
    titles = {key: lists[key][0][0] for key in order}
    slugs = _slugs(index.site.slug, TAG, titles, published, set())
    for key in order:
        names, articles = lists[key]
        if slug := slugs.get(key):
            index.tags[slug] = Listing(slug, names[0], articles=articles)
            index.tag_keys[slug] = key
            index.tag_slugs.update(dict.fromkeys(names, slug))


def _by_key(names: Iterable[str]) -> dict[str, list[str]]:
    """Names that are spelled alike, in order."""
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(spelling_key(name), []).append(name)
    return spellings


def _slugs(
    site: str, kind: str, titles: Mapping[str, str], published: Lists, taken: set[str]
) -> dict[str, str]:
    """The slug of each key: the one that it had, else that of its title.

    Of two with one slug the first has it; that of the other ends with digits of its key.
    """
    slugs: dict[str, str] = {}
    used = set(taken)

    def take(key: str, slug: str) -> None:
        if slug and slug not in used:
            used.add(slug)
            slugs[key] = slug

    for key in titles:
        take(key, published.get((site, kind + key), ""))
    used |= RESERVED_NAMES  # a file of that name cannot be made on Windows
    for key, title in titles.items():
        if key not in slugs:
            take(key, routes.name_slug(title))
    for key, title in titles.items():
        if key not in slugs and (slug := routes.name_slug(title)):
            digits = digest_parts([key])
            for length in (4, 8, len(digits)):
                if key not in slugs:
                    take(key, routes.name_slug(f"{slug} {digits[:length]}"))
    return slugs


def _merged(lists: Iterable[list[Article]]) -> list[Article]:
    """All articles of these lists, newest first, each once."""
    return newest_first({a.path: a for articles in lists for a in articles}.values())

"""Claims on addresses and identities: a published source keeps what it has."""

from collections.abc import Collection, Mapping

from portalgen.content.load import Loaded
from portalgen.content.model import Article
from portalgen.content.published import Owners
from portalgen.settings.site import Site


def claim_of_id(article: Article) -> str:
    """The claim of an article on its `id`."""
    return f"#{article.identity}"


def has_own_id(article: Article) -> bool:
    """Whether the article names an `id`; the default is its site and path."""
    return article.identity != f"{article.site}/{article.name}"


def file_path(site: Site, route: str) -> str:
    """The source path of a static file."""
    return f"{site.folder}/static/{route}".lstrip("/")


def holders(
    owners: Owners, loaded: Loaded, route_of: Mapping[str, str], live: Collection[str],
    static: Mapping[str, tuple[Site, Collection[str]]],
) -> dict[tuple[str, str], str]:  # fmt: skip
    """The owners whose sources still claim what they own.

    `live` are the paths of articles to publish, `static` the files of each site. An article that
    cannot be read at present keeps its claims.
    """
    held = {}
    files = {
        file_path(site, route): route.casefold()
        for site, routes in static.values()
        for route in routes
    }
    for (slug, claim), path in owners.items():
        article = loaded.articles.get(path)
        if article:
            claims = (route_of[path].casefold(), claim_of_id(article))
            holds = path in live and claim in claims
        elif path in files:
            holds = files[path] == claim
        else:
            site = static[slug][0] if slug in static else None
            name = path.removeprefix(f"{site.folder}/content/".lstrip("/")) if site else ""
            holds = name in loaded.names.get(slug, ())
        if holds and slug in static:
            held[slug, claim] = path
        if article and path in live and not has_own_id(article):
            held[slug, claim_of_id(article)] = path
    return held

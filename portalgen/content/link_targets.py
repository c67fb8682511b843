"""Whether the links of an article lead anywhere."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from itertools import chain
from posixpath import dirname, relpath
from urllib.parse import quote, unquote

from portalgen.content.admit import OLDER_PAGE, first_claims
from portalgen.content.load import Loaded
from portalgen.content.model import Article, Reference
from portalgen.content.published import Published
from portalgen.content.redirect_rows import Rule, decoded, read_rules, route_of
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem, problem
from portalgen.settings import routes
from portalgen.settings.claims import address_key
from portalgen.settings.network import Network
from portalgen.settings.suggestions import complete_address, near_name
from portalgen.text import nearest, slugify

_ENDS = re.compile(r"(?:(?:^|/)index)?(?:\.(?:md|markdown|html?))?/*(?:[?#].*)?$", re.IGNORECASE)


def _key(path: str) -> str:
    """A path without what people mistake: case, accents, blanks, `index` and its ending."""
    return "/".join(slugify(part) for part in _ENDS.sub("", unquote(path)).strip("/").split("/"))


class LinkTargets:
    """Targets that a link in an article may name, published or not."""

    def __init__(
        self, indexes: Mapping[str, SiteIndex], loaded: Loaded, route_of: Mapping[str, str],
        published: Published, network: Network,
    ):  # fmt: skip
        self.indexes = indexes
        self.loaded = loaded
        self.route_of = route_of
        self.former = published.paths
        self.network = network
        self._by_site: dict[str, list[Article]] = {}
        self._paths: dict[str, set[str]] = {}
        self._rules: dict[str, list[Rule]] = {}
        self._like: dict[str, dict[str, list[str]]] = {}

    def dead(self, article: Article) -> list[Reference]:
        """The references of the article that lead nowhere."""
        references = chain(article.links, article.related, article.unrelated)
        return [ref for ref in references if not self.resolves(ref, article.site)]

    def is_source(self, slug: str, name: str) -> bool:
        """Whether there is such a source, readable or not, or was before it was renamed."""
        return name in self.loaded.names.get(slug, ()) or (slug, name) in self.loaded.renamed

    @cached_property
    def by_address(self) -> dict[str, tuple[str, str]]:
        """Site and name of the source of each readable article, by the key of its address."""
        return {
            address_key(routes.url(self.indexes[a.site].site, self.route_of[path])): (
                a.site,
                a.name,
            )
            for path, a in self.loaded.articles.items()
        }

    def warnings(self, article: Article, dead: Collection[Reference]) -> Iterator[Problem]:
        """What is to be said of the article's references, `dead` ones and others."""
        for ref in dead:
            yield self.nowhere(ref, article.site, article.name, article.path)
        if not self.loaded.renamed:
            return
        for ref in chain(article.links, article.related, article.unrelated):
            slug, _, name = ref.target.removeprefix("portal:").partition("/")
            present = self.loaded.renamed.get((slug, name))
            if present and ref.target.startswith("portal:"):
                values = {"old": f"{slug}/{name}", "new": "/".join(present)}
                moved = problem("link-renamed", article.path, ref.line, ref.column, **values)
                yield moved._replace(site=article.site)

    def nowhere(self, ref: Reference, site: str, name: str, path: str) -> Problem:
        """That a reference in the source `name` leads nowhere, with what is meant."""
        typed = ref.typed or ref.target
        if "://" in ref.target:
            holder, target = self._on_network(ref.target)
            key = _key(target)
            alike = sorted(other for other in self._paths_of(holder) if _key(other) == key and key)
            code = "link-near" if alike else "link-own-nowhere"
            base = self.indexes[holder].site.base_url.rstrip("/")
            values = {
                "target": typed,
                "near": base + quote(alike[0], safe="/~.-_") if alike else "",
            }
            own = problem(code, path, ref.line, ref.column, **values)
            return own._replace(site=site)
        code, near = "link-near", self._near(ref, site, name)
        if wanted := complete_address(typed):
            code, near = "link-without-scheme", wanted
        code = code if near else "link-nowhere"
        values = {"target": typed, "near": near, "wanted": near}
        return problem(code, path, ref.line, ref.column, **values)._replace(site=site)

    def _near(self, ref: Reference, site: str, name: str) -> str:
        """The target that is like that of a dead reference in `name`; empty if none is."""
        if ref.target.startswith("/"):
            key = _key(ref.target)
            alike = sorted(path for path in self._paths_of(site) if _key(path) == key and key)
            if alike:
                return quote(alike[0], safe="/~.-_")
            slug, wanted = site, ref.target.removeprefix("/content/").strip("/")
        elif ref.target.startswith("portal:"):
            slug, _, wanted = ref.target.removeprefix("portal:").partition("/")
        else:
            slug, wanted = site, ref.target
        if f"/{wanted.rpartition('/')[2]}/" in self._paths_of(
            slug if slug in self.indexes else site
        ):
            return f"/{wanted.rpartition('/')[2]}/" if slug == site else ""
        if slug not in self.loaded.names:
            slug = nearest(slug, tuple(self.loaded.names))
            return f"portal:{slug}/{wanted}" if self.is_source(slug, wanted) else ""
        match = self._source_like(slug, wanted)
        if not match:
            return ""
        is_own = slug == site and not ref.typed.startswith("portal:")
        near = relpath(match, dirname(name) or ".") if is_own else f"portal:{slug}/{match}"
        return near.replace("%", "%25").replace(" ", "%20")

    def _source_like(self, slug: str, wanted: str) -> str:
        """The source of a site with such a path, else the only one with such a name or title."""
        if slug not in self._like:
            like: dict[str, list[str]] = {}
            self._like[slug] = like
            for name in sorted(self.loaded.names[slug]):
                like.setdefault(_key(name), []).append(name)
                like.setdefault("*/" + _key(name).rpartition("/")[2], []).append(name)
            for article in self.loaded.articles.values():
                if article.site == slug:
                    for text in {slugify(article.title), article.slug}:
                        names = like.setdefault(f"*/{text}", [])
                        names += [article.name] * (article.name not in names)
        like, key = self._like[slug], _key(wanted)
        last = "*/" + key.rpartition("/")[2]
        if key in like:
            return like[key][0]
        if last in like:
            return like[last][0] if len(like[last]) == 1 else ""
        folder = key.rpartition("/")[0]
        beside = [other for other in like if other.rpartition("/")[0] == folder]
        near = near_name(key.rpartition("/")[2], (other.rpartition("/")[2] for other in beside))
        return like[f"{folder}/{near}".lstrip("/")][0] if near else ""

    def resolves(self, ref: Reference, site: str) -> bool:
        """Whether a reference in an article of a site leads to anything."""
        if ref.target.startswith("portal:"):
            slug, _, name = ref.target.removeprefix("portal:").partition("/")
            return self.is_source(slug, name)
        if ref.target.startswith("/"):
            path = ref.target.split("?")[0]
            stands = path in self._paths_of(site) or bool(OLDER_PAGE.search(path))
            return stands or self._is_redirected(ref.target, site)
        if not ref.target.startswith(("https://", "http://")):
            return False
        holder, target = self._on_network(ref.target)
        return not holder or self._stands(target, holder)

    def _on_network(self, address: str) -> tuple[str, str]:
        """The site of an address and the rest of it, from `/` on; empty if there is none."""
        path = address.partition("?")[0]
        bases = {slug: address_key(index.site.base_url) for slug, index in self.indexes.items()}
        holders = [slug for slug, base in bases.items() if address_key(path).startswith(base)]
        if not holders:
            return "", ""
        holder = max(holders, key=lambda slug: len(bases[slug]))
        root = self.indexes[holder].site.root_path
        return holder, "/" + address.split("://", 1)[1].partition("/")[2].removeprefix(root[1:])

    def _stands(self, target: str, site: str) -> bool:
        """Whether a site has something at a path of a whole address."""
        path = unquote(target.partition("?")[0])
        if path.startswith(("/media/", "/assets/", "/search/", "/.")):
            return True  # made by the program
        paths = self._paths_of(site)
        return f"{path}/" in paths or self.resolves(Reference(path, 0, 0), site) or (
            self._is_redirected(target, site)
        )  # fmt: skip

    def _is_redirected(self, target: str, slug: str) -> bool:
        """Whether a row of `redirects.csv` leads from there to something."""
        if slug not in self._rules:
            self._rules[slug] = read_rules(self.network, self.indexes[slug].site, [])
        path, _, query = target.partition("?")
        plain = decoded(path) or path
        for rule in self._rules[slug]:
            is_there = (
                plain.casefold().startswith(rule.path.casefold())
                if rule.is_prefix
                else route_of(plain).casefold() == rule.old_route.casefold()
            )
            asked = {f"{name}={value}" for name, value in rule.query} <= set(query.split("&"))
            if rule.target and is_there and (asked or not rule.query):
                return True
        return False

    def _paths_of(self, slug: str) -> set[str]:
        """Paths of the site that a link starting with `/` may name."""
        if slug in self._paths:
            return self._paths[slug]
        if not self._by_site:
            for article in self.loaded.articles.values():
                self._by_site.setdefault(article.site, []).append(article)
        site = self.indexes[slug].site
        paths = {f"/{route}" for route in first_claims(SiteIndex(site), {})}
        paths |= {f"/{route}" for route in self.indexes[slug].static}
        paths |= {f"/{section.slug}/" for section in site.sections} | {"/"}
        paths |= {f"/{routes.section_feed(section.slug)}" for section in site.sections}
        paths |= {f"/{routes.topic(topic.slug)}" for topic in site.topics}
        for article in self._by_site.get(slug, ()):
            paths |= {f"/{self.route_of[article.path]}"}
            paths |= {f"/{alias.target.lstrip('/')}" for alias in article.aliases}
            paths |= {f"/{routes.tag(routes.name_slug(tag))}" for tag in article.tags}
            paths |= {f"/{routes.topic(routes.name_slug(name))}" for name in article.topics}
        self._paths[slug] = paths = paths | self.former(slug)
        return paths

"""Read `redirects.csv`: old addresses of a site, and where each leads."""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes, urlsplit

from msgspec import Struct

from portalgen import sources
from portalgen.content.lint.hosts import host_of, known_hosts
from portalgen.digests import digest_parts
from portalgen.problems import Problem, problem
from portalgen.settings import routes
from portalgen.settings.claims import authority_key
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.table import Cell, cell_problem, read_table
from portalgen.text import nfc

FILE = "redirects.csv"
GONE = "410"  # as `to`, like an empty one
MAX_PREFIXES = 500  # of a site: a server tries one after the other where no file is
MAX_QUERIES = 10  # sets of parameter names of a site: a server looks up each for every request
_COLUMNS = ["from", "to"]
# What no server receives, or refuses: a bare percent sign, encoded slashes.
_NOT_RECEIVED = re.compile("%(?![0-9a-f]{2})|%2f|%5c", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_]+")
_ELSEWHERE = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?(?:[/?#]\S*)?", re.ASCII | re.IGNORECASE)
_UNSAFE = re.compile(r'["$<>\\^`{|}*]')
_SAFE = "/%:@!&'()+,;=~?#-._[]"
_Query = tuple[tuple[str, str], ...]


class Rule(Struct, frozen=True, array_like=True, gc=False):
    """A row: `path` with `%xx` resolved, below the site's root; of a prefix it ends with `/`.

    `target` is an absolute address, empty if the page was taken away. With `keeps_rest`, what
    follows the prefix is added. `site` and `route` are those of a target on the network.
    """

    own_site: str
    path: str
    target: str
    query: _Query
    is_prefix: bool
    keeps_rest: bool
    site: str
    route: str
    file: str
    line: int
    column: int

    @property
    def old_route(self) -> str:
        """The route of the page that leads on, of an exact path."""
        return route_of(self.path)

    @property
    def marker(self) -> str:
        """The name of the file that proves the rule."""
        if self.is_page:
            return marker(f"/{self.old_route}", self.target)
        path = self.path + "*" if self.is_prefix else f"/{self.old_route}"
        return marker(path, self.target + "*" if self.keeps_rest else self.target, self.query)

    @property
    def parent(self) -> str:
        """Of a prefix that only takes folders away, as `/vi/*` to `/*` does: the folder above."""
        above = f"/{self.route}"
        goes_up = self.path.casefold().startswith(above.casefold()) and self.path != above
        return above if self.keeps_rest and self.site == self.own_site and goes_up else ""

    @property
    def written(self) -> str:
        """The old address, for messages."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return self.path + ("*" if self.is_prefix else "") + (f"?{query}" if query else "")

    @property
    def is_page(self) -> bool:
        """Whether plain files can do it: a page that leads on, at one address."""
        return not self.is_prefix and not self.query

    def problem(self, code: str, **values: object) -> Problem:
        """A problem of this row."""
        return problem(code, self.file, self.line, self.column, old=self.written[:80], **values)


def route_of(path: str) -> str:
    """The route of a page at an old address; a name without a dot is that of a folder."""
    route = path.lstrip("/")
    if route.endswith("/") or not route:
        return f"{route}index.html"
    return route if "." in route.rpartition("/")[2] else f"{route}/index.html"


def marker(path: str, target: str, query: _Query = ()) -> str:
    """The name of the file by which a release proves a redirect to whoever serves it."""
    return digest_parts([path, target, *(part for pair in query for part in pair)])[:12]


def decoded(path: str) -> str | None:
    """A path as a server compares it, with `%xx` resolved; None if no request can have it."""
    if _NOT_RECEIVED.search(path):
        return None
    try:
        plain = nfc(unquote_to_bytes(path).decode())
    except UnicodeDecodeError:
        return None
    return plain if plain.isprintable() and not re.search(r"[$\\?]", plain) else None


def read_rules(network: Network, site: Site, problems: list[Problem]) -> list[Rule]:
    """The rules of a site's rows that are right in themselves."""
    folder = network.folder(site)
    file, path = folder / FILE, f"{site.folder}/{FILE}".lstrip("/")
    if not file.is_symlink() and not file.exists():
        return []
    if sources.leaves(str(file), str(folder)):
        problems.append(problem("symlink-outside", path))
        return []
    table = read_table(file, path)
    if isinstance(table, Problem):
        problems.append(table)
        return []
    columns = [cell.text.lower() for cell in table.rows[0] if cell.text] if table.rows else []
    if sorted(columns) != _COLUMNS:
        problems.append(problem("redirect-head", path, 1, 1, wanted=table.delimiter.join(_COLUMNS)))
        return []
    reader = _Reader(network, site, path)
    rules = []
    for row in table.rows[1:]:
        refusal = cell_problem(row, len(columns), path)
        rule = refusal or reader.read(dict(zip(columns, row)), row[0])
        if isinstance(rule, Rule):
            rules.append(rule)
        else:
            problems.append(rule)
    return rules


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, network: Network, site: Site, path: str):
        self.network = network
        self.site = site
        self.path = path
        self.known = known_hosts(network)
        self.places = list(_places(network))

    def read(self, cells: dict[str, Cell], first: Cell) -> Rule | Problem:
        """The rule of a row, or what is wrong with it."""
        old = cells.get("from", first)
        new = cells.get("to", Cell("", old.line, old.column))
        source = self._source(old.text)
        if source is None:
            return problem("redirect-from", self.path, old.line, old.column, value=old.text[:80])
        path, query, is_prefix = source

        def rule(target: str, keeps_rest: bool, site: str = "", route: str = "") -> Rule:
            return Rule(
                self.site.slug, path, target, query, is_prefix, keeps_rest, site, route, self.path,
                old.line, old.column,
            )  # fmt: skip

        def refused(code: str) -> Problem:
            return problem(code, self.path, new.line, new.column, value=new.text[:80])

        if new.text in ("", GONE):
            return rule("", False)
        keeps_rest = is_prefix and new.text.endswith("/*")
        text = new.text.removesuffix("*") if keeps_rest else new.text
        if _UNSAFE.search(text) or text.startswith("//") or not text.isprintable():
            return refused("redirect-to")
        url = text = text.replace(" ", "%20")
        if not re.match("https?:", text, re.IGNORECASE):
            url = self.site.base_url + text.lstrip("/")
        if not _ELSEWHERE.fullmatch(url) or len(url.encode()) > routes.MAX_ROUTE:
            return refused("redirect-to")
        target_site, below = self._on_network(url)
        if target_site is None:
            if self.site is not self.network.main and host_of(url) not in self.known:
                return refused("redirect-host")
            return rule(quote(url, safe=_SAFE), keeps_rest)
        below, mark, more = re.fullmatch(r"([^?#]*)([?#]?)(.*)", below).groups()  # type: ignore[union-attr]
        plain = decoded(f"/{below}")
        if plain is None or (keeps_rest and mark):
            return refused("redirect-to")
        if keeps_rest:
            target = target_site.base_url + quote(plain.lstrip("/"))
            return rule(target, True, target_site.slug, plain.lstrip("/"))
        route = route_of(plain)
        public = route.removesuffix("index.html") if f"/{route}".endswith("/index.html") else route
        target = target_site.base_url + quote(public) + mark + quote(more, safe=_SAFE)
        return rule(target, False, target_site.slug, route)

    def _source(self, text: str) -> tuple[str, _Query, bool] | None:
        """Path, query and whether it is a prefix, of an old address."""
        if re.match("https?:", text, re.IGNORECASE):
            site, below = self._on_network(text)
            if site is not self.site:
                return None
            text = below
        if not text or "#" in text:
            return None
        path, mark, query_text = text.partition("?")
        is_prefix = path.endswith("/*")
        plain = decoded(f"/{path.lstrip('/').removesuffix('*' if is_prefix else '')}")
        if plain is None or "*" in plain or not routes.fits(route_of(plain)):
            return None
        if any(not part or part.startswith(".") for part in plain.split("/")[1:-1]):
            return None
        if plain.rpartition("/")[2].startswith(".") or (is_prefix and mark):
            return None
        query = _query(query_text) if mark else ()
        return None if query is None else (plain, query, is_prefix)

    def _on_network(self, url: str) -> tuple[Site | None, str]:
        """The site of an address, and the rest of it; no site if it is elsewhere."""
        rest = re.sub("^https?://", "", url, flags=re.IGNORECASE)
        host, _, below = rest.partition("/")
        address = f"{authority_key(host)}/{below}"
        for prefix, site in self.places:
            if address.startswith(prefix) or f"{address}/" == prefix:
                return site, address[len(prefix) :]
        return None, ""


def _places(network: Network) -> Iterator[tuple[str, Site]]:
    """Host and path of every site and of its old hosts, longer ones first."""
    places = {
        authority_key(urlsplit(site.base_url).netloc) + site.root_path: site
        for site in network.sites
    }
    for site in network.sites:
        for host in site.hosts:
            places.setdefault(f"{host}/", site)
    yield from sorted(places.items(), key=lambda item: (-len(item[0]), item[0]))


def _query(text: str) -> _Query | None:
    """The parameters of a query, by name; None if a server could not look for them."""
    pairs: dict[str, str] = {}
    for part in text.split("&"):
        name, equals, value = part.partition("=")
        plain = decoded(value.replace("+", "%20"))
        if not _NAME.fullmatch(name) or not equals or not plain or name.lower() in pairs:
            return None
        pairs[name.lower()] = plain
    return tuple(sorted(pairs.items()))

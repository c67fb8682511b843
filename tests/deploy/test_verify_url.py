"""`verify URL` finds what a compromised server shows to some, and nothing else."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy.personas import PERSONAS, PLAIN
from portalgen.deploy.release import Release
from portalgen.deploy.verify import Trust, Verified
from portalgen.deploy.verify_url import verify_url
from tests.deploy.web import ALIAS, DEEP, PAGES, Asked, Reply, Web, serving

Attack = Callable[[Asked, Reply], Reply | None]
DAY = date(2026, 11, 27)
SPAM = b"<!doctype html><title>casino</title>"
ELSEWHERE = "https://casino.example/"
PAGE = DEEP[0]
BROWSERS = [persona.name for persona in PERSONAS if persona.is_browser]
PHONES = [p.name for p in PERSONAS if "Mobile" in p.headers["User-Agent"]]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path / "sapa") as running:
        yield running


def verified(web: Web, day: date = DAY, trust: Trust | None = None, address: str = "") -> Verified:
    web.asked.clear()
    return verify_url(
        web.url, trust or Trust(), lambda done, of: None, address=address, day=day
    )  # fmt: skip


def findings(web: Web, day: date = DAY) -> list[tuple[str, str, str]]:
    return [(item.path, item.kind, item.detail) for item in verified(web, day).findings]


def spam_for(*paths: str, **headers: str) -> Attack:
    """Spam at these paths for requests whose headers hold these texts."""

    def attack(asked: Asked, reply: Reply) -> Reply:
        hit = asked.path in paths and all(
            asked.has(name.replace("_", "-"), text) for name, text in headers.items()
        )
        return Reply(200, SPAM, {"Content-Type": "text/html"}) if hit else reply

    return attack


def moved_for(path: str, location: str, **headers: str) -> Attack:
    """A redirect at this path for requests whose headers hold these texts."""

    def attack(asked: Asked, reply: Reply) -> Reply:
        hit = asked.path == path and all(
            asked.has(name.replace("_", "-"), text) for name, text in headers.items()
        )
        return Reply(302, b"", {"Location": location}) if hit else reply

    return attack


def with_header(path: str, agent: str = "", **headers: str) -> Attack:
    def attack(asked: Asked, reply: Reply) -> Reply:
        hit = asked.path == path and asked.has("user-agent", agent)
        return reply.with_headers(**headers) if hit else reply

    return attack


def spam_with_query(text: str, agent: str = "") -> Attack:
    def attack(asked: Asked, reply: Reply) -> Reply:
        hit = text in asked.query and asked.path == "index.html" and asked.has("user-agent", agent)
        return reply._replace(body=SPAM, headers={"Content-Type": "text/html"}) if hit else reply

    return attack


def packed_spam(coding: str, path: str) -> Attack:
    def attack(asked: Asked, reply: Reply) -> Reply:
        if asked.path != path or reply.headers.get("Content-Encoding") != coding:
            return reply
        return reply._replace(body=brotli.compress(SPAM) if coding == "br" else gzip.compress(SPAM))

    return attack


def mislabelled(asked: Asked, reply: Reply) -> Reply:
    """Says that a plain page is packed, which readers see as an error."""
    if asked.path != "index.html" or "br" not in asked.headers["accept-encoding"]:
        return reply
    return reply._replace(body=PAGES["index.html"])


def without_cookie(asked: Asked, reply: Reply) -> Reply:
    """Spam for a browser's first visit only."""
    hit = asked.path == "index.html" and asked.has("sec-fetch-dest", "document")
    if not hit or "cookie" in asked.headers:
        return reply
    return Reply(200, SPAM, {"Content-Type": "text/html", "Set-Cookie": "seen=1"})


def all_but_us(asked: Asked, reply: Reply) -> Reply:
    hit = asked.path == PAGE and not asked.has("user-agent", "portalgen")
    return Reply(200, SPAM, {"Content-Type": "text/html"}) if hit else reply


def doorways(agent: str) -> Attack:
    def attack(asked: Asked, reply: Reply) -> Reply:
        hit = reply.status == 404 and asked.has("user-agent", agent)
        return Reply(200, SPAM, {"Content-Type": "text/html"}) if hit else reply

    return attack


def doorway_by_name(asked: Asked, reply: Reply) -> Reply:
    hit = "slot" in asked.path
    return Reply(200, SPAM, {"Content-Type": "text/html"}) if hit else reply


def bomb(asked: Asked, reply: Reply) -> Reply:
    if asked.path != "index.html" or "br" not in asked.headers["accept-encoding"]:
        return reply
    return reply._replace(body=BOMB)


BOMB = brotli.compress(bytes(200_000_000), quality=1)


def at(path: str, reply: Reply | None) -> Attack:
    return lambda asked, honest: reply if asked.path == path else honest


def names(*found: str) -> str:
    return ", ".join(found[:3]) + (f", +{len(found) - 3}" if len(found) > 3 else "")


def named(text: str) -> str:
    """The persona whose name begins with this text."""
    return next(persona.name for persona in PERSONAS if persona.name.startswith(text))


def by_referer(host: str, path: str = "index.html") -> tuple[Attack, tuple[str, str, str]]:
    name = next(p.name for p in PERSONAS if p.headers.get("Referer", "").endswith(f"{host}/"))
    return spam_for(path, referer=f"{host}/"), (path, "disguise", name)


GOOGLEBOTS = names("Googlebot smartphone", "Googlebot desktop")
JSON = {"Content-Type": "application/json"}
ATTACKS: dict[str, tuple[Attack, tuple[str, str, str]]] = {
    "to Googlebot": (
        spam_for("index.html", user_agent="Googlebot"), ("index.html", "disguise", GOOGLEBOTS)),
    "to Googlebot's phone": (
        spam_for("index.html", user_agent="Nexus 5X"),
        ("index.html", "disguise", "Googlebot smartphone")),
    "to bingbot in a section": (
        spam_for("tin-tuc/index.html", user_agent="bingbot"),
        ("tin-tuc/index.html", "disguise", "bingbot")),
    "to coccocbot in robots.txt": (
        spam_for("robots.txt", user_agent="coccocbot"), ("robots.txt", "disguise", "coccocbot")),
    "to all in robots.txt": (
        at("robots.txt", Reply(200, b"User-agent: *\nDisallow: /\n", {})),
        ("robots.txt", "changed", "")),
    "to bingbot in the sitemap": (
        spam_for("sitemap.xml", user_agent="bingbot"), ("sitemap.xml", "disguise", "bingbot")),
    "to a share in a feed": (
        spam_for("rss.xml", user_agent="facebookexternalhit"),
        ("rss.xml", "disguise", "facebookexternalhit")),
    "to phones": (
        spam_for("index.html", user_agent="Mobile"), ("index.html", "disguise", names(*PHONES))),
    "to Zalo's browser": (
        spam_for("index.html", user_agent="Zalo"), ("index.html", "disguise", "Zalo Android")),
    "from Google": by_referer("www.google.com"),
    "from Google in Vietnam": by_referer("google.com.vn", "tim-kiem.html"),
    "from Coc Coc": by_referer("coccoc.com", "tin-tuc/index.html"),
    "from Bing": by_referer("bing.com"),
    "from Facebook": by_referer("facebook.com"),
    "to those who read Vietnamese": (
        spam_for("index.html", accept_language="vi"),
        ("index.html", "disguise", names(*BROWSERS))),
    "to those who accept br, by one header": (
        spam_for("index.html", accept_encoding="deflate, br"),
        ("index.html", "disguise",
         names(*(p.name for p in PERSONAS if "br" in p.headers["Accept-Encoding"])))),
    "in br of an entry": (
        packed_spam("br", "index.html"),
        ("index.html", "disguise",
         names(*(p.name for p in PERSONAS if "br" in p.headers["Accept-Encoding"])))),
    "in gzip of an entry": (
        packed_spam("gzip", "index.html"),
        ("index.html", "disguise", names("coccocbot", "facebookexternalhit"))),
    "bytes that cannot be unpacked": (
        mislabelled,
        ("index.html", "disguise",
         names(*(p.name for p in PERSONAS if "br" in p.headers["Accept-Encoding"])))),
    "a bomb": (
        bomb,
        ("index.html", "disguise",
         names(*(p.name for p in PERSONAS if "br" in p.headers["Accept-Encoding"])))),
    "to those without a cookie": (
        without_cookie, ("index.html", "disguise", names(*BROWSERS))),
    "to scripts that phones load": (
        spam_for("assets/main.js", user_agent="Android 10; K", sec_fetch_dest="script"),
        ("assets/main.js", "disguise", named("Chrome Android"))),
    "with any query": (spam_with_query("?"), ("index.html", "query", "?")),
    "with a shared address": (spam_with_query("fbclid"), ("index.html", "query", "?fbclid=")),
    "with a query of Googlebot": (
        spam_with_query("?", "Googlebot"), ("index.html", "query", "?")),
    "where nothing is, to Googlebot": (
        doorways("Googlebot"), ("404.html", "disguise", f"{GOOGLEBOTS}: 200")),
    "where nothing is, by name": (doorway_by_name, ("404.html", "changed", "200")),
    "where nothing is, 404 with spam": (
        lambda asked, reply: (
            reply._replace(body=SPAM, headers={}) if reply.status == 404 else reply),
        ("404.html", "changed", "")),
    "redirect of phones": (
        moved_for("index.html", ELSEWHERE, user_agent="iPhone"),
        ("index.html", "disguise", f"{named('Safari')}: {ELSEWHERE}")),
    "redirect of phones within the site": (
        moved_for("tim-kiem.html", f"/{PAGE}", user_agent="iPhone"),
        ("tim-kiem.html", "disguise", f"{named('Safari')}: /{PAGE}")),
    "redirect of all": (
        moved_for(PAGE, ELSEWHERE), (PAGE, "redirected", ELSEWHERE)),
    "redirect to a look-alike": (
        moved_for(ALIAS, "//127.0.0.1.casino.example/index.html"),
        (ALIAS, "redirected", "//127.0.0.1.casino.example/index.html")),
    "redirect of an article to another": (
        moved_for(PAGE, f"/{DEEP[1]}"), (PAGE, "redirected", f"/{DEEP[1]}")),
    "redirect of the home page within the site": (
        moved_for("index.html", f"/{PAGE}"), ("index.html", "redirected", f"/{PAGE}")),
    "Refresh": (
        with_header("index.html", Refresh=f"0; url={ELSEWHERE}"),
        ("index.html", "header", f"Refresh: 0; url={ELSEWHERE}")),
    "Refresh on a deep page": (
        with_header(DEEP[3], Refresh=f"0; url={ELSEWHERE}"),
        (DEEP[3], "header", f"Refresh: 0; url={ELSEWHERE}")),
    "Refresh where nothing is": (
        lambda asked, reply: (
            reply.with_headers(Refresh=ELSEWHERE) if reply.status == 404 else reply),
        ("404.html", "header", f"Refresh: {ELSEWHERE}")),
    "Location with 200": (
        with_header("index.html", Location=ELSEWHERE),
        ("index.html", "header", f"Location: {ELSEWHERE}")),
    "canonical elsewhere": (
        with_header(PAGE, Link=f'</a.css>; rel=preload, <{ELSEWHERE}>; rel="canonical"'),
        (PAGE, "header", f"Link: <{ELSEWHERE}>; rel=canonical")),
    "canonical of another page": (
        with_header(PAGE, Link="</index.html>; rel=canonical"),
        (PAGE, "header", "Link: </index.html>; rel=canonical")),
    "alternate elsewhere": (
        with_header(PAGE, Link=f'<{ELSEWHERE}>; hreflang="vi"; REL=alternate'),
        (PAGE, "header", f"Link: <{ELSEWHERE}>; rel=alternate")),
    "a style from elsewhere": (
        with_header("index.html", Link=f"<{ELSEWHERE}a.css>; rel=stylesheet"),
        ("index.html", "header", f"Link: <{ELSEWHERE}a.css>; rel=stylesheet")),
    "hidden from searchers": (
        with_header(PAGE, X_Robots_Tag="googlebot: noindex"),
        (PAGE, "header", "X-Robots-Tag: googlebot: noindex")),
    "hidden, said to Googlebot only": (
        with_header("index.html", "Googlebot", X_Robots_Tag="none"),
        ("index.html", "disguise", f"{GOOGLEBOTS}: X-Robots-Tag: none")),
    "a page as text": (
        with_header(PAGE, Content_Type="text/plain"), (PAGE, "header", "Content-Type: text/plain")),
    "a page in another charset": (
        with_header(PAGE, Content_Type="text/html; charset=utf-7"),
        (PAGE, "header", "Content-Type: text/html; charset=utf-7")),
    "a script as a page": (
        with_header("assets/main.js", Content_Type="text/html"),
        ("assets/main.js", "header", "Content-Type: text/html")),
    "a page as a download": (
        with_header(PAGE, Content_Disposition="attachment; filename=a.exe"),
        (PAGE, "header", "Content-Disposition: attachment; filename=a.exe")),
    "in br of a deep page": (packed_spam("br", PAGE), (PAGE, "", "")),
    "in gzip of a deep page": (packed_spam("gzip", PAGE), (PAGE, "", "")),
    "to all but us": (all_but_us, (PAGE, "disguise", "")),
    "no connection": (at(PAGE, None), (PAGE, "no-answer", "")),
    "cut": (
        at(PAGE, Reply(200, PAGES[PAGE][:-5], {"Content-Length": str(len(PAGES[PAGE]))})),
        (PAGE, "changed", "")),
    "endless": (
        at(PAGE, Reply(200, b"spam" * 2_000_000, {"Content-Length": str(10**12)})),
        (PAGE, "changed", "")),
    "broken": (at(PAGE, Reply(500, b"", {})), (PAGE, "changed", "500")),
    "gone": (at(PAGE, Reply(404, b"", {})), (PAGE, "missing", "")),
    "a picture": (
        at("media/a.jpg", Reply(200, b"\xff\xd8", {})), ("media/a.jpg", "changed", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_found_on_the_first_day_and_nothing_else(web: Web, name: str) -> None:
    web.attack, (path, kind, detail) = ATTACKS[name]
    items = findings(web)
    assert len(items) == 1, items
    finding = items[0]
    assert finding[0].removesuffix(".br").removesuffix(".gz") == path
    if kind:
        assert finding[1] == kind
    if kind == "query":
        assert finding[2].startswith(detail)
    elif detail or kind in ("changed", "header"):
        assert finding[2] == detail


@pytest.mark.parametrize("packs", ["files", "itself", "never"])
def test_an_honest_server_raises_no_alarm_on_any_day(web: Web, packs: str) -> None:
    web.packs = packs
    for day in range(len(PERSONAS)):
        assert findings(web, DAY + timedelta(days=day)) == []


HONEST: dict[str, Attack] = {
    "hints": with_header("index.html", Link="<https://cdn.example>; rel=preconnect, "
                         "</assets/main.css>; rel=preload; as=style"),
    "its own canonical": with_header(PAGE, Link=f"</{PAGE}>; rel=canonical"),
    "previews": with_header(PAGE, X_Robots_Tag="max-image-preview: none, max-snippet:-1, all"),
    "feeds that are not listed": with_header("rss.xml", X_Robots_Tag="noindex"),
    "another name of a type": with_header("assets/main.js",
                                          Content_Type="application/javascript; charset=UTF-8"),
    "a query is dropped": lambda asked, reply: (
        Reply(301, b"", {"Location": f"/{asked.path.removesuffix('index.html')}"})
        if asked.query else reply),
    "an alias is a page": lambda asked, reply: (
        Reply(200, PAGES[ALIAS], {}) if asked.path == ALIAS else reply),
    "inline": with_header(PAGE, Content_Disposition="inline"),
    "cookies": lambda asked, reply: reply.with_headers(Set_Cookie="__cf_bm=1; HttpOnly"),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_what_servers_on_the_way_do_is_no_alarm(web: Web, name: str) -> None:
    web.attack = HONEST[name]
    assert findings(web) == []


def test_a_deep_page_is_seen_by_each_persona_once_in_as_many_days(web: Web) -> None:
    paths = [*DEEP, "van-ban.pdf", "gioi-thieu.html", ALIAS]
    agents: dict[str, list[str]] = {path: [] for path in paths}
    for day in range(len(PERSONAS)):
        assert findings(web, DAY + timedelta(days=day)) == []
        for asked in web.asked:
            if asked.path in agents and not asked.has("user-agent", "portalgen"):
                agents[asked.path].append(asked.headers["user-agent"])
    for path in paths:
        assert sorted(agents[path]) == sorted(p.headers["User-Agent"] for p in PERSONAS), path


@pytest.mark.parametrize("agent", ["coccocbot", "Zalo", "Edg/"])
def test_spam_on_deep_pages_for_one_persona_is_found_in_as_many_days(web: Web, agent: str) -> None:
    web.attack = spam_for("van-ban.pdf", user_agent=agent)
    days = [findings(web, DAY + timedelta(days=day)) for day in range(len(PERSONAS))]
    assert [items[0][:2] for items in days if items] == [("van-ban.pdf", "disguise")]


def test_every_persona_asks_for_every_entry_and_sends_what_it_sends(web: Web) -> None:
    verified(web)
    entries = [
        "index.html",
        "tin-tuc/index.html",
        "tin-tuc/rss.xml",
        "tim-kiem.html",
        "rss.xml",
        "robots.txt",
        "sitemap.xml",
        "feed.json",
        "assets/main.js",
        "assets/main.css",
    ]
    for path in entries:
        agents = [a.headers["user-agent"] for a in web.asked if a.path == path and not a.query]
        assert {p.headers["User-Agent"] for p in PERSONAS} | {PLAIN["User-Agent"]} == set(agents)
    assert all("cookie" not in asked.headers for asked in web.asked)
    for asked in web.asked:
        assert asked.headers["host"] == web.url.split("/")[2]


def test_a_page_costs_few_requests(web: Web) -> None:
    """The plain page, one persona, and the coding that it did not get."""
    result = verified(web)
    assert result.requests == len(web.asked)
    for path in DEEP:
        assert sum(asked.path == path for asked in web.asked) == 3
    assert sum(asked.path == "media/a.jpg" for asked in web.asked) == 1


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments), "--lang", "en"])


def test_a_site_that_another_address_shows_is_found(web: Web) -> None:
    web.publish(url="https://bacha.tinh.example/")
    told = verify(web.url)
    assert told.exit_code == 3
    assert told.stderr == (
        "127.0.0.1/manifest.json: belongs elsewhere: https://bacha.tinh.example/\n"
    )
    assert verify(web.url, "--as", "https://bacha.tinh.example/").exit_code == 0
    told = verify(web.url, "--as", "https://sapa.tinh.example/")
    assert told.stderr.startswith("sapa.tinh.example/manifest.json: belongs elsewhere")


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://tinh.example/bac-ha/", True), ("http://tinh.example/bac-ha", True),
        ("https://TINH.example:443/bac-ha/", True), ("http://tinh.example:80/bac-ha/", True),
        ("https://tinh.example/", False), ("https://tinh.example/bac-ha/x/", False),
        ("https://tinh.example:8443/bac-ha/", False), ("https://tinh.example.vn/bac-ha/", False),
        ("https://www.tinh.example/bac-ha/", False),
    ],
)  # fmt: skip
def test_host_and_path_are_compared_and_not_the_scheme(web: Web, address: str, same: bool) -> None:
    web.publish(url="https://tinh.example/bac-ha/")
    kinds = [item.kind for item in verified(web, address=address).findings]
    assert kinds == ([] if same else ["swapped"])
    assert {asked.headers["host"] for asked in web.asked} == {address.split("/")[2]}


def test_an_older_inventory_names_no_address(web: Web) -> None:
    manifest = web.folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(f'"url": "{web.url}",\n'.encode(), b""))
    assert verified(web).findings == []


def release_of(**inventories: str) -> Release:
    return Release(id="20261127-120000-000000-abcd", trees={}, inventories=inventories)


def test_a_site_older_than_its_release_is_found(web: Web) -> None:
    digest = hashlib.sha256((web.folder / "manifest.json").read_bytes()).hexdigest()
    for packs in ("files", "itself"):
        web.packs = packs
        assert verified(web, trust=Trust(release=release_of(sapa=digest))).findings == []
    for release in (release_of(sapa="0" * 64), release_of(bacha=digest), release_of()):
        items = verified(web, trust=Trust(release=release)).findings
        assert [(x.path, x.kind, x.detail) for x in items] == [
            ("manifest.json", "older", "20261127-120000-000000-abcd")
        ]


def test_a_release_is_compared_with_what_is_served_and_not_with_a_copy(
    web: Web, tmp_path: Path
) -> None:
    copy = tmp_path / "copies" / "sapa" / "manifest.json"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((web.folder / "manifest.json").read_bytes())
    release = release_of(sapa=hashlib.sha256(copy.read_bytes()).hexdigest())
    trust = Trust(copies=tmp_path / "copies", release=release)
    assert verified(web, trust=trust).findings == []
    web.publish({**PAGES, PAGE: SPAM})
    kinds = {(item.path, item.kind) for item in verified(web, trust=trust).findings}
    assert kinds == {
        ("manifest.json", "changed"), ("manifest.json", "older"), (PAGE, "changed")
    }  # fmt: skip


def test_a_copy_is_found_by_the_site_and_never_outside_its_folder(web: Web, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "manifest.json"
    outside.parent.mkdir()
    (tmp_path / "copies").mkdir()
    web.publish(slug="../outside")
    outside.write_bytes((web.folder / "manifest.json").read_bytes())
    items = verified(web, trust=Trust(copies=tmp_path / "copies")).findings
    assert [(item.path, item.kind) for item in items] == [("manifest.json", "unknown")]


def test_a_server_without_inventory_is_told(web: Web) -> None:
    (web.folder / "manifest.json").unlink()
    told = verify(web.url)
    assert told.exit_code == 1
    assert told.stderr == f"There is no inventory at {web.url}manifest.json (answer: 404).\n"
    assert verify("http://127.0.0.1:1/").exit_code == 1
    assert verify(web.folder, "--as", "https://sapa.example/").exit_code == 2


def test_a_finding_is_told_in_words(web: Web) -> None:
    web.attack = spam_for("index.html", user_agent="Googlebot")
    told = verify(web.url)
    assert told.exit_code == 3
    assert told.stderr == (
        "127.0.0.1/index.html: is different for Googlebot smartphone, Googlebot desktop\n"
    )


def test_a_server_that_asks_to_wait_is_asked_again(web: Web) -> None:
    waiting = {"index.html"}

    def attack(asked: Asked, reply: Reply) -> Reply:
        if asked.path in waiting:
            waiting.discard(asked.path)
            return Reply(429, b"", {"Retry-After": "0"})
        return reply

    web.attack = attack
    assert findings(web) == []

"""The configuration as text; tests/real/test_nginx.py runs it in nginx."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from portalgen.problems import PortalError
from portalgen.settings.network import Network, load_network
from portalgen.settings.site import Site
from portalgen.webserver.nginx import Redirects, Setup, configuration, fits, quoted, servable
from tests.helpers import MAIN_SETTINGS, network
from tests.real.nginx import complaint, program
from tests.real.nginx_syntax import directives, named

NASTY = [
    "\"; return 200 'x'; #",
    "a b",
    "';}",
    "$host",
    "${host}",
    "{",
    "}",
    "\n",
    "\0",
    "\\",
    '\\"',
]
texts = st.text(max_size=40) | st.lists(st.sampled_from([*NASTY, "x", "é", "#", "~", "*"])).map(
    "".join
)
MAIN = Site(slug="main", folder="", title="Tỉnh", base_url="https://tinh.example/")
SAPA = Site(
    slug="sapa", folder="members/sapa", title="Sa Pa", base_url="https://sapa.tinh.example/"
)
SETUP = Setup("/srv/portal/current", "127.0.0.1", 8080)


@pytest.fixture
def nginx() -> str:
    return program()


def written(*sites: Site, setup: Setup = SETUP, **moved: str) -> str:
    old = {("main", f"/{name}.html"): url for name, url in moved.items()}
    return configuration(Network(Path(), sites or (MAIN, SAPA)), Redirects(old), setup, "")


def shape(text: str) -> list[tuple[object, ...]]:
    """The directives without values and without hash sizes."""
    return [
        (above, len(words), words[0] if above != ("map",) else "")
        for above, words in directives(text)
        if "_hash_" not in words[0]
    ]


def refused(*sites: Site, setup: Setup = SETUP) -> list[str]:
    with pytest.raises(PortalError) as caught:
        written(*sites, setup=setup)
    return [item.describe("vi") for item in caught.value.problems]


def unserved(*sites: Site) -> list[str]:
    """What is said of members that are left out; the others are all served."""
    network, problems = servable(Network(Path(), sites))
    assert {item.site for item in problems} == {site.slug for site in sites} - set(network.slugs)
    assert network.main.slug == "main"
    return [item.describe("vi") for item in problems]


def test_each_host_has_a_server_and_unknown_hosts_one_that_says_nothing() -> None:
    assert named(written(), "server_name") == [("",), ("tinh.example",), ("sapa.tinh.example",)]
    assert named(written(), "root") == [("/srv/portal/current",)] * 2
    servers = written().split("\nserver {")
    assert "return 444;" in servers[1]
    assert ["default_server" in server for server in servers] == [False, True, False, False]


def test_headers_are_added_to_servers_only_so_that_no_place_drops_them() -> None:
    text = written(setup=replace(SETUP, certificates="/keys"))
    added = [(above, words) for above, words in directives(text) if words[0] == "add_header"]
    assert {words[-1] for above, words in added if above == ("server",)} == {"always"}
    # Except for a range outside, whose answer has all of them already.
    elsewhere = [(above, words[1:]) for above, words in added if above != ("server",)]
    assert elsewhere == [(("server", "location"), ("Cache-Control", ""))] * 2


def test_every_server_has_the_same_log_and_pages_for_errors() -> None:
    text = written(setup=replace(SETUP, certificates="/keys", access_log="/var/log/a b.log"))
    servers = len(named(text, "server"))
    assert servers == 4
    logs = [words[1:] for above, words in directives(text)
            if words[0] == "access_log" and above == ("server",)]  # fmt: skip
    assert logs == [("/var/log/a b.log", "portalgen")] * servers
    assert named(text, "log_not_found") == [("off",)] * servers
    pages = {words[0] for above, words in directives(text) if above == ("map",)}
    codes = {code for words in named(text, "error_page") for code in words if code.isdigit()}
    assert codes == {"400", "403", "404", "405", "410", "414", "416", "494", "497", "500", "503"}
    assert codes - {"404", "410", "416", "494", "497"} <= pages
    lists = [words for words in named(text, "error_page") if words[-1] == "/error.html"]
    assert len(lists) == servers
    assert named(written(), "access_log") == [("off",)] * 5


def test_a_control_character_or_a_backslash_in_an_address_is_refused() -> None:
    """Old versions of nginx accept them; browsers leave them out or take them for a slash."""
    [pattern] = {word for words in named(written(), "if") for word in words if "(%2f" in word}
    asked = re.compile(pattern, re.IGNORECASE)
    assert all(asked.search(f"/{sign}/khac.example/") for sign in "\t\r\n\0\x1f \x7f\\")
    assert not asked.search("/a/%C3%A0/~b?c=\\%2f")
    assert not asked.search("/bài")


def test_challenges_are_of_a_folder_only_if_there_is_one() -> None:
    assert "acme-challenge" not in written(setup=replace(SETUP, certificates="/keys"))
    text = written(setup=replace(SETUP, certificates="/keys", acme_root="/srv/acme"))
    assert named(text, "root").count(("/srv/acme",)) == 3
    served = [above for above, words in directives(text) if words[0] == "try_files"]
    assert served == [("server", "location")] * 3
    for server in text.split("\nserver {")[2:]:
        assert server.index("break;") < server.index("return 301")


def test_without_an_address_it_listens_everywhere() -> None:
    text = written(MAIN, setup=Setup("/srv", port=81, certificates="/keys/{host}"))
    assert named(text, "listen") == [
        ("81", "default_server"), ("[::]:81", "default_server"),
        ("443", "ssl", "http2", "default_server"), ("[::]:443", "ssl", "http2", "default_server"),
        ("81",), ("[::]:81",), ("443", "ssl", "http2"), ("[::]:443", "ssl", "http2"),
    ]  # fmt: skip
    assert named(text, "ssl_certificate_key") == [("/keys/tinh.example/privkey.pem",)]


def test_the_longest_path_of_a_host_decides() -> None:
    inner = replace(SAPA, base_url="https://tinh.example/a/b.c/")
    outer = replace(SAPA, slug="bacha", base_url="https://tinh.example/a/")
    text = written(inner, MAIN, outer)
    slugs = [words[1] for words in named(text, "set") if words[0] == "$portal_site"]
    assert slugs == ["main", "bacha", "sapa"]
    assert ("($uri", "~", r"(?s)^/a/b\.c(?<portal_below>/.*)$", ")") in named(text, "if")


@pytest.mark.parametrize(
    "url",
    [
        "https://.example/", "https://a..example/", "https://example./", "https://-a.example/",
        "https://a.example:0/", "https://a.example:65536/", "https://a.example:99999999999/",
        "https://a.example/../", "https://a.example/.git/", "https://tinh.example\n/",
        f"https://{'a' * 64}.example/", f"https://{'a.' * 130}example/",
        f"https://a.example/{'a' * 1000}/",
    ],
)  # fmt: skip
def test_an_address_that_no_server_can_have_is_refused(url: str) -> None:
    [problem] = unserved(MAIN, replace(SAPA, base_url=url))
    assert problem.startswith("members/sapa/site.yaml: Địa chỉ ")
    assert "không dùng được cho máy chủ web; khi chưa sửa, trang này không có" in problem
    with pytest.raises(PortalError) as caught:
        servable(Network(Path(), (replace(MAIN, base_url=url), SAPA)))
    assert [item.code for item in caught.value.problems] == ["nginx-address"]


@pytest.mark.parametrize("url", ["http://tinh.example/b/", "https://tinh.example:8443/b/"])
def test_sites_of_one_host_differ_only_in_their_path(url: str) -> None:
    assert unserved(MAIN, replace(SAPA, base_url=url), replace(SAPA, slug="b")) == [
        f"members/sapa/site.yaml: {url} và https://tinh.example/ cùng một máy chủ nhưng khác nhau "
        "ở http/https hoặc ở số cổng. Hãy viết giống nhau. Khi chưa sửa, trang này không có trong "
        "cấu hình."
    ]


def test_a_port_is_for_http_or_for_https() -> None:
    assert refused(MAIN, setup=Setup("/srv", port=443, certificates="/keys")) == [
        "Cổng 443 không thể vừa phục vụ http vừa phục vụ https. Hãy chọn cổng khác bằng --listen."
    ]


@given(texts)
def test_a_value_is_read_back_as_it_was_or_refused(text: str) -> None:
    try:
        found = quoted(text)
    except ValueError:
        assert "$" in text or not text.isprintable()
    else:
        assert list(directives(f"name {found};")) == [((), ("name", text))]


@settings(deadline=None)
@given(texts, texts, texts, texts)
@example('a"; return 200; #', "{host}}", "/%{;.html", "b")
def test_no_value_becomes_a_directive(folder: str, keys: str, path: str, slug: str) -> None:
    setup = replace(
        SETUP, document_root=f"/{folder}", certificates=f"/{keys}", acme_root=f"/{keys}%s",
        access_log=f"/{folder}.log",
    )  # fmt: skip
    sites = (MAIN, replace(SAPA, slug=slug))
    moved = {("main", f"/{path}"): "https://tinh.example/a.html"}
    try:
        text = configuration(Network(Path(), sites), Redirects(moved), setup, folder)
    except ValueError:
        assert not all(map(fits, [folder, keys, path, slug]))
        return
    plain = replace(
        SETUP, document_root="/srv", certificates="/keys", acme_root="/acme", access_log="/log"
    )
    same = configuration(
        Network(Path(), (MAIN, SAPA)), Redirects({("main", "/old.html"): "https://x/"}), plain, ""
    )
    assert shape(text) == shape(same)
    roots = named(text, "root")
    assert roots == [(f"/{keys}%s",), *[(f"/{folder}",), (f"/{keys}%s",)] * 2]
    assert named(text, f"main/{path}") == [("https://tinh.example/a.html",)]


@given(st.from_regex(r"https?://[a-z0-9.:/~_-]{1,40}", fullmatch=True) | texts)
def test_no_address_becomes_a_directive(url: str) -> None:
    try:
        network, _ = servable(Network(Path(), (MAIN, replace(SAPA, base_url=url))))
        text = written(*network.sites)
    except PortalError:
        return
    names = [
        words for words in named(text, "server_name") if words not in [("",), ("tinh.example",)]
    ]
    assert all(f"://{name}" in url for (name,) in names)


@pytest.mark.usefixtures("nginx")
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(texts.filter(fits), texts.filter(fits), st.integers(1, 300))
@example('"; }', "\\", 1)
@example("", "~*default{}'", 250)
def test_nginx_accepts_whatever_is_written(
    tmp_path: Path, folder: str, path: str, length: int
) -> None:
    moved = {("main", f"/{path}{n}.html"): f"https://tinh.example/{n}" for n in range(length)}
    moved["sapa", f"/{path}" + "x" * length * 3] = "https://sapa.tinh.example/"
    host = ".".join(["a" * 60] * 4)[: max(1, length % 240)].rstrip(".")
    below = Site(
        slug="bacha", folder="members/bacha", title="Bắc Hà", base_url=f"https://{host}/bac-ha/"
    )
    sites = (MAIN, SAPA, below)
    text = configuration(
        Network(Path(), sites), Redirects(moved),
        replace(SETUP, document_root=f"/{folder}", acme_root=f"/{folder}x"), folder,
    )  # fmt: skip
    assert complaint(tmp_path, text) == ""


def test_nginx_accepts_twelve_thousand_old_addresses(tmp_path: Path) -> None:
    moved = {
        ("main", f"/tin-tuc/{'bai-viet-' * (n % 12)}{n}.html"): f"https://tinh.example/{n}.html"
        for n in range(12_000)
    }
    text = configuration(Network(Path(), (MAIN, SAPA)), Redirects(moved), SETUP, "")
    assert complaint(tmp_path, text) == ""


def test_the_same_network_gives_the_same_text(tmp_path: Path) -> None:
    loaded = load_network(network(tmp_path, {"site.yaml": MAIN_SETTINGS}))
    moved = {("main", "/a.html"): "https://tinh.example/", ("main", "/b.html"): "https://x/"}
    first = configuration(loaded, Redirects(moved), SETUP, "")
    assert configuration(loaded, Redirects(dict(reversed(moved.items()))), SETUP, "") == first

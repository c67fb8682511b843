from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from portalgen.settings.site import FROM_ROOT, RelatedBlock, Site
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    network,
    run,
    tree,
)
from tests.settings.refusing import MEMBER, refused


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        *((address, "https://a.example/") for address in (
            "a.example", "//a.example/", "https://A.example/", "https://u:p@a.example/",
            "https://a.example/?x", "https://a.example/#x", "https://a.example//",
            "https://a.example/a b/", "https://a.example/%2e%2e/", "https://a.example:/",
            "https:/a.example", "https//a,example",
        )),
        ("HTTP://www.a.example", "http://www.a.example/"),
        *((address, "https://laocai.example/") for address in (
            "https://", "{slug}", "https://{ten}.example/", "javascript:alert(1)//",
        )),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str, wanted: str) -> None:
    root = network(tmp_path, {MEMBER: f'title: A\nbase_url: "{address}"\n'})
    assert refused(root) == [
        f"{MEMBER}:2:11: “{address}” không phải địa chỉ trang. Hãy viết như {wanted}"
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "{slug}.html", "/{slug}", "/{slug}/", "/../{slug}.html", "/{slug!r}.html", "/{}/x.html",
        "/{slug.__class__}.html", "/{slug:>99}.html", "/{{slug}}.html", "/{ten}/{slug}.html",
        "/{section}.html", "//{slug}.html",
    ],
)  # fmt: skip
def test_a_permalink_that_is_none_is_refused(tmp_path: Path, pattern: str) -> None:
    root = network(tmp_path, {MEMBER: f'title: A\npermalink: "{pattern}"\n'})
    assert refused(root) == [
        f"{MEMBER}:2:12: “{pattern}” không phải mẫu địa chỉ. Hãy viết như "
        "/{section}/{slug}.html, có {slug} và kết thúc bằng .html"
    ]


def test_a_permalink_may_name_the_day(tmp_path: Path) -> None:
    root = network(tmp_path, {
        MEMBER: MEMBER_SETTINGS + "permalink: /{year}/{month}-{day}/{section}_{slug}.html\n",
        "members/sapa/content/tin-tuc/mot.md": article("Một"),
        "members/sapa/content/trang.md": article("Trang", ""),
    })  # fmt: skip
    run(root)
    published = tree(root / "public/sapa")
    assert {"2020/01-10/tin-tuc_mot.html", "trang.html"} <= set(published)


def test_targets_and_known_hosts(tmp_path: Path) -> None:
    extra = """\
known_hosts: [baochinhphu.vn, "*.gov.vn"]
targets:
  - {name: thu, url: ../www}
  - {name: chinh, url: "ssh://web@may-chu.example:2222/srv/cong"}
  - {name: kho, url: "s3://cong-tinh/web", endpoint: "http://localhost:8333", region: hn}
"""
    root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + extra})
    main = load_network(root).main
    assert main.known_hosts == ("baochinhphu.vn", "*.gov.vn")
    assert [target.name for target in main.targets] == ["thu", "chinh", "kho"]
    assert main.targets[2].endpoint == "http://localhost:8333"
    assert load_network(root).sites[1].targets == ()


@pytest.mark.parametrize(
    "url", ["ssh://-oProxyCommand=x/srv", "ssh://máy/srv", "s3://", "a b", "'x'"]
)
def test_a_target_that_could_mean_something_else_is_refused(tmp_path: Path, url: str) -> None:
    extra = f'targets: [{{name: a, url: "{url}"}}]\n'
    root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + extra})
    with pytest.raises(PortalError) as caught:
        load_network(root)
    assert [item.code for item in caught.value.problems] == ["wrong-target"]


def test_a_time_zone_that_does_not_exist_has_its_place(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("sections:", "timezone: Asia/Hanoi\nsections:", 1)
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {"site.yaml": settings}))
    assert [p.describe("vi") for p in caught.value.problems] == [
        "site.yaml:4:11: Không có múi giờ “Asia/Hanoi”. Ví dụ đúng: Asia/Ho_Chi_Minh"
    ]


@pytest.mark.parametrize(
    ("written", "address", "path"),
    [
        ("https://a.example", "https://a.example/", "/"),
        ("http://a.example:8080/b/c", "http://a.example:8080/b/c/", "/b/c/"),
        ("https://{slug}.a.example/{slug}/", "https://sapa.a.example/sapa/", "/sapa/"),
    ],
)
def test_an_address_ends_in_a_slash_and_may_name_the_member(
    tmp_path: Path, written: str, address: str, path: str
) -> None:
    root = network(tmp_path, {MEMBER: f'title: A\nbase_url: "{written}"\n'})
    site = load_network(root).sites[1]
    assert (site.base_url, site.root_path) == (address, path)


def test_a_part_of_a_permalink_is_no_longer_than_a_name_of_a_file(tmp_path: Path) -> None:
    part = "{slug}" + "a" * (200 - len("{slug}.html")) + ".html"
    root = network(tmp_path / "good", {MEMBER: f'title: A\npermalink: "/b/{part}"\n'})
    assert load_network(root).sites[1].permalink == f"/b/{part}"
    root = network(tmp_path / "long", {MEMBER: f'title: A\npermalink: "/b/a{part}"\n'})
    assert refused(root) == [
        f"{MEMBER}:2:12: “/b/a{part[:36]}…” quá dài: mỗi phần giữa hai dấu / chỉ được 200 ký "
        "tự, tất cả 400 ký tự. Hãy rút ngắn."
    ]


@pytest.mark.parametrize("host", ["*.gov.vn", "gov.vn", "a-b.c.vn"])
def test_a_host_may_stand_for_all_below_it(tmp_path: Path, host: str) -> None:
    root = network(tmp_path, {"site.yaml": f'{MAIN_SETTINGS}known_hosts: "{host}"\n'})
    assert load_network(root).main.known_hosts == (host,)


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("https://gov.vn", "gov.vn"), ("vn", "laocai.example"), ("*", "laocai.example"),
        ("a.*.vn", "laocai.example"), ("Gov.vn", "gov.vn"), ("gov.vn/a", "gov.vn"),
        ("*gov.vn", "*.gov.vn"), ("gov,vn", "gov.vn"), ("gov.vn:80", "gov.vn"),
    ],
)  # fmt: skip
def test_a_host_that_is_none_is_refused(tmp_path: Path, host: str, wanted: str) -> None:
    root = network(tmp_path, {"site.yaml": f'{MAIN_SETTINGS}known_hosts: ["{host}"]\n'})
    assert refused(root) == [
        f"site.yaml:13:14: “{host}” không phải tên máy chủ. Hãy viết: {wanted}"
    ]


def test_a_problem_of_a_key_stands_where_its_value_was_written(tmp_path: Path) -> None:
    main, sapa = load_network(network(tmp_path, {})).sites
    assert sapa.problem("kind", "no-settings").place() == f"{MEMBER}:3:7"
    assert sapa.problem("base_url", "no-settings").place() == "site.yaml:12:15"
    assert sapa.problem("notice", "no-settings").place() == MEMBER
    assert main.problem("notice", "no-settings").place() == "site.yaml"


def test_a_site_that_says_little_has_what_readers_expect() -> None:
    site = Site(slug="a", folder="", title="A", base_url="https://a.example/")
    assert str(site.zone) == "Asia/Ho_Chi_Minh"
    assert site.related == (RelatedBlock("Tin cùng chuyên mục", "section", limit=6),)
    assert (site.feeds.limit, site.feeds.full_text, site.permalink) == (
        20, False, "/{section}/{slug}.html",
    )  # fmt: skip


def test_members_take_from_the_root_what_the_whole_network_shares() -> None:
    assert {
        "language", "timezone", "theme", "tokens", "sections", "menu", "related", "permalink",
        "feeds", "links", "alert", "notice",
    } == FROM_ROOT  # fmt: skip

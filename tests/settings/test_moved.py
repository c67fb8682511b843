"""Old hosts and closed members: what is wrong costs the setting, never a site."""

from pathlib import Path

import pytest

from portalgen.settings.network import Network, load_network
from tests.helpers import MAIN_SETTINGS, article, grants, network, problems, run, tree
from tests.settings.refusing import refused

BUILT = "khi chưa sửa, trang này vẫn được dựng."


def loaded(folder: Path, main: str = "", **members: str) -> Network:
    """A network whose root file gives this to members."""
    files = {f"members/{slug}/site.yaml": f"title: {slug}\n" for slug in members}
    settings = MAIN_SETTINGS + grants(**members) + main
    return load_network(network(folder, {"site.yaml": settings, **files}))


def told(opened: Network) -> list[str]:
    return [item.describe("vi") for item in opened.refused]


def hosts(opened: Network) -> dict[str, tuple[str, ...]]:
    return {site.slug: site.hosts for site in opened.sites}


def test_a_site_has_the_hosts_that_it_names(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, "hosts: [www.tinh.example, WWW.Tinh.example]\n", sapa="hosts: cu.gov.vn"
    )
    assert hosts(opened) == {"main": ("www.tinh.example",), "sapa": ("cu.gov.vn",)}
    assert told(opened) == []


def test_all_members_may_have_hosts_by_their_name(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS + '    hosts: ["www.{slug}.tinh.example"]\n'
    files = {
        "site.yaml": settings + grants(sapa="hosts: []"), "members/bacha/site.yaml": "title: B\n",
    }  # fmt: skip
    opened = load_network(network(tmp_path, files))
    assert hosts(opened) == {"main": (), "bacha": ("www.bacha.tinh.example",), "sapa": ()}


@pytest.mark.parametrize("host", ["https://a.example", "a.example/", "a", "*.a.example", "a..b",
                                  "-a.example", "a.example:80", "a b.example", "à.example",
                                  "{ten}.b",
                                  "a" * 64 + ".example"])  # fmt: skip
def test_what_is_no_host_is_refused_at_its_place(tmp_path: Path, host: str) -> None:
    settings = MAIN_SETTINGS + grants(sapa=f'hosts: "{host}"')
    assert refused(network(tmp_path, {"site.yaml": settings})) == [
        f"site.yaml:14:19: “{host}” không phải tên máy chủ. Hãy ghi như "
        "www.laocai.example, không có https:// và dấu /."
    ]


def test_a_host_is_of_one_site_and_the_others_are_built_as_ever(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + grants(
            bacha="hosts: [cu.gov.vn, sapa.tinh.example]",
            sapa="hosts: [cu.gov.vn, www.tinh.example, sapa.tinh.example, moi.gov.vn]",
        ) + "hosts: [www.tinh.example]\n",
        "members/bacha/site.yaml": "title: B\n",
        "members/sapa/content/tin-tuc/a.md": article("A"),
    })  # fmt: skip
    rest = "Hãy bỏ khỏi `hosts` của một bên; khi chưa sửa, trang này không nhận tên miền đó."
    assert problems(run(root)) == [
        f"site.yaml:14:20: Tên miền “sapa.tinh.example” đã thuộc về “sapa”. {rest}",
        f"site.yaml:15:19: Tên miền “cu.gov.vn” đã thuộc về “bacha”. {rest}",
        f"site.yaml:15:19: Tên miền “sapa.tinh.example” đã thuộc về “sapa”. {rest}",
        f"site.yaml:15:19: Tên miền “www.tinh.example” đã thuộc về “main”. {rest}",
    ]
    assert (root / "public/sapa/tin-tuc/a.html").is_file()
    assert hosts(load_network(root)) == {
        "main": ("www.tinh.example",), "bacha": ("cu.gov.vn",), "sapa": ("moi.gov.vn",),
    }  # fmt: skip


def test_who_published_at_a_host_keeps_it_before_the_first_that_names_it(tmp_path: Path) -> None:
    both = grants(bacha="hosts: [cu.gov.vn]", sapa="hosts: [cu.gov.vn]")
    files = {"site.yaml": MAIN_SETTINGS + both, "members/bacha/site.yaml": "title: B\n"}
    root = network(tmp_path, files)
    opened = load_network(root, holders={"https://cu.gov.vn/": "sapa"})
    assert hosts(opened) == {"main": (), "bacha": (), "sapa": ("cu.gov.vn",)}
    [taken] = opened.refused
    assert (taken.code, taken.site, dict(taken.values)["other"]) == ("host-taken", "bacha", "sapa")
    # A path on the host, or one that was given up, is not the host.
    opened = load_network(root, holders={"https://cu.gov.vn/a/": "sapa"})
    assert hosts(opened) == {"main": (), "bacha": ("cu.gov.vn",), "sapa": ()}


def test_the_host_of_a_member_that_is_left_out_is_nobodys(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + grants(bacha="hosts: [cu.gov.vn]"),
        "members/bacha/site.yaml": "title: B\n", "members/sapa/site.yaml": "titel: S\n",
    })  # fmt: skip
    opened = load_network(root, holders={"https://cu.gov.vn/": "sapa"})
    assert hosts(opened) == {"main": (), "bacha": ()}
    assert ("host-taken", "bacha") in [(item.code, item.site) for item in opened.refused]


def test_a_closed_member_is_not_built_and_not_listed(tmp_path: Path) -> None:
    files = {
        "members/bacha/site.yaml": "title: Bắc Hà\n",
        "members/sapa/content/tin-tuc/a.md": article("A", syndicate="true"),
    }
    root = network(tmp_path, files)
    run(root)
    assert "Sa Pa" in (root / "public/main/thanh-vien.html").read_text("utf-8")
    settings = MAIN_SETTINGS + grants(sapa="successor: bacha")
    (root / "site.yaml").write_text(settings, "utf-8")
    report = run(root)
    assert (report.refused, report.notes) == ([], ["needs-server"])
    assert not any(name.startswith("sapa/") for name in tree(root / "public"))
    assert not any(b"Sa Pa" in data for data in tree(root / "public").values())
    [member] = load_network(root).closed
    assert (member.site.slug, member.successor, member.url) == (
        "sapa", "bacha", "https://bacha.tinh.example/",
    )  # fmt: skip


def test_successors_of_successors_are_followed(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, "known_hosts: ['*.gov.vn']\n", a="successor: b", b="successor: c", c="",
        d="successor: e", e="successor: https://khac.gov.vn/d",
    )  # fmt: skip
    assert {item.site.slug: (item.successor, item.url) for item in opened.closed} == {
        "a": ("c", "https://c.tinh.example/"), "b": ("c", "https://c.tinh.example/"),
        "d": ("", "https://khac.gov.vn/d"), "e": ("", "https://khac.gov.vn/d"),
    }  # fmt: skip
    assert [site.slug for site in opened.sites] == ["main", "c", "sapa"]


def test_a_wrong_successor_closes_no_member(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, a="successor: b", b="successor: c", c="successor: b", d="successor: d",
        e="successor: khong-co", f="successor: https://khac.gov.vn/",
    )  # fmt: skip
    assert [site.slug for site in opened.sites] == ["main", "a", "b", "c", "d", "e", "f", "sapa"]
    circle = "Hãy bỏ một dòng; khi chưa sửa, các trang này vẫn được dựng."

    def place(line: int) -> str:
        return f"site.yaml:{line}:20: "

    assert told(opened) == [
        f"{place(14)}Các `successor` dẫn vòng tròn: a → b → c → b. {circle}",
        f"{place(15)}Các `successor` dẫn vòng tròn: b → c → b. {circle}",
        f"{place(16)}Các `successor` dẫn vòng tròn: c → b → c. {circle}",
        f"{place(17)}Các `successor` dẫn vòng tròn: d → d. {circle}",
        f"{place(18)}Không có đơn vị “khong-co”. Hãy ghi một trong: main, a, b, c, d, f, "
        "sapa; hoặc địa chỉ https://…. Khi chưa sửa, trang này vẫn được dựng.",
        f"{place(19)}Máy chủ “khac.gov.vn” ở ngoài mạng lưới. Hãy nhờ người quản trị thêm nó "
        "vào `known_hosts` của tệp site.yaml gốc; khi chưa có, trang này vẫn được dựng.",
    ]


def test_the_main_portal_and_defaults_have_no_successor(tmp_path: Path) -> None:
    for more in ("successor: sapa\n", "    successor: sapa\n"):
        root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + more})
        assert "Không có khóa “successor”" in refused(root)[0]


def test_a_successor_may_name_the_host_that_it_takes_over(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, a="successor: b, hosts: [cu.gov.vn]", b="hosts: [a.tinh.example, cu.gov.vn]",
        c="hosts: a.tinh.example",
    )  # fmt: skip
    assert hosts(opened)["b"] == ("cu.gov.vn",)
    assert [item.site.hosts for item in opened.closed] == [()]
    assert [line.partition(": ")[0] for line in told(opened)] == [
        "site.yaml:16:16",
    ]  # fmt: skip

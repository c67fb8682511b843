"""Who keeps an address that several sites name."""

from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import Network, load_network
from tests.helpers import MAIN_SETTINGS, grants, network

SHARED = "https://chung.example/"


def loaded(
    folder: Path, held: dict[str, str] | None = None, holders: dict[str, str] | None = None,
    main: str = "", **members: str,
) -> Network:  # fmt: skip
    files = {
        f"members/{slug}/site.yaml": f"title: {slug}\n{text}" for slug, text in members.items()
    }
    root = network(folder, {"site.yaml": MAIN_SETTINGS + main, **files})
    return load_network(root, held or {}, holders or {})


def addresses(opened: Network) -> dict[str, str]:
    return {site.slug: site.base_url for site in opened.sites}


def told(opened: Network) -> list[tuple[str, str, str, str]]:
    """Code, place, holder and what is kept of each problem."""
    return [
        (item.code, item.place(), dict(item.values).get("other", ""), item.kept)
        for item in opened.refused
    ]


CLAIM = f"base_url: {SHARED}\n"


def test_the_first_of_two_members_keeps_an_address_that_nobody_published_at(
    tmp_path: Path,
) -> None:
    opened = loaded(tmp_path, bacha=CLAIM, sapa=CLAIM)
    assert addresses(opened) == {"main": "https://tinh.example/", "bacha": SHARED}
    assert told(opened) == [("same-address", "members/sapa/site.yaml:2:11", "bacha", "")]
    assert opened.left_out == {"sapa"}


def test_who_published_at_an_address_keeps_it_and_the_other_has_its_held_settings(
    tmp_path: Path,
) -> None:
    held = {"bacha": "title: Bắc Hà\nbase_url: https://bacha.example/\n"}
    opened = loaded(tmp_path, held, {SHARED: "sapa"}, bacha=CLAIM, sapa=CLAIM)
    assert addresses(opened) == {
        "main": "https://tinh.example/", "bacha": "https://bacha.example/", "sapa": SHARED,
    }  # fmt: skip
    assert told(opened) == [
        ("same-address", "members/bacha/site.yaml:2:11", "sapa", "settings-kept")
    ]
    assert opened.held == {"bacha"}


def test_addresses_are_compared_without_case(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, None, {"https://x.example/a/": "sapa"}, bacha="base_url: https://x.example/a/\n",
        sapa="base_url: https://x.example/A/\n",
    )  # fmt: skip
    assert addresses(opened)["sapa"] == "https://x.example/A/"
    assert opened.left_out == {"bacha"}


def test_who_collides_with_its_held_settings_too_is_left_out(tmp_path: Path) -> None:
    held = {"sapa": f"title: S\nbase_url: {SHARED}\n"}
    opened = loaded(tmp_path, held, None, bacha=CLAIM, sapa="titel: A\n")
    assert opened.left_out == {"sapa"}
    assert [(code, kept) for code, _, _, kept in told(opened)] == [("unknown-key-twice", "")]


def test_a_claimant_whose_held_settings_take_anothers_new_address_gives_way_in_turn(
    tmp_path: Path,
) -> None:
    held = {
        "bacha": "title: B\nbase_url: https://b.example/\n",
        "sapa": "title: S\nbase_url: https://s.example/\n",
    }
    holders = {"https://b.example/": "bacha", "https://s.example/": "sapa", SHARED: "a"}
    opened = loaded(
        tmp_path, held, holders, a=CLAIM, bacha=CLAIM, sapa="base_url: https://b.example/\n"
    )
    assert addresses(opened) == {
        "main": "https://tinh.example/", "a": SHARED, "bacha": "https://b.example/",
        "sapa": "https://s.example/",
    }  # fmt: skip
    assert opened.held == {"bacha", "sapa"}


def test_the_main_portal_is_always_first(tmp_path: Path) -> None:
    taken = "base_url: https://tinh.example/\n"
    opened = loaded(tmp_path, None, {"https://tinh.example/": "sapa"}, sapa=taken)
    assert addresses(opened) == {"main": "https://tinh.example/"}
    assert told(opened) == [("same-address", "members/sapa/site.yaml:2:11", "main", "")]


def test_an_address_that_the_root_gives_a_member_is_no_other_members(tmp_path: Path) -> None:
    opened = loaded(tmp_path, bacha="base_url: https://sapa.tinh.example/\n", sapa="")
    assert addresses(opened)["sapa"] == "https://sapa.tinh.example/"
    assert told(opened) == [("same-address", "members/bacha/site.yaml:2:11", "sapa", "")]


def test_who_published_there_keeps_even_what_the_root_gives_a_new_member(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, None, {"https://sapa.tinh.example/": "bacha"},
        bacha="base_url: https://sapa.tinh.example/\n", sapa="",
    )  # fmt: skip
    assert addresses(opened)["bacha"] == "https://sapa.tinh.example/"
    assert told(opened) == [("same-address", "members/sapa/site.yaml:1:1", "bacha", "")]


def test_the_address_of_a_member_that_is_left_out_is_nobodys(tmp_path: Path) -> None:
    opened = loaded(tmp_path, None, {SHARED: "sapa"}, bacha=CLAIM, sapa="language: fr\n")
    assert opened.left_out == {"bacha", "sapa"}
    assert ("same-address", "members/bacha/site.yaml:2:11", "sapa", "") in told(opened)


def test_an_address_that_its_holder_gave_up_is_the_root_files_to_give(tmp_path: Path) -> None:
    opened = loaded(tmp_path, None, {SHARED: "sapa"}, bacha=CLAIM, sapa="")
    assert opened.left_out == {"bacha"}
    assert told(opened) == [("foreign-address", "members/bacha/site.yaml:2:11", "sapa", "")]
    opened = loaded(
        tmp_path, None, {SHARED: "sapa"}, grants(bacha=f"base_url: {SHARED}"), bacha=CLAIM, sapa=""
    )
    assert addresses(opened)["bacha"] == SHARED
    assert told(opened) == []


def test_the_address_of_a_member_that_is_gone_is_free(tmp_path: Path) -> None:
    opened = loaded(tmp_path, None, {SHARED: "cu"}, bacha=CLAIM)
    assert addresses(opened)["bacha"] == SHARED


MEANT = ["https://tinh.example./", "http://tinh.example/", "https://tinh.example:443/",
         "http://tinh.example:80/", "https://tinh.example:0443/"]  # fmt: skip


@pytest.mark.parametrize("url", MEANT)
def test_addresses_are_compared_by_what_they_mean(tmp_path: Path, url: str) -> None:
    opened = loaded(tmp_path, None, None, bacha=f"base_url: {url}\n")
    assert opened.left_out == {"bacha"}
    assert told(opened) == [("same-address", "members/bacha/site.yaml:2:11", "main", "")]
    # Also who published there is found by what the address means.
    opened = loaded(tmp_path, None, {url.replace("tinh", "chung"): "sapa"}, bacha=CLAIM, sapa=CLAIM)
    assert addresses(opened)["sapa"] == SHARED


@pytest.mark.parametrize(
    "url",
    ["https://tinh.example/sapa/", "https://tinh.example:8443/", "http://tinh.example./a/b/",
     "https://www.tinh.example/", "https://www.tinh.example/a/", "https://bacha.tinh.example/a/"],
)  # fmt: skip
def test_a_members_own_file_takes_no_place_on_anothers_host(tmp_path: Path, url: str) -> None:
    held = {"sapa": "title: S\n"}
    claim, main = f"base_url: {url}\n", "hosts: [www.tinh.example]\n"
    opened = loaded(tmp_path, held, None, main, bacha="", sapa=claim)
    assert addresses(opened)["sapa"] == "https://sapa.tinh.example/"
    [(code, place, _, kept)] = told(opened)
    assert (code, place, kept) == (
        "foreign-address",
        "members/sapa/site.yaml:2:11",
        "settings-kept",
    )
    assert opened.main.hosts == ("www.tinh.example",)
    # The root file may give it away.
    given = grants(sapa=f"base_url: '{url}'")
    opened = loaded(tmp_path, None, None, given + main, bacha="", sapa="")
    assert addresses(opened)["sapa"] == url
    assert [code for code, *_ in told(opened)] in ([], ["host-taken"])


def test_nobody_takes_the_whole_host_on_which_another_has_a_path(tmp_path: Path) -> None:
    below, above = "base_url: https://x.example/a/\n", "base_url: https://x.example/\n"
    # The upper one has the host, unless the lower one was there before it.
    opened = loaded(tmp_path, None, None, bacha=below, sapa=above)
    assert opened.left_out == {"bacha"}
    opened = loaded(tmp_path, None, {"https://x.example/a/": "bacha"}, bacha=below, sapa=above)
    assert opened.left_out == {"sapa"}
    beside = "base_url: https://x.example/b/\n"
    assert told(loaded(tmp_path, bacha=below, sapa=beside)) == []


def test_the_root_file_may_give_away_a_path_on_a_members_host(tmp_path: Path) -> None:
    given, own = grants(sapa="base_url: https://x.example/p/"), "base_url: https://x.example/\n"
    opened = loaded(tmp_path, None, {"https://x.example/": "bacha"}, given, bacha=own, sapa="")
    assert addresses(opened) == {
        "main": "https://tinh.example/", "bacha": "https://x.example/",
        "sapa": "https://x.example/p/",
    }  # fmt: skip
    assert told(opened) == []


def test_who_published_below_another_stays_there_and_is_told(tmp_path: Path) -> None:
    url = "https://tinh.example/sapa/"
    settings = f"title: S\nbase_url: {url}\n"
    opened = loaded(tmp_path, {"sapa": settings}, {url: "sapa"}, sapa=f"base_url: {url}\n")
    assert addresses(opened)["sapa"] == url
    assert told(opened) == [
        ("foreign-address", "members/sapa/site.yaml:2:11", "main", "settings-kept")
    ]


@pytest.mark.parametrize("url", ["https://cu.tinh.example/", "https://cu.tinh.example/a/"])
def test_the_address_of_a_closed_member_is_the_root_files_to_give(tmp_path: Path, url: str) -> None:
    closed = grants(cu="successor: sapa")
    opened = loaded(tmp_path, None, None, closed, bacha=f"base_url: {url}\n", cu="", sapa="")
    assert opened.left_out == {"bacha"}
    assert told(opened) == [("foreign-address", "members/bacha/site.yaml:2:11", "cu", "")]


def test_a_granted_address_comes_before_the_members_own(tmp_path: Path) -> None:
    opened = loaded(
        tmp_path, None, None, grants(sapa=f"base_url: {SHARED}"), sapa=CLAIM[:-2] + "x/\n"
    )
    assert addresses(opened)["sapa"] == SHARED


@pytest.mark.parametrize("holders", [{}, {SHARED: "sapa"}])
def test_an_old_host_of_another_is_no_address(tmp_path: Path, holders: dict[str, str]) -> None:
    hosts = grants(sapa="hosts: [chung.example]")
    opened = loaded(tmp_path, None, holders, hosts, bacha=CLAIM, sapa="")
    [(_, place, other, _)] = told(opened)
    assert (place, other) == ("members/bacha/site.yaml:2:11", "sapa")
    assert {site.slug: site.hosts for site in opened.sites} == {
        "main": (), "sapa": ("chung.example",),
    }  # fmt: skip


def test_one_address_for_all_members_is_wrong_in_the_root_file(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("{slug}", "x"),
        "members/bacha/site.yaml": "title: B\n",
    })  # fmt: skip
    with pytest.raises(PortalError) as caught:
        load_network(root, {"sapa": "title: S\n"}, {"https://x.tinh.example/": "sapa"})
    assert [item.place() for item in caught.value.problems] == ["site.yaml:12:15"]

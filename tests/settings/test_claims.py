"""Who keeps an address that several sites name."""

from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import Network, load_network
from tests.helpers import MAIN_SETTINGS, network

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
    assert [(code, kept) for code, _, _, kept in told(opened)] == [("unknown-key-near", "")]


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


def test_an_address_that_its_holder_gave_up_is_free(tmp_path: Path) -> None:
    opened = loaded(tmp_path, None, {SHARED: "sapa"}, bacha=CLAIM, sapa="")
    assert addresses(opened)["bacha"] == SHARED
    assert told(opened) == []


@pytest.mark.parametrize("holders", [{}, {SHARED: "sapa"}])
def test_a_host_that_its_holder_left_but_still_names_is_no_others_address(
    tmp_path: Path, holders: dict[str, str]
) -> None:
    opened = loaded(tmp_path, None, holders, bacha=CLAIM, sapa="hosts: [chung.example]\n")
    hosts = {site.slug: site.hosts for site in opened.sites}
    if holders:
        assert told(opened) == [("same-address", "members/bacha/site.yaml:2:11", "sapa", "")]
        assert hosts == {"main": (), "sapa": ("chung.example",)}
    else:
        assert told(opened) == [("host-taken", "members/sapa/site.yaml:2:8", "bacha", "")]
        assert hosts == {"main": (), "bacha": (), "sapa": ()}


def test_one_address_for_all_members_is_wrong_in_the_root_file(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("{slug}", "x"),
        "members/bacha/site.yaml": "title: B\n",
    })  # fmt: skip
    with pytest.raises(PortalError) as caught:
        load_network(root, {"sapa": "title: S\n"}, {"https://x.tinh.example/": "sapa"})
    assert [item.place() for item in caught.value.problems] == ["site.yaml:12:15"]

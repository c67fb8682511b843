"""Sites as they were built last: settings that are held, hosts that a site had."""

from pathlib import Path

from portalgen.register.entries import Register, SiteEntries, SiteRecord
from portalgen.register.hosts import last_settings, record_sites
from portalgen.register.store import load_register
from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, grants, network, run, write

MEMBER = "members/sapa/site.yaml"


def recorded(root: Path, register: Register, now: int = 5) -> dict[str, tuple[str, ...]]:
    """The hosts of each site, once its record is up to date."""
    opened = load_network(root)
    sites = record_sites(register, opened, opened.slugs, now).sites
    return {site.slug: site.hosts for site in sites}


def test_a_host_that_a_site_had_is_one_of_its_own(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    register = Register("k")
    assert recorded(root, register) == {"main": (), "sapa": ()}
    write(root, {"site.yaml": MAIN_SETTINGS.replace("tinh.example", "moi.example")})
    hosts = {"main": ("tinh.example",), "sapa": ("sapa.tinh.example",)}
    assert recorded(root, register, 9) == hosts
    assert register.site("main").record.since == 9
    assert recorded(root, register, 12) == hosts
    assert register.site("main").record.since == 9
    write(root, {"site.yaml": MAIN_SETTINGS})  # and back again
    assert recorded(root, register) == {"main": ("moi.example",), "sapa": ("sapa.moi.example",)}


def test_a_host_belongs_to_who_has_it_now(tmp_path: Path) -> None:
    root = network(tmp_path, {MEMBER: MEMBER_SETTINGS + "base_url: https://cu.example/\n"})
    register = Register("k")
    recorded(root, register)
    write(root, {
        MEMBER: MEMBER_SETTINGS,
        "members/bacha/site.yaml": "title: Bắc Hà\nbase_url: https://cu.example/\n",
    })  # fmt: skip
    assert recorded(root, register) == {"main": (), "sapa": (), "bacha": ()}
    write(root, {
        "members/bacha/site.yaml": "title: Bắc Hà\n",
        "site.yaml": MAIN_SETTINGS + grants(bacha="hosts: [cu.example]"),
    })  # fmt: skip
    assert recorded(root, register) == {"main": (), "sapa": (), "bacha": ("cu.example",)}


def test_only_sites_that_are_built_are_recorded(tmp_path: Path) -> None:
    root, register = network(tmp_path, {}), Register("k")
    opened = load_network(root)
    record_sites(register, opened, ["sapa"], 5)
    assert register.site("main").record == SiteRecord()
    assert register.site("sapa").record.settings == MEMBER_SETTINGS


def test_who_was_last_at_an_address_holds_it() -> None:
    def built(since: int, url: str, settings: str = "") -> SiteEntries:
        return SiteEntries(SiteRecord(settings, url, (), since))

    register = Register("k", {
        "a": built(5, "https://X.example/", "title: A\n"), "b": built(9, "https://x.example/"),
        "c": built(7, "https://x.example/"), "d": SiteEntries(),
        "e": SiteEntries(SiteRecord("", "https://y.example/", ("cu.example", "x.example"), 3)),
    })  # fmt: skip
    assert last_settings(register) == ({"a": "title: A\n"}, {
        "https://x.example/": "b", "https://y.example/": "e", "https://cu.example/": "e",
    })  # fmt: skip


def test_a_closed_member_keeps_the_settings_that_closed_it(tmp_path: Path) -> None:
    news = {"members/sapa/content/tin-tuc/a.md": article("A")}
    root = network(tmp_path, {**news, "members/bacha/site.yaml": "title: Bắc Hà\n"})
    run(root)
    closed = "title: Sa Pa\n"
    write(root, {MEMBER: closed, "site.yaml": MAIN_SETTINGS + grants(sapa="successor: bacha")})
    run(root)
    write(root, {MEMBER: closed + "titel: x\n"})
    report = run(root)
    assert [(item.code, item.kept) for item in report.refused] == [
        ("unknown-key-twice", "settings-kept")
    ]
    register = load_register(root / "register")
    assert register and register.sites["sapa"].record.settings == closed
    assert not (root / "public/sapa").exists()

"""A member's wrong `site.yaml` costs this member alone, or nothing while older text is held."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    grants,
    network,
    page,
    problems,
    run,
    tree,
    unlike_clean,
    write,
)
from tests.settings.refusing import MEMBER

HELD = "title: Sa Pa cũ\nmenu: [{title: Cũ, url: /cu.html}]\n"
KEPT = "Trang này dùng cấu hình của lần dựng trước; cấu hình mới chưa dùng được vì: "
WRONG = {
    "syntax": ("title: A: B\n", "yaml-colon"),
    "an unknown key": ("title: A\ncolour: red\n", "unknown-key"),
    "a wrong value": ("title: A\nlanguage: fr\n", "wrong-choice"),
    "no title": ("kind: xa\n", "missing-key"),
    "no file": (None, "no-settings"),
    "bytes": (b"\xff\xfe\0a", "encoding-utf16"),
    "an unknown kind": ("title: A\nkind: so\n", "unknown-kind"),
    "a slug twice": (
        "title: A\nsections: [{slug: a, title: A}, {slug: a, title: B}]\n", "same-slug",
    ),
    "a key of the root": ("title: A\nkinds: []\n", "only-in-root"),
    "a key twice": ("title: A\nkind: xa\nkind: xa\n", "duplicate-key"),
    "a bad link": ("title: A\nmenu: [{title: B, url: 'javascript:x'}]\n", "wrong-url"),
    "more than 64 KB": (f"title: A\nnotice: {'a' * 65_536}\n", "settings-too-large"),
    "more than 4 MB": (b"#" * 4_000_001, "file-too-large"),
    "old hosts": ("title: A\nhosts: [tinh.example]\n", "only-in-root"),
    "a successor": ("title: A\nsuccessor: main\n", "only-in-root"),
    "a front page": ("title: A\nfront: {pin: [a.md]}\n", "only-in-root"),
    "a quota": ("title: A\nquota: {files: 9}\n", "only-in-root"),
    "an unknown theme": ("title: A\ntheme: khac\n", "unknown-theme"),
    "an unknown token": ("title: A\ntokens: {khac-han: '#111'}\n", "unknown-token"),
    "a wrong token": ("title: A\ntokens: {brand: red}\n", "wrong-token"),
}  # fmt: skip
KINDS = MAIN_SETTINGS + "kinds: [{slug: xa, title: Các xã}]\n"


def wrong(folder: Path, text: str | bytes | None) -> Path:
    """A network whose member Sa Pa has these settings, beside the member Bắc Hà."""
    files = {"site.yaml": KINDS, "members/bacha/site.yaml": "title: Bắc Hà\n"}
    root = network(folder, files)
    write(root, {MEMBER: text})
    return root


@pytest.mark.parametrize("case", WRONG)
def test_a_member_with_wrong_settings_is_built_with_those_that_are_held(
    tmp_path: Path, case: str
) -> None:
    text, code = WRONG[case]
    opened = load_network(wrong(tmp_path, text), {"sapa": HELD, "bacha": "title: Xưa\n"})
    assert {site.slug: site.title for site in opened.sites} == {
        "main": "Cổng tỉnh", "bacha": "Bắc Hà", "sapa": "Sa Pa cũ",
    }  # fmt: skip
    assert {(item.code, item.path, item.site, item.kept) for item in opened.refused} == {
        (code, MEMBER, "sapa", "settings-kept")
    }
    assert opened.own == {"bacha": "title: Bắc Hà\n", "sapa": HELD}
    assert (set(opened.held), set(opened.left_out)) == ({"sapa"}, set())


@pytest.mark.parametrize("held", [{}, {"sapa": "titel: A\n"}, {"sapa": "title: A: B\n"}])
@pytest.mark.parametrize("case", WRONG)
def test_without_good_settings_a_member_is_left_out_and_told(
    tmp_path: Path, case: str, held: dict[str, str]
) -> None:
    text, code = WRONG[case]
    opened = load_network(wrong(tmp_path, text), held)
    assert [site.slug for site in opened.sites] == ["main", "bacha"]
    assert {(item.code, item.path, item.site, item.kept) for item in opened.refused} == {
        (code, MEMBER, "sapa", "")
    }
    assert list(opened.own) == ["bacha"]
    assert (set(opened.held), set(opened.left_out)) == (set(), {"sapa"})


LOST = "theme: cu\ntokens: {line: '#222222', cu: '#333333', brand: red}\nkind: so\nnotice: Riêng\n"


@pytest.mark.parametrize("text", ["titel: A\n", f"title: Sa Pa cũ\n{LOST}"])
def test_what_the_root_file_has_no_more_costs_only_that_value(tmp_path: Path, text: str) -> None:
    opened = load_network(wrong(tmp_path, text), {"sapa": f"title: Sa Pa cũ\n{LOST}"})
    sapa = opened.sites[-1]
    assert (sapa.title, sapa.notice) == ("Sa Pa cũ", "Riêng")
    assert (sapa.theme, sapa.kind, sapa.tokens) == ("portal", "", {"line": "#222222"})
    assert (set(opened.held), set(opened.left_out)) == ({"sapa"}, set())
    assert {item.kept for item in opened.refused} == {"settings-kept"}
    # It counts again once the root file has it again.
    assert opened.own["sapa"] == f"title: Sa Pa cũ\n{LOST}"


def test_a_member_stays_when_a_kind_is_removed_and_has_it_again_later(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": KINDS, MEMBER: "title: Sa Pa\nkind: xa\n"})
    run(root)
    write(root, {"site.yaml": MAIN_SETTINGS + "kinds: [{slug: so, title: Các sở}]\n"})
    [refused] = run(root).refused
    assert (refused.code, refused.kept) == ("unknown-kind", "settings-kept")
    assert "Sa Pa" in page(root, "sapa/index.html")
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {"site.yaml": KINDS})
    assert run(root).refused == []


def test_a_members_settings_are_a_file_of_its_own_folder(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/bacha/site.yaml": "title: Bắc Hà\n", "members/sapa/that.yaml": "title: Sa Pa\n",
    })  # fmt: skip
    for target, code in (
        ("../bacha/site.yaml", "symlink-outside"), ("../../site.yaml", "symlink-outside"),
        ("site.yaml", "file-unreadable"), ("khong-co.yaml", "no-settings"),
    ):  # fmt: skip
        (root / MEMBER).unlink()
        (root / MEMBER).symlink_to(target)
        opened = load_network(root, {"sapa": HELD})
        assert [site.title for site in opened.sites][1:] == ["Bắc Hà", "Sa Pa cũ"], target
        assert [(item.code, item.path) for item in opened.refused] == [(code, MEMBER)]
    (root / MEMBER).unlink()
    (root / MEMBER).symlink_to("that.yaml")
    opened = load_network(root, {"sapa": HELD})
    assert (opened.sites[-1].title, opened.refused) == ("Sa Pa", ())


def test_settings_that_cannot_be_read_are_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, real = network(tmp_path, {}), os.stat

    def closed(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if str(path).endswith(MEMBER):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", closed)
        opened = load_network(root, {"sapa": HELD})
    assert opened.sites[-1].title == "Sa Pa cũ"
    assert [item.code for item in opened.refused] == ["file-unreadable"]


def test_the_root_file_may_be_larger_than_a_members(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": f"{MAIN_SETTINGS}#{'a' * 65_536}\n"})
    assert len(load_network(root).sites) == 2
    write(root, {"site.yaml": f"{MAIN_SETTINGS}#{'a' * 1_048_576}\n"})
    with pytest.raises(PortalError) as caught:
        load_network(root)
    assert [item.code for item in caught.value.problems] == ["settings-too-large"]


def test_what_an_earlier_build_took_from_a_member_stays_until_the_root_file_says_it(
    tmp_path: Path,
) -> None:
    text = "title: Sa Pa\nhosts: [cu.example]\n"
    root = wrong(tmp_path, text)
    opened = load_network(root, {"sapa": text})
    assert opened.sites[-1].hosts == ("cu.example",)
    assert [item.kept for item in opened.refused] == ["settings-kept"]
    write(root, {
        "site.yaml": KINDS.replace("kinds:", grants(sapa="hosts: [cu.example]") + "kinds:"),
        MEMBER: "title: Sa Pa\n",
    })  # fmt: skip
    opened = load_network(root, {"sapa": text})
    assert (opened.sites[-1].hosts, opened.refused) == (("cu.example",), ())


def test_members_that_the_root_file_names_and_are_none_are_told(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS + grants(cu="hosts: [cu.example]")
    settings += "syndicate_from: [sapa, khac]\nfeatured_from: all\n"
    opened = load_network(network(tmp_path, {"site.yaml": settings}))
    rest = "nên dòng này không có tác dụng. Các đơn vị: sapa"
    assert [item.describe("vi") for item in opened.refused] == [
        f"site.yaml:14:9: Không có đơn vị “cu”, {rest}",
        f"site.yaml:15:24: Không có đơn vị “khac”, {rest}",
    ]
    assert [site.slug for site in opened.sites] == ["main", "sapa"]


def test_held_settings_inherit_what_the_root_gives_today(tmp_path: Path) -> None:
    root = wrong(tmp_path, "titel: A\n")
    write(root, {"site.yaml": f"{KINDS}notice: Mới\ntokens: {{brand: '#111111'}}\n"})
    sapa = load_network(root, {"sapa": "title: A\ntokens: {line: '#222222'}\n"}).sites[-1]
    assert (sapa.notice, sapa.tokens) == ("Mới", {"brand": "#111111", "line": "#222222"})


@pytest.mark.parametrize(
    "more",
    [
        "    kind: so\nkinds: [{slug: xa, title: Xã}]\n",
        "    topics: [{title: A, slug: a}, {title: B, slug: a}]\n",
        "    theme: khac\n",
        "    tokens: {brand: red}\n",
        "    base_url: https://tinh.example/\n",
        "    titel: A\n",
    ],
)
def test_what_is_wrong_in_the_defaults_of_all_members_publishes_nothing(
    tmp_path: Path, more: str
) -> None:
    settings = MAIN_SETTINGS
    if "base_url" in more:
        settings = settings.replace('    base_url: "https://{slug}.tinh.example/"\n', "")
    root = network(tmp_path, {"site.yaml": settings + more, MEMBER: "title: Sa Pa\n"})
    with pytest.raises(PortalError) as caught:
        load_network(root, {"sapa": HELD})
    assert {item.path for item in caught.value.problems} == {"site.yaml"}


def test_what_is_told_of_held_settings_names_no_line_of_the_file(tmp_path: Path) -> None:
    root = wrong(tmp_path, "titel: A\n")
    opened = load_network(root, {"sapa": "title: A\nhosts: [tinh.example]\n"})
    assert (MEMBER, "host-taken") in [(item.place(), item.code) for item in opened.refused]


def test_a_member_may_be_named_only_when_it_is_built(tmp_path: Path) -> None:
    opened = load_network(wrong(tmp_path, "title: A\nlanguage: fr\n"))
    opened.check_slugs(["bacha"])
    for slug, code in (("sapa", "wrong-choice"), ("khac", "unknown-site")):
        with pytest.raises(PortalError) as caught:
            opened.check_slugs([slug])
        assert [item.code for item in caught.value.problems] == [code]


def test_a_member_folder_with_a_wrong_name_costs_itself(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/Sa_Pa/site.yaml": "title: A\n"})
    opened = load_network(root)
    assert [site.slug for site in opened.sites] == ["main", "sapa"]
    assert [(item.code, item.path) for item in opened.refused] == [
        ("wrong-member-folder", "members/Sa_Pa")
    ]
    assert opened.left_out == frozenset()


def test_a_member_folder_that_leads_out_of_the_network_is_left_out_with_its_held_settings(
    tmp_path: Path,
) -> None:
    (tmp_path / "ngoai").mkdir()
    root = network(tmp_path, {})
    (root / "members/bacha").symlink_to(tmp_path / "ngoai")
    opened = load_network(root, {"bacha": HELD})
    assert [site.slug for site in opened.sites] == ["main", "sapa"]
    assert [(item.code, item.site) for item in opened.refused] == [("symlink-outside", "bacha")]
    assert opened.left_out == {"bacha"}


def test_who_is_to_follow_a_member_that_is_left_out_waits_for_it(tmp_path: Path) -> None:
    root = wrong(tmp_path, "titel: A\n")
    given = grants(bacha="successor: sapa", cu="successor: bacha")
    write(root, {
        "site.yaml": MAIN_SETTINGS + given, "members/cu/site.yaml": "title: C\n",
    })  # fmt: skip
    opened = load_network(root)
    assert [site.slug for site in opened.sites] == ["main"]
    assert opened.closed == ()
    assert opened.left_out == {"bacha", "cu", "sapa"}
    assert {item.path for item in opened.refused} == {MEMBER}
    opened = load_network(root, {"sapa": HELD})
    assert [item.site.slug for item in opened.closed] == ["bacha", "cu"]
    assert (set(opened.left_out), set(opened.held)) == (set(), {"sapa"})


NEWS = "members/sapa/content/tin-tuc/a.md"


def test_the_news_of_a_member_with_wrong_settings_go_on(tmp_path: Path) -> None:
    root = network(tmp_path, {NEWS: article("Cũ", syndicate="true")})
    run(root)
    write(root, {
        MEMBER: "title: Sai\nlanguage: fr\n",
        "members/sapa/content/tin-tuc/b.md": article("Tin mới", syndicate="true"),
    })  # fmt: skip
    report = run(root)
    assert problems(report) == [f"{MEMBER}:2:11: {KEPT}“fr” không dùng được. Hãy chọn: vi, en"]
    assert "Thị xã Sa Pa" in page(root, "sapa/tin-tuc/b.html")
    assert "Tin mới" in page(root, "main/index.html")
    assert unlike_clean(root, tmp_path / "clean") == []
    again = run(root)
    assert (again.files_written, again.files_removed) == (0, 0)
    assert again.refused == report.refused
    write(root, {MEMBER: MEMBER_SETTINGS.replace("Thị xã Sa Pa", "Phường Sa Pa")})
    assert run(root).refused == []
    assert "Phường Sa Pa" in page(root, "sapa/tin-tuc/b.html")
    assert unlike_clean(root, tmp_path / "clean2") == []


def test_what_is_published_of_a_member_that_is_left_out_stays(tmp_path: Path) -> None:
    """Neither its own settings nor those of its last build are right any more."""
    root = network(tmp_path, {
        NEWS: article("Tin", syndicate="true"), "content/tin-tuc/c.md": article("Chung"),
    })  # fmt: skip
    run(root)
    shutil.rmtree(root / "register")
    before = {name: data for name, data in tree(root / "public").items() if name[:5] == "sapa/"}
    assert "sapa/tin-tuc/a.html" in before
    write(root, {MEMBER: "titel: A\n", "content/tin-tuc/d.md": article("Mới")})
    for _ in range(2):
        report = run(root)
        assert {item.site for item in report.refused} == {"sapa"}
        after = tree(root / "public")
        assert {name: data for name, data in after.items() if name[:5] == "sapa/"} == before
        assert report.pages_planned == len(after) - len(before)
    assert "main/tin-tuc/d.html" in after
    write(root, {MEMBER: MEMBER_SETTINGS})
    assert run(root).refused == []
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {MEMBER: None, NEWS: None})
    for folder in ("content/tin-tuc", "content", ""):
        (root / "members/sapa" / folder).rmdir()
    run(root)
    assert not [name for name in tree(root / "public") if name.startswith("sapa/")]


def test_strict_publishes_nothing_while_settings_are_held(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    run(root)
    before = tree(root / "public")
    write(root, {MEMBER: "titel: A\n"})
    with pytest.raises(PortalError) as caught:
        run(root, strict=True)
    assert {item.kept for item in caught.value.problems} == {"settings-kept"}
    assert tree(root / "public") == before


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{n}:\n" for n in range(9000)),
        "kind: xa\n" * 5000,
        "tokens: {" + ", ".join(f"b{n}: x" for n in range(6000)) + "}\n",
    ],
)
def test_of_very_many_problems_the_first_are_told(tmp_path: Path, text: str) -> None:
    opened = load_network(wrong(tmp_path, f"title: A\n{text}"), {"sapa": f"title: A\n{text}"})
    assert len(opened.refused) == 100
    assert opened.held == {"sapa"}

"""Settings that only the root file has."""

from pathlib import Path

import pytest

from portalgen.settings.network import load_network
from portalgen.settings.root import Quota
from tests.helpers import MAIN_SETTINGS, grants, network
from tests.settings.refusing import NEED_KEYS, NEED_LIST, refused

ALL_OR_LIST = "Ở đây cần `all`, hoặc danh sách tên thư mục đơn vị, như [sapa, bacha]."


@pytest.mark.parametrize(
    ("text", "takes", "features"),
    [
        ("", True, False),
        ("syndicate_from: all\nfeatured_from: all\n", True, True),
        ("syndicate_from: []\nfeatured_from: []\n", False, False),
        ("syndicate_from: [sapa]\nfeatured_from: [sapa]\n", True, True),
        ("syndicate_from: [bacha]\nfeatured_from: [bacha]\n", False, False),
        ("syndicate_from:\nfeatured_from:\n", True, False),
    ],
)
def test_the_main_portal_says_whose_news_it_takes(
    tmp_path: Path, text: str, takes: bool, features: bool
) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + text, "members/bacha/site.yaml": "title: B\n",
    })  # fmt: skip
    main = load_network(root).main
    assert (main.takes("sapa"), main.features("sapa")) == (takes, features)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("syndicate_from: sapa", f"13:17: {ALL_OR_LIST}"),
        ("featured_from: {a: b}", f"13:16: {ALL_OR_LIST}"),
        ("front: [a]", f"13:8: {NEED_KEYS}"),
        ("front: {pin: a.md}", f"13:14: {NEED_LIST}"),
        ("front: {pins: [a.md]}", "13:9: Không có khóa “pins”. Có phải “pin”?"),
        ("front: {until: 2020-02-31}",
         "13:16: “2020-02-31” không có trong lịch. Hãy viết ngày có thật, ví dụ 2020-02-29"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_root_file_has_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    [problem] = refused(network(tmp_path, {"site.yaml": f"{MAIN_SETTINGS}{text}\n"}))
    assert problem == f"site.yaml:{message}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("front: {until: 2020-01-15 08:00}\n", 1_579_050_000),
        ("front: {until: 2020-01-15 08:00Z}\n", 1_579_075_200),
        ("front: {until: 2020-01-15 08:00}\ntimezone: Europe/Paris\n", 1_579_071_600),
        ("front: {until: 1950-01-01}\n", 1),
    ],
)
def test_the_end_of_front_is_a_moment_in_the_zone_of_the_main_portal(
    tmp_path: Path, text: str, seconds: int
) -> None:
    root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + text})
    assert load_network(root).main.front_until == seconds


def test_a_quota_is_the_members_then_that_of_all(tmp_path: Path) -> None:
    members = {f"members/{slug}/site.yaml": f"title: {slug}\n" for slug in ("bacha", "sapa")}
    assert load_network(network(tmp_path, members)).sites[1].quota == Quota(20_000, 10_000)
    settings = MAIN_SETTINGS + "    quota: {files: 7}\n" + grants(sapa="quota: {megabytes: 3}")
    _, bacha, sapa = load_network(network(tmp_path, {"site.yaml": settings, **members})).sites
    assert (bacha.quota, sapa.quota) == (Quota(7, 10_000), Quota(20_000, 3))

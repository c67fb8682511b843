"""What members inherit, and where it is reported."""

from pathlib import Path

import pytest

from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from portalgen.settings.site import Contact, Section
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, network, run
from tests.settings.refusing import MEMBER, refused


def test_a_member_takes_its_own_value_then_the_defaults_then_the_root(tmp_path: Path) -> None:
    main = (
        MAIN_SETTINGS
        + """\
    language: en
    description: Chung cho đơn vị
    contact: {phone: "113", email: chung@tinh.example}
    tokens: {brand: "#111111", line: "#111111"}
tokens: {brand: "#000000", accent: "#000000", line: "#000000"}
notice: Của cả mạng
language: vi
contact: {address: Số 1}
responsible: Ông A
kind: tinh
topics: [{title: Của tỉnh, slug: cua-tinh}]
"""
    )
    own = (
        MEMBER_SETTINGS
        + """\
contact: {phone: "114"}
tokens: {line: "#222222"}
sections: [{slug: du-lich, title: Du lịch}]
"""
    )
    root = network(tmp_path, {
        "site.yaml": main, MEMBER: own, "members/bacha/site.yaml": "title: Xã Bắc Hà\n",
    })  # fmt: skip
    first, bacha, sapa = load_network(root).sites
    assert (first.language, sapa.language) == ("vi", "en")
    assert first.tokens == {"brand": "#000000", "accent": "#000000", "line": "#000000"}
    assert sapa.tokens == {"brand": "#111111", "accent": "#000000", "line": "#222222"}
    assert sapa.contact == Contact(phone="114")  # whole, not mixed
    assert bacha.contact == Contact(phone="113", email="chung@tinh.example")
    assert sapa.sections == (Section("du-lich", "Du lịch"),)
    assert bacha.sections == first.sections
    assert (sapa.notice, bacha.description) == ("Của cả mạng", "Chung cho đơn vị")
    assert (bacha.responsible, bacha.kind, bacha.topics) == ("", "", ())
    assert (bacha.short_title, sapa.short_title) == ("Xã Bắc Hà", "Sa Pa")


def test_sites_without_any_address_are_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": "title: Tỉnh\nbase_url: https://tinh.example/\n"})
    assert refused(root) == [
        f"{MEMBER}:1:1: Trang chưa có địa chỉ. Hãy thêm `base_url: https://…/`, hoặc "
        "`members.defaults.base_url` ở tệp gốc."
    ]


def test_what_members_inherit_is_reported_where_it_was_written(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS + "    tokens: {brand: do}\n"
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {"site.yaml": settings}))
    assert [p.describe("vi") for p in caught.value.problems] == [
        "site.yaml:13:21: Giá trị “do” của token “brand” không thuộc loại color."
    ]

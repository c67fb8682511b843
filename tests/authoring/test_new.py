import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.authoring import new
from portalgen.authoring.check import check
from portalgen.content import front_matter
from portalgen.problems import PortalError
from portalgen.report import Options
from portalgen.settings import schema
from portalgen.settings.network import load_network
from portalgen.settings.reader import Document
from portalgen.settings.site import ROOT_FIELDS, SITE_FIELDS
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    problems,
    run,
    write,
)

MOMENT = datetime.fromtimestamp(NOW, UTC)
ARCHETYPES = Path(new.__file__).parents[1] / "archetypes"
AWKWARD = [
    'Nói: "được"', "Giá: 5 # 6", "- gạch đầu dòng", "{ngoặc}", "[ngoặc]", "🎉🎉", "'nháy", "& *neo",
    "! nhãn", "%", "@", "`", "|", ">", "?", "---", "...", "true", "null", "~", "con", "Index",
    "404", "Tìm kiếm", "Sơ đồ cổng", "Thành viên", "Trang 2",
    "{title} {date}", "a\\b\\", "\u0301a",
    "\ufeffa", "a\u200bb", "<b>a</b>", "[a](b.md)", "<!-- a", "key: value", "a\u2028b", "Ð 9",
]  # fmt: skip
TITLES = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=60))


def title_of(file: Path) -> str:
    text = file.read_text("utf-8")
    if file.name == "site.yaml":
        node = Document("").compose(text)
        assert node is not None
        return str(schema.read_fields(node, Document(""), SITE_FIELDS)["title"][0])
    parts = front_matter.split(text, "")
    assert isinstance(parts, tuple)
    values, _, wrong = front_matter.read(parts[0], "", UTC, True)
    assert not wrong
    return str(values["title"])


def refused(make: Any, *arguments: Any) -> list[str]:
    """The message of a refused command."""
    with pytest.raises(PortalError) as caught:
        make(*arguments)
    return [item.describe("vi") for item in caught.value.problems]


@settings(max_examples=15, deadline=None)
@given(st.lists(TITLES, min_size=1, max_size=8))
def test_any_title_makes_files_that_hold_it(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    root = network(tmp_path_factory.mktemp("new"), {})
    net = load_network(root)
    for title in titles:
        try:
            wanted = new.checked_title(title)
            if not wanted:
                continue
            files = [
                new.new_article(net, net.main, net.main.sections[0], title, MOMENT),
                new.new_page(net, net.sites[1], title, MOMENT),
            ]
            if new.is_member_slug(new.member_slug(wanted)):
                files.append(new.new_member(net, title, new.member_slug(wanted)) + "/site.yaml")
        except PortalError as error:
            [found] = error.problems
            assert found.code in ("control-character", "already-there")
        else:
            assert [title_of(root / file) for file in files] == [wanted] * len(files)
    report = check(Options(root, root / "public", NOW, jobs=1))
    assert problems(report) == []


def test_awkward_titles_all_at_once(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    net = load_network(root)
    for title in AWKWARD:
        section = net.main.sections[0]
        try:
            path = new.new_article(net, net.main, section, title, MOMENT)
        except PortalError as error:
            assert [item.code for item in error.problems] == ["already-there"]
        else:
            assert title_of(root / path) == new.checked_title(title)
    report = run(root, drafts=True)
    assert problems(report) == []


def test_an_article_is_a_draft_of_now(tmp_path: Path) -> None:
    net = load_network(network(tmp_path, {}))
    path = new.new_article(net, net.main, net.main.sections[1], "Tiêm chủng mở rộng", MOMENT)
    assert path == "content/y-te/tiem-chung-mo-rong.md"
    text = (net.root / path).read_text("utf-8")
    assert "title: Tiêm chủng mở rộng\n" in text
    assert "\ndate: 2020-01-15 08:00\n" in text
    assert "\ndraft: true\n" in text


def test_the_moment_is_in_the_zone_of_the_site(tmp_path: Path) -> None:
    settings_text = MEMBER_SETTINGS + "timezone: UTC\n"
    root = network(tmp_path, {"members/sapa/site.yaml": settings_text})
    net = load_network(root)
    path = new.new_article(net, net.sites[1], net.sites[1].sections[0], "A", MOMENT)
    assert "\ndate: 2020-01-15 01:00\n" in (root / path).read_text("utf-8")


@pytest.mark.parametrize(
    "there", ["chao.md", "chao/index.md", "Chào.md"], ids=["file", "folder", "spelling"]
)
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    name = f"content/tin-tuc/{there}"
    root = network(tmp_path, {name: article("Chào")})
    net = load_network(root)
    before = (root / name).read_bytes()
    assert refused(new.new_article, net, net.main, net.main.sections[0], "Chào", MOMENT) == [
        f"{name}: Ở đây đã có sẵn, và không bị ghi đè. Hãy mở tệp có sẵn, hoặc đặt tên khác."
    ]
    assert (root / name).read_bytes() == before
    assert len(list((root / "content").rglob("*.md"))) == 1


def test_what_cannot_be_a_title_is_refused(tmp_path: Path) -> None:
    net = load_network(network(tmp_path, {}))
    assert refused(new.new_page, net, net.main, "a\x1b[31m", MOMENT) == [
        "Có ký tự điều khiển U+001B không nhìn thấy được. Hãy xóa và gõ lại đoạn này."
    ]
    assert refused(new.new_page, net, net.main, "a\udcff", MOMENT) == [
        "Có ký tự điều khiển U+DCFF không nhìn thấy được. Hãy xóa và gõ lại đoạn này."
    ]
    assert refused(new.new_page, net, net.main, "a" * 501, MOMENT) == [
        "Tiêu đề dài quá 500 ký tự. Hãy rút ngắn."
    ]
    assert not (net.root / "content").exists()


def test_names_of_sites_and_sections_are_found_or_the_nearest_is_named(tmp_path: Path) -> None:
    net = load_network(network(tmp_path, {}))
    assert new.find_site(net, "sapa") is net.sites[1]
    assert refused(new.find_site, net, "sappa") == ["Không có trang “sappa”. Có phải “sapa”?"]
    assert refused(new.find_site, net, "x") == ["Không có trang “x”. Các trang: main, sapa"]
    assert refused(new.find_section, net.main, "tin-tucc") == [
        "Trang “main” không có chuyên mục “tin-tucc”. Có phải “tin-tuc”?"
    ]
    assert refused(new.find_section, net.main, "x") == [
        "Trang “main” không có chuyên mục “x”. Các chuyên mục: tin-tuc, y-te"
    ]


def test_a_site_that_is_left_out_is_told_why(tmp_path: Path) -> None:
    net = load_network(network(tmp_path, {"members/sapa/site.yaml": "title: A\nlanguage: fr\n"}))
    assert refused(new.find_site, net, "sapa") == [
        "members/sapa/site.yaml:2:11: “fr” không dùng được. Hãy chọn: vi, en"
    ]


def test_a_folder_that_leads_elsewhere_is_not_written_to(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/gioi-thieu.md": article("A", "")})
    outside = tmp_path / "outside"
    outside.mkdir()
    os.symlink(outside, root / "content/tin-tuc")
    net = load_network(root)
    assert refused(new.new_article, net, net.main, net.main.sections[0], "A", MOMENT) == [
        "content/tin-tuc: Liên kết tượng trưng dẫn ra ngoài thư mục của trang. Hãy chép tệp thật "
        "vào đây."
    ]
    assert list(outside.iterdir()) == []


def test_a_member_is_built_as_it_is_made(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    path = new.new_member(load_network(root), 'Xã "Ví Dụ"', "vi-du")
    assert path == "members/vi-du"
    files = sorted(str(p.relative_to(root / path)) for p in (root / path).rglob("*.*"))
    assert files == ["content/gioi-thieu.md", "content/lien-he.md", "site.yaml"]
    assert [entry.name for entry in (root / "members").iterdir() if entry.name[0] == "."] == []
    assert problems(run(root)) == []
    assert (root / "public/vi-du/gioi-thieu.html").is_file()
    assert load_network(root).sites[2].base_url == "https://vi-du.tinh.example/"


def test_a_member_gets_an_address_where_there_is_no_common_one(tmp_path: Path) -> None:
    write(tmp_path, {"site.yaml": MAIN_SETTINGS.split("members:")[0]})
    new.new_member(load_network(tmp_path), "Xã Ví Dụ", "vi-du")
    assert load_network(tmp_path).sites[1].base_url == "https://vi-du.tinh.example/"


@pytest.mark.parametrize("slug", ["main", "con", "Sa Pa", "../x", "a/b", "a" * 64, "-a"])
def test_a_member_needs_a_name_that_hosts_may_have(tmp_path: Path, slug: str) -> None:
    root = network(tmp_path, {})
    assert refused(new.new_member, load_network(root), "A", slug) == [
        f"“{slug}” không dùng làm tên thư mục đơn vị được. Hãy ghi --slug gồm chữ thường không "
        "dấu, số và gạch nối, không quá 63 ký tự và không phải “main”."
    ]
    assert [entry.name for entry in (root / "members").iterdir()] == ["sapa"]


def test_a_member_that_exists_is_left_alone(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    assert refused(new.new_member, load_network(root), "Sa Pa", "sapa") == [
        "members/sapa: Ở đây đã có sẵn, và không bị ghi đè. Hãy mở tệp có sẵn, hoặc đặt tên khác."
    ]
    assert (root / "members/sapa/site.yaml").read_text("utf-8") == MEMBER_SETTINGS


def test_a_network_may_have_its_own_archetype(tmp_path: Path) -> None:
    own = "---\r\ntitle: {title}\r\ndate: {date}\r\n---\r\n{Chữ}\r\n"
    root = network(tmp_path, {"archetypes/article.md": own})
    net = load_network(root)
    path = new.new_article(net, net.main, net.main.sections[0], "Về {date}: a", MOMENT)
    text = (root / path).read_bytes().decode()
    assert text == '---\ntitle: "Về {date}: a"\ndate: 2020-01-15 08:00\n---\n{Chữ}\n'


def test_an_archetype_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    net = load_network(network(tmp_path, {"archetypes/page.md": b"\xff\xfea"}))
    assert refused(new.new_page, net, net.main, "A", MOMENT) == [
        "archetypes/page.md: Tệp lưu bằng UTF-16. Hãy lưu lại với bảng mã UTF-8."
    ]


def uncommented(text: str) -> str:
    """The text without the `#` before keys, as if an editor had deleted each."""
    return re.sub(r"^#(?=\w+:)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", ["article.md", "page.md"])
def test_keys_in_comments_can_be_used(tmp_path: Path, language: str, name: str) -> None:
    main = MAIN_SETTINGS + f"language: {language}\n"
    root = network(tmp_path, {"site.yaml": main})
    net = load_network(root)
    if name == "article.md":
        path = new.new_article(net, net.main, net.main.sections[0], "A", MOMENT)
    else:
        path = new.new_page(net, net.main, "A", MOMENT)
    text = (root / path).read_text("utf-8")
    assert ("Viết" in text) == (language == "vi")
    front, _, _ = front_matter.split(uncommented(text), "")  # type: ignore[misc]
    values, _, wrong = front_matter.read(front, "", UTC, name == "page.md")
    assert not wrong
    assert len(values) >= 8
    assert front.count("\n#") == front.count("\n# ")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_settings_in_comments_can_be_used(tmp_path: Path, language: str) -> None:
    kinds = "kinds: [{slug: xa, title: Xã}, {slug: thi-xa, title: Thị xã}]\n"
    root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + f"language: {language}\n" + kinds})
    file = root / new.new_member(load_network(root), "Xã Ví Dụ", "vi-du") / "site.yaml"
    assert "xa, thi-xa\n" in file.read_text("utf-8")
    file.write_text(uncommented(file.read_text("utf-8")), "utf-8")
    assert problems(run(root)) == []
    assert len(yaml.safe_load(file.read_text("utf-8"))) >= 9


def test_both_languages_have_the_same_archetypes() -> None:
    def keys(folder: Path) -> dict[str, list[str]]:
        return {
            file.relative_to(folder).as_posix(): re.findall(
                r"^(?:#|\{\w+\})?(\w+):", file.read_text("utf-8"), re.MULTILINE
            )
            for file in folder.rglob("*.*")
        }

    assert keys(ARCHETYPES / "vi") == keys(ARCHETYPES / "en")
    found = keys(ARCHETYPES / "vi")
    known = set(front_matter.fields(UTC))
    assert all(set(found[name]) <= known for name in found if name.endswith(".md"))
    assert set(found["member/site.yaml"]) <= set(ROOT_FIELDS)

from pathlib import Path

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
    run,
    tree,
)
from tests.settings.refusing import KNOWN, MEMBER, ONLY_SLUG, refused

WRONG_FOLDER = (
    "Tên thư mục đơn vị chỉ gồm chữ thường không dấu, số và gạch nối, dài nhất 200 ký tự, và "
    "không phải “main”. Hãy đổi tên."
)


MANY = """\
titel: Cổng tỉnh
base_url: ftp://tinh.example/
sections:
  - {slug: Tin Tức, title: Tin tức}
  - {slug: y-te, titel: Y tế}
  - tin
menu:
  - {title: Xấu, url: "javascript:alert(1)"}
related:
  - {title: A, by: magic, limit: 99}
feeds: {limit: nhiều, full_text: yes}
permalink: /{slug}
language: fr
members:
  default: {}
  defaults:
    titl: x
    sections: [{slug: a, tilte: b}]
"""


def test_every_problem_of_every_file_is_said_at_once(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MANY, MEMBER: "title: [a]\nkind: Thị xã\ncolour: red\n",
        "members/bacha/content/tin-tuc/mot.md": article("Một"),
    })  # fmt: skip
    assert refused(root) == [
        "members/bacha/site.yaml: Không thấy tệp này. Hãy tạo tệp với ít nhất `title` và "
        "`base_url`.",
        f"{MEMBER}:1:8: “[a]” không dùng được ở đây. Hãy viết: a",
        f"{MEMBER}:2:7: “Thị xã” không dùng làm địa chỉ được. {ONLY_SLUG} thi-xa",
        f"{MEMBER}:3:1: Không có khóa “colour”. Các khóa dùng được: {KNOWN}",
        "site.yaml:1:1: Thiếu “title”. Hãy thêm dòng `title: …`.",
        "site.yaml:1:1: Không có khóa “titel”. Có phải “title”?",
        "site.yaml:2:11: “ftp://tinh.example/” không phải địa chỉ trang. Hãy viết như "
        "https://tinh.example/",
        f"site.yaml:4:12: “Tin Tức” không dùng làm địa chỉ được. {ONLY_SLUG} tin-tuc",
        "site.yaml:5:5: Thiếu “title”. Hãy thêm dòng `title: …`.",
        "site.yaml:5:18: Không có khóa “titel”. Có phải “title”?",
        "site.yaml:6:5: Ở đây cần các dòng `khóa: giá trị`, thụt vào dưới khóa.",
        "site.yaml:8:23: “javascript:alert(1)” không phải liên kết. Hãy viết https://… hoặc /… "
        "trong trang.",
        "site.yaml:10:20: “magic” không dùng được. Hãy chọn: similarity, section",
        "site.yaml:10:34: Cần một số nguyên từ 1 đến 20.",
        "site.yaml:11:16: Cần một số nguyên từ 1 đến 500.",
        "site.yaml:11:34: “yes” không dùng được ở đây. Hãy viết: true",
        "site.yaml:12:12: “/{slug}” không phải mẫu địa chỉ. Hãy viết như /{section}/{slug}.html, "
        "có {slug} và kết thúc bằng .html",
        "site.yaml:13:11: “fr” không dùng được. Hãy chọn: vi, en",
        "site.yaml:15:3: Không có khóa “default”, và đã có “defaults”. Hãy xóa dòng này.",
        "site.yaml:17:5: Không có khóa “titl”. Có phải “title”?",
        "site.yaml:18:16: Thiếu “title”. Hãy thêm dòng `title: …`.",
        "site.yaml:18:26: Không có khóa “tilte”. Có phải “title”?",
    ]


@pytest.mark.parametrize("name", ["Sa-Pa", "main", "con", "lpt1", "sa_pa", "-a", "a--b", "sapá"])
def test_a_member_folder_that_makes_no_address_is_refused(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, {f"members/{name}/site.yaml": "title: A\n"})
    assert refused(root) == [f"members/{name}: {WRONG_FOLDER}"]


def test_member_folders_put_away_with_a_dot_or_underscore_are_passed_over(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/_cu/site.yaml": "hỏng", "members/.cu/site.yaml": "hỏng", "members/ghi.txt": "x",
    })  # fmt: skip
    assert [site.slug for site in load_network(root).sites] == ["main", "sapa"]


def test_a_member_folder_outside_the_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ngoai").mkdir()
    (tmp_path / "ngoai/site.yaml").write_text("title: Ngoài\n", "utf-8")
    root = network(tmp_path, {})
    (root / "members/bacha").symlink_to(tmp_path / "ngoai")
    assert refused(root) == [
        "members/bacha: Liên kết tượng trưng dẫn ra ngoài thư mục của trang. Hãy chép tệp thật "
        "vào đây."
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({MEMBER: "title: A\nbase_url: https://tinh.example\n"},
         f"{MEMBER}:2:11: Địa chỉ https://tinh.example/ đã thuộc về trang “main”."),
        ({MEMBER: "title: A\nbase_url: https://chung.example/\n",
          "members/bacha/site.yaml": "title: B\nbase_url: https://chung.example/\n"},
         f"{MEMBER}:2:11: Địa chỉ https://chung.example/ đã thuộc về trang “bacha”."),
        ({MEMBER: "title: A\nbase_url: https://x.example/A/\n",
          "members/bacha/site.yaml": "title: B\nbase_url: https://x.example/a/\n"},
         f"{MEMBER}:2:11: Địa chỉ https://x.example/A/ đã thuộc về trang “bacha”."),
    ],
)  # fmt: skip
def test_two_sites_with_one_address_are_refused(
    tmp_path: Path, files: dict[str, str | bytes | None], message: str
) -> None:
    expected = [f"{message} Mỗi trang cần một địa chỉ riêng."]
    assert refused(network(tmp_path, files)) == expected


def test_an_inherited_address_without_the_members_name_serves_one_member_only(
    tmp_path: Path,
) -> None:
    main = MAIN_SETTINGS.replace("{slug}", "xa")
    files: dict[str, str | bytes | None] = {"site.yaml": main}
    assert load_network(network(tmp_path / "a", files)).sites[1].base_url == (
        "https://xa.tinh.example/"
    )
    found = refused(network(tmp_path / "b", {**files, "members/bacha/site.yaml": "title: B\n"}))
    assert len(found) == 1
    assert "Địa chỉ https://xa.tinh.example/ đã thuộc về trang “bacha”." in found[0]
    assert found[0].startswith("site.yaml:")


def test_a_site_below_anothers_path_has_that_path_in_all_its_links(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + grants(sapa="base_url: https://tinh.example/xa/sa-pa"),
        MEMBER: MEMBER_SETTINGS + "menu: [{title: Giới thiệu, url: /gioi-thieu.html}]\n",
        "members/sapa/content/gioi-thieu.md": article("Giới thiệu", ""),
        "members/sapa/content/tin-tuc/mot.md": article("Một", body="[Giới thiệu](../gioi-thieu.md)"
                                                       " và [tin](/tin-tuc/)"),
        "content/tin-tuc/hai.md": article("Hai", body="[xem](portal:sapa/tin-tuc/mot.md)"),
    })  # fmt: skip
    assert run(root).refused == []
    html = page(root, "sapa/tin-tuc/mot.html")
    assert '<link rel="canonical" href="https://tinh.example/xa/sa-pa/tin-tuc/mot.html">' in html
    assert '<a href="/xa/sa-pa/gioi-thieu.html"' in html
    assert '<a href="/xa/sa-pa/tin-tuc/"' in html
    assert 'href="/tin-tuc/' not in html
    assert 'href="https://tinh.example/xa/sa-pa/tin-tuc/mot.html"' in page(
        root, "main/tin-tuc/hai.html"
    )
    feed = page(root, "sapa/rss.xml")
    assert "<link>https://tinh.example/xa/sa-pa/tin-tuc/mot.html</link>" in feed


def test_sections_or_topics_with_one_slug_are_refused(tmp_path: Path) -> None:
    topics = "topics:\n  - {title: A, slug: a}\n  - {title: B, slug: a}\n"
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("slug: y-te", "slug: tin-tuc") + topics,
        MEMBER: MEMBER_SETTINGS + "sections: [{slug: a, title: A}]\n",
    })  # fmt: skip
    assert refused(root) == [
        "site.yaml:5:3: Tên “tin-tuc” xuất hiện hai lần. Hãy đổi một trong hai.",
        "site.yaml:14:3: Tên “a” xuất hiện hai lần. Hãy đổi một trong hai.",
    ]


def test_a_kind_that_the_main_portal_does_not_list_is_refused(tmp_path: Path) -> None:
    kinds = "kinds: [{slug: xa, title: Các xã}, {slug: so, title: Các sở}]\n"
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + kinds, "members/bacha/site.yaml": "title: B\nkind: xa\n",
        "members/bo/site.yaml": "title: Sở\n",
    })  # fmt: skip
    assert refused(root) == [
        f"{MEMBER}:3:7: Không có nhóm “thi-xa”. Các nhóm trong `kinds` của cổng chính: xa, so."
    ]


def test_wrong_settings_publish_nothing_and_touch_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": "titel: A\n", "public/cua-toi.txt": "của tôi"})
    before = tree(tmp_path)
    with pytest.raises(PortalError) as caught:
        run(root)
    assert {item.path for item in caught.value.problems} == {"site.yaml"}
    assert tree(tmp_path) == before
    assert not (root / ".portalgen").exists()


FOREIGN = "Hãy dọn đi hoặc chọn thư mục khác bằng --output."


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("public", f"Thư mục “public” có tệp không do portalgen tạo (anh.jpg, thu). {FOREIGN}"),
        ("content/tin-tuc", "Không thể xuất bản vào “tin-tuc” vì đó là thư mục nguồn. Hãy chọn "
                            "thư mục khác bằng --output."),
        ("themes", "Không thể xuất bản vào “themes” vì đó là thư mục nguồn. Hãy chọn thư mục "
                   "khác bằng --output."),
        ("site.yaml", "“site.yaml” không phải thư mục thường. Hãy chọn thư mục khác bằng "
                      "--output."),
        ("lien-ket", "“lien-ket” không phải thư mục thường. Hãy chọn thư mục khác bằng --output."),
    ],
)  # fmt: skip
def test_an_output_folder_that_holds_other_things_is_left_alone(
    tmp_path: Path, output: str, message: str
) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/mot.md": article("Một"), "public/thu/a.txt": "a", "public/anh.jpg": b"b",
    })  # fmt: skip
    (tmp_path / "kho").mkdir()
    (root / "lien-ket").symlink_to(tmp_path / "kho")
    before = tree(tmp_path)
    with pytest.raises(PortalError) as caught:
        run(root, root / output)
    assert [item.describe("vi") for item in caught.value.problems] == [message]
    assert tree(tmp_path) == before

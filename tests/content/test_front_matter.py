import json
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from portalgen.content import front_matter
from portalgen.content.front_matter import fields
from tests.helpers import MAIN_SETTINGS, article, network, picture, problems, run, tree

HEAD = "title: A\ndate: 2020-01-10 16:46\n"
KNOWN = (
    "title, date, lead, author, source, tags, topics, image, image_alt, caption, slug, aliases, "
    "updated, expires, draft, featured, featured_until, syndicate, related, unrelated, summary, id"
)
ANCHOR = "Không dùng ký hiệu & và * (neo, bí danh) ở đây. Hãy đặt giá trị trong dấu ngoặc kép."
TAG = "Không dùng nhãn kiểu bắt đầu bằng `!`. Hãy đặt giá trị trong dấu ngoặc kép."
TWICE = "Có hai phần đầu bài. Hãy gộp vào phần thứ nhất và xóa phần thứ hai."
CONFLICT = (
    "Còn dấu xung đột của git (<<<<<<<, =======, >>>>>>>). Hãy chọn một bản và xóa các dấu này."
)
IMPOSSIBLE = "không có trong lịch. Hãy viết ngày có thật, ví dụ"
NO_MOMENT = "không phải ngày giờ. Hãy viết năm-tháng-ngày rồi giờ:phút, ví dụ 2020-01-10 16:46"
ONLY_SLUG = "Chỉ dùng chữ thường không dấu, số và gạch nối, ví dụ"
NO_TITLE = "Thiếu “title”. Hãy thêm dòng `title: …`."
NO_DATE = "Bài viết thiếu `date`. Hãy thêm dòng như `date: 2020-01-10 16:46`."
NO_SLUG = "không thành địa chỉ được. Hãy thêm dòng: slug: a"
NO_ALIAS = "không phải địa chỉ cũ hợp lệ. Hãy viết: "
NO_SUCH = (
    "không làm địa chỉ cũ ở đây được. Hãy viết phần sau tên miền của địa chỉ trang; địa chỉ có "
    "dấu ? thì ghi vào redirects.csv."
)
QUOTED = "mà không đọc được. Hãy viết: title: "
NO_FRONT = "Bài viết phải bắt đầu bằng dòng `---`, rồi các dòng như `title: …`, rồi `---`."


def text(front: str, body: str = "Chữ.\n") -> str:
    return f"---\n{front}---\n{body}"


# By file name in content/tin-tuc/: an article, and all messages about it.
REFUSED: dict[str, tuple[str | bytes, list[str]]] = {
    "khoa-hai-lan.md": (
        text(HEAD + "title: B\n"), [":4:1: Khóa “title” viết hai lần. Hãy giữ lại một dòng."],
    ),
    "tab.md": (
        text(HEAD + "tags:\n\t- a\n"), [":5:1: Có ký tự Tab. Hãy thụt dòng bằng dấu cách."],
    ),
    "ngoac.md": (
        text('title: "A\ndate: 2020-01-10\n'),
        [":2:8: Dấu ngoặc kép mở mà không đóng. Hãy thêm dấu đóng."],
    ),
    "chu-trong-ngoac.md": (
        text('title: "Bản" tin\ndate: 2020-01-10\n'),
        [f""":2:8: Giá trị mở đầu bằng " {QUOTED}'"Bản" tin'"""],
    ),
    "ngoac-vuong.md": (
        text("title: [Video] Lễ hội\ndate: 2020-01-10\n"),
        [f':2:8: Giá trị mở đầu bằng [ {QUOTED}"[Video] Lễ hội"'],
    ),
    "khong-dau-cach.md": (
        text("title:Không cách\ndate: 2020-01-10\n"),
        [":2:6: Thiếu dấu cách sau dấu hai chấm. Hãy viết `title: …`."],
    ),
    "thut-dong.md": (
        text("title: A\n\n  date: 2020-01-10\n"),
        [":4:3: Dòng này thụt vào. Hãy bắt đầu khóa ở đầu dòng, thẳng với các khóa khác."],
    ),
    "het-han-truoc.md": (
        text(HEAD + "expires: 2020-01-10 16:46\n"),
        [":4:10: Bài hết hạn trước lúc đăng nên không bao giờ hiện ra. "
         "Hãy sửa `expires` hoặc `date`."],
    ),
    "duoi-hoa.MD": (
        text(HEAD),
        [": Bài viết phải có đuôi `.md`, viết thường. Hãy đổi tên tệp thành duoi-hoa.md."],
    ),
    "duoi-txt.md.txt": (
        text(HEAD),
        [": Bài viết phải có đuôi `.md`, viết thường. Hãy đổi tên tệp thành duoi-txt.md."],
    ),
    "khong-dong.md": (
        f"---\n{HEAD}Chữ.\n",
        [":1:1: Phần đầu bài mở bằng `---` nhưng không có dòng `---` đóng lại. Hãy thêm dòng "
         "`---` trước nội dung."],
    ),
    "hai-tai-lieu.md": (
        text(HEAD + "...\nlead: x\n"),
        [":5:1: Có hai tài liệu YAML trong một tệp. Hãy bỏ dòng `---` hoặc `...` ở giữa."],
    ),
    "hai-phan.md": (text(HEAD, f"---\n{HEAD}---\nChữ.\n"), [f":5:1: {TWICE}"]),
    "hai-phan-khong-mo.md": (text(HEAD, f"\n{HEAD}---\nChữ.\n"), [f":5:1: {TWICE}"]),
    "hai-cham.md": (
        text("title: A: B\ndate: 2020-01-10\n"),
        [":2:9: Dấu hai chấm thừa. Hãy đặt cả giá trị trong dấu ngoặc kép."],
    ),
    "khong-khoa.md": (text("- a\n"), [":2:1: Ở đây cần các dòng `khóa: giá trị`."]),
    "khong-phan-dau.md": ("# Bài\n\nChữ.\n", [f":1:1: {NO_FRONT}"]),
    "rong.md": ("", [f":1:1: {NO_FRONT}"]),
    "phan-dau-rong.md": ("---\n---\nChữ.\n", [f":2:1: {NO_DATE}", f":2:1: {NO_TITLE}"]),
    "ngay-viet-nam.md": (
        text("title: A\ndate: 23-11-2026\n"),
        [":3:7: “23-11-2026” không phải ngày giờ đúng dạng. Hãy viết: 2026-11-23"],
    ),
    "ngay-va-gio.md": (
        text("title: A\ndate: 3.1.2020 07:00\n"),
        [":3:7: “3.1.2020 07:00” không phải ngày giờ đúng dạng. Hãy viết: 2020-01-03 07:00"],
    ),
    "ngay-bang-chu.md": (
        text("title: A\ndate: hôm qua\n"),
        [f":3:7: “hôm qua” {NO_MOMENT}"],
    ),
    "thang-13.md": (
        text("title: A\ndate: 2026-13-40\n"), [f":3:7: “2026-13-40” {IMPOSSIBLE} 2026-12-31"],
    ),
    "gio-25.md": (
        text("title: A\ndate: 2020-01-10 25:00\n"),
        [f":3:7: “2020-01-10 25:00” {IMPOSSIBLE} 2020-01-10 23:00"],
    ),
    "mui-gio.md": (
        text("title: A\ndate: 2020-01-10 16:46+25:00\n"),
        [f":3:7: “2020-01-10 16:46+25:00” {IMPOSSIBLE} 2020-01-10 16:46"],
    ),
    "nam-khong.md": (
        text("title: A\ndate: 0000-01-01\n"), [f":3:7: “0000-01-01” {IMPOSSIBLE} 0001-01-01"],
    ),
    "neo.md": (text(HEAD + "lead: &a x\n"), [f":4:7: {ANCHOR}"]),
    "bi-danh.md": (text(HEAD + "lead: *a\n"), [f":4:7: {ANCHOR}"]),
    "gop.md": (
        text(HEAD + "<<: {lead: b}\n"), [":4:1: Không dùng `<<` để gộp. Hãy viết rõ từng khóa."],
    ),
    "nhan.md": (text(HEAD + "lead: !!python/object/apply:os.system [ls]\n"), [f":4:7: {TAG}"]),
    "long-nhau.md": (
        text(HEAD + f"tags: {'[' * 30}{']' * 30}\n"),
        [":4:26: Danh sách lồng nhau quá sâu. Hãy viết phẳng hơn."],
    ),
    "lon.md": (
        text(HEAD + f"lead: {'x' * 65_536}\n"),
        [":2:1: Phần này lớn hơn 64 KB. Hãy rút gọn; nội dung bài viết đặt dưới dòng `---` thứ "
         "hai."],
    ),
    "bon-mb.md": (
        text(HEAD, "x " * 2_000_000),
        [": Tệp lớn hơn 4 MB. Hãy chia bài hoặc chuyển phần lớn sang tệp đính kèm."],
    ),
    "danh-sach.md": (
        text("title: [A, B]\ndate: 2020-01-10\n"),
        [":2:8: “[A, B]” không dùng được ở đây. Hãy viết: A, B"],
    ),
    "the-la-khoa.md": (
        text(HEAD + "tags: {a: b}\n"), [":4:7: “{a: b}” không dùng được ở đây. Hãy viết: [b]"],
    ),
    "dung-sai.md": (
        text(HEAD + "draft: yes\n"), [":4:8: “yes” không dùng được ở đây. Hãy viết: true"],
    ),
    "gan-dung.md": (text(HEAD + "tgas: [a]\n"), [":4:1: Không có khóa “tgas”. Có phải “tags”?"]),
    "khac-han.md": (
        text(HEAD + "zzz: 1\n"),
        [f":4:1: Không có khóa “zzz”. Các khóa dùng được: {KNOWN}"],
    ),
    "thieu-tieu-de.md": (text("date: 2020-01-10\n"), [f":2:1: {NO_TITLE}"]),
    "tieu-de-rong.md": (text('title: ""\ndate: 2020-01-10\n'), [f":2:8: {NO_TITLE}"]),
    "thieu-ngay.md": (text("title: A\n"), [f":2:1: {NO_DATE}"]),
    "tieu-de-dai.md": (
        text(f"title: {'A' * 501}\ndate: 2020-01-10\n"),
        [":2:8: Tiêu đề dài quá 500 ký tự. Hãy rút ngắn."],
    ),
    "utf-16.md": (
        text(HEAD).encode("utf-16"), [": Tệp lưu bằng UTF-16. Hãy lưu lại với bảng mã UTF-8."],
    ),
    "latin-1.md": (
        text(HEAD, "Chữ ").encode() + b"\xe9\n",
        [":5:5: Tệp không phải UTF-8. Hãy lưu lại với bảng mã UTF-8."],
    ),
    "nul.md": (
        text(HEAD, "Chữ\0\n"),
        [":5:4: Tệp có byte NUL, có thể không phải văn bản. Hãy lưu lại thành văn bản UTF-8."],
    ),
    "xung-dot.md": (
        text(HEAD, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> nhánh\n"), [f":5:1: {CONFLICT}"],
    ),
    "xung-dot-dau.md": (
        text("<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> nhánh\ndate: 2020-01-10\n"),
        [f":2:1: {CONFLICT}"],
    ),
    "leo.md": (
        text(HEAD + "slug: ../../x\n"),
        [f":4:7: “../../x” không dùng làm địa chỉ được. {ONLY_SLUG} x"],
    ),
    "thiet-bi.md": (
        text(HEAD + "slug: CON\n"),
        [f":4:7: “CON” không dùng làm địa chỉ được. {ONLY_SLUG} bai-con"],
    ),
    "thiet-bi-2.md": (
        text(HEAD + "slug: lpt1\n"),
        [f":4:7: “lpt1” không dùng làm địa chỉ được. {ONLY_SLUG} bai-lpt1"],
    ),
    "slug-dai.md": (
        text(HEAD + f"slug: {'a' * 121}\n"),
        [f":4:7: “{'a' * 79}…” dài 121 ký tự, chỉ được 120. Hãy rút ngắn, ví dụ {'a' * 120}"],
    ),
    "CON.md": (text(HEAD), [f":1:1: Tên tệp “CON” {NO_SLUG}"]),
    "+.md": (text(HEAD), [f":1:1: Tên tệp “+” {NO_SLUG}"]),
    "hoa.md": (
        text(HEAD),
        [":1: Địa chỉ /tin-tuc/hoa.html đã có: content/tin-tuc/Hoa.md. Hãy đặt `slug` khác."],
    ),
    "hoa-khac.md": (
        text(HEAD + "slug: hoa\n"),
        [":1: Địa chỉ /tin-tuc/hoa.html đã có: content/tin-tuc/Hoa.md. Hãy đặt `slug` khác."],
    ),
    "trang-2.md": (
        text(HEAD), [":1: Địa chỉ /tin-tuc/trang-2.html đã có: site.yaml. Hãy đặt `slug` khác."],
    ),
    "trung-ma.md": (
        text(HEAD + "id: ma-chung\n"),
        [":1: Mã `id: ma-chung` đã dùng ở content/tin-tuc/ma-chung.md. Hãy đổi hoặc bỏ dòng `id`."],
    ),
    "nhieu-loi.md": (
        text("titel: A\ndate: mai\ntags: {a: b}\nslug: A B\n"),
        [f":2:1: {NO_TITLE}", ":2:1: Không có khóa “titel”. Có phải “title”?",
         f":3:7: “mai” {NO_MOMENT}",
         ":4:7: “{a: b}” không dùng được ở đây. Hãy viết: [b]",
         f":5:7: “A B” không dùng làm địa chỉ được. {ONLY_SLUG} a-b"],
    ),
}  # fmt: skip

# An accepted article, and parts of its page.
ACCEPTED: dict[str, tuple[str | bytes, list[str]]] = {
    "bom.md": (b"\xef\xbb\xbf" + text("title: Có BOM\ndate: 2020-01-10\n").encode(),
               ["<h1>Có BOM</h1>"]),
    "dau-cach-sau-vach.md": (
        text("title: Vạch\ndate: 2020-01-10\n").replace("---\n", "--- \n", 1),
        ["<h1>Vạch</h1>"],
    ),
    "crlf.md": (text("title: Windows\ndate: 2020-01-10\n", "Một\n\nHai\n").replace("\n", "\r\n"),
                ["<h1>Windows</h1>", '<p class="lead">Một</p>', "<p>Hai</p>"]),
    "cr.md": (text("title: Mac\ndate: 2020-01-10\n").replace("\n", "\r"), ["<h1>Mac</h1>"]),
    "nfd.md": (text("title: Tie\u0302\u0301ng Vie\u0323\u0302t\ndate: 2020-01-10\n"),
               ["<h1>Tiếng Việt</h1>"]),
    "gio.md": (text("title: 16:46\ndate: 2020-01-10\n"), ["<h1>16:46</h1>"]),
    "khong.md": (text("title: no\ndate: 2020-01-10\nauthor: ~\n"),
                 ["<h1>no</h1>", '<span class="author">~</span>']),
    "so.md": (text("title: 0123\ndate: 2020-01-10\nlead: 1.10\n"),
              ["<h1>0123</h1>", '<p class="lead">1.10</p>']),
    "ngay-la-chu.md": (text("title: 2020-01-10\ndate: 2020-01-10\n"), ["<h1>2020-01-10</h1>"]),
    "dai-nhat.md": (text(f"title: {'A' * 500}\ndate: 2020-01-10\n"), [f"<h1>{'A' * 500}</h1>"]),
    "giay.md": (text("title: Giây\ndate: 2020-01-10T16:46:07\n"),
                ['datetime="2020-01-10T16:46:07+07:00"']),
    "gmt.md": (text("title: Giờ Z\ndate: 2020-01-10 09:46Z\n"),
               ['datetime="2020-01-10T16:46:00+07:00"']),
    "tokyo.md": (text("title: Tokyo\ndate: 2020-01-10 18:46 +09:00\n"),
                 ['datetime="2020-01-10T16:46:00+07:00"']),
    "viet.md": (text("title: Việt\ndate: 10/1/2020 16h46\n"),
                ['datetime="2020-01-10T16:46:00+07:00"']),
    "nhieu-dong.md": (text("title: >\n  Một\n  hai\ndate: 2020-01-10\n"), ["<h1>Một hai</h1>"]),
    "vach.md": (text(HEAD + "lead: |\n  một\n  ---\n  hai\n"), ["một\n---\nhai</p>"]),
    "het-tep.md": (f"---\n{HEAD}---", ["<h1>A</h1>"]),
    "bay-dau-bang.md": (text(HEAD, "Tên mục\n--------\n\nvà `<<<<<<<` trong dòng\n"),
                        ["<h2 id=\"ten-muc\">Tên mục</h2>"]),
    "Hoa.md": (text(HEAD), []),
    "ma-chung.md": (text(HEAD + "id: ma-chung\n"), []),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The messages about each file in content/tin-tuc/, and the published pages of that section."""
    files: dict[str, str | bytes | None] = {
        f"content/tin-tuc/{name}": content for name, (content, _) in {**REFUSED, **ACCEPTED}.items()
    }
    root = network(tmp_path_factory.mktemp("front"), files)
    said: dict[str, list[str]] = {}
    for line in problems(run(root)):
        path, mark, rest = line.partition(":")
        said.setdefault(path.removeprefix("content/tin-tuc/"), []).append(mark + rest)
    pages = {
        file.name: file.read_text("utf-8") for file in (root / "public/main/tin-tuc").glob("*.html")
    }
    return said, pages


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_article_is_refused_with_place_and_remedy(
    built: tuple[dict[str, list[str]], dict[str, str]], name: str
) -> None:
    assert built[0].get(name) == REFUSED[name][1]


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_people_write_is_taken_as_they_mean_it(
    built: tuple[dict[str, list[str]], dict[str, str]], name: str
) -> None:
    said, pages = built
    assert name not in said
    html = pages[name.lower().replace(".md", ".html")]
    assert [piece for piece in ACCEPTED[name][1] if piece not in html] == []


def test_every_refused_article_costs_itself_alone(
    built: tuple[dict[str, list[str]], dict[str, str]],
) -> None:
    said, pages = built
    assert set(said) == set(REFUSED)
    expected = {name.lower().replace(".md", ".html") for name in ACCEPTED}
    assert set(pages) == expected | {"index.html"}


def test_a_wrong_old_address_costs_its_redirect_alone(tmp_path: Path) -> None:
    aliases = r'[/a b.html, cu.html, /../x.html, //x.example/, {a: b}, "\x07", /?p=3, /cu.html]'
    root = network(tmp_path, {"content/tin-tuc/mot.md": article("Một", aliases=aliases)})
    place = "content/tin-tuc/mot.md:4"
    assert sorted(problems(run(root))) == sorted(
        [f"{place}:11: “/a b.html” {NO_ALIAS}/a%20b.html",
         f"{place}:31: “/../x.html” {NO_ALIAS}/x.html",
         f"{place}:43: “//x.example/” {NO_SUCH}", f"{place}:57: “…” {NO_ALIAS}/%E2%80%A6",
         f"{place}:65: “\\x07” {NO_ALIAS}/%07", f"{place}:73: “/?p=3” {NO_SUCH}"]
    )  # fmt: skip
    target = 'url=https://tinh.example/tin-tuc/mot.html"'
    assert target in (root / "public/main/cu.html").read_text("utf-8")
    again = run(root)  # from the cache
    assert (len(again.refused), again.files_written) == (6, 0)


def test_a_plain_page_needs_no_date_and_stands_beside_the_sections(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/gioi-thieu.md": article("Giới thiệu", ""),
        "content/khong-ten.md": "---\nlead: x\n---\n",
        "content/rss.md": article("RSS", "", slug="404"),
    })  # fmt: skip
    assert problems(run(root)) == [
        f"content/khong-ten.md:2:1: {NO_TITLE}",
        "content/rss.md:1: Địa chỉ /404.html đã có: site.yaml. Hãy đặt `slug` khác.",
    ]
    assert (root / "public/main/gioi-thieu.html").is_file()


Published = dict[str, str]


def holds(file: str, piece: str) -> Callable[[Published], bool]:
    return lambda published: piece in published.get(file, "")


def lacks(file: str, piece: str = "") -> Callable[[Published], bool]:
    return lambda published: piece not in published[file] if piece else file not in published


def leads(published: Published) -> bool:
    return "Bài featured<" in published["main/index.html"].partition("lead-story")[2][:600]


def leads_no_more(published: Published) -> bool:
    return "Bài featured_until" not in published["main/index.html"].partition("lead-story")[2][:600]


# The value of a key, other front matter of its article, and its effect in the output.
EFFECTS: dict[str, tuple[str, str, Callable[[Published], bool]]] = {
    "title": ("Tên riêng", "", holds("main/tin-tuc/title.html", "<h1>Tên riêng</h1>")),
    "date": ("2020-01-12 08:15", "", holds("main/tin-tuc/date.html", ">08:15, 12/01/2020<")),
    "lead": ("Sapo riêng", "", holds("main/tin-tuc/lead.html", '<p class="lead">Sapo riêng</p>')),
    "author": ("Lò Thị B", "", holds("main/tin-tuc/author.html",
                                     '<span class="author">Lò Thị B</span>')),
    "source": ("Báo Ví Dụ", "", holds("main/tin-tuc/source.html", "Nguồn: Báo Ví Dụ</p>")),
    "tags": ("[Thẻ riêng]", "", holds("main/tag/the-rieng.html", ">Bài tags<")),
    "topics": ("Đề riêng", "", holds("main/chuyen-de/de-rieng.html", ">Bài topics<")),
    "image": ("anh.png", "", holds("main/tin-tuc/image.html", "<figure>")),
    "image_alt": ("Tả ảnh", "image: anh.png", holds("main/tin-tuc/image-alt.html",
                                                    'alt="Tả ảnh"')),
    "caption": ("Chú thích", "image: anh.png",
                holds("main/tin-tuc/caption.html", "<figcaption>Chú thích</figcaption>")),
    "slug": ("ten-khac", "", holds("main/tin-tuc/ten-khac.html", "<h1>Bài slug</h1>")),
    "aliases": ("/cu/bai.html", "", holds("main/cu/bai.html",
                                          "0; url=https://tinh.example/tin-tuc/aliases.html")),
    "updated": ("2020-01-13 09:30", "", holds("main/tin-tuc/updated.html", "09:30, 13/01/2020")),
    "expires": ("2020-01-14 00:00", "", lacks("main/tin-tuc/expires.html")),
    "draft": ("true", "", lacks("main/tin-tuc/draft.html")),
    "featured": ("true", "", leads),
    "featured_until": ("2020-01-14 00:00", "featured: true", leads_no_more),
    "syndicate": ("true", "", holds("main/rss.xml",
                                    "<link>https://sapa.tinh.example/tin-tuc/syndicate.html")),
    "related": ("portal:sapa/y-te/xa.md", "", holds("main/tin-tuc/related.html",
                                                    "https://sapa.tinh.example/y-te/xa.html")),
    "unrelated": ("related.md", "", lacks("main/tin-tuc/unrelated.html", "/tin-tuc/related.html")),
    "summary": ("Tóm tắt riêng", "", holds("main/rss.xml",
                                           "<description>Tóm tắt riêng</description>")),
    "id": ("ma-rieng", "", holds("main/rss.xml", '<guid isPermaLink="false">ma-rieng</guid>')),
}  # fmt: skip


@pytest.fixture(scope="module")
def with_and_without(tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, Published]:
    """The same articles with and without the key that they are named after."""
    outputs = []
    for given in (True, False):
        files: dict[str, str | bytes | None] = {
            "site.yaml": MAIN_SETTINGS + "feeds: {limit: 100}\n",
            "content/tin-tuc/anh.png": picture(40, 30, "PNG"),
            "content/tin-tuc/the.md": article("Thẻ", "2020-01-02 07:00", tags="[Thẻ riêng]"),
            "members/sapa/content/y-te/xa.md": article("Xa", "2019-01-01 07:00", body="Khác hẳn."),
        }
        for day, (key, (value, more, _)) in enumerate(EFFECTS.items()):
            front = {"title": f"Bài {key}", "date": f"2020-01-08 {day:02}:00"}
            front |= {key: value} if given else {}
            lines = [f"{name}: {said}" for name, said in front.items()]
            house = "members/sapa/" if key == "syndicate" else ""
            source = text("\n".join([*lines, *([more] if more else [])]) + "\n", f"Chữ {day}.\n")
            files[f"{house}content/tin-tuc/{key}.md"] = source
        root = network(tmp_path_factory.mktemp("keys"), files)
        assert problems(run(root)) == []
        outputs.append({k: v.decode("utf-8", "replace") for k, v in tree(root / "public").items()})
    return outputs[0], outputs[1]


@pytest.mark.parametrize("key", EFFECTS)
def test_every_key_can_be_seen_in_what_is_published(
    with_and_without: tuple[Published, Published], key: str
) -> None:
    effect = EFFECTS[key][2]
    assert effect(with_and_without[0])
    assert not effect(with_and_without[1])


def test_there_is_an_effect_for_every_key() -> None:
    assert set(EFFECTS) == set(fields(UTC))


def test_an_article_that_moves_keeps_its_identity_if_it_is_written_down(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/mot.md": article("Một")})
    run(root)
    before = json.loads((root / "public/main/feed.json").read_text("utf-8"))["items"]
    (root / "content/tin-tuc/mot.md").unlink()
    moved = article("Một", id="main/tin-tuc/mot.md", aliases="/tin-tuc/mot.html")
    root = network(tmp_path, {"content/y-te/da-chuyen.md": moved})
    run(root)
    after = json.loads((root / "public/main/feed.json").read_text("utf-8"))["items"]
    assert [item["id"] for item in before] == [item["id"] for item in after]
    assert after[0]["url"] == "https://tinh.example/y-te/da-chuyen.html"
    redirect = (root / "public/main/tin-tuc/mot.html").read_text("utf-8")
    assert '<a href="https://tinh.example/y-te/da-chuyen.html">' in redirect


@pytest.mark.parametrize(
    "title", ['""', "\u200b", '"\\u200b"', "\xad\u200d", "\u3164", "\u2800 \u2800"]
)
def test_a_title_that_nobody_can_see_is_missing(title: str) -> None:
    front = f"title: {title}\ndate: 2020-01-10 08:00\n"
    problems = front_matter.read(front, "a.md", UTC, False)[2]
    assert [(item.code, item.line, item.column) for item in problems] == [("missing-key", 2, 8)]

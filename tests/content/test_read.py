import json
import re
from pathlib import Path

import pytest

from portalgen.report import BuildReport
from tests.helpers import (
    MAIN_SETTINGS,
    article,
    grants,
    network,
    page,
    picture,
    problems,
    run,
    tree,
    write,
)
from tests.pages.published import feed

AT = "content/tin-tuc/"
SAPA = "https://sapa.tinh.example"
Files = dict[str, str | bytes | None]

TARGETS: Files = {
    "site.yaml": MAIN_SETTINGS + "topics: [{title: Đề tài, slug: de-tai}]\n",
    f"{AT}hai.md": article("Hai", tags="[thẻ]", aliases="/cu/hai.html"),
    "content/y-te/ba.md": article("Ba", tags="[thẻ]", topics="Đề mới"),
    f"{AT}thu-muc/index.md": article("Thư mục"),
    f"{AT}bài mới.md": article("Bài mới"),
    "content/gioi-thieu.md": article("Giới thiệu", ""),
    f"{AT}nhap.md": article("Nháp", draft="true"),
    f"{AT}hen.md": article("Hẹn", "2021-01-01"),
    f"{AT}het.md": article("Hết", expires="2020-01-11"),
    f"{AT}hong.md": "hỏng",
    f"{AT}mau.pdf": b"%PDF",
    "content/y-te/Bảng Kê.XLSX": b"xlsx",
    f"{AT}chay.exe": b"MZ",
    "static/tep.pdf": b"%PDF",
    "members/sapa/content/tin-tuc/xa.md": article("Xa"),
    "members/sapa/content/tin-tuc/nhap.md": article("Nháp", draft="true"),
    "members/sapa/content/y-te/rieng.pdf": b"%PDF",
}

# A link in an article of the main portal, and its address; None: plain text.
LEADS: dict[str, str | None] = {
    "hai.md": "/tin-tuc/hai.html",
    "./hai.md": "/tin-tuc/hai.html",
    "hai.md#muc-1": "/tin-tuc/hai.html#muc-1",
    "../y-te/ba.md": "/y-te/ba.html",
    "thu-muc/index.md": "/tin-tuc/thu-muc.html",
    "b%C3%A0i%20m%E1%BB%9Bi.md": "/tin-tuc/bai-moi.html",
    "<bài mới.md>": "/tin-tuc/bai-moi.html",
    "../gioi-thieu.md": "/gioi-thieu.html",
    "portal:main/tin-tuc/hai.md": "/tin-tuc/hai.html",
    "portal:sapa/tin-tuc/xa.md": f"{SAPA}/tin-tuc/xa.html",
    "portal:sapa/tin-tuc/xa.md#a": f"{SAPA}/tin-tuc/xa.html#a",
    "nhap.md": None,
    "nhap.md#muc": None,
    "hen.md": None,
    "het.md": None,
    "hong.md": None,
    "portal:sapa/tin-tuc/nhap.md": None,
    "/": "/",
    "/tin-tuc/": "/tin-tuc/",
    "/tin-tuc/#dau": "/tin-tuc/#dau",
    "/tin-tuc/rss.xml": "/tin-tuc/rss.xml",
    "/tin-tuc/hai.html": "/tin-tuc/hai.html",
    "/gioi-thieu.html": "/gioi-thieu.html",
    "/cu/hai.html": "/cu/hai.html",
    "/chuyen-de/de-tai.html": "/chuyen-de/de-tai.html",
    "/chuyen-de/de-moi.html": "/chuyen-de/de-moi.html",
    "/tag/the.html": "/tag/the.html",
    "/tim-kiem.html?q=a": "/tim-kiem.html?q=a",
    "/thanh-vien.html": "/thanh-vien.html",
    "/tep.pdf": "/tep.pdf",
    "#muc": "#muc",
    "https://x.example/a?b=1&c=2#d": "https://x.example/a?b=1&amp;c=2#d",
    "mailto:a@b.example": "mailto:a@b.example",
    "tel:113": "tel:113",
}
# Links that lead nowhere: shown as text, and told with what is meant; of those that are LOST this
# is known when the article is read, of the others when all are.
DEAD = {
    "khong-co.md": "",
    "khong-co.md#muc": "",
    "HAI.md": "hai.md",
    "thu-muc.md": "thu-muc/index.md",
    "portal:sapa/khong-co.md": "",
    "portal:sapa/tin-tuc/Xa": "portal:sapa/tin-tuc/xa.md",
    "portal:sa-pa/tin-tuc/xa.md": "portal:sapa/tin-tuc/xa.md",
    "portal:khong-co/a.md": "",
    "/khong-co.html": "",
    "/khong-co/": "",
    "/tin-tuc": "/tin-tuc/",
    "/tin-tuc/hai": "/tin-tuc/hai.html",
    "/content/tin-tuc/hai.md": "hai.md",
    "/chuyen-de/chua-co.html": "",
    "hai.html": "hai.md",
    "hai": "hai.md",
    "Bài_mới": "bài%20mới.md",
    "ba.md": "../y-te/ba.md",
    "thu-muc/": "thu-muc/index.md",
}
LOST = {"khong-co.pdf": "", "MAU.PDF": "mau.pdf", "máu.pdf": "mau.pdf"}
INCOMPLETE = {
    "//x.example/": "https://x.example/",
    "a@b.example": "mailto:a@b.example",
    "x.example/a": "https://x.example/a",
    "0912345678": "tel:0912345678",
}
OUTSIDE = [
    "../../site.yaml",
    "../../../../etc/passwd",
    "../../members/sapa/content/y-te/rieng.pdf",
    "..%2f..%2fmembers%2fsapa%2fcontent%2fy-te%2frieng.pdf",
]


def linking(target: str) -> str:
    return article("Bài", body=f"Chữ đầu.\n\nXem [chữ]({target}) này.")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """A build with each link in its own article."""
    files = dict(TARGETS)
    kinds = {"dan": [*LEADS], "mat": [*DEAD, *LOST, *INCOMPLETE], "ngoai": OUTSIDE}
    for kind, targets in kinds.items():
        for number, target in enumerate(targets):
            files[f"{AT}{kind}-{number}.md"] = linking(target)
    root = network(tmp_path_factory.mktemp("links"), files)
    return root, run(root)


@pytest.mark.parametrize("target", [*LEADS, *DEAD, *LOST, *INCOMPLETE])
def test_where_a_link_leads(built: tuple[Path, BuildReport], target: str) -> None:
    lost: dict[str, str | None] = dict.fromkeys([*DEAD, *LOST])
    lost |= INCOMPLETE
    kind, targets = ("dan", LEADS) if target in LEADS else ("mat", lost)
    html = page(built[0], f"main/tin-tuc/{kind}-{list(targets).index(target)}.html")
    found = re.search(r"<p>Xem (?:<a( href=\"[^\"]*\")?[^>]*>)?chữ(?:</a>)? này\.</p>", html)
    assert found
    wanted = targets[target]
    assert found[1] == (None if wanted is None else f' href="{wanted}"')


def test_links_that_lead_nowhere_are_told_and_those_that_lead_outside_refuse_their_articles(
    built: tuple[Path, BuildReport],
) -> None:
    root, report = built
    nowhere = "không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên kết."
    outside = "nằm ngoài thư mục content của trang này. Hãy chép tệp đến cạnh bài viết."
    expected = [
        *(f"{AT}ngoai-{n}.md:7:11: “{target}” {outside}" for n, target in enumerate(OUTSIDE)),
        f"{AT}hong.md:1:1: Bài viết phải bắt đầu bằng dòng `---`, rồi các dòng như `title: …`, "
        "rồi `---`.",
    ]  # fmt: skip
    assert sorted(problems(report)) == sorted(expected)
    told = [
        f"Liên kết “{target}” không dẫn đến đâu. Có phải “{near}”?"
        if near else f"Liên kết “{target}” {nowhere}"
        for target, near in (DEAD | LOST).items()
    ]  # fmt: skip
    told += [
        f"Liên kết “{target}” thiếu phần đầu. Hãy viết {whole}"
        for target, whole in INCOMPLETE.items()
    ]
    assert sorted(item.describe("vi") for item in report.warnings) == sorted(
        f"{AT}mat-{n}.md:7:11: {message}" for n, message in enumerate(told)
    )
    published = {file.stem for file in (root / "public/main/tin-tuc").glob("*.html")}
    assert not any(name.startswith("ngoai-") for name in published)
    assert len([name for name in published if name.startswith("dan-")]) == len(LEADS)


@pytest.mark.parametrize("kind", ["body", "related"])
def test_what_is_proposed_for_a_link_leads_there(
    built: tuple[Path, BuildReport], tmp_path: Path, kind: str
) -> None:
    near = [
        dict(item.values).get("near") or dict(item.values)["wanted"]
        for item in built[1].warnings
        if item.code != "link-nowhere"
    ]
    assert len(near) > 12
    files = dict(TARGETS)
    if kind == "related":
        near = [name for name in near if name.endswith(".md")]
        files[f"{AT}tot.md"] = article("Tốt", related=json.dumps(near))
    else:
        files[f"{AT}tot.md"] = article("Tốt", body=" ".join(f"[chữ]({name})" for name in near))
    assert run(network(tmp_path, files)).warnings == []


def test_each_of_two_equal_links_has_its_own_line(tmp_path: Path) -> None:
    links = "[a](mat.md2) [a](mat.md)\n\n[b](mat.md)\n\n![](k.jpg)\n\n[c](k.jpg) [d](mat.md)"
    body = f"`[x](mat.md)`\n\n{links}"
    root = network(tmp_path, {f"{AT}a.md": article("A", body=body)})
    assert sorted((item.line, item.column, dict(item.values).get("target") or "picture")
                  for item in run(root).warnings) == [
        (7, 5, "mat.md2"), (7, 18, "mat.md"), (9, 5, "mat.md"), (11, 5, "picture"),
        (13, 5, "k.jpg"), (13, 16, "mat.md"),
    ]  # fmt: skip


def test_what_is_wrong_in_front_matter_and_body_is_told_in_one_round(tmp_path: Path) -> None:
    parts = "[b](B.md)", "[c](/khong.html)", "![](https://x.example/a.jpg)", "![](k.jpg)"
    body = "\n\n".join([*parts, "[d](a@b.vn)"])
    root = network(tmp_path, {
        f"{AT}a.md": article("A", "20-11-2026", body, sapo="Chữ.", related="[khong.md]"),
        f"{AT}b.md": article("B"),
    })  # fmt: skip
    report = run(root)
    assert [(item.line, item.code) for item in report.refused] == [
        (3, "date-format"), (4, "unknown-key-near"),
    ]  # fmt: skip
    assert sorted((item.line, item.code) for item in report.warnings) == [
        (5, "link-nowhere"), (7, "link-near"), (9, "link-nowhere"), (11, "image-not-local"),
        (13, "image-missing"), (15, "link-without-scheme"),
    ]  # fmt: skip
    write(root, {f"{AT}c.md": "---\ntitle: [\n---\n![](https://x.example/a.jpg)\n"})
    report = run(root)
    assert [
        (item.line, item.code) for item in (*report.refused, *report.warnings)
        if item.path == f"{AT}c.md"
    ] == [(2, "yaml-sign"), (4, "image-not-local")]  # fmt: skip


def test_an_article_is_proposed_by_its_title(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A", body="[x](<Lễ hội gầu tào>)", related="[Lễ hội Gầu Tào]"),
        "content/y-te/le-hoi-2020.md": article("Lễ hội Gầu Tào"),
    })  # fmt: skip
    assert [item.describe("vi") for item in run(root).warnings] == [
        f"{AT}a.md:4:11: Liên kết “Lễ hội Gầu Tào” không dẫn đến đâu. "
        "Có phải “../y-te/le-hoi-2020.md”?",
        f"{AT}a.md:6:6: Liên kết “Lễ hội gầu tào” không dẫn đến đâu. "
        "Có phải “../y-te/le-hoi-2020.md”?",
    ]


def test_a_blank_around_an_address_is_left_out(tmp_path: Path) -> None:
    body = 'Đầu.\n\n<a href=" https://a.example/c ">z</a>'
    root = network(tmp_path, {f"{AT}a.md": article("A", body=body)})
    assert run(root).warnings == []
    assert 'href="https://a.example/c"' in page(root, "main/tin-tuc/a.html")


def test_every_link_of_a_text_is_looked_at(tmp_path: Path) -> None:
    body = (
        "[a](hai.md) [b](mot-sai.md)\n\n"
        '<a href="ba-sai.md">c</a>\n\n'
        "- [d][x] và [e](hai.md \"tên\")\n\n`[f](bon-sai.md)`\n\n[x]: nam-sai.md\n"
    )  # fmt: skip
    root = network(tmp_path, {f"{AT}a.md": article("A", body=body), f"{AT}hai.md": article("Hai")})
    nowhere = "không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên kết."
    assert [item.describe("vi") for item in run(root).warnings] == [
        f"{AT}a.md:5:17: Liên kết “mot-sai.md” {nowhere}",
        f"{AT}a.md:7:10: Liên kết “ba-sai.md” {nowhere}",
        f"{AT}a.md:13:6: Liên kết “nam-sai.md” {nowhere}",
    ]


@pytest.mark.parametrize("name", ["mau.pdf", "../y-te/Bảng Kê.XLSX".replace(" ", "%20")])
def test_a_file_beside_the_article_is_published_by_its_content(tmp_path: Path, name: str) -> None:
    root = network(
        tmp_path, {**TARGETS, f"{AT}hong.md": article("Lành"), f"{AT}a.md": linking(name)}
    )
    assert problems(run(root)) == []
    found = re.search(r'href="/(media/[0-9a-f]{16}-[a-z-]+\.(?:pdf|xlsx))"',
                      page(root, "main/tin-tuc/a.html"))  # fmt: skip
    assert found
    source = root / "content/tin-tuc" / name.replace("%20", " ")
    assert tree(root / "public/main")[found[1]] == source.read_bytes()


def test_from_a_member_the_main_portal_is_another_site(tmp_path: Path) -> None:
    root = network(tmp_path, {
        **TARGETS, f"{AT}hong.md": article("Lành"),
        "site.yaml": MAIN_SETTINGS + grants(sapa="base_url: https://tinh.example/sapa/"),
        "members/sapa/content/y-te/a.md": article(
            "A", body="Đầu.\n\n[1](portal:main/tin-tuc/hai.md) [2](../tin-tuc/xa.md#b) "
            "[3](/tin-tuc/) [4](portal:sapa/tin-tuc/xa.md) [5](rieng.pdf)",
        ),
    })  # fmt: skip
    assert problems(run(root)) == []
    html = page(root, "sapa/y-te/a.html").partition('<div class="body">')[2].partition("</div>")[0]
    assert re.findall(r'href="([^"]*)"', html)[:4] == [
        "https://tinh.example/tin-tuc/hai.html", "/sapa/tin-tuc/xa.html#b", "/sapa/tin-tuc/",
        "/sapa/tin-tuc/xa.html",
    ]  # fmt: skip
    assert re.findall(r'href="([^"]*)"', html)[4].startswith("/sapa/media/")


def test_a_link_follows_its_article_wherever_it_goes(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A", body="Đầu.\n\n[b](b.md)"), f"{AT}b.md": article("B"),
        "members/sapa/content/tin-tuc/c.md": article(
            "C", body="Đầu.\n\n[b](portal:main/tin-tuc/b.md)"
        ),
    })  # fmt: skip
    run(root)
    assert '<a href="/tin-tuc/b.html"' in page(root, "main/tin-tuc/a.html")
    write(root, {f"{AT}b.md": article("B", slug="moi")})
    assert problems(run(root)) == []
    assert '<a href="/tin-tuc/moi.html"' in page(root, "main/tin-tuc/a.html")
    assert '<a href="https://tinh.example/tin-tuc/moi.html"' in page(root, "sapa/tin-tuc/c.html")
    write(root, {f"{AT}b.md": article("B", draft="true")})
    assert problems(run(root)) == []
    body = page(root, "main/tin-tuc/a.html").partition('<div class="body">')[2]
    assert "href=" not in body.partition("</div>")[0]
    write(root, {f"{AT}b.md": None})
    nowhere = "không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên kết."
    assert [item.describe("vi") for item in run(root).warnings] == [
        f"{AT}a.md:7:5: Liên kết “b.md” {nowhere}",
        f"members/sapa/{AT}c.md:7:5: Liên kết “portal:main/tin-tuc/b.md” {nowhere}",
    ]  # fmt: skip
    assert "/b.html" not in page(root, "sapa/tin-tuc/c.html")


def test_what_is_picked_by_hand_leads_the_related_news(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A", related="[../y-te/xa-nhat.md, portal:sapa/tin-tuc/x.md, "
                             "https://bao.example/tin, nhap.md]"),
        f"{AT}b.md": article("B"), f"{AT}nhap.md": article("Nháp", draft="true"),
        "content/y-te/xa-nhat.md": article("Xa nhất", "2015-01-01"),
        "members/sapa/content/tin-tuc/x.md": article("X"),
    })  # fmt: skip
    assert problems(run(root)) == []
    block = page(root, "main/tin-tuc/a.html").partition('<aside class="beside related"')[2]
    assert re.findall(r'<h3><a href="([^"]*)">', block)[:3] == [
        "/y-te/xa-nhat.html", f"{SAPA}/tin-tuc/x.html", "https://bao.example/tin",
    ]  # fmt: skip
    assert "Nháp" not in block


def test_an_address_without_its_beginning_is_told_what_lacks(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}a.md": article("A", body="Xem [trang](www.a.vn/b) này.")})
    report = run(root)
    assert problems(report) == []
    assert [item.describe("vi") for item in report.warnings] == [
        f"{AT}a.md:5:13: Liên kết “www.a.vn/b” thiếu phần đầu. Hãy viết https://www.a.vn/b"
    ]
    assert '<a href="https://www.a.vn/b"' in page(root, "main/tin-tuc/a.html")


def test_a_long_first_paragraph_is_cut_wherever_others_show_it(tmp_path: Path) -> None:
    words = " ".join(f"chữ{n}" for n in range(200))
    root = network(tmp_path, {
        f"{AT}dai.md": article("Dài", body=words),
        f"{AT}sau.md": article("Sau", body="Ngắn.", summary=words),
    })  # fmt: skip
    run(root)
    cut = words[:400].rsplit(" ", 1)[0] + "…"
    for item in feed(root)["items"]:
        assert item["summary"] == cut
    assert page(root, "main/tin-tuc/index.html").count(cut) == 2
    assert words not in page(root, "main/tin-tuc/sau.html")
    assert page(root, "main/tin-tuc/dai.html").count(words) == 1


def test_a_lead_is_the_first_paragraph_only_if_it_is_plain(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/mot.md": article("Một", body="Câu &amp; đầu.\n\nCâu sau."),
        "content/tin-tuc/hai.md": article("Hai", body="Câu **đậm** đầu.\n\nCâu sau."),
        "content/tin-tuc/ba.md": article("Ba", body="Câu đầu.\n\nCâu sau.", lead="Sapo"),
    })  # fmt: skip
    run(root)
    pages = {name: (root / f"public/main/tin-tuc/{name}.html").read_text("utf-8")
             for name in ("mot", "hai", "ba")}  # fmt: skip
    assert '<p class="lead">Câu &amp; đầu.</p>' in pages["mot"]
    assert "<p>Câu &amp; đầu.</p>" not in pages["mot"]
    assert 'class="lead"' not in pages["hai"]
    assert "<p>Câu <strong>đậm</strong> đầu.</p>" in pages["hai"]
    assert '<p class="lead">Sapo</p>' in pages["ba"]
    assert "<p>Câu đầu.</p>" in pages["ba"]


def test_odd_targets_are_told(tmp_path: Path) -> None:
    outside = "nằm ngoài thư mục content của trang này. Hãy chép tệp đến cạnh bài viết."
    root = network(tmp_path, {
        f"{AT}anh.md": article("Ảnh", body="![a](a%00.jpg)"),
        f"{AT}hong.md": article("Hỏng", body="[a](a%00.pdf)"),
    })  # fmt: skip
    report = run(root)
    assert problems(report) == [f"{AT}hong.md:5:5: “a%00.pdf” {outside}"]
    assert [item.describe("vi") for item in report.warnings] == [
        f"{AT}anh.md:5:6: “a%00.jpg” {outside}"
    ]
    assert (root / "public/main/tin-tuc/anh.html").exists()


def test_a_link_without_a_target_is_its_text(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}a.md": article("A", body="Đầu.\n\nChữ [a *b*]() chữ")})
    report = run(root)
    assert problems(report) == []
    assert [item.describe("vi") for item in report.warnings] == [
        f"{AT}a.md:7:13: Liên kết “” không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên kết."
    ]
    assert "<p>Chữ a <em>b</em> chữ</p>" in page(root, "main/tin-tuc/a.html")


def test_a_picture_is_found_and_described_by_what_was_typed(tmp_path: Path) -> None:
    body = 'Chữ.\n\n![a \\* b &amp; c](x\\_y.png "d \\* e")'
    files = {"content/tin-tuc/a/index.md": article("A", body=body)}
    root = network(tmp_path, {**files, "content/tin-tuc/a/x_y.png": picture(40, 30, "PNG")})
    assert problems(run(root)) == []
    html = page(root, "main/tin-tuc/a.html")
    assert 'alt="a * b &amp; c"' in html
    assert "<figcaption>d * e</figcaption>" in html


ASIDES = (
    "**Mở** đầu[^1] bài.\n\n![Ảnh](a.jpg \"Chú thích một\")\n\n"
    "Tiếp ![Ảnh](a.jpg \"Chú thích hai\") theo.\n\n![Ảnh](khong.jpg \"Chú thích ba\")\n\n"
    "<figure><img src=\"a.jpg\" alt=\"b\"><figcaption>Chú <b>thích</b> "
    "bốn</figcaption></figure>\n\n"
    "<figure><video src=\"a.mp4\"></video><figcaption>Chú thích năm</figcaption></figure>\n\n"
    "```\nmã nguồn\n```\n\nKết `gọn`[^hai] lại.\n\n[^1]: Ghi chú một.\n[^hai]: Ghi chú hai.\n"
)  # fmt: skip


def test_what_others_show_of_a_text_has_no_notes_captions_and_code(tmp_path: Path) -> None:
    files: Files = {f"{AT}a.md": article("A", body=ASIDES), f"{AT}a.jpg": picture(700, 400)}
    root = network(tmp_path, files)
    assert problems(run(root)) == []
    [item] = feed(root)["items"]
    excerpt = "Mở đầu bài. Tiếp theo. Kết gọn lại."
    assert item["summary"] == excerpt
    html = page(root, "main/tin-tuc/a.html")
    assert f'<meta name="description" content="{excerpt}">' in html
    body = html.partition('<div class="body">')[2]
    for number in ("một", "hai", "ba", "năm"):  # readers of the article have them all
        assert f"Chú thích {number}" in body
    assert "Chú <b>thích</b> bốn" in body and "Ghi chú hai" in body and "mã nguồn" in body


def test_a_caption_that_stands_alone_is_no_lead(tmp_path: Path) -> None:
    body = '![Ảnh](khong.jpg "Chú thích")\n\nMở đầu.'
    root = network(tmp_path, {f"{AT}a.md": article("A", body=body)})
    run(root)
    assert [item["summary"] for item in feed(root)["items"]] == ["Mở đầu."]


def test_links_to_apps_are_kept_on_pages_and_in_feeds(tmp_path: Path) -> None:
    targets = ["zalo://oa/1", "viber://chat?number=1", "sms:+84900", "tel:0214", "mailto:a@b.vn"]
    body = "Đầu.\n\n" + " ".join(f"[x]({target})" for target in targets)
    settings = MAIN_SETTINGS + "feeds: {full_text: true}\n"
    root = network(tmp_path, {"site.yaml": settings, f"{AT}a.md": article("A", body=body)})
    report = run(root)
    assert (report.refused, report.warnings) == ([], [])
    for text in (page(root, "main/tin-tuc/a.html"), feed(root)["items"][0]["content_html"]):
        assert all(f'<a href="{target}"' in text for target in targets)


def test_an_article_without_a_date_has_the_day_of_its_name(tmp_path: Path) -> None:
    names = ["2020-01-09-mot.md", "2020-1-8-hai.md", "2020-01-07-ba/index.md", "2020-13-01-x.md",
             "bai-2020-01-01.md", "20200101-y.md", "2020-01-111.md"]  # fmt: skip
    root = network(tmp_path, {f"{AT}{name}": article(name, "") for name in names})
    report = run(root)
    assert sorted((item.code, item.path.removeprefix(AT)) for item in report.refused) == [
        ("missing-date", name) for name in sorted(names[3:])
    ]
    assert sorted((item.path.removeprefix(AT), item.line, *dict(item.values).values())
                  for item in report.warnings) == [
        ("2020-01-07-ba/index.md", 2, "2020-01-07"), ("2020-01-09-mot.md", 2, "2020-01-09"),
        ("2020-1-8-hai.md", 2, "2020-01-08"),
    ]  # fmt: skip
    assert "00:00, 08/01/2020" in page(root, "main/tin-tuc/2020-1-8-hai.html")
    write(root, {f"{AT}{name}": article(name, "2020-01-10") for name in names})
    assert run(root).refused == run(root).warnings == []

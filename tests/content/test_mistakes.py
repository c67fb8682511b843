"""Mistakes that people make when they type an article: each is told, with its place and remedy."""

import io

import pytest
from PIL import Image

from tests.helpers import MAIN_SETTINGS, article, network, picture, run

TOPICS = "topics: [{slug: xuan, title: 'Đất nước, mùa xuân'}]\n"
PROPOSALS = ("right", "wanted", "near", "example", "first")
# By family and what is typed: place, code and what the message tells to write, if that is one text.
# Of the front matter, behind `title`, `date` and what a picture needs:
FRONT: dict[str, dict[str, str]] = {
    "dates": {
        "date: 2020-01-10 9h30": "3:7 date-format 2020-01-10 09:30",
        "date: 10/01/2020 lúc 9h30": "3:7 date-format 2020-01-10 09:30",
        "date: 10-01-2020": "3:7 date-format 2020-01-10",
        "date: 10.01.2020": "3:7 date-format 2020-01-10",
        "date: ngày 10 tháng 1 năm 2020": "3:7 date-format 2020-01-10",
        "date: 01/13/2020": "3:7 date-impossible 2020-01-13",
        "date: 2020-13-01": "3:7 date-impossible 2020-01-13",
        "date: 31/6/2020": "3:7 date-impossible 2020-06-30",
        "date: 10/1/20": "3:7 date-unclear 2020-01-10",
        "date: Jan 10, 2020": "3:7 date-format 2020-01-10",
        "date: 2020-01-10 25:00": "3:7 date-impossible 2020-01-10 23:00",
        "date: 16:46 10/01/2020": "3:7 date-format 2020-01-10 16:46",
        "date: 2020/01/10": "3:7 date-format 2020-01-10",
        "date: 2020-01-10 16.46": "3:7 date-format 2020-01-10 16:46",
        "date: 10/1/2020 9h30 sáng": "3:7 date-format 2020-01-10 09:30",
        "date: 10/1/2020 3h chiều": "3:7 date-format 2020-01-10 15:00",
        "date: 10/1/2020, 9h30": "3:7 date-format 2020-01-10 09:30",
        "date: 20200110": "3:7 date-format 2020-01-10",
        "date: 2020-01": "3:7 date-format 2020-01-01",
        "date: mai": "3:7 date-unknown 2020-01-10 16:46",
        "date: 2020-01-10 16:46 UTC": "3:7 date-format 2020-01-10 16:46Z",
        "date: Fri, 10 Jan 2020 16:46:00 +0700": "3:7 date-format 2020-01-10 16:46 +07:00",
        "date: 2020-01-10 4:46 PM": "3:7 date-format 2020-01-10 16:46",
        "date: [2020-01-10]": "3:7 date-format 2020-01-10",
        "date: 10/01/2020T09:30": "3:7 date-format 2020-01-10 09:30",
        "date: 2020–01–10": "3:7 date-format 2020-01-10",
        "date: l0/O1/2020": "3:7 date-format 2020-01-10",
        "date: Thứ sáu, 10/01/2020": "3:7 date-format 2020-01-10",
        "date: 10/1/2020 24h": "3:7 date-impossible 2020-01-11 00:00",
        "date: 10 thg 1, 2020": "3:7 date-format 2020-01-10", "date: 2030-01-01": "3:7 date-far",
        "date: 2020-02-30": "3:7 date-impossible 2020-02-29",
        "expires: không": "4:10 date-unknown 9999-12-31",
        "expires: 30/2/2026": "4:10 date-impossible 2026-02-28",
        "expires: 2019-01-01": "4:10 expires-early", "updated: 2019-01-01": "4:10 updated-early",
        "updated: 2031-01-01": "4:10 updated-ahead",
        "updated: hôm nay": "4:10 date-unknown 2020-01-10 16:46",
    },
    "dates read": {
        "date: 2020-01-10T09:30:00.123Z": "", "date: 2020-01-10T16:30:00+07:00": "",
        "date: 10/1/2020 16h30": "", "date: 10/01/2020 16:30": "", "date: 10/1/2020 16 giờ 30": "",
        "date: '2020-01-10 16:30'": "", "date: 2020-1-10 16:30:59": "", "expires: 9999-12-31": "",
    },
    "keys": {
        "sapo: b": "4:1 unknown-key-near lead", "Sapo: b": "4:1 unknown-key-near lead",
        "sa-pô: b": "4:1 unknown-key-near lead", "tóm tắt: b": "4:1 unknown-key-near summary",
        "thumbnail: anh.jpg": "4:1 unknown-key-near image",
        "ảnh đại diện: anh.jpg": "4:1 unknown-key-near image",
        "hinh: anh.jpg": "4:1 unknown-key-near image",
        "categories: [a]": "4:1 unknown-key-near topics",
        "category: a": "4:1 unknown-key-near topics", "chuyên mục: Tin": "4:1 key-section",
        "section: tin-tuc": "4:1 key-section", "layout: post": "4:1 unknown-key",
        "keywords: a": "4:1 unknown-key-near tags", "authors: [a]": "4:1 unknown-key-near author",
        "tác giả: A": "4:1 unknown-key-near author", "tac_gia: A": "4:1 unknown-key-near author",
        "tag: a": "4:1 unknown-key-near tags", "Tags: a": "4:1 unknown-key-near tags",
        "chú thích: b": "4:1 unknown-key-near caption", "alt: b": "4:1 unknown-key-near image_alt",
        "nguồn: TTXVN": "4:1 unknown-key-near source",
        "nổi bật: true": "4:1 unknown-key-near featured",
        "nháp: true": "4:1 unknown-key-near draft", "published: true": "4:1 unknown-key-twice date",
        "published: false": "4:1 key-published-false date",
        "url: /a/b.html": "4:1 unknown-key-near aliases",
        "permalink: /a/": "4:1 unknown-key-near aliases", "link: b": "4:1 unknown-key-near slug",
        "hết hạn: 2030-01-01": "4:1 unknown-key-near expires", "comments: true": "4:1 unknown-key",
        "toc: true": "4:1 unknown-key", "titel: B": "4:1 unknown-key-twice title",
        "Date: 2020-01-01": "4:1 unknown-key-twice date",
        "ngày: 10/1/2020": "4:1 unknown-key-twice date", "title: B": "4:1 duplicate-key",
        "lead:: b": "4:1 unknown-key-near lead", "description: b": "4:1 unknown-key-near summary",
        "lastmod: 2020-01-12": "4:1 unknown-key-near updated",
        "cover: anh.jpg": "4:1 unknown-key-near image",
        "expiryDate: 2030-01-01": "4:1 unknown-key-near expires",
    },
    "values": {
        "draft: có": "4:8 wrong-value true", "featured: 1": "4:11 wrong-value true",
        "featured: yes": "4:11 wrong-value true", "syndicate: không": "4:12 wrong-value false",
        "lead: []": "4:7 need-text", "lead: [a, b]": "4:7 wrong-value a, b",
        "source: {name: An}": "4:9 wrong-value An", "tags: {a, b}": "4:7 wrong-value [a, b]",
        "image: [anh.jpg]": "5:8 wrong-value anh.jpg", "slug: Bài viết": "4:7 wrong-slug bai-viet",
        "slug: bai_viet": "4:7 wrong-slug bai-viet",
        "slug: /tin/bai-moi.html": "4:7 wrong-slug bai-moi", "slug: con": "4:7 wrong-slug bai-con",
        "aliases: a b": "4:10 wrong-alias /a%20b",
        "aliases: /cu/bài.html": "4:10 wrong-alias /cu/b%C3%A0i.html",
        "aliases: https://x.vn/cu.html": "4:10 wrong-alias /cu.html",
        "aliases: /?p=3": "4:10 wrong-alias-query", "author: “An”": "4:9 curly-quotes",
        "tags: [“y tế”, b]": "4:8 curly-quotes",
    },
    "yaml": {
        "lead:b": "4:1 yaml-line lead: b", "lead：b": "4:1 yaml-line lead: b",
        "lead; b": "4:1 yaml-line lead: b", "lead = b": "4:1 yaml-line lead: b",
        "lead b": "4:1 yaml-line lead: b", "- lead: b": "4:1 yaml-line lead: b",
        " lead: b": "4:2 yaml-indent", "\tlead: b": "4:1 yaml-tab", "lead: a: b": "4:8 yaml-colon",
        "lead: \"a\"b\"": "4:7 yaml-sign lead: '\"a\"b\"'",
        "lead: *abc*": "4:1 yaml-line lead: \"*abc*\"",
        "lead: @abc": "4:7 yaml-sign lead: \"@abc\"",
        "lead: [Tin] Mưa": "4:7 yaml-sign lead: \"[Tin] Mưa\"",
        "lead: %abc": "4:7 yaml-sign lead: \"%abc\"", "lead: `a`": "4:7 yaml-sign lead: \"`a`\"",
        "lead: Một\nhai": "5:1 yaml-no-key", "tags: [a, b": "4:7 yaml-sign tags: [a, b]",
        "tags: [a,, b]": "4:7 yaml-sign tags: [a, b]",
        "tags: [#a, #b]": "4:7 yaml-sign tags: [\"#a\", \"#b\"]",
        "tags:\n* a\n* b": "5:1 yaml-line - a", "tags:\n• a": "5:1 yaml-line - a",
        "tags: - a - b": "4:1 yaml-line tags: [a, b]",
        "lead: 'It's ok'": "4:7 yaml-sign lead: \"'It's ok'\"", "lead: 'a": "4:7 yaml-quote",
        "lead: & a": "4:1 yaml-line lead: \"& a\"", "lead: !a": "4:7 yaml-tag",
        "// chú thích": "4:1 yaml-no-key", "lead: Chữ #LaoCai": "4:11 hashtag-cut",
        "lead: #LaoCai": "4:7 hashtag-cut", "tags: #a": "4:7 hashtag-cut",
    },
    "lists": {
        "tags: a, b; c": "4:7 text-not-list a, b, c", "tags: a, b": "4:7 text-not-list a, b",
        "tags: a; b": "4:7 text-not-list a, b", "tags: [a; b]": "4:7 text-not-list a, b",
        "tags: (a, b)": "4:7 text-not-list a, b", "tags: '[a, b]'": "4:7 text-not-list a, b",
        "tags: a, b]": "4:7 text-not-list a, b",
        "tags:\n  một\n  hai": "5:3 text-not-list một, hai", "tags: a、b": "4:7 text-not-list a, b",
        "topics: a; b": "4:9 text-not-list a, b", "topics: Đất nước mùa xuân": "4:9 similar-topic",
        "topics: [Đất nước, mùa xuân]": "4:9 topic-cut \"Đất nước, mùa xuân\"",
    },
    "texts": {
        "lead: <b>đậm</b>": "4:7 markup-shown đậm", "lead: a **đậm** b": "4:7 markup-shown a đậm b",
        "lead: Mưa&nbsp;lớn": "4:7 markup-shown Mưa lớn",
        "lead: xem [a](https://a.vn)": "4:7 markup-shown xem a",
        "caption: a<br>b": "4:10 markup-shown a b",
        "summary: &quot;a&quot;": "4:1 yaml-line summary: \"&quot;a&quot;\"",
        "lead: __đậm__": "4:7 markup-shown đậm",
    },
    "pictures": {
        "image: ảnh.jpg": "5:8 image-near anh.jpg", "image: Anh.jpg": "5:8 image-near anh.jpg",
        "image: anh": "5:8 image-near anh.jpg", "image: anh.png": "5:8 image-near anh.jpg",
        "image: anh.jpg;": "5:8 image-near anh.jpg",
        "image: images/anh.jpg": "5:8 image-near anh.jpg",
        "image: https://x.vn/a.jpg": "5:8 image-not-local",
        "image: C:\\anh\\anh.jpg": "5:8 image-on-disk anh.jpg",
        "image: khong.jpg": "5:8 image-missing", "image: ban-ve.svg": "5:8 image-svg",
        "image: anh.heic": "5:8 image-heic", "image: bang.pdf": "5:8 image-document bang.pdf",
        "related: b.md": "4:10 link-near ../y-te/b.md",
        "related: Bài hai": "4:10 link-near ../y-te/b.md",
        "related: y-te/b.html": "4:10 link-near ../y-te/b.md",
        "related: khong.md": "4:10 link-nowhere",
    },
}  # fmt: skip
# Of the body, from its third line on:
BODY: dict[str, dict[str, str]] = {
    "signs": {
        "Gồm:\n• Một\n• Hai": "8:1 typed-bullet", "– Một;\n– Hai;": "7:1 typed-bullet",
        "Gồm:\n\n– Một;\n\n– Hai.": "9:1 typed-bullet", "-Một\n-Hai": "7:1 typed-mark",
        "1.Một\n2.Hai": "7:1 typed-mark", "+Một\n+Hai": "7:1 typed-mark",
        "\uf0b7 Một": "7:1 typed-bullet", "✓ Một\n✓ Hai": "7:1 typed-bullet",
        "Tên\tChức vụ\nAn\tPhó": "7:4 typed-table",
        "\tSáng nay tỉnh họp phiên đầu năm.": "7:2 typed-indent",
        "    Chiều nay tỉnh họp phiên thứ hai.": "7:5 typed-indent",
        "##Mục": "7:1 heading-no-blank", "###Mục nhỏ": "7:1 heading-no-blank",
        "<a href=“https://a.vn”>a</a>": "7:9 curly-attribute; 7:9 link-nowhere",
        "[a](bang.pdf “Mẫu”)": "7:5 link-nowhere; 7:14 curly-attribute",
        "UBND phường Sa Pa\nĐịa chỉ: số 1\nĐiện thoại: 0214": "7:1 lines-joined",
        "Núi cao\nSông sâu\nRừng xanh\nĐá biếc": "7:1 lines-joined",
        "Viết nội dung bài ở đây.": "7:1 archetype-left",
    },
    "letters": {
        "Céng hßa x· héi chñ nghÜa ViÖt Nam": "7:6 old-encoding hòa",
        "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam": "7:1 old-encoding Cộng",
        "Cá»™ng hÃ²a xÃ£ há»™i chá»§ nghÄ©a": "7:2 letters-misread Cộng",
        "C?ng hòa xã h?i ch? ngh?a": "7:1 letters-lost", "C\ufffdng hòa": "7:2 letters-lost",
        "Ông A, số CCCD 010123456789": "7:16 identity-number",
        "Bà B (CMND 063123456)": "7:12 identity-number",
    },
    "links": {
        "[a](a@b.vn)": "7:5 link-without-scheme mailto:a@b.vn",
        "[a](0912 345 678)": "7:5 link-without-scheme tel:0912345678",
        "[a](//laocai.vn)": "7:5 link-without-scheme https://laocai.vn",
        "[a](www.laocai.vn)": "7:5 link-without-scheme https://www.laocai.vn",
        "[a](laocai.gov.vn/abc)": "7:5 link-without-scheme https://laocai.gov.vn/abc",
        "[a](http:/laocai.vn)": "7:5 link-mistyped http://laocai.vn",
        "[a](https//laocai.vn)": "7:5 link-without-scheme https://laocai.vn",
        "[a](https://laocai,vn)": "7:5 link-mistyped https://laocai.vn",
        "[a](https://https://laocai.vn)": "7:5 link-mistyped https://laocai.vn",
        "[a](b.md)": "7:5 link-near ../y-te/b.md",
        "[a](../y-te/b.html)": "7:5 link-near ../y-te/b.md",
        "[a](../y-te/B.md)": "7:5 link-near ../y-te/b.md",
        "[a](/y-te/b)": "7:5 link-near /y-te/b.html",
        "[a](/y-te/b.md)": "7:5 link-near /y-te/b.html",
        "[a](content/y-te/b.md)": "7:5 link-near ../y-te/b.md",
        "[a](../y-te/b)": "7:5 link-near ../y-te/b.md",
        "[a](<Bài hai>)": "7:6 link-near ../y-te/b.md", "[a](/y-te)": "7:5 link-near /y-te/",
        "[a](y-te)": "7:5 link-near /y-te/", "[a]()": "7:5 link-nowhere",
        "[a](khong.md)": "7:5 link-nowhere",
        "[a] (https://laocai.vn)": "7:1 typed-link [a](https://laocai.vn)",
        "[a](https://laocai.vn": "7:1 typed-link [a](https://laocai.vn)",
        "[a][https://laocai.vn]": "7:1 typed-link [a](https://laocai.vn)",
        "(a)[https://laocai.vn]": "7:1 typed-link [a](https://laocai.vn)",
        "[a](https://tinh.example/y-te/khong.html)": "7:5 link-own-nowhere",
        "[a](https://tinh.example/y-te/b)": "7:5 link-near https://tinh.example/y-te/b.html",
        "[a](portal:sapa/khong.md)": "7:5 link-nowhere",
        "[a](portal:sa-pa/tin-tuc/c.md)": "7:5 link-near portal:sapa/tin-tuc/c.md",
    },
    "files": {
        "[a](Bang.PDF)": "7:5 link-near bang.pdf", "[a](bảng.pdf)": "7:5 link-near bang.pdf",
        "[a](tep/bang.pdf)": "7:5 link-near bang.pdf", "[a](bang.docx)": "7:5 link-near bang.pdf",
        "[a](rong.pdf)": "7:5 attachment-empty", "[a](trang.pdf)": "7:5 attachment-unlike",
        "[a](anh.jpg)": "7:5 link-picture", "![a](Anh.JPG)": "7:6 image-near anh.jpg",
        "![a](anh.png)": "7:6 image-near anh.jpg", "![a](anh)": "7:6 image-near anh.jpg",
        "![a](D:/anh.jpg)": "7:6 image-on-disk anh.jpg",
        "![a](https://x.vn/a.jpg)": "7:6 image-not-local",
        "![a](/static/anh.jpg)": "7:6 image-near anh.jpg",
        "![a] (anh.jpg)": "7:2 typed-link ![a](anh.jpg)",
        "! [a](anh.jpg)": "7:1 typed-link ![a](anh.jpg); 7:7 link-picture",
        "![a](anh.jpg": "7:2 typed-link ![a](anh.jpg)",
        "![a](bang.pdf)": "7:6 image-document bang.pdf", "![a](dong.gif)": "7:6 image-animated",
    },
}  # fmt: skip


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (700, 400), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def with_front(line: str) -> str:
    date = "" if line.startswith("date:") else "date: 2020-01-10 16:46\n"
    alt = "image_alt: Ảnh\n" if line.startswith("image") else ""
    return f"---\ntitle: A\n{date}{alt}{line}\n---\nChữ.\n"


TEXTS = {
    **{typed: with_front(typed) for family in FRONT.values() for typed in family},
    **{
        typed: article("A", body=f"Đầu.\n\n{typed}") for family in BODY.values() for typed in family
    },
}
EXPECTED = {typed: said for table in (FRONT, BODY) for family in table.values()
            for typed, said in family.items()}  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a build says of each text; each is an article of its own."""
    at = "content/tin-tuc/"
    names = {typed: f"{at}m{number}.md" for number, typed in enumerate(TEXTS)}
    root = network(tmp_path_factory.mktemp("mistakes"), {
        "site.yaml": MAIN_SETTINGS + TOPICS, "content/y-te/b.md": article("Bài hai"),
        "members/sapa/content/tin-tuc/c.md": article("C"), f"{at}anh.jpg": picture(700, 400),
        f"{at}anh.heic": b"\0\0\0\x18ftypheic\0\0\0\0",
        f"{at}ban-ve.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        f"{at}dong.gif": animation(), f"{at}bang.pdf": b"%PDF-1.4", f"{at}rong.pdf": b"",
        f"{at}trang.pdf": b"<!DOCTYPE html><html>",
        **{name: TEXTS[typed].replace("title: A", f"title: Bài {name}", 1)
           for typed, name in names.items()},
    })  # fmt: skip
    report = run(root)
    said: dict[str, list[str]] = {name: [] for name in names.values()}
    for item in sorted(
        [*report.refused, *report.warnings], key=lambda item: (item.line, item.column)
    ):
        values = dict(item.values)
        right = next((values[name] for name in PROPOSALS if values.get(name)), "")
        said[item.path].append(f"{item.line}:{item.column} {item.code} {right}".strip())
    return {typed: said[name] for typed, name in names.items()}


@pytest.mark.parametrize("typed", TEXTS)
def test_a_mistake_is_told_with_its_place_and_what_is_meant(
    said: dict[str, list[str]], typed: str
) -> None:
    assert "; ".join(said[typed]) == EXPECTED[typed]


def test_so_many_kinds_of_mistakes_are_tried() -> None:
    assert len(TEXTS) >= 200

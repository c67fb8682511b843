import io
import os
import re
import struct
import zlib
from pathlib import Path
from unicodedata import normalize

import pytest
from PIL import Image

from portalgen.content.images import WIDTHS
from portalgen.digests import digest_bytes
from portalgen.report import BuildReport
from tests.helpers import article, network, page, picture, problems, run, tree, unlike_clean, write

AT = "content/tin-tuc/"
Files = dict[str, str | bytes | None]


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header declares this size, with hardly any data."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def shows(name: str, alt: str = "tả") -> str:
    return article("Bài", body=f"Chữ đầu.\n\n![{alt}]({name})")


def warned(report: BuildReport) -> list[str]:
    """The warnings of a build."""
    return [item.describe("vi") for item in report.warnings]


def media(root: Path, site: str = "main") -> dict[str, Image.Image]:
    """All pictures published on a site."""
    return {file.name: Image.open(file) for file in (root / "public" / site / "media").glob("*.*")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of many kinds, each in an article of the same name."""
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by EXIF: displayed in portrait
    exif[0x010F] = "Hang May Anh"
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    half = Image.new("RGBA", (20, 10), (255, 0, 0, 255))
    half.paste((0, 0, 0, 0), (0, 0, 10, 10))
    out = io.BytesIO()
    half.save(out, "PNG")
    frames = io.BytesIO()
    some = [Image.new("P", (24, 18), number) for number in range(3)]
    some[0].save(frames, "GIF", save_all=True, append_images=some[1:])
    pictures: Files = {
        "rong.jpg": picture(2000, 1000),
        "vua.jpg": picture(1000, 500),
        "nho.png": picture(40, 30, "PNG"),
        "nghieng.jpg": picture(60, 20, exif=exif),
        "trong.png": out.getvalue(),
        "bang-mau.png": picture(16, 16, "PNG", 3, "P"),
        "xam.png": picture(17, 16, "PNG", 128, "L"),
        "muc-in.jpg": picture(18, 16, "JPEG", (0, 0, 0, 0), "CMYK"),
        "dong.gif": frames.getvalue(),
        "moi.webp": picture(19, 16, "WEBP"),
        "cao.png": picture(1, 900, "PNG"),
        "anh dep.jpg": picture(21, 16),
    }
    files: Files = {f"{AT}{name}": data for name, data in pictures.items()}
    for name in pictures:
        stem = name.split(".")[0].replace(" ", "-")
        files[f"{AT}{stem}.md"] = shows(name.replace(" ", "%20"))
    root = network(tmp_path_factory.mktemp("images"), files)
    assert problems(run(root)) == []
    return root


def img(root: Path, name: str, site: str = "main") -> str:
    found = re.search(
        r'<figure>(<picture>.*?</picture>)', page(root, f"{site}/tin-tuc/{name}.html")
    )  # fmt: skip
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("name", "widths", "size"),
    [
        ("rong", [480, 960, 1440], (1440, 720)),
        ("vua", [480, 960, 1000], (1000, 500)),
        ("nho", [40], (40, 30)),
        ("nghieng", [20], (20, 60)),
        ("bang-mau", [16], (16, 16)),
        ("xam", [17], (17, 16)),
        ("muc-in", [18], (18, 16)),
        ("dong", [24], (24, 18)),
        ("moi", [19], (19, 16)),
        ("cao", [1], (1, 900)),
        ("anh-dep", [21], (21, 16)),
    ],
)
def test_a_picture_comes_in_up_to_three_widths_as_webp_and_jpeg(
    made: Path, name: str, widths: list[int], size: tuple[int, int]
) -> None:
    html = img(made, name)
    stem = re.findall(r"/media/([0-9a-f]{16})-", html)[0]
    for kind, mark in (("webp", "<source "), ("jpg", "<img ")):
        srcset = ", ".join(f"/media/{stem}-{width}.{kind} {width}w" for width in widths)
        assert re.search(rf'{mark}[^>]*srcset="{re.escape(srcset)}"', html)
    assert f'src="/media/{stem}-{widths[-1]}.jpg"' in html
    assert f'width="{size[0]}" height="{size[1]}" alt="tả" loading="lazy"' in html
    made_files = {key: image for key, image in media(made).items() if key.startswith(stem)}
    assert set(made_files) == {f"{stem}-{w}.{kind}" for w in widths for kind in ("webp", "jpg")}
    for key, image in made_files.items():
        width = int(key.rsplit("-", 1)[1].split(".")[0])
        assert image.format == ("WEBP" if key.endswith("webp") else "JPEG")
        assert image.size == (width, max(1, round(size[1] * width / size[0])))
        assert image.mode == "RGB"


def test_the_widest_is_never_wider_than_the_original() -> None:
    assert list(WIDTHS) == sorted(WIDTHS) and len(WIDTHS) == 3


def test_what_cameras_put_into_pictures_is_not_published(made: Path) -> None:
    for name, image in media(made).items():
        assert dict(image.getexif()) == {}, name
    for file in (made / "public/main/media").iterdir():
        data = file.read_bytes()
        assert b"Exif" not in data and b"Hang May Anh" not in data, file.name


def test_transparency_becomes_white(made: Path) -> None:
    stem = re.findall(r"/media/([0-9a-f]{16})-", img(made, "trong"))[0]
    for kind in ("webp", "jpg"):
        image = media(made)[f"{stem}-20.{kind}"].convert("RGB")
        left, right = image.getpixel((2, 5)), image.getpixel((17, 5))
        assert isinstance(left, tuple) and isinstance(right, tuple)
        assert min(left) > 230, "white where nothing was"
        assert right[0] > 200 and max(right[1:]) < 60, "red where it was red"


BROKEN = "Hãy dùng ảnh JPEG, PNG, WebP hoặc GIF còn nguyên vẹn."
KEPT = "Giữ tệp đã đăng trước đây; tệp hiện nay chưa dùng được vì: "
MISSING = "cạnh bài viết. Hãy chép ảnh vào cùng thư mục hoặc sửa tên."
OUTSIDE = "nằm ngoài thư mục content của trang này. Hãy chép tệp đến cạnh bài viết."
ON_DISK = (
    "nằm trên máy tính, người đọc không lấy được. Hãy chép ảnh vào cạnh bài viết rồi ghi: passwd"
)
PASTED = (
    "Ảnh này được dán thẳng vào bài (data:…), nên không hiện được. Hãy lưu ảnh thành tệp cạnh bài "
    "viết rồi ghi tên tệp."
)
ELSEWHERE = "nằm ở trang khác. Hãy tải ảnh về cạnh bài viết rồi ghi tên tệp."
PAINT = (
    "nhiều trình duyệt không mở được. Hãy mở tệp bằng Paint (Windows) hoặc Preview (máy Mac), lưu "
    "thành JPEG hoặc PNG, rồi ghi tên tệp mới."
)
PIXELS = "có quá nhiều điểm ảnh (trên 60 triệu). Hãy thu nhỏ ảnh."

# Article, its picture as written, the existing file, and the message.
LACKING: dict[str, tuple[str, bytes | None, str]] = {
    "khong-lo": ("khong-lo.png", png_of(30_000, 30_000), f"Ảnh “khong-lo.png” {PIXELS}"),
    "hoi-lon": ("hoi-lon.png", png_of(8_000, 7_501), f"Ảnh “hoi-lon.png” {PIXELS}"),
    "nang": ("nang.jpg", b"\xff\xd8" + bytes(40_000_000),
             "Tệp ảnh “nang.jpg” quá lớn (trên 40 MB). Hãy thu nhỏ ảnh."),
    "cut": ("cut.jpg", picture(500, 400)[:700], f"Không mở được ảnh “cut.jpg”. {BROKEN}"),
    "dau-png": ("dau-png.png", png_of(100, 100)[:20], f"Không mở được ảnh “dau-png.png”. {BROKEN}"),
    "chu": ("chu.jpg", "chữ".encode(), f"Không mở được ảnh “chu.jpg”. {BROKEN}"),
    "tep-rong": ("tep-rong.jpg", b"", f"Không mở được ảnh “tep-rong.jpg”. {BROKEN}"),
    "bmp": ("bmp.bmp", picture(9, 9, "BMP"), f"“bmp.bmp” là ảnh BMP, {PAINT}"),
    "tiff": ("tiff.jpg", picture(9, 9, "TIFF"), f"“tiff.jpg” là ảnh TIFF, {PAINT}"),
    "khong-co": ("khong-co.jpg", None, f"Không thấy ảnh “khong-co.jpg” {MISSING}"),
    "thu-muc": ("../y-te", None, f"Không thấy ảnh “../y-te” {MISSING}"),
    "ten-dai": (f"{'a' * 300}.jpg", None, f"Không thấy ảnh “{'a' * 300}.jpg” {MISSING}"),
    "goc": ("/etc/passwd", None, f"Không thấy ảnh “/etc/passwd” {MISSING}"),
}  # fmt: skip
ELSEWHERE_OR_OUTSIDE: dict[str, tuple[str, bytes | None, str]] = {
    "leo": ("../../site.yaml", None, f"“../../site.yaml” {OUTSIDE}"),
    "leo-cao": ("../../../../etc/passwd", None, f"“../../../../etc/passwd” {OUTSIDE}"),
    "leo-ma": ("..%2f..%2fsite.yaml", None, f"“..%2f..%2fsite.yaml” {OUTSIDE}"),
    "nha-khac": ("../../members/sapa/content/tin-tuc/x.jpg", None,
                 f"“../../members/sapa/content/tin-tuc/x.jpg” {OUTSIDE}"),
    "web": ("https://x.example/a.jpg", None, f"Ảnh “https://x.example/a.jpg” {ELSEWHERE}"),
    "web-2": ("//x.example/a.jpg", None, f"Ảnh “//x.example/a.jpg” {ELSEWHERE}"),
    "may": ("file:///etc/passwd", None, f"Ảnh “file:///etc/passwd” {ON_DISK}"),
    "data": ("data:image/png;base64,AAAA", None, PASTED),
}  # fmt: skip


@pytest.mark.parametrize("head", [False, True], ids=["text", "head"])
def test_a_picture_that_cannot_be_shown_is_told_at_its_place_and_costs_only_itself(
    tmp_path: Path, head: bool
) -> None:
    files: Files = {f"{AT}tot.md": shows("tot.jpg"), f"{AT}tot.jpg": picture(30, 20),
                    "content/y-te/a.jpg": picture(20, 30)}  # fmt: skip
    lacking = {**LACKING, **ELSEWHERE_OR_OUTSIDE}
    for name, (written, data, _) in lacking.items():
        files[f"{AT}{name}.md"] = article("Bài", image=written) if head else shows(written)
        if data is not None:
            files[f"{AT}{written}"] = data
    root = network(tmp_path, files)
    place = "4:8" if head else "7:7"
    report = run(root)
    assert problems(report) == []
    assert warned(report) == sorted(
        f"{AT}{name}.md:{place}: {message}" for name, (_, _, message) in lacking.items()
    )
    assert {item.site for item in report.warnings} == {"main"}
    published = {file.stem for file in (root / "public/main/tin-tuc").glob("*.html")}
    assert published == {"tot", "index", *lacking}
    for name in lacking:
        assert "<figure" not in page(root, f"main/tin-tuc/{name}.html")
    assert {image.size for image in media(root).values()} == {(30, 20)}


def test_every_wrong_picture_of_an_article_is_said(tmp_path: Path) -> None:
    body = "Một\n\n\n![a](mot.jpg)\n\nchữ ![b](hai.jpg) và <b>![c](ba.jpg)</b>"
    root = network(tmp_path, {f"{AT}a.md": article("Bài", body=body)})
    assert warned(run(root)) == [
        f"{AT}a.md:8:6: Không thấy ảnh “mot.jpg” {MISSING}",
        f"{AT}a.md:10:10: Không thấy ảnh “hai.jpg” {MISSING}",
        f"{AT}a.md:10:30: Không thấy ảnh “ba.jpg” {MISSING}",
    ]


def test_a_picture_is_found_however_its_name_is_composed(tmp_path: Path) -> None:
    name = "ảnh đẹp.jpg"
    decomposed = normalize("NFD", name)
    root = network(tmp_path, {
        f"{AT}a.md": article("A", image=name), f"{AT}{decomposed}": picture(30, 20),
        "members/sapa/content/tin-tuc/b.md": article("B", image=name),
        "members/sapa/content/tin-tuc/c.md": article("C"),
    })  # fmt: skip
    (root / "members/sapa/content/tin-tuc" / decomposed).symlink_to(root / AT / decomposed)
    outside = [line for line in warned(run(root)) if ".md:" in line]
    assert outside == [f"members/sapa/content/tin-tuc/b.md:4:8: “{name}” {OUTSIDE}"]
    assert [image.size for image in media(root).values()] == [(30, 20)] * 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_nobody_waits_for_a_pipe_that_is_named_like_a_picture(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A", image="a.jpg")})
    os.mkfifo(root / "content/tin-tuc/a.jpg")
    assert warned(run(root)) == [f"content/tin-tuc/a.md:4:8: Không thấy ảnh “a.jpg” {MISSING}"]


def test_a_link_in_the_file_system_does_not_lead_out_of_the_site(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}ra.md": shows("ra.jpg"), f"{AT}trong.md": shows("trong.jpg"),
        "content/y-te/that.jpg": picture(30, 20),
        "members/sapa/content/tin-tuc/sang.md": shows("sang.jpg"),
    })  # fmt: skip
    (tmp_path / "ngoai.jpg").write_bytes(picture(20, 30))
    (root / AT / "ra.jpg").symlink_to(tmp_path / "ngoai.jpg")
    (root / AT / "trong.jpg").symlink_to(root / "content/y-te/that.jpg")
    (root / "members/sapa" / AT / "sang.jpg").symlink_to(root / "content/y-te/that.jpg")
    link = "Liên kết tượng trưng dẫn ra ngoài thư mục của trang. Hãy chép tệp thật vào đây."
    report = run(root)
    assert problems(report) == [f"{AT}ra.jpg: {link}", f"members/sapa/{AT}sang.jpg: {link}"]
    assert warned(report) == [
        f"{AT}ra.md:7:7: “ra.jpg” {OUTSIDE}",
        f"members/sapa/{AT}sang.md:7:7: “sang.jpg” {OUTSIDE}",
    ]
    assert {image.size for image in media(root).values()} == {(30, 20)}


def state(root: Path) -> dict[str, tuple[int, int]]:
    return {
        file.name: (file.stat().st_ino, file.stat().st_mtime_ns)
        for file in (root / ".portalgen/media").iterdir()
    }


def test_a_picture_is_made_once_for_all_who_show_it(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}mot.md": article("Một", image="mot.jpg"), f"{AT}mot.jpg": picture(30, 20),
        f"{AT}hai/index.md": shows("ten-khac.jpg"), f"{AT}hai/ten-khac.jpg": picture(30, 20),
        "members/sapa/content/tin-tuc/ba.md": shows("ba.jpg"),
        "members/sapa/content/tin-tuc/ba.jpg": picture(30, 20),
    })  # fmt: skip
    run(root)
    before = state(root)
    assert sorted(name.rsplit(".", 1)[1] for name in before) == ["jpg", "json", "webp"]
    published = tree(root / "public")
    assert len([name for name in published if "/media/" in name]) == 4  # two files on two sites
    write(root, {f"{AT}mot.md": article("Một đổi", image="mot.jpg"),
                 f"{AT}bon.md": shows("mot.jpg")})  # fmt: skip
    run(root)
    run(root, use_cache=False)
    assert state(root) == before


def test_another_picture_of_the_same_name_takes_its_place(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}mot.md": shows("a.jpg"), f"{AT}a.jpg": picture(30, 20)})
    run(root)
    first = img(root, "mot")
    write(root, {f"{AT}a.jpg": picture(30, 21)})
    run(root)
    assert 'height="21"' in img(root, "mot") != first
    assert {image.size for image in media(root).values()} == {(30, 21)}
    write(root, {f"{AT}a.jpg": None})
    assert warned(run(root)) == [f"{AT}mot.md:7:7: {KEPT}Không thấy ảnh “a.jpg” {MISSING}"]
    assert "<picture>" in page(root, "main/tin-tuc/mot.html")


def test_made_pictures_that_are_gone_are_made_again(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}mot.md": shows("a.jpg"), f"{AT}a.jpg": picture(30, 20)})
    run(root)
    before = tree(root / "public")
    for file in (root / ".portalgen/media").iterdir():
        file.unlink()
    for file in (root / "public/main/media").iterdir():
        file.unlink()
    run(root)
    assert tree(root / "public") == before


def test_what_a_picture_shows_is_text_wherever_it_is_said(tmp_path: Path) -> None:
    body = 'Chữ.\n\n![<b> & "a"](a.jpg "Chú <i> & \'thích\'")\n\nTrong ![dòng](a.jpg "x") này.'
    files: Files = {
        f"{AT}mot.md": article("Một", body=body, image="a.jpg", image_alt="'\"><script>x'",
                               caption="'</figure>'"),
        f"{AT}a.jpg": picture(30, 20),
    }  # fmt: skip
    root = network(tmp_path, files)
    assert problems(run(root)) == []
    html = page(root, "main/tin-tuc/mot.html")
    assert 'alt="&lt;b&gt; &amp; &#34;a&#34;"' in html
    assert "<figcaption>Chú &lt;i&gt; &amp; &#x27;thích&#x27;</figcaption>" in html
    assert 'alt="&#34;&gt;&lt;script&gt;x"' in html
    assert "<figcaption>&lt;/figure&gt;</figcaption>" in html
    assert re.search(r'<p>Trong <picture>.*alt="dòng".*</picture> <small>x</small> này\.</p>', html)
    assert "<script>x" not in html


def animation(kind: str = "GIF") -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (24, 18), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=90)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_behind_the_first_frame_of_an_animation_is_its_file(tmp_path: Path, kind: str) -> None:
    body = "Chữ.\n\n![tả](a.bin)\n\n[![tả](a.bin)](https://x.example/)\n\n- ![tả](a.bin)"
    root = network(tmp_path, {
        f"{AT}a.md": article("A", image="a.bin", image_alt="Cờ bay", body=body),
        f"{AT}a.bin": animation(kind),
    })  # fmt: skip
    report = run(root)
    assert report.refused == []
    assert [(item.line, item.code) for item in report.warnings] == [
        (line, "image-animated") for line in (4, 9, 11, 13)
    ]  # fmt: skip
    html = page(root, "main/tin-tuc/a.html")
    links = re.findall(r'<a href="/(media/[0-9a-f]{16}-a\.[a-z]+)"[^>]*>\s*<picture>', html)
    assert len(links) == 3, "at the head, alone, in a list; not within another link"
    assert (root / "public/main" / links[0]).read_bytes() == animation(kind)
    assert '<a href="https://x.example/" rel="noopener noreferrer"><picture>' in html
    write(root, {f"{AT}a.bin": None})
    kept = run(root)
    assert kept.refused == [] and {item.kept for item in kept.warnings} == {"file-kept"}
    assert page(root, "main/tin-tuc/a.html") == html
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_picture_that_is_cut_off_is_shown_unless_it_was_published_whole(tmp_path: Path) -> None:
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "PNG")
    whole = out.getvalue()
    cut = whole[: len(whole) * 8 // 10]
    root = network(tmp_path, {f"{AT}a.md": shows("a.png"), f"{AT}a.png": cut})
    line = (
        f"{AT}a.md:7:7: Ảnh “a.png” bị cụt hoặc hỏng: một phần ảnh không còn, bạn đọc chỉ thấy "
        "phần còn lại. Hãy chép lại ảnh từ bản gốc."
    )
    for _ in range(2):  # also once it was published like this
        assert warned(run(root)) == [line]
        assert "<picture>" in page(root, "main/tin-tuc/a.html")
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {f"{AT}a.png": whole})
    assert warned(run(root)) == []
    html = page(root, "main/tin-tuc/a.html")
    write(root, {f"{AT}a.png": cut})
    [item] = run(root).warnings
    assert (item.code, item.kept) == ("image-cut", "file-kept")
    assert page(root, "main/tin-tuc/a.html") == html


def test_a_picture_that_looks_as_ever_keeps_its_name(tmp_path: Path) -> None:
    data = picture(30, 20)
    deep = io.BytesIO()
    Image.new("I;16", (30, 20), 0x8000).save(deep, "PNG")
    root = network(tmp_path, {
        f"{AT}a.md": shows("a.jpg"), f"{AT}a.jpg": data,
        f"{AT}b.md": shows("b.png"), f"{AT}b.png": deep.getvalue(),
    })  # fmt: skip
    assert warned(run(root)) == []
    assert digest_bytes(b"webp80-jpeg82-v1" + data)[:16] in img(root, "a")
    assert digest_bytes(b"webp80-jpeg82-v1" + deep.getvalue())[:16] not in img(root, "b")
    stem = re.findall(r"/media/([0-9a-f]{16})-", img(root, "b"))[0]
    shade = media(root)[f"{stem}-30.jpg"].convert("L").getpixel((5, 5))
    assert isinstance(shade, int) and 126 <= shade <= 130, "it was white"
    before = state(root)
    run(root, use_cache=False)
    assert state(root) == before

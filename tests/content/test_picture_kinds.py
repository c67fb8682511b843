"""Files of other kinds are called by their own name, by content or by suffix."""

from pathlib import Path

import pytest

from portalgen.content.picture_kinds import foreign_kind
from tests.helpers import article, network, page, picture, run

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
FTYP = b"\0\0\0\x1cftyp"


@pytest.mark.parametrize(
    ("data", "name", "code", "kind"),
    [
        (SVG, "a.png", "image-svg", ""),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE svg PUBLIC 'x'>\n" + SVG,
         "a.svg", "image-svg", ""),
        (b"\x1f\x8bpacked", "a.svgz", "image-svg", ""),
        (FTYP + b"heic\0\0\0\0mif1heic", "IMG_1.JPG", "image-heic", ""),
        (FTYP + b"mif1\0\0\0\0miafheic", "a.heif", "image-heic", ""),
        (FTYP + b"mif1\0\0\0\0avifmiaf", "a.jpg", "image-format-rare", "AVIF"),
        (FTYP + b"avif\0\0\0\0mif1", "a.avif", "image-format-rare", "AVIF"),
        (FTYP + b"isom\0\0\0\0mp41", "a.jpg", "image-film", "MP4"),
        (FTYP + b"qt  \0\0\0\0", "a.mov", "image-film", "QuickTime (MOV)"),
        (b"RIFF\0\0\0\0AVI LIST", "a.webp", "image-film", "AVI"),
        (picture(9, 9, "TIFF"), "a.jpg", "image-format", "TIFF"),
        (b"MM\0*rest", "a.nef", "image-format-rare", "RAW"),
        (picture(9, 9, "BMP"), "a.png", "image-format", "BMP"),
        (picture(16, 16, "ICO"), "a.ico", "image-format", "ICO"),
        (b"8BPS\0\1", "a.psd", "image-format-rare", "Photoshop (PSD)"),
        (b"\0\0\0\x0cJXL \r\n", "a.jpg", "image-format-rare", "JPEG XL"),
        (b"%PDF-1.4 x", "a.jpg", "image-document", "PDF"),
        (b"PK\3\4", "a.docx", "image-document", "Word"),
        (b"PK\3\4", "a.jpg", "image-document", "ZIP"),
        (b"<!DOCTYPE html><html>", "a.jpg", "image-web-page", ""),
        (b"what is this", "a.HEIC", "image-heic", ""),
        (b"what is this", "a.tif", "image-format", "TIFF"),
    ],
)  # fmt: skip
def test_the_kind_of_a_file(data: bytes, name: str, code: str, kind: str) -> None:
    fault = foreign_kind(data, name, ("x.md", 1, 2))
    assert fault
    assert (fault.code, dict(fault.values).get("format", "")) == (code, kind)


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"what is this", "a.jpg"), (b"BM is no picture", "a.png"), (b"", "a"), (b"RIFF", "a.webp")],
)
def test_what_nobody_knows_has_no_kind(data: bytes, name: str) -> None:
    assert foreign_kind(data, name, ("x.md", 1, 2)) is None


def test_a_document_is_told_what_to_link_to() -> None:
    fault = foreign_kind(b"%PDF-1.4", "quyet-dinh.jpg", ("x.md", 1, 2))
    assert fault
    assert fault.message("vi") == (
        "“quyet-dinh.jpg” là tệp PDF, không phải ảnh. Hãy đặt tên tệp là quyet-dinh.pdf rồi dẫn "
        "liên kết đến tệp: [tên tài liệu](quyet-dinh.pdf); hoặc chụp màn hình trang cần xem và "
        "dùng ảnh chụp ấy."
    )


def test_a_file_of_another_kind_costs_the_picture_and_one_that_is_only_called_so_nothing(
    tmp_path: Path,
) -> None:
    at = "content/tin-tuc/"
    body = "Chữ.\n\n![tả](ve.svg)\n\n![tả](anh.heic)"
    root = network(tmp_path, {
        f"{at}a.md": article("A", body=body), f"{at}ve.svg": SVG, f"{at}anh.heic": picture(30, 20),
    })  # fmt: skip
    report = run(root)
    assert report.refused == []
    assert [(item.code, item.line, item.column) for item in report.warnings] == [
        ("image-svg", 7, 7)
    ]
    assert page(root, "main/tin-tuc/a.html").count("<picture>") == 1

"""Attachments that nobody can open are published and told."""

from pathlib import Path

import pytest

from tests.helpers import article, network, run

FILES = {
    ("a.pdf", b""): "Tệp “a.pdf” trống, không có nội dung. Hãy chép lại tệp.",
    ("a.pdf", b"<!DOCTYPE html><p>"): (
        "Tệp “a.pdf” thật ra là HTML, không phải .pdf, nên người đọc không mở được. Hãy tải hoặc "
        "lưu lại tệp cho đúng loại."
    ),
    ("a.docx", b"\n<html>"): (
        "Tệp “a.docx” thật ra là HTML, không phải .docx, nên người đọc không mở được. Hãy tải hoặc "
        "lưu lại tệp cho đúng loại."
    ),
    ("a.docx", b"%PDF-1.4"): (
        "Tệp “a.docx” thật ra là PDF, không phải .docx, nên người đọc không mở được. Hãy tải hoặc "
        "lưu lại tệp cho đúng loại."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "data"), FILES)
def test_a_file_that_is_not_what_its_name_says(tmp_path: Path, name: str, data: bytes) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("A", body=f"Một [mẫu]({name})."),
        f"content/tin-tuc/{name}": data,
    })  # fmt: skip
    report = run(root)
    assert [item.describe("vi") for item in report.warnings] == [
        f"content/tin-tuc/a.md:5:11: {FILES[name, data]}"
    ]
    assert not report.refused
    assert len(list((root / "public/main/media").glob(f"*-{name}"))) == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7"), ("a.PDF", b"\xef\xbb\xbf%PDF-1.4"), ("a.docx", b"PK\x03\x04x"),
        ("a.docx", b"\xd0\xcf\x11\xe0x"), ("a.doc", b"\xd0\xcf\x11\xe0x"), ("a.doc", b"{\\rtf1"),
        ("a.csv", b"a,b"), ("a.xls", b"abc"), ("a.txt", b"<html>"), ("a.zip", b"PK\x05\x06"),
    ],
)  # fmt: skip
def test_other_files_are_left_alone(tmp_path: Path, name: str, data: bytes) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("A", body=f"Một [mẫu]({name})."),
        f"content/tin-tuc/{name}": data,
    })  # fmt: skip
    assert run(root).warnings == []

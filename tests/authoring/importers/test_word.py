import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner, Result
from docx.enum.text import WD_ALIGN_PARAGRAPH
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portalgen.cli import main
from portalgen.content.legacy_vietnamese import TCVN3, VNI, convert
from tests.helpers import network, page, run

LOWER = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


def picture(kind: str = "PNG") -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (640, 360), "green").save(data, kind)
    data.seek(0)
    return data


def imported(root: Path, document: Any, *options: str) -> Result:
    file = root.parent / "van-ban.docx"
    document.save(file)
    arguments = ["import", "word", str(file), "--root", str(root), "--lang", "en", *options]
    return CliRunner().invoke(main, arguments)


def text_of(root: Path, told: Result) -> str:
    assert told.exit_code == 0, told.output
    return (root / told.output.splitlines()[0]).read_text("utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, {})


def test_a_document_becomes_an_article(root: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Ruộng bậc thang: nước về", style="Title")
    document.add_paragraph("Nước về đầy ruộng.", style="Subtitle")
    first = document.add_paragraph("Đoạn ")
    first.add_run("đậm ").bold = True
    first.add_run("và ")
    first.add_run("nghiêng").italic = True
    first.add_run(", 2 * 3 = 6, [x], <b>.")
    document.add_heading("Việc đầu mùa", 1)
    document.add_heading("Dẫn nước", 2)
    for text in ("khơi mương", "đắp bờ"):
        document.add_paragraph(text, style="List Bullet")
    for text in ("gieo mạ", "cấy"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("Nước là trời cho.", style="Quote")
    document.add_picture(picture())
    document.add_paragraph("Mùa nước đổ", style="Caption")
    document.add_paragraph("1. không phải danh sách")
    told = imported(root, document, "--site", "sapa", "--date", "2020-01-10 16:46")
    text = text_of(root, told)
    assert told.output.splitlines() == [
        "members/sapa/content/tin-tuc/ruong-bac-thang-nuoc-ve/index.md",
        "A picture has no description: write what it shows between [ and ].",
    ]
    assert text == (
        '---\ntitle: "Ruộng bậc thang: nước về"\ndate: 2020-01-10 16:46\nlead: Nước về đầy ruộng.\n'
        "---\nĐoạn **đậm** và *nghiêng*, 2 \\* 3 = 6, \\[x\\], &lt;b>.\n\n"
        "## Việc đầu mùa\n\n### Dẫn nước\n\n- khơi mương\n- đắp bờ\n\n1. gieo mạ\n2. cấy\n\n"
        '> Nước là trời cho.\n\n![](hinh-1.png "Mùa nước đổ")\n\n1\\. không phải danh sách\n'
    )
    assert not run(root).refused
    html = page(root, "sapa/tin-tuc/ruong-bac-thang-nuoc-ve.html")
    assert "<strong>đậm</strong> và <em>nghiêng</em>, 2 * 3 = 6, [x], &lt;b&gt;." in html
    assert "<figcaption>Mùa nước đổ</figcaption>" in html


def test_what_looks_like_title_and_lead_is_taken_so(root: Path) -> None:
    document = docx.Document()
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run("THÔNG BÁO LỊCH TIÊM").bold = True
    document.add_paragraph().add_run("Các cháu đến trạm y tế vào thứ Hai.").bold = True
    document.add_paragraph("Mang theo sổ.")
    told = imported(root, document)
    text = text_of(root, told)
    assert "title: THÔNG BÁO LỊCH TIÊM\n" in text
    assert "draft: true\nlead: Các cháu đến trạm y tế vào thứ Hai.\n---\nMang theo sổ.\n" in text
    assert told.output.splitlines()[1:] == [
        "It is a draft with today's date: check `date`, then delete `draft`."
    ]


def test_tables_with_and_without_merged_cells(root: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Bảng", style="Title")
    plain = document.add_table(2, 2)
    for cell, text in zip(
        (c for r in plain.rows for c in r.cells), ["A|B", "C", "D"], strict=False
    ):
        cell.text = text
    merged = document.add_table(2, 2)
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "Cả hai <cột>"
    merged.cell(1, 0).text, merged.cell(1, 1).text = "1", "2"
    text = text_of(root, imported(root, document, "--date", "2020-01-10 16:46"))
    assert "| A\\|B | C |\n|---|---|\n| D |  |" in text
    assert (
        '<table>\n<tr>\n<td colspan="2">Cả hai &lt;cột&gt;</td>\n</tr>\n<tr>\n<td>1</td>\n'
        "<td>2</td>\n</tr>\n</table>"
    ) in text
    assert not run(root).refused
    assert '<td colspan="2">Cả hai &lt;cột&gt;</td>' in page(root, "main/tin-tuc/bang.html")


def test_old_fonts_become_unicode(root: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Chữ cũ", style="Title")
    for font, text in (
        (".VnTime", "Céng hßa x· héi chñ nghÜa ViÖt Nam"),
        (".VnTimeH", "lµo cai"),
        ("VNI-Times", "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"),
        ("Times New Roman", "Céng hòa"),
    ):
        document.add_paragraph().add_run(text).font.name = font
    text = text_of(root, imported(root, document))
    assert "\nCộng hòa xã hội chủ nghĩa Việt Nam\n\nLÀO CAI\n\nCộng hòa xã hội chủ nghĩa" in text
    assert "\n\nCéng hòa\n" in text


@given(st.text(LOWER + " "))
def test_every_letter_survives_an_old_font(text: str) -> None:
    tcvn3 = {letter: code for code, letter in TCVN3.items()}
    vni = {letter: code for code, letter in VNI.items()}
    assert convert("".join(tcvn3.get(c, c) for c in text), ".VnArial") == text
    assert convert("".join(vni.get(c, c) for c in text), "VNI-Helve") == text
    upper = text.upper()
    assert convert("".join(vni.get(c, c) for c in upper), "VNI-Helve") == upper
    assert convert("".join(tcvn3.get(c, c) for c in text), ".VnArialH") == upper


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = "http://schemas.openxmlformats.org/package/2006"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def test_footnotes_and_links_stay(root: Path) -> None:
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{TYPES}/relationships"><Relationship Id="r1" '
        f'Type="{RELATED}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{TYPES}/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/footnotes" Target="footnotes.xml"/>'
        f'<Relationship Id="r2" Type="{RELATED}/hyperlink" Target="https://vi-du.example/a b" '
        'TargetMode="External"/></Relationships>',
        "word/document.xml": f'<w:document {W} xmlns:r="{RELATED}"><w:body><w:p><w:r><w:t>Luật mới'
        '</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r>'
        '<w:t xml:space="preserve">, xem </w:t></w:r><w:hyperlink r:id="r2"><w:r><w:t>đây</w:t>'
        "</w:r></w:hyperlink></w:p></w:body>"
        "</w:document>",
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>Theo công báo.'
        "</w:t></w:r></w:p></w:footnote></w:footnotes>",
    }
    file = root.parent / "luat.docx"
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    arguments = ["import", "word", str(file), "--root", str(root), "--date", "2020-01-10 16:46"]
    text = text_of(root, CliRunner().invoke(main, [*arguments, "--lang", "en"]))
    assert text.endswith(
        "---\nLuật mới[^2], xem [đây](https://vi-du.example/a%20b)\n\n[^2]: Theo công báo.\n"
    )
    assert not run(root).refused
    assert "Theo công báo." in page(root, "main/tin-tuc/luat.html")


def test_nothing_is_overwritten_and_nothing_half_made(root: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Một bài", style="Title")
    text_of(root, imported(root, document))
    told = imported(root, document)
    assert told.exit_code == 1
    assert "content/tin-tuc/mot-bai" in told.stderr
    assert [file.name for file in (root / "content/tin-tuc").iterdir()] == ["mot-bai"]


def test_pictures_no_browser_shows_are_left_out(root: Path, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Hình", style="Title")
    document.add_picture(picture("BMP"))
    told = imported(root, document)
    assert "A drawing (EMF, WMF or other) was left out: save it as PNG and add it." in told.output
    assert "![" not in text_of(root, told)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "cannot be read as a Word document"),
        (b"PK\x03\x04 nonsense", "cannot be read as a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old .doc file, or has"),
        ({"a.txt": b"x"}, "cannot be read as a Word document"),
        ({"word/document.xml": b"<not-closed>"}, "cannot be read as a Word document"),
        ({"word/document.xml": b"\0" * 301_000_000}, "is too large for a Word document"),
    ],
)
def test_what_is_no_document_is_told(root: Path, data: bytes | dict[str, bytes], code: str) -> None:
    file = root.parent / "hong.docx"
    if isinstance(data, dict):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for name, content in data.items():
                packed.writestr(name, content)
    else:
        file.write_bytes(data)
    told = CliRunner().invoke(
        main, ["import", "word", str(file), "--root", str(root), "--lang", "en"]
    )
    assert told.exit_code == 1, told.output
    assert told.stderr.startswith("hong.docx: This ")
    assert code in told.stderr
    assert not (root / "content").exists()

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portalgen.authoring.member_list import Member, read_members
from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from tests.authoring.making import listed, make


def wrong(folder: Path, rows: str | bytes) -> list[str]:
    """The messages about a list, in Vietnamese, without its folder."""
    with pytest.raises(PortalError) as caught:
        read_members(listed(folder, rows))
    return [item._replace(path="list.csv").describe("vi") for item in caught.value.problems]


def test_a_list_as_spreadsheets_write_it(tmp_path: Path) -> None:
    wanted = [Member("sapa", 'Thị xã "Sa Pa", Lào Cai', "Thị xã"), Member("y-te", "Sở Y tế")]
    commas = 'slug,title,kind\nsapa,"Thị xã ""Sa Pa"", Lào Cai",Thị xã\n\ny-te,Sở Y tế\n'
    assert read_members(listed(tmp_path, commas)) == wanted
    semicolons = '\ufeffKind;Title;Slug;\r\nThị xã;"Thị xã ""Sa Pa"", Lào Cai";sapa;\r\n;;;\r\n'
    assert read_members(listed(tmp_path, semicolons + ";Sở\u0020\u0020Y tế; y-te ;;")) == wanted
    tabs = 'slug\ttitle\tkind\nsapa\t"Thị xã ""Sa Pa"", Lào Cai"\tThị xã\ny-te\tSở Y tế\t'
    assert read_members(listed(tmp_path, tabs)) == wanted
    assert read_members(listed(tmp_path, "slug,title\n")) == []
    assert read_members(listed(tmp_path, 'title,slug\n"Một\nđơn vị",a\nHai,b')) == [
        Member("a", "Một đơn vị"), Member("b", "Hai"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ("", "slug,title,kind"), ("sapa,Sa Pa", "slug,title,kind"), ("slug", "slug,title,kind"),
        ("slug,title,group", "slug,title,kind"), ("slug,title,title", "slug,title,kind"),
        ("ten;slug", "slug;title;kind"),
    ],
)  # fmt: skip
def test_a_list_needs_a_head(tmp_path: Path, head: str, wanted: str) -> None:
    [message] = wrong(tmp_path, head + "\n")
    assert message == (
        "list.csv:1:1: Dòng đầu tiên phải nêu tên các cột: slug, title và, nếu cần, kind; không có "
        f"cột khác. Hãy ghi: {wanted}"
    )
    remedy = message.rpartition(": ")[2]
    assert read_members(listed(tmp_path, f"{remedy}\n")) == []


def test_every_wrong_row_is_told_at_its_place(tmp_path: Path) -> None:
    rows = (
        "slug,title,kind\n"
        "Sa Pa,Thị xã Sa Pa,xa\n"
        ",Xã Ví Dụ\n"
        "main,🎉,\n"
        "a,,xa\n"
        "b,B,🎉\n"
        "b,Hai,xa\n"
        'c,"C" d,xa\n'
        "d,Sở Y tế, Lào Cai,so\n"
        f"e,{'e' * 501},x\n"
        "f,a\x1bb,x\n"
    )
    assert wrong(tmp_path, rows) == [
        "list.csv:2:1: “Sa Pa” không dùng làm tên thư mục đơn vị được. Hãy ghi: sa-pa",
        "list.csv:3:1: “Xã Ví Dụ” không dùng làm tên thư mục đơn vị được. Hãy ghi: xa-vi-du",
        "list.csv:4:1: “main” không dùng làm tên thư mục đơn vị được. Hãy ghi: don-vi-4",
        "list.csv:5:3: Dòng này chưa có tên đơn vị. Hãy ghi tên vào cột title.",
        "list.csv:6:5: “🎉” không dùng làm nhóm đơn vị được. Hãy ghi tên nhóm bằng chữ, ví dụ Xã",
        "list.csv:7:1: “b” đã có ở dòng 6. Mỗi đơn vị cần một slug riêng: hãy ghi slug khác, hoặc "
        "xóa một dòng.",
        "list.csv:8:3: Dấu ngoặc kép ở ô này không thành cặp. Hãy đặt một dấu trước, một dấu sau "
        "cả ô, và viết hai lần mỗi dấu bên trong.",
        "list.csv:9:20: Dòng này có nhiều ô hơn số cột của danh sách (3 cột). Ô nào có dấu ngăn "
        "cách bên trong thì đặt cả ô trong dấu ngoặc kép.",
        "list.csv:10:3: Tiêu đề dài quá 500 ký tự. Hãy rút ngắn.",
        "list.csv:11:3: Có ký tự điều khiển U+001B không nhìn thấy được. Hãy xóa và gõ lại đoạn "
        "này.",
    ]
    result = make(tmp_path / "mine", "--members", str(listed(tmp_path, rows)))
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 10
    assert not (tmp_path / "mine").exists()


def test_each_remedy_helps(tmp_path: Path) -> None:
    mended = (
        "slug,title,kind\n"
        "sa-pa,Thị xã Sa Pa,xa\n"
        "xa-vi-du,Xã Ví Dụ\n"
        "don-vi-4,🎉,\n"
        "a,A,xa\n"
        "b,B,Xã\n"
        "b-2,Hai,xa\n"
        'c,"""C"" d",xa\n'
        'd,"Sở Y tế, Lào Cai",so\n'
    )
    result = make(tmp_path / "mine", "--members", str(listed(tmp_path, mended)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert [site.title for site in load_network(tmp_path / "mine").sites[1:]] == [
        "A", "B", "Hai", '"C" d', "Sở Y tế, Lào Cai", "🎉", "Thị xã Sa Pa", "Xã Ví Dụ",
    ]  # fmt: skip


def test_a_list_that_is_no_text_is_told(tmp_path: Path) -> None:
    assert read_members(listed(tmp_path, "slug\ttitle\na\tThị".encode("utf-16"))) == [
        Member("a", "Thị")
    ]
    assert wrong(tmp_path, b"slug,title\na,Th\xe0") == [
        "list.csv:2:5: Tệp không phải UTF-8. Hãy lưu lại với bảng mã UTF-8."
    ]
    missing = make(tmp_path / "mine", "--members", str(tmp_path / "none.csv"))
    assert missing.exit_code == 2


CELLS = st.text(st.sampled_from('a1 -",;\t\n\r\x00Đ🎉:#'), max_size=8)


@settings(max_examples=60, deadline=None)
@example("a,A")
@given(st.lists(st.lists(CELLS, max_size=4).map(",".join), max_size=6).map("\n".join))
def test_any_list_makes_a_network_or_says_why_not(
    tmp_path_factory: pytest.TempPathFactory, rows: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    root = folder / "mine"
    result = make(root, "--members", str(listed(folder, f"slug,title,kind\n{rows}")))
    assert (result.exception is None) or isinstance(result.exception, SystemExit)
    if result.exit_code == 0:
        load_network(root)
    else:
        assert (result.exit_code, root.exists()) == (1, False)
        assert str(folder) in result.stderr

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portalgen.authoring import network
from portalgen.authoring.check import check
from portalgen.authoring.member_list import Member, read_members
from portalgen.cli import main
from portalgen.problems import PortalError
from portalgen.report import Options
from portalgen.settings.network import load_network
from portalgen.settings.site import ROOT_FIELDS
from tests.authoring.test_new import AWKWARD
from tests.helpers import NOW, problems, run

MOMENT = datetime.fromtimestamp(NOW, UTC)
FILES = [
    ".gitignore", "README.md", "content/gioi-thieu.md", "content/lien-he.md",
    "content/tin-tuc/bai-dau-tien.md", "site.yaml",
]  # fmt: skip


def files(root: Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())


def make(folder: Path, *arguments: str) -> Result:
    """Run `portalgen new network` without a terminal."""
    return CliRunner().invoke(main, ["new", "network", str(folder), *arguments])


def listed(folder: Path, rows: str | bytes) -> Path:
    file = folder / "list.csv"
    file.write_bytes(rows.encode() if isinstance(rows, str) else rows)
    return file


def wrong(folder: Path, rows: str | bytes) -> list[str]:
    """The messages about a list, in Vietnamese, without its folder."""
    with pytest.raises(PortalError) as caught:
        read_members(listed(folder, rows))
    return [item._replace(path="list.csv").describe("vi") for item in caught.value.problems]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_build_has_nothing_to_say(tmp_path: Path, language: str) -> None:
    root = tmp_path / "mine"
    members = [Member("sapa", "Thị xã Sa Pa", "Thị xã"), Member("y-te", "Sở Y tế")]
    network.new_network(root, "Cổng tỉnh", language, members, MOMENT)
    assert [name for name in files(root) if not name.startswith("members/")] == FILES
    report = check(Options(root, root / "public", NOW, jobs=1))
    assert (problems(report), report.warnings) == ([], [])
    built = run(root)
    assert (problems(built), built.sites, built.articles) == ([], 3, 1)
    assert run(root).files_written == 0
    text = (root / "public/main/tin-tuc/bai-dau-tien.html").read_text("utf-8")
    assert f'<html lang="{language}"' in text
    assert 'datetime="2020-01-15T08:00:00+07:00"' in text
    assert ("đầu tiên" in text) == (language == "vi")
    for slug in ("main", "sapa", "y-te"):
        assert (root / "public" / slug / "gioi-thieu.html").is_file()


def test_the_settings_are_what_a_network_needs(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    members = [Member("a", "A", "Thị xã"), Member("b", "B", "Xã: mới"), Member("c", "C", "thị xã")]
    network.new_network(root, "Cổng: tỉnh", "vi", members, MOMENT)
    net = load_network(root)
    assert net.main.title == "Cổng: tỉnh"
    assert [(kind.slug, kind.title) for kind in net.main.kinds] == [
        ("thi-xa", "Thị xã"), ("xa-moi", "Xã: mới"),
    ]  # fmt: skip
    assert [site.kind for site in net.sites] == ["", "thi-xa", "xa-moi", "thi-xa"]
    assert (net.main.related[0].by, net.main.related[0].scope) == ("similarity", "network")
    assert net.main.known_hosts == ("*.gov.vn",)
    assert net.main.targets == ()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_settings_in_comments_can_be_used(tmp_path: Path, language: str) -> None:
    root = tmp_path / "mine"
    network.new_network(root, "A", language, [], MOMENT)
    file = root / "site.yaml"
    used = re.sub(r"^#(?=\w+:|  - )", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(used, "utf-8")
    assert set(yaml.safe_load(used)) <= set(ROOT_FIELDS)
    assert load_network(root).main.targets[0].name in ("thu-muc", "folder")
    assert problems(run(root)) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_readme_says_the_three_commands(tmp_path: Path, language: str) -> None:
    network.new_network(tmp_path / "mine", "Cổng tỉnh", language, [], MOMENT)
    readme = (tmp_path / "mine/README.md").read_text("utf-8")
    assert readme.startswith("# Cổng tỉnh\n")
    assert "\n```\nportalgen serve\nportalgen check\nportalgen build\n```\n" in readme
    assert (tmp_path / "mine/.gitignore").read_text() == "/public/\n/.portalgen/\n"


def test_the_command_says_where_it_is_and_what_comes_next(tmp_path: Path) -> None:
    rows = listed(tmp_path, "slug,title,kind\nsapa,Thị xã Sa Pa,Thị xã\n")
    root = tmp_path / "mine"
    result = make(root, "--members", str(rows))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{root}\nHãy sửa `title` và `base_url` trong {root}/site.yaml, rồi vào thư mục ấy xem thử "
        "bằng lệnh portalgen serve; README.md ở đó nói thêm.\n"
    )
    assert load_network(root).main.title == "Cổng thông tin điện tử"
    today = datetime.now(load_network(root).main.zone)
    article = (root / "content/tin-tuc/bai-dau-tien.md").read_text("utf-8")
    assert f"\ndate: {today:%Y-%m-}" in article
    assert make(tmp_path / "en", "--language", "en").stdout.endswith("README.md there says more.\n")
    assert load_network(tmp_path / "en").main.title == "News portal"
    assert make(tmp_path / "named", "--title", "A [b]").exit_code == 0
    assert load_network(tmp_path / "named").main.title == "A [b]"


def test_the_name_is_asked_for_at_a_terminal(tmp_path: Path) -> None:
    from tests.commands.test_new import asked

    root = tmp_path / "mine"
    assert "Tên cổng chính [Cổng thông tin điện tử]: " in asked(
        None, "Cổng tỉnh\n", "network", str(root)
    )
    assert load_network(root).main.title == "Cổng tỉnh"


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    root.mkdir()
    for name in "gacbfed":
        (root / name).write_text(name)
    result = make(root)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{root}: Trong thư mục này đã có tệp (a, b, c, d, e, …). Hãy chọn một thư mục mới hoặc "
        "thư mục trống.\n"
    )
    assert files(root) == list("abcdefg")
    assert make(root / "a", "--lang", "en").stderr == (
        f"{root}/a: This already exists and is not overwritten. Open it, or choose another name.\n"
    )
    # A new or empty folder, as the message says.
    assert make(root / "new").exit_code == 0
    for name in "gacbfed":
        (root / name).unlink()
    (root / "new").rename(tmp_path / "elsewhere")
    assert make(root).exit_code == 0


def test_an_empty_folder_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tmp_path / "real"
    real.mkdir(mode=0o750)
    os.symlink(real, tmp_path / "link")
    before = real.stat()
    monkeypatch.chdir(real)  # the current folder of a shell survives
    assert make(Path()).exit_code == 0
    assert (real.stat().st_ino, real.stat().st_mode) == (before.st_ino, before.st_mode)
    assert files(Path()) == FILES
    assert make(tmp_path / "link").exit_code == 1
    assert make(tmp_path / "more/below/mine").exit_code == 0
    assert files(tmp_path / "more/below") == [f"mine/{name}" for name in FILES]


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "new folder"])
@pytest.mark.parametrize("step", ["write", "rename"])
def test_what_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, step: str
) -> None:
    root = tmp_path / "mine"
    if there:
        root.mkdir()
    calls = []

    def fail(*arguments: object) -> None:
        calls.append(arguments)
        if not there or step == "write" or len(calls) == 3:
            raise OSError(28, "No space left on device", str(root))
        renamed(*arguments)  # type: ignore[arg-type]

    renamed = os.rename
    if step == "write":
        monkeypatch.setattr(network, "new_member", fail)
    else:
        monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="No space"):
        network.new_network(root, "A", "vi", [Member("a", "A")] * (step == "write"), MOMENT)
    monkeypatch.undo()
    assert files(tmp_path) == []
    assert list(tmp_path.iterdir()) == ([root] if there else [])
    assert make(root).exit_code == 0


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
    assert wrong(tmp_path, "slug,title".encode("utf-16")) == [
        "list.csv: Tệp lưu bằng UTF-16. Hãy lưu lại với bảng mã UTF-8."
    ]
    assert wrong(tmp_path, b"slug,title\na,Th\xe0") == [
        "list.csv:2:5: Tệp không phải UTF-8. Hãy lưu lại với bảng mã UTF-8."
    ]
    missing = make(tmp_path / "mine", "--members", str(tmp_path / "none.csv"))
    assert missing.exit_code == 2


def test_awkward_names_make_a_network_that_is_built(tmp_path: Path) -> None:
    quoted = [title.replace('"', '""') for title in AWKWARD]
    rows = "".join(f'm{number},"{title}","k {title}"\n' for number, title in enumerate(quoted))
    root = tmp_path / "mine"
    result = make(root, "--members", str(listed(tmp_path, f"slug,title,kind\n{rows}")))
    assert (result.exit_code, result.stderr) == (0, "")
    assert problems(run(root)) == []
    assert load_network(root).sites[1].title == AWKWARD[0]


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

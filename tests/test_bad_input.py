import gc
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalgen.cli import main
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, network, picture, tree, write

AT = "content/tin-tuc/"
THEME = Path(__file__).resolve().parents[1] / "themes" / "portal"
Files = dict[str, str | bytes | None]


@pytest.fixture(autouse=True)
def collect_garbage() -> Iterator[None]:
    """Builds turn the garbage collector off; here many run in one process."""
    yield
    gc.enable()


def portalgen(root: Path, *arguments: str) -> Result:
    """Run a command in the folder of the network, at a fixed time."""
    before = Path.cwd()
    os.chdir(root)
    try:
        command, *more = arguments
        moment = () if "--now" in more else ("--now", "2020-01-15 08:00")
        return CliRunner().invoke(main, [command, "--jobs", "1", *moment, *more])
    finally:
        os.chdir(before)


def stays_calm(root: Path, *arguments: str) -> Result:
    """Assert a documented exit code, no traceback and no absolute path, whatever the files hold."""
    result = portalgen(root, *arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2, 3)
    assert "Traceback" not in result.output
    assert str(root) not in result.output
    assert str(THEME.parent) not in result.output
    assert bool(result.stderr) == (result.exit_code != 0)
    return result


ARTICLE = article(
    "Một", lead="Sapo", tags="[a, b]", aliases="[/cu-0.html]", related="[hai.md]",
    updated="2020-01-11", slug="mot-0", image="a.jpg",
    body="Đầu *a*.\n\n## Mục\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    '[x](hai.md) ![a](a.jpg "c")[^1]\n\n'
    "[^1]: g\n\n- a\n    - b\n\n> t\n\n```py\nx\n```\n<b>x</b>",
).encode()  # fmt: skip
SETTINGS = (
    MAIN_SETTINGS + "tokens: {brand: '#112233'}\nfeeds: {limit: 3}\nlanguage: vi\n"
    "permalink: /{section}/{slug}.html\nmenu: [{title: A, url: /a}]\ncontact: {phone: 1}\n"
).encode()
PIECES = [
    b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!x ", b"<<: ", b"- ", b": ", b"\n", b"\n---\n", b"...",
    b"\t", b"\0", b"\xff", b"\xef\xbb\xbf", b"'", b'"', b"#", b"|", b">", b"%", b"@", b"`", b"{{",
    b"}}", b"{%", b"%}", b"\r", b"\x07", b"~", b"null", b"9" * 30, b"-1", "\u2028\x85".encode(),
    b"\xed\xa0\x80", b"../", b"/", b"\\", b"portal:", b"](", b"![", b"<", b"&#1;", b"\xee\x80\x80",
    b"date: ", b"title: ", b"\n  ", b"http://[", b"//", b"\\x00", b"\\ud800", b"{{ x", b"{% if",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, source: bytes) -> bytes:
    """The source with some bytes inserted, deleted, doubled or changed, or all other bytes."""
    if draw(st.integers(0, 19)) == 0:
        return draw(st.binary(max_size=60))
    data = bytearray(source)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            data[at:at] = draw(st.sampled_from(PIECES))
        elif kind == 1:
            del data[at : at + draw(st.integers(1, 12))]
        elif kind == 2:
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=3))
        elif kind == 3:
            start = draw(st.integers(0, len(data)))
            data[at:at] = data[start : start + draw(st.integers(1, 40))]
        else:
            data[at : at + draw(st.integers(1, 5))] = draw(st.sampled_from(PIECES))
    return bytes(data)


CALM = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)  # fmt: skip


@settings(CALM, max_examples=8)
@given(st.lists(mutated(ARTICLE), min_size=12, max_size=12), st.sampled_from(["build", "check"]))
def test_articles_of_any_bytes_cost_at_most_themselves(sources: list[bytes], command: str) -> None:
    with TemporaryDirectory() as folder:
        files: Files = {f"{AT}hai.md": article("Hai"), f"{AT}a.jpg": picture(9, 9)}
        for number, source in enumerate(sources):
            own = source.replace(b"mot-0", b"mot-%d" % number).replace(b"cu-0", b"cu-%d" % number)
            files[f"{AT}{number}.md"] = own
        root = network(Path(folder), files)
        result = stays_calm(root, command)
        assert result.exit_code in (0, 3)
        if command == "build":
            assert (root / "public/main/tin-tuc/hai.html").is_file()
            published = {file.stem for file in (root / "public/main/tin-tuc").glob("*.html")}
            refused = {line.split(":")[0] for line in result.stderr.splitlines()}
            assert len(published - {"index", "hai"}) + len(refused) >= len(sources)


@settings(CALM, max_examples=60)
@given(mutated(SETTINGS), st.one_of(st.just(MEMBER_SETTINGS.encode()),
                                    mutated(MEMBER_SETTINGS.encode())))  # fmt: skip
def test_settings_of_any_bytes_are_built_or_refused(main_file: bytes, member_file: bytes) -> None:
    with TemporaryDirectory() as folder:
        files: Files = {"site.yaml": main_file, "members/sapa/site.yaml": member_file}
        root = network(Path(folder), files)
        result = stays_calm(root, "check")
        assert not (root / "public").exists()
        if result.exit_code == 1:
            assert all(
                line.startswith(("site.yaml", "members/sapa", "Chưa xuất bản", "Nothing"))
                for line in result.stderr.splitlines()
            )


THEME_FILES = sorted(
    file.relative_to(THEME).as_posix()
    for file in THEME.rglob("*")
    if file.suffix in (".html", ".yaml")
)


@settings(CALM, max_examples=10)
@given(st.data())
def test_themes_of_any_bytes_are_built_or_refused(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        root = network(Path(folder), {f"{AT}mot.md": article("Một")})
        name = data.draw(st.sampled_from(THEME_FILES))
        changed = data.draw(mutated((THEME / name).read_bytes()))
        if data.draw(st.booleans()) and name.startswith("templates/"):
            write(root, {f"members/sapa/{name}": changed})
            assert stays_calm(root, "build").exit_code in (0, 3)
            assert (root / "public/main/tin-tuc/mot.html").is_file()
        else:
            shutil.copytree(THEME, root / "themes/portal")
            write(root, {f"themes/portal/{name}": changed})
            stays_calm(root, "build")


NO_FRONT = "1:1: Bài viết phải bắt đầu bằng dòng `---`, rồi các dòng như `title: …`, rồi `---`."
NOTHING = "Chưa xuất bản gì; những gì đã xuất bản vẫn nguyên. Hãy sửa các lỗi trên rồi chạy lại."
MORE = "… và 3 lỗi khác. Xem tất cả bằng lệnh: portalgen check"

# Files, arguments of `build`, the exit code, and standard error.
NETWORKS: dict[str, tuple[Files, tuple[str, ...], int, list[str]]] = {
    "all is well": ({}, (), 0, []),
    "an article without front matter": (
        {f"{AT}b.md": "x"}, (), 3, [f"{AT}b.md:{NO_FRONT}"],
    ),
    "more problems than a screen holds": (
        {f"{AT}b{n:02}.md": "x" for n in range(23)}, (), 3,
        [*(f"{AT}b{n:02}.md:{NO_FRONT}" for n in range(20)), MORE],
    ),
    "a folder where an article should be": (
        {f"{AT}b.md/anh.txt": "x"}, (), 3,
        [f"{AT}b.md: Đây không phải tệp thường (mà là ống dẫn, thiết bị hoặc thư mục) nên "
         "không đọc. Hãy xóa đi, hoặc đặt một tệp vào chỗ đó."],
    ),
    "a folder that is no section": (
        {"content/khac/b.md": article("B")}, (), 3,
        ["content/khac: Thư mục “khac” không phải chuyên mục của trang, nên bài trong đó không "
         "được xuất bản. Hãy thêm vào `sections` trong site.yaml hoặc chuyển bài đi."],
    ),
    "a folder without index.md": (
        {f"{AT}thu/b.md": article("B")}, (), 3,
        [f"{AT}thu: Thư mục này có bài nhưng không có `index.md`, nên bài không được xuất bản. "
         "Hãy đổi tên bài thành `index.md` hoặc đưa bài ra ngoài thư mục."],
    ),
    "a name with a line end": (
        {f"{AT}b\nc.md": "x"}, (), 3, [f"{AT}b\\x0ac.md:{NO_FRONT}"],
    ),
    "a static file where an article stands": (
        {"static/tin-tuc/a.html": "x"}, (), 3,
        [f"{AT}a.md:1: Địa chỉ /tin-tuc/a.html đã có: static/tin-tuc/a.html. Hãy đặt `slug` khác."],
    ),
    "settings that are not there": (
        {"members/bacha/content/tin-tuc/b.md": article("B")}, (), 1,
        ["members/bacha/site.yaml: Không thấy tệp này. Hãy tạo tệp với ít nhất `title` và "
         "`base_url`.", NOTHING],
    ),
    "a theme that is called otherwise": (
        {"themes/portal/theme.yaml": "name: khac\n"}, (), 1,
        ["themes/portal/theme.yaml:1:1: `name` phải trùng tên thư mục “portal”.", NOTHING],
    ),
    "themes that extend each other": (
        {"themes/x/theme.yaml": "name: x\nextends: y\n",
         "themes/y/theme.yaml": "name: y\nextends: x\n",
         "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}, (), 1,
        ["themes/y/theme.yaml:1:1: Không kế thừa được giao diện “x”: không có hoặc quay vòng. "
         "Hãy sửa `extends`.", NOTHING],
    ),
    "a theme that says a string in one language": (
        {"themes/x/theme.yaml": "name: x\nextends: portal\n",
         "themes/x/strings/vi.yaml": "loi_chao: Xin chào\n",
         "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}, (), 1,
        ["themes/x/strings/en.yaml:1:1: Thiếu câu “loi_chao”. Hãy thêm vào tệp này.", NOTHING],
    ),
    "a site that does not exist": (
        {}, ("--site", "sa-pa"), 1, ["Không có trang “sa-pa”. Các trang: main, sapa", NOTHING],
    ),
    "an output that is a file": (
        {}, ("--output", "site.yaml"), 1,
        ["“site.yaml” không phải thư mục thường. Hãy chọn thư mục khác bằng --output.", NOTHING],
    ),
    "one problem, and the wish for none": (
        {f"{AT}b.md": "x"}, ("--strict",), 1, [f"{AT}b.md:{NO_FRONT}", NOTHING],
    ),
    "no problem, and the wish for none": ({}, ("--strict",), 0, []),
    "messages in English": (
        {f"{AT}b.md": "x"}, ("--lang", "en"), 3,
        [f"{AT}b.md:1:1: An article begins with a line `---`, then lines like `title: …`, then "
         "`---`."],
    ),
    "a portal in English": (
        {"site.yaml": MAIN_SETTINGS + "language: en\n", f"{AT}b.md": "x"}, ("--strict",), 1,
        [f"{AT}b.md:1:1: An article begins with a line `---`, then lines like `title: …`, then "
         "`---`.", "Nothing was published; what was published before is unchanged. Correct the "
         "above and run this again."],
    ),
    "a portal in English, messages in Vietnamese": (
        {"site.yaml": MAIN_SETTINGS + "language: en\nx: 1\n"}, ("--lang", "vi"), 1,
        ["site.yaml:14:1: Không có khóa “x”. Các khóa dùng được: title, short_title, kind, "
         "description, base_url, language, timezone, theme, tokens, sections, topics, menu, "
         "contact, responsible, related, permalink, feeds, links, services, alert, notice, "
         "kinds, known_hosts, targets, members", NOTHING],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NETWORKS)
def test_what_a_build_says_and_how_it_ends(tmp_path: Path, case: str) -> None:
    files, arguments, code, said = NETWORKS[case]
    root = network(tmp_path, {f"{AT}a.md": article("A"), **files})
    result = stays_calm(root, "build", *arguments)
    assert result.stderr.splitlines() == said
    assert result.exit_code == code
    assert (root / "public").is_dir() is (code in (0, 3) or "--strict" in arguments)
    if code == 1:
        assert tree(root / "public") == {}
        assert result.stdout == ""


def test_a_build_says_what_it_did_and_what_to_do_next(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A"), f"{AT}hen.md": article("Hẹn", "2020-02-01 07:00"),
    })  # fmt: skip
    done, again = (stays_calm(root, "build").stdout.splitlines() for _ in range(2))
    files = len(tree(root / "public"))
    opening = f"Đã dựng 2 trang với 1 bài, {files} tệp"
    assert done[0].startswith(f"{opening} ({files} ghi mới, 0 xóa, 0 giữ nguyên) trong ")
    assert again[0].startswith(f"{opening} (0 ghi mới, 0 xóa, {files} giữ nguyên) trong ")
    assert done[1:] == again[1:] == [
        "Cần dựng lại vào 2020-02-01 00:00 UTC: khi đó có bài đến hẹn hoặc hết hạn.",
        "Mở public/main/index.html bằng một máy chủ web, hoặc chép từng thư mục trong public lên "
        "máy chủ.",
    ]  # fmt: skip


def test_drafts_and_what_is_scheduled_show_only_if_asked_for(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}nhap.md": article("Nháp", draft="true"), f"{AT}hen.md": article("Hẹn", "2020-02-01"),
        f"{AT}het.md": article("Hết", expires="2020-01-12"),
    })  # fmt: skip
    pages = [f"main/tin-tuc/{name}.html" for name in ("nhap", "hen", "het")]
    for arguments, shown in (((), []), (("--drafts",), pages[:2]), ((), [])):
        assert stays_calm(root, "build", *arguments).exit_code == 0
        assert [name for name in pages if (root / "public" / name).exists()] == shown
    stays_calm(root, "build", "--now", "2020-02-01 00:00")
    assert [name for name in pages if (root / "public" / name).exists()] == [pages[1]]


def test_a_check_says_everything_and_touches_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {
        **{f"{AT}b{n:02}.md": "x" for n in range(23)}, f"{AT}a.md": article("A"),
        "members/sapa/templates/artcle.html": "x",
    })  # fmt: skip
    result = stays_calm(root, "check")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        *(f"{AT}b{n:02}.md:{NO_FRONT}" for n in range(23)),
        "members/sapa/templates/artcle.html:1: Giao diện không có mẫu “artcle.html” để thay. "
        "Hãy sửa tên tệp hoặc xóa nó.",
    ]
    assert result.stdout.endswith(": 24 lỗi, 0 cảnh báo.\n")
    assert not (root / "public").exists()
    write(root, {f"{AT}b{n:02}.md": None for n in range(23)})
    write(root, {"members/sapa/templates/artcle.html": None})
    good = stays_calm(root, "check")
    assert (good.exit_code, good.stdout) == (0, "2 trang, 1 bài: không có lỗi.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("dung",), ("build", "--khong-co"), ("build", "--jobs", "0"), ("build", "--jobs", "x"),
        ("build", "--lang", "fr"), ("build", "--now", "hôm qua"), ("build", "thua"),
        ("check", "--site", "main"), ("check", "--output", "x"),
        ("build", "--json", "khong-co/x.json"), ("check", "--json", "."),
        ("build", "--now", "2020-13-01"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_from_wrong_content(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    root = network(tmp_path, {})
    before = tree(tmp_path)
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 2
    assert "Error: " in result.stderr and "Traceback" not in result.output
    assert tree(tmp_path) == before
    assert not (root / ".portalgen").exists()


FIELDS: dict[str, type | tuple[type, ...]] = {
    "sites": int, "articles": int, "pages_planned": int, "pages_rendered": int,
    "files_written": int, "files_removed": int, "files_unchanged": int, "refused": list,
    "warnings": list,
    "next_change": (str, type(None)), "seconds": float, "phases": dict, "peak_mb": float,
}  # fmt: skip
PROBLEM = {
    "site": "sapa", "path": f"members/sapa/{AT}b.md", "line": 4, "column": 1,
    "code": "unknown-key-near", "message": "Không có khóa “tgas”. Có phải “tags”?",
}  # fmt: skip


def report(root: Path) -> dict[str, object]:
    made = json.loads((root / "bao-cao.json").read_text("utf-8"))
    assert {key: isinstance(made.get(key), kind) for key, kind in FIELDS.items()} == dict.fromkeys(
        FIELDS, True
    )
    assert set(made) == set(FIELDS)
    assert isinstance(made, dict)
    return made


def test_the_report_of_a_build(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A", expires="2020-01-20 08:00"),
        f"members/sapa/{AT}b.md": article("B", tgas="[x]"),
        f"members/sapa/{AT}c.md": article("C"),
    })  # fmt: skip
    result = stays_calm(root, "build", "--json", "bao-cao.json")
    made = report(root)
    assert result.exit_code == 3
    assert made["refused"] == [PROBLEM]
    assert (made["sites"], made["articles"]) == (2, 2)
    assert made["next_change"] == "2020-01-20T01:00:00+00:00"
    files = len(tree(root / "public"))
    assert made["pages_planned"] == made["files_written"] == files
    assert (made["files_removed"], made["files_unchanged"]) == (0, 0)
    assert isinstance(made["phases"], dict)
    assert set(made["phases"]) == {
        "recover", "themes", "load", "classify", "relate", "compare", "render", "publish",
    }  # fmt: skip
    write(root, {f"members/sapa/{AT}c.md": None})
    stays_calm(root, "build", "--json", "bao-cao.json", "--lang", "en")
    made = report(root)
    assert made["files_removed"] == 4  # the page, and files of terms and texts in the indexes
    assert made["refused"] == [
        {**PROBLEM, "message": "There is no key “tgas”. Did you mean “tags”?"}
    ]


def test_the_report_of_a_check(tmp_path: Path) -> None:
    root = network(tmp_path, {f"members/sapa/{AT}b.md": article("B", tgas="[x]")})
    assert stays_calm(root, "check", "--json", "bao-cao.json").exit_code == 3
    made = report(root)
    assert (made["sites"], made["articles"], made["refused"]) == (2, 0, [PROBLEM])
    assert (made["pages_planned"], made["files_written"], made["phases"]) == (0, 0, {})
    assert made["next_change"] is None


@pytest.mark.parametrize("command", ["build", "check"])
def test_the_report_of_a_command_that_could_publish_nothing(tmp_path: Path, command: str) -> None:
    root = network(tmp_path, {"members/sapa/site.yaml": "titel: A\n", f"{AT}a.md": article("A")})
    assert stays_calm(root, command, "--json", "bao-cao.json").exit_code == 1
    made = report(root)
    assert isinstance(made["refused"], list)
    assert [(item["path"], item["line"], item["code"]) for item in made["refused"]] == [
        ("members/sapa/site.yaml", 1, "missing-key"),
        ("members/sapa/site.yaml", 1, "unknown-key-near"),
    ]
    assert not any(made[key] for key in FIELDS if key != "refused")
    assert not (root / "public").exists()


def test_strict_reports_what_it_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {f"members/sapa/{AT}b.md": article("B", tgas="[x]")})
    stays_calm(root, "build", "--strict", "--json", "bao-cao.json")
    assert report(root)["refused"] == [PROBLEM]

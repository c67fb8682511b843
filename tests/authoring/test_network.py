import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from portalgen.authoring import network
from portalgen.authoring.check import check
from portalgen.authoring.member_list import Member
from portalgen.report import Options
from portalgen.settings.network import load_network
from portalgen.settings.site import ROOT_FIELDS
from tests.authoring.making import listed, make
from tests.authoring.test_new import AWKWARD
from tests.helpers import NOW, problems, run

MOMENT = datetime.fromtimestamp(NOW, UTC)
FILES = [
    ".gitignore", "README.md", "content/gioi-thieu.md", "content/lien-he.md",
    "content/tin-tuc/bai-dau-tien.md", "site.yaml",
]  # fmt: skip


def files(root: Path) -> list[str]:
    return sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())


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
    lines = (tmp_path / "mine/.gitignore").read_text().splitlines()
    assert [line for line in lines if line[0] != "#"] == ["/public/", "/.portalgen/", "/register/"]


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


def test_awkward_names_make_a_network_that_is_built(tmp_path: Path) -> None:
    quoted = [title.replace('"', '""') for title in AWKWARD]
    rows = "".join(f'm{number},"{title}","k {title}"\n' for number, title in enumerate(quoted))
    root = tmp_path / "mine"
    result = make(root, "--members", str(listed(tmp_path, f"slug,title,kind\n{rows}")))
    assert (result.exit_code, result.stderr) == (0, "")
    assert problems(run(root)) == []
    assert load_network(root).sites[1].title == AWKWARD[0]

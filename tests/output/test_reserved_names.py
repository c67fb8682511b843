"""Names of files that `deploy` adds to a site are reserved."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from portalgen.deploy.inventory import from_bytes
from tests.deploy.test_deploy_folder import TARGETS, deploy, is_whole, shown
from tests.helpers import MAIN_SETTINGS, article, network, problems, run, tree, write

AT = "members/sapa"
BAI = f"{AT}/content/tin-tuc/bai.md"
TEXT = "Một dòng chữ. " * 99
FILES = {"site.yaml": MAIN_SETTINGS + TARGETS, BAI: article("Bài")}
TAKEN = (
    "Khi đưa trang lên máy chủ, portalgen tự ghi “{}” ở đây nên không đăng tệp hay thư mục nào "
    "khác cùng tên. Hãy đổi tên."
)
STATIC = {  # files in `static/`, and the refused ones with the reserved name
    "the inventory": (["manifest.json"], {"manifest.json": "manifest.json"}),
    "its signature": (["manifest.json.minisig"],
                      {"manifest.json.minisig": "manifest.json.minisig"}),
    "another case of letters": (["Manifest.JSON"], {"Manifest.JSON": "Manifest.JSON"}),
    "a folder of that name": (["manifest.json/a.txt"], {"manifest.json/a.txt": "manifest.json"}),
    "the same name further down": (["tai-lieu/manifest.json"], {}),
    "the packed form of a page": (["index.html.br", "tin-tuc/bai.html.gz"],
                                  {"index.html.br": "index.html.br",
                                   "tin-tuc/bai.html.gz": "bai.html.gz"}),
    "the packed form of a static file": (["a.txt", "a.txt.gz", "A.TXT.BR"],
                                         {"a.txt.gz": "a.txt.gz", "A.TXT.BR": "A.TXT.BR"}),
    "a folder with the name of a packed form": (["a.txt", "a.txt.gz/b.txt"],
                                                {"a.txt.gz/b.txt": "a.txt.gz"}),
    "a packed file beside what is never packed": (["a.csv", "a.csv.gz", "b.gz", "c.txt.br"], {}),
}  # fmt: skip


@pytest.mark.parametrize("case", STATIC)
def test_a_static_file_with_a_name_of_ours_is_told_and_all_else_is_deployed(
    tmp_path: Path, case: str
) -> None:
    names, refused = STATIC[case]
    root = network(tmp_path, {**FILES, **{f"{AT}/static/{name}": TEXT for name in names}})
    told = sorted(f"{AT}/static/{name}: {TAKEN.format(why)}" for name, why in refused.items())
    for _ in range(2):
        assert deploy(root).exit_code == (3 if refused else 0)
        assert sorted(problems(run(root))) == told
        published = {name.removeprefix("sapa/") for name in tree(root / "public")}
        assert published.intersection(names) == set(names) - refused.keys()
        assert shown(tmp_path / "dich") == {
            name: data for name, data in tree(root / "public").items()
            if not name.endswith((".gz", ".br")) and name != "sapa/tai-lieu/manifest.json"
        }  # fmt: skip
        assert is_whole(tmp_path / "dich")
        write(root, {BAI: article("Bài sửa")})
    assert deploy(root, "--rollback").exit_code == 0
    for name, part in refused.items():  # the remedy
        at = root / AT / "static" / name[: name.index(part)] / part
        at.rename(at.with_name(f"khac-{part}.bin"))
    assert problems(run(root)) == []


@pytest.mark.parametrize(
    "alias",
    ["/manifest.json", "/manifest.json.minisig", "/Manifest.json", "/manifest.json/cu.html",
     "/tin-tuc/bai.html.br"],
)  # fmt: skip
def test_an_old_address_with_a_name_of_ours_is_told(tmp_path: Path, alias: str) -> None:
    root = network(tmp_path, {**FILES, BAI: article("Bài", aliases=f"[{alias}, /cu.html]")})
    assert deploy(root).exit_code == 3
    [found] = run(root).refused
    assert (found.code, found.path) == ("alias-taken", BAI)
    assert ("other", "sapa" if "/cu" in alias else "portalgen deploy") in found.values
    assert is_whole(tmp_path / "dich")
    assert (root / "public/sapa/cu.html").is_file()
    assert from_bytes((tmp_path / "dich/current/sapa/manifest.json").read_bytes()).site == "sapa"


def test_names_that_no_list_of_files_can_hold_are_told(tmp_path: Path) -> None:
    names = ["a\nb.txt", "a\\b.txt", "C:a.txt", "tai-lieu/a:b.txt", "tài liệu\u00a0(1).txt"]
    root = network(tmp_path, {**FILES, **{f"{AT}/static/{name}": TEXT for name in names}})
    told = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
    rule = (
        "The name of this file contains a line break, a backslash, a colon or another character "
        "that not every system accepts. Rename the file."
    )
    shown_as = ["C:a.txt", "a\\b.txt", "a\\x0ab.txt"]
    assert sorted(told.stderr.splitlines()) == [f"{AT}/static/{name}: {rule}" for name in shown_as]
    assert deploy(root).exit_code == 3
    assert is_whole(tmp_path / "dich")
    for name in names[3:]:
        assert (tmp_path / "dich/current/sapa" / name).read_text("utf-8") == TEXT

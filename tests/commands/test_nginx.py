from pathlib import Path

import pytest
from click.testing import Result

from tests.helpers import MAIN_SETTINGS, article, network, run, tree
from tests.real.nginx import written
from tests.real.nginx_syntax import named

DIR = ("--document-root", "/srv/portal/current")
OLD = {"content/tin-tuc/mot.md": article("Một", aliases="[/cu.html]")}
INSIDE = "“portal.conf” sẽ bị xuất bản cùng các trang. Hãy chọn thư mục khác bằng --output.\n"


def refused(result: Result, *, code: int = 1) -> str:
    """The message of a refused command, which writes nothing."""
    assert result.exit_code == code
    assert result.stdout == ""
    return result.stderr


def test_it_prints_a_configuration_that_says_how_to_install_it(tmp_path: Path) -> None:
    done = written(network(tmp_path, OLD), *DIR)
    assert (done.exit_code, done.stderr) == (0, "")
    head, _, rest = done.output.partition("\n\n")
    assert all(line.startswith("#") for line in head.splitlines())
    assert "# Cấu hình nginx, do lệnh portalgen nginx ghi ra." in head
    assert "/srv/portal/current" in head
    [(value,)] = named(rest, "main/cu.html")
    assert value.partition("=")[2] == "https://tinh.example/tin-tuc/mot.html"


def test_the_language_is_the_portals_or_the_one_asked_for(tmp_path: Path) -> None:
    english = {"site.yaml": 'language: "en"\n' + MAIN_SETTINGS}
    root = network(tmp_path, english)
    assert "written by: portalgen nginx" in written(root, *DIR).output
    assert "do lệnh portalgen nginx ghi ra" in written(root, *DIR, "--lang", "vi").output


def test_it_writes_a_file_whole_and_through_a_link(tmp_path: Path) -> None:
    root = network(tmp_path, OLD)
    (tmp_path / "link.conf").symlink_to(tmp_path / "portal.conf")
    done = written(root, *DIR, "--output", str(tmp_path / "link.conf"))
    assert done.exit_code == 0
    assert done.stdout == (
        f"Đã ghi {tmp_path}/link.conf. Các dòng đầu tệp cho biết cách cài đặt.\n"
    )
    assert (tmp_path / "portal.conf").read_text("utf-8") == written(root, *DIR).output
    assert (tmp_path / "link.conf").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "link.conf",
        "network",
        "portal.conf",
    ]


@pytest.mark.parametrize("folder", ["public", "public/main", "static", "members/sapa", "content"])
def test_it_does_not_write_where_things_are_published(tmp_path: Path, folder: str) -> None:
    root = network(tmp_path, OLD | {"static/a.txt": "a"})
    run(root)
    before = tree(root / "public")
    done = written(root, *DIR, "--output", str(root / folder / "portal.conf"))
    assert refused(done) == "Nếu đặt ở đó, " + INSIDE
    assert not (root / folder / "portal.conf").exists()
    assert tree(root / "public") == before


def test_an_article_that_is_refused_costs_its_redirect_only(tmp_path: Path) -> None:
    wrong = article("Hai", aliases="[/hai.html]", tgas="x")
    root = network(tmp_path, OLD | {"content/tin-tuc/hai.md": wrong})
    done = written(root, *DIR)
    assert done.exit_code == 3
    assert done.stderr.startswith("content/tin-tuc/hai.md:5:1: Không có khóa “tgas”")
    assert "main/cu.html" in done.stdout
    assert "main/hai.html" not in done.stdout


def test_a_member_whose_address_no_server_can_have_costs_itself_only(tmp_path: Path) -> None:
    settings = {"members/bacha/site.yaml": "title: B\nbase_url: https://b.example/.kin/\n"}
    done = written(network(tmp_path, OLD | settings), *DIR)
    assert done.exit_code == 3
    assert done.stderr.startswith("members/bacha/site.yaml:2:11: Địa chỉ https://b.example/.kin/")
    names = named(done.stdout, "server_name")
    assert names == [("",), ("tinh.example",), ("sapa.tinh.example",)]


def test_a_member_that_is_left_out_costs_its_redirects_only(tmp_path: Path) -> None:
    root = network(tmp_path, OLD | {"members/sapa/site.yaml": "titel: A\n"})
    done = written(root, *DIR)
    assert done.exit_code == 3
    assert done.stderr.startswith("members/sapa/site.yaml:1:1: Thiếu “title”.")
    assert "main/cu.html" in done.stdout
    assert "sapa.tinh.example" not in done.stdout


def test_wrong_settings_write_nothing(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("https://tinh.example/", "https://.a/", 1)
    root = network(tmp_path, {"site.yaml": settings})
    assert refused(written(root, *DIR, "--output", str(tmp_path / "portal.conf"))) == (
        "site.yaml:3:11: Địa chỉ https://.a/ không dùng được cho máy chủ web; khi chưa sửa, trang "
        "này không có trong cấu hình. Hãy viết đủ tên máy chủ và, nếu cần, đường dẫn có các phần "
        "không bắt đầu bằng dấu chấm: https://laocai.example/\n"
    )
    assert not (tmp_path / "portal.conf").exists()
    assert refused(written(tmp_path / "nowhere", *DIR)).startswith("Không có thư mục ")


@pytest.mark.parametrize(
    "options",
    [
        (), ("--document-root", ""), ("--document-root", "srv"), ("--document-root", "/a$b"),
        ("--document-root", "/a\nb"), ("--document-root", "/" + "a" * 1000),
        (*DIR, "--certificates", "keys/{host}"), (*DIR, "--certificates", "/k" + "{host}" * 9),
        (*DIR, "--acme-root", "acme"), (*DIR, "--acme-root", DIR[1]),
        (*DIR, "--acme-root", f"{DIR[1]}/sapa/"), (*DIR, "--access-log", "access.log"),
        (*DIR, "--access-log", ""), (*DIR, "--access-log", "/a$host.log"),
        (*DIR, "--listen", ""), (*DIR, "--listen", "0"), (*DIR, "--listen", "65536"),
        (*DIR, "--listen", "80;"), (*DIR, "--listen", "localhost:80"), (*DIR, "--listen", "²"),
        (*DIR, "--listen", "[::1]"), (*DIR, "--listen", "[::1:80"), (*DIR, "--listen", "::1:80"),
        (*DIR, "--listen", "[fe80::1%a;b]:80"), (*DIR, "--output", "/nowhere/portal.conf"),
    ],
)  # fmt: skip
def test_wrong_options_are_wrong_usage(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert "Error: " in refused(written(network(tmp_path, {}), *options), code=2)


@pytest.mark.parametrize(
    ("listen", "meant"),
    [
        ("8080", ["8080", "[::]:8080"]),
        ("127.0.0.1:81", ["127.0.0.1:81"]),
        ("[0::1]:9", ["[::1]:9"]),
    ],
)
def test_where_it_listens(tmp_path: Path, listen: str, meant: list[str]) -> None:
    text = written(network(tmp_path, {}), *DIR, "--listen", listen).output
    assert sorted({words[0] for words in named(text, "listen")}) == sorted(meant)


def test_a_slash_at_the_end_of_a_folder_does_not_matter(tmp_path: Path) -> None:
    text = written(network(tmp_path, {}), "--document-root", "/srv/x/").output
    assert named(text, "root") == [("/srv/x",)] * 2


def test_challenges_and_the_log_are_where_they_are_asked_for(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    text = written(root, *DIR, "--acme-root", f"{DIR[1]}-acme/").output
    assert named(text, "root").count((f"{DIR[1]}-acme",)) == 2
    assert set(named(text, "access_log")) == {("/var/log/nginx/access.log", "portalgen"), ("off",)}
    text = written(root, *DIR, "--access-log", "/a/b.log").output
    assert ("/a/b.log", "portalgen") in named(text, "access_log")
    assert set(named(written(root, *DIR, "--access-log", "off").output, "access_log")) == {("off",)}
    assert "acme" not in text

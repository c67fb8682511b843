"""The wheel in a virtual environment without access to this repository."""

import os
import re
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.helpers import tree
from tests.serve.serving import free_port, until

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str | Path, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder `cwd`, without references to the repository."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment(), capture_output=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code, (command, done.stdout, done.stderr)
    return done


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    [file] = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and return the folder of `portalgen`; libraries come from this environment.

    A `.pth` file names them. The `.pth` files beside them, such as that of an editable install, are
    not read. Source: docs.python.org, "site".
    """
    folder = tmp_path_factory.mktemp("venv") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", str(programs / "python"), "install")
    run(*pip, "--no-deps", "--no-index", "--quiet", wheel, cwd=folder)
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = run(programs / "python", "-I", "-c", show, cwd=folder).stdout.strip()
    libraries = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (Path(own) / "libraries.pth").write_text("\n".join(libraries) + "\n")
    show = "import portalgen; print(portalgen.__file__)"
    assert run(programs / "python", "-I", "-c", show, cwd=folder).stdout.startswith(own)
    run(programs / "python", "-I", "-c", "import tests.helpers", cwd=folder, code=1)
    return programs


@contextmanager
def serving(command: list[str], cwd: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [*command, "--port", str(port)], cwd=cwd, env=environment(), stdout=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def answer(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return str(response.read().decode())
    except OSError:
        return ""


def test_the_wheel_has_all_and_only_what_it_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = {"portalgen": "portalgen", "themes": "portalgen/_themes"}
    sources = {
        f"{there}/{file.relative_to(ROOT / here).as_posix()}"
        for here, there in folders.items()
        for file in (ROOT / here).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    information = {name for name in names if ".dist-info/" in name}
    assert names - information == sources
    assert any(name.endswith("/licenses/LICENSE") for name in information)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_network_of_one_s_own(bin_folder: Path, tmp_path: Path, language: str) -> None:
    portalgen = bin_folder / "portalgen"
    (tmp_path / "list.csv").write_text(
        "slug,title,kind\nvi-du,Xã Ví Dụ,Xã\ny-te,Sở Y tế,Sở\n", "utf-8"
    )
    options = ["--members", "list.csv", "--language", language]
    run(portalgen, "new", "network", "mine", *options, cwd=tmp_path)
    root = tmp_path / "mine"
    readme = (root / "README.md").read_text("utf-8")
    [block] = re.findall(r"^```\n(.+?)^```$", readme, re.DOTALL | re.MULTILINE)
    serve, check, build = (line.split() for line in block.splitlines())

    assert run(bin_folder / build[0], *build[1:], cwd=root).stderr == ""
    sites = sorted(entry.name for entry in (root / "public").iterdir() if entry.name[0] != ".")
    assert sites == ["main", "vi-du", "y-te"]
    pages = tree(root / "public")
    assert b"/assets/main." in pages["y-te/lien-he.html"]
    assert run(bin_folder / check[0], *check[1:], "--strict", cwd=root).stderr == ""
    again = run(bin_folder / build[0], *build[1:], "--json", "report.json", cwd=root)
    assert '"files_written": 0,' in (root / "report.json").read_text("utf-8"), again.stdout
    assert tree(root / "public") == pages

    with serving([str(bin_folder / serve[0]), *serve[1:]], root) as port:
        first = f"http://127.0.0.1:{port}/tin-tuc/bai-dau-tien.html"
        title = "Mạng lưới cổng đã sẵn sàng" if language == "vi" else "The network of portals is"
        until(lambda: title in answer(first))


def test_the_other_commands_that_begin_something(bin_folder: Path, tmp_path: Path) -> None:
    portalgen = bin_folder / "portalgen"
    run(portalgen, "new", "network", ".", cwd=tmp_path)
    run(portalgen, "new", "member", "Xã Ví Dụ", cwd=tmp_path)
    run(portalgen, "new", "article", "Bài hai", "--site", "xa-vi-du", cwd=tmp_path)
    run(bin_folder / "python", "-I", "-m", "portalgen", "build", "--drafts", cwd=tmp_path)
    assert (tmp_path / "public/xa-vi-du/tin-tuc/bai-hai.html").is_file()


def test_another_theme_is_noticed(bin_folder: Path, tmp_path: Path) -> None:
    run(bin_folder / "portalgen", "new", "network", "mine", cwd=tmp_path)
    build: tuple[str | Path, ...] = (bin_folder / "portalgen", "build", "--root", "mine")
    time.sleep(2.1)  # times of newer files are not trusted
    for _ in range(2):
        run(*build, cwd=tmp_path)
    [styles] = bin_folder.parent.rglob("portalgen/_themes/portal/assets/main.css")
    text = styles.read_text("utf-8")
    styles.write_text(f"{text}\n.another {{ color: red; }}\n", "utf-8")
    try:
        run(*build, cwd=tmp_path)
    finally:
        styles.write_text(text, "utf-8")
    [published] = (tmp_path / "mine/public/main/assets").glob("main.*.css")
    assert ".another" in published.read_text("utf-8")

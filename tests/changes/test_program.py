"""Another program makes its pages anew, with no version number to remember."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import portalgen
from portalgen.changes import program
from tests.helpers import article, network, tree

PACKAGE = Path(portalgen.__file__).parent
# Edits of a module, as a later version would bring them.
EDITS = {
    "pages/render.py": """
_before = render_page
def render_page(page, theming, bodies):
    data, problem = _before(page, theming, bodies)
    return data and data.replace(b"</html>", b"<!-- new --></html>"), problem
""",
    "content/read.py": """
_before = plain_text
def plain_text(content):
    return _before(content) + " new"
""",
    "search/records.py": """
BEGINNING = 10
""",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program, as a checkout has it."""
    folder = tmp_path / "program"
    ignored = shutil.ignore_patterns("__pycache__", "_themes")
    shutil.copytree(PACKAGE, folder / "portalgen", ignore=ignored)
    shutil.copytree(PACKAGE.parent / "themes", folder / "themes")
    return folder


def build(copy: Path, root: Path, output: Path, *options: str) -> str:
    """What a build by the copied program prints."""
    command: list[str | Path] = [sys.executable, "-m", "portalgen", "build", "--root", root]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [*command, "--output", output, "--lang", "en", *options], cwd=copy, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("module", EDITS)
def test_a_changed_module_makes_its_pages_anew(tmp_path: Path, copy: Path, module: str) -> None:
    body = "Một đoạn văn **đậm**, dài hơn mười chữ cái.\n\nĐoạn thứ hai."
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài thứ nhất", body=body)})
    output = tmp_path / "out"
    build(copy, root, output)
    assert "(0 written" in build(copy, root, output)
    before = tree(output)
    with open(copy / "portalgen" / module, "a", encoding="utf-8") as file:
        file.write(EDITS[module])
    assert "building from nothing" in build(copy, root, output)
    assert tree(output) != before
    build(copy, root, tmp_path / "clean", "--no-cache")
    assert tree(output) == tree(tmp_path / "clean")
    assert "(0 written" in build(copy, root, output)


def test_times_of_modules_do_not_count(tmp_path: Path, copy: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài")})
    build(copy, root, tmp_path / "out")
    for file in (copy / "portalgen").rglob("*.py"):
        os.utime(file, (1, 1))
    assert "building from nothing" not in build(copy, root, tmp_path / "out")


def test_another_version_of_a_library_is_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = set()
    for version in ("3.10", "3.11"):
        folder = tmp_path / version
        (folder / f"Markdown-{version}.dist-info").mkdir(parents=True)
        (folder / "requests-1.0.dist-info").mkdir()
        monkeypatch.setattr(sys, "path", [str(folder)])
        program.program_digest.cache_clear()
        digests.add(program.program_digest())
    (tmp_path / "3.11/requests-1.0.dist-info").rename(tmp_path / "3.11/requests-2.0.dist-info")
    program.program_digest.cache_clear()
    digests.add(program.program_digest())
    program.program_digest.cache_clear()
    assert len(digests) == 2


def test_each_library_that_we_depend_on_makes_bytes_or_is_known_not_to() -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    named = {line.partition(";")[0].partition(">")[0].strip() for line in project["dependencies"]}
    makes_none = {"click", "livereload", "watchfiles"}
    assert named - makes_none == set(program.LIBRARIES) - {"markupsafe"}  # that comes with jinja2
    installed = " ".join(program._installed()).replace("_", "-")
    assert all(name in installed for name in program.LIBRARIES if name != "tzdata")

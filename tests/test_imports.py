import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import portalgen
from tests.helpers import article, network

PACKAGE = Path(portalgen.__file__).parent
# From the base upwards: a folder imports only itself and folders before it.
ROOMS = [
    "__init__", "problems", "text", "strays", "digests", "sources", "table", "modes", "limits",
    "worker", "pool", "report", "settings", "changes", "cluster_talk", "cluster", "content",
    "register", "related", "search", "themes", "pages", "output", "retry", "library", "unchanged",
    "build", "dry_run", "webserver", "deploy", "serve", "authoring", "commands", "cli", "__main__",
]  # fmt: skip
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports(name: str) -> set[str]:
    """The modules of the package that a module imports, anywhere in it."""
    targets: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / name).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portalgen"):
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                targets.add(inner if inner in NAMES else node.module)
        elif isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names if alias.name.startswith("portalgen")}
    return targets - {"portalgen"}


def dotted(name: str) -> str:
    return f"portalgen.{name.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")


NAMES = {dotted(name): name for name in MODULES}


def test_every_room_is_in_the_list() -> None:
    rooms = {Path(name).parts[0].removesuffix(".py") for name in MODULES}
    assert rooms == set(ROOMS)


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    own = ROOMS.index(Path(name).parts[0].removesuffix(".py"))
    for target in imports(name):
        assert ROOMS.index(target.split(".")[1]) <= own, f"{name} imports {target} above it"


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter({name: imports(path) for name, path in NAMES.items()}).prepare()


def test_modules_stay_small() -> None:
    lines = {name: (PACKAGE / name).read_text("utf-8").count("\n") for name in MODULES}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    assert len([name for name in MODULES if not name.endswith("__init__.py")]) <= 204


def imported(code: str, names: tuple[str, ...]) -> list[str]:
    """The subset of these modules that a process has imported after running `code`."""
    tell = f"\nimport sys\nprint(*[name for name in {names} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code + tell], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()


COMMAND = "from click.testing import CliRunner; from portalgen.cli import main\n"


def test_help_imports_nothing_heavy() -> None:
    heavy = ("jinja2", "markdown", "yaml", "PIL", "tornado", "nh3", "numpy", "sqlite3")
    assert imported(COMMAND + "CliRunner().invoke(main, ['--help'])", heavy) == []


def test_a_build_imports_what_it_needs(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/y-te/a.md": article("Một bài")})
    build = f"{COMMAND}assert CliRunner().invoke(main, ['build', '--root', {str(root)!r}])"
    build += ".exit_code == 0"
    heavy = ("pydantic", "PIL", "tornado", "watchfiles", "brotli", "distributed", "nh3", "numpy")
    assert imported(build, heavy) == ["brotli", "nh3", "numpy"]

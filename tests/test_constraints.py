"""`make site` and `make test` install pinned versions, and no more than each needs."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FILES = ("constraints.txt", "constraints-dev.txt", "constraints-publish.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
CHECKOUT = PROJECT["dependency-groups"]["checkout"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
DEV, PUBLISH = EXTRAS["dev"], [*EXTRAS["s3"], *EXTRAS["sign"]]
MORE = dict(zip(FILES, ([], DEV, PUBLISH)))


def pinned(name: str) -> list[tuple[Requirement, int]]:
    """The packages pinned in a file of constraints, with their numbers of hashes."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)
    entries = text.replace("\\\n", " ").splitlines()
    return [
        (
            Requirement(entry.split("--hash=")[0]),
            len(re.findall("--hash=sha256:[0-9a-f]{64}", entry)),
        )
        for entry in entries
    ]


def versions(name: str) -> set[tuple[str, str]]:
    return {(canonicalize_name(pin.name), str(pin.specifier)) for pin, _ in pinned(name)}


def names(name: str) -> set[str]:
    return {name for name, _ in versions(name)}


def needed(requirements: Iterable[str]) -> tuple[set[str], set[str]]:
    """All dependencies of these packages: on any system, and on this one."""
    anywhere: set[str] = set()
    here: set[str] = set()
    waiting = [(Requirement(text), True) for text in requirements]
    while waiting:
        requirement, applies = waiting.pop()
        name = canonicalize_name(requirement.name)
        applies = applies and (not requirement.marker or requirement.marker.evaluate({"extra": ""}))
        if name in here or (name in anywhere and not applies):
            continue
        anywhere.add(name)
        if applies:
            here.add(name)
        try:
            below = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:  # not for this system
            continue
        waiting += [(item, applies) for item in below if "extra ==" not in str(item.marker)]
    return anywhere, here


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_to_one_version_with_hashes(name: str) -> None:
    for pin, hashes in pinned(name):
        assert re.fullmatch(r"==[\d.]+(post\d+)?", str(pin.specifier)), str(pin)
        assert hashes > 0, str(pin)
        assert pin.url is None


@pytest.mark.parametrize("name", FILES)
def test_the_file_says_how_it_is_made_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert re.search(rf"^#    uv pip compile --universal .+ pyproject\.toml -o {name}$", text, re.M)
    assert "//" not in text
    assert "index" not in text


def test_a_build_needs_all_that_is_in_constraints_txt() -> None:
    anywhere, here = needed([*RUNTIME, *CHECKOUT])
    assert here <= names("constraints.txt") <= anywhere


def test_tests_and_linters_need_all_that_is_in_constraints_dev_txt() -> None:
    anywhere, here = needed([*RUNTIME, *CHECKOUT, *DEV])
    assert here <= names("constraints-dev.txt") <= anywhere
    assert versions("constraints.txt") <= versions("constraints-dev.txt")


def test_publishing_needs_all_that_is_in_constraints_publish_txt() -> None:
    anywhere, here = needed([*RUNTIME, *CHECKOUT, *PUBLISH])
    assert here <= names("constraints-publish.txt") <= anywhere
    assert versions("constraints-publish.txt") <= versions("constraints-dev.txt")


@pytest.mark.parametrize("name", FILES)
def test_the_versions_are_those_the_project_asks_for(name: str) -> None:
    wanted = [Requirement(text) for text in [*RUNTIME, *CHECKOUT]]
    wanted += [Requirement(text) for text in MORE[name]]
    for requirement in wanted:
        pins = [pin for pin, _ in pinned(name) if pin.name == canonicalize_name(requirement.name)]
        assert pins, requirement.name
        for pin in pins:
            assert requirement.specifier.contains(str(pin.specifier).removeprefix("=="))

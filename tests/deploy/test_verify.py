import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy.inventory import Inventory, Item, digests, from_bytes, to_bytes, walk
from portalgen.deploy.signature import open_key, sign
from portalgen.deploy.verify import Trust, verify_folder
from tests.helpers import missing

PAGES = {
    "index.html": b"<!doctype html><title>A</title>",
    "tin-tuc/index.html": b"<!doctype html><title>B</title>",
    "tin-tuc/bai.html": b"<!doctype html><title>C</title>" * 50,
    "cu/bai.html": b"<!doctype html><title>alias</title>",
    "404.html": b"<!doctype html><title>404</title>",
    "assets/main.css": b"body{}" * 100,
}


def site(folder: Path, files: dict[str, bytes] = PAGES, slug: str = "sapa") -> Path:
    """A published site with compressed pages and its inventory."""
    for name, data in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if name.endswith(("html", "css")):
            file.with_name(file.name + ".br").write_bytes(brotli.compress(data))
    paths = [path for path, _ in walk(str(folder)) if not path.startswith("manifest.json")]
    found = zip(paths, digests([str(folder / path) for path in paths]), strict=True)
    items = [Item(path, sha, (folder / path).stat().st_size) for path, sha in found]
    (folder / "manifest.json").write_bytes(to_bytes(Inventory(slug, "1", "", "x", tuple(items))))
    return folder


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments), "--lang", "en"])


def test_what_stands_as_published_is_good(tmp_path: Path) -> None:
    site(tmp_path / "sapa")
    told = verify(tmp_path / "sapa")
    assert told.exit_code == 0
    assert told.output == (
        "1 sites, 12 files: all as published.\n"
        "This was compared with the manifest.json beside the files, which whoever changes files "
        "can change, too. To be sure, give a --key or an --inventory kept elsewhere.\n"
    )


def test_every_site_of_a_release_is_verified(tmp_path: Path) -> None:
    site(tmp_path / "trees" / "1")
    site(tmp_path / "trees" / "2", slug="main")
    release = tmp_path / "release"
    release.mkdir()
    (release / "sapa").symlink_to("../trees/1")
    (release / "main").symlink_to("../trees/2")
    (release / "release.json").write_text("{}")
    assert verify(release).exit_code == 0
    (tmp_path / "trees/1/tin-tuc/bai.html").write_bytes(b"spam")
    (tmp_path / "trees/2/casino.html").write_bytes(b"spam")
    (tmp_path / "trees/2/assets/main.css").unlink()
    (release / "shell.php").write_bytes(b"<?php")
    told = verify(release)
    assert told.exit_code == 3
    assert told.output.splitlines()[:5] == [
        "shell.php: was added",
        "main/assets/main.css: is missing",
        "main/casino.html: was added",
        "sapa/tin-tuc/bai.html: was changed",
        "2 sites, 23 files: 4 not as published.",
    ]


def tamperings(
    rng: random.Random, folder: Path, untouched: list[str]
) -> Iterator[Callable[[], str]]:
    """Ways to tamper with a file; each returns the path that must be reported."""

    def one() -> Path:
        return folder / untouched.pop()

    def written(file: Path, data: bytes) -> str:
        file.write_bytes(data)
        return file.relative_to(folder).as_posix()

    def flip() -> str:
        file = one()
        data = bytearray(file.read_bytes())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return written(file, bytes(data))

    def append() -> str:
        file = one()
        return written(file, file.read_bytes() + b"\n")

    def cut() -> str:
        file = one()
        return written(file, file.read_bytes()[:-1])

    def add() -> str:
        file = one().parent / f"{rng.randrange(10**9)}.html"
        return written(file, b"")

    def add_hidden() -> str:
        file = one().parent / f".{rng.randrange(10**9)}"
        return written(file, b"x")

    def add_deep() -> str:
        file = folder / f"d{rng.randrange(10**9)}" / "x.html"
        file.parent.mkdir()
        return written(file, b"x")

    def remove() -> str:
        file = one()
        file.unlink()
        return file.relative_to(folder).as_posix()

    def rename() -> str:
        file = one()
        file.rename(file.with_name(file.name.upper()))
        return file.relative_to(folder).as_posix()

    def folder_instead() -> str:
        file = one()
        file.unlink()
        file.mkdir()
        return file.relative_to(folder).as_posix()

    def link_instead() -> str:
        file = one()
        copy = folder.parent / f"copy-{rng.randrange(10**9)}"
        shutil.copy(file, copy)
        file.unlink()
        file.symlink_to(copy)
        return file.relative_to(folder).as_posix()

    def swap() -> str:
        file, other = one(), one()
        while file.read_bytes() == other.read_bytes():
            other = one()
        return written(file, other.read_bytes())

    def linked_folder() -> str:
        link = folder / f"l{rng.randrange(10**9)}"
        link.symlink_to(folder.parent)
        return link.name

    yield from (flip, append, cut, add, add_hidden, add_deep, remove, rename, folder_instead,
                link_instead, swap, linked_folder)  # fmt: skip


def test_a_thousand_random_tamperings_are_all_named(tmp_path: Path) -> None:
    rng = random.Random(1)
    files = {f"{n % 7}/{n}.html": rng.randbytes(rng.randrange(1, 400)) for n in range(40)}
    clean = site(tmp_path / "clean", files)
    all_paths = sorted(path for path, _ in walk(str(clean)) if path != "manifest.json")
    folder = tmp_path / "work" / "sapa"
    for _ in range(100):
        if folder.parent.exists():
            shutil.rmtree(folder.parent)
        shutil.copytree(clean, folder)
        untouched = rng.sample(all_paths, 30)
        ways = list(tamperings(rng, folder, untouched))
        paths = {rng.choice(ways)() for _ in range(10)}
        assert len(paths) == 10
        found = verify_folder(folder, Trust(), lambda done, of: None).findings
        assert paths <= {finding.path for finding in found}


def test_an_inventory_beside_the_files_is_not_believed_when_a_copy_is_at_hand(
    tmp_path: Path,
) -> None:
    folder = site(tmp_path / "sapa")
    copies = tmp_path / "copies"
    (copies / "sapa").mkdir(parents=True)
    shutil.copy(folder / "manifest.json", copies / "sapa")
    site(folder, {**PAGES, "index.html": b"spam"})
    assert verify(folder).exit_code == 0
    for trusted in (copies, copies / "sapa" / "manifest.json"):
        told = verify(folder, "--inventory", trusted)
        assert told.exit_code == 3
        assert "sapa/index.html: was changed\n" in told.output
        assert "sapa/manifest.json: was changed\n" in told.output


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    if not shutil.which("minisign"):
        missing("no minisign: install the package of that name")
    folder = tmp_path_factory.mktemp("key")
    subprocess.run(
        ["minisign", "-GW", "-p", folder / "key.pub", "-s", folder / "key"], check=True,
        capture_output=True,
    )  # fmt: skip
    return (folder / "key.pub").read_text(), (folder / "key").read_text()


def test_only_what_the_key_signed_is_believed(tmp_path: Path, key: tuple[str, str]) -> None:
    public, secret = key
    folder = site(tmp_path / "sapa")
    told = verify(folder, "--key", public.splitlines()[1])
    assert told.exit_code == 3
    assert told.stderr == "sapa/manifest.json: is not signed with this key\n"
    stamp = folder / "manifest.json.minisig"
    manifest = (folder / "manifest.json").read_bytes()
    stamp.write_bytes(sign(manifest, open_key(secret, ""), "sapa"))
    (tmp_path / "key.pub").write_text(public)
    told = verify(folder, "--key", tmp_path / "key.pub")
    assert (told.exit_code, told.output) == (
        0, "1 sites, 12 files: all as published.\n"
    )  # fmt: skip
    site(folder, {**PAGES, "index.html": b"spam"})
    assert verify(folder, "--key", tmp_path / "key.pub").exit_code == 3
    assert verify(folder, "--key", "nonsense").exit_code == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"[]", "not of the format portalgen/1"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON"),
        (b'{"format": "portalgen/2"}', "not of the format portalgen/1"),
        (b'{"format": "portalgen/1"}', "no files"),
        (b'{"format": "portalgen/1", "files": [1]}', "a line is no file"),
        *(
            (json.dumps({"format": "portalgen/1", "files": [[path, "0" * 64, 1]]}).encode(),
             f"a path leads outside: {path!r}")
            for path in ("../x", "/etc/passwd", "a//b", "a/./b", "a\\b", "C:/x", "a\0b", "")
        ),
        (b'{"format": "portalgen/1", "files": [["a", "0", 1]]}', "no SHA-256: 'a'"),
        (json.dumps({"format": "portalgen/1", "files": [["a", "0" * 64, -1]]}).encode(),
         "no size: 'a'"),
        (json.dumps({"format": "portalgen/1", "files": [["a", "0" * 64, 1]] * 2}).encode(),
         "a file is listed twice"),
    ],
)  # fmt: skip
def test_a_hostile_inventory_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        from_bytes(data)
    assert why in str(error.value) or why == "not JSON"
    folder = site(tmp_path / "sapa")
    (folder / "manifest.json").write_bytes(data)
    told = verify(folder)
    assert told.exit_code == 3
    assert told.stderr.startswith("sapa/manifest.json: cannot be read (")


def test_a_folder_without_inventory_is_told(tmp_path: Path) -> None:
    told = verify(tmp_path)
    assert (told.exit_code, told.stderr) == (
        1, f"There is no manifest.json in “{tmp_path}”. Name the folder of a deployed site, or of "
        "all sites, such as <target>/current.\n"
    )  # fmt: skip
    assert verify(tmp_path / "not-there").exit_code == 2

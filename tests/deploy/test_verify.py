import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import Inventory, Item, digests, from_bytes, to_bytes, walk
from portalgen.deploy.release import Release
from portalgen.deploy.signature import open_key, sign
from portalgen.deploy.verify import (
    Trust,
    Verified,
    believed_release,
    compare_release,
    trusted,
    verify_folder,
)
from portalgen.pool import silent
from portalgen.problems import PortalError
from tests.helpers import missing

ID, LATER = "20200101-000000-000000-aaaa", "20200102-000000-000000-bbbb"
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


def record(folder: Path, *slugs: str, id: str = ID, time: int = 0, secret: str = "") -> Release:
    """Record a release of these sites; sign it with a secret key."""
    digest = {slug: sha256((folder / slug / "manifest.json").read_bytes()) for slug in slugs}
    inventories = {slug: digest[slug].hexdigest() for slug in slugs}
    release = Release(id=id, trees={}, inventories=inventories, time=time)
    data = release.to_bytes()
    (folder / "release.json").write_bytes(data)
    if secret:
        stamp = sign(data, open_key(secret, ""), id)
        (folder / "release.json.minisig").write_bytes(stamp)
    return release


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
    record(release, "sapa", "main")
    assert verify(release).exit_code == 0
    (tmp_path / "trees/1/tin-tuc/bai.html").write_bytes(b"spam")
    (tmp_path / "trees/2/casino.html").write_bytes(b"spam")
    (tmp_path / "trees/2/assets/main.css").unlink()
    (release / "shell.php").write_bytes(b"<?php")
    result = verify(release)
    assert result.exit_code == 3
    assert result.output.splitlines()[:5] == [
        "shell.php: was added",
        "main/assets/main.css: is missing",
        "main/casino.html: was added",
        "sapa/tin-tuc/bai.html: was changed",
        "2 sites, 23 files: 4 not as published.",
    ]
    assert "portalgen deploy TARGET --repair" in result.output


@pytest.fixture
def signed(tmp_path: Path, key: tuple[str, str]) -> Path:
    """A signed release of two sites; beside it an older one, and the public key."""
    for folder, text in ((tmp_path / "old", b"old"), (tmp_path / "new", b"new")):
        for slug in ("main", "sapa"):
            made = site(folder / slug, {**PAGES, "a.txt": text}, slug)
            data = (made / "manifest.json").read_bytes()
            stamp = sign(data, open_key(key[1], ""), slug)
            (made / "manifest.json.minisig").write_bytes(stamp)
    record(tmp_path / "old", "main", "sapa", secret=key[1])
    record(tmp_path / "new", "main", "sapa", id=LATER, time=1_600_000_000, secret=key[1])
    (tmp_path / "key.pub").write_text(key[0])
    return tmp_path / "new"


def problems(folder: Path, *options: object) -> list[str]:
    """What `verify` says of a signed release, but for its last lines."""
    key = next(parent / "key.pub" for parent in folder.parents if (parent / "key.pub").is_file())
    result = verify(folder, "--key", key, *options)
    assert result.exit_code == (3 if result.stderr else 0), result.output
    return result.stderr.splitlines()


def test_a_signed_release_is_good(signed: Path) -> None:
    assert problems(signed) == problems(signed, "--release", LATER) == []
    assert problems(signed / "sapa") == []


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("missing", ["sapa: is missing"]),
        ("without its inventory", ["sapa/manifest.json: is missing"]),
        ("swapped", ["main/manifest.json: belongs elsewhere: sapa",
                     "sapa/manifest.json: belongs elsewhere: main"]),
        ("added", ["bacha: was added"]),
        ("older", [f"sapa/manifest.json: is not of the release {LATER}"]),
        ("no record", ["release.json: is missing"]),
        ("no signature", ["release.json: is not signed with this key"]),
        ("another record", ["release.json: is not signed with this key"]),
    ],
)  # fmt: skip
def test_the_set_of_sites_is_proved_and_not_only_each_of_them(
    signed: Path, how: str, expected: list[str]
) -> None:
    sapa, old = signed / "sapa", signed.parent / "old"
    if how == "missing":
        shutil.rmtree(sapa)
    elif how == "without its inventory":
        (sapa / "manifest.json").unlink()
    elif how == "swapped":
        sapa.rename(signed / "x")
        (signed / "main").rename(sapa)
        (signed / "x").rename(signed / "main")
    elif how == "added":
        shutil.copytree(sapa, signed / "bacha")
    elif how == "older":
        shutil.rmtree(sapa)
        shutil.copytree(old / "sapa", sapa)
    elif how == "no record":
        (signed / "release.json").unlink()
    elif how == "no signature":
        (signed / "release.json.minisig").unlink()
    else:
        record(signed, "main")
    assert problems(signed) == expected


def test_a_whole_older_release_is_seen_only_by_its_name_or_age(signed: Path) -> None:
    shutil.copy(signed / "release.json", signed.parent / "kept.json")
    (signed.parent / "old").rename(signed.parent / "now")
    shown = signed.parent / "now"
    assert problems(shown) == []
    older = [f"release.json: is not of the release {LATER}"]
    assert problems(shown, "--release", LATER) == older
    with_record = problems(shown, "--release", signed.parent / "kept.json")
    assert with_record == [
        *older,
        f"main/manifest.json: is not of the release {LATER}",
        f"sapa/manifest.json: is not of the release {LATER}",
    ]
    assert problems(shown, "--max-age", "2d") == [f"release.json: is too old: {ID}"]
    years = 24 * 365 * 70
    assert problems(shown, "--max-age", f"{years}h") == []
    assert problems(signed, "--max-age", f"{years}h") == []


@pytest.mark.parametrize(
    ("options", "why"),
    [(["--max-age", "2 weeks"], "expected a length of time such as 90m, 12h or 2d"),
     (["--release", "moi-nhat"], "no release and no record of one: moi-nhat")],
)  # fmt: skip
def test_options_that_say_nothing_are_refused(tmp_path: Path, options: list[str], why: str) -> None:
    result = verify(site(tmp_path / "sapa"), *options)
    assert result.exit_code == 2 and why in result.stderr


def test_a_report_says_what_is_new(tmp_path: Path) -> None:
    folder, report = site(tmp_path / "sapa"), tmp_path / "report.json"
    new = []
    for name in ("a.txt", "b.txt", ""):
        if name:
            (folder / name).write_text("x")
        verify(folder, "--json", report)
        new.append(
            [finding["path"] for finding in json.loads(report.read_text())["new"]["findings"]]
        )
    assert new == [["a.txt"], ["b.txt"], []]


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
    for copy in (copies, copies / "sapa" / "manifest.json"):
        told = verify(folder, "--inventory", copy)
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


def findings(folder: Path, trust: Trust) -> list[tuple[str, str, str, str]]:
    result = verify_folder(folder, trust, silent)
    return [(item.site, item.path, item.kind, item.detail) for item in result.findings]


def test_what_was_looked_at_is_counted_and_progress_is_said(tmp_path: Path) -> None:
    site(tmp_path / "a" / "sapa", {f"{number}.txt": b"x" for number in range(501)})
    site(tmp_path / "a" / "main", {"b.txt": b"x"}, "main")
    steps: list[tuple[int, int]] = []
    result = verify_folder(tmp_path / "a", Trust(), lambda *step: steps.append(step))
    assert result == Verified(sites=2, files=502)
    assert steps == [(1, 1), (500, 501), (501, 501)]


def test_links_files_more_and_files_less_are_named(tmp_path: Path) -> None:
    files = dict.fromkeys(("a.txt", "b/c.txt", "b/d.txt", "e.txt"), b"x")
    folder = site(tmp_path / "sapa", files)
    (folder / "a.txt").rename(tmp_path / "a.txt")
    (folder / "a.txt").symlink_to(tmp_path / "a.txt")
    (folder / "b/c.txt").rename(folder / "b/C.txt")
    result = verify_folder(folder, Trust(), silent)
    assert result == Verified(sites=1, files=2, findings=[
        Finding("sapa", "a.txt", "changed"), Finding("sapa", "b/C.txt", "added"),
        Finding("sapa", "b/c.txt", "missing"),
    ])  # fmt: skip


def test_of_sites_without_a_record_only_files_are_compared(tmp_path: Path) -> None:
    sites = tmp_path / "sites"
    site(sites / "sapa", {"a.txt": b"x"})
    site(sites / "main", {"b.txt": b"x"}, "another")
    (sites / ".portalgen").mkdir()
    (sites / "x").touch()
    assert findings(sites, Trust()) == [("", "x", "added", "")]


def test_a_site_is_known_by_its_name_in_the_release_also_behind_a_link(tmp_path: Path) -> None:
    release = tmp_path / "release"
    site(release / "sapa", {"a.txt": b"x"})
    (release / "sapa").rename(tmp_path / "tree")
    (release / "sapa").symlink_to(tmp_path / "tree")
    record(release, "sapa")
    (tmp_path / "tree/a.txt").write_bytes(b"y")
    assert findings(release / "sapa", Trust()) == [("sapa", "a.txt", "changed", "")]
    assert findings(tmp_path / "tree", Trust()) == [("tree", "a.txt", "changed", "")]
    (release / "release.json").unlink()
    assert findings(release / "sapa", Trust()) == [("tree", "a.txt", "changed", "")]


def test_a_site_that_its_release_lacks_is_verified_all_the_same(tmp_path: Path) -> None:
    for slug in ("bacha", "main", "sapa"):
        site(tmp_path / slug, {"a.txt": b"x"}, slug)
    record(tmp_path, "main", "sapa")
    (tmp_path / "bacha/a.txt").write_bytes(b"y")
    (tmp_path / "sapa/manifest.json").unlink()
    shutil.rmtree(tmp_path / "main")
    assert findings(tmp_path, Trust()) == [
        ("", "bacha", "added", ""), ("bacha", "a.txt", "changed", ""), ("main", "", "missing", ""),
        ("sapa", "manifest.json", "missing", ""),
    ]  # fmt: skip


def test_an_inventory_of_another_release_or_site_is_named(tmp_path: Path) -> None:
    inventory = Inventory("sapa", "1", "", "x", ())
    data = to_bytes(inventory)
    result = Verified()
    for name, digest in (("sapa", sha256(data).hexdigest()), ("sapa", "0"), ("main", "0")):
        compare_release(name, inventory, data, {name: digest}, ID, result)
    compare_release("sapa", inventory, data, {"main": "0"}, ID, result)
    assert result.findings == [
        Finding("sapa", "manifest.json", "older", ID),
        Finding("main", "manifest.json", "swapped", "sapa"),
    ]


RELEASE = Release(id=ID, trees={}, time=5)


@pytest.mark.parametrize(
    ("data", "trust", "expected", "believed"),
    [(RELEASE.to_bytes(), Trust(), None, RELEASE),
     (RELEASE.to_bytes(), Trust(release_id=ID, not_before=5), None, RELEASE),
     (RELEASE.to_bytes(), Trust(release=RELEASE), None, RELEASE),
     (RELEASE.to_bytes(), Trust(release_id=LATER), ("older", LATER), RELEASE),
     (RELEASE.to_bytes(), Trust(not_before=6), ("outdated", ID), RELEASE),
     (Release(id=ID, trees={}, time=6).to_bytes(), Trust(release=RELEASE), ("older", ID), RELEASE),
     (b"{", Trust(), ("unreadable", ""), None),
     (b"{", Trust(release=RELEASE), ("unreadable", ""), RELEASE),
     (b"", Trust(), None, None),
     (b"", Trust(release=RELEASE), ("missing", ""), RELEASE),
     (b"", Trust(release_id=ID), ("missing", ""), None),
     (b"", Trust(not_before=1), ("missing", ""), None),
     (b"", Trust(key="key"), ("missing", ""), None)],
)  # fmt: skip
def test_the_record_of_a_release_is_believed_or_what_speaks_against_it_is_kept(
    data: bytes, trust: Trust, expected: tuple[str, str] | None, believed: Release | None
) -> None:
    result = Verified()
    assert believed_release(data, b"", trust, result, expected=True) == believed
    assert result.findings == ([Finding("", "release.json", *expected)] if expected else [])


def test_a_single_site_needs_no_record_to_be_signed() -> None:
    result = Verified()
    assert believed_release(b"", b"", Trust(key="key"), result, expected=False) is None
    assert result.findings == []


def test_a_record_that_the_key_did_not_sign_gives_way_to_one_at_hand(key: tuple[str, str]) -> None:
    data, other = RELEASE.to_bytes(), Release(id=LATER, trees={})
    stamp = sign(data, open_key(key[1], ""), ID)
    for stamp_there, expected in ((stamp, []), (b"", ["unsigned"]), (b"\n\n", ["unsigned"])):
        result = Verified()
        believed = believed_release(data, stamp_there, Trust(key[0]), result, True)
        assert believed == (None if expected else RELEASE)
        assert [item.kind for item in result.findings] == expected
    result = Verified()
    assert believed_release(data, b"", Trust(key[0], release=other), result, True) == other
    assert result.findings == [Finding("", "release.json", "unsigned")]
    with pytest.raises(PortalError) as raised:
        believed_release(data, stamp, Trust("nonsense"), result, True)
    assert [item.code for item in raised.value.problems] == ["wrong-key"]


def test_signed_inventories_are_counted(key: tuple[str, str]) -> None:
    data = to_bytes(Inventory("sapa", "1", "", "x", ()))
    stamp = sign(data, open_key(key[1], ""), "sapa")
    result = Verified()
    assert trusted("sapa", data, stamp, Trust(key[0]), result) == from_bytes(data)
    assert (result.signed, result.findings) == (1, [])
    assert trusted("sapa", data, b"", Trust(key[0]), result) is None
    assert (result.signed, result.findings) == (1, [Finding("sapa", "manifest.json", "unsigned")])


def test_a_copy_kept_elsewhere_is_that_of_the_site(tmp_path: Path) -> None:
    kept, other = (to_bytes(Inventory(slug, "1", "", "x", ())) for slug in ("sapa", "other"))
    place = Trust(copies=tmp_path)
    result = Verified()
    assert trusted("sapa", kept, b"", place, result) is None
    assert result.findings == [Finding("sapa", "manifest.json", "unknown")]
    (tmp_path / "manifest.json").write_bytes(kept)
    (tmp_path / "main").mkdir()
    (tmp_path / "main/manifest.json").write_bytes(other)
    for trust in (place, Trust(copies=tmp_path / "manifest.json")):
        result = Verified()
        assert trusted("sapa", kept, b"", trust, result) == from_bytes(kept)
        assert result.findings == []
    assert trusted("main", other, b"", place, result) == from_bytes(other)
    assert result.findings == []
    assert trusted("sapa", b"{", b"", place, result) == from_bytes(kept)
    assert result.findings == [Finding("sapa", "manifest.json", "changed")]


def test_an_inventory_that_cannot_be_read_says_why() -> None:
    result = Verified()
    assert trusted("sapa", b"[]", b"", Trust(), result) is None
    assert result.findings == [
        Finding("sapa", "manifest.json", "unreadable", "not of the format portalgen/1")
    ]


def test_where_no_inventory_is_there_is_nothing_to_verify(tmp_path: Path) -> None:
    (tmp_path / "sapa").mkdir()
    for folder in (tmp_path, tmp_path / "khong"):
        with pytest.raises(PortalError) as raised:
            verify_folder(folder, Trust(), silent)
        assert [(item.code, dict(item.values)) for item in raised.value.problems] == [
            ("no-inventory", {"name": str(folder)})
        ]

"""Signed releases are tampered with; `verify --key` misses nothing and alarms for nothing."""

import base64
import random
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portalgen.deploy.shipment import Signer
from portalgen.deploy.signature import SecretKey
from portalgen.deploy.verify import Trust, verify_folder
from tests.faults.cases import check_each
from tests.faults.world import FULL, SEED, SITES, World, copy_all

PAIRS = ("manifest.json", "manifest.json.minisig")
RECORDS = ("release.json", "release.json.minisig")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], Trust]:
    """A signed release with its trees in its folder, two earlier ones, and the key."""
    number, secret = secrets.token_bytes(8), Ed25519PrivateKey.generate()
    signer = Signer(number.hex(), SecretKey(number, secret))
    public = base64.b64encode(b"Ed" + number + secret.public_key().public_bytes_raw()).decode()

    def sign() -> None:
        import portalgen.deploy.shipment

        portalgen.deploy.shipment.open_signer = lambda: signer

    world = World(tmp_path_factory.mktemp("signed"))
    copies = []
    for state in range(3):
        outcome = world.deploy(state, setup=sign)
        assert outcome.code == 0, outcome.text
        copy = world.folder / f"release-{state}"
        shutil.copytree(world.target / "current", copy)
        copies.append(copy)
    newest = world.releases()[-1]
    return copies[2], copies[:2], Trust(public, release_id=newest)


def tamperings(  # noqa: PLR0915 - each way is a few lines
    dice: random.Random, folder: Path, earlier: list[Path]
) -> Iterator[Callable[[], object]]:
    """Ways to tamper with a release."""

    def file() -> Path:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return dice.choice(files)

    def site() -> Path:
        return folder / dice.choice(SITES)

    def edit() -> None:
        path = file()
        data = bytearray(path.read_bytes() or b"x")
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(data))

    def swap_files() -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        while True:
            a, b = dice.sample(files, 2)
            data = a.read_bytes(), b.read_bytes()
            if data[0] != data[1]:
                break
        a.write_bytes(data[1])
        b.write_bytes(data[0])

    def swap_sites() -> None:
        a, b = (folder / slug for slug in dice.sample(SITES, 2))
        a.rename(folder / "x")
        b.rename(a)
        (folder / "x").rename(b)

    def copy_site() -> None:
        a, b = dice.sample(SITES, 2)
        shutil.rmtree(folder / b)
        copy_all(folder / a, folder / b)

    def older_site() -> None:
        path = site()
        shutil.rmtree(path)
        copy_all(dice.choice(earlier) / path.name, path)

    def older_pair() -> None:
        path, old = site(), dice.choice(earlier)
        for name in PAIRS:
            shutil.copy(old / path.name / name, path / name)

    def older_record() -> None:
        old = dice.choice(earlier)
        for name in dice.choice([RECORDS, RECORDS[:1], RECORDS[1:]]):
            shutil.copy(old / name, folder / name)

    def older_release() -> None:
        shutil.rmtree(folder)
        copy_all(dice.choice(earlier), folder)

    def older_file() -> None:
        old = dice.choice(earlier)
        files = sorted(
            path.relative_to(old) for path in old.rglob("*")
            if path.is_file() and (folder / path.relative_to(old)).is_file()
            and path.read_bytes() != (folder / path.relative_to(old)).read_bytes()
        )  # fmt: skip
        name = dice.choice(files)
        shutil.copy(old / name, folder / name)

    def add() -> None:
        folders = sorted(path for path in folder.rglob("*") if path.is_dir())
        name = dice.choice(["shell.php", ".htaccess", "x.html", "index.html.bak"])
        (dice.choice([folder, *folders]) / name).write_text("x")

    def link() -> None:
        path = file()
        data = path.read_bytes()
        path.unlink()
        path.with_name(path.name + ".x").write_bytes(data)
        path.symlink_to(path.name + ".x")

    def cut() -> None:
        path = file()
        path.write_bytes(path.read_bytes()[:-1] or b"x")

    def unsigned() -> None:
        (site() / PAIRS[1]).unlink()

    ways = [
        edit, edit, swap_files, swap_sites, copy_site, older_site, older_pair, older_record,
        older_release, older_file, add, link, cut, lambda: shutil.rmtree(site()),
        lambda: file().unlink(), lambda: site().rename(folder / "khac"),
        lambda: copy_all(site(), folder / "them"), unsigned,
    ]  # fmt: skip
    while True:
        yield dice.choice(ways)


def test_no_tampering_is_missed_and_nothing_else_is_alarmed(
    request: pytest.FixtureRequest, signed: tuple[Path, list[Path], Trust], tmp_path: Path
) -> None:
    whole, earlier, trust = signed
    folder = tmp_path / "release"

    def differing() -> list[str]:
        return [f.place for f in verify_folder(folder, trust, lambda done, of: None).findings]

    def check(number: int) -> list[str]:
        dice = random.Random(SEED * 10_000 + number)
        shutil.rmtree(folder, ignore_errors=True)
        copy_all(whole, folder)
        wrong = [f"false: {place}" for place in differing()] if number % 5 == 0 else []
        tamper = next(tamperings(dice, folder, earlier))
        tamper()
        return wrong if differing() else [*wrong, f"missed: {tamper}"]

    check_each(request, "tampering, signed folder", range(1000 if FULL else 40), check)

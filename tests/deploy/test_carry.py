"""The register that a target carries: two machines with one target lose nothing."""

import base64
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portalgen.cli import main
from portalgen.content.redirect_rows import marker
from portalgen.deploy.deploy import Deployment
from portalgen.deploy.shipment import Signer
from portalgen.deploy.storage import RECORD
from portalgen.digests import digest_bytes
from portalgen.register.entries import Entry, Register, SiteEntries
from portalgen.register.store import load_goods, load_register, save_register
from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, NOW, article, network, run, tree, write

TARGETS = "targets:\n  - {name: may-chu, url: ../dich}\n"
FILES: dict[str, str | bytes | None] = {
    "site.yaml": MAIN_SETTINGS + TARGETS,
    "content/tin-tuc/a.md": article("Bài A", body="Lũ lụt"),
    "static/van-ban.pdf": b"%PDF-1.4",
    "members/sapa/content/tin-tuc/b.md": article("Bài B"),
}
A, MOVED = "content/tin-tuc/a.md", "content/y-te/a-moi.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, FILES)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "dich"


def clone(root: Path, name: str) -> Path:
    """The sources alone, as another machine has them."""
    other = root.with_name(name)
    ignored = shutil.ignore_patterns("public", ".portalgen", "register")
    shutil.copytree(root, other, ignore=ignored)
    return other


def portalgen(root: Path, command: str, *arguments: str) -> Result:
    given = [command, *arguments, "--root", str(root), "--jobs", "1", "--lang", "en"]
    return CliRunner().invoke(main, given)


def deploy(root: Path, *options: str, code: int = 0) -> Result:
    result = portalgen(root, "deploy", "may-chu", *options)
    assert result.exit_code == code, result.output
    return result


def register_of(folder: Path) -> Register:
    register = load_register(folder / "register")
    assert register
    return register


def entry_of(folder: Path, source: str, site: str = "main") -> Entry:
    return register_of(folder).sites[site].by_source()[source]


def shows(target: Path, path: str) -> str:
    return (target / "current" / path).read_text("utf-8")


def test_a_target_carries_the_register_and_serves_none_of_it(root: Path, target: Path) -> None:
    deploy(root)
    assert tree(target / "register") == tree(root / "register")
    assert not [path for path in tree(target / "current") if "register" in path]
    before = tree(target)
    assert "is up to date" in deploy(root).output
    assert tree(target) == before


def test_no_file_of_a_register_is_empty(root: Path, target: Path) -> None:
    deploy(root)
    register, before = register_of(root), register_of(root)
    register.sites["moi"] = SiteEntries()
    save_register(root, root / "public", register, before)
    assert all(tree(root / "register").values())  # some storages tell no empty file from none
    deploy(root)
    assert register_of(target).sites["moi"] == SiteEntries()


def test_a_machine_that_lost_its_register_takes_that_of_the_target(
    root: Path, target: Path
) -> None:
    deploy(root)
    write(root, {A: None, MOVED: article("Bài A", body="Lũ lụt")})
    deploy(root)
    other = clone(root, "may-khac")
    deploy(other)
    assert register_of(other) == register_of(root)
    assert "y-te/a-moi.html" in shows(target, "main/tin-tuc/a.html")
    assert tree(other / "public") == tree(root / "public")


def test_what_cannot_be_read_on_a_new_machine_stays_as_published(root: Path, target: Path) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    write(other, {A: "---\ntitle: [\n---\n"})
    result = deploy(other, code=3)
    assert "stays" in result.output
    assert "Lũ lụt" in shows(target, "main/tin-tuc/a.html")


def test_two_machines_in_turn_lose_no_address(root: Path, target: Path) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    write(other, {"content/tin-tuc/moi.md": article("Mới")})
    deploy(other)
    deploy(root)  # whose sources do not have it
    assert entry_of(root, "content/tin-tuc/moi.md").gone
    assert "noindex" in shows(target, "main/tin-tuc/moi.html")
    deploy(other)
    assert "Mới" in shows(target, "main/tin-tuc/moi.html")
    assert not entry_of(target, "content/tin-tuc/moi.md").gone
    key = register_of(target).key
    assert register_of(root).key == register_of(other).key == key


def test_a_machine_that_built_before_it_deployed_takes_the_key_of_the_target(
    root: Path, target: Path
) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    run(other)
    assert register_of(other).key != register_of(root).key
    deploy(other)
    assert register_of(other).key == register_of(root).key == register_of(target).key
    assert entry_of(other, A).title == entry_of(root, A).title
    write(other, {A: None, MOVED: article("Bài A", body="Lũ lụt")})
    deploy(other)
    assert "y-te/a-moi.html" in shows(target, "main/tin-tuc/a.html")


def test_a_rollback_leaves_the_register_alone(root: Path, target: Path) -> None:
    deploy(root)
    write(root, {A: article("Bài A sửa")})
    deploy(root)
    before = tree(target / "register")
    deploy(root, "--rollback")
    assert tree(target / "register") == before
    deploy(root, "--unpin")
    assert "Bài A sửa" in shows(target, "main/tin-tuc/a.html")


def test_a_dry_run_writes_nothing_anywhere(root: Path, target: Path, tmp_path: Path) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    write(other, {A: None})
    deploy(other)
    write(root, {"content/tin-tuc/moi.md": article("Mới")})

    def everything() -> dict[str, object]:
        files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        return {str(p): data for p, data in files.items() if "/.portalgen/" not in f"{p}"}

    before, last = everything(), (root / "public/.portalgen/manifest.sqlite").read_bytes()
    result = deploy(root, "--dry-run")
    assert result.output.endswith("Nothing was deployed.\n")
    assert "main: 1 added" in result.output or "main: 2 added" in result.output, result.output
    assert everything() == before
    assert (root / "public/.portalgen/manifest.sqlite").read_bytes() == last


def break_index(target: Path) -> None:
    (target / "register/register.json").write_text("{")


def lose_index(target: Path) -> None:
    (target / "register/register.json").unlink()


def lose_file(target: Path) -> None:
    next((target / "register/main").glob("entries-*")).unlink()


@pytest.mark.parametrize("hurt", [break_index, lose_index, lose_file])
def test_a_target_without_a_readable_register_stops_a_deployment(
    root: Path, target: Path, hurt: Callable[[Path], None]
) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    run(other)
    hurt(target)
    shown = tree(target / "current")
    result = deploy(other, code=1)
    assert result.stderr == (
        "The target “may-chu” has releases, but its register of what has been published is missing "
        "or damaged there. Restore its folder `register` from a backup; or, to go on with the "
        "register of this machine, run: portalgen deploy may-chu --new-register\n"
        "may-chu is unchanged. Correct the above and run this again.\n"
    )
    assert tree(target / "current") == shown
    deploy(other, "--new-register")
    assert tree(target / "register") == tree(other / "register")
    deploy(other)


def test_a_register_is_mended_where_its_files_stand_here(root: Path, target: Path) -> None:
    deploy(root)
    lose_file(target)
    deploy(root)
    assert tree(target / "register") == tree(root / "register")


def test_an_empty_target_needs_no_register(root: Path, target: Path) -> None:
    run(root)
    before = register_of(root)
    deploy(root)
    assert register_of(target).key == before.key


def make_old(target: Path) -> None:
    """Make a target one that version 1 deployed to."""
    shutil.rmtree(target / "register")
    for record in target.glob(f"releases/*/{RECORD}"):
        values = json.loads(record.read_text())
        record.write_text(json.dumps({**values, "format": 2}))


@pytest.mark.parametrize("is_new", [True, False], ids=["new machine", "built before"])
def test_all_addresses_of_a_release_of_version_1_answer(
    root: Path, target: Path, is_new: bool
) -> None:
    old = [f"content/tin-tuc/{name}.md" for name in ("cu", "cu-hon")]
    write(root, {name: article("Cũ", tags="[Lũ quét]") for name in old})
    deploy(root)
    make_old(target)
    write(root, {**dict.fromkeys(old), "static/van-ban.pdf": None})
    other = clone(root, "may-khac")
    if not is_new:
        run(other)
    for _ in range(2):
        deploy(other)
        assert "Lũ lụt" in shows(target, "main/tin-tuc/a.html")
        assert "noindex" in shows(target, "main/tin-tuc/cu.html")
        assert "noindex" in shows(target, "main/tag/lu-quet.html")
        gone = marker("/van-ban.pdf", "")  # by which nginx answers 410
        assert (target / "current/main/.moved" / gone).is_file()
        entries = register_of(target).sites["main"].entries.values()
        assert sorted(entry.at for entry in entries if not entry.source) == [
            "tag/lu-quet.html", "tin-tuc/cu-hon.html", "tin-tuc/cu.html", "van-ban.pdf",
        ]  # fmt: skip
        addresses = [entry.at for entry in entries]
        assert len(addresses) == len(set(addresses))
    assert "is up to date" in deploy(other).output


def test_who_deploys_meanwhile_is_seen_and_merged(
    root: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    write(other, {"content/tin-tuc/moi.md": article("Mới")})
    times: list[int] = []
    take = Deployment.take_register

    def take_and_be_late(self: Deployment, new: bool = False) -> str | None:
        seen = take(self, new)
        if not times:
            times.append(1)
            monkeypatch.setattr(Deployment, "take_register", take)
            deploy(other)
            monkeypatch.setattr(Deployment, "take_register", take_and_be_late)
        else:
            times.append(2)
        return seen

    monkeypatch.setattr(Deployment, "take_register", take_and_be_late)
    deploy(root)
    assert times == [1, 2]
    assert entry_of(target, "content/tin-tuc/moi.md").gone  # known, though never here


def test_a_purge_leaves_nothing_readable_in_the_register(root: Path, target: Path) -> None:
    deploy(root)
    secret = entry_of(root, A).id
    assert load_goods(target / "register", "main", [secret])
    write(root, {A: None})
    portalgen(root, "deploy", "may-chu", "--purge", "main/tin-tuc/a.html")
    assert load_goods(target / "register", "main", [secret]) == {}
    assert tree(target / "register") == tree(root / "register")
    assert not entry_of(target, A).good


def test_a_build_takes_over_the_register_of_a_target_or_a_folder(
    root: Path, target: Path, tmp_path: Path
) -> None:
    deploy(root)
    write(root, {A: None})
    deploy(root)
    for name in ("may-chu", str(root / "register"), str(target / "register")):
        other = clone(root, "may-khac")
        result = portalgen(other, "build", "--register", name)
        assert result.exit_code == 0, result.output
        assert entry_of(other, A).gone
        assert "noindex" in (other / "public/main/tin-tuc/a.html").read_text("utf-8")
        shutil.rmtree(other)


def test_check_takes_a_register_over_for_this_run_only(root: Path, target: Path) -> None:
    deploy(root)
    other = clone(root, "may-khac")
    write(other, {A: "---\ntitle: [\n---\n"})
    result = portalgen(other, "check", "--register", "may-chu")
    assert result.exit_code == 3
    assert "The version published at" in result.output
    assert not (other / "register").exists()
    assert "The version published at" not in portalgen(other, "check").output


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_register_that_is_nowhere_is_told(root: Path, command: str) -> None:
    for name in ("khong-co", "may-chu"):
        result = portalgen(root, command, "--register", name)
        assert result.exit_code == 1
        assert result.stderr.startswith(
            f"There is no register in “{name}”, and no target of that name. Name the folder that "
            "holds register.json, or one of the targets: may-chu\n"
        )


def secret_key() -> str:
    """A key of minisign, without a password."""
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes_raw() + key.public_key().public_bytes_raw()
    return base64.b64encode(b"Ed\0\0B2" + bytes(48) + b"12345678" + raw + bytes(32)).decode()


def test_a_key_finds_out_a_register_that_it_did_not_sign(
    root: Path, target: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(secret_key())
    deploy(root)
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(tmp_path / "key"))
    monkeypatch.setenv("PORTALGEN_SIGNING_PASSWORD", "")
    told = (
        "The register at the target “may-chu” is not signed with your key, so it is not believed. "
        "Find out who wrote it. If the key is new, or to go on with the register of this machine, "
        "run: portalgen deploy may-chu --new-register\n"
    )
    assert deploy(root, code=1).stderr.startswith(told)
    deploy(root, "--new-register")
    assert len([*(target / "register").glob("register-*.minisig")]) == 1
    assert "is up to date" in deploy(root).output
    write(root, {A: article("Bài A sửa")})
    deploy(root)
    assert len([*(target / "register").glob("*.minisig")]) == 1
    index = target / "register/register.json"
    index.write_text(index.read_text().replace('"format"', ' "format"'))
    assert deploy(root, code=1).stderr.startswith(told)


# Two machines with one target, and what an editor may do on either of them.

EDITS = ("new", "edit", "move", "remove", "break", "pull", "build", "deploy", "deploy")
SEEDS = 500 if os.environ.get("PORTALGEN_FAULTS") else 25


class Machine:
    """A clone; its clock is that of both."""

    def __init__(self, root: Path, clock: list[int], chance: random.Random):
        self.root, self._clock, self._chance = root, clock, chance
        network = load_network(root)
        target = network.main.targets[0]
        self._deployment = Deployment(network, root / "public", target, Signer())

    def _sources(self) -> list[Path]:
        return sorted((self.root / "content").rglob("*.md"))

    def act(self, what: str, number: int) -> None:
        self._clock[0] += 60
        sources = self._sources()
        source = self._chance.choice(sources) if sources else None
        if what == "new":
            section, name = self._chance.choice(["tin-tuc", "y-te"]), self._chance.randrange(3)
            text = article(f"Bài {number}", body=f"Lời {number}", slug=f"bai-{name}")
            file = self._chance.choice(["bai", "cung-dia-chi"])  # two may claim one address
            write(self.root, {f"content/{section}/{file}-{name}.md": text})
        elif what == "edit" and source:
            source.write_text(article(f"Bài {number}", body="Lời mới"), "utf-8")
        elif what == "move" and source:
            source.rename(source.with_name(f"doi-{number}.md"))
        elif what == "remove" and source:
            source.unlink()
        elif what == "break" and source:
            source.write_text("---\ntitle: [\n---\n")
        elif what == "pull":
            for other in {*self.root.parent.glob("*/content")} - {self.root / "content"}:
                shutil.copytree(other, self.root / "content", dirs_exist_ok=True)
        elif what == "build":
            self.build()
        elif what == "deploy":
            seen = self._deployment.take_register()
            self.build()
            self._deployment.deploy(1, lambda done, of: None, seen=seen)

    def build(self) -> None:
        run(self.root, now=self._clock[0])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_two_machines_do_no_address_is_forgotten(seed: int, tmp_path: Path) -> None:
    chance, clock = random.Random(seed), [NOW]
    root = network(tmp_path, {"site.yaml": MAIN_SETTINGS + TARGETS, A: article("Bài A")})
    machines = [Machine(root, clock, chance), Machine(clone(root, "may-khac"), clock, chance)]
    target, addresses = tmp_path / "dich", set()
    for number in range(14):
        machine, what = chance.choice(machines), chance.choice(EDITS)
        machine.act(what, number)
        if what != "deploy":
            continue
        entries = [*register_of(target).sites["main"].entries.values()]
        assert tree(target / "register") == tree(machine.root / "register")
        addresses |= {route for entry in entries for route in entry.addresses()}
        assert addresses <= {route for entry in entries for route in entry.addresses()}
        for route in addresses:
            assert (target / "current/main" / route).is_file(), route
        standing = [entry.at for entry in entries if not entry.gone]
        assert len(standing) == len(set(standing))
        sources = [entry.source for entry in entries]
        assert len(sources) == len(set(sources))
        standing_entries = [entry for entry in entries if entry.good]
        goods = load_goods(target / "register", "main", [entry.id for entry in standing_entries])
        assert goods.keys() == {entry.id for entry in standing_entries}


def verify(target: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["verify", f"{target}/current", "--lang", "en", *options])


@pytest.mark.parametrize(
    ("hurt", "line"),
    [
        (lose_index, "register/register.json: is missing"),
        (break_index, "register/register.json: was changed"),
        (lose_file, "register/main/entries-"),
    ],
)
def test_verify_names_what_is_wrong_with_a_register(
    root: Path, target: Path, hurt: Callable[[Path], None], line: str
) -> None:
    deploy(root)
    assert verify(target).exit_code == 0
    hurt(target)
    result = verify(target)
    assert result.exit_code == 3
    assert result.stderr.startswith(line), result.stderr


def test_a_target_of_version_1_is_not_blamed_for_its_register(root: Path, target: Path) -> None:
    deploy(root)
    make_old(target)
    assert verify(target).exit_code == 0


def test_what_a_target_claims_is_taken_in_only_where_it_can_be_true(
    root: Path, target: Path, tmp_path: Path
) -> None:
    deploy(root)
    register = register_of(target)
    bad: dict[str, Any] = {
        "kind": "article",
        "since": 1,
        "gone": 1,
        "source": "content/tin-tuc/x.md",
    }
    entries = [
        Entry(id="0" * 12, at="../../../ngoai.html", **bad),
        Entry(id="1" * 12, at="/etc/passwd", **bad),
        Entry(id="../../tran", at="a.html", **bad),
        Entry(id="2" * 12, at="that.html", **bad),
    ]
    site = register.sites["main"]
    site.entries |= {entry.id: entry for entry in entries}
    site.record.former = ("x.vn; return 301 http://spam", "cu.tinh.example")
    before = register_of(target)
    shutil.copytree(target / "register", tmp_path / "gia/.portalgen/register")
    save_register(tmp_path, tmp_path / "gia", register, before)
    shutil.rmtree(target / "register")
    shutil.copytree(tmp_path / "gia/.portalgen/register", target / "register")
    index = target / "register/register.json"
    (lines,) = (target / "register/main").glob("entries-*")
    data = lines.read_bytes() + b'{"id": 5}\nno json\n'
    name = f"entries-{digest_bytes(data)[:16]}.jsonl"
    index.write_text(index.read_text().replace(lines.name, name))
    lines.with_name(name).write_bytes(data)
    other = clone(root, "may-khac")
    deploy(other)
    site = register_of(other).sites["main"]
    assert "2" * 12 in site.entries
    assert not {"0" * 12, "1" * 12, "../../tran"} & site.entries.keys()
    assert site.record.former == ("cu.tinh.example",)
    assert tree(target / "register") == tree(other / "register")
    assert not [*tmp_path.rglob("ngoai*"), *tmp_path.rglob("tran*")]


BASE = {"format": 1, "key": "0" * 32}
FORMS = [[], {"format": 1}, {**BASE, "format": 99}, {**BASE, "sites": {"../ngoai": {}}}]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_index_of_another_form_stops_a_deployment(
    root: Path, target: Path, form: object
) -> None:  # fmt: skip
    deploy(root)
    (target / "register/register.json").write_text(json.dumps(form))
    result = deploy(root, code=1)
    assert not [*root.parent.rglob("ngoai*")]
    assert "missing or damaged" in result.stderr or "Upgrade portalgen" in result.stderr

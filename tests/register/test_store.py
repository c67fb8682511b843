"""The register on the disk: whole or not there, and nothing is written that is there already."""

import json
import os
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner

from portalgen.cli import main
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from portalgen.register.entries import (
    ARTICLE,
    Entry,
    Register,
    SiteEntries,
    SiteRecord,
    taken_away,
)
from portalgen.register.store import load_goods, load_register, save_register
from tests.helpers import article, network, page, run, tree, write

KEY = "0123456789abcdef" * 2
A, B, C = "a1", "a2", "b1"
DAMAGED = (
    "register/{}: Sổ đăng ký những gì đã xuất bản bị hỏng. Hãy khôi phục "
    "thư mục này từ bản sao lưu."
)


def entry(name: str, **values: object) -> Entry:
    base = {"id": name, "kind": ARTICLE, "source": f"{name}.md", "at": f"{name}.html", "since": 7}
    return Entry(**{**base, "good": f"g{name}", **values})  # type: ignore[arg-type]


def register(*entries: Entry) -> Register:
    record = SiteRecord("title: x\n", "https://a.example/", ("c.example",), 5)
    sites = {"sapa": SiteEntries(record, {each.id: each for each in entries})}
    texts = {each.id: b'{"n":"%b"}' % each.id.encode() for each in entries}
    return Register(KEY, sites, {"sapa": texts})


def save(root: Path, new: Register, before: Register | None = None) -> bool:
    return save_register(root, root / "public", new, before or Register(KEY))


def load(root: Path) -> Register:
    loaded = load_register(root / "register")
    assert loaded
    return loaded


def test_where_nothing_was_published_there_is_none(tmp_path: Path) -> None:
    assert load_register(tmp_path / "register") is None
    assert load_goods(tmp_path / "register", "sapa", [A]) == {}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    full = entry(
        A, sources=("o.md",), paths=("x.html", "y.html"), older=2, gone=3, to="main/q", feed="f",
        identity="urn:1", title="t", body="b", published=9,
    )  # fmt: skip
    saved = register(full, entry(C))
    assert save(tmp_path, saved) is True
    loaded = load(tmp_path)
    assert (loaded.key, loaded.sites) == (KEY, saved.sites)
    goods = {A: b'{"n":"a1"}', C: b'{"n":"b1"}'}
    assert load_goods(tmp_path / "register", "sapa", [A, C, "none"]) == goods
    assert load_goods(tmp_path / "register", "sapa", [C]) == {C: goods[C]}
    assert load_goods(tmp_path / "register", "main", [C]) == {}


def test_saving_what_is_there_writes_nothing(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A), entry(C)))
    before = {name: file.stat().st_ino for name in tree(tmp_path)
              for file in [tmp_path / name]}  # fmt: skip
    assert save(tmp_path, load(tmp_path), load(tmp_path)) is False
    assert {name: (tmp_path / name).stat().st_ino for name in tree(tmp_path)} == before


def test_the_name_of_a_file_tells_what_is_in_it(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A), entry(C)))
    names = sorted(os.listdir(tmp_path / "register/sapa"))
    assert [name.partition("-")[0] for name in names] == ["a", "b", "entries"]
    for name in names:
        data = (tmp_path / "register/sapa" / name).read_bytes()
        assert name.partition("-")[2].partition(".")[0] == digest_bytes(data)[:16]


def test_an_entry_is_a_line_in_order_of_ids(tmp_path: Path) -> None:
    save(tmp_path, register(entry(C), entry(A)))
    [file] = (tmp_path / "register/sapa").glob("entries-*")
    assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == [A, C]


def test_an_edit_writes_the_lines_and_one_shard_and_removes_the_old_ones(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A), entry(C)))
    old = set(os.listdir(tmp_path / "register/sapa"))
    new = load(tmp_path)
    new.sites["sapa"].entries[A] = entry(A, good="other")
    new.goods["sapa"] = {A: b'{"n":"other"}'}
    assert save(tmp_path, new, load(tmp_path)) is True
    names = set(os.listdir(tmp_path / "register/sapa"))
    assert {name[0] for name in names - old} == {"a", "e"}
    assert len(names) == len(old) == 3
    assert load_goods(tmp_path / "register", "sapa", [A, C]) == {
        A: b'{"n":"other"}', C: b'{"n":"b1"}',
    }  # fmt: skip


def test_what_is_taken_away_leaves_no_text(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A), entry(B), entry(C)))
    new = load(tmp_path)
    for name in (A, C):
        new.sites["sapa"].entries[name] = taken_away(new.sites["sapa"].entries[name], 9)
    save(tmp_path, new, load(tmp_path))
    assert load_goods(tmp_path / "register", "sapa", [A, B, C]) == {B: b'{"n":"a2"}'}
    [shard] = (tmp_path / "register/sapa").glob("*.good.br")
    assert brotli.decompress(shard.read_bytes()) == b'{"a2":{"n":"a2"}}'


def test_the_register_of_another_output_begins_with_that_of_public(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A)))
    before = tree(tmp_path / "register")
    new = load(tmp_path)
    new.sites["sapa"].entries[C] = entry(C)
    new.goods["sapa"] = {C: b"{}"}
    other = tmp_path / "khac"
    assert save_register(tmp_path, other, new, load(tmp_path)) is True
    assert tree(tmp_path / "register") == before
    own = other / ".portalgen/register"
    assert load_goods(own, "sapa", [A, C]) == {A: b'{"n":"a1"}', C: b"{}"}


@pytest.mark.parametrize("at", ["entries", "a-", "register.json"])
def test_who_is_stopped_between_two_files_has_the_register_as_it_was(
    tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, register(entry(A)))
    before, write_bytes = load(tmp_path), Path.write_bytes

    def stop(file: Path, data: bytes) -> None:
        if file.name.startswith(at):
            write_bytes(file, data[: len(data) // 2])
            raise OSError("stopped")
        write_bytes(file, data)

    new = load(tmp_path)
    new.sites["sapa"].entries |= {A: entry(A, good="x"), C: entry(C)}
    new.goods["sapa"] = {A: b'{"n":"x"}', C: b"{}"}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", stop)
        with pytest.raises(OSError, match="stopped"):
            save(tmp_path, new, before)
    assert load(tmp_path) == before
    assert load_goods(tmp_path / "register", "sapa", [A]) == {A: b'{"n":"a1"}'}
    save(tmp_path, new, before)
    assert load(tmp_path).sites == new.sites
    assert len(os.listdir(tmp_path / "register/sapa")) == 3
    assert sorted(os.listdir(tmp_path / "register")) == ["register.json", "sapa"]


def test_files_that_are_not_ours_stay(tmp_path: Path) -> None:
    save(tmp_path, register(entry(A)))
    write(tmp_path / "register", {"README.md": "x", "sapa/notes.txt": "x", ".git/a-b": "x"})
    new = load(tmp_path)
    new.sites["sapa"].entries[C] = entry(C)
    save(tmp_path, new, load(tmp_path))
    assert {"README.md", "sapa/notes.txt", ".git/a-b"} <= tree(tmp_path / "register").keys()


INDEX = '{"format": 1, "key": "' + KEY + '", "sites": %s}'
BAD_INDEX = {
    "empty": "", "no JSON": "{", "no object": "[]", "deep": "[" * 100_000,
    "no key": '{"format": 1}', "a short key": '{"format": 1, "key": "ab"}',
    "no format": '{"key": "' + KEY + '"}', "format 0": INDEX.replace("1", "0", 1) % "{}",
    "a site above": INDEX % '{"..": {"files": {"entries": "entries-0123456789abcdef.jsonl"}}}',
    "a file above": INDEX % '{"sapa": {"files": {"entries": "../../x"}}}',
    "a number": INDEX % '{"sapa": {"files": {"entries": 1}}}',
}  # fmt: skip


@pytest.mark.parametrize("how", BAD_INDEX)
def test_an_index_that_makes_no_sense_is_told(tmp_path: Path, how: str) -> None:
    write(tmp_path, {"register/register.json": BAD_INDEX[how]})
    with pytest.raises(PortalError) as caught:
        load_register(tmp_path / "register")
    assert [item.describe("vi") for item in caught.value.problems] == [
        DAMAGED.format("register.json")
    ]


@pytest.mark.parametrize("kind", ["entries", "a"])
@pytest.mark.parametrize("how", ["missing", "cut", "other"])
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path: Path, kind: str, how: str) -> None:
    save(tmp_path, register(entry(A)))
    [file] = (tmp_path / "register/sapa").glob(f"{kind}-*")
    data = file.read_bytes()
    file.unlink()
    if how != "missing":
        file.write_bytes(data[:-2] if how == "cut" else b"x")
    with pytest.raises(PortalError) as caught:
        if load_register(tmp_path / "register"):
            load_goods(tmp_path / "register", "sapa", [A])
    assert [item.describe("vi") for item in caught.value.problems] == [
        DAMAGED.format(f"sapa/{file.name}")
    ]


@pytest.mark.parametrize(
    ("kind", "data"),
    [("entries", b"{}\n"), ("entries", b'{"id": 1}\n'), ("a", b"x"), ("a", brotli.compress(b"[]")),
     ("entries", b"\xff\n")],
)  # fmt: skip
def test_a_file_of_the_right_name_that_makes_no_sense_is_told(
    tmp_path: Path, kind: str, data: bytes
) -> None:
    save(tmp_path, register(entry(A)))
    [file] = (tmp_path / "register/sapa").glob(f"{kind}-*")
    suffix = file.name.partition(".")[2]
    name = f"{kind}-{digest_bytes(data)[:16]}.{suffix}"
    (file.parent / name).write_bytes(data)
    index = tmp_path / "register/register.json"
    index.write_text(index.read_text().replace(file.name, name))
    with pytest.raises(PortalError) as caught:
        if load_register(tmp_path / "register"):
            load_goods(tmp_path / "register", "sapa", [A])
    assert [item.describe("vi") for item in caught.value.problems] == [
        DAMAGED.format(f"sapa/{name}")
    ]


def test_a_register_of_a_newer_program_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"register/register.json": INDEX.replace("1", "2", 1) % "{}"})
    with pytest.raises(PortalError) as caught:
        load_register(tmp_path / "register")
    assert [item.describe(language) for item in caught.value.problems
            for language in ("vi", "en")] == [
        "register/register.json: Sổ đăng ký này do bản portalgen mới hơn ghi. Hãy nâng cấp "
        "portalgen.",
        "register/register.json: This register was written by a newer portalgen. Upgrade "
        "portalgen.",
    ]  # fmt: skip


@pytest.mark.usefixtures("quick_themes")
@pytest.mark.parametrize("command", ["build", "check", "status"])
def test_no_command_publishes_by_a_damaged_register(tmp_path: Path, command: str) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài")})
    run(root)
    write(root, {"content/tin-tuc/a.md": article("Mới"), "register/register.json": "{"})
    result = CliRunner().invoke(main, [command, "--root", str(root)])
    assert result.exit_code == 1
    assert DAMAGED.format("register.json") in result.stderr
    assert "Bài" in page(root, "main/tin-tuc/a.html")

"""Every kind of target keeps a register alike: its index last, and nothing of registers before."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portalgen.deploy.storage import RegisterStorage, Storage
from portalgen.deploy.targets import s3
from portalgen.deploy.targets.bucket import Bucket
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from portalgen.register.place import INDEX
from tests.deploy.test_bucket import TARGET, store  # noqa: F401 - a fixture
from tests.deploy.test_storage import place, storage  # noqa: F401 - fixtures


def named(kind: str, suffix: str, data: bytes) -> str:
    return f"main/{kind}-{digest_bytes(data)[:16]}.{suffix}"


def files_of(text: str) -> dict[str, bytes]:
    """A register, in form; its good versions are no text."""
    entries, goods = f"{text}\n".encode(), bytes(range(256)) * 500 + text.encode()
    return {
        named("entries", "jsonl", entries): entries,
        named("a", "good.br", goods): goods,
        f"register-{'0' * 15}{len(text)}.minisig": b"x\n",
        INDEX: f'{{"text": "{text} ’ \\u0000"}}\n'.encode(),
    }


def keeps_one_register(register: RegisterStorage) -> None:
    first, second = files_of("một"), files_of("hai hai")
    assert register.fetch([*first]) == {}
    register.send(first)
    assert register.fetch([*first, "main/khong-co", "khong/co"]) == first
    register.send(first)
    register.fetch([INDEX])
    register.send(second)
    assert register.fetch([*first, *second]) == second


def test_a_folder_or_server_keeps_one_register(storage: Storage) -> None:  # noqa: F811
    keeps_one_register(storage.register)


def test_a_bucket_keeps_one_register(store: Any) -> None:  # noqa: F811
    with s3.opened(TARGET, look=False) as bucket:
        keeps_one_register(bucket.register)
        other = files_of("ba ba ba")
        with s3.opened(TARGET, look=True) as reader:
            assert reader.register.fetch([INDEX])[INDEX] != other[INDEX]
        register = s3.BucketStorage(Bucket(TARGET)).register
        register.fetch([INDEX])
        register.send(other)
        with pytest.raises(PortalError, match="target-moved"):
            bucket.register.send(files_of("bốn"))
        assert bucket.register.fetch([INDEX])[INDEX] == other[INDEX]


def test_what_was_hurt_is_mended_and_what_is_foreign_stays(
    storage: Storage, place: Any  # noqa: F811
) -> None:  # fmt: skip
    files = files_of("một")
    storage.register.send(files)
    folder: Path = place.path / "register"
    (folder / "ghi-chu.txt").write_text("của tôi")
    (folder / "main/cua-toi.txt").write_text("của tôi")
    (folder / "main/entries-0123456789abcdef.jsonl").write_text("cũ")
    for name, data in files.items():
        hurts: list[Callable[[Path], object]] = [
            Path.unlink, lambda file: file.write_bytes(b""), lambda file: file.write_text("khác"),
        ]  # fmt: skip
        for hurt in hurts:
            hurt(folder / name)
            storage.register.send(files)
            assert (folder / name).read_bytes() == data
    assert storage.register.fetch([*files]) == files
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {
        *(Path(name).name for name in files), "ghi-chu.txt", "cua-toi.txt",
    }  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_what_stands_behind_a_link_stays_as_it_is(
    storage: Storage, place: Any, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    (tmp_path / "khac").mkdir()
    (place.path / "register").symlink_to(tmp_path / "khac")
    with pytest.raises(PortalError):
        storage.register.send(files_of("một"))
        if place.kind != "folder":
            raise PortalError([])  # rsync puts a folder in place of the link
    assert [*(tmp_path / "khac").iterdir()] == []

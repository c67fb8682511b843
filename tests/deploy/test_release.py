import getpass
import json
import re
import socket
from datetime import UTC, datetime

import pytest

from portalgen.deploy.release import (
    ALL,
    Pin,
    Release,
    earlier,
    is_id,
    new_id,
    release_from,
    staying,
    whoami,
)

IDS = [f"2020010{day}-000000-000000-aaaa" for day in range(1, 6)]


def test_names_sort_by_time_whatever_the_clock_says() -> None:
    last = "99990101-000000-000000-ffff"
    assert new_id(last) > last
    assert new_id("") < last
    assert is_id(new_id("")) and not is_id("moi-nhat")
    assert earlier(IDS, IDS[2]) == [IDS[1], IDS[0]]
    assert earlier(IDS, "") == []


def test_the_last_releases_that_showed_something_new_stay() -> None:
    releases = [
        Release(id=name, trees={}, of=of) for name, of in zip(IDS, ["", "", "", "", IDS[0]])
    ]
    assert staying(releases, IDS[4], 2) == {IDS[2], IDS[3], IDS[4]}
    assert staying(releases, IDS[1], 3) == {IDS[0], IDS[1]}
    assert staying(releases, IDS[3], 2) == {IDS[2], IDS[3]}


def test_a_record_is_read_as_it_was_written() -> None:
    release = Release(
        id=IDS[0], trees={"main": "a"}, inventories={"main": "b"},
        pins={ALL: Pin(IDS[1], 1, "lan")}, time=2, by="lan@may", changed={"main": 3}, size=4,
    )  # fmt: skip
    assert release_from(release.to_bytes()) == release
    old = b'{"id": "%s", "version": "0.2.0", "commit": "", "trees": {"main": "a"}}'
    assert release_from(old % IDS[0].encode()) == Release(
        id=IDS[0], version="0.2.0", trees={"main": "a"}
    )


def test_what_is_no_record_is_none() -> None:
    deep = b'{"id": "%s", "trees": {}, "x": ' % IDS[0].encode() + b"[" * 100_000
    for data in (deep, b"", b"{", b"[]", b'{"id": "../x", "trees": {}}', b"[" * 100_000,
                 b'{"id": "20200101-000000-000000-aaaa", "trees": []}'):  # fmt: skip
        assert release_from(data) is None


def test_a_name_is_of_now_or_just_behind_the_last() -> None:
    before = datetime.now(UTC)
    name = new_id(IDS[0])
    after = datetime.now(UTC)
    time = datetime.strptime(name[:22], "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC)
    assert before <= time <= after
    assert re.fullmatch(
        r"99990101-000000-000001-[0-9a-f]{4}", new_id("99990101-000000-000000-ffff")
    )
    assert len({new_id("99990101-000000-000000-ffff") for _ in range(5)}) > 1


@pytest.mark.parametrize(
    "name", ["", f"x{IDS[0]}", f"{IDS[0]}0", IDS[0].upper(), IDS[0][:-5], f"{IDS[0]}\n"]
)
def test_another_name_is_none_of_a_release(name: str) -> None:
    assert is_id(IDS[0]) and not is_id(name)


@pytest.mark.parametrize("error", [None, KeyError("no name"), OSError("no name")])
def test_a_release_is_by_a_user_on_a_machine(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    def user() -> str:
        if error:
            raise error
        return "lan"

    monkeypatch.setattr(getpass, "getuser", user)
    monkeypatch.setattr(socket, "gethostname", lambda: "may")
    assert whoami() == ("?@may" if error else "lan@may")


def test_a_site_is_held_by_its_own_pin_or_by_that_of_all() -> None:
    own, of_all = Pin(IDS[0], 1, "lan"), Pin(IDS[1], 2, "ai")
    release = Release(id=IDS[2], trees={}, pins={"sapa": own, ALL: of_all})
    assert (release.pin_of("sapa"), release.pin_of("main")) == (own, of_all)
    release = Release(id=IDS[2], trees={}, pins={"sapa": own})
    assert (release.pin_of("sapa"), release.pin_of("main")) == (own, None)


def test_a_record_is_sorted_and_can_be_read_by_people() -> None:
    release = Release(
        id=IDS[0], trees={"sapa": "b", "main": "a"}, pins={ALL: Pin(IDS[1], 1, "lan")}
    )
    text = release.to_bytes().decode()
    assert text.endswith("\n}\n") and text.index('"main"') < text.index('"sapa"')
    assert text.splitlines()[1] == ' "by": "",'
    assert json.loads(text) == {
        "by": "", "changed": {}, "commit": "", "format": 3, "id": IDS[0], "inventories": {},
        "of": "", "pins": {"*": {"by": "lan", "release": IDS[1], "since": 1}}, "size": 0,
        "time": 0, "trees": {"main": "a", "sapa": "b"}, "version": "",
    }  # fmt: skip

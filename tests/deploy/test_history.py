from pathlib import Path

from portalgen.deploy.history import kept_record, pins_of, read_deployed, record_deployed
from portalgen.deploy.release import ALL, Pin, Release

IDS = [f"2020010{day}-000000-000000-aaaa" for day in range(1, 4)]


def release(number: int, pins: dict[str, Pin] | None = None) -> Release:
    return Release(id=IDS[number], trees={}, pins=pins or {})


def test_each_target_remembers_its_last_release(tmp_path: Path) -> None:
    assert read_deployed(tmp_path) == {}
    for target, number, at in (("a", 0, 5), ("b", 1, 6), ("a", 2, 7), ("a", 2, 8)):
        record_deployed(tmp_path, target, release(number), at)
    assert read_deployed(tmp_path) == {
        "a": {"release": IDS[2], "at": 7, "pins": {}, "seen": []},
        "b": {"release": IDS[1], "at": 6, "pins": {}, "seen": []},
    }
    for damage in ("[1]", "{", "", '{"a": 1}'):
        (tmp_path / "deployed.json").write_text(damage)
        assert read_deployed(tmp_path) == {}


def test_only_what_was_not_said_the_last_time_is_new(tmp_path: Path) -> None:
    new = [
        record_deployed(tmp_path, "a", release(0), 5, seen)
        for seen in (["x", "y"], ["y", "z"], None, ["z"], ["x", "z"])
    ]
    assert new == [["x", "y"], ["z"], [], [], ["x"]]
    assert record_deployed(tmp_path, "b", release(0), 5, ["x"]) == ["x"]


def test_records_of_releases_are_kept_for_who_verifies_from_outside(tmp_path: Path) -> None:
    record_deployed(tmp_path, "a", release(0), 5)
    record_deployed(tmp_path, "b", release(1), 5)
    assert [kept_record(tmp_path, name) for name in IDS] == [release(0), release(1), None]
    assert kept_record(tmp_path, "../deployed") is None


def test_pins_are_read_as_they_were_recorded(tmp_path: Path) -> None:
    pins = {ALL: Pin(IDS[0], 3, "lan@may"), "sapa": Pin(IDS[1], 4, "mai@may")}
    record_deployed(tmp_path, "a", release(2, pins), 5)
    assert pins_of(read_deployed(tmp_path)["a"]) == pins
    for damage in ({}, {"pins": 1}, {"pins": {"sapa": {"release": 1}}}):
        assert pins_of(damage) == {}

from portalgen.deploy.release import (
    ALL,
    Pin,
    Release,
    earlier,
    is_id,
    new_id,
    release_from,
    staying,
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
    for data in (b"", b"{", b"[]", b'{"id": "../x", "trees": {}}', b"[" * 100_000,
                 b'{"id": "20200101-000000-000000-aaaa", "trees": []}'):  # fmt: skip
        assert release_from(data) is None

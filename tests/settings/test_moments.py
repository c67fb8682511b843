"""What is read as a moment, and that every remedy is."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.settings.moments import NEVER, Unread, both_moments, end_of, read_moment
from portalgen.text import fold
from tests.helpers import MAIN_SETTINGS, article, network, page, problems, run

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Pacific/Apia", "UTC"]


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("2020-01-10", "2020-01-10T00:00:00+07:00"),
        ("2020-1-9 7:05", "2020-01-09T07:05:00+07:00"),
        ("2020-01-10T16:46:07", "2020-01-10T16:46:07+07:00"),
        ("2020-01-10T16:46:00.000Z", "2020-01-10T23:46:00+07:00"),
        ("2020-01-10t16:46:00,5z", "2020-01-10T23:46:00+07:00"),
        ("2020-01-10 16:46:07.123456789 +09:00", "2020-01-10T14:46:07+07:00"),
        ("2020-01-10 16:46+0700", "2020-01-10T16:46:00+07:00"),
        ("2020-01-10 16:46+07", "2020-01-10T16:46:00+07:00"),
        (" 20/11/2026 ", "2026-11-20T00:00:00+07:00"),
        ("1/2/2026 9:30", "2026-02-01T09:30:00+07:00"),
        ("01/02/2026 09:30", "2026-02-01T09:30:00+07:00"),
        ("20/11/2026 9h30", "2026-11-20T09:30:00+07:00"),
        ("20/11/2026 9H", "2026-11-20T09:00:00+07:00"),
        ("20/11/2026 9 giờ 30", "2026-11-20T09:30:00+07:00"),
        ("20/11/2026  9 giờ", "2026-11-20T09:00:00+07:00"),
        ("9998-12-31 23:59", "9998-12-31T23:59:00+07:00"),
        ("0001-01-01", "0001-01-01T00:00:00+07:06"),
        ("1899-12-31", "1899-12-31T00:00:00+07:06"),
        ("1900-01-01 08:00", "1900-01-01T08:00:00+07:06"),
        ("1900-01-01T00:54:00Z", "1900-01-01T08:00:00+07:06"),
    ],
)
def test_moments_are_read_as_people_and_programs_write_them(typed: str, iso: str) -> None:
    moment = read_moment(typed, ZONE)
    assert isinstance(moment, datetime)
    assert moment.isoformat() == iso


@pytest.mark.parametrize(
    ("typed", "code", "examples"),
    [
        ("2026-02-30 9:00", "date-impossible", ["2026-02-28 09:00"]),
        ("31/4/2026", "date-impossible", ["2026-04-30"]),
        ("2026-13-05", "date-impossible", ["2026-05-13"]),
        ("11/20/2026 9:30", "date-impossible", ["2026-11-20 09:30"]),
        ("2026-11-20 24:00", "date-impossible", ["2026-11-21 00:00"]),
        ("2026-11-20 9:30 +25:00", "date-impossible", ["2026-11-20 09:30"]),
        ("0000-01-01", "date-impossible", ["0001-01-01"]),
        ("9999-12-31", "date-impossible", ["9998-12-31"]),
        ("2026-11-20 9h30", "date-format", ["2026-11-20 09:30"]),
        ("20/11/26", "date-unclear", ["2026-11-20", "2020-11-26"]),
        ("hôm qua", "date-unknown", ["2020-01-10 16:46"]),
        ("", "date-unknown", ["2020-01-10 16:46"]),
    ],
)
def test_another_moment_is_refused_with_what_is_meant(
    typed: str, code: str, examples: list[str]
) -> None:
    unread = read_moment(typed, ZONE)
    assert isinstance(unread, Unread)
    assert unread.code == code and unread.values["value"] == typed
    assert [text for key, text in unread.values.items() if key != "value"] == examples


def test_a_time_that_clocks_skip_is_refused_and_of_one_that_they_repeat_the_first_is_read() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    skipped = read_moment("29/3/2026 2h30", berlin)
    assert skipped == (
        "date-skipped", {"value": "29/3/2026 2h30", "example": "2026-03-29 03:30"},
    )  # fmt: skip
    twice = read_moment("2026-10-25T02:30", berlin)
    both = both_moments("2026-10-25T02:30", berlin)
    assert both == ("2026-10-25 02:30 +02:00", "2026-10-25 02:30 +01:00")
    moments = [read_moment(text, berlin) for text in both]
    assert isinstance(moments[0], datetime) and isinstance(moments[1], datetime)
    assert moments[1].timestamp() - moments[0].timestamp() == 3600
    assert twice == moments[0]
    assert both_moments("1975-06-12 23:30", ZONE) == (
        "1975-06-12 23:30 +08:00", "1975-06-12 23:30 +07:00",
    )  # fmt: skip
    assert both_moments(both[1], berlin) is both_moments("2026-10-25", berlin) is None


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Sao_Paulo", "2017-10-15"), ("Asia/Gaza", "2011-04-01")]
)
def test_a_day_without_midnight_begins_when_its_clock_does(zone: str, day: str) -> None:
    moment = read_moment(day, ZoneInfo(zone))
    assert isinstance(moment, datetime)
    assert moment.isoformat()[:10] == day
    earlier = datetime.fromtimestamp(moment.timestamp() - 1, ZoneInfo(zone))
    assert earlier.date() < moment.date()


def test_the_year_9999_is_never_for_what_ends() -> None:
    assert read_moment("9999-12-31", ZONE, ends=True) == NEVER
    assert read_moment("31/12/9999 23:59", ZONE, ends=True) == NEVER
    assert end_of(NEVER) == 0
    year_1 = read_moment("0001-01-01", ZONE, ends=True)
    assert isinstance(year_1, datetime) and end_of(year_1) == 1


DAYS = st.dates()
CLOCKS = st.tuples(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61))
FORMS = [
    "{y}-{m}-{d}", "{y}-{m:02}-{d:02}T{H:02}{M:02}", "{d}/{m}/{y} {H}:{M}", "{d}-{m}-{y} {H}.{M}",
    "{d}.{m}.{y}", "{m}/{d}/{y}", "{y}/{m}/{d} {H}h{M}", "{H}h{M} ngày {d}/{m}/{y}",
    "ngày {d} tháng {m} năm {y}", "{d}/{m}/{y}, {H} giờ {M} phút {S} giây", "{d}/{m}",
    "{y}{m:02}{d:02}", "{d}/{m}/{y} {H}:{M}:{S} CH", "{y}-{m}-{d} {H}:{M:02} GMT+7", "{m}/{y}",
    "{y}-{m:02}-{d:02} {H:02}:{M:02}:{S:02}.5 -05:30", "{y}-{d}-{m} {H}g{M}", "{d}/{m}/{H}",
]  # fmt: skip


@given(DAYS, CLOCKS, st.sampled_from(FORMS), st.sampled_from(ZONES), st.booleans())
def test_every_remedy_is_read(
    day: datetime, clock: tuple[int, int, int], form: str, zone: str, ends: bool
) -> None:
    hour, minute, second = clock
    typed = form.format(y=day.year, m=day.month, d=day.day, H=hour, M=minute, S=second)
    check_remedies(typed, zone, ends)


@given(st.text("0123456789/-.:hgTZ +giờngàytháng,", max_size=24), st.sampled_from(ZONES))
def test_every_remedy_for_anything_is_read(typed: str, zone: str) -> None:
    check_remedies(typed, zone, ends=False)
    check_remedies(fold(typed), zone, ends=True)


def check_remedies(typed: str, zone: str, ends: bool) -> None:
    unread = read_moment(typed, ZoneInfo(zone), ends=ends)
    if isinstance(unread, Unread):
        for key in unread.values.keys() - {"value"}:
            again = read_moment(unread.values[key], ZoneInfo(zone), ends=ends)
            assert isinstance(again, datetime), (typed, unread)


def test_an_article_of_1900_and_one_that_never_expires_are_published(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/xua.md": article("Xưa", "1/1/1900 8h", expires="9999-12-31"),
        "content/tin-tuc/dau.md": article("Đầu", "0001-01-01", featured_until="9999-12-31 10:00"),
        "content/tin-tuc/cuoi.md": article("Cuối", "9998-12-31 23:59"),
    })  # fmt: skip
    report = run(root)
    assert problems(report) == []
    assert 'datetime="1900-01-01T08:00:00+07:06"' in page(root, "main/tin-tuc/xua.html")
    assert "01/01/0001" in page(root, "main/tin-tuc/dau.html")
    assert "1900-01-01T08:00:00+07:06" in page(root, "main/feed.json")
    assert report.next_change == datetime(9998, 12, 31, 23, 59, tzinfo=ZONE).timestamp()


def test_a_skipped_moment_of_the_root_file_is_told_at_its_place(tmp_path: Path) -> None:
    from portalgen.problems import PortalError

    text = MAIN_SETTINGS + "timezone: Europe/Berlin\nfront: {until: 2026-03-29 02:30}\n"
    with pytest.raises(PortalError) as error:
        run(network(tmp_path, {"site.yaml": text}))
    assert [item.describe("en") for item in error.value.problems] == [
        "site.yaml:14:16: There was no “2026-03-29 02:30”: clocks were put forward that day. "
        "Write: 2026-03-29 03:30"
    ]

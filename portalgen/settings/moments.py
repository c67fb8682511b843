"""Moments as people write them: those that are read, and what others most likely mean."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple

from portalgen.settings.meant_moments import meant_moments, written_moment
from portalgen.text import shortened

NEVER = datetime.max.replace(tzinfo=UTC)  # of a moment at which something ends
EXAMPLE, END = "2020-01-10 16:46", "9999-12-31"  # for what nobody can read a date in
MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?:(?:[ \t]+|[ \t]*[Tt][ \t]*)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"[ \t]*(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
    r"|(?P<day_first>\d{1,2})/(?P<month_second>\d{1,2})/(?P<year_last>\d{4})"
    r"(?:[ \t]+(?P<hour_last>\d{1,2})"
    r"(?::(?P<minute_last>\d{2})|[ \t]*(?:[hH]|[gG]iờ)[ \t]*(?P<minute_word>\d{2})?))?",
    re.ASCII,
)
# As JSON Schema has it, which knows no names of groups.
PATTERN = re.compile(re.sub(r"\?P<\w+>", "", MOMENT.pattern))


class Unread(NamedTuple):
    """Why a moment is not read: the code of a message, and its values."""

    code: str
    values: dict[str, Any]


class _Parts(NamedTuple):
    """What is written of a moment; `clock` is None for a day alone."""

    date: tuple[int, int, int]
    clock: tuple[int, int, int] | None
    offset: str


def read_moment(value: str, zone: tzinfo, *, ends: bool = False) -> datetime | Unread:
    """The moment in `zone`, its offset in whole minutes; else why not, with what is meant.

    Of a moment at which something ends, the year 9999 is `NEVER`. Values of a code: `value` as
    written, and `example`, or `first` and `second`, which are read.
    """
    parts = _parts(value)
    result = _moment(parts, zone, ends) if parts else "date-format"
    if isinstance(result, datetime):
        return result
    typed = shortened(value, 60)
    meant = [_written(parts)] if parts else meant_moments(value)
    examples = [text for item in meant if (text := _readable(item, zone, ends))]
    examples = list(dict.fromkeys(examples))
    if len(examples) > 1:
        return Unread("date-unclear", {"value": typed, "first": examples[0], "second": examples[1]})
    if not examples:
        example = END if ends else EXAMPLE
        return Unread("date-unknown", {"value": typed, "example": example})
    return Unread(result, {"value": typed, "example": examples[0]})


def end_of(moment: datetime) -> int:
    """Seconds since 1970 of a moment at which something ends; 0: never."""
    return 0 if moment == NEVER else max(int(moment.timestamp()), 1)


def _parts(value: str) -> _Parts | None:
    """What is written, if it is in a form that is read."""
    match = MOMENT.fullmatch(value.strip())
    if not match:
        return None
    if match["year_last"]:
        date = match["year_last"], match["month_second"], match["day_first"]
        clock = match["hour_last"], match["minute_last"] or match["minute_word"], "0"
    else:
        date = match["year"], match["month"], match["day"]
        clock = match["hour"], match["minute"], match["second"]
    year, month, day = map(int, date)
    hour, minute, second = (int(part or 0) for part in clock)
    return _Parts(
        (year, month, day), (hour, minute, second) if clock[0] else None, match["offset"] or ""
    )


def _moment(parts: _Parts, zone: tzinfo, ends: bool) -> datetime | str:
    """The moment of these parts; a code if there is none, or two."""
    try:
        local = datetime(*parts.date, *(parts.clock or (0, 0, 0)))
        if local.year == 9999:
            return NEVER if ends else "date-impossible"
        if parts.offset:
            fixed = local.replace(tzinfo=_offset(parts.offset))
            moment = fixed.astimezone(zone)
            return moment.astimezone(_whole(moment)) if _is_odd(moment) else moment
    except (ValueError, OverflowError):
        return "date-impossible"
    moment = local.replace(tzinfo=zone)
    first, second = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    if first is not None and second is not None and first != second:
        if parts.clock and first < second:
            return "date-skipped"
        if first < second:  # a day alone is its first moment
            moment += second - first
    return moment.replace(tzinfo=_whole(moment)) if _is_odd(moment) else moment


def _offset(text: str) -> timezone:
    """Raises `ValueError`."""
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if minutes > 59:
        raise ValueError
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def _is_odd(moment: datetime) -> bool:
    """Whether its offset has seconds, as before 1911 in Vietnam; formats have minutes."""
    offset = moment.utcoffset()
    return offset is not None and bool(offset % timedelta(minutes=1))


def _whole(moment: datetime) -> timezone:
    offset = moment.utcoffset() or timedelta(0)
    return timezone(offset // timedelta(minutes=1) * timedelta(minutes=1))


def both_moments(value: str, zone: tzinfo) -> tuple[str, str] | None:
    """A moment that a clock shows twice, with both offsets; the first is what is read."""
    parts = _parts(value)
    if parts is None or parts.offset or not parts.clock:
        return None
    local = datetime(*parts.date, *(parts.clock or (0, 0, 0)), tzinfo=zone)
    offsets = (_iso_offset(_whole(local.replace(fold=fold))) for fold in (0, 1))
    first, second = (_written(parts._replace(offset=offset)) for offset in offsets)
    return first, second


def _iso_offset(offset: timezone) -> str:
    name = offset.tzname(None).removeprefix("UTC")
    return name or "+00:00"


def _written(parts: _Parts) -> str:
    return written_moment(*parts)


def _readable(text: str, zone: tzinfo, ends: bool) -> str:
    """The nearest to `text` that is read; empty if there is nothing near."""
    parts = _parts(text)
    parts = _real(parts, ends) if parts else None
    if parts is None:
        return ""
    result = _moment(parts, zone, ends)
    if result == "date-skipped" and parts.clock:
        local = datetime(*parts.date, *parts.clock, tzinfo=zone)
        later = local.astimezone(UTC).astimezone(zone)
        clock = later.hour, later.minute, later.second
        return _written(_Parts((later.year, later.month, later.day), clock, ""))
    return _written(parts) if isinstance(result, datetime) else ""


def _real(parts: _Parts, ends: bool) -> _Parts:
    """With the nearest day and time there are: 13 is no month but may be a day."""
    year, month, day = parts.date
    if month > 12 >= day:
        month, day = day, month
    year, month = min(max(year, 1), 9999 if ends else 9998), min(max(month, 1), 12)
    day = min(max(day, 1), monthrange(year, month)[1])
    date, clock = datetime(year, month, day), parts.clock
    if clock and clock[0] == 24 and clock[1:] == (0, 0) and year < 9998:
        date, clock = date + timedelta(days=1), (0, 0, 0)
    if clock:
        clock = min(clock[0], 23), min(clock[1], 59), min(clock[2], 59)
    offset = parts.offset
    with suppress(ValueError):
        offset = _iso_offset(_offset(offset)) if offset.strip("Zz") else offset
        return _Parts((date.year, date.month, date.day), clock, offset)
    return _Parts((date.year, date.month, date.day), clock, "")

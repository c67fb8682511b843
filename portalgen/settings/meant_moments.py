"""What a text most likely means, if it is a moment in a form that is not read."""

import re
from collections.abc import Iterator

from portalgen.text import fold, moment_at

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_COUNTED = "mot hai ba tu nam sau bay tam chin muoi muoi_mot muoi_hai"
_NUMBERS = {word: number for number, word in enumerate(_COUNTED.split(), start=1)}
_NUMBERS |= {"gieng": 1, "bon": 4, "chap": 12}
_WORDS = "|".join(sorted((word.replace("_", r"\s+") for word in _NUMBERS), key=len, reverse=True))
_NAME = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_SEP = r"\s*[-/.,\s‐-―_]\s*"
_YEAR, _TWO = r"(?P<y>\d{4})(?!\d)", r"\d{1,2}(?!\d)"
_DATES = [
    re.compile(rf"(?<!\d){text}")
    for text in (
        rf"(?P<d>{_TWO}){_SEP}(?P<m>{_TWO}){_SEP}{_YEAR}",
        rf"{_YEAR}{_SEP}(?P<m>{_TWO}){_SEP}(?P<d>{_TWO})",
        rf"(?P<d>{_TWO})[\s,/-]*(?:thang|thg|th|t)[\s.-]*(?P<m>{_TWO}|{_WORDS})(?:[\s,/-]*nam)?"
        rf"[\s,/-]*{_YEAR}",
        rf"{_YEAR}\s*nam\s*(?P<m>{_TWO})\s*thang\s*(?P<d>{_TWO})",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s./-]*(?:of\s+)?(?P<m>{_NAME})[\s.,/-]*{_YEAR}",
        rf"(?P<m>{_NAME})[\s./-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s,./-]+{_YEAR}",
        rf"{_YEAR}[\s./-]*(?P<m>{_NAME})[\s./-]*(?P<d>{_TWO})",
        r"(?P<y>(?:1[89]|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?=\D|\d{4}(?!\d)|\d{6}|$)",
        r"(?P<d>[0-2]\d|3[01])(?P<m>0[1-9]|1[0-2])(?P<y>(?:1[89]|20)\d\d)(?!\d)",
        r"thang\s*(?P<m>\d{1,2})(?:[\s,/-]*nam)?[\s,/-]*(?P<y>\d{4})(?!\d)",
        rf"(?P<m>{_NAME})[\s,./-]*{_YEAR}",
        r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?![\d])",
        r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})(?!\d)",
        r"(?P<y>(?:1[89]|20)\d\d)(?=\s*$)",
    )
]
_LIKE_DIGITS = (  # letters typed in place of a digit
    (re.compile(r"(?<![a-z])l(?=[l\do]*\d)|(?<=\d)l(?![a-z])"), "1"),
    (re.compile(r"(?<![a-z])o(?=o?\d)|(?<=\d)o(?![a-z])"), "0"),
)
_SHORT_YEAR = re.compile(rf"(?<!\d)(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d\d)(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})\s*(?:h(?:ours?|rs?)?|g(?:io)?|[:.])\s*"
    r"(?:(?P<less>kem\s*)?(?P<minute>\d{1,2}|ruoi)\s*(?:'|phut|ph|p(?!m)|m(?![a-z]))?"
    r"(?:\s*[:.,]?\s*(?P<second>\d{1,2})(?!\d)(?:[.,]\d+)?\s*(?:giay|s\b|''|\")?)?)?"
    r"|(?<!\d)(?P<hours>\d\d)(?P<minutes>\d\d)(?P<seconds>\d\d)?(?!\d)(?:\.\d+)?"
    r"|(?<!\d)(?P<bare>\d{1,2})(?=\s*(?:[ap]\.?\s?m\b|sang|trua|chieu|toi|dem))"
)
_PART_OF_DAY = re.compile(r"\b(a\.?\s?m|p\.?\s?m|sang|trua|chieu|toi|dem|sa|ch)\b")
_OFFSET = re.compile(
    r"(?:(?<=\d)z|\b(?:gmt|utc|z))?\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\)?\s*$"
    r"|(?:(?<=\d)|\b)(z|gmt|utc)\b"
)


def written_moment(
    date: tuple[int, int, int], clock: tuple[int, int, int] | None, offset: str
) -> str:
    """A moment as the program wants it: `2026-11-20 09:30 +07:00`."""
    year, month, day = date
    text = f"{year:04}-{month:02}-{day:02}"
    if clock:
        hour, minute, second = clock
        text += f" {hour:02}:{minute:02}" + (f":{second:02}" if second else "")
        text += f" {offset}" if offset.strip("Zz") else offset.upper()
    return text


def meant_moments(value: str) -> Iterator[str]:
    """What a text most likely means, as the program wants it; two where nobody can tell."""
    text = " ".join(re.sub(r"\([^()\d]*\)", " ", fold(value)).split())
    for pattern, digit in _LIKE_DIGITS:
        text = pattern.sub(digit, text)
    if re.fullmatch(r"1\d{9}(\d{3})?", text):  # seconds or milliseconds since 1970
        yield f"{moment_at(int(text[:10])):%Y-%m-%d %H:%M:%S}Z"
        return
    dates: list[tuple[int, int, int]] = []
    for pattern in _DATES:
        match = pattern.search(text)
        if match:
            part = match.groupdict()
            dates = [(int(part["y"]), _month(part.get("m")), int(part.get("d") or 1))]
            break
    else:
        match = _SHORT_YEAR.search(text)
        if match:
            first, month, last = map(int, match.groups())
            turned = (2000 + first, month, last)
            dates = [(2000 + last, month, first)] + [turned] * (month <= 12 and 0 < last <= 31)
    if not match:
        return
    rest = f"{text[: match.start()]} {text[match.end() :]}".strip()
    rest = re.sub(r"\b(?:thu|t)\s*[2-8]\b|\bthu (?:hai|ba|tu|nam|sau|bay)\b", " ", rest)
    clock, rest = _clock(rest)
    offset = ""
    if clock:
        zone = _OFFSET.search(rest)
        if zone:
            rest = rest[: zone.start()] + rest[zone.end() :]
            offset = f"{zone[1]}{zone[2]:0>2}:{zone[3] or '00'}" if zone[1] else "Z"
    if re.search(r"\d", rest):
        return
    for date in dates:
        yield written_moment(date, clock, offset)


def _month(text: str | None) -> int:
    if not text or text.isdecimal():
        return int(text or 1)
    word = "_".join(text.split())
    return _NUMBERS.get(word) or _MONTHS.index(text[:3]) + 1


def _clock(text: str) -> tuple[tuple[int, int, int] | None, str]:
    """The time of day in a text, and the rest of it."""
    match = _TIME.search(text)
    if not match:
        return None, text
    rest = text[: match.start()] + " " + text[match.end() :]
    hour = int(match["hour"] or match["hours"] or match["bare"])
    minutes = match["minute"] or match["minutes"] or 0
    minute = 30 if minutes == "ruoi" else int(minutes)
    second = int(match["second"] or match["seconds"] or 0)
    if match["less"]:
        hour, minute = hour - 1, 60 - minute
    part = _PART_OF_DAY.search(rest)
    if part:
        rest = rest[: part.start()] + rest[part.end() :]
        name = re.sub(r"[.\s]", "", part[1])
        late = name in ("pm", "chieu", "toi", "ch") or (name == "trua" and hour < 4)
        if hour < 12 and (late or (name == "dem" and hour > 5)):
            hour += 12
        elif hour == 12 and name in ("am", "sang", "sa", "dem", "toi"):
            hour = 0
    return (max(hour, 0), minute, second), rest

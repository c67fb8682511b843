"""Vietnamese text: folding, slugs, sorting, dates and numbers."""

import re
import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zlib import crc32

# Letters in dictionary order. Tones (none, huyền, hỏi, ngã, sắc, nặng) break ties between words.
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: index for index, letter in enumerate(_ALPHABET, start=100)}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_SLUG = re.compile("[^a-z0-9]+")
# Letters and selectors that show nothing by themselves, besides what Unicode calls a format.
_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0000-\U000e0fff]"
)
_CACHE_SIZE = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800  # of the year 1
_WEEKDAYS = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy")


def nfc(text: str) -> str:
    """Normalize to NFC, as all input is."""
    return unicodedata.normalize("NFC", text)


def host_key(host: str) -> str:
    """A host as hosts are compared: lower case, `xn--…` beyond ASCII, without last dots."""
    host = host.lower()
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.encode("idna").decode("ascii")
    return host.rstrip(".")


def fold(text: str) -> str:
    """Lower case without diacritics: `Lào Cai` → `lao cai`, `Điện` → `dien`."""
    if text.isascii():
        return text.casefold()
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare).replace("đ", "d").replace("Đ", "d").casefold()


@lru_cache(_CACHE_SIZE)
def slugify(text: str) -> str:
    """`text` for use in a URL; empty if it has no letter or digit."""
    return _NOT_SLUG.sub("-", fold(text)).strip("-")


def slug_within(text: str, limit: int) -> str:
    """`slugify` with at most `limit` characters; a cut slug ends with a checksum to stay unique."""
    slug = slugify(text)
    if len(slug) <= limit:
        return slug
    return f"{slug[: limit - 9].rstrip('-')}-{crc32(slug.encode()):08x}"


@lru_cache(_CACHE_SIZE)
def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Sort key for Vietnamese dictionary order: letters first, then tones."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text).casefold():
        tone = 0
        base = char
        if not char.isascii() and char not in _RANK:
            decomposed = unicodedata.normalize("NFD", char)
            toneless = [c for c in decomposed if c not in _TONES]
            tone = next((_TONES[c] for c in decomposed if c in _TONES), 0)
            base = unicodedata.normalize("NFC", "".join(toneless))
        letters.append(_RANK.get(base, ord(base[0]) if base and base[0] < "a" else 1000))
        tones.append(tone)
    return tuple(letters), tuple(tones), text


def person_sort_key(name: str) -> tuple[object, object]:
    """Sort key for people: given name (the last word), then the whole name."""
    words = name.split() or [""]
    return sort_key(words[-1]), sort_key(name)


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` characters; what is left out at its end is a `…`."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def is_invisible(text: str) -> bool:
    """Whether nothing of a text can be seen: blanks, marks of direction, fillers."""
    return all(
        _FILLERS.match(char) or unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp")
        for char in text
    )


def format_moment(moment: datetime) -> str:
    """`16:46, 10/01/2020`."""
    return f"{moment:%H:%M}, {moment:%d/%m}/{moment.year:04}"


def format_long_date(moment: datetime) -> str:
    """`Thứ Sáu, ngày 10/01/2020, 16:46`."""
    day = moment.weekday()
    name = "Chủ Nhật" if day == 6 else f"Thứ {_WEEKDAYS[day]}"
    return f"{name}, ngày {moment:%d/%m}/{moment.year:04}, {moment:%H:%M}"


def format_number(number: int | float) -> str:
    """`7.273` and `1.234,5`."""
    return f"{number:,}".replace(",", "\0").replace(".", ",").replace("\0", ".")


def nearest(word: str, choices: "list[str] | tuple[str, ...]", cutoff: float = 0.6) -> str:
    """The choice most similar to `word`; empty if none is similar."""
    from difflib import get_close_matches

    matches = get_close_matches(word, choices, n=1, cutoff=cutoff)
    return matches[0] if matches else ""


@lru_cache(_CACHE_SIZE)
def spelling_key(text: str) -> str:
    """A key that ignores case and the placement of tones: `hòa`, `hoà`."""
    words = unicodedata.normalize("NFD", text.casefold()).split()
    keys = []
    for word in words:
        tones = "".join(c for c in word if c in _TONES)
        keys.append("".join(c for c in word if c not in _TONES) + tones)
    return " ".join(keys)


def moment_at(seconds: int, zone: tzinfo = UTC) -> datetime:
    """The moment `seconds` after 1970, or before, which `fromtimestamp` refuses on Windows.

    A day of the year 1 that begins in the year before in UTC is its first moment.
    """
    return (_EPOCH + timedelta(seconds=max(seconds, _FIRST))).astimezone(zone)


def local_time(moment: int, language: str, zone: tzinfo) -> str:
    """A moment in seconds since 1970 for people, in a zone; `-` for 0."""
    if not moment:
        return "-"
    when = moment_at(moment, zone)
    return format_moment(when) if language == "vi" else f"{when:%Y-%m-%d %H:%M}"

"""Text that lost its letters: an encoding of before Unicode, or UTF-8 read as something else."""

import re
from collections.abc import Iterator
from unicodedata import normalize

from portalgen.content.legacy_vietnamese import convert
from portalgen.problems import Problem, problem

FONTS = {"TCVN3": ".Vn", "VNI": "VNI"}  # names of fonts by which text is converted
_ENOUGH = 3  # words of a line
_WORD = re.compile(r"[^\s.,;:!?\"'()/“”\[\]<>*_|#-]+")
_UNICODE = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1eff]")
# A letter of TCVN3 shows as a sign within a word, or as a capital between small letters.
_TCVN3 = re.compile(
    r"(?:[A-Za-z][µ¶·¸¹¨©ª«¬­®»¼½¾×÷]|[®§][a-zµ-ÿ]|[µ¶·¸¹©ª«¬­®»¼½¾][a-z]|[a-zµ-¾][ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞß])"
)
# A letter of VNI shows as a vowel and the mark behind it, in pairs that no Vietnamese word has.
_VNI = re.compile(
    r"[aeoyAEOY][ùøûõïÙØÛÕÏ]|[aA][âáàåãäêéèúüëÂÁÀÅÃÄÊÉÈÚÜË]|[eE][âáàåãäÂÁÀÅÃÄ]|[uU][ùøûõïÙØÛÕÏ]|[oO][åäÅÄ]"
    r"|[ñÑ]|[öÖ][ùøûõïôÙØÛÕÏÔ]|[ôÔ][ùøûõïÙØÛÕÏ]"
)
_LATIN = re.compile("[\xa1-\xff]")  # in both encodings
_SYLLABLE = re.compile(
    r"(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(?:ch|ng|nh|[cmnpt])?",
    re.IGNORECASE,
)
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_CONTINUES = "".join(
    sorted({chr(code) for code in range(0x80, 0xC0)}
    | {bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xC0)} - {""})
)  # fmt: skip
_MOJIBAKE = re.compile(rf"[ÂÃÄÅÆ][{re.escape(_CONTINUES)}]|[áâ][{re.escape(_CONTINUES)}]{{2}}")
_STARTS = ("Â", "Ã", "Ä", "Å", "Æ", "á»", "áº", "â€", "â\x80")  # of what is misread
_MISREAD = re.compile(rf"[Â-ô][{re.escape(_CONTINUES)}]{{1,3}}")
_QUESTION = re.compile(r"[^\W\d_]\?[^\W\d_]")
_NOT_BLANK = re.compile(r"\S+")
_ADDRESS = re.compile(r"//|www\.|@|\]\(")


def of_letters(path: str, text: str) -> Iterator[Problem]:
    """Warn of the first line of a file, with its front matter, of each kind of lost letters."""
    if text.isascii() and "?" not in text:
        return
    may_be_misread = any(start[-1] in text and start in text for start in _STARTS)
    may_be_lost = text.count("?") >= _ENOUGH
    looks_at_all = may_be_misread or "\ufffd" in text
    if not may_be_lost and not looks_at_all and not _LATIN.search(text):
        return
    told: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if not (may_be_lost and line.count("?") >= _ENOUGH) and (
            line.isascii()
            or not (looks_at_all or (_LATIN.search(line) and not _UNICODE.search(line)))
        ):
            continue
        item = _of_line(line, may_be_misread=may_be_misread)
        if item and item[0] not in told:
            code, at, values = item
            told.add(code)
            yield problem(code, path, number, at + 1, **values)


def _of_line(line: str, *, may_be_misread: bool) -> tuple[str, int, dict[str, str]] | None:
    broken = line.find("\ufffd")
    if broken >= 0:
        return "letters-lost", broken, {"text": _word_at(line, broken)}
    if may_be_misread and (match := _mojibake(line)) is not None:
        return match
    if encoding := old_encoding(line):
        font = FONTS[encoding]
        word = next(
            match for match in _WORD.finditer(line)
            if (_TCVN3 if encoding == "TCVN3" else _VNI).search(match[0])
        )  # fmt: skip
        values = {"encoding": encoding, "text": word[0][:40], "right": convert(word[0], font)[:40]}
        return "old-encoding", word.start(), values
    if line.count("?") >= _ENOUGH:
        words = (word for word in _NOT_BLANK.finditer(line) if not _ADDRESS.search(word[0]))
        marks = [mark for word in words for mark in _QUESTION.finditer(line, *word.span())]
        if len(marks) >= _ENOUGH:
            at = marks[0].start()
            return "letters-lost", at, {"text": _word_at(line, at)}
    return None


def _word_at(line: str, at: int) -> str:
    start = max(line.rfind(" ", 0, at), line.rfind("\t", 0, at)) + 1
    return line[start:].split(maxsplit=1)[0][:40] if line[start:].strip() else ""


def _mojibake(line: str) -> tuple[str, int, dict[str, str]] | None:
    """UTF-8 that was read as Windows-1252; quotes behind a capital are none."""
    matches = [match for match in _MOJIBAKE.finditer(line) if _decoded(match[0])]
    certain = [match for match in matches if len(match[0]) == 3 or match[0][1] not in "”“’‘»…–—"]
    if len(matches) < 2 or not certain:
        return None
    at = certain[0].start()
    word = _word_at(line, at)
    return "letters-misread", at, {"text": word, "right": _decoded(word) or _decoded(certain[0][0])}


def _decoded(text: str) -> str:
    """What the text was before it was read as Windows-1252; empty if it was not."""
    data = bytearray()
    for character in text:
        try:
            data += character.encode("latin-1" if ord(character) < 0x100 else "cp1252")
        except UnicodeEncodeError:
            return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def mended_line(line: str) -> str:
    """The line in Unicode if it is surely in an older encoding, or UTF-8 that was misread."""
    if line.isascii() or "\ufffd" in line:
        return line
    if _mojibake(line):
        return _MISREAD.sub(lambda match: _decoded(match[0]) or match[0], line)
    encoding = old_encoding(line)
    return convert(line, FONTS[encoding]) if encoding else line


def old_encoding(line: str) -> str:
    """`TCVN3` or `VNI` if a line is written so; each word must be Vietnamese after conversion."""
    if _UNICODE.search(line):
        return ""
    for encoding, sign in (("TCVN3", _TCVN3), ("VNI", _VNI)):
        if not sign.search(line):
            continue
        font = FONTS[encoding]
        words = [word for word in _WORD.findall(line) if sign.search(word)]
        right = [word for word in words if _is_vietnamese(convert(word, font))]
        if len(set(right)) >= _ENOUGH and len(right) * 4 >= len(words) * 3:
            return encoding
    return ""


def _is_vietnamese(word: str) -> bool:
    if word.isascii():
        return False
    bare = normalize("NFC", _TONE.sub("", normalize("NFD", word)))
    return _SYLLABLE.fullmatch(bare) is not None

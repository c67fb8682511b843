"""Attachments that programs for their suffix do not open."""

import os

from portalgen.problems import Problem, problem

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0"
_STARTS = {
    **dict.fromkeys((".docx", ".xlsx", ".pptx"), (*_ZIP, _OLE)),  # with a password: as of old
    **dict.fromkeys((".odt", ".ods", ".zip"), _ZIP),
    **dict.fromkeys((".xls", ".ppt"), (_OLE,)),
    ".doc": (_OLE, b"{\\rtf"),
}
_NAMES = (
    (b"%PDF-", "PDF"), (b"PK\x03\x04", "ZIP, DOCX, XLSX"), (_OLE, "DOC, XLS"), (b"{\\rtf", "RTF"),
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"),
)  # fmt: skip
_HEAD = 1024  # bytes within which a PDF begins, for all readers


def of_attachment(file: str, path: str, place: tuple[int, int], name: str) -> list[Problem]:
    """Warn of an attachment that is empty, or surely another kind of file than its suffix says."""
    line, column = place
    try:
        with open(file, "rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return []  # told elsewhere
    if not head:
        return [problem("attachment-empty", path, line, column, name=name[:120])]
    suffix = os.path.splitext(file)[1].lower()
    starts = _STARTS.get(suffix)
    fits = b"%PDF-" in head if suffix == ".pdf" else not starts or head.startswith(starts)
    if fits:
        return []
    kind = _kind(head)
    if not kind:
        return []
    values = {"name": name[:120], "kind": kind, "suffix": suffix}
    return [problem("attachment-unlike", path, line, column, **values)]


def _kind(head: bytes) -> str:
    """What a file is by its first bytes; empty if that is unknown."""
    if b"%PDF-" in head:
        return "PDF"
    for start, name in _NAMES:
        if head.startswith(start):
            return name
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "HTML" if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) else ""

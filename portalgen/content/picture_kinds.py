"""What a file that is no picture for the web is, by its content, else by its suffix."""

import re
from pathlib import PurePosixPath

from portalgen.problems import Problem, problem

_HEAD = 2048  # bytes that are looked at
_PAINT = {"tiff": "TIFF", "tif": "TIFF", "bmp": "BMP", "dib": "BMP", "ico": "ICO"}
_EDITOR = {
    "psd": "Photoshop (PSD)", "avif": "AVIF", "jxl": "JPEG XL", "jp2": "JPEG 2000",
    "j2k": "JPEG 2000", "eps": "EPS", "ai": "Illustrator (AI)", "cdr": "CorelDRAW (CDR)",
    "wmf": "WMF", "emf": "EMF", "xcf": "GIMP (XCF)", "raw": "RAW", "dng": "RAW", "nef": "RAW",
    "cr2": "RAW", "cr3": "RAW", "arw": "RAW",
}  # fmt: skip
_DOCUMENTS = {
    "pdf": "PDF", "doc": "Word", "docx": "Word", "xls": "Excel", "xlsx": "Excel",
    "ppt": "PowerPoint", "pptx": "PowerPoint", "odt": "OpenDocument", "ods": "OpenDocument",
    "zip": "ZIP",
}  # fmt: skip
_FILMS = {
    "mp4": "MP4", "m4v": "MP4", "mov": "QuickTime (MOV)", "3gp": "3GP", "avi": "AVI",
    "webm": "WebM", "mkv": "Matroska (MKV)", "wmv": "WMV", "mpg": "MPEG",
}  # fmt: skip
_HEIF = ("heic", "heif")
_MAGIC = (
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"II+\0", "tiff"), (b"MM\0+", "tiff"),
    (b"8BPS", "psd"), (b"\xff\x0a", "jxl"), (b"\0\0\0\x0cJXL ", "jxl"),
    (b"\0\0\0\x0cjP  ", "jp2"), (b"\xff\x4f\xff\x51", "jp2"), (b"\0\0\1\0", "ico"),
    (b"%!PS", "eps"), (b"\xc5\xd0\xd3\xc6", "eps"), (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"gimp xcf", "xcf"), (b"\x1a\x45\xdf\xa3", "webm"), (b"\x30\x26\xb2\x75", "wmv"),
    (b"\0\0\1\xba", "mpg"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"), (b"PK\3\4", "zip"),
)  # fmt: skip
_SAME_MAGIC = {  # a suffix says more than the content that it shares
    "tiff": ("dng", "nef", "cr2", "arw"), "webm": ("mkv",),
    "doc": ("xls", "ppt"), "zip": ("docx", "xlsx", "pptx", "odt", "ods"), "pdf": ("ai",),
}  # fmt: skip
_BRANDS = {
    b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"hevc": "heic",
    b"hevx": "heic", b"heim": "heic", b"heis": "heic", b"mif1": "heic", b"msf1": "heic",
    b"crx ": "cr3", b"qt  ": "mov",
}  # fmt: skip
_BEFORE_TAG = rb"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+svg(?:[^>\[]|\[[^\]]*\])*>)*"
_SVG = re.compile(_BEFORE_TAG + rb"<(?:\w+:)?svg[\s>/]", re.DOTALL | re.IGNORECASE)
_HTML = re.compile(rb"(?:\s|<!--.*?-->)*<(?:!DOCTYPE\s+html|html|head|body)\b", re.S | re.I)


def foreign_kind(data: bytes, name: str, place: tuple[str, int, int]) -> Problem | None:
    """The problem of a file that is of another kind than a picture for the web, if it is known."""
    suffix = PurePosixPath(name).suffix[1:].lower()
    kind = _by_content(data[:_HEAD])
    if suffix in _SAME_MAGIC.get(kind, ()):
        kind = suffix
    kind = kind or (suffix if suffix != "ai" else "eps")
    stem = name[: -len(suffix) - 1] if suffix else name
    if kind in _HEIF:
        return problem("image-heic", *place, name=name)
    if kind in ("svg", "svgz"):
        return problem("image-svg", *place, name=name)
    if kind in ("html", "htm"):
        return problem("image-web-page", *place, name=name)
    if kind in _DOCUMENTS:
        return problem("image-document", *place, name=name, format=_DOCUMENTS[kind],
                       wanted=f"{stem}.{kind}")  # fmt: skip
    if kind in _FILMS:
        return problem("image-film", *place, name=name, format=_FILMS[kind])
    if kind in _PAINT:
        return problem("image-format", *place, name=name, format=_PAINT[kind])
    if kind in _EDITOR:
        return problem("image-format-rare", *place, name=name, format=_EDITOR[kind])
    return None


def _by_content(head: bytes) -> str:
    """The usual suffix of a file that begins with `head`; empty if nobody can tell."""
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        brands = [head[at : at + 4] for at in (8, *range(16, min(size, len(head)), 4))]
        if brands[0] in (b"mif1", b"msf1"):  # any picture: the compatible brands tell which
            brands = [*brands[1:], brands[0]]
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "mp4")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "bmp"
    if head[:4] == b"\1\0\0\0" and head[40:44] == b" EMF":
        return "emf"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _SVG.match(text):
        return "svg"
    if _HTML.match(text):
        return "html"
    return "pdf" if b"%PDF-" in head[:1024] else ""

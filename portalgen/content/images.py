"""Pictures for the web: up to three widths as WebP and JPEG, without private metadata."""

import errno
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import MsgspecError, Struct, json
from msgspec.structs import replace

from portalgen import modes, sources
from portalgen.content import pixels
from portalgen.content.model import Picture
from portalgen.content.picture_kinds import foreign_kind
from portalgen.digests import digest_bytes
from portalgen.limits import restart_clock
from portalgen.problems import Problem, problem
from portalgen.text import slug_within

WIDTHS = (480, 960, 1440)
MAX_BYTES = 40_000_000
ATTACHMENTS = frozenset(
    [
        ".pdf",
        ".doc",
        ".docx",
        ".xls",
        ".xlsx",
        ".ppt",
        ".pptx",
        ".odt",
        ".ods",
        ".csv",
        ".txt",
        ".zip",
    ]
)
_NO_FILE = (errno.ENODEV, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)
_RECIPE = b"webp80-jpeg82-v1"
_NEW_RECIPE = b"webp80-jpeg82-v2"  # where the first one did not give what browsers show
_LONGEST_STEM = 220  # leaves room for a digest, a suffix and a temporary name


def prepare(
    file: Path, media: Path, *, path: str, line: int, column: int, name: str
) -> tuple[Picture | None, Problem | None]:
    """Make the web files of a picture in `media`, or reuse them; alt text stays empty.

    `name` is the file as it was typed. Returns the picture, if it can be shown, and what is wrong
    with it, if anything is.
    """
    place = (path, line, column)
    try:
        data = sources.read_bytes(file, MAX_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            too_large = problem("image-too-large", *place, name=name)
            return None, foreign_kind(b"", name, place) or too_large
        if reason := _reason(error):
            return None, problem("beside-unreadable", *place, name=name, reason=reason)
        return None, problem("image-missing", *place, name=name)
    stem = digest_bytes(_RECIPE + data)[:16]
    entry = _recorded(media, stem) or _make(data, stem, media)
    if isinstance(entry, str):
        kind = foreign_kind(data, name, place) if entry == "image-broken" and data else None
        megapixels = pixels.MAX_PIXELS // 1_000_000
        return None, kind or problem(entry, *place, name=name, megapixels=megapixels)
    if entry.is_animated:
        name = _keep(data, file.stem, pixels.suffix_of(data), media)
        entry = replace(entry, picture=replace(entry.picture, original=name))
    cut = problem("image-cut", *place, name=name) if entry.is_cut else None
    return entry.picture, cut


class _Entry(Struct, frozen=True):
    """What was made of a picture's bytes."""

    picture: Picture
    is_cut: bool
    is_animated: bool


def _recorded(media: Path, stem: str) -> _Entry | None:
    """What was made of these bytes before, if all its files are there."""
    try:
        entry = json.decode((media / f"{stem}.json").read_bytes(), type=_Entry)
        if all((media / name).is_file() for name in entry.picture.files()):
            return entry
    except (OSError, MsgspecError):
        pass
    return None


def _reason(error: Exception) -> str:
    """Why a file that is there cannot be read; empty if none is there."""
    not_there = (FileNotFoundError, NotADirectoryError, ValueError)
    if isinstance(error, not_there) or getattr(error, "errno", 0) in _NO_FILE:
        return ""
    return getattr(error, "strerror", "") or type(error).__name__


def _make(data: bytes, stem: str, media: Path) -> _Entry | str:
    """Make the files of a picture; if it cannot be decoded, returns the code of the problem.

    The record is named after the bytes and the first recipe. So are the files, where that recipe
    gave the same.
    """
    from PIL import Image

    restart_clock()  # an album may take long
    try:
        image, is_cut, is_animated, is_as_ever = pixels.decode(data)
    except pixels.TooManyPixelsError:
        return "image-too-many-pixels"
    except pixels.UnreadableError:
        return "image-broken"
    widths = tuple(w for w in WIDTHS if w < image.width)
    if image.width <= WIDTHS[-1]:
        widths = (*widths, image.width)
    record = media / f"{stem}.json"
    if not is_as_ever:
        stem = digest_bytes(_NEW_RECIPE + data)[:16]
    picture = Picture(
        stem, widths[-1], max(1, round(image.height * widths[-1] / image.width)), widths
    )
    media.mkdir(parents=True, exist_ok=True)
    for width in widths:
        height = max(1, round(image.height * width / image.width))
        sized = (
            image
            if width == image.width
            else image.resize((width, height), Image.Resampling.LANCZOS)
        )
        _save(sized, media / f"{stem}-{width}.webp", format="WEBP", quality=80, method=4)
        _save(
            sized,
            media / f"{stem}-{width}.jpg",
            format="JPEG",
            quality=82,
            optimize=True,
            progressive=True,
        )
    entry = _Entry(picture, is_cut, is_animated)
    write_whole(record, json.encode(entry))
    restart_clock()
    return entry


def _save(image: Any, file: Path, **options: Any) -> None:
    import io

    buffer = io.BytesIO()
    image.save(buffer, **options)
    write_whole(file, buffer.getvalue())


def write_whole(file: Path, data: bytes) -> None:
    """Write a temporary file, then replace: no reader sees half of it.

    An `OSError` names the file.
    """
    temporary = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        modes.patiently(os.replace, temporary, file)
    except OSError as error:  # of a handle, it names nothing
        with suppress(OSError):
            temporary.unlink()
        raise OSError(error.errno, error.strerror, str(file)) from error


def attach(
    file: Path, media: Path, *, path: str, line: int, column: int, target: str
) -> str | Problem:
    """Copy an attachment into `media`, named after its content; return the name.

    `target` is the link to it.
    """
    try:
        data = sources.read_bytes(file, sources.MAX_FILE_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            megabytes = sources.MAX_FILE_BYTES // 1_000_000
            return problem("attachment-too-large", path, line, column, name=file.name,
                           megabytes=megabytes)  # fmt: skip
        if reason := _reason(error):
            return problem("beside-unreadable", path, line, column, name=file.name, reason=reason)
        return problem("link-nowhere", path, line, column, target=target)
    return _keep(data, file.stem, file.suffix.lower(), media)


def _keep(data: bytes, title: str, suffix: str, media: Path) -> str:
    """Copy the bytes of a file into `media`, named after them; return the name."""
    stem = slug_within(title, _LONGEST_STEM) or "tep"
    name = f"{digest_bytes(data)[:16]}-{stem}{suffix}"
    media.mkdir(parents=True, exist_ok=True)
    if not (media / name).is_file():
        write_whole(media / name, data)
    return name


@lru_cache(maxsize=4096)
def picture_html(picture: Picture, root: str, sizes: str = "(min-width: 48em) 45rem, 100vw") -> str:
    """`<picture>` with WebP and JPEG; `root` is the site's root path."""
    from markupsafe import escape

    def srcset(kind: str) -> str:
        return ", ".join(f"{root}media/{picture.stem}-{w}.{kind} {w}w" for w in picture.widths)

    return (
        f'<picture><source type="image/webp" srcset="{srcset("webp")}" sizes="{sizes}">'
        f'<img src="{root}media/{picture.stem}-{picture.widths[-1]}.jpg" srcset="{srcset("jpg")}" '
        f'sizes="{sizes}" width="{picture.width}" height="{picture.height}" '
        f'alt="{escape(picture.alt)}" loading="lazy" decoding="async"></picture>'
    )

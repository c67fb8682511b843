"""Pictures for the web: up to three widths as WebP and JPEG, without private metadata."""

import errno
import json
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from portalgen import modes, sources
from portalgen.content.model import Picture
from portalgen.digests import digest_bytes
from portalgen.limits import restart_clock
from portalgen.problems import Problem, problem
from portalgen.text import slug_within

WIDTHS = (480, 960, 1440)
MAX_PIXELS = 60_000_000
MAX_BYTES = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
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
_LONGEST_STEM = 220  # leaves room for a digest, a suffix and a temporary name


def prepare(file: Path, media: Path, *, path: str, line: int, column: int) -> Picture | Problem:
    """Make the web files of a picture in `media`, or reuse them; alt text stays empty."""
    try:
        data = sources.read_bytes(file, MAX_BYTES)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return problem("image-too-large", path, line, column, name=file.name)
        if reason := _reason(error):
            return problem("beside-unreadable", path, line, column, name=file.name, reason=reason)
        return problem("image-missing", path, line, column, name=file.name)
    stem = digest_bytes(_RECIPE + data)[:16]
    record = media / f"{stem}.json"
    try:
        width, height, widths = json.loads(record.read_text("utf-8"))
        picture = Picture(stem, width, height, tuple(widths))
        if all((media / name).is_file() for name in picture.files()):
            return picture
    except (OSError, ValueError, TypeError):
        pass
    return _make(data, stem, media, problem("image-broken", path, line, column, name=file.name))


def _reason(error: Exception) -> str:
    """Why a file that is there cannot be read; empty if none is there."""
    not_there = (FileNotFoundError, NotADirectoryError, ValueError)
    if isinstance(error, not_there) or getattr(error, "errno", 0) in _NO_FILE:
        return ""
    return getattr(error, "strerror", "") or type(error).__name__


def _make(data: bytes, stem: str, media: Path, broken: Problem) -> Picture | Problem:
    import io
    import warnings

    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                upright = ImageOps.exif_transpose(opened)
                image = _flatten(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        values = dict(broken.values)
        return problem(
            "image-too-many-pixels",
            broken.path,
            broken.line,
            broken.column,
            name=values["name"],
            megapixels=MAX_PIXELS // 1_000_000,
        )
    except Exception:  # a decoder may raise anything on a hostile file
        return broken
    widths = tuple(w for w in WIDTHS if w < image.width)
    if image.width <= WIDTHS[-1]:
        widths = (*widths, image.width)
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
    record = json.dumps([picture.width, picture.height, picture.widths])
    write_whole(media / f"{stem}.json", record.encode())
    restart_clock()  # an album may take long
    return picture


def _flatten(image: Any) -> Any:
    """The image as RGB on white, without palette, transparency or metadata."""
    from PIL import Image

    rgba = image.convert("RGBA")
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    return flat


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
    stem = slug_within(file.stem, _LONGEST_STEM) or "tep"
    name = f"{digest_bytes(data)[:16]}-{stem}{file.suffix.lower()}"
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

"""The parts of a PNG or JPEG that its pixels need; damaged metadata is left out, as browsers do."""

import re
import zlib
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_TRNS_BYTES = {0: 2, 2: 6}  # by colour type; of a palette: up to one a colour
_MAX_CHUNKS, _MAX_SEGMENTS = 100_000, 2_000  # of a PNG; of a JPEG before its pixels
_MAX_PROFILE = 1_000_000  # bytes
_ANIMATION = (b"acTL", b"fcTL")
# JFIF, EXIF, colour profile, Adobe's way of colours, and the bytes that each has at least.
_JPEG_KEPT = {0xE0: 14, 0xE1: 6, 0xE2: 14, 0xEE: 12}
_JPEG_ANY = re.compile(rb"\xff[\x01-\xfe]")
_JPEG_MARKER = re.compile(rb"\xff(?=[\xc0-\xcf\xda-\xfe])")
_JPEG_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9


def needed_parts(data: bytes) -> bytes:
    """The picture without what is not needed for its pixels, or is damaged.

    Raises `ValueError` if it has more parts than anyone writes: reading them could take minutes.
    """
    if data.startswith(_PNG):
        return _PNG + b"".join(_png_parts(data))
    if data.startswith(b"\xff\xd8"):
        return b"\xff\xd8" + b"".join(_jpeg_parts(data))
    return data


def closed(data: bytes) -> bytes:
    """The bytes of a picture that is cut off, with an end at which decoders do not wait for more.

    Of a WebP at least half must be there.
    """
    if data.startswith(b"\xff\xd8"):
        last = max((match.start() for match in _JPEG_MARKER.finditer(data)), default=0)
        if last and last + 2 + int.from_bytes(data[last + 2 : last + 4], "big") > len(data):
            data = data[:last]
        return data.rstrip(b"\xff") + b"\xff\xd9"
    if data.startswith(b"RIFF"):
        size = 8 + int.from_bytes(data[4:8], "little")
        return data.ljust(size, b"\0") if size <= 2 * len(data) else data
    return data


def has_apng_frames(data: bytes) -> bool:
    """Whether a PNG says that it has several frames, before its pixels."""
    for kind, chunk in _png_chunks(data):
        if kind == b"acTL" and len(chunk) == 20:
            return int.from_bytes(chunk[8:12], "big") > 1
        if kind == b"IDAT":
            return False
    return False


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and bytes of each chunk, the last perhaps cut off."""
    at = len(_PNG)
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        yield kind, data[at:end]
        if kind == b"IEND":
            return
        at = end
    raise ValueError("too many chunks")


def _png_parts(data: bytes) -> Iterator[bytes]:
    colour_type = data[25] if len(data) > 25 else 0
    colours = 0
    seen: set[bytes] = set()
    for kind, chunk in _png_chunks(data):
        if kind == b"PLTE":
            if colour_type != 3:
                continue  # only a suggestion
            colours = (len(chunk) - 12) // 3
        elif kind in (b"tRNS", b"iCCP", b"eXIf"):
            is_late = kind != b"eXIf" and b"IDAT" in seen
            if kind in seen or is_late or not _is_sound(kind, chunk, colour_type, colours):
                continue
        elif kind[:1].islower() or kind in _ANIMATION:
            continue
        seen.add(kind)
        yield chunk


def _is_sound(kind: bytes, chunk: bytes, colour_type: int, colours: int) -> bool:
    """Whether a chunk beside the pixels is whole and of the right length."""
    content, size = chunk[8:-4], int.from_bytes(chunk[:4], "big")
    if len(content) != size or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
        return False
    if kind == b"iCCP":
        return _is_packed(content.partition(b"\0")[2])
    if kind == b"eXIf":
        return True
    if colour_type == 3:
        return 0 < size <= colours
    return size == _TRNS_BYTES.get(colour_type)


def _is_packed(content: bytes) -> bool:
    """Whether a method, which can only be 0, and compressed data follow."""
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(content[1:], _MAX_PROFILE)
    except zlib.error:
        return False
    return content[:1] == b"\0" and unpacker.eof


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    at = 2
    for _ in range(_MAX_SEGMENTS):
        match = _JPEG_ANY.search(data, at)  # bytes between segments are passed over
        if not match:
            return
        at = match.start()
        marker = data[at + 1]
        if marker in (_JPEG_SCAN, _JPEG_END):
            yield data[at:]
            return
        if marker in _JPEG_ALONE:
            at += 2
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not 0xE0 <= marker <= 0xEF or end - at - 4 >= _JPEG_KEPT.get(marker, end):
            yield data[at:end]
        at = end
    raise ValueError("too many segments")

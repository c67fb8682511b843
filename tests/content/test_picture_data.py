"""What is damaged beside the pixels of a picture is left out, and nothing else."""

import io
import struct
import zlib

import pytest
from PIL import Image

from portalgen.content.picture_data import closed, has_apng_frames, needed_parts
from tests.helpers import picture


def chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def with_chunk(extra: bytes, mode: str = "RGB") -> bytes:
    """A PNG with this chunk behind its header."""
    whole = picture(3, 2, "PNG", "red" if mode == "RGB" else 1, mode)
    return whole[:33] + extra + whole[33:]


@pytest.mark.parametrize(
    "kind",
    [b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tRNS", b"gAMA", b"cHRM", b"pHYs", b"bKGD",
     b"tIME", b"acTL", b"abCd"],
)  # fmt: skip
@pytest.mark.parametrize("checksum", [5, None], ids=["wrong sum", "wrong content"])
def test_a_damaged_chunk_is_left_out(kind: bytes, checksum: int | None) -> None:
    data = with_chunk(chunk(kind, b"z", checksum))
    kept = needed_parts(data)
    if kind in (b"eXIf", b"acTL") and checksum is None:  # read with care, as it may turn or move
        assert len(kept) <= len(data)
    else:
        assert kind not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_what_is_whole_stays() -> None:
    assert needed_parts(data := picture(9, 9, "PNG")) == data
    assert needed_parts(data := picture(9, 9, "JPEG")) == data
    assert needed_parts(data := picture(9, 9, "WEBP")) == data
    transparent = with_chunk(chunk(b"tRNS", struct.pack(">3H", 255, 0, 0)))
    assert needed_parts(transparent) == transparent


@pytest.mark.parametrize("size", [0, 1, 5, 7, 12])
def test_a_transparent_colour_of_the_wrong_length_is_none(size: int) -> None:
    assert b"tRNS" not in needed_parts(with_chunk(chunk(b"tRNS", bytes(size))))


def test_a_profile_that_unpacks_without_end_is_none() -> None:
    bomb = b"x\0\0" + zlib.compress(bytes(5_000_000))
    assert b"iCCP" not in needed_parts(with_chunk(chunk(b"iCCP", bomb)))


@pytest.mark.parametrize(
    "segment",
    [b"\xff\xe0\0\x07JFIF\0", b"\xff\xe2\0\x0eICC_PROFILE\0", b"\xff\xee\0\x07Adobe",
     b"\xff\xed\0\x04ab", b"junk between"],
)  # fmt: skip
def test_a_damaged_segment_is_left_out(segment: bytes) -> None:
    whole = picture(9, 9, "JPEG")
    kept = needed_parts(whole[:20] + segment + whole[20:])
    assert kept == whole


def test_an_animation_says_so_before_its_pixels() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    assert has_apng_frames(out.getvalue())
    assert not has_apng_frames(picture(9, 9, "PNG"))


@pytest.mark.parametrize("data", [
    b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"") * 150_000, b"\xff\xd8" + b"\xff\xe5\0\2" * 9_000,
])  # fmt: skip
def test_what_has_no_end_of_parts_is_not_read(data: bytes) -> None:
    with pytest.raises(ValueError):
        needed_parts(data)


def test_what_is_cut_off_is_closed() -> None:
    whole = picture(99, 99, "JPEG")
    assert closed(whole[:-2]) == whole
    webp = picture(99, 99, "WEBP")
    assert len(closed(webp[:-9])) == len(webp)
    assert closed(webp[:20]) == webp[:20]

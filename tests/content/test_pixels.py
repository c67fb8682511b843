"""Pictures are decoded as browsers show them."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageOps

from portalgen.content.pixels import TooManyPixelsError, UnreadableError, decode, suffix_of
from tests.content.test_picture_data import chunk
from tests.helpers import picture

Row = list[tuple[int, ...]]


def png(depth: int, colour_type: int, width: int, row: bytes, *extra: bytes) -> bytes:
    """A PNG of one row."""
    head = struct.pack(">IIBBBBB", width, 1, depth, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(extra)
        + chunk(b"IDAT", zlib.compress(b"\0" + row)) + chunk(b"IEND", b"")
    )  # fmt: skip


def levels(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def row_of(data: bytes) -> Row:
    image = decode(data).image
    assert image.mode == "RGB"
    pixels = [image.getpixel((x, 0)) for x in range(image.width)]
    return [pixel for pixel in pixels if isinstance(pixel, tuple)]


def greys(*values: int) -> Row:
    return [(value, value, value) for value in values]


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def colourful(mode: str = "RGB") -> Image.Image:
    """A picture of 12 × 20 squares that have random colours."""
    small = Image.frombytes("RGB", (12, 20), random.Random(1).randbytes(12 * 20 * 3))
    return small.resize((192, 320), Image.Resampling.NEAREST).convert(mode)


PALETTE = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255]))


@pytest.mark.parametrize(
    ("data", "row"),
    [
        (png(16, 0, 4, levels(0, 0x4000, 0x8000, 0xFFFF)), greys(0, 64, 128, 255)),
        (png(16, 0, 2, levels(7, 8), chunk(b"tRNS", levels(8))), greys(0, 255)),
        (png(16, 4, 2, levels(0x8000, 0xFFFF, 0, 0)), greys(128, 255)),
        (png(16, 2, 1, levels(0xFFFF, 0, 0x8000)), [(255, 0, 128)]),
        (png(16, 6, 2, levels(0xFFFF, 0, 0, 0xFFFF, 0, 0, 0, 0)), [(255, 0, 0), (255, 255, 255)]),
        (png(1, 0, 4, b"\x50"), greys(0, 255, 0, 255)),
        (png(1, 0, 4, b"\x50", chunk(b"tRNS", levels(0))), greys(255, 255, 255, 255)),
        (png(2, 0, 4, b"\x1b", chunk(b"tRNS", levels(1))), greys(0, 255, 170, 255)),
        (png(4, 0, 4, b"\x05\xaf", chunk(b"tRNS", levels(5))), greys(0, 255, 170, 255)),
        (png(8, 3, 3, b"\0\1\2", PALETTE), [(255, 0, 0), (0, 255, 0), (0, 0, 255)]),
        (png(8, 3, 3, b"\0\1\2", PALETTE, chunk(b"tRNS", b"\0\x80")),
         [(255, 255, 255), (127, 255, 127), (0, 0, 255)]),
    ],
)  # fmt: skip
def test_every_depth_and_transparency_of_png(data: bytes, row: Row) -> None:
    assert row_of(data) == row


def test_cmyk_as_adobe_writes_it() -> None:
    for ink, colour in (((0, 0, 0, 0), (255, 255, 255)), ((0, 255, 255, 0), (255, 0, 0))):
        [pixel] = row_of(picture(1, 1, "JPEG", ink, "CMYK"))
        assert max(abs(a - b) for a, b in zip(pixel, colour)) < 6


def cmyk_profile() -> bytes:
    """A profile of a press that prints in black alone."""
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *[65536 if at % 4 == 0 else 0 for at in range(9)])
    table += bytes(range(256)) * 4 + bytes([255, 128, 128, 0, 128, 128]) * 8 + bytes(range(256)) * 3
    head = struct.pack(">I4sI4s4s4s", 128 + 16 + len(table), b"lcms", 0x02100000, b"prtr",
                       b"CMYK", b"Lab ")  # fmt: skip
    head += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    return head.ljust(128, b"\0") + tags + table


def test_the_profile_of_a_press_is_followed() -> None:
    data = picture(2, 1, "JPEG", (0, 255, 255, 0), "CMYK", icc_profile=cmyk_profile())
    for pixel in row_of(data):
        assert min(pixel) > 245, "white, though the file says magenta and yellow"
    assert not decode(data).is_as_ever


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_colours_of_another_profile_become_srgb() -> None:
    swapped = srgb_profile().replace(b"rXYZ", b"tmp!", 1)
    swapped = swapped.replace(b"gXYZ", b"rXYZ", 1).replace(b"tmp!", b"gXYZ", 1)
    for kind in ("PNG", "WEBP"):
        red = picture(9, 9, kind, "red", icc_profile=swapped, lossless=True)
        pixel = row_of(red)[0]
        assert pixel[0] < 10 and pixel[1] > 245, kind
        assert not decode(red).is_as_ever
    half = picture(1, 1, "PNG", (255, 0, 0, 0), "RGBA", icc_profile=swapped)
    assert row_of(half) == [(255, 255, 255)]


@pytest.mark.parametrize("profile", [srgb_profile(), b"no profile", cmyk_profile()])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_profile_that_says_srgb_or_nothing_changes_nothing(profile: bytes, mode: str) -> None:
    plain, profiled = (
        decode(saved(colourful(mode), "PNG", **options))
        for options in ({}, {"icc_profile": profile})
    )
    assert profiled.image.tobytes() == plain.image.tobytes()
    assert profiled.is_as_ever and plain.is_as_ever


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_says_which_side_is_up(kind: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(colourful(), kind, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    assert decode(data).image.tobytes() == upright.tobytes()


def test_metadata_are_not_handed_on() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        data = picture(9, 9, kind, exif=exif, comment=b"secret", icc_profile=srgb_profile())
        image = decode(data).image
        assert dict(image.info) == {}, kind
        for to in ("JPEG", "WEBP"):
            assert not {
                word for word in (b"secret", b"ICC_PROFILE", b"ICCP", b"Maker")
                if word in saved(image, to)
            }, kind  # fmt: skip


def test_broken_exif_turns_nothing() -> None:
    broken = picture(8, 4, "JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff")
    assert decode(broken).image.size == (8, 4)
    assert not decode(broken).is_cut


@pytest.mark.parametrize("options", [
    {"kind": "JPEG"}, {"kind": "JPEG", "progressive": True}, {"kind": "PNG"}, {"kind": "GIF"},
    {"kind": "WEBP"},
], ids=str)  # fmt: skip
def test_of_a_picture_that_is_cut_off_the_rest_is_shown(options: dict[str, Any]) -> None:
    data = saved(colourful(), **options)
    whole, cut = decode(data), decode(data[: len(data) * 8 // 10])
    assert (whole.is_cut, cut.is_cut) == (False, True)
    assert cut.image.size == whole.image.size
    top = (0, 0, 192, 64)
    first, other = whole.image.crop(top).resize((12, 4)), cut.image.crop(top).resize((12, 4))
    assert sum(abs(a - b) for a, b in zip(first.tobytes(), other.tobytes())) / (12 * 4 * 3) < 25
    with pytest.raises(UnreadableError):
        decode(data[: len(data) // 40])


def test_what_follows_a_picture_does_no_harm() -> None:
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        data = saved(colourful(), kind)
        assert decode(data + b"more" * 99)[1:] == decode(data)[1:] == (False, False, True)


def test_a_jpeg_without_its_end_alone_is_whole() -> None:
    data = saved(colourful(), "JPEG")
    assert not decode(data[:-2]).is_cut


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    for kind, suffix in (("GIF", ".gif"), ("WEBP", ".webp"), ("PNG", ".png")):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=90)
        assert decode(data).is_animated and suffix_of(data) == suffix
        assert row_of(data)[0][0] > 250
        assert not decode(picture(9, 9, kind)).is_animated


def test_limits_hold_for_damaged_pictures_too() -> None:
    huge = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", huge) + chunk(b"iCCP", b"x", 1)
    data += chunk(b"IDAT", zlib.compress(bytes(99)))
    with pytest.raises(TooManyPixelsError):
        decode(data)
    jpeg = picture(8, 8, "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    with pytest.raises(TooManyPixelsError):
        decode(jpeg[:at] + b"\xff\xff\xff\xff" + jpeg[at + 4 :])


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xd8\xff",
                                  b"GIF89a", b"RIFF\xff\xff\xff\xffWEBP",
                                  picture(9, 9, "TIFF"), picture(9, 9, "BMP")])  # fmt: skip
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(data)

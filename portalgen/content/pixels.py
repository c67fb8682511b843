"""Pictures as browsers show them: upright, in sRGB, on white, 8 bits a colour."""

import io
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from portalgen.content.picture_data import closed, has_apng_frames, needed_parts

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

MAX_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_MAX_SCANS = 40  # passes over MAX_PIXELS that a progressive JPEG may take
_LEAST_PART = 0.3  # of the height; what shows less is no picture
_PNG = b"\x89PNG"
_SAME = 2  # of 255: a colour that differs by no more is the same to readers
_ORIENTATION = 0x0112
_PNG_DEPTH, _PNG_COLOURS = 24, 25  # where a PNG says how it counts
_ORIENTED_TEXT = re.compile(rb"Raw profile type exif|tiff:Orientation")


class TooManyPixelsError(Exception):
    """The picture has more pixels than MAX_PIXELS."""


class UnreadableError(Exception):
    """The picture cannot be decoded."""


class Pixels(NamedTuple):
    """An RGB image, whether a part of it is missing, and whether more frames follow.

    `is_as_ever`: the first recipe for pictures gave the same.
    """

    image: "Image.Image"
    is_cut: bool
    is_animated: bool
    is_as_ever: bool


def suffix_of(data: bytes) -> str:
    """The suffix for the bytes of an animation, whatever its file is called."""
    return ".gif" if data.startswith(b"GIF8") else ".png" if data.startswith(_PNG) else ".webp"


def decode(data: bytes) -> Pixels:
    """Decode a picture of FORMATS; damaged metadata do no harm.

    Raises `TooManyPixelsError` and `UnreadableError`.
    """
    from PIL import Image, ImageFile

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            parts = needed_parts(data)
        except ValueError as error:
            raise UnreadableError from error
        for attempt, is_cut in ((parts, False), (closed(parts), True)):
            ImageFile.LOAD_TRUNCATED_IMAGES = is_cut
            try:
                with Image.open(io.BytesIO(attempt), formats=FORMATS) as opened:
                    return _decode(opened, data, is_cut)
            except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
                raise TooManyPixelsError from error
            except TooManyPixelsError:
                raise
            except Exception:  # a decoder may raise anything on a hostile file
                continue
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
    raise UnreadableError


def _decode(opened: "ImageFile", data: bytes, is_cut: bool) -> Pixels:
    if opened.width * opened.height > MAX_PIXELS:
        raise TooManyPixelsError
    is_png, is_jpeg = opened.format == "PNG", opened.format == "JPEG"
    if is_jpeg and data.count(b"\xff\xda") * opened.width * opened.height > _MAX_SCANS * MAX_PIXELS:
        raise UnreadableError
    is_animated = has_apng_frames(data) if is_png else not is_jpeg and _has_frames(opened)
    depth = data[_PNG_DEPTH] if is_png else 8
    orientation = _orientation(opened)
    profile = opened.info.get("icc_profile")
    opened.load()
    if is_cut:
        ends_bare = _ends_bare(opened, is_jpeg)
        if ends_bare and _part(opened) < _LEAST_PART:
            raise UnreadableError
        # A JPEG that lacks its end alone is whole, unless it comes in passes.
        is_cut = ends_bare or not is_jpeg or "progressive" in opened.info
    odd_depth = is_png and _is_odd_depth(opened, depth)
    if odd_depth:
        _scale_transparent(opened, depth)
    image, alpha = _eight_bits(opened)
    converted = _to_srgb(image, profile) if profile else None
    flat = _on_white(converted or image, alpha)
    is_oriented_by_text = is_png and bool(_ORIENTED_TEXT.search(data))
    is_as_ever = converted is None and not odd_depth and not is_oriented_by_text
    turn = _turns().get(orientation)
    upright = flat if turn is None else flat.transpose(turn)
    upright.info = {}  # what is saved would take metadata from there
    return Pixels(upright, is_cut, is_animated, is_as_ever)


def _has_frames(opened: "ImageFile") -> bool:
    try:
        return bool(getattr(opened, "is_animated", False))
    except Exception:  # a damaged second frame
        return True


def _orientation(opened: "ImageFile") -> int:
    """The orientation as EXIF says it; 1 where nobody can read it."""
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # EXIF may be anything
        return 1


def _turns() -> "dict[int, Image.Transpose]":
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }  # fmt: skip


def _ends_bare(image: "Image.Image", is_jpeg: bool) -> bool:
    """Whether a picture ends in what decoders fill the rest with: grey (JPEG) or zeros."""
    corner = image.getpixel((image.width - 1, image.height - 1))
    levels = corner if isinstance(corner, tuple) else (corner or 0,)
    return not any(levels) or (is_jpeg and all(126 <= level <= 130 for level in levels))


def _part(image: "Image.Image") -> float:
    """How much of the height is more than the colour of the last pixel."""
    from PIL import Image, ImageChops

    bare = image.convert("L") if image.mode in ("P", "1") or image.mode.startswith("I") else image
    last = bare.getpixel((image.width - 1, image.height - 1))
    unlike = ImageChops.difference(bare, Image.new(bare.mode, bare.size, last))
    boxes = [band.getbbox() for band in unlike.split()]
    return max((box[3] for box in boxes if box), default=0) / image.height


def _is_odd_depth(opened: "ImageFile", depth: int) -> bool:
    """Whether Pillow's own conversion to 8 bits would be wrong."""
    is_scaled = depth in (2, 4, 16) and opened.mode != "P" and "transparency" in opened.info
    return opened.mode.startswith("I") or is_scaled


def _scale_transparent(opened: "ImageFile", depth: int) -> None:
    """The transparent colour, which a PNG says in its own depth, in that of the pixels."""
    value = opened.info.get("transparency")
    if isinstance(value, tuple):
        opened.info["transparency"] = tuple(level >> 8 for level in value)
    elif isinstance(value, int) and depth in (2, 4):
        opened.info["transparency"] = (value & (1 << depth) - 1) * (255 // ((1 << depth) - 1))


def _eight_bits(opened: "ImageFile") -> "tuple[Image.Image, Image.Image | None]":
    """The image in L, RGB or CMYK, and its alpha channel if it has any."""
    from PIL import Image

    if opened.mode.startswith("I"):
        import numpy

        levels = numpy.asarray(opened).clip(0, 65535).astype(numpy.uint32)
        grey = Image.fromarray(((levels + 128) // 257).astype(numpy.uint8))
        value = opened.info.get("transparency")
        if not isinstance(value, int):
            return grey, None
        return grey, Image.fromarray(((levels != value) * 255).astype(numpy.uint8))
    if opened.has_transparency_data:
        rgba = opened.convert("RGBA")
        is_grey = opened.mode in ("L", "LA", "La", "1")
        return rgba.convert("L" if is_grey else "RGB"), rgba.getchannel("A")
    if opened.mode in ("L", "RGB", "CMYK"):
        return opened, None
    return opened.convert("L" if opened.mode == "1" else "RGB"), None


def _to_srgb(image: "Image.Image", profile: bytes) -> "Image.Image | None":
    """The image in sRGB; None if its profile is as good as sRGB, or cannot be used."""
    try:
        from PIL import ImageCms

        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, image.mode, "RGB")
        if image.mode != "CMYK":
            sample = _sample(image.mode)
            converted = ImageCms.applyTransform(sample, transform)
            if converted is None or _is_same(sample.convert("RGB"), converted):
                return None
        return ImageCms.applyTransform(image, transform)
    except Exception:  # a profile may be anything
        return None


def _sample(mode: str) -> "Image.Image":
    """Colours that tell profiles apart: all greys, and for RGB a cube of 6 × 6 × 6, too."""
    from PIL import Image

    greys = bytes(range(256))
    if mode == "L":
        return Image.frombytes("L", (256, 1), greys)
    steps = range(0, 256, 51)
    cube = bytes(level for r in steps for g in steps for b in steps for level in (r, g, b))
    triples = bytes(level for grey in greys for level in (grey, grey, grey))
    return Image.frombytes("RGB", (256 + 216, 1), triples + cube)


def _is_same(one: "Image.Image", other: "Image.Image") -> bool:
    from PIL import ImageChops

    extrema = ImageChops.difference(one, other).getextrema()
    return max(high for _, high in extrema) <= _SAME  # type: ignore[misc]


def _on_white(image: "Image.Image", alpha: "Image.Image | None") -> "Image.Image":
    from PIL import Image

    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if alpha is None:
        return rgb
    flat = Image.new("RGB", rgb.size, "white")
    flat.paste(rgb, mask=alpha)
    return flat

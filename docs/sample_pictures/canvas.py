"""The canvas and the basic motifs of the sample pictures."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 720
SCALE = 2  # drawn larger, then reduced: smooth edges
MAX_BYTES = 80_000

Color = tuple[int, int, int]
Point = tuple[float, float]


class Canvas:
    """A picture being drawn; coordinates are those of the finished 1280 x 720 picture."""

    def __init__(self, top: str, bottom: str, seed: int) -> None:
        self.random = Random(seed)
        column = Image.new("RGB", (1, HEIGHT))
        for y in range(HEIGHT):
            column.putpixel((0, y), mix(rgb(top), rgb(bottom), y / HEIGHT))
        self.image = column.resize((WIDTH * SCALE, HEIGHT * SCALE))
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points: Sequence[Point], color: str | Color) -> None:
        """A filled shape."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=color)

    def line(self, points: Sequence[Point], color: str | Color, width: float = 3) -> None:
        """A line with rounded joints."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=color, width=max(1, round(width * SCALE)), joint="curve")

    def box(self, x: float, y: float, w: float, h: float, color: str | Color) -> None:
        """A filled rectangle by its corner and size."""
        self.polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], color)

    def disc(self, x: float, y: float, r: float, color: str | Color, squash: float = 1) -> None:
        """A filled circle, or an ellipse when squashed."""
        box = [(x - r) * SCALE, (y - r * squash) * SCALE, (x + r) * SCALE, (y + r * squash) * SCALE]
        self.draw.ellipse(box, fill=color)

    def shape(self, points: Sequence[Point], color: str | Color) -> None:
        """A filled shape with a rounded outline through the points."""
        self.polygon(smooth(points), color)

    def taper(self, points: Sequence[Point], start: float, end: float, color: str | Color) -> None:
        """A rounded stroke through the points whose width changes from `start` to `end`."""
        path = smooth(points, closed=False)
        for n, (a, b) in enumerate(pairwise(path)):
            width = start + (end - start) * n / len(path)
            self.line([a, b], color, width)
            self.disc(*b, width / 2, color)

    def fade(
        self, points: Sequence[Point], top: str | Color, bottom: str | Color, strength: int = 255
    ) -> None:
        """A shape filled with a soft gradient from top to bottom; translucent below 255."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        left, upper = (math.floor(min(values)) for values in zip(*scaled, strict=True))
        width, height = (
            math.ceil(max(values)) - low + 1
            for values, low in zip(zip(*scaled, strict=True), (left, upper), strict=True)
        )
        mask = Image.new("L", (width, height))
        shifted = [(x - left, y - upper) for x, y in scaled]
        ImageDraw.Draw(mask).polygon(shifted, fill=strength)
        column = Image.new("RGB", (1, height))
        for y in range(height):
            column.putpixel((0, y), mix(rgb(top), rgb(bottom), y / height))
        self.image.paste(column.resize((width, height)), (left, upper), mask)

    def shade(self, x: float, y: float, r: float, squash: float = 0.2, strength: int = 60) -> None:
        """A soft shadow on the ground around (x, y)."""
        for share in (1.0, 0.86, 0.72):
            oval = ring(x, y, r * share, squash)
            self.fade(oval, "#20251f", "#20251f", strength // 3)

    def glow(self, x: float, y: float, r: float, color: str, strength: int = 200) -> None:
        """Light that fades with the distance from (x, y)."""
        size = (round(2 * r * SCALE), round(2 * r * SCALE))
        mask = Image.radial_gradient("L").point(lambda v: max(0, 180 - v) * strength // 180)
        corner = (round((x - r) * SCALE), round((y - r) * SCALE))
        self.image.paste(Image.new("RGB", size, color), corner, mask.resize(size))

    def inset(self, view: "Canvas", x: float, y: float, w: float, h: float) -> None:
        """The same region of another picture, as seen through a window."""
        box = (round(x * SCALE), round(y * SCALE), round((x + w) * SCALE), round((y + h) * SCALE))
        self.image.paste(view.image.crop(box), box[:2])

    def mist(self, y: float, height: float, color: str = "#ffffff", strength: int = 150) -> None:
        """A soft horizontal band of mist around `y`."""
        mask = Image.new("L", (WIDTH // 4, HEIGHT // 4))
        pen = ImageDraw.Draw(mask)
        for _ in range(26):
            x, dy = self.random.uniform(0, WIDTH), self.random.uniform(-0.4, 0.4) * height
            w, h = self.random.uniform(110, 330), height * self.random.uniform(0.2, 0.5)
            corners = [(x - w) / 4, (y + dy - h) / 4, (x + w) / 4, (y + dy + h) / 4]
            pen.ellipse(corners, fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(max(3, height / 16))).resize(self.image.size)
        self.image.paste(Image.new("RGB", self.image.size, color), mask=mask)
        self.draw = ImageDraw.Draw(self.image)

    def save(self, path: Path) -> None:
        """Reduce and save the picture; refuse one that is too large for a slow phone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        if path.suffix == ".png":
            picture.quantize(64).save(path, optimize=True)
        else:
            for quality in (85, 78, 70, 62):
                picture.save(path, quality=quality, optimize=True, progressive=True)
                if path.stat().st_size <= MAX_BYTES:
                    break
        if path.stat().st_size > MAX_BYTES:
            raise SystemExit(f"{path}: {path.stat().st_size} bytes, more than {MAX_BYTES}")


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 9) -> list[Point]:
    """Points on a smooth curve through `points` (Catmull-Rom)."""
    count, path = len(points), []
    for i in range(count if closed else count - 1):
        near = [i + k - 1 for k in range(4)]
        p = [points[n % count] if closed else points[min(max(n, 0), count - 1)] for n in near]
        for t in (step / steps for step in range(steps)):
            x, y = (
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2)
                + 0.5 * (3 * b - a - 3 * c + d) * t**3
                for a, b, c, d in zip(*p, strict=True)
            )
            path.append((x, y))
    return path if closed else [*path, points[-1]]


def ring(x: float, y: float, r: float, squash: float = 1) -> list[Point]:
    """Points on a circle, or on an ellipse when squashed."""
    steps = [n * math.tau / 72 for n in range(72)]
    return [(x + r * math.cos(a), y + r * squash * math.sin(a)) for a in steps]


def placed(
    points: Sequence[Point], x: float, y: float, size: float, flip: bool = False
) -> list[Point]:
    """Points of a motif of size 1 around (0, 0), moved to (x, y)."""
    return [(x + (-px if flip else px) * size, y + py * size) for px, py in points]


def rgb(color: str | Color) -> Color:
    """`#rrggbb` as three numbers."""
    if not isinstance(color, str):
        return color
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(a: Color, b: Color, share: float) -> Color:
    """The colour `share` of the way from `a` to `b`."""
    red, green, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return red, green, blue


def light(color: str | Color, share: float = 0.3) -> Color:
    """A colour made paler."""
    return mix(rgb(color), (255, 255, 255), share)


def dark(color: str | Color, share: float = 0.25) -> Color:
    """A colour made deeper."""
    return mix(rgb(color), (24, 26, 30), share)


# --- parts of a landscape ---------------------------------------------------------------------


def ridge_line(
    random: Random, y: float, rise: float, sharp: bool = False
) -> Callable[[float], float]:
    """The height of a ridge at every x."""
    waves = [
        (rise / (n + 1) ** 1.1, 0.0035 * (n + 1) ** 1.25, random.uniform(0, math.tau))
        for n in range(7)
    ]

    def height(x: float) -> float:
        total = sum(
            size
            * (
                (2 * abs(math.sin(x * pace / 1.3 + shift)) - 1)
                if sharp
                else math.sin(x * pace + shift)
            )
            for size, pace, shift in waves
        )
        return y - total if not sharp else y + total

    return height


def hill(
    canvas: Canvas, y: float, rise: float, color: str | Color, sharp: bool = False
) -> Callable[[float], float]:
    """Draw a filled range of hills; return its upper edge."""
    edge = ridge_line(canvas.random, y, rise, sharp)
    points = [(x, edge(x)) for x in range(0, WIDTH + 8, 4)]
    canvas.polygon([*points, (WIDTH + 8, HEIGHT), (0, HEIGHT)], color)
    return edge


def ranges(canvas: Canvas, far: str, near: str, first: float, last: float, count: int = 4) -> None:
    """Ranges of mountains, paler with distance."""
    for n in range(count):
        share = n / max(1, count - 1)
        y = first + (last - first) * share
        hill(canvas, y, 66 - 22 * share, mix(rgb(far), rgb(near), share), sharp=n < 2)


def tree(canvas: Canvas, x: float, y: float, size: float, color: str | Color) -> None:
    """A round tree standing on (x, y)."""
    canvas.box(x - size * 0.07, y - size * 0.5, size * 0.14, size * 0.5, "#5b4634")
    for dx, dy, r in ((-0.24, 0.62, 0.27), (0.24, 0.62, 0.27), (0, 0.86, 0.32)):
        canvas.disc(x + dx * size, y - dy * size, r * size, color)


def house(
    canvas: Canvas, x: float, y: float, size: float, roof: str = "#6d4a3a", wall: str = "#d9c4a0"
) -> None:
    """A small house standing on (x, y)."""
    canvas.box(x - size * 0.5, y - size * 0.5, size, size * 0.5, wall)
    canvas.box(x - size * 0.09, y - size * 0.34, size * 0.18, size * 0.34, "#6b4e37")
    for dx in (-0.33, 0.33):
        canvas.box(x + (dx - 0.08) * size, y - size * 0.36, size * 0.16, size * 0.15, "#8aa3ab")
    eave = y - size * 0.48
    canvas.polygon(
        [
            (x - size * 0.66, eave),
            (x - size * 0.4, y - size * 0.92),
            (x + size * 0.4, y - size * 0.92),
            (x + size * 0.66, eave),
        ],
        roof,
    )


def terraces(
    canvas: Canvas, top: float, count: int, low: str, high: str, water: str = "#c9dfe4"
) -> None:
    """Rice terraces from `top` to the lower edge: bank, water, bank, water."""
    edges = ridge_line(canvas.random, 0, 30)
    drift = ridge_line(canvas.random, 0, 10)
    for n in range(count):
        share = n / count
        y = top + (HEIGHT - top + 60) * share**1.35
        thick = 6 + 46 * share
        wave = [
            (x, y + edges(x + n * 34) * (0.35 + share) + drift(x * 3))
            for x in range(0, WIDTH + 12, 6)
        ]
        canvas.polygon([*wave, (WIDTH + 12, HEIGHT), (0, HEIGHT)], mix(rgb(high), rgb(low), share))
        inner = [(x, yy + thick * 0.34) for x, yy in wave]
        outer = [(x, yy + thick * (0.62 + 0.2 * math.sin(x / 150 + n))) for x, yy in wave]
        shine = mix(rgb(water), rgb("#7fae9c"), 0.5 * (n % 3) / 2)
        canvas.polygon([*inner, *reversed(outer)], shine)


def river(canvas: Canvas, y: float, color: str, bank: str) -> None:
    """A river across the whole picture from `y` to the lower edge, with light ripples."""
    canvas.box(0, y - 8, WIDTH, 10, bank)
    canvas.box(0, y, WIDTH, HEIGHT - y, color)
    for _ in range(46):
        x, yy = canvas.random.uniform(0, WIDTH), canvas.random.uniform(y + 12, HEIGHT)
        canvas.line(
            [(x, yy), (x + canvas.random.uniform(30, 130), yy)],
            mix(rgb(color), (255, 255, 255), 0.28),
            2,
        )


def sun(canvas: Canvas, x: float, y: float, r: float, color: str = "#fff3d0") -> None:
    """A pale sun."""
    canvas.disc(x, y, r, color)

"""Motifs shared by several pictures: plants, houses, animals, furniture of a room."""

import math
from collections.abc import Sequence
from itertools import pairwise

from .canvas import (
    HEIGHT,
    WIDTH,
    Canvas,
    Color,
    Point,
    dark,
    house,
    light,
    mix,
    placed,
    ranges,
    rgb,
    ring,
    smooth,
    tree,
)

# --- plants -----------------------------------------------------------------------------------


def leaf(
    canvas: Canvas, x: float, y: float, length: float, angle: float, color: str | Color
) -> None:
    """One pointed leaf growing from (x, y); `angle` in radians, 0 to the right."""
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    outline = [(0, 0), (0.3, 0.16), (0.62, 0.15), (1, 0), (0.62, -0.15), (0.3, -0.16)]

    def turned(u: float, v: float) -> Point:
        return (
            x + (along[0] * u + across[0] * v) * length,
            y + (along[1] * u + across[1] * v) * length,
        )

    canvas.shape([turned(u, v) for u, v in outline], color)
    canvas.line([(x, y), turned(0.8, 0)], light(color, 0.2), max(1, length / 40))


def sprig(
    canvas: Canvas,
    points: Sequence[Point],
    length: float,
    color: str | Color,
    stem: str = "#5d6b3a",
) -> None:
    """A bending stem with pairs of leaves."""
    path = smooth(points, closed=False)
    canvas.line(path, stem, 3)
    for n, (a, b) in enumerate(pairwise(path)):
        if n % 5 == 3:
            angle = math.atan2(b[1] - a[1], b[0] - a[0])
            for side, share in ((-0.75, 0), (0.75, 0.14)):
                leaf(canvas, *a, length, angle + side, light(color, share))


def grass(canvas: Canvas, x: float, y: float, size: float, color: str | Color) -> None:
    """A tuft of grass standing on (x, y)."""
    for lean in (-0.5, -0.22, 0, 0.24, 0.52):
        tall = size * (1 - abs(lean) * 0.6)
        blade = [(x - size * 0.05, y), (x + lean * size, y - tall), (x + size * 0.05, y)]
        canvas.polygon(blade, mix(rgb(color), (255, 255, 255), 0.1 + lean * 0.2))


def palm(canvas: Canvas, x: float, y: float, size: float, color: str | Color) -> None:
    """A fan palm standing on (x, y)."""
    top = (x + size * 0.03, y - size * 0.74)
    canvas.taper(
        [(x, y), (x + size * 0.05, y - size * 0.4), top], size * 0.08, size * 0.05, "#7a6248"
    )
    for n in range(11):
        angle = -math.pi / 2 + (n - 5) * 0.46
        tip = (top[0] + math.cos(angle) * size * 0.3, top[1] + math.sin(angle) * size * 0.25)
        fan = [
            (tip[0] + math.cos(angle + d) * size * 0.15, tip[1] + math.sin(angle + d) * size * 0.15)
            for d in (-1.1, -0.5, 0, 0.5, 1.1)
        ]
        canvas.line([top, tip], dark(color), 2)
        canvas.polygon([tip, *fan], light(color, 0.06 * (n % 3)))


def conifer(canvas: Canvas, x: float, y: float, size: float, color: str | Color) -> None:
    """A pointed tree standing on (x, y)."""
    canvas.box(x - size * 0.035, y - size * 0.2, size * 0.07, size * 0.2, "#5b4634")
    for low, high, half in ((0.12, 0.56, 0.25), (0.36, 0.8, 0.19), (0.6, 1.0, 0.13)):
        sides = [(x - half * size, y - low * size), (x + half * size, y - low * size)]
        canvas.polygon([*sides, (x, y - high * size)], light(color, low * 0.12))


def blossom_branch(
    canvas: Canvas, points: Sequence[Point], flower: str, width: float = 10, bloom: float = 11
) -> None:
    """A bare branch with five-petalled flowers and buds."""
    path = smooth(points, closed=False)
    canvas.taper(points, width, 3, "#5d463a")
    for n, (x, y) in enumerate(path):
        if n % 4 == 2 and n > 5:
            side = 1 if n % 8 == 2 else -1
            tip = (x + bloom * 2.6, y + side * bloom * 3.2)
            canvas.line([(x, y), tip], "#5d463a", 3)
            five_petals(canvas, *tip, bloom, flower)
            canvas.disc(x + bloom, y + side * bloom * 1.5, bloom * 0.45, dark(flower, 0.12))
        if n % 7 == 5:
            five_petals(canvas, x, y, bloom * 0.9, light(flower, 0.25))


def five_petals(canvas: Canvas, x: float, y: float, r: float, color: str | Color) -> None:
    """One small flower."""
    for n in range(5):
        angle = n * math.tau / 5 + x
        canvas.disc(x + math.cos(angle) * r * 0.62, y + math.sin(angle) * r * 0.62, r * 0.55, color)
    canvas.disc(x, y, r * 0.28, "#d9a441")


def rice_rows(canvas: Canvas, top: float, low: str, high: str) -> None:
    """A rice field in rows that grow toward the viewer, from `top` to the lower edge."""
    field = [(0, top), (WIDTH, top), (WIDTH, HEIGHT), (0, HEIGHT)]
    canvas.fade(field, high, low)
    y, size = top + 8, 8.0
    while y < HEIGHT + 30:
        for n in range(int(WIDTH / (size * 0.9)) + 2):
            x = n * size * 0.9 + canvas.random.uniform(-0.2, 0.2) * size
            grass(canvas, x, y + size * 0.3, size, mix(rgb(high), rgb(low), (y - top) / 200))
        y, size = y + size * 0.7, size * 1.14


# --- houses -----------------------------------------------------------------------------------


def stilt_house(
    canvas: Canvas, x: float, y: float, size: float, roof: str = "#8a7350", wall: str = "#a87c4f"
) -> None:
    """A house on stilts standing on (x, y), its stairs at the left."""
    floor, eave, ridge = y - size * 0.26, y - size * 0.5, y - size * 0.86
    canvas.fade(
        [
            (x - size * 0.5, floor),
            (x + size * 0.5, floor),
            (x + size * 0.46, y),
            (x - size * 0.46, y),
        ],
        "#2f2a22",
        "#5a5340",
        150,
    )
    for n in range(6):
        post = x + (n - 2.5) * size * 0.184
        canvas.box(post - size * 0.014, floor, size * 0.028, size * 0.26, "#5e4632")
        canvas.disc(post, y, size * 0.03, "#8b8d88", 0.6)
    canvas.box(x - size * 0.5, eave - size * 0.02, size, floor - eave + size * 0.02, wall)
    for n in range(25):
        canvas.line(
            [(x + (n - 12) * size * 0.04, eave), (x + (n - 12) * size * 0.04, floor)],
            dark(wall, 0.18),
            size / 300,
        )
    canvas.box(x - size * 0.53, floor - size * 0.01, size * 1.06, size * 0.026, dark(wall, 0.4))
    for n in range(3):
        left = x + (-0.06 + n * 0.19) * size
        canvas.box(left, eave + size * 0.05, size * 0.09, size * 0.11, "#4a3828")
        canvas.box(left + size * 0.04, eave + size * 0.05, size * 0.012, size * 0.11, wall)
    canvas.box(
        x - size * 0.34, eave + size * 0.03, size * 0.11, floor - eave - size * 0.03, "#4a3828"
    )
    canvas.polygon(
        [
            (x - size * 0.35, floor),
            (x - size * 0.24, floor),
            (x - size * 0.4, y),
            (x - size * 0.51, y),
        ],
        "#6e5238",
    )
    for n in range(7):
        step = floor + (n + 0.6) * size * 0.036
        left = x - size * (0.35 + 0.0222 * (n + 0.6))
        canvas.line([(left, step), (left + size * 0.11, step)], "#c09a6a", size / 70)
    outline = [
        (x - size * 0.64, eave + size * 0.03),
        (x - size * 0.36, ridge),
        (x + size * 0.36, ridge),
        (x + size * 0.64, eave + size * 0.03),
    ]
    canvas.fade(outline, light(roof, 0.16), dark(roof, 0.22))
    for n in range(1, 6):
        share = n / 6
        half, level = size * (0.36 + 0.28 * share), ridge + (eave + size * 0.03 - ridge) * share
        waves = [(x - half + t * half / 20, level + (t % 2) * size * 0.012) for t in range(41)]
        canvas.line(waves, dark(roof, 0.28), size / 160)
    canvas.box(x - size * 0.38, ridge - size * 0.02, size * 0.76, size * 0.035, dark(roof, 0.3))


# --- animals ----------------------------------------------------------------------------------


def horse(canvas: Canvas, x: float, y: float, size: float, coat: str, flip: bool = False) -> None:
    """A small horse standing on (x, y), seen from the side; its withers are `size` high."""

    def put(points: Sequence[Point]) -> list[Point]:
        return placed(points, x, y, size, flip)

    front = [
        (0.3, -0.62),
        (0.52, -0.62),
        (0.47, -0.32),
        (0.465, -0.1),
        (0.5, 0),
        (0.38, 0),
        (0.395, -0.1),
        (0.385, -0.32),
    ]
    hind = [
        (-0.62, -0.74),
        (-0.28, -0.6),
        (-0.42, -0.36),
        (-0.415, -0.1),
        (-0.38, 0),
        (-0.5, 0),
        (-0.485, -0.1),
        (-0.52, -0.34),
    ]
    for points, dx in ((front, -0.13), (hind, 0.15)):
        canvas.polygon(put([(px + dx, py - 0.02) for px, py in points]), dark(coat, 0.38))
    tail = [
        (-0.55, -0.92),
        (-0.68, -0.84),
        (-0.74, -0.5),
        (-0.66, -0.3),
        (-0.63, -0.55),
        (-0.58, -0.78),
    ]
    canvas.shape(put(tail), dark(coat, 0.62))
    body = [
        (-0.6, -0.82),
        (-0.5, -0.97),
        (-0.3, -0.99),
        (0, -0.93),
        (0.26, -1.0),
        (0.42, -1.14),
        (0.56, -1.31),
        (0.68, -1.4),
        (0.77, -1.37),
        (0.9, -1.2),
        (1.0, -1.06),
        (0.99, -0.99),
        (0.91, -0.99),
        (0.82, -1.08),
        (0.73, -1.12),
        (0.66, -0.98),
        (0.6, -0.8),
        (0.53, -0.62),
        (0.36, -0.5),
        (0.05, -0.47),
        (-0.25, -0.52),
        (-0.5, -0.6),
    ]
    canvas.fade(smooth(put(body)), light(coat, 0.08), dark(coat, 0.14))
    for points in (front, hind):
        canvas.fade(put(points), dark(coat, 0.08), dark(coat, 0.34))
        hoof = [points[3], points[4], points[5], points[6]]
        canvas.polygon(put(hoof), "#38302a")
    mane = [
        (0.26, -1.03),
        (0.4, -1.2),
        (0.54, -1.37),
        (0.67, -1.46),
        (0.71, -1.38),
        (0.6, -1.24),
        (0.5, -1.08),
        (0.38, -0.96),
    ]
    canvas.shape(put(mane), dark(coat, 0.62))
    canvas.polygon(put([(0.64, -1.4), (0.66, -1.54), (0.73, -1.4)]), dark(coat, 0.2))
    canvas.shape(put([(0.7, -1.42), (0.79, -1.32), (0.81, -1.22), (0.75, -1.3)]), dark(coat, 0.62))
    canvas.line(put([(0.83, -1.29), (0.76, -1.12)]), "#7a2f28", size * 0.022)
    canvas.line(put([(0.92, -1.17), (0.86, -1.05)]), "#7a2f28", size * 0.022)
    canvas.line(put([(0.79, -1.2), (0.89, -1.11)]), "#7a2f28", size * 0.018)
    canvas.disc(*put([(0.8, -1.26)])[0], size * 0.017, "#221c18")


def buffalo(canvas: Canvas, x: float, y: float, size: float, coat: str, flip: bool = False) -> None:
    """A water buffalo standing on (x, y), seen from the side; its back is `size` high."""

    def put(points: Sequence[Point]) -> list[Point]:
        return placed(points, x, y, size, flip)

    front = [
        (0.2, -0.55),
        (0.46, -0.55),
        (0.4, -0.3),
        (0.39, -0.08),
        (0.42, 0),
        (0.27, 0),
        (0.28, -0.08),
        (0.26, -0.3),
    ]
    hind = [
        (-0.84, -0.72),
        (-0.46, -0.55),
        (-0.6, -0.32),
        (-0.6, -0.08),
        (-0.56, 0),
        (-0.72, 0),
        (-0.71, -0.08),
        (-0.74, -0.32),
    ]
    for points, dx in ((front, -0.16), (hind, 0.18)):
        canvas.polygon(put([(px + dx, py - 0.02) for px, py in points]), dark(coat, 0.4))
    canvas.taper(
        put([(-0.84, -0.86), (-0.92, -0.7), (-0.9, -0.42)]),
        size * 0.045,
        size * 0.03,
        dark(coat, 0.3),
    )
    canvas.disc(*put([(-0.9, -0.38)])[0], size * 0.045, dark(coat, 0.55), 1.6)
    canvas.taper(
        put([(0.86, -0.96), (1.02, -1.08), (1.04, -1.28), (0.94, -1.42)]),
        size * 0.085,
        size * 0.02,
        "#5d564c",
    )
    body = [
        (-0.87, -0.78),
        (-0.8, -0.94),
        (-0.55, -1.0),
        (-0.2, -0.97),
        (0.2, -1.03),
        (0.5, -0.98),
        (0.72, -1.0),
        (0.86, -1.0),
        (0.98, -0.84),
        (1.1, -0.66),
        (1.13, -0.56),
        (1.06, -0.5),
        (0.94, -0.52),
        (0.82, -0.63),
        (0.7, -0.62),
        (0.56, -0.44),
        (0.35, -0.36),
        (-0.1, -0.32),
        (-0.45, -0.4),
        (-0.75, -0.56),
    ]
    canvas.fade(smooth(put(body)), light(coat, 0.12), dark(coat, 0.2))
    for points in (front, hind):
        canvas.fade(put(points), dark(coat, 0.06), dark(coat, 0.32))
        canvas.polygon(put([points[3], points[4], points[5], points[6]]), "#2a2724")
    canvas.shape(
        put([(0.74, -0.92), (0.6, -0.88), (0.5, -0.78), (0.62, -0.76), (0.75, -0.84)]),
        dark(coat, 0.25),
    )
    canvas.taper(
        put([(0.78, -0.98), (0.62, -1.06), (0.52, -1.22), (0.58, -1.42)]),
        size * 0.1,
        size * 0.02,
        "#776e60",
    )
    canvas.shape(
        put([(1.02, -0.68), (1.1, -0.66), (1.13, -0.56), (1.06, -0.5), (0.99, -0.54)]),
        light(coat, 0.16),
    )
    canvas.disc(*put([(0.9, -0.8)])[0], size * 0.02, "#1c1a19")


# --- things on a table ------------------------------------------------------------------------


def window(
    canvas: Canvas,
    x: float,
    y: float,
    w: float,
    h: float,
    frame: str = "#8b6f52",
    first: float = 0.55,
) -> None:
    """A window with two wings open to the mountains."""
    view = Canvas("#b5d9e8", "#f2f3e6", canvas.random.randrange(1000))
    ranges(view, "#9fbfc9", "#4f8061", y + h * first, y + h * 0.9)
    canvas.inset(view, x, y, w, h)
    for left in (x - 14, x + w / 2 - 6, x + w):
        canvas.box(left, y - 14, 14 if left != x + w / 2 - 6 else 12, h + 28, frame)
    for top in (y - 14, y + h):
        canvas.box(x - 14, top, w + 28, 14, frame)
    canvas.box(x - 30, y + h + 12, w + 60, 14, light(frame, 0.15))


def table(canvas: Canvas, y: float, color: str = "#b98f63") -> None:
    """A table top of boards from `y` to the lower edge, its front edge at the bottom."""
    canvas.fade(
        [(0, y), (WIDTH, y), (WIDTH, HEIGHT), (0, HEIGHT)], light(color, 0.16), dark(color, 0.1)
    )
    depth = HEIGHT - y
    for share in (0.16, 0.4, 0.72):
        canvas.line(
            [(0, y + depth * share), (WIDTH, y + depth * share)], dark(color, 0.2), 1.5 + share
        )
    for _ in range(34):
        x, yy = canvas.random.uniform(-60, WIDTH), y + depth * canvas.random.uniform(0.03, 0.97)
        canvas.line([(x, yy), (x + canvas.random.uniform(40, 150), yy)], dark(color, 0.12), 1.5)
    canvas.line([(0, y), (WIDTH, y)], dark(color, 0.3), 3)


def basket(canvas: Canvas, x: float, y: float, w: float, h: float, color: str = "#c79a5b") -> None:
    """A woven basket standing on (x, y)."""
    top, low = w / 2, w * 0.38
    outline = [
        (x - top, y - h),
        (x + top, y - h),
        (x + low, y - h * 0.06),
        (x + low * 0.8, y),
        (x - low * 0.8, y),
        (x - low, y - h * 0.06),
    ]
    canvas.fade(outline, light(color, 0.1), dark(color, 0.22))
    rows = max(4, round(h / 13))
    for row in range(rows):
        level, half = y - h * (row + 0.5) / rows, low + (top - low) * (row + 0.5) / rows
        count = max(6, round(w / 18))
        for n in range(count):
            if (n + row) % 2:
                left = x - half + n * 2 * half / count
                canvas.box(
                    left,
                    level - h / rows * 0.36,
                    2 * half / count,
                    h / rows * 0.72,
                    dark(color, 0.2),
                )
    canvas.line([(x - top - 3, y - h), (x + top + 3, y - h)], dark(color, 0.3), max(5, h / 16))


def jar(canvas: Canvas, x: float, y: float, h: float, color: str, lid: bool = True) -> None:
    """A round earthenware jar standing on (x, y)."""
    half = [(0.17, 0), (0.3, -0.14), (0.385, -0.4), (0.36, -0.64), (0.23, -0.81), (0.19, -0.86)]
    canvas.shade(x, y, h * 0.42, 0.16)
    canvas.polygon(
        smooth([*placed(half, x, y, h), *placed(half[::-1], x, y, h, True)], steps=8), color
    )
    shine = [
        (-0.29, -0.6),
        (-0.22, -0.66),
        (-0.24, -0.42),
        (-0.2, -0.18),
        (-0.28, -0.3),
        (-0.32, -0.45),
    ]
    canvas.shape(placed(shine, x, y, h), light(color, 0.22))
    gloom = [
        (0.17, 0),
        (0.3, -0.14),
        (0.385, -0.4),
        (0.36, -0.64),
        (0.25, -0.79),
        (0.26, -0.5),
        (0.2, -0.2),
        (0.06, 0),
    ]
    canvas.shape(placed(gloom, x, y, h), dark(color, 0.22))
    for level, wide in ((-0.68, 0.335), (-0.64, 0.36)):
        canvas.line(
            placed([(-wide, level), (0, level + 0.025), (wide, level)], x, y, h),
            dark(color, 0.34),
            h / 110,
        )
    canvas.box(x - h * 0.2, y - h * 0.9, h * 0.4, h * 0.07, dark(color, 0.16))
    if lid:
        canvas.shape(
            placed(
                [
                    (-0.26, -0.89),
                    (-0.2, -0.96),
                    (0, -1.0),
                    (0.2, -0.96),
                    (0.26, -0.89),
                    (0, -0.875),
                ],
                x,
                y,
                h,
            ),
            dark(color, 0.34),
        )
        canvas.disc(x, y - h * 1.0, h * 0.045, dark(color, 0.42))


def mat(
    canvas: Canvas, top: float, low: float, left: float, right: float, color: str = "#d9c48c"
) -> None:
    """A reed mat lying on the floor, seen at a slant."""
    lean = (low - top) * 0.55
    corners = [(left + lean, top), (right - lean, top), (right, low), (left, low)]
    canvas.fade(corners, light(color, 0.1), dark(color, 0.06))
    for n in range(1, 16):
        y = top + (low - top) * (n / 16) ** 1.2
        inset = lean * (low - y) / (low - top)
        canvas.line([(left + inset, y), (right - inset, y)], dark(color, 0.14), 2)
    for edge in (0.03, 0.97):
        canvas.line(
            [
                (left + lean + (right - left - 2 * lean) * edge, top),
                (left + (right - left) * edge, low),
            ],
            "#a5543f",
            7,
        )


def corn(canvas: Canvas, x: float, y: float, length: float, angle: float) -> None:
    """A cob of corn lying at (x, y), half out of its husk."""
    along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

    def at(u: float, v: float) -> Point:
        return (
            x + (along[0] * u + across[0] * v) * length,
            y + (along[1] * u + across[1] * v) * length,
        )

    canvas.shape(
        [
            at(0.1, -0.12),
            at(0.55, -0.13),
            at(0.9, -0.06),
            at(1, 0),
            at(0.9, 0.06),
            at(0.55, 0.13),
            at(0.1, 0.12),
        ],
        "#e3b23c",
    )
    for u in range(9):
        for v in (-0.07, 0, 0.07):
            canvas.disc(*at(0.3 + u * 0.068, v), length * 0.028, "#f0cd6a")
    for tip, color in ((-0.2, "#7ea257"), (0.2, "#94b568"), (0.02, "#86ab5e")):
        canvas.shape(
            [at(-0.16, 0), at(0.1, tip - 0.08), at(0.62, tip * 0.9), at(0.1, tip + 0.08)], color
        )


def pebbles(canvas: Canvas, x: float, y: float, r: float, color: str | Color = "#8a8f8c") -> None:
    """A smooth stone lying around (x, y)."""
    canvas.polygon(ring(x, y, r, 0.62), color)
    canvas.polygon(ring(x - r * 0.16, y - r * 0.14, r * 0.72, 0.52), light(color, 0.16))


def awning(canvas: Canvas, x: float, y: float, size: float, color: str | Color) -> None:
    """A market stall with a cloth roof, its ground at `y` + a little."""
    for post in (x + size * 0.08, x + size * 0.88):
        canvas.box(post, y - size * 0.3, size * 0.035, size * 0.6, "#8b6f52")
    roof = [(-0.06, -0.24), (0.2, -0.56), (0.8, -0.56), (1.06, -0.24)]
    canvas.fade(placed(roof, x, y, size), light(color, 0.1), dark(color, 0.08))


def plum_tree(canvas: Canvas, x: float, y: float, size: float, bloom: str | Color) -> None:
    """A spreading fruit tree in blossom standing on (x, y)."""
    trunk = "#5d4a40"
    fork = (x + size * 0.01, y - size * 0.34)
    canvas.taper(
        [(x, y), (x - size * 0.02, y - size * 0.18), fork], size * 0.085, size * 0.05, trunk
    )
    tips = [(-0.4, 0.62), (-0.2, 0.84), (0.06, 0.92), (0.26, 0.8), (0.42, 0.58)]
    for dx, dy in tips:
        bend = (x + dx * size * 0.45, y - size * (0.34 + dy * 0.22))
        canvas.taper([fork, bend, (x + dx * size, y - dy * size)], size * 0.04, size * 0.012, trunk)
    for n in range(70 if size > 150 else 26):
        dx, dy = tips[n % 5]
        angle, reach = canvas.random.uniform(0, math.tau), canvas.random.uniform(0, 0.19)
        px = x + (dx * 0.88 + math.cos(angle) * reach) * size
        py = y - (dy * 0.94 + math.sin(angle) * reach * 0.8) * size
        tone = mix(rgb(bloom), rgb("#c3c9d0"), canvas.random.uniform(0, 0.3))
        canvas.disc(px, py, size * canvas.random.uniform(0.035, 0.075), tone)
    for n in range(round(size / 4)):
        dx, dy = tips[n % 5]
        angle, reach = canvas.random.uniform(0, math.tau), canvas.random.uniform(0, 0.21)
        px = x + (dx * 0.88 + math.cos(angle) * reach) * size
        py = y - (dy * 0.94 + math.sin(angle) * reach * 0.8) * size
        canvas.disc(px, py, size * 0.009 + 1, "#ffffff" if n % 4 else "#9bb86a")


def book(canvas: Canvas, x: float, y: float, w: float, h: float, color: str, picture: int) -> None:
    """A picture book facing out: a sun and a hill, a tree, a fish or a house."""
    canvas.box(x + 5, y + 5, w, h, dark(color, 0.4))
    canvas.fade([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], light(color, 0.14), color)
    canvas.box(x, y, w * 0.08, h, dark(color, 0.2))
    cx, cy = x + w * 0.54, y + h * 0.36
    pale = light(color, 0.75)
    if picture % 4 == 0:
        canvas.disc(cx, cy, w * 0.2, "#f7e2a0")
        canvas.polygon(
            [(x + w * 0.14, y + h * 0.66), (cx - 4, y + h * 0.42), (x + w * 0.92, y + h * 0.66)],
            pale,
        )
    elif picture % 4 == 1:
        tree(canvas, cx, cy + w * 0.34, w * 0.72, pale)
    elif picture % 4 == 2:
        canvas.disc(cx - 4, cy, w * 0.24, pale, 0.6)
        canvas.polygon(
            [(cx + w * 0.12, cy), (cx + w * 0.32, cy - 12), (cx + w * 0.32, cy + 12)], pale
        )
    else:
        house(canvas, cx, cy + w * 0.26, w * 0.5, light(color, 0.55), pale)
    canvas.box(x + w * 0.2, y + h * 0.08, w * 0.66, h * 0.045, pale)


def earth_house(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A square house of rammed earth under a steep thatched roof, standing on (x, y)."""
    wall, roof = "#c08f52", "#8b7a58"
    canvas.shade(x, y, size * 0.66, 0.12, 90)
    front = [(-0.44, -0.52), (0.44, -0.52), (0.46, 0), (-0.46, 0)]
    canvas.fade(placed(front, x, y, size), dark(wall, 0.22), light(wall, 0.1))
    for level in (-0.12, -0.24, -0.36):
        canvas.line(
            placed([(-0.45, level), (0.45, level)], x, y, size), dark(wall, 0.14), size / 130
        )
    canvas.box(x - size * 0.09, y - size * 0.32, size * 0.17, size * 0.32, "#4b3a2b")
    canvas.box(x - size * 0.12, y - size * 0.35, size * 0.23, size * 0.035, "#6b4e37")
    for dx in (-0.32, 0.25):
        canvas.box(x + size * dx, y - size * 0.31, size * 0.08, size * 0.07, "#3f342a")
    cap = [
        (-0.66, -0.4),
        (-0.5, -0.58),
        (-0.26, -0.92),
        (-0.1, -1.04),
        (0.1, -1.04),
        (0.26, -0.92),
        (0.5, -0.58),
        (0.66, -0.4),
        (0.4, -0.44),
        (0, -0.45),
        (-0.4, -0.44),
    ]
    canvas.fade(smooth(placed(cap, x, y, size)), light(roof, 0.22), dark(roof, 0.22))
    for n in range(-6, 7):
        lean = [(n * 0.016, -1.0), (n * 0.05, -0.75), (n * 0.094, -0.47)]
        canvas.taper(placed(lean, x, y, size), 1, size / 70, dark(roof, 0.2 + 0.08 * (n % 2)))


def helmet(canvas: Canvas, x: float, y: float, size: float, color: str) -> None:
    """A safety helmet hanging with its rim at `y`."""
    dome = [
        (-0.46, 0),
        (-0.45, -0.3),
        (-0.26, -0.58),
        (0, -0.66),
        (0.26, -0.58),
        (0.45, -0.3),
        (0.46, 0),
    ]
    canvas.fade(
        smooth(placed(dome, x, y, size), closed=False), light(color, 0.25), dark(color, 0.1)
    )
    canvas.taper(
        placed([(0, -0.66), (0, -0.3), (0, -0.02)], x, y, size),
        size * 0.1,
        size * 0.14,
        light(color, 0.32),
    )
    for side in (-1, 1):
        rib = [(side * 0.16, -0.62), (side * 0.26, -0.3), (side * 0.28, -0.02)]
        canvas.taper(placed(rib, x, y, size), size * 0.02, size * 0.03, dark(color, 0.16))
    rim = [(-0.58, 0.04), (-0.46, -0.06), (0, -0.03), (0.46, -0.06), (0.58, 0.04), (0, 0.1)]
    canvas.shape(placed(rim, x, y, size), dark(color, 0.12))


def rice_cake(
    canvas: Canvas, x: float, y: float, w: float, h: float, color: str = "#4f8240"
) -> None:
    """A square cake in green leaves tied with strips, seen from the front."""
    canvas.fade(
        [(x, y), (x + w, y), (x + w, y + h), (x, y + h)], light(color, 0.14), dark(color, 0.16)
    )
    canvas.polygon(
        [(x, y), (x + w, y), (x + w * 0.92, y - h * 0.16), (x + w * 0.08, y - h * 0.16)],
        light(color, 0.26),
    )
    for n in range(1, 9):
        canvas.line([(x + w * n / 9, y), (x + w * n / 9, y + h)], dark(color, 0.1), 1.5)
    for share in (0.32, 0.68):
        top = x + w * (0.08 + share * 0.84)
        canvas.line([(top, y - h * 0.16), (x + w * share, y), (x + w * share, y + h)], "#e9dfb4", 6)
        canvas.line([(x, y + h * share), (x + w, y + h * share)], "#e0d4a3", 6)


def flames(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Fire on burning logs around (x, y)."""
    canvas.glow(x, y - size * 0.3, size * 1.7, "#ffc46b", 190)
    for tip, wide, tall, color in (
        (-0.34, 0.3, 0.6, "#d9682d"),
        (0.34, 0.3, 0.56, "#d9682d"),
        (0, 0.4, 0.8, "#e08a32"),
        (-0.12, 0.24, 0.5, "#f5c04f"),
        (0.16, 0.2, 0.42, "#f7d67a"),
    ):
        tongue = [
            (tip - wide / 2, -0.1),
            (tip - wide * 0.36, -tall * 0.4),
            (tip, -tall),
            (tip + wide * 0.3, -tall * 0.44),
            (tip + wide / 2, -0.1),
            (tip, 0.02),
        ]
        canvas.shape(placed(tongue, x, y, size), color)
    for a, b in (((-0.7, 0.06), (0.5, -0.06)), ((-0.5, -0.08), (0.7, 0.07))):
        canvas.taper(placed([a, b], x, y, size), size * 0.15, size * 0.13, "#5b4230")
    for side in (-0.72, 0.72):
        canvas.disc(x + side * size, y + size * 0.06, size * 0.07, "#c79a6b")


def star(x: float, y: float, r: float, turn: float = 0) -> list[Point]:
    """The ten corners of a five-pointed star, the first at the top."""
    return [
        (
            x + math.sin(turn + n * math.pi / 5) * r * (0.4 if n % 2 else 1),
            y - math.cos(turn + n * math.pi / 5) * r * (0.4 if n % 2 else 1),
        )
        for n in range(10)
    ]


def chilli(
    canvas: Canvas, x: float, y: float, length: float, angle: float, color: str = "#c62f26"
) -> None:
    """One ripe chilli lying around (x, y)."""
    along, across = (math.cos(angle), math.sin(angle) * 0.6), (-math.sin(angle), math.cos(angle))
    bend = [(-0.5, 0), (-0.2, 0.06), (0.2, 0.04), (0.5, -0.12)]
    path = [
        (x + (along[0] * u + across[0] * v) * length, y + (along[1] * u + across[1] * v) * length)
        for u, v in bend
    ]
    canvas.taper(path, length * 0.27, length * 0.05, dark(color, 0.24))
    canvas.taper([(px, py - 1.5) for px, py in path], length * 0.22, length * 0.03, color)
    canvas.taper([(px, py - length * 0.06) for px, py in path[:3]], length * 0.06, 1, "#ea7a62")
    stem = (path[0][0] - along[0] * length * 0.2, path[0][1] - along[1] * length * 0.2)
    canvas.line([path[0], stem], "#5f8a3f", max(3, length * 0.08))


def garlic(canvas: Canvas, x: float, y: float, r: float) -> None:
    """A bulb of garlic standing around (x, y)."""
    canvas.shade(x, y + r * 0.8, r * 1.1, 0.24, 100)
    bulb = [
        (-0.12, -1.5),
        (-0.2, -0.8),
        (-0.8, -0.3),
        (-0.95, 0.3),
        (-0.5, 0.8),
        (0.5, 0.8),
        (0.95, 0.3),
        (0.8, -0.3),
        (0.2, -0.8),
        (0.12, -1.5),
    ]
    canvas.shape(placed(bulb, x, y, r), "#f2ebdf")
    for side in (-1, 1):
        seam = [(side * 0.08, -0.9), (side * 0.5, -0.2), (side * 0.42, 0.7)]
        canvas.taper(placed(seam, x, y, r), 1, r * 0.09, "#cdb8c0")
    canvas.taper(placed([(0, -0.9), (0, 0), (0, 0.75)], x, y, r), 1, r * 0.08, "#d9c8cd")


def glove(canvas: Canvas, x: float, y: float, size: float, color: str, flip: bool = False) -> None:
    """A work glove hanging down from (x, y)."""
    canvas.taper(
        placed([(0.1, 0.34), (0.36, 0.66)], x, y, size, flip),
        size * 0.17,
        size * 0.15,
        dark(color, 0.12),
    )
    palm_shape = [(-0.2, 0), (0.2, 0), (0.27, 0.36), (0.27, 0.66), (-0.27, 0.66), (-0.27, 0.36)]
    canvas.polygon(placed(palm_shape, x, y, size), color)
    for n, tall in enumerate((0.92, 1.02, 1.0, 0.86)):
        dx = (-0.2 + n * 0.135) * (1 if flip else -1)
        canvas.taper(
            placed([(dx, 0.5), (dx, tall)], x, y, size),
            size * 0.125,
            size * 0.11,
            light(color, 0.06 * (n % 2)),
        )
    canvas.box(x - size * 0.22, y, size * 0.44, size * 0.16, dark(color, 0.28))


def boot(canvas: Canvas, x: float, y: float, size: float, color: str) -> None:
    """A rubber boot standing on (x, y)."""
    leg = [
        (-0.24, -1.0),
        (0.2, -1.0),
        (0.2, -0.34),
        (0.36, -0.24),
        (0.5, -0.08),
        (0.5, 0),
        (-0.28, 0),
        (-0.26, -0.3),
    ]
    canvas.fade(placed(leg, x, y, size), light(color, 0.16), dark(color, 0.1))
    canvas.box(x - size * 0.28, y - size * 0.07, size * 0.8, size * 0.07, dark(color, 0.5))
    canvas.box(x - size * 0.26, y - size, size * 0.48, size * 0.08, light(color, 0.3))

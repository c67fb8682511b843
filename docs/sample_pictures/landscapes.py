"""Landscapes and rooms: the first pictures of the sample content."""

import math
from itertools import pairwise

from .canvas import (
    HEIGHT,
    WIDTH,
    Canvas,
    Point,
    hill,
    house,
    mix,
    ranges,
    rgb,
    river,
    sun,
    terraces,
    tree,
)


def network(seed: int) -> Canvas:
    """Points of light joined over hills: one main portal, many members."""
    canvas = Canvas("#16324a", "#3d6c7d", seed)
    ranges(canvas, "#2f5b70", "#11303a", 430, 640)
    centre = (640.0, 250.0)
    points = []
    for n in range(47):
        angle, reach = n * 2.39996, 0.32 + 0.68 * math.sqrt((n + 1) / 47)
        points.append(
            (centre[0] + math.cos(angle) * 520 * reach, centre[1] + math.sin(angle) * 205 * reach)
        )
    for point in points:
        canvas.line([centre, point], "#5d93a3", 1.4)
    for n, point in enumerate(points):
        canvas.disc(*point, 7 + n % 3 * 2, "#f3d48a" if n % 4 else "#9fe0c8")
    canvas.disc(*centre, 40, "#f3d48a")
    canvas.disc(*centre, 27, "#16324a")
    canvas.disc(*centre, 16, "#fff6dd")
    return canvas


def misty_town(seed: int) -> Canvas:
    """Roofs of a hill town between layers of mist."""
    canvas = Canvas("#b9cfdb", "#eef1ea", seed)
    ranges(canvas, "#9fb9c6", "#54767b", 250, 450)
    canvas.mist(400, 130)
    edge = hill(canvas, 520, 24, "#4a6a5a")
    roofs = ["#a5543f", "#8c4a3d", "#b8694c", "#6e5750"]
    for n in range(26):
        x = 30 + n * 49 + canvas.random.uniform(-12, 12)
        y = edge(x) + 44 + (n * 37 % 5) * 24
        house(canvas, x, y, canvas.random.uniform(58, 92), roofs[n % 4], "#eadfc8")
    canvas.mist(600, 90, strength=120)
    for x in range(20, WIDTH, 96):
        tree(
            canvas,
            x + canvas.random.uniform(-20, 20),
            716,
            canvas.random.uniform(70, 110),
            "#33543f",
        )
    return canvas


def office(seed: int) -> Canvas:
    """An office with a relay mast before mountains."""
    canvas = Canvas("#a9cfe6", "#eaf3ee", seed)
    sun(canvas, 1050, 120, 48)
    ranges(canvas, "#9dbccb", "#4d7a68", 290, 520)
    canvas.box(0, 600, WIDTH, 120, "#7d9a6b")
    canvas.box(330, 250, 460, 360, "#e8e3d6")
    canvas.box(310, 236, 500, 22, "#2f5f73")
    for row in range(4):
        for column in range(7):
            canvas.box(
                356 + column * 61,
                282 + row * 70,
                42,
                44,
                "#6d9fb5" if (row + column) % 3 else "#a9cbd6",
            )
    canvas.box(520, 540, 80, 70, "#35525c")
    canvas.box(180, 400, 150, 210, "#d9d2c0")
    canvas.box(790, 400, 150, 210, "#d9d2c0")
    for x in (205, 265, 815, 875):
        canvas.box(x, 440, 38, 44, "#7fabbd")
        canvas.box(x, 515, 38, 44, "#7fabbd")
    mast = 1060
    canvas.line([(mast - 42, 610), (mast, 170), (mast + 42, 610)], "#56636b", 5)
    for n in range(9):
        y, half = 250 + n * 42, 8 + n * 4
        canvas.line([(mast - half, y), (mast + half + 4, y + 42)], "#56636b", 2.5)
        canvas.line([(mast + half, y), (mast - half - 4, y + 42)], "#56636b", 2.5)
    for r in (34, 62, 90):
        arc = [(mast + math.cos(a / 20) * r, 172 + math.sin(a / 20) * r) for a in range(-14, 15)]
        canvas.line(arc, "#c0563f", 5)
        canvas.line([(2 * mast - x, y) for x, y in arc], "#c0563f", 5)
    for x in (60, 120, 970, 1180, 1240):
        tree(canvas, x, 640, 110, "#3f6b4a")
    canvas.box(0, 655, WIDTH, 65, "#8d9196")
    canvas.line([(x, 688) for x in (0, WIDTH)], "#e7e4da", 4)
    return canvas


def signature(seed: int) -> Canvas:
    """A document with a signature stroke and a key."""
    canvas = Canvas("#dfe9ea", "#b9ced2", seed)
    ranges(canvas, "#c3d6d9", "#8fb0b3", 470, 640)
    canvas.polygon([(352, 96), (812, 76), (842, 636), (382, 656)], "#9db5b9")
    canvas.polygon([(340, 84), (800, 64), (830, 624), (370, 644)], "#fffdf6")
    for n in range(9):
        y, end = 150 + n * 36, 720 if n % 4 != 3 else 600
        canvas.line([(400 + n * 2, y), (end + n * 2, y - 15)], "#b8bfc2", 7)
    stroke = [
        (450 + t * 2.6, 560 - 12 * math.sin(t / 9) * (1 + t / 60) - t * 0.14) for t in range(110)
    ]
    canvas.line(stroke, "#1c4f86", 7)
    canvas.disc(960, 300, 92, "#d9a441")
    canvas.disc(960, 300, 48, "#c9dadd")
    canvas.box(944, 384, 32, 240, "#d9a441")
    canvas.box(976, 520, 56, 26, "#d9a441")
    canvas.box(976, 572, 40, 26, "#d9a441")
    for n in range(16):
        canvas.box(
            90 + n % 4 * 46, 210 + n // 4 * 46, 34, 34, "#5c8b95" if (n * 7) % 5 < 2 else "#8fb3ba"
        )
    return canvas


def counter(seed: int) -> Canvas:
    """A reception counter; mountains in the window."""
    canvas = Canvas("#f1ece0", "#e4dac6", seed)
    canvas.box(120, 70, 1040, 300, "#b8d6e4")
    inside = Canvas("#b8d6e4", "#e8f0ea", seed)
    ranges(inside, "#9dbccb", "#4d7a68", 250, 420)
    view = inside.image.crop((240, 140, 2320, 740))
    canvas.image.paste(view, (240, 140))
    for x in (120, 466, 812, 1150):
        canvas.box(x, 62, 14, 316, "#8b6f52")
    canvas.box(112, 62, 1056, 14, "#8b6f52")
    canvas.box(112, 366, 1056, 14, "#8b6f52")
    for n in range(4):
        x = 110 + n * 275
        canvas.box(x + 62, 410, 122, 82, "#39515c")
        canvas.box(x + 70, 418, 106, 62, "#8fc0cf")
        canvas.box(x + 113, 490, 20, 26, "#39515c")
        canvas.disc(x + 218, 502, 15, "#7da36a")
        canvas.box(x + 205, 506, 26, 22, "#b06a4a")
    canvas.box(60, 515, 1160, 30, "#7a5637")
    canvas.box(80, 545, 1120, 150, "#b98f63")
    for n in range(4):
        canvas.box(110 + n * 275, 565, 235, 110, "#cda679")
    canvas.box(0, 695, WIDTH, 25, "#9c8a6d")
    return canvas


def hall(seed: int) -> Canvas:
    """A waiting hall: counters, chairs, a number board."""
    canvas = Canvas("#f4f1e8", "#dfe5e3", seed)
    canvas.polygon([(0, 720), (0, 520), (WIDTH, 520), (WIDTH, 720)], "#c6cfcd")
    canvas.box(440, 60, 400, 110, "#22414d")
    for n in range(4):
        canvas.box(466 + n * 92, 84, 70, 62, "#2f5a68")
        for bar in range(2 + n % 2):
            canvas.box(478 + n * 92 + bar * 18, 98, 9, 34, "#f3d48a")
    for n in range(6):
        x = 50 + n * 200
        canvas.box(x, 230, 180, 170, "#d6e6ea")
        canvas.box(x, 214, 180, 26, "#2f6f86" if n % 2 else "#3c8071")
        canvas.disc(x + 90, 320, 30, "#e2bd96")
        canvas.disc(x + 90, 306, 31, "#33302d", 0.7)
        canvas.box(x + 48, 350, 84, 52, "#4b7f95" if n % 2 else "#5b8a63")
        canvas.box(x - 6, 396, 192, 26, "#7a5637")
        canvas.box(x, 422, 180, 100, "#b98f63")
    for row in range(2):
        for n in range(8):
            x, y = 90 + n * 142 + row * 40, 580 + row * 72
            canvas.box(x, y - 34, 76, 40, "#386a7c")
            canvas.box(x, y + 6, 76, 14, "#2c5563")
            canvas.box(x + 8, y + 20, 8, 26, "#555f63")
            canvas.box(x + 60, y + 20, 8, 26, "#555f63")
    return canvas


def bridge(seed: int) -> Canvas:
    """A bridge of several spans over a wide river."""
    canvas = Canvas("#f3d9b8", "#f7efe2", seed)
    sun(canvas, 300, 170, 56, "#fff6e0")
    ranges(canvas, "#b9b4b8", "#5c7a6d", 300, 450)
    river(canvas, 500, "#a06a4e", "#6d7a58")
    canvas.polygon([(0, 410), (150, 430), (210, 520), (0, 560)], "#597357")
    canvas.polygon([(WIDTH, 400), (1130, 425), (1070, 520), (WIDTH, 560)], "#597357")
    canvas.box(0, 400, WIDTH, 26, "#8f989c")
    canvas.box(0, 392, WIDTH, 9, "#5f686c")
    for n in range(4):
        x = 250 + n * 260
        canvas.polygon([(x - 20, 426), (x + 20, 426), (x + 28, 600), (x - 28, 600)], "#7d868a")
        canvas.disc(x, 602, 46, "#8a5a43", 0.25)
    for n in range(3):
        x = 250 + n * 260
        arch = [
            (x + t * 260, 394 - 96 * math.sin(math.pi * t)) for t in (i / 30 for i in range(31))
        ]
        canvas.line(arch, "#b24a35", 9)
        for i in range(3, 30, 3):
            canvas.line([arch[i], (arch[i][0], 394)], "#b24a35", 2.5)
    for x, color in ((90, "#2f6f86"), (420, "#d9a441"), (640, "#4d7a4f"), (980, "#b24a35")):
        canvas.box(x, 356, 62, 34, color)
        canvas.box(x + 64, 366, 22, 24, "#e8e3d6")
        canvas.disc(x + 16, 392, 8, "#333333")
        canvas.disc(x + 70, 392, 8, "#333333")
    return canvas


def rice_terraces(seed: int) -> Canvas:
    """Terraces full of water below mountains."""
    canvas = Canvas("#a7cde0", "#f5eeda", seed)
    sun(canvas, 930, 130, 50)
    ranges(canvas, "#9fbfca", "#5f8f72", 230, 330)
    canvas.mist(310, 60, strength=110)
    terraces(canvas, 350, 13, "#4c7a2f", "#8fae4c")
    for x, y, size in ((190, 420, 60), (250, 432, 48), (1010, 410, 56)):
        house(canvas, x, y, size)
    for x in (150, 300, 960, 1070):
        tree(canvas, x, 430, 62, "#3c6638")
    return canvas


def cross_section(seed: int) -> Canvas:
    """Three terraces cut open: water, packed layer, bank, overflow."""
    canvas = Canvas("#dcecf3", "#f6f4e8", seed)
    soil, packed, water = "#a97c50", "#6e4a2f", "#7fb9d1"
    canvas.polygon(
        [
            (0, 250),
            (410, 250),
            (410, 390),
            (820, 390),
            (820, 530),
            (WIDTH, 530),
            (WIDTH, 720),
            (0, 720),
        ],
        soil,
    )
    for step in range(3):
        x, y = step * 410.0, 250 + step * 140.0
        canvas.box(x, y - 2, 410 if step < 2 else 460, 26, packed)
        canvas.box(x, y - 44, 360, 44, water)
        canvas.polygon(
            [(x + 350, y + 4), (x + 362, y - 66), (x + 392, y - 66), (x + 412, y + 4)], "#8b6a3f"
        )
        for n in range(9):
            base = x + 24 + n * 36
            for lean in (-9, 0, 9):
                canvas.line([(base, y - 4), (base + lean, y - 96)], "#4f8a3a", 4)
        if step < 2:
            flow = [(x + 352, y - 42), (x + 398, y - 46), (x + 424, y + 10), (x + 432, y + 100)]
            canvas.line(flow, "#4f97b8", 10)
    for _ in range(90):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(600, 716)
        canvas.disc(x, y, canvas.random.uniform(2, 6), "#8d6540")
    return canvas


def orchard(seed: int) -> Canvas:
    """Rows of fruit trees and a shared store."""
    canvas = Canvas("#b7d7e6", "#f4f0df", seed)
    ranges(canvas, "#a3c0c8", "#6b9572", 240, 350)
    hill(canvas, 420, 26, "#86a956")
    for row in range(5):
        y, size = 460 + row * 58, 46 + row * 15
        gap = 74 + row * 16
        canvas.line([(0, y + 4), (WIDTH, y - 6)], "#6f8f45", 4 + row)
        for n in range(int(WIDTH / gap) + 2):
            x = n * gap + row * 23 - 20
            if row < 2 and 880 < x < 1190:
                continue
            tree(canvas, x, y, size, "#2f6a37" if (n + row) % 3 else "#3b7a3f")
            for dx, dy in ((-0.2, 0.7), (0.15, 0.6), (0.05, 0.95)):
                canvas.disc(x + dx * size, y - dy * size, size * 0.055, "#e88a2d")
    house(canvas, 1040, 545, 250, "#a5543f", "#e6d6b4")
    return canvas


def rows_on_hill(seed: int) -> Canvas:
    """Tea in rows along the contour of low hills."""
    canvas = Canvas("#c5dfe8", "#f7f1dc", seed)
    ranges(canvas, "#a8c4cb", "#6f9a72", 220, 320)
    for n in range(3):
        edge = hill(canvas, 380 + n * 110, 40, mix(rgb("#7aa65a"), rgb("#3f7a38"), n / 2))
        for row in range(1, 10):
            points = [(x, edge(x) + row * (11 + n * 4)) for x in range(0, WIDTH + 8, 8)]
            canvas.line(points, mix(rgb("#4f8a42"), rgb("#2a5e2c"), n / 2), 4 + n * 2)
    for x, y in ((160, 380), (1120, 400), (1170, 392)):
        tree(canvas, x, y, 70, "#3b6a3a")
    return canvas


def winter(seed: int) -> Canvas:
    """A cold morning: grey hills, a barn, bare trees."""
    canvas = Canvas("#b8c4cc", "#e9ecec", seed)
    ranges(canvas, "#b0bfc8", "#7b8d90", 260, 440)
    canvas.mist(430, 110)
    hill(canvas, 540, 22, "#a3a893")
    house(canvas, 470, 640, 260, "#7b5a42", "#b59a75")
    canvas.box(270, 600, 20, 60, "#6b4e37")
    for n in range(14):
        x = 620 + n * 44
        canvas.box(x, 600 + n % 2 * 3, 8, 66, "#7a6248")
    canvas.line([(620, 618), (1200, 620)], "#7a6248", 6)
    canvas.line([(620, 645), (1200, 647)], "#7a6248", 6)
    for x, size in ((120, 230), (1010, 260), (1180, 190)):
        for angle in (-0.5, -0.25, 0, 0.3, 0.55):
            tip = (x + math.sin(angle) * size * 0.6, 660 - size * (0.6 + 0.4 * math.cos(angle * 2)))
            canvas.line([(x, 660 - size * 0.3), tip], "#5d5148", 5)
        canvas.line([(x, 668), (x, 660 - size * 0.4)], "#5d5148", 11)
    canvas.mist(690, 50, strength=110)
    return canvas


def market(seed: int) -> Canvas:
    """Many-coloured awnings in a valley."""
    canvas = Canvas("#a9d0e4", "#f6efdc", seed)
    ranges(canvas, "#9cbac6", "#5f8a68", 230, 380)
    hill(canvas, 430, 18, "#9aa56a")
    colors = ["#c0473b", "#2f6f9a", "#d9a441", "#4d7f4a", "#7a4a86", "#d0693c", "#3b8a86"]
    for row in range(4):
        size = 92 + row * 34
        y = 480 + row * 74
        for n in range(int(WIDTH / size) + 2):
            x = n * size * 1.08 - row * 37 - 20
            color = colors[(n * 3 + row * 2 + seed) % len(colors)]
            canvas.box(x + 6, y - size * 0.28, 5, size * 0.5, "#6b4e37")
            canvas.box(x + size - 11, y - size * 0.28, 5, size * 0.5, "#6b4e37")
            canvas.polygon(
                [
                    (x - 6, y - size * 0.24),
                    (x + size * 0.22, y - size * 0.56),
                    (x + size * 0.78, y - size * 0.56),
                    (x + size + 6, y - size * 0.24),
                ],
                color,
            )
            canvas.box(x + 10, y + size * 0.02, size - 20, size * 0.2, "#a9835a")
            for fruit in range(5):
                canvas.disc(
                    x + size * (0.2 + fruit * 0.15),
                    y + size * 0.02,
                    size * 0.06,
                    colors[(fruit + n) % 4],
                )
    return canvas


def school(seed: int) -> Canvas:
    """A school below the mountains, with a yard and a pennant."""
    canvas = Canvas("#a6d0ea", "#f2f2e2", seed)
    ranges(canvas, "#93b4c4", "#4f8061", 220, 420)
    canvas.box(0, 560, WIDTH, 160, "#c7b488")
    canvas.box(200, 350, 880, 220, "#f0dfae")
    canvas.polygon([(170, 352), (260, 262), (1020, 262), (1110, 352)], "#b24a35")
    for n in range(8):
        x = 230 + n * 106
        if n in (2, 5):
            canvas.box(x, 420, 58, 150, "#3f7c8a")
        else:
            canvas.box(x, 410, 66, 74, "#6aa6b5")
            canvas.line([(x + 33, 410), (x + 33, 484)], "#f7f2e0", 4)
    canvas.box(200, 564, 880, 12, "#a9946b")
    canvas.box(636, 300, 8, 330, "#8b9196")
    canvas.polygon([(644, 304), (730, 318), (644, 348)], "#c0473b")
    for x in (70, 140, 1150, 1220):
        tree(canvas, x, 600, 150, "#3c6f45")
    for n in range(7):
        canvas.disc(250 + n * 120, 664, 34, "#6d9a50", 0.4)
    return canvas


def clinic(seed: int) -> Canvas:
    """A small clinic with a green cross beside a mountain road."""
    canvas = Canvas("#b5d9e8", "#f5f3e6", seed)
    ranges(canvas, "#9fbfc9", "#5b8c6e", 240, 430)
    canvas.box(0, 540, WIDTH, 180, "#9fb57c")
    canvas.polygon([(0, 720), (0, 668), (WIDTH, 610), (WIDTH, 684), (460, 720)], "#9a9a96")
    canvas.box(380, 360, 520, 210, "#fbfaf3")
    canvas.box(356, 336, 568, 30, "#3c8071")
    canvas.box(600, 440, 84, 130, "#5e97a6")
    for x in (420, 500, 730, 810):
        canvas.box(x, 420, 54, 64, "#8fc0cf")
    canvas.disc(642, 300, 52, "#ffffff")
    canvas.box(630, 264, 24, 72, "#2f8a56")
    canvas.box(606, 288, 72, 24, "#2f8a56")
    for x, size in ((200, 150), (280, 120), (1010, 160), (1110, 120)):
        tree(canvas, x, 580, size, "#3f7548")
    return canvas


def flood(seed: int) -> Canvas:
    """A swollen stream in a narrow valley under dark clouds."""
    canvas = Canvas("#4d5a66", "#8f9a9c", seed)
    ranges(canvas, "#6f7f86", "#3f5750", 250, 380, 3)
    for n in range(24):
        x, y = n * 56, 40 + canvas.random.uniform(-26, 50)
        canvas.disc(x, y, canvas.random.uniform(60, 110), "#3f4952" if n % 2 else "#4a5560", 0.55)
    canvas.polygon([(0, 260), (470, 420), (360, 720), (0, 720)], "#35503f")
    canvas.polygon([(WIDTH, 240), (770, 415), (980, 720), (WIDTH, 720)], "#2f4839")
    canvas.polygon([(560, 400), (690, 400), (1010, 720), (300, 720)], "#8a6543")
    for _ in range(60):
        t = canvas.random.uniform(0.05, 1)
        middle, half = 625 + 30 * t, 60 + 280 * t
        x, y = middle + canvas.random.uniform(-0.85, 0.85) * half, 405 + 315 * t
        canvas.line([(x, y), (x + 14 + 30 * t, y + 10 + 14 * t)], "#b8946c", 2 + 4 * t)
    for x, y, r in ((470, 640, 38), (820, 600, 30), (560, 560, 20), (760, 690, 44)):
        canvas.disc(x, y, r, "#5f5a55", 0.7)
    for x, y in ((120, 330), (230, 380), (1130, 320), (1010, 370), (60, 470), (1220, 450)):
        tree(canvas, x, y + 30, 100, "#24402f")
    for _ in range(150):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(60, HEIGHT)
        canvas.line([(x, y), (x - 7, y + 24)], "#a9b4b8", 1.2)
    return canvas


def shelves(seed: int) -> Canvas:
    """Shelves of files and a window open to the hills."""
    canvas = Canvas("#efe6d3", "#e0d2b6", seed)
    inside = Canvas("#b5d9e8", "#f2f3e6", seed)
    ranges(inside, "#9fbfc9", "#4f8061", 260, 460)
    canvas.image.paste(inside.image.crop((1560, 240, 2400, 1080)), (1560, 160))
    for x in (774, 984, 1194):
        canvas.box(x, 72, 14, 436, "#8b6f52")
    canvas.box(774, 72, 434, 14, "#8b6f52")
    canvas.box(774, 496, 434, 14, "#8b6f52")
    canvas.box(70, 60, 640, 600, "#7a5637")
    colors = ["#2f6f86", "#a5543f", "#4d7f4a", "#d9a441", "#6b5a86", "#8c8f93"]
    for shelf in range(4):
        y = 80 + shelf * 145
        canvas.box(86, y, 608, 125, "#5d4029")
        x = 94.0
        while x < 650:
            w, h = canvas.random.uniform(20, 42), canvas.random.uniform(84, 116)
            canvas.box(x, y + 125 - h, w, h, colors[canvas.random.randrange(6)])
            canvas.box(x + w * 0.2, y + 150 - h, w * 0.6, 16, "#f4eddc")
            x += w + 3
    canvas.box(760, 590, 470, 24, "#7a5637")
    canvas.polygon([(850, 588), (1010, 588), (1030, 560), (870, 560)], "#fffdf6")
    canvas.box(0, 690, WIDTH, 30, "#a58d66")
    return canvas


def mountain_road(seed: int) -> Canvas:
    """A road winding up a green slope."""
    canvas = Canvas("#9fcbe2", "#f1f2e4", seed)
    ranges(canvas, "#94b5c3", "#5d8d6b", 220, 340)
    hill(canvas, 370, 30, "#5f9350")
    bends = [
        (980, 380),
        (620, 430),
        (320, 470),
        (520, 520),
        (1000, 560),
        (820, 620),
        (300, 670),
        (120, 740),
    ]
    path: list[Point] = []
    for (x1, y1), (x2, y2) in pairwise(bends):
        for i in range(20):
            t = (1 - math.cos(math.pi * i / 20)) / 2
            path.append((x1 + (x2 - x1) * i / 20, y1 + (y2 - y1) * t))
    for (x, y), (x2, y2) in pairwise(path):
        canvas.line([(x, y + 6), (x2, y2 + 6)], "#4a6f3f", 10 + (y - 370) * 0.13)
    for (x, y), (x2, y2) in pairwise(path):
        width = 7 + (y - 370) * 0.12
        canvas.line([(x, y), (x2, y2)], "#8a8d90", width)
        canvas.disc(x, y, width / 2, "#8a8d90")
    for n in range(0, len(path) - 2, 3):
        canvas.line([path[n], path[n + 1]], "#f0ead8", 1 + (path[n][1] - 370) * 0.008)
    for n in range(44):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(420, 716)
        if all(abs(x - px) > 70 or abs(y - py) > 40 for px, py in path):
            tree(canvas, x, y, 34 + (y - 400) * 0.16, "#38663a" if n % 2 else "#457844")
    return canvas


def river_town(seed: int) -> Canvas:
    """A town on a river bank: rows of houses, trees, water."""
    canvas = Canvas("#b4d6ea", "#f8efdc", seed)
    ranges(canvas, "#a0bdc9", "#68917c", 230, 360)
    colors = ["#e8d6b0", "#d7c3a5", "#e9e3d4", "#cfd8d4", "#e6c6a4"]
    x = 0.0
    while x < WIDTH:
        w, h = canvas.random.uniform(44, 84), canvas.random.uniform(90, 210)
        canvas.box(x, 500 - h, w, h, colors[canvas.random.randrange(5)])
        canvas.box(
            x - 2, 494 - h, w + 4, 10, ["#a5543f", "#55727d", "#7d6a58"][canvas.random.randrange(3)]
        )
        for row in range(int(h // 42)):
            for column in range(int(w // 24)):
                canvas.box(x + 7 + column * 23, 512 - h + row * 40, 12, 18, "#7fa3b0")
        x += w + 3
    for n in range(24):
        tree(canvas, n * 55 + 20, 528, 66, "#40774a" if n % 2 else "#4f8a52")
    canvas.box(0, 526, WIDTH, 22, "#b9b3a3")
    river(canvas, 556, "#9a735a", "#8b8a72")
    return canvas


def village(seed: int) -> Canvas:
    """Wooden houses among terraces."""
    canvas = rice_terraces(seed)
    for x, y, size in ((230, 600, 190), (470, 560, 150), (860, 590, 180), (1110, 640, 210)):
        house(canvas, x, y, size, "#5e4636", "#b08a5e")
        tree(canvas, x + size * 0.85, y + 6, size * 0.7, "#35613a")
    return canvas


def safe_ground(seed: int) -> Canvas:
    """A hamlet below a mountain, a path to open high ground."""
    canvas = Canvas("#b9d3df", "#f2efe0", seed)
    ranges(canvas, "#9db6c0", "#567f66", 230, 360)
    canvas.polygon(
        [
            (0, 520),
            (420, 470),
            (760, 400),
            (900, 330),
            (1180, 330),
            (WIDTH, 380),
            (WIDTH, 720),
            (0, 720),
        ],
        "#7fa05c",
    )
    canvas.disc(1040, 350, 150, "#9dbb73", 0.22)
    path = [(300, 700), (420, 630), (560, 590), (640, 520), (800, 470), (860, 400), (980, 352)]
    canvas.line(path, "#e3d3a6", 20)
    canvas.box(1040, 262, 7, 84, "#7a5637")
    canvas.polygon([(1047, 264), (1112, 280), (1047, 302)], "#d9772d")
    for x, y in ((120, 620), (250, 590), (180, 690), (420, 690), (560, 680)):
        house(canvas, x, y, 104, "#8c4a3d", "#e0cfa9")
    for x, y in (
        (60, 560),
        (340, 560),
        (700, 640),
        (820, 600),
        (960, 560),
        (1120, 520),
        (1230, 600),
    ):
        tree(canvas, x, y, 96, "#37683e")
    canvas.line([(860, 720), (930, 660), (1020, 640), (1120, 690), (1180, 720)], "#7fb0c4", 26)
    return canvas


def straight_forest(seed: int) -> Canvas:
    """A hillside of straight-stemmed trees."""
    canvas = Canvas("#c2dce4", "#f2f0dc", seed)
    ranges(canvas, "#a5c1c6", "#5f8d69", 210, 330)
    for row in range(4):
        edge = hill(canvas, 430 + row * 85, 30, mix(rgb("#5f8f57"), rgb("#2c5a35"), row / 3))
        size = 90 + row * 34
        for n in range(int(WIDTH / (size * 0.42)) + 1):
            x = n * size * 0.42 + canvas.random.uniform(-8, 8)
            y = edge(x) + 26
            canvas.box(x - 3 - row, y - size * 0.7, 6 + row * 2, size * 0.72, "#7a5a40")
            crown = mix(rgb("#4a7f4c"), rgb("#1f4a2d"), row / 3 * 0.8 + (n % 2) * 0.15)
            canvas.polygon(
                [
                    (x - size * 0.2, y - size * 0.42),
                    (x, y - size * 1.12),
                    (x + size * 0.2, y - size * 0.42),
                ],
                crown,
            )
    return canvas


def old_forest(seed: int) -> Canvas:
    """Old forest in several storeys, a stream running out of it."""
    canvas = Canvas("#a9cdd6", "#e6eedd", seed)
    ranges(canvas, "#8fb2b8", "#46755c", 200, 330)
    for row in range(4):
        y = 400 + row * 76
        for n in range(18):
            x = n * 78 + canvas.random.uniform(-26, 26)
            shade = mix(rgb("#4f8a5a"), rgb("#1f4a33"), row / 3 * 0.75 + (n % 3) * 0.08)
            tree(
                canvas,
                x,
                y + canvas.random.uniform(-10, 26),
                120 + row * 24 + (n * 5 % 3) * 24,
                shade,
            )
    canvas.polygon([(0, 690), (WIDTH, 676), (WIDTH, 720), (0, 720)], "#8fae5c")
    stream = [(600, 470), (650, 520), (590, 570), (640, 620), (560, 670), (470, 730)]
    for n, (a, b) in enumerate(pairwise(stream)):
        canvas.line([a, b], "#b8dbe3", 22 + n * 14)
        canvas.disc(*b, 11 + n * 7, "#b8dbe3")
    for n in range(9):
        x, y = 560 + canvas.random.uniform(-50, 90), 560 + n * 17
        canvas.disc(x, y, 9 + n, "#6c7a78", 0.7)
    return canvas


def sea_of_clouds(seed: int) -> Canvas:
    """Clouds filling a valley, peaks standing out like islands."""
    canvas = Canvas("#e89f74", "#fbe6c4", seed)
    sun(canvas, 900, 260, 54, "#fff4d2")
    hill(canvas, 330, 60, "#b08a92", sharp=True)
    canvas.mist(410, 120, "#fdf0e0", 200)
    hill(canvas, 440, 64, "#7d7286", sharp=True)
    canvas.mist(520, 130, "#fdf3e8", 220)
    hill(canvas, 590, 60, "#4f566a")
    canvas.mist(640, 90, "#fff6ee", 210)
    edge = hill(canvas, 690, 22, "#2c3a3c")
    for n in range(9):
        tree(canvas, 60 + n * 45, edge(60 + n * 45) + 10, 60 + n % 3 * 24, "#22302f")
    return canvas


def workshop(seed: int) -> Canvas:
    """A training workshop: benches, tools, a large window."""
    canvas = Canvas("#e9e4d8", "#cfc8b8", seed)
    inside = Canvas("#b5d9e8", "#f2f3e6", seed)
    ranges(inside, "#9fbfc9", "#4f8061", 260, 440)
    canvas.image.paste(inside.image.crop((360, 240, 2200, 860)), (360, 120))
    for x in range(180, 1101, 184):
        canvas.box(x - 6, 54, 12, 322, "#5f6b70")
    for y in (54, 210, 366):
        canvas.box(174, y, 932, 12, "#5f6b70")
    canvas.box(0, 620, WIDTH, 100, "#a39c8c")
    for n in range(3):
        x = 90 + n * 390
        canvas.box(x, 500, 330, 26, "#8b5e3a")
        canvas.box(x + 18, 526, 20, 130, "#5d4029")
        canvas.box(x + 292, 526, 20, 130, "#5d4029")
        canvas.box(x + 60, 420, 96, 80, "#2f6f86")
        canvas.disc(x + 108, 456, 26, "#d6dde0")
        canvas.box(x + 196, 466, 84, 34, "#c0563f")
        canvas.box(x + 228, 430, 20, 40, "#555f63")
    for n in range(10):
        canvas.box(30 + n % 5 * 26, 130 + n // 5 * 120, 9, 90, "#6d7478")
        canvas.box(24 + n % 5 * 26, 124 + n // 5 * 120, 21, 22, "#b24a35" if n % 2 else "#d9a441")
    return canvas


def high_ranges(seed: int) -> Canvas:
    """Layer upon layer of forested mountains with mist between."""
    canvas = Canvas("#8fb4c9", "#eef2ea", seed)
    shades = ["#a6c0cc", "#86a9b4", "#658f93", "#467468", "#2d5a47", "#1d4232"]
    for n, shade in enumerate(shades):
        hill(canvas, 240 + n * 82, 74 - n * 6, shade, sharp=n < 4)
        if n < 5:
            canvas.mist(330 + n * 82, 54, "#eef4f2", 120)
    return canvas


def white_peak(seed: int) -> Canvas:
    """A high peak with frost on its top in winter light."""
    canvas = Canvas("#7f9fc0", "#f0e4dc", seed)
    hill(canvas, 330, 60, "#a9b9cb", sharp=True)
    peak = [(120, 640), (420, 330), (520, 270), (640, 120), (730, 220), (800, 250), (1180, 640)]
    canvas.polygon(peak, "#5f7388")
    canvas.polygon(
        [(640, 120), (730, 220), (800, 250), (1180, 640), (700, 640), (660, 330)], "#4c5f73"
    )
    snow = [
        (640, 120),
        (730, 220),
        (800, 250),
        (846, 298),
        (790, 292),
        (750, 330),
        (700, 286),
        (650, 350),
        (600, 290),
        (540, 340),
        (500, 302),
        (448, 330),
        (420, 330),
        (520, 270),
    ]
    canvas.polygon(snow, "#f7fafc")
    canvas.polygon(
        [
            (640, 120),
            (730, 220),
            (800, 250),
            (846, 298),
            (790, 292),
            (750, 330),
            (700, 286),
            (660, 330),
        ],
        "#dfe8ef",
    )
    canvas.mist(470, 90, "#eef1f4", 150)
    ranges(canvas, "#6f8a8e", "#2f5148", 520, 670, 3)
    for n in range(20):
        x = n * 68 + canvas.random.uniform(-14, 14)
        canvas.polygon([(x - 22, 722), (x, 610 + n % 4 * 14), (x + 22, 722)], "#24423a")
    return canvas

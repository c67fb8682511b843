"""Still lifes: things on a table, in a room, in a yard."""

import math

from .canvas import WIDTH, Canvas, dark, light, ranges, ring, smooth
from .motifs import (
    awning,
    basket,
    blossom_branch,
    book,
    boot,
    chilli,
    corn,
    flames,
    garlic,
    glove,
    helmet,
    jar,
    leaf,
    mat,
    rice_cake,
    sprig,
    star,
    table,
    window,
)


def dial_scale(seed: int) -> Canvas:
    """A spring dial scale at zero on a market stall, vegetables and corn beside it."""
    canvas = Canvas("#b3d5e6", "#f5eedb", seed)
    ranges(canvas, "#a3c0cb", "#719a7c", 190, 300)
    for row in range(2):
        for n in range(9):
            colors = ["#c0473b", "#2f6f9a", "#d9a441", "#4d7f4a", "#3b8a86"]
            awning(
                canvas,
                n * 165 - row * 70,
                392 + row * 70,
                150 + row * 24,
                light(colors[(n * 2 + row) % 5], 0.3),
            )
    canvas.mist(430, 60, "#f5eedb", 90)
    table(canvas, 530)
    canvas.shade(640, 640, 210, 0.16, 110)
    canvas.fade(
        [(500, 380), (780, 380), (820, 630), (840, 648), (440, 648), (460, 630)],
        "#4f97a0",
        "#2c6470",
    )
    canvas.box(430, 640, 420, 16, "#234c55")
    canvas.disc(640, 500, 112, "#234c55")
    canvas.disc(640, 500, 104, "#fbf8ee")
    for n in range(40):
        angle, deep = n * math.tau / 40, 16 if n % 5 else 28
        inner, outer = 96 - deep, 96
        canvas.line(
            [(640 + math.sin(angle) * r, 500 - math.cos(angle) * r) for r in (inner, outer)],
            "#3c4347",
            2 if n % 5 else 4.5,
        )
    canvas.polygon([(632, 520), (640, 416), (648, 520)], "#c0392f")
    canvas.disc(640, 500, 13, "#c0392f")
    canvas.box(620, 318, 40, 64, "#8fa3a8")
    canvas.box(580, 366, 120, 18, "#39515c")
    canvas.fade([(430, 268), (850, 268), (790, 326), (490, 326)], "#e3e8ea", "#a9b6bb")
    canvas.polygon(ring(640, 268, 212, 0.1), "#f1f4f5")
    canvas.polygon(ring(640, 271, 196, 0.085), "#c3ced2")
    for x, w, color in ((190, 290, "#5f9a45"), (1090, 280, "#6fae4c")):
        canvas.shade(x, 668, w * 0.5, 0.13, 90)
        for n in range(9):
            angle = -math.pi / 2 + (n - 4) * 0.26
            leaf(
                canvas, x + (n - 4) * 22, 566, 130 + n % 3 * 16, angle, light(color, 0.07 * (n % 3))
            )
        for n in range(7):
            leaf(
                canvas,
                x + (n - 3) * 30,
                572,
                92,
                -math.pi / 2 + (n - 3) * 0.3,
                light(color, 0.2 + 0.05 * (n % 2)),
            )
        basket(canvas, x, 672, w, 124)
    for n, (x, y) in enumerate(((382, 694), (430, 676), (884, 694), (910, 672))):
        corn(canvas, x, y, 128, 0.14 - n % 2 * 0.34)
    return canvas


def reading_corner(seed: int) -> Canvas:
    """A reed mat, two low boxes of picture books and a window to the mountains."""
    canvas = Canvas("#f2e7cf", "#ead9b8", seed)
    canvas.box(0, 430, WIDTH, 100, "#9fc0b0")
    canvas.box(0, 424, WIDTH, 8, "#7fa593")
    canvas.fade([(0, 530), (WIDTH, 530), (WIDTH, 720), (0, 720)], "#c99f78", "#b3835c")
    for n in range(-6, 27):
        canvas.line([(640 + (n - 10) * 64, 530), (640 + (n - 10) * 130, 720)], "#b98d66", 2)
    window(canvas, 430, 70, 420, 300)
    mat(canvas, 580, 706, 190, 1090)
    tints = ["#2f6f86", "#c0563f", "#d9a441", "#4d7f4a", "#7a5a96", "#3b8a86", "#d0836c", "#5b7fb0"]
    for box_number, left in enumerate((60, 860)):
        canvas.shade(left + 180, 610, 210, 0.1, 80)
        for n in range(4):
            x, y, h = left + 16 + n * 82, 410 + n % 2 * 14, 160
            book(canvas, x, y, 76, h, tints[(n + box_number * 4) % 8], n + box_number)
        canvas.fade(
            [(left, 524), (left + 360, 524), (left + 360, 612), (left, 612)], "#c79a63", "#a97c4c"
        )
        canvas.box(left, 564, 360, 4, "#8b6239")
        for x in (left, left + 346):
            canvas.box(x, 516, 14, 98, "#8b6239")
    for x, y, color, turn in ((520, 634, "#d0693c", 0), (720, 656, "#3b8a86", 1)):
        canvas.polygon(
            [(x, y), (x + 58, y + 8), (x + 50, y + 44), (x - 18, y + 34)], light(color, 0.75)
        )
        canvas.polygon(
            [(x + 58, y + 8), (x + 118, y), (x + 122, y + 34), (x + 50, y + 44)], light(color, 0.6)
        )
        canvas.line([(x + 58, y + 8), (x + 50, y + 44)], dark(color), 3)
        canvas.disc(x + 22 + turn * 60, y + 22, 9, color, 0.7)
    canvas.box(1014, 160, 170, 12, "#8b6f52")
    canvas.disc(1100, 134, 30, "#5f9a55")
    canvas.disc(1076, 116, 22, "#74ab64")
    canvas.disc(1122, 112, 24, "#68a25b")
    canvas.polygon([(1072, 130), (1128, 130), (1120, 160), (1080, 160)], "#b06a4a")
    for n in range(9):
        canvas.polygon([(60 + n * 36, 40), (92 + n * 36, 40), (76 + n * 36, 78)], tints[n % 8])
    canvas.line([(50, 40), (396, 40)], "#8b6f52", 3)
    return canvas


def indigo_cloth(seed: int) -> Canvas:
    """Indigo cloths of several shades on bamboo poles beside a wooden vat."""
    canvas = Canvas("#b5d3e0", "#f3eedd", seed)
    ranges(canvas, "#9fbbc6", "#5f8a6c", 190, 330)
    canvas.mist(330, 60, strength=110)
    canvas.fade([(0, 560), (500, 540), (WIDTH, 556), (WIDTH, 720), (0, 720)], "#a9b374", "#8d9a5a")
    shades = ["#a9c6dd", "#7fa6cc", "#5783b5", "#3a649b", "#274a80", "#1c3563", "#142548"]
    for x in (330, 770, 1220):
        canvas.line([(x, 190), (x - 4, 610)], "#b59a5a", 15)
        canvas.line([(x - 22, 214), (x + 4, 186), (x + 26, 156)], "#b59a5a", 9)
        for y in (270, 380, 500):
            canvas.line([(x - 9, y), (x + 7, y)], "#8f7740", 3)
    canvas.line([(280, 202), (1275, 196)], "#c4a765", 13)
    for x in range(340, 1260, 118):
        canvas.line([(x, 194), (x, 208)], "#8f7740", 3)
    for n, color in enumerate(shades):
        left, w = 350 + n * 124, 112
        drop = 300 + (n * 53 % 4) * 26
        low = [(left + w - w * t / 10, 200 + drop + 10 * math.sin(t * 0.9 + n)) for t in range(11)]
        canvas.fade([(left, 193), (left + w, 193), *low], light(color, 0.12), dark(color, 0.1))
        for fold in (0.18, 0.42, 0.66, 0.86):
            x = left + w * fold
            canvas.taper(
                [(x, 206), (x + 5, 200 + drop * 0.5), (x + 2, 194 + drop)], 3, 7, dark(color, 0.16)
            )
        canvas.fade(
            [(left, 193), (left + w, 193), (left + w, 212), (left, 212)], light(color, 0.25), color
        )
    canvas.shade(190, 690, 200, 0.14, 100)
    canvas.fade([(40, 430), (340, 430), (318, 690), (62, 690)], "#a97c4c", "#7a5636")
    for n in range(1, 8):
        canvas.line([(40 + n * 37.5, 430), (62 + n * 32, 690)], "#6b4a2e", 2.5)
    for y, half in ((480, 147), (640, 133)):
        canvas.line([(190 - half, y), (190 + half, y)], "#c9a865", 12)
    canvas.polygon(ring(190, 430, 150, 0.2), "#8b6239")
    canvas.polygon(ring(190, 432, 136, 0.18), "#1c3563")
    canvas.polygon(ring(170, 428, 84, 0.12), "#2f5490")
    canvas.line([(250, 436), (316, 330)], "#c4a765", 9)
    for x, lean in ((460, -1), (560, 1), (1010, -1), (1120, 1), (700, 1), (860, -1)):
        sprig(
            canvas,
            [(x, 724), (x + lean * 8, 690), (x + lean * 26, 640), (x + lean * 40, 616)],
            46,
            "#5f8a5a",
        )
    return canvas


def chilli_jars(seed: int) -> Canvas:
    """Earthenware jars, a tray of red chillies, garlic and black cardamom."""
    canvas = Canvas("#e6d3b3", "#d3b88f", seed)
    for n in range(18):
        canvas.box(n * 74, 0, 3, 500, "#cdb48b")
    window(canvas, 70, 60, 330, 270, "#7a5637")
    canvas.fade([(90, 360), (420, 360), (1000, 720), (380, 720)], "#fff0cc", "#fff0cc", 0)
    table(canvas, 470, "#a9794c")
    for x, y, h, color in (
        (700, 560, 330, "#8a5738"),
        (1110, 574, 370, "#7a4a30"),
        (910, 600, 400, "#9a6340"),
    ):
        jar(canvas, x, y, h, color)
    canvas.shade(350, 622, 330, 0.22, 110)
    canvas.polygon(ring(340, 596, 304, 0.27), "#a97c44")
    canvas.polygon(ring(340, 586, 304, 0.27), "#d9b877")
    canvas.polygon(ring(340, 586, 276, 0.235), "#c49d5c")
    for n in range(-9, 10):
        half = 0.235 * math.sqrt(max(0, 276**2 - (n * 30) ** 2))
        canvas.line([(340 + n * 30, 586 - half), (340 + n * 30, 586 + half)], "#b58c4d", 2)
    pods = []
    for _ in range(120):
        angle, reach = canvas.random.uniform(0, math.tau), math.sqrt(canvas.random.random())
        y = 574 + math.sin(angle) * reach * 46 - (1 - reach) * 44
        pods.append((y, 340 + math.cos(angle) * reach * 224))
    for y, x in sorted(pods):
        chilli(
            canvas,
            x,
            y,
            canvas.random.uniform(50, 74),
            canvas.random.uniform(-0.7, 0.7) + math.pi * canvas.random.randrange(2),
        )
    for x, y, r in ((700, 672, 40), (772, 688, 36), (640, 698, 34)):
        garlic(canvas, x, y, r)
    for n in range(16):
        x, y = 960 + n % 6 * 46 + n // 6 * 18, 654 + n // 6 * 26
        canvas.shade(x, y + 10, 24, 0.3, 90)
        canvas.shape(
            [
                (x - 22, y),
                (x - 8, y - 13),
                (x + 12, y - 12),
                (x + 24, y + 1),
                (x + 10, y + 12),
                (x - 10, y + 12),
            ],
            "#5d3a2c" if n % 2 else "#6d4433",
        )
        for d in (-4, 4):
            canvas.line(
                [(x - 18, y + d * 0.5), (x, y + d * 1.4), (x + 20, y + d * 0.5)], "#8a5f48", 2
            )
    return canvas


def new_year_gifts(seed: int) -> Canvas:
    """Rice cakes in green leaves, a folded blanket, a sack of rice; a pot on the fire behind."""
    canvas = Canvas("#8a6244", "#6a4830", seed)
    for n in range(19):
        canvas.box(n * 70, 0, 3, 480, "#5d3f2a")
    canvas.fade([(0, 420), (WIDTH, 420), (WIDTH, 560), (0, 560)], "#7a6450", "#665140")
    flames(canvas, 610, 480, 150)
    for x in (520, 700):
        canvas.fade(
            [(x - 26, 492), (x - 18, 388), (x + 18, 388), (x + 26, 492)], "#7d7a76", "#4f4c49"
        )
    pot = [(466, 190), (754, 190), (754, 360), (720, 400), (500, 400), (466, 360)]
    canvas.fade(pot, "#6b7074", "#2f3234")
    canvas.polygon(ring(610, 190, 144, 0.13), "#4a4e51")
    for n in range(4):
        rice_cake(canvas, 502 + n * 56, 164 + n % 2 * 6, 50, 26)
    canvas.fade([(466, 188), (754, 188), (754, 214), (466, 214)], "#7b8084", "#5b6064")
    for side in (-1, 1):
        canvas.line(
            [
                (610 + side * 144, 240),
                (610 + side * 166, 250),
                (610 + side * 166, 286),
                (610 + side * 144, 294),
            ],
            "#3c4042",
            9,
        )
    for n in range(3):
        x = 540 + n * 70
        for (px, py), r in zip(
            smooth([(x, 150), (x + 22, 110), (x - 10, 70), (x + 18, 10)], closed=False),
            range(10, 60),
        ):
            canvas.fade(ring(px, py, r * 0.9), "#f4efe6", "#f4efe6", 16)
    table(canvas, 540, "#b07f4f")
    canvas.shade(170, 676, 170, 0.16, 110)
    sack = [
        (60, 672),
        (34, 560),
        (64, 440),
        (130, 396),
        (166, 372),
        (204, 396),
        (272, 440),
        (304, 560),
        (280, 672),
        (170, 684),
    ]
    canvas.fade(smooth(sack), "#f4ead2", "#d3c19c")
    canvas.shape(
        [(140, 392), (112, 350), (140, 334), (170, 346), (202, 332), (228, 352), (196, 392)],
        "#eadfc4",
    )
    canvas.line([(132, 396), (168, 404), (206, 396)], "#b24a35", 9)
    for fold in ((100, 440, 84, 640), (236, 440, 258, 640), (168, 420, 176, 520)):
        canvas.taper(
            [fold[:2], ((fold[0] + fold[2]) / 2 + 8, (fold[1] + fold[3]) / 2), fold[2:]],
            2,
            6,
            "#cbb88f",
        )
    canvas.shade(470, 668, 190, 0.14, 110)
    for n, color in enumerate(("#3f6f8f", "#4d82a3", "#5b94b5")):
        y = 616 - n * 50
        fold = [
            (330, y),
            (350, y - 4),
            (590, y - 4),
            (612, y + 22),
            (590, y + 48),
            (350, y + 48),
            (330, y + 44),
        ]
        canvas.fade(smooth(fold, steps=5), light(color, 0.14), dark(color, 0.12))
        for stripe in (0.3, 0.5, 0.7):
            canvas.box(334, y + 44 * stripe, 262, 5, "#f0dfae" if stripe == 0.5 else "#d0693c")
    for x, y in ((680, 590), (840, 604), (744, 470)):
        canvas.shade(x + 74, y + 106, 92, 0.1, 90)
        rice_cake(canvas, x, y, 148, 104)
    canvas.shade(1120, 684, 90, 0.18, 110)
    vase = [
        (1080, 680),
        (1062, 600),
        (1092, 530),
        (1100, 490),
        (1146, 490),
        (1154, 530),
        (1184, 600),
        (1166, 680),
    ]
    canvas.fade(smooth(vase), "#d6e0e2", "#8fa9b3")
    canvas.line([(1070, 600), (1124, 608), (1178, 600)], "#4f7f9a", 5)
    for path in (
        [(1120, 494), (1090, 380), (1120, 260), (1070, 120)],
        [(1126, 494), (1170, 370), (1160, 260), (1230, 170)],
        [(1124, 494), (1130, 420), (1210, 330), (1262, 316)],
    ):
        blossom_branch(canvas, path, "#e58aa0", 9, 14)
    return canvas


def safety_wall(seed: int) -> Canvas:
    """Helmets, goggles, ear muffs and gloves in a row on a workshop wall, boots below."""
    canvas = Canvas("#dfe3dc", "#c9cdc4", seed)
    canvas.fade([(0, 0), (WIDTH, 0), (WIDTH, 560), (0, 560)], "#e9e2d0", "#cfd3c8")
    window(canvas, 960, 70, 260, 230, "#6f7b7d")
    canvas.fade([(960, 70), (1220, 70), (1220, 300), (960, 300)], "#ffd39a", "#ffe9c9", 90)
    canvas.fade([(0, 590), (WIDTH, 590), (WIDTH, 720), (0, 720)], "#a7a89f", "#8d8f87")
    canvas.fade([(60, 60), (860, 60), (860, 440), (60, 440)], "#8fa9a5", "#7b9692")
    canvas.box(60, 60, 800, 10, "#64807c")
    colors = ["#e3b23c", "#e9e6da", "#3f7fa8", "#e3b23c", "#d0693c"]
    for n, color in enumerate(colors):
        x = 140 + n * 160
        canvas.disc(x, 92, 7, "#5d6b6d")
        helmet(canvas, x, 190, 124, color)
        canvas.disc(x, 238, 6, "#5d6b6d")
        canvas.line(
            [(x - 46, 282), (x - 40, 250), (x, 238), (x + 40, 250), (x + 46, 282)], "#39464a", 5
        )
        if n % 2 == 0:
            for dx in (-27, 27):
                canvas.polygon(ring(x + dx, 290, 27, 0.74), "#39464a")
                canvas.polygon(ring(x + dx, 290, 21, 0.7), "#b5dbe3")
            canvas.box(x - 6, 284, 12, 6, "#39464a")
        else:
            for dx in (-46, 46):
                canvas.polygon(ring(x + dx, 294, 23, 1.3), "#c0563f")
                canvas.polygon(ring(x + dx * 0.86, 294, 14, 1.6), "#33393b")
        canvas.disc(x, 336, 6, "#5d6b6d")
        for dx in (-23, 23):
            glove(canvas, x + dx * 1.2, 344, 78, "#c9a25c" if n % 2 else "#8a9aa0", dx > 0)
    canvas.box(50, 560, 820, 16, "#8b6239")
    for x in (70, 440, 830):
        canvas.box(x, 576, 14, 78, "#6d4c2c")
    for n in range(5):
        for dx in (-34, 26):
            boot(canvas, 140 + n * 160 + dx, 560, 82, "#3f4a4d" if n != 2 else "#5d4632")
    canvas.shade(1080, 640, 190, 0.12, 110)
    canvas.fade([(930, 470), (1230, 470), (1216, 640), (944, 640)], "#4f8c86", "#39706c")
    canvas.box(910, 446, 340, 28, "#64807c")
    canvas.fade([(1150, 330), (1230, 330), (1230, 446), (1150, 446)], "#4f8c86", "#39706c")
    canvas.disc(1130, 390, 28, "#9aa7aa")
    canvas.box(950, 384, 180, 12, "#b9c3c5")
    canvas.box(936, 362, 34, 84, "#64807c")
    for n in range(9):
        canvas.line([(980 + n * 18, 340), (980 + n * 18, 446)], "#e3b23c", 4)
    for y in (340, 392, 444):
        canvas.line([(978, y), (1126, y)], "#e3b23c", 5)
    canvas.disc(1188, 366, 13, "#c0392f")
    canvas.disc(1188, 402, 9, "#5f9a55")
    return canvas


def star_lantern(seed: int) -> Canvas:
    """A glowing star lantern and an unfinished star of bamboo, under a full moon."""
    canvas = Canvas("#14233f", "#4a5f86", seed)
    for _ in range(80):
        canvas.disc(
            canvas.random.uniform(0, WIDTH),
            canvas.random.uniform(0, 330),
            canvas.random.uniform(0.8, 2.2),
            "#cfd8ea",
        )
    canvas.glow(1010, 150, 240, "#fff2c4", 190)
    canvas.disc(1010, 150, 74, "#fff3cf")
    ranges(canvas, "#3b527a", "#1c3040", 330, 460)
    canvas.fade([(0, 520), (WIDTH, 506), (WIDTH, 720), (0, 720)], "#2c4038", "#1d2c28")
    mat(canvas, 540, 712, 60, 1240, "#b59d68")
    canvas.glow(420, 360, 430, "#ffcf7a", 210)
    canvas.taper([(420, 330), (452, 520), (500, 690)], 13, 13, "#c4a765")
    corners = star(420, 340, 250, -0.12)
    films = ["#d8433b", "#f0b43c", "#4fa25a", "#3f86c4", "#a85ab0"]
    for n in range(5):
        arm = [corners[2 * n - 1], corners[2 * n], corners[(2 * n + 1) % 10], (420, 340)]
        canvas.fade(arm, light(films[n], 0.24), films[n])
        canvas.fade(
            [corners[2 * n], corners[(2 * n + 1) % 10], (420, 340)],
            light(films[n], 0.4),
            light(films[n], 0.16),
            120,
        )
    canvas.glow(420, 340, 150, "#fff3c4", 230)
    for n in range(10):
        canvas.line([corners[n], corners[(n + 1) % 10]], "#7a5c2e", 7)
        canvas.line([(420, 340), corners[n]], "#a5813f", 3)
    for n in range(0, 10, 2):
        for d in (-9, 0, 9):
            x, y = corners[n]
            canvas.taper([(x, y), (x + d, y + 26), (x + d * 1.6, y + 54)], 4, 2, films[n // 2])
    frame = star(880, 512, 170, 0.3)
    for shift, color in ((12, "#8f7740"), (0, "#dcc27e")):
        tips = [(x + shift, y * 0.72 + 166 + shift) for x, y in frame[::2]]
        for n in range(5):
            canvas.line([tips[n], tips[(n + 2) % 5]], color, 9)
        for tip in tips:
            canvas.disc(*tip, 9, "#b24a35")
    for n, (x, y) in enumerate(((1090, 616), (1110, 650), (1070, 684))):
        film = films[(n * 2 + 1) % 5]
        canvas.line([(x - 70, y), (x + 70, y - 14)], film, 30)
        canvas.line([(x - 70, y - 8), (x + 70, y - 22)], light(film, 0.4), 5)
        canvas.disc(x + 70, y - 14, 15, light(film, 0.3), 1)
        canvas.disc(x + 70, y - 14, 6, dark(film, 0.5), 1)
    for side in (-1, 1):
        canvas.taper(
            [(640 - side * 20, 600), (690, 650), (752 + side * 3, 694 - side * 10)],
            13,
            3,
            "#c3ccd0",
        )
        loop = ring(624 - side * 26, 590 - side * 2, 22, 0.75)
        canvas.line([*loop, loop[0]], "#c0563f", 9)
    canvas.disc(690, 650, 6, "#6d7478")
    return canvas

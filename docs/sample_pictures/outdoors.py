"""Scenes of the open air: rivers, villages, animals, works on slopes."""

import math

from .canvas import (
    WIDTH,
    Canvas,
    dark,
    hill,
    house,
    light,
    mix,
    placed,
    ranges,
    rgb,
    ring,
    smooth,
    sun,
    tree,
)
from .motifs import (
    basket,
    buffalo,
    conifer,
    corn,
    earth_house,
    grass,
    horse,
    palm,
    pebbles,
    plum_tree,
    rice_rows,
    stilt_house,
)


def treatment_plant(seed: int) -> Canvas:
    """Round settling tanks beside factory roofs, a channel running to the river."""
    canvas = Canvas("#aed3e4", "#f3f1e2", seed)
    ranges(canvas, "#a2bfc9", "#6a967a", 190, 290)
    canvas.fade([(0, 330), (WIDTH, 320), (WIDTH, 720), (0, 720)], "#9dbb78", "#7d9f5c")
    for n in range(30):
        tree(canvas, n * 45, 340 + n % 3 * 5, 44 + n % 4 * 6, "#4f8456" if n % 2 else "#427549")
    for x, y, w in ((60, 318, 250), (280, 336, 300)):
        for n in range(4):
            left, step = x + n * w / 4, w / 4
            canvas.polygon([(left, y), (left + step * 0.85, y - 40), (left + step, y)], "#55727d")
            canvas.polygon(
                [(left + step * 0.85, y - 40), (left + step, y - 30), (left + step, y)], "#bcd5dd"
            )
        canvas.fade([(x, y), (x + w, y), (x + w, y + 84), (x, y + 84)], "#e6e1d2", "#cfc8b6")
        canvas.box(x, y, w, 8, "#8fa3a8")
        for n in range(5):
            canvas.box(x + 18 + n * (w - 20) / 5, y + 30, w / 8, 24, "#7fa3b0")
    canvas.line([(590, 424), (760, 440), (800, 470)], "#8d989b", 12)
    for x, y, r, water in (
        (470, 520, 165, "#8b7f5e"),
        (850, 500, 150, "#7d9a86"),
        (1130, 470, 120, "#78b0bd"),
    ):
        canvas.shade(x + 14, y + 34, r * 1.1, 0.36, 70)
        canvas.polygon([*ring(x, y + 26, r, 0.36)], "#a8a79c")
        canvas.polygon([(x - r, y), (x + r, y), (x + r, y + 26), (x - r, y + 26)], "#bcbab0")
        canvas.polygon(ring(x, y, r, 0.36), "#d8d6cc")
        canvas.polygon(ring(x, y + 4, r * 0.92, 0.35), dark(water, 0.2))
        canvas.polygon(ring(x, y + 10, r * 0.89, 0.33), water)
        for share in (0.68, 0.44):
            canvas.line(
                [(px, py + 8) for px, py in ring(x, y, r * share, 0.34)[22:60]],
                light(water, 0.25),
                3,
            )
        canvas.box(x - r * 0.96, y - 12, r * 1.02, 10, "#6f8087")
        canvas.line([(x - r * 0.96, y - 30), (x + r * 0.05, y - 30)], "#8fa3a8", 3)
        for n in range(7):
            canvas.line(
                [(x - r * (0.94 - n * 0.16), y - 30), (x - r * (0.94 - n * 0.16), y - 8)],
                "#8fa3a8",
                3,
            )
        canvas.box(x - 12, y - 34, 24, 40, "#55727d")
    canvas.polygon([(1088, 506), (1128, 510), (1004, 668), (900, 668)], "#c9c8be")
    canvas.fade([(1096, 510), (1120, 512), (986, 668), (918, 668)], "#8fc3cf", "#6fadbd")
    canvas.fade(
        smooth(
            [(-40, 640), (300, 668), (700, 640), (1000, 652), (1320, 622), (1320, 760), (-40, 760)]
        ),
        "#7fb3bd",
        "#5d97a6",
    )
    for _ in range(30):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(668, 716)
        canvas.line([(x, y), (x + canvas.random.uniform(30, 110), y)], "#a5ccd2", 2)
    for x in (40, 110, 180, 690, 760, 1200, 1260):
        grass(canvas, x, 656, 46, "#557f45")
    return canvas


def confluence(seed: int) -> Canvas:
    """A small green river joining a wide red one inside a city at dusk."""
    canvas = Canvas("#7f8fb0", "#f6c9a0", seed)
    canvas.glow(930, 290, 460, "#ffe2b0", 210)
    ranges(canvas, "#a79fb0", "#5f6f78", 200, 290)
    hill(canvas, 320, 26, "#4f6560")
    canvas.fade([(0, 352), (WIDTH, 346), (WIDTH, 720), (0, 720)], "#52685a", "#3f5348")
    walls = ["#8f8078", "#a18f7e", "#7d7672", "#b39d85", "#8a8a8c"]
    for row in range(3):
        x, base = -20.0, 374 + row * 36
        while x < WIDTH:
            w, h = canvas.random.uniform(30, 52) + row * 6, canvas.random.uniform(24, 54) + row * 8
            canvas.box(x, base - h, w, h + 20, walls[canvas.random.randrange(5)])
            canvas.box(x - 2, base - h - 5, w + 4, 6, "#5d4c4a")
            columns, floors = int(w // 14), int(h // 18)
            for n in range(columns * floors):
                lit = "#ffd98a" if canvas.random.random() < 0.4 else "#5d5c64"
                wx, wy = n % columns, n // columns
                canvas.box(x + 5 + wx * 14, base - h + 7 + wy * 18, 6, 9, lit)
            x += w + canvas.random.uniform(8, 60)
        for n in range(22):
            x = n * 60 + canvas.random.uniform(-20, 20)
            tree(canvas, x, base + 22, 36 + row * 8, "#42594c" if n % 2 else "#4d6755")
    canvas.box(0, 466, WIDTH, 8, "#d3bfa2")
    canvas.box(0, 474, WIDTH, 26, "#a8977f")
    # the smaller river comes from the right, behind a spit of land
    canvas.fade([(340, 500), (WIDTH, 500), (WIDTH, 720), (340, 720)], "#8fb5a0", "#6a9a86")
    red = [(-40, 500), (360, 500), (600, 520), (780, 566), (1000, 612), (1340, 640), (1340, 780)]
    canvas.fade([*smooth(red, closed=False), (-40, 780)], "#c98a66", "#97573f")
    for n in range(150):
        share = canvas.random.random()
        x = 520 + share * 800
        y = 512 + share * 122 + canvas.random.uniform(-10, 10 + share * 18)
        tone = "#a98f72" if n % 2 else "#8fa389"
        canvas.line([(x, y), (x + canvas.random.uniform(20, 80), y + 5)], tone, 3)
    for _ in range(70):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(510, 716)
        limit = 512 + max(0, x - 520) * 0.152
        if abs(y - limit) > 22:
            tone = "#dca886" if y > limit else "#b5d0bd"
            canvas.line([(x, y), (x + canvas.random.uniform(30, 100), y)], tone, 2)
    spit = [
        (1340, 532),
        (1180, 536),
        (1040, 548),
        (960, 562),
        (1060, 572),
        (1200, 580),
        (1340, 590),
    ]
    canvas.fade(smooth([(x, y + 8) for x, y in spit]), "#c4ad8f", "#a8977f")
    canvas.fade(smooth(spit), "#5b755f", "#4a6253")
    for n in range(8):
        tree(canvas, 1060 + n * 32, 562 + n % 3 * 6, 54 + n * 3, "#38544a" if n % 2 else "#446354")
    deck = smooth([(860, 470), (930, 452), (1040, 444), (1150, 452), (1290, 478)], closed=False)
    for x, y in ((930, 452), (1040, 444), (1150, 452)):
        canvas.polygon([(x - 7, y), (x + 7, y), (x + 11, 524), (x - 11, 524)], "#8a837c")
    canvas.line(deck, "#e2d5c0", 13)
    canvas.line([(x, y - 14) for x, y in deck], "#9a8f84", 3)
    for x, y in deck[4::6]:
        canvas.line([(x, y), (x, y - 34)], "#6d6762", 3)
        canvas.glow(x, y - 34, 22, "#ffe6a8", 240)
    for n in range(18):
        canvas.glow(20 + n * 48, 462, 15, "#ffdf9a", 210)
    return canvas


def tay_house(seed: int) -> Canvas:
    """A house on stilts with its back to a palm hill, rice in front."""
    canvas = Canvas("#a8d0e2", "#f7f1dc", seed)
    ranges(canvas, "#a0bfca", "#6b9a7c", 200, 300, 3)
    crown = [
        (-60, 470),
        (60, 330),
        (300, 226),
        (560, 190),
        (840, 222),
        (1100, 320),
        (1340, 440),
        (1340, 620),
        (-60, 620),
    ]
    canvas.fade(smooth(crown), "#7fa860", "#5a8547")
    for n in range(26):
        x = 70 + n * 46 + canvas.random.uniform(-14, 14)
        y = 268 + abs(x - 600) * 0.2 + canvas.random.uniform(0, 120)
        palm(canvas, x, y + 40, 92 + (y - 260) * 0.2, "#477a45" if n % 2 else "#5a8c4c")
    canvas.fade([(0, 520), (WIDTH, 508), (WIDTH, 640), (0, 640)], "#a9b878", "#8fa45f")
    canvas.shade(640, 574, 330, 0.1, 60)
    stilt_house(canvas, 640, 572, 500)
    for x, y, size in ((150, 560, 170), (1120, 556, 190), (1210, 576, 130)):
        palm(canvas, x, y, size, "#3f7040")
    for x in (250, 330, 960, 1030):
        grass(canvas, x, 580, 34, "#5f8a45")
    canvas.line([(0, 598), (WIDTH, 592)], "#7a6a48", 10)
    rice_rows(canvas, 600, "#5f9a35", "#a3c254")
    return canvas


def pack_horse(seed: int) -> Canvas:
    """A small horse with two baskets on a highland path."""
    canvas = Canvas("#a3cbe2", "#f7eeda", seed)
    sun(canvas, 220, 130, 44)
    ranges(canvas, "#a3bfcb", "#7fa184", 220, 340)
    hill(canvas, 420, 30, "#8fac62")
    for row in range(7):
        y = 424 + row * 17
        for n in range(34):
            x = n * 40 + row * 17 % 40 + canvas.random.uniform(-6, 6)
            if x < 520 + row * 16:
                for lean in (-0.42, 0.1, 0.5):
                    canvas.line(
                        [(x, y + 22), (x + lean * 16, y - 12 - row * 2)], "#6f9440", 2.5 + row * 0.3
                    )
                canvas.disc(x + 4, y - 12 - row * 2, 2.6, "#d9b45a")
    canvas.fade(
        smooth(
            [(-60, 560), (300, 540), (700, 520), (1000, 480), (1340, 440), (1340, 780), (-60, 780)]
        ),
        "#9cb566",
        "#7d9a4c",
    )
    path = [(-40, 690), (300, 640), (640, 640), (930, 610), (1130, 530), (1330, 488)]
    canvas.taper(path, 120, 26, "#d8c196")
    canvas.taper([(x, y + 4) for x, y in path], 84, 14, "#e4d1aa")
    for x, y, r in (
        (180, 706, 18),
        (430, 694, 12),
        (1010, 640, 15),
        (840, 690, 20),
        (1180, 570, 9),
    ):
        pebbles(canvas, x, y, r, "#a59f8e")
    canvas.shade(640, 648, 230, 0.12, 90)
    x, y, size = 620, 646, 270
    horse(canvas, x, y, size, "#8a5f3e")
    canvas.shape(
        [
            (x - 96, y - 262),
            (x - 20, y - 276),
            (x + 64, y - 270),
            (x + 50, y - 226),
            (x - 80, y - 226),
        ],
        "#7a2f3a",
    )
    canvas.line([(x + 30, y - 250), (x + 34, y - 128)], "#4a3828", 7)
    canvas.line([(x - 70, y - 268), (x - 20, y - 296), (x + 44, y - 270)], "#6b4e37", 11)
    basket(canvas, x - 10, y - 118, 128, 136)
    for n in range(6):
        corn(canvas, x - 52 + n * 17, y - 246, 48, -1.9 + n * 0.16)
    canvas.line([(x - 62, y - 252), (x - 62, y - 150)], "#5d4632", 4)
    canvas.line([(x + 42, y - 252), (x + 40, y - 150)], "#5d4632", 4)
    for gx in (60, 140, 1040, 1120, 1220, 900):
        grass(canvas, gx, 700 if gx < 800 else 672, 44, "#5f8a3a")
    return canvas


def plum_orchard(seed: int) -> Canvas:
    """Plum trees in white blossom on a slope, a ladder at one of them."""
    canvas = Canvas("#bcd3e0", "#f6efe6", seed)
    ranges(canvas, "#b4c6d2", "#86a596", 210, 330)
    canvas.mist(340, 80, strength=150)
    rows = [(400, 86, 15), (470, 130, 11), (560, 190, 8)]
    for depth, (base, size, count) in enumerate(rows):
        edge = hill(canvas, base, 18, mix(rgb("#a9bb86"), rgb("#7f9d5c"), depth / 2))
        for n in range(count):
            x = (n + 0.3 + depth * 0.3) * WIDTH / count
            plum_tree(canvas, x, edge(x) + 16, size, mix(rgb("#e6e8ea"), rgb("#fbfaf6"), depth / 2))
        if depth < 2:
            canvas.mist(base + 30, 50, strength=90)
    canvas.fade([(0, 640), (500, 622), (WIDTH, 640), (WIDTH, 720), (0, 720)], "#8aa75f", "#6b8a48")
    canvas.shade(900, 680, 200, 0.12, 60)
    plum_tree(canvas, 880, 684, 430, "#fdfcf9")
    ladder = ((742, 700), (832, 352)), ((802, 704), (868, 356))
    for rail in ladder:
        canvas.line(rail, "#a57c4b", 11)
    for n in range(1, 9):
        (ax, ay), (bx, by) = (
            (low[0] + (high[0] - low[0]) * n / 9, low[1] + (high[1] - low[1]) * n / 9)
            for low, high in ladder
        )
        canvas.line([(ax, ay), (bx, by)], "#b98f5c", 9)
    plum_tree(canvas, 190, 712, 330, "#f7f6f2")
    for _ in range(90):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(650, 716)
        canvas.disc(x, y, canvas.random.uniform(1.5, 3.5), "#f7f6f0", 0.6)
    return canvas


def earth_village(seed: int) -> Canvas:
    """Square houses of rammed earth with mushroom roofs on a misty mountainside."""
    canvas = Canvas("#c3cdd4", "#eeeae2", seed)
    canvas.glow(300, 150, 330, "#fff3dc", 170)
    for n, (y, color) in enumerate(((240, "#b7c3cb"), (310, "#a0b0b6"), (380, "#879b9b"))):
        hill(canvas, y, 62 - n * 8, color, sharp=n < 2)
        canvas.mist(y + 50, 66, "#f0efea", 160)
    slope = [
        (-60, 620),
        (200, 560),
        (480, 520),
        (800, 420),
        (1060, 330),
        (1340, 250),
        (1340, 780),
        (-60, 780),
    ]
    canvas.fade(smooth(slope), "#8d9c78", "#75865c")
    for x, y, size in ((1190, 330, 150), (1010, 380, 110), (860, 440, 80)):
        for n in range(3):
            conifer(canvas, x + n * 44, y + n % 2 * 14, size, "#5b7562")
    houses = [
        (900, 500, 150),
        (1120, 470, 170),
        (700, 566, 160),
        (980, 610, 205),
        (1200, 640, 220),
        (430, 630, 170),
        (700, 706, 240),
    ]
    for n, (x, y, size) in enumerate(houses):
        earth_house(canvas, x, y, size)
        if n in (1, 3, 5):
            top = y - size * 1.02
            plume = [(x, top), (x + 16, top - 40), (x - 4, top - 84), (x + 24, top - 130)]
            for (px, py), r in zip(smooth(plume, closed=False), range(8, 60)):
                canvas.fade(ring(px, py, r * 0.8), "#f4f3f0", "#f4f3f0", 22)
    canvas.mist(520, 40, "#f2f0ea", 70)
    for n in range(12):
        canvas.line([(40 + n * 32, 690 - n * 3), (40 + n * 32, 640 - n * 3)], "#7a6248", 6)
    for y in (655, 675):
        canvas.line([(30, y), (400, y - 34)], "#7a6248", 4)
    for x in (60, 180, 300, 560, 880):
        grass(canvas, x, 716, 46, "#8a9460")
    return canvas


def buffalo_market(seed: int) -> Canvas:
    """Water buffaloes on an open ground below a mountain, in morning mist."""
    canvas = Canvas("#bfd0d8", "#f4ecdd", seed)
    ranges(canvas, "#a9bfc6", "#6f9a76", 170, 300)
    slope = [
        (-60, 400),
        (200, 330),
        (460, 250),
        (640, 220),
        (820, 262),
        (1080, 340),
        (1340, 380),
        (1340, 560),
        (-60, 560),
    ]
    canvas.fade(smooth(slope), "#79a36a", "#5f8a58")
    for n in range(26):
        x = 40 + n * 48 + canvas.random.uniform(-14, 14)
        tree(canvas, x, 400 + canvas.random.uniform(-30, 30), 54, "#4f7d50" if n % 2 else "#5c8b58")
    canvas.fade([(0, 432), (400, 424), (WIDTH, 430), (WIDTH, 720), (0, 720)], "#cdb591", "#b08f66")
    canvas.mist(430, 80, "#f7f3ea", 190)
    for _ in range(70):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(480, 716)
        canvas.line([(x, y), (x + canvas.random.uniform(12, 50), y)], "#a5855d", 2)
    herd = [
        (300, 484, 70, 0),
        (520, 476, 64, 1),
        (770, 484, 74, 0),
        (1010, 480, 70, 1),
        (1190, 500, 84, 1),
        (110, 560, 116, 0),
        (600, 556, 118, 1),
        (1120, 590, 136, 1),
        (330, 690, 186, 0),
        (880, 704, 206, 0),
    ]
    coats = ["#6d6a6c", "#777274", "#5f5d60", "#57555a"]
    for n, (x, y, size, flip) in enumerate(herd):
        canvas.shade(x, y, size * 1.1, 0.13, 90)
        buffalo(canvas, x, y, size, coats[n % 4] if n != 6 else "#a08a7c", bool(flip))
        side = -1 if flip else 1
        if size > 100:
            peg = x + side * size * 1.5
            canvas.line([(peg, y + 8), (peg, y - size * 0.22)], "#7a5c3e", size / 20)
            slack = [
                (x + side * size * 1.06, y - size * 0.55),
                (x + side * size * 1.2, y - size * 0.2),
                (peg, y - size * 0.16),
            ]
            canvas.taper(slack, size / 45, size / 45, "#d9c48c")
            bell = [(-0.07, 0.1), (-0.06, -0.06), (0.06, -0.06), (0.07, 0.1)]
            canvas.line(
                [
                    (x + side * size * 0.5, y - size * 0.95),
                    (x + side * size * 0.68, y - size * 0.5),
                ],
                "#d9c48c",
                size / 32,
            )
            canvas.polygon(placed(bell, x + side * size * 0.69, y - size * 0.44, size), "#b07f45")
        if n == 4:
            canvas.mist(510, 46, "#f7f3ea", 110)
    return canvas


def water_wheel(seed: int) -> Canvas:
    """A bamboo wheel lifting water from a stream into a trough."""
    canvas = Canvas("#a9d0e0", "#f3f1de", seed)
    ranges(canvas, "#9dbdc6", "#568a66", 180, 320)
    for n in range(34):
        x = n * 40 + canvas.random.uniform(-12, 12)
        tree(canvas, x, 440 + canvas.random.uniform(-26, 16), 96, "#437a4b" if n % 2 else "#508753")
    bank = [(800, 470), (960, 436), (1340, 420), (1340, 780), (900, 780), (830, 600)]
    canvas.fade([(0, 470), (460, 452), (520, 560), (400, 720), (0, 720)], "#94b266", "#6f9148")
    stream = [
        (470, 486),
        (640, 478),
        (840, 486),
        (860, 560),
        (930, 640),
        (1010, 780),
        (160, 780),
        (300, 640),
        (400, 560),
    ]
    canvas.fade(smooth(stream), "#b5d9de", "#63a0b3")
    canvas.fade(smooth(bank), "#9dbb63", "#6f9a44")
    for row in range(9):
        for n in range(15):
            grass(
                canvas,
                930 + n * 28 - row * 4,
                478 + row * 30,
                30 + row * 3,
                "#8fbf48" if row % 2 else "#7db03f",
            )
    for _ in range(50):
        x, y = canvas.random.uniform(400, 770), canvas.random.uniform(560, 712)
        canvas.line([(x, y), (x + canvas.random.uniform(24, 80), y)], "#d3e9ec", 2.5)
    cx, cy, r = 600.0, 380.0, 248.0
    for x in (cx - 44, cx + 44):
        canvas.taper([(x * 1.1 - cx * 0.1, 690), (x, cy - 20)], 17, 14, "#8f7740")
    spokes = 18
    for n in range(spokes):
        angle = n * math.tau / spokes
        for lean in (-0.07, 0.07):
            end = (cx + math.cos(angle + lean) * r, cy + math.sin(angle + lean) * r)
            canvas.line([(cx + 14 * math.cos(angle), cy + 14 * math.sin(angle)), end], "#c4a765", 5)
    for share, width in ((1.0, 9), (0.9, 6), (0.5, 5)):
        outline = ring(cx, cy, r * share)
        canvas.line([*outline, outline[0]], "#b08f4f", width)
    for n in range(spokes):
        angle = n * math.tau / spokes + 0.17
        px, py = cx + math.cos(angle) * r, cy + math.sin(angle) * r
        paddle = [(px - 4, py), (px + math.cos(angle) * 34, py + math.sin(angle) * 34)]
        canvas.line(paddle, "#9a7f45", 20)
        tilt = angle - 1.05 + (0.0 if math.sin(angle) < 0.2 else 0.2)
        tube = [
            (px - math.cos(tilt) * 30, py - math.sin(tilt) * 30),
            (px + math.cos(tilt) * 30, py + math.sin(tilt) * 30),
        ]
        canvas.line(tube, "#d9c07a", 15)
        canvas.disc(*tube[1], 7.5, "#7f6a3a")
    canvas.disc(cx, cy, 24, "#8f7740")
    canvas.disc(cx, cy, 12, "#6b5730")
    for n in range(3):
        x = cx + 46 + n * 32
        canvas.taper([(x, 146 + n * 12), (x + 14, 166 + n * 6), (x + 16, 196)], 4, 9, "#d8eff3")
    trough = [(cx + 30, 192), (cx + 330, 236), (1010, 330), (1150, 440)]
    for x, y in ((cx + 130, 206), (cx + 320, 236), (1010, 332)):
        canvas.line([(x, y), (x - 4, 560 if x < 800 else 486)], "#8f7740", 10)
    canvas.taper(trough, 26, 22, "#9a7f45")
    canvas.taper([(x, y - 5) for x, y in trough], 12, 11, "#bfe2ea")
    canvas.taper([(1146, 436), (1160, 462), (1160, 498)], 12, 20, "#d8eff3")
    canvas.fade(ring(600, 632, 270, 0.12), "#a5d0d8", "#7fb4c3", 150)
    for n in range(20):
        x = cx - 190 + n * 20
        canvas.disc(x, 598 + n % 3 * 5, 10 + n % 4 * 2, "#e9f5f6", 0.4)
    for x, y, size in (
        (330, 640, 34),
        (290, 690, 44),
        (880, 650, 36),
        (400, 700, 26),
        (840, 706, 30),
    ):
        pebbles(canvas, x, y, size)
    return canvas


def tap_to_source(seed: int) -> Canvas:
    """A slope cut open: tap, buried pipe, tank, weir at the edge of a forest."""
    canvas = Canvas("#aed4e6", "#f5f2e0", seed)
    ranges(canvas, "#a3c0cb", "#7aa487", 170, 300, 3)
    surface = smooth(
        [
            (-40, 586),
            (200, 584),
            (400, 578),
            (540, 530),
            (650, 452),
            (730, 424),
            (860, 420),
            (960, 360),
            (1060, 282),
            (1130, 262),
            (1210, 256),
            (1330, 214),
        ],
        closed=False,
    )
    for n in range(16):
        x = 1010 + n * 22
        tree(canvas, x, 296 - n * 5, 130 + n % 3 * 26, "#35643f" if n % 2 else "#437649")
    house(canvas, 330, 584, 210, "#8c4a3d", "#e0cfa9")
    tree(canvas, 70, 586, 170, "#4a7d4b")
    canvas.fade([*surface, (1330, 720), (-40, 720)], "#b58a5c", "#86603d")
    for n in range(80):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(300, 716)
        if y > 80 + next(sy for sx, sy in surface if sx >= x):
            pebbles(canvas, x, y, canvas.random.uniform(4, 13), "#a07a52" if n % 3 else "#8f8577")
    canvas.polygon([*surface, *((x, y + 22) for x, y in reversed(surface))], "#7fa552")
    pipe = smooth([(1112, 280), (1060, 322), (980, 392), (880, 462), (850, 470)], closed=False)
    down = smooth(
        [
            (742, 474),
            (690, 490),
            (600, 552),
            (520, 606),
            (400, 630),
            (180, 632),
            (150, 618),
            (150, 500),
        ],
        closed=False,
    )
    for path in (pipe, down):
        canvas.line(path, "#4c5f68", 17)
        canvas.line(path, "#7fc4dc", 8)
    canvas.fade([(716, 366), (876, 366), (876, 482), (716, 482)], "#d5d3c8", "#a9a79c")
    canvas.fade([(730, 396), (862, 396), (862, 470), (730, 470)], "#7fc4dc", "#4f97b8")
    canvas.box(704, 352, 184, 18, "#8f8d83")
    canvas.box(770, 336, 52, 16, "#5f6b70")
    stream = [(1330, 190), (1270, 214), (1220, 234), (1168, 246)]
    canvas.taper(stream, 34, 22, "#9fd3e0")
    canvas.fade([(1108, 246), (1220, 240), (1214, 276), (1120, 284)], "#8fcbdc", "#5fa6bd")
    for x, y, r in ((1100, 272, 18), (1088, 288, 14), (1106, 252, 15), (1116, 292, 13)):
        pebbles(canvas, x, y, r, "#8d918c")
    canvas.box(132, 486, 16, 100, "#a9a79c")
    canvas.box(144, 492, 58, 12, "#8fa3a8")
    canvas.box(192, 496, 13, 26, "#8fa3a8")
    canvas.box(164, 476, 22, 8, "#c0563f")
    canvas.box(172, 480, 6, 14, "#8fa3a8")
    canvas.line([(199, 522), (199, 556)], "#6fb7d6", 8)
    canvas.fade([(168, 544), (232, 544), (224, 590), (176, 590)], "#5b8fb5", "#3c6a8c")
    canvas.polygon(ring(200, 545, 32, 0.2), "#b5e0ee")
    for x in (40, 260, 470, 600, 920, 1000):
        y = next(sy for sx, sy in surface if sx >= x)
        grass(canvas, x, y + 6, 34, "#5f8f40")
    return canvas

"""Build the theme's fonts: one file per face with the letters of Vietnamese and English.

`python docs/subset_fonts.py FOLDER`, where FOLDER holds the npm packages @fontsource/be-vietnam-pro
and @fontsource/newsreader, unpacked under those names (needs fonttools and brotli). Both are under
the SIL Open Font License without reserved names, so a subset may keep its name.
"""

import sys
import tempfile
from pathlib import Path

from fontTools import merge, subset  # type: ignore[import-not-found, unused-ignore]
from fontTools.ttLib import TTFont  # type: ignore[import-not-found, unused-ignore]

FACES = [("be-vietnam-pro", 400), ("be-vietnam-pro", 600), ("newsreader", 600)]
TARGET = Path(__file__).resolve().parent.parent / "themes/portal/assets/fonts"
LETTERS = (
    "U+20-7E,U+A0,U+A7,U+A9,U+AB,U+AD,U+B0-B2,U+B7,U+BB,U+BD,U+C0-C3,U+C8-CA,U+CC-CD,U+D2-D5,U+D7,"
    "U+D9-DA,U+DD,U+E0-E3,U+E8-EA,U+EC-ED,U+F2-F5,U+F7,U+F9-FA,U+FD,U+102-103,U+110-111,U+128-129,"
    "U+168-169,U+1A0-1A1,U+1AF-1B0,U+1EA0-1EF9,U+2009,U+2011,U+2013-2014,U+2018-2019,U+201C-201D,"
    "U+2022,U+2026,U+2032-2033,U+20AB,U+2190-2193,U+2212,U+2264-2265"
)
FEATURES = "kern,liga,calt,ccmp,locl,tnum"


def make(packages: Path, family: str, weight: int, work: Path) -> None:
    """Merge the latin and the vietnamese file of a face and subset it to `LETTERS`."""
    parts = []
    for letters in ("latin", "vietnamese"):
        font = TTFont(packages / family / "files" / f"{family}-{letters}-{weight}-normal.woff2")
        font.flavor = None
        parts.append(str(work / f"{letters}.ttf"))
        font.save(parts[-1])
    joined = work / "joined.ttf"
    merge.Merger().merge(parts).save(joined)
    subset.main([
        str(joined), f"--unicodes={LETTERS}", f"--layout-features={FEATURES}", "--flavor=woff2",
        "--no-hinting", f"--output-file={TARGET / f'{family}-{weight}.woff2'}",
    ])  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for face in FACES:
            make(Path(sys.argv[1]), *face, Path(folder))

"""Time of `portalgen verify` over many files: `python -m benchmarks.verify`."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import run
from portalgen.deploy.inventory import Inventory, Item, digests, to_bytes, walk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    options = parser.parse_args()
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(options.files):
            file = folder / f"{number % 200}" / f"{number}.html"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(rng.randbytes(rng.randrange(500, 20_000)))
        paths = [path for path, _ in walk(name)]
        hashes = zip(paths, digests([str(folder / path) for path in paths]), strict=True)
        items = tuple(Item(path, sha, (folder / path).stat().st_size) for path, sha in hashes)
        (folder / "manifest.json").write_bytes(to_bytes(Inventory("site", "", "", "", items)))
        figure = run([[sys.executable, "-m", "portalgen", "verify", name]])
    print(
        f"{options.files} files: {figure.wall:.1f} s, {figure.cpu:.1f} s of processors, "
        f"{figure.mb:.0f} MB"
    )


if __name__ == "__main__":
    main()

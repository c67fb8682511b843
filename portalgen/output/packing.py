"""Published files as web servers send them: text also as Brotli and gzip, made once."""

import gzip
from pathlib import PurePosixPath

VERSION = "1"  # changes when the same file would be packed otherwise
# Pages: level 11 takes forty times as long as level 5 and saves a tenth.
_LEVELS = {
    ".html": 5, ".json": 5, ".xml": 5, ".txt": 5, ".webmanifest": 5,
    ".css": 11, ".js": 11, ".svg": 11,
}  # fmt: skip
SUFFIXES = (".br", ".gz")


def packed(path: str, data: bytes) -> list[tuple[str, bytes]]:
    """The suffix and bytes of each packed form that is smaller; none for what is packed already."""
    level = _LEVELS.get(PurePosixPath(path).suffix)
    if level is None:
        return []
    import brotli

    made = zip(
        SUFFIXES, (brotli.compress(data, quality=level), gzip.compress(data, 9, mtime=0)),
        strict=True,
    )  # fmt: skip
    return [(suffix, small) for suffix, small in made if len(small) < len(data)]

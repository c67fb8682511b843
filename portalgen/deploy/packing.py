"""Published files as web servers send them: text also as Brotli and gzip, made once."""

import gzip
from pathlib import PurePosixPath

from portalgen.settings.routes import deployed_beside

VERSION = "1"  # changes when the same file would be packed otherwise
# Pages: level 11 takes forty times as long as level 5 and saves a tenth.
_PAGES, _LASTING = 5, 11
_LONGEST_NAME = 255  # bytes


def packed(route: str, data: bytes) -> list[tuple[str, bytes]]:
    """The route and bytes of each packed form that is smaller; none for what is packed already."""
    routes = deployed_beside(route)
    if not routes or len(routes[0].rpartition("/")[2].encode()) > _LONGEST_NAME:
        return []
    import brotli

    level = _LASTING if PurePosixPath(route).suffix in (".css", ".js", ".svg") else _PAGES
    forms = (brotli.compress(data, quality=level), gzip.compress(data, 9, mtime=0))
    return [(name, form) for name, form in zip(routes, forms) if len(form) < len(data)]

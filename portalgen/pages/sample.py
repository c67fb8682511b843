"""Choose pages to try out: of each template one for each shape of what it is given."""

from collections import Counter
from typing import Any

from msgspec import Struct

from portalgen.pages.contexts import SiteView
from portalgen.pages.page import Page

_MOST = 6  # pages of one template
_DEPTH = 2


def sample_pages(pages: list[Page]) -> list[int]:
    """The numbers of pages that together show what templates can meet on a site."""
    shapes: set[tuple[str, Any]] = set()
    counts: Counter[str] = Counter()
    chosen = []
    for number, page in enumerate(pages):
        if not page.template or counts[page.template] == _MOST:
            continue
        shape = page.template, shape_of(page.context)
        if shape not in shapes:
            shapes.add(shape)
            counts[page.template] += 1
            chosen.append(number)
    return chosen


def all_pages(pages: list[Page]) -> list[int]:
    """The numbers of all pages that have a template."""
    return [number for number, page in enumerate(pages) if page.template]


def shape_of(value: Any, depth: int = _DEPTH) -> Any:
    """Which parts of a value are there, and how many: none, one or more."""
    if isinstance(value, SiteView):
        return None  # the same on all pages of a site
    if isinstance(value, Struct) and depth:
        return tuple(shape_of(getattr(value, name), depth - 1) for name in value.__struct_fields__)
    if isinstance(value, tuple | list | dict | frozenset):
        return min(len(value), 2)
    return bool(value)
